// Keys of a Postgres database kept in memory: the cache, put together.

import { checkOptions, type OptionTable, wholeNumber } from '@gosend/options'
import type { ApiKeyStore, CachedStore } from '../store.js'
import { cachedStore } from './cached-store.js'
import { createKeyCache } from './key-cache.js'
import { followChanges } from './postgres-changes.js'
import { createConnections, type PostgresPool, postgresPool } from './postgres-connections.js'
import { partsOf } from './postgres-parts.js'

export interface PostgresCacheOptions {
  /**
   * Longest time, in milliseconds, that this process goes on answering from memory when it cannot learn of changes: cut
   * off, or stopped. 50 to half of the store's `timeoutMs`; default 500, or that half. A change is acknowledged once every cache has
   * dropped the key, so this is also how long a change waits at the most for a cache that does not answer.
   */
  readonly maxStalenessMs?: number | undefined
  /** How many keys to keep, one with more than 2 KiB of metadata counting as several. Default 10,000. */
  readonly maxKeys?: number | undefined
  /**
   * A pool that leads straight to the Postgres server of the store's pool, for one connection that is notified of
   * changes. For those whose pool leads through a pooler that pools transactions: without it, changes are asked for four
   * times per `maxStalenessMs`, and take that much longer to be acknowledged.
   */
  readonly listen?: PostgresPool | undefined
}

/**
 * Keeps keys of a Postgres database in memory: one that this process has seen is found without asking the database. What
 * the store promises stays true: a change through any store, with a cache or without, is acknowledged when no process
 * returns the row of before. One made by hand, in SQL, shows within milliseconds, and never later than `maxStalenessMs`.
 *
 * The tables it needs are made on the first use, unless the store has `initialize: 'never'`. It takes one connection of
 * the pool for itself, and works through a pooler in any mode that the store works in.
 *
 * @example
 * const store = postgresCache(postgresStore(new pg.Pool({ connectionString })))
 *
 * @param store what `postgresStore` returned.
 * @throws TypeError when an argument is wrong.
 */
export function postgresCache(store: ApiKeyStore, options: PostgresCacheOptions = {}): CachedStore {
  const parts = partsOf(store)
  if (parts.maxConnections === 1) {
    throw new TypeError('pool: the cache takes one connection for itself; allow two or more')
  }
  const half = Math.floor(parts.timeoutMs / 2)
  const table: OptionTable<PostgresCacheOptions> = {
    maxStalenessMs: wholeNumber(50, half),
    maxKeys: wholeNumber(1, 10_000_000),
    listen: postgresPool,
  }
  const { maxStalenessMs = Math.min(500, half), maxKeys = 10_000, listen } = checkOptions(table, options)

  const cache = createKeyCache({ maxStalenessMs, maxKeys })
  const feed = followChanges({
    cache,
    parts,
    listen: listen && createConnections(listen, parts.timeoutMs),
    maxStalenessMs,
  })
  const { readMany, maxReads } = parts
  return {
    ...cachedStore({
      store,
      cache,
      readMany,
      maxReads,
      commit: (change, onCommitted) =>
        parts.commit(change, () => {
          onCommitted()
          feed.poll()
        }),
      erase: (erasure, onCommitted) =>
        parts.erase(erasure, () => {
          onCommitted()
          feed.poll()
        }),
    }),
    cacheStatus: feed.status,
    close: feed.close,
  }
}
