// A process of its own over a shared database of keys: carries out what it is told over IPC, one command at a time,
// and ends when it is cut off. Runs the built package, as a host's process would. What only Postgres needs is loaded for it.

import { argon2Hasher, createApiKeys } from '@gosend/auth-core'
import { openSqlite, sqliteStore } from '@gosend/auth-core/sqlite'
import { fastHasher } from '@gosend/auth-core/testing'

const { file, postgres, redis, argon2, clockJumpsEveryMs, ...options } = JSON.parse(process.argv[2])

const YEAR_MS = 365 * 86_400_000
const counts = { argon2Runs: 0, lostCommits: 0, writesOfUses: 0, clockJumps: 0 }
// By this the test compares the times of several processes.
const trueNow = Date.now
let clockIsOffMs = 0
if (clockJumpsEveryMs !== undefined) {
  Date.now = () => trueNow() + clockIsOffMs
  setInterval(() => {
    counts.clockJumps++
    clockIsOffMs = Math.round((Math.random() - 0.5) * 2 * YEAR_MS)
  }, clockJumpsEveryMs)
}
let firstRead
let stopAtCommit = false
let admit

async function overPostgres({ pool, listen, options: { cache = false, ...options } }) {
  const { default: pg } = await import('pg')
  const { postgresStore } = await import('@gosend/auth-core/postgres')
  const { postgresCache } = await import('@gosend/auth-core/postgres-cache')
  const poolOf = (config) => new pg.Pool({ user: 'postgres', host: '127.0.0.1', ...config })
  const plain = postgresStore(poolOf(pool), options)
  if (cache === false) return plain
  return postgresCache(plain, {
    ...(cache === true ? {} : cache),
    ...(listen !== undefined && { listen: poolOf(listen) }),
  })
}

async function overRedis({ port, options }) {
  const { Redis } = await import('ioredis')
  const { redisCache } = await import('@gosend/auth-core/redis-cache')
  return redisCache(sqliteStore(openSqlite(file)), new Redis({ port, lazyConnect: true }), options)
}

async function openStore() {
  if (postgres !== undefined) return overPostgres(postgres)
  return redis === undefined ? sqliteStore(openSqlite(file)) : overRedis(redis)
}

const store = await openStore()
const hasher = argon2 === undefined ? fastHasher() : argon2Hasher(argon2)

const apiKeys = createApiKeys({
  storeTimeoutMs: 30_000,
  maxKeysPerProject: 1_000_000,
  ...options,
  hasher: {
    ...hasher,
    verify(hash, key) {
      counts.argon2Runs++
      return hasher.verify(hash, key)
    },
  },
  store: {
    ...store,
    find(id) {
      const row = store.find(id)
      if (typeof row?.then !== 'function') {
        firstRead ??= row
        return row
      }
      return row.then((found) => {
        firstRead ??= found
        return found
      })
    },
    // Lets the test hold a change between what it decided and its commit, so that two really race.
    async commit(...change) {
      if (stopAtCommit) {
        stopAtCommit = false
        const admitted = new Promise((resolve) => {
          admit = resolve
        })
        process.send({ at: 'commit' })
        await admitted
      }
      const won = await store.commit(...change)
      if (!won) counts.lostCommits++
      return won
    },
    async recordUses(uses, batch) {
      await store.recordUses(uses, batch)
      counts.writesOfUses++
    },
  },
})

const issue = (label = 'backend-prod') => apiKeys.issue({ projectId: '42', environment: 'production', label })

let other
const commands = {
  issue,
  /** Issues so many keys of a project at once, and tells how each ended. */
  issueAtOnce: (projectId, times) =>
    Promise.all(
      Array.from({ length: times }, () =>
        apiKeys.issue({ projectId, environment: 'production', label: 'one of many' }).then(
          () => 'issued',
          ({ code }) => code,
        ),
      ),
    ),
  verify: async (key) => {
    const verification = await apiKeys.verify(key)
    return verification.ok ? 'ok' : verification.reason
  },
  /** For each key what is said of it, or the code of the error. */
  outcomes: (keys) => Promise.all(keys.map((key) => commands.verify(key).catch(({ code }) => code))),
  verifyAtOnce: (key, times) => Promise.all(Array.from({ length: times }, () => commands.verify(key))),
  rotate: (id) => apiKeys.rotate(id),
  revoke: async (id) => {
    const record = await apiKeys.revoke(id)
    return { record, beganBeforeRotation: firstRead.replacedBy === null }
  },
  disable: (id) => apiKeys.disable(id),
  enable: (id) => apiKeys.enable(id),
  stopAtCommit: () => {
    stopAtCommit = true
  },
  counts: () => counts,
  peakMemoryMiB: () => process.resourceUsage().maxRSS / 1_024,
  /** Asks with a key every millisecond or two until it is refused. Gives the times of the last yes and the first no. */
  untilRefused: async (key) => {
    let lastYes = 0
    for (;;) {
      const asked = trueNow()
      const { ok } = await apiKeys.verify(key)
      if (!ok) return { lastYes, firstNo: trueNow() }
      lastYes = asked
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  },
  /** Whether keys are found without asking the database. */
  isWarm: (key) => typeof store.find(key.slice(9, 21))?.then !== 'function',
  close: async () => {
    await apiKeys.close()
    await store.close?.()
  },
  lock: () => {
    other = openSqlite(file)
    other.exec('BEGIN IMMEDIATE')
  },
  unlock: () => other.close(),
  /** Issues, rotates and revokes without end, and tells of each change once it is acknowledged. */
  churn: async () => {
    for (;;) {
      const first = await issue()
      process.send({ acknowledged: 'issue', id: first.record.id, key: first.key })
      const second = await apiKeys.rotate(first.record.id)
      process.send({
        acknowledged: 'rotate',
        id: first.record.id,
        successor: second.record.id,
        key: second.key,
      })
      if (Math.random() < 0.5) continue
      await apiKeys.revoke(second.record.id)
      process.send({ acknowledged: 'revoke', id: second.record.id })
    }
  },
  /** Reads events without end, and tells of each while it is being handled. */
  readEvents: (consumer) => {
    const tell = ({ sequence }) =>
      new Promise((resolve) => process.send({ handled: sequence }, () => setTimeout(resolve, 2)))
    apiKeys.subscribe(consumer, tell, { leaseMs: 1_000, intervalMs: 20 })
    return new Promise(() => {})
  },
  /** Uses a key without end, and tells when. */
  use: async (key) => {
    for (;;) {
      const verification = await apiKeys.verify(key)
      process.send({ usedAt: Date.now(), ok: verification.ok })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  },
}

process.on('message', async ({ call, name, args }) => {
  if (name === 'admit') return admit()
  firstRead = undefined
  try {
    process.send({ call, value: await commands[name](...args) })
  } catch (error) {
    const cause = error.cause === undefined ? '' : `: ${error.cause.message}`
    process.send({ call, error: { code: error.code, message: `${error.message}${cause}` } })
  }
})
process.on('disconnect', () => process.exit())
process.send({ at: 'start' })
