// Which keys of a project the list shows.

import type { Key } from '../api.js'
import { concernsOf, statusOf } from './status.js'

export interface KeyFilter {
  readonly text: string
  /** An environment, or '' for all. */
  readonly environment: string
  readonly show: Show
}

const shows = {
  all: () => true,
  active: (key: Key, now: number) => ['active', 'ending'].includes(statusOf(key, now)),
  attention: (key: Key, now: number) => concernsOf(key, now).length > 0,
  expired: (key: Key, now: number) => statusOf(key, now) === 'expired',
  revoked: (key: Key, now: number) => ['revoked', 'rotated'].includes(statusOf(key, now)),
} satisfies Record<string, (key: Key, now: number) => boolean>

export type Show = keyof typeof shows

export const showNames: Readonly<Record<Show, string>> = {
  all: 'All keys',
  active: 'Active',
  attention: 'Needs attention',
  expired: 'Expired',
  revoked: 'Revoked or rotated',
}

export const noFilter: KeyFilter = { text: '', environment: '', show: 'all' }

export function applyFilter(keys: readonly Key[], filter: KeyFilter, now: number): readonly Key[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  return keys.filter((key) => {
    if (filter.environment !== '' && key.environment !== filter.environment) return false
    if (!shows[filter.show](key, now)) return false
    const text = `${key.label} ${key.hint} ${key.scopes.join(' ')}`.toLowerCase()
    // Also a whole key that somebody pasted: it holds its id. It goes nowhere from here.
    return words.every((word) => text.includes(word) || word.includes(key.id.toLowerCase()))
  })
}
