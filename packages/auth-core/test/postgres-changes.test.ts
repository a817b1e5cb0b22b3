import type { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { type PostgresStore, type PostgresStoreOptions, postgresStore } from '../src/stores/postgres.js'
import { fastHasher } from '../src/testing/index.js'
import { keyOf, next } from '../src/testing/rows.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'

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
async function warm(schema: string, options: PostgresStoreOptions = {}): Promise<PostgresStore> {
  const store = open(schema, { cache: true, ...options })
  await expect.poll(() => isKept(store), { timeout: 10_000 }).toBe(true)
  return store
}

function open(schema: string, options: PostgresStoreOptions = {}): PostgresStore {
  const pool = server.pool()
  // The machine may be busy with other tests.
  const store = postgresStore(pool, { schema, timeoutMs: 20_000, ...options })
  disposals.push(async () => {
    await store.close()
    await pool.end()
  })
  return store
}

const row = keyOf(1)

/** Whether the row was found without a question to the database. When not, asks it, so that it is the next time. */
async function isKept(store: PostgresStore): Promise<boolean> {
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

describe('a cache that does not answer', () => {
  const SILENCE_MS = 1_500

  it('holds a change up until it must have stopped answering, and once it is known to be dead not at all', async () => {
    const schema = await newSchema()
    await warm(schema, { cache: { maxStalenessMs: SILENCE_MS } })
    // As a process leaves it that was killed: on the list, and its connection gone.
    await admin.query(`INSERT INTO ${schema}.caches VALUES ('dead', 'dead', 0, ${SILENCE_MS})`)
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

describe('a cache whose connection is lost', () => {
  it('reads the database at once, and keeps rows again when it is back', async () => {
    const schema = await newSchema()
    const cache = await warm(schema)
    for (let round = 0; round < 5; round++) {
      const { rows } = await admin.query(`SELECT pg_terminate_backend(pid) FROM ${schema}.caches`)
      expect(rows).toHaveLength(1)
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
