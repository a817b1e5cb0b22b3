// Which keys of a project the list shows: what the service is asked for, and what is left out of its answer here.

import type { ManagementPaths } from '@gosend/openapi'
import type { Key } from '../client.js'
import { concernsOf } from './status.js'

export interface KeyFilter {
  readonly text: string
  /** An environment, or '' for all. */
  readonly environment: string
  readonly show: Show
  readonly sort: Sort
  /** Default: the one that people mean by the sort, such as the newest first. */
  readonly order?: Order | undefined
}

type Conditions = NonNullable<ManagementPaths['/projects/{projectId}/keys']['get']['parameters']['query']>

const statuses = {
  all: undefined,
  active: 'active',
  attention: 'active',
  disabled: 'disabled',
  expired: 'expired',
  revoked: 'revoked',
} as const satisfies Record<string, Conditions['status']>

export type Show = keyof typeof statuses

export const shows = Object.keys(statuses) as Show[]

export type Sort = NonNullable<Conditions['sort']>
export type Order = NonNullable<Conditions['order']>

/** Each sort with its order, unless people turn it round. */
const orders: Readonly<Record<Sort, Order>> = {
  createdAt: 'desc',
  lastUsedAt: 'desc',
  label: 'asc',
  expiresAt: 'asc',
}

export const sorts = Object.keys(orders) as Sort[]

export const orderOf = ({ sort, order = orders[sort] }: KeyFilter): Order => order

/** The filter by another column; by the same one, the other way round. */
export function sortedBy(filter: KeyFilter, sort: Sort): KeyFilter {
  if (filter.sort !== sort) return { ...filter, sort, order: undefined }
  return { ...filter, order: orderOf(filter) === 'asc' ? 'desc' : 'asc' }
}

export const noFilter: KeyFilter = { text: '', environment: '', show: 'all', sort: 'createdAt' }

export const isFiltered = ({ text, environment, show }: KeyFilter) =>
  text.trim() !== '' || environment !== '' || show !== 'all'

/** What the service is asked for. */
export function conditionsOf({ text, environment, show, sort, order }: KeyFilter): Conditions {
  const search = searchOf(text)
  const status = statuses[show]
  return {
    sort,
    ...(order !== undefined && { order }),
    ...(search !== '' && { search }),
    ...(environment !== '' && { environment }),
    ...(status !== undefined && { status }),
  }
}

/** Of the keys that the service has listed, those that are to be seen. */
export function shownOf(keys: readonly Key[], { show }: KeyFilter, now: number): readonly Key[] {
  return show === 'attention' ? keys.filter((key) => concernsOf(key, now).length > 0) : keys
}

/** What is searched for when people have typed this. */
export const searchOf = (text: string) => withoutSecret(text.trim()).slice(0, 255)

/** The filter as it stands in the address, so that it can be shared and comes back with it. Never a whole key. */
export function queryOf({ text, environment, show, sort, order }: KeyFilter): string {
  const isTurned = order !== undefined && order !== orders[sort]
  const query = new URLSearchParams({
    search: searchOf(text),
    environment,
    status: show === noFilter.show ? '' : show,
    sort: sort === noFilter.sort ? '' : sort,
    order: isTurned ? order : '',
  })
  for (const [name, value] of [...query]) if (value === '') query.delete(name)
  return query.toString()
}

/** What an address asks for, as far as there is such a thing. */
export function filterIn(query: string): KeyFilter {
  const given = new URLSearchParams(query)
  const [show, sort, order] = ['status', 'sort', 'order'].map((name) => given.get(name) ?? '')
  return {
    text: given.get('search') ?? '',
    environment: given.get('environment') ?? '',
    show: shows.find((one) => one === show) ?? noFilter.show,
    sort: sorts.find((one) => one === sort) ?? noFilter.sort,
    ...(order === 'asc' || order === 'desc' ? { order } : {}),
  }
}

// A whole key that somebody pasted: only its public part leaves the page, for addresses are logged.
function withoutSecret(text: string): string {
  return /[a-z][a-z0-9]*_[a-z][a-z0-9]*_[0-9A-Za-z]{12}(?=[0-9A-Za-z]{8})/.exec(text)?.[0] ?? text
}
