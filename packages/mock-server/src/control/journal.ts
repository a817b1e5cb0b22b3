// What clients sent and what they got, the latest exchanges only, without any credential. The latest of all stay in
// memory as they were sent and are redacted when somebody reads them; older ones wait in a table.

import type { IncomingHttpHeaders } from 'node:http'
import { isJsonType } from '../engine/request/media-types.js'
import type { Violation } from '../engine/request/violations.js'
import type { MockSource } from '../engine/response/sources.js'
import type { JournalTable, StoredExchange } from '../storage/journal-table.js'
import type { Redaction } from './redaction.js'
import type { JournalEntry, JournalLine } from './wire.js'

/** What an exchange notes while it happens. */
export interface JournalNote {
  operationId?: string | undefined
  projectId?: string
  environment?: string
  keyId?: string | undefined
  /** The OAuth client that asked for a token, or sent one. */
  clientId?: string | undefined
  /** The body as it was sent. */
  sent?: SentBody | undefined
  /** What it says, where that is not what its JSON says. */
  body?: NotedBody | undefined
  violations?: readonly Violation[] | undefined
  /** What did not fit in the answer of the real API. */
  answerViolations?: JournalEntry['violations']
  reason?: string
  source?: MockSource | undefined
}

/** A body as JSON, whose length is what it takes: as values, a list of empty objects takes fifty times as much. */
export type NotedBody = string

/** The beginning of a body as it was sent, decompressed. */
export interface SentBody {
  /** Its bytes as Latin-1, which takes a byte for each, and holds no larger buffer. */
  readonly beginning: string
  /** How many bytes there were; undefined where nobody counted them. */
  readonly length: number | undefined
}

export interface NotedExchange {
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly note: JournalNote
  readonly status: number
  readonly responseHeaders: Readonly<Record<string, string | string[]>>
  readonly responseBody: NotedBody | undefined
  readonly durationMs: number
}

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
/** Of longer bodies the beginning is kept, as text. */
export const MAX_BODY_BYTES = 65_536
const MAX_IN_MEMORY = 500
const MAX_BYTES_IN_MEMORY = 8 * MEBIBYTE
const MAX_BYTES_ON_DISK = 512 * MEBIBYTE
const MAX_BYTES_READ = 64 * MEBIBYTE
/** So many are read from the table at a time. */
const PAGE = 200
/** What an exchange takes besides its texts. */
const OVERHEAD_BYTES = 600

/**
 * @param length the bytes of a body as it was sent.
 * @param most how many of them are kept.
 */
export function noted(body: unknown, length: number, most = MAX_BODY_BYTES): NotedBody | undefined {
  if (body === undefined) return undefined
  const isLong = length > most || Buffer.isBuffer(body)
  const text = isLong ? undefined : JSON.stringify(body)
  return text === undefined || text.length > 2 * most ? leftOut(length) : text
}

/** What stands in the place of a body that is too long, or no text. */
const leftOut = (length: number): NotedBody => `"[${length} bytes]"`

/** @param length how many bytes there are, where these are not all of them. */
export const sent = (
  bytes: Buffer,
  length: number | undefined = bytes.length,
  most = MAX_BODY_BYTES,
): SentBody | undefined =>
  bytes.length === 0 ? undefined : { beginning: bytes.toString('latin1', 0, most), length }

/** An exchange as the journal keeps it, of one that was noted for somebody who wants more of its bodies. */
export function shortened(exchange: NotedExchange): NotedExchange {
  const { note, responseBody } = exchange
  const { sent: request, body } = note
  const isLong = (text: string | undefined): boolean => text !== undefined && text.length > MAX_BODY_BYTES
  if (!isLong(request?.beginning) && !isLong(body) && !isLong(responseBody)) return exchange
  const { beginning = '', length = beginning.length } = request ?? {}
  const isCut = beginning.length > MAX_BODY_BYTES
  return {
    ...exchange,
    note: {
      ...note,
      sent: request && { beginning: beginning.slice(0, MAX_BODY_BYTES), length },
      body: isCut || isLong(body) ? leftOut(length) : body,
    },
    responseBody: isLong(responseBody) ? leftOut(Buffer.byteLength(responseBody ?? '')) : responseBody,
  }
}

interface Numbered {
  readonly number: number
  readonly exchange: NotedExchange
}

interface Kept extends Numbered {
  readonly bytes: number
}

export function createJournal({ size, redaction, table, onRecord, onError }: JournalOptions): Journal {
  const { lineOf, entryOf, storedOf } = createExchangeViews(redaction)
  const mostInMemory = Math.min(size, MAX_IN_MEMORY)
  let recent: Kept[] = []
  let recentBytes = 0
  /** What has left the memory and is not in the table yet. */
  let leaving: Kept[] = []
  let number = 0

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

  return {
    record(exchange) {
      number += 1
      if (size === 0) return
      const bytes = bytesOf(exchange)
      recent.push({ number, bytes, exchange })
      recentBytes += bytes
      let gone = 0
      for (const oldest of recent) {
        if (recent.length - gone <= mostInMemory && recentBytes <= MAX_BYTES_IN_MEMORY) break
        gone++
        recentBytes -= oldest.bytes
        if (oldest.number <= number - size) continue
        if (leaving.length === 0) setImmediate(moveOut)
        leaving.push(oldest)
      }
      if (gone > 0) recent.splice(0, gone)
      onRecord()
    },
    entries(matches = () => true) {
      moveOut()
      const entries = recent
        .toReversed()
        .filter((kept) => matches(lineOf(kept)))
        .map(entryOf)
      let bytes = recentBytes
      let before = recent[0]?.number ?? number + 1
      for (let page = table.before(before, PAGE); page.length > 0; page = table.before(before, PAGE)) {
        for (const stored of page) {
          before = stored.number
          if (!matches(lineIn(stored))) continue
          bytes += stored.line.length + stored.rest.length
          if (bytes > MAX_BYTES_READ) return entries.reverse()
          entries.push(read(stored))
        }
      }
      return entries.reverse()
    },
    find(wanted) {
      const [first] = recent
      const kept = first === undefined ? undefined : recent[wanted - first.number]
      if (kept !== undefined) return entryOf(kept)
      moveOut()
      const stored = table.find(wanted)
      return stored && read(stored)
    },
    lines(range) {
      moveOut()
      return linesIn(range, recent, lineOf, table)
    },
    oldest() {
      moveOut()
      return table.oldest() ?? recent[0]?.number
    },
    clear() {
      recent = []
      recentBytes = 0
      leaving = []
      table.clear()
    },
  }
}

