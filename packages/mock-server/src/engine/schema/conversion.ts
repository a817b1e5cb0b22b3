// One node of a schema of any dialect as JSON Schema 2020-12. Keywords that are wrong are dropped, so that Ajv accepts
// the result.

import {
  arrayMember,
  entriesOf,
  isObject,
  type JsonObject,
  member,
  setMember,
  stringMember,
} from '../json.js'
import {
  listedValues,
  overlapsByNumbers,
  overlapsInForm,
  overlapsInNothing,
  overlapsInRest,
} from './alternative-lists.js'
import { choiceOf } from './choice.js'
import { type ConjunctionOptions, closedTogether, requiredOf, withoutOneSided } from './conjunctions.js'
import { linkOf, type Schema } from './schema.js'

/** Requests need no `readOnly` properties, responses no `writeOnly` ones. */
export type Mode = 'request' | 'response'

/** What the conversion of one node needs to know of the document. */
export interface Conversion extends ConjunctionOptions {
  readonly mode: Mode
  readonly is31: boolean
  convert(node: unknown): Schema
  linkTo(reference: string): Schema
  /** The link of a `$dynamicRef`. */
  linkToAnchor(reference: string): Schema
  /** The schemas that extend another one and that its discriminator tells apart, as alternatives. */
  heirsOf(reference: string): JsonObject | undefined
  /** The name of the schema behind a link. */
  nameOf(link: string): string
}

interface Discriminator {
  readonly property: string
  /** The values of the property, by the link of the alternative that each stands for. */
  readonly values: Readonly<Record<string, string>>
  /** The link of the alternative for values that name none, and for a property that is missing. */
  readonly fallback?: string
}

type Draft = Record<string, unknown>

const TYPES = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'])
const COUNTS = [
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minContains',
  'maxContains',
] as const
const NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const
const SINGLE = [
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'contains',
  'not',
  'if',
  'then',
  'else',
] as const
const TEXTS = ['pattern', 'format', 'contentMediaType', 'contentEncoding'] as const
/** What tools write for `uuid`: the version as well (Pydantic), the word in capitals, and .NET's word. */
const UUIDS = /^(?:uuid|guid)[-_]?v?\d?$/i
const LISTS = ['allOf', 'anyOf', 'oneOf'] as const
const MAPS = ['properties', 'patternProperties', 'dependentSchemas'] as const
const ANNOTATIONS = ['title', 'description', 'readOnly', 'writeOnly', 'deprecated', 'default', 'xml'] as const

/** Converts an object; {@link Conversion.convert} converts its parts. */
export function convertObject(given: JsonObject, conversion: Conversion): Schema {
  const node = closedTogether(withoutOneSided(given, conversion), conversion)
  const dynamic = stringMember(node, '$dynamicRef')
  const reference = stringMember(node, '$ref')
  if (reference === undefined && dynamic !== undefined)
    return convertReference(node, conversion.linkToAnchor(dynamic), conversion)
  if (reference !== undefined) {
    const heirs = conversion.heirsOf(reference)
    const link = heirs === undefined ? conversion.linkTo(reference) : conversion.convert(heirs)
    return convertReference(node, link, conversion)
  }
  const schema: Draft = {}
  copyAnnotations(node, schema)
  copyTypes(node, schema)
  copyBounds(node, schema)
  copyTexts(node, schema)
  if (isObject(node.contentSchema)) schema.contentSchema = conversion.convert(node.contentSchema)
  if (node.uniqueItems === true) schema.uniqueItems = true
  convertParts(node, schema, conversion)
  if (isObject(node.dependentRequired)) schema.dependentRequired = node.dependentRequired
  convertItems(node, schema, conversion)
  const required = requiredOf(node)
  if (required.length > 0) schema.required = required
  const discriminator = discriminatorOf(node, conversion)
  if (discriminator !== undefined) {
    schema.discriminator = discriminator
    if (conversion.mode === 'request') discriminate(schema, discriminator, conversion)
  }
  return withNull(node, schema, conversion)
}

function copyTexts(node: JsonObject, schema: Draft): void {
  for (const key of TEXTS) {
    const text = stringMember(node, key)
    if (text !== undefined) schema[key] = key === 'format' && UUIDS.test(text) ? 'uuid' : text
  }
}

function convertReference(node: JsonObject, link: Schema, { is31, convert }: Conversion): Schema {
  if (!is31) return node.nullable === true ? { anyOf: [link, { type: 'null' }] } : link
  const { $ref, $dynamicRef, ...siblings } = node
  const rest = convert(siblings)
  if (!isObject(rest) || Object.keys(rest).length === 0) return link
  // Beside the reference, not in a schema of their own: `unevaluatedProperties` looks at what is beside it.
  return { ...rest, allOf: [link, ...arrayMember(rest, 'allOf')] }
}

/** Converts the keywords that hold a schema, a list of schemas or a map of schemas. */
function convertParts(node: JsonObject, schema: Draft, conversion: Conversion): void {
  const { convert } = conversion
  for (const key of SINGLE) {
    const child = member(node, key)
    if (typeof child === 'boolean' || isObject(child)) schema[key] = convert(child)
  }
  for (const key of LISTS) convertList(node, schema, key, conversion)
  for (const key of MAPS) {
    if (!isObject(node[key])) continue
    const map = {}
    for (const [name, child] of Object.entries(node[key])) setMember(map, name, convert(child))
    schema[key] = map
  }
}

