import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApiKeys } from '../src/index.js'
import type { PostgresClient, PostgresPool } from '../src/stores/postgres.js'
import { fastHasher } from '../src/testing/index.js'
import { next, storedKey } from '../src/testing/rows.js'
import { cutCaches, type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'
import { type ClosableStore, type StoreOptions, storeOver } from './support/postgres-stores.js'

let server: PostgresServer
let admin: Pool

beforeAll(async () => {
  server = await startPostgres()
  admin = server.pool()
})

afterAll(stopPostgres)

const disposals: (() => Promise<void>)[] = []

afterEach(async () => {
  server.thaw()
  for (const dispose of disposals.splice(0).reverse()) await dispose()
})

/** A store with a cache that has this row in it. */
async function warm(schema: string, options: StoreOptions = {}): Promise<ClosableStore> {
  const store = open(schema, { cache: true, ...options })
  await expect.poll(() => isKept(store), { timeout: 10_000 }).toBe(true)
  return store
}

function open(schema: string, options: StoreOptions = {}): ClosableStore {
  const pool = server.pool()
  // The machine may be busy with other tests.
  const store = storeOver(pool, { schema, timeoutMs: 20_000, ...options })
  disposals.push(async () => {
    await store.close()
    await pool.end()
  })
  return store
}

const row = storedKey(1)

/** Whether the row was found without a question to the database. When not, asks it, so that it is the next time. */
async function isKept(store: ClosableStore): Promise<boolean> {
  const found = store.find(row.id)
  await found
  return !(found instanceof Promise)
}

async function newSchema(): Promise<string> {
  const schema = server.newSchema()
  await open(schema).commit([row])
  return schema
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

describe('a change', () => {
  it('through another store is acknowledged when no cache has the row of before', async () => {
    const schema = await newSchema()
    const caches = await Promise.all([warm(schema), warm(schema), warm(schema)])
    const writer = open(schema)
    let last = row
    for (let round = 0; round < 50; round++) {
      last = next(last, { label: `${round}` })
      await writer.commit([last])
      for (const cache of caches) expect((await cache.find(row.id))?.label).toBe(`${round}`)
    }
  })

  it('through its own store shows on the next read', async () => {
    const cache = await warm(await newSchema())
    await cache.commit([next(row, { revokedAt: 1 })])
    expect((await cache.find(row.id))?.revokedAt).toBe(1)
  })

  it('that lost makes the store read what it lost by', async () => {
    const schema = await newSchema()
    const cache = await warm(schema)
    await admin.query(`ALTER TABLE ${schema}.keys DISABLE TRIGGER ALL`)
    await admin.query(`UPDATE ${schema}.keys SET version = 2, label = 'unheard of'`)
    expect(await cache.commit([next(row)])).toBe(false)
    expect(await cache.find(row.id)).toMatchObject({ label: 'unheard of' })
  })

  it.each([
    ['UPDATE', 'SET revoked_at = 1'],
    ['DELETE', ''],
    ['TRUNCATE', ''],
  ])('by hand in SQL is heard of at once: %s', async (verb, change) => {
    const schema = await newSchema()
    const caches = await Promise.all([warm(schema), warm(schema)])
    const from = verb === 'DELETE' ? 'FROM' : ''
    const rest = verb === 'TRUNCATE' ? 'CASCADE' : ''
    await admin.query(`${verb} ${from} ${schema}.keys ${change} ${rest}`)
    const expected = verb === 'UPDATE' ? { revokedAt: 1 } : undefined
    for (const cache of caches) {
      const seen = async () => (await cache.find(row.id)) as { revokedAt: number } | undefined
      await expect
        .poll(seen, { interval: 1, timeout: 10_000 })
        .toEqual(expected && expect.objectContaining(expected))
    }
  })

  it('of the time of last use only makes nobody read anything again', async () => {
    const schema = await newSchema()
    const [one, other] = await Promise.all([warm(schema), warm(schema)])
    await one.recordUses([{ id: row.id, at: 5, days: new Map() }])
    expect(await one.find(row.id)).toMatchObject({ lastUsedAt: 5 })
    expect([await isKept(one), await isKept(other)]).toEqual([true, true])
  })
})

describe('a store without a cache', () => {
  it('makes no tables or triggers for one, and asks nothing about one', async () => {
    const schema = await newSchema()
    const { rows } = await admin.query(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r'
       UNION ALL SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
       WHERE relnamespace = $1::regnamespace AND NOT tgisinternal ORDER BY 1`,
      [schema],
    )
    const outbox = ['outbox', 'outbox_consumers', 'outbox_reports']
    const counted = ['addresses', 'batches_of_uses', 'outcomes', 'refusals', 'uses']
    const tables = [...outbox, ...counted, 'events', 'keys', 'projects', 'sessions', 'store'].sort()
    expect(rows.map(({ name }) => name)).toEqual(tables)
    const texts: string[] = []
    const store = storeOver(noting(server.pool(), texts), { schema, timeoutMs: 20_000 })
    await store.commit([next(row)])
    expect(texts.filter((text) => /caches|changes/.test(text))).toEqual([])
    // Whether there are tables and in which version, and in the transaction its beginning, the version, the change and
    // the commit; and a greeting for each use of a connection that looks new.
    expect(texts.filter((text) => !text.includes('pg_backend_pid'))).toHaveLength(6)
  })

  it('that was there before there were caches waits for them from the first change on', async () => {
    const schema = await newSchema()
    const writer = open(schema)
    let last = row
    for (let version = 2; version < 10; version++) {
      last = next(last, { label: `${version}` })
      await writer.commit([last])
    }
    const caches = await Promise.all([warm(schema), warm(schema)])
    for (let round = 0; round < 50; round++) {
      last = next(last, { label: `round ${round}` })
      await writer.commit([last])
      for (const cache of caches) expect((await cache.find(row.id))?.label).toBe(`round ${round}`)
    }
  })
})

describe('a transaction by hand', () => {
  it('that began before there were caches is waited for: nobody keeps what it is about to change', async () => {
    const schema = await newSchema()
    const client = await admin.connect()
    await client.query(`BEGIN; UPDATE ${schema}.keys SET revoked_at = 1`)
    const cache = open(schema, { cache: true })
    await sleep(500)
    expect(await cache.find(row.id)).toEqual(row)
    expect(await isKept(cache)).toBe(false)
    await client.query('COMMIT')
    client.release()
    await expect.poll(() => isKept(cache)).toBe(true)
    expect((await cache.find(row.id))?.revokedAt).toBe(1)
  })

  it('that commits long after others which began later shows all the same', async () => {
    const schema = await newSchema()
    const cache = await warm(schema)
    const client = await admin.connect()
    await client.query(`BEGIN; UPDATE ${schema}.keys SET revoked_at = 1`)
    const other = storedKey(2)
    await cache.commit([other])
    let last = other
    for (let round = 0; round < 10; round++) {
      last = next(last)
      await cache.commit([last])
      await sleep(50)
    }
    expect(await cache.find(row.id)).toEqual(row)
    await client.query('COMMIT')
    client.release()
    const revokedAt = async () => (await cache.find(row.id))?.revokedAt
    await expect.poll(revokedAt, { interval: 1, timeout: 10_000 }).toBe(1)
  })

  it('that is rolled back, or to a savepoint, changes nothing that is kept for longer than a read', async () => {
    const schema = await newSchema()
    const cache = await warm(schema)
    await admin.query(`BEGIN; UPDATE ${schema}.keys SET revoked_at = 1; ROLLBACK`)
    await admin.query(
      `BEGIN; SAVEPOINT one; UPDATE ${schema}.keys SET revoked_at = 1; ROLLBACK TO one; SELECT 1; COMMIT`,
    )
    await admin.query(`BEGIN; SAVEPOINT one; UPDATE ${schema}.keys SET label = 'kept'; RELEASE one; COMMIT`)
    const label = async () => (await cache.find(row.id))?.label
    await expect.poll(label, { interval: 1, timeout: 10_000 }).toBe('kept')
    expect((await cache.find(row.id))?.revokedAt).toBeNull()
  })

  it('of a column that a later release has added shows as well', async () => {
    const schema = await newSchema()
    const cache = await warm(schema)
    await admin.query(`ALTER TABLE ${schema}.keys ADD COLUMN colour text`)
    const read = cache.find(row.id)
    await admin.query(`UPDATE ${schema}.keys SET colour = 'red'`)
    const isRead = async () => {
      const found = cache.find(row.id)
      await found
      return found !== read
    }
    await expect.poll(isRead, { interval: 1, timeout: 10_000 }).toBe(true)
  })

  it('of more keys than are worth a list makes every cache begin anew', async () => {
    const schema = await newSchema()
    const cache = await warm(schema)
    await admin.query(
      `INSERT INTO ${schema}.keys (id, project_id, environment, label, hash, tag, created_at, scopes, metadata, version)
       SELECT 'key' || n, '1', 'production', 'a', 'b', 'c', 1, '[]', '{}', 1 FROM generate_series(1, 3000) AS n`,
    )
    await admin.query(`UPDATE ${schema}.keys SET label = 'all'`)
    const label = async () => (await cache.find(row.id))?.label
    await expect.poll(label, { interval: 1, timeout: 10_000 }).toBe('all')
  })
})

describe('a cache that does not answer', () => {
  const SILENCE_MS = 1_500

  it('holds a change up until it must have stopped answering, and once it is known to be dead not at all', async () => {
    const schema = await newSchema()
    await warm(schema, { cache: { maxStalenessMs: SILENCE_MS } })
    // As a process leaves it that was killed: on the list, and its connection gone.
    await admin.query(
      `INSERT INTO ${schema}.caches VALUES ('dead', 'dead', 'this server', '1:1:', ${SILENCE_MS})`,
    )
    const writer = open(schema)
    const change = (version: number) => timed(() => writer.commit([{ ...row, version }]))
    expect(await change(2)).toBeGreaterThanOrEqual(SILENCE_MS)
    expect((await admin.query(`SELECT FROM ${schema}.caches WHERE id = 'dead'`)).rowCount).toBe(0)
    expect(await change(3)).toBeLessThan(SILENCE_MS)
  })

  it('is off the list as soon as it is closed', async () => {
    const schema = await newSchema()
    const cache = await warm(schema)
    await cache.close()
    expect((await admin.query(`SELECT * FROM ${schema}.caches`)).rows).toEqual([])
    expect(await cache.find(row.id)).toEqual(row)
    expect(await isKept(cache)).toBe(false)
  })
})

describe('a cache on the list', () => {
  it('stops when it is taken off, and is back at once', async () => {
    const schema = await newSchema()
    const cache = await warm(schema)
    for (let round = 0; round < 3; round++) {
      await admin.query(`DELETE FROM ${schema}.caches; UPDATE ${schema}.keys SET label = '${round}'`)
      const label = async () => (await cache.find(row.id))?.label
      await expect.poll(label, { interval: 1, timeout: 10_000 }).toBe(`${round}`)
      await expect.poll(() => isKept(cache)).toBe(true)
      expect((await admin.query(`SELECT FROM ${schema}.caches`)).rowCount).toBe(1)
    }
  })

  it('that cannot acknowledge does not go on answering', async () => {
    const schema = await newSchema()
    await admin.query(`
      CREATE ROLE mute LOGIN; GRANT USAGE ON SCHEMA ${schema} TO mute;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO mute`)
    const writer = await warm(schema)
    const pool = server.pool({ user: 'mute' })
    const mute = storeOver(pool, { schema, cache: true, timeoutMs: 20_000 })
    await expect.poll(() => isKept(mute)).toBe(true)
    await admin.query(`REVOKE UPDATE ON ${schema}.caches FROM mute`)
    await writer.commit([next(row, { revokedAt: 1 })])
    expect((await mute.find(row.id))?.revokedAt).toBe(1)
    expect(await isKept(mute)).toBe(false)
    expect(mute.cacheStatus?.()).toMatchObject({
      reason: 'unavailable',
      message: 'permission denied for table caches',
    })
    await mute.close()
    await pool.end()
  })

  it('is waited for by who has another time zone, no longer than by others', async () => {
    const schema = await newSchema()
    await warm(schema, { cache: { maxStalenessMs: 10_000 } })
    const pool = server.pool({ options: '-c timezone=Asia/Kathmandu -c datestyle=german' })
    const writer = storeOver(pool, { schema, timeoutMs: 20_000 })
    expect(await timed(() => writer.commit([next(row)]))).toBeLessThan(5_000)
    await pool.end()
  })

  it('lets the log be emptied of what it has seen, and a log without caches does not grow', async () => {
    const schema = await newSchema()
    const cache = await warm(schema)
    let last = row
    const change = async (store: ClosableStore) => {
      for (let round = 0; round < 30; round++) {
        last = next(last)
        await store.commit([last])
      }
      const { rows } = await admin.query(`SELECT count(*)::int AS count FROM ${schema}.changes`)
      return rows[0].count
    }
    expect(await change(cache)).toBeLessThan(10)
    await cache.close()
    expect(await change(open(schema))).toBeLessThan(10)
  })

  it('does not mind a log and a list that were restored from a backup of another server', async () => {
    const schema = await newSchema()
    await (await warm(schema)).close()
    await admin.query(`
      INSERT INTO ${schema}.changes SELECT txid_current() + 1000000000 + n, '${row.id}' FROM generate_series(1, 5000) AS n;
      INSERT INTO ${schema}.caches VALUES ('old', 'old', 'another server', '900000000:900000000:', 300)`)
    const cache = await warm(schema)
    expect(await timed(() => cache.commit([next(row)]))).toBeGreaterThanOrEqual(300)
    expect(await timed(() => cache.commit([next(next(row))]))).toBeLessThan(5_000)
    await expect.poll(() => isKept(cache)).toBe(true)
    await sleep(300)
    expect(await isKept(cache)).toBe(true)
  })

  it('makes a change fail in time when the change may not wait so long', async () => {
    const schema = await newSchema()
    await (await warm(schema)).close()
    await admin.query(`INSERT INTO ${schema}.caches VALUES ('dead', 'dead', 'this server', '1:1:', 60000)`)
    const writer = open(schema, { timeoutMs: 1_000 })
    await expect(writer.commit([next(row)])).rejects.toThrow(/did not answer in time/)
  })
})

describe('a cache whose connection is lost', () => {
  it('reads the database at once, and keeps rows again when it is back', async () => {
    const schema = await newSchema()
    const cache = await warm(schema)
    for (let round = 0; round < 5; round++) {
      const { rows } = await cutCaches(admin, schema)
      expect(rows.length).toBeGreaterThan(0)
      await admin.query(`UPDATE ${schema}.keys SET label = 'round ${round}'`)
      const label = async () => (await cache.find(row.id))?.label
      await expect.poll(label, { interval: 1, timeout: 10_000 }).toBe(`round ${round}`)
      await expect.poll(() => isKept(cache), { timeout: 10_000 }).toBe(true)
    }
  })

  it('knows for so long as promised, and then nothing, when Postgres stands still', async () => {
    const schema = await newSchema()
    const cache = await warm(schema, { cache: { maxStalenessMs: 300 }, timeoutMs: 600 })
    server.freeze()
    const frozenAt = performance.now()
    let lastKept = frozenAt
    for (;;) {
      const askedAt = performance.now()
      const found = cache.find(row.id)
      if (found instanceof Promise) {
        await expect(found).rejects.toThrow(/did not answer in time/)
        break
      }
      lastKept = askedAt
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(lastKept - frozenAt).toBeLessThanOrEqual(300)
    server.thaw()
    await expect.poll(() => isKept(cache).catch(() => false), { timeout: 10_000 }).toBe(true)
  })
})

describe('verification over a cache', () => {
  it('is synchronous, and asks the database nothing', async () => {
    const store = open(server.newSchema(), { cache: true })
    const apiKeys = createApiKeys({ store, hasher: fastHasher(), storeTimeoutMs: 20_000 })
    const { key } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'a' })
    await apiKeys.verify(key)
    await expect
      .poll(
        async () => {
          const verification = apiKeys.verify(key)
          await verification
          return verification instanceof Promise
        },
        { timeout: 10_000 },
      )
      .toBe(false)
  })
})

/** A pool that notes the text of every statement. */
function noting(pool: Pool, texts: string[]): PostgresPool {
  return {
    async connect() {
      const client: PostgresClient = await pool.connect()
      return new Proxy(client, {
        get(target, name) {
          const member = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          if (name === 'query') {
            return (query: { text: string }) => {
              texts.push(query.text)
              return target.query(query as never)
            }
          }
          return member.bind(target)
        },
      })
    },
  }
}
