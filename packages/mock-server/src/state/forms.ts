// Schemas as the state reads them: references followed, alternatives decided by the value at hand, and the class of
// things that a schema describes. Looks at a schema when it is first asked for, and remembers what it found.

import { isObject } from '../engine/json.js'
import { compilePattern } from '../engine/schema/patterns.js'
import { linkOf, type Schema } from '../engine/schema/schema.js'
import type { Schemas } from '../engine/schema/schemas.js'
import { possibleTypes, shapeOf } from '../engine/schema/shape.js'
import type { Validation } from '../engine/schema/validation.js'
import { bestOf, firstOf, isNull, MAX_CHOICES } from './choices.js'
import { type Form, formOf, joint } from './form.js'

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

export function createForms(schemas: Schemas, validation: Validation): Forms {
  const plain = new Map<unknown, Form>()
  const open = new Map<unknown, boolean>()
  const chosen = new Map<unknown, Map<string, Form>>()
  const typesOf = new Map<unknown, ReadonlySet<string> | undefined>()
  const rooms = new WeakMap<Form, Map<string, Schema | undefined>>()

  const ofPlain = (schema: Schema): Form => {
    const key = identity(schema)
    const known = plain.get(key)
    if (known !== undefined) return known
    const form = decide(schemas, schema, (options) => firstOf(schemas, options))
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
      const usable = options.filter((one) => !isNull(schemas, one))
      return usable.length > 1 || usable.some(isOpen)
    })
    open.set(key, is)
    return is
  }

  const types: Forms['types'] = (schema) => {
    const key = identity(schema)
    if (typesOf.has(key)) return typesOf.get(key)
    const own = possibleTypes(schemas, schema)
    typesOf.set(key, own)
    return own
  }

  const choice = { schemas, validation, types, plain: ofPlain }
  const of: Forms['of'] = (schema, value) => {
    if (value === undefined || value === null || !isOpen(schema)) return ofPlain(schema)
    const picks: string[] = []
    const form = decide(schemas, schema, (options, parts) => {
      const found = bestOf(choice, joint(parts), options, value)
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

  return {
    of,
    identity,
    types,
    className(schema) {
      const link = classLink(schemas, schema)
      return link === undefined ? undefined : schemas.nameOf(link)
    },
    alternatives: (schema) => alternativesOf(schemas, schema, 0),
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

const identity = (schema: Schema): unknown => linkOf(schema) ?? schema

/** Decides the alternatives of a schema; `pick` says which of them. */
function decide(
  schemas: Schemas,
  schema: Schema,
  pick: (options: readonly Schema[], parts: readonly Schema[]) => Schema,
): Form {
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

const MAX_NESTED_NAMES = 4

/** The link to the class that a schema is of, by itself or as the only one that it is made of. */
function classLink(schemas: Schemas, schema: Schema, depth = 0): string | undefined {
  const link = linkOf(schema)
  if (link !== undefined) return namedBehind(schemas, link, depth) ?? link
  if (!isObject(schema) || depth > MAX_NESTED_NAMES) return undefined
  const linksIn = (key: string): readonly string[] | undefined => {
    const parts = schema[key]
    return Array.isArray(parts)
      ? (parts as Schema[]).flatMap((part) => classLink(schemas, part, depth + 1) ?? [])
      : undefined
  }
  const [first] = linksIn('allOf') ?? []
  if (first !== undefined) return first
  return ['anyOf', 'oneOf'].map(linksIn).find((links) => links?.length === 1)?.[0]
}

/** What a name that stands for nothing but another name stands for. */
function namedBehind(schemas: Schemas, link: string, depth: number): string | undefined {
  const target = schemas.target(link)
  const isName = isObject(target) && depth < MAX_NESTED_NAMES && linkOf(target) !== undefined
  return isName ? classLink(schemas, target, depth + 1) : undefined
}

function alternativesOf(schemas: Schemas, schema: Schema, depth: number): readonly Schema[] {
  const { alternatives, properties } = shapeOf(schemas, [schema])
  const [only] = alternatives
  if (only === undefined || alternatives.length > 1 || properties.size > 0 || depth > 4) return [schema]
  const options = only.options
    .filter((one) => !isNull(schemas, one))
    .flatMap((one) => alternativesOf(schemas, one, depth + 1))
  return options.length > 0 ? options.slice(0, MAX_CHOICES) : [schema]
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
