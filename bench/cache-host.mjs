// A process with several caches, each with connections of its own, as several machines would have. `caches.mjs` tells it what to do.

import { postgresStore } from '@gosend/auth-core/postgres'
import { postgresCache } from '@gosend/auth-core/postgres-cache'
import { redisCache } from '@gosend/auth-core/redis-cache'
import { Redis } from 'ioredis'
import pg from 'pg'
import { serve } from './processes.mjs'

const pools = []
let stores = []

function open({ url, redis }) {
  const pool = new pg.Pool({ connectionString: url, max: 2, idleTimeoutMillis: 1_000 })
  pool.on('error', () => {})
  pools.push(pool)
  const plain = postgresStore(pool, { timeoutMs: 10_000 })
  return redis === undefined
    ? postgresCache(plain, { maxStalenessMs: 500 })
    : redisCache(plain, new Redis(redis, { lazyConnect: true }), { timeoutMs: 5_000 })
}

const isKept = (store, id) => !(store.find(id) instanceof Promise)

serve({
  /** Opens so many caches. */
  async open({ caches, ...where }) {
    stores = Array.from({ length: caches }, () => open(where))
    for (const store of stores) while (store.cacheStatus().state !== 'open') await pause(20)
    return stores.map((store) => store.cacheStatus().changes)
  },
  /** Resolves when every cache has the key in memory. */
  async warm(id) {
    while (!stores.every((store) => isKept(store, id))) {
      await Promise.all(stores.map((store) => store.find(id)))
      await pause(2)
    }
  },
  /** How many caches still have a key, that is revoked, as one that is not. */
  stale(id) {
    return stores.filter((store) => {
      const row = store.find(id)
      return !(row instanceof Promise) && row.revokedAt === null
    }).length
  },
  cpuMicros: () => process.cpuUsage().user + process.cpuUsage().system,
})

function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
