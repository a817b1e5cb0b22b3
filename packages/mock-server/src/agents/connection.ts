// How tools reach the mock: requests over a connection, so that they meet the same guards as everybody's.

import { connect as connectPlain } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectSecure } from 'node:tls'
import { sendTo } from '../control/sending.js'

export interface Message {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

export interface Reply {
  /** 0 when there was no answer. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Send = (message: Message) => Promise<Reply>

/** @param host what requests are addressed to. */
export const sendOver =
  (connect: () => Duplex, host: string): Send =>
  ({ method, path, headers = {}, body = null }) =>
    sendTo(connect(), { method, path, headers: Object.entries(headers), body }, host)

/** To a mock of another process or of this one. @param certificate what it is trusted by, as PEM. */
export function sendToAddress(address: string, certificate: string | undefined): Send {
  const { protocol, hostname, port, host } = new URL(address)
  const target = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
  return sendOver(
    () =>
      protocol === 'https:'
        ? connectSecure({ ...target, ...(certificate === undefined ? {} : { ca: certificate }) })
        : connectPlain(target),
    host,
  )
}
