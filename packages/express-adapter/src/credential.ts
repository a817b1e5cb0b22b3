// The credential on a request: where it is read, which address it comes from, and that its use is counted once.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ApiKey, ApiKeys, Demands, Verification, VerifyContext } from '@gosend/auth-core'
import {
  type FailureEvent,
  failure,
  limitFailure,
  limitFieldsOf,
  takeOnce,
  trouble,
} from '@gosend/auth-core/http'
import type { Allowance, Limits } from '@gosend/auth-core/limits'
import type { Request } from 'express'

export { checkDemands, type FailureEvent, tell } from '@gosend/auth-core/http'

export interface Admission {
  readonly ok: true
  readonly record: ApiKey
}

export interface Rejection {
  readonly ok: false
  readonly failure: FailureEvent
}

export type Judgement = Admission | Rejection

/** Judges the credential of a request, and sets `request.apiKey`. Neither throws nor rejects. */
export type Judge = (request: Request, demands: Demands) => Judgement | Promise<Judgement>

/**
 * A judge over a key set, and limits if there are any. A request that comes by several judges is judged by each on what
 * the store says then; the use of its key is counted once, and the request once for all judges with the same limits.
 */
export function createJudge(apiKeys: ApiKeys, limits?: Limits): Judge {
  // Only for judgements that have to wait: what is noted of every request costs more than judging it.
  const underWay = new WeakMap<Request, Promise<Judgement>>()

  const judge: Judge = (request, demands) => {
    const earlier = underWay.get(request)
    if (earlier !== undefined) return earlier.then(() => judge(request, demands))
    // Node joins repeated headers with a comma, which no key contains.
    const presented = request.headers['x-api-key']
    if (presented === undefined) return reject(failure('missing', null))
    const context = new RequestContext(request, demands)

    try {
      const verification = apiKeys.verify(presented, context)
      if ('ok' in verification) return conclude(request, context, verification)
      const pending = verification
        .then((settled) => conclude(request, context, settled), fail)
        .finally(() => underWay.delete(request))
      underWay.set(request, pending)
      return pending
    } catch (error) {
      return fail(error)
    }
  }

  function conclude(
    request: Request,
    context: RequestContext,
    verification: Verification,
  ): Judgement | Promise<Judgement> {
    if (verification.ok) {
      request.apiKey = verification.record
      return limits === undefined ? verification : limit(request, limits, verification)
    }
    const { reason, keyId } = verification
    return reject(failure(context.isAddressChosenByClient ? 'untrusted_proxy' : reason, keyId))
  }

  return judge
}

function limit(request: Request, limits: Limits, admission: Admission): Judgement | Promise<Judgement> {
  const { record } = admission
  const settle = (allowance: Allowance): Judgement => {
    const { res: response } = request
    if (response?.headersSent === false) {
      for (const [name, value] of Object.entries(limitFieldsOf(allowance))) response.setHeader(name, value)
    }
    return allowance.ok ? admission : reject(limitFailure(allowance, record))
  }
  const allowance = takeOnce(limits, request, record)
  return 'ok' in allowance ? settle(allowance) : allowance.then(settle)
}

const fail = (error: unknown): Judgement => reject(trouble(error))

function reject(failure: FailureEvent): Rejection {
  return { ok: false, failure }
}

// What the core is told of a request. A class, because an accessor in an object literal is defined anew on every
// request, which costs more than the rest of this file.
class RequestContext implements VerifyContext {
  readonly environment: string | undefined
  readonly scopes: readonly string[] | undefined
  readonly countedId: string | undefined
  readonly #request: Request
  #isAddressChosenByClient = false

  constructor(request: Request, demands: Demands) {
    this.#request = request
    this.environment = demands.environment
    this.scopes = demands.scopes
    this.countedId = request.apiKey?.id
  }

  // Behind an accessor, because the core takes every own property for an option.
  get isAddressChosenByClient(): boolean {
    return this.#isAddressChosenByClient
  }

  /** Read by the core only when the key has an allowlist. */
  get ip(): string | undefined {
    if (letsClientChooseAddress(this.#request.app)) {
      this.#isAddressChosenByClient = true
      warnOfProxies()
      return undefined
    }
    return this.#request.ip
  }
}

/** What is asked of an Express application. */
export interface AppSettings {
  get(name: string): unknown
}

/**
 * `trust proxy: true` believes every X-Forwarded-For, so the client decides what `request.ip` is. Addresses of nobody
 * show whether a function, a network or a number of proxies comes to the same.
 */
export function letsClientChooseAddress(app: AppSettings): boolean {
  if (app.get('trust proxy') === true) return true
  const trusts = app.get('trust proxy fn')
  return (
    typeof trusts === 'function' &&
    PROBES.some((addresses) => addresses.every((address, i) => trusts(address, i)))
  )
}

// Set aside for documentation (RFC 5737 and RFC 3849), each as far from this server as its place says.
const PROBES = ['192.0.2.', '2001:db8::'].map((network) => Array.from({ length: 100 }, (_, i) => network + i))

export const PROXY_ADVICE =
  "set Express's `trust proxy` to the number of your proxies or to their addresses, not to true"

let isWarned = false

function warnOfProxies(): void {
  if (isWarned) return
  isWarned = true
  process.emitWarning(
    `A key with an IP allowlist was refused because the client's address is not known: ${PROXY_ADVICE}`,
    {
      type: 'ApiKeysWarning',
      code: 'UNTRUSTED_PROXY',
    },
  )
}

/**
 * A check of the admin key that takes the same time whatever is presented.
 *
 * @throws TypeError when the admin key has fewer than 32 characters or some that a header cannot carry.
 */
export function createAdminKeyCheck(adminKey: string): (presented: unknown) => boolean {
  const trimmed = typeof adminKey === 'string' ? adminKey.trim() : ''
  if (!/^[\x21-\x7e]{32,}$/.test(trimmed)) {
    throw new TypeError('adminKey: must have at least 32 characters, all of them visible ASCII')
  }
  const secret = randomBytes(32)
  const digest = (text: string) => createHmac('sha256', secret).update(text).digest()
  const expected = digest(trimmed)
  return (presented) => typeof presented === 'string' && timingSafeEqual(digest(presented), expected)
}
