// Reads request bodies: sizes and encodings first, then JSON, forms, multipart, text or bytes as the document
// describes them for the request's media type.

import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { MediaType, RequestBody } from '../document/operation.js'
import { nestsAtMost } from '../json.js'
import type { Schemas } from '../schema/schemas.js'
import { bestMatch, type MediaRange, parseMediaType } from './media-types.js'
import { type Coercion, decodeText, putBracketed } from './parameters.js'

export interface DecodedBody {
  readonly value: unknown
  /** The described media type that the body is read as. */
  readonly media: MediaType
  /** False for bytes and text in formats that cannot be held against a schema. */
  readonly comparable: boolean
}

/** Why a body cannot be read, with the status that says so. */
export interface UnreadableBody {
  readonly status: 400 | 413 | 415
  readonly message: string
}

export interface BodyDecoder {
  decode(
    body: RequestBody,
    headers: Readonly<Record<string, unknown>>,
    bytes: Buffer,
  ): Promise<DecodedBody | UnreadableBody>
}

const require = createRequire(import.meta.url)
const MAX_JSON_DEPTH = 100
const MAX_FIELDS = 10_000

const DECOMPRESS: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> =
  {
    gzip: gunzipSync,
    'x-gzip': gunzipSync,
    deflate: inflateSync,
    br: brotliDecompressSync,
  }

const EMPTY = Buffer.alloc(0)

/** The bytes of a body; undefined when there are too many. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | undefined> | Buffer | undefined {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && (length === undefined || length === '0')) return EMPTY
  if (Number(length) > maxBytes) return undefined
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) {
        request.pause()
        resolve(undefined)
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
    request.on('error', reject)
  })
}

/** @param maxBytes the size that a body may have once it is decompressed. */
export function createBodyDecoder(schemas: Schemas, coerce: Coercion, maxBytes: number): BodyDecoder {
  return {
    async decode(body, headers, compressed) {
      const encoding = String(headers['content-encoding'] ?? 'identity').toLowerCase()
      const bytes = encoding === 'identity' ? compressed : decompress(encoding, compressed, maxBytes)
      if (!Buffer.isBuffer(bytes)) return bytes
      const sent = parseMediaType(String(headers['content-type'] ?? ''))
      const media = sent === undefined ? body.content[0] : bestMatch(body.content, sent)
      if (media === undefined) {
        const known = body.content.map(({ type }) => type).join(', ')
        return { status: 415, message: `Unsupported media type ${sent?.type ?? ''}: send ${known}` }
      }
      return read(bytes, sent ?? parseMediaType(media.type) ?? { type: '*/*', parameters: new Map() }, media)
    },
  }

  async function read(
    bytes: Buffer,
    sent: MediaRange,
    media: MediaType,
  ): Promise<DecodedBody | UnreadableBody> {
    const { type } = sent
    const schema = schemas.convert(media.schema ?? {}, 'request')
    if (type === 'multipart/form-data') {
      const fields = await readMultipart(bytes, sent)
      if (fields === undefined) return { status: 400, message: 'Malformed multipart body' }
      return { value: coerce(fields, schema), media, comparable: true }
    }
    const isJson = /[/+]json$/.test(type) || type === '*/*'
    const isForm = type === 'application/x-www-form-urlencoded'
    if (!isJson && !isForm && !/^text\/|[/+]xml$/.test(type)) {
      return { value: bytes.toString('latin1'), media, comparable: false }
    }
    const text = decode(bytes, sent.parameters.get('charset'))
    if (typeof text !== 'string') return text
    if (isForm) {
      const tree = readForm(text)
      return tree === undefined
        ? { status: 400, message: `More than ${MAX_FIELDS} form fields` }
        : { value: coerce(tree, schema), media, comparable: true }
    }
    if (!isJson) return { value: coerce(text, schema), media, comparable: type === 'text/plain' }
    try {
      const value: unknown = JSON.parse(text)
      if (!nestsAtMost(value, MAX_JSON_DEPTH)) {
        return { status: 400, message: `The body nests deeper than ${MAX_JSON_DEPTH} levels` }
      }
      return { value, media, comparable: true }
    } catch {
      return { status: 400, message: 'The body is not valid JSON' }
    }
  }
}

function decompress(encoding: string, bytes: Buffer, maxBytes: number): Buffer | UnreadableBody {
  const run = DECOMPRESS[encoding]
  if (run === undefined) return { status: 415, message: `Unsupported content encoding ${encoding}` }
  try {
    return run(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    const tooLarge = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
    return tooLarge
      ? { status: 413, message: `The body is larger than ${maxBytes} bytes` }
      : { status: 400, message: `The body is not valid ${encoding}` }
  }
}

function decode(bytes: Buffer, charset = 'utf-8'): string | UnreadableBody {
  let decoder: InstanceType<typeof TextDecoder>
  try {
    decoder = new TextDecoder(charset, { fatal: true })
  } catch {
    return { status: 415, message: `Unsupported charset ${charset}` }
  }
  try {
    return decoder.decode(bytes)
  } catch {
    return { status: 400, message: `The body is not valid ${charset}` }
  }
}

function readForm(text: string): object | undefined {
  const pairs = text.split('&', MAX_FIELDS + 1)
  if (pairs.length > MAX_FIELDS) return undefined
  const tree = {}
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeText(equals < 0 ? pair : pair.slice(0, equals))
    putBracketed(tree, name, equals < 0 ? '' : decodeText(pair.slice(equals + 1)))
  }
  return tree
}

/** The fields of a multipart form, files as their bytes in Latin-1; undefined when the form is malformed. */
function readMultipart(bytes: Buffer, sent: MediaRange): Promise<object | undefined> {
  return new Promise((resolve) => {
    const boundary = sent.parameters.get('boundary')
    if (boundary === undefined) return resolve(undefined)
    const tree = {}
    const busboy = require('busboy') as typeof import('busboy')
    try {
      const form = busboy({
        headers: { 'content-type': `multipart/form-data; boundary="${boundary.replaceAll('"', '')}"` },
        limits: { parts: MAX_FIELDS, fieldSize: Number.POSITIVE_INFINITY },
      })
      form.on('field', (name, value, { mimeType }) => {
        putBracketed(tree, name, mimeType === 'application/json' ? parsed(value) : value)
      })
      form.on('file', (name, stream) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('error', () => resolve(undefined))
        stream.on('end', () => putBracketed(tree, name, Buffer.concat(chunks).toString('latin1')))
      })
      form.on('error', () => resolve(undefined))
      form.on('close', () => resolve(tree))
      Readable.from([bytes]).pipe(form)
    } catch {
      resolve(undefined)
    }
  })
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return nestsAtMost(value, MAX_JSON_DEPTH) ? value : text
  } catch {
    return text
  }
}
