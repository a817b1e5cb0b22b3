// What an authorization server says of itself: RFC 8414, and OpenID Connect Discovery 1.0, which has the same form.

import type { FlowKind } from '../engine/document/oauth-flows.js'
import type { Authority, Role } from './addresses.js'
import type { OAuthRequest } from './messages.js'

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** The grant types of each flow. */
const GRANT_TYPES: Readonly<Record<FlowKind, readonly string[]>> = {
  implicit: ['implicit'],
  password: ['password', 'refresh_token'],
  clientCredentials: ['client_credentials'],
  authorizationCode: ['authorization_code', 'refresh_token'],
  deviceAuthorization: [DEVICE_GRANT, 'refresh_token'],
}

export const grantTypesOf = ({ flows }: Authority): readonly string[] => [
  ...new Set([...flows].flatMap((flow) => GRANT_TYPES[flow])),
]

/** The issuer identifier, which begins with how the mock was called. */
export const issuerOf = ({ origin, endpoint }: Pick<OAuthRequest, 'origin' | 'endpoint'>): string =>
  origin + endpoint.authority.issuerPath

/** The members that name endpoints. */
const ENDPOINT_NAMES: Readonly<Partial<Record<Role, string>>> = {
  authorization: 'authorization_endpoint',
  token: 'token_endpoint',
  device: 'device_authorization_endpoint',
  jwks: 'jwks_uri',
  userinfo: 'userinfo_endpoint',
  introspection: 'introspection_endpoint',
  revocation: 'revocation_endpoint',
}
const AUTHENTICATION = ['client_secret_basic', 'client_secret_post', 'none']

export function metadataOf({ endpoint, origin }: OAuthRequest): object {
  const { authority } = endpoint
  const { addresses, flows, isOpenId } = authority
  const named = Object.entries(ENDPOINT_NAMES).flatMap(([role, name]) => {
    const path = addresses[role as Role]
    return path === undefined ? [] : [[name, origin + path]]
  })
  const responseTypes = [
    ...(flows.has('authorizationCode') ? ['code'] : []),
    ...(flows.has('implicit') ? ['token'] : []),
  ]
  return {
    issuer: issuerOf({ origin, endpoint }),
    ...(Object.fromEntries(named) as object),
    scopes_supported: [...authority.scopes().keys()],
    response_types_supported: responseTypes,
    response_modes_supported: ['query', 'fragment'],
    grant_types_supported: grantTypesOf(authority),
    token_endpoint_auth_methods_supported: AUTHENTICATION,
    introspection_endpoint_auth_methods_supported: AUTHENTICATION,
    revocation_endpoint_auth_methods_supported: AUTHENTICATION,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    ...(isOpenId
      ? {
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          claims_supported: ['sub', 'name', 'preferred_username', 'email', 'email_verified'],
        }
      : {}),
  }
}
