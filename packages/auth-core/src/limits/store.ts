// The port between limits and the place where requests are counted: two methods, and a third for all that one unit at a time
// cannot count. What a window is and when it begins is decided in meters.ts; a store only adds up, atomically.

import type { Awaitable } from '../awaitable.js'
import type { Window } from './window.js'

/**
 * Counts requests. Run `limitStoreContract` of `@gosend/auth-core/testing` against an implementation.
 *
 * Every window is counted by itself, and may be forgotten some time after its end: no call asks about it then, but for
 * one that takes back a unit too late, which must not reach any other window.
 */
export interface LimitStore {
  /** Adds to the count of a window in one atomic step, for all processes alike, and gives the sum. The amount is 1 or -1. */
  add(window: Window, amount: 1 | -1): Awaitable<number>
  /** The count of a window, 0 when there was none. */
  read(window: Window): Awaitable<number>
  /**
   * Takes all of the amounts in one atomic step, or nothing if one of them is more than there is. Needed for costs, credits, and
   * windows other than the second, the day and the month.
   */
  charge?(charges: readonly Charge[]): Awaitable<ChargeResult>
}

/** What one request takes from one limit. */
export interface Charge {
  readonly window: Window
  /**
   * A whole number. Below zero it gives back, which nothing refuses: to a window, no more than was taken from it; to credits,
   * any amount.
   */
  readonly amount: number
  /** How much may be taken in all. */
  readonly limit: number
  /** Of credits, whose window never ends: what comes back by itself. */
  readonly refill?: Refilling | undefined
}

export interface Refilling {
  /** How much comes back each time, until all of it has. */
  readonly amount: number
  /** When some came back last, in milliseconds since the epoch. */
  readonly at: number
  /** How long it takes until it does again. */
  readonly everyMs: number
}

export interface ChargeResult {
  readonly ok: boolean
  /** How much of each limit is taken now; below zero, where credits were given beyond those of the limit. */
  readonly used: readonly number[]
}

/** One counter as a store keeps it. */
export interface Counter {
  readonly used: number
  /** When credits came back last; of a window, its end. */
  readonly at: number
}

/**
 * Takes charges from counters that nobody else changes meanwhile, for stores that compute in this process.
 *
 * @param find the counter of a charge: undefined when there is none, or it is of another window.
 */
export function chargeCounters(
  charges: readonly Charge[],
  find: (charge: Charge) => Counter | undefined,
  keep: (charge: Charge, after: Counter) => void,
): ChargeResult {
  const steps = charges.map((charge) => stepOf(charge, find(charge)))
  if (!steps.every(({ fits }) => fits)) return { ok: false, used: steps.map(({ before }) => before) }
  for (const { charge, after, changes } of steps) if (changes) keep(charge, after)
  return { ok: true, used: steps.map(({ after }) => after.used) }
}

function stepOf(charge: Charge, counter: Counter | undefined) {
  const { window, amount, limit, refill } = charge
  const before = refill === undefined ? (counter?.used ?? 0) : creditsUsed(counter, refill)
  const used = refill === undefined ? Math.max(0, before + amount) : before + amount
  const at = refill === undefined ? window.endsAt : Math.max(counter?.at ?? refill.at, refill.at)
  // What is given back to a window that is over belongs to no other.
  const isTooLate = amount < 0 && refill === undefined && counter === undefined
  return {
    charge,
    before,
    after: { used, at },
    fits: amount <= 0 || used <= limit,
    changes: amount !== 0 && !isTooLate,
  }
}

function creditsUsed(counter: Counter | undefined, { at, amount, everyMs }: Refilling): number {
  if (counter === undefined) return 0
  const times = Math.max(0, Math.floor((at - counter.at) / everyMs))
  return counter.used <= 0 ? counter.used : Math.max(0, counter.used - times * amount)
}
