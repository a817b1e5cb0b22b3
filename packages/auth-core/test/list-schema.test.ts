// Lists in a large table are walks through an index, and files and schemas of the release before get what lists need.

import Database from 'better-sqlite3'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiKeyStore, createApiKeys, type ListQuery } from '../src/index.js'
import {
  type PostgresClient,
  type PostgresPool,
  type PostgresQuery,
  postgresStore,
} from '../src/stores/postgres.js'
import { type SqliteDriver, sqliteStore } from '../src/stores/sqlite.js'
import { openSqliteDatabase } from '../src/stores/sqlite-database.js'
import { createSqliteLists } from '../src/stores/sqlite-lists.js'
import { fastHasher } from '../src/testing/index.js'
import { next, storedKey } from '../src/testing/rows.js'
import { newFile } from './support/files.js'
import { WITHOUT_LISTS, withoutLists } from './support/former-schema.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(stopPostgres)

const pages: readonly ListQuery[] = [
  { projectId: '1' },
  { projectId: '1', status: 'active' },
  { projectId: '1', status: 'revoked' },
  { projectId: '1', order: 'asc' },
  { projectId: '1', sort: 'label' },
  { projectId: '1', sort: 'expiresAt' },
  { createdBy: 'person 1' },
  { ownerId: 'owner 1' },
  { expiresBefore: new Date(6), sort: 'expiresAt' },
  {},
]

/** Reads each of the lists and its second page. */
async function readPages(store: ApiKeyStore, query: ListQuery): Promise<void> {
  const apiKeys = createApiKeys({ store, storeTimeoutMs: 30_000 })
  const { next } = await apiKeys.list({ ...query, limit: 2 })
  await apiKeys.list({ ...query, limit: 2, cursor: next ?? undefined })
}

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    storedKey(n, {
      projectId: `${n % 5}`,
      createdAt: n % 1_000,
      label: `key ${n}`,
      revokedAt: n % 4 === 0 ? null : 1,
      createdBy: `person ${n % 10}`,
      ownerId: `owner ${n % 10}`,
      expiresAt: n % 3 === 0 ? 5 : null,
    }),
  )

describe('a page', () => {
  it.each(pages)('of %o is read from an index of SQLite in its order', async (query) => {
    const db = new Database(':memory:')
    const statements: string[] = []
    const driver: SqliteDriver = {
      exec: (sql) => db.exec(sql),
      prepare(sql) {
        statements.push(sql)
        return db.prepare(sql)
      },
    }
    const store = sqliteStore(driver)
    store.commit(rowsOf(100))
    statements.length = 0
    await readPages(store, query)
    for (const sql of statements) {
      const values = Array(sql.split('?').length - 1).fill(1)
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[]
      const steps = plan.map(({ detail }) => detail).join('; ')
      // What was found in an index is read by its ids.
      if (sql.includes('json_each')) continue
      expect(steps).toMatch(/^(?:SEARCH|SCAN) api_keys USING (?:COVERING )?INDEX \w+(?: \([^;]*\))?$/)
      if (query.projectId !== undefined) expect(steps).toMatch(/^SEARCH/)
      if (/, id\) [<>] /.test(sql)) expect(steps).toMatch(/[<>]/)
      if (query.status === 'active') expect(steps).toContain('not_revoked')
    }
  })

  it('is read from an index of Postgres in its order, directly and through a pooler', {
    timeout: 60_000,
  }, async () => {
    const pool = server.pool()
    const schema = server.newSchema()
    await postgresStore(pool, { schema, timeoutMs: 30_000 }).commit([storedKey(0)])
    await pool.query(
      `INSERT INTO ${schema}.keys SELECT (jsonb_populate_record(keys, jsonb_build_object(
         'id', lpad(n::text, 12, '0'), 'project_id', (n % 5)::text, 'created_at', n % 1000,
         'label', 'key ' || n, 'folded_label', 'key ' || n, 'created_by', 'person ' || n % 50, 'owner_id', 'owner ' || n % 50,
         'revoked_at', CASE WHEN n % 4 <> 0 THEN 1 END, 'expires_at', CASE WHEN n % 3 = 0 THEN 5 END))).*
       FROM ${schema}.keys, generate_series(1, 20000) AS n`,
    )
    await pool.query(`ANALYZE ${schema}.keys`)
    for (const isDirect of [true, false]) {
      const { store, asked } = watchedStore(pool, schema, isDirect)
      for (const query of pages) {
        asked.length = 0
        await readPages(store, query)
        const statements = asked.filter(({ text }) => text.includes('ORDER BY'))
        expect(statements).toHaveLength(2)
        for (const { text, values } of statements) {
          const { rows } = await pool.query(`EXPLAIN ${text}`, values)
          const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
          if (isDirect) expect(plan).toMatch(/^Limit/)
          // What comes after the limit has a page of rows to do with.
          const steps = plan.slice(plan.indexOf('Limit'))
          expect(steps, JSON.stringify(query)).toMatch(/Index Scan/)
          expect(steps, JSON.stringify(query)).not.toMatch(/Sort|Seq Scan/)
        }
      }
    }
  })
})

