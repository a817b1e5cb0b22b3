// Requests for the authorization server that a document describes: told from those for its operations, and answered.

import type { IncomingMessage } from 'node:http'
import { noted } from '../control/noted-exchanges.js'
import type { Operation } from '../engine/document/operation.js'
import type { BodyLimit } from '../engine/request/bodies.js'
import type { Match } from '../engine/request/router.js'
import type { Answer } from '../engine/response/answers.js'
import type { Engine } from '../engine.js'
import { isMeant, methodsOf, type OAuthEndpoint } from '../oauth/addresses.js'
import { inDocumentedForm } from '../oauth/documented-answers.js'
import { parametersOf, shownParameters } from '../oauth/messages.js'
import type { OAuth } from '../oauth/oauth.js'
import type { Scheme } from '../security/host-guard.js'
import type { Answering } from './answering.js'
import { limitOf, type RequestBodies } from './request-bodies.js'
import { type RequestState, refuse } from './request-state.js'

export interface AuthorizationParts {
  readonly oauth: OAuth
  readonly bodies: RequestBodies
  readonly scheme: Scheme
  /** Whether the browser page behind a request, if any, is one of the mock's own. */
  readonly isSameOrigin: (request: IncomingMessage) => boolean
  readonly answering: Pick<Answering, 'isHandled'>
}

/** An answer; a method that the endpoint does not have; or undefined where the request is for no such endpoint. */
export type Authorization =
  | { readonly answer: Answer }
  | { readonly wrongMethod: readonly string[] }
  | undefined

const FORM_LIMIT: BodyLimit = { maxBytes: 65_536, growth: 1 }

/** The answer of the authorization server, when the request is for it and no operation of the document has more right. */
export async function authorizationFor(
  parts: AuthorizationParts,
  engine: Engine,
  state: RequestState,
  match: Match,
): Promise<Authorization> {
  const { oauth, answering } = parts
  const endpoint = oauth.find(state.path)
  if (endpoint === undefined) return undefined
  const { method = 'GET' } = state.request
  const operation = match.kind === 'found' ? match.operation : undefined
  const methods = methodsOf(endpoint)
  if (operation !== undefined && (!endpoint.isDeclared || answering.isHandled(operation.operationId)))
    return undefined
  if (!methods.includes(method))
    return operation !== undefined || method === 'OPTIONS' ? undefined : { wrongMethod: methods }
  return issued(parts, engine, state, endpoint, operation)
}

async function issued(
  { oauth, bodies, scheme, isSameOrigin }: AuthorizationParts,
  engine: Engine,
  state: RequestState,
  endpoint: OAuthEndpoint,
  operation: Operation | undefined,
): Promise<Authorization> {
  const { request, path, query, note } = state
  const { headers, method = 'GET' } = request
  const limit = operation === undefined ? FORM_LIMIT : limitOf(engine, operation, headers)
  const bytes = state.bytes ?? (await bodies.bytes(state, limit))
  state.bytes = bytes
  if (!Buffer.isBuffer(bytes)) return { answer: refuse(engine, state, bytes) }
  const parameters = parametersOf(query, bytes.toString('utf8'), headers['content-type'])
  // A path without a variable is the operation's as much as the endpoint's: what was sent tells which of them is meant.
  const isShared = operation !== undefined && !operation.path.includes('{')
  if (isShared && !isMeant(endpoint, parameters)) return undefined
  note.operationId = operation?.id
  // Codes have names that only this endpoint knows: what is shown is made of the parameters.
  note.sent = { beginning: '', length: bytes.length }
  note.body = noted(shownParameters(parameters), 0)
  const { answer, reason, clientId } = await oauth.answer({
    ...{ endpoint, method, headers, parameters, path },
    origin: `${scheme}://${headers.host}`,
    isForeign: !isSameOrigin(request),
  })
  if (reason !== undefined) note.reason = reason
  note.clientId = clientId
  return { answer: isShared ? inDocumentedForm(engine.responses, operation, headers.accept, answer) : answer }
}
