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
  types: ReadonlySet<string> | undefined
  values: readonly unknown[] | undefined
  readonly examples: unknown[]
  readonly defaults: unknown[]
  /** Each property with all schemas that apply to it. */
  readonly properties: Map<string, Schema[]>
  readonly required: Set<string>
  readonly nameRules: NameRule[]
  readonly nameSchemas: Schema[]
  readonly items: Schema[]
  prefixItems: readonly Schema[]
  readonly contains: Schema[]
  readonly patterns: string[]
  format: string | undefined
  /** What the JSON in a string must fit. */
  readonly contents: Schema[]
  readonly multiples: number[]
  /** The strictest of each numeric keyword. */
  readonly low: Map<string, number>
  readonly high: Map<string, number>
  uniqueItems: boolean
  readonly not: Schema[]
  readonly alternatives: Alternatives[]
  readonly conditions: JsonObject[]
  readonly dependencies: JsonObject[]
  discriminator: JsonObject | undefined
  /** Links that were followed to get here. */
  readonly links: string[]
  /** How many schemas were read. */
  parts: number
  deprecated: boolean
  /** True when nothing can match. */
  impossible: boolean
}

const LOW = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'] as const
const HIGH = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'] as const
const MAX_PARTS = 500

/** Reads schemas that all apply together as one shape. */
export function shapeOf(schemas: Schemas, conjunction: readonly Schema[]): Shape {
  const shape: Shape = {
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
  const seen = new Set<string>()
  const add = (schema: Schema): void => {
    if (schema === false) shape.impossible = true
    if (!isObject(schema) || ++shape.parts > MAX_PARTS) return
    const link = linkOf(schema)
    if (link !== undefined) {
      if (seen.has(link)) return
      seen.add(link)
      shape.links.push(link)
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
  if (depth > 4) return shape
  const options = shape.alternatives.flatMap((alternatives) => alternatives.options)
  const others = options.map((option) => flattened(schemas, option, depth + 1))
  for (const { properties } of others) {
    for (const [name, own] of properties) if (!shape.properties.has(name)) shape.properties.set(name, own)
  }
  const items = others.flatMap((other) => (other.items.length > 0 ? [{ allOf: other.items }] : []))
  if (shape.items.length === 0 && items.length > 0) shape.items.push({ anyOf: items })
  return shape
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

function addTypes(shape: Shape, schema: JsonObject): void {
  const { type } = schema
  if (type !== undefined) {
    const named = new Set((Array.isArray(type) ? type : [type]).map(String))
    if (named.has('number')) named.add('integer')
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

function addNumbers(shape: Shape, schema: JsonObject): void {
  for (const key of LOW) {
    const value = schema[key]
    if (typeof value === 'number') shape.low.set(key, Math.max(value, shape.low.get(key) ?? value))
  }
  for (const key of HIGH) {
    const value = schema[key]
    if (typeof value === 'number') shape.high.set(key, Math.min(value, shape.high.get(key) ?? value))
  }
  if (typeof schema.multipleOf === 'number') shape.multiples.push(schema.multipleOf)
}

function addObject(shape: Shape, schema: JsonObject): void {
  const properties = entriesOf(schema, 'properties')
  for (const [name, child] of properties) {
    const known = shape.properties.get(name)
    if (known === undefined) shape.properties.set(name, [child as Schema])
    else known.push(child as Schema)
  }
  for (const name of arrayMember(schema, 'required')) shape.required.add(String(name))
  // What is unevaluated is known only when the whole conjunction is: schemas beside this one count as well.
  const patterns = entriesOf(schema, 'patternProperties') as [string, Schema][]
  if (Object.hasOwn(schema, 'additionalProperties') || patterns.length > 0) {
    const names = new Set(properties.map(([name]) => name))
    shape.nameRules.push({ names, patterns, others: (schema.additionalProperties ?? true) as Schema })
  }
  if (schema.propertyNames !== undefined) shape.nameSchemas.push(schema.propertyNames as Schema)
  if (isObject(schema.dependentRequired)) shape.dependencies.push(schema.dependentRequired)
}

function addRest(shape: Shape, schema: JsonObject): void {
  shape.examples.push(...arrayMember(schema, 'examples'))
  if (Object.hasOwn(schema, 'default')) shape.defaults.push(schema.default)
  if (schema.items !== undefined) shape.items.push(schema.items as Schema)
  const prefix = arrayMember(schema, 'prefixItems') as Schema[]
  if (prefix.length > shape.prefixItems.length) shape.prefixItems = prefix
  if (schema.contains !== undefined) shape.contains.push(schema.contains as Schema)
  const pattern = stringMember(schema, 'pattern')
  if (pattern !== undefined) shape.patterns.push(pattern)
  // Some tools write `UUID` for `uuid`.
  shape.format ??= stringMember(schema, 'format')?.toLowerCase()
  if (holdsJson(schema)) shape.contents.push(schema.contentSchema as Schema)
  if (schema.uniqueItems === true) shape.uniqueItems = true
  if (schema.not !== undefined) shape.not.push(schema.not as Schema)
  if (isObject(schema.if)) shape.conditions.push(schema)
  if (schema.deprecated === true) shape.deprecated = true
  const discriminator = isObject(schema.discriminator) ? schema.discriminator : undefined
  shape.discriminator ??= discriminator
  for (const key of ['oneOf', 'anyOf', CHOICE]) {
    const options = arrayMember(schema, key) as Schema[]
    if (options.length > 0) shape.alternatives.push({ options, discriminator })
  }
}
