// One request to the real API: how it is sent, how long it may take, and why there is no answer.

import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import type { Fields } from './header-fields.js'

export interface ForwardedRequest {
  readonly method: string
  /** Path and query, as they are sent. */
  readonly target: string
  readonly headers: Fields
  /** What of the body has been read. */
  readonly bytes: Buffer
  /** What comes after it. */
  readonly rest: Readable | undefined
  /** Ends the request when nobody waits for its answer. */
  readonly signal: AbortSignal
}

/** Why upstream has given no answer. */
export interface NoAnswer {
  readonly ok: false
  /** 504 where it took too long (RFC 9110, section 15.6). */
  readonly status: 502 | 504
  readonly message: string
  /** Whether another try, later or elsewhere, is all that it takes. False where what answers is not to be trusted. */
  readonly isPassing: boolean
}

export type UpstreamAnswer = { readonly ok: true; readonly response: IncomingMessage } | NoAnswer

export interface Upstream {
  send(request: ForwardedRequest): Promise<UpstreamAnswer>
  close(): void
}

export interface UpstreamOptions {
  readonly url: URL
  readonly timeoutMs: number
  /** PEM of what signs its certificate. */
  readonly ca: string | undefined
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ENOTFOUND: 'has a host name that cannot be resolved',
  EAI_AGAIN: 'has a host name that cannot be resolved right now',
  ECONNRESET: 'broke off the connection',
  EPIPE: 'broke off the connection',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  EPROTO: 'does not speak TLS there',
}

const LATE = new Set(['ETIMEDOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT'])
const CERTIFICATE = /CERT|ISSUER|SELF_SIGNED|VERIFY/
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

export function createUpstream({ url, timeoutMs, ca }: UpstreamOptions): Upstream {
  const isSecure = url.protocol === 'https:'
  const agent = isSecure ? new HttpsAgent({ keepAlive: true, ca }) : new HttpAgent({ keepAlive: true })
  const name = url.origin

  const open = (options: RequestOptions): ClientRequest =>
    isSecure ? httpsRequest(url, { ...options, agent }) : httpRequest(url, { ...options, agent })

  const attempt = (forwarded: ForwardedRequest): Promise<UpstreamAnswer | 'stale'> =>
    new Promise((resolve) => {
      const { method, target, headers, bytes, rest, signal } = forwarded
      const request = open({ method, path: target, headers, signal, setHost: false })
      const timer = setTimeout(() => {
        resolve(late(name, timeoutMs))
        request.destroy()
      }, timeoutMs)
      request.once('response', (response) => {
        clearTimeout(timer)
        // A body that stops coming is broken off, and its client is told by the end of the connection.
        response.setTimeout(timeoutMs, () => response.destroy(new Error('The upstream stopped sending')))
        resolve({ ok: true, response })
      })
      request.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer)
        // A kept connection may be closed by its other end at any moment: then nothing has been done yet.
        const isStale = request.reusedSocket && error.code === 'ECONNRESET' && rest === undefined
        resolve(isStale && REPEATABLE.has(method) ? 'stale' : failed(name, error))
      })
      if (rest === undefined) request.end(bytes)
      else {
        request.write(bytes)
        rest.once('error', (error) => request.destroy(error))
        rest.pipe(request)
      }
    })

  return {
    async send(forwarded) {
      const first = await attempt(forwarded)
      if (first !== 'stale') return first
      const second = await attempt({ ...forwarded, headers: { ...forwarded.headers, connection: 'close' } })
      return second === 'stale' ? failed(name, { code: 'ECONNRESET', message: '' }) : second
    },
    close: () => agent.destroy(),
  }
}

const late = (name: string, ms: number): NoAnswer => ({
  ok: false,
  status: 504,
  message: `The upstream ${name} did not answer within ${ms} ms; --upstream-timeout (proxy.timeoutMs) waits longer`,
  isPassing: true,
})

function failed(
  name: string,
  { code = '', message }: Pick<NodeJS.ErrnoException, 'code' | 'message'>,
): NoAnswer {
  const isDistrusted = CERTIFICATE.test(code)
  const reason = isDistrusted
    ? `has a certificate that is not trusted; --upstream-ca FILE (proxy.ca) names what signs it`
    : (REASONS[code] ?? `gave no valid answer: ${message}`)
  return {
    ok: false,
    status: LATE.has(code) ? 504 : 502,
    message: `The upstream ${name} ${reason}${code === '' ? '' : ` (${code})`}`,
    isPassing: !isDistrusted,
  }
}
