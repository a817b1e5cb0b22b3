// What ten million keys take on disk, and how long a look-up and each kind of list takes among them: one Postgres, one SQLite
// file. In one process, one call after the other, without a cache.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { argon2Hasher, createApiKeys } from '@gosend/auth-core'
import { postgresStore } from '@gosend/auth-core/postgres'
import { openSqlite, sqliteStore } from '@gosend/auth-core/sqlite'
import pg from 'pg'
import { figure, printTable } from './tables.mjs'

const { DATABASES = 'SQLite,Postgres' } = process.env
const KEYS_PER_PROJECT = 1_000
const WARM = 200
const settings = {
  hasher: argon2Hasher({ memoryKiB: 8, iterations: 1 }),
  storeTimeoutMs: 60_000,
  maxKeysPerProject: 1_000_000,
}
const attributes = { projectId: '42', environment: 'production', label: 'backend-prod' }

// All but these are copied from the row of a real key.
const columns = `key_start, environment, label, folded_label, hash, tag, scopes, metadata, version`

/** Each opens a database: `make(count)` copies a row, `sizes()` tells bytes by name, of tables and indexes. */
const databases = {
  async Postgres({ url }, count) {
    const pool = new pg.Pool({ connectionString: url })
    const schema = `bench_lists_${count}`
    const keys = `${schema}.keys`
    const make = () =>
      pool.query(
        `INSERT INTO ${keys} (id, project_id, created_at, ${columns})
         SELECT other.id, (number % $2)::text, created_at - number, ${columns}
         FROM (SELECT substr(md5(number::text), 1, 12) AS id, number FROM generate_series(1, $1::int) AS number ORDER BY 1) AS other,
           (SELECT * FROM ${keys} LIMIT 1) AS model
         ON CONFLICT (id) DO NOTHING`,
        [count, Math.ceil(count / KEYS_PER_PROJECT)],
      )
    const sizes = async () => {
      await pool.query(`VACUUM ANALYZE ${keys}`)
      const { rows } = await pool.query(
        `SELECT relname, pg_relation_size(oid)::float8 AS bytes FROM pg_class
         WHERE oid = '${keys}'::regclass OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = '${keys}'::regclass)
         ORDER BY 2 DESC`,
      )
      return rows.map(({ relname, bytes }) => [relname, bytes])
    }
    const someIds = async () => {
      const { rows } = await pool.query(`SELECT id FROM ${keys} WHERE id > $1 LIMIT 2000`, ['7'])
      return rows.map(({ id }) => id)
    }
    const close = () => pool.end()
    return { store: postgresStore(pool, { schema, timeoutMs: 60_000 }), make, sizes, someIds, close }
  },

  async SQLite({ directory }, count) {
    const file = join(directory, `${count}.db`)
    const driver = openSqlite(file)
    const make = () => {
      driver.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000')
      driver
        .prepare(
          `INSERT OR IGNORE INTO api_keys (id, project_id, created_at, ${columns})
           WITH RECURSIVE other (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM other WHERE number < ?)
           SELECT other.id, number % CAST(? AS INTEGER), created_at - number, ${columns}
           FROM (SELECT lower(hex(randomblob(6))) AS id, number FROM other ORDER BY 1) AS other,
             (SELECT * FROM api_keys LIMIT 1) AS model`,
        )
        .run(count, Math.ceil(count / KEYS_PER_PROJECT))
    }
    const sizes = () => {
      driver.exec('PRAGMA wal_checkpoint(TRUNCATE); ANALYZE')
      try {
        return driver
          .prepare(
            `SELECT name, sum(pgsize) AS bytes FROM dbstat('main', 1)
             WHERE name LIKE 'api_keys%' OR name LIKE '%autoindex_api_keys_%' GROUP BY name ORDER BY 2 DESC`,
          )
          .all()
          .map(({ name, bytes }) => [name, bytes])
      } catch {
        return [['the file', statSync(file).size]]
      }
    }
    const someIds = () =>
      driver
        .prepare('SELECT id FROM api_keys WHERE id > ? LIMIT 2000')
        .all('7')
        .map(({ id }) => id)
    return { store: sqliteStore(driver), make, sizes, someIds, close: () => driver.close() }
  },
}

const lists = {
  'a page of a project': (projectId) => ({ projectId }),
  'the active ones, by label': (projectId) => ({ projectId, status: 'active', sort: 'label' }),
  'a search in a project': (projectId) => ({ projectId, search: 'backend' }),
  'a project, with its total': (projectId) => ({ projectId, total: true }),
  'a page of all keys': () => ({}),
  'all keys that expire soon': () => ({ status: 'active', expiresBefore: new Date(Date.now() + 86_400_000) }),
  'all keys of an owner': () => ({ ownerId: 'anna' }),
}
/** Those that read every row: a few times are enough. */
const scans = {
  'all keys, with their total': { total: true },
  'a search in all keys that few have': { search: 'nobody' },
}

/** @param where `{ url, directory }`. */
export async function measureLists(where, sizes) {
  for (const [name, open] of Object.entries(databases)) {
    if (!DATABASES.split(',').includes(name)) continue
    for (const count of sizes) await measure(name, await open(where, count), count)
  }
}

async function measure(name, { store, make, sizes, someIds, close }, count) {
  const apiKeys = createApiKeys({ store, ...settings })
  const issued = []
  while (issued.length < WARM) issued.push((await apiKeys.issue(attributes)).key)
  const made = await timed(make)
  const title = `${count.toLocaleString('en')} keys in ${name}`
  const parts = await sizes()
  const bytes = parts.reduce((sum, [, each]) => sum + each, 0)
  printTable(
    `${title}, made in ${figure(made / 1_000)} s`,
    ['', 'MiB', 'bytes per key'],
    [...parts, ['in all', bytes]].map(([part, each]) => [part, figure(each / 2 ** 20), figure(each / count)]),
  )

  const ids = await someIds()
  const project = () => String(Math.floor((Math.random() * count) / KEYS_PER_PROJECT))
  for (const key of issued) await apiKeys.verify(key)
  const rows = [
    ['a verification', await times(2_000, (i) => apiKeys.verify(issued[i % WARM]))],
    ['a key by its id', await times(2_000, (i) => apiKeys.find(ids[i % ids.length]))],
  ]
  for (const [list, query] of Object.entries(lists))
    rows.push([list, await times(200, () => apiKeys.list(query(project())))])
  for (const [list, query] of Object.entries(scans)) {
    // A store gives up after a minute.
    const measured = await times(1, () => apiKeys.list(query)).catch(() => ({
      p50: Number.NaN,
      p99: Number.NaN,
    }))
    rows.push([list, measured])
  }
  printTable(
    `${title}: ms`,
    ['', 'median', 'p99'],
    rows.map(([what, { p50, p99 }]) => [what, figure(p50), figure(p99)]),
  )
  await apiKeys.close()
  await store.close?.()
  await close()
}

async function timed(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function times(count, call) {
  await call(0)
  const all = []
  for (let i = 0; i < count; i++) all.push(await timed(() => call(i)))
  all.sort((a, b) => a - b)
  return { p50: all[count >> 1], p99: all[Math.min(count - 1, Math.floor(count * 0.99))] }
}
