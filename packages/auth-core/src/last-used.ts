// Uses of keys, gathered in memory and written behind: one transaction per interval, however many requests came.

import type { KeyUse } from './store.js'

export interface LastUsed {
  /** Notes a use. Never throws, never waits. */
  touch(id: string, at: number): void
  /** Writes what has gathered. Never rejects: what could not be written is kept for the next flush. */
  flush(): Promise<void>
}

interface Gathered {
  at: number
  readonly days: Map<number, number>
}

const DAY_MS = 86_400_000

/**
 * @param record writes a batch durably, or rejects having written nothing.
 * @param intervalMs the longest time a use stays in memory, and so what a crash can lose.
 */
export function createLastUsed(
  record: (uses: readonly KeyUse[]) => Promise<void>,
  intervalMs: number,
): LastUsed {
  let gathered = new Map<string, Gathered>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  const add = (id: string, at: number, day: number, count: number) => {
    let use = gathered.get(id)
    if (use === undefined) {
      use = { at, days: new Map() }
      gathered.set(id, use)
    }
    if (at > use.at) use.at = at
    use.days.set(day, (use.days.get(day) ?? 0) + count)
  }

  const schedule = () => {
    timer ??= setTimeout(flush, intervalMs).unref()
  }

  const write = async () => {
    if (gathered.size === 0) return
    const batch = gathered
    gathered = new Map()
    try {
      await record([...batch].map(([id, { at, days }]) => ({ id, at, days: named(days) })))
    } catch {
      for (const [id, { at, days }] of batch) for (const [day, count] of days) add(id, at, day, count)
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
    touch(id, at) {
      add(id, at, Math.floor(at / DAY_MS), 1)
      schedule()
    },
    flush,
  }
}

/** The UTC day of an instant, `YYYY-MM-DD`. */
export function utcDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function named(days: ReadonlyMap<number, number>): ReadonlyMap<string, number> {
  return new Map([...days].map(([day, count]) => [utcDay(day * DAY_MS), count]))
}
