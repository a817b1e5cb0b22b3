// Reads path, query, header and cookie parameters the way their `style`, `explode` and `content` say, into the types
// that their schemas ask for, and validates them.

import { isDeepStrictEqual } from 'node:util'
import type { Operation, Parameter } from '../document/operation.js'
import { isObject, member, setMember, stringMember } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { flattened, possibleTypes, type Shape } from '../schema/shape.js'
import type { SchemaError, Validation, Validator } from '../schema/validation.js'
import { isJsonType } from './media-types.js'
import type { ParameterValues } from './parameter-values.js'
import { examplesOf } from './shown.js'
import { type Violation, violationOf } from './violations.js'

export interface RawParameters {
  readonly path: Readonly<Record<string, string>>
  /** Without the question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

export interface ParameterDecoder {
  decode(
    operation: Operation,
    raw: RawParameters,
  ): {
    readonly values: ParameterValues
    /** The query parameters that nobody sent, and that have their defaults. */
    readonly assumed: ReadonlySet<string>
    readonly violations: readonly Violation[]
  }
}

/** More pairs than this are refused unread. */
const MAX_QUERY_PAIRS = 1_000
const MAX_BRACKET_DEPTH = 8
// OpenAPI reserves these: they are described elsewhere in the document.
const RESERVED_HEADERS = new Set(['accept', 'content-type', 'authorization'])

interface Plan {
  readonly parameter: Parameter
  readonly schema: Schema
  readonly validator: Validator
  readonly types: ReadonlySet<string> | undefined
  readonly shape: Shape
  readonly fallback: unknown
  /** The names of the operation's parameters. */
  readonly others: ReadonlySet<string>
}

export function createParameterDecoder(schemas: Schemas, validation: Validation): ParameterDecoder {
  const plans = new WeakMap<Operation, readonly Plan[]>()
  const coercion = createCoercion(schemas, validation)
  const planOf = (parameter: Parameter, others: ReadonlySet<string>): Plan => {
    const schema = schemas.convert(parameter.schema ?? {}, 'request')
    const shape = flattened(schemas, schema)
    const types = possibleTypes(schemas, schema)
    return {
      parameter,
      schema,
      shape,
      types,
      validator: validation.ofSchema(schema),
      fallback: shape.defaults[0],
      others,
    }
  }

  const read = ({ parameter, schema, validator }: Plan, sent: unknown): Reading => {
    if (sent === '' && parameter.allowEmptyValue) return { sent, value: sent, errors: [] }
    const value = isJsonText(parameter) ? parseContent(sent) : coercion(sent, schema)
    const errors = value === INVALID ? [] : validator(value)
    return { sent, value, errors: errors.length > 0 && isShown(parameter, value) ? [] : errors }
  }

  const isShown = (parameter: Parameter, value: unknown): boolean =>
    examplesOf(schemas, parameter).some((example) => isDeepStrictEqual(example, value))

  /** Of several ways to read what was sent, the first that is valid, or else the first. */
  const readBest = (plan: Plan, candidates: readonly unknown[]): Reading | undefined => {
    const [first, ...others] = candidates
    if (first === undefined) return undefined
    const own = read(plan, first)
    if (own.errors.length === 0) return own
    return others.map((other) => read(plan, other)).find(({ errors }) => errors.length === 0) ?? own
  }

  return {
    decode(operation, raw) {
      let known = plans.get(operation)
      if (known === undefined) {
        known = operation
          .parameters()
          .filter(({ name, in: place }) => place !== 'header' || !RESERVED_HEADERS.has(name.toLowerCase()))
          .map((parameter) => planOf(parameter, new Set(operation.parameters().map(({ name }) => name))))
        plans.set(operation, known)
      }
      const values = { path: {}, query: {}, header: {}, cookie: {} }
      const assumed = new Set<string>()
      const violations: Violation[] = []
      const pairs = parseQuery(raw.query)
      if (pairs === undefined) {
        violations.push({ in: 'query', location: '', message: `has more than ${MAX_QUERY_PAIRS} parameters` })
        return { values, assumed, violations }
      }
      const deep = pairs.find(
        ([name]) => name.split('[', MAX_BRACKET_DEPTH + 2).length > MAX_BRACKET_DEPTH + 1,
      )
      if (deep !== undefined)
        violations.push({ in: 'query', location: deep[0].slice(0, 40), message: 'nests too deeply' })
      const cookies = parseCookies(raw.headers.cookie)
      for (const plan of known) {
        const { parameter } = plan
        const { name, in: place } = parameter
        const candidates = locate(parameter, plan, raw, pairs, cookies)
        const read = readBest(plan, candidates.length > 0 ? candidates : nothingOf(plan))
        if (read === undefined || isUnset(plan, read)) {
          if (parameter.required)
            violations.push({ in: place, location: name, message: 'is required', keyword: 'required' })
          else if (plan.fallback !== undefined) {
            setMember(values[place], name, plan.fallback)
            if (place === 'query') assumed.add(name)
          }
          continue
        }
        if (read.value === INVALID) {
          violations.push({ in: place, location: name, message: 'is not valid JSON' })
          continue
        }
        // Members of the whole query are found by their own names, as any of its parameters.
        const isWhole = parameter.isWholeQuery && isObject(read.value)
        for (const [own, value] of isWhole ? Object.entries(read.value) : [[name, read.value] as const])
          setMember(values[place], own, value)
        for (const error of read.errors) {
          const root = parameter.isWholeQuery ? '' : name
          violations.push({ ...violationOf(place, root, error), sent: read.sent })
        }
      }
      return { values, assumed, violations }
    },
  }
}

