// What an operation takes, and why a credential was refused, in words for people and in challenges for clients (RFC 9110, RFC 6750).

import type { SecurityRequirement } from '../engine/document/operation.js'
import type { SecurityScheme } from '../engine/document/security-scheme.js'
import type { Digest } from './digest.js'
import type { GateOptions, Refused } from './gate.js'

/** Credentials in words, by the kind of scheme. */
const IN_WORDS: ReadonlyMap<string, (scheme: SecurityScheme) => string> = new Map([
  [
    'apiKey',
    ({ in: place, parameter }) =>
      `an API key in the ${place === 'query' ? 'query parameter' : place} ${parameter}`,
  ],
  ['http', ({ scheme }) => HTTP_IN_WORDS.get(scheme) ?? `credentials of the HTTP scheme ${scheme}`],
  ['oauth2', () => 'an access token'],
  ['mutualTLS', () => 'a client certificate'],
  ['openIdConnect', () => 'an access token'],
])

const HTTP_IN_WORDS: ReadonlyMap<string, string> = new Map([
  ['basic', 'a user name and a password (HTTP Basic)'],
  ['digest', 'a user name and a password (HTTP Digest)'],
  ['bearer', 'a bearer token'],
])

/** What does for a mock, and how it is started otherwise. */
export function acceptedBy(
  { mode, credentials }: Pick<GateOptions, 'mode' | 'credentials'>,
  requirements: readonly SecurityRequirement[],
): string {
  if (mode === 'any') return 'Start the mock with --auth off to ask for none'
  const schemes = requirements.flatMap((requirement) => requirement.map(({ scheme }) => scheme))
  if (schemes.every(({ name }) => Object.hasOwn(credentials, name)))
    return 'Only what --credential gives is accepted: start the mock with --auth any to accept any, or --auth off for none'
  if (schemes.every(({ type }) => type === 'http'))
    return 'Any will do: --credential NAME=VALUE says which, and --auth off asks for none'
  return 'Only keys of this mock are accepted: start it with --auth any to accept any, or --auth off for none'
}

export function wantedBy(requirements: readonly SecurityRequirement[]): string {
  const alternatives = requirements.map((requirement) =>
    requirement.map(({ scheme }) => IN_WORDS.get(scheme.type)?.(scheme) ?? scheme.name).join(' and '),
  )
  return [...new Set(alternatives)].filter((one) => one !== '').join(', or ')
}

/** What is said of a bearer token that is not enough (RFC 6750, section 3.1), by the reason. */
export const BEARER_ERRORS: ReadonlyMap<string, readonly [error: string, explanation: string]> = new Map([
  ['token_expired', ['invalid_token', 'The access token has expired']],
  ['token_revoked', ['invalid_token', 'The access token was revoked']],
  ['token_forged', ['invalid_token', 'The access token was not issued by this server']],
  ['token_foreign', ['invalid_token', 'The access token was not issued by this server']],
  ['insufficient_scope', ['insufficient_scope', 'The access token lacks a scope that this request needs']],
])

/** The values of `WWW-Authenticate` (RFC 9110, section 11.6.1): one per kind of credential that would be taken. */
export function challengesOf(
  requirements: readonly SecurityRequirement[],
  { reason, scopes = [] }: Refused,
  digest: Digest,
): readonly string[] {
  const names = requirements.flat().map(({ scheme }) => {
    if (scheme.type === 'apiKey') return 'ApiKey'
    return scheme.type === 'http' && scheme.scheme !== '' ? scheme.scheme : 'bearer'
  })
  const capitalized = names.map((name) => name.charAt(0).toUpperCase() + name.slice(1))
  const [error, explanation] = BEARER_ERRORS.get(reason) ?? []
  const scope = scopes.length === 0 ? '' : `, scope="${scopes.join(' ').replace(/[^\x20-\x7e]|["\\]/g, '?')}"`
  const details = error === undefined ? '' : `, error="${error}", error_description="${explanation}"${scope}`
  return [...new Set(capitalized)].flatMap((name) => {
    if (name === 'Digest') return digest.challenges(reason === 'stale')
    return [`${name} realm="api"${name === 'Bearer' ? details : ''}`]
  })
}
