// Exchanges as they are shown: without any credential.

import { isJsonType } from '../engine/request/media-types.js'
import type { StoredExchange } from '../storage/journal-table.js'
import type { JournalNote, NotedBody, NotedExchange, SentBody } from './noted-exchanges.js'
import type { Redaction } from './redaction.js'
import type { JournalEntry, JournalLine } from './wire.js'

export interface Numbered {
  readonly number: number
  readonly exchange: NotedExchange
}

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
