// What is limited per period, and whose requests count. One table owns the shorthands of a plan; nothing else lists them.

import { OptionError, type OptionTable, object } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import { type Credits, credits, type LimitScope, limit, type WindowLimit, windowLimits } from './allowance.js'
import { type PeriodRule, periodOf } from './periods.js'
import type { Refilling } from './store.js'
import type { Period, Window } from './window.js'

/** What a limit is called in header fields, in results and in telemetry: `second`, `project-second`, `15m`, `owner-day`, `credits`. */
export type LimitName = string

/** How much a plan allows, in requests. What is left out is unlimited. */
export interface Plan {
  /** Per key and second. A key shares it with the keys that it replaced and that replace it. */
  readonly perSecond?: number | undefined
  /** Per key and minute; shared likewise. */
  readonly perMinute?: number | undefined
  /** Per key and hour; shared likewise. */
  readonly perHour?: number | undefined
  /** Per key and day, from midnight to midnight UTC; shared likewise. */
  readonly perDay?: number | undefined
  /** Per key and week, from Monday to Monday UTC; shared likewise. */
  readonly perWeek?: number | undefined
  /** Per project and month, from the first to the first, UTC: the quota. */
  readonly perMonth?: number | undefined
  /** What all keys of a project and an environment may do together, however many there are. */
  readonly project?: ProjectRates | undefined
  /** Further limits, per any period, and by key, project or owner. */
  readonly limits?: readonly WindowLimit[] | undefined
  /** What a key, project or owner can use up. */
  readonly credits?: Credits | undefined
}

/** Rates that the keys of a project share. */
export interface ProjectRates {
  readonly perSecond?: number | undefined
  /** From midnight to midnight UTC. */
  readonly perDay?: number | undefined
}

/** What of a key says whose requests are counted. */
export type Counted = Pick<ApiKey, 'id' | 'projectId'> &
  Partial<Pick<ApiKey, 'rootId' | 'environment' | 'ownerId'>>

/** One limit of one plan. */
export interface Meter {
  readonly name: LimitName
  readonly period: Period
  readonly scope: LimitScope
  /** A rate bounds how fast a key or project is used; the quota is what a project has bought, and credits are used up. */
  readonly kind: 'rate' | 'quota' | 'credits'
  readonly limit: number
  /** By which clock its windows go: the calendar's, or the time that passes. */
  readonly clock: PeriodRule['clock']
  /** How long its windows are; of credits, how long until more come. Null where nothing ever comes back. */
  readonly lengthMs: number | null
  /** Whether a store that can only add one unit can count it. */
  readonly isPlain: boolean
  /** The window that an instant falls into. */
  windowAt(now: number, key: Counted): Window
  /** Of credits: what has come back by then. */
  refillAt?(now: number): Refilling
  /** Of credits: when the next come back; null where none ever do. */
  refillsAt?(now: number): number | null
}

export type SubjectOf = (key: Counted) => string

const environmentOf = ({ environment = '' }: Counted) => encodeURIComponent(environment)

// No id of a key has a colon. Sandbox and production are apart, so that tests cannot use up what customers need.
export const subjects: Readonly<Record<LimitScope, SubjectOf>> = {
  key: ({ rootId, id }) => rootId ?? id,
  project: (key) => `project:${environmentOf(key)}:${key.projectId}`,
  owner: (key) => {
    const { ownerId } = key
    // A key without an owner has what an owner has to itself.
    return typeof ownerId === 'string'
      ? `owner:${environmentOf(key)}:${ownerId}`
      : `ownerless:${subjects.key(key)}`
  },
}
const ofWholeProject: SubjectOf = ({ projectId }) => projectId

const planOptions: OptionTable<Plan> = {
  perSecond: limit,
  perMinute: limit,
  perHour: limit,
  perDay: limit,
  perWeek: limit,
  perMonth: limit,
  project: object<ProjectRates>({ perSecond: limit, perDay: limit }),
  limits: windowLimits,
  credits,
}

export const plan = object(planOptions)

