// A route that shows load balancers and people on call whether keys can be verified.

import type { ApiKeys } from '@gosend/auth-core'
import type { RequestHandler } from 'express'
import { asyncHandler } from './async-handler.js'

/**
 * Answers with what `apiKeys.health()` says: 200 when keys can be verified, 503 when not. It needs no key and tells
 * nothing of any.
 *
 * @throws TypeError when it is given something else than a key set.
 *
 * @example
 * app.get('/health', healthRoute(apiKeys))
 */
export function healthRoute(apiKeys: Pick<ApiKeys, 'health'>): RequestHandler {
  if (typeof apiKeys?.health !== 'function') {
    throw new TypeError('apiKeys: pass what createApiKeys() returned')
  }
  return asyncHandler(async (_request, response) => {
    const health = await apiKeys.health()
    response
      .status(health.ok ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json(health)
  })
}
