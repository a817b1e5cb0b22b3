// What the query parameters of an operation ask of a list: what their hints say, else what conventions/lists.ts knows of their
// names.

import { QUERY_MEANINGS } from '../../engine/document/hints.js'
import { type Operation, type Parameter, queryParameters } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { shapeOf } from '../../engine/schema/shape.js'
import { type QueryMeaning, queryMeaning } from '../conventions/lists.js'

export interface QueryNames {
  /** Undefined for a filter, and for what asks nothing of a list. */
  meaningOf(name: string): QueryMeaning | undefined
  isIgnored(name: string): boolean
  /** Whether a filter is said to be content with a part of a text. */
  isPartial(name: string): boolean
  /** The members that lead to what a filter compares, normalised, where a hint names them. */
  filterOf(name: string): readonly string[] | undefined
}

const known = new WeakMap<Operation, QueryNames>()

export function queryNamesOf(operation: Operation): QueryNames {
  const names = known.get(operation) ?? readNames(operation)
  known.set(operation, names)
  return names
}

const isMeaning = (hint: unknown): hint is QueryMeaning =>
  (QUERY_MEANINGS as readonly unknown[]).includes(hint)

/** How descriptions say so: Modern Treasury, Lithic, Keycloak. */
const PARTIAL_SENTENCE =
  /\bpartial(?:ly)? (?:string )?match|\bmatch(?:es|ing)? (?:any )?part|\b(?:name|title|email|text|value|string)s? contain|\bsubstring\b/i

/** Names that say of a page only what they do beside another one. */
const PAIRS: readonly (readonly [readonly [string, QueryMeaning], readonly [string, QueryMeaning]])[] = [
  // Keycloak, JPA.
  [
    ['first', 'offset'],
    ['max', 'size'],
  ],
  // Gusto, Vapor's Fluent.
  [
    ['page', 'number'],
    ['per', 'size'],
  ],
]

function inPairs(parameters: readonly Parameter[]): ReadonlyMap<string, QueryMeaning> {
  const named = (wanted: string): string | undefined =>
    parameters.find(({ name }) => normalizeName(name) === wanted)?.name
  return new Map(
    PAIRS.flatMap((pair) => {
      const found = pair.flatMap(([wanted, meaning]) => {
        const name = named(wanted)
        return name === undefined ? [] : [[name, meaning] as const]
      })
      return found.length === pair.length ? found : []
    }),
  )
}

/** How descriptions say that a switch shows more of each thing, and hides none: PowerDNS, GitLab, Harbor. */
const SHOWING_SENTENCE =
  /\b(?:includ|return|show|embed|expand|populat|load|add)(?:e|es|ed|ing|s|ded)?\b[^.]{0,60}\b(?:fields?|details?|information|members?|properties|attributes|objects?|responses?|counts?|relations?)\b/i

const isShowing = ({ schema, raw }: Parameter): boolean =>
  isObject(schema) && schema.type === 'boolean' && SHOWING_SENTENCE.test(String(raw.description ?? ''))

/** Lists are often named with brackets, which requests may leave out. */
const plain = (name: string): string => name.replace(/\[\]$/, '')

function readNames(operation: Operation): QueryNames {
  const hints = new Map<string, unknown>()
  const filters = new Map<string, readonly string[]>()
  for (const { name, raw } of queryParameters(operation)) {
    if (typeof raw['x-mock-query'] === 'string') hints.set(plain(name), raw['x-mock-query'])
    const filter = raw['x-mock-filter']
    if (typeof filter === 'string' && filter !== '')
      filters.set(plain(name), filter.split('.').map(normalizeName))
  }
  const partial = new Set(
    queryParameters(operation).flatMap(({ name, raw }) =>
      PARTIAL_SENTENCE.test(String(raw.description ?? '')) ? [plain(name)] : [],
    ),
  )
  const beside = inPairs(queryParameters(operation))
  const showing = new Set(
    queryParameters(operation)
      .filter(isShowing)
      .map(({ name }) => plain(name)),
  )
  const meaningOf: QueryNames['meaningOf'] = (name) => {
    const own = plain(name)
    const hint = hints.get(own)
    if (filters.has(own) || hint === 'ignore') return undefined
    return isMeaning(hint) ? hint : (beside.get(own) ?? queryMeaning(name))
  }
  const declared = new Map(
    [...operation.parameters(), ...queryParameters(operation)].map(({ name }) => [name, meaningOf(name)]),
  )
  return {
    meaningOf: (name) => (declared.has(name) ? declared.get(name) : meaningOf(name)),
    isIgnored: (name) => hints.get(plain(name)) === 'ignore' || showing.has(plain(name)),
    isPartial: (name) => partial.has(plain(name)),
    filterOf: (name) => filters.get(plain(name)),
  }
}

/** One name that a query may have, with the parameter that describes it. */
export interface QueryField {
  readonly name: string
  readonly parameter: Parameter
  readonly schema: unknown
}

const fields = new WeakMap<Operation, readonly QueryField[]>()

/** The names that a query may have: an object that is written member by member, as Spring's `pageable` is, has several. */
export function fieldsOf(operation: Operation, schemas: Schemas): readonly QueryField[] {
  const own =
    fields.get(operation) ??
    queryParameters(operation).flatMap((parameter): readonly QueryField[] => {
      const { name, schema } = parameter
      const members = membersOf(parameter, schemas)
      return members.length === 0 ? [{ name, parameter, schema }] : members
    })
  fields.set(operation, own)
  return own
}

function membersOf(parameter: Parameter, schemas: Schemas): readonly QueryField[] {
  const { name, contentType, isWholeQuery, schema, style } = parameter
  if (contentType !== undefined || isWholeQuery || !(isSpread(parameter) || style === 'deepObject')) return []
  const { properties } = shapeOf(schemas, [schemas.convert(schema ?? {}, 'request')])
  return [...properties].map(([key, [own]]) => ({
    ...{ parameter, schema: own },
    name: style === 'deepObject' ? `${name}[${key}]` : key,
  }))
}

/** What says which page is wanted. */
export const PLACES: ReadonlySet<QueryMeaning | undefined> = new Set<QueryMeaning>([
  'number',
  'offset',
  'token',
  'after',
])

/** Which page an address asks for by names that the document does not describe: its clients may know them from links. */
export function undescribedPage(
  operation: Operation,
  target: string | undefined,
): Record<string, string> | undefined {
  if (target?.includes('?') !== true) return undefined
  const [, query = ''] = target.split('?')
  const { meaningOf } = queryNamesOf(operation)
  const described = operation.parameters().filter(({ in: place }) => place === 'query')
  const isDescribed = (name: string) =>
    described.some((one) => one.isWholeQuery || plain(one.name) === plain(name))
  return Object.fromEntries(
    [...new URLSearchParams(query)].filter(([name]) => {
      const meaning = meaningOf(name)
      return (PLACES.has(meaning) || meaning === 'size') && !isDescribed(name)
    }),
  )
}

/** Whether an object stands in the query as its members. */
export const isSpread = ({ in: place, style, explode, contentType }: Parameter): boolean =>
  place === 'query' && style === 'form' && explode && contentType === undefined
