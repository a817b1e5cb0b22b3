// The management API as pages call it.

import { ApiFailure } from '@gosend/dashboard-ui'
import type { ManagementComponents, ManagementPaths } from '@gosend/openapi'
import type createClient from 'openapi-fetch'

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

/** The methods of openapi-fetch, of which pages need no more than this file has. */
export type Client = Pick<
  ReturnType<typeof createClient<ManagementPaths>>,
  'GET' | 'POST' | 'PATCH' | 'DELETE'
>

export interface ClientOptions {
  readonly baseUrl: string
  readonly credentials?: RequestCredentials
  readonly send?: (request: Request) => Promise<Answer>
}

/** A response whose body has been read. */
export interface Answer {
  readonly response: Response
  /** Undefined where there is none. */
  readonly content: unknown
}

export async function fetchAnswer(request: Request): Promise<Answer> {
  const response = await fetch(request)
  // An answer without a body has none to read.
  return { response, content: await response.json().catch(() => undefined) }
}

interface Call {
  readonly params?: {
    readonly path?: Readonly<Record<string, string>>
    readonly query?: Readonly<Record<string, unknown>>
  }
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export function createApi(options: ClientOptions): Client {
  const { baseUrl, credentials = 'same-origin', send = fetchAnswer } = options
  const calling = (method: string) => async (path: string, call?: Call) => {
    const address = `${baseUrl}${addressOf(path, call?.params)}`
    const { response, content } = await send(
      new Request(address, { method, credentials, ...contentOf(call) }),
    )
    return response.ok ? { data: content, response } : { error: content, response }
  }
  const methods = {
    ...{ GET: calling('GET'), POST: calling('POST') },
    ...{ PATCH: calling('PATCH'), DELETE: calling('DELETE') },
  }
  // The types of the methods follow from the description of the API.
  return methods as unknown as Client
}

function addressOf(path: string, { path: parts, query = {} }: Call['params'] = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const one of [value].flat()) search.append(name, String(one))
  const place = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(parts?.[name] ?? ''))
  return search.size === 0 ? place : `${place}?${search}`
}

const contentOf = ({ body, headers }: Call = {}): RequestInit =>
  body === undefined
    ? { headers: { ...headers } }
    : { headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) }

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
  const { message, code } = Object(outcome.error) as { message?: unknown; code?: string }
  const isSaid = response.status !== 401 && typeof message === 'string'
  throw new ApiFailure(response.status, isSaid ? message : '', code)
}

/** A key with its secret. Only a repeated call with an idempotency key goes without, and this page makes none. */
export function inFull(made: Key | NewKey): NewKey {
  if ('key' in made) return made
  throw new ApiFailure(200, 'The key was shown before, and cannot be shown again.')
}
