// What may be shown of an exchange or of something stored: everything but credentials, and no more than people read.

import type { IncomingHttpHeaders } from 'node:http'
import type { Operation } from '../engine/document/operation.js'
import { isObject, setMember } from '../engine/json.js'
import { decodeText } from '../engine/request/pairs.js'
import { createSecretFilter, REDACTED } from './secrets.js'
import { createSourceFilter } from './source-filter.js'

export interface Redaction {
  /** A path with its query. */
  target(path: string, query: string): string
  headers(headers: IncomingHttpHeaders): Record<string, string>
  body(value: unknown): unknown
  /**
   * A text as it was sent. Where it can be read as JSON it stays as it is unless it holds a credential; then it is
   * written anew without it. Elsewhere what follows the name of a credential is hidden.
   */
  source(text: string, mediaType: string): string
  text(value: string): string
  /** A line of a log: what clients sent cannot drive the terminal that shows it. */
  line(value: string): string
}

const SECRET_HEADERS = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-admin-key',
])
const SECRET_NAME = /pass(word|wd)|secret|token|api[_-]?key|credential|authorization/i

/** How much of a body is shown. */
export interface ShownSize {
  /** Characters of a text. */
  readonly text: number
  readonly depth: number
  /** Items of a list. */
  readonly items: number
}

/** No more than people read. */
const READABLE: ShownSize = { text: 16_384, depth: 12, items: 100 }

/** All of it, for programs. */
export const WHOLE: ShownSize = {
  text: Number.POSITIVE_INFINITY,
  depth: 100,
  items: Number.POSITIVE_INFINITY,
}

/**
 * @param secretNames further headers, parameters and members that hold credentials, in lower case.
 * @param known credentials that are hidden wherever they stand, besides keys of any mock.
 */
export function createRedaction(
  secretNames: () => ReadonlySet<string>,
  known: readonly string[],
  most: ShownSize = READABLE,
): Redaction {
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
      return value.length > most.text ? `[${value.length} characters]` : textOf(value)
    if (Array.isArray(value)) return depth > most.depth ? '[…]' : listOf(value, depth)
    if (isObject(value)) return depth > most.depth ? '{…}' : membersOf(value, depth)
    return value
  }
  const membersOf = (value: object, depth: number): object => {
    const copy = {}
    for (const [name, child] of Object.entries(value))
      setMember(copy, textOf(name), isSecret(name) ? REDACTED : bodyOf(child, depth + 1))
    return copy
  }
  const listOf = (items: readonly unknown[], depth: number): readonly unknown[] => {
    const shown = items.slice(0, most.items).map((item) => bodyOf(item, depth + 1))
    return items.length > most.items ? [...shown, `[${items.length - most.items} more]`] : shown
  }
  return {
    target: (path, query) => textOf(query === '' ? path : `${path}?${queryOf(query)}`),
    headers(headers) {
      const shown = Object.entries(headers).map(([name, value]) => [
        name,
        textOf(isSecret(name) ? hidden(name, String(value)) : String(value)),
      ])
      return Object.fromEntries(shown) as Record<string, string>
    },
    body: (value) => bodyOf(value, 0),
    source: createSourceFilter(isSecret, textOf),
    text: textOf,
    line(value) {
      const text = textOf(value)
      // To look for what is not there takes longer than to see that there is nothing but ASCII.
      return PRINTABLE.test(text) ? text : text.replace(/[\p{Cc}\p{Cf}]/gu, '?')
    },
  }
}

const PRINTABLE = /^[\x20-\x7e]*$/

/** The scheme of a credential (RFC 9110, section 11.4) and the names of cookies are none themselves. */
const hidden = (name: string, value: string): string =>
  name === 'cookie'
    ? value.replace(/([^;=]*=)?[^;]+/g, `$1${REDACTED}`)
    : (/^(?:Basic|Bearer|Digest|Token) /i.exec(value)?.[0] ?? '') + REDACTED

/** The headers and parameters of some operations that hold credentials, in lower case. */
export function secretNamesOf(operations: readonly Operation[]): ReadonlySet<string> {
  const schemes = operations.flatMap((operation) => operation.security().flat())
  return new Set(schemes.map(({ scheme }) => scheme.parameter.toLowerCase()).filter((name) => name !== ''))
}
