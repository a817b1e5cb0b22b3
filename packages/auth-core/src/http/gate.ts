// The gate that all servers share: it authenticates a request, notifies the host, and writes the answer to a refusal. It
// knows a request only by what the server hands it. A key that is verified synchronously passes without a promise.

import { callback, checkOptions, having, type OptionTable, text } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import type { ApiKeys } from '../api-keys.js'
import { type Awaitable, andThen, isPromise } from '../awaitable.js'
import { ApiKeysError } from '../errors.js'
import type { Limits, RateLimitRefusal } from '../limits.js'
import { type Requirements, requirementOptions, type Verification, type VerifyContext } from '../verifier.js'
import {
  answerTo,
  challengeOf,
  type ErrorMessage,
  type FailureReason,
  isServerError,
  writeError,
} from './answers.js'
import { type BrowserLeak, createBrowserLeakWatch } from './browser-leak.js'
import { consumeOnce, limitFieldsOf } from './limit-gate.js'
import { createRefusalThrottle } from './refusal-throttle.js'

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
  /** Called with every refusal. What it throws or rejects with is dropped: it cannot change the answer. */
  readonly onFailure?: ((event: FailureEvent, request: Request) => unknown) | undefined
  /** Called with the key of every accepted request. What it throws or rejects with is dropped. */
  readonly onSuccess?: ((record: ApiKey, request: Request) => unknown) | undefined
  /**
   * Called when a browser sends a key of another environment than the sandbox, once per key, day and process: anyone who
   * sees the page has the key. The request is treated as any other. What it throws or rejects with is dropped.
   */
  readonly onBrowserLeak?: ((leak: BrowserLeak, request: Request) => unknown) | undefined
}

export const gateOptions = <Request>(): OptionTable<GateOptions<Request>> => ({
  ...requirementOptions,
  limits: having(['consume'], 'pass what createLimits() returned'),
  realm: text,
  onFailure: callback(),
  onSuccess: callback(),
  onBrowserLeak: callback(),
})

/** What all hosts are given first. */
export const keySet = having<ApiKeys>(['verify'], 'pass what createApiKeys() returned')

/** In place of an address: the server's proxy setting lets every client choose its own. */
export const untrustedProxy = Symbol('untrusted proxy')

/** What a server tells the gate about a request. */
export interface GateRequest<Request> {
  /** The server's own object, for the hooks. Requests are told apart by it. */
  readonly request: Request
  /** The path, with or without its query: an error repeats the path only. */
  readonly url: string
  /** Scopes that this request needs, in place of those of the gate. */
  readonly scopes?: readonly string[] | undefined
  /** The value of a field by its name in lower case, repeated ones joined; undefined or null when there is none. */
  header(name: string): string | null | undefined
  /** The client's address, where it is known. Called only for keys with an allowlist. */
  clientIp(): string | undefined | typeof untrustedProxy
  /** The id of a key whose use was counted for this very request, by an earlier gate. */
  countedId?(): string | undefined
  /** Called with the record of a valid key, before the limits are asked. */
  accept?(record: ApiKey): void
}

export type GateResult = GateSuccess | GateRefusal

export interface GateSuccess {
  readonly ok: true
  readonly record: ApiKey
  /** To be added to the answer: `Vary`, and the state of the limits. */
  readonly headers: Readonly<Record<string, string>>
}

export interface GateRefusal {
  readonly ok: false
  readonly failure: FailureEvent
  /** The whole answer, but for `headers`. */
  readonly message: ErrorMessage
  /** To be added to the answer: `Vary`, and the state of the limits. */
  readonly headers: Readonly<Record<string, string>>
}

/** Authenticates a request. Neither throws nor rejects. */
export type Gate<Request> = (request: GateRequest<Request>) => Awaitable<GateResult>

/** Sent with every answer to a request with a key: caches must know that it is for this key (RFC 9110, section 12.5.5). */
export const VARY = 'X-API-Key'
const NO_LIMITS: GateSuccess['headers'] = Object.freeze({ Vary: VARY })

/**
 * A gate over a key set, for servers of your own: `fetch.ts` and `fastify.ts` show how. A request that passes several
 * gates is verified by each against what the store says then; its key's use is counted once, and so is the request by
 * all gates with the same limits.
 *
 * @throws TypeError when an option is wrong.
 */
