// Access tokens and ID tokens as signed JWTs (RFC 9068, OpenID Connect Core 1.0): the key, the claims, and the check of a
// token that a client sends. Only RS256, which every client knows; no other algorithm is accepted.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '../clock.js'
import { isObject, type JsonObject, member, stringMember } from '../engine/json.js'
import type { GrantTable } from '../storage/grant-table.js'

/** How long an access token is good for, by the mock's clock. */
export const ACCESS_SECONDS = 3_600

/** Whom a token is for, and what it allows. */
export interface Grant {
  /** Tokens of one grant are revoked together. */
  readonly grantId: string
  readonly clientId: string
  /** The user; the client itself where none took part. */
  readonly subject: string
  readonly scopes: readonly string[]
}

export interface AccessClaims extends Grant {
  readonly tokenId: string
  readonly issuer: string
  /** Seconds since the epoch, as in the token. */
  readonly issuedAt: number
  readonly expiresAt: number
}

export type TokenCheck =
  | { readonly ok: true; readonly claims: AccessClaims }
  | {
      readonly ok: false
      readonly reason: 'token_expired' | 'token_revoked' | 'token_forged' | 'token_foreign'
    }

export interface Tokens {
  /** Signs an access token for a grant. */
  access(grant: Grant, issuer: string): Promise<string>
  /** Signs an ID token with these claims. */
  identity(claims: JsonObject): Promise<string>
  check(token: string): Promise<TokenCheck>
  /** Takes back one token by its id, or all of a grant by the grant's. */
  revoke(id: string): void
  isRevoked(id: string): boolean
  /** The public key as a set (RFC 7517, section 5). */
  keySet(): Promise<object>
}

export interface TokensParts {
  readonly grants: GrantTable
  readonly settings: KeySettings
  readonly clock: Clock
}

/** Where the signing key is kept. */
export interface KeySettings {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

const SETTING = 'oauth-key'
const REVOKED = 'revoked'

export const randomId = (): string => randomBytes(18).toString('base64url')

export function createTokens({ grants, settings, clock }: TokensParts): Tokens {
  let opened: Promise<SigningKey> | undefined
  const key = (): Promise<SigningKey> => {
    opened ??= openSigningKey(settings)
    return opened
  }
  const seconds = () => Math.floor(clock.now() / 1_000)
  const jwt = async (type: string, claims: JsonObject): Promise<string> => {
    const { privateKey, id } = await key()
    const input = `${encoded({ alg: 'RS256', typ: type, kid: id })}.${encoded(claims)}`
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`
  }
  const isRevoked = (id: string): boolean => grants.find(REVOKED, id) !== undefined

  return {
    access({ grantId, clientId, subject, scopes }, issuer) {
      const iat = seconds()
      return jwt('at+jwt', {
        ...{ iss: issuer, sub: subject, aud: new URL(issuer).origin, client_id: clientId },
        ...{ scope: scopes.join(' '), iat, exp: iat + ACCESS_SECONDS, jti: randomId(), grant_id: grantId },
      })
    },
    identity(claims) {
      const iat = seconds()
      return jwt('JWT', { ...claims, iat, exp: iat + ACCESS_SECONDS })
    },
    async check(token) {
      const claims = claimsOf(token, await key())
      if (typeof claims === 'string') return { ok: false, reason: claims }
      if (claims.expiresAt <= seconds()) return { ok: false, reason: 'token_expired' }
      if (isRevoked(claims.tokenId) || isRevoked(claims.grantId))
        return { ok: false, reason: 'token_revoked' }
      return { ok: true, claims }
    },
    revoke(id) {
      grants.put(REVOKED, id, {})
    },
    isRevoked,
    async keySet() {
      const { publicKey, id } = await key()
      return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: id, use: 'sig', alg: 'RS256' }] }
    },
  }
}

const encoded = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url')

interface SigningKey {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** The key of this database, made when the first token is. */
async function openSigningKey(settings: KeySettings): Promise<SigningKey> {
  const kept = settings.get(SETTING)
  const privateKey = kept === undefined ? await newPrivateKey() : createPrivateKey(kept)
  if (kept === undefined) settings.set(SETTING, String(privateKey.export({ format: 'pem', type: 'pkcs8' })))
  const publicKey = createPublicKey(privateKey)
  const { e, kty, n } = publicKey.export({ format: 'jwk' })
  // Its thumbprint (RFC 7638).
  const id = createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url')
  return { id, privateKey, publicKey }
}

async function newPrivateKey(): Promise<KeyObject> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2_048 })
  return privateKey
}

/** The claims of an access token that was signed here; what is wrong with any other. */
function claimsOf(
  token: string,
  { id, publicKey }: SigningKey,
): AccessClaims | 'token_foreign' | 'token_forged' {
  const [header = '', payload = '', signature = '', ...surplus] = token.split('.')
  const { alg, typ, kid } = decoded(header) ?? {}
  if (kid !== id) return 'token_foreign'
  if (alg !== 'RS256' || typ !== 'at+jwt' || surplus.length > 0) return 'token_forged'
  const bytes = Buffer.from(signature, 'base64url')
  // Bits that decoding drops would give one token several spellings.
  if (bytes.toString('base64url') !== signature) return 'token_forged'
  if (!verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), publicKey, bytes)) return 'token_forged'
  const claims = decoded(payload)
  const text = (name: string): string => stringMember(claims, name) ?? ''
  return {
    ...{ tokenId: text('jti'), grantId: text('grant_id'), issuer: text('iss') },
    ...{ clientId: text('client_id'), subject: text('sub'), scopes: scopesIn(text('scope')) },
    ...{ issuedAt: Number(member(claims, 'iat')), expiresAt: Number(member(claims, 'exp')) },
  }
}

function decoded(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** A list of scopes as they stand in parameters and tokens: each once. */
export const scopesIn = (text: string): readonly string[] => [
  ...new Set(text.split(' ').filter((scope) => scope !== '')),
]
