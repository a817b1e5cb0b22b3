// How keys are sorted and searched, the same in every store: what a store cannot compute by itself is computed here.

import { OptionError, text } from '@gosend/options'
import type { KeyQuery, KeySort, StoredKey } from './store.js'

/** Before every time that a key can have been used at. */
export const NEVER_USED = Number.MIN_SAFE_INTEGER
/** After every time that a key can expire at. */
export const NEVER_EXPIRES = Number.MAX_SAFE_INTEGER

const sortValues: Readonly<Record<KeySort, (row: StoredKey) => number | string>> = {
  createdAt: ({ createdAt }) => createdAt,
  lastUsedAt: ({ lastUsedAt }) => lastUsedAt ?? NEVER_USED,
  label: ({ label }) => foldLabel(label),
  expiresAt: ({ expiresAt }) => expiresAt ?? NEVER_EXPIRES,
}

/** What a row is sorted by: numbers in their order, strings in that of their code points. */
export function sortValueOf(row: StoredKey, sort: KeySort): number | string {
  if (typeof row?.id !== 'string') throw new OptionError('row', 'must be a row of a key')
  if (!Object.hasOwn(sortValues, text(sort, 'sort'))) {
    throw new OptionError('sort', `must be one of ${Object.keys(sortValues).join(', ')}`)
  }
  return sortValues[sort](row)
}

/** Where a row is in a list. */
export type Place = NonNullable<KeyQuery['after']>

/** Compares two places of one list in its ascending order. */
export function comparePlaces(a: Place, b: Place): number {
  return compareValues(a.value, b.value) || compareValues(a.id, b.id)
}

// Databases compare text by its bytes in UTF-8, which is by code points; `<` would go by halves of surrogate pairs.
function compareValues(a: number | string, b: number | string): number {
  return typeof a === 'number' || typeof b === 'number'
    ? Number(a) - Number(b)
    : Buffer.compare(Buffer.from(a), Buffer.from(b))
}

const MAX_FOLDED = 256

/**
 * A label without what searching and sorting pass over: upper case, and other ways to write the same characters. At most
 * 256 characters.
 */
export function foldLabel(label: string): string {
  const folded = text(label, 'label').normalize('NFKC').toLowerCase().normalize('NFKC')
  // Single characters can become many, and cursors have to fit into an address.
  return folded.length <= MAX_FOLDED ? folded : [...folded].slice(0, MAX_FOLDED).join('')
}
