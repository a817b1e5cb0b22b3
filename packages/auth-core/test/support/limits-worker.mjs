// A process of its own that counts in a shared database: takes as many units at once as it is told over IPC, and says how
// many it got. Ends when it is cut off. Runs the built package, as a host's process would.

import { createLimits } from '@gosend/auth-core/limits'
import { postgresLimitStore } from '@gosend/auth-core/limits/postgres'
import { redisLimitStore } from '@gosend/auth-core/limits/redis'
import { sqliteLimitStore } from '@gosend/auth-core/limits/sqlite'
import { openSqlite } from '@gosend/auth-core/sqlite'
import { Redis } from 'ioredis'
import pg from 'pg'

const { kind, url, name, plan: chosen, now } = JSON.parse(process.argv[2])
const { cost, ...plan } = chosen

const stores = {
  redis: () => redisLimitStore(new Redis(url), { prefix: name }),
  sqlite: () => sqliteLimitStore(openSqlite(url), { table: name }),
  postgres: () => postgresLimitStore(new pg.Pool({ connectionString: url, max: 4 }), { table: name }),
}

const limits = createLimits({
  store: stores[kind](),
  plans: { standard: plan },
  planOf: () => 'standard',
  now: () => now,
  // Four processes on few cores: a late answer is no outage here.
  storeTimeoutMs: 30_000,
  onStoreFailure: { rate: 'refuse' },
})

process.on('message', async ({ keyId, projectId, times }) => {
  const record = { id: keyId, rootId: keyId, projectId, environment: 'production' }
  const results = await Promise.all(
    Array.from({ length: times }, async () => limits.consume(record, { cost })),
  )
  process.send({
    allowed: results.filter(({ ok }) => ok).length,
    errors: results.flatMap(({ error }) => (error === undefined ? [] : [String(error.cause ?? error)])),
  })
})
process.on('disconnect', () => process.exit())
process.send('ready')
