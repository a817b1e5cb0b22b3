// The hook that tsoa's generated routes call for `@Security`, and the error handler that renders its refusals.

import type { ApiKeys } from '@gosend/auth-core'
import {
  createAdminKeyCheck,
  createCredential,
  createGate,
  type FailureEvent,
  type GateOptions,
  type GateRefusal,
  type GateResult,
  gateOptions,
  keySet,
  notify,
  unauthorized,
  writeError,
} from '@gosend/auth-core/http'
import type { Limits } from '@gosend/auth-core/limits'
import { callback, checkOptions, mapOf, OptionError, type OptionTable, required, text } from '@gosend/options'
import type { ErrorRequestHandler, Request, Response } from 'express'
import { CredentialError, gravestFailure, type SchemeResult, settle } from './credential-error.js'
import { addGateHeaders, ExpressGateRequest } from './express-gate.js'

export { CredentialError }

/** A scheme of the host's own: resolves with the user, and rejects with an error that has a `status`, or is taken for 401. */
export type SecurityScheme = (request: Request, scopes: string[], response?: Response) => unknown

export interface TsoaAuthenticationOptions
  extends Pick<GateOptions<Request>, 'cost' | 'credential' | 'disclose' | 'resource' | 'respond'> {
  readonly apiKeys: ApiKeys
  /** Accepted in `X-Admin-Key` where `@Security('admin_key')` says so. Without it that scheme admits nobody. */
  readonly adminKey?: string | undefined
  /** What `createLimits()` returned. A request is counted once, however many guards with the same limits it comes by. */
  readonly limits?: Limits | undefined
  /** Only keys of this environment. Default: any. */
  readonly environment?: string | undefined
  /** Named in the challenge of a 401. Default `api`. */
  readonly realm?: string | undefined
  /** Further schemes by their name in `@Security`, such as `jwt`, so that the gravest failure of all is answered. */
  readonly schemes?: Readonly<Record<string, SecurityScheme>> | undefined
}

const shared = gateOptions<Request>()

const OWN_SCHEMES = ['api_key', 'admin_key']
const schemeTable = mapOf<SecurityScheme>(callback())

const optionTable: OptionTable<TsoaAuthenticationOptions> = {
  apiKeys: required(keySet),
  adminKey: text,
  limits: shared.limits,
  cost: shared.cost,
  environment: shared.environment,
  realm: shared.realm,
  credential: shared.credential,
  disclose: shared.disclose,
  resource: shared.resource,
  respond: shared.respond,
  schemes(value, path) {
    const schemes = schemeTable(value, path)
    const taken = OWN_SCHEMES.find((name) => name in schemes)
    if (taken !== undefined) throw new OptionError(`${path}.${taken}`, 'is a scheme that exists already')
    return schemes
  },
}

/** What tsoa's generated routes import as `expressAuthentication`. */
export type ExpressAuthentication = (
  request: Request,
  securityName: string,
  scopes?: string[],
  response?: Response,
) => Promise<unknown>

/**
 * Security by key for tsoa 6, under the names `api_key` (with the scopes of `@Security`) and `admin_key`.
 *
 * Resolves with the record, which tsoa puts into `request.user`, or with null for the admin key. Rejects with an error that has
 * the `status` of the wire contract; mount `apiKeyErrorHandler()` after the routes to render it. Where a route names several
 * securities and none accepts the request, the answer is the gravest failure, whatever their order: 503, 429, 403, 401.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * export const expressAuthentication = tsoaAuthentication({ apiKeys, adminKey: process.env.ADMIN_KEY })
 */
export function tsoaAuthentication(options: TsoaAuthenticationOptions): ExpressAuthentication {
  const {
    apiKeys,
    adminKey,
    realm = 'api',
    schemes: given = {},
    ...others
  } = checkOptions(optionTable, options)
  const gate = createGate<Request>(apiKeys, { realm, scopes: [], ...others })
  const isAdminKey = adminKey === undefined ? () => false : createAdminKeyCheck(adminKey)
  const { challenge, vary } = createCredential(others.credential, realm)

  const schemes = new Map<string, Scheme>([
    [
      'api_key',
      (request, scopes) => {
        const result = gate(new ExpressGateRequest(request, scopes))
        return 'ok' in result
          ? resultOf(request, result)
          : result.then((settled) => resultOf(request, settled))
      },
    ],
    [
      'admin_key',
      (request) => {
        const presented = request.headers['x-admin-key']
        if (isAdminKey(presented)) return { ok: true, user: null }
        const reason = presented === undefined ? 'missing' : 'mismatch'
        const about = { url: request.originalUrl, accept: request.headers.accept }
        const refusal: GateRefusal = {
          ok: false,
          failure: { reason, keyId: null, status: unauthorized.status },
          message: writeError(about, unauthorized, challenge),
          headers: { Vary: vary },
        }
        return { ok: false, error: new CredentialError(refusal) }
      },
    ],
    ...Object.entries(given).map(([name, scheme]) => [name, schemeOf(scheme)] as const),
  ])

  return async (request, securityName, scopes = [], response) => {
    const scheme = schemes.get(securityName)
    if (scheme === undefined) {
      throw new TypeError(
        `@Security('${securityName}'): the schemes are ${[...schemes.keys()].join(', ')}; name others in schemes`,
      )
    }
    const result = scheme(request, scopes, response)
    return 'ok' in result && result.ok ? result.user : settle(request, result)
  }
}

type Scheme = (
  request: Request,
  scopes: string[],
  response: Response | undefined,
) => SchemeResult | Promise<SchemeResult>

function resultOf({ res }: Request, result: GateResult): SchemeResult {
  if (res?.headersSent === false) addGateHeaders(res, result.headers)
  return result.ok ? { ok: true, user: result.record } : { ok: false, error: new CredentialError(result) }
}

function schemeOf(scheme: SecurityScheme): Scheme {
  return async (request, scopes, response) => {
    try {
      return { ok: true, user: await scheme(request, scopes, response) }
    } catch (error) {
      return { ok: false, error }
    }
  }
}

export interface ApiKeyErrorHandlerOptions {
  /** Told of every refusal that is rendered. What it throws or rejects with changes no answer; a warning names it. */
  readonly onFailure?: ((event: FailureEvent, request: Request) => unknown) | undefined
}

const handlerOptions: OptionTable<ApiKeyErrorHandlerOptions> = { onFailure: callback() }

/**
 * Renders what the tsoa hook rejects with exactly as `requireApiKey` would, and passes every other error on. Where a scheme
 * that was not named in `schemes` has failed last, with less than the hook, the hook's failure is rendered: an outage beside an
 * expired session is 503.
 */
export function apiKeyErrorHandler(options: ApiKeyErrorHandlerOptions = {}): ErrorRequestHandler {
  const { onFailure } = checkOptions(handlerOptions, options)
  return async (error, request, response, next) => {
    const failure = await gravestFailure(error, request)
    if (!(failure instanceof CredentialError) || response.headersSent) return next(failure)
    if (onFailure !== undefined) notify('onFailure', onFailure, failure.event, request)
    failure.send(request, response)
  }
}
