// Schemas of every dialect as JSON Schema 2020-12, one node at a time. A reference becomes a link that is followed
// when data or a sample needs it, so a document of any size costs only what is used of it.

import type { ApiDocument } from '../document/document.js'
import {
  arrayMember,
  entriesOf,
  isObject,
  type JsonObject,
  member,
  segmentsOf,
  setMember,
  stringMember,
} from '../json.js'
import { choiceOf } from './choice.js'
import type { Schema } from './schema.js'

/** Requests need no `readOnly` properties, responses no `writeOnly` ones. */
export type Mode = 'request' | 'response'

/** The keyword that holds a link where `$ref` is not needed. */
export const LINK = 'x-link'

export interface Schemas {
  /** A node of the document as JSON Schema 2020-12; anything that is no schema accepts everything. */
  convert(node: unknown, mode: Mode): Schema
  /** The schema behind a link. */
  target(link: string): Schema
  /** The name of the schema behind a link: the last segment of its pointer. */
  nameOf(link: string): string
  /** Whether links are written as `$ref`, because a schema asks what others have evaluated. */
  readonly usesReferences: boolean
}

interface Discriminator {
  readonly property: string
  /** The values of the property, by the link of the alternative that each stands for. */
  readonly values: Readonly<Record<string, string>>
}

const MAX_HOPS = 64
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
const LISTS = ['allOf', 'anyOf', 'oneOf'] as const
const MAPS = ['properties', 'patternProperties', 'dependentSchemas'] as const
const ANNOTATIONS = ['title', 'description', 'readOnly', 'writeOnly', 'deprecated', 'default', 'xml'] as const

