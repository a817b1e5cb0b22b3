// What is noted of an exchange while it happens: as it was sent, bodies no longer than somebody wants them.

import type { IncomingHttpHeaders } from 'node:http'
import { latin1Of } from '../engine/request/latin1.js'
import type { Violation } from '../engine/request/violations.js'
import type { MockSource } from '../engine/response/sources.js'
import type { JournalEntry } from './wire.js'

/** What an exchange notes while it happens. */
export interface JournalNote {
  operationId?: string | undefined
  projectId?: string | undefined
  environment?: string | undefined
  keyId?: string | undefined
  /** The OAuth client that asked for a token, or sent one. */
  clientId?: string | undefined
  /** The body as it was sent. */
  sent?: SentBody | undefined
  /** What it says, where that is not what its JSON says. */
  body?: NotedBody | undefined
  violations?: readonly Violation[] | undefined
  /** What did not fit in the answer of the real API. */
  answerViolations?: JournalEntry['violations'] | undefined
  reason?: string | undefined
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

/** Of longer bodies the beginning is kept, as text. */
export const MAX_BODY_BYTES = 65_536
/** What an exchange takes besides its texts. */
const OVERHEAD_BYTES = 600

/**
 * @param length the bytes of a body as it was sent.
 * @param most how many of them are kept.
 * @param json the body as JSON, where somebody has written it already.
 */
export function noted(
  body: unknown,
  length: number,
  most = MAX_BODY_BYTES,
  json?: string,
): NotedBody | undefined {
  if (body === undefined) return undefined
  const isLong = length > most || Buffer.isBuffer(body)
  const text = isLong ? undefined : (json ?? JSON.stringify(body))
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
  bytes.length === 0
    ? undefined
    : { beginning: bytes.length <= most ? latin1Of(bytes) : bytes.toString('latin1', 0, most), length }

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

/** How much memory an exchange takes. */
export function bytesOf({ path, query, headers, note, responseBody }: NotedExchange): number {
  let bytes = OVERHEAD_BYTES + path.length + query.length
  for (const text of [note.sent?.beginning, note.body, note.reason, responseBody]) bytes += text?.length ?? 0
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0)
  return bytes
}
