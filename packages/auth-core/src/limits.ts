// Rates per key and per project, and quotas per project: decides whether a verified key may make one more request. Where
// requests are counted is up to a LimitStore; what is answered over HTTP is up to an adapter.

import {
  callback,
  checkOptions,
  delayMs,
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
import { checkArgument, name as projectName } from './attributes.js'
import { type Awaitable, isPromise } from './awaitable.js'
import { clockOf, type Fault, faultOf } from './callbacks.js'
import { createWindowClock, wallClock } from './clocks.js'
import { ApiKeysError } from './errors.js'
import { createGuard } from './guarded-store.js'
import { MAX_LIMIT } from './limits/allowance.js'
import { createCharger } from './limits/charger.js'
import { checkSum, createCounter } from './limits/counter.js'
import { budgetHolderOf, countedAs, ownBudgetOf, ownMetersOf, rootOf } from './limits/lineage.js'
import { type Meter, metersOf, type Plan, plan } from './limits/meters.js'
import { limitsUnavailable, type RateLimitResult, type RateLimitStatus } from './limits/result.js'
import type { LimitStore } from './limits/store.js'
import { harmless, type Telemetry, timed } from './telemetry.js'

export type { Credits, LimitScope, Refill, WindowLimit } from './limits/allowance.js'
export type { LimitName, Plan, ProjectRates } from './limits/meters.js'
export type { Per } from './limits/periods.js'
export type {
  LimitReason,
  RateLimitRefusal,
  RateLimitResult,
  RateLimitStatus,
  RateLimitSuccess,
} from './limits/result.js'
export type { Charge, ChargeResult, LimitStore, Refilling } from './limits/store.js'
export type { Period, Window } from './limits/window.js'

/** Who is looked up in the host's plans: a key, or a project alone when its quota is read. */
export type PlanHolder = Pick<ApiKey, 'projectId'> & Partial<ApiKey>

/** What happens when the store of counts cannot answer: go on without counting, or refuse with 503. */
export type OnStoreFailure = 'admit' | 'refuse'

export interface OnStoreFailures {
  readonly rate?: OnStoreFailure | undefined
  /** Of the quota, and of credits. */
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
  storeTimeoutMs: delayMs(),
  now: callback(),
  telemetry: callback('must be a function of an event'),
}

export interface Quota {
  /** Requests per month. */
  readonly limit: number
  readonly used: number
  readonly resetsAt: Date
}

export interface ConsumeOptions {
  /** How much the request counts for: a whole number, 0 or more. Default 1. */
  readonly cost?: number | undefined
}

export interface TopUpOptions {
  /** What else has to succeed, such as an entry in a log. If it fails, the credits are taken back, so that it can be tried again. */
  readonly confirm?: (() => Awaitable<unknown>) | undefined
}

export interface Limits {
  /**
   * Counts one request of a verified key, unless a limit refuses it; then it counts nowhere. Never throws or rejects: a cost that is
   * none is `limits_unavailable`. Synchronous when the store and `planOf` are; `await` serves both.
   */
  consume(record: ApiKey, options?: ConsumeOptions): Awaitable<RateLimitResult>
  /** How the limits of a key stand, without counting a request. Rejects when the store fails. */
  status(record: ApiKey): Promise<readonly RateLimitStatus[]>
  /**
   * Gives a key more credits: to its budget or, for a key that was made from none, to the credits of its plan, beyond what refills
   * would make of them. Nobody else gets any: the budgets of the keys that it was made from bound it as before.
   * @returns how many it has left.
   * @throws ApiKeysError `invalid_argument` when the plan of the key has no credits, the amount is no whole number above 0, or the key
   * was made from another and has no budget of its own, naming the key that has; what the store throws; what `confirm` throws.
   */
  topUp(record: ApiKey, amount: number, options?: TopUpOptions): Promise<number>
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
  const { store, quotaFree = ['sandbox'], storeTimeoutMs = 250 } = options
  const now = options.now && clockOf(options.now)
  const plans = plansOf(options.plans, store)
  const { rate = 'admit', quota } = options.onStoreFailure ?? {}
  const clocks = { wall: now ?? wallClock, steady: createWindowClock(now) }
  const guard = createGuard(storeTimeoutMs, COUNTS)
  const guardPlan = createGuard(storeTimeoutMs, faultOf('planOf'))
  const parts = { store, guard, clocks, onStoreFailure: { rate, quota, credits: quota } }
  const counter = createCounter(parts)
  const charger = createCharger(parts)
  const planOf = (holder: PlanHolder) => guardPlan(() => options.planOf(holder), identity)
  const planOfKey = keepPromised(planOf, options.planMaxAgeMs ?? 1_000, clocks.steady)

  const metersFor = (name: string, environment?: string): readonly Meter[] => {
    const meters = plans.get(name)
    if (meters === undefined) throw noPlan(name, plans)
    const isFree = quotaFree.some((free) => free === environment)
    return isFree ? meters.filter(({ kind }) => kind !== 'quota') : meters
  }

  const count = (record: ApiKey, name: string, cost: number) => {
    const meters = metersOfKey(name, record)
    // One unit of each in turn is what every store can count.
    return cost === 1 && meters.every(({ isPlain }) => isPlain)
      ? counter(record, meters)
      : charger.charge(record, meters, cost)
  }

  /** A key that was made from another counts as this one, and for its own limits. */
  const metersOfKey = (name: string, record: ApiKey): readonly Meter[] => {
    if (record.delegation === undefined) return metersFor(name, record.environment)
    const root = rootOf(record)
    const ofPlan = metersFor(name, root.environment).map((meter) => countedAs(meter, root))
    return [...ownMetersOf(record), ...ofPlan]
  }

  const currentMetersOf = async (record: ApiKey): Promise<readonly Meter[]> =>
    metersOfKey(await planOf(rootOf(record)), record)

  const consume: Limits['consume'] = (record, given) => {
    try {
      const cost = given === undefined ? 1 : costOf(given)
      const name = planOfKey(rootOf(record))
      if (!isPromise(name)) return count(record, name, cost)
      return name
        .then((settled) => count(record, settled, cost))
        .catch((error) => limitsUnavailable(error, []))
    } catch (error) {
      return limitsUnavailable(error, [])
    }
  }

  return {
    consume: options.telemetry === undefined ? consume : watchConsume(consume, harmless(options.telemetry)),
    async status(record) {
      return charger.read(record, await currentMetersOf(record))
    },
    async topUp(record, amount, given) {
      const { confirm } = checkOptions(topUpOptions, given ?? {})
      if (!isWithin(amount, 1)) throw invalid(`amount: must be a whole number from 1 to ${MAX_LIMIT}`)
      const holder = budgetHolderOf(record)
      if (holder.id !== record.id) {
        throw invalid(
          `budget: key ${record.id} has none of its own, and uses up what key ${holder.id} has; give that key more`,
        )
      }
      const own = ownBudgetOf(record)
      const meters =
        own.length > 0 ? own : (await currentMetersOf(record)).filter(({ kind }) => kind === 'credits')
      if (meters.length === 0) throw invalid('amount: the plan of this key has no credits')
      const { statuses, takeBack } = await charger.give(record, meters, amount)
      try {
        await confirm?.()
      } catch (error) {
        await takeBack()
        throw error
      }
      return Number(statuses[0]?.remaining)
    },
    async quota(projectId) {
      checkArgument(projectName, projectId, 'projectId')
      const name = await planOf({ projectId })
      const meter = metersFor(name).find(({ kind }) => kind === 'quota')
      if (meter === undefined) return null
      const window = meter.windowAt(clocks[meter.clock](), { id: '', projectId })
      const used = await guard(() => store.read(window), checkSum)
      return { limit: meter.limit, used: Math.max(0, used), resetsAt: new Date(window.endsAt) }
    },
  }
}

const COUNTS: Fault = { code: 'store_unavailable', message: 'the store of counts did not answer' }

function noPlan(given: unknown, plans: ReadonlyMap<string, unknown>): ApiKeysError {
  const shown = typeof given === 'string' ? JSON.stringify(given) : `a value of type ${typeof given}`
  const known = [...plans.keys()].join(', ')
  return new ApiKeysError('callback_failed', `planOf: ${shown} is not a plan; there are ${known}`)
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
  return (record, options) =>
    timed(
      () => consume(record, options),
      (timing, result) => {
        if (result === undefined) return
        if (result.ok) return emit({ type: 'limit', outcome: 'ok', period: null, ...timing })
        const { reason, refusedBy, statuses } = result
        const period = statuses.find(({ name }) => name === refusedBy)?.period ?? null
        emit({ type: 'limit', outcome: reason, period, ...timing })
      },
    )
}

function plansOf(
  plans: Readonly<Record<string, Plan>>,
  store: LimitStore,
): ReadonlyMap<string, readonly Meter[]> {
  if (Object.keys(plans).length === 0) throw new TypeError('plans: must name at least one plan')
  return new Map(
    Object.entries(plans).map(([name, plan]) => {
      const meters = metersOf(plan, `plans.${name}`)
      const further = meters.find(({ isPlain }) => !isPlain)
      if (further !== undefined && store.charge === undefined) {
        throw new TypeError(`store: cannot count ${further.name} of plans.${name}; it has no method charge`)
      }
      return [name, meters]
    }),
  )
}

const isWithin = (value: number, least: number) =>
  Number.isSafeInteger(value) && value >= least && value <= MAX_LIMIT

const topUpOptions: OptionTable<TopUpOptions> = { confirm: callback() }
const consumeOptions: OptionTable<ConsumeOptions> = { cost: wholeNumber(0, MAX_LIMIT) }

function costOf(given: ConsumeOptions): number {
  const { cost = 1 } = checkOptions(consumeOptions, given)
  return cost
}

const invalid = (message: string) => new ApiKeysError('invalid_argument', message)

const identity = <T>(value: T): T => value
