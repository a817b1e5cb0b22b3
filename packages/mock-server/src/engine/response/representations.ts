// The bytes of an answer as a client asked for them: not at all where it has them, a part of a file, or compressed.

import type { IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, deflate, gzip } from 'node:zlib'
import parseRange from 'range-parser'
import { bareType } from '../request/media-types.js'
import { type Answer, JSON_TYPE, serialize } from './answers.js'
import { codedTag, entityTag, evaluate, isConditional, type Validators, wantsRangeOf } from './conditions.js'

/** What a client asks of the bytes of an answer. */
export interface Asking {
  readonly method?: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** What the conditions or the range of a request come to where they are not met. */
export interface Unmet {
  readonly unmet: 412 | 416
  readonly headers: Answer['headers']
}

/** The state of a thing, by the answer that shows it. */
export function validatorsOf(answer: Answer): Validators {
  return { etag: tagOf(answer, bytesOf(answer)), modifiedAt: answer.modifiedAt }
}

/** The tag that somebody has made already, unless the headers have one, or the form of one. */
const tagOf = ({ headers, etag }: Answer, encoded: string | Buffer): string =>
  etag !== undefined && headers.etag === undefined ? etag : entityTag(encoded, fixed(headers.etag))

const fixed = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value
/** An answer without a body has no bytes, and can have a tag all the same. */
const bytesOf = ({ body, encoded, mediaType = JSON_TYPE }: Answer): string | Buffer =>
  encoded ?? (body === undefined ? '' : serialize(body, mediaType))

/** An answer to this request, with its validators, in the bytes that the client can use best. */
export function represent(answer: Answer, asking: Asking): Answer | Promise<Answer> | Unmet {
  const { status, body, stream, headers, modifiedAt } = answer
  if (body === undefined || stream !== undefined) return answer
  const { method = 'GET' } = asking
  const encoded = bytesOf(answer)
  if ((method !== 'GET' && method !== 'HEAD') || status !== 200)
    return compressed(inBytes(answer, headers, encoded, answer.etag), asking)
  const etag = tagOf(answer, encoded)
  if (isConditional(asking.headers)) {
    const outcome = evaluate(method, asking.headers, { etag, modifiedAt })
    if (outcome === 'failed') return { unmet: 412, headers: {} }
    if (outcome === 'not modified') {
      const fields = isCompressible({ ...answer, encoded }) ? varied(headers) : headers
      return { ...answer, status: 304, headers: fields, etag, body: undefined, encoded: undefined }
    }
  }
  const whole = inBytes(answer, headers, encoded, etag)
  return Buffer.isBuffer(body) ? ranged(whole, body, asking, { etag, modifiedAt }) : compressed(whole, asking)
}

/** Written out, because most answers come through here, and to spread them costs as much as to make their tags. */
function inBytes(
  { status, body, length, modifiedAt, mediaType, stream, isOwnPage, source }: Answer,
  headers: Answer['headers'],
  encoded: string | Buffer,
  etag: string | undefined,
): Answer {
  return { status, headers, body, encoded, length, etag, modifiedAt, mediaType, stream, isOwnPage, source }
}

function ranged(
  answer: Answer,
  bytes: Buffer,
  { method, headers }: Asking,
  current: Validators,
): Answer | Promise<Answer> | Unmet {
  const whole = { ...answer, headers: { ...answer.headers, 'accept-ranges': 'bytes' } }
  const { range, 'if-range': ifRange } = headers
  if (method !== 'GET' || range === undefined || !wantsRangeOf(fixed(ifRange), current))
    return compressed(whole, { method, headers })
  const found = parseRange(bytes.length, String(range), { combine: true })
  if (found === -1) return { unmet: 416, headers: { 'content-range': `bytes */${bytes.length}` } }
  const [part, ...others] = typeof found === 'number' || found.type !== 'bytes' ? [] : found
  // A server may ignore what it does not serve (RFC 9110, section 14.2): several parts in one answer.
  if (part === undefined || others.length > 0) return whole
  const { start, end } = part
  const fields = { ...whole.headers, 'content-range': `bytes ${start}-${end}/${bytes.length}` }
  const body = bytes.subarray(start, end + 1)
  return { ...whole, status: 206, headers: fields, body, encoded: body }
}

/** Below this, an answer fits into one packet anyway. */
const MIN_BYTES = 1_024
const COMPRESSIBLE =
  /^text\/|[/+](?:json|xml|javascript|yaml)$|^application\/(?:x-www-form-urlencoded|x-ndjson)$/

/** The best first. Brotli at its default level takes a hundred times as long for a few per cent. */
const CODINGS: ReadonlyMap<string, (bytes: Buffer) => Promise<Buffer>> = new Map([
  ['br', (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ['gzip', promisify<Buffer, Buffer>(gzip)],
  ['deflate', promisify<Buffer, Buffer>(deflate)],
])

const isCompressible = ({ encoded = '', mediaType = JSON_TYPE, headers }: Answer): boolean =>
  encoded.length >= MIN_BYTES &&
  COMPRESSIBLE.test(bareType(mediaType)) &&
  headers['content-encoding'] === undefined &&
  !/\bno-transform\b/.test(String(headers['cache-control'] ?? ''))

const varied = (headers: Answer['headers']): Answer['headers'] => ({
  ...headers,
  vary: headers.vary === undefined ? 'Accept-Encoding' : `${headers.vary}, Accept-Encoding`,
})

function compressed(answer: Answer, { headers: asked }: Asking): Answer | Promise<Answer> {
  if (!isCompressible(answer)) return answer
  const { encoded = '', headers } = answer
  const coding = codingFor(String(asked['accept-encoding'] ?? ''))
  const compress = CODINGS.get(coding ?? '')
  const fields = varied(headers)
  if (coding === undefined || compress === undefined) return inBytes(answer, fields, encoded, answer.etag)
  const etag = answer.etag && codedTag(answer.etag, coding)
  const own = { ...fields, 'content-encoding': coding }
  const bytes = Buffer.from(encoded)
  return compress(bytes).then((small) => ({
    ...{ ...answer, headers: own, etag },
    ...{ encoded: small, length: bytes.length },
  }))
}

/** The content coding that an `Accept-Encoding` likes best (RFC 9110, section 12.5.3); undefined for none. */
function codingFor(field: string): string | undefined {
  if (field === '') return undefined
  const weights = new Map(
    field.split(',', 32).map((one): [string, number] => {
      const [name = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase())
      const weight = parameters.find((part) => part.startsWith('q='))
      return [name === 'x-gzip' ? 'gzip' : name, weight === undefined ? 1 : Number(weight.slice(2)) || 0]
    }),
  )
  const weightOf = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0
  const [best] = [...CODINGS.keys()].sort((a, b) => weightOf(b) - weightOf(a))
  const isWanted =
    best !== undefined && weightOf(best) > 0 && weightOf(best) >= (weights.get('identity') ?? 0)
  return isWanted ? best : undefined
}
