// Schemas as the state reads them: references followed, alternatives decided by the value at hand, and the class of
// things that a schema describes. Looks at a schema when it is first asked for, and remembers what it found.

import { isObject, normalizeName } from '../engine/json.js'
import { compilePattern } from '../engine/schema/patterns.js'
import { linkOf, type Schema } from '../engine/schema/schema.js'
import type { Schemas } from '../engine/schema/schemas.js'
import { possibleTypes, type Shape, shapeOf } from '../engine/schema/shape.js'
import type { Validation } from '../engine/schema/validation.js'
import { stemOf } from './conventions.js'

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

export interface Forms {
  /** The form of a schema; where it has alternatives, the one that suits the value best, else the first. */
  of(schema: Schema, value?: unknown): Form
  /** The schema of a member that may not be described by name. Undefined where there is no room for it. */
  room(form: Form, name: string): Schema | undefined
  /** The types that a value of a schema may have. */
  types(schema: Schema): ReadonlySet<string> | undefined
  /** The name of the class of things that a schema describes; undefined for a schema that stands by itself. */
  className(schema: Schema): string | undefined
  /** All alternatives of a schema, itself when it has none. */
  alternatives(schema: Schema): readonly Schema[]
  /** What two schemas share exactly when they are the same node of the document. */
  identity(schema: Schema): unknown
}

const MAX_DECISIONS = 8
const MAX_CHOICES = 64

