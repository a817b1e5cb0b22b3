// What a process has once, however often it has loaded a package: as an ES module and as CommonJS, or once more in a bundle.
// Node itself loads one copy for both (the condition `module-sync` in `exports`); test runners and bundlers may load two.

/**
 * The value of this name in this process, made by whoever asks first. Choose another name when the form of the value changes,
 * because two versions of a package may be loaded too.
 */
export function shared<Value extends object>(name: string, create: () => Value): Value {
  const key = Symbol.for(name)
  const existing: Value | undefined = Reflect.get(globalThis, key)
  if (existing !== undefined) return existing
  const value = create()
  Object.defineProperty(globalThis, key, { value })
  return value
}

/** Lets `instanceof` accept what another copy of the class has made. Classes that extend it are told apart as usual. */
export function shareInstances(type: abstract new (...parameters: never[]) => object, name: string): void {
  const mark = Symbol.for(name)
  Object.defineProperty(type.prototype, mark, { value: true })
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: unknown, instance: unknown): boolean {
      if (this === type) return Object(instance)[mark] === true
      return Function.prototype[Symbol.hasInstance].call(this, instance)
    },
  })
}
