// What is granted to a client, and the answer that hands the tokens over: access token, refresh token, ID token.

import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import { type JsonObject, stringMember } from '../engine/json.js'
import type { GrantTable } from '../storage/grant-table.js'
import type { Authority } from './addresses.js'
import { type OAuthError, oauthError } from './messages.js'
import { ACCESS_SECONDS, type Grant, randomId, scopesIn, type Tokens } from './tokens.js'

/** What a user has agreed to, or a client may do by itself. */
export interface GrantedAccess extends Grant {
  /** The issuer identifier of the authorization server. */
  readonly issuer: string
  /** Whether the client has to prove who it is whenever it comes back. */
  readonly isConfidential: boolean
  /** When the user agreed, in seconds; undefined where none took part. */
  readonly authenticatedAt?: number | undefined
  readonly nonce?: string | undefined
}

/** What an authorization code stands for. */
export interface CodeGrant extends Omit<GrantedAccess, 'isConfidential'> {
  /** As the client sent it; undefined when it did not. */
  readonly redirectUri: string | undefined
  /** Of PKCE, by S256 (RFC 7636). */
  readonly challenge: string | undefined
}

export type ScopesResult = { readonly ok: true; readonly scopes: readonly string[] } | OAuthError

export interface Granting {
  /** Tokens for a grant, as RFC 6749, section 5.1; with a refresh token for what `refresh` says. */
  respond(access: GrantedAccess, refresh: GrantedAccess | undefined): Promise<JsonObject>
  /** Keeps something under a new secret and gives the secret, which is kept nowhere. */
  keep(kind: SecretKind, body: object, seconds: number): string
  /** What a secret stands for; undefined when it does not exist or has expired. */
  find<T extends object>(kind: SecretKind, secret: string): T | undefined
  /** The same, once. */
  take<T extends object>(kind: SecretKind, secret: string): T | undefined
  /** The same, for what a grant was made with. A secret that is used again takes back what was granted with it (RFC 9700, section 4.14.2). */
  redeem<T extends { readonly grantId: string }>(kind: SecretKind, secret: string): T | undefined
  revoke(id: string): void
  readonly now: () => number
}

/** Secrets of the authorization server. Their names keep them out of the journal, as those of keys do. */
export type SecretKind = 'code' | 'refresh' | 'device' | 'consent'

interface Kept {
  readonly body: object
  readonly expiresAt: number
}

const REFRESH_SECONDS = 30 * 86_400

export interface GrantingParts {
  readonly grants: GrantTable
  readonly tokens: Tokens
  readonly clock: Clock
}

export const newSecret = (kind: SecretKind): string => `gsk_${kind}_${randomBytes(24).toString('hex')}`

/** What a secret is stored under: nothing in the store is of use to anyone. */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

export const newGrantId = (): string => `grant-${randomId()}`

/** Scopes for people who read the journal. */
export const scopesInWords = (scopes: readonly string[]): string =>
  scopes.length === 0 ? 'without scopes' : `for ${scopes.join(' ')}`

/** What a scope parameter asks for; all that there is when it is not there. */
export function scopesFor(authority: Authority, asked: string | undefined): ScopesResult {
  const known = authority.scopes()
  const isDescribed = [...known.keys()].some((scope) => !isOpenIdScope(scope))
  if (asked === undefined)
    return { ok: true, scopes: [...known.keys()].filter((scope) => !isOpenIdScope(scope)) }
  const scopes = scopesIn(asked)
  const unknown = scopes.find((scope) => !known.has(scope) && !isOpenIdScope(scope))
  if (unknown === undefined || !isDescribed) return { ok: true, scopes }
  const names = [...known.keys()].slice(0, MAX_NAMED).join(', ')
  return oauthError('invalid_scope', `${unknown} is no scope of this API; it has ${names}`)
}

const MAX_NAMED = 20
const OPENID_SCOPES = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])
const isOpenIdScope = (scope: string): boolean => OPENID_SCOPES.has(scope)

export function createGranting({ grants, tokens, clock }: GrantingParts): Granting {
  const now = () => Math.floor(clock.now() / 1_000)
  const alive = <T extends object>(kept: Kept | undefined): T | undefined => {
    if (kept === undefined || kept.expiresAt <= now()) return undefined
    const grantId = stringMember(kept.body, 'grantId')
    return grantId !== undefined && tokens.isRevoked(grantId) ? undefined : (kept.body as T)
  }

  const keep: Granting['keep'] = (kind, body, seconds) => {
    const secret = newSecret(kind)
    const kept: Kept = { body, expiresAt: now() + seconds }
    grants.put(kind, digestOf(secret), kept)
    return secret
  }

  return {
    async respond(access, refresh) {
      const { issuer, scopes } = access
      const accessToken = await tokens.access(access, issuer)
      return {
        access_token: accessToken,
        token_type: 'Bearer',
        expires_in: ACCESS_SECONDS,
        scope: scopes.join(' '),
        ...(refresh === undefined ? {} : { refresh_token: keep('refresh', refresh, REFRESH_SECONDS) }),
        ...(scopes.includes('openid') && access.authenticatedAt !== undefined
          ? { id_token: await tokens.identity(identityClaims(access, accessToken)) }
          : {}),
      }
    },
    keep,
    find: <T extends object>(kind: SecretKind, secret: string) =>
      alive<T>(grants.find<Kept>(kind, digestOf(secret))),
    take: <T extends object>(kind: SecretKind, secret: string) =>
      alive<T>(grants.take<Kept>(kind, digestOf(secret))),
    redeem<T extends { readonly grantId: string }>(kind: SecretKind, secret: string) {
      const kept = grants.take<Kept>(kind, digestOf(secret))
      if (kept !== undefined) {
        const body = kept.body as T
        grants.put(`used-${kind}`, digestOf(secret), { grantId: body.grantId })
        return alive<T>(kept)
      }
      const used = grants.find<{ grantId: string }>(`used-${kind}`, digestOf(secret))
      if (used !== undefined) tokens.revoke(used.grantId)
      return undefined
    },
    revoke: tokens.revoke,
    now,
  }
}

/** OpenID Connect Core 1.0, sections 2 and 3.2.2.9. */
function identityClaims(access: GrantedAccess, accessToken: string): JsonObject {
  const { issuer, subject, clientId, nonce, authenticatedAt, scopes } = access
  const half = createHash('sha256').update(accessToken).digest().subarray(0, 16)
  return {
    ...{ iss: issuer, sub: subject, aud: clientId, auth_time: authenticatedAt },
    at_hash: half.toString('base64url'),
    ...(nonce === undefined ? {} : { nonce }),
    ...profileOf(subject, scopes),
  }
}

/** What there is to know of a user, as far as scopes allow (OpenID Connect Core 1.0, section 5.4). */
export function profileOf(subject: string, scopes: readonly string[]): JsonObject {
  const name = subject.replace(/@.*$/, '')
  return {
    ...(scopes.includes('profile') ? { name, preferred_username: name } : {}),
    ...(scopes.includes('email')
      ? { email: subject.includes('@') ? subject : `${subject}@example.com`, email_verified: true }
      : {}),
  }
}
