// The hook that tsoa's generated routes call for `@Security`, and the error handler that renders its refusals.

import type { ApiKey, ApiKeys } from '@gosend/auth-core'
import { gateOptions, keySet } from '@gosend/auth-core/http'
import type { Limits } from '@gosend/auth-core/limits'
import { callback, checkOptions, type OptionTable, required, text } from '@gosend/options'
import type { ErrorRequestHandler, Request, Response } from 'express'
import { answerTo, challengeOf, sendError, varyByKey } from './challenge.js'
import { checkDemands, createAdminKeyCheck, createJudge, type FailureEvent, tell } from './credential.js'

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

const gate = gateOptions()

const optionTable: OptionTable<TsoaAuthenticationOptions> = {
  apiKeys: required(keySet),
  adminKey: text,
  limits: gate.limits,
  environment: gate.environment,
  realm: gate.realm,
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
  readonly challenge: string | undefined

  constructor(event: FailureEvent, challenge: string) {
    super(answerTo(event.reason).message)
    this.status = event.status
    this.event = event
    this.challenge = event.status === 401 ? challenge : undefined
  }
}

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
  const { apiKeys, adminKey, limits, environment, realm = 'api' } = checkOptions(optionTable, options)
  const judge = createJudge(apiKeys, limits)
  const isAdminKey = adminKey === undefined ? () => false : createAdminKeyCheck(adminKey)
  const challenge = challengeOf(realm)
  checkDemands(apiKeys, { environment })

  const schemes = new Map<string, (request: Request, scopes: readonly string[]) => Promise<ApiKey | null>>([
    [
      'api_key',
      async (request, scopes) => {
        const judgement = await judge(request, { environment, scopes })
        if (!judgement.ok) throw new CredentialError(judgement.failure, challenge)
        if (request.res !== undefined) varyByKey(request.res)
        return judgement.record
      },
    ],
    [
      'admin_key',
      async (request) => {
        const presented = request.headers['x-admin-key']
        if (isAdminKey(presented)) return null
        const reason = presented === undefined ? 'missing' : 'mismatch'
        throw new CredentialError({ reason, keyId: null, status: 401 }, challenge)
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

/** Renders what the tsoa hook rejects with exactly as `requireApiKey` would; passes every other error on. */
export function apiKeyErrorHandler(options: ApiKeyErrorHandlerOptions = {}): ErrorRequestHandler {
  const { onFailure } = checkOptions(handlerOptions, options)
  return (error, request, response, next) => {
    if (!(error instanceof CredentialError) || response.headersSent) return next(error)
    if (onFailure !== undefined) tell(onFailure, error.event, request)
    varyByKey(response)
    const { reason, retryAfterSeconds } = error.event
    sendError(request, response, answerTo(reason, retryAfterSeconds), error.challenge)
  }
}
