// What a store with an outbox promises: an event for each committed change and none for any other, in the order of the commits, and
// one holder at a time for each of those who read them.

import assert from 'node:assert/strict'
import type { EventOutbox, FoundEvent, OutboxEvent, OutgoingEvent } from '../outbox.js'
import type { ApiKeyStore } from '../store.js'
import { type ApiKeyStorePromise, type CreateStore, type NamedPromises, storeWith } from './promise.js'
import { complete, next, storedKey } from './rows.js'

const [a, b] = [storedKey(1), storedKey(2)]

let made = 0
const eventOf = (keyId: string, changes: Partial<OutgoingEvent> = {}): OutgoingEvent => ({
  id: `evt_${++made}`,
  type: 'key.updated',
  at: 1,
  projectId: '42',
  keyId,
  actor: 'Erika Muster',
  data: { label: 'backend-prod' },
  ...changes,
})

const found = (keyId: string, once: string): FoundEvent => ({ ...eventOf(keyId), once })

async function openWith(
  createStore: CreateStore,
): Promise<{ readonly store: ApiKeyStore; readonly outbox: EventOutbox }> {
  const store = await storeWith(createStore, a, b)
  assert.ok(store.outbox !== undefined, 'the store has an outbox')
  return { store, outbox: store.outbox }
}

const all = async (outbox: EventOutbox): Promise<readonly OutboxEvent[]> =>
  outbox.list({ order: 'asc', limit: 1_000 })

const idsOf = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id)

const withoutSequence = ({ sequence, ...event }: OutboxEvent): OutgoingEvent => event

