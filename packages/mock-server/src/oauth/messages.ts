// What an authorization server is asked and how it answers: parameters, errors as RFC 6749, section 5.2, and JSON.

import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from '../engine/response/answers.js'
import type { OAuthEndpoint } from './addresses.js'

export interface OAuthRequest {
  readonly endpoint: OAuthEndpoint
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** Of the query, and of the form or JSON object that was sent. */
  readonly parameters: Parameters
  /** How the mock was called: `http://127.0.0.1:4010`. */
  readonly origin: string
  /** The path of the endpoint. */
  readonly path: string
  /** Whether a page of another site sent it. */
  readonly isForeign: boolean
}

export interface Parameters {
  get(name: string): string | undefined
  /** A name that stands there twice (RFC 6749, sections 3.1 and 3.2). */
  readonly repeated: string | undefined
}

/** An answer with what the journal says of it. */
export interface OAuthAnswer {
  readonly answer: Answer
  /** What was issued or why not; undefined where the status says it all. */
  readonly reason?: string | undefined
  readonly clientId?: string | undefined
}

export interface OAuthError {
  readonly ok: false
  readonly status: number
  /** One of the codes of RFC 6749, 6750, 7009 or 8628. */
  readonly error: string
  readonly description: string
  readonly headers?: Answer['headers']
}

export const oauthError = (error: string, description: string, status = 400): OAuthError => ({
  ok: false,
  ...{ status, error, description },
})

/** Tokens are for the one who asked (RFC 6749, section 5.1). */
const NEVER_STORED = { 'cache-control': 'no-store', pragma: 'no-cache', 'x-content-type-options': 'nosniff' }

export const jsonAnswer = (status: number, body: unknown, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { ...NEVER_STORED, ...headers },
  body,
})

export function errorAnswer({ status, error, description, headers }: OAuthError): OAuthAnswer {
  const body = { error, error_description: inDescription(description) }
  return { answer: jsonAnswer(status, body, headers), reason: `${error}: ${description}` }
}

/** The letters that descriptions may have (RFC 6749, section 5.2). */
export const inDescription = (text: string): string =>
  text
    .replaceAll('"', "'")
    .replace(/[^\x20-\x7e]|\\/g, '?')
    .slice(0, 500)

/** Parameters that say what is asked for, and give nobody anything. */
const HARMLESS = [
  ...[
    'grant_type',
    'response_type',
    'client_id',
    'redirect_uri',
    'scope',
    'username',
    'code_challenge_method',
  ],
  ...['token_type_hint', 'resource', 'decision'],
]

/** What a journal may show of a request. */
export const shownParameters = ({ get }: Parameters): object =>
  Object.fromEntries(HARMLESS.flatMap((name) => (get(name) === undefined ? [] : [[name, get(name)]])))

const MAX_PARAMETERS = 100

/** @param body what was sent, as the media type says: a form, or JSON. */
export function parametersOf(query: string, body: string, mediaType = ''): Parameters {
  const found = new Map<string, string>()
  let repeated: string | undefined
  const add = (name: string, value: string) => {
    // An empty parameter counts as one that is not there (RFC 6749, section 3.1).
    if (value === '') return
    // Only a resource may be named twice (RFC 8707, section 2).
    if (found.has(name) && name !== 'resource') repeated ??= name
    found.set(name, value)
  }
  const pairs = [...new URLSearchParams(query), ...sentPairs(body, mediaType)].slice(0, MAX_PARAMETERS)
  for (const [name, value] of pairs) add(name, value)
  return { get: (name) => found.get(name), repeated }
}

function sentPairs(body: string, mediaType: string): readonly (readonly [string, string])[] {
  if (!/[/+]json\b/i.test(mediaType)) return [...new URLSearchParams(body)]
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null
      ? Object.entries(parsed).flatMap(([name, value]) =>
          ['string', 'number', 'boolean'].includes(typeof value) ? [[name, String(value)] as const] : [],
        )
      : []
  } catch {
    return []
  }
}
