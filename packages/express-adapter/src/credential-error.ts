// A failed credential on its way through Express, and which one to report when a request failed several schemes: tsoa tries
// them at the same time and reports whichever failed last, so that an outage could be answered as a missing credential.

import type { Awaitable } from '@gosend/auth-core'
import { answerTo, type FailureEvent, type GateRefusal } from '@gosend/auth-core/http'
import { shared, shareInstances } from '@gosend/options'
import type { Request, Response } from 'express'
import { addGateHeaders, sendMessage } from './express-gate.js'

/** A failed credential, rendered by `apiKeyErrorHandler()`. Holds no part of the secret. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError'
  readonly status: number
  readonly event: FailureEvent
  readonly #refusal: GateRefusal

  constructor(refusal: GateRefusal) {
    super(answerTo(refusal.failure.reason).message)
    this.status = refusal.message.status
    this.event = refusal.failure
    this.#refusal = refusal
  }

  send(request: Request, response: Response): void {
    addGateHeaders(response, this.#refusal.headers)
    sendMessage(request, response, this.#refusal.message)
  }
}

shareInstances(CredentialError, '@gosend/express-adapter CredentialError')

/** What one scheme says of a request: the user that tsoa is to know it by, or why it failed. */
export type SchemeResult =
  | { readonly ok: true; readonly user: unknown }
  | { readonly ok: false; readonly error: unknown }

/** The schemes that a request has been tried against. */
interface Attempts {
  readonly results: Awaitable<SchemeResult>[]
  readonly userBefore: unknown
}

const attemptsOn = shared('@gosend/express-adapter attempts', () => new WeakMap<Request, Attempts>())

/**
 * Settles as the result does, but rejects with the gravest failure of all schemes that this request has been tried against
 * by then, once none of them is pending.
 *
 * @param result must not reject.
 */
export async function settle(request: Request, result: Awaitable<SchemeResult>): Promise<unknown> {
  let attempts = attemptsOn.get(request)
  if (attempts === undefined) {
    attempts = { results: [], userBefore: userOf(request) }
    attemptsOn.set(request, attempts)
  }
  attempts.results.push(result)
  const settled = await result
  if (settled.ok) return settled.user
  throw await gravestOf(attempts, settled.error)
}

/** What a request has failed with, when a scheme has reported `error`: that, or a failure that is graver. */
export async function gravestFailure(error: unknown, request: Request): Promise<unknown> {
  const attempts = attemptsOn.get(request)
  if (attempts === undefined) return error
  const isScheme = error instanceof CredentialError || isReportedByTsoa(error)
  return isScheme && !isAuthenticated(request, attempts) ? gravestOf(attempts, error) : error
}

async function gravestOf({ results }: Attempts, error: unknown): Promise<unknown> {
  const settled = await Promise.all(results)
  const failures = settled.flatMap((result) => (result.ok ? [] : [result.error]))
  return [error, ...failures].toSorted((a, b) => gravityOf(b) - gravityOf(a))[0]
}

/** 503, 429, 403, 401. Of two that are alike, what became of a key says more than what the host says, and that more than a
 * key that is missing. */
function gravityOf(error: unknown): number {
  if (error instanceof CredentialError)
    return error.event.reason === 'missing' ? error.status : error.status + 0.5
  const { status } = Object(error) as { status?: unknown }
  // As tsoa has it.
  return (typeof status === 'number' ? status : 401) + 0.25
}

/** tsoa gives the failure of a scheme that it reports a status, where it has none. */
function isReportedByTsoa(error: unknown): boolean {
  const { status } = Object(error) as { status?: unknown }
  return status === 401 || status === 403 || status === 429
}

const ABSENT = Symbol('absent')

function userOf(request: Request): unknown {
  return 'user' in request ? request.user : ABSENT
}

/** Whether an alternative succeeded: only then does tsoa set `request.user`, and what fails later is the route itself. */
function isAuthenticated(request: Request, { userBefore }: Attempts): boolean {
  return userOf(request) !== userBefore
}
