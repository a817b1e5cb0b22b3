// Schemas as the state reads them: references followed, alternatives decided by the value at hand, and the class of
// things that a schema describes. Looks at a schema when it is first asked for, and remembers what it found.

import { isObject } from '../../engine/json.js'
import { type Access, isMarked } from '../../engine/schema/access.js'
import type { Patterns } from '../../engine/schema/patterns.js'
import { linkOf, type Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { type Alternatives, possibleTypes, type Shape, shapeOf } from '../../engine/schema/shape.js'
import type { Validation } from '../../engine/schema/validation.js'
import { bestOf, firstOf, isNull, MAX_CHOICES } from './choices.js'
import { type Form, formOf, isCalledEmpty, joint } from './form.js'

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
  /** Whether a schema says, itself or through what it refers to, that servers alone set its value. */
  isReadOnly(schema: Schema): boolean
  /** Whether it says in the same way that nobody is ever shown its value. */
  isWriteOnly(schema: Schema): boolean
  /** What two schemas share exactly when they are the same node of the document. */
  identity(schema: Schema): unknown
}

const MAX_DECISIONS = 8
/** Bytes, about, that the combinations of alternatives which values have chosen may take. */
const ROOM_FOR_COMBINATIONS = 16 * 1024 * 1024
const [BYTES_PER_DECISION, BYTES_PER_PROPERTY] = [2_000, 200]

