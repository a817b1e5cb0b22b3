// The management API as pages call it.

import { ApiFailure } from '@gosend/dashboard-ui'
import type { ManagementComponents, ManagementPaths } from '@gosend/openapi'
import createClient, { type ClientOptions } from 'openapi-fetch'

type Schemas = ManagementComponents['schemas']
export type Key = Schemas['KeyBody']
export type NewKey = Schemas['NewKeyBody']
export type Project = Schemas['ProjectBody']
export type Session = Schemas['SessionBody']
export type Usage = Schemas['UsageBody']
export type OutcomePoint = Schemas['OutcomePointBody']
export type KeyCheck = Schemas['KeyCheckBody']
export type Quota = Schemas['QuotaBody']
export type KeyEvent = Schemas['KeyEventBody']

export type Client = ReturnType<typeof createClient<ManagementPaths>>

export const createApi = (options: ClientOptions): Client => createClient<ManagementPaths>(options)

type Outcome<Data> =
  | { readonly data: Data; readonly error?: never; readonly response: Response }
  | { readonly data?: never; readonly error: unknown; readonly response: Response }

/** Told of every 401: the session is over. */
export const onUnauthorized = new Set<() => void>()

/**
 * What the API answered.
 * @throws ApiFailure with a message for people.
 */
export async function answer<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  return (await succeed(call)).data
}

/** A page of a list. */
export interface Page<Data> {
  readonly data: Data
  /** The cursor of the next page; null on the last. */
  readonly next: string | null
  /** How many there are in all, when that was asked for. */
  readonly total: number | null
}

/**
 * One page of what the API answered.
 * @throws ApiFailure with a message for people.
 */
export async function answerPage<Data>(call: Promise<Outcome<Data>>): Promise<Page<Data>> {
  const { data, response } = await succeed(call)
  const [, query] = /^<(\?[^>]*)>; rel="next"$/.exec(response.headers.get('Link') ?? '') ?? []
  const total = response.headers.get('X-Total-Count')
  return {
    data,
    next: new URLSearchParams(query).get('cursor'),
    total: total === null ? null : Number(total),
  }
}

async function succeed<Data>(call: Promise<Outcome<Data>>): Promise<{ data: Data; response: Response }> {
  const outcome = await call.catch(() => {
    throw new ApiFailure(0)
  })
  const { response } = outcome
  if (response.ok) return { data: outcome.data as Data, response }
  if (response.status === 401) for (const listener of onUnauthorized) listener()
  const { message } = Object(outcome.error) as { message?: unknown }
  const isSaid = response.status !== 401 && typeof message === 'string'
  throw new ApiFailure(response.status, isSaid ? message : '')
}

/** A key with its secret. Only a repeated call with an idempotency key goes without, and this page makes none. */
export function inFull(made: Key | NewKey): NewKey {
  if ('key' in made) return made
  throw new ApiFailure(200, 'The key was shown before, and cannot be shown again.')
}
