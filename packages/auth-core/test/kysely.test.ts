// The store contract on the databases that Kysely brings within reach.

import Database from 'better-sqlite3'
import { SqliteDialect, sql } from 'kysely'
import { afterAll, describe, expect, it } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { kyselyProjects, kyselyStore } from '../src/stores/kysely.js'
import { kyselyTables } from '../src/stores/kysely-dialects.js'
import { kyselyLimitStore } from '../src/stores/kysely-limits.js'
import {
  apiKeyStoreContract,
  eventOutboxContract,
  fastHasher,
  limitStoreContract,
  outcomeContract,
  projectStoreContract,
  storedKey,
} from '../src/testing/index.js'
import { closeDatabases, kyselyDatabases, open } from './support/kysely-databases.js'

afterAll(closeDatabases)

// The first test of a database waits for that to start, which takes long on a machine that does other work.
describe.each(Object.entries(kyselyDatabases))('Kysely on %s', { timeout: 180_000 }, (_name, databases) => {
  const { fresh, emptied: openDatabase } = databases

  describe('keeps keys, events and outcomes, and', () => {
    for (const promise of [...apiKeyStoreContract, ...eventOutboxContract, ...outcomeContract])
      it(promise.name, () => promise.run(async () => kyselyStore(await openDatabase())))
  })

  describe('keeps projects, and', () => {
    for (const promise of projectStoreContract)
      it(promise.name, () =>
        promise.run(async () => {
          const db = await openDatabase()
          return { projects: kyselyProjects(db), reopen: () => kyselyProjects(db) }
        }),
      )
  })

  describe('counts requests, and', () => {
    for (const promise of limitStoreContract)
      it(promise.name, () => promise.run(async () => kyselyLimitStore(await openDatabase())))
  })

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

  it('refuses the keys of a suspended project on the very next request, and asks for no project', async () => {
    const db = await openDatabase()
    const projects = kyselyProjects(db)
    let asked = 0
    const find = (id: string) => {
      asked++
      return projects.find(id)
    }
    const apiKeys = createApiKeys({
      store: kyselyStore(db),
      projects: { ...projects, find },
      hasher: fastHasher(),
    })
    const { id } = await projects.create({ name: 'Acme' })
    const { key } = await apiKeys.issue({ projectId: id, environment: 'production', label: 'test' })
    asked = 0
    for (const [status, expected] of [
      ['active', { ok: true }],
      ['suspended', { ok: false, reason: 'project_inactive' }],
      ['active', { ok: true }],
    ] as const) {
      await kyselyProjects(db).update(id, { status })
      expect(await apiKeys.verify(key)).toMatchObject(expected)
    }
    await projects.erase(id)
    expect(await apiKeys.verify(key)).toMatchObject({ ok: false, reason: 'project_inactive' })
    expect(asked).toBe(0)
  })

  it('brings the tables of an earlier release up to date, and keeps its keys', async () => {
    const db = await fresh()
    await kyselyStore(db).commit([storedKey(1)])
    for (const table of kyselyTables.slice(5)) await sql.raw(`DROP TABLE ${table}`).execute(db)
    await sql.raw('UPDATE api_key_schema SET version = 1').execute(db)
    const strict = kyselyStore(db, { initialize: 'never' })
    await expect(strict.find(storedKey(1).id)).rejects.toThrow('version 1; bring them to 3')
    const store = kyselyStore(db)
    expect(await store.find(storedKey(1).id)).toEqual(storedKey(1))
    expect(await store.outbox?.list({ order: 'asc', limit: 1 })).toEqual([])
    expect(await strict.find(storedKey(1).id)).toEqual(storedKey(1))
  })

  it('refuses a database without tables where it may not make them, and one that a newer release has changed', async () => {
    const db = await fresh()
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
