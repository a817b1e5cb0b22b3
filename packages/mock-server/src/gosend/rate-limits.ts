// How many requests a key may make in a second and in a day, and the headers that report it. It counts by the mock's
// clock, and a test can change the limits at any moment, which limiters for production do not allow for.

import type { GuardContext, GuardResult } from '../rules/rules.js'
import { refuse } from './errors.js'
import type { Plans } from './plans.js'

const SECOND = 1_000
const DAY = 86_400_000

/** The requests of one key in the current second and on the current day (UTC). */
interface Count {
  second: number
  inSecond: number
  day: number
  inDay: number
}

export interface RateLimiter {
  guard(context: GuardContext): GuardResult | undefined
  forget(): void
}

/** Counts live in memory: a write for every request would cost more than the request, and a restart is rare. */
export function createRateLimiter(plans: Plans): RateLimiter {
  const counts = new Map<string, Count>()

  const countOf = (keyId: string, now: number): Count => {
    const second = Math.floor(now / SECOND)
    const day = Math.floor(now / DAY)
    const count = counts.get(keyId) ?? { second, inSecond: 0, day, inDay: 0 }
    if (count.second !== second) Object.assign(count, { second, inSecond: 0 })
    if (count.day !== day) Object.assign(count, { day, inDay: 0 })
    counts.set(keyId, count)
    return count
  }

  return {
    forget: () => counts.clear(),

    guard(context) {
      const { apiKey } = context
      if (apiKey === undefined) return undefined
      const now = context.now()
      const { figures, enforced } = plans.of(context)
      const count = countOf(apiKey.id, now)
      const isSpent = isOver(count.inDay, enforced.requestsPerDay)
      const isRefused = isSpent || isOver(count.inSecond, enforced.requestsPerSecond)
      if (!isRefused) {
        count.inSecond += 1
        count.inDay += 1
      }
      const until = isSpent ? (count.day + 1) * DAY : (count.second + 1) * SECOND
      const used = enforced.requestsPerSecond === null ? 1 : count.inSecond
      const headers = headersOf(figures.requestsPerSecond ?? count.inSecond, used, isSpent, until)
      if (!isRefused) return { headers }
      return { headers, refusal: limitRefusal(isSpent ? enforced.requestsPerDay : null, until - now) }
    },
  }
}

const headersOf = (limit: number, used: number, isSpent: boolean, until: number) => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(isSpent ? 0 : Math.max(0, limit - used)),
  'x-ratelimit-reset': String(until / SECOND),
})

/** @param dailyLimit the limit of the day, if that is the one that is used up. */
function limitRefusal(dailyLimit: number | null, waitMs: number) {
  const isSpent = dailyLimit !== null
  const message = isSpent ? 'Daily limit exceeded for API key' : 'Rate limit exceeded for API key'
  const details = isSpent ? { limit: dailyLimit } : undefined
  const wait = Math.max(1, Math.ceil(waitMs / SECOND))
  return refuse('RATE_LIMIT_EXCEEDED', message, details, wait).refusal
}

const isOver = (used: number, limit: number | null): boolean => limit !== null && used >= limit
