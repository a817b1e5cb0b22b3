// The middleware. A key that is verified synchronously passes without a promise.

import type { ApiKey, ApiKeys } from '@gosend/auth-core'
import { createGate, type Gate, type GateOptions, type GateResult, gateOptions } from '@gosend/auth-core/http'
import { checkOptions, having, type OptionTable, texts } from '@gosend/options'
import type { Request, RequestHandler, Response } from 'express'
import { asyncHandler } from './async-handler.js'
import { addGateHeaders, ExpressGateRequest, sendMessage } from './express-gate.js'
import { type KeyDemand, readSecurity } from './openapi-security.js'
import { type AppSettings, letsClientChooseAddress, PROXY_ADVICE } from './trust-proxy.js'

declare global {
  namespace Express {
    interface Request {
      /** The record of the key that this request was made with; set by `requireApiKey` and the tsoa hook. */
      apiKey?: ApiKey
    }
  }
}

export interface RequireApiKeyOptions<Scope extends string = string> extends GateOptions<Request, Scope> {
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
 * app.get('/v1/projects/:id', requireApiKey(apiKeys, { scopes: ['projects:read'], resource: ({ params }) => ['project', params.id] }), show)
 */
export function requireApiKey<Scope extends string>(
  apiKeys: ApiKeys<string, Scope>,
  given?: RequireApiKeyOptions<NoInfer<Scope>>,
): RequestHandler
export function requireApiKey(apiKeys: ApiKeys, given: RequireApiKeyOptions = {}): RequestHandler {
  const { app, ...options } = checkOptions(optionTable, given)
  const gate = createGate<Request>(apiKeys, options)
  demandFitProxySetting(app)
  return (request, response, next) => {
    const result = gate(new ExpressGateRequest(request))
    if ('ok' in result) return settle(result, request, response, next)
    return result.then((settled) => settle(settled, request, response, next))
  }
}

/** Those of `requireApiKey`, but for what the document says. */
export interface FromOpenApiOptions extends Omit<RequireApiKeyOptions, 'credential' | 'optional' | 'scopes'> {
  /**
   * Names of the security schemes that a key fulfils. Default: all with a header field for an API key or a token. Tokens of OAuth
   * and OpenID Connect are taken for keys only where they are named.
   */
  readonly schemes?: readonly string[] | undefined
  /**
   * Names of the security schemes that other middleware checks. Where one of them is enough, a request passes without a key, and
   * `request.apiKey` is undefined.
   */
  readonly elsewhere?: readonly string[] | undefined
}

const { credential: _credential, optional: _optional, scopes: _scopes, ...sharedOptions } = optionTable

const fromOpenApiOptions: OptionTable<FromOpenApiOptions> = {
  ...sharedOptions,
  schemes: texts,
  elsewhere: texts,
}

/**
 * Middleware that guards each operation as an OpenAPI document says: the header that its security schemes name, and the scopes
 * of its `security`, of which one alternative is enough. An operation without `security` is open. A request to no operation
 * needs a key. Mount it where the paths of the document begin.
 *
 * @param document OpenAPI 3 or Swagger 2, parsed.
 * @throws TypeError when an option is wrong, or when an operation needs a scheme that nobody would check.
 *
 * @example
 * app.use('/v1', requireApiKey.fromOpenApi(apiKeys, JSON.parse(readFileSync('openapi.json', 'utf8'))))
 */
requireApiKey.fromOpenApi = (
  apiKeys: ApiKeys,
  document: object,
  given: FromOpenApiOptions = {},
): RequestHandler => {
  const { app, schemes, elsewhere = [], ...options } = checkOptions(fromOpenApiOptions, given)
  demandFitProxySetting(app)
  const demandOf = readSecurity(document, { schemes, elsewhere })
  const gates = new Map<KeyDemand, Gate<Request, ApiKey | null>>()
  const gateOf = (demand: KeyDemand) => {
    const { places: credential, isOptional: optional } = demand
    const gate =
      gates.get(demand) ?? createGate<Request>(apiKeys, { ...options, scopes: [], credential, optional })
    gates.set(demand, gate)
    return gate
  }

  return asyncHandler(async (request, response, next) => {
    const demand = demandOf(request.method, request.path)
    if (demand.places.length === 0) return next()
    const anyOf = demand.scopeSets(new ExpressGateRequest(request))
    // An alternative that the document gives no scopes is met by every key.
    const scopes = anyOf.some(({ length }) => length === 0) ? [] : { anyOf }
    const result = await gateOf(demand)(new ExpressGateRequest(request, scopes))
    settle(result, request, response, next)
  })
}

function demandFitProxySetting(app: AppSettings | undefined): void {
  if (app === undefined || !letsClientChooseAddress(app)) return
  throw new TypeError(`app: IP allowlists cannot work in it; ${PROXY_ADVICE}`)
}

function settle(
  result: GateResult<ApiKey | null>,
  request: Request,
  response: Response,
  next: () => void,
): void {
  // If something else has answered meanwhile, such as a timeout of the host's, that answer stands.
  if (response.headersSent) return
  addGateHeaders(response, result.headers)
  if (result.ok) next()
  else sendMessage(request, response, result.message)
}
