// Finds a resource inside the bodies that carry it: the object behind envelopes, the list among page counters, and
// the member that is its id. Puts stored values where a body's schema has room for them.

import { isObject, normalizeName, setMember } from '../engine/json.js'
import { FAILURES } from '../engine/sampling/sampler.js'
import type { Schema } from '../engine/schema/schema.js'
import type { Schemas } from '../engine/schema/schemas.js'
import { possibleTypes, type Shape, shapeOf } from '../engine/schema/shape.js'

/** Leads to the first entry of a list, among the members that lead to a resource. */
export const FIRST = '0'

export interface ItemView {
  /** Members to follow from the body to the resource. */
  readonly path: readonly string[]
  /** The member that holds the id; undefined when there is none. */
  readonly idName: string | undefined
  readonly schema: Schema
  readonly shape: Shape
}

export interface ListView {
  /** Members to follow from the body to the list. */
  readonly path: readonly string[]
  /** How an item of the list shows the resource. */
  readonly item: ItemView
  /** Whether items are ids and not objects. */
  readonly idsOnly: boolean
  /** The object around the list, where page counters are. */
  readonly around: Shape | undefined
}

export interface Views {
  /** @param sure names that mean an id even of what is alone in a list. */
  item(schema: Schema, idNames: readonly string[], sure?: readonly string[]): ItemView
  list(schema: Schema, idNames: readonly string[]): ListView | undefined
  /** Whether there is a list in it at all. */
  hasList(schema: Schema): boolean
  /** `base` with the values of `stored` wherever the schema has a property of that name, however it is spelt. */
  overlay(schema: Schema, base: unknown, stored: Readonly<Record<string, unknown>>): Record<string, unknown>
  /** The properties of a schema, the first of its alternatives taken. */
  settle(schema: Schema): Shape
}

interface InnerObject {
  readonly path: readonly string[]
  readonly schema: Schema
  readonly shape: Shape
}

const MAX_ENVELOPES = 3
const MAX_OBJECTS = 60
const LIST_NAMES = [
  'data',
  'items',
  'results',
  'entries',
  'records',
  'values',
  'list',
  'content',
  'objects',
  'rows',
]

