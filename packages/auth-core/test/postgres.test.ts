import type { PoolConfig } from 'pg'
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import { type PostgresStore, type PostgresStoreOptions, postgresStore } from '../src/stores/postgres.js'
import { apiKeyStoreContract } from '../src/testing/index.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(stopPostgres)

const disposals: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const dispose of disposals.splice(0)) await dispose()
})

/** A store in a schema of its own, closed after the test. */
function openStore(options: PostgresStoreOptions = {}, config: PoolConfig = {}): PostgresStore {
  const pool = server.pool(config)
  // The machine may be busy with other tests.
  const store = postgresStore(pool, { schema: server.newSchema(), timeoutMs: 20_000, ...options })
  disposals.push(async () => {
    await store.close()
    await pool.end()
  })
  return store
}

const kinds = { 'without a cache': false, 'with a cache': true }

describe.each(Object.entries(kinds))('postgresStore %s', (_, cache) => {
  const createStore = () => openStore({ cache })
  for (const promise of apiKeyStoreContract) it(promise.name, () => promise.run(createStore))
})
