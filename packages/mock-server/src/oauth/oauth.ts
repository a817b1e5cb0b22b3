// The door to the authorization server of a mock: which requests are for it, and which credentials are its tokens. All
// else is loaded when the first of them comes, and only where a document names where tokens come from.

import type { SecurityScheme } from '../engine/document/security-scheme.js'
import { lazy } from '../engine/json.js'
import {
  addressesOf,
  type OAuthEndpoint,
  type Placed,
  type SimpleTokenRequest,
  tokenRequestOf,
} from './addresses.js'
import type { AuthorizationServer, AuthorizationServerParts } from './authorization-server.js'
import type { OAuthAnswer, OAuthRequest } from './messages.js'
import type { TokenCheck } from './tokens.js'

export interface OAuth {
  /** What is at a path; undefined for all that is not the authorization server's. */
  find(path: string): OAuthEndpoint | undefined
  answer(request: OAuthRequest): Promise<OAuthAnswer>
  /** Undefined for a credential that need not be a token of this mock. */
  check(credential: string, scheme: SecurityScheme): Promise<TokenCheck | undefined> | undefined
  /** The simplest request for a token, where a document says where tokens come from. */
  tokenRequest(): TokenRequest | undefined
  /** The documents have changed. */
  forget(): void
}

export interface OAuthParts extends Omit<AuthorizationServerParts, 'grants'> {
  readonly documents: () => readonly Placed[]
  readonly grants: () => AuthorizationServerParts['grants']
}

interface TokenRequest extends SimpleTokenRequest {
  /** Its id and secret, such as `app:secret`. */
  readonly client: string
}

/** Secrets of the authorization server that are no access tokens. */
const OTHER_SECRET = /^gsk_(code|refresh|device|consent)_/

export function createOAuth(parts: OAuthParts): OAuth {
  let addresses = lazy(() => addressesOf(parts.documents()))
  const server = lazy(async (): Promise<AuthorizationServer> => {
    const { createAuthorizationServer } = await import('./authorization-server.js')
    return createAuthorizationServer({ ...parts, grants: parts.grants() })
  })
  const checkJwt = async (token: string, mayBeForeign: boolean): Promise<TokenCheck | undefined> => {
    const check = await (await server()).check(token)
    return !check.ok && check.reason === 'token_foreign' && mayBeForeign ? undefined : check
  }

  return {
    find: (path) => addresses()?.find(path),
    answer: async (request) => (await server()).answer(request),
    check(credential, { type }) {
      if (addresses() === undefined) return undefined
      const isOwnScheme = type !== 'http'
      if (isJwt(credential)) return checkJwt(credential, !isOwnScheme)
      if (OTHER_SECRET.test(credential)) return Promise.resolve({ ok: false, reason: 'token_forged' })
      const isKey = credential.startsWith('gsk_')
      // Once clients are registered, nobody else has tokens.
      const mustBeOwn = isOwnScheme && parts.clients.length > 0 && !isKey
      return mustBeOwn ? Promise.resolve({ ok: false, reason: 'token_foreign' }) : undefined
    },
    tokenRequest() {
      const found = addresses()
      const simplest = found && tokenRequestOf(found)
      const confidential = parts.clients.find(({ secret }) => secret !== undefined)
      // The secrets of registered clients are shown to nobody.
      const client = confidential === undefined ? 'app:secret' : `${confidential.id}:SECRET`
      return simplest && { ...simplest, client }
    },
    forget() {
      addresses = lazy(() => addressesOf(parts.documents()))
    },
  }
}

/** Whether a text begins like a JWT: one for an OAuth scheme must be of this mock, and well-formed. */
const isJwt = (text: string): boolean => /^eyJ[\w-]*(\.[\w-]*)+$/.test(text)
