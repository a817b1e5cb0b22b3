import Database from 'better-sqlite3'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryLimitStore } from '../src/limits/memory.js'
import { postgresLimitStore } from '../src/limits/postgres.js'
import { redisLimitStore } from '../src/limits/redis.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { sqliteLimitStore } from '../src/stores/sqlite-limits.js'
import { limitStoreContract } from '../src/testing/index.js'
import { drivers } from './support/drivers.js'
import { connect, newFile } from './support/files.js'
import { limited, noon, recordOf } from './support/limits.js'
import { connectRedis, newPrefix, redisUrl } from './support/redis.js'

describe('memoryLimitStore', () => {
  for (const promise of limitStoreContract) it(promise.name, () => promise.run(memoryLimitStore))

  it('holds the windows of the moment and no others', () => {
    const store = memoryLimitStore()
    const windowOf = (startsAt: number, subject = 'a') =>
      ({ period: 'second', subject, startsAt, endsAt: startsAt + 1_000 }) as const
    for (let n = 0; n < 1_000; n++) store.add(windowOf(0, String(n)), 1)
    store.add(windowOf(1_000), 1)
    for (let n = 0; n < 1_000; n++) expect(store.read(windowOf(0, String(n)))).toBe(0)
  })

  it('answers at once, so that a request is counted without a promise', () => {
    const window = { period: 'day', subject: 'a', startsAt: 0, endsAt: 86_400_000 } as const
    expect(memoryLimitStore().add(window, 1)).toBe(1)
  })
})

describe.each(drivers)('sqliteLimitStore over $name', ({ open }) => {
  const createStore = () => sqliteLimitStore(open(newFile()))

  for (const promise of limitStoreContract) it(promise.name, () => promise.run(createStore))
})

it('every store counts costs, credits and windows of any length', () => {
  const client = { eval: async () => 1, multi: () => 1 }
  const pool = { query: async () => ({ rows: [] }) }
  const stores = [memoryLimitStore(), redisLimitStore(client), postgresLimitStore(pool)]
  for (const store of stores) expect(typeof store.charge).toBe('function')
})

describe('sqliteLimitStore', () => {
  it('counts in memory, in the file of the keys, and apart from a transaction of the host', async () => {
    const window = { period: 'day', subject: 'a', startsAt: 0, endsAt: 86_400_000 } as const
    expect(sqliteLimitStore(new Database(':memory:')).add(window, 1)).toBe(1)
    const db = connect(newFile())
    sqliteStore(db)
    const store = sqliteLimitStore(db)
    db.exec('BEGIN')
    expect(store.add(window, 1)).toBe(1)
    db.exec('ROLLBACK')
    expect(sqliteLimitStore(db).read(window)).toBe(1)
    sqliteStore(db)
    db.close()
  })
})

describe.skipIf(redisUrl === undefined)('redisLimitStore over ioredis', () => {
  const client = redisUrl === undefined ? undefined : connectRedis()
  const createStore = () => redisLimitStore(client as NonNullable<typeof client>, { prefix: newPrefix() })

  for (const promise of limitStoreContract) it(promise.name, () => promise.run(createStore))

  it('lets every counter expire, a month after its month at the latest', async () => {
    const prefix = newPrefix()
    const store = redisLimitStore(client as NonNullable<typeof client>, { prefix })
    const startsAt = Date.UTC(2026, 0, 1)
    for (const [period, endsAt] of [
      ['second', startsAt + 1_000],
      ['day', startsAt + 86_400_000],
      ['month', Date.UTC(2026, 1, 1)],
    ] as const) {
      await store.add({ period, subject: 'a', startsAt, endsAt }, 1)
    }
    const names = ((await client?.keys(`${prefix}*`)) ?? []).toSorted()
    expect(names).toEqual([
      `${prefix}:day:2026-01-01:a`,
      `${prefix}:month:2026-01:a`,
      `${prefix}:second:2026-01-01T00:00:00:a`,
    ])
    const lifetimes = await Promise.all(names.map((name) => client?.ttl(name)))
    expect(lifetimes).toEqual([2 * 86_400, 33 * 86_400, 10])
  })
})

describe.skipIf(redisUrl === undefined)('limits in a Redis that stalls', () => {
  const client = redisUrl === undefined ? undefined : connectRedis()
  const administrator = redisUrl === undefined ? undefined : connectRedis()

  it('refuse what has a quota, and count nothing of it when Redis goes on', async () => {
    const store = redisLimitStore(client as NonNullable<typeof client>, { prefix: newPrefix() })
    const { limits } = limited({ perDay: 10, perMonth: 10 }, { store, storeTimeoutMs: 100 })
    expect(await limits.consume(recordOf())).toMatchObject({ ok: true })
    await administrator?.call('CLIENT', 'PAUSE', '400', 'ALL')
    const refused = await Promise.all(Array.from({ length: 5 }, async () => limits.consume(recordOf())))
    expect(refused.map(({ ok }) => ok)).toEqual(Array(5).fill(false))
    expect(refused[0]).toMatchObject({ reason: 'limits_unavailable' })
    const half = 43_200_000
    const today = {
      period: 'day',
      subject: 'aaaaaaaaaaaa',
      startsAt: noon - half,
      endsAt: noon + half,
    } as const
    // Answered in the order of asking: by then, what was late has been counted.
    await administrator?.ping()
    await expect.poll(() => store.read(today)).toBe(1)
    expect(await limits.quota('42')).toMatchObject({ used: 1 })
  })
})

describe.skipIf(redisUrl === undefined)('redisLimitStore over node-redis', () => {
  const client = redisUrl === undefined ? undefined : createClient({ url: redisUrl })
  beforeAll(() => client?.connect())
  afterAll(() => client?.close())
  const createStore = () => redisLimitStore(client as NonNullable<typeof client>, { prefix: newPrefix() })

  for (const promise of limitStoreContract) it(promise.name, () => promise.run(createStore))
})

describe('a store', () => {
  it('is refused at once when it is built on something else than a client', () => {
    expect(() => redisLimitStore({} as never)).toThrow(TypeError)
    expect(() => redisLimitStore(undefined as never)).toThrow('client: pass a client of ioredis or redis')
  })
})
