// Turns text into the types that a schema asks for.

import { isObject, setMember } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { flattened, possibleTypes, type Shape } from '../schema/shape.js'
import type { Validation } from '../schema/validation.js'
import { MAX_BRACKET_DEPTH } from './pairs.js'

export type Coercion = (value: unknown, schema: Schema, depth?: number) => unknown

/** Turns text into the types that a schema asks for, in lists and objects too; what does not fit stays text. */
export function createCoercion(schemas: Schemas, validation: Validation): Coercion {
  const types = new WeakMap<object, { readonly of: ReadonlySet<string> | undefined }>()
  // A body may have thousands of values of one schema.
  const typesOf = (schema: Schema): ReadonlySet<string> | undefined => {
    if (typeof schema === 'boolean') return possibleTypes(schemas, schema)
    const known = types.get(schema) ?? { of: possibleTypes(schemas, schema) }
    types.set(schema, known)
    return known.of
  }
  const coerce: Coercion = (value, schema, depth = 0) => {
    if (schema === true || depth > MAX_BRACKET_DEPTH) return value
    if (typeof value === 'string') return coerceText(value, typesOf(schema), schema, validation)
    if (Array.isArray(value)) {
      const { items, prefixItems } = flattened(schemas, schema)
      const ofItem = items.length === 1 ? (items[0] ?? true) : { allOf: items }
      return value.map((item, i) => coerce(item, prefixItems[i] ?? ofItem, depth + 1))
    }
    if (!isObject(value)) return value
    const shape = flattened(schemas, schema)
    const object = {}
    for (const [name, child] of Object.entries(value))
      setMember(object, name, coerceMember(child, schemaOfMember(shape, name), depth + 1))
    return object
  }

  /** A form sends a list of one like a single value; and some clients send a whole list as one, as JSON or with commas. */
  const coerceMember = (child: unknown, schema: Schema, depth: number): unknown => {
    const types = typeof child === 'string' ? typesOf(schema) : undefined
    if (typeof child !== 'string' || types?.has('array') !== true || types.has('string'))
      return coerce(child, schema, depth)
    const fits = (value: unknown) => validation.ofSchema(schema)(value).length === 0
    const whole = /^\s*\[.*\]\s*$/s.test(child) ? parseJson(child) : INVALID
    if (Array.isArray(whole) && fits(whole)) return whole
    const [first, ...others] = [[child], child, child.split(',')].map((one) => coerce(one, schema, depth))
    return fits(first) ? first : (others.find(fits) ?? first)
  }
  return coerce
}

const schemaOfMember = (shape: Shape, name: string): Schema =>
  jointly(shape.properties.get(name) ?? shape.nameRules.map(({ others }) => others).filter(isObject))

function jointly(all: readonly Schema[]): Schema {
  if (all.length > 1) return { allOf: all }
  return all[0] ?? true
}

function coerceText(
  text: string,
  types: ReadonlySet<string> | undefined,
  schema: Schema,
  validation: Validation,
): unknown {
  const candidates = types === undefined ? [] : READINGS.flatMap((reading) => reading(text, types))
  if (candidates.length === 0) return text
  if (!types?.has('string')) return candidates[0]
  const validate = validation.ofSchema(schema)
  return [text, ...candidates].find((candidate) => validate(candidate).length === 0) ?? text
}

/** What a text may stand for besides itself, the most likely first. */
const READINGS: readonly ((text: string, types: ReadonlySet<string>) => readonly unknown[])[] = [
  (text, types) => ((types.has('integer') || types.has('number')) && NUMBER.test(text) ? [Number(text)] : []),
  (text, types) => {
    const flag = types.has('boolean') ? FLAGS.get(text.toLowerCase()) : undefined
    return flag === undefined ? [] : [flag]
  },
  (text, types) => (types.has('null') && (text === 'null' || text === '') ? [null] : []),
  (text, types) => {
    if (!(types.has('object') || types.has('array')) || !/^[[{]/.test(text)) return []
    const parsed = parseJson(text)
    return parsed === INVALID ? [] : [parsed]
  },
]

export const INVALID = Symbol('invalid')

/** {@link INVALID} when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return INVALID
  }
}

const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/
/** Languages write them in their own ways: Python has `True`, PHP has 1. */
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
])
