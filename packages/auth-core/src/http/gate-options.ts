// What a gate is given: the requirements, and what the host wants to hear of.

import {
  type Check,
  callback,
  flag,
  having,
  listOf,
  type OptionTable,
  oneOf,
  text,
  wholeNumber,
} from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import type { ApiKeys } from '../api-keys.js'
import type { Limits } from '../limits.js'
import { type Resource, resourceName, type ScopeRequirement } from '../scopes.js'
import { type Requirements, requirementOptions } from '../verifier.js'
import type { DisclosedReason } from './answers.js'
import type { BrowserLeak } from './browser-leak.js'
import { type CredentialPlace, credentialPlaces } from './credential.js'
import type { FailureEvent } from './failures.js'
import type { OwnAnswer } from './own-answer.js'

export interface GateOptions<Request, Scope extends string = string> {
  /** Only keys of this environment; others get the 401 of an invalid key. Default: any. */
  readonly environment?: string | undefined
  /** All of these scopes, or with `{ anyOf }` those of one alternative; a key without them gets 403. Default: none. */
  readonly scopes?: ScopeRequirement<Scope> | undefined
  /**
   * What a request is about, or a function that reads it from the request: `(request) => ['project', request.params.id]`. Scopes
   * that name no resource themselves are required for this one. Where it is undefined, only a key whose scope is for every
   * resource has it. What the function throws is answered with 503.
   */
  readonly resource?: Resource | ((request: Request) => Resource | undefined) | undefined
  /** What `createLimits()` returned. A request is counted once, however many guards with the same limits it comes by. */
  readonly limits?: Limits | undefined
  /**
   * How much a request counts for, or a function that reads it from the request: a whole number, 0 or more. Guards on the way of
   * one request count it once, for the highest of their costs. What is no such number is answered with 503. Default 1.
   */
  readonly cost?: number | ((request: Request) => number) | undefined
  /**
   * Where a request may hold its key: one place or several. A request that holds keys in two of them gets 401. Default
   * `x-api-key`.
   */
  readonly credential?: CredentialPlace | readonly CredentialPlace[] | undefined
  /**
   * Also lets requests without a key pass, whose record is then null: for a route that takes a key or a login. A wrong key is
   * refused as ever. A token in `Authorization` that does not look like a key is left to the host.
   */
  readonly optional?: boolean | undefined
  /** Takes the key out of an accepted request, so that what the host forwards does not have it. */
  readonly stripCredential?: boolean | undefined
  /**
   * Tells whoever holds a key's secret that it has `expired`, is `idle` or `disabled`, was `revoked`, or which scope it lacks. Default:
   * no answer says why.
   */
  readonly disclose?: readonly DisclosedReason[] | undefined
  /** Named in the challenge of a 401. Default `api`. */
  readonly realm?: string | undefined
  /**
   * The answer to a refused request in the shape of the host's API; undefined for the standard one. Must return at once. An
   * answer that cannot be sent, a success for instance, is replaced by the standard one, with a warning of the process.
   */
  readonly respond?: ((event: FailureEvent, request: Request) => OwnAnswer | undefined) | undefined
  /** Called with every refusal. What it throws or rejects with changes no answer; a warning names it. */
  readonly onFailure?: ((event: FailureEvent, request: Request) => unknown) | undefined
  /** Called with the key of every accepted request. What it throws or rejects with changes no answer; a warning names it. */
  readonly onSuccess?: ((record: ApiKey, request: Request) => unknown) | undefined
  /**
   * Called when a browser sends a key of another environment than the sandbox, once per key, day and process: anyone who
   * sees the page has the key. The request is treated as any other. What it throws or rejects with changes no answer; a warning names it.
   */
  readonly onBrowserLeak?: ((leak: BrowserLeak, request: Request) => unknown) | undefined
}

const wholeCost = wholeNumber(0)
const requestCost: Check<never> = (value, path) =>
  (typeof value === 'function' ? value : wholeCost(value, path)) as never

export const gateOptions = <Request>(): OptionTable<GateOptions<Request>> => ({
  ...requirementOptions,
  resource(value, path) {
    return typeof value === 'function' ? (value as never) : resourceName(value, path)
  },
  limits: having(['consume'], 'pass what createLimits() returned'),
  cost: requestCost,
  credential: credentialPlaces,
  optional: flag,
  stripCredential: flag,
  disclose: listOf(oneOf('expired', 'idle', 'disabled', 'revoked', 'missing_scope')),
  realm: text,
  respond: callback(),
  onFailure: callback(),
  onSuccess: callback(),
  onBrowserLeak: callback(),
})

/** What all hosts are given first. */
export const keySet = having<ApiKeys>(['verify'], 'pass what createApiKeys() returned')

export type DemandingGateOptions<Request, Scope extends string = string> = GateOptions<Request, Scope> & {
  readonly optional?: false | undefined
}

export interface GateRequirements<Request> extends Omit<Requirements, 'resource'> {
  readonly resource?: GateOptions<Request>['resource']
}

/** @throws TypeError when the environment is not one of the key set's, or a resource is named without scopes. */
export function checkRequirements<Request>(
  apiKeys: ApiKeys,
  { environment, scopes, resource }: GateRequirements<Request>,
): GateRequirements<Request> {
  if (resource !== undefined && scopes === undefined) {
    throw new TypeError('resource: has a meaning only with scopes that are required for it')
  }
  if (environment !== undefined && !apiKeys.environments.some((known) => known === environment)) {
    throw new TypeError(`environment: must be one of ${apiKeys.environments.join(', ')}`)
  }
  return { environment, scopes, resource }
}
