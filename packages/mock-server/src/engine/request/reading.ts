// The bytes of a request's body: how many there may be, decompressed as they arrive, and how many of all requests are
// held at one time.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import * as zlib from 'node:zlib'

/** Why a body cannot be read, with the status that says so. */
export interface UnreadableBody {
  readonly status: 400 | 413 | 415
  readonly message: string
  /** What had been read of it, decompressed, when that was known. */
  readonly beginning?: Buffer
}

const EMPTY = Buffer.alloc(0)

type Decompressor = (() => Transform) | undefined

// RFC 9659: what windows a server must be able to use, and need not go beyond.
const ZSTD_WINDOW_LOG_MAX = 107
const ZSTD = (zlib as { createZstdDecompress?: (options: object) => Transform }).createZstdDecompress

const DECOMPRESSORS: ReadonlyMap<string, Decompressor> = new Map([
  ['gzip', zlib.createGunzip],
  ['x-gzip', zlib.createGunzip],
  ['deflate', zlib.createInflate],
  ['br', zlib.createBrotliDecompress],
  ['zstd', ZSTD && (() => ZSTD({ params: { [ZSTD_WINDOW_LOG_MAX]: 23 } }))],
])

/**
 * The bytes of a body, decompressed; why not when there are too many, or they are not what they are said to be.
 *
 * @param maxBytes how many there may be once they are decompressed.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | UnreadableBody> | Buffer | UnreadableBody {
  const { 'content-length': length, 'transfer-encoding': transfer } = request.headers
  if (transfer === undefined && (length === undefined || length === '0')) return EMPTY
  const encoding = String(request.headers['content-encoding'] ?? 'identity').toLowerCase()
  if (Number(length) > maxBytes) return tooLarge(maxBytes)
  if (encoding === 'identity') return collect(request, maxBytes)
  const create = DECOMPRESSORS.get(encoding)
  if (create === undefined) return { status: 415, message: `Unsupported content encoding ${encoding}` }
  const decompressor = create()
  request.on('error', (error) => decompressor.destroy(error))
  return collect(request.pipe(decompressor), maxBytes)
    .catch((error: unknown) => {
      if (request.errored !== null) throw error
      return { status: 400, message: `The body is not valid ${encoding}` } as const
    })
    .finally(() => {
      request.unpipe(decompressor)
      decompressor.destroy()
      // Whoever is still sending gets the answer once this has been taken from them.
      request.resume()
    })
}

/** The same for a body that is there as a whole, as it was sent. */
export async function decodeBytes(
  bytes: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Buffer | UnreadableBody> {
  const encoding = (contentEncoding ?? 'identity').toLowerCase()
  if (encoding === 'identity' || bytes.length === 0) return bytes
  const create = DECOMPRESSORS.get(encoding)
  if (create === undefined) return { status: 415, message: `Unsupported content encoding ${encoding}` }
  const decompressor = create()
  decompressor.end(bytes)
  return collect(decompressor, maxBytes)
    .catch(() => ({ status: 400, message: `The body is not valid ${encoding}` }) as const)
    .finally(() => decompressor.destroy())
}

function collect(stream: Readable, maxBytes: number): Promise<Buffer | UnreadableBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) return void chunks.push(chunk)
      stream.off('data', take)
      stream.resume()
      resolve({ ...tooLarge(maxBytes), beginning: chunks[0] ?? chunk })
    }
    stream.on('data', take)
    stream.on('end', () => resolve(chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks)))
    stream.on('error', reject)
  })
}

/** Whether a request has a body that nobody has asked for. */
export function isUnread(request: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': transfer } = request.headers
  const isEmpty = transfer === undefined && (length === undefined || length === '0')
  return !isEmpty && !request.readableDidRead && !request.destroyed
}

/**
 * The beginning of such a body as it arrives; the rest is thrown away.
 *
 * @param forMs how long to wait for it.
 */
export function peekBody(request: IncomingMessage, maxBytes: number, forMs: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size >= maxBytes) end()
    }
    const end = () => {
      clearTimeout(timer)
      request.off('data', take).off('end', end).off('close', end)
      // Whoever is still sending gets the answer once this has been taken from them.
      request.resume()
      resolve(Buffer.concat(chunks).subarray(0, maxBytes))
    }
    const timer = setTimeout(end, forMs)
    request.on('data', take).once('end', end).once('close', end)
  })
}

export const tooLarge = (maxBytes: number): UnreadableBody => ({
  status: 413,
  message: `The body is larger than ${maxBytes} bytes; --max-body (maxBodyBytes) allows more`,
})

/** Lets in as many large bodies at one time as there is room for; others wait until these are answered. */
export interface BodyRoom {
  /** Undefined when there is room at once. @param bytes that the body will take in memory. */
  enter(bytes: number, response: ServerResponse): Promise<void> | undefined
}

/** Bodies that are not worth counting: a thousand of them are still few. */
const MAX_SMALL_BYTES = 256 * 1024

/** @param maxBytes for all bodies together. One that is larger than that by itself has to be alone. */
export function createBodyRoom(maxBytes: number): BodyRoom {
  let taken = 0
  const waiting: { readonly bytes: number; readonly response: ServerResponse; readonly go: () => void }[] = []
  const take = (bytes: number, response: ServerResponse): void => {
    taken += bytes
    response.once('close', () => {
      taken -= bytes
      admit()
    })
  }
  const admit = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (taken > 0 && taken + next.bytes > maxBytes) return
      waiting.shift()
      // Whoever has gone meanwhile takes no room.
      if (!next.response.destroyed) take(next.bytes, next.response)
      next.go()
    }
  }
  return {
    enter(bytes, response) {
      if (bytes <= MAX_SMALL_BYTES) return undefined
      if (waiting.length === 0 && (taken === 0 || taken + bytes <= maxBytes)) {
        take(bytes, response)
        return undefined
      }
      return new Promise((go) => waiting.push({ bytes, response, go }))
    },
  }
}