export const outboxPromises: NamedPromises = {
  async 'keeps the events of a change as they are, in their order, with rising sequences'(createStore) {
    const { store, outbox } = await openWith(createStore)
    assert.deepEqual(await all(outbox), [])
    const events = [
      eventOf(a.id, { data: { ...complete.metadata, label: complete.label } }),
      eventOf(b.id, { actor: null, type: 'key.rotated', at: 8_640_000_000_000_000 }),
      eventOf(a.id, { projectId: complete.projectId, actor: complete.createdBy }),
    ]
    assert.equal(await store.commit([next(a), next(b)], [], undefined, events), true)
    const last = eventOf(a.id)
    assert.equal(await store.commit([next(next(a))], [], undefined, [last]), true)
    const kept = await all(outbox)
    assert.deepEqual(kept.map(withoutSequence), [...events, last])
    assert.deepEqual(
      kept.map(({ sequence }) => sequence),
      kept.map(({ sequence }) => sequence).sort((one, other) => one - other),
    )
    assert.equal(new Set(kept.map(({ sequence }) => sequence)).size, 4)
    assert.ok(kept.every(({ sequence }) => Number.isSafeInteger(sequence) && sequence > 0))
  },

  async 'keeps no event of a change that lost, or that would leave too many keys'(createStore) {
    const { store, outbox } = await openWith(createStore)
    const refused = [
      store.commit([a], [], undefined, [eventOf(a.id)]),
      store.commit([next(a), next(next(b))], [], undefined, [eventOf(a.id)]),
      store.commit([storedKey(3)], [], { projectId: '42', limit: 2, now: 1_700_000_000_000 }, [
        eventOf(storedKey(3).id),
      ]),
    ]
    assert.deepEqual(await Promise.all(refused), [false, false, false])
    assert.deepEqual(await all(outbox), [])
  },

  async 'has one event for each change that won, in the order of the versions, whatever runs at the same moment'(
    createStore,
  ) {
    const { store, outbox } = await openWith(createStore)
    const change = async (worker: number): Promise<number> => {
      let won = 0
      for (let round = 0; round < 6; round++) {
        const row = await store.find((round + worker) % 2 === 0 ? a.id : b.id)
        assert.ok(row !== undefined)
        const event = eventOf(row.id, { data: { version: row.version + 1 } })
        if (await store.commit([next(row)], [], undefined, [event])) won++
      }
      return won
    }
    const endReading = readAlong(outbox, 4)
    const counts = await Promise.all([0, 1, 2, 3].map(change))
    const won = counts.reduce((sum, count) => sum + count)
    const seen = await endReading()
    assert.deepEqual(idsOf(seen), idsOf(await all(outbox)), 'who reads along misses none')
    assert.equal(seen.length, won)
    for (const { id } of [a, b]) {
      const versions = seen.filter(({ keyId }) => keyId === id).map(({ data }) => data.version)
      assert.deepEqual(
        versions,
        versions.map((_, index) => index + 2),
      )
    }
  },

  async 'lists events by project, key, type, actor and time, forwards and backwards, page by page'(
    createStore,
  ) {
    const { store, outbox } = await openWith(createStore)
    const events = [
      eventOf(a.id, { at: 1, projectId: "7'; --" }),
      eventOf(b.id, { at: 2, type: 'key.revoked' }),
      eventOf(a.id, { at: 3, actor: complete.createdBy }),
      eventOf(b.id, { at: 4, actor: null }),
    ]
    await store.commit([next(a), next(b)], [], undefined, events)
    const [one, two, three, four] = idsOf(events)
    const cases: readonly [Partial<Parameters<EventOutbox['list']>[0]>, readonly unknown[]][] = [
      [{}, [one, two, three, four]],
      [{ order: 'desc' }, [four, three, two, one]],
      [{ projectId: "7'; --" }, [one]],
      [{ projectId: '42', keyId: b.id }, [two, four]],
      [{ type: 'key.revoked' }, [two]],
      [{ actor: complete.createdBy ?? '' }, [three]],
      [{ from: 2, until: 4 }, [two, three]],
      [{ limit: 2, order: 'desc' }, [four, three]],
      [{ actor: 'nobody \0' }, []],
    ]
    for (const [query, expected] of cases) {
      const listed = await outbox.list({ order: 'asc', limit: 10, ...query })
      assert.deepEqual(idsOf(listed), expected, JSON.stringify(query))
    }
    for (const order of ['asc', 'desc'] as const) {
      const [, second] = await outbox.list({ order, limit: 2 })
      const rest = await outbox.list({ order, limit: 10, after: second?.sequence })
      assert.deepEqual(idsOf(rest), order === 'asc' ? [three, four] : [two, one])
    }
  },

  async 'adds what was found once, however many find it, and nothing of keys that are not there'(
    createStore,
  ) {
    const { store, outbox } = await openWith(createStore)
    const add = async (): Promise<number> =>
      outbox.append([
        found(a.id, 'expiring a'),
        found(b.id, 'expiring b'),
        found('nobody000000', 'expiring n'),
      ])
    const counts = await Promise.all([add(), add(), add()])
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      2,
    )
    assert.equal(await outbox.append([found(a.id, 'idle a'), found(a.id, 'idle a')]), 1)
    assert.equal(await outbox.append([]), 0)
    await outbox.sweep(1_000, 10)
    assert.deepEqual(await all(outbox), [])
    assert.equal(await add(), 0, 'also when the event has been deleted')
    await store.erase([a.id], 9)
    assert.equal(await outbox.append([found(a.id, 'expiring a')]), 0)
  },

  async 'lends a consumer to one holder at a time, until its time is over or it is given back'(createStore) {
    const { outbox } = await openWith(createStore)
    const claims = await Promise.all(
      ['one', 'two', 'three'].map(async (holder) => outbox.claim('billing', holder, 60_000)),
    )
    assert.deepEqual(claims.filter((position) => position !== undefined).length, 1)
    const winner = ['one', 'two', 'three'][claims.indexOf(0)] ?? ''
    assert.equal(await outbox.claim('billing', winner, 60_000), 0, 'a holder claims again what it has')
    assert.equal(await outbox.claim('audit', 'four', 60_000), 0, 'consumers do not depend on each other')
    assert.equal(await outbox.acknowledge('billing', 'four', 9, 60_000), false)
    assert.equal(await outbox.acknowledge('billing', winner, 5, 60_000), true)
    assert.equal(await outbox.acknowledge('billing', winner, 3, 60_000), true)
    assert.equal(await outbox.claim('billing', 'four', 60_000), undefined)
    assert.equal(await outbox.acknowledge('billing', winner, 5, 0), true)
    assert.equal(await outbox.claim('billing', 'four', 0), 5)
    assert.equal(await outbox.claim('billing', 'five', 60_000), 5, 'the time of four is over')
    assert.equal(await outbox.acknowledge('billing', 'four', 9, 60_000), false)
    assert.deepEqual(await outbox.consumers(), [
      { name: 'audit', position: 0 },
      { name: 'billing', position: 5 },
    ])
  },

  async 'sets the position of a consumer and forgets it, and takes it from its holder'(createStore) {
    const { outbox } = await openWith(createStore)
    assert.equal(await outbox.move('billing', 7), false)
    assert.equal(await outbox.claim('billing', 'one', 60_000), 7)
    assert.equal(await outbox.move('billing', 2), true)
    assert.equal(await outbox.acknowledge('billing', 'one', 8, 60_000), false)
    assert.equal(await outbox.claim('billing', 'two', 60_000), 2)
    assert.equal(await outbox.move('billing', null), true)
    assert.equal(await outbox.acknowledge('billing', 'two', 8, 60_000), false)
    assert.deepEqual(await outbox.consumers(), [])
    assert.equal(await outbox.move('billing', null), false)
  },

  async 'deletes old events that every consumer has acknowledged, and never gives a sequence twice'(
    createStore,
  ) {
    const { store, outbox } = await openWith(createStore)
    const events = [1, 2, 3, 4].map((at) => eventOf(a.id, { at }))
    await store.commit([next(a)], [], undefined, events)
    const sequences = (await all(outbox)).map(({ sequence }) => sequence)
    await outbox.move('billing', sequences[2] ?? 0)
    await outbox.move('audit', sequences[1] ?? 0)
    assert.equal(await outbox.sweep(1, 10), 0)
    assert.equal(await outbox.sweep(9, 1), 1)
    assert.equal(await outbox.sweep(9, 10), 1)
    await outbox.move('audit', null)
    const swept = await Promise.all([1, 2, 3].map(async () => outbox.sweep(4, 10)))
    assert.equal(
      swept.reduce((sum, count) => sum + count),
      1,
    )
    await outbox.move('billing', null)
    assert.equal(await outbox.sweep(5, 10), 1)
    await store.commit([next(next(a))], [], undefined, [eventOf(a.id)])
    const [{ sequence } = { sequence: 0 }] = await all(outbox)
    assert.ok(sequence > (sequences[3] ?? 0))
  },

  async 'keeps of an erased key that something happened, without saying who or what, and that it was erased'(
    createStore,
  ) {
    const { store, outbox } = await openWith(createStore)
    const [ofA, ofB] = [eventOf(a.id), eventOf(b.id)]
    await store.commit([next(a), next(b)], [], undefined, [ofA, ofB])
    const erased = eventOf(a.id, { type: 'key.erased', actor: null, data: {} })
    const unknown = eventOf('nobody000000', { type: 'key.erased' })
    assert.equal((await store.erase([a.id, 'nobody000000'], 9, [erased, unknown])).keys, 1)
    assert.deepEqual((await all(outbox)).map(withoutSequence), [
      { ...ofA, actor: null, data: {} },
      ofB,
      erased,
    ])
    assert.equal((await store.erase([a.id], 10, [eventOf(a.id)])).keys, 0)
    assert.equal((await all(outbox)).length, 3)
  },
}

/** Reads while others write, and returns a function that ends it and returns what was read. */
function readAlong(outbox: EventOutbox, limit: number): () => Promise<readonly OutboxEvent[]> {
  const seen: OutboxEvent[] = []
  let isOver = false
  const reading = (async () => {
    for (;;) {
      const wasOver = isOver
      const events = await outbox.list({ order: 'asc', after: seen.at(-1)?.sequence ?? 0, limit })
      seen.push(...events)
      if (events.length > 0) continue
      if (wasOver) return seen
      await new Promise(setImmediate)
    }
  })()
  return () => {
    isOver = true
    return reading
  }
}

/**
 * The contract of an `ApiKeyStore` that has an `outbox`, beside `apiKeyStoreContract`.
 *
 * @example
 * for (const promise of eventOutboxContract) it(promise.name, () => promise.run(createStore))
 */
export const eventOutboxContract: readonly ApiKeyStorePromise[] = Object.entries(outboxPromises).map(
  ([name, run]) => ({ name, run }),
)
