import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresLimitStore } from '../src/limits/postgres.js'
import { createLimits } from '../src/limits.js'
import { limitStoreContract } from '../src/testing/index.js'
import { promiseAcrossProcesses } from './support/limit-processes.js'
import { noon, recordOf } from './support/limits.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'

let server: PostgresServer
/** One for all that need no connections of their own: the server takes a hundred. */
let shared: pg.Pool
let tables = 0
const newTable = () => `limits_${++tables}`

beforeAll(async () => {
  server = await startPostgres()
  shared = server.pool()
})

afterAll(stopPostgres)

describe('postgresLimitStore', () => {
  const createStore = () => postgresLimitStore(shared, { table: newTable() })

  for (const promise of limitStoreContract) it(promise.name, () => promise.run(createStore))

  it('makes its table when many begin at once', async () => {
    const table = newTable()
    const window = { period: 'day', subject: 'a', startsAt: noon, endsAt: noon + 1 } as const
    const stores = Array.from({ length: 8 }, () => postgresLimitStore(server.pool(), { table }))
    const sums = await Promise.all(stores.map((store) => store.add(window, 1)))
    expect(sums.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('does without the right to make tables when it is there', async () => {
    const table = newTable()
    const pool = server.pool()
    const window = { period: 'day', subject: 'a', startsAt: noon, endsAt: noon + 1 } as const
    await postgresLimitStore(pool, { table }).add(window, 1)
    await pool.query(`CREATE ROLE counter LOGIN; GRANT SELECT, INSERT, UPDATE ON ${table} TO counter`)
    const restricted = postgresLimitStore(server.pool({ user: 'counter', database: 'postgres' }), {
      table,
      initialize: 'never',
    })
    expect(await restricted.add(window, 1)).toBe(2)
  })

  describe('over a table whose counters end at 2147483647, as earlier releases made it', () => {
    const most = 1_000_000_000
    const narrow = async () => {
      const pool = shared
      const table = newTable()
      await pool.query(
        `CREATE TABLE ${table} (key varchar(255) PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint)`,
      )
      return { pool, table }
    }
    const plans = { one: { credits: { amount: 0 } } } as const
    const limitsOver = (store: ReturnType<typeof postgresLimitStore>) =>
      createLimits({ store, plans, planOf: () => 'one', now: () => noon, storeTimeoutMs: 60_000 })

    it('widens them when one has to count further, and loses nothing', async () => {
      const { pool, table } = await narrow()
      const [one, two] = [1, 2].map(() => limitsOver(postgresLimitStore(pool, { table })))
      const given = await Promise.all(
        Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? one : two)?.topUp(recordOf(), most)),
      )
      expect(given.toSorted((a = 0, b = 0) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => n * most))
      const month = { period: 'month', subject: 'a', startsAt: noon, endsAt: noon + 1 } as const
      const store = postgresLimitStore(pool, { table })
      expect([await store.add(month, 1), await store.add(month, 1), await store.read(month)]).toEqual([
        1, 2, 2,
      ])
    })

    it('says what to do where it may not, and gives nothing', async () => {
      const { pool, table } = await narrow()
      const role = `adder_${table}`
      await pool.query(`CREATE ROLE ${role} LOGIN; GRANT SELECT, INSERT, UPDATE ON ${table} TO ${role}`)
      const restricted = server.pool({ user: role, database: 'postgres' })
      const limits = limitsOver(postgresLimitStore(restricted, { table, initialize: 'never' }))
      for (const times of [1, 2]) expect(await limits.topUp(recordOf(), most)).toBe(times * most)
      await expect(limits.topUp(recordOf(), most)).rejects.toMatchObject({
        code: 'store_unavailable',
        cause: { message: expect.stringContaining(`ALTER TABLE "${table}" ALTER COLUMN points TYPE bigint`) },
      })
      expect(await limits.status(recordOf())).toMatchObject([{ remaining: 2 * most }])
    })
  })

  it.each([
    'default_transaction_isolation=serializable',
    'default_transaction_isolation=repeatable\\ read',
    'default_transaction_read_only=on',
  ])('counts exactly, and refuses nobody else, where the database is set to %s', async (setting) => {
    const pool = server.pool({ options: `-c ${setting}`, max: 4 })
    for (const plan of [{ perMonth: 100, perDay: 10 }, { limits: [{ limit: 10, per: '15m' }] } as const]) {
      const limits = createLimits({
        store: postgresLimitStore(pool, { table: newTable() }),
        plans: { one: plan },
        planOf: () => 'one',
        now: () => noon,
        storeTimeoutMs: 60_000,
      })
      const results = await Promise.all(Array.from({ length: 40 }, () => limits.consume(recordOf())))
      const reasons = results.map((result) => (result.ok ? 'ok' : result.reason))
      expect(reasons.filter((reason) => reason === 'ok')).toHaveLength(10)
      expect(reasons.filter((reason) => reason === 'rate_exceeded')).toHaveLength(30)
    }
  })

  it('refuses beyond a limit however the driver is told to read truth values', async () => {
    const getTypeParser = ((oid, format) =>
      oid === 16
        ? (value: string) => Number(value === 't')
        : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser
    const limits = createLimits({
      store: postgresLimitStore(server.pool({ types: { getTypeParser } }), { table: newTable() }),
      plans: { one: { perMinute: 1 } },
      planOf: () => 'one',
      now: () => noon,
      storeTimeoutMs: 5_000,
    })
    const results = [await limits.consume(recordOf()), await limits.consume(recordOf())]
    expect(results.map(({ ok }) => ok)).toEqual([true, false])
  })

  it('needs no more than 17 rows for all the seconds of a key', async () => {
    const table = newTable()
    const pool = server.pool()
    const store = postgresLimitStore(pool, { table })
    for (let second = 0; second < 40; second++) {
      const startsAt = noon + second * 1_000
      await store.add({ period: 'second', subject: 'a', startsAt, endsAt: startsAt + 1_000 }, 1)
    }
    const { rows } = await pool.query(`SELECT count(*)::int FROM ${table}`)
    expect(rows).toEqual([{ count: 17 }])
  })

  it('ends no process when a connection breaks while it is idle', async () => {
    const pool = server.pool()
    pool.removeAllListeners('error')
    const store = postgresLimitStore(pool, { table: newTable() })
    const window = { period: 'day', subject: 'a', startsAt: noon, endsAt: noon + 1 } as const
    await store.add(window, 1)
    await server.stop()
    await server.start()
    await expect.poll(async () => store.add(window, 1)).toBe(2)
  })

  it('is back with the first request after Postgres is', async () => {
    const table = newTable()
    const limits = createLimits({
      store: postgresLimitStore(server.pool(), { table }),
      plans: { standard: { perMonth: 5 } },
      planOf: () => 'standard',
      now: () => noon,
      storeTimeoutMs: 5_000,
    })
    await server.stop()
    expect(await limits.consume(recordOf())).toMatchObject({ ok: false, reason: 'limits_unavailable' })
    await server.start()
    expect(await limits.consume(recordOf())).toMatchObject({ ok: true, statuses: [{ remaining: 4 }] })
    await server.stop()
    expect(await limits.consume(recordOf())).toMatchObject({ ok: false, reason: 'limits_unavailable' })
    await server.start()
    expect(await limits.consume(recordOf())).toMatchObject({ ok: true, statuses: [{ remaining: 3 }] })
  })
})

describe('processes that count in one Postgres', () => {
  promiseAcrossProcesses(() => {
    const { host, port, user } = server.address
    const name = newTable()
    const store = postgresLimitStore(server.pool(), { table: name })
    return { kind: 'postgres', url: `postgres://${user}@${host}:${port}/postgres`, name, store }
  })
})

it('is refused at once when it is built on something else than a pool, or on a table with a strange name', () => {
  expect(() => postgresLimitStore({} as never)).toThrow('pool: pass a pool of pg')
  expect(() => postgresLimitStore(server.pool(), { table: 'x"; DROP TABLE y; --' })).toThrow(TypeError)
  expect(() => postgresLimitStore(server.pool(), { initialize: 'maybe' as never })).toThrow(TypeError)
})
