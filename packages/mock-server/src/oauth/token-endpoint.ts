// The token endpoint (RFC 6749, section 3.2): one function for each grant type.

import { createHash } from 'node:crypto'
import type { GrantTable } from '../storage/grant-table.js'
import type { Client, Clients } from './clients.js'
import { redeemDevice } from './device-flow.js'
import {
  type CodeGrant,
  type GrantedAccess,
  type Granting,
  newGrantId,
  scopesFor,
  scopesInWords,
} from './granting.js'
import {
  errorAnswer,
  jsonAnswer,
  type OAuthAnswer,
  type OAuthError,
  type OAuthRequest,
  oauthError,
} from './messages.js'
import { DEVICE_GRANT, grantTypesOf, issuerOf } from './metadata.js'
import { scopesIn } from './tokens.js'

type GrantResult =
  | { readonly ok: true; readonly access: GrantedAccess; readonly refresh?: GrantedAccess }
  | OAuthError

interface GrantRequest extends Pick<TokenEndpointParts, 'granting' | 'grants'> {
  readonly request: OAuthRequest
  readonly client: Client
}

type GrantType = (asked: GrantRequest) => GrantResult

export interface TokenEndpointParts {
  readonly clients: Clients
  readonly granting: Granting
  readonly grants: GrantTable
}

export function createTokenEndpoint({ clients, granting, grants }: TokenEndpointParts) {
  return async (request: OAuthRequest): Promise<OAuthAnswer> => {
    const grantType = request.parameters.get('grant_type')
    if (grantType === undefined)
      return errorAnswer(oauthError('invalid_request', 'send a form with grant_type (RFC 6749, section 4)'))
    const served = grantTypesOf(request.endpoint.authority)
    const grant = served.includes(grantType) ? GRANTS.get(grantType) : undefined
    if (grant === undefined) {
      const names = served.filter((name) => GRANTS.has(name)).join(', ')
      return errorAnswer(oauthError('unsupported_grant_type', `the document has flows for ${names}`))
    }
    const authenticated = clients.authenticate(request)
    if (!authenticated.ok) return errorAnswer(authenticated)
    const { client } = authenticated
    const result = grant({ request, client, granting, grants })
    if (!result.ok) return { ...errorAnswer(result), clientId: client.id }
    const { access, refresh } = result
    return {
      answer: jsonAnswer(200, await granting.respond(access, refresh)),
      reason: `token issued by ${shortName(grantType)}, ${scopesInWords(access.scopes)}`,
      clientId: client.id,
    }
  }
}

const shortName = (grantType: string): string => grantType.replace(/^urn:.*:/, '')
const clientCredentials: GrantType = ({ request, client }) => {
  // A client that cannot prove who it is gets nothing by itself (RFC 6749, section 4.4).
  if (!client.isConfidential)
    return oauthError(
      'invalid_client',
      'this grant takes a client_secret; any one will do unless clients are registered',
      401,
    )
  const asked = scopesFor(request.endpoint.authority, request.parameters.get('scope'))
  if (!asked.ok) return asked
  return { ok: true, access: accessOf({ request, client }, client.id, asked.scopes) }
}

const password: GrantType = ({ request, client }) => {
  const { parameters, endpoint } = request
  const username = parameters.get('username')
  if (username === undefined || parameters.get('password') === undefined)
    return oauthError('invalid_request', 'send username and password')
  const asked = scopesFor(endpoint.authority, parameters.get('scope'))
  if (!asked.ok) return asked
  const access = accessOf({ request, client }, username, asked.scopes)
  return { ok: true, access, refresh: access }
}

const authorizationCode: GrantType = ({ request, client, granting }) => {
  const { parameters } = request
  const code = parameters.get('code')
  if (code === undefined) return oauthError('invalid_request', 'send the code')
  const granted = granting.redeem<CodeGrant>('code', code)
  const refused = (why: string): OAuthError => oauthError('invalid_grant', why)
  if (granted === undefined) return refused('the code is unknown, expired or was used before')
  const { redirectUri, challenge, ...agreed } = granted
  if (agreed.clientId !== client.id) return refused('the code was issued to another client')
  if (redirectUri !== parameters.get('redirect_uri'))
    return refused('redirect_uri is not the one of the authorization request')
  const verifier = parameters.get('code_verifier')
  if (challenge === undefined && !client.isConfidential)
    return refused('a client without a secret needs PKCE: a code_challenge at first, the code_verifier now')
  if (challenge === undefined ? verifier !== undefined : challenge !== challengeOf(verifier))
    return refused('code_verifier does not belong to the code_challenge')
  const access = { ...agreed, isConfidential: client.isConfidential }
  return { ok: true, access, refresh: access }
}

/** RFC 7636, section 4.2. */
const challengeOf = (verifier = ''): string | undefined =>
  /^[\w.~-]{43,128}$/.test(verifier) ? createHash('sha256').update(verifier).digest('base64url') : undefined

const refreshToken: GrantType = ({ request, client, granting }) => {
  const { parameters } = request
  const token = parameters.get('refresh_token')
  if (token === undefined) return oauthError('invalid_request', 'send the refresh_token')
  const held = granting.find<GrantedAccess>('refresh', token)
  // What belongs to another client is neither used up nor told from what does not exist.
  const isTheirs =
    held === undefined || (held.clientId === client.id && (!held.isConfidential || client.isConfidential))
  const asked = parameters.get('scope')
  const scopes = asked === undefined ? held?.scopes : scopesIn(asked)
  if (isTheirs && held !== undefined && !scopes?.every((scope) => held.scopes.includes(scope)))
    return oauthError('invalid_scope', 'a refresh token gives no more than it was granted with')
  const access = isTheirs ? granting.redeem<GrantedAccess>('refresh', token) : undefined
  if (access === undefined || scopes === undefined)
    return oauthError('invalid_grant', 'the refresh token is unknown, expired, revoked or was used before')
  return { ok: true, access: { ...access, scopes }, refresh: access }
}

const deviceCode: GrantType = ({ request, client, granting, grants }) => {
  const code = request.parameters.get('device_code')
  if (code === undefined) return oauthError('invalid_request', 'send the device_code')
  const result = redeemDevice(grants, granting.now(), client, code)
  return result.ok ? { ...result, refresh: result.access } : result
}

/** By grant type. What is not served here is refused. */
const GRANTS: ReadonlyMap<string, GrantType> = new Map([
  ['client_credentials', clientCredentials],
  ['password', password],
  ['authorization_code', authorizationCode],
  ['refresh_token', refreshToken],
  [DEVICE_GRANT, deviceCode],
])

function accessOf(
  { request, client }: Pick<GrantRequest, 'request' | 'client'>,
  subject: string,
  scopes: readonly string[],
): GrantedAccess {
  const { id, isConfidential } = client
  return { grantId: newGrantId(), clientId: id, subject, scopes, issuer: issuerOf(request), isConfidential }
}