const shorthands: readonly (readonly [
  of: (plan: Plan) => number | undefined,
  per: WindowLimit['per'],
  by: LimitScope,
])[] = [
  [({ perSecond }) => perSecond, 'second', 'key'],
  [({ perMinute }) => perMinute, 'minute', 'key'],
  [({ perHour }) => perHour, 'hour', 'key'],
  [({ perDay }) => perDay, 'day', 'key'],
  [({ perWeek }) => perWeek, 'week', 'key'],
  [({ project }) => project?.perSecond, 'second', 'project'],
  [({ project }) => project?.perDay, 'day', 'project'],
]

const scopes: readonly LimitScope[] = ['key', 'project', 'owner']

/**
 * The limits of a plan, in the order in which a request is counted against them: a client that sends too fast is stopped before
 * what it has bought is touched.
 *
 * @param path where the plan is among the options.
 * @throws OptionError when two limits are the same.
 */
export function metersOf(plan: Plan, path: string): readonly Meter[] {
  const short = shorthands.flatMap(([of, per, by]) => {
    const limit = of(plan)
    return limit === undefined ? [] : [windowMeter({ limit, per, by }, path)]
  })
  const further = (plan.limits ?? []).map((given, i) => windowMeter(given, `${path}.limits[${i}]`))
  const rates = [...short, ...further].sort(
    (a, b) => Number(a.lengthMs) - Number(b.lengthMs) || scopes.indexOf(a.scope) - scopes.indexOf(b.scope),
  )
  const twice = rates.find(({ name }, i) => name === rates[i - 1]?.name)
  if (twice !== undefined)
    throw new OptionError(`${path}.limits`, `has two limits per ${twice.period} by ${twice.scope}`)
  return [
    ...rates,
    ...(plan.perMonth === undefined ? [] : [quotaMeter(plan.perMonth)]),
    ...(plan.credits === undefined ? [] : [creditsMeter(plan.credits, subjects[plan.credits.by ?? 'key'])]),
  ]
}

const PLAIN: readonly Period[] = ['second', 'day', 'month']

export function windowMeter(
  { limit, per, by = 'key' }: WindowLimit,
  path: string,
  subjectOf: SubjectOf = subjects[by],
): Meter {
  const rule = periodOf(per, `${path}.per`)
  const isMonth = rule.period === 'month'
  // The quota has been called `month` from the beginning.
  const name = by === 'key' && !isMonth ? rule.period : `${by}-${rule.period}`
  return {
    ...common(rule, subjectOf),
    name,
    scope: by,
    kind: 'rate',
    limit,
    isPlain: PLAIN.includes(rule.period) && !isMonth && by !== 'owner',
  }
}

function quotaMeter(limit: number): Meter {
  const rule = periodOf('month', 'perMonth')
  return {
    ...common(rule, ofWholeProject),
    name: 'month',
    scope: 'project',
    kind: 'quota',
    limit,
    isPlain: true,
  }
}

function common({ period, clock, lengthMs, bounds }: PeriodRule, subjectOf: SubjectOf) {
  return {
    period,
    clock,
    lengthMs,
    windowAt(now: number, key: Counted): Window {
      const [startsAt, endsAt] = bounds(now)
      return { period, subject: subjectOf(key), startsAt, endsAt }
    },
  }
}

export function creditsMeter({ amount, refill, by = 'key' }: Credits, subjectOf: SubjectOf): Meter {
  const rule = refill === undefined ? undefined : periodOf(refill.per, 'credits.refill.per')
  return {
    name: by === 'key' ? 'credits' : `${by}-credits`,
    period: 'credits',
    scope: by,
    kind: 'credits',
    limit: amount,
    clock: rule?.clock ?? 'wall',
    lengthMs: rule?.lengthMs ?? null,
    isPlain: false,
    windowAt: (_now, key) => ({
      period: 'credits',
      subject: subjectOf(key),
      startsAt: 0,
      endsAt: Number.POSITIVE_INFINITY,
    }),
    refillAt: (now) =>
      rule === undefined || refill === undefined
        ? { amount: 0, at: 0, everyMs: 1 }
        : { amount: refill.amount, at: rule.bounds(now)[0], everyMs: rule.lengthMs },
    refillsAt: (now) => rule?.bounds(now)[1] ?? null,
  }
}
