// How a parameter is written: the undecoded text of its `style`, `explode` and `content`, as a string, a list or an object.

import type { Parameter } from '../document/operation.js'
import { member, setMember, stringMember } from '../json.js'
import type { Shape } from '../schema/shape.js'
import { decodeText, type Pair, parsePairs, putBracketed } from './pairs.js'

export interface RawParameters {
  readonly path: Readonly<Record<string, string>>
  /** Without the question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What is known of a parameter before it is read. */
export interface Wanted {
  readonly parameter: Parameter
  readonly types: ReadonlySet<string> | undefined
  readonly shape: Shape
  /** The names of the operation's parameters. */
  readonly others: ReadonlySet<string>
}

/** A request's query and cookies, taken apart once for all parameters. */
export interface Sent {
  readonly raw: RawParameters
  readonly pairs: readonly Pair[]
  readonly cookies: ReadonlyMap<string, string>
}

/**
 * The undecoded parameter in each way that it can be read, the most likely first: a string, a list of strings, or an
 * object of them; none when it was not sent.
 */
export function candidatesOf(wanted: Wanted, sent: Sent): readonly unknown[] {
  const { parameter } = wanted
  if (parameter.in === 'query')
    return parameter.isWholeQuery
      ? wholeQuery(parameter, sent.raw.query)
      : fromQuery(parameter, wanted, sent.pairs)
  const text = TEXTS[parameter.in](parameter, sent)
  return text === undefined ? [] : [simple(text, wanted, parameter)]
}

/** The one text that a parameter has outside the query. */
const TEXTS: Readonly<
  Record<Exclude<Parameter['in'], 'query'>, (parameter: Parameter, sent: Sent) => string | undefined>
> = {
  path: (parameter, { raw }) => {
    const text = stringMember(raw.path, parameter.name)
    return text === undefined ? undefined : unprefix(text, parameter)
  },
  header: ({ name }, { raw: { headers } }) => {
    const field = name.toLowerCase()
    const value = Object.hasOwn(headers, field) ? headers[field] : undefined
    return value === undefined ? undefined : [value].flat().join(', ')
  },
  cookie: ({ name }, { cookies }) => cookies.get(name),
}

/** All of the query as one value (OpenAPI 3.2, section 4.12.2.3). */
function wholeQuery({ contentType = '', required }: Parameter, query: string): readonly unknown[] {
  if (!FORM_TYPE.test(contentType)) return query === '' ? [] : [decodeText(query)]
  const pairs = parsePairs(query) ?? []
  const tree = {}
  for (const [name, value] of pairs) putBracketed(tree, name, value)
  return pairs.length > 0 || required ? [tree] : []
}

const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i

const wants = ({ types, parameter }: Wanted, type: string): boolean =>
  types?.has(type) === true && !types.has('string') && parameter.contentType === undefined

/** Takes the marks of the `label` and `matrix` styles away: what is left reads as `simple`. */
function unprefix(text: string, { style, name, explode }: Parameter): string {
  if (style === 'label' && text.startsWith('.'))
    return explode ? text.slice(1).replaceAll('.', ',') : text.slice(1)
  if (style !== 'matrix' || !text.startsWith(';')) return text
  const parts = text.slice(1).split(';')
  return parts.map((part) => (part.startsWith(`${name}=`) ? part.slice(name.length + 1) : part)).join(',')
}

function simple(text: string, wanted: Wanted, { explode, in: place }: Parameter): unknown {
  const trim = (part: string) => (place === 'header' ? part.trim() : part)
  if (wants(wanted, 'array')) return text === '' ? [] : text.split(',').map(trim)
  if (!wants(wanted, 'object')) return text
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

function fromQuery(parameter: Parameter, wanted: Wanted, pairs: readonly Pair[]): readonly unknown[] {
  const { style, explode } = parameter
  // Some documents write the brackets of a list into its name, and some clients leave them out, or the other way round.
  const name = parameter.name.replace(/\[\]$/, '')
  const own = pairs.filter(([key]) => key === parameter.name || key === name)
  if (own.length > 0) return fromValues(wanted, own)
  const tree = isStructured(wanted) || style === 'deepObject' ? treeBelow(name, pairs) : undefined
  if (tree !== undefined) return [tree]
  return wants(wanted, 'object') && explode && style === 'form' ? fromMembers(wanted, pairs) : []
}

const isStructured = ({ types }: Wanted): boolean =>
  types?.has('array') === true || types?.has('object') === true

/** What `name[…]` spell together. */
function treeBelow(name: string, pairs: readonly Pair[]): unknown {
  const tree: Record<string, unknown> = {}
  for (const [key, value] of pairs) if (key.startsWith(`${name}[`)) putBracketed(tree, key, value)
  return member(tree, name)
}

/** An object whose members are parameters by themselves. One of unlisted members takes what no other parameter claims. */
function fromMembers({ shape, others }: Wanted, pairs: readonly Pair[]): readonly unknown[] {
  const isOwn = (key: string) => (shape.properties.size > 0 ? shape.properties.has(key) : !others.has(key))
  const named = pairs.filter(([key]) => isOwn(key))
  return named.length === 0 ? [] : [objectFrom(named.map(([key, value]) => [key, value]))]
}

function fromValues(wanted: Wanted, own: readonly Pair[]): readonly unknown[] {
  const { types, parameter } = wanted
  const [, last, raw] = own.at(-1) ?? ['', '', '']
  if (parameter.contentType !== undefined) return [last]
  if (types?.has('array') === true) return listsOf(wanted, own)
  if (wants(wanted, 'object') && !parameter.explode)
    return [objectFrom(inPairs(raw.split(',').map(decodeText))), last]
  return [last]
}

/** A list may be sent as several parameters, in one with separators, or as JSON, whatever its style says. */
function listsOf(wanted: Wanted, own: readonly Pair[]): readonly unknown[] {
  const { style, explode } = wanted.parameter
  const values = own.map(([, value]) => value)
  const [, last, raw] = own.at(-1) ?? ['', '', '']
  if (values.length > 1) return [values, last]
  const parts = raw === '' ? [] : raw.split(separatorOf(style)).map(decodeText)
  // URL libraries encode the separators as well.
  const decoded = last.split(separatorOf(style))
  // Of a list that may be a single value as well, one is the value itself.
  const isList = wants(wanted, 'array') && !SCALARS.some((type) => wanted.types?.has(type))
  if (isList) return explode ? [values, parts, decoded, last] : [parts, decoded, values, last]
  return explode ? [last, values, parts, decoded] : [last, parts, values, decoded]
}

const SCALARS = ['integer', 'number', 'boolean'] as const