function convertList(
  node: JsonObject,
  schema: Draft,
  key: (typeof LISTS)[number],
  conversion: Conversion,
): void {
  const { convert, linkTo } = conversion
  const list = arrayMember(node, key)
  const values = key === 'allOf' || node.enum !== undefined ? undefined : listedValues(list)
  // What a schema extends is that schema itself, not one of those that extend it.
  const part = (child: unknown) => {
    const extended = key === 'allOf' && isObject(child) ? stringMember(child, '$ref') : undefined
    return extended === undefined || !isObject(child)
      ? convert(child)
      : convertReference(child, linkTo(extended), conversion)
  }
  const isEither = key === 'oneOf' && node.anyOf === undefined && isAnyOf(node, list, conversion)
  if (values !== undefined && schema.enum === undefined) schema.enum = values
  else if (list.length > 0) schema[isEither ? 'anyOf' : key] = list.map(part)
}

/** Whether a `oneOf` cannot tell its alternatives apart, so that the document means any of them. */
const isAnyOf = (node: JsonObject, list: readonly unknown[], { mode, deref }: Conversion): boolean =>
  overlapsByNumbers(list) ||
  (mode === 'request' &&
    node.discriminator === undefined &&
    (overlapsInNothing(list.map(deref)) || overlapsInForm(list, deref) || overlapsInRest(list, deref)))

/** Up to 3.0, and in drafts before 2020-12, a list of `items` is a tuple. */
function convertItems(node: JsonObject, schema: Draft, { convert }: Conversion): void {
  const { items } = node
  const tuple = Array.isArray(items) ? items : arrayMember(node, 'prefixItems')
  if (tuple.length > 0) schema.prefixItems = tuple.map(convert)
  if (!Array.isArray(items) && items !== undefined) schema.items = convert(items)
}

function discriminatorOf(node: JsonObject, { linkTo }: Conversion): Discriminator | undefined {
  const given = node.discriminator
  const property = typeof given === 'string' ? given : stringMember(given, 'propertyName')
  if (property === undefined) return undefined
  const linkBehind = (target: string): string =>
    linkOf(linkTo(target.startsWith('#') ? target : `#/components/schemas/${target}`)) ?? ''
  const values: Record<string, string> = {}
  for (const [value, target] of entriesOf(given, 'mapping')) {
    if (typeof target !== 'string') continue
    const link = linkBehind(target)
    if (!Object.hasOwn(values, link)) values[link] = value
  }
  const otherwise = stringMember(given, 'defaultMapping')
  return { property, values, ...(otherwise === undefined ? {} : { fallback: linkBehind(otherwise) }) }
}

/** Lets the discriminator decide which alternative a request must fit, as servers do: several may fit by accident. */
function discriminate(
  schema: Draft,
  { property, values, fallback }: Discriminator,
  { nameOf }: Conversion,
): void {
  const options = arrayMember(schema, 'oneOf') as Schema[]
  const links = options.map(linkOf).filter((link) => link !== undefined)
  if (links.length === 0 || links.length < options.length) return
  delete schema.oneOf
  const names = links.map((link) => values[link] ?? nameOf(link))
  const otherwise = fallback === undefined ? -1 : links.indexOf(fallback)
  Object.assign(schema, choiceOf(property, options, names, otherwise < 0 ? undefined : otherwise))
}

function withNull(node: JsonObject, schema: Draft, { is31 }: Conversion): Schema {
  const isNullable = !is31 && (node.nullable === true || node['x-nullable'] === true)
  if (!isNullable) return schema
  if (typeof schema.type !== 'string') return { anyOf: [schema, { type: 'null' }] }
  schema.type = [schema.type, 'null']
  if (Array.isArray(schema.enum) && !schema.enum.includes(null)) schema.enum = [...schema.enum, null]
  return schema
}

function copyAnnotations(node: JsonObject, schema: Draft): void {
  for (const key of ANNOTATIONS) if (Object.hasOwn(node, key)) schema[key] = node[key]
  const single = ['example', 'x-example'].flatMap((key) => (Object.hasOwn(node, key) ? [node[key]] : []))
  const examples = [...single, ...arrayMember(node, 'examples')]
  if (examples.length > 0) schema.examples = examples
}

function copyTypes(node: JsonObject, schema: Draft): void {
  const { type } = node
  if (Array.isArray(type)) {
    const types = [...new Set(type.filter((name) => TYPES.has(name)))]
    if (types.length > 0) schema.type = types
  } else if (typeof type === 'string' && TYPES.has(type)) schema.type = type
  else if (type === 'file') Object.assign(schema, { type: 'string', format: 'binary' })
  if (Array.isArray(node.enum) && node.enum.length > 0) {
    const distinct = new Map(node.enum.map((value) => [JSON.stringify(value), value]))
    schema.enum = [...distinct.values()]
  }
  if (Object.hasOwn(node, 'const')) schema.const = node.const
}

function copyBounds(node: JsonObject, schema: Draft): void {
  for (const key of NUMBERS) {
    const value = finite(node[key])
    if (value !== undefined) schema[key] = value
  }
  for (const key of COUNTS) {
    const value = finite(node[key])
    if (value !== undefined && value >= 0) schema[key] = Math.ceil(value)
  }
  const multiple = finite(node.multipleOf)
  if (multiple !== undefined && multiple > 0) schema.multipleOf = multiple
  // Up to 3.0 the exclusive bounds are flags on the inclusive ones.
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (node[flag] !== true || schema[bound] === undefined) continue
    schema[flag] = schema[bound]
    delete schema[bound]
  }
}

function finite(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}
