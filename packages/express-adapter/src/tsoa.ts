// The hook that tsoa's generated routes call for `@Security`, and the error handler that renders its refusals.

import type { ApiKey, ApiKeys } from '@gosend/auth-core'
import {
  answerTo,
  challengeOf,
  createAdminKeyCheck,
  createGate,
  type FailureEvent,
  type GateRefusal,
  gateOptions,
  keySet,
  notify,
  unauthorized,
  VARY,
  writeError,
} from '@gosend/auth-core/http'
import type { Limits } from '@gosend/auth-core/limits'
import { callback, checkOptions, type OptionTable, required, text } from '@gosend/options'
import type { ErrorRequestHandler, Request, Response } from 'express'
import { addGateHeaders, ExpressGateRequest, sendMessage } from './express-gate.js'

export interface TsoaAuthenticationOptions {
  readonly apiKeys: ApiKeys
  /** Accepted in `X-Admin-Key` where `@Security('admin_key')` says so. Without it that scheme admits nobody. */
  readonly adminKey?: string | undefined
  /** What `createLimits()` returned. A request is counted once, however many guards with the same limits it comes by. */
  readonly limits?: Limits | undefined
  /** Only keys of this environment. Default: any. */
  readonly environment?: string | undefined
  /** Named in the challenge of a 401. Default `api`. */
  readonly realm?: string | undefined
}

const shared = gateOptions()

const optionTable: OptionTable<TsoaAuthenticationOptions> = {
  apiKeys: required(keySet),
  adminKey: text,
  limits: shared.limits,
  environment: shared.environment,
  realm: shared.realm,
}

/** What tsoa's generated routes import as `expressAuthentication`. */
export type ExpressAuthentication = (
  request: Request,
  securityName: string,
  scopes?: string[],
  response?: Response,
) => Promise<ApiKey | null>

/** A refusal on its way through Express, rendered by `apiKeyErrorHandler()`. Holds no part of the secret. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError'
  readonly status: number
  readonly event: FailureEvent

  constructor({ failure, message }: GateRefusal) {
    super(answerTo(failure.reason).message)
    this.status = message.status
    this.event = failure
  }
}

// From what a client can mend to what it cannot. tsoa asks for each scheme on its own, and reports whichever failed last.
const GRAVITY = [401, 403, 429, 503]

/** The gravest refusal of each request so far. */
const refusals = new WeakMap<Request, GateRefusal>()

function gravest(request: Request, refusal: GateRefusal): GateRefusal {
  const earlier = refusals.get(request)
  if (earlier !== undefined && !isGraver(refusal.message.status, earlier.message.status)) return earlier
  refusals.set(request, refusal)
  return refusal
}

const isGraver = (status: number, than: number): boolean => GRAVITY.indexOf(status) > GRAVITY.indexOf(than)

/**
 * Security by key for tsoa 6, under the names `api_key` (with the scopes of `@Security`) and `admin_key`.
 *
 * Resolves with the record, which tsoa puts into `request.user`, or with null for the admin key. Rejects with an error
 * that has the `status` of the wire contract; mount `apiKeyErrorHandler()` after the routes to render it.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * export const expressAuthentication = tsoaAuthentication({ apiKeys, adminKey: process.env.ADMIN_KEY })
 */
export function tsoaAuthentication(options: TsoaAuthenticationOptions): ExpressAuthentication {
  const { apiKeys, adminKey, realm = 'api', ...others } = checkOptions(optionTable, options)
  const gate = createGate<Request>(apiKeys, { realm, ...others })
  const isAdminKey = adminKey === undefined ? () => false : createAdminKeyCheck(adminKey)
  const challenge = challengeOf(realm)

  const schemes = new Map<string, (request: Request, scopes: readonly string[]) => Promise<ApiKey | null>>([
    [
      'api_key',
      async (request, scopes) => {
        const result = await gate(new ExpressGateRequest(request, scopes))
        if (request.res?.headersSent === false) addGateHeaders(request.res, result.headers)
        if (!result.ok) throw new CredentialError(gravest(request, result))
        return result.record
      },
    ],
    [
      'admin_key',
      async (request) => {
        const presented = request.headers['x-admin-key']
        if (isAdminKey(presented)) return null
        const reason = presented === undefined ? 'missing' : 'mismatch'
        const about = { url: request.originalUrl, accept: request.headers.accept }
        const refusal: GateRefusal = {
          ok: false,
          failure: { reason, keyId: null, status: unauthorized.status },
          message: writeError(about, unauthorized, challenge),
          headers: { Vary: VARY },
        }
        throw new CredentialError(gravest(request, refusal))
      },
    ],
  ])

  return async (request, securityName, scopes = []) => {
    const scheme = schemes.get(securityName)
    if (scheme === undefined) {
      throw new TypeError(
        `@Security('${securityName}'): the schemes are ${[...schemes.keys()].join(' and ')}`,
      )
    }
    return scheme(request, scopes)
  }
}

export interface ApiKeyErrorHandlerOptions {
  /** Told of every refusal that is rendered. What it throws or rejects with is dropped. */
  readonly onFailure?: ((event: FailureEvent, request: Request) => unknown) | undefined
}

const handlerOptions: OptionTable<ApiKeyErrorHandlerOptions> = { onFailure: callback() }

/**
 * Renders what the tsoa hook rejects with exactly as `requireApiKey` would. Of several schemes that refused, the gravest
 * refusal wins: a store that is down is 503 whatever stands beside it, also when the scheme of another hook failed last.
 * Passes every other error on.
 */
export function apiKeyErrorHandler(options: ApiKeyErrorHandlerOptions = {}): ErrorRequestHandler {
  const { onFailure } = checkOptions(handlerOptions, options)
  return (error, request, response, next) => {
    const refusal = refusals.get(request)
    if (refusal === undefined || response.headersSent || !isAnsweredBy(error, refusal, request)) {
      return next(error)
    }
    if (onFailure !== undefined) notify(onFailure, refusal.failure, request)
    addGateHeaders(response, refusal.headers)
    sendMessage(request, response, refusal.message)
  }
}

/** Whether an error is of the hook, or of another hook's scheme and less grave than the refusal of this one. */
function isAnsweredBy(error: unknown, refusal: GateRefusal, request: Request): boolean {
  if (error instanceof CredentialError) return true
  // tsoa sets it once a scheme has let the request in: what is thrown then is the application's.
  if ('user' in request) return false
  const { status } = Object(error) as { readonly status?: unknown }
  return (status === 401 || status === 403) && isGraver(refusal.message.status, status)
}
