// What comes of counting a request: whether it may pass, and the status of each limit.

import type { LimitScope } from './allowance.js'
import type { LimitName } from './meters.js'
import type { Period } from './window.js'

/** How a limit stands. */
export interface RateLimitStatus {
  readonly name: LimitName
  readonly period: Period
  /** Whether the key has it to itself, or shares it with the keys of its project. */
  readonly scope: LimitScope
  readonly limit: number
  /** How long the window is; of credits, how long until some come back. Null for credits that never do. */
  readonly windowSeconds: number | null
  /** What is left in the window; null when it is not known, because the request was refused before or the store failed. */
  readonly remaining: number | null
  /** When the next window begins, or credits come back, in milliseconds since the epoch: always a whole second. Null for never. */
  readonly resetsAt: number | null
  /** Whole seconds until then, 1 or more. */
  readonly resetsInSeconds: number | null
}

/**
 * | reason | meaning |
 * |---|---|
 * | `rate_exceeded` | the key has made all the requests of this second, day or other window, or too many for the cost of one more |
 * | `project_rate_exceeded` | the same of the keys of the project together |
 * | `owner_rate_exceeded` | the same of the keys of the owner together |
 * | `quota_exhausted` | the project has made all the requests of this month |
 * | `credits_exhausted` | the credits are used up, or are fewer than the request costs |
 * | `limits_unavailable` | the store of counts, or `planOf`, did not answer; `error` says which |
 */
export type LimitReason =
  | 'rate_exceeded'
  | 'project_rate_exceeded'
  | 'owner_rate_exceeded'
  | 'quota_exhausted'
  | 'credits_exhausted'
  | 'limits_unavailable'

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

export function limitsUnavailable(error: unknown, statuses: readonly RateLimitStatus[]): RateLimitRefusal {
  return { ok: false, reason: 'limits_unavailable', retryAfterSeconds: 1, refusedBy: null, statuses, error }
}