describe('a list in SQLite', () => {
  const query = { projectId: '1', sort: 'createdAt', order: 'desc', limit: 10, total: true, now: 6 } as const

  it('that few of many keys belong to lets the process go on while they are looked for', async () => {
    const db = new Database(':memory:')
    sqliteStore(db).commit(rowsOf(100))
    const list = createSqliteLists(openSqliteDatabase(db, {}), { lookedUp: 2, adjacent: 3 })
    let turns = 0
    let isOver = false
    const turn = () => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    const found = await list({ ...query, status: 'disabled' })
    isOver = true
    expect(found).toEqual({ rows: [], total: 0 })
    // 20 keys of the project, three at a time, once for the page and once for the total.
    expect(turns).toBeGreaterThan(10)
  })

  it('of few keys is there at once', () => {
    const store = sqliteStore(new Database(':memory:'))
    store.commit(rowsOf(100))
    expect(store.list({ ...query, status: 'revoked' })).toMatchObject({ total: 15 })
    expect(store.list({ ...query, sort: 'lastUsedAt' })).toMatchObject({ total: 20 })
  })

  it('does not read keys that are over to count the active ones when one is issued', () => {
    const db = new Database(':memory:')
    const statements: string[] = []
    const prepare = (sql: string) => {
      statements.push(sql)
      return db.prepare(sql)
    }
    sqliteStore({ exec: (sql) => db.exec(sql), prepare })
    const [sql = ''] = statements.filter((sql) => /count\(\*\) FROM \(SELECT 1 FROM api_keys/.test(sql))
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(1, 1, 1) as { detail: string }[]
    expect(plan.map(({ detail }) => detail).join('; ')).toMatch(
      /api_keys_active \(project_id=\? AND <expr>>\?\)/,
    )
  })
})

/** A store whose queries are seen; without the process that a direct connection knows, it takes the pool for a pooler. */
function watchedStore(pool: Pool, schema: string, isDirect: boolean) {
  const asked: PostgresQuery[] = []
  const watched: PostgresPool = {
    async connect() {
      const client: PostgresClient = await pool.connect()
      return {
        query(query) {
          asked.push(query)
          return client.query(query)
        },
        release: (destroy) => client.release(destroy),
        on: (event, listener) => client.on(event, listener),
        off: (event, listener) => client.off(event, listener),
        ...(isDirect && { processID: client.processID }),
      }
    },
  }
  return { store: postgresStore(watched, { schema, timeoutMs: 30_000 }), asked }
}

/** Keys as they were before lists: a chain of three, one beside it, and labels that are not ASCII. */
async function chains(store: ApiKeyStore) {
  const apiKeys = createApiKeys({ store, hasher: fastHasher(), storeTimeoutMs: 30_000 })
  const options = { projectId: '42', environment: 'production' as const }
  const first = await apiKeys.issue({ ...options, label: 'Größe ＡＰＩ' })
  const second = await apiKeys.rotate(first.record.id, { gracePeriodMs: 60_000 })
  const third = await apiKeys.rotate(second.record.id)
  const other = await apiKeys.issue({ ...options, label: 'OTHER' })
  return { chain: [first, second, third].map(({ record }) => record.id), other: other.record.id }
}

async function expectLists(store: ApiKeyStore, { chain, other }: Awaited<ReturnType<typeof chains>>) {
  const apiKeys = createApiKeys({ store, hasher: fastHasher(), storeTimeoutMs: 30_000 })
  const found = async (search: string) =>
    (await apiKeys.list({ projectId: '42', search })).map(({ id }) => id)
  expect((await found('GRÖßE api')).sort()).toEqual([...chain].sort())
  expect(await found('other')).toEqual([other])
  for (const id of chain) expect((await apiKeys.find(id))?.rootId).toBe(chain[0])
  expect((await apiKeys.find(other))?.rootId).toBe(other)
  const { record } = await apiKeys.rotate(chain[2] ?? '')
  expect(record.rootId).toBe(chain[0])
}

describe('what the release before made', () => {
  it('is a file that can be listed and searched once it is opened', async () => {
    const file = newFile()
    const db = new Database(file)
    const made = await chains(sqliteStore(db))
    db.exec(`${WITHOUT_LISTS}; UPDATE api_key_schema SET version = 3`)
    db.close()
    const migrated = new Database(file)
    await expectLists(sqliteStore(migrated), made)
    migrated.close()
  })

  it('is a schema that can be listed and searched once it is used', async () => {
    const pool = server.pool()
    const schema = server.newSchema()
    const made = await chains(postgresStore(pool, { schema, timeoutMs: 20_000 }))
    await pool.query(`${withoutLists(schema)}; UPDATE ${schema}.store SET version = 3`)
    await expectLists(postgresStore(pool, { schema, timeoutMs: 20_000 }), made)
  })
})

it('keeps the root of a chain through changes of a key', async () => {
  const store = sqliteStore(new Database(':memory:'))
  await store.commit([storedKey(1, { rootId: storedKey(2).id })])
  await store.commit([next(storedKey(1, { rootId: storedKey(2).id }), { label: 'renamed' })])
  expect((await store.find(storedKey(1).id))?.rootId).toBe(storedKey(2).id)
})