export function createForms(schemas: Schemas, validation: Validation): Forms {
  const plain = new Map<unknown, Form>()
  const open = new Map<unknown, boolean>()
  const typesOf = new Map<unknown, ReadonlySet<string> | undefined>()
  const rooms = new WeakMap<Form, Map<string, Schema | undefined>>()

  const { decisionOf, decide } = createDecisions(schemas, () => {
    for (const remembered of [plain, open, typesOf]) remembered.clear()
  })
  const shape = (schema: Schema): Shape => decisionOf(schema).shape

  const ofPlain = (schema: Schema): Form => {
    const key = identity(schema)
    const known = plain.get(key)
    if (known !== undefined) return known
    const form = decide(decisionOf(schema), (alternatives) => firstOf(choice, alternatives))
    plain.set(key, form)
    return form
  }

  const isOpen = (schema: Schema): boolean => {
    const key = identity(schema)
    const known = open.get(key)
    if (known !== undefined) return known
    const { alternatives } = shape(schema)
    open.set(key, false)
    const is = alternatives.some(({ options }) => {
      const usable = options.filter((one) => !isNull(shape(one)))
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

  const marked = (access: Access) => {
    const known = new WeakMap<object, boolean>()
    return (schema: Schema): boolean => {
      if (!isObject(schema)) return false
      const before = known.get(schema)
      if (before !== undefined) return before
      const is = isMarked(schemas, schema, access)
      known.set(schema, is)
      return is
    }
  }

  const choice = { schemas, validation, types, shape, plain: ofPlain }
  const of: Forms['of'] = (schema, value) => {
    if (value === undefined || value === null || !isOpen(schema)) return ofPlain(schema)
    return decide(decisionOf(schema), (alternatives) => bestOf(choice, alternatives, value))
  }

  return {
    of,
    identity,
    types,
    className(schema) {
      const link = classLink(schemas, schema)
      return link === undefined ? undefined : schemas.nameOf(link)
    },
    alternatives: (schema) => alternativesOf(shape, schema, 0),
    isReadOnly: marked('readOnly'),
    isWriteOnly: marked('writeOnly'),
    room(form, name) {
      const known = rooms.get(form) ?? new Map<string, Schema | undefined>()
      rooms.set(form, known)
      if (known.has(name)) return known.get(name)
      const schema = roomIn(schemas.patterns, form, name)
      // Clients choose these names.
      if (known.size < 256 && name.length < MAX_NAME_LENGTH) known.set(name, schema)
      return schema
    },
  }
}

const identity = (schema: Schema): unknown => linkOf(schema) ?? schema

/** How far the alternatives of a schema are decided. Each is met once: what is made for a form is made once for all values. */
interface Decision {
  /** The schema, and the alternatives chosen so far. */
  readonly parts: readonly Schema[]
  readonly shape: Shape
  readonly decided: readonly (readonly Schema[])[]
  /** What is to be decided next; undefined when nothing is left. */
  readonly alternatives: Alternatives | undefined
  /** By the alternative that is chosen of them. */
  readonly next: Map<Schema, Decision>
  form?: Form
}

/** @param onForgotten called when all that was decided is forgotten, because it takes too much memory. */
function createDecisions(schemas: Schemas, onForgotten: () => void) {
  const decisions = new Map<unknown, Decision>()
  let room = ROOM_FOR_COMBINATIONS

  /** There are as many single alternatives as the document has, but as many combinations as clients like to send. */
  const note = ({ decided, shape: { properties } }: Decision): void => {
    if (decided.length < 2) return
    room -= BYTES_PER_DECISION + BYTES_PER_PROPERTY * properties.size
    if (room > 0) return
    room = ROOM_FOR_COMBINATIONS
    decisions.clear()
    onForgotten()
  }

  return {
    decisionOf(schema: Schema): Decision {
      const key = identity(schema)
      const known = decisions.get(key)
      if (known !== undefined) return known
      const first = decisionOn(schemas, [schema])
      decisions.set(key, first)
      return first
    },
    /** Decides the alternatives of a schema; `pick` says which of them. */
    decide(first: Decision, pick: (alternatives: Alternatives) => Schema): Form {
      let at = first
      while (at.alternatives !== undefined) {
        const { alternatives, next } = at
        const picked = pick(alternatives)
        let known = next.get(picked)
        if (known === undefined) {
          known = decisionOn(schemas, [...at.parts, picked], [...at.decided, alternatives.options])
          next.set(picked, known)
          note(known)
        }
        at = known
      }
      at.form ??= formOf(joint(at.parts), at.shape)
      return at.form
    },
  }
}

function decisionOn(
  schemas: Schemas,
  parts: readonly Schema[],
  decided: readonly (readonly Schema[])[] = [],
): Decision {
  const shape = shapeOf(schemas, parts)
  const alternatives =
    decided.length < MAX_DECISIONS
      ? shape.alternatives.find(({ options }) => !decided.includes(options))
      : undefined
  return { parts, shape, decided, alternatives, next: new Map() }
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

function alternativesOf(shape: (schema: Schema) => Shape, schema: Schema, depth: number): readonly Schema[] {
  const { alternatives, properties } = shape(schema)
  const [only] = alternatives
  if (only === undefined || alternatives.length > 1 || properties.size > 0 || depth > 4) return [schema]
  const options = only.options
    .slice(0, MAX_CHOICES)
    .filter((one) => !isNull(shape(one)))
    .flatMap((one) => alternativesOf(shape, one, depth + 1))
  return options.length > 0 ? options.slice(0, MAX_CHOICES) : [schema]
}

function roomIn(documented: Patterns, form: Form, name: string): Schema | undefined {
  const { shape, mayBeObject } = form
  if (!mayBeObject || isCalledEmpty(form)) return undefined
  const { nameRules, properties } = shape
  if (nameRules.length === 0) return properties.size === 0 ? true : undefined
  const parts: Schema[] = []
  for (const { patterns, others } of nameRules) {
    const own = patterns.filter(([pattern]) => matches(documented, pattern, name)).map(([, schema]) => schema)
    if (own.length === 0 && others === false) return undefined
    parts.push(...(own.length > 0 ? own : [others]))
  }
  return joint(parts.filter((part) => part !== true))
}

const MAX_NAME_LENGTH = 200

const matches = ({ compiled }: Patterns, pattern: string, name: string): boolean =>
  name.length < MAX_NAME_LENGTH && compiled(pattern).test(name)
