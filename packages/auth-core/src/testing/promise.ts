// What a promise of the store contract is, and how one begins.

import assert from 'node:assert/strict'
import type { Awaitable } from '../awaitable.js'
import type { ApiKeyStore, KeyEvent, StoredKey } from '../store.js'

/** Makes an empty store. The caller also disposes of what it made. */
export type CreateStore = () => Awaitable<ApiKeyStore>

export interface ApiKeyStorePromise {
  /** A sentence to name the test with. */
  readonly name: string
  /** Rejects with an AssertionError when the store breaks the promise. */
  run(createStore: CreateStore): Promise<void>
}

/** Promises by name, before they become the contract. */
export type NamedPromises = Readonly<Record<string, ApiKeyStorePromise['run']>>

/** The audit log of a project, as it was committed. */
export async function historyOf(
  store: ApiKeyStore,
  ...query: Parameters<ApiKeyStore['history']>
): Promise<readonly KeyEvent[]> {
  return (await store.history(...query)).map(({ sequence: _, ...event }) => event)
}

export async function storeWith(
  createStore: CreateStore,
  ...rows: readonly StoredKey[]
): Promise<ApiKeyStore> {
  const store = await createStore()
  if (rows.length > 0) assert.equal(await store.commit(rows), true, 'new rows are accepted')
  return store
}
