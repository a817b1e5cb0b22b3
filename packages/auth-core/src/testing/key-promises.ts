// What a store promises of keys: what is committed is found, whole or not at all, and by its own project only.

import assert from 'node:assert/strict'
import type { HistoryFilter, KeyEvent, StoredKey } from '../store.js'
import { historyOf, type NamedPromises, storeWith } from './promise.js'
import { complete, days, deface, idsOf, keysOf, next, storedKey, typical } from './rows.js'

export const keyPromises: NamedPromises = {
  async 'finds nothing in an empty store'(createStore) {
    const store = await createStore()
    assert.equal(await store.find(typical.id), undefined)
    assert.deepEqual(await keysOf(store, '42'), [])
    assert.deepEqual(await store.usage('42', '0000-01-01', '9999-12-31'), [])
  },

  async 'finds what was committed, by its exact id'(createStore) {
    const store = await storeWith(createStore, typical)
    assert.deepEqual(await store.find(typical.id), typical)
    for (const id of ['', 'KEY000000001', 'key00000000', 'key000000001 ', "' OR 1=1 --", '__proto__']) {
      assert.equal(await store.find(id), undefined, JSON.stringify(id))
    }
  },

  async 'gives every field back as it came: unicode, null, empty and nested'(createStore) {
    const store = await storeWith(createStore, typical, complete, storedKey(3, { allowedIps: [] }))
    assert.deepEqual(await store.find(typical.id), typical)
    assert.deepEqual(await store.find(complete.id), complete)
    assert.deepEqual((await store.find('key000000003'))?.allowedIps, [])
    assert.deepEqual(await keysOf(store, complete.projectId), [complete])
  },

  async 'keeps a metadata key named __proto__ as data'(createStore) {
    const metadata = JSON.parse('{ "__proto__": { "admin": true }, "a": { "__proto__": 1 } }')
    const store = await storeWith(createStore, storedKey(1, { metadata }))
    const found = await store.find(typical.id)
    assert.equal(JSON.stringify(found?.metadata), JSON.stringify(metadata))
    assert.equal(found?.metadata.admin, undefined)
    assert.equal(Object.hasOwn(Object.prototype, 'admin'), false)
  },

  async 'lists a project, the newest key first'(createStore) {
    const store = await storeWith(
      createStore,
      storedKey(1, { createdAt: 2_000 }),
      storedKey(2, { createdAt: 3_000 }),
      storedKey(3, { createdAt: 1_000 }),
    )
    await store.commit([storedKey(4, { createdAt: 2_500 })])
    assert.deepEqual(
      idsOf(await keysOf(store, '42')),
      [2, 4, 1, 3].map((n) => storedKey(n).id),
    )
  },

  async 'shows one project nothing of another'(createStore) {
    const store = await storeWith(
      createStore,
      storedKey(1),
      storedKey(2, { projectId: '4' }),
      storedKey(3, { projectId: '' }),
    )
    await store.recordUses(
      [1, 2, 3].map((n) => ({ id: storedKey(n).id, at: 1, days: days({ '2026-01-01': n }) })),
    )
    assert.deepEqual(idsOf(await keysOf(store, '42')), [storedKey(1).id])
    assert.deepEqual(idsOf(await keysOf(store, '4')), [storedKey(2).id])
    assert.deepEqual(await keysOf(store, '%'), [])
    assert.deepEqual(await store.usage('4', '2026-01-01', '2026-01-01'), [
      { keyId: storedKey(2).id, day: '2026-01-01', count: 2 },
    ])
  },

  async 'replaces a row whole when the version is the next one'(createStore) {
    const store = await storeWith(createStore, typical)
    const changed = next({ ...complete, id: typical.id }, { projectId: typical.projectId })
    assert.equal(await store.commit([changed]), true)
    assert.deepEqual(await store.find(typical.id), changed)
    assert.equal(await store.commit([next(next(typical))]), true)
    assert.deepEqual(await store.find(typical.id), next(next(typical)))
  },

  async 'refuses to insert an id twice'(createStore) {
    const store = await storeWith(createStore, typical)
    assert.equal(await store.commit([{ ...complete, id: typical.id }]), false)
    assert.deepEqual(await store.find(typical.id), typical)
  },

  async 'refuses a version that is not the next one, and a change to a row that is not there'(createStore) {
    const store = await storeWith(createStore, typical, storedKey(2))
    await store.commit([next(storedKey(2))])
    for (const row of [
      { ...typical, version: 3 },
      { ...storedKey(2), version: 2 },
      { ...storedKey(2), version: 1 },
      { ...storedKey(9), version: 2 },
    ]) {
      assert.equal(await store.commit([row]), false, `${row.id} version ${row.version}`)
    }
    assert.deepEqual(await store.find(typical.id), typical)
    assert.deepEqual(await store.find(storedKey(2).id), next(storedKey(2)))
    assert.equal(await store.find(storedKey(9).id), undefined)
  },

  async 'commits all rows or none, wherever the row stands that lost'(createStore) {
    const store = await storeWith(createStore, storedKey(1), storedKey(2))
    const stale = { ...storedKey(2), label: 'stale', version: 7 }
    const winners = [storedKey(3), next(storedKey(1), { revokedAt: 5 })]
    for (const position of [0, 1, 2]) {
      assert.equal(await store.commit(winners.toSpliced(position, 0, stale)), false, `at ${position}`)
      assert.deepEqual(await store.find(storedKey(1).id), storedKey(1))
      assert.deepEqual(await store.find(storedKey(2).id), storedKey(2))
      assert.equal(await store.find(storedKey(3).id), undefined)
    }
    assert.equal(await store.commit(winners), true)
    assert.equal((await store.find(storedKey(1).id))?.revokedAt, 5)
    assert.deepEqual(await store.find(storedKey(3).id), storedKey(3))
  },

  async 'keeps the events of a commit that won, and only those'(createStore) {
    const store = await createStore()
    const event = (keyId: string, at: number): KeyEvent => ({
      at,
      projectId: typical.projectId,
      keyId,
      action: 'updated',
      actor: at % 2 === 0 ? 'Ünï ✓' : null,
      details: { fields: ['label'], nested: { at } },
    })
    const [a, b] = [typical.id, storedKey(2).id]
    await store.commit([typical, storedKey(2)], [event(a, 1), event(b, 2)])
    assert.equal(await store.commit([{ ...typical, version: 9 }], [event(a, 3)]), false)
    await store.commit([next(typical)], [event(a, 4)])
    assert.deepEqual(await historyOf(store, typical.projectId, null, 10), [
      event(a, 4),
      event(b, 2),
      event(a, 1),
    ])
    assert.deepEqual(await historyOf(store, typical.projectId, a, 10), [event(a, 4), event(a, 1)])
    assert.deepEqual(await historyOf(store, typical.projectId, null, 1), [event(a, 4)])
    assert.deepEqual(await historyOf(store, '4', null, 10), [])
  },

  async 'reads the audit log by actor, time and place, each event once'(createStore) {
    const store = await storeWith(createStore, typical)
    const { projectId, id: keyId } = typical
    const event = (at: number): KeyEvent => {
      const actor = [null, 'anna', 'Anna'][at % 3] ?? null
      return { at, projectId, keyId, action: 'updated', actor, details: {} }
    }
    // The clock went back meanwhile: the order is that of the commits.
    const order = [5, 1, 2, 3, 4, 6, 7, 3, 8]
    let row = typical
    for (const at of order) {
      row = next(row)
      assert.equal(await store.commit([row], [event(at)]), true)
    }
    const timesOf = async (filter: HistoryFilter, limit = 20) =>
      (await store.history(projectId, null, limit, filter)).map(({ at }) => at)
    const latestFirst = order.toReversed()
    assert.deepEqual(await timesOf({}), latestFirst)
    assert.deepEqual(await timesOf({ actor: 'anna' }), [7, 4, 1])
    assert.deepEqual(await timesOf({ actor: "anna' OR 1=1 --" }), [])
    assert.deepEqual(await timesOf({ from: 3, to: 7 }), [3, 6, 4, 3, 5])
    assert.deepEqual(await timesOf({ actor: 'Anna', from: 5 }), [8, 5])
    const pages: number[] = []
    for (let before: number | undefined; ; ) {
      const page = await store.history(projectId, keyId, 2, { before })
      if (page.length === 0) break
      pages.push(...page.map(({ at }) => at))
      before = page.at(-1)?.sequence
      assert.equal(Number.isSafeInteger(before), true, 'each event has a sequence')
    }
    assert.deepEqual(pages, latestFirst)
    assert.deepEqual(await store.history('4', null, 10, { actor: 'anna' }), [])
  },

  async 'lets one of many concurrent changes win'(createStore) {
    const store = await storeWith(createStore, typical)
    const rivals = Array.from({ length: 20 }, (_, n) => storedKey(n + 100, { rotatedFrom: typical.id }))
    const won = await Promise.all(
      rivals.map(async (rival) => store.commit([rival, next(typical, { replacedBy: rival.id })])),
    )
    assert.equal(won.filter(Boolean).length, 1)
    const winner = rivals[won.indexOf(true)]
    assert.equal((await store.find(typical.id))?.replacedBy, winner?.id)
    assert.deepEqual(idsOf(await keysOf(store, '42')).sort(), [typical.id, winner?.id])
  },

  async 'refuses a commit that would leave a project with too many active keys, and only that'(createStore) {
    const store = await storeWith(
      createStore,
      storedKey(1),
      storedKey(2, { revokedAt: 5 }),
      storedKey(3, { expiresAt: 500 }),
      storedKey(4, { projectId: '7' }),
    )
    const commit = (row: StoredKey, limit: number, now = 500) =>
      store.commit([row], [], { projectId: '42', limit, now })
    assert.equal(await commit(storedKey(5), 1), false)
    assert.equal(await commit(storedKey(5), 2, 499), false, 'the third is active until it expires')
    assert.equal(await store.find(storedKey(5).id), undefined)
    assert.equal(await commit(storedKey(5), 2), true)
    assert.equal(await commit(storedKey(6, { revokedAt: 1 }), 2), true, 'a revoked key takes no room')
    assert.equal(await commit(storedKey(9, { disabledAt: 1 }), 2), true, 'a disabled key takes no room')
    assert.equal(await commit(storedKey(7), 2), false)
    assert.equal(await commit(next(storedKey(1), { revokedAt: 9 }), 2), true)
    assert.equal(await commit(storedKey(7), 2), true)
    assert.equal(await store.commit([storedKey(8)]), true, 'without a limit there is none')
  },

  async 'lets one of many concurrent commits have the last place of a project'(createStore) {
    const store = await storeWith(createStore, typical, storedKey(2))
    const won = await Promise.all(
      Array.from({ length: 20 }, async (_, n) =>
        store.commit([storedKey(n + 100)], [], { projectId: '42', limit: 3, now: 0 }),
      ),
    )
    assert.equal(won.filter(Boolean).length, 1)
    assert.equal((await keysOf(store, '42')).length, 3)
  },

  async 'lets one of many concurrent inserts of an id win'(createStore) {
    const store = await createStore()
    const won = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => store.commit([{ ...typical, label: `${n}` }])),
    )
    assert.equal(won.filter(Boolean).length, 1)
    assert.equal((await store.find(typical.id))?.label, `${won.indexOf(true)}`)
  },

  async 'shows a commit to the next read, found and listed'(createStore) {
    const store = await storeWith(createStore, typical)
    for (let row = typical; row.version < 50; ) {
      row = next(row, { label: `${row.version}` })
      await store.commit([row])
      assert.deepEqual(await store.find(row.id), row)
      assert.deepEqual(await keysOf(store, row.projectId), [row])
    }
  },

  async 'is not changed through an object that it was given or has returned'(createStore) {
    const given = structuredClone(complete)
    const store = await storeWith(createStore, given)
    deface(given)
    deface(await store.find(complete.id))
    deface((await keysOf(store, complete.projectId))[0])
    assert.deepEqual(await store.find(complete.id), complete)
    assert.deepEqual(await keysOf(store, complete.projectId), [complete])
    await store.recordUses([{ id: complete.id, at: 5, days: days({}) }])
    deface(await store.find(complete.id))
    assert.deepEqual(await store.find(complete.id), { ...complete, lastUsedAt: 5 })
  },

  async 'holds 1,000 keys'(createStore) {
    const store = await createStore()
    const rows = Array.from({ length: 1_000 }, (_, n) =>
      storedKey(n, { projectId: `${n % 10}`, createdAt: 1_000 + n }),
    )
    assert.equal(await store.commit(rows), true)
    for (const row of rows) assert.deepEqual(await store.find(row.id), row)
    assert.deepEqual(
      idsOf(await keysOf(store, '7')),
      idsOf(rows.filter(({ projectId }) => projectId === '7').reverse()),
    )
    await store.recordUses(rows.map(({ id }) => ({ id, at: 1, days: days({ '2026-01-01': 1 }) })))
    assert.equal((await store.usage('7', '2026-01-01', '2026-01-01')).length, 100)
  },
}
