// Why a gate refuses a request, for the host's logs: one event for each cause.

import type { ApiKey } from '../api-key.js'
import { ApiKeysError } from '../errors.js'
import type { RateLimitRefusal } from '../limits.js'
import type { VerificationRefusal } from '../verifier.js'
import { answerTo, type FailureReason, isServerError } from './answers.js'

/** Why a request was refused, for logs and metrics. Holds no part of the secret. */
export interface FailureEvent {
  readonly reason: FailureReason
  /** The id of the key in question, once the key is well formed: safe to log. */
  readonly keyId: string | null
  /** The status that the client gets. */
  readonly status: number
  /** What was thrown, when the status is 503. */
  readonly error?: unknown
  /** When another attempt makes sense, when it was a limit that refused. */
  readonly retryAfterSeconds?: number
  /** What the key lacks, when the reason is `missing_scope`; of several alternatives, the one that lacks the fewest. */
  readonly missingScopes?: readonly string[]
}

export function failure(reason: FailureReason, keyId: string | null, error?: unknown): FailureEvent {
  const { status } = answerTo(reason)
  return { reason, keyId, status, ...(error !== undefined && { error }) }
}

export function limitFailure(
  { reason, retryAfterSeconds, error }: RateLimitRefusal,
  { id }: ApiKey,
): FailureEvent {
  return { ...failure(reason, id, error), retryAfterSeconds }
}

export function verificationFailure(
  reason: FailureReason,
  { keyId, missingScopes }: VerificationRefusal,
): FailureEvent {
  return { ...failure(reason, keyId), ...(missingScopes && { missingScopes }) }
}

/** What was thrown, instead of decided. */
export function serverFailure(error: unknown): FailureEvent {
  const reason = error instanceof ApiKeysError && isServerError(error.code) ? error.code : 'unexpected'
  return failure(reason, null, error)
}
