// The hook for an API's own rules: code that answers an operation in place of the engine, by `operationId`.

import type { ApiKey } from '@gosend/auth-core'
import type { Project } from '@gosend/express-adapter'
import type { ParameterValues } from './parameters.js'

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

export interface HandlerContext {
  readonly request: HandlerRequest
  readonly project: Project
  /** `sandbox` or `production`. */
  readonly environment: string
  /** The key that the request was made with, unless the operation needs none. */
  readonly apiKey: ApiKey | undefined
  /** The mock's time, milliseconds since the epoch. */
  now(): number
  /** What the mock answers without the handler: state, example or sample. */
  fallback(): Promise<HandlerAnswer>
}

export interface HandlerAnswer {
  /** Default: the documented success. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string | string[]>> | undefined
  readonly body?: unknown
}

export type Handler = (context: HandlerContext) => HandlerAnswer | Promise<HandlerAnswer>
export type Handlers = Readonly<Record<string, Handler>>
