// What every store of counts promises, as runnable cases. They throw errors of node:assert, so any test runner will do.

import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Awaitable } from '../awaitable.js'
import type { Charge, LimitStore, Window } from '../limits.js'

/** Makes an empty store. The caller also disposes of what it made. */
export type CreateLimitStore = () => Awaitable<LimitStore>

export interface LimitStorePromise {
  /** A sentence to name the test with. */
  readonly name: string
  /** Rejects with an AssertionError when the store breaks the promise. */
  run(createStore: CreateLimitStore): Promise<void>
}

const DAY_MS = 86_400_000
const january = Date.UTC(2026, 0, 1)
const month: Window = { period: 'month', subject: '42', startsAt: january, endsAt: january + 31 * DAY_MS }
const day: Window = { period: 'day', subject: 'aaaaaaaaaaaa', startsAt: january, endsAt: january + DAY_MS }
const second: Window = {
  period: 'second',
  subject: 'aaaaaaaaaaaa',
  startsAt: january,
  endsAt: january + 1_000,
}
const next = (window: Window): Window => ({
  ...window,
  startsAt: window.endsAt,
  endsAt: window.endsAt + (window.endsAt - window.startsAt),
})

/** Of a second, a quarter of an hour, a week. */
const others: readonly Window[] = (['second', '15m', 'week'] as const).map((period, i) => ({
  period,
  subject: 'bbbbbbbbbbbb',
  startsAt: january,
  endsAt: january + ([1_000, 900_000, 7 * DAY_MS][i] ?? 0),
}))

const charging = (window: Window, amount: number, limit = 10): Charge => ({ window, amount, limit })

const chargingCredits = (amount: number, at = january, refill = 0): Charge => ({
  window: { period: 'credits', subject: 'cccccccccccc', startsAt: 0, endsAt: Number.POSITIVE_INFINITY },
  amount,
  limit: 10,
  refill: { amount: refill, at, everyMs: DAY_MS },
})

/** A promise of the stores that have the method `charge`, which is left to them. */
const whereCharged =
  (run: (charge: NonNullable<LimitStore['charge']>, store: LimitStore) => Promise<void>) =>
  async (createStore: CreateLimitStore): Promise<void> => {
    const store = await createStore()
    if (store.charge !== undefined) await run(store.charge.bind(store), store)
  }

/**
 * The contract of `LimitStore`, one promise per entry.
 *
 * @example
 * for (const promise of limitStoreContract) it(promise.name, () => promise.run(createStore))
 */
