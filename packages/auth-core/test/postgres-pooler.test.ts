import { setTimeout as sleep } from 'node:timers/promises'
import pg, { type Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { postgresLimitStore } from '../src/limits/postgres.js'
import type { PostgresClient, PostgresPool } from '../src/stores/postgres.js'
import { diagnosePostgres } from '../src/stores/postgres-diagnosis.js'
import { apiKeyStoreContract, fastHasher, limitStoreContract } from '../src/testing/index.js'
import { keysOf, next, storedKey, typical } from '../src/testing/rows.js'
import {
  hasPgBouncer,
  keepsStatements,
  type PgBouncer,
  startPgBouncer,
  stopPgBouncers,
} from './support/pgbouncer.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'
import { type ClosableStore, type StoreOptions, storeOver } from './support/postgres-stores.js'
import { isThorough, trials } from './support/shared-database.js'
import { startSwitch } from './support/switch.js'

vi.setConfig({ testTimeout: isThorough ? 1_200_000 : 60_000 })

const SOON = { timeout: 20_000, interval: 10 }

const poolers: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  'a pooler of sessions': { pool_mode: 'session', default_pool_size: 60 },
  'a pooler of transactions': { pool_mode: 'transaction' },
  ...(keepsStatements && {
    'a pooler of transactions that keeps no prepared statements': {
      pool_mode: 'transaction',
      max_prepared_statements: 0,
    },
  }),
}

const bouncers = new Map<string, PgBouncer>()
let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ max_connections: '120' })
  if (!hasPgBouncer) return
  for (const [name, settings] of Object.entries(poolers)) {
    bouncers.set(name, await startPgBouncer(server.address.port, settings))
  }
})

afterAll(async () => {
  await stopPgBouncers()
  await stopPostgres()
})

const disposals: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose()
})

type Route = string

function poolTo(route: Route, config: pg.PoolConfig = {}): Pool {
  return server.pool({ max: 5, ...(bouncers.get(route)?.address ?? server.address), ...config })
}

interface OpenOptions extends StoreOptions {
  /** Wraps the pool. */
  readonly wrap?: (pool: Pool) => PostgresPool
}

function open(route: Route, { wrap = (pool) => pool, ...options }: OpenOptions = {}): ClosableStore {
  const pool = poolTo(route)
  const store = storeOver(wrap(pool), { schema: server.newSchema(), timeoutMs: 20_000, ...options })
  disposals.push(async () => {
    await store.close()
    await pool.end()
  })
  return store
}

const isOpen = async (store: ClosableStore) =>
  expect.poll(() => store.cacheStatus?.().state, SOON).toBe('open')

const keysOver = (store: ClosableStore) =>
  createApiKeys({ store, hasher: fastHasher(), storeTimeoutMs: 20_000, lastUsedIntervalMs: 200 })

let tables = 0

const kinds = { 'without a cache': false, 'with a cache': true }

describe.runIf(hasPgBouncer).each(Object.keys(poolers))('through %s', (route) => {
  describe.each(Object.entries(kinds))('a store %s', (_, cache) => {
    // A pooler of sessions changes less than one of transactions does, so it is tried only when there is time.
    for (const promise of isThorough || route !== 'a pooler of sessions' ? apiKeyStoreContract : []) {
      it(promise.name, () => promise.run(() => open(route, { cache })))
    }

    it('serves processes that issue, use, change and revoke at once', async () => {
      const schema = server.newSchema()
      const processes = [0, 1].map(() => keysOver(open(route, { schema, cache })))
      const round = async (own: (typeof processes)[number]) => {
        const { key, record } = await own.issue({ projectId: '42', environment: 'production', label: 'a' })
        const outcomes = async () => {
          const verifications = await Promise.all(processes.map(async (other) => other.verify(key)))
          return verifications.map(({ ok }) => ok)
        }
        expect(await outcomes()).toEqual([true, true])
        await own.update(record.id, { label: 'b' })
        const next = await own.rotate(record.id)
        expect(await outcomes()).toEqual([false, false])
        await own.revoke(next.record.id)
      }
      for (let n = 0; n < trials(40, 4); n++) {
        await Promise.all([...processes, ...processes, ...processes].map(round))
      }
      for (const own of processes) await own.close()
    })
  })

  describe('limits', () => {
    for (const promise of limitStoreContract) {
      it(promise.name, () =>
        promise.run(() => postgresLimitStore(poolTo(route), { table: `limits_${++tables}` })),
      )
    }
  })

  it('ten stores that come to an empty database at once all find it ready', async () => {
    const schema = server.newSchema()
    const stores = Array.from({ length: 10 }, (_, n) => open(route, { schema, cache: n % 2 === 0 }))
    await Promise.all(stores.map((store, n) => store.commit([storedKey(n)])))
    for (const store of stores) expect(await store.find(storedKey(9).id)).toEqual(storedKey(9))
  })
})

