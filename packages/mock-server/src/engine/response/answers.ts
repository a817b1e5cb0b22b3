// What an exchange ends with, and how it becomes bytes.

import { type ServerResponse, STATUS_CODES } from 'node:http'
import { isObject } from '../json.js'
import { bareType } from '../request/media-types.js'
import type { MockSource } from './sources.js'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  /** Undefined for an answer without a body. */
  readonly body: unknown
  /** The media type of the body; JSON when undefined. */
  readonly mediaType?: string | undefined
  /** Sent as `Mock-Source`. Undefined for what is no answer of the API, such as that of a CORS preflight. */
  readonly source?: MockSource | undefined
}

/** Without a charset, which JSON does not have (RFC 8259, section 11): clients compare it as text. */
export const JSON_TYPE = 'application/json'

/** The body that errors have where the document describes none. */
export const standardError = (status: number, message: string): Record<string, unknown> => ({
  statusCode: status,
  message,
  error: STATUS_CODES[status] ?? 'Error',
})

/**
 * What keeps an answer apart from the mock's own pages, whose origin it shares: opened in a browser, it has none.
 *
 * @param described the headers of the document, which may ask for more, but not for less.
 */
export function isolationOf(
  { body, mediaType = JSON_TYPE }: Answer,
  described: Answer['headers'],
): Answer['headers'] {
  if (body === undefined || bareType(mediaType) === JSON_TYPE) return {}
  const policies = [described['content-security-policy'] ?? [], 'sandbox allow-forms allow-scripts'].flat()
  return { 'content-security-policy': policies, 'x-content-type-options': 'nosniff' }
}

/** The content type to send for a described one, which may be a range. */
export function concreteType(described: string | undefined, body: unknown): string {
  const type = bareType(described ?? JSON_TYPE)
  if (type === '') return JSON_TYPE
  if (!type.includes('*')) return described ?? JSON_TYPE
  if (type.startsWith('text/')) return 'text/plain; charset=utf-8'
  if (type.startsWith('image/')) return 'image/png'
  const isText = typeof body === 'string' && type === '*/*'
  return isText
    ? 'text/plain; charset=utf-8'
    : type.startsWith('application/') || type === '*/*'
      ? JSON_TYPE
      : type.replace('*', 'octet-stream')
}

/** Writes an answer and gives the length of its body. */
export function send(response: ServerResponse, answer: Answer, headOnly: boolean): number {
  const { status, headers, body, mediaType = JSON_TYPE } = answer
  if (body === undefined) {
    const length = status === 204 || status === 304 || status < 200 ? {} : { 'content-length': 0 }
    response.writeHead(status, { ...headers, ...length })
    response.end()
    return 0
  }
  const bytes = serialize(body, mediaType)
  const length = Buffer.byteLength(bytes)
  response.writeHead(status, { 'content-type': mediaType, 'content-length': length, ...headers })
  response.end(headOnly ? undefined : bytes)
  return length
}

/** The bytes of a body in a concrete content type. */
export function serialize(body: unknown, contentType: string): string | Buffer {
  if (contentType === JSON_TYPE) return JSON.stringify(body)
  const type = bareType(contentType)
  if (/[/+]json$|ndjson$|\/jsonl$|json-seq$/.test(type)) return JSON.stringify(body)
  if (type === 'text/event-stream')
    return `data: ${typeof body === 'string' ? body : JSON.stringify(body)}\n\n`
  if (/[/+]xml$/.test(type))
    return typeof body === 'string' ? body : `<?xml version="1.0"?>${toXml('response', body)}`
  if (type === 'application/x-www-form-urlencoded' && isObject(body)) {
    return new URLSearchParams(
      Object.entries(body).map(([name, value]): [string, string] => [name, textOf(value)]),
    ).toString()
  }
  if (/^image\/png$/.test(type)) return PIXEL
  return Buffer.isBuffer(body) ? body : textOf(body)
}

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' }

function toXml(name: string, value: unknown): string {
  const tag = name.replace(/[^\w.-]/g, '_').replace(/^[^A-Za-z_]/, '_')
  if (Array.isArray(value)) return value.map((item) => toXml(tag, item)).join('')
  const inner = isObject(value)
    ? Object.entries(value)
        .map(([key, child]) => toXml(key, child))
        .join('')
    : String(value ?? '').replace(/[<>&"]/g, (letter) => ENTITIES[letter] ?? letter)
  return `<${tag}>${inner}</${tag}>`
}
