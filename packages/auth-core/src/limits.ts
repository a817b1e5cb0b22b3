// Rates per key and per project, and quotas per project: decides whether a verified key may make one more request. Where
// requests are counted is up to a LimitStore; what is answered over HTTP is up to an adapter.

import {
  callback,
  checkOptions,
  having,
  mapOf,
  type OptionTable,
  object,
  oneOf,
  required,
  texts,
  wholeNumber,
} from '@gosend/options'
import { LRUCache } from 'lru-cache'
import type { ApiKey } from './api-key.js'
import { type Awaitable, andThen, isPromise } from './awaitable.js'
import { createWindowClock, wallClock } from './clocks.js'
import { ApiKeysError } from './errors.js'
import { createGuard } from './guarded-store.js'
import {
  type LimitName,
  type LimitScope,
  type Meter,
  metersOf,
  type Period,
  type Plan,
  plan,
} from './limits/meters.js'
import type { LimitStore, Window } from './limits/store.js'
import { harmless, type Telemetry, timed } from './telemetry.js'

export type { LimitName, LimitScope, Period, Plan, ProjectRates } from './limits/meters.js'
export type { LimitStore, Window } from './limits/store.js'

/** Who is looked up in the host's plans: a key, or a project alone when its quota is read. */
export type PlanHolder = Pick<ApiKey, 'projectId'> & Partial<ApiKey>

/** What happens when the store of counts cannot answer: go on without counting, or refuse with 503. */
export type OnStoreFailure = 'admit' | 'refuse'

export interface OnStoreFailures {
  readonly rate?: OnStoreFailure | undefined
  readonly quota?: OnStoreFailure | undefined
}

export interface LimitsOptions<Name extends string = string> {
  /** Where requests are counted: `memoryLimitStore()`, `redisLimitStore(client)` or `postgresLimitStore(pool)`. */
  readonly store: LimitStore
  /** How much each plan allows. `{}` is unlimited. */
  readonly plans: Readonly<Record<Name, Plan>>
  /**
   * The plan of a key. Asked on every request when it answers at once; a promised answer is kept for `planMaxAgeMs`. The quota and
   * the rates of `project` are the project's: give all its keys of an environment plans in which they are the same.
   */
  readonly planOf: (holder: PlanHolder) => Awaitable<NoInfer<Name>>
  /**
   * How long an answer that `planOf` has promised is kept for a key, in milliseconds, so that a database behind it is not asked on
   * every request: a changed plan counts that much later. Default 1 second; 0 asks every time.
   */
  readonly planMaxAgeMs?: number | undefined
  /** Environments whose keys use up no quota. Default `['sandbox']`. */
  readonly quotaFree?: readonly string[] | undefined
  /** What happens when the store fails or is late. Default: rates are not counted, and a quota refuses. */
  readonly onStoreFailure?: OnStoreFailures | undefined
  /** How long the store may take to answer. Default 250 ms. */
  readonly storeTimeoutMs?: number | undefined
  /**
   * The wall clock, in milliseconds since the epoch. Days and months are those that it says; seconds go by the time that
   * passes on it. Default: `Date.now` for days and months, and for seconds a clock that nobody sets.
   */
  readonly now?: (() => number) | undefined
  /** Told of every decision: `openTelemetry(api)`, or a function of your own. */
  readonly telemetry?: Telemetry | undefined
}

const onStoreFailure = oneOf('admit', 'refuse')

const optionTable: OptionTable<LimitsOptions> = {
  store: required(having(['add', 'read'], 'pass memoryLimitStore() or another LimitStore')),
  plans: required(mapOf(plan)),
  planOf: required(callback('must be a function from a key to the name of a plan')),
  planMaxAgeMs: wholeNumber(0),
  quotaFree: texts,
  onStoreFailure: object<OnStoreFailures>({ rate: onStoreFailure, quota: onStoreFailure }),
  storeTimeoutMs: wholeNumber(),
  now: callback(),
  telemetry: callback('must be a function of an event'),
}

