// Random keys and random lists of them, in every store, held against a list that is made by hand.

import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiKeyStore, createApiKeys, type ListQuery, type StoredKey } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { postgresStore } from '../src/stores/postgres.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { openSqliteDatabase } from '../src/stores/sqlite-database.js'
import { createSqliteLists } from '../src/stores/sqlite-lists.js'
import { storedKey } from '../src/testing/rows.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(stopPostgres)

const now = 1_000

// Few values, so that rows have much in common; and characters that SQL, JSON and sorting could mistake.
const label = fc.constantFrom(
  'a',
  'A',
  'ab',
  'B',
  'b%',
  '_',
  'é',
  'E\u0301',
  '\uffee',
  '🗝',
  "o'",
  '\\',
  '"',
  '10',
  '9',
  'key',
)
const time = fc.constantFrom(0, 1, 999, 1_000, 1_001, 5_000)
const scope = fc.constantFrom('a', 'ab', ',', '[', 'b%', '_', 'read')

const person = fc.constantFrom('ana', 'Ana', "o' OR 1", '%')

const row = fc.record({
  projectId: fc.constantFrom('1', '2', "' OR 1"),
  environment: fc.constantFrom('sandbox', 'production'),
  label,
  createdAt: time,
  lastUsedAt: fc.option(time),
  expiresAt: fc.option(time),
  revokedAt: fc.option(time, { freq: 1 }),
  disabledAt: fc.option(time, { freq: 1 }),
  createdBy: fc.option(person),
  ownerId: fc.option(person),
  scopes: fc.uniqueArray(scope, { maxLength: 2 }),
})

const query = fc.record(
  {
    projectId: fc.constantFrom('1', '2', "' OR 1", '%'),
    environment: fc.constantFrom('sandbox', 'production'),
    ids: fc.array(fc.constantFrom(...[0, 1, 2, 5, 99].map((n) => storedKey(n).id), "' OR 1"), {
      maxLength: 4,
    }),
    status: fc.constantFrom('active', 'disabled', 'expired', 'revoked'),
    createdBy: person,
    ownerId: person,
    expiresBefore: time.map((at) => new Date(at)),
    unusedSince: time.map((at) => new Date(at)),
    search: fc.oneof(
      label,
      scope,
      fc.constantFrom('key00000000', 'key000000001', 'gsk_live_key000000002…', 'KEY0'),
    ),
    sort: fc.constantFrom('createdAt', 'lastUsedAt', 'label', 'expiresAt'),
    order: fc.constantFrom('asc', 'desc'),
    limit: fc.integer({ min: 1, max: 12 }),
  },
  { requiredKeys: ['limit'] },
)

const fold = (text: string) => text.normalize('NFKC').toLowerCase()
const points = (text: string) => Array.from(text, (character) => character.codePointAt(0) ?? 0)

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? Number.NEGATIVE_INFINITY)
}

const sortedBy: Readonly<Record<NonNullable<ListQuery['sort']>, (row: StoredKey) => readonly number[]>> = {
  createdAt: ({ createdAt }) => [createdAt],
  lastUsedAt: ({ lastUsedAt }) => [lastUsedAt ?? Number.NEGATIVE_INFINITY],
  expiresAt: ({ expiresAt }) => [expiresAt ?? Number.POSITIVE_INFINITY],
  label: ({ label }) => points(fold(label)),
}

/** The ids of a list, worked out from all rows. */
function listByHand(rows: readonly StoredKey[], query: ListQuery): readonly string[] {
  const { projectId, environment, ids, status, createdBy, ownerId, search, sort = 'createdAt' } = query
  const expiresBefore = query.expiresBefore?.getTime()
  const unusedSince = query.unusedSince?.getTime() ?? Number.POSITIVE_INFINITY
  const order = query.order ?? (sort === 'createdAt' || sort === 'lastUsedAt' ? 'desc' : 'asc')
  const id = search?.replace(/^gsk_live_|…$/g, '')
  return rows
    .filter((row) => projectId === undefined || row.projectId === projectId)
    .filter((row) => environment === undefined || row.environment === environment)
    .filter((row) => ids === undefined || ids.includes(row.id))
    .filter((row) => {
      const isExpired = row.expiresAt !== null && row.expiresAt <= now
      const its = isExpired ? 'expired' : 'active'
      if (row.revokedAt !== null) return status === undefined || status === 'revoked'
      if (row.disabledAt !== null) return status === undefined || status === 'disabled'
      return status === undefined || its === status
    })
    .filter((row) => createdBy === undefined || row.createdBy === createdBy)
    .filter((row) => ownerId === undefined || row.ownerId === ownerId)
    .filter((row) => expiresBefore === undefined || (row.expiresAt ?? expiresBefore) < expiresBefore)
    .filter((row) => (row.lastUsedAt ?? row.createdAt) < unusedSince)
    .filter(
      (row) =>
        search === undefined ||
        fold(row.label).includes(fold(search)) ||
        row.scopes.includes(search) ||
        (id !== undefined && id.length >= 4 && row.id.startsWith(id)),
    )
    .sort(
      (a, b) =>
        (order === 'asc' ? 1 : -1) *
        (compare(sortedBy[sort](a), sortedBy[sort](b)) || compare(points(a.id), points(b.id))),
    )
    .map(({ id }) => id)
}

const stores: Readonly<Record<string, { readonly open: () => ApiKeyStore; readonly runs: number }>> = {
  'in memory': { open: memoryStore, runs: 300 },
  'in SQLite': { open: () => sqliteStore(new Database(':memory:')), runs: 200 },
  'in SQLite, in slices': {
    open() {
      const driver = new Database(':memory:')
      const store = sqliteStore(driver)
      const list = createSqliteLists(openSqliteDatabase(driver, {}), { lookedUp: 2, adjacent: 3 })
      return { ...store, list }
    },
    runs: 200,
  },
  'in Postgres': {
    open: () => postgresStore(server.pool(), { schema: server.newSchema(), timeoutMs: 20_000 }),
    runs: 25,
  },
}

describe.each(Object.entries(stores))('lists %s', (_, { open, runs }) => {
  it('have the keys that they should, once and in order, on pages of any length', { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 25 }),
        fc.array(query, { minLength: 1, maxLength: 8 }),
        async (contents, queries) => {
          const store = open()
          const rows = contents.map((changes, n) => storedKey(n, changes))
          if (rows.length > 0) await store.commit(rows)
          await store.recordUses(
            rows.flatMap(({ id, lastUsedAt: at }) => (at === null ? [] : [{ id, at, days: new Map() }])),
          )
          const apiKeys = createApiKeys({ store, now: () => now, storeTimeoutMs: 20_000 })
          for (const query of queries) {
            const expected = listByHand(rows, query)
            const found: string[] = []
            let cursor: string | undefined
            do {
              const page = await apiKeys.list({ ...query, cursor, total: true })
              expect(page.length).toBe(Math.min(query.limit ?? 0, expected.length - found.length))
              expect(page.total).toBe(expected.length)
              found.push(...page.map(({ id }) => id))
              cursor = page.next ?? undefined
            } while (cursor !== undefined)
            expect(found).toEqual(expected)
          }
        },
      ),
      { numRuns: runs },
    ),
  )
})
