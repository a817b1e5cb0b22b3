// What clients sent and what they got, the latest exchanges only, without any credential. The latest of all stay in
// memory as they were sent and are redacted when somebody reads them; older ones wait in a table.

import type { JournalTable, StoredExchange } from '../storage/journal-table.js'
import { createExchangeViews, type Numbered } from './exchange-views.js'
import { bytesOf, type NotedExchange } from './noted-exchanges.js'
import type { Redaction } from './redaction.js'
import { createRing } from './ring.js'
import type { JournalEntry, JournalLine } from './wire.js'

export interface Journal {
  record(exchange: NotedExchange): void
  /** The oldest first: all that match, or the latest ones that have 64 MiB together. */
  entries(matches?: LineFilter): readonly JournalEntry[]
  /** One of them, by its number. */
  find(number: number): JournalEntry | undefined
  /** In short, the latest first. */
  lines(range: LineRange): readonly JournalLine[]
  /** The number of the oldest one. */
  oldest(): number | undefined
  clear(): void
}

export type LineFilter = (line: JournalLine) => boolean

/** A part of the journal. */
export interface LineRange {
  /** The number before the first. Default 0. */
  readonly after?: number | undefined
  /** The number behind the last. Default: none. */
  readonly before?: number | undefined
  /** At most so many. */
  readonly limit: number
  /** Default: all of them. */
  readonly matches?: LineFilter | undefined
}

export interface JournalOptions {
  /** How many exchanges are kept. */
  readonly size: number
  readonly redaction: Redaction
  readonly table: JournalTable
  /** Called after each of them. */
  readonly onRecord: () => void
  /** Told of exchanges that could not be kept. */
  readonly onError: (error: unknown) => void
}

const MEBIBYTE = 1024 * 1024
const MAX_IN_MEMORY = 500
const MAX_BYTES_IN_MEMORY = 8 * MEBIBYTE
const MAX_BYTES_ON_DISK = 512 * MEBIBYTE
const MAX_BYTES_READ = 64 * MEBIBYTE
/** So many are read from the table at a time. */
const PAGE = 200
interface Kept extends Numbered {
  readonly bytes: number
}

export function createJournal({ size, redaction, table, onRecord, onError }: JournalOptions): Journal {
  const { lineOf, entryOf, storedOf } = createExchangeViews(redaction)
  const mostInMemory = Math.min(size, MAX_IN_MEMORY)
  const recent = createRing<Kept>(mostInMemory)
  let recentBytes = 0
  /** What has left the memory and is not in the table yet. */
  let leaving: Kept[] = []
  let number = 0

  /** The number of the oldest one in memory. */
  const first = (): number => number - recent.size() + 1

  /** Takes the oldest out of the memory until the others have room. */
  const makeRoom = (): void => {
    while (recent.size() > mostInMemory || recentBytes > MAX_BYTES_IN_MEMORY) {
      const oldest = recent.takeFirst()
      if (oldest === undefined) return
      recentBytes -= oldest.bytes
      if (oldest.number <= number - size) continue
      if (leaving.length === 0) setImmediate(moveOut)
      leaving.push(oldest)
    }
  }

  const moveOut = (): void => {
    const moved = leaving
    leaving = []
    try {
      if (moved.length > 0) table.add(moved.map(storedOf))
      table.prune(number - size, MAX_BYTES_ON_DISK)
    } catch (error) {
      // The API goes on without a part of its journal.
      onError(error)
    }
  }

  /** The latest first: those in memory, and then those of the table. */
  function* linesBetween(after: number, before: number): Generator<JournalLine> {
    for (const kept of recent.latestFirst())
      if (kept.number > after && kept.number < before) yield lineOf(kept)
    yield* storedLines(table, after, Math.min(before, first()))
  }

  return {
    record(exchange) {
      number += 1
      if (size === 0) return
      const bytes = bytesOf(exchange)
      recent.add({ number, bytes, exchange })
      recentBytes += bytes
      makeRoom()
      onRecord()
    },
    entries(matches = () => true) {
      moveOut()
      const entries = recent
        .latestFirst()
        .filter((kept) => matches(lineOf(kept)))
        .map(entryOf)
      let bytes = recentBytes
      for (const stored of storedBefore(table, first())) {
        if (!matches(lineIn(stored))) continue
        bytes += stored.line.length + stored.rest.length
        if (bytes > MAX_BYTES_READ) break
        entries.push(read(stored))
      }
      return entries.reverse()
    },
    find(wanted) {
      const kept = recent.at(wanted - first())
      if (kept !== undefined) return entryOf(kept)
      moveOut()
      const stored = table.find(wanted)
      return stored && read(stored)
    },
    lines({ after = 0, before = Number.MAX_SAFE_INTEGER, limit, matches = () => true }) {
      moveOut()
      const lines: JournalLine[] = []
      for (const line of linesBetween(after, before)) if (matches(line) && lines.push(line) === limit) break
      return lines
    },
    oldest() {
      moveOut()
      return table.oldest() ?? (recent.size() > 0 ? first() : undefined)
    },
    clear() {
      recent.clear()
      recentBytes = 0
      leaving = []
      table.clear()
    },
  }
}

/** The latest first, page by page. */
function* storedBefore(table: JournalTable, before: number): Generator<StoredExchange> {
  let page = table.before(before, PAGE)
  while (page.length > 0) {
    yield* page
    page = table.before(page.at(-1)?.number ?? 0, PAGE)
  }
}

/** The same in short, and only those behind a number. */
function* storedLines(table: JournalTable, after: number, before: number): Generator<JournalLine> {
  for (;;) {
    const page = table.linesBetween(after, before, PAGE)
    if (page.length === 0) return
    for (const stored of page) {
      const line = lineIn(stored)
      before = line.number
      yield line
    }
  }
}

const lineIn = ({ line }: Pick<StoredExchange, 'line'>): JournalLine => JSON.parse(line) as JournalLine

const read = ({ line, rest }: StoredExchange): JournalEntry =>
  ({ ...(JSON.parse(line) as object), ...(JSON.parse(rest) as object) }) as JournalEntry
