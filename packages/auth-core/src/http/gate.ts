// The gate that all servers share: it authenticates a request, notifies the host, and writes the answer to a refusal. It
// knows a request only by what the server hands it. A key that is verified synchronously passes without a promise.

import { checkOptions, shared } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import type { ApiKeys } from '../api-keys.js'
import { type Awaitable, andThen, isPromise } from '../awaitable.js'
import { ask, notify } from '../callbacks.js'
import type { Verification } from '../verifier.js'
import { createBrowserLeakWatch } from './browser-leak.js'
import { ambiguous, createCredential } from './credential.js'
import { type FailureEvent, failure, limitFailure, serverFailure, verificationFailure } from './failures.js'
import {
  checkRequirements,
  type DemandingGateOptions,
  type GateOptions,
  gateOptions,
  keySet,
} from './gate-options.js'
import { addressOf, type GateRequest, VerificationContext } from './gate-request.js'
import { consumeOnce, lacksCount, limitFieldsOf } from './limit-gate.js'
import { createRefusing, type GateRefusal } from './refusals.js'

export type GateResult<Key extends ApiKey | null = ApiKey> = GateSuccess<Key> | GateRefusal

export interface GateSuccess<Key extends ApiKey | null = ApiKey> {
  readonly ok: true
  /** Null for a request without a key, where the key is optional. */
  readonly record: Key
  /** To be added to the answer: `Vary`, and the state of the limits. */
  readonly headers: Readonly<Record<string, string>>
}

/** Authenticates a request. Neither throws nor rejects. */
export type Gate<Request, Key extends ApiKey | null = ApiKey> = (
  request: GateRequest<Request>,
) => Awaitable<GateResult<Key>>

type Result = GateResult<ApiKey | null>

type Verified =
  | { readonly ok: true; readonly record: ApiKey | null }
  | { readonly ok: false; readonly failure: FailureEvent }

const UNCOUNTED = new TypeError(
  'limits: this key has limits or a budget of its own; pass limits to the guard',
)

const NO_KEY: Verified = { ok: true, record: null }

const refused = (failure: FailureEvent): Verified => ({ ok: false, failure })

const thrown = (error: unknown): Verified => refused(serverFailure(error))

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
    onBrowserLeak &&
    createBrowserLeakWatch<Request>((leak, request) => notify('onBrowserLeak', onBrowserLeak, leak, request))
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
      return refused(verificationFailure(reason, verification))
    }
    try {
      const verification = apiKeys.verify(presented, context)
      if (isPromise(verification)) return verification.then(verifiedBy, thrown)
      return verification.ok ? verification : verifiedBy(verification)
    } catch (error) {
      return thrown(error)
    }
  }

  function conclude(incoming: GateRequest<Request>, verified: Verified): Awaitable<Result> {
    if (!verified.ok) return refuse(incoming, verified.failure, noLimits)
    const { record } = verified
    if (record === null) return { ok: true, record, headers: noLimits }
    incoming.accept?.(record)
    if (limits === undefined) {
      return lacksCount(record, incoming.request)
        ? refuse(incoming, failure('limits_unavailable', record.id, UNCOUNTED), noLimits)
        : pass(incoming, record, noLimits)
    }
    let units: number | undefined
    try {
      units = ask('cost', () => costOf(incoming.request))
    } catch (error) {
      return refuse(incoming, failure('callback_failed', record.id, error), noLimits)
    }
    return andThen(consumeOnce(limits, incoming.request, record, units), (result) => {
      const headers = { ...noLimits, ...limitFieldsOf(result) }
      if (result.ok) return pass(incoming, record, headers)
      apiKeys.recordLimited?.(record.id, result, () => addressOf(incoming))
      return refuse(incoming, limitFailure(result, record), headers)
    })
  }

  function pass(
    incoming: GateRequest<Request>,
    record: ApiKey,
    headers: GateSuccess['headers'],
  ): GateSuccess {
    notify('onSuccess', onSuccess, record, incoming.request)
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
