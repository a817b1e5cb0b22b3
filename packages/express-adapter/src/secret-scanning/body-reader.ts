// Reads the bodies of reports. Anyone can send one, and it is known whether GitHub did only when all of it has arrived; so the
// bodies that are being received share a fixed amount of memory, and one that stalls never keeps another out.

import { type ErrorAnswer, unavailable } from '@gosend/auth-core/http'
import type { Request, RequestHandler, Response } from 'express'
import { sendError } from '../express-gate.js'

const MEGABYTE = 1_048_576
// Ten thousand findings with long addresses.
const MAX_BODY_BYTES = 8 * MEGABYTE
const MAX_BYTES = 32 * MEGABYTE
// What a chunk costs besides its content: otherwise a body that arrives byte by byte would cost a hundred times its length.
const CHUNK_BYTES = 256
// How long a sender may go on after its answer. Closing at once would reset the connection, and the answer would be lost.
const LINGER_MS = 2_000

const tooLarge: ErrorAnswer = { status: 413, message: 'The body is too large' }
const compressed: ErrorAnswer = { status: 400, message: 'The body must not be compressed' }

interface Transfer {
  readonly request: Request
  readonly response: Response
  chunks: Buffer[]
  /** Of the content alone. */
  bodyBytes: number
  bytes: number
  isReleased: boolean
}

/**
 * Middleware that puts the body into `request.body`, as a buffer. A body of more than 8 MB is answered with 413. When the
 * bodies of all requests take more than 32 MB, the one that has been arriving for the longest time is answered with 503:
 * GitHub sends a report without pausing, and again after a 503.
 */
export function createBodyReader(): RequestHandler {
  // Oldest first.
  const arriving = new Set<Transfer>()
  let heldBytes = 0

  function release(transfer: Transfer): void {
    if (transfer.isReleased) return
    transfer.isReleased = true
    arriving.delete(transfer)
    heldBytes -= transfer.bytes
    transfer.chunks = []
  }

  function drop(transfer: Transfer, answer: ErrorAnswer): void {
    release(transfer)
    const { request, response } = transfer
    sendError(request, response, answer)
    discardRest(request)
  }

  function makeRoom(): void {
    for (const transfer of arriving) {
      if (heldBytes <= MAX_BYTES) return
      drop(transfer, unavailable)
    }
  }

  function receive(transfer: Transfer, chunk: Buffer): void {
    if (transfer.isReleased) return
    transfer.chunks.push(chunk)
    transfer.bodyBytes += chunk.length
    transfer.bytes += chunk.length + CHUNK_BYTES
    heldBytes += chunk.length + CHUNK_BYTES
    if (transfer.bodyBytes > MAX_BODY_BYTES) drop(transfer, tooLarge)
    else makeRoom()
  }

  return (request, response, next) => {
    // Another parser was here before, and what it made of the body tells.
    if (request.readableDidRead) return next()
    const transfer: Transfer = { request, response, chunks: [], bodyBytes: 0, bytes: 0, isReleased: false }
    if ((request.get('Content-Encoding') ?? 'identity') !== 'identity') return drop(transfer, compressed)
    if (Number(request.get('Content-Length')) > MAX_BODY_BYTES) return drop(transfer, tooLarge)
    arriving.add(transfer)
    request.on('data', (chunk: Buffer) => receive(transfer, chunk))
    request.once('end', () => {
      if (transfer.isReleased) return
      arriving.delete(transfer)
      request.body = Buffer.concat(transfer.chunks)
      next()
    })
    response.once('close', () => release(transfer))
  }
}

function discardRest(request: Request): void {
  const timer = setTimeout(() => request.destroy(), LINGER_MS).unref()
  request.once('close', () => clearTimeout(timer)).resume()
}
