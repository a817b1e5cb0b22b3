// What is limited per period, and where periods begin and end. One table owns both: nothing else lists the periods.

import { type OptionTable, object, wholeNumber } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import type { Period, Window } from './window.js'

/** Who has a limit to itself: a key, with all that it is rotated into, or the keys of a project together. */
export type LimitScope = 'key' | 'project'

/** What a limit is called in header fields, in results and in telemetry. */
export type LimitName = 'second' | 'project-second' | 'day' | 'project-day' | 'month'

/** How much a plan allows, in requests. What is left out is unlimited. */
export interface Plan {
  /** Per key and second. A key shares it with the keys that it replaced and that replace it. */
  readonly perSecond?: number | undefined
  /** Per key and day, from midnight to midnight UTC; shared likewise. */
  readonly perDay?: number | undefined
  /** Per project and month, from the first to the first, UTC: the quota. */
  readonly perMonth?: number | undefined
  /** What all keys of a project and an environment may do together, however many there are. */
  readonly project?: ProjectRates | undefined
}

/** Rates that the keys of a project share. */
export interface ProjectRates {
  readonly perSecond?: number | undefined
  /** From midnight to midnight UTC. */
  readonly perDay?: number | undefined
}

/** What of a key says whose requests are counted. */
export type Counted = Pick<ApiKey, 'id' | 'projectId'> & Partial<Pick<ApiKey, 'rootId' | 'environment'>>

/** One limit of one plan. */
export interface Meter {
  readonly name: LimitName
  readonly period: Period
  readonly scope: LimitScope
  /** A rate bounds how fast a key or project is used; the quota is what a project has bought. */
  readonly kind: 'rate' | 'quota'
  readonly limit: number
  /** By which clock its windows go: the calendar's, or the time that passes. */
  readonly clock: 'wall' | 'steady'
  /** The window that an instant falls into. */
  windowAt(now: number, key: Counted): Window
}

const DAY_MS = 86_400_000

interface MeterKind extends Omit<Meter, 'limit' | 'windowAt'> {
  readonly limitIn: (plan: Plan) => number | undefined
  readonly subjectOf: (key: Counted) => string
  readonly bounds: (now: number) => readonly [startsAt: number, endsAt: number]
}

const second = { period: 'second', kind: 'rate', clock: 'steady', bounds: every(1_000) } as const
const day = { period: 'day', kind: 'rate', clock: 'wall', bounds: every(DAY_MS) } as const
const month = { period: 'month', kind: 'quota', clock: 'wall', bounds: everyMonth } as const

const ofKey = { scope: 'key', subjectOf: ({ rootId, id }: Counted) => rootId ?? id } as const
// No id of a key has a colon. Sandbox and production are apart, so that tests cannot use up what customers need.
const ofProject = {
  scope: 'project',
  subjectOf: ({ environment = '', projectId }: Counted) =>
    `project:${encodeURIComponent(environment)}:${projectId}`,
} as const
const ofWholeProject = { scope: 'project', subjectOf: ({ projectId }: Counted) => projectId } as const

// In the order in which a request is counted: a client that sends too fast is stopped before the quota is touched.
const kinds: readonly MeterKind[] = [
  { name: 'second', ...second, ...ofKey, limitIn: ({ perSecond }) => perSecond },
  { name: 'project-second', ...second, ...ofProject, limitIn: ({ project }) => project?.perSecond },
  { name: 'day', ...day, ...ofKey, limitIn: ({ perDay }) => perDay },
  { name: 'project-day', ...day, ...ofProject, limitIn: ({ project }) => project?.perDay },
  { name: 'month', ...month, ...ofWholeProject, limitIn: ({ perMonth }) => perMonth },
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
const MAX_LIMIT = 1_000_000_000

const limit = wholeNumber(1, MAX_LIMIT)

const planOptions: OptionTable<Plan> = {
  perSecond: limit,
  perDay: limit,
  perMonth: limit,
  project: object<ProjectRates>({ perSecond: limit, perDay: limit }),
}

export const plan = object(planOptions)

/** The limits of a plan, in the order in which a request is counted against them. */
export function metersOf(plan: Plan): readonly Meter[] {
  return kinds.flatMap(({ limitIn, subjectOf, bounds, ...kind }) => {
    const limit = limitIn(plan)
    if (limit === undefined) return []
    const windowAt: Meter['windowAt'] = (now, key) => {
      const [startsAt, endsAt] = bounds(now)
      return { period: kind.period, subject: subjectOf(key), startsAt, endsAt }
    }
    return [{ ...kind, limit, windowAt }]
  })
}
