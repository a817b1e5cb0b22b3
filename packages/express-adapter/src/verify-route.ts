// A route that proxies ask whether a request may pass, for services that are not in Node: nginx by `auth_request`, Caddy by
// `forward_auth`, Traefik by `forwardAuth`. Everything that a proxy needs to know is in the header fields of the answer.

import type { ApiKey, ApiKeys } from '@gosend/auth-core'
import { createGate, type GateOptions, type GateResult, gateOptions } from '@gosend/auth-core/http'
import { checkOptions, type OptionTable } from '@gosend/options'
import type { Request, RequestHandler, Response } from 'express'
import { addGateHeaders, ExpressGateRequest, sendMessage } from './express-gate.js'

/** Those of a guard, but for what a proxy decides itself: its own error pages, and what it forwards. */
export type VerifyRouteOptions<Scope extends string = string> = Omit<
  GateOptions<Request, Scope>,
  'optional' | 'respond' | 'stripCredential'
>

const shared = gateOptions<Request>()

const optionTable: OptionTable<VerifyRouteOptions> = {
  environment: shared.environment,
  scopes: shared.scopes,
  resource: shared.resource,
  limits: shared.limits,
  cost: shared.cost,
  credential: shared.credential,
  disclose: shared.disclose,
  realm: shared.realm,
  onFailure: shared.onFailure,
  onSuccess: shared.onSuccess,
  onBrowserLeak: shared.onBrowserLeak,
}

/**
 * Answers 200 to a request with a valid key, and says whose it is in `X-Project-Id`, `X-Key-Id`, `X-Environment` and `X-Scopes`
 * (separated by spaces). Characters of a project id other than visible ASCII, and `%`, are percent-encoded. A request without a
 * valid key gets the answer that `requireApiKey` gives, with its body in `X-Error-Body` as well, for proxies that do not read
 * bodies. The body of the request is not read.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * app.use('/verify', verifyRoute(apiKeys, { scopes: ['messages:write'] }))
 */
export function verifyRoute<Scope extends string>(
  apiKeys: ApiKeys<string, Scope>,
  given?: VerifyRouteOptions<NoInfer<Scope>>,
): RequestHandler
export function verifyRoute(apiKeys: ApiKeys, given: VerifyRouteOptions = {}): RequestHandler {
  const options = checkOptions(optionTable, given)
  const gate = createGate<Request>(apiKeys, options)

  const answer = (result: GateResult, request: Request, response: Response): void => {
    if (response.headersSent) return
    addGateHeaders(response, result.headers)
    if (result.ok) {
      response.writeHead(200, {
        ...identityOf(result.record),
        'Cache-Control': 'no-store',
        'Content-Length': '0',
      })
      response.end()
    } else {
      response.setHeader('X-Error-Body', result.message.body)
      sendMessage(request, response, result.message)
    }
  }

  return (request, response) => {
    const result = gate(new ExpressGateRequest(request))
    if ('ok' in result) return answer(result, request, response)
    return result.then((settled) => answer(settled, request, response))
  }
}

// All of them every time, so that one that a client has sent is always replaced.
function identityOf({ projectId, id, environment, scopes }: ApiKey): Readonly<Record<string, string>> {
  return {
    'X-Project-Id': fieldValue(projectId),
    'X-Key-Id': id,
    'X-Environment': fieldValue(environment),
    'X-Scopes': scopes.join(' '),
  }
}

const fieldValue = (text: string) => text.replace(/[^\x21-\x24\x26-\x7e]+/gu, encodeURIComponent)
