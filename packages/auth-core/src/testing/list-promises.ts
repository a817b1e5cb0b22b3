// What a store promises of lists: every row of a list once, in its order, whatever changes between two pages.

import assert from 'node:assert/strict'
import { foldLabel, sortValueOf } from '../key-order.js'
import type { ApiKeyStore, KeyQuery, KeySearch, KeySort, StoredKey } from '../store.js'
import { type NamedPromises, storeWith } from './promise.js'
import { days, idsOf, next, queryOf, storedKey } from './rows.js'

const sorts: readonly KeySort[] = ['createdAt', 'lastUsedAt', 'label', 'expiresAt']
const orders = ['asc', 'desc'] as const

const search = (changes: Partial<KeySearch>): KeyQuery => {
  return queryOf({ search: { label: null, idStart: null, scope: null, ...changes } })
}

const numbersOf = async (store: ApiKeyStore, query: KeyQuery) =>
  (await store.list(query)).rows.map(({ id }) => Number(id.slice(3))).sort((a, b) => a - b)

/** Where a list goes on behind a row. */
const behind = (row: StoredKey | undefined, sort: KeySort) =>
  row && { value: sortValueOf(row, sort), id: row.id }

/** Reads a list to its end, so many rows at a time. */
async function readAll(
  store: ApiKeyStore,
  query: KeyQuery,
  between: (page: readonly StoredKey[]) => unknown = () => undefined,
): Promise<readonly StoredKey[]> {
  const found: StoredKey[] = []
  for (let pages = 0; pages < 1_000; pages++) {
    const { rows } = await store.list({ ...query, after: behind(found.at(-1), query.sort) })
    assert.ok(rows.length <= query.limit, 'a page has no more rows than were asked for')
    if (rows.length === 0) return found
    found.push(...rows)
    await between(rows)
  }
  assert.fail('the list does not end')
}

/** Rows of which many have the same value in every sort. */
async function storeOfMany(createStore: () => ApiKeyStore | Promise<ApiKeyStore>): Promise<ApiKeyStore> {
  const rows = Array.from({ length: 30 }, (_, n) =>
    storedKey(n, {
      createdAt: 1_000 + (n % 4),
      expiresAt: n % 3 === 0 ? null : 5_000 + (n % 5),
      label: ['b', 'B', 'a', 'Ä', 'é', 'e\u0301', '日本', '🗝', '\uffee', '10', '9'][n % 11] ?? '',
    }),
  )
  const store = await storeWith(createStore, ...rows)
  await store.recordUses(
    rows.filter((_, n) => n % 2 === 0).map(({ id }, n) => ({ id, at: 7_000 + (n % 3), days: days({}) })),
  )
  return store
}