describe.runIf(hasPgBouncer)('a revocation', () => {
  const ways: Record<string, { route: Route; cache: boolean; listens?: boolean }> = {
    'straight to Postgres, without a cache': { route: 'direct', cache: false },
    'straight to Postgres, with caches': { route: 'direct', cache: true },
    'through a pooler of sessions, without a cache': { route: 'a pooler of sessions', cache: false },
    'through a pooler of sessions, with caches': { route: 'a pooler of sessions', cache: true },
    'through a pooler of transactions, without a cache': { route: 'a pooler of transactions', cache: false },
    'through a pooler of transactions, with caches': { route: 'a pooler of transactions', cache: true },
    'through a pooler of transactions, with caches that listen past it': {
      route: 'a pooler of transactions',
      cache: true,
      listens: true,
    },
  }

  /** The stores of three processes on one database, with their caches open. */
  const threeStores = async ({ route, cache, listens }: (typeof ways)[string]) => {
    const schema = server.newSchema()
    const stores = [0, 1, 2].map(() => {
      const listen = listens ? poolTo('direct', { max: 1 }) : undefined
      return open(route, { schema, cache: cache && { listen } })
    })
    await stores[0]?.find(typical.id)
    if (cache) for (const store of stores) await isOpen(store)
    return stores
  }

  /** Revokes a key that all processes use all the time. Counts who accepted it after the acknowledgement. */
  const revokedWhileUsed = async (
    processes: readonly ReturnType<typeof keysOver>[],
    revoker: ReturnType<typeof keysOver>,
    { key, id }: { readonly key: string; readonly id: string },
  ) => {
    let stale = 0
    let isAcknowledged = false
    const watch = async (own: ReturnType<typeof keysOver>): Promise<void> => {
      const wasAcknowledged = isAcknowledged
      const { ok } = await own.verify(key)
      if (wasAcknowledged) stale += ok ? 1 : 0
      else await sleep(1).then(() => watch(own))
    }
    const watching = processes.map(watch)
    const start = performance.now()
    await revoker.revoke(id)
    isAcknowledged = true
    const tookMs = performance.now() - start
    await Promise.all(watching)
    return { stale, tookMs }
  }

  it.each(Object.entries(ways))('%s, holds everywhere from its acknowledgement on', async (name, way) => {
    const stores = await threeStores(way)
    const processes = stores.map(keysOver)
    let stale = 0
    let warm = 0
    const took: number[] = []
    for (let trial = 0; trial < trials(1_000, 12); trial++) {
      const revoker = processes[trial % processes.length] as (typeof processes)[number]
      const { key, record } = await revoker.issue({ projectId: '42', environment: 'production', label: 'a' })
      for (const own of processes) expect(await own.verify(key)).toMatchObject({ ok: true })
      if (stores.every((store) => !(store.find(record.id) instanceof Promise))) warm++
      const outcome = await revokedWhileUsed(processes, revoker, { key, id: record.id })
      stale += outcome.stale
      took.push(outcome.tookMs)
    }
    const sorted = took.toSorted((a, b) => a - b)
    const [p50, p99] = [0.5, 0.99].map((q) => Math.round(sorted[Math.floor(sorted.length * q)] ?? 0))
    if (isThorough) console.log(name, { trials: took.length, stale, warm, p50, p99 })
    expect(stale).toBe(0)
    // Otherwise caches would have kept their promise by being off.
    if (way.cache) expect(warm).toBeGreaterThan(took.length / 2)
    for (const own of processes) await own.close()
  })
})

