// Counts in memory, for one process. It answers synchronously, and holds no more than the latest windows.

import { LRUCache } from 'lru-cache'
import { type Charge, type Counter, chargeCounters, type LimitStore } from './store.js'
import type { Period } from './window.js'

interface Running {
  readonly startsAt: number
  readonly counts: Map<string, number>
}

// A wall clock that is set ahead and back comes by the same day again. Seconds never do.
const kept: Partial<Readonly<Record<Period, number>>> = { second: 1 }
const KEPT = 8

/**
 * Counts requests in this process alone. They are gone when it ends: a quota that matters needs `redisLimitStore` or
 * `postgresLimitStore`.
 */
export function memoryLimitStore(): LimitStore {
  const windows = new Map<Period, LRUCache<number, Running>>()
  const latest = new Map<Period, Running>()
  const credits = new Map<string, Counter>()

  const find = (period: Period, startsAt: number): Running | undefined => {
    const window = latest.get(period)
    return window?.startsAt === startsAt ? window : windows.get(period)?.get(startsAt)
  }

  const open = (period: Period, startsAt: number): Running => {
    const window = find(period, startsAt) ?? { startsAt, counts: new Map() }
    let all = windows.get(period)
    if (all === undefined) {
      all = new LRUCache({ max: kept[period] ?? KEPT })
      windows.set(period, all)
    }
    all.set(startsAt, window)
    latest.set(period, window)
    return window
  }

  const counterOf = ({ window, refill }: Charge): Counter | undefined => {
    if (refill !== undefined) return credits.get(window.subject)
    const used = find(window.period, window.startsAt)?.counts.get(window.subject)
    return used === undefined ? undefined : { used, at: window.endsAt }
  }

  const keep = ({ window, refill }: Charge, after: Counter): void => {
    if (refill !== undefined) credits.set(window.subject, after)
    else open(window.period, window.startsAt).counts.set(window.subject, after.used)
  }

  return {
    charge: (charges) => chargeCounters(charges, counterOf, keep),
    add({ period, subject, startsAt }, amount) {
      let window = latest.get(period)
      if (window?.startsAt !== startsAt) {
        // What is taken back from a window that is forgotten belongs to no other.
        if (amount < 0 && find(period, startsAt) === undefined) return 0
        window = open(period, startsAt)
      }
      const count = (window.counts.get(subject) ?? 0) + amount
      window.counts.set(subject, count)
      return count
    },
    read: ({ period, subject, startsAt }) => find(period, startsAt)?.counts.get(subject) ?? 0,
  }
}
