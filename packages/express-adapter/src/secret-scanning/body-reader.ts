// Reads the bodies of reports. Anyone can send one, and it is known whether GitHub did only when all of it has arrived; so the
// bodies that are being received share a fixed amount of memory, and one that stalls never keeps another out.

import { unavailable } from '@gosend/auth-core/http'
import express, { type Request, type RequestHandler, type Response } from 'express'
import { sendError } from '../express-gate.js'

// Ten thousand findings with long addresses.
const rawBody = express.raw({ type: () => true, limit: '8mb', inflate: false })

const MAX_BYTES = 32 * 1_048_576
// What a chunk costs besides its content: otherwise a body that arrives byte by byte would cost a hundred times its length.
const CHUNK_BYTES = 256

interface Transfer {
  readonly request: Request
  readonly response: Response
  bytes: number
  isReleased: boolean
}

/**
 * Middleware that puts the body into `request.body`, as a buffer. When the bodies of all requests take more than 32 MB, the
 * one that has been arriving for the longest time is answered with 503: GitHub sends a report without pausing, and again
 * after a 503.
 */
export function createBodyReader(): RequestHandler {
  // Oldest first.
  const arriving = new Set<Transfer>()
  let heldBytes = 0

  function release(transfer: Transfer): void {
    arriving.delete(transfer)
    if (!transfer.isReleased) heldBytes -= transfer.bytes
    transfer.isReleased = true
  }

  function makeRoom(): void {
    for (const transfer of arriving) {
      if (heldBytes <= MAX_BYTES) return
      release(transfer)
      const { request, response } = transfer
      response.set('Connection', 'close')
      response.once('finish', () => request.destroy())
      sendError(request, response, unavailable)
    }
  }

  return (request, response, next) => {
    const transfer: Transfer = { request, response, bytes: 0, isReleased: false }
    arriving.add(transfer)
    request.on('data', ({ length }: Buffer) => {
      if (transfer.isReleased) return
      transfer.bytes += length + CHUNK_BYTES
      heldBytes += length + CHUNK_BYTES
      makeRoom()
    })
    request.once('end', () => arriving.delete(transfer))
    response.once('close', () => release(transfer))
    rawBody(request, response, next)
  }
}
