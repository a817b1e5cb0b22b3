// Counts in memory, for one process. It answers synchronously, and holds no more than the windows of the moment.

import type { Period } from './meters.js'
import type { LimitStore } from './store.js'

interface Running {
  readonly startsAt: number
  readonly counts: Map<string, number>
}

/**
 * Counts requests in this process alone. They are gone when it ends: a quota that matters needs `redisLimitStore` or
 * `postgresLimitStore`.
 */
export function memoryLimitStore(): LimitStore {
  const running = new Map<Period, Running>()

  return {
    add({ period, subject, startsAt }, amount) {
      let window = running.get(period)
      if (window === undefined || window.startsAt < startsAt) {
        window = { startsAt, counts: new Map() }
        running.set(period, window)
      }
      // Of a window that is over: counting it as one of today's would let one request too many pass, or too few.
      if (window.startsAt > startsAt) return amount
      const count = (window.counts.get(subject) ?? 0) + amount
      window.counts.set(subject, count)
      return count
    },
    read({ period, subject, startsAt }) {
      const window = running.get(period)
      return window?.startsAt === startsAt ? (window.counts.get(subject) ?? 0) : 0
    },
  }
}
