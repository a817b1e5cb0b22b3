// One schema with its alternatives decided: its members by their normalised names, and what may stand in its place.

import { normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Shape } from '../../engine/schema/shape.js'
import { stemOf, wordsOf } from '../conventions/names.js'

/** One member of an object as a schema describes it. */
export interface Member {
  readonly name: string
  readonly schema: Schema
}

/** A schema without open alternatives. */
export interface Form {
  readonly schema: Schema
  readonly shape: Shape
  /** The members by normalised name. */
  readonly byName: ReadonlyMap<string, Member>
  readonly isArray: boolean
  /** Whether there can be members: a file or a bare text has none. */
  readonly mayBeObject: boolean
  /** The schema of an array's entries. */
  readonly items: Schema
}

/** Keywords of JSON-LD 1.1, section 1.7. */
const JSON_LD = /^@(?:id|type|context|graph)$/

export function formOf(schema: Schema, shape: Shape): Form {
  const byName = new Map<string, Member>()
  for (const [name, parts] of shape.properties) {
    // What JSON-LD says of a thing is no member of it: `@id` is an address beside its `id` (API Platform).
    const normalized = JSON_LD.test(name) ? name : normalizeName(name)
    if (!byName.has(normalized)) byName.set(normalized, { name, schema: joint(parts) })
  }
  const { types } = shape
  return {
    schema,
    shape,
    byName,
    isArray: types?.has('array') === true || (types === undefined && shape.items.length > 0),
    mayBeObject: types === undefined ? shape.items.length === 0 : types.has('object'),
    items: joint(shape.items),
  }
}

const joints = new WeakMap<object, Schema>()

/** Schemas that apply together as one; the same one for the same list. */
export function joint(parts: readonly Schema[]): Schema {
  if (parts.length === 0) return true
  if (parts.length === 1) return parts[0] ?? true
  const known = joints.get(parts)
  if (known !== undefined) return known
  const schema: Schema = { allOf: [...parts] }
  joints.set(parts, schema)
  return schema
}

export function fitsTypes(types: ReadonlySet<string>, value: unknown): boolean {
  if (value === null) return types.has('null')
  if (Array.isArray(value)) return types.has('array')
  if (typeof value === 'number')
    return types.has('number') || (types.has('integer') && Number.isInteger(value))
  return types.has(typeof value)
}

/** Whether two schemas of these names and members describe the same kind of thing. */
export function describeSame(
  [nameA, a]: readonly [string, Form],
  [nameB, b]: readonly [string, Form],
): boolean {
  if (nameA === nameB) return true
  if (stemOf(nameA) !== stemOf(nameB)) return false
  return shareMembers(a, b, 1)
}

/** Whether a schema without members says by its name that there are none: `EmptyResponse` (Asana), `EmptyObject`. */
export const isCalledEmpty = ({ byName, shape: { links } }: Form): boolean =>
  byName.size === 0 && links.some((link) => wordsOf(link.split('/').at(-1) ?? '').includes('empty'))

type Named = Pick<Form, 'byName'>

/**
 * Whether two forms have most members of the smaller one in common.
 *
 * @param least how many they have to share: one says little where their schemas are not called alike.
 */
export function shareMembers({ byName: a }: Named, { byName: b }: Named, least = 2): boolean {
  const shared = [...a.keys()].filter((name) => b.has(name)).length
  return shared >= Math.max(least, Math.min(a.size, b.size) * 0.6)
}