/** The latest first: those in memory, and then those of the table. */
function linesIn(
  { after = 0, before = Number.MAX_SAFE_INTEGER, limit, matches = () => true }: LineRange,
  recent: readonly Kept[],
  lineOf: (kept: Kept) => JournalLine,
  table: JournalTable,
): readonly JournalLine[] {
  const lines: JournalLine[] = []
  for (const kept of recent.toReversed()) {
    if (lines.length === limit || kept.number <= after) return lines
    if (kept.number >= before) continue
    const line = lineOf(kept)
    if (matches(line)) lines.push(line)
  }
  let behind = Math.min(before, recent[0]?.number ?? before)
  for (;;) {
    const page = table.linesBetween(after, behind, PAGE)
    for (const stored of page) {
      if (lines.length === limit) return lines
      const line = lineIn(stored)
      behind = line.number
      if (matches(line)) lines.push(line)
    }
    if (page.length < PAGE) return lines
  }
}

/** Exchanges as they are shown: without credentials. */
export function createExchangeViews(redaction: Redaction) {
  const bodyOf = (body: NotedBody | undefined): unknown =>
    body === undefined ? null : redaction.body(JSON.parse(body) as unknown)
  const textOf = (body: SentBody | undefined, mediaType: string): string | null => {
    const text = body && decoded(body)
    return text === undefined ? null : redaction.source(text, mediaType)
  }
  const meaningOf = (body: SentBody | undefined, mediaType = ''): unknown => {
    const text = body && decoded(body)
    if (text === undefined) return null
    try {
      if (isJsonType(mediaType)) return redaction.body(JSON.parse(text))
    } catch {
      // What is no JSON is shown as it came.
    }
    return redaction.source(text, mediaType)
  }
  const lineOf = ({ number, exchange }: Numbered): JournalLine => {
    const { at, method, path, query, note, status, durationMs } = exchange
    return {
      number,
      at: new Date(at).toISOString(),
      method,
      path: redaction.target(path, query),
      operationId: note.operationId ?? null,
      projectId: note.projectId ?? null,
      environment: note.environment ?? null,
      keyId: note.keyId ?? null,
      clientId: note.clientId === undefined ? null : redaction.text(note.clientId),
      status,
      reason: note.reason === undefined ? null : redaction.text(note.reason),
      source: note.source ?? null,
      durationMs,
    }
  }
  const restOf = ({ exchange }: Numbered) => {
    const { headers, note, responseHeaders, responseBody } = exchange
    const bodyText = textOf(note.sent, headers['content-type'] ?? '')
    return {
      headers: redaction.headers(headers),
      body: note.body === undefined ? meaningOf(note.sent, headers['content-type']) : bodyOf(note.body),
      bodyText,
      bodyBytes: note.sent?.length || null,
      violations: violationsOf(note).map(({ in: place, location, message }) => ({
        in: place,
        location: redaction.text(location),
        message: redaction.text(message),
      })),
      responseHeaders: redaction.headers(responseHeaders),
      responseBody: bodyOf(responseBody),
    }
  }
  return {
    lineOf,
    entryOf: (kept: Numbered): JournalEntry => ({ ...lineOf(kept), ...restOf(kept) }),
    storedOf: (kept: Numbered): StoredExchange => ({
      number: kept.number,
      line: JSON.stringify(lineOf(kept)),
      rest: JSON.stringify(restOf(kept)),
    }),
  }
}

const violationsOf = ({ violations = [], answerViolations }: JournalNote): JournalEntry['violations'] =>
  answerViolations === undefined ? violations : [...violations, ...answerViolations]

/** Texts have no control characters but white space. */
const BINARY = /(?!\s)\p{Cc}/u

/** Undefined for bytes that are no text. */
function decoded({ beginning, length }: SentBody): string | undefined {
  if (beginning === '') return undefined
  try {
    // The last letter may be cut in two: then `stream` leaves it out.
    const stream = length !== beginning.length
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(beginning, 'latin1'), {
      stream,
    })
    return BINARY.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

const lineIn = ({ line }: Pick<StoredExchange, 'line'>): JournalLine => JSON.parse(line) as JournalLine

const read = ({ line, rest }: StoredExchange): JournalEntry =>
  ({ ...(JSON.parse(line) as object), ...(JSON.parse(rest) as object) }) as JournalEntry

function bytesOf({ path, query, headers, note, responseBody }: NotedExchange): number {
  let bytes = OVERHEAD_BYTES + path.length + query.length
  for (const text of [note.sent?.beginning, note.body, note.reason, responseBody]) bytes += text?.length ?? 0
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0)
  return bytes
}
