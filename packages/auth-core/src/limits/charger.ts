// Charges what one request costs to all limits of a plan in one step of the store, or to none of them.

import type { ApiKey } from '../api-key.js'
import { type Awaitable, andThen, isPromise } from '../awaitable.js'
import { ApiKeysError } from '../errors.js'
import type { Guard } from '../guarded-store.js'
import type { Clocks, OnFailure } from './counter.js'
import { createExhausted } from './exhausted.js'
import type { Meter } from './meters.js'
import { limitsUnavailable, type RateLimitResult, type RateLimitStatus } from './result.js'
import { type Instants, type MeterReading, reasonOf, retryAfterOf, statusOf } from './status.js'
import type { Charge, ChargeResult, LimitStore } from './store.js'

export interface ChargerParts {
  readonly store: LimitStore
  readonly guard: Guard
  readonly clocks: Clocks
  readonly onStoreFailure: OnFailure
}

export interface Charger {
  /** Charges a request of a key. Never throws or rejects. */
  readonly charge: (record: ApiKey, meters: readonly Meter[], cost: number) => Awaitable<RateLimitResult>
  /** How the limits of a key stand. Rejects when the store fails. */
  readonly read: (record: ApiKey, meters: readonly Meter[]) => Promise<readonly RateLimitStatus[]>
  /** Gives credits, or none if it rejects: those of a store that answers too late are taken back. */
  readonly give: (record: ApiKey, meters: readonly Meter[], amount: number) => Promise<Gift>
}

export interface Gift {
  readonly statuses: readonly RateLimitStatus[]
  /** Also what has been used meanwhile, which is then lacking. */
  readonly takeBack: () => Promise<unknown>
}

export function createCharger({ store, guard, clocks, onStoreFailure }: ChargerParts): Charger {
  const exhausted = createExhausted()
  const instants = (): Instants => ({ wall: clocks.wall(), steady: clocks.steady() })

  const ask = (charges: readonly Charge[]): Awaitable<ChargeResult> => {
    if (store.charge !== undefined) return store.charge(charges)
    throw uncountable()
  }

  function conclude(
    readings: readonly MeterReading[],
    charges: readonly Charge[],
    isSlow: boolean,
    result: ChargeResult,
  ): RateLimitResult {
    const known = readings.map((reading, i) => ({ ...reading, used: result.used[i] ?? null }))
    const statuses = known.map(statusOf)
    if (result.ok) return { ok: true, statuses }
    const lacking = known.findIndex(
      ({ meter, used }, i) => (used ?? 0) + (charges[i]?.amount ?? 0) > meter.limit,
    )
    const reading = known[lacking] ?? known[0]
    if (reading === undefined) return { ok: true, statuses }
    const { meter, window, at, used } = reading
    if (isSlow && meter.kind !== 'credits' && (used ?? 0) >= meter.limit) {
      exhausted.add(window, meter.limit, at.steady)
    }
    return refused(reading, known)
  }

  function fail(error: unknown, readings: readonly MeterReading[]): RateLimitResult {
    const statuses = readings.map(statusOf)
    return readings.every(({ meter }) => onStoreFailure[meter.kind] === 'admit')
      ? { ok: true, statuses }
      : limitsUnavailable(error, statuses)
  }

  const charge: Charger['charge'] = (record, meters, cost) => {
    const readings = readingsOf(meters, record, instants())
    if (readings.length === 0) return { ok: true, statuses: [] }
    if (store.charge === undefined) return limitsUnavailable(uncountable(), readings.map(statusOf))
    const charges = chargesOf(readings, cost)
    const spent = readings.find(
      ({ meter, window, at }) => cost > 0 && exhausted.has(window, meter.limit, at.steady),
    )
    if (spent !== undefined) {
      return refused(
        { ...spent, used: spent.meter.limit },
        readings.map((reading) => (reading === spent ? { ...reading, used: reading.meter.limit } : reading)),
      )
    }
    let answer: Awaitable<ChargeResult> | undefined
    try {
      const result = guard(() => {
        answer = ask(charges)
        return answer
      }, isResult)
      if (!isPromise(result)) return conclude(readings, charges, false, result)
      return result.then(
        (settled) => conclude(readings, charges, true, settled),
        (error) => {
          // Taken after its deadline: nobody was let through for it.
          const returned = andThen(answer as Awaitable<ChargeResult>, ({ ok }) =>
            ok ? ask(charges.map(returning)) : undefined,
          )
          if (isPromise(returned)) returned.catch(() => {})
          return fail(error, readings)
        },
      )
    } catch (error) {
      return fail(error, readings)
    }
  }

  return {
    charge,
    async read(record, meters) {
      const readings = readingsOf(meters, record, instants())
      return statusesOf(readings, await guard(() => ask(chargesOf(readings, 0)), isResult))
    },
    async give(record, meters, amount) {
      const readings = readingsOf(meters, record, instants())
      const charges = chargesOf(readings, -amount)
      const takeBack = () => ask(charges.map(reversal))
      let answer: Awaitable<ChargeResult> | undefined
      try {
        const result = await guard(() => {
          answer = ask(charges)
          return answer
        }, isResult)
        return { statuses: statusesOf(readings, result), takeBack: async () => guard(takeBack, isResult) }
      } catch (error) {
        if (isPromise(answer)) answer.then(takeBack).catch(() => {})
        throw error
      }
    },
  }
}

const isResult = (result: ChargeResult): ChargeResult => {
  if (typeof result?.ok === 'boolean' && result.used?.every(Number.isFinite)) return result
  throw new ApiKeysError('store_corrupt', 'the store of counts gave no numbers')
}

const statusesOf = (readings: readonly MeterReading[], { used }: ChargeResult) =>
  readings.map((reading, i) => statusOf({ ...reading, used: used[i] ?? null }))

const readingsOf = (meters: readonly Meter[], record: ApiKey, at: Instants): readonly MeterReading[] =>
  meters.map((meter) => ({ meter, window: meter.windowAt(at[meter.clock], record), at, used: null }))

const chargesOf = (readings: readonly MeterReading[], amount: number): readonly Charge[] =>
  readings.map(({ meter, window, at }) => ({
    window,
    amount,
    limit: meter.limit,
    refill: meter.refillAt?.(at[meter.clock]),
  }))

const uncountable = () =>
  new TypeError('store: cannot count costs, credits or windows of any length; it has no method charge')

const returning = (charge: Charge): Charge => ({ ...charge, amount: -charge.amount })

const reversal = (charge: Charge): Charge => ({ ...returning(charge), limit: Number.MAX_SAFE_INTEGER })

function refused(reading: MeterReading, readings: readonly MeterReading[]): RateLimitResult {
  return {
    ok: false,
    reason: reasonOf(reading.meter),
    retryAfterSeconds: retryAfterOf(reading),
    refusedBy: reading.meter.name,
    statuses: readings.map(statusOf),
  }
}
