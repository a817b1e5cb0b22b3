// Counts one request against the limits of a plan, one after the other. A limit that refuses it gives back what the ones
// before have counted.

import type { ApiKey } from '../api-key.js'
import { type Awaitable, andThen, isPromise } from '../awaitable.js'
import { ApiKeysError } from '../errors.js'
import type { Guard } from '../guarded-store.js'
import { createExhausted } from './exhausted.js'
import type { Meter } from './meters.js'
import { limitsUnavailable, type RateLimitResult } from './result.js'
import { type Instants, reasonOf, retryAfterOf, statusOf } from './status.js'
import type { LimitStore } from './store.js'
import type { Window } from './window.js'

/** What happens when the store does not answer, for each kind of limit. */
export type OnFailure = Readonly<Record<Meter['kind'], 'admit' | 'refuse' | undefined>>

export type Clocks = Readonly<Record<Meter['clock'], () => number>>

export interface CounterParts {
  readonly store: LimitStore
  readonly guard: Guard
  readonly clocks: Clocks
  readonly onStoreFailure: OnFailure
}

/** Counts a request of a key against these limits, in this order. */
export type Counter = (record: ApiKey, meters: readonly Meter[]) => Awaitable<RateLimitResult>

/** One limit of one request, and what the store said of it. */
interface Reading {
  readonly meter: Meter
  readonly window: Window
  /** When the request came, by each clock. */
  readonly at: Instants
  /** What the store was asked for, answered or not. */
  answer: Awaitable<number> | undefined
  used: number | null
}

/** One request on its way through the limits. */
interface Pass {
  readonly readings: readonly Reading[]
  /** What the store threw, wrapped: a store that has just failed would only make the request wait again. */
  failure?: { readonly error: unknown }
}

export function createCounter({ store, guard, clocks, onStoreFailure }: CounterParts): Counter {
  const exhausted = createExhausted()

  function countFrom(pass: Pass, index: number): Awaitable<RateLimitResult> {
    const reading = pass.readings[index]
    if (reading === undefined) return { ok: true, statuses: pass.readings.map(statusOf) }
    if (pass.failure !== undefined) return passOver(pass, pass.failure.error, index)
    const { meter, window, at } = reading
    if (exhausted.has(window, meter.limit, at.steady)) {
      reading.used = meter.limit
      return refuse(pass, reading)
    }
    let sum: Awaitable<number>
    try {
      sum = guard(() => {
        reading.answer = store.add(window, 1)
        return reading.answer
      }, checkSum)
    } catch (error) {
      return passOver(pass, error, index)
    }
    if (!isPromise(sum)) return compare(pass, sum, index)
    return sum.then(
      (settled) => compare(pass, settled, index),
      (error) => passOver(pass, error, index),
    )
  }

  function compare(pass: Pass, sum: number, index: number): Awaitable<RateLimitResult> {
    const reading = pass.readings[index] as Reading
    const { meter, window, at, answer } = reading
    reading.used = sum
    if (sum <= meter.limit) return countFrom(pass, index + 1)
    if (isPromise(answer as Awaitable<number>)) exhausted.add(window, meter.limit, at.steady)
    return refuse(pass, reading)
  }

  function passOver(pass: Pass, error: unknown, index: number): Awaitable<RateLimitResult> {
    pass.failure = { error }
    const { meter } = pass.readings[index] as Reading
    if (onStoreFailure[meter.kind] === 'admit') return countFrom(pass, index + 1)
    // Not waited for: the store has failed, and may take until it has recovered.
    void giveBack(pass.readings)
    return limitsUnavailable(error, pass.readings.map(statusOf))
  }

  function refuse({ readings }: Pass, reading: Reading): Awaitable<RateLimitResult> {
    return andThen(giveBack(readings), () => ({
      ok: false,
      reason: reasonOf(reading.meter),
      retryAfterSeconds: retryAfterOf(reading),
      refusedBy: reading.meter.name,
      statuses: readings.map(statusOf),
    }))
  }

  // Also what was asked for and has not been answered yet, once it is. What cannot be given back is lost to its window:
  // nobody is let through for it.
  function giveBack(readings: readonly Reading[]): Awaitable<unknown> {
    const returns: Awaitable<number>[] = []
    for (const reading of readings) {
      const { answer, window, meter } = reading
      if (answer === undefined || clocks[meter.clock]() >= window.endsAt) continue
      if (reading.used !== null) reading.used -= 1
      try {
        returns.push(andThen(answer, () => store.add(window, -1)))
      } catch {}
    }
    return returns.some(isPromise)
      ? Promise.resolve(guard(() => Promise.allSettled(returns), identity)).catch(() => {})
      : undefined
  }

  return (record, meters) => {
    const at = { wall: clocks.wall(), steady: clocks.steady() }
    const readings = meters.map(
      (meter): Reading => ({
        meter,
        window: meter.windowAt(at[meter.clock], record),
        at,
        answer: undefined,
        used: null,
      }),
    )
    return countFrom({ readings }, 0)
  }
}

export function checkSum(sum: number): number {
  if (!Number.isFinite(sum)) throw new ApiKeysError('store_corrupt', 'the store of counts gave no number')
  return sum
}

const identity = <T>(value: T): T => value
