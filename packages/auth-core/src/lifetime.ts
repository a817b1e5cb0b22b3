// How long keys live: the expiry that a new key gets, the latest that it may have, and how long it may go unused.

import { type OptionTable, wholeNumber } from '@gosend/options'
import { invalid } from './attributes.js'
import type { StoredKey } from './store.js'

const HOUR_MS = 3_600_000
// What ends later than a Date can say would be shown as if it never ended.
const MAX_LIFE_MS = 36_525 * 24 * HOUR_MS

export interface Lifetime {
  /** After which a key expires unless its `expiresAt` says otherwise, at most 100 years. Default: `maxMs`, or never. */
  readonly defaultMs?: number | undefined
  /** The latest expiry that a key may be given, counted from its creation; imported keys aside. At most 100 years. Default: none. */
  readonly maxMs?: number | undefined
  /**
   * A key that nobody has used for this long is refused as `idle`; one that was never used counts from its creation. At least an
   * hour: uses are written every `lastUsedIntervalMs`, and caches show those of other processes half a minute later. Default: none.
   */
  readonly idleMs?: number | undefined
}

export const lifetimeOptions: OptionTable<Lifetime> = {
  defaultMs: wholeNumber(1, MAX_LIFE_MS),
  maxMs: wholeNumber(1, MAX_LIFE_MS),
  idleMs: wholeNumber(HOUR_MS),
}

export interface Lifetimes {
  /** The expiry of a new key: as given, and by default as the policy says. */
  expiryOf(given: number | null | undefined, createdAt: number): number | null
  /** The expiry that a rotation leaves to the new key when the caller does not say. */
  inheritedExpiry(old: Pick<StoredKey, 'expiresAt'>, createdAt: number): number | null
  /** Throws when a key may not live until then. */
  refuseLater(expiry: number | null, key: Pick<StoredKey, 'createdAt'>): void
  /** Whether nobody has used the key for too long. */
  isIdle(key: Pick<StoredKey, 'createdAt' | 'lastUsedAt'>, now: number): boolean
}

export function createLifetimes({ maxMs, defaultMs = maxMs, idleMs }: Lifetime = {}): Lifetimes {
  if (defaultMs !== undefined && maxMs !== undefined && defaultMs > maxMs) {
    throw new TypeError('lifetime.defaultMs: must not be more than lifetime.maxMs')
  }
  const refuseLater: Lifetimes['refuseLater'] = (expiry, { createdAt }) => {
    if (maxMs === undefined || (expiry !== null && expiry <= createdAt + maxMs)) return
    const latest = new Date(createdAt + maxMs).toISOString()
    throw invalid(`expiresAt: must be ${latest} at the latest, for keys live for a limited time`)
  }
  return {
    expiryOf(given, createdAt) {
      const expiry = given !== undefined ? given : defaultMs === undefined ? null : createdAt + defaultMs
      refuseLater(expiry, { createdAt })
      return expiry
    },
    inheritedExpiry({ expiresAt }, createdAt) {
      if (maxMs === undefined) return expiresAt
      return expiresAt === null ? createdAt + (defaultMs ?? maxMs) : Math.min(expiresAt, createdAt + maxMs)
    },
    refuseLater,
    isIdle: ({ lastUsedAt, createdAt }, now) =>
      idleMs !== undefined && now - Math.max(lastUsedAt ?? createdAt, createdAt) >= idleMs,
  }
}
