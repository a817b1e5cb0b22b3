// What a schema asks for once its references and `allOf` are read as one conjunction: the view that the sampler
// and the decoders work on. Alternatives are listed, not chosen.

import { arrayMember, entriesOf, isObject, type JsonObject, member, stringMember } from '../json.js'
import { CHOICE } from './choice.js'
import { holdsJson } from './content.js'
import { linkOf, type Schema } from './schema.js'
import type { Schemas } from './schemas.js'

export interface Alternatives {
  readonly options: readonly Schema[]
  readonly discriminator: JsonObject | undefined
}

/** One level of `properties` with what it says of all other names. */
export interface NameRule {
  readonly names: ReadonlySet<string>
  readonly patterns: readonly (readonly [string, Schema])[]
  readonly others: Schema
}

export interface Shape {
  readonly types: ReadonlySet<string> | undefined
  readonly values: readonly unknown[] | undefined
  readonly examples: readonly unknown[]
  readonly defaults: readonly unknown[]
  /** Each property with all schemas that apply to it. */
  readonly properties: ReadonlyMap<string, readonly Schema[]>
  readonly required: ReadonlySet<string>
  readonly nameRules: readonly NameRule[]
  readonly nameSchemas: readonly Schema[]
  readonly items: readonly Schema[]
  readonly prefixItems: readonly Schema[]
  readonly contains: readonly Schema[]
  readonly patterns: readonly string[]
  readonly format: string | undefined
  /** What the JSON in a string must fit. */
  readonly contents: readonly Schema[]
  readonly multiples: readonly number[]
  /** The strictest of each numeric keyword. */
  readonly low: ReadonlyMap<string, number>
  readonly high: ReadonlyMap<string, number>
  readonly uniqueItems: boolean
  readonly not: readonly Schema[]
  readonly alternatives: readonly Alternatives[]
  readonly conditions: readonly JsonObject[]
  readonly dependencies: readonly JsonObject[]
  readonly discriminator: JsonObject | undefined
  /** Links that were followed to get here. */
  readonly links: readonly string[]
  /** How many schemas were read. */
  readonly parts: number
  readonly deprecated: boolean
  /** True when nothing can match. */
  readonly impossible: boolean
}

type Draft = { -readonly [Name in keyof Shape]: Shape[Name] }

/** What asks for nothing. Most schemas ask for little more, and share what is empty. */
const NOTHING: Shape = {
  types: undefined,
  values: undefined,
  examples: [],
  defaults: [],
  properties: new Map(),
  required: new Set(),
  nameRules: [],
  nameSchemas: [],
  items: [],
  prefixItems: [],
  contains: [],
  patterns: [],
  format: undefined,
  contents: [],
  multiples: [],
  low: new Map(),
  high: new Map(),
  uniqueItems: false,
  not: [],
  alternatives: [],
  conditions: [],
  dependencies: [],
  discriminator: undefined,
  links: [],
  parts: 0,
  deprecated: false,
  impossible: false,
}

const LOW = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'] as const
const HIGH = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'] as const
const MAX_PARTS = 500

/** Reads schemas that all apply together as one shape. */
export function shapeOf(schemas: Schemas, conjunction: readonly Schema[]): Shape {
  const shape: Draft = { ...NOTHING }
  const add = (schema: Schema): void => {
    if (schema === false) shape.impossible = true
    if (!isObject(schema) || ++shape.parts > MAX_PARTS) return
    const link = linkOf(schema)
    if (link !== undefined) {
      if (shape.links.includes(link)) return
      shape.links = [...shape.links, link]
      add(schemas.target(link))
    }
    for (const part of arrayMember(schema, 'allOf')) add(part as Schema)
    addTypes(shape, schema)
    addNumbers(shape, schema)
    addObject(shape, schema)
    addRest(shape, schema)
  }
  for (const schema of conjunction) add(schema)
  return shape
}

