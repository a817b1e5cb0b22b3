// What a store that counts outcomes promises: counts add up, the latest refusals of each key are kept, and both go with their key.

import assert from 'node:assert/strict'
import {
  ADDRESSES_KEPT,
  type AddressUse,
  type KeyRefusal,
  type OutcomeCount,
  type OutcomeStore,
} from '../outcome-store.js'
import type { ApiKeyStore } from '../store.js'
import { type ApiKeyStorePromise, type CreateStore, type NamedPromises, storeWith } from './promise.js'
import { complete, storedKey } from './rows.js'

const [a, b] = [storedKey(1), storedKey(2, { projectId: '7' })]
const HOUR_MS = 3_600_000

const countOf = (keyId: string, changes: Partial<OutcomeCount> = {}): OutcomeCount => ({
  keyId,
  hour: HOUR_MS,
  outcome: 'accepted',
  reason: null,
  count: 1,
  ...changes,
})

const refusalOf = (keyId: string, at: number, changes: Partial<KeyRefusal> = {}): KeyRefusal => ({
  keyId,
  at,
  outcome: 'refused',
  reason: 'expired',
  address: '203.0.113.7',
  ...changes,
})

const useOf = (keyId: string, host: number, at: number): AddressUse => ({
  keyId,
  address: `203.0.113.${host}`,
  at,
})

async function openWith(
  createStore: CreateStore,
): Promise<{ readonly store: ApiKeyStore; readonly outcomes: OutcomeStore }> {
  const store = await storeWith(createStore, a, b)
  assert.ok(store.outcomes !== undefined, 'the store counts outcomes')
  return { store, outcomes: store.outcomes }
}

