// Uses of keys, gathered in memory and written behind: one transaction per interval, however many requests came.

import { randomUUID } from 'node:crypto'
import { clearTimeout, setTimeout } from './clocks.js'
import type { KeyUse } from './store.js'

export interface LastUsed {
  /**
   * Records a use. Never throws, never waits.
   *
   * @param earlier what the last call for this id returned, which spares looking it up.
   */
  touch(id: string, at: number, earlier?: UseCount): UseCount
  /** Writes what has gathered. Never rejects: what could not be written is kept for the next flush. */
  flush(): Promise<void>
}

/** Uses of one key on one day, since they were last written. */
export interface UseCount {
  at: number
  count: number
  /** The number of the Map that it is in: a reference would keep all of a written one alive. */
  readonly page: number
}

const DAY_MS = 86_400_000

/**
 * @param record writes a batch durably. What it rejected is recorded again, as it was and under the same name.
 * @param intervalMs the longest time a use stays in memory, and so what a crash can lose.
 */
export function createLastUsed(
  record: (uses: readonly KeyUse[], batch: string) => Promise<void>,
  intervalMs: number,
): LastUsed {
  // By day and key id; nearly always the uses of one day only.
  let gathered = new Map<number, Map<string, UseCount>>()
  let today = Number.NaN
  let ofToday = new Map<string, UseCount>()
  let page = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let refused: { readonly uses: readonly KeyUse[]; readonly name: string } | undefined

  const useCountsOn = (day: number): Map<string, UseCount> => {
    let counts = gathered.get(day)
    if (counts === undefined) {
      counts = new Map()
      gathered.set(day, counts)
    }
    return counts
  }

  const useCountOf = (id: string): UseCount => {
    const known = ofToday.get(id)
    if (known?.page === page) return known
    // Of an earlier page after a clock went back over midnight.
    const useCount = { at: known?.at ?? 0, count: known?.count ?? 0, page }
    ofToday.set(id, useCount)
    return useCount
  }

  const schedule = () => {
    timer ??= setTimeout(flush, intervalMs).unref()
  }

  const write = async () => {
    try {
      // Before anything newer, and not mixed with it: the store may have written it, and goes by its name.
      if (refused !== undefined) await record(refused.uses, refused.name)
      refused = undefined
      if (gathered.size === 0) return
      refused = { uses: usesOf(gathered), name: randomUUID() }
      gathered = new Map()
      today = Number.NaN
      await record(refused.uses, refused.name)
      refused = undefined
    } catch {
      schedule()
    }
  }

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }

  return {
    touch(id, at, earlier) {
      const day = Math.floor(at / DAY_MS)
      if (day !== today) {
        today = day
        ofToday = useCountsOn(day)
        page++
        schedule()
      }
      const useCount = earlier?.page === page ? earlier : useCountOf(id)
      if (at > useCount.at) useCount.at = at
      useCount.count++
      return useCount
    },
    flush,
  }
}

/** The UTC day of an instant, `YYYY-MM-DD`. */
export function utcDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function usesOf(batch: ReadonlyMap<number, ReadonlyMap<string, UseCount>>): KeyUse[] {
  const byKey = new Map<string, { id: string; at: number; days: Map<string, number> }>()
  for (const [day, uses] of batch) {
    const name = utcDay(day * DAY_MS)
    for (const [id, { at, count }] of uses) {
      const known = byKey.get(id)
      if (known === undefined) byKey.set(id, { id, at, days: new Map([[name, count]]) })
      else {
        known.at = Math.max(known.at, at)
        known.days.set(name, count)
      }
    }
  }
  return [...byKey.values()]
}