export function createGate<Request extends object>(
  apiKeys: ApiKeys,
  given: GateOptions<Request> = {},
): Gate<Request> {
  keySet(apiKeys, 'apiKeys')
  const options = checkOptions(gateOptions<Request>(), given)
  const { realm = 'api', limits, onFailure, onSuccess, onBrowserLeak } = options
  const requirements = checkRequirements(apiKeys, options)
  const challenge = challengeOf(realm)
  const throttle = createRefusalThrottle()
  const watch =
    onBrowserLeak && createBrowserLeakWatch<Request>((leak, request) => notify(onBrowserLeak, leak, request))
  // Only for requests that have to wait: a note about every request would cost more than verifying it.
  const waiting = new WeakMap<Request, Promise<GateResult>>()

  const gate: Gate<Request> = (incoming) => {
    const earlier = waiting.get(incoming.request)
    if (earlier !== undefined) return earlier.then(() => gate(incoming))
    const result = andThen(verify(incoming), (verified) => conclude(incoming, verified))
    if (!isPromise(result)) return result
    const pending = result.finally(() => waiting.delete(incoming.request))
    waiting.set(incoming.request, pending)
    return pending
  }

  function verify(incoming: GateRequest<Request>): Awaitable<Verified> {
    const presented = incoming.header('x-api-key')
    if (presented === undefined || presented === null) return refused(failure('missing', null))
    const context = new VerificationContext(incoming, requirements)
    const verifiedBy = (verification: Verification): Verified => {
      if (verification.ok) return verification
      const reason = context.isAddressUntrusted ? 'untrusted_proxy' : verification.reason
      return refused(failure(reason, verification.keyId))
    }
    try {
      const verification = apiKeys.verify(presented, context)
      if (isPromise(verification)) return verification.then(verifiedBy, serverFailure)
      return verification.ok ? verification : verifiedBy(verification)
    } catch (error) {
      return serverFailure(error)
    }
  }

  function conclude(incoming: GateRequest<Request>, verified: Verified): Awaitable<GateResult> {
    if (!verified.ok) return refuse(incoming, verified.failure, NO_LIMITS)
    const { record } = verified
    incoming.accept?.(record)
    if (limits === undefined) return pass(incoming, record, NO_LIMITS)
    return andThen(consumeOnce(limits, incoming.request, record), (result) => {
      const headers = { Vary: VARY, ...limitFieldsOf(result) }
      return result.ok
        ? pass(incoming, record, headers)
        : refuse(incoming, limitFailure(result, record), headers)
    })
  }

  function pass(
    incoming: GateRequest<Request>,
    record: ApiKey,
    headers: GateSuccess['headers'],
  ): GateSuccess {
    if (onSuccess !== undefined) notify(onSuccess, record, incoming.request)
    if (watch !== undefined) watch(record, (name) => incoming.header(name), incoming.request)
    return { ok: true, record, headers }
  }

  function refuse(
    incoming: GateRequest<Request>,
    event: FailureEvent,
    headers: GateRefusal['headers'],
  ): Awaitable<GateRefusal> {
    if (onFailure !== undefined) notify(onFailure, event, incoming.request)
    const answer = answerTo(event.reason, event.retryAfterSeconds)
    const written = (): GateRefusal => {
      const about = { url: incoming.url, accept: incoming.header('accept') }
      const message = writeError(about, answer, answer.status === 401 ? challenge : undefined)
      return { ok: false, failure: event, message, headers }
    }
    return andThen(answer.status === 401 ? throttle() : undefined, written)
  }

  return gate
}

type Verified =
  | { readonly ok: true; readonly record: ApiKey }
  | { readonly ok: false; readonly failure: FailureEvent }

const refused = (failure: FailureEvent): Verified => ({ ok: false, failure })

const serverFailure = (error: unknown): Verified => {
  const reason = error instanceof ApiKeysError && isServerError(error.code) ? error.code : 'unexpected'
  return refused(failure(reason, null, error))
}

// A class, because an accessor in an object literal is defined anew on every request, which costs more than the rest.
class VerificationContext<Request> implements VerifyContext {
  readonly environment: string | undefined
  readonly scopes: readonly string[] | undefined
  readonly countedId: string | undefined
  readonly #request: GateRequest<Request>
  #isAddressUntrusted = false

  constructor(request: GateRequest<Request>, { environment, scopes }: Requirements) {
    this.#request = request
    this.environment = environment
    this.scopes = request.scopes ?? scopes
    this.countedId = request.countedId?.()
  }

  // Behind an accessor, because the core takes every own property for an option.
  get isAddressUntrusted(): boolean {
    return this.#isAddressUntrusted
  }

  /** Read by the core only when the key has an allowlist. */
  get ip(): string | undefined {
    const ip = this.#request.clientIp()
    this.#isAddressUntrusted = ip === untrustedProxy
    return ip === untrustedProxy ? undefined : ip
  }
}

function failure(reason: FailureReason, keyId: string | null, error?: unknown): FailureEvent {
  const { status } = answerTo(reason)
  return { reason, keyId, status, ...(error !== undefined && { error }) }
}

function limitFailure({ reason, retryAfterSeconds, error }: RateLimitRefusal, { id }: ApiKey): FailureEvent {
  return { ...failure(reason, id, error), retryAfterSeconds }
}

/** @throws TypeError when the environment is not one of the key set's. */
function checkRequirements(apiKeys: ApiKeys, { environment, scopes }: Requirements): Requirements {
  if (environment !== undefined && !apiKeys.environments.some((known) => known === environment)) {
    throw new TypeError(`environment: must be one of ${apiKeys.environments.join(', ')}`)
  }
  return { environment, scopes }
}

/** Calls a hook of the host, which can neither delay nor break the answer. */
export function notify<Event, Request>(
  hook: (event: Event, request: Request) => unknown,
  event: Event,
  request: Request,
): void {
  try {
    Promise.resolve(hook(event, request)).catch(() => {})
  } catch {}
}
