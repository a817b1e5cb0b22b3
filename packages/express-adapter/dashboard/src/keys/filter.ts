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

export const sortNames: Readonly<Record<Sort, string>> = {
  createdAt: 'Newest first',
  lastUsedAt: 'Last used first',
  label: 'By label',
  expiresAt: 'Expiring first',
}

export const noFilter: KeyFilter = { text: '', environment: '', show: 'all', sort: 'createdAt' }

export const isFiltered = ({ text, environment, show }: KeyFilter) =>
  text.trim() !== '' || environment !== '' || show !== 'all'

/** What the service is asked for. */
export function conditionsOf({ text, environment, show, sort }: KeyFilter): Conditions {
  const search = withoutSecret(text.trim()).slice(0, 255)
  const status = statuses[show]
  return {
    sort,
    ...(search !== '' && { search }),
    ...(environment !== '' && { environment }),
    ...(status !== undefined && { status }),
  }
}

/** Of the keys that the service has listed, those that are to be seen. */
export function shownOf(keys: readonly Key[], { show }: KeyFilter, now: number): readonly Key[] {
  return show === 'attention' ? keys.filter((key) => concernsOf(key, now).length > 0) : keys
}

// A whole key that somebody pasted: only its public part leaves the page, for addresses are logged.
function withoutSecret(text: string): string {
  return /[a-z][a-z0-9]*_[a-z][a-z0-9]*_[0-9A-Za-z]{12}(?=[0-9A-Za-z]{8})/.exec(text)?.[0] ?? text
}
