// What every server does with a request: judge the key, tell the host, and write the answer to a refusal. It knows
// requests only by what a server hands it.

import { callback, checkOptions, having, type OptionTable, text } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import type { ApiKeys } from '../api-keys.js'
import { ApiKeysError } from '../errors.js'
import type { Limits, Refused } from '../limits.js'
import { type Demands, demandOptions, type VerifyContext } from '../verifier.js'
import {
  answerTo,
  challengeOf,
  type ErrorMessage,
  type ErrorRequest,
  type FailureReason,
  isTrouble,
  writeError,
} from './answers.js'
import { createExposureWatch, type Exposure } from './exposure.js'
import { limitFieldsOf, takeOnce } from './limit-gate.js'
import { createPace } from './pace.js'

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
}

export interface GateOptions<Request> {
  /** Only keys of this environment; others get the 401 of an invalid key. Default: any. */
  readonly environment?: string | undefined
  /** All of these scopes; a key without one of them gets 403. Default: none. */
  readonly scopes?: readonly string[] | undefined
  /** What `createLimits()` returned. A request is counted once, however many guards with the same limits it comes by. */
  readonly limits?: Limits | undefined
  /** Named in the challenge of a 401. Default `api`. */
  readonly realm?: string | undefined
  /** Told of every refusal. What it throws or rejects with is dropped: it cannot change the answer. */
  readonly onFailure?: ((event: FailureEvent, request: Request) => unknown) | undefined
  /** Told of every admission. What it throws or rejects with is dropped. */
  readonly onSuccess?: ((record: ApiKey, request: Request) => unknown) | undefined
  /**
   * Told when a browser sends a key of another environment than the sandbox, once per key, day and process: whoever sees
   * the page has the key. The request is judged as any other. What it throws or rejects with is dropped.
   */
  readonly onExposure?: ((exposure: Exposure, request: Request) => unknown) | undefined
}

export const gateOptions = <Request>(): OptionTable<GateOptions<Request>> => ({
  ...demandOptions,
  limits: having(['take'], 'pass what createLimits() returned'),
  realm: text,
  onFailure: callback(),
  onSuccess: callback(),
  onExposure: callback(),
})

/** What all hosts are given first. */
export const keySet = having<ApiKeys>(['verify'], 'pass what createApiKeys() returned')

/** In place of an address: the server's proxy setting lets every client choose its own. */
export const untrustedProxy = Symbol('untrusted proxy')

/** What a server tells of a request. */
export interface Arrival<Request> extends Pick<ErrorRequest, 'url'>, Pick<VerifyContext, 'countedId'> {
  /** The value of a field by its name in lower case, repeated ones joined; undefined or null when there is none. */
  readonly header: (name: string) => string | null | undefined
  /** The client's address, where it is known. Called only for keys with an allowlist. */
  readonly clientIp: () => string | undefined | typeof untrustedProxy
  /** The server's own object, for the hooks. */
  readonly request: Request
}

export type Passage =
  | {
      readonly ok: true
      readonly record: ApiKey
      /** Fields to be added to the answer: `Vary`, and how the limits stand. */
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly ok: false; readonly message: ErrorMessage }

/** Judges a request. Neither throws nor rejects. */
export type Gate<Request> = (arrival: Arrival<Request>) => Promise<Passage>

/**
 * A gate over a key set, for servers of your own: `fetch.ts` and `fastify.ts` show how.
 *
 * @throws TypeError when an option is wrong.
 */
export function createGate<Request extends object>(
  apiKeys: ApiKeys,
  given: GateOptions<Request> = {},
): Gate<Request> {
  keySet(apiKeys, 'apiKeys')
  const options = checkOptions(gateOptions<Request>(), given)
  const { realm = 'api', onFailure, onSuccess, onExposure } = options
  const demands = checkDemands(apiKeys, options)
  const { limits } = options
  const challenge = challengeOf(realm)
  const pace = createPace()
  const watch =
    onExposure && createExposureWatch<Request>((exposure, request) => tell(onExposure, exposure, request))

  async function judge(arrival: Arrival<Request>): Promise<ApiKey | FailureEvent> {
    const { countedId } = arrival
    const presented = arrival.header('x-api-key')
    if (presented === undefined || presented === null) return failure('missing', null)
    let isUntrusted = false
    const context: VerifyContext = {
      ...demands,
      countedId,
      get ip() {
        const ip = arrival.clientIp()
        isUntrusted = ip === untrustedProxy
        return ip === untrustedProxy ? undefined : ip
      },
    }
    try {
      const verification = await apiKeys.verify(presented, context)
      if (verification.ok) return verification.record
      return failure(isUntrusted ? 'untrusted_proxy' : verification.reason, verification.keyId)
    } catch (error) {
      return trouble(error)
    }
  }

  return async (arrival) => {
    const { request } = arrival
    const judgement = await judge(arrival)
    if ('reason' in judgement) return refuse(arrival, judgement, { Vary: VARY })
    const allowance = await (limits && takeOnce(limits, request, judgement))
    const headers = { Vary: VARY, ...(allowance && limitFieldsOf(allowance)) }
    if (allowance?.ok === false) return refuse(arrival, limitFailure(allowance, judgement), headers)
    if (onSuccess !== undefined) tell(onSuccess, judgement, request)
    if (watch !== undefined) watch(judgement, arrival.header, request)
    return { ok: true, record: judgement, headers }
  }

  async function refuse(
    arrival: Arrival<Request>,
    event: FailureEvent,
    fields: Readonly<Record<string, string>>,
  ): Promise<Passage> {
    if (onFailure !== undefined) tell(onFailure, event, arrival.request)
    const answer = answerTo(event.reason, event.retryAfterSeconds)
    const isUnauthorized = answer.status === 401
    if (isUnauthorized) await new Promise<void>(pace)
    const errorRequest = { url: arrival.url, accept: arrival.header('accept') }
    const { headers, ...message } = writeError(errorRequest, answer, isUnauthorized ? challenge : undefined)
    return { ok: false, message: { ...message, headers: { ...headers, ...fields } } }
  }
}

/** Sent with every answer to a request with a key: caches must know that it is for this key (RFC 9110, section 12.5.5). */
export const VARY = 'X-API-Key'

export function failure(reason: FailureReason, keyId: string | null, error?: unknown): FailureEvent {
  const { status } = answerTo(reason)
  return { reason, keyId, status, ...(error !== undefined && { error }) }
}

/** What is to be said of a key that has reached a limit. */
export function limitFailure(refused: Refused, { id }: ApiKey): FailureEvent {
  const { reason, retryAfterSeconds, error } = refused
  return { ...failure(reason, id, error), retryAfterSeconds }
}

/** What is to be said of a verification that threw. */
export function trouble(error: unknown): FailureEvent {
  const reason = error instanceof ApiKeysError && isTrouble(error.code) ? error.code : 'unexpected'
  return failure(reason, null, error)
}

/** @throws TypeError when the environment is not one of the key set's. */
export function checkDemands(apiKeys: ApiKeys, { environment, scopes }: Demands): Demands {
  if (environment !== undefined && !apiKeys.environments.some((known) => known === environment)) {
    throw new TypeError(`environment: must be one of ${apiKeys.environments.join(', ')}`)
  }
  return { environment, scopes }
}

/** Calls a hook of the host, which can neither delay nor break the answer. */
export function tell<Event, Request>(
  hook: (event: Event, request: Request) => unknown,
  event: Event,
  request: Request,
): void {
  try {
    Promise.resolve(hook(event, request)).catch(() => {})
  } catch {}
}
