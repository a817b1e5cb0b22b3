// The key of a guarded request, for handlers that cannot do without one.

import type { ApiKey } from '@gosend/auth-core'
import type { Request } from 'express'

/**
 * The record of the key that a request was made with: `request.apiKey`, where a guard has set it.
 *
 * @throws TypeError when no guard stands before the handler, so that a forgotten one is a 500 and not a query for the
 *   data of no project in particular.
 *
 * @example
 * app.get('/v1/messages', (request, response) => response.json(messagesOf(apiKeyOf(request).projectId)))
 */
export function apiKeyOf(request: Pick<Request, 'apiKey' | 'method' | 'baseUrl' | 'path'>): ApiKey {
  if (typeof request?.method !== 'string') throw new TypeError('request: pass that of the handler')
  const { apiKey, method, baseUrl, path } = request
  if (apiKey === undefined) {
    throw new TypeError(`${method} ${baseUrl}${path}: no key; mount requireApiKey before it`)
  }
  return apiKey
}
