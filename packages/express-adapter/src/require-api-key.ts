// The middleware. A key that is judged synchronously passes without a promise.

import type { ApiKey, ApiKeys } from '@gosend/auth-core'
import {
  createExposureWatch,
  createPace,
  type GateOptions,
  gateOptions,
  keySet,
} from '@gosend/auth-core/http'
import { checkOptions, having, type OptionTable } from '@gosend/options'
import type { Request, RequestHandler, Response } from 'express'
import { answerTo, challengeOf, sendError, varyByKey } from './challenge.js'
import {
  type AppSettings,
  checkDemands,
  createJudge,
  type Judgement,
  letsClientChooseAddress,
  PROXY_ADVICE,
  tell,
} from './credential.js'

declare global {
  namespace Express {
    interface Request {
      /** The record of the key that this request was made with; set by `requireApiKey` and the tsoa hook. */
      apiKey?: ApiKey
    }
  }
}

export interface RequireApiKeyOptions extends GateOptions<Request> {
  /** The application it is mounted in, so that a `trust proxy` unfit for IP allowlists is found at start-up. */
  readonly app?: AppSettings | undefined
}

const optionTable: OptionTable<RequireApiKeyOptions> = {
  ...gateOptions<Request>(),
  app: having(['get'], 'pass the Express application'),
}

/**
 * Express middleware that lets a request pass only with a valid key in `X-API-Key`, and sets `request.apiKey`.
 *
 * Mounted twice on the way of a request, each judges it by its own `environment` and `scopes`; the use is counted once.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * app.use('/v1', requireApiKey(apiKeys))
 * app.post('/v1/messages', requireApiKey(apiKeys, { scopes: ['messages:write'] }), send)
 */
export function requireApiKey(apiKeys: ApiKeys, given: RequireApiKeyOptions = {}): RequestHandler {
  keySet(apiKeys, 'apiKeys')
  const options = checkOptions(optionTable, given)
  const { realm = 'api', onFailure, onSuccess, onExposure, app } = options
  const judge = createJudge(apiKeys, options.limits)
  const demands = checkDemands(apiKeys, options)
  const challenge = challengeOf(realm)
  const pace = createPace()
  const watch =
    onExposure && createExposureWatch<Request>((exposure, request) => tell(onExposure, exposure, request))
  if (app !== undefined && letsClientChooseAddress(app)) {
    throw new TypeError(`app: IP allowlists cannot work in it; ${PROXY_ADVICE}`)
  }

  function settle(judgement: Judgement, request: Request, response: Response, next: () => void): void {
    // Whoever answered meanwhile, a timeout of the host's for instance, has the last word.
    if (response.headersSent) return
    varyByKey(response)
    if (judgement.ok) {
      if (onSuccess !== undefined) tell(onSuccess, judgement.record, request)
      if (watch !== undefined) watch(judgement.record, (name) => request.get(name), request)
      next()
    } else {
      if (onFailure !== undefined) tell(onFailure, judgement.failure, request)
      const { reason, retryAfterSeconds } = judgement.failure
      const answer = answerTo(reason, retryAfterSeconds)
      if (answer.status === 401) {
        pace(() => {
          if (!response.headersSent) sendError(request, response, answer, challenge)
        })
      } else sendError(request, response, answer)
    }
  }

  return (request, response, next) => {
    const judgement = judge(request, demands)
    if ('ok' in judgement) return settle(judgement, request, response, next)
    return judgement.then((settled) => settle(settled, request, response, next))
  }
}
