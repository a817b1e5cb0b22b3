import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolConfig } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ApiKeyStore, type ApiKeys, createApiKeys } from '../src/index.js'
import {
  type PostgresClient,
  type PostgresPool,
  postgresProjects,
  postgresStore,
} from '../src/stores/postgres.js'
import {
  apiKeyStoreContract,
  eventOutboxContract,
  fastHasher,
  outcomeContract,
} from '../src/testing/index.js'
import { keysOf, next, storedKey, typical } from '../src/testing/rows.js'
import { withoutLists } from './support/former-schema.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'
import { type ClosableStore, type StoreOptions, storeOver } from './support/postgres-stores.js'
import { killWorkers, startWorker } from './support/processes.js'

let server: PostgresServer
let admin: Pool

beforeAll(async () => {
  server = await startPostgres()
  admin = server.pool({ max: 1 })
})

afterAll(async () => {
  await killWorkers()
  await stopPostgres()
})

const disposals: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const dispose of disposals.splice(0)) await dispose()
})

/** A store in a schema of its own, closed after the test. */
function openStore(options: StoreOptions = {}, config: PoolConfig = {}): ClosableStore {
  const pool = server.pool(config)
  // The machine may be busy with other tests.
  const store = storeOver(pool, { schema: server.newSchema(), timeoutMs: 20_000, ...options })
  disposals.push(async () => {
    await store.close()
    await pool.end()
  })
  return store
}

const kinds = { 'without a cache': false, 'with a cache': true }

// What others refer to comes last.
const tables =
  'events uses batches_of_uses outcomes refusals addresses outbox outbox_reports outbox_consumers keys'

describe.each(Object.entries(kinds))('postgresStore %s', (_, cache) => {
  let schema: string | undefined
  /** A store of its own on the same tables, which are empty: to make them takes longer than most tests. */
  const createStore = async () => {
    const deletions = tables.split(' ').map((table) => `DELETE FROM ${schema}.${table}`)
    if (schema !== undefined) await admin.query(deletions.join('; '))
    schema ??= server.newSchema()
    return openStore({ cache, schema })
  }
  for (const promise of [...apiKeyStoreContract, ...eventOutboxContract, ...outcomeContract])
    it(promise.name, () => promise.run(createStore))
})

const unavailable = (message: RegExp) =>
  expect.objectContaining({ code: 'store_unavailable', message: expect.stringMatching(message) })

