// What the query parameters of an operation ask of a list: what their hints say, else what conventions.ts knows of their
// names.

import { QUERY_MEANINGS } from '../engine/document/hints.js'
import type { Operation, Parameter } from '../engine/document/operation.js'
import { normalizeName } from '../engine/json.js'
import { type QueryMeaning, queryMeaning } from './conventions.js'

export interface QueryNames {
  /** Undefined for a filter, and for what asks nothing of a list. */
  meaningOf(name: string): QueryMeaning | undefined
  isIgnored(name: string): boolean
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
const isParameterOfQuery = ({ in: place }: Parameter): boolean => place === 'query'

/** Lists are often named with brackets, which requests may leave out. */
const plain = (name: string): string => name.replace(/\[\]$/, '')

function readNames(operation: Operation): QueryNames {
  const hints = new Map<string, unknown>()
  const filters = new Map<string, readonly string[]>()
  for (const { name, raw } of operation.parameters().filter(isParameterOfQuery)) {
    if (typeof raw['x-mock-query'] === 'string') hints.set(plain(name), raw['x-mock-query'])
    const filter = raw['x-mock-filter']
    if (typeof filter === 'string' && filter !== '')
      filters.set(plain(name), filter.split('.').map(normalizeName))
  }
  const meaningOf: QueryNames['meaningOf'] = (name) => {
    const own = plain(name)
    const hint = hints.get(own)
    if (filters.has(own) || hint === 'ignore') return undefined
    return isMeaning(hint) ? hint : queryMeaning(name)
  }
  const declared = new Map(operation.parameters().map(({ name }) => [name, meaningOf(name)]))
  return {
    meaningOf: (name) => (declared.has(name) ? declared.get(name) : meaningOf(name)),
    isIgnored: (name) => hints.get(plain(name)) === 'ignore',
    filterOf: (name) => filters.get(plain(name)),
  }
}
