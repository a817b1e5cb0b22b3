// The gate that all servers share: it authenticates a request, notifies the host, and writes the answer to a refusal. It
// knows a request only by what the server hands it. A key that is verified synchronously passes without a promise.

import {
  type Check,
  callback,
  checkOptions,
  flag,
  having,
  listOf,
  type OptionTable,
  oneOf,
  shared,
  text,
  wholeNumber,
} from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import type { ApiKeys } from '../api-keys.js'
import { type Awaitable, andThen, isPromise } from '../awaitable.js'
import { ApiKeysError } from '../errors.js'
import type { Limits, RateLimitRefusal } from '../limits.js'
import { type Resource, resourceName, type ScopeRequirement } from '../scopes.js'
import {
  type Requirements,
  requirementOptions,
  type Verification,
  type VerificationRefusal,
  type VerifyContext,
} from '../verifier.js'
import {
  answerTo,
  type DisclosedReason,
  disclosingAnswerTo,
  type ErrorMessage,
  type FailureReason,
  isServerError,
  writeError,
} from './answers.js'
import { type BrowserLeak, createBrowserLeakWatch } from './browser-leak.js'
import {
  ambiguous,
  type Credential,
  type CredentialPlace,
  createCredential,
  credentialPlaces,
} from './credential.js'
import { consumeOnce, lacksCount, limitFieldsOf } from './limit-gate.js'
import { type OwnAnswer, writeOwnAnswer } from './own-answer.js'
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
  /** What the key lacks, when the reason is `missing_scope`; of several alternatives, the one that lacks the fewest. */
  readonly missingScopes?: readonly string[]
}