/** How a limit stands. */
export interface RateLimitStatus {
  readonly name: LimitName
  readonly period: Period
  /** Whether the key has it to itself, or shares it with the keys of its project. */
  readonly scope: LimitScope
  readonly limit: number
  /** How long the window is. */
  readonly windowSeconds: number
  /** What is left in the window; null when it is not known, because the request was refused before or the store failed. */
  readonly remaining: number | null
  /** When the next window begins, in milliseconds since the epoch: always a whole second. */
  readonly resetsAt: number
  /** Whole seconds until then, 1 or more. */
  readonly resetsInSeconds: number
}

/**
 * | reason | meaning |
 * |---|---|
 * | `rate_exceeded` | the key has made all the requests of this second or day |
 * | `project_rate_exceeded` | the keys of the project together have made all the requests of this second or day |
 * | `quota_exhausted` | the project has made all the requests of this month |
 * | `limits_unavailable` | the store of counts, or `planOf`, did not answer |
 */
export type LimitReason = 'rate_exceeded' | 'project_rate_exceeded' | 'quota_exhausted' | 'limits_unavailable'

/** A request that may pass, and is counted. */
export interface RateLimitSuccess {
  readonly ok: true
  /** The limits of the key's plan, the shortest first. */
  readonly statuses: readonly RateLimitStatus[]
}

/** A request that may not pass, and is counted nowhere. */
export interface RateLimitRefusal {
  readonly ok: false
  readonly reason: LimitReason
  /** Whole seconds after which another attempt makes sense, 1 or more. */
  readonly retryAfterSeconds: number
  /** The limit that refused; null when the store did not answer. */
  readonly refusedBy: LimitName | null
  readonly statuses: readonly RateLimitStatus[]
  /** What was thrown, when the reason is `limits_unavailable`. */
  readonly error?: unknown
}

export type RateLimitResult = RateLimitSuccess | RateLimitRefusal

export interface Quota {
  /** Requests per month. */
  readonly limit: number
  readonly used: number
  readonly resetsAt: Date
}

export interface Limits {
  /**
   * Counts one request of a verified key, unless a limit refuses it. Never throws or rejects. Synchronous when the store
   * and `planOf` are; `await` serves both.
   */
  consume(record: ApiKey): Awaitable<RateLimitResult>
  /** How much of its quota a project has used this month, or null when its plan has none. Rejects when the store fails. */
  quota(projectId: string): Promise<Quota | null>
}

/**
 * Limits over a store of counts that all processes share. A request is counted against seconds, days and the month, in
 * this order, the key's before the project's; a limit that refuses it gives back what the ones before have counted.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * const limits = createLimits({
 *   store: memoryLimitStore(),
 *   plans: { sandbox: { perSecond: 10 }, standard: { perSecond: 100, perDay: 100_000, perMonth: 50_000, project: { perSecond: 500 } } },
 *   planOf: ({ environment }) => (environment === 'sandbox' ? 'sandbox' : 'standard'),
 * })
 * const result = await limits.consume(verification.record)
 */
