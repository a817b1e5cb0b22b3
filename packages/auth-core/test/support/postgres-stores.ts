// A store over Postgres with a cache or without, so that what both promise is tested once.

import type { ApiKeyStore } from '../../src/index.js'
import { type PostgresPool, type PostgresStoreOptions, postgresStore } from '../../src/stores/postgres.js'
import { type PostgresCacheOptions, postgresCache } from '../../src/stores/postgres-cache.js'

export interface StoreOptions extends PostgresStoreOptions {
  readonly cache?: boolean | PostgresCacheOptions | undefined
}

export type ClosableStore = ApiKeyStore & { close(): Promise<void> }

export function storeOver(pool: PostgresPool, { cache = false, ...options }: StoreOptions): ClosableStore {
  const store = postgresStore(pool, options)
  if (cache === false) return { ...store, close: async () => undefined }
  return postgresCache(store, cache === true ? {} : cache)
}