/** The properties and items of all alternatives beside those of the schema itself. */
export function flattened(schemas: Schemas, schema: Schema, depth = 0): Shape {
  const shape = shapeOf(schemas, [schema])
  if (depth > 4 || shape.alternatives.length === 0) return shape
  const options = shape.alternatives.flatMap((alternatives) => alternatives.options)
  const others = options.map((option) => flattened(schemas, option, depth + 1))
  const properties = new Map(shape.properties)
  for (const other of others)
    for (const [name, own] of other.properties) if (!properties.has(name)) properties.set(name, own)
  const items = others.flatMap((other) => (other.items.length > 0 ? [{ allOf: other.items }] : []))
  const isOpen = shape.items.length === 0 && items.length > 0
  return { ...shape, properties, items: isOpen ? [{ anyOf: items }] : shape.items }
}

/** The types that a value may have, as far as that can be told without trying: alternatives included. */
export function possibleTypes(schemas: Schemas, schema: Schema, depth = 0): ReadonlySet<string> | undefined {
  const shape = shapeOf(schemas, [schema])
  const own = shape.types ?? (shape.values && new Set(shape.values.map(typeOf)))
  if (own !== undefined) return own
  const [first] = shape.alternatives
  if (first === undefined || depth > 8) return impliedTypes(shape)
  const all = new Set<string>()
  for (const option of first.options) {
    const types = possibleTypes(schemas, option, depth + 1)
    if (types === undefined) return undefined
    for (const type of types) all.add(type)
  }
  return all
}

/** What keywords without a `type` beside them suggest. */
export function impliedTypes(shape: Shape): ReadonlySet<string> | undefined {
  const has = (...keys: string[]) => keys.some((key) => shape.low.has(key) || shape.high.has(key))
  if (shape.properties.size > 0 || shape.required.size > 0 || shape.nameRules.length > 0)
    return new Set(['object'])
  if (shape.items.length > 0 || shape.prefixItems.length > 0) return new Set(['array'])
  if (shape.patterns.length > 0 || shape.format !== undefined || has('minLength', 'maxLength'))
    return new Set(['string'])
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum')) return new Set(['number'])
  return undefined
}

/** The JSON Schema type of a value; whole numbers are integers. */
function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

function addTypes(shape: Draft, schema: JsonObject): void {
  const { type } = schema
  if (type !== undefined) {
    const named = Array.isArray(type) ? typesNamed(type) : oneType(String(type))
    const { types } = shape
    shape.types = types === undefined ? named : new Set([...types].filter((name) => named.has(name)))
    if (shape.types.size === 0) shape.impossible = true
  }
  const values = Object.hasOwn(schema, 'const') ? [schema.const] : member(schema, 'enum')
  if (Array.isArray(values)) {
    shape.values = shape.values === undefined ? values : inBoth(shape.values, values)
    if (shape.values.length === 0) shape.impossible = true
  }
}

function typesNamed(types: readonly unknown[]): ReadonlySet<string> {
  const named = new Set(types.map(String))
  return named.has('number') ? named.add('integer') : named
}

const alone = new Map<string, ReadonlySet<string>>()

/** A type by itself; the same set for the same type, of which there are seven. */
function oneType(type: string): ReadonlySet<string> {
  const known = alone.get(type)
  if (known !== undefined) return known
  const named = typesNamed([type])
  if (alone.size < 20) alone.set(type, named)
  return named
}

const common = new WeakMap<readonly unknown[], WeakMap<readonly unknown[], unknown[]>>()

/** Those of the listed values that are in another list as well; found once for two lists, for each item of a list asks. */
function inBoth(values: readonly unknown[], others: readonly unknown[]): unknown[] {
  const known = common.get(values) ?? new WeakMap<readonly unknown[], unknown[]>()
  common.set(values, known)
  const found = known.get(others)
  if (found !== undefined) return found
  const texts = new Set(others.map((value) => JSON.stringify(value)))
  const both = values.filter((value) => texts.has(JSON.stringify(value)))
  known.set(others, both)
  return both
}

