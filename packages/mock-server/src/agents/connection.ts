// How tools reach the mock: requests over a connection, so that they meet the same guards as everybody's.

import type { Duplex } from 'node:stream'
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