export function createSchemas(document: ApiDocument): Schemas {
  const { deref, resolvePointer } = document
  const is31 = document.dialect === 'openapi-3.1'
  const usesReferences = is31 && mentionsUnevaluated(document.root)
  const linkKeyword = usesReferences ? '$ref' : LINK
  const converted = { request: new WeakMap<object, Schema>(), response: new WeakMap<object, Schema>() }
  const pointers: string[] = []
  const indexes = new Map<string, number>()
  const targets = new Map<string, Schema>()

  const linkTo = (reference: string, mode: Mode): Schema => {
    if (!reference.startsWith('#')) return true
    let index = indexes.get(reference)
    if (index === undefined) {
      index = pointers.push(reference) - 1
      indexes.set(reference, index)
    }
    return { [linkKeyword]: `${mode}-${index}` }
  }

  const nameOf = (link: string): string => segmentsOf(pointers[Number(link.split('-')[1])] ?? '').at(-1) ?? ''

  const convert = (node: unknown, mode: Mode): Schema => {
    if (typeof node === 'boolean') return node
    if (!isObject(node)) return true
    const known = converted[mode].get(node)
    if (known !== undefined) return known
    const schema = convertObject(node, mode)
    converted[mode].set(node, schema)
    return schema
  }

  const convertObject = (node: JsonObject, mode: Mode): Schema => {
    const reference = stringMember(node, '$ref') ?? stringMember(node, '$dynamicRef')
    if (reference !== undefined) {
      const link = linkTo(reference, mode)
      const { $ref, $dynamicRef, ...siblings } = node
      if (is31) {
        const rest = convert(siblings, mode)
        return isObject(rest) && Object.keys(rest).length > 0 ? { allOf: [link, rest] } : link
      }
      return node.nullable === true ? { anyOf: [link, { type: 'null' }] } : link
    }
    const schema: Record<string, unknown> = {}
    copyAnnotations(node, schema)
    copyTypes(node, schema)
    copyBounds(node, schema)
    for (const key of ['pattern', 'format', 'contentMediaType', 'contentEncoding']) {
      const text = stringMember(node, key)
      if (text !== undefined) schema[key] = text
    }
    if (isObject(node.contentSchema)) schema.contentSchema = convert(node.contentSchema, mode)
    if (node.uniqueItems === true) schema.uniqueItems = true
    for (const key of SINGLE) {
      const child = member(node, key)
      if (typeof child === 'boolean' || isObject(child)) schema[key] = convert(child, mode)
    }
    for (const key of LISTS) {
      const list = arrayMember(node, key)
      if (list.length > 0) schema[key] = list.map((child) => convert(child, mode))
    }
    for (const key of MAPS) {
      if (!isObject(node[key])) continue
      const map = {}
      for (const [name, child] of Object.entries(node[key])) setMember(map, name, convert(child, mode))
      schema[key] = map
    }
    if (isObject(node.dependentRequired)) schema.dependentRequired = node.dependentRequired
    const tuple = Array.isArray(node.items) ? node.items : arrayMember(node, 'prefixItems')
    if (tuple.length > 0) schema.prefixItems = tuple.map((child) => convert(child, mode))
    if (!Array.isArray(node.items) && node.items !== undefined) schema.items = convert(node.items, mode)
    const required = requiredOf(node, mode)
    if (required.length > 0) schema.required = required
    const discriminator = discriminatorOf(node, mode)
    if (discriminator !== undefined) {
      schema.discriminator = discriminator
      if (mode === 'request') discriminate(schema, discriminator)
    }
    return withNull(node, schema)
  }

  const requiredOf = (node: JsonObject, mode: Mode): string[] => {
    const dropped = mode === 'request' ? 'readOnly' : 'writeOnly'
    return [...new Set(arrayMember(node, 'required'))].filter(
      (name): name is string =>
        typeof name === 'string' && member(deref(member(node.properties, name)), dropped) !== true,
    )
  }

  const discriminatorOf = (node: JsonObject, mode: Mode): Discriminator | undefined => {
    const given = node.discriminator
    const property = typeof given === 'string' ? given : stringMember(given, 'propertyName')
    if (property === undefined) return undefined
    const values: Record<string, string> = {}
    for (const [value, target] of entriesOf(given, 'mapping')) {
      if (typeof target !== 'string') continue
      const reference = target.startsWith('#') ? target : `#/components/schemas/${target}`
      const link = linkTo(reference, mode)
      const id = isObject(link) ? String(link[linkKeyword]) : ''
      if (!Object.hasOwn(values, id)) values[id] = value
    }
    return { property, values }
  }

  /** Lets the discriminator decide which alternative a request must fit, as servers do: several may fit by accident. */
  const discriminate = (schema: Record<string, unknown>, { property, values }: Discriminator) => {
    const options = arrayMember(schema, 'oneOf') as Schema[]
    const links = options.map(linkOf).filter((link) => link !== undefined)
    if (links.length === 0 || links.length < options.length) return
    delete schema.oneOf
    const names = links.map((link) => values[link] ?? nameOf(link))
    Object.assign(schema, choiceOf(property, options, names))
  }

  const withNull = (node: JsonObject, schema: Record<string, unknown>): Schema => {
    const nullable = !is31 && (node.nullable === true || node['x-nullable'] === true)
    if (!nullable) return schema
    if (typeof schema.type !== 'string') return { anyOf: [schema, { type: 'null' }] }
    schema.type = [schema.type, 'null']
    if (Array.isArray(schema.enum) && !schema.enum.includes(null)) schema.enum = [...schema.enum, null]
    return schema
  }

  return {
    convert,
    target(link) {
      const known = targets.get(link)
      if (known !== undefined) return known
      const [mode, index] = link.split('-')
      let node: unknown
      // A reference to nothing but a reference is followed here, where a circle of them can be told.
      for (let reference = pointers[Number(index)] ?? '', hops = 0; hops <= MAX_HOPS; hops++) {
        node = hops === MAX_HOPS ? undefined : resolvePointer(reference.slice(1))
        const next = stringMember(node, '$ref')
        if (next === undefined || !isObject(node) || Object.keys(node).length > 1 || !next.startsWith('#'))
          break
        reference = next
      }
      const target = convert(node, mode === 'request' ? 'request' : 'response')
      targets.set(link, target)
      return target
    },
    nameOf,
    usesReferences,
  }
}

/** The link of a schema that is nothing but one. */
export function linkOf(schema: Schema): string | undefined {
  return stringMember(schema, LINK) ?? stringMember(schema, '$ref')
}

function mentionsUnevaluated(root: JsonObject): boolean {
  const stack: unknown[] = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === null || typeof node !== 'object') continue
    if (Object.hasOwn(node, 'unevaluatedProperties') || Object.hasOwn(node, 'unevaluatedItems')) return true
    for (const child of Object.values(node))
      if (child !== null && typeof child === 'object') stack.push(child)
  }
  return false
}

function copyAnnotations(node: JsonObject, schema: Record<string, unknown>): void {
  for (const key of ANNOTATIONS) if (Object.hasOwn(node, key)) schema[key] = node[key]
  const single = ['example', 'x-example'].flatMap((key) => (Object.hasOwn(node, key) ? [node[key]] : []))
  const examples = [...single, ...arrayMember(node, 'examples')]
  if (examples.length > 0) schema.examples = examples
}

function copyTypes(node: JsonObject, schema: Record<string, unknown>): void {
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

function copyBounds(node: JsonObject, schema: Record<string, unknown>): void {
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
