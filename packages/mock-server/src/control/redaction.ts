// What may be shown of an exchange or of something stored: everything but credentials, and no more than people read.

import type { IncomingHttpHeaders } from 'node:http'
import type { Operation } from '../engine/document/operation.js'
import { isObject, setMember } from '../engine/json.js'
import { decodeText } from '../engine/request/parameters.js'
import { createSecretFilter, REDACTED } from './secrets.js'

export interface Redaction {
  /** A path with its query. */
  target(path: string, query: string): string
  headers(headers: IncomingHttpHeaders): Record<string, string>
  body(value: unknown): unknown
  text(value: string): string
  /** A line of a log: what clients sent cannot drive the terminal that shows it. */
  line(value: string): string
}

const SECRET_HEADERS = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'x-admin-key'])
const SECRET_NAME = /pass(word|wd)|secret|token|api[_-]?key|credential|authorization/i
const MAX_TEXT = 16_384
const MAX_DEPTH = 12
const MAX_ITEMS = 100

/**
 * @param secretNames further headers, parameters and members that hold credentials, in lower case.
 * @param known credentials that are hidden wherever they stand, besides keys of any mock.
 */
export function createRedaction(secretNames: () => ReadonlySet<string>, known: readonly string[]): Redaction {
  const textOf = createSecretFilter(known)
  const isSecret = (name: string): boolean => {
    const lower = name.toLowerCase()
    return SECRET_HEADERS.has(lower) || SECRET_NAME.test(lower) || secretNames().has(lower)
  }
  const queryOf = (query: string): string =>
    query
      .split('&', 200)
      .map((pair) => {
        const [name = ''] = pair.split('=', 1)
        return isSecret(decodeText(name)) ? `${name}=${REDACTED}` : pair
      })
      .join('&')
  const bodyOf = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string')
      return value.length > MAX_TEXT ? `[${value.length} characters]` : textOf(value)
    if (Array.isArray(value))
      return depth > MAX_DEPTH ? '[…]' : value.slice(0, MAX_ITEMS).map((item) => bodyOf(item, depth + 1))
    if (!isObject(value)) return value
    if (depth > MAX_DEPTH) return '{…}'
    const copy = {}
    for (const [name, child] of Object.entries(value))
      setMember(copy, textOf(name), isSecret(name) ? REDACTED : bodyOf(child, depth + 1))
    return copy
  }
  return {
    target: (path, query) => textOf(query === '' ? path : `${path}?${queryOf(query)}`),
    headers(headers) {
      const shown = Object.entries(headers).map(([name, value]) => [
        name,
        isSecret(name) ? REDACTED : textOf(String(value)),
      ])
      return Object.fromEntries(shown) as Record<string, string>
    },
    body: (value) => bodyOf(value, 0),
    text: textOf,
    line: (value) => textOf(value).replace(/[\p{Cc}\p{Cf}]/gu, '?'),
  }
}

/** The headers and parameters of some operations that hold credentials, in lower case. */
export function secretNamesOf(operations: readonly Operation[]): ReadonlySet<string> {
  const schemes = operations.flatMap((operation) => operation.security().flat())
  return new Set(schemes.map(({ scheme }) => scheme.parameter.toLowerCase()).filter((name) => name !== ''))
}