describe.runIf(hasPgBouncer)('a cache', () => {
  const through = 'a pooler of transactions'

  it.each([
    ['straight to Postgres', 'direct', undefined, { changes: 'notified', reason: null }],
    [
      'through a pooler of sessions',
      'a pooler of sessions',
      undefined,
      { changes: 'notified', reason: null },
    ],
    ['through a pooler of transactions', through, undefined, { changes: 'polled', reason: 'pooler' }],
    ['through one and listening past it', through, 'direct', { changes: 'notified', reason: null }],
    ['through one and listening through it', through, through, { changes: 'polled', reason: 'listener' }],
  ] as const)('%s says in health() how it learns of changes', async (_, route, listens, expected) => {
    const listen = listens && poolTo(listens, { max: 1 })
    const store = open(route, { cache: { listen } })
    const apiKeys = keysOver(store)
    const status = async () => (await apiKeys.health()).store.cache
    await expect.poll(status, SOON).toMatchObject({ state: 'open', ...expected })
    await store.close()
    expect(await status()).toMatchObject({ state: 'off', changes: null, reason: 'closed' })
    await listen?.end()
  })

  it('says in health() why it is off', async () => {
    const store = open('direct', { initialize: 'never', cache: true })
    expect(store.cacheStatus?.()).toMatchObject({ state: 'off', reason: 'starting' })
    const health = async () => (await keysOver(store).health()).store.cache
    await expect.poll(health, SOON).toEqual({ state: 'off', changes: null, reason: 'unavailable' })
    expect(store.cacheStatus?.().message).toMatch(/holds no API keys/)
  })

  it('that listens past the pooler shows a change by hand at once, and one that does not in time', async () => {
    const schema = server.newSchema()
    const maxStalenessMs = 2_000
    const polling = open(through, { schema, cache: { maxStalenessMs } })
    await polling.commit([typical])
    const listening = open(through, { schema, cache: { maxStalenessMs: 10_000, listen: poolTo('direct') } })
    for (const store of [polling, listening]) {
      await expect.poll(() => store.find(typical.id) instanceof Promise, SOON).toBe(false)
    }
    await expect.poll(() => listening.cacheStatus?.().changes, SOON).toBe('notified')
    const by = poolTo(through, { max: 1 })
    const start = performance.now()
    await by.query(`UPDATE ${schema}.keys SET label = 'by hand'`)
    const label = async (store: ClosableStore) => (await store.find(typical.id))?.label
    await expect.poll(() => label(listening), { ...SOON, interval: 1 }).toBe('by hand')
    // Sooner than it would have asked.
    expect(performance.now() - start).toBeLessThan(2_500)
    await expect.poll(() => label(polling), { timeout: maxStalenessMs, interval: 1 }).toBe('by hand')
    await by.end()
  })

  it('behind a pooler that stands still stops in time, and no change waits longer than for that', async () => {
    const schema = server.newSchema()
    const maxStalenessMs = 500
    const store = open(through, { schema, cache: { maxStalenessMs }, timeoutMs: 1_000 })
    await store.commit([typical])
    await expect.poll(() => store.find(typical.id) instanceof Promise, SOON).toBe(false)
    const writer = open('direct', { schema })
    bouncers.get(through)?.freeze()
    try {
      const start = performance.now()
      await writer.commit([next(typical, { revokedAt: 1 })])
      expect(performance.now() - start).toBeLessThan(5_000)
      await expect(store.find(typical.id)).rejects.toThrow(/did not answer in time/)
    } finally {
      bouncers.get(through)?.thaw()
    }
    await expect.poll(async () => (await store.find(typical.id))?.revokedAt, SOON).toBe(1)
  })
})

