// Rows in memory, returned only while they are known to be current. A row is kept only if no change to its key was
// reported between the read that found it and the answer to that read. Knows no database: a source reports changes.

import { LRUCache } from 'lru-cache'
import { steadyClock, wallClock } from '../clocks.js'
import type { StoredKey } from '../store.js'

/** Two clocks, in milliseconds: one that nobody sets, and one that goes on while the machine sleeps. */
export interface Clocks {
  monotonic(): number
  wall(): number
}

export const systemClocks: Clocks = { monotonic: steadyClock, wall: wallClock }

export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

export const momentOf = (clocks: Clocks): Moment => ({
  monotonic: clocks.monotonic(),
  wall: clocks.wall(),
})

/** A read that may fill the cache. */
export interface Fill {
  /** Keeps what was read from `server`, except keys for which a change was reported meanwhile. */
  keep(server: string, rows: readonly StoredKey[]): void
  /** Must be called when the read has ended, whatever came of it. */
  end(): void
}

export interface KeyCache {
  /** The row, or undefined when it must be read. */
  get(id: string): StoredKey | undefined

  /** Announces a read, before it is sent. */
  beginFill(ids: Iterable<string>): Fill

  /** From here on changes made on `server` are reported. */
  open(server: string): void
  /** Every change acknowledged before `moment` has been reported. */
  confirm(moment: Moment): void
  /** The row of this key has changed. */
  invalidate(id: string): void
  invalidateAll(): void
  /** Notes a later use in the row that is kept. */
  touch(id: string, lastUsedAt: number): void
  /** Changes are no longer reported. */
  shut(): void
  /** Whether rows are returned at present. */
  isOpen(): boolean
}

export interface KeyCacheOptions {
  /** Longest time between an acknowledged change and the last read that does not show it. */
  readonly maxStalenessMs: number
  /** A row counts as one for every 2 KiB of what it holds. */
  readonly maxKeys: number
  readonly clocks?: Clocks
}

// Uses that other processes recorded show after this at the latest. They are not reported, being many and harmless.
const KEPT_FOR_MS = 30_000

// Of most rows far less: a cache that is full of the largest ones takes no more memory than one of these.
const ROW_BYTES = 2_048

export function createKeyCache({
  maxStalenessMs,
  maxKeys,
  clocks = systemClocks,
}: KeyCacheOptions): KeyCache {
  const rows = new LRUCache<string, { row: StoredKey; readonly keptAt: number }>({
    max: maxKeys,
    maxSize: maxKeys,
    sizeCalculation: ({ row }) => sizeOf(row),
  })
  /** For each read in progress, the keys for which no change has been reported since it began. */
  const fills = new Set<Set<string>>()
  let server: string | undefined
  let confirmed: Moment | undefined

  // Checked on every read and not by a timer: a process that was stopped must not answer before its timers run.
  const isCurrent = (now: number): boolean => {
    if (confirmed === undefined || now - confirmed.monotonic >= maxStalenessMs) return false
    const asleep = clocks.wall() - confirmed.wall
    return asleep >= 0 && asleep < maxStalenessMs
  }

  const invalidateAll = () => {
    rows.clear()
    for (const unchanged of fills) unchanged.clear()
  }

  return {
    get(id) {
      const kept = rows.get(id)
      if (kept === undefined) return undefined
      const now = clocks.monotonic()
      return isCurrent(now) && now - kept.keptAt < KEPT_FOR_MS ? kept.row : undefined
    },
    beginFill(ids) {
      const unchanged = new Set(server === undefined ? [] : ids)
      fills.add(unchanged)
      return {
        keep(from, found) {
          // Read from another server than the one that reports changes: after a failover, on one side of it or the other.
          if (from !== server) return
          const keptAt = clocks.monotonic()
          for (const row of found) if (unchanged.has(row.id)) rows.set(row.id, { row, keptAt })
        },
        end: () => void fills.delete(unchanged),
      }
    },
    open(from) {
      server = from
    },
    confirm(moment) {
      confirmed = moment
    },
    invalidate(id) {
      rows.delete(id)
      for (const unchanged of fills) unchanged.delete(id)
    },
    invalidateAll,
    touch(id, lastUsedAt) {
      const kept = rows.get(id)
      if (kept === undefined || lastUsedAt <= (kept.row.lastUsedAt ?? -1)) return
      kept.row = Object.freeze({ ...kept.row, lastUsedAt })
    },
    shut() {
      server = undefined
      confirmed = undefined
      invalidateAll()
    },
    isOpen: () => isCurrent(clocks.monotonic()),
  }
}

function sizeOf({ metadata, scopes, allowedIps }: StoredKey): number {
  return Math.ceil(JSON.stringify([metadata, scopes, allowedIps]).length / ROW_BYTES)
}