export interface GateOptions<Request, Scope extends string = string> {
  /** Only keys of this environment; others get the 401 of an invalid key. Default: any. */
  readonly environment?: string | undefined
  /** All of these scopes, or with `{ anyOf }` those of one alternative; a key without them gets 403. Default: none. */
  readonly scopes?: ScopeRequirement<Scope> | undefined
  /**
   * What a request is about, or a function that reads it from the request: `(request) => ['project', request.params.id]`. Scopes
   * that name no resource themselves are required for this one. Where it is undefined, only a key whose scope is for every
   * resource has it. What the function throws is answered with 503.
   */
  readonly resource?: Resource | ((request: Request) => Resource | undefined) | undefined
  /** What `createLimits()` returned. A request is counted once, however many guards with the same limits it comes by. */
  readonly limits?: Limits | undefined
  /**
   * How much a request counts for, or a function that reads it from the request: a whole number, 0 or more. Guards on the way of
   * one request count it once, for the highest of their costs. What is no such number is answered with 503. Default 1.
   */
  readonly cost?: number | ((request: Request) => number) | undefined
  /**
   * Where a request may hold its key: one place or several. A request that holds keys in two of them gets 401. Default
   * `x-api-key`.
   */
  readonly credential?: CredentialPlace | readonly CredentialPlace[] | undefined
  /**
   * Also lets requests without a key pass, whose record is then null: for a route that takes a key or a login. A wrong key is
   * refused as ever. A token in `Authorization` that does not look like a key is left to the host.
   */
  readonly optional?: boolean | undefined
  /** Takes the key out of an accepted request, so that what the host forwards does not have it. */
  readonly stripCredential?: boolean | undefined
  /**
   * Tells whoever holds a key's secret that it has `expired`, is `idle` or `disabled`, was `revoked`, or which scope it lacks. Default:
   * no answer says why.
   */
  readonly disclose?: readonly DisclosedReason[] | undefined
  /** Named in the challenge of a 401. Default `api`. */
  readonly realm?: string | undefined
  /**
   * The answer to a refused request in the shape of the host's API; undefined for the standard one. Must return at once. An
   * answer that cannot be sent, a success for instance, is replaced by the standard one, with a warning of the process.
   */
  readonly respond?: ((event: FailureEvent, request: Request) => OwnAnswer | undefined) | undefined
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

const wholeCost = wholeNumber(0)
const requestCost: Check<never> = (value, path) =>
  (typeof value === 'function' ? value : wholeCost(value, path)) as never

export const gateOptions = <Request>(): OptionTable<GateOptions<Request>> => ({
  ...requirementOptions,
  resource(value, path) {
    return typeof value === 'function' ? (value as never) : resourceName(value, path)
  },
  limits: having(['consume'], 'pass what createLimits() returned'),
  cost: requestCost,
  credential: credentialPlaces,
  optional: flag,
  stripCredential: flag,
  disclose: listOf(oneOf('expired', 'idle', 'disabled', 'revoked', 'missing_scope')),
  realm: text,
  respond: callback(),
  onFailure: callback(),
  onSuccess: callback(),
  onBrowserLeak: callback(),
})

/** What all hosts are given first. */
export const keySet = having<ApiKeys>(['verify'], 'pass what createApiKeys() returned')

/** In place of an address: the server's proxy setting lets every client choose its own. */
export const untrustedProxy = Symbol.for('@gosend/auth-core untrusted proxy')

/** What a server tells the gate about a request. */
export interface GateRequest<Request> {
  /** The server's own object, for the hooks. Requests are told apart by it. */
  readonly request: Request
  /** The path, with or without its query: an error repeats the path only. */
  readonly url: string
  /** Scopes that this request needs, in place of those of the gate. */
  readonly scopes?: ScopeRequirement | undefined
  /** The value of a field by its name in lower case, repeated ones joined; undefined or null when there is none. */
  header(name: string): string | null | undefined
  /** The client's address, where it is known. Called only for keys with an allowlist. */
  clientIp(): string | undefined | typeof untrustedProxy
  /** The id of a key whose use was counted for this very request, by an earlier gate. */
  countedId?(): string | undefined
  /** Called with the record of a valid key, before the limits are asked. */
  accept?(record: ApiKey): void
  /** Takes a field out of the request, by its name in lower case; for `stripCredential`. */
  removeHeader?(name: string): void
}

export type GateResult<Key extends ApiKey | null = ApiKey> = GateSuccess<Key> | GateRefusal

export interface GateSuccess<Key extends ApiKey | null = ApiKey> {
  readonly ok: true
  /** Null for a request without a key, where the key is optional. */
  readonly record: Key
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
export type Gate<Request, Key extends ApiKey | null = ApiKey> = (
  request: GateRequest<Request>,
) => Awaitable<GateResult<Key>>

export type DemandingGateOptions<Request, Scope extends string = string> = GateOptions<Request, Scope> & {
  readonly optional?: false | undefined
}

/** Keys that were taken out of their requests, for gates that come later. */
const stripped = shared('@gosend/auth-core stripped keys', () => new WeakMap<object, string>())

/**
 * A gate over a key set, for servers of your own: `fetch.ts` and `fastify.ts` show how. A request that passes several
 * gates is verified by each against what the store says then; its key's use is counted once, and so is the request by
 * all gates with the same limits.
 *
 * @throws TypeError when an option is wrong.
 */
export function createGate<Request extends object, Scope extends string = string>(
  apiKeys: ApiKeys<string, Scope>,
  given?: DemandingGateOptions<Request, NoInfer<Scope>>,
): Gate<Request>
export function createGate<Request extends object, Scope extends string = string>(
  apiKeys: ApiKeys<string, Scope>,
  given: GateOptions<Request, NoInfer<Scope>>,
): Gate<Request, ApiKey | null>
export function createGate<Request extends object>(
  apiKeys: ApiKeys,
  given: GateOptions<Request> = {},
): Gate<Request, ApiKey | null> {
  keySet(apiKeys, 'apiKeys')
  const options = checkOptions(gateOptions<Request>(), given)
  const { limits, cost, onSuccess, onBrowserLeak, optional = false, stripCredential = false } = options
  if (cost !== undefined && limits === undefined) throw new TypeError('cost: has a meaning only with limits')
  const costOf = typeof cost === 'function' ? cost : () => cost
  const requirements = checkRequirements(apiKeys, options)
  const credential = createCredential(options.credential, options.realm)
  const noLimits: GateSuccess['headers'] = Object.freeze({ Vary: credential.vary })
  const refuse = createRefusing(options, credential)
  const watch =
    onBrowserLeak && createBrowserLeakWatch<Request>((leak, request) => notify(onBrowserLeak, leak, request))
  // Only for requests that have to wait: a note about every request would cost more than verifying it.
  const waiting = new WeakMap<Request, Promise<Result>>()

  const gate: Gate<Request, ApiKey | null> = (incoming) => {
    const earlier = waiting.get(incoming.request)
    if (earlier !== undefined) return earlier.then(() => gate(incoming))
    const result = andThen(verify(incoming), (verified) => conclude(incoming, verified))
    if (!isPromise(result)) return result
    const pending = result.finally(() => waiting.delete(incoming.request))
    waiting.set(incoming.request, pending)
    return pending
  }

  function verify(incoming: GateRequest<Request>): Awaitable<Verified> {
    const presented = credential.read(incoming) ?? stripped.get(incoming.request)
    if (presented === undefined) return optional ? NO_KEY : refused(failure('missing', null))
    if (presented === ambiguous) return refused(failure('ambiguous', null))
    const context = new VerificationContext(incoming, requirements)
    const verifiedBy = (verification: Verification): Verified => {
      if (verification.ok) return verification
      if (optional && verification.reason === 'malformed' && credential.isInAuthorization(incoming))
        return NO_KEY
      const reason = context.isAddressUntrusted ? 'untrusted_proxy' : verification.reason
      return refused({ ...failure(reason, verification.keyId), ...lackOf(verification) })
    }
    try {
      const verification = apiKeys.verify(presented, context)
      if (isPromise(verification)) return verification.then(verifiedBy, serverFailure)
      return verification.ok ? verification : verifiedBy(verification)
    } catch (error) {
      return serverFailure(error)
    }
  }

  function conclude(incoming: GateRequest<Request>, verified: Verified): Awaitable<Result> {
    if (!verified.ok) return refuse(incoming, verified.failure, noLimits)
    const { record } = verified
    if (record === null) return { ok: true, record, headers: noLimits }
    incoming.accept?.(record)
    if (limits === undefined) {
      return record.delegation !== undefined && lacksCount(record, incoming.request)
        ? refuse(incoming, failure('limits_unavailable', record.id, UNCOUNTED), noLimits)
        : pass(incoming, record, noLimits)
    }
    let units: number | undefined
    try {
      units = costOf(incoming.request)
    } catch (error) {
      return refuse(incoming, failure('unexpected', record.id, error), noLimits)
    }
    return andThen(consumeOnce(limits, incoming.request, record, units), (result) => {
      const headers = { ...noLimits, ...limitFieldsOf(result) }
      if (result.ok) return pass(incoming, record, headers)
      apiKeys.recordLimited?.(record.id, result.reason, () => addressOf(incoming))
      return refuse(incoming, limitFailure(result, record), headers)
    })
  }

  function pass(
    incoming: GateRequest<Request>,
    record: ApiKey,
    headers: GateSuccess['headers'],
  ): GateSuccess {
    if (onSuccess !== undefined) notify(onSuccess, record, incoming.request)
    if (watch !== undefined) watch(record, (name) => incoming.header(name), incoming.request)
    if (stripCredential) strip(incoming)
    return { ok: true, record, headers }
  }

  function strip(incoming: GateRequest<Request>): void {
    const presented = credential.read(incoming)
    if (typeof presented !== 'string') return
    stripped.set(incoming.request, presented)
    for (const field of credential.fields) incoming.removeHeader?.(field)
  }

  return gate
}

/** Writes the answer to a refused request, as the host wants it, and slows down clients that are refused all the time. */
function createRefusing<Request extends object>(
  { respond, onFailure, disclose = [] }: Pick<GateOptions<Request>, 'respond' | 'onFailure' | 'disclose'>,
  { challenge, insufficientScope }: Credential,
) {
  const throttle = createRefusalThrottle()

  function ownAnswer(
    answer: NonNullable<typeof respond>,
    event: FailureEvent,
    request: Request,
    standard: ErrorMessage,
  ): ErrorMessage {
    try {
      const own: unknown = answer(event, request)
      if (isPromise(own)) own.catch(() => {})
      return own === undefined ? standard : writeOwnAnswer(own as OwnAnswer, standard, challenge)
    } catch (error) {
      warnOfAnswer(error)
      return standard
    }
  }

  return function refuse(
    incoming: GateRequest<Request>,
    event: FailureEvent,
    headers: GateRefusal['headers'],
  ): Awaitable<GateRefusal> {
    const isDisclosed = disclose.some((reason) => reason === event.reason)
    const scopes = event.missingScopes?.flatMap(shownScope)
    const answer = isDisclosed
      ? disclosingAnswerTo(event.reason, scopes)
      : answerTo(event.reason, event.retryAfterSeconds)
    const about = { url: incoming.url, accept: incoming.header('accept') }
    const lacking = scopes && insufficientScope(scopes, isDisclosed)
    const standard = writeError(about, answer, answer.status === 401 ? challenge : lacking)
    const message = respond === undefined ? standard : ownAnswer(respond, event, incoming.request, standard)
    const failure = message.status === event.status ? event : { ...event, status: message.status }
    if (onFailure !== undefined) notify(onFailure, failure, incoming.request)
    const refusal: GateRefusal = { ok: false, failure, message, headers }
    return andThen(answer.status === 401 ? throttle() : undefined, () => refusal)
  }
}

type Result = GateResult<ApiKey | null>

type Verified =
  | { readonly ok: true; readonly record: ApiKey | null }
  | { readonly ok: false; readonly failure: FailureEvent }

const UNCOUNTED = new TypeError(
  'limits: this key has limits or a budget of its own; pass limits to the guard',
)

const NO_KEY: Verified = { ok: true, record: null }

const refused = (failure: FailureEvent): Verified => ({ ok: false, failure })

const serverFailure = (error: unknown): Verified => {
  const reason = error instanceof ApiKeysError && isServerError(error.code) ? error.code : 'unexpected'
  return refused(failure(reason, null, error))
}

// A class, because an accessor in an object literal is defined anew on every request, which costs more than the rest.
class VerificationContext<Request> implements VerifyContext {
  readonly environment: string | undefined
  readonly scopes: ScopeRequirement | undefined
  readonly countedId: string | undefined
  readonly #request: GateRequest<Request>
  readonly #resource: GateOptions<Request>['resource']
  #isAddressUntrusted = false

