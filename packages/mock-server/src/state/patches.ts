// Changes to JSON as their RFCs define them: merge patches (RFC 7396) and JSON patches (RFC 6902).

import { isObject, segmentsOf, setMember } from '../engine/json.js'

export type PatchResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string }

/**
 * A merge patch. Null removes a member, unless `keepsNull` says that null is a value of it.
 *
 * @param keepsNull asked with the names that lead to the member.
 */
export function mergePatch(
  target: unknown,
  patch: unknown,
  keepsNull: (path: readonly string[]) => boolean = () => false,
  path: readonly string[] = [],
): unknown {
  if (!isObject(patch)) return patch
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    const at = [...path, name]
    if (value === null && !keepsNull(at)) delete merged[name]
    else
      setMember(
        merged,
        name,
        mergePatch(Object.hasOwn(merged, name) ? merged[name] : undefined, value, keepsNull, at),
      )
  }
  return merged
}

/** Whether a body is a list of operations of a JSON patch. */
export const isJsonPatch = (body: unknown): body is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(body) &&
  body.length > 0 &&
  body.every((one) => isObject(one) && typeof one.op === 'string' && typeof one.path === 'string')

/** Applies all operations of a JSON patch, or none. */
export function applyJsonPatch(
  target: unknown,
  operations: readonly Readonly<Record<string, unknown>>[],
): PatchResult {
  let value = structuredClone(target)
  for (const [index, operation] of operations.entries()) {
    const result = applyOne(value, operation)
    if (!result.ok) return { ok: false, message: `Operation ${index} of the patch: ${result.message}` }
    value = result.value
  }
  return { ok: true, value }
}

function applyOne(target: unknown, operation: Readonly<Record<string, unknown>>): PatchResult {
  const path = segmentsOf(String(operation.path))
  switch (operation.op) {
    case 'add':
      return put(target, path, operation.value, 'add')
    case 'replace':
      return put(target, path, operation.value, 'replace')
    case 'remove':
      return remove(target, path)
    case 'test':
      return equals(read(target, path), operation.value)
        ? { ok: true, value: target }
        : { ok: false, message: `the value at ${String(operation.path)} is another one` }
    case 'move':
    case 'copy': {
      const from = segmentsOf(String(operation.from))
      const value = read(target, from)
      if (value === undefined) return nothingAt(from)
      const rest = operation.op === 'move' ? remove(target, from) : ({ ok: true, value: target } as const)
      return rest.ok ? put(rest.value, path, structuredClone(value), 'add') : rest
    }
    default:
      return { ok: false, message: `${JSON.stringify(operation.op)} is no operation` }
  }
}

const nothingAt = (path: readonly string[]): PatchResult => ({
  ok: false,
  message: `nothing is at /${path.join('/')}`,
})

const indexOf = (name: string, length: number): number =>
  /^(0|[1-9]\d*)$/.test(name) && Number(name) <= length ? Number(name) : -1

function read(target: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => {
    if (Array.isArray(at)) return at[indexOf(name, at.length - 1)]
    return isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }, target)
}

function put(target: unknown, path: readonly string[], value: unknown, kind: 'add' | 'replace'): PatchResult {
  const name = path.at(-1)
  if (name === undefined) return { ok: true, value }
  const parent = read(target, path.slice(0, -1))
  if (Array.isArray(parent)) {
    const index =
      kind === 'add' && name === '-'
        ? parent.length
        : indexOf(name, kind === 'add' ? parent.length : parent.length - 1)
    if (index < 0) return nothingAt(path)
    parent.splice(index, kind === 'add' ? 0 : 1, value)
    return { ok: true, value: target }
  }
  if (!isObject(parent) || (kind === 'replace' && !Object.hasOwn(parent, name))) return nothingAt(path)
  setMember(parent, name, value)
  return { ok: true, value: target }
}

function remove(target: unknown, path: readonly string[]): PatchResult {
  const name = path.at(-1)
  const parent = read(target, path.slice(0, -1))
  if (name === undefined) return { ok: true, value: null }
  if (Array.isArray(parent)) {
    const index = indexOf(name, parent.length - 1)
    if (index < 0) return nothingAt(path)
    parent.splice(index, 1)
    return { ok: true, value: target }
  }
  if (!isObject(parent) || !Object.hasOwn(parent, name)) return nothingAt(path)
  delete (parent as Record<string, unknown>)[name]
  return { ok: true, value: target }
}

/** Equality of JSON: members in any order. */
export function equals(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, i) => equals(one, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equals(a[name], b[name]))
  )
}