export function createForms(schemas: Schemas, validation: Validation): Forms {
  const plain = new Map<unknown, Form>()
  const open = new Map<unknown, boolean>()
  const chosen = new Map<unknown, Map<string, Form>>()
  const typesOf = new Map<unknown, ReadonlySet<string> | undefined>()
  const rooms = new WeakMap<Form, Map<string, Schema | undefined>>()

  const identity = (schema: Schema): unknown => linkOf(schema) ?? schema

  const formOf = (schema: Schema, shape: Shape): Form => {
    const byName = new Map<string, Member>()
    for (const [name, parts] of shape.properties) {
      const normalized = normalizeName(name)
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

  /** Decides the alternatives of a schema; `pick` says which of them. */
  const decide = (
    schema: Schema,
    pick: (options: readonly Schema[], parts: readonly Schema[]) => Schema,
  ): Form => {
    let parts: readonly Schema[] = [schema]
    let shape = shapeOf(schemas, parts)
    const decided = new Set<readonly Schema[]>()
    for (let i = 0; i < MAX_DECISIONS; i++) {
      const next = shape.alternatives.find(({ options }) => !decided.has(options))
      if (next === undefined) break
      decided.add(next.options)
      parts = [...parts, pick(next.options, parts)]
      shape = shapeOf(schemas, parts)
    }
    return formOf(parts.length === 1 ? schema : joint(parts), shape)
  }

  const isNull = (schema: Schema): boolean => {
    const { types } = shapeOf(schemas, [schema])
    return types?.size === 1 && types.has('null')
  }

  /** Where an answer may be a thing, a list or a text, the thing is what it is about. */
  const first = (options: readonly Schema[]): Schema => {
    const usable = options.filter((one) => !isNull(one))
    const [only] = usable
    const isThing = (option: Schema) => {
      const { properties, alternatives, types } = shapeOf(schemas, [option])
      return (properties.size > 0 || alternatives.length > 0) && types?.has('array') !== true
    }
    return (usable.length > 1 ? usable.find(isThing) : undefined) ?? only ?? true
  }

  const scoreOf = (option: Schema, value: unknown): number => {
    const types = typesIn(option)
    if (types !== undefined && !fitsTypes(types, value)) return -100
    if (!isObject(value)) return validation.ofSchema(option)(value).length === 0 ? 2 : 0
    const { byName, shape } = ofPlain(option)
    const names = Object.keys(value).map(normalizeName)
    const known = names.filter((name) => byName.has(name)).length
    const own = new Set(names)
    const missing = [...shape.required].filter((name) => !own.has(normalizeName(name))).length
    let contradictions = 0
    for (const [name, member] of Object.entries(value)) {
      const at = byName.get(normalizeName(name))
      if (at === undefined || (member !== null && typeof member === 'object')) continue
      const { values } = shapeOf(schemas, [at.schema])
      // A discriminator is a member with one value, whether or not it is called so.
      if (values !== undefined) contradictions += values.includes(member) ? -2 : 3
    }
    return known * 2 - missing * 0.5 - contradictions * 2
  }

  const byDiscriminator = (
    schema: Schema,
    options: readonly Schema[],
    value: unknown,
  ): Schema | undefined => {
    if (!isObject(value)) return undefined
    const { alternatives } = shapeOf(schemas, [schema])
    const given = alternatives.find((one) => one.options === options)?.discriminator
    const property = given?.property
    if (typeof property !== 'string' || typeof value[property] !== 'string') return undefined
    const values = isObject(given?.values) ? given.values : {}
    return options.find((option) => {
      const link = linkOf(option)
      return link !== undefined && (values[link] ?? schemas.nameOf(link)) === value[property]
    })
  }

  const best = (schema: Schema, options: readonly Schema[], value: unknown): Schema => {
    const named = byDiscriminator(schema, options, value)
    if (named !== undefined) return named
    const usable = options.filter((one) => !isNull(one))
    const [only] = usable
    if (usable.length < 2) return only ?? true
    let found = only ?? true
    let score = Number.NEGATIVE_INFINITY
    for (const option of usable.slice(0, MAX_CHOICES)) {
      const own = scoreOf(option, value)
      if (own > score) [found, score] = [option, own]
    }
    return found
  }

  const ofPlain = (schema: Schema): Form => {
    const key = identity(schema)
    const known = plain.get(key)
    if (known !== undefined) return known
    const form = decide(schema, first)
    plain.set(key, form)
    return form
  }

  const isOpen = (schema: Schema): boolean => {
    const key = identity(schema)
    const known = open.get(key)
    if (known !== undefined) return known
    const { alternatives } = shapeOf(schemas, [schema])
    open.set(key, false)
    const is = alternatives.some(({ options }) => {
      const usable = options.filter((one) => !isNull(one))
      return usable.length > 1 || usable.some(isOpen)
    })
    open.set(key, is)
    return is
  }

  const of: Forms['of'] = (schema, value) => {
    if (value === undefined || value === null || !isOpen(schema)) return ofPlain(schema)
    const picks: string[] = []
    const form = decide(schema, (options, parts) => {
      const found = best(joint(parts), options, value)
      picks.push(String(options.indexOf(found)))
      return found
    })
    // One form for one choice, so that what is compiled for it is compiled once.
    const key = identity(schema)
    const known = chosen.get(key) ?? new Map<string, Form>()
    chosen.set(key, known)
    const name = picks.join(' ')
    const same = known.get(name)
    if (same !== undefined) return same
    known.set(name, form)
    return form
  }

  const typesIn = (schema: Schema): ReadonlySet<string> | undefined => {
    const key = identity(schema)
    if (typesOf.has(key)) return typesOf.get(key)
    const types = possibleTypes(schemas, schema)
    typesOf.set(key, types)
    return types
  }

  const classLink = (schema: Schema, depth = 0): string | undefined => {
    const link = linkOf(schema)
    if (link !== undefined) {
      const target = schemas.target(link)
      // A name for nothing but another name.
      return (
        (isObject(target) && depth < 4 && linkOf(target) !== undefined && classLink(target, depth + 1)) ||
        link
      )
    }
    if (!isObject(schema) || depth > 4) return undefined
    for (const key of ['allOf', 'anyOf', 'oneOf'] as const) {
      const parts = schema[key]
      if (!Array.isArray(parts)) continue
      const links = (parts as Schema[]).flatMap((part) => classLink(part, depth + 1) ?? [])
      if (key === 'allOf' ? links.length >= 1 : links.length === 1) return links[0]
    }
    return undefined
  }

  const alternativesOf = (schema: Schema, depth: number): readonly Schema[] => {
    const { alternatives, properties } = shapeOf(schemas, [schema])
    const [only] = alternatives
    if (only === undefined || alternatives.length > 1 || properties.size > 0 || depth > 4) return [schema]
    const options = only.options
      .filter((one) => !isNull(one))
      .flatMap((one) => alternativesOf(one, depth + 1))
    return options.length > 0 ? options.slice(0, MAX_CHOICES) : [schema]
  }

  return {
    of,
    identity,
    types: typesIn,
    className(schema) {
      const link = classLink(schema)
      return link === undefined ? undefined : schemas.nameOf(link)
    },
    alternatives: (schema) => alternativesOf(schema, 0),
    room(form, name) {
      const known = rooms.get(form) ?? new Map<string, Schema | undefined>()
      rooms.set(form, known)
      if (known.has(name)) return known.get(name)
      const schema = roomIn(form, name)
      if (known.size < 256) known.set(name, schema)
      return schema
    },
  }
}

function roomIn({ shape, mayBeObject }: Form, name: string): Schema | undefined {
  if (!mayBeObject) return undefined
  const { nameRules, properties } = shape
  if (nameRules.length === 0) return properties.size === 0 ? true : undefined
  const parts: Schema[] = []
  for (const { patterns, others } of nameRules) {
    const own = patterns.filter(([pattern]) => matches(pattern, name)).map(([, schema]) => schema)
    if (own.length === 0 && others === false) return undefined
    parts.push(...(own.length > 0 ? own : [others]))
  }
  return joint(parts.filter((part) => part !== true))
}

const matches = (pattern: string, name: string): boolean =>
  name.length < 200 && compilePattern(pattern).test(name)

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
  const shared = [...a.byName.keys()].filter((name) => b.byName.has(name)).length
  return shared > 0 && shared >= Math.min(a.byName.size, b.byName.size) * 0.6
}
