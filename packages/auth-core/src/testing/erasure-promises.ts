// What a store promises of what it takes away: erased keys leave nothing and never come back, and a sweep deletes what is old.

import assert from 'node:assert/strict'
import type { KeyEvent } from '../store.js'
import { historyOf, type NamedPromises, storeWith } from './promise.js'
import { complete, days, idsOf, keysOf, next, queryOf, storedKey } from './rows.js'

const eventOf = (keyId: string, at: number, projectId = '42'): KeyEvent => ({
  at,
  projectId,
  keyId,
  action: 'updated',
  actor: 'Erika Muster',
  details: {},
})

export const erasurePromises: NamedPromises = {
  async 'erases keys with their events and uses, counts them, and touches no other key'(createStore) {
    const store = await storeWith(createStore, { ...complete, projectId: '42' }, storedKey(3), storedKey(4))
    const [a, b, kept] = [complete.id, storedKey(3).id, storedKey(4).id]
    await store.commit(
      [next(storedKey(3))],
      [a, b, kept, a].map((id, at) => eventOf(id, at)),
    )
    await store.recordUses(
      [a, kept].map((id) => ({ id, at: 5, days: days({ '2026-01-01': 2, '2026-01-02': 3 }) })),
    )
    assert.deepEqual(await store.erase([a, b, 'nobody000000'], 9), { keys: 2, events: 3, uses: 2 })
    for (const id of [a, b]) assert.equal(await store.find(id), undefined)
    assert.deepEqual(idsOf(await keysOf(store, '42')), [kept])
    const all = await store.list(queryOf({ total: true }))
    assert.deepEqual([idsOf(all.rows), all.total], [[kept], 1])
    for (const condition of [
      { ids: [a, b] },
      { createdBy: complete.createdBy ?? '' },
      { ownerId: complete.ownerId ?? '' },
      { status: 'revoked' as const },
      { projectId: '' },
    ]) {
      assert.deepEqual((await store.list(queryOf(condition))).rows, [], JSON.stringify(condition))
    }
    assert.deepEqual(await historyOf(store, '42', null, 10), [eventOf(kept, 2)])
    assert.deepEqual(idsOfUses(await store.usage('42', '2026-01-01', '2026-01-02')), [kept, kept])
    assert.deepEqual(await store.erase([a, b], 10), { keys: 0, events: 0, uses: 0 })
    assert.deepEqual(await store.erase([], 10), { keys: 0, events: 0, uses: 0 })
  },

  async 'never gives the id of an erased key to a row again'(createStore) {
    const store = await storeWith(createStore, storedKey(1), storedKey(2))
    await store.erase([storedKey(1).id], 9)
    for (const row of [storedKey(1), next(storedKey(1)), next(next(storedKey(1)))]) {
      assert.equal(await store.commit([row]), false, `version ${row.version}`)
    }
    assert.equal(await store.commit([storedKey(3), storedKey(1)]), false)
    assert.equal(await store.find(storedKey(3).id), undefined)
    await store.recordUses([{ id: storedKey(1).id, at: 10, days: days({ '2026-01-01': 1 }) }])
    assert.equal(await store.find(storedKey(1).id), undefined)
    assert.deepEqual(await store.usage('42', '0000-01-01', '9999-12-31'), [])
    assert.deepEqual(idsOf(await keysOf(store, '42')), [storedKey(2).id])
  },

  async 'erases a key once, and lets no change of it win afterwards, whatever runs at the same moment'(
    createStore,
  ) {
    const row = storedKey(1)
    const store = await storeWith(createStore, row)
    const [first, won, second, inserted] = await Promise.all([
      store.erase([row.id], 9),
      store.commit([next(row), storedKey(2)], [eventOf(row.id, 1)]),
      store.erase([row.id], 9),
      store.commit([row]),
    ])
    assert.equal(first.keys + second.keys, 1)
    assert.equal(inserted, false)
    assert.equal(await store.find(row.id), undefined)
    assert.equal((await store.find(storedKey(2).id)) !== undefined, won)
    assert.deepEqual(await historyOf(store, '42', null, 10), [])
  },

  async 'deletes what is older than a sweep is told, so much at a time, and nothing else'(createStore) {
    const store = await storeWith(createStore, storedKey(1), storedKey(2))
    const ids = [storedKey(1).id, storedKey(2).id]
    const events = [1, 2, 3, 4].map((at) => eventOf(ids[at % 2] ?? '', at))
    await store.commit([next(storedKey(1))], events)
    await store.recordUses(
      ids.map((id) => ({ id, at: 5, days: days({ '2025-12-31': 1, '2026-01-01': 2, '2026-01-02': 3 }) })),
    )
    const sweep = (eventsBefore: number | null, usesBefore: string | null, limit = 100) =>
      store.sweep({ eventsBefore, usesBefore, limit })
    assert.deepEqual(await sweep(null, null), { events: 0, uses: 0 })
    assert.deepEqual(await sweep(1, '2025-12-31'), { events: 0, uses: 0 })
    assert.deepEqual(await sweep(4, '2026-01-02', 2), { events: 2, uses: 2 })
    assert.deepEqual(await sweep(4, null), { events: 1, uses: 0 })
    assert.deepEqual(await sweep(null, '2026-01-02'), { events: 0, uses: 2 })
    assert.deepEqual(await historyOf(store, '42', null, 10), [eventOf(ids[0] ?? '', 4)])
    assert.deepEqual(
      (await store.usage('42', '2025-01-01', '2026-12-31')).map(({ day, count }) => [day, count]),
      ids.map(() => ['2026-01-02', 3]),
    )
    const swept = await Promise.all(Array.from({ length: 4 }, async () => sweep(9, '2027-01-01')))
    assert.equal(
      swept.reduce((sum, { events }) => sum + events, 0),
      1,
    )
    assert.equal(
      swept.reduce((sum, { uses }) => sum + uses, 0),
      2,
    )
    assert.equal((await keysOf(store, '42')).length, 2)
  },
}

const idsOfUses = (uses: readonly { readonly keyId: string }[]) => uses.map(({ keyId }) => keyId)