export function createViews(schemas: Schemas): Views {
  const settled = new Map<Schema, Shape>()

  const settle = (schema: Schema): Shape => {
    const known = settled.get(schema)
    if (known !== undefined) return known
    let parts: readonly Schema[] = [schema]
    let shape = shapeOf(schemas, parts)
    const decided = new Set<readonly Schema[]>()
    for (let i = 0; i < 8; i++) {
      const open = shape.alternatives.find(({ options }) => !decided.has(options))
      if (open === undefined) break
      decided.add(open.options)
      const option = open.options.find(
        (candidate) => shapeOf(schemas, [candidate]).types?.has('null') !== true,
      )
      parts = [...parts, option ?? true]
      shape = shapeOf(schemas, parts)
    }
    settled.set(schema, shape)
    return shape
  }

  const schemaAt = (shape: Shape, name: string): Schema => {
    const parts = shape.properties.get(name) ?? []
    return parts.length === 1 ? (parts[0] ?? true) : { allOf: parts }
  }

  const idNameIn = (shape: Shape, idNames: readonly string[]): string | undefined => {
    const names = [...shape.properties.keys()]
    for (const wanted of idNames) {
      const found = names.find((name) => normalizeName(name) === wanted)
      if (found === undefined) continue
      const types = possibleTypes(schemas, schemaAt(shape, found))
      if (types === undefined || ['string', 'integer', 'number'].some((type) => types.has(type))) return found
    }
    return undefined
  }

  /** Objects inside a schema, the outermost first. */
  function* objectsIn(schema: Schema): Generator<InnerObject> {
    const found: InnerObject[] = [{ path: [], schema, shape: settle(schema) }]
    for (let i = 0; i < found.length; i++) {
      const at = found[i]
      if (at === undefined) break
      yield at
      if (at.path.length >= MAX_ENVELOPES || found.length >= MAX_OBJECTS) continue
      for (const name of at.shape.properties.keys()) {
        const child = schemaAt(at.shape, name)
        const shape = settle(child)
        if (shape.properties.size > 0) found.push({ path: [...at.path, name], schema: child, shape })
      }
    }
  }

  /** Some answers hold what was made or read as the only one of a list. */
  const aloneInList = (objects: readonly InnerObject[], sure: readonly string[]): ItemView | undefined => {
    for (const { path, shape } of objects.filter((one) => one.path.length < 2)) {
      const members = isList(shape) ? [[] as string[]] : [...shape.properties.keys()].map((name) => [name])
      for (const below of members) {
        const [name] = below
        const array = name === undefined ? shape : settle(schemaAt(shape, name))
        if (!isList(array) || FAILURES.has(normalizeName(name ?? ''))) continue
        const schema = itemsOf(array)
        const entry = settle(schema)
        const idName = idNameIn(entry, sure)
        if (idName !== undefined) return { path: [...path, ...below, FIRST], idName, schema, shape: entry }
      }
    }
    return undefined
  }

  const item = (schema: Schema, idNames: readonly string[], sure: readonly string[] = []): ItemView => {
    const objects = [...objectsIn(schema)]
    // The names that only guess at an id must not pull the view into a nested object.
    for (const names of [idNames.slice(0, 8), idNames]) {
      for (const { path, schema: own, shape } of objects) {
        const idName = idNameIn(shape, names)
        if (idName !== undefined) return { path, idName, schema: own, shape }
      }
      const alone = aloneInList(objects, sure)
      if (alone !== undefined) return alone
    }
    const [outer] = objects
    const shape = outer?.shape ?? settle(schema)
    const inner = objects.filter(({ path }) => path.length === 1)
    const isEnvelope = inner.length === 1 && shape.properties.size <= 2
    const [only] = inner
    return isEnvelope && only !== undefined
      ? { path: only.path, idName: undefined, schema: only.schema, shape: only.shape }
      : { path: [], idName: undefined, schema, shape }
  }

  const list = (schema: Schema, idNames: readonly string[]): ListView | undefined => {
    const root = settle(schema)
    if (isList(root)) return listView([], root, undefined, idNames)
    const candidates = [...objectsIn(schema)].flatMap(({ path, shape }) =>
      [...shape.properties.keys()].flatMap((name) => {
        const array = settle(schemaAt(shape, name))
        if (!isList(array)) return []
        const view = listView([...path, name], array, shape, idNames)
        const named =
          LIST_NAMES.includes(normalizeName(name)) ||
          idNames.some((id) => id.startsWith(normalizeName(name).slice(0, -1)))
        const score =
          (view.item.idName === undefined ? 0 : 4) +
          (view.item.shape.properties.size > 0 ? 2 : 0) +
          (named ? 1 : 0) -
          (FAILURES.has(normalizeName(name)) ? 10 : 0) -
          path.length
        return [{ view, score }]
      }),
    )
    return candidates.sort((a, b) => b.score - a.score)[0]?.view
  }

  const hasList = (schema: Schema): boolean => {
    if (isList(settle(schema))) return true
    for (const { shape } of objectsIn(schema)) {
      if ([...shape.properties.keys()].some((name) => isList(settle(schemaAt(shape, name))))) return true
    }
    return false
  }

  const listView = (
    path: readonly string[],
    array: Shape,
    around: Shape | undefined,
    idNames: readonly string[],
  ): ListView => {
    const schema = itemsOf(array)
    const view = item(schema, idNames)
    const idsOnly =
      view.shape.properties.size === 0 &&
      (view.shape.types?.has('string') === true || view.shape.types?.has('integer') === true)
    return { path, around, idsOnly, item: view }
  }

  const overlay: Views['overlay'] = (schema, base, stored) => {
    const shape = settle(schema)
    const result: Record<string, unknown> = {}
    const byName = new Map(Object.keys(stored).map((name) => [normalizeName(name), name]))
    const known = isObject(base) ? base : {}
    const names = new Set([...shape.properties.keys(), ...Object.keys(known)])
    for (const name of names) {
      const source = Object.hasOwn(stored, name) ? name : byName.get(normalizeName(name))
      if (source === undefined) {
        if (Object.hasOwn(known, name)) setMember(result, name, known[name])
        continue
      }
      const value = stored[source]
      const own = shape.properties.has(name) ? schemaAt(shape, name) : true
      const isNested = isObject(value) && settle(own).properties.size > 0
      setMember(result, name, isNested ? overlay(own, known[name], value) : value)
    }
    if (shape.properties.size === 0)
      for (const [name, value] of Object.entries(stored)) setMember(result, name, value)
    return result
  }

  return { item, list, hasList, overlay, settle }
}

const isList = (shape: Shape): boolean => shape.types?.has('array') === true || shape.items.length > 0

/** Whether there can be members: a file or a bare text is no item by itself. */
export const mayBeObject = ({ types }: Shape): boolean => types === undefined || types.has('object')

const itemsOf = ({ items }: Shape): Schema => (items.length === 1 ? (items[0] ?? true) : { allOf: items })

/** The value behind members of nested objects. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => {
    if (Array.isArray(at) && name === FIRST) return at[0]
    return isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }, value)
}

/** A copy of a value with another one put behind its members. */
export function withValueAt(value: unknown, path: readonly string[], inner: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return inner
  if (name === FIRST && !isObject(value)) {
    return [withValueAt(Array.isArray(value) ? value[0] : undefined, rest, inner)]
  }
  const copy = isObject(value) ? { ...value } : {}
  setMember(copy, name, withValueAt(copy[name], rest, inner))
  return copy
}
