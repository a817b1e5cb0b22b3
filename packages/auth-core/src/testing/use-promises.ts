// What a store promises of uses: they add up, and move the time of last use forwards only.

import assert from 'node:assert/strict'
import { type NamedPromises, storeWith } from './promise.js'
import { complete, days, next, storedKey, typical } from './rows.js'

export const usePromises: NamedPromises = {
  async 'never writes lastUsedAt in a commit'(createStore) {
    const store = await storeWith(createStore, { ...typical, lastUsedAt: 9_000 })
    assert.equal((await store.find(typical.id))?.lastUsedAt, null)
    await store.recordUses([{ id: typical.id, at: 5_000, days: days({}) }])
    await store.commit([next(typical, { lastUsedAt: null, revokedAt: 1 })])
    await store.commit([next(next(typical), { lastUsedAt: 9_000, revokedAt: 1 })])
    const found = await store.find(typical.id)
    assert.equal(found?.lastUsedAt, 5_000)
    assert.equal(found?.revokedAt, 1)
  },

  async 'moves lastUsedAt forwards only, and leaves the rest of the row and its version alone'(createStore) {
    const store = await storeWith(createStore, complete)
    for (const [at, expected] of [
      [5_000, 5_000],
      [4_000, 5_000],
      [6_000, 6_000],
      [6_000, 6_000],
      [0, 6_000],
    ] as const) {
      await store.recordUses([{ id: complete.id, at, days: days({}) }])
      assert.deepEqual(await store.find(complete.id), { ...complete, lastUsedAt: expected })
    }
  },

  async 'adds up uses per day, over batches and concurrently'(createStore) {
    const store = await storeWith(createStore, typical)
    await store.recordUses([{ id: typical.id, at: 1, days: days({ '2026-01-31': 2, '2026-02-01': 3 }) }])
    await Promise.all(
      Array.from({ length: 10 }, async (_, n) =>
        store.recordUses([{ id: typical.id, at: n, days: days({ '2026-02-01': 1 }) }]),
      ),
    )
    assert.deepEqual(await store.usage('42', '2026-01-01', '2026-12-31'), [
      { keyId: typical.id, day: '2026-01-31', count: 2 },
      { keyId: typical.id, day: '2026-02-01', count: 13 },
    ])
  },

  async 'passes over uses of ids that it does not have'(createStore) {
    const store = await storeWith(createStore, typical)
    await store.recordUses([])
    await store.recordUses([
      { id: 'nobody', at: 7, days: days({ '2026-01-01': 1 }) },
      { id: typical.id, at: 8, days: days({ '2026-01-01': 1 }) },
    ])
    assert.equal(await store.find('nobody'), undefined)
    assert.equal((await store.find(typical.id))?.lastUsedAt, 8)
    await store.commit([storedKey(2, { id: 'nobody' })])
    assert.deepEqual(await store.usage('42', '2026-01-01', '2026-01-01'), [
      { keyId: typical.id, day: '2026-01-01', count: 1 },
    ])
  },

  async 'reports uses of both end days and those between, by day and key id, or of one key'(createStore) {
    const store = await storeWith(createStore, storedKey(2), storedKey(1), storedKey(3))
    const year = { '2025-12-31': 1, '2026-01-01': 2, '2026-01-02': 3, '2026-01-03': 4, '2026-01-04': 5 }
    await store.recordUses([2, 1].map((n) => ({ id: storedKey(n).id, at: 1, days: days(year) })))
    const uses = await store.usage('42', '2026-01-01', '2026-01-03')
    assert.deepEqual(
      uses.map(({ keyId, day, count }) => [day, keyId, count]),
      [
        ['2026-01-01', storedKey(1).id, 2],
        ['2026-01-01', storedKey(2).id, 2],
        ['2026-01-02', storedKey(1).id, 3],
        ['2026-01-02', storedKey(2).id, 3],
        ['2026-01-03', storedKey(1).id, 4],
        ['2026-01-03', storedKey(2).id, 4],
      ],
    )
    assert.deepEqual(await store.usage('42', '2026-01-03', '2026-01-01'), [])
    assert.deepEqual(
      await store.usage('42', '2026-01-02', '2026-01-03', storedKey(2).id),
      uses.filter(({ keyId, day }) => keyId === storedKey(2).id && day !== '2026-01-01'),
    )
    assert.deepEqual(await store.usage('42', '2026-01-01', '2026-01-03', storedKey(3).id), [])
    assert.deepEqual(await store.usage('7', '2026-01-01', '2026-01-03', storedKey(2).id), [])
    assert.deepEqual(await store.usage('42', '2026-01-01', '2026-01-03', 'nobody'), [])
  },
}
