// A process of its own over a shared database: changes keys and uses credits without end, and tells of each step before it takes
// it and once it is acknowledged, until it is killed. Runs the built package, as a host's process would.

import { setImmediate as turn } from 'node:timers/promises'
import { createApiKeys } from '@gosend/auth-core'
import { createLimits } from '@gosend/auth-core/limits'
import { fastHasher } from '@gosend/auth-core/testing'

const { file, postgres, clockOffsetMs } = JSON.parse(process.argv[2])
const PATIENCE_MS = 30_000

async function inFile() {
  const { openSqlite, sqliteStore } = await import('@gosend/auth-core/sqlite')
  const { sqliteLimitStore } = await import('@gosend/auth-core/limits/sqlite')
  return { store: sqliteStore(openSqlite(file)), counts: sqliteLimitStore(openSqlite(file)) }
}

async function inPostgres() {
  const { default: pg } = await import('pg')
  const { postgresStore } = await import('@gosend/auth-core/postgres')
  const { postgresCache } = await import('@gosend/auth-core/postgres-cache')
  const { postgresLimitStore } = await import('@gosend/auth-core/limits/postgres')
  const pool = new pg.Pool({ ...postgres, max: 4 })
  // Connections of others may be cut.
  pool.on('error', () => undefined)
  const store = postgresCache(postgresStore(pool, { timeoutMs: PATIENCE_MS }), { maxStalenessMs: 500 })
  return { store, counts: postgresLimitStore(pool) }
}

const { store, counts } = await (postgres === undefined ? inFile() : inPostgres())
// Machines disagree about the time.
const now = () => Date.now() + clockOffsetMs
const limits = createLimits({
  store: counts,
  plans: { free: {} },
  planOf: () => 'free',
  now,
  storeTimeoutMs: PATIENCE_MS,
})
const apiKeys = createApiKeys({
  store,
  hasher: fastHasher(),
  limits,
  now,
  storeTimeoutMs: PATIENCE_MS,
  maxKeysPerProject: 1_000_000,
})

const tell = (message) => process.send(message)

/** How one use of credits, or one gift of them, has ended. */
async function step(kind, record) {
  if (kind === 'taken') {
    const { ok, reason } = await limits.consume(record)
    if (ok) return 'after'
    return reason === 'limits_unavailable' ? 'open' : 'refused'
  }
  return apiKeys.topUp(record.id, 2).then(
    () => 'after',
    // The file was locked too long, before the credits were given or after.
    (error) => {
      if (error.code !== 'store_unavailable') throw error
      return 'open'
    },
  )
}

const commands = {
  verify: async (key) => {
    const verification = await apiKeys.verify(key)
    return verification.ok ? 'ok' : verification.reason
  },
  issue: () => apiKeys.issue({ projectId: '42', environment: 'production', label: 'parent' }),
  issueChild: (id, budget) => apiKeys.issueChild(id, { label: 'agent', budget }),
  change: (name, id) => (name === 'erase' ? apiKeys.erase({ keyId: id }) : apiKeys[name](id)),
  /** Goes through the life of keys with children, again and again. */
  live: async () => {
    for (;;) {
      const parent = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'parent' })
      const child = await apiKeys.issueChild(parent.record.id, { label: 'agent' })
      const step = async (expected, change, ...between) => {
        for (const possible of [...between, expected]) {
          tell({ pair: parent.record.id, about: 'before', expected: possible })
        }
        await change()
        tell({ pair: parent.record.id, about: 'after', expected })
      }
      tell({ pair: parent.record.id, keys: [parent.key, child.key], about: 'after', expected: ['ok', 'ok'] })
      await step(['disabled', 'disabled'], () => apiKeys.disable(parent.record.id))
      await step(['ok', 'ok'], () => apiKeys.enable(parent.record.id))
      await step(['ok', 'disabled'], () => apiKeys.disable(child.record.id))
      // What is to be erased is revoked first, so that nobody rotates it meanwhile.
      await step(['ok', 'unknown'], () => apiKeys.erase({ keyId: child.record.id }), ['ok', 'revoked'])
      await step(['unknown', 'unknown'], () => apiKeys.erase({ keyId: parent.record.id }), [
        'revoked',
        'unknown',
      ])
    }
  },
  /** Uses up what a key has, one request after the other, and gives it two more now and then. */
  spend: async (key, topUpEvery) => {
    for (let n = 1; ; n++) {
      // What is told gets out, and the other process has its turn with the file.
      await turn()
      const { record } = await apiKeys.verify(key)
      const kind = n % topUpEvery === 0 ? 'given' : 'taken'
      tell({ kind, about: 'before' })
      tell({ kind, about: await step(kind, record) })
    }
  },
  left: async (key) => {
    const { record } = await apiKeys.verify(key)
    const [status] = await limits.status(record)
    return status.remaining
  },
}

process.on('message', async ({ call, name, args }) => {
  try {
    tell({ call, value: await commands[name](...args) })
  } catch (error) {
    tell({ call, error: { code: error.code, message: error.message } })
  }
})
process.on('disconnect', () => process.exit())
tell({ at: 'start' })
