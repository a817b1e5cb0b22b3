// Sends a webhook: one attempt, with a limit on its time and on what is read of the answer. It does not follow redirects.

import { setMaxListeners } from 'node:events'
import { type ClientRequest, Agent as HttpAgent, request as requestByHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestByHttps } from 'node:https'
import { checkOptions, delayMs, having, type OptionTable, required, text, wholeNumber } from '@gosend/options'
import { clearTimeout, setTimeout } from '../clocks.js'
import { UnreachableError, type WebhookTargets } from './targets.js'

/** The status of the answer, with the beginning of its body where that is kept; or why there was none. */
export type SendOutcome =
  | { readonly status: number; readonly body?: string | undefined }
  | { readonly error: string }

export type WebhookSender = (
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
  /** Default `POST`. */
  method?: string,
) => Promise<SendOutcome>

export interface WebhookSenderOptions {
  readonly targets: WebhookTargets
  readonly userAgent: string
  /** How long an answer may take. Default 10 seconds. */
  readonly timeoutMs?: number | undefined
  /** How many bytes of an answer's body are kept with its status, at most 65,536. Default 0. */
  readonly keptBytes?: number | undefined
}

const optionTable: OptionTable<WebhookSenderOptions> = {
  targets: required(having(['refuse', 'lookup'], 'pass what createWebhookTargets() returned')),
  userAgent: required(text),
  timeoutMs: delayMs(),
  keptBytes: wholeNumber(0, 65_536),
}

/** The rest of an answer is not read: it decides nothing. */
const MAX_ANSWER_BYTES = 65_536

/** Sends over connections that are kept open between deliveries. Rejects only when the signal aborts. */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { targets, userAgent, timeoutMs = 10_000, keptBytes = 0 } = checkOptions(optionTable, options)
  const kept = { keepAlive: true, timeout: 2 * timeoutMs, maxFreeSockets: 64 }
  const ways = {
    'http:': { request: requestByHttp, agent: new HttpAgent(kept) },
    'https:': { request: requestByHttps, agent: new HttpsAgent(kept) },
  } as const

  return (address, headers, body, signal, method = 'POST') => {
    const url = new URL(address)
    const refused = targets.refuse(url)
    if (refused !== undefined) return Promise.resolve({ error: refused })
    // All deliveries may share one signal, such as that of the process's end.
    setMaxListeners(0, signal)
    const { request, agent } = url.protocol === 'https:' ? ways['https:'] : ways['http:']
    const open = (): ClientRequest =>
      request({
        ...{ method, agent, signal, lookup: targets.lookup },
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path: `${url.pathname}${url.search}`,
        headers: {
          ...headers,
          'user-agent': userAgent,
          'content-length': Buffer.byteLength(body),
        },
      })
    return post(open, body, signal, { timeoutMs, keptBytes })
  }
}

function post(
  open: () => ClientRequest,
  body: string,
  signal: AbortSignal,
  limits: { readonly timeoutMs: number; readonly keptBytes: number },
): Promise<SendOutcome> {
  const { timeoutMs, keptBytes } = limits
  return new Promise((resolve, reject) => {
    let answer: { readonly status: number } | undefined
    const sent = open()
    const timer = setTimeout(() => sent.destroy(new TimedOutError(timeoutMs)), timeoutMs)
    const finish = (outcome: SendOutcome | Promise<SendOutcome>): void => {
      clearTimeout(timer)
      resolve(outcome)
    }
    sent.on('response', (response) => {
      const answered = { status: response.statusCode ?? 0 }
      answer = answered
      let bytes = 0
      const kept: Buffer[] = []
      response.on('data', (chunk: Buffer) => {
        if (bytes < keptBytes) kept.push(chunk.subarray(0, keptBytes - bytes))
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) response.destroy()
      })
      response.on('close', () =>
        finish(keptBytes === 0 ? answered : { ...answered, body: Buffer.concat(kept).toString('utf8') }),
      )
      response.on('error', () => {})
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The receiver closed a kept connection at the moment when it was used again.
      const wasClosed = sent.reusedSocket && error.code === 'ECONNRESET' && answer === undefined
      if (wasClosed) return finish(post(open, body, signal, limits))
      if (!signal.aborted) return finish(answer ?? { error: phrase(error) })
      clearTimeout(timer)
      reject(error)
    })
    sent.end(body)
  })
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
