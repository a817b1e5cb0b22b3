// What an exchange ends with, and how it becomes bytes.

import { once } from 'node:events'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isObject } from '../json.js'
import { bareType } from '../request/media-types.js'
import { jsonOf } from '../written.js'
import { framingOf } from './framing.js'
import type { MockSource } from './sources.js'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  /** Undefined for an answer without a body. */
  readonly body: unknown
  /** The body as it is sent, where it takes its schema to write it, or is compressed. */
  readonly encoded?: string | Buffer | undefined
  /** The bytes of the body before it was compressed. */
  readonly length?: number | undefined
  /** The entity tag of the body, in place of one among the headers. */
  readonly etag?: string | undefined
  /** When the thing that it shows changed last, in milliseconds since the epoch. */
  readonly modifiedAt?: number | undefined
  /** The media type of the body; JSON when undefined. */
  readonly mediaType?: string | undefined
  /** For a stream: its pieces, and how long to wait before each. The body is then undefined. */
  readonly stream?: { readonly chunks: readonly (string | Buffer)[]; readonly intervalMs: number } | undefined
  /** Sends an answer that somebody else has framed, and gives what was sent. The body and the stream are then undefined. */
  readonly relay?:
    | ((response: ServerResponse, headers: Answer['headers']) => Promise<RelayedBody>)
    | undefined
  /** Whether it is a page of the mock's own, which has a policy of its own and is for no other origin. */
  readonly isOwnPage?: boolean | undefined
  /** Sent as `Mock-Source`. Undefined for what is no answer of the API, such as that of a CORS preflight. */
  readonly source?: MockSource | undefined
}

/** What has been sent of an answer, for the journal. */
export interface RelayedBody {
  readonly body: unknown
  /** Its bytes, decompressed. */
  readonly length: number
}

/** Without a charset, which JSON does not have (RFC 8259, section 11): clients compare it as text. */
export const JSON_TYPE = 'application/json'

/** The body that errors have where the document describes none. */
export const standardError = (status: number, message: string): Record<string, unknown> => ({
  statusCode: status,
  message,
  error: STATUS_CODES[status] ?? 'Error',
})

const NOTHING: Answer['headers'] = {}

/**
 * What keeps an answer apart from the mock's own pages, whose origin it shares: opened in a browser, it has none.
 *
 * @param described the headers of the document, which may ask for more, but not for less.
 */
export function isolationOf(
  { body, stream, relay, mediaType = JSON_TYPE, isOwnPage = false }: Answer,
  described: Answer['headers'],
): Answer['headers'] {
  const isEmpty = body === undefined && stream === undefined && relay === undefined
  if (isEmpty || isOwnPage || mediaType === JSON_TYPE || bareType(mediaType) === JSON_TYPE) return NOTHING
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

/** Writes an answer and gives the length of its body, as it was before it was compressed. */
export function send(response: ServerResponse, answer: Answer, headOnly: boolean): number {
  const { status, headers, body, encoded, mediaType = JSON_TYPE } = answer
  if (body === undefined) {
    const length = status === 204 || status === 304 || status < 200 ? {} : { 'content-length': 0 }
    response.writeHead(status, { ...headers, ...length })
    response.end()
    return 0
  }
  const bytes = encoded ?? serialize(body, mediaType)
  const length = Buffer.byteLength(bytes)
  response.writeHead(status, fieldsOf(headers, mediaType, length))
  response.end(headOnly ? undefined : bytes)
  return answer.length ?? length
}

/** The header fields of a body, one after the other: Node writes a list of them faster than an object. */
function fieldsOf(headers: Answer['headers'], mediaType: string, length: number) {
  const {
    'content-type': type = mediaType,
    'content-length': size = String(length),
  }: Partial<Answer['headers']> = headers
  const fields: (string | string[])[] = ['content-type', type, 'content-length', size]
  for (const name in headers)
    if (name !== 'content-type' && name !== 'content-length') fields.push(name, headers[name] ?? [])
  return fields
}

/** What was sent of a stream before its end, or before the client went away. */
export interface SentStream {
  /** The beginning of it. */
  readonly text: string
  readonly length: number
}

/** As much of a stream as is worth remembering: one may go on for days. */
const MAX_REMEMBERED = 131_072

/** Writes a stream piece by piece. */
export async function sendStream(
  response: ServerResponse,
  answer: Answer,
  headOnly: boolean,
): Promise<SentStream> {
  const { status, headers, mediaType = JSON_TYPE, stream = { chunks: [], intervalMs: 0 } } = answer
  response.writeHead(status, { 'content-type': mediaType, 'cache-control': 'no-cache', ...headers })
  const closing = new AbortController()
  response.once('close', () => closing.abort())
  let text = ''
  let length = 0
  try {
    response.flushHeaders()
    for (const chunk of headOnly ? [] : stream.chunks) {
      if (stream.intervalMs > 0) await sleep(stream.intervalMs, undefined, { signal: closing.signal })
      if (closing.signal.aborted) break
      const isTaken = response.write(chunk)
      length += chunk.length
      if (text.length < MAX_REMEMBERED) text += String(chunk).slice(0, MAX_REMEMBERED - text.length)
      if (!isTaken) await once(response, 'drain', { signal: closing.signal })
    }
  } catch {
    // The client has gone away.
  }
  response.end()
  return { text, length }
}

/** The bytes of a body in a concrete content type. */
export function serialize(body: unknown, contentType: string): string | Buffer {
  // Bytes are what they are, whatever they are called.
  if (Buffer.isBuffer(body)) return body
  if (contentType === JSON_TYPE) return jsonOf(body)
  const type = bareType(contentType)
  if (/[/+]json$/.test(type)) return JSON.stringify(body)
  const framing = framingOf(contentType)
  if (framing !== undefined) {
    if (typeof body === 'string' && framing.split(body) !== undefined) return body
    return (Array.isArray(body) ? body : [body]).map((event) => framing.frame(event)).join('')
  }
  if (type === 'application/x-www-form-urlencoded' && isObject(body)) {
    return new URLSearchParams(
      Object.entries(body).map(([name, value]): [string, string] => [name, textOf(value)]),
    ).toString()
  }
  if (/^image\/png$/.test(type)) return PIXEL
  return textOf(body)
}

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
