// JSON values as this package sees them, and the few questions that every module asks about them.

export type JsonObject = { readonly [key: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** An own member, so that a name such as `constructor` or `__proto__` never reaches a prototype. */
export function member(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' && Object.hasOwn(value, name)
    ? (value as JsonObject)[name]
    : undefined
}

export function stringMember(value: unknown, name: string): string | undefined {
  const found = member(value, name)
  return typeof found === 'string' ? found : undefined
}

export function arrayMember(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name)
  return Array.isArray(found) ? found : NO_ITEMS
}

const NO_ITEMS: readonly unknown[] = []

/** The entries of a member that is an object; none otherwise. */
export function entriesOf(value: unknown, name: string): [string, unknown][] {
  const found = member(value, name)
  return isObject(found) ? Object.entries(found) : []
}

export function isEmpty(value: JsonObject): boolean {
  for (const _ in value) return false
  return true
}

/** Sets a member without ever meaning the prototype. */
export function setMember(target: object, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
  } else {
    ;(target as Record<string, unknown>)[name] = value
  }
}

const MAX_NODES = 4_000_000

/**
 * Whether a value nests at most `limit` levels, and is not a bomb of millions of parts. Found without recursion, so
 * that no depth can overflow.
 */
export function nestsAtMost(value: unknown, limit: number): boolean {
  let level: readonly object[] | undefined = [value].filter(isNested)
  let left = MAX_NODES
  for (let depth = 0; level.length > 0; depth++) {
    level = depth > limit ? undefined : nestedBelow(level, left)
    if (level === undefined) return false
    left -= level.length
  }
  return true
}

/** The objects and lists directly below some others; undefined for more than `limit`. */
function nestedBelow(level: readonly object[], limit: number): readonly object[] | undefined {
  const below: object[] = []
  for (const item of level) {
    for (const child of Object.values(item)) {
      if (!isNested(child)) continue
      if (below.length >= limit) return undefined
      below.push(child)
    }
  }
  return below
}

/** Whether a value is an object or a list. */
export const isNested = (value: unknown): value is object => value !== null && typeof value === 'object'

/** Whether a member of one of these names is anywhere. */
export function mentions(root: object, names: readonly string[]): boolean {
  const stack: unknown[] = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (!isNested(node)) continue
    for (const name of names) if (Object.hasOwn(node, name)) return true
    for (const child of Object.values(node)) if (isNested(child)) stack.push(child)
  }
  return false
}

/** One segment of a JSON pointer (RFC 6901), escaped. */
/** The same value, with everything in it, so that it can be shared: nobody can change it any more. */
export function frozen<Value>(value: Value): Value {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (!isNested(next) || Object.isFrozen(next)) continue
    Object.freeze(next)
    for (const inner of Object.values(next)) if (isNested(inner)) open.push(inner)
  }
  return value
}

export const escapeSegment = (segment: string): string => segment.replaceAll('~', '~0').replaceAll('/', '~1')

/** The segments of a JSON pointer or of a URI fragment that holds one. */
export function segmentsOf(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => {
      let text = segment
      try {
        text = decodeURIComponent(segment)
      } catch {
        // A stray percent sign stands for itself.
      }
      return text.replaceAll('~1', '/').replaceAll('~0', '~')
    })
}

/** What two names have in common once case and punctuation are gone: `FriendlyName` is `friendly_name`. */
export const normalizeName = ofText((name) => name.replace(/[^A-Za-z0-9]/g, '').toLowerCase())

/** The same function, which computes what it gives for a short text once. */
export function ofText<Value extends string | number>(
  compute: (text: string) => Value,
): (text: string) => Value {
  const values = new Map<string, Value>()
  return (text) => {
    const known = values.get(text)
    if (known !== undefined) return known
    const value = compute(text)
    // Clients choose texts too: their number must not grow without end.
    if (values.size < 20_000 && text.length < 200) values.set(text, value)
    return value
  }
}

/** The same function, which computes what it gives for an object once. */
export function ofObject<Of extends object, Value>(compute: (of: Of) => Value): (of: Of) => Value {
  const values = new WeakMap<Of, { readonly value: Value }>()
  return (of) => {
    const known = values.get(of)
    if (known !== undefined) return known.value
    const value = compute(of)
    values.set(of, { value })
    return value
  }
}

/** 32-bit FNV-1a: where one deterministic number per text is all that is needed. */
export function hashText(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0
  return (hash ^ (hash >>> 13)) >>> 0
}

/** A value computed on first use. */
export function lazy<T>(compute: () => T): () => T {
  let value: { readonly of: T } | undefined
  return () => {
    value ??= { of: compute() }
    return value.of
  }
}

/** All values of each key, both in the order of the pairs. */
export function grouped<Key, Value>(pairs: Iterable<readonly [Key, Value]>): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>()
  for (const [key, value] of pairs) {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}
