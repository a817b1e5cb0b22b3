// Everything about an API that its document cannot say: handlers, jobs, a guard, what there is from the start, further
// steps of the control plane, and pages. GoSendAPI's own rules have this form, and so can anyone's.

import type { ApiKey } from '@gosend/auth-core'
import { callback, fitting, flag, mapOf, type OptionTable, wholeNumber } from '@gosend/options'
import { isObject } from '../engine/json.js'
import type { Violation } from '../engine/request/violations.js'
import type { MockContext } from './context.js'
import type { HandlerAnswer, HandlerRefusal, HandlerRequest, HandlerResult, Handlers } from './handlers.js'

export interface JobContext extends MockContext {
  readonly id: string
  /** 1 for the first try, one more after each that threw. */
  readonly attempt: number
  /** Aborts when the mock closes, is reset, or restores a snapshot: then nothing more of this job can be stored. */
  readonly signal: AbortSignal
}

/** What tells one run of a job from another. */
export type JobRun = Pick<JobContext, 'id' | 'attempt' | 'signal'>

/**
 * Does what was scheduled, with the payload as JSON keeps it. Its writes and its own removal are committed together. One
 * that throws is tried again after 1, 10 and 60 seconds of the mock's time, and then dropped with a warning. An
 * asynchronous job that the process does not live to finish is begun anew by the next one: at least once, not once.
 */
export type Job = (context: JobContext, payload: never) => void | Promise<void>
export type Jobs = Readonly<Record<string, Job>>

export interface GuardContext extends MockContext {
  /** The request before its parameters and body are read. */
  readonly request: Pick<HandlerRequest, 'method' | 'path' | 'headers'> & {
    readonly operationId: string | undefined
  }
  readonly apiKey: ApiKey | undefined
}

export interface GuardResult {
  /** For whatever the answer will be, refusals included. */
  readonly headers?: HandlerAnswer['headers']
  readonly refusal?: HandlerRefusal['refusal'] | undefined
}

/** A request that does not fit its description. */
export interface InvalidRequest {
  readonly operationId: string | undefined
  /** What it would be answered with. */
  readonly status: number
  /** Undefined when it could not be read. */
  readonly body: unknown
  /** Empty when what is wrong is no matter of members and parameters, such as the type or the size of the body. */
  readonly violations: readonly Violation[]
}

export interface ControlContext extends MockContext {
  /** Of the path's `{name}`s. */
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The JSON that was sent. */
  readonly body: unknown
}

/**
 * A step of the control plane. What it returns is the answer, nothing is `204`, and a TypeError is `400`. The query's
 * `project` and `environment` say for whom it is done; by default the first project's sandbox.
 */
export type Control = (context: ControlContext) => unknown

export interface PageContext extends MockContext {
  readonly request: Pick<HandlerRequest, 'method' | 'path' | 'headers'> & {
    readonly query: URLSearchParams
    /** The fields of a form, or JSON; undefined for anything else. */
    readonly body: unknown
  }
}

/** A page of the mock's own. Its body is text (HTML unless `content-type` says otherwise); undefined is `404`. */
export type Page = (context: PageContext) => HandlerAnswer | undefined | Promise<HandlerAnswer | undefined>

/** Each project and environment sees its own objects and jobs; `everywhere` leads to the others. */
export interface Rules {
  /** Code that answers operations, by operationId. */
  readonly handlers?: Handlers | undefined
  /** What can be scheduled, by name. */
  readonly jobs?: Jobs | undefined
  /** Comes after the credential has been judged and before anything else is read, for every operation. */
  readonly guard?: ((context: GuardContext) => GuardResult | undefined) | undefined
  /** Puts what is wrong with a request into the API's own words and codes. What it leaves out stays as it is. */
  readonly invalid?: ((request: InvalidRequest) => Partial<HandlerRefusal['refusal']> | undefined) | undefined
  /** Bytes that a file, or a form with files, may have, unless the mock is told otherwise. Default 10 MiB. */
  readonly maxBodyBytes?: number | undefined
  /**
   * Whether handlers see to repeated idempotency keys themselves. Default false: a request that repeats one gets the
   * first answer again, and no handler is called.
   */
  readonly ownIdempotency?: boolean | undefined
  /** Whether its own rules send the webhooks that its document describes. Default false: the mock sends them. */
  readonly ownWebhooks?: boolean | undefined
  /** Writes what a project and environment begins with, before anything else is asked of it; again after a reset. */
  readonly seed?: ((context: MockContext) => void) | undefined
  /** By method and path below `/_mock`: `POST /_mock/inbound`, `POST /_mock/inbound/{id}`. */
  readonly controls?: Readonly<Record<string, Control>> | undefined
  /**
   * What `controls` do, as path items of OpenAPI 3.1 by their paths below `/_mock`: `{ '/inbound': { post: { … } } }`. They are part of
   * `/_mock/openapi.json`, and their descriptions are what agents read.
   */
  readonly controlPaths?: Readonly<Record<string, object>> | undefined
  /** By the path at or below which they answer: `/signup`. A path that the document has by this very name has precedence. */
  readonly pages?: Readonly<Record<string, Page>> | undefined
  /** Called when what is stored has been exchanged by a reset or a snapshot: forgets what is remembered of it. */
  readonly forget?: (() => void) | undefined
}

export const rulesOptions: OptionTable<Rules> = {
  handlers: mapOf(callback()),
  jobs: mapOf(callback()),
  guard: callback(),
  invalid: callback(),
  maxBodyBytes: wholeNumber(0),
  ownIdempotency: flag,
  ownWebhooks: flag,
  seed: callback(),
  controls: mapOf(callback()),
  controlPaths: mapOf(fitting(isObject, 'must be a path item')),
  pages: mapOf(callback()),
  forget: callback(),
}

export const isRefusal = (result: HandlerResult): result is HandlerRefusal => 'refusal' in result
