// Who may call an operation: what the gate is asked and what it says.

import type { ApiKey, ApiKeys, RefusalReason } from '@gosend/auth-core'
import type { Operation } from '../engine/document/operation.js'
import type { SecurityScheme } from '../engine/document/security-scheme.js'
import type { MaybeLater } from '../engine/later.js'
import type { AccessClaims, TokenCheck } from '../oauth/tokens.js'
import type { Session, Sessions } from './sessions.js'

/** `strict`: API keys must be keys of this mock. `any`: every credential must be there. `off`: nothing is asked. */
export type AuthMode = 'strict' | 'any' | 'off'

/** For whom an exchange happens: decides which stored data it sees. */
export interface Identity {
  readonly projectId: string
  readonly environment: string
  /** The verified key, if there was one. */
  readonly apiKey: ApiKey | undefined
  /** What the access token says, if one of this mock's was sent. */
  readonly token?: AccessClaims | undefined
}

export interface RefusedAdmission {
  readonly ok: false
  readonly status: 401 | 403 | 503
  readonly reason: string
  readonly challenges: readonly string[]
  /** What the operation takes, for people, and how another mode changes that: `a bearer token. Start the mock …`. */
  readonly wanted: string
  /** What is wrong with an access token, which is no secret to who holds it. */
  readonly explanation?: string | undefined
}

export type Admission = { readonly ok: true; readonly identity: Identity } | RefusedAdmission

/** The certificate of a client: trusted if it is signed as the mock was told; undefined where it cannot have one. */
export type ClientCertificate = 'none' | 'unknown' | 'trusted' | undefined

export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly query: string
  readonly ip: string | undefined
  readonly method: string
  /** The request target, query included. */
  readonly target: string
  readonly clientCertificate?: ClientCertificate
}

export interface Gate {
  admit(operation: Operation, credentials: () => Credentials): MaybeLater<Admission>
  /** The header fields that an operation's credentials come in, as `Vary` lists them (RFC 9110, section 12.5.5). */
  fieldsOf(operation: Operation): string | undefined
  /** Header fields without those that carry the mock's own admin key: it goes to no API, callback or rule. */
  withoutAdminKey<Fields extends object>(headers: Fields): Fields
  /** Whether an address or a body has that key in it. */
  holdsAdminKey(sent: string | Buffer): boolean
}

/** What knows the access tokens that this mock has issued. */
export interface AccessTokens {
  /** Undefined for a credential that need not be one of them. */
  check(credential: string, scheme: SecurityScheme): Promise<TokenCheck | undefined> | undefined
}

export interface GateOptions {
  readonly apiKeys: ApiKeys
  /** What a scheme asks for whose header is `X-Admin-Key`. */
  readonly adminKey: string
  readonly mode: AuthMode
  /** Credentials by the name of their scheme; a scheme without an entry takes any well-formed one. */
  readonly credentials: Readonly<Record<string, readonly string[]>>
  readonly tokens: AccessTokens
  /** Whether client certificates must be signed by one that the mock was given. */
  readonly trustsOnly: boolean
  /** The cookies that the mock has set. */
  readonly sessions: Pick<Sessions, 'find'>
  /** The mock's time: nonces count for a while. */
  readonly now: () => number
}

export interface Accepted {
  readonly ok: true
  readonly apiKey?: ApiKey | undefined
  readonly token?: AccessClaims | undefined
  readonly session?: Session | undefined
}

export interface Refused {
  readonly ok: false
  readonly reason:
    | 'missing'
    | 'malformed'
    | 'wrong'
    | 'unavailable'
    | 'insufficient_scope'
    | 'stale'
    | RefusalReason
    | (TokenCheck & { readonly ok: false })['reason']
  /** Those that would have been needed, where some are missing. */
  readonly scopes?: readonly string[]
}

export type Outcome = Accepted | Refused
