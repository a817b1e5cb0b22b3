// What a store over Postgres shares with a cache over it, and with nobody else.

import { shared } from '@gosend/options'
import type { ApiKeyStore, ErasedRows, StoredKey } from '../store.js'
import type { Connections } from './postgres-connections.js'
import type { Prepare } from './postgres-schema.js'

/** Rows, and the server they were read from. */
export interface ReadRows {
  readonly server: string
  readonly rows: readonly StoredKey[]
}

/** What a store is told to commit. */
export type Change = Parameters<ApiKeyStore['commit']>

/** What a store is told to erase. */
export type Erasure = Parameters<ApiKeyStore['erase']>

export interface PostgresParts {
  readonly connections: Connections
  readonly schema: string
  readonly prepare: Prepare
  /** Whether tables may be made. */
  readonly initialize: boolean
  readonly timeoutMs: number
  /** How many connections the pool has at most, where it says so. */
  readonly maxConnections: number | undefined
  readonly maxReads: number
  readMany(ids: readonly string[]): Promise<ReadRows>
  /** @param onCommitted called between the commit and its acknowledgement. */
  commit(change: Change, onCommitted: () => void): Promise<boolean>
  /** @param onCommitted as above. */
  erase(erasure: Erasure, onCommitted: () => void): Promise<ErasedRows>
}

const parts = shared('@gosend/auth-core parts of stores', () => new WeakMap<ApiKeyStore, PostgresParts>())

export function withParts<Store extends ApiKeyStore>(store: Store, of: PostgresParts): Store {
  parts.set(store, of)
  return store
}

/** @throws TypeError when `store` is not what `postgresStore` returned. */
export function partsOf(store: ApiKeyStore): PostgresParts {
  const found = parts.get(store)
  if (found === undefined) throw new TypeError('store: pass what postgresStore() returned')
  return found
}