export const limitStoreContract: readonly LimitStorePromise[] = Object.entries<LimitStorePromise['run']>({
  async 'counts what is added, and gives the sum'(createStore) {
    const store = await createStore()
    for (const window of [second, day, month]) {
      for (const sum of [1, 2, 3]) assert.equal(await store.add(window, 1), sum)
    }
  },

  async 'reads a count without changing it, 0 where nothing was added'(createStore) {
    const store = await createStore()
    assert.equal(await store.read(month), 0)
    await store.add(month, 1)
    await store.add(month, 1)
    for (let reads = 0; reads < 3; reads++) assert.equal(await store.read(month), 2)
  },

  async 'takes a unit back'(createStore) {
    const store = await createStore()
    await store.add(day, 1)
    await store.add(day, 1)
    assert.equal(await store.add(day, -1), 1)
    assert.equal(await store.read(day), 1)
  },

  async 'counts every period and every window by itself'(createStore) {
    const store = await createStore()
    const windows = [second, day, month].flatMap((window) => [window, next(window)])
    for (const window of windows) assert.equal(await store.add(window, 1), 1)
  },

  async 'counts subjects by themselves, however alike or long their ids are'(createStore) {
    const store = await createStore()
    const long = 'x'.repeat(254)
    for (const subject of [
      '4',
      '42',
      '4:2',
      ':42',
      '\u00e9',
      'e\u0301',
      ' 42',
      '%',
      "'",
      `${long}1`,
      `${long}2`,
    ]) {
      assert.equal(await store.add({ ...month, subject }, 1), 1, JSON.stringify(subject))
    }
  },

  async 'lets a unit that is taken back too late reach no other window'(createStore) {
    const store = await createStore()
    for (const window of [second, day, month]) {
      await store.add(window, 1)
      await store.add(next(window), 1)
      await store.add(window, -1)
      assert.equal(await store.add(next(window), 1), 2)
    }
  },

  async 'still knows the count of a month, a day and a second a moment later'(createStore) {
    const store = await createStore()
    for (const window of [second, day, month]) await store.add(window, 1)
    await setTimeout(50)
    for (const window of [second, day, month]) assert.equal(await store.read(window), 1, window.period)
  },

  async 'gives each of many concurrent additions a sum of its own'(createStore) {
    const store = await createStore()
    const sums = await Promise.all(Array.from({ length: 300 }, async () => store.add(month, 1)))
    assert.deepEqual(
      sums.toSorted((a, b) => a - b),
      sums.map((_, index) => index + 1),
    )
  },

  'takes several amounts at once, or none of them': whereCharged(async (charge, store) => {
    const [a, b, c] = others.map((window) => charging(window, 4)) as [Charge, Charge, Charge]
    assert.deepEqual(await charge([a, b, c]), { ok: true, used: [4, 4, 4] })
    assert.deepEqual(await charge([a, { ...b, amount: 7 }, c]), { ok: false, used: [4, 4, 4] })
    for (const { window } of [a, b, c]) assert.equal(await store.read(window), 4)
    assert.deepEqual(await charge([c, a, { ...b, amount: 6 }]), { ok: true, used: [8, 8, 10] })
    assert.deepEqual(
      await charge([
        { ...a, amount: 2 },
        { ...b, amount: 0 },
      ]),
      { ok: true, used: [10, 10] },
    )
    assert.deepEqual(
      await charge([
        { ...a, amount: 1, limit: 11 },
        { ...b, amount: 1 },
      ]),
      {
        ok: false,
        used: [10, 10],
      },
    )
  }),

  'counts the same windows by one unit and by many': whereCharged(async (charge, store) => {
    for (const window of [second, day, month]) {
      await store.add(window, 1)
      assert.deepEqual(await charge([charging(window, 5)]), { ok: true, used: [6] })
      assert.equal(await store.add(window, 1), 7)
      assert.equal(await store.read(window), 7)
    }
  }),

  'takes back what was charged, and never more': whereCharged(async (charge, store) => {
    for (const window of others) {
      await charge([charging(window, 5)])
      assert.deepEqual(await charge([charging(window, -3)]), { ok: true, used: [2] })
      await charge([charging(window, -3)])
      assert.equal(await store.read(window), 0)
      await charge([charging(next(window), 1)])
      await charge([charging(window, -1)])
      assert.equal(await store.read(next(window)), 1)
    }
  }),

  'counts every window of any length by itself': whereCharged(async (charge) => {
    const all = [...others, second, day, month].flatMap((window) => [window, next(window)])
    for (const window of all) assert.deepEqual(await charge([charging(window, 2)]), { ok: true, used: [2] })
  }),

  'uses credits up, and knows no end of them': whereCharged(async (charge) => {
    assert.deepEqual(await charge([chargingCredits(4)]), { ok: true, used: [4] })
    assert.deepEqual(await charge([chargingCredits(7)]), { ok: false, used: [4] })
    assert.deepEqual(await charge([chargingCredits(6, january + 400 * DAY_MS)]), { ok: true, used: [10] })
    assert.deepEqual(await charge([chargingCredits(1, january + 900 * DAY_MS)]), { ok: false, used: [10] })
  }),

  'counts credits beyond what 32 bits hold': whereCharged(async (charge) => {
    const most = 1_000_000_000
    for (const times of [1, 2, 3, 4, 5]) {
      assert.deepEqual(await charge([chargingCredits(-most)]), { ok: true, used: [-times * most] })
    }
    assert.deepEqual(await charge([chargingCredits(most)]), { ok: true, used: [-4 * most] })
    const lent = { ...chargingCredits(9 * most), limit: Number.MAX_SAFE_INTEGER }
    assert.deepEqual(await charge([lent]), { ok: true, used: [5 * most] })
  }),

  'refills credits for every period that has passed, and never above what there was': whereCharged(
    async (charge) => {
      const on = (days: number, amount: number) =>
        charge([chargingCredits(amount, january + days * DAY_MS, 3)])
      assert.deepEqual(await on(0, 10), { ok: true, used: [10] })
      assert.deepEqual(await on(0, 1), { ok: false, used: [10] })
      assert.deepEqual(await on(1, 2), { ok: true, used: [9] })
      // By a clock that is behind nothing comes twice.
      assert.deepEqual(await on(0, 1), { ok: true, used: [10] })
      assert.deepEqual(await on(1, 0), { ok: true, used: [10] })
      assert.deepEqual(await on(3, 5), { ok: true, used: [9] })
      assert.deepEqual(await on(99, 1), { ok: true, used: [1] })
    },
  ),

  'keeps credits that were given beyond the others, whatever is refilled': whereCharged(async (charge) => {
    assert.deepEqual(await charge([chargingCredits(-5)]), { ok: true, used: [-5] })
    assert.deepEqual(await charge([chargingCredits(0, january + 9 * DAY_MS, 3)]), { ok: true, used: [-5] })
    assert.deepEqual(await charge([chargingCredits(16)]), { ok: false, used: [-5] })
    assert.deepEqual(await charge([chargingCredits(15)]), { ok: true, used: [10] })
    assert.deepEqual(await charge([chargingCredits(-5)]), { ok: true, used: [5] })
  }),

  'gives more credits to one budget alone, and leaves those that are charged with it': whereCharged(
    async (charge) => {
      const budgetOf = (subject: string, amount: number): Charge => {
        const { window, ...credits } = chargingCredits(amount)
        return { ...credits, window: { ...window, subject } }
      }
      const request = (amount: number) =>
        charge([budgetOf('own:child', amount), budgetOf('own:parent', amount)])
      assert.deepEqual(await request(10), { ok: true, used: [10, 10] })
      assert.deepEqual(await charge([budgetOf('own:child', -5)]), { ok: true, used: [5] })
      assert.deepEqual(await request(0), { ok: true, used: [5, 10] })
      assert.deepEqual(await request(1), { ok: false, used: [5, 10] })
    },
  ),

  'gives concurrent charges of several limits exactly what there is': whereCharged(async (charge, store) => {
    const [a, b] = others as [Window, Window]
    const results = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const charges = [charging(a, 1, 90), charging(b, 2, 100), { ...chargingCredits(3), limit: 1_000 }]
        return charge(i % 2 === 0 ? charges : charges.toReversed())
      }),
    )
    assert.equal(results.filter(({ ok }) => ok).length, 50)
    assert.deepEqual([await store.read(a), await store.read(b)], [50, 100])
    assert.deepEqual(await charge([chargingCredits(0)]), { ok: true, used: [150] })
  }),
}).map(([name, run]) => ({ name, run }))