/** Content of one parameter is JSON, whatever its media type is called. */
const isJsonText = ({ contentType, isWholeQuery }: Parameter): boolean =>
  contentType !== undefined && (!isWholeQuery || isJsonType(contentType))

const INVALID = Symbol('invalid')

/** A parameter as it was sent, and what it is taken for. */
interface Reading {
  readonly sent: unknown
  readonly value: unknown
  readonly errors: readonly SchemaError[]
}

/** `?limit=` is how forms and some clients send a number that nobody entered. */
const isUnset = ({ parameter, types }: Plan, { sent, errors }: Reading): boolean =>
  errors.length > 0 && !parameter.required && types?.has('string') === false && [sent].flat().join('') === ''

/** An object whose members are parameters by themselves is there when none of them is, only empty. */
function nothingOf({ parameter, types }: Plan): readonly unknown[] {
  const isSpread = parameter.in === 'query' && parameter.style === 'form' && parameter.explode
  const isObjectOnly = types?.size === 1 && types.has('object')
  return isSpread && isObjectOnly && parameter.required && parameter.contentType === undefined ? [{}] : []
}

function parseContent(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : text
  } catch {
    return INVALID
  }
}

type Pair = readonly [name: string, value: string, rawValue: string]

function parseQuery(query: string): readonly Pair[] | undefined {
  if (query === '') return []
  // Counted before anything is split.
  let count = 1
  for (let at = query.indexOf('&'); at >= 0; at = query.indexOf('&', at + 1))
    if (++count > MAX_QUERY_PAIRS) return undefined
  return query
    .split('&')
    .filter(Boolean)
    .map((pair) => {
      const equals = pair.indexOf('=')
      const raw = equals < 0 ? '' : pair.slice(equals + 1)
      return [decodeText(equals < 0 ? pair : pair.slice(0, equals)), decodeText(raw), raw] as const
    })
}

/** Percent-decoding that leaves alone what is not encoded properly. */
export function decodeText(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

function parseCookies(header: string | readonly string[] | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  if (header === undefined) return cookies
  for (const pair of [header].flat().join(';').split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0) cookies.set(pair.slice(0, equals).trim(), decodeText(pair.slice(equals + 1).trim()))
  }
  return cookies
}

/**
 * The undecoded parameter in each way that it can be read, the most likely first: a string, a list of strings, or an
 * object of them; none when it was not sent.
 */
function locate(
  parameter: Parameter,
  plan: Plan,
  raw: RawParameters,
  pairs: readonly Pair[],
  cookies: ReadonlyMap<string, string>,
): readonly unknown[] {
  const { name } = parameter
  switch (parameter.in) {
    case 'path': {
      const text = stringMember(raw.path, name)
      return text === undefined ? [] : [simple(unprefix(text, parameter), plan, parameter)]
    }
    case 'header': {
      const field = name.toLowerCase()
      const header = Object.hasOwn(raw.headers, field) ? raw.headers[field] : undefined
      return header === undefined ? [] : [simple([header].flat().join(', '), plan, parameter)]
    }
    case 'cookie': {
      const text = cookies.get(name)
      return text === undefined ? [] : [simple(text, plan, parameter)]
    }
    default:
      return parameter.isWholeQuery ? wholeQuery(parameter, raw.query) : fromQuery(parameter, plan, pairs)
  }
}