describe('the tables', () => {
  it('are made on the first call, and found there by the next store', async () => {
    const schema = server.newSchema()
    await openStore({ schema }).commit([typical])
    expect(await openStore({ schema, initialize: 'never' }).find(typical.id)).toEqual(typical)
  })

  it('are not made where they must be there already: a database without them is the wrong one', async () => {
    const store = openStore({ initialize: 'never' })
    await expect(store.find(typical.id)).rejects.toEqual(unavailable(/holds no API keys.* restore it/))
    await expect(store.commit([typical])).rejects.toEqual(unavailable(/holds no API keys/))
  })

  it.each(['user', 'order', 'pg_keys'])(
    'cannot be in a schema with a name of the language’s own, %s',
    async (schema) => {
      await expect(async () => openStore({ schema }).find(typical.id)).rejects.toMatchObject({
        message: `schema ${schema}: Postgres has this name for itself; choose another one`,
      })
    },
  )

  it('are left as they were by a migration that was killed half way, and made by the next', async () => {
    const admin = server.pool({ max: 2 })
    await admin.query(`
      CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); END $$;
      CREATE EVENT TRIGGER slow ON ddl_command_end EXECUTE FUNCTION slow()`)
    try {
      const schema = server.newSchema()
      const tables = async () =>
        (await admin.query('SELECT FROM pg_tables WHERE schemaname = $1', [schema])).rowCount
      for (let round = 0; round < 3; round++) {
        const worker = await startWorker({
          postgres: { pool: server.address, options: { schema, timeoutMs: 20_000 } },
        })
        void worker.attempt('issue')
        const isMigrating = async () =>
          (await admin.query(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).rowCount
        await expect.poll(isMigrating, { interval: 5, timeout: 20_000 }).toBe(1)
        await sleep(100 * round)
        await worker.kill()
        await expect.poll(isMigrating, { timeout: 20_000 }).toBe(0)
        expect(await tables()).toBe(0)
      }
      await openStore({ schema }).commit([typical])
      expect(await tables()).toBeGreaterThan(4)
    } finally {
      await admin.query('DROP EVENT TRIGGER slow')
    }
  })

  it('changed by a newer release can be read by a store that is open, and neither written nor opened', async () => {
    const schema = server.newSchema()
    const store = openStore({ schema })
    await store.commit([typical])
    await server.pool().query(`
      ALTER TABLE ${schema}.keys ADD COLUMN colour text; UPDATE ${schema}.store SET version = 1000`)
    expect(await store.find(typical.id)).toEqual(typical)
    await expect(store.commit([next(typical)])).rejects.toEqual(unavailable(/newer release; upgrade/))
    await expect(openStore({ schema }).find(typical.id)).rejects.toEqual(
      unavailable(/newer release; upgrade/),
    )
  })

  it('of several products can be in one database, and be used through one connection', async () => {
    const pool = server.pool({ max: 1 })
    const labels = ['a'.repeat(24), 'b'.repeat(24)]
    const stores = labels.map((schema) => postgresStore(pool, { schema, timeoutMs: 20_000 }))
    for (const [n, store] of stores.entries()) await store.commit([{ ...typical, label: `${labels[n]}` }])
    for (const [n, store] of stores.entries()) expect((await store.find(typical.id))?.label).toBe(labels[n])
    const cache = openStore({ schema: 'a'.repeat(24), cache: true })
    await expect.poll(() => cache.find(typical.id) instanceof Promise, { timeout: 10_000 }).toBe(false)
    expect(await stores[0]?.commit([next(typical, { label: 'changed' })])).toBe(true)
    expect((await cache.find(typical.id))?.label).toBe('changed')
  })

  it('serve a role that may only read and write rows', async () => {
    const schema = server.newSchema()
    await openStore({ schema }).commit([typical])
    await server.pool().query(`
      CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA ${schema} TO clerk;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO clerk`)
    // The role that makes the tables for caches makes them for the roles that have the others.
    const owner = openStore({ schema, cache: true })
    await expect.poll(() => owner.cacheStatus?.().state).toBe('open')
    const store = openStore({ schema, cache: true }, { user: 'clerk' })
    await expect.poll(() => store.find(typical.id) instanceof Promise, { timeout: 10_000 }).toBe(false)
    expect(await store.commit([next(typical, { revokedAt: 1 })])).toBe(true)
    expect((await store.find(typical.id))?.revokedAt).toBe(1)
    await store.recordUses([{ id: typical.id, at: 5, days: new Map([['2026-01-01', 1]]) }])
  })
})

describe('the tables of projects', () => {
  it('may be used by who could use those of keys, when a release brings them', async () => {
    const schema = server.newSchema()
    await openStore({ schema }).commit([typical])
    await server.pool().query(`${withoutLists(schema)};
      DROP TABLE ${schema}.projects, ${schema}.sessions; UPDATE ${schema}.store SET version = 2;
      CREATE ROLE teller LOGIN; GRANT USAGE ON SCHEMA ${schema} TO teller;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO teller;
      CREATE ROLE onlooker LOGIN; GRANT USAGE ON SCHEMA ${schema} TO onlooker;
      GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO onlooker`)
    await openStore({ schema }).find(typical.id)
    const options = { schema, timeoutMs: 20_000 }
    const projects = postgresProjects(server.pool({ user: 'teller' }), options)
    const { id } = await projects.create({ name: 'Acme' })
    await projects.update(id, { status: 'suspended' })
    const seen = postgresProjects(server.pool({ user: 'onlooker' }), options)
    expect((await seen.find(id))?.status).toBe('suspended')
    await expect(seen.update(id, { status: 'active' })).rejects.toThrow(/permission denied/)
  })
})

describe('what others have reported of API keys over a database', () => {
  it('stale snapshots: a change is seen at once, and has one winner, whatever the isolation of the database', async () => {
    for (const isolation of ['read committed', 'repeatable read', 'serializable']) {
      const options = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`
      const schema = server.newSchema()
      const [one, other] = [openStore({ schema }, { options }), openStore({ schema }, { options })]
      await one.commit([typical])
      expect(await other.find(typical.id)).toEqual(typical)
      const rivals = [one, other, one, other, one, other]
      const won = await Promise.all(
        rivals.map(async (store, n) => store.commit([next(typical, { label: `${n}` })])),
      )
      expect(won.filter(Boolean), isolation).toHaveLength(1)
      const label = `${won.indexOf(true)}`
      for (const store of rivals) expect((await store.find(typical.id))?.label).toBe(label)
    }
  })

  it('a database that takes no writes by default takes those of keys, events and their readers, and sweeps', async () => {
    const store = openStore(
      { schema: server.newSchema() },
      { options: '-c default_transaction_read_only=on' },
    )
    const apiKeys = createApiKeys({
      ...{ store, hasher: fastHasher(), events: {}, outcomes: true, storeTimeoutMs: 10_000 },
      retention: { historyMs: 86_400_000, usesMs: 86_400_000, outcomesMs: 86_400_000 },
    })
    const { key, record } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'a' })
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
    const read: string[] = []
    await apiKeys.readEvents('billing', ({ keyId }) => read.push(keyId))
    expect(read).toEqual([record.id])
    await apiKeys.replayEvents('billing', 0)
    await apiKeys.forgetConsumer('billing')
    await apiKeys.sweep()
    await apiKeys.close()
  })

  it('stale snapshots: changes of the same keys in another order do not wait for each other', async () => {
    const schema = server.newSchema()
    const [one, other] = [openStore({ schema }), openStore({ schema })]
    const rows = [storedKey(1), storedKey(2), storedKey(3)]
    await one.commit(rows)
    for (let version = 2; version < 30; version++) {
      const changed = rows.map((row) => ({ ...row, version }))
      const uses = changed.map(({ id }) => ({ id, at: version, days: new Map<string, number>() }))
      const [a, b] = await Promise.all([
        one.commit(changed),
        other.commit(changed.toReversed()),
        one.recordUses(uses),
        other.recordUses(uses.toReversed()),
      ])
      expect([a, b].sort()).toEqual([false, true])
    }
  })

  it('last-used write storms: 10,000 uses of a key by each of two processes are one write of each', async () => {
    const schema = server.newSchema()
    const opened = [openStore({ schema }), openStore({ schema })].map((store) =>
      createApiKeys({ store, hasher: fastHasher(), storeTimeoutMs: 20_000, lastUsedIntervalMs: 3_600_000 }),
    )
    const [one] = opened as [ApiKeys<'sandbox' | 'production'>]
    const { key, record } = await one.issue({ projectId: '42', environment: 'production', label: 'a' })
    for (const apiKeys of opened) {
      for (let batch = 0; batch < 10; batch++) {
        await Promise.all(Array.from({ length: 1_000 }, async () => apiKeys.verify(key)))
      }
      await apiKeys.close()
    }
    const admin = server.pool()
    const { rows } = await admin.query(`SELECT count(*)::int AS count FROM ${schema}.batches_of_uses`)
    expect(rows).toEqual([{ count: 2 }])
    const today = { projectId: '42', from: new Date(), to: new Date() }
    expect(await one.usage(today)).toMatchObject([{ keyId: record.id, count: 20_000 }])
  })

  it('double counting: uses whose acknowledgement was lost are counted once', async () => {
    const schema = server.newSchema()
    let loses = true
    const store = openStore({ schema })
    const losing: ApiKeyStore = {
      ...store,
      async recordUses(uses, batch) {
        await store.recordUses(uses, batch)
        if (loses) throw new Error('Connection terminated unexpectedly')
      },
    }
    const apiKeys = createApiKeys({
      store: losing,
      hasher: fastHasher(),
      storeTimeoutMs: 20_000,
      lastUsedIntervalMs: 3_600_000,
    })
    const { key } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'a' })
    for (let use = 0; use < 3; use++) {
      await apiKeys.verify(key)
      await apiKeys.close()
    }
    loses = false
    await apiKeys.close()
    const today = { projectId: '42', from: new Date(), to: new Date() }
    expect(await apiKeys.usage(today)).toMatchObject([{ count: 3 }])
  })
})

describe('a restart of many processes', () => {
  it('reads keys by the hundred', async () => {
    const store = openStore()
    const rows = Array.from({ length: 500 }, (_, n) => storedKey(n))
    await store.commit(rows)
    const { pool, queries } = counting(server.pool())
    const restarted = postgresStore(pool, { schema: server.newSchema(), timeoutMs: 20_000 })
    await restarted.commit(rows)
    queries.length = 0
    const found = await Promise.all(rows.map(async ({ id }) => restarted.find(id)))
    expect(found).toEqual(rows)
    expect(queries.filter((text) => text.includes('ANY('))).toHaveLength(5)
  })
})

describe('an argument', () => {
  it('that can be in no row is found nowhere, and asks nothing of the database', async () => {
    const store = openStore()
    await store.commit([typical])
    for (const text of ['\0', `${typical.id}\0`, '\ud800']) {
      expect(await store.find(text)).toBeUndefined()
      expect(await keysOf(store, text)).toEqual([])
      expect(await store.history(text, null, 10)).toEqual([])
      expect(await store.usage(text, '2026-01-01', '2026-01-01')).toEqual([])
    }
  })

  it.each([
    ['pool', () => postgresStore('postgres://localhost' as never)],
    ['pool', () => openStore({ cache: true }, { max: 1 })],
    ['schema', () => openStore({ schema: 'a"; DROP' })],
    ['schema', () => openStore({ schema: 'a'.repeat(25) })],
    ['initialize', () => openStore({ initialize: 'always' as never })],
    ['timeoutMs', () => openStore({ timeoutMs: 0 })],
    ['maxStalenessMs', () => openStore({ timeoutMs: 1_000, cache: { maxStalenessMs: 501 } })],
    ['maxStalenessMs', () => openStore({ cache: { maxStalenessMs: 10 } })],
    ['maxKeys', () => openStore({ cache: { maxKeys: 0 } })],
  ])('that is wrong is a TypeError which names it: %s', (name, open) => {
    expect(open).toThrow(TypeError)
    expect(open).toThrow(new RegExp(`^${name}:`))
  })
})

describe('a server that may not look whether its clients are still there, as on Windows', () => {
  it('serves like any other, and is not asked to again', async () => {
    const pool = server.pool({ max: 3 })
    const { pool: counted, queries } = counting(pool, /set_config\('client_connection_check_interval'/)
    const store = postgresStore(counted, { schema: server.newSchema(), timeoutMs: 20_000 })
    await store.commit([typical])
    const asked = queries.length
    expect(queries.some((text) => text.includes('set_config'))).toBe(true)
    await Promise.all([1, 2, 3].map(async () => store.history('42', null, 10)))
    expect(queries.slice(asked).filter((text) => text.includes('set_config'))).toEqual([])
    expect(await store.find(typical.id)).toEqual(typical)
    await pool.end()
  })
})

/** A pool that notes every statement, and rejects some as a server does that finds a value in them invalid. */
function counting(pool: Pool, invalid?: RegExp) {
  const queries: string[] = []
  const counted: PostgresPool = {
    async connect() {
      const client: PostgresClient = await pool.connect()
      return new Proxy(client, {
        get(target, name) {
          if (name === 'query') {
            return (query: { text: string }) => {
              queries.push(query.text)
              if (invalid?.test(query.text)) return Promise.reject({ code: '22023' })
              return target.query(query as never)
            }
          }
          const member = Reflect.get(target, name)
          return typeof member === 'function' ? member.bind(target) : member
        },
      })
    },
  }
  return { pool: counted, queries }
}
