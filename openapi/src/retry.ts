// Sends a request again when that may help and cannot do anything twice, and gives up at a deadline.
// It knows HTTP and nothing of any API.

import { setTimeout as wait } from 'node:timers/promises'
import { having, type OptionTable, wholeNumber } from '@gosend/options'

/** Takes the place of the global `fetch`, for instance for a proxy. Its request carries the key. */
export type Fetch = (request: Request) => Promise<Response>

/** The time that retries go by. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after some milliseconds; rejects with the signal's reason as soon as that is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export interface RetryOptions {
  /** How often a request may be sent again; 2 unless given. */
  readonly maxRetries?: number | undefined
  /** How many milliseconds a call may take, retries and the reading of the answer included; 30,000 unless given. */
  readonly timeoutMs?: number | undefined
  /** Takes the place of the system's clock between retries. */
  readonly clock?: Clock | undefined
}

/** More than this and a timer fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export const retryOptions: OptionTable<RetryOptions> = {
  maxRetries: wholeNumber(0),
  timeoutMs: wholeNumber(1, LONGEST_TIMEOUT_MS),
  clock: having(['now', 'sleep'], 'pass a clock with now and sleep'),
}

const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 8_000
/** RFC 9110, section 9.2.2: repeating these has the effect of sending them once. */
const IDEMPOTENT_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

const systemClock: Clock = {
  now: Date.now,
  async sleep(milliseconds, signal) {
    await wait(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted())
  },
}

/**
 * A `fetch` that retries. Anything is sent again after `429`. After a `5xx`, a failed connection, or a `409` with
 * `Retry-After`, only what is safe to repeat is: an idempotent method, or a request with an `Idempotency-Key`.
 */
export function withRetries(fetch: Fetch, options: RetryOptions): Fetch {
  const { maxRetries = 2, timeoutMs = 30_000, clock = systemClock } = options

  return async (request) => {
    const deadline = startDeadline(timeoutMs, request)
    const end = clock.now() + timeoutMs
    try {
      for (let retries = 0; ; retries++) {
        const isLast = retries >= maxRetries
        // A body can be read once, so every attempt but the last works on a copy.
        const attempt = new Request(isLast ? request : request.clone(), { signal: deadline.signal })
        const outcome = await Promise.race([readAnswer(fetch, attempt), deadline.passed])
        const mayRepeat = !isLast && isWorthRepeating(request, outcome)
        const pause = mayRepeat ? pauseAfter(outcome, retries, clock) : Infinity
        if (clock.now() + pause >= end) return responseOf(outcome)
        await clock.sleep(pause, deadline.signal)
      }
    } finally {
      deadline.stop()
    }
  }
}

/**
 * What `AbortSignal.any` over `AbortSignal.timeout` would be, if Node 20 did not lose those to the garbage collector. It
 * loses the request's own signal, too, once nobody holds the request, and then `fetch` never hears of an abort; so
 * `passed`, which rejects, is what a call goes by.
 */
function startDeadline(timeoutMs: number, request: Request) {
  const controller = new AbortController()
  const { signal } = controller
  const expire = () => controller.abort(new DOMException(`No answer within ${timeoutMs} ms`, 'TimeoutError'))
  const follow = () => controller.abort(request.signal.reason)
  const timer = setTimeout(expire, timeoutMs)
  request.signal.addEventListener('abort', follow)
  const passed = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
  // It may reject while nobody waits for it.
  passed.catch(() => {})
  if (request.signal.aborted) follow()
  const stop = () => {
    clearTimeout(timer)
    request.signal.removeEventListener('abort', follow)
  }
  return { signal, passed, stop }
}

type Outcome = { readonly response: Response } | { readonly failure: unknown }

/** An answer counts once it is read to its end: a connection can break, or fall silent, in the middle of one. */
async function readAnswer(fetch: Fetch, request: Request): Promise<Outcome> {
  try {
    const response = await fetch(request)
    const { status, statusText, headers } = response
    const body = response.body && (await response.arrayBuffer())
    return { response: new Response(body, { status, statusText, headers }) }
  } catch (failure) {
    return { failure }
  }
}

/** @throws the failure, if there is no response. */
function responseOf(outcome: Outcome): Response {
  if ('failure' in outcome) throw outcome.failure
  return outcome.response
}

function isWorthRepeating(request: Request, outcome: Outcome): boolean {
  const isSafe = IDEMPOTENT_METHODS.has(request.method) || request.headers.has('Idempotency-Key')
  if ('failure' in outcome) return isSafe && isConnectionFailure(outcome.failure)
  const { status, headers } = outcome.response
  return status === 429 || (isSafe && (status >= 500 || (status === 409 && headers.has('Retry-After'))))
}

/** Systems and connections give their failures a code; an abort, a refused redirect or a bug has none of the kind. */
function isConnectionFailure(failure: unknown): boolean {
  const causes = [failure, failure instanceof Error ? failure.cause : undefined]
  return causes.some((cause) => cause instanceof Error && 'code' in cause && typeof cause.code === 'string')
}

/** Never sooner than the server asks for, and at random up to twice as long each time, so that clients spread out. */
function pauseAfter(outcome: Outcome, retries: number, clock: Clock): number {
  const backoff = Math.random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** retries)
  const asked = 'response' in outcome ? outcome.response.headers.get('Retry-After') : null
  return Math.max(backoff, readRetryAfter(asked ?? '', clock.now()))
}

/** RFC 9110, section 10.2.3: seconds or a date; 0 for anything else. */
function readRetryAfter(value: string, now: number): number {
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = value.endsWith('GMT') ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? 0 : date - now
}
