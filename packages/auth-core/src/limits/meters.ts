// What is limited per period, and where periods begin and end. One table owns both: nothing else lists the periods.

import { type OptionTable, object, wholeNumber } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import type { Window } from './store.js'

export type Period = 'second' | 'day' | 'month'

/** How much a plan allows, in requests. What is left out is unlimited. */
export interface Plan {
  /** Per key and second. */
  readonly perSecond?: number | undefined
  /** Per key and day, from midnight to midnight UTC. */
  readonly perDay?: number | undefined
  /** Per project and month, from the first to the first, UTC: the quota. */
  readonly perMonth?: number | undefined
}

/** One limit of one plan. */
export interface Meter {
  readonly period: Period
  /** A rate bounds how fast a key is used; the quota is what a project has bought. */
  readonly kind: 'rate' | 'quota'
  readonly limit: number
  /** By which clock its windows go: the calendar's, or the time that passes. */
  readonly clock: 'wall' | 'steady'
  /** The window that an instant falls into. */
  windowAt(now: number, key: Pick<ApiKey, 'id' | 'projectId'>): Window
}

const DAY_MS = 86_400_000

// In the order in which a request is counted: whoever sends too fast is stopped before the quota is touched.
const periods: readonly {
  readonly period: Period
  readonly kind: Meter['kind']
  readonly clock: Meter['clock']
  readonly allowance: keyof Plan
  readonly subject: 'id' | 'projectId'
  readonly bounds: (now: number) => readonly [startsAt: number, endsAt: number]
}[] = [
  {
    period: 'second',
    kind: 'rate',
    clock: 'steady',
    allowance: 'perSecond',
    subject: 'id',
    bounds: every(1_000),
  },
  { period: 'day', kind: 'rate', clock: 'wall', allowance: 'perDay', subject: 'id', bounds: every(DAY_MS) },
  {
    period: 'month',
    kind: 'quota',
    clock: 'wall',
    allowance: 'perMonth',
    subject: 'projectId',
    bounds: everyMonth,
  },
]

// The epoch began at midnight UTC, and Unix time knows no leap seconds.
function every(lengthMs: number) {
  return (now: number) => {
    const startsAt = Math.floor(now / lengthMs) * lengthMs
    return [startsAt, startsAt + lengthMs] as const
  }
}

function everyMonth(now: number) {
  const date = new Date(now)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)] as const
}

// What every store can count, and a structured field can say (RFC 9651, section 3.3.1).
const MAXIMUM = 1_000_000_000

const planOptions: OptionTable<Plan> = {
  perSecond: wholeNumber(1, MAXIMUM),
  perDay: wholeNumber(1, MAXIMUM),
  perMonth: wholeNumber(1, MAXIMUM),
}

export const plan = object(planOptions)

/** The limits of a plan, in the order in which a request is counted against them. */
export function metersOf(plan: Plan): readonly Meter[] {
  return periods.flatMap(({ period, kind, clock, allowance, subject, bounds }) => {
    const limit = plan[allowance]
    if (limit === undefined) return []
    const windowAt: Meter['windowAt'] = (now, key) => {
      const [startsAt, endsAt] = bounds(now)
      return { period, subject: key[subject], startsAt, endsAt }
    }
    return [{ period, kind, limit, clock, windowAt }]
  })
}