function addNumbers(shape: Draft, schema: JsonObject): void {
  for (const key of LOW) {
    const value = schema[key]
    if (typeof value === 'number') shape.low = bounded(shape.low, key, value, Math.max)
  }
  for (const key of HIGH) {
    const value = schema[key]
    if (typeof value === 'number') shape.high = bounded(shape.high, key, value, Math.min)
  }
  if (typeof schema.multipleOf === 'number') shape.multiples = [...shape.multiples, schema.multipleOf]
}

const bounded = (
  bounds: ReadonlyMap<string, number>,
  key: string,
  value: number,
  strictest: (...values: number[]) => number,
): ReadonlyMap<string, number> => new Map(bounds).set(key, strictest(value, bounds.get(key) ?? value))

function addObject(shape: Draft, schema: JsonObject): void {
  const properties = entriesOf(schema, 'properties')
  if (properties.length > 0) shape.properties = withProperties(shape.properties, properties)
  const required = arrayMember(schema, 'required')
  if (required.length > 0) shape.required = withNames(shape.required, required)
  // What is unevaluated is known only when the whole conjunction is: schemas beside this one count as well.
  const patterns = entriesOf(schema, 'patternProperties') as [string, Schema][]
  if (Object.hasOwn(schema, 'additionalProperties') || patterns.length > 0) {
    const names = new Set(properties.map(([name]) => name))
    shape.nameRules = [
      ...shape.nameRules,
      { names, patterns, others: (schema.additionalProperties ?? true) as Schema },
    ]
  }
  if (schema.propertyNames !== undefined)
    shape.nameSchemas = [...shape.nameSchemas, schema.propertyNames as Schema]
  if (isObject(schema.dependentRequired))
    shape.dependencies = [...shape.dependencies, schema.dependentRequired]
}

// A conjunction of hundreds adds to one set and one map, and copies none of those before.

function withNames(before: Shape['required'], names: readonly unknown[]): Shape['required'] {
  const all = before.size === 0 ? new Set<string>() : (before as Set<string>)
  for (const name of names) all.add(String(name))
  return all
}

function withProperties(
  before: Shape['properties'],
  properties: readonly [string, unknown][],
): Shape['properties'] {
  const all =
    before.size === 0 ? new Map<string, readonly Schema[]>() : (before as Map<string, readonly Schema[]>)
  for (const [name, child] of properties) all.set(name, [...(all.get(name) ?? []), child as Schema])
  return all
}

function addRest(shape: Draft, schema: JsonObject): void {
  const examples = arrayMember(schema, 'examples')
  if (examples.length > 0) shape.examples = [...shape.examples, ...examples]
  if (Object.hasOwn(schema, 'default')) shape.defaults = [...shape.defaults, schema.default]
  if (schema.items !== undefined) shape.items = [...shape.items, schema.items as Schema]
  const prefix = arrayMember(schema, 'prefixItems') as Schema[]
  if (prefix.length > shape.prefixItems.length) shape.prefixItems = prefix
  if (schema.contains !== undefined) shape.contains = [...shape.contains, schema.contains as Schema]
  const pattern = stringMember(schema, 'pattern')
  if (pattern !== undefined) shape.patterns = [...shape.patterns, pattern]
  // Some tools write `UUID` for `uuid`.
  shape.format ??= stringMember(schema, 'format')?.toLowerCase()
  if (holdsJson(schema)) shape.contents = [...shape.contents, schema.contentSchema as Schema]
  if (schema.uniqueItems === true) shape.uniqueItems = true
  if (schema.not !== undefined) shape.not = [...shape.not, schema.not as Schema]
  if (isObject(schema.if)) shape.conditions = [...shape.conditions, schema]
  if (schema.deprecated === true) shape.deprecated = true
  const discriminator = isObject(schema.discriminator) ? schema.discriminator : undefined
  shape.discriminator ??= discriminator
  for (const key of ['oneOf', 'anyOf', CHOICE]) {
    const options = arrayMember(schema, key) as Schema[]
    if (options.length > 0) shape.alternatives = [...shape.alternatives, { options, discriminator }]
  }
}