const outcomePromises: NamedPromises = {
  async 'adds up counts per key, hour, outcome and reason, over batches and concurrently'(createStore) {
    const { outcomes } = await openWith(createStore)
    const limited = { outcome: 'limited', reason: 'rate_exceeded' } as const
    await outcomes.record([countOf(a.id, { count: 5 }), countOf(b.id), countOf('nobody000000')], [], 'first')
    await Promise.all(
      Array.from({ length: 8 }, async (_, n) =>
        outcomes.record(
          [countOf(a.id, limited), countOf(a.id, { count: -1, hour: 2 * HOUR_MS })],
          [],
          `${n}`,
        ),
      ),
    )
    await outcomes.record([], [], 'nothing')
    assert.deepEqual(await outcomes.counts('42', 0, 9 * HOUR_MS), [
      countOf(a.id, { count: 5 }),
      countOf(a.id, { ...limited, count: 8 }),
      countOf(a.id, { count: -8, hour: 2 * HOUR_MS }),
    ])
    assert.deepEqual(await outcomes.counts('42', 2 * HOUR_MS, 2 * HOUR_MS), [])
    assert.equal((await outcomes.counts('42', 2 * HOUR_MS, 3 * HOUR_MS)).length, 1)
    assert.deepEqual(await outcomes.counts('7', 0, 2 * HOUR_MS), [countOf(b.id)])
    assert.deepEqual(await outcomes.counts('nobody', 0, 2 * HOUR_MS), [])
  },

  async 'reads the counts of one key alone'(createStore) {
    const { store, outcomes } = await openWith(createStore)
    const other = storedKey(3)
    await store.commit([other])
    const counts = [1, 2, 3].map((n) => countOf(a.id, { hour: n * HOUR_MS }))
    await outcomes.record([...counts, countOf(other.id), countOf(b.id)], [], 'first')
    assert.deepEqual(await outcomes.counts('42', 0, 3 * HOUR_MS, a.id), counts.slice(0, 2))
    assert.deepEqual(await outcomes.counts('42', 0, 9 * HOUR_MS, other.id), [countOf(other.id)])
    assert.deepEqual(await outcomes.counts('42', 0, 9 * HOUR_MS, b.id), [])
    assert.deepEqual(await outcomes.counts('42', 0, 9 * HOUR_MS, 'nobody000000'), [])
  },

  async 'keeps the latest hundred refusals of each key, the latest first'(createStore) {
    const { outcomes } = await openWith(createStore)
    const own = refusalOf(b.id, 7, { outcome: 'limited', reason: complete.label, address: null })
    await outcomes.record([], [own, refusalOf('nobody000000', 1)], 'first')
    const many = Array.from({ length: 130 }, (_, at) => refusalOf(a.id, at))
    await outcomes.record([], many.slice(0, 60), 'second')
    await outcomes.record([], many.slice(60), 'third')
    assert.deepEqual(await outcomes.refusals(a.id), many.slice(30).reverse())
    assert.deepEqual(await outcomes.refusals(b.id), [own])
    assert.deepEqual(await outcomes.refusals('nobody000000'), [])
  },

  async 'keeps the addresses of the latest uses of each key, each once'(createStore) {
    const { outcomes } = await openWith(createStore)
    const first = useOf(a.id, 1, 5)
    await outcomes.record([], [], 'first', [
      first,
      useOf(a.id, 2, 4),
      useOf(b.id, 1, 1),
      useOf('nobody000000', 1, 1),
    ])
    await outcomes.record([], [], 'second', [useOf(a.id, 1, 3), useOf(a.id, 2, 6)])
    assert.deepEqual(await outcomes.addresses(a.id), [useOf(a.id, 2, 6), first])
    const many = Array.from({ length: ADDRESSES_KEPT + 5 }, (_, n) => useOf(a.id, n + 3, n + 7))
    await outcomes.record([], [], 'third', many)
    assert.deepEqual(await outcomes.addresses(a.id), many.slice(5).reverse())
    assert.deepEqual(await outcomes.addresses(b.id), [useOf(b.id, 1, 1)])
    assert.deepEqual(await outcomes.addresses('nobody000000'), [])
    // In parallel, since several processes write their own.
    await Promise.all(
      Array.from({ length: 4 }, async (_, n) =>
        outcomes.record([], [], `own ${n}`, [useOf(b.id, n + 2, n + 2), useOf(b.id, 1, n)]),
      ),
    )
    assert.deepEqual(
      (await outcomes.addresses(b.id)).map(({ at }) => at),
      [5, 4, 3, 3, 2],
    )
  },

  async 'deletes counts, refusals and addresses that are older than a sweep is told, so many at a time'(
    createStore,
  ) {
    const { outcomes } = await openWith(createStore)
    const hours = [1, 2, 3].map((n) => countOf(a.id, { hour: n * HOUR_MS }))
    const refusals = [1, 2, 3].map((n) => refusalOf(a.id, n * HOUR_MS))
    const uses = [1, 2, 3].map((n) => useOf(a.id, n, n * HOUR_MS))
    await outcomes.record(hours, refusals, 'first', uses)
    assert.equal(await outcomes.sweep(HOUR_MS, 10), 0)
    assert.equal(await outcomes.sweep(3 * HOUR_MS, 1), 3)
    assert.equal(await outcomes.sweep(3 * HOUR_MS, 10), 3)
    assert.deepEqual(await outcomes.addresses(a.id), uses.slice(2))
    assert.deepEqual(await outcomes.counts('42', 0, 9 * HOUR_MS), hours.slice(2))
    assert.deepEqual(await outcomes.refusals(a.id), refusals.slice(2))
  },

  async 'has nothing left of a key that is erased'(createStore) {
    const { store, outcomes } = await openWith(createStore)
    await outcomes.record([countOf(a.id), countOf(b.id)], [refusalOf(a.id, 1), refusalOf(b.id, 1)], 'first', [
      useOf(a.id, 1, 1),
      useOf(b.id, 1, 1),
    ])
    await store.erase([a.id], 9)
    await outcomes.record([countOf(a.id)], [refusalOf(a.id, 2)], 'second', [useOf(a.id, 2, 2)])
    assert.deepEqual(await outcomes.addresses(a.id), [])
    assert.deepEqual(await outcomes.addresses(b.id), [useOf(b.id, 1, 1)])
    assert.deepEqual(await outcomes.counts('42', 0, 9 * HOUR_MS), [])
    assert.deepEqual(await outcomes.refusals(a.id), [])
    assert.deepEqual(await outcomes.counts('7', 0, 9 * HOUR_MS), [countOf(b.id)])
    assert.deepEqual(await outcomes.refusals(b.id), [refusalOf(b.id, 1)])
  },
}

/**
 * The contract of an `ApiKeyStore` that has `outcomes`, beside `apiKeyStoreContract`.
 *
 * @example
 * for (const promise of outcomeContract) it(promise.name, () => promise.run(createStore))
 */
export const outcomeContract: readonly ApiKeyStorePromise[] = Object.entries(outcomePromises).map(
  ([name, run]) => ({ name, run }),
)
