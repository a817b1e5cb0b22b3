// The hook for an API's own answers: code that answers an operation in place of the engine, by `operationId`.

import type { ApiKey } from '@gosend/auth-core'
import type { ParameterValues } from '../engine/request/parameter-values.js'
import type { MockContext } from './context.js'

/** A request that has been routed, admitted, decoded and validated. */
export interface HandlerRequest {
  readonly operationId: string
  readonly method: string
  /** As sent, without the query. */
  readonly path: string
  readonly parameters: ParameterValues
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The decoded body, if there was one. */
  readonly body: unknown
}

export interface HandlerContext extends MockContext {
  readonly request: HandlerRequest
  /** The key that the request was made with, unless the operation needs none. */
  readonly apiKey: ApiKey | undefined
  /** What the mock answers without the handler: state, example or sample. */
  fallback(): Promise<HandlerAnswer>
}

export interface HandlerAnswer {
  /** Default: the documented success. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string | string[]>> | undefined
  readonly body?: unknown
}

/** An error, in the shape that the document gives to errors of its status. */
export interface HandlerRefusal {
  readonly refusal: {
    readonly status: number
    readonly message: string
    /** For the members of the error that the document names `code` and `details`, if it does. */
    readonly code?: string | undefined
    readonly details?: object | undefined
    readonly headers?: HandlerAnswer['headers']
    /** Also sent as `Retry-After`. */
    readonly retryAfterSeconds?: number | undefined
  }
}

export type HandlerResult = HandlerAnswer | HandlerRefusal

/**
 * Answers one operation. What a call writes is committed together before its answer leaves, or not at all when the call
 * throws. The writes of an asynchronous handler count as they are made, those of one `transact` together: what must not
 * stay half done belongs in one.
 */
export type Handler = (context: HandlerContext) => HandlerResult | Promise<HandlerResult>
export type Handlers = Readonly<Record<string, Handler>>
