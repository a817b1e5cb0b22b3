// How Express says what the wire contract of `@gosend/auth-core/http` demands.

import { type ErrorAnswer, VARY, writeError } from '@gosend/auth-core/http'
import type { Request, Response } from 'express'

export {
  answerTo,
  challengeOf,
  type ErrorAnswer,
  type FailureReason,
  unauthorized,
  unavailable,
} from '@gosend/auth-core/http'

/**
 * Ends the exchange with an error. Nothing is left to Express, which would add an ETag and read the app's settings.
 *
 * @param challenge the value of `WWW-Authenticate`; every 401 needs one (RFC 9110, section 15.5.2).
 */
export function sendError(
  request: Request,
  response: Response,
  answer: ErrorAnswer,
  challenge?: string,
): void {
  const { accept } = request.headers
  const { status, headers, body } = writeError({ url: request.originalUrl, accept }, answer, challenge)
  response.writeHead(status, headers)
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** Tells caches that the answer is for this key only (RFC 9110, section 12.5.5). */
export function varyByKey(response: Response): void {
  // `vary` merges with what is there, at a price that is noticed on every request.
  if (response.hasHeader('Vary')) response.vary(VARY)
  else response.setHeader('Vary', VARY)
}