export const listPromises: NamedPromises = {
  async 'lists every row once and in order, however long pages are and whatever rows have in common'(
    createStore,
  ) {
    const store = await storeOfMany(createStore)
    for (const sort of sorts) {
      const ascending = await readAll(store, queryOf({ projectId: '42', sort, order: 'asc' }))
      assert.equal(new Set(idsOf(ascending)).size, 30)
      for (const [i, row] of ascending.entries()) {
        const before = ascending[i - 1]
        if (before !== undefined) assert.ok(isBefore(before, row, sort), `${sort}: ${before.id}, ${row.id}`)
      }
      for (const limit of [1, 7, 29, 30, 31]) {
        for (const order of orders) {
          const read = await readAll(store, queryOf({ projectId: '42', sort, order, limit }))
          const expected = order === 'asc' ? ascending : ascending.toReversed()
          assert.deepEqual(idsOf(read), idsOf(expected), `${sort} ${order}, ${limit} at a time`)
        }
      }
    }
  },

  async 'goes on behind a row, although rows before and behind it come and change meanwhile'(createStore) {
    const store = await storeOfMany(createStore)
    let added = 100
    const read = await readAll(store, queryOf({ projectId: '42', limit: 4 }), async (page) => {
      const changed = page.map((row) => next(row, { revokedAt: 1 }))
      await store.commit([
        storedKey(added++, { createdAt: 9_000 }),
        storedKey(added++, { createdAt: 1 }),
        ...changed,
      ])
    })
    const ids = idsOf(read)
    assert.equal(new Set(ids).size, ids.length)
    for (let n = 0; n < 30; n++) assert.ok(ids.includes(storedKey(n).id), `key ${n}`)
  },

  async 'goes on behind a place where no row is'(createStore) {
    const store = await storeWith(createStore, ...[1, 2, 3].map((n) => storedKey(n, { createdAt: n * 10 })))
    const from = (value: number, id: string) =>
      numbersOf(store, queryOf({ sort: 'createdAt', order: 'asc', after: { value, id } }))
    assert.deepEqual(await from(15, 'zzzzzzzzzzzz'), [2, 3])
    assert.deepEqual(await from(20, '000000000000'), [2, 3])
    assert.deepEqual(await from(20, storedKey(2).id), [3])
    assert.deepEqual(await from(99, storedKey(2).id), [])
  },

  async 'lists the keys of all projects when none is named'(createStore) {
    const store = await storeWith(
      createStore,
      storedKey(1, { createdAt: 1 }),
      storedKey(2, { createdAt: 3, projectId: '7' }),
      storedKey(3, { createdAt: 2, projectId: '' }),
    )
    assert.deepEqual(
      idsOf(await readAll(store, queryOf({ limit: 1 }))),
      [2, 3, 1].map((n) => storedKey(n).id),
    )
    assert.deepEqual(await numbersOf(store, queryOf({ projectId: '' })), [3])
  },

  async 'holds conditions against the moment of the query, all of them together'(createStore) {
    const store = await storeWith(
      createStore,
      storedKey(1),
      storedKey(2, { expiresAt: 500 }),
      storedKey(3, { expiresAt: 501 }),
      storedKey(4, { expiresAt: 400, revokedAt: 450 }),
      storedKey(5, { revokedAt: 600, environment: 'sandbox' }),
      storedKey(6, { environment: 'sandbox' }),
      storedKey(7, { disabledAt: 100, expiresAt: 400 }),
      storedKey(8, { disabledAt: 100, revokedAt: 450 }),
    )
    const at = (now: number, changes: Partial<KeyQuery>) => numbersOf(store, queryOf({ now, ...changes }))
    assert.deepEqual(await at(500, { status: 'active' }), [1, 3, 6])
    assert.deepEqual(await at(500, { status: 'expired' }), [2])
    assert.deepEqual(await at(499, { status: 'expired' }), [])
    assert.deepEqual(await at(501, { status: 'expired' }), [2, 3])
    assert.deepEqual(await at(500, { status: 'revoked' }), [4, 5, 8])
    assert.deepEqual(await at(500, { status: 'disabled' }), [7])
    assert.deepEqual(await at(500, { status: 'active', environment: 'sandbox' }), [6])
    assert.deepEqual(await at(500, { environment: 'Sandbox' }), [])
    assert.deepEqual(await at(500, { ids: [storedKey(3).id, storedKey(5).id, storedKey(99).id] }), [3, 5])
    assert.deepEqual(await at(500, { ids: [storedKey(3).id, storedKey(5).id], status: 'active' }), [3])
    assert.deepEqual(await at(500, { ids: [] }), [])
    assert.deepEqual(await at(500, { status: 'active', environment: 'sandbox', projectId: '7' }), [])
  },

  async 'finds keys by who made them, by whose they are, and by when they end or were last used'(
    createStore,
  ) {
    const store = await storeWith(
      createStore,
      storedKey(1, { createdBy: 'zoë', ownerId: 'o1', createdAt: 100 }),
      storedKey(2, { createdBy: 'zoë', ownerId: 'o2', createdAt: 300, projectId: '7' }),
      storedKey(3, { createdBy: "o' --", expiresAt: 500, createdAt: 100 }),
      storedKey(4, {
        ownerId: 'o1',
        expiresAt: 501,
        createdAt: 300,
        parentId: storedKey(1).id,
        delegation: { actingFor: null, limits: [], budget: null },
      }),
      storedKey(5, { createdBy: '', ownerId: '', createdAt: 100, expiresAt: 500, revokedAt: 1 }),
    )
    await store.recordUses([1, 3].map((n) => ({ id: storedKey(n).id, at: n * 100, days: days({}) })))
    const found = (changes: Partial<KeyQuery>) => numbersOf(store, queryOf({ now: 400, ...changes }))
    assert.deepEqual(await found({ createdBy: 'zoë' }), [1, 2])
    assert.deepEqual(await found({ createdBy: "o' --" }), [3])
    assert.deepEqual(await found({ createdBy: 'ZOË' }), [])
    assert.deepEqual(await found({ createdBy: '' }), [5])
    assert.deepEqual(await found({ ownerId: 'o1' }), [1, 4])
    assert.deepEqual(await found({ parentId: storedKey(1).id }), [4])
    assert.deepEqual(await found({ ownerId: 'o1', createdBy: 'zoë' }), [1])
    assert.deepEqual(await found({ createdBy: 'zoë', projectId: '7' }), [2])
    assert.deepEqual(await found({ expiresBefore: 501 }), [3, 5])
    assert.deepEqual(await found({ expiresBefore: 502, status: 'active' }), [3, 4])
    assert.deepEqual(await found({ expiresBefore: 500 }), [])
    assert.deepEqual(await found({ unusedSince: 300 }), [1, 5])
    assert.deepEqual(await found({ unusedSince: 301 }), [1, 2, 3, 4, 5])
    assert.deepEqual(await found({ unusedSince: 100 }), [])
    for (const sort of sorts) {
      assert.deepEqual(await found({ sort, ownerId: 'o1', order: 'asc' }), [1, 4])
      assert.deepEqual(await found({ sort, expiresBefore: 501, order: 'desc' }), [3, 5])
    }
    assert.equal((await store.list(queryOf({ createdBy: 'zoë', total: true, limit: 1 }))).total, 2)
  },

  async 'finds a part of a label, whatever its case, and takes no character for a wildcard'(createStore) {
    const labels = ['100% Ümlaut_x', '1000 umlaut-x', 'a\\b', "o'Neil", 'ＡＰＩ ﬁle', 'straße*?[a]']
    const store = await storeWith(createStore, ...labels.map((label, n) => storedKey(n, { label })))
    const found = (text: string) => numbersOf(store, search({ label: foldLabel(text) }))
    assert.deepEqual(await found('ÜMLAUT'), [0])
    assert.deepEqual(await found('U\u0308mlaut'), [0])
    assert.deepEqual(await found('%'), [0])
    assert.deepEqual(await found('_'), [0])
    assert.deepEqual(await found('100'), [0, 1])
    assert.deepEqual(await found('\\'), [2])
    assert.deepEqual(await found("'"), [3])
    assert.deepEqual(await found('api FILE'), [4])
    assert.deepEqual(await found('*?[A]'), [5])
    assert.deepEqual(await found('.'), [])
    await store.commit([next(storedKey(2, { label: 'a\\b' }), { label: 'Renamed %' })])
    assert.deepEqual(await found('%'), [0, 2])
    assert.deepEqual(await found('\\'), [])
  },

  async 'finds the beginning of an id and a whole scope, exactly as they are written'(createStore) {
    const store = await storeWith(
      createStore,
      storedKey(1, { scopes: ['messages:send', 'a_b'] }),
      storedKey(2, { scopes: ['messages:send:all', ','] }),
      storedKey(10, { scopes: ['axb'] }),
    )
    assert.deepEqual(await numbersOf(store, search({ idStart: 'key00000000' })), [1, 2])
    assert.deepEqual(await numbersOf(store, search({ idStart: 'KEY' })), [])
    assert.deepEqual(await numbersOf(store, search({ idStart: 'key%' })), [])
    assert.deepEqual(await numbersOf(store, search({ scope: 'messages:send' })), [1])
    assert.deepEqual(await numbersOf(store, search({ scope: 'a_b' })), [1])
    assert.deepEqual(await numbersOf(store, search({ scope: ',' })), [2])
    assert.deepEqual(await numbersOf(store, search({ scope: 'axb', idStart: storedKey(2).id })), [2, 10])
  },

  async 'counts a list as a whole when it is asked to'(createStore) {
    const store = await storeOfMany(createStore)
    await store.commit([storedKey(90, { projectId: '7' })])
    const totalOf = async (changes: Partial<KeyQuery>) => (await store.list(queryOf(changes))).total
    assert.equal(await totalOf({ projectId: '42' }), null)
    assert.equal(await totalOf({ projectId: '42', total: true, limit: 3 }), 30)
    assert.equal(await totalOf({ total: true, limit: 1 }), 31)
    const after = { value: 1_000, id: storedKey(0).id }
    assert.equal(await totalOf({ projectId: '42', total: true, after }), 30)
    assert.equal(await totalOf({ projectId: '7', total: true, status: 'revoked' }), 0)
  },
}

/** By value and then by id, as the port says. */
function isBefore(a: StoredKey, b: StoredKey, sort: KeySort): boolean {
  const [one, other] = [sortValueOf(a, sort), sortValueOf(b, sort)]
  if (one === other) return a.id < b.id
  return typeof one === 'number' ? one < Number(other) : pointsOf(one) < pointsOf(String(other))
}

const pointsOf = (text: string) =>
  Array.from(text, (character) => (character.codePointAt(0) ?? 0).toString(16).padStart(6, '0')).join('')
