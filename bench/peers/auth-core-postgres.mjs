// Ours over Postgres, in a schema of its own among as many other keys as wanted.

import { argon2Hasher, createApiKeys } from '@gosend/auth-core'
import { postgresStore } from '@gosend/auth-core/postgres'
import { postgresCache } from '@gosend/auth-core/postgres-cache'
import { requireApiKey } from '@gosend/express-adapter'
import pg from 'pg'

const attributes = { projectId: '42', environment: 'production', label: 'backend-prod' }

// Keys are proven before the clock starts, so that what argon2 costs does not show: the least it can spares minutes.
const hasher = argon2Hasher({ memoryKiB: 8, iterations: 1 })

export async function seed(url, { keys, others }, { schema }) {
  const pool = new pg.Pool({ connectionString: url })
  const apiKeys = createApiKeys({
    store: postgresStore(pool, { schema, timeoutMs: 60_000 }),
    hasher,
    storeTimeoutMs: 60_000,
    maxKeysPerProject: 1_000_000,
  })
  const issued = []
  while (issued.length < keys) issued.push((await apiKeys.issue(attributes)).key)

  // Rows like the real ones, in the order of their ids, which is the quickest way to fill an index.
  await pool.query(
    `INSERT INTO ${schema}.keys (id, project_id, environment, label, hash, tag, created_at, scopes, metadata, version)
     SELECT other.id, (ascii(other.id) % 50)::text, environment, label, hash, tag, created_at, scopes, metadata, 1
     FROM (SELECT substr(md5(number::text), 1, 12) AS id FROM generate_series(1, $1::int) AS number ORDER BY 1) AS other,
       (SELECT * FROM ${schema}.keys LIMIT 1) AS model
     ON CONFLICT (id) DO NOTHING`,
    [others],
  )
  await pool.query(`VACUUM ANALYZE ${schema}.keys`)
  await pool.end()
  return issued
}

export async function open(url, { schema, cache }) {
  const pool = new pg.Pool({ connectionString: url })
  const plain = postgresStore(pool, { schema, timeoutMs: 10_000 })
  const store = cache ? postgresCache(plain) : plain
  const apiKeys = createApiKeys({ store, hasher, storeTimeoutMs: 10_000 })
  await store.find('000000000000')
  return {
    verify: (key) => apiKeys.verify(key),
    admits: (verification) => verification.ok,
    middleware: requireApiKey(apiKeys),
    async close() {
      await apiKeys.close()
      await store.close?.()
      await pool.end()
    },
  }
}
