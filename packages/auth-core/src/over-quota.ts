// `key.over_quota`: the event of a key that a limit has refused, once per key, limit and window.

import { LRUCache } from 'lru-cache'
import type { EventMethods } from './key-events.js'
import { isKeyId } from './key-format.js'
import { utcDay } from './last-used.js'
import type { RateLimitRefusal } from './limits/result.js'

/** A shorter window only spaces requests out: its limit is no quota. */
const SHORTEST_WINDOW_SECONDS = 60
/** So many that were reported are remembered; the store knows the others. */
const REMEMBERED = 10_000

export interface OverQuota {
  /** Returns at once. What the store does not take is tried again with the next refusal. */
  report(id: string, refusal: RateLimitRefusal): void
  /** Waits for what is being written. */
  flush(): Promise<void>
}

export function createOverQuota(
  { keepsEvents, reportEvent }: Pick<EventMethods, 'keepsEvents' | 'reportEvent'>,
  now: () => number,
): OverQuota {
  if (!keepsEvents) return { report() {}, flush: async () => {} }
  const reported = new LRUCache<string, true>({ max: REMEMBERED })
  const pending = new Set<Promise<unknown>>()

  return {
    report(id, { refusedBy, statuses, reason }) {
      const status = statuses.find(({ name }) => name === refusedBy)
      if (status === undefined || !isKeyId(id)) return
      const { name, limit, windowSeconds, resetsAt } = status
      if (windowSeconds !== null && windowSeconds < SHORTEST_WINDOW_SECONDS) return
      // Credits that never come back by themselves have no window.
      const once = `${name} ${resetsAt ?? utcDay(now())}`
      if (reported.has(`${id} ${once}`)) return
      reported.set(`${id} ${once}`, true)
      const data = {
        reason,
        limit: { name, limit, windowSeconds },
        resetsAt: resetsAt && new Date(resetsAt).toJSON(),
      }
      const written = reportEvent(id, { type: 'key.over_quota', once, data })
        .catch(() => reported.delete(`${id} ${once}`))
        .finally(() => pending.delete(written))
      pending.add(written)
    },
    async flush() {
      await Promise.all(pending)
    },
  }
}
