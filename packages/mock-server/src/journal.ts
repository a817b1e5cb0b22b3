// What clients sent and what they got, the latest exchanges only, without any credential.

import type { IncomingHttpHeaders } from 'node:http'
import { isObject, setMember } from './json.js'

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
  readonly status: number
  readonly responseBody: unknown
  /** Why the request was refused, in words; null when it was not. */
  readonly reason: string | null
  readonly durationMs: number
}

/** What an exchange notes while it happens. */
export interface JournalNote {
  operationId?: string | undefined
  projectId?: string
  environment?: string
  keyId?: string | undefined
  body?: unknown
  reason?: string
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
  clear(): void
}

const REDACTED = '[redacted]'
const SECRET_HEADERS = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'x-admin-key'])
const SECRET_NAME = /pass(word|wd)|secret|token|api[_-]?key|credential|authorization/i
const KEY = /gsk_[a-z]+_[0-9A-Za-z]{61}/g
const MAX_TEXT = 16_384
const MAX_DEPTH = 12

/**
 * @param size how many exchanges are kept.
 * @param secretNames further headers and parameters that hold credentials, in lower case.
 */
export function createJournal(size: number, secretNames: () => ReadonlySet<string>): Journal {
  let entries: JournalEntry[] = []
  let number = 0

  const isSecret = (name: string): boolean => {
    const lower = name.toLowerCase()
    return SECRET_HEADERS.has(lower) || SECRET_NAME.test(lower) || secretNames().has(lower)
  }
  const redactQuery = (query: string): string =>
    query
      .split('&', 200)
      .map((pair) => (isSecret(pair.split('=', 1)[0] ?? '') ? `${pair.split('=', 1)[0]}=${REDACTED}` : pair))
      .join('&')
  const redactBody = (value: unknown, depth = 0): unknown => {
    if (typeof value === 'string')
      return value.length > MAX_TEXT ? `[${value.length} characters]` : value.replace(KEY, REDACTED)
    if (Array.isArray(value))
      return depth > MAX_DEPTH ? '[…]' : value.slice(0, 100).map((item) => redactBody(item, depth + 1))
    if (!isObject(value)) return value
    if (depth > MAX_DEPTH) return '{…}'
    const copy = {}
    for (const [name, child] of Object.entries(value))
      setMember(copy, name, isSecret(name) ? REDACTED : redactBody(child, depth + 1))
    return copy
  }

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
        reason: note.reason ?? null,
        durationMs,
        get at() {
          return new Date(at).toISOString()
        },
        get path() {
          return (query === '' ? path : `${path}?${redactQuery(query)}`).replace(KEY, REDACTED)
        },
        get headers() {
          const shown = Object.entries(headers).map(([name, value]) => [
            name,
            isSecret(name) ? REDACTED : String(value),
          ])
          return Object.fromEntries(shown) as Record<string, string>
        },
        get body() {
          return redactBody(note.body) ?? null
        },
        get responseBody() {
          return redactBody(responseBody) ?? null
        },
      }
      entries.push(view)
      if (entries.length > size * 2) entries = entries.slice(-size)
    },
    entries: () => entries.slice(-size).map((entry) => ({ ...entry })),
    clear() {
      entries = []
    },
  }
}
