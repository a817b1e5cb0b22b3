// How keys are sorted and searched, the same in every store: what a store cannot compute by itself is computed here.

import { OptionError, text } from '@gosend/options'
import type { KeySort, StoredKey } from './store.js'

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
