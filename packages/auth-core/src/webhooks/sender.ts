// Posts a webhook: one attempt, bounded in time and in what is read of the answer. Redirects are answers like any other.

import { setMaxListeners } from 'node:events'
import { Agent as HttpAgent, request as requestByHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestByHttps } from 'node:https'
import { checkOptions, having, type OptionTable, required, text, wholeNumber } from '@gosend/options'
import { clearTimeout, setTimeout } from '../clocks.js'
import { UnreachableError, type WebhookTargets } from './targets.js'

/** The status of the answer, or why there was none. */
export type SendOutcome = { readonly status: number } | { readonly error: string }

export type WebhookSender = (
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
) => Promise<SendOutcome>

export interface WebhookSenderOptions {
  readonly targets: WebhookTargets
  readonly userAgent: string
  /** How long an answer may take. Default 10 seconds. */
  readonly timeoutMs?: number | undefined
}

const optionTable: OptionTable<WebhookSenderOptions> = {
  targets: required(having(['refuse', 'lookup'], 'pass what createWebhookTargets() returned')),
  userAgent: required(text),
  timeoutMs: wholeNumber(),
}

/** More of an answer is not read: its status is all that counts. */
const MAX_ANSWER_BYTES = 65_536

/** Posts over connections that are kept open between deliveries. Rejects only when the signal aborts. */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { targets, userAgent, timeoutMs = 10_000 } = checkOptions(optionTable, options)
  const kept = { keepAlive: true, timeout: 2 * timeoutMs, maxFreeSockets: 64 }
  const ways = {
    'http:': { request: requestByHttp, agent: new HttpAgent(kept) },
    'https:': { request: requestByHttps, agent: new HttpsAgent(kept) },
  } as const

  return (address, headers, body, signal) => {
    const url = new URL(address)
    const refused = targets.refuse(url)
    if (refused !== undefined) return Promise.resolve({ error: refused })
    // Everything that is being sent may hang on one signal: that of the process's end.
    setMaxListeners(0, signal)
    const { request, agent } = url.protocol === 'https:' ? ways['https:'] : ways['http:']
    return new Promise((resolve, reject) => {
      let status: number | undefined
      let timer: NodeJS.Timeout | undefined
      const finish = (outcome: SendOutcome): void => {
        clearTimeout(timer)
        resolve(outcome)
      }
      const attempt = (): void => {
        const sent = request({
          ...{ method: 'POST', agent, signal, lookup: targets.lookup },
          hostname: url.hostname.replace(/^\[|\]$/g, ''),
          port: url.port,
          path: `${url.pathname}${url.search}`,
          headers: {
            ...headers,
            'user-agent': userAgent,
            'content-length': Buffer.byteLength(body),
          },
        })
        sent.on('response', (response) => {
          status = response.statusCode ?? 0
          const answered: SendOutcome = { status }
          let bytes = 0
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length
            if (bytes > MAX_ANSWER_BYTES) response.destroy()
          })
          response.on('close', () => finish(answered))
          response.on('error', () => {})
        })
        sent.on('error', (error: NodeJS.ErrnoException) => {
          // The receiver closed a kept connection at the very moment when it was used again.
          if (sent.reusedSocket && error.code === 'ECONNRESET' && status === undefined) return attempt()
          if (!signal.aborted) return finish(status === undefined ? { error: phrase(error) } : { status })
          clearTimeout(timer)
          reject(error)
        })
        clearTimeout(timer)
        timer = setTimeout(() => sent.destroy(new TimedOutError(timeoutMs)), timeoutMs)
        sent.end(body)
      }
      attempt()
    })
  }
}

class TimedOutError extends Error {
  constructor(timeoutMs: number) {
    super(`The address did not answer within ${timeoutMs / 1000} seconds`)
  }
}

const PHRASES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The address refused the connection',
  ECONNRESET: 'The connection was closed before there was an answer',
  ENOTFOUND: 'The host name is not known',
  EAI_AGAIN: 'The host name could not be resolved',
}

function phrase(error: NodeJS.ErrnoException): string {
  if (error instanceof TimedOutError || error instanceof UnreachableError) return error.message
  return PHRASES[error.code ?? ''] ?? `The address could not be posted to (${error.code ?? 'unknown'})`
}
