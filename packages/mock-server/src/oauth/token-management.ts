// What can be asked about a token and done to it: introspection (RFC 7662), revocation (RFC 7009), and whom it is about
// (OpenID Connect Core 1.0, section 5.3).

import type { Clients } from './clients.js'
import { type GrantedAccess, type Granting, profileOf } from './granting.js'
import {
  errorAnswer,
  jsonAnswer,
  type OAuthAnswer,
  type OAuthError,
  type OAuthRequest,
  oauthError,
} from './messages.js'
import type { Tokens } from './tokens.js'

export interface TokenManagementParts {
  readonly clients: Clients
  readonly granting: Granting
  readonly tokens: Tokens
}

export function createTokenManagement({ clients, granting, tokens }: TokenManagementParts) {
  /** The claims of a token that counts; undefined for any other. */
  const claimsOf = async (token: string) => {
    const check = await tokens.check(token)
    return check.ok ? check.claims : undefined
  }
  const asked = (request: OAuthRequest) => {
    const authenticated = clients.authenticate(request)
    if (!authenticated.ok) return authenticated
    const token = request.parameters.get('token')
    if (token === undefined) return oauthError('invalid_request', 'send the token')
    return { ok: true as const, client: authenticated.client, token }
  }

  return {
    async introspect(request: OAuthRequest): Promise<OAuthAnswer> {
      const given = asked(request)
      if (!given.ok) return errorAnswer(given)
      const { client, token } = given
      const claims = await claimsOf(token)
      const refresh = granting.find<GrantedAccess>('refresh', token)
      const shown = claims ?? refresh
      if (shown === undefined) return { answer: jsonAnswer(200, { active: false }), clientId: client.id }
      const { scopes, clientId, subject, issuer } = shown
      const details =
        claims === undefined
          ? {}
          : {
              ...{ token_type: 'Bearer', jti: claims.tokenId, aud: new URL(issuer).origin },
              ...{ iat: claims.issuedAt, exp: claims.expiresAt },
            }
      const body = {
        ...{ active: true, scope: scopes.join(' '), client_id: clientId, username: subject },
        ...{ sub: subject, iss: issuer, ...details },
      }
      return { answer: jsonAnswer(200, body), clientId: client.id }
    },

    async revoke(request: OAuthRequest): Promise<OAuthAnswer> {
      const given = asked(request)
      if (!given.ok) return errorAnswer(given)
      const { client, token } = given
      const claims = await claimsOf(token)
      const refresh = granting.find<GrantedAccess>('refresh', token)
      const owner = (claims ?? refresh)?.clientId
      if (owner !== undefined && owner !== client.id) {
        const refused = oauthError('unauthorized_client', 'the token was issued to another client')
        return { ...errorAnswer(refused), clientId: client.id }
      }
      // With a refresh token all that was issued for it goes (RFC 7009, section 2.1).
      const id = refresh?.grantId ?? claims?.tokenId
      if (id !== undefined) granting.revoke(id)
      const answer = { ...jsonAnswer(200, undefined), body: undefined }
      return {
        answer,
        reason: id === undefined ? 'no token of this mock' : 'token revoked',
        clientId: client.id,
      }
    },

    async userinfo(request: OAuthRequest): Promise<OAuthAnswer> {
      const { headers, parameters } = request
      const [, sent = parameters.get('access_token')] =
        /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
      if (sent === undefined)
        return refusedBearer(oauthError('invalid_token', 'send an access token', 401), false)
      const claims = await claimsOf(sent)
      if (claims === undefined)
        return refusedBearer(
          oauthError('invalid_token', 'the access token has expired, was revoked, or is none', 401),
        )
      const { subject, scopes, clientId } = claims
      if (!scopes.includes('openid'))
        return refusedBearer(oauthError('insufficient_scope', 'the access token lacks the scope openid', 403))
      return { answer: jsonAnswer(200, { sub: subject, ...profileOf(subject, scopes) }), clientId }
    },
  }
}

/** RFC 6750, section 3: without a token nothing is said but that one is needed. */
function refusedBearer(refused: OAuthError, isSaid = true): OAuthAnswer {
  const details = isSaid ? `, error="${refused.error}", error_description="${refused.description}"` : ''
  return errorAnswer({ ...refused, headers: { 'www-authenticate': `Bearer realm="api"${details}` } })
}