export function createLimits<const Name extends string>(given: LimitsOptions<Name>): Limits {
  const options = checkOptions<LimitsOptions>(optionTable, given)
  const { store, quotaFree = ['sandbox'], storeTimeoutMs = 250, now = wallClock } = options
  const plans = plansOf(options.plans)
  const onStoreFailure = { rate: 'admit', quota: 'refuse', ...options.onStoreFailure }
  const clocks = { wall: now, steady: createWindowClock(options.now) }
  const guard = createGuard(storeTimeoutMs)
  const exhausted = createExhausted()
  const planOf = (holder: PlanHolder) => guard(() => options.planOf(holder), identity)
  const planOfKey = keepPromised(planOf, options.planMaxAgeMs ?? 1_000, clocks.steady)

  const metersFor = (name: string, { environment }: PlanHolder): readonly Meter[] => {
    const meters = plans.get(name)
    if (meters === undefined) throw new TypeError(`planOf: ${JSON.stringify(name)} is not a plan`)
    const isFree = environment !== undefined && quotaFree.includes(environment)
    return isFree ? meters.filter(({ kind }) => kind !== 'quota') : meters
  }

  function count(record: ApiKey, name: string): Awaitable<RateLimitResult> {
    const at = { wall: clocks.wall(), steady: clocks.steady() }
    const readings = metersFor(name, record).map(
      (meter): Reading => ({
        meter,
        window: meter.windowAt(at[meter.clock], record),
        at,
        answer: undefined,
        used: null,
      }),
    )
    let failure: unknown

    const countFrom = (index: number): Awaitable<RateLimitResult> => {
      const reading = readings[index]
      if (reading === undefined) return { ok: true, statuses: readings.map(statusOf) }
      // A store that has just failed would only make the request wait again.
      if (failure !== undefined) return passOver(reading, index)
      const { meter, window } = reading
      if (exhausted.has(window, meter.limit, at.steady)) {
        reading.used = meter.limit
        return refuse(reading)
      }
      let sum: Awaitable<number>
      try {
        sum = guard(() => {
          reading.answer = store.add(window, 1)
          return reading.answer
        }, checkSum)
      } catch (error) {
        return fail(error, reading, index)
      }
      if (!isPromise(sum)) return compare(sum, reading, index)
      return sum.then(
        (settled) => compare(settled, reading, index),
        (error) => fail(error, reading, index),
      )
    }

    const compare = (sum: number, reading: Reading, index: number): Awaitable<RateLimitResult> => {
      reading.used = sum
      if (sum <= reading.meter.limit) return countFrom(index + 1)
      if (isPromise(reading.answer as Awaitable<number>))
        exhausted.add(reading.window, reading.meter.limit, at.steady)
      return refuse(reading)
    }

    const fail = (error: unknown, reading: Reading, index: number): Awaitable<RateLimitResult> => {
      failure = error
      return passOver(reading, index)
    }

    const passOver = ({ meter }: Reading, index: number): Awaitable<RateLimitResult> => {
      if (onStoreFailure[meter.kind] === 'admit') return countFrom(index + 1)
      // Not waited for: the store has failed, and may take until it has recovered.
      void giveBack(readings)
      return unavailable(failure, readings.map(statusOf))
    }

    const refuse = (reading: Reading): Awaitable<RateLimitResult> =>
      andThen(giveBack(readings), () => ({
        ok: false,
        reason: reasonOf(reading.meter),
        retryAfterSeconds: statusOf(reading).resetsInSeconds,
        refusedBy: reading.meter.name,
        statuses: readings.map(statusOf),
      }))

    return countFrom(0)
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

  const consume: Limits['consume'] = (record) => {
    try {
      const name = planOfKey(record)
      if (!isPromise(name)) return count(record, name)
      return name.then((settled) => count(record, settled)).catch((error) => unavailable(error, []))
    } catch (error) {
      return unavailable(error, [])
    }
  }

  return {
    consume: options.telemetry === undefined ? consume : watchConsume(consume, harmless(options.telemetry)),
    async quota(projectId) {
      const name = await planOf({ projectId })
      const meter = metersFor(name, { projectId }).find(({ kind }) => kind === 'quota')
      if (meter === undefined) return null
      const window = meter.windowAt(clocks[meter.clock](), { id: '', projectId })
      const used = await guard(() => store.read(window), checkSum)
      return { limit: meter.limit, used: Math.max(0, used), resetsAt: new Date(window.endsAt) }
    },
  }
}

const MAX_KEPT = 10_000

/** Asks again only for what was answered at once, or some time ago. One question at a time for each key. */
function keepPromised(
  planOf: (record: ApiKey) => Awaitable<string>,
  maxAgeMs: number,
  now: () => number,
): (record: ApiKey) => Awaitable<string> {
  const kept = new LRUCache<string, { name: Awaitable<string>; readonly until: number }>({ max: MAX_KEPT })
  return (record) => {
    const earlier = kept.get(record.id)
    if (earlier !== undefined && now() < earlier.until) return earlier.name
    const name = planOf(record)
    if (!isPromise(name)) return name
    const answer = { name: name as Awaitable<string>, until: now() + maxAgeMs }
    kept.set(record.id, answer)
    name.then(
      (settled) => {
        // From here on it is there at once, and makes no promise of what waits for nothing.
        answer.name = settled
      },
      () => kept.delete(record.id),
    )
    return name
  }
}

function watchConsume(consume: Limits['consume'], emit: Telemetry): Limits['consume'] {
  return (record) =>
    timed(
      () => consume(record),
      (timing, result) => {
        if (result === undefined) return
        if (result.ok) return emit({ type: 'limit', outcome: 'ok', period: null, ...timing })
        const { reason, refusedBy, statuses } = result
        const period = statuses.find(({ name }) => name === refusedBy)?.period ?? null
        emit({ type: 'limit', outcome: reason, period, ...timing })
      },
    )
}

/** One limit of one request, and what the store said of it. */
interface Reading {
  readonly meter: Meter
  readonly window: Window
  /** When the request came, by each clock. */
  readonly at: Readonly<Record<Meter['clock'], number>>
  /** What the store was asked for, answered or not. */
  answer: Awaitable<number> | undefined
  used: number | null
}

function plansOf(plans: Readonly<Record<string, Plan>>): ReadonlyMap<string, readonly Meter[]> {
  if (Object.keys(plans).length === 0) throw new TypeError('plans: must name at least one plan')
  return new Map(Object.entries(plans).map(([name, plan]) => [name, metersOf(plan)]))
}

function statusOf({ meter, window, used, at }: Reading): RateLimitStatus {
  const untilResetMs = window.endsAt - at[meter.clock]
  return {
    name: meter.name,
    period: meter.period,
    scope: meter.scope,
    limit: meter.limit,
    windowSeconds: (window.endsAt - window.startsAt) / 1_000,
    remaining: used === null ? null : Math.max(0, meter.limit - used),
    // What the client's clock will say then, were it right.
    resetsAt: Math.round((at.wall + untilResetMs) / 1_000) * 1_000,
    resetsInSeconds: Math.max(1, Math.ceil(untilResetMs / 1_000)),
  }
}

function reasonOf({ kind, scope }: Meter): LimitReason {
  if (kind === 'quota') return 'quota_exhausted'
  return scope === 'project' ? 'project_rate_exceeded' : 'rate_exceeded'
}

function unavailable(error: unknown, statuses: readonly RateLimitStatus[]): RateLimitRefusal {
  return { ok: false, reason: 'limits_unavailable', retryAfterSeconds: 1, refusedBy: null, statuses, error }
}

const REMEMBERED_MS = 1_000

// Remembers for up to a second which windows are spent, so that a flood of refused requests stays away from a store that
// costs a round trip. No longer, because a limit further on may have given a unit back meanwhile.
function createExhausted() {
  const spent = new LRUCache<string, { startsAt: number; limit: number; at: number }>({ max: 10_000 })
  const keyOf = ({ period, subject }: Window) => `${period} ${subject}`
  return {
    has(window: Window, limit: number, at: number) {
      if (spent.size === 0) return false
      const entry = spent.get(keyOf(window))
      if (entry === undefined || entry.startsAt !== window.startsAt || limit > entry.limit) return false
      return at >= entry.at && at < entry.at + REMEMBERED_MS
    },
    add(window: Window, limit: number, at: number) {
      spent.set(keyOf(window), { startsAt: window.startsAt, limit, at })
    },
  }
}

function checkSum(sum: number): number {
  if (!Number.isFinite(sum)) throw new ApiKeysError('store_corrupt', 'the store of counts gave no number')
  return sum
}

const identity = <T>(value: T): T => value
