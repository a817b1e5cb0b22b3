// The wire contract: what a refused request is answered with, whichever server it came to. One table from reason to
// status, one writer for every error body.

import { STATUS_CODES } from 'node:http'
import { OptionError } from '@gosend/options'
import type { ApiKeysErrorCode } from '../errors.js'
import type { LimitReason } from '../limits.js'
import type { RefusalReason } from '../verifier.js'

/** The error codes that mean that the store, the verifier or a function of the host failed, not the caller. */
export type ServerError = Extract<
  ApiKeysErrorCode,
  `store_${string}` | `verifier_${string}` | 'callback_failed'
>

/**
 * Why a request was refused. Beyond the core's reasons, those of its limits, and error codes:
 *
 * | reason | meaning |
 * |---|---|
 * | `missing` | the request holds no key |
 * | `ambiguous` | the request holds keys in several places |
 * | `untrusted_proxy` | the key has an allowlist, and the server's proxy setting lets the client choose its address |
 * | `unexpected` | something threw that is not an ApiKeysError; see `error` |
 */
export type FailureReason =
  | RefusalReason
  | LimitReason
  | ServerError
  | 'missing'
  | 'ambiguous'
  | 'untrusted_proxy'
  | 'unexpected'

/** A status and a message, which are the body of an error, with a code where one status has several meanings. */
export interface ErrorAnswer {
  readonly status: number
  readonly message: string
  /** Which of several errors with the same status it is; in the body too. */
  readonly code?: 'conflict' | 'idempotency_conflict' | 'key_limit_reached' | undefined
  /** Seconds, sent as `Retry-After`; in the body too when the status is 429. */
  readonly retryAfterSeconds?: number | undefined
}

export const unauthorized: ErrorAnswer = { status: 401, message: 'Invalid or missing API key' }
export const unavailable: ErrorAnswer = {
  status: 503,
  message: 'The service cannot answer right now; try again in a moment',
  retryAfterSeconds: 1,
}
const wrongAddress: ErrorAnswer = { status: 403, message: 'This API key may not be used from this address' }

const answers: Readonly<Record<FailureReason, ErrorAnswer>> = {
  missing: unauthorized,
  ambiguous: unauthorized,
  malformed: unauthorized,
  unknown: unauthorized,
  mismatch: unauthorized,
  revoked: unauthorized,
  disabled: unauthorized,
  expired: unauthorized,
  idle: unauthorized,
  wrong_environment: unauthorized,
  project_inactive: unauthorized,
  ip_not_allowed: wrongAddress,
  untrusted_proxy: wrongAddress,
  missing_scope: { status: 403, message: 'This API key lacks a scope that this request needs' },
  rate_exceeded: { status: 429, message: 'Rate limit exceeded for API key' },
  project_rate_exceeded: { status: 429, message: 'Rate limit of the project exceeded' },
  owner_rate_exceeded: { status: 429, message: 'Rate limit of the owner exceeded' },
  credits_exhausted: { status: 429, message: 'Credits of the API key are used up' },
  quota_exhausted: { status: 429, message: 'Monthly quota of the project is used up' },
  limits_unavailable: unavailable,
  store_unavailable: unavailable,
  store_corrupt: unavailable,
  verifier_overloaded: unavailable,
  verifier_failed: unavailable,
  callback_failed: unavailable,
  unexpected: unavailable,
}

/** What the holder of a right key can be told, where the host says so. */
export type DisclosedReason = Extract<
  FailureReason,
  'expired' | 'idle' | 'disabled' | 'revoked' | 'missing_scope'
>

const disclosures: Readonly<Partial<Record<FailureReason, string>>> = {
  expired: 'This API key has expired',
  idle: 'This API key was not used for too long',
  disabled: 'This API key is disabled',
  revoked: 'This API key has been revoked',
  missing_scope: 'This API key lacks a scope that this request needs:',
} satisfies Record<DisclosedReason, string>