/** All of the query as one value (OpenAPI 3.2, section 4.12.2.3). */
function wholeQuery({ contentType = '', required }: Parameter, query: string): readonly unknown[] {
  if (!FORM_TYPE.test(contentType)) return query === '' ? [] : [decodeText(query)]
  const pairs = parseQuery(query) ?? []
  const tree = {}
  for (const [name, value] of pairs) putBracketed(tree, name, value)
  return pairs.length > 0 || required ? [tree] : []
}

const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i

const wants = (plan: Plan, type: string): boolean =>
  plan.types?.has(type) === true && !plan.types.has('string') && plan.parameter.contentType === undefined

/** Takes the marks of the `label` and `matrix` styles away: what is left reads as `simple`. */
function unprefix(text: string, { style, name, explode }: Parameter): string {
  if (style === 'label' && text.startsWith('.'))
    return explode ? text.slice(1).replaceAll('.', ',') : text.slice(1)
  if (style !== 'matrix' || !text.startsWith(';')) return text
  const parts = text.slice(1).split(';')
  return parts.map((part) => (part.startsWith(`${name}=`) ? part.slice(name.length + 1) : part)).join(',')
}

function simple(text: string, plan: Plan, { explode, in: place }: Parameter): unknown {
  const trim = (part: string) => (place === 'header' ? part.trim() : part)
  if (wants(plan, 'array')) return text === '' ? [] : text.split(',').map(trim)
  if (!wants(plan, 'object')) return text
  return explode
    ? objectFrom(text.split(',').map((part) => halves(part, '=')))
    : objectFrom(inPairs(text.split(',')))
}

const halves = (text: string, separator: string): [string, string] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
const inPairs = (parts: readonly string[]): [string, string][] =>
  parts.flatMap((part, i) => (i % 2 === 0 ? [[part, parts[i + 1] ?? ''] as [string, string]] : []))

function objectFrom(entries: readonly (readonly [string, unknown])[]): object {
  const object = {}
  for (const [name, value] of entries) setMember(object, name, value)
  return object
}

const SEPARATORS: ReadonlyMap<string, RegExp> = new Map([
  ['form', /,/],
  ['spaceDelimited', /%20|\+| /],
  ['pipeDelimited', /\||%7C/i],
  ['tabDelimited', /%09|\t/],
])

/** What is between the items of a list in one value. */
export const separatorOf = (style: string): RegExp => SEPARATORS.get(style) ?? /,/

function fromQuery(parameter: Parameter, plan: Plan, pairs: readonly Pair[]): readonly unknown[] {
  const { style, explode } = parameter
  // Some documents write the brackets of a list into its name, and some clients leave them out, or the other way round.
  const name = parameter.name.replace(/\[\]$/, '')
  const own = pairs.filter(([key]) => key === parameter.name || key === name)
  if (own.length > 0) return fromValues(parameter, plan, own)
  const isStructured = plan.types?.has('array') === true || plan.types?.has('object') === true
  const bracketed = pairs.filter(([key]) => key.startsWith(`${name}[`))
  if (bracketed.length > 0 && (isStructured || style === 'deepObject')) {
    const tree = {}
    for (const [key, value] of bracketed) putBracketed(tree, key, value)
    return [(tree as Record<string, unknown>)[name]]
  }
  if (!wants(plan, 'object') || !explode || style !== 'form') return []
  // An object of unlisted members takes what no other parameter claims.
  const named = pairs.filter(([key]) =>
    plan.shape.properties.size > 0 ? plan.shape.properties.has(key) : !plan.others.has(key),
  )
  return named.length === 0 ? [] : [objectFrom(named.map(([key, value]) => [key, value]))]
}

/** A list may be sent as several parameters, in one with separators, or as JSON, whatever its style says. */
function fromValues({ style, explode }: Parameter, plan: Plan, own: readonly Pair[]): readonly unknown[] {
  const { types, parameter } = plan
  const values = own.map(([, value]) => value)
  const last = values.at(-1)
  const raw = own.at(-1)?.[2] ?? ''
  if (parameter.contentType !== undefined) return [last]
  if (types?.has('array') === true) {
    if (values.length > 1) return [values, last]
    const parts = raw === '' ? [] : raw.split(separatorOf(style)).map(decodeText)
    // Of a list that may be a single value as well, one is the value itself.
    const isList = wants(plan, 'array') && !SCALARS.some((type) => types.has(type))
    // URL libraries encode the separators as well.
    const decoded = last?.split(separatorOf(style))
    if (!isList) return explode ? [last, values, parts, decoded] : [last, parts, values, decoded]
    return explode ? [values, parts, decoded, last] : [parts, decoded, values, last]
  }
  if (wants(plan, 'object') && !explode) return [objectFrom(inPairs(raw.split(',').map(decodeText))), last]
  return [last]
}

