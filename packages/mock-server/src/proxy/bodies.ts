// The bodies that pass through the proxy: their bytes go on as they came, and a decompressed copy is held against the
// document.

import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

/** A body, or as much of it as is held back. */
export interface HeldBody {
  readonly bytes: Buffer
  /** The stream that still has the rest, where the body is longer than what is held back. */
  readonly rest: Readable | undefined
}

export const EMPTY: HeldBody = { bytes: Buffer.alloc(0), rest: undefined }

/** Whether a request says that it has a body (RFC 9112, section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': transfer } = headers
  return transfer !== undefined || (length !== undefined && length !== '0')
}

/** Reads a body up to a length; what is longer goes on as a stream. @throws where the sender breaks off. */
export function hold(stream: Readable, maxBytes: number): Promise<HeldBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (rest: Readable | undefined) => {
      stream.off('data', take).off('end', end).off('error', fail).off('close', closed)
      resolve({ bytes: Buffer.concat(chunks), rest })
    }
    const take = (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size <= maxBytes) return
      stream.pause()
      settle(stream)
    }
    const end = () => settle(undefined)
    const fail = (error: Error) => reject(error)
    const closed = () => reject(new Error('The connection was closed before the end of the body'))
    stream.on('data', take).once('end', end).once('error', fail).once('close', closed)
  })
}
