// How a limit stands after a request, in the form in which results tell it.

import type { Meter } from './meters.js'
import type { LimitReason, RateLimitStatus } from './result.js'
import type { Window } from './window.js'

export type Instants = Readonly<Record<Meter['clock'], number>>

/** One limit of one request, and how much of it is taken. */
export interface MeterReading {
  readonly meter: Meter
  readonly window: Window
  /** When the request came, by each clock. */
  readonly at: Instants
  /** Null when it is not known. */
  readonly used: number | null
}

export function statusOf({ meter, window, used, at }: MeterReading): RateLimitStatus {
  const { name, period, scope, limit, clock } = meter
  const isWindow = meter.refillsAt === undefined
  const resets = meter.refillsAt === undefined ? window.endsAt : meter.refillsAt(at[clock])
  const windowMs = isWindow ? window.endsAt - window.startsAt : meter.lengthMs
  const untilResetMs = resets === null ? null : resets - at[clock]
  return {
    name,
    period,
    scope,
    limit,
    windowSeconds: windowMs === null ? null : windowMs / 1_000,
    remaining: used === null ? null : Math.max(0, limit - used),
    // What the client's clock will say then, were it right.
    resetsAt: untilResetMs === null ? null : Math.round((at.wall + untilResetMs) / 1_000) * 1_000,
    resetsInSeconds: untilResetMs === null ? null : Math.max(1, Math.ceil(untilResetMs / 1_000)),
  }
}

// Of credits that only a person brings back: asking every second would find none.
const NEVER_SECONDS = 3_600

/** Whole seconds after which another attempt makes sense. */
export function retryAfterOf(reading: MeterReading): number {
  return statusOf(reading).resetsInSeconds ?? NEVER_SECONDS
}

const rateReasons: Readonly<Record<Meter['scope'], LimitReason>> = {
  key: 'rate_exceeded',
  project: 'project_rate_exceeded',
  owner: 'owner_rate_exceeded',
}

export function reasonOf({ kind, scope }: Meter): LimitReason {
  if (kind === 'quota') return 'quota_exhausted'
  return kind === 'credits' ? 'credits_exhausted' : rateReasons[scope]
}
