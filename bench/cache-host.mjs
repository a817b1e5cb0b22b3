// A process with several caches, each with connections of its own, as several machines would have. `caches.mjs` tells it what to do.

import { postgresStore } from '@gosend/auth-core/postgres'
import { postgresCache } from '@gosend/auth-core/postgres-cache'
import { redisCache } from '@gosend/auth-core/redis-cache'
import { Redis } from 'ioredis'
import pg from 'pg'
import { serve } from './processes.mjs'

const stores = []
const UNKNOWN_ID = '000000000000'
const WARM_WITHIN_MS = 120_000

function open({ url, redis }) {
  // Kept, as a host with requests keeps them: a new connection costs Postgres 30 ms of CPU, and so 200 hosts several seconds.
  const pool = new pg.Pool({ connectionString: url, max: 2, idleTimeoutMillis: 0 })
  pool.on('error', () => {})
  const plain = postgresStore(pool, { timeoutMs: 10_000 })
  return redis === undefined
    ? postgresCache(plain, { maxStalenessMs: 500 })
    : redisCache(plain, new Redis(redis, { lazyConnect: true }), { timeoutMs: 5_000 })
}

/** What the cache has in memory; undefined when it would have to ask. */
function kept(store, id) {
  const row = store.find(id)
  if (!(row instanceof Promise)) return row
  row.catch(() => {})
}

serve({
  /** Opens so many caches, one after the other, with all their connections. */
  async open({ caches, ...where }) {
    while (stores.length < caches) {
      const store = open(where)
      stores.push(store)
      while (store.cacheStatus().state !== 'open') await pause(20)
      await store.find(UNKNOWN_ID)
    }
  },
  /** Resolves when every cache has the key in memory. One that its server was late for asks again, as a host would. */
  async warm(id) {
    const endsAt = performance.now() + WARM_WITHIN_MS
    for (;;) {
      const missing = stores.filter((store) => kept(store, id) === undefined)
      if (missing.length === 0) return
      const failed = (await Promise.allSettled(missing.map((store) => store.find(id)))).find(
        ({ reason }) => reason !== undefined,
      )
      if (performance.now() > endsAt) throw failed?.reason ?? new Error('the caches do not stay open')
      await pause(2)
    }
  },
  /** How many caches still have a key, that is revoked, as one that is not. */
  stale(id) {
    return stores.filter((store) => kept(store, id)?.revokedAt === null).length
  },
  cpuMicros: () => process.cpuUsage().user + process.cpuUsage().system,
})

function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
