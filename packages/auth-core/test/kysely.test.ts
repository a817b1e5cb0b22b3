// The store contract on the databases that Kysely brings within reach.

import Database from 'better-sqlite3'
import { CamelCasePlugin, Kysely, MysqlDialect, SqliteDialect, sql } from 'kysely'
import { createPool } from 'mysql2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { kyselyStore } from '../src/stores/kysely.js'
import { apiKeyStoreContract, fastHasher, storedKey } from '../src/testing/index.js'
import { newFile } from './support/files.js'
import { libsqlDialect, pgliteDialect } from './support/kysely-dialects.js'
import { hasMariadb, type Mariadb, startMariadb } from './support/mariadb.js'

type AnyDatabase = Kysely<unknown>

let mariadb: Mariadb | undefined
const opened: AnyDatabase[] = []
const open = (dialect: ConstructorParameters<typeof Kysely>[0]['dialect']): AnyDatabase => {
  const db: AnyDatabase = new Kysely({ dialect, plugins: [new CamelCasePlugin()] })
  opened.push(db)
  return db
}

beforeAll(async () => {
  if (hasMariadb) mariadb = await startMariadb()
}, 60_000)
afterAll(async () => {
  await Promise.all(opened.map((db) => db.destroy()))
  await mariadb?.stop()
})

/** All tests of PGlite share one, since starting it takes longer than a test. */
let pglite: AnyDatabase | undefined
const tables = ['api_keys', 'api_key_events', 'api_key_uses', 'api_key_batches', 'api_key_projects_locked']
async function emptyPglite(): Promise<AnyDatabase> {
  pglite ??= open(pgliteDialect())
  await sql.raw(`DROP TABLE IF EXISTS ${[...tables, 'api_key_schema'].join(', ')}`).execute(pglite)
  return pglite
}

const databases: Record<string, () => AnyDatabase | Promise<AnyDatabase>> = {
  'better-sqlite3': () => open(new SqliteDialect({ database: new Database(newFile()) })),
  libSQL: () => open(libsqlDialect(`file:${newFile()}`)),
  PGlite: emptyPglite,
  ...(hasMariadb && {
    MariaDB: async () => {
      if (mariadb === undefined) throw new Error('MariaDB has not started')
      const database = await mariadb.newDatabase()
      const pool = createPool({ socketPath: mariadb.socketPath, user: 'root', database, connectionLimit: 10 })
      return open(new MysqlDialect({ pool }))
    },
  }),
}

// The first test of a database waits for that to start, which takes long on a machine that does other work.
describe.each(Object.entries(databases))('kyselyStore on %s', { timeout: 180_000 }, (_name, openDatabase) => {
  for (const promise of apiKeyStoreContract)
    it(promise.name, () => promise.run(async () => kyselyStore(await openDatabase())))

  it('keeps texts apart that differ in upper case, accents or spaces at the end', async () => {
    const store = kyselyStore(await openDatabase())
    const projects = ['acme', 'Acme', 'acme ', 'ácme', 'acmé']
    await store.commit(projects.map((projectId, n) => storedKey(n, { projectId, scopes: [projectId] })))
    for (const [n, projectId] of projects.entries()) {
      const list = (query: object) =>
        store.list({ sort: 'createdAt', order: 'asc', limit: 9, total: true, now: 0, ...query })
      const scope = { search: { label: null, idStart: null, scope: projectId } }
      for (const query of [{ projectId }, scope]) {
        const { rows, total } = await list(query)
        expect([rows.map(({ id }) => id), total], JSON.stringify(query)).toEqual([[storedKey(n).id], 1])
      }
    }
  })

  it('holds the life of a key, over two stores on one database', async () => {
    const db = await openDatabase()
    const [here, there] = [0, 1].map(() =>
      createApiKeys({ store: kyselyStore(db), hasher: fastHasher() }),
    ) as [ReturnType<typeof createApiKeys>, ReturnType<typeof createApiKeys>]
    const { key, record } = await here.issue({ projectId: '42', environment: 'production', label: 'first' })
    expect(await there.verify(key)).toMatchObject({ ok: true, record: { id: record.id } })
    const next = await there.rotate(record.id)
    expect(await here.verify(key)).toMatchObject({ ok: false, reason: 'revoked' })
    expect(await here.verify(next.key)).toMatchObject({ ok: true })
    await Promise.all([here.close(), there.close()])
    expect(await here.find(next.record.id)).toMatchObject({ lastUsedAt: expect.any(Date) })
  })

  it('counts a batch of uses once, however often it is recorded', async () => {
    const store = kyselyStore(await openDatabase())
    await store.commit([storedKey(1)])
    const uses = [{ id: storedKey(1).id, at: 5, days: new Map([['2026-01-01', 2]]) }]
    await store.recordUses(uses, 'a batch')
    await store.recordUses(uses, 'a batch')
    expect(await store.usage('42', '2026-01-01', '2026-01-01')).toMatchObject([{ count: 2 }])
  })

  it('refuses a database without tables where it may not make them, and one that a newer release has changed', async () => {
    const db = await openDatabase()
    const strict = kyselyStore(db, { initialize: 'never' })
    await expect(strict.find(storedKey(1).id)).rejects.toMatchObject({ code: 'store_unavailable' })
    await kyselyStore(db).commit([storedKey(1)])
    expect(await strict.find(storedKey(1).id)).toMatchObject({ id: storedKey(1).id })
    await sql.raw('UPDATE api_key_schema SET version = 99').execute(db)
    await expect(strict.commit([storedKey(2)])).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(kyselyStore(db).find(storedKey(1).id)).rejects.toThrow('newer release')
  })
})

it('refuses what is no Kysely, wrong options, and a dialect that it cannot tell', () => {
  expect(() => kyselyStore({} as never)).toThrow('db')
  const db = open(new SqliteDialect({ database: new Database(':memory:') }))
  expect(() => kyselyStore(db, { initialise: 'never' } as never)).toThrow('did you mean initialize?')
  expect(() => kyselyStore(db, { dialect: 'oracle' } as never)).toThrow('dialect')
})