const SCALARS = ['integer', 'number', 'boolean'] as const

/**
 * Puts `a[b][0]=v` and `a[]=v` at their place in a tree; indexes make lists. Deeper nesting than eight levels stays
 * in the name.
 */
export function putBracketed(tree: object, key: string, value: unknown): void {
  const open = key.indexOf('[')
  const inner = open <= 0 || !key.endsWith(']') ? [] : key.slice(open + 1, -1).split('][')
  if (inner.length === 0 || inner.length > MAX_BRACKET_DEPTH) {
    put(tree, key, value)
    return
  }
  let at: Record<string, unknown> | unknown[] = tree as Record<string, unknown>
  let name = key.slice(0, open)
  for (const part of inner) {
    const isIndex = part === '' || /^\d{1,4}$/.test(part)
    const existing: unknown = Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : undefined
    const next = existing !== null && typeof existing === 'object' ? existing : isIndex ? [] : {}
    if (next !== existing) setMember(at, name, next)
    at = next as Record<string, unknown> | unknown[]
    if (!Array.isArray(at)) name = part
    else if (part === '') name = String(at.length)
    else name = String(Math.min(Number(part), at.length))
  }
  if (Array.isArray(at) && Number(name) < at.length) at.push(value)
  else put(at, name, value)
}

/** Names that are repeated make a list. */
function put(target: object, name: string, value: unknown): void {
  const known = member(target, name)
  if (!Array.isArray(known)) setMember(target, name, known === undefined ? value : [known, value].flat())
  else if (Array.isArray(value)) for (const item of value) known.push(item)
  else known.push(value)
}

export type Coercion = (value: unknown, schema: Schema, depth?: number) => unknown

/** Turns text into the types that a schema asks for, in lists and objects too; what does not fit stays text. */
export function createCoercion(schemas: Schemas, validation: Validation): Coercion {
  const coerce: Coercion = (value, schema, depth = 0) => {
    if (schema === true || depth > MAX_BRACKET_DEPTH) return value
    if (typeof value === 'string')
      return coerceText(value, possibleTypes(schemas, schema), schema, validation)
    if (Array.isArray(value)) {
      const { items, prefixItems } = flattened(schemas, schema)
      const ofItem = items.length === 1 ? (items[0] ?? true) : { allOf: items }
      return value.map((item, i) => coerce(item, prefixItems[i] ?? ofItem, depth + 1))
    }
    if (!isObject(value)) return value
    const shape = flattened(schemas, schema)
    const object = {}
    for (const [name, child] of Object.entries(value)) {
      const own = shape.properties.get(name) ?? shape.nameRules.map(({ others }) => others).filter(isObject)
      const ofChild = own.length === 1 ? (own[0] ?? true) : own.length === 0 ? true : { allOf: own }
      setMember(object, name, coerceMember(child, ofChild, depth + 1))
    }
    return object
  }

  /** A form sends a list of one like a single value; and some clients send a whole list as one, with commas. */
  const coerceMember = (child: unknown, schema: Schema, depth: number): unknown => {
    const types = typeof child === 'string' ? possibleTypes(schemas, schema) : undefined
    if (typeof child !== 'string' || types?.has('array') !== true || types.has('string'))
      return coerce(child, schema, depth)
    const fits = (value: unknown) => validation.ofSchema(schema)(value).length === 0
    const [first, ...others] = [[child], child, child.split(',')].map((one) => coerce(one, schema, depth))
    return fits(first) ? first : (others.find(fits) ?? first)
  }
  return coerce
}

function coerceText(
  text: string,
  types: ReadonlySet<string> | undefined,
  schema: Schema,
  validation: Validation,
): unknown {
  if (types === undefined) return text
  const candidates: unknown[] = []
  if ((types.has('integer') || types.has('number')) && NUMBER.test(text)) {
    candidates.push(Number(text))
  }
  const flag = types.has('boolean') ? FLAGS.get(text.toLowerCase()) : undefined
  if (flag !== undefined) candidates.push(flag)
  if (types.has('null') && (text === 'null' || text === '')) candidates.push(null)
  if ((types.has('object') || types.has('array')) && /^[[{]/.test(text)) {
    const parsed = parseContent(text)
    if (parsed !== INVALID) candidates.push(parsed)
  }
  if (candidates.length === 0) return text
  if (!types.has('string')) return candidates[0]
  return (
    [text, ...candidates].find((candidate) => validation.ofSchema(schema)(candidate).length === 0) ?? text
  )
}

const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/
/** Languages write them in their own ways: Python has `True`, PHP has 1. */
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
])