/** The answer that says why. */
export function disclosingAnswerTo(reason: FailureReason, scopes: readonly string[] = []): ErrorAnswer {
  const answer = answerTo(reason)
  return { ...answer, message: [disclosures[reason] ?? answer.message, ...scopes].join(' ') }
}

/** @param retryAfterSeconds what the limits say, when it was they who refused. */
export function answerTo(reason: FailureReason, retryAfterSeconds?: number): ErrorAnswer {
  if (typeof reason !== 'string' || !Object.hasOwn(answers, reason)) {
    throw new OptionError('reason', 'must be one why requests are refused')
  }
  const answer = answers[reason]
  return retryAfterSeconds === undefined ? answer : { ...answer, retryAfterSeconds }
}

/** Whether an error code means that something failed on this side, not the caller. */
export function isServerError(code: ApiKeysErrorCode): code is ServerError {
  return code in answers
}

/**
 * The value of `WWW-Authenticate` (RFC 9110, section 11.6.1).
 *
 * @throws TypeError when the realm is not visible ASCII and spaces.
 */
export function challengeOf(realm: string, scheme = 'ApiKey'): string {
  for (const [name, value] of Object.entries({ realm, scheme })) {
    if (typeof value !== 'string' || !/^[\x20-\x7e]*$/.test(value)) {
      throw new OptionError(name, 'must be printable ASCII')
    }
  }
  return `${scheme} realm="${realm.replace(/["\\]/g, '\\$&')}"`
}

/** What of a request decides how an error is written. */
export interface ErrorRequest {
  /** The path, with or without its query: only the path is ever repeated. */
  readonly url: string
  /** The value of `Accept`. */
  readonly accept?: string | null | undefined
}

export interface ErrorMessage {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Not to be sent in answer to HEAD, whose headers are the same. */
  readonly body: string
}

const PROBLEM = 'application/problem+json'

/**
 * An error as it goes over the wire: Nest's shape, or RFC 9457 for a client that asks for `application/problem+json`.
 *
 * @param challenge the value of `WWW-Authenticate`; every 401 needs one (RFC 9110, section 15.5.2).
 */
export function writeError(request: ErrorRequest, answer: ErrorAnswer, challenge?: string): ErrorMessage {
  if (typeof request?.url !== 'string') throw new OptionError('request.url', 'must be a string')
  if (!Number.isInteger(answer?.status)) throw new OptionError('answer.status', 'must be that of a response')
  const isProblem = asksForProblem(request.accept)
  const body = JSON.stringify(isProblem ? problemOf(request, answer) : bodyOf(answer))
  return {
    status: answer.status,
    headers: {
      'Content-Type': isProblem ? PROBLEM : 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(body)),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...(challenge !== undefined && { 'WWW-Authenticate': challenge }),
      ...(answer.retryAfterSeconds !== undefined && { 'Retry-After': String(answer.retryAfterSeconds) }),
    },
    body,
  }
}

function bodyOf({ status, message, code, retryAfterSeconds }: ErrorAnswer): object {
  return {
    statusCode: status,
    message,
    error: STATUS_CODES[status],
    ...(code !== undefined && { code }),
    ...(status === 429 && { retry_after_seconds: retryAfterSeconds }),
  }
}

// RFC 9457, section 3.1. The query stays out of `instance`: that is where misplaced keys turn up.
function problemOf({ url }: ErrorRequest, { status, message, code, retryAfterSeconds }: ErrorAnswer): object {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: message,
    instance: url.replace(/\?.*$/s, ''),
    ...(code !== undefined && { code }),
    ...(status === 429 && { retry_after_seconds: retryAfterSeconds }),
  }
}

/** Only a client that names the type gets it: a wildcard is no sign that it knows the format. */
function asksForProblem(accept: string | null | undefined): boolean {
  if (typeof accept !== 'string' || !/problem\+json/i.test(accept)) return false
  return accept.split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    return type === PROBLEM && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
  })
}
