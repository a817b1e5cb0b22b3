// What clients sent and what they got, the latest exchanges only, without any credential.

import type { IncomingHttpHeaders } from 'node:http'
import type { MockSource } from '../engine/response/sources.js'
import type { Redaction } from './redaction.js'

export interface JournalEntry {
  /** Counts up from 1 for every request of this process. */
  readonly number: number
  /** When the request arrived, by the mock's clock. */
  readonly at: string
  readonly method: string
  /** With the query; credentials in it are replaced. */
  readonly path: string
  readonly operationId: string | null
  readonly projectId: string | null
  readonly environment: string | null
  readonly keyId: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** 0 when the connection was ended without an answer. */
  readonly status: number
  readonly responseBody: unknown
  /** Why the request was refused, in words; null when it was not. */
  readonly reason: string | null
  /** The answer's `Mock-Source`; null when it has none. */
  readonly source: MockSource | null
  readonly durationMs: number
}

/** An exchange in short. */
export type JournalLine = Omit<JournalEntry, 'headers' | 'body' | 'responseBody'>

/** What an exchange notes while it happens. */
export interface JournalNote {
  operationId?: string | undefined
  projectId?: string
  environment?: string
  keyId?: string | undefined
  body?: unknown
  reason?: string
  source?: MockSource | undefined
}

export interface Journal {
  record(exchange: {
    readonly at: number
    readonly method: string
    readonly path: string
    readonly query: string
    readonly headers: IncomingHttpHeaders
    readonly note: JournalNote
    readonly status: number
    readonly responseBody: unknown
    readonly durationMs: number
  }): void
  /** The oldest first. */
  entries(): readonly JournalEntry[]
  /** One of them, by its number. */
  find(number: number): JournalEntry | undefined
  /** Those with a higher number, in short. */
  after(number: number): readonly JournalLine[]
  /** The number of the oldest one. */
  oldest(): number | undefined
  clear(): void
}

/**
 * @param size how many exchanges are kept.
 * @param onRecord called after each of them.
 */
export function createJournal(size: number, redaction: Redaction, onRecord: () => void): Journal {
  let entries: JournalEntry[] = []
  let number = 0

  const kept = () => entries.slice(-size)

  return {
    record({ at, method, path, query, headers, note, status, responseBody, durationMs }) {
      number += 1
      if (size === 0) return
      const own = number
      // Redaction costs more than an exchange, so that it waits until somebody reads.
      const view = {
        number: own,
        method,
        operationId: note.operationId ?? null,
        projectId: note.projectId ?? null,
        environment: note.environment ?? null,
        keyId: note.keyId ?? null,
        status,
        source: note.source ?? null,
        durationMs,
        get at() {
          return new Date(at).toISOString()
        },
        get path() {
          return redaction.target(path, query)
        },
        get reason() {
          return note.reason === undefined ? null : redaction.text(note.reason)
        },
        get headers() {
          return redaction.headers(headers)
        },
        get body() {
          return redaction.body(note.body) ?? null
        },
        get responseBody() {
          return redaction.body(responseBody) ?? null
        },
      }
      entries.push(view)
      if (entries.length > size * 2) entries = entries.slice(-size)
      onRecord()
    },
    entries: () => kept().map((entry) => ({ ...entry })),
    find(wanted) {
      const found = kept().find((entry) => entry.number === wanted)
      return found && { ...found }
    },
    oldest: () => kept()[0]?.number,
    after: (latest) =>
      kept()
        .filter((entry) => entry.number > latest)
        .map(lineOf),
    clear() {
      entries = []
    },
  }
}

// Member by member, because each that is read costs a redaction.
const lineOf = (entry: JournalEntry): JournalLine => ({
  number: entry.number,
  at: entry.at,
  method: entry.method,
  path: entry.path,
  operationId: entry.operationId,
  projectId: entry.projectId,
  environment: entry.environment,
  keyId: entry.keyId,
  status: entry.status,
  reason: entry.reason,
  source: entry.source,
  durationMs: entry.durationMs,
})
