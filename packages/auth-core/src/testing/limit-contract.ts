// What every store of counts promises, as runnable cases. They throw errors of node:assert, so any test runner will do.

import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Awaitable } from '../awaitable.js'
import type { LimitStore, Window } from '../limits.js'

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
}).map(([name, run]) => ({ name, run }))