  constructor(request: GateRequest<Request>, { environment, scopes, resource }: GateRequirements<Request>) {
    this.#request = request
    this.#resource = resource
    this.environment = environment
    this.scopes = request.scopes ?? scopes
    this.countedId = request.countedId?.()
  }

  // Behind an accessor, because the core takes every own property for an option.
  get isAddressUntrusted(): boolean {
    return this.#isAddressUntrusted
  }

  /** Read by the core only when scopes are required. */
  get resource(): Resource | undefined {
    return typeof this.#resource === 'function' ? this.#resource(this.#request.request) : this.#resource
  }

  /** Read by the core only to note a refusal: unlike `ip`, whatever it is, it has no consequences. */
  get address(): string | undefined {
    return addressOf(this.#request)
  }

  /** Read by the core only when the key has an allowlist. */
  get ip(): string | undefined {
    const ip = this.#request.clientIp()
    this.#isAddressUntrusted = ip === untrustedProxy
    return ip === untrustedProxy ? undefined : ip
  }
}

function addressOf(request: Pick<GateRequest<never>, 'clientIp'>): string | undefined {
  const ip = request.clientIp()
  return ip === untrustedProxy ? undefined : ip
}

function failure(reason: FailureReason, keyId: string | null, error?: unknown): FailureEvent {
  const { status } = answerTo(reason)
  return { reason, keyId, status, ...(error !== undefined && { error }) }
}

function limitFailure({ reason, retryAfterSeconds, error }: RateLimitRefusal, { id }: ApiKey): FailureEvent {
  return { ...failure(reason, id, error), retryAfterSeconds }
}

const lackOf = ({ missingScopes }: VerificationRefusal) => missingScopes && { missingScopes }

const MAX_SHOWN_SCOPE = 256

/** A scope as a header field can name it, and not as long as a client may make the name of a resource. */
function shownScope(scope: string): readonly string[] {
  const name = scope.length > MAX_SHOWN_SCOPE ? (scope.split('@', 1)[0] ?? '') : scope
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name) ? [name] : []
}

interface GateRequirements<Request> extends Omit<Requirements, 'resource'> {
  readonly resource?: GateOptions<Request>['resource']
}

/** @throws TypeError when the environment is not one of the key set's, or a resource is named without scopes. */
function checkRequirements<Request>(
  apiKeys: ApiKeys,
  { environment, scopes, resource }: GateRequirements<Request>,
): GateRequirements<Request> {
  if (resource !== undefined && scopes === undefined) {
    throw new TypeError('resource: has a meaning only with scopes that are required for it')
  }
  if (environment !== undefined && !apiKeys.environments.some((known) => known === environment)) {
    throw new TypeError(`environment: must be one of ${apiKeys.environments.join(', ')}`)
  }
  return { environment, scopes, resource }
}

let isWarned = false

function warnOfAnswer(error: unknown): void {
  if (isWarned) return
  isWarned = true
  const why = error instanceof Error ? error.message : String(error)
  process.emitWarning(`The answer of respond cannot be sent, so the standard one was: ${why}`, {
    type: 'ApiKeysWarning',
    code: 'OWN_ANSWER',
  })
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