describe.runIf(hasPgBouncer)('connections that a pooler keeps while what is behind it changes', () => {
  it('are refused when they lead to a read replica, and serve the new primary from its promotion on', {
    timeout: 90_000,
  }, async () => {
    const schema = server.newSchema()
    const address = await startSwitch(server.address.port)
    const { address: pooler } = await startPgBouncer(address.port, { pool_mode: 'transaction' })
    const open = (cache: boolean) => {
      const pool = new pg.Pool({ ...pooler, max: 3 })
      const store = storeOver(pool, { schema, cache, timeoutMs: 2_000 })
      disposals.push(async () => {
        await store.close()
        await pool.end()
      })
      return { store, pool }
    }
    const [plain, cached] = [open(false), open(true)]
    await plain.store.commit([typical])
    const kept = await plain.pool.connect()
    kept.release()
    await expect.poll(() => cached.store.find(typical.id) instanceof Promise, SOON).toBe(false)

    const standby = await server.standby()
    await standby.start()
    address.leadTo(standby.address.port)
    const outcome = (store: ClosableStore, id: string) =>
      Promise.resolve(store.find(id)).then((row) => (row === undefined ? 'unknown' : 'found'), String)
    for (const { store } of [plain, cached]) {
      await expect.poll(() => outcome(store, typical.id), SOON).toMatch(/read replica/)
      // Also of a key that it may only not have heard of yet.
      await expect.poll(() => outcome(store, '000000000000'), SOON).toMatch(/read replica/)
      await expect(keysOf(store, '42')).rejects.toThrow(/read replica/)
    }
    const follower = standby.pool()
    await follower.query('SELECT pg_promote()')
    await expect.poll(() => outcome(plain.store, typical.id), SOON).toBe('found')
    await expect.poll(() => cached.store.find(typical.id) instanceof Promise, SOON).toBe(false)
    await plain.store.commit([next(typical, { revokedAt: 1 })])
    expect((await cached.store.find(typical.id))?.revokedAt).toBe(1)
    await standby.dispose()
  })
})

describe.runIf(hasPgBouncer)('a pooler that passes on the process ids of Postgres', () => {
  it('is found out by the first statement that is prepared elsewhere, which fails no call', async () => {
    const schema = server.newSchema()
    const { address } = await startPgBouncer(server.address.port, { pool_mode: 'transaction' })
    const stores = [0, 1, 2].map(() =>
      open('direct', { schema, wrap: () => withProcessIds(server.pool(address)) }),
    )
    const rows = [storedKey(1), storedKey(2), storedKey(3)]
    await Promise.all(stores.map((store, n) => store.commit([rows[n] as (typeof rows)[number]])))
    for (let version = 2; version < 20; version++) {
      const found = await Promise.all(
        stores.flatMap((store) => rows.map(async ({ id }) => (await store.find(id))?.version)),
      )
      expect(found).toEqual(Array(9).fill(version - 1))
      await Promise.all(
        stores.map((store, n) => store.commit([{ ...(rows[n] as (typeof rows)[number]), version }])),
      )
    }
  })

  /** Connections that name the process that served them first. */
  function withProcessIds(pool: Pool): PostgresPool {
    return {
      async connect() {
        const client: PostgresClient = await pool.connect()
        const { rows } = await client.query({ text: 'SELECT pg_backend_pid()', rowMode: 'array' })
        const [[processID] = []] = rows as [number][]
        return new Proxy(client, {
          get(target, name) {
            if (name === 'processID') return processID
            const member = Reflect.get(target, name)
            return typeof member === 'function' ? member.bind(target) : member
          },
        })
      },
    }
  }
})

describe.runIf(hasPgBouncer)('a diagnosis', () => {
  it.each([
    ['direct', 'direct', false],
    ['a pooler of sessions', 'sessions', true],
    ['a pooler of transactions', 'transactions', true],
  ])('of %s says how it leads to Postgres', async (way, route, isAbandonedWorkKept) => {
    const schema = server.newSchema()
    const cached = open('direct', { schema, cache: true })
    const { postgresStore } = await import('../src/stores/postgres.js')
    const store = postgresStore(poolTo(way), { schema })
    await store.find(typical.id)
    await isOpen(cached)
    expect(await diagnosePostgres(store)).toEqual({ route, isAbandonedWorkKept, caches: 1 })
    await cached.close()
    expect(await diagnosePostgres(store)).toMatchObject({ caches: 0 })
  })
})
