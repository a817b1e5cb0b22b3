// Whether keys can be verified at present.

import { steadyClock } from './clocks.js'
import { ApiKeysError, type ApiKeysErrorCode } from './errors.js'
import type { Hasher } from './hasher.js'
import type { ApiKeyStore, CacheStatus } from './store.js'

export interface Health {
  /** Whether the store answers and argon2 takes on further keys. */
  readonly ok: boolean
  readonly store: {
    readonly ok: boolean
    /** How long one read took. */
    readonly durationMs: number
    /** Why it failed. */
    readonly error: ApiKeysErrorCode | null
    /**
     * What its cache does; null when it has none. Keys are verified without it, too. The message stays with the store:
     * a health route needs no key, and an error may name a host.
     */
    readonly cache: Omit<CacheStatus, 'message'> | null
  }
  readonly hasher: {
    readonly ok: boolean
    /** Jobs that wait for a turn; null when the hasher does not say. */
    readonly waiting: number | null
    /** From how many on further keys are refused with `verifier_overloaded`. */
    readonly limit: number | null
  }
}

// Well formed, so that the store has to look; and if a key had this id, finding it would be as good a sign.
const NOBODY = '000000000000'

/** What a hasher cannot say is not known. */
function queueOf(hasher: Hasher): { readonly waiting: number | null; readonly limit: number | null } {
  try {
    return hasher.queue?.() ?? { waiting: null, limit: null }
  } catch {
    return { waiting: null, limit: null }
  }
}

/** Checks that run at the same time are one check, so that asking often does not load the store. */
export function createHealthCheck(
  store: ApiKeyStore,
  hasher: Hasher,
  cacheStatus: () => CacheStatus | null,
): () => Promise<Health> {
  let underWay: Promise<Health> | undefined

  const cacheHealth = () => {
    try {
      const status = cacheStatus()
      return status && { state: status.state, changes: status.changes, reason: status.reason }
    } catch {
      return null
    }
  }

  const readStore = async (): Promise<Health['store']> => {
    const start = steadyClock()
    const result = (error: ApiKeysErrorCode | null) => ({
      ok: error === null,
      durationMs: steadyClock() - start,
      error,
      cache: cacheHealth(),
    })
    try {
      await store.find(NOBODY)
      return result(null)
    } catch (error) {
      return result(error instanceof ApiKeysError ? error.code : 'store_unavailable')
    }
  }

  const check = async (): Promise<Health> => {
    const { waiting, limit } = queueOf(hasher)
    const isFull = waiting !== null && limit !== null && waiting >= limit
    const found = await readStore()
    return { ok: found.ok && !isFull, store: found, hasher: { ok: !isFull, waiting, limit } }
  }

  return () => {
    underWay ??= check().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
