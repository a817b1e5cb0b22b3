// One request on its way through the pipeline: what is known of it so far, and how it is refused.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JournalNote } from '../control/noted-exchanges.js'
import type { Operation } from '../engine/document/operation.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import type { UnreadableBody } from '../engine/request/reading.js'
import type { Answer } from '../engine/response/answers.js'
import type { Refusal } from '../engine/response/refusals.js'
import type { Engine } from '../engine.js'
import type { Identity } from '../security/gate.js'

/** A request with whom it is from. */
export type AdmittedRequest = ApiRequest & { readonly identity: Identity }

export interface RequestState {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly query: string
  readonly note: JournalNote
  /** The header fields that decide who sees what. */
  fields: string | undefined
  /** The body, where it had to be read before anything else. */
  bytes: Buffer | UnreadableBody | undefined
  /** What is wrong with a request that is answered all the same. */
  warning: string | undefined
  /** How much of a body is noted, where somebody wants more than the journal. */
  readonly notedBytes: number | undefined
  /** For the answer, whatever it will be. */
  headers: Answer['headers'] | undefined
  /** Whether scenarios have been asked. */
  isScripted: boolean
  /** What is done when the answer has left. */
  afterwards: (() => Promise<void>) | undefined
}

/** The answer that refuses a request, in the words of its API, with the reason noted for the journal. */
export function refuse(
  { refusals }: Engine,
  { request, path, note }: RequestState,
  refusal: Refusal,
  operation?: Operation,
): Answer {
  const { accept } = request.headers
  note.reason ??= refusals.describe(refusal)
  return refusals.answer(operation, refusal, { accept, path })
}

export const stateOf = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: string,
  notedBytes: number | undefined,
): RequestState => ({
  request,
  response,
  path,
  query,
  note: {
    operationId: undefined,
    projectId: undefined,
    environment: undefined,
    keyId: undefined,
    clientId: undefined,
    sent: undefined,
    body: undefined,
    violations: undefined,
    answerViolations: undefined,
    reason: undefined,
    source: undefined,
  },
  notedBytes,
  fields: undefined,
  bytes: undefined,
  warning: undefined,
  headers: undefined,
  isScripted: false,
  afterwards: undefined,
})
