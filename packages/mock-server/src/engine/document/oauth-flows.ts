// What a document says of where clients get tokens: the flows of its OAuth 2 schemes, and its OpenID Connect schemes.

import { entriesOf, isObject, type JsonObject, member, stringMember } from '../json.js'
import type { ApiDocument } from './document.js'
import { upgradeSecurityScheme } from './upgrade.js'

/** The keys of an OAuth Flows Object (OpenAPI 3.2, section 4.31). */
export const FLOWS = [
  'implicit',
  'password',
  'clientCredentials',
  'authorizationCode',
  'deviceAuthorization',
] as const
export type FlowKind = (typeof FLOWS)[number]

/** One flow, with its addresses as the document writes them. */
export interface OAuthFlow {
  readonly kind: FlowKind
  readonly tokenUrl: string | undefined
  readonly authorizationUrl: string | undefined
  readonly refreshUrl: string | undefined
  readonly deviceAuthorizationUrl: string | undefined
  /** What each scope allows, by its name. */
  readonly scopes: Readonly<Record<string, string>>
}

/** One `oauth2` or `openIdConnect` scheme. */
export interface OAuthScheme {
  readonly name: string
  readonly flows: readonly OAuthFlow[]
  /** Where the metadata of an OpenID Connect provider is. */
  readonly openIdConnectUrl: string | undefined
  /** Where the metadata of an authorization server is (RFC 8414). */
  readonly metadataUrl: string | undefined
}

export function oauthSchemesOf({ root, dialect, deref }: ApiDocument): readonly OAuthScheme[] {
  const isSwagger = dialect === 'swagger-2.0'
  const schemes = isSwagger
    ? entriesOf(root, 'securityDefinitions')
    : entriesOf(root.components, 'securitySchemes')
  return schemes.flatMap(([name, node]) => {
    const found = deref(node)
    if (!isObject(found)) return []
    const scheme = isSwagger ? upgradeSecurityScheme(found) : found
    if (scheme.type !== 'oauth2' && scheme.type !== 'openIdConnect') return []
    return [
      {
        name,
        flows: FLOWS.flatMap((kind) => flowOf(kind, deref(member(scheme.flows, kind)))),
        openIdConnectUrl: stringMember(scheme, 'openIdConnectUrl'),
        metadataUrl: stringMember(scheme, 'oauth2MetadataUrl'),
      },
    ]
  })
}

function flowOf(kind: FlowKind, flow: unknown): readonly OAuthFlow[] {
  if (!isObject(flow)) return []
  const url = (name: string): string | undefined => stringMember(flow, name)
  return [
    {
      kind,
      tokenUrl: kind === 'implicit' ? undefined : url('tokenUrl'),
      authorizationUrl: url('authorizationUrl'),
      refreshUrl: url('refreshUrl'),
      deviceAuthorizationUrl: url('deviceAuthorizationUrl'),
      scopes: scopesOf(flow),
    },
  ]
}

const scopesOf = (flow: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(entriesOf(flow, 'scopes').map(([name, about]) => [name, String(about ?? '')]))
