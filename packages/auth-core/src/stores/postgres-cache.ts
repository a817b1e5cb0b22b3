// Rows in memory, given out only while everything that was acknowledged until a moment ago is known to have been heard.
// A row is kept only if no change to it was heard between asking for it and getting it.

import { LRUCache } from 'lru-cache'
import type { StoredKey } from '../store.js'

/** Two clocks, in milliseconds: one that nobody sets, and one that goes on while the machine sleeps. */
export interface Clocks {
  monotonic(): number
  wall(): number
}

export const systemClocks: Clocks = { monotonic: () => performance.now(), wall: () => Date.now() }

/** A read that may fill the cache. */
export interface Fill {
  /** Keeps what was read on a connection to `server`, but for keys on which a change was heard meanwhile. */
  keep(server: string, rows: readonly StoredKey[]): void
  /** Must be called when the read has ended, whatever came of it. */
  end(): void
}

export interface PostgresCache {
  /** The row, or undefined when it must be read. */
  get(id: string): StoredKey | undefined

  /** Announces a read, before it is sent. */
  beginFill(ids: Iterable<string>): Fill

  /** From here on changes made on `server` are heard. */
  open(server: string): void
  /** Everything acknowledged before this moment has been heard: `sentAt` is when it was asked whether it had. */
  heardEverythingUntil(sentAt: Moment): void
  /** What was true of this key is no longer. */
  forget(id: string): void
  forgetAll(): void
  /** Notes a later use in the row that is kept. */
  touch(id: string, lastUsedAt: number): void
  /** Changes are no longer heard. */
  shut(): void
}

export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

export interface PostgresCacheOptions {
  /** Longest time between an acknowledged change and the last read that does not show it. */
  readonly maxStalenessMs: number
  /** A row counts as one for every 2 KiB of what it holds. */
  readonly maxKeys: number
  readonly clocks?: Clocks
}

// Uses that other processes recorded show after this at the latest. They are not told of, being many and harmless.
const KEPT_FOR_MS = 30_000

// Of most rows far less: a cache that is full of the largest ones takes no more memory than one of these.
const ROW_BYTES = 2_048

export const momentOf = (clocks: Clocks): Moment => ({
  monotonic: clocks.monotonic(),
  wall: clocks.wall(),
})

export function createPostgresCache({
  maxStalenessMs,
  maxKeys,
  clocks = systemClocks,
}: PostgresCacheOptions): PostgresCache {
  const rows = new LRUCache<string, { row: StoredKey; readonly keptAt: number }>({
    max: maxKeys,
    maxSize: maxKeys,
    sizeCalculation: ({ row }) => sizeOf(row),
  })
  /** For each read under way, the keys on which no change has been heard since it began. */
  const fills = new Set<Set<string>>()
  let server: string | undefined
  let heard: Moment | undefined

  // Asked on every read, and not told by a timer: a process that was stopped must not answer before its timers run.
  const isCurrent = (now: number): boolean => {
    if (heard === undefined || now - heard.monotonic >= maxStalenessMs) return false
    const asleep = clocks.wall() - heard.wall
    return asleep >= 0 && asleep < maxStalenessMs
  }

  const forgetAll = () => {
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
          // Read elsewhere than changes are heard from: after a failover, on one side of it or the other.
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
    heardEverythingUntil(sentAt) {
      heard = sentAt
    },
    forget(id) {
      rows.delete(id)
      for (const unchanged of fills) unchanged.delete(id)
    },
    forgetAll,
    touch(id, lastUsedAt) {
      const kept = rows.get(id)
      if (kept === undefined || lastUsedAt <= (kept.row.lastUsedAt ?? -1)) return
      kept.row = Object.freeze({ ...kept.row, lastUsedAt })
    },
    shut() {
      server = undefined
      heard = undefined
      forgetAll()
    },
  }
}

function sizeOf({ metadata, scopes, allowedIps }: StoredKey): number {
  return Math.ceil(JSON.stringify([metadata, scopes, allowedIps]).length / ROW_BYTES)
}
