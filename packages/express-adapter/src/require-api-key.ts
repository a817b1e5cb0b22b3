// The middleware. A key that is verified synchronously passes without a promise.

import type { ApiKey, ApiKeys } from '@gosend/auth-core'
import { createGate, type GateOptions, type GateResult, gateOptions } from '@gosend/auth-core/http'
import { checkOptions, having, type OptionTable } from '@gosend/options'
import type { Request, RequestHandler, Response } from 'express'
import { addGateHeaders, ExpressGateRequest, sendMessage } from './express-gate.js'
import { type AppSettings, letsClientChooseAddress, PROXY_ADVICE } from './trust-proxy.js'

declare global {
  namespace Express {
    interface Request {
      /** The record of the key that this request was made with; set by `requireApiKey` and the tsoa hook. */
      apiKey?: ApiKey
    }
  }
}

export interface RequireApiKeyOptions extends GateOptions<Request> {
  /** The application it is mounted in, so that a `trust proxy` that is unsafe for IP allowlists is found at start-up. */
  readonly app?: AppSettings | undefined
}

const optionTable: OptionTable<RequireApiKeyOptions> = {
  ...gateOptions<Request>(),
  app: having(['get'], 'pass the Express application'),
}

/**
 * Express middleware that lets a request pass only with a valid key, in `X-API-Key` unless `credential` says otherwise, and sets
 * `request.apiKey`.
 *
 * Mounted twice on the way of a request, each verifies it against its own `environment` and `scopes`; the use is counted once.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * app.use('/v1', requireApiKey(apiKeys))
 * app.post('/v1/messages', requireApiKey(apiKeys, { scopes: ['messages:write'] }), send)
 */
export function requireApiKey(apiKeys: ApiKeys, given: RequireApiKeyOptions = {}): RequestHandler {
  const { app, ...options } = checkOptions(optionTable, given)
  const gate = createGate<Request>(apiKeys, options)
  if (app !== undefined && letsClientChooseAddress(app)) {
    throw new TypeError(`app: IP allowlists cannot work in it; ${PROXY_ADVICE}`)
  }

  const settle = (
    result: GateResult<ApiKey | null>,
    request: Request,
    response: Response,
    next: () => void,
  ): void => {
    // If something else has answered meanwhile, such as a timeout of the host's, that answer stands.
    if (response.headersSent) return
    addGateHeaders(response, result.headers)
    if (result.ok) next()
    else sendMessage(request, response, result.message)
  }

  return (request, response, next) => {
    const result = gate(new ExpressGateRequest(request))
    if ('ok' in result) return settle(result, request, response, next)
    return result.then((settled) => settle(settled, request, response, next))
  }
}
