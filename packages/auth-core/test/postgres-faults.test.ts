import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Pool, PoolConfig } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { postgresStore } from '../src/stores/postgres.js'
import { fastHasher } from '../src/testing/index.js'
import { keysOf } from '../src/testing/rows.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'
import { type StoreOptions, storeOver } from './support/postgres-stores.js'
import { startSwitch } from './support/switch.js'

const TIMEOUT_MS = 1_000
// Promised from the moment on that Postgres answers again. It takes a tenth of a second, so a busy machine has time left.
const RECOVERY = { timeout: 5_000, interval: 20 }
// For what is no recovery: until the fault has come about, or has gone.
const MEANWHILE = { timeout: 20_000, interval: 20 }

let server: PostgresServer
let admin: Pool
let schema: string

beforeAll(async () => {
  server = await startPostgres()
  admin = server.pool({ max: 3 })
})

beforeEach(() => {
  schema = server.newSchema()
})

afterAll(stopPostgres)

const disposals: (() => Promise<void>)[] = []

afterEach(async () => {
  server.thaw()
  await server.start()
  for (const dispose of disposals.splice(0).reverse()) await dispose()
})

function open(options: StoreOptions = {}, config: PoolConfig = {}) {
  const pool = server.pool({ application_name: schema, ...config })
  const store = storeOver(pool, { schema, timeoutMs: TIMEOUT_MS, ...options })
  const apiKeys = createApiKeys({
    store,
    hasher: fastHasher(),
    storeTimeoutMs: 10 * TIMEOUT_MS,
    lastUsedIntervalMs: 3_600_000,
  })
  disposals.push(async () => {
    await store.close()
    await pool.end()
  })
  const issue = () => apiKeys.issue({ projectId: '42', environment: 'production', label: 'a' })
  const outcomeOf = async (key: string): Promise<string> => {
    try {
      const verification = await apiKeys.verify(key)
      return verification.ok ? 'ok' : verification.reason
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  /** A key whose argon2 has run. */
  const proven = async () => {
    const issued = await issue()
    expect(await outcomeOf(issued.key)).toBe('ok')
    return issued
  }
  return { pool, store, apiKeys, issue, proven, outcomeOf }
}

const unavailable = (message = /./) =>
  expect.objectContaining({
    code: 'store_unavailable',
    cause: expect.objectContaining({ message: expect.stringMatching(message) }),
  })

const connections = async () => {
  const { rows } = await admin.query('SELECT FROM pg_stat_activity WHERE application_name = $1', [schema])
  return rows.length
}

describe.each([
  ['without a cache', false],
  ['with a cache', true],
])('while Postgres is down, a store %s', (_, cache) => {
  it('fails soon, is never wrong about a key, and is back with the server', async () => {
    const { apiKeys, store, proven, outcomeOf } = open({ cache })
    const { key, record } = await proven()
    const isAsked = async () => {
      const found = store.find(record.id)
      await found
      return found instanceof Promise
    }
    for (let round = 0; round < 2; round++) {
      await server.stop()
      const seen = new Set<string>()
      for (const end = performance.now() + 700; performance.now() < end; ) {
        const start = performance.now()
        seen.add(await outcomeOf(key))
        expect(performance.now() - start).toBeLessThan(5 * TIMEOUT_MS)
      }
      expect(await outcomeOf(key)).toBe('store_unavailable')
      expect([...seen].filter((outcome) => !['ok', 'store_unavailable'].includes(outcome))).toEqual([])
      await expect(apiKeys.revoke(record.id)).rejects.toEqual(unavailable())
      await server.start()
      await expect.poll(() => outcomeOf(key), RECOVERY).toBe('ok')
      await expect.poll(isAsked, RECOVERY).toBe(!cache)
    }
    await apiKeys.revoke(record.id)
    expect(await outcomeOf(key)).toBe('revoked')
  })
})

describe('a connection', () => {
  it('that is reset in the middle of a query is an error of that query only', async () => {
    const { proven, outcomeOf } = open()
    const { key } = await proven()
    const blocker = await admin.connect()
    await blocker.query(`BEGIN; LOCK TABLE ${schema}.keys`)
    const stuck = [outcomeOf(key), outcomeOf(key)]
    await expect
      .poll(async () => {
        const { rows } = await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`,
          [schema],
        )
        return rows.length
      }, MEANWHILE)
      .toBeGreaterThan(0)
    expect(await Promise.all(stuck)).toEqual(['store_unavailable', 'store_unavailable'])
    await blocker.query('ROLLBACK')
    blocker.release()
    await expect.poll(() => outcomeOf(key), RECOVERY).toBe('ok')
  })

  it('that breaks while it is idle ends no process, and no request', async () => {
    const { proven, outcomeOf, pool } = open()
    const { key } = await proven()
    pool.removeAllListeners('error')
    for (let stores = 0; stores < 20; stores++) postgresStore(pool, { schema })
    expect(pool.listenerCount('error')).toBe(1)
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
      schema,
    ])
    await expect.poll(() => outcomeOf(key), RECOVERY).toBe('ok')
  })
})

describe('a network that swallows everything', () => {
  it.each([
    ['without a cache', false],
    ['with a cache', true],
  ])('is an error in time, %s, and forgotten once it is mended', async (_, cache) => {
    const address = await startSwitch(server.address.port)
    const config = { port: address.port, connectionTimeoutMillis: TIMEOUT_MS }
    const { proven, outcomeOf } = open({ cache }, config)
    const { key } = await proven()
    address.swallow()
    await expect.poll(() => outcomeOf(key), MEANWHILE).toBe('store_unavailable')
    for (let request = 0; request < 3; request++) {
      const start = performance.now()
      expect(await outcomeOf(key)).toBe('store_unavailable')
      expect(performance.now() - start).toBeLessThan(5 * TIMEOUT_MS)
    }
    address.letThrough()
    await expect.poll(() => outcomeOf(key), RECOVERY).toBe('ok')
  })
})

describe('a query that takes long', () => {
  it('is given up in time, and neither piles up nor outlives what holds it up', async () => {
    const { proven, outcomeOf } = open({}, { max: 5 })
    const { key } = await proven()
    const blocker = await admin.connect()
    await blocker.query(`BEGIN; LOCK TABLE ${schema}.keys`)
    const outcomes: Promise<string>[] = []
    let most = 0
    for (const end = performance.now() + 4 * TIMEOUT_MS; performance.now() < end; ) {
      for (let request = 0; request < 20; request++) outcomes.push(outcomeOf(key))
      most = Math.max(most, await connections())
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['store_unavailable']))
    // Four under way, and those that were given up half a second ago at the most.
    expect(most).toBeLessThanOrEqual(10)
    await expect.poll(connections, MEANWHILE).toBeLessThanOrEqual(1)
    await blocker.query('ROLLBACK')
    blocker.release()
    await expect.poll(() => outcomeOf(key), RECOVERY).toBe('ok')
  })

  it('because another transaction changes the same key makes the change fail soon, and disturbs no read', async () => {
    const { proven, outcomeOf, apiKeys } = open()
    const { key, record } = await proven()
    const rival = await admin.connect()
    await rival.query(`BEGIN; UPDATE ${schema}.keys SET label = 'rival'`)
    const changes = [() => apiKeys.revoke(record.id), () => apiKeys.rotate(record.id)]
    for (const change of changes) {
      const start = performance.now()
      await expect(change()).rejects.toEqual(unavailable(/did not answer|statement timeout/))
      expect(performance.now() - start).toBeLessThan(5 * TIMEOUT_MS)
      expect(await outcomeOf(key)).toBe('ok')
    }
    await rival.query('ROLLBACK')
    rival.release()
    await apiKeys.revoke(record.id)
    expect(await outcomeOf(key)).toBe('revoked')
  })
})

describe('a pool', () => {
  it('that others have exhausted fails requests in time, and serves them as soon as there is room', async () => {
    const { proven, outcomeOf, pool } = open({}, { max: 2 })
    const { key } = await proven()
    const held = await Promise.all([pool.connect(), pool.connect()])
    const start = performance.now()
    const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => outcomeOf(key)))
    expect(performance.now() - start).toBeLessThan(10 * TIMEOUT_MS)
    expect(new Set(outcomes)).toEqual(new Set(['store_unavailable']))
    expect(pool.waitingCount).toBeLessThanOrEqual(4)
    for (const client of held) client.release()
    expect(await outcomeOf(key)).toBe('ok')
    expect(pool.waitingCount).toBe(0)
  })

  it('that others have exhausted does not matter to keys in the cache', async () => {
    const { store, proven, outcomeOf, pool } = open({ cache: true }, { max: 3 })
    // The cache keeps the third connection, and nothing before it is open.
    await expect.poll(() => store.cacheStatus?.().changes).toBe('notified')
    const { key } = await proven()
    const held = await Promise.all([pool.connect(), pool.connect()])
    expect(new Set(await Promise.all(Array.from({ length: 1_000 }, () => outcomeOf(key))))).toEqual(
      new Set(['ok']),
    )
    for (const client of held) client.release()
  })
})

describe('a read replica', () => {
  it('is refused, because it may not know of a revocation yet', { timeout: 60_000 }, async () => {
    const { issue } = open()
    await issue()
    const standby = await server.standby()
    await standby.start()
    const replica = standby.pool()
    const store = postgresStore(replica, { schema, timeoutMs: 10 * TIMEOUT_MS })
    await expect(store.find('000000000000')).rejects.toThrow(/read replica/)
    await expect(keysOf(store, '42')).rejects.toThrow(/read replica/)
    await standby.dispose()
  })

  it('that takes over is served from at once, with every key and revocation', {
    timeout: 60_000,
  }, async () => {
    const address = await startSwitch(server.address.port)
    const { proven, issue, outcomeOf, apiKeys } = open({ cache: true }, { port: address.port })
    const { key } = await proven()
    const revoked = await issue()
    const standby = await server.standby()
    await expect.poll(() => outcomeOf(key), RECOVERY).toBe('ok')
    await standby.start()
    await expect
      .poll(() => apiKeys.revoke(revoked.record.id).then(() => 'done', String), RECOVERY)
      .toBe('done')
    const follower = standby.pool()
    await expect
      .poll(async () => {
        const { rows } = await follower.query(`SELECT FROM ${schema}.keys WHERE revoked_at IS NOT NULL`)
        return rows.length
      }, MEANWHILE)
      .toBe(1)

    await server.stop()
    address.leadTo(standby.address.port)
    await expect.poll(() => outcomeOf(key), MEANWHILE).toBe('store_unavailable')
    await follower.query('SELECT pg_promote()')
    await expect.poll(() => outcomeOf(key), RECOVERY).toBe('ok')
    expect(await outcomeOf(revoked.key)).toBe('revoked')
    expect(await outcomeOf((await issue()).key)).toBe('ok')
    await standby.dispose()
  })
})

describe('a database that takes no more changes', () => {
  const causes: Record<string, { begin: (schema: string) => string; end: (schema: string) => string }> = {
    'because the disk is full': {
      begin: (schema) => `
        CREATE FUNCTION ${schema}.full_disk() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON ${schema}.keys EXECUTE FUNCTION ${schema}.full_disk()`,
      end: (schema) => `DROP TRIGGER full_disk ON ${schema}.keys`,
    },
    'because the role may only read': {
      begin: (schema) => `
        DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN;
        GRANT USAGE ON SCHEMA ${schema} TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO reader`,
      end: (schema) => `GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO reader`,
    },
  }

  it.each(Object.entries(causes))(
    '%s goes on verifying, and takes changes and uses again',
    async (_, cause) => {
      const owner = open()
      const { key, record } = await owner.proven()
      await owner.apiKeys.close()
      await admin.query(cause.begin(schema))
      const user = cause.begin(schema).includes('ROLE reader') ? 'reader' : 'postgres'
      const { apiKeys, outcomeOf, issue } = open({}, { user })
      await expect(issue()).rejects.toEqual(unavailable(/no space|permission denied/))
      await expect(apiKeys.revoke(record.id)).rejects.toEqual(unavailable(/no space|permission denied/))
      for (let request = 0; request < 20; request++) expect(await outcomeOf(key)).toBe('ok')
      await apiKeys.close()

      await admin.query(cause.end(schema))
      const today = { projectId: '42', from: new Date(), to: new Date() }
      expect(await apiKeys.usage(today)).toMatchObject([{ count: 21 }])
      await apiKeys.revoke(record.id)
      expect(await outcomeOf(key)).toBe('revoked')
    },
  )
})

describe('tables', () => {
  it('that are gone are an error and never an unknown key', async () => {
    const { proven, outcomeOf, issue } = open()
    const { key } = await proven()
    await admin.query(`DROP SCHEMA ${schema} CASCADE`)
    expect(await outcomeOf(key)).toBe('store_unavailable')
    await expect(issue()).rejects.toEqual(unavailable(/does not exist/))
  })

  it('with a damaged page are an error and never an unknown key', async () => {
    const { proven, outcomeOf } = open()
    const { key } = await proven()
    const { rows } = await admin.query<{ path: string }>(
      `SELECT pg_relation_filepath('${schema}.keys') AS path`,
    )
    await admin.query('CHECKPOINT')
    await server.stop()
    const file = openSync(join(server.data, rows[0]?.path ?? ''), 'r+')
    writeSync(file, Buffer.alloc(8_192, 0xff), 0, 8_192, 0)
    closeSync(file)
    await server.start()
    const seen = new Set<string>()
    await expect
      .poll(async () => {
        seen.add(await outcomeOf(key))
        const { rowCount } = await admin.query('SELECT 1').catch(() => ({ rowCount: 0 }))
        return rowCount
      }, MEANWHILE)
      .toBe(1)
    for (let request = 0; request < 10; request++) seen.add(await outcomeOf(key))
    expect(seen).toEqual(new Set(['store_unavailable']))
  })
})

describe('a flood of ids that do not exist', () => {
  it('takes few statements at once, and leaves the keys of others as they are', async () => {
    const { proven, outcomeOf, issue, pool } = open({ timeoutMs: 10 * TIMEOUT_MS })
    const { key } = await proven()
    const strangers = open({ schema: server.newSchema(), timeoutMs: 10 * TIMEOUT_MS })
    const unknown = await Promise.all(Array.from({ length: 200 }, () => strangers.issue()))
    const before = await statements()
    const flood = Array.from({ length: 5_000 }, (_, i) => outcomeOf(unknown[i % 200]?.key ?? ''))
    expect(await outcomeOf(key)).toBe('ok')
    expect(new Set(await Promise.all(flood))).toEqual(new Set(['unknown']))
    expect((await statements()) - before).toBeLessThan(200)
    expect(pool.totalCount).toBeLessThanOrEqual(10)
    await issue()
  })

  const statements = async () => {
    const { rows } = await admin.query(
      'SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()',
    )
    return Number(rows[0].count)
  }
})
