// Which addresses of the mock are those of an authorization server: the ones that documents name, on whatever host, and
// those that metadata needs besides. Reads the documents alone.

import type { ApiDocument } from '../engine/document/document.js'
import { type FlowKind, type OAuthScheme, oauthSchemesOf } from '../engine/document/oauth-flows.js'
import { lazy } from '../engine/json.js'

/** What an address is for. */
export type Role =
  | 'token'
  | 'authorization'
  | 'device'
  | 'verification'
  | 'metadata'
  | 'jwks'
  | 'userinfo'
  | 'introspection'
  | 'revocation'

/** One authorization server: all endpoints of one issuer. */
export interface Authority {
  /** What follows the mock's origin in its issuer identifier; usually nothing. */
  readonly issuerPath: string
  /** Where each of its endpoints is, by path. */
  readonly addresses: Readonly<Partial<Record<Role, string>>>
  readonly flows: ReadonlySet<FlowKind>
  /** Whether it says who somebody is: then there are ID tokens. */
  readonly isOpenId: boolean
  /** What clients may ask for, with what each allows; empty where the documents name nothing. */
  readonly scopes: () => ReadonlyMap<string, string>
}

export interface OAuthEndpoint {
  readonly role: Role
  readonly authority: Authority
  /** Whether a document names this address. Others give way to the operations of a document. */
  readonly isDeclared: boolean
}

export interface OAuthAddresses {
  /** At a path without its query. */
  find(path: string): OAuthEndpoint | undefined
  readonly authorities: readonly Authority[]
}

/** A document with what comes before its paths where it is one of several. */
export interface Placed {
  readonly document: ApiDocument
  readonly prefix: string
}

/** Scopes of OpenID Connect (Core 1.0, sections 5.4 and 11). */
const OPENID_SCOPES: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'Read your name',
  email: 'Read your email address',
  offline_access: 'Keep access while you are away',
}
const METHODS: Readonly<Record<Role, readonly string[]>> = {
  token: ['POST'],
  authorization: ['GET', 'HEAD', 'POST'],
  device: ['POST'],
  verification: ['GET', 'HEAD', 'POST'],
  metadata: ['GET', 'HEAD'],
  jwks: ['GET', 'HEAD'],
  userinfo: ['GET', 'HEAD', 'POST'],
  introspection: ['POST'],
  revocation: ['POST'],
}
/** Where endpoints are that no document names, below the issuer's path. */
const DEFAULT_PATHS: Readonly<Record<Exclude<Role, 'metadata'>, string>> = {
  token: '/oauth2/token',
  authorization: '/oauth2/authorize',
  device: '/oauth2/device_authorization',
  verification: '/oauth2/device',
  jwks: '/oauth2/jwks',
  userinfo: '/oauth2/userinfo',
  introspection: '/oauth2/introspect',
  revocation: '/oauth2/revoke',
}
const OPENID_METADATA = '/.well-known/openid-configuration'
const OAUTH_METADATA = '/.well-known/oauth-authorization-server'
/** Takes the place of `{tenant}` in an address: any segment. */
const ANY_SEGMENT = '-any-segment-'
/** No document has more; one that does shall not delay the start. */
const MAX_SCHEMES = 200

export const methodsOf = ({ role }: OAuthEndpoint): readonly string[] => METHODS[role]

/** One parameter that each request for an endpoint must have, where the address is that of an operation as well. */
const REQUIRED: Readonly<Partial<Record<Role, readonly string[]>>> = {
  token: ['grant_type'],
  authorization: ['response_type', 'consent'],
  device: ['client_id'],
}

/** Whether a request is for the endpoint, and not for an operation of the document at the same address. */
export const isMeant = (
  { role }: OAuthEndpoint,
  parameters: { get(name: string): string | undefined },
): boolean => REQUIRED[role]?.some((name) => parameters.get(name) !== undefined) ?? true

/** Undefined where no document names an address of an authorization server. */
export function addressesOf(documents: readonly Placed[]): OAuthAddresses | undefined {
  const found = documents.flatMap(({ document, prefix }) => {
    const paths = pathsOf(document, prefix)
    const schemes = oauthSchemesOf(document).slice(0, MAX_SCHEMES)
    return schemes.map((scheme) => ({ document, paths, scheme }))
  })
  const byIssuer = new Map<string, Issuer>()
  for (const { document, paths, scheme } of found) {
    const declared = declaredBy(scheme, paths)
    if (declared.length === 0) continue
    const issuerPath = issuerPathOf(declared)
    const issuer = byIssuer.get(issuerPath) ?? { schemes: [], declared: [], documents: [] }
    byIssuer.set(issuerPath, issuer)
    issuer.schemes.push(scheme)
    issuer.declared.push(...declared)
    issuer.documents.push(document)
  }
  if (byIssuer.size === 0) return undefined
  const endpoints = [...byIssuer].flatMap(([issuerPath, issuer]) => endpointsOf(issuerPath, issuer))
  return {
    find: finderOf(endpoints),
    authorities: [...new Set(endpoints.map(({ endpoint }) => endpoint.authority))],
  }
}

/** A form that is posted to a path. */
export interface SimpleTokenRequest {
  readonly path: string
  readonly form: Readonly<Record<string, string>>
}

/** The simplest request for a token; undefined where one takes a person. */
export function tokenRequestOf({ authorities }: OAuthAddresses): SimpleTokenRequest | undefined {
  for (const { flows, addresses } of authorities) {
    const kind = (['clientCredentials', 'password'] as const).find((flow) => flows.has(flow))
    if (kind !== undefined && addresses.token !== undefined)
      return { path: addresses.token, form: SIMPLE_FORMS[kind] }
  }
  return undefined
}

const SIMPLE_FORMS = {
  clientCredentials: { grant_type: 'client_credentials' },
  password: { grant_type: 'password', username: 'user', password: 'secret' },
} as const

interface Address {
  readonly role: Role
  readonly path: string
}

interface Issuer {
  readonly schemes: OAuthScheme[]
  readonly declared: Address[]
  readonly documents: ApiDocument[]
}

interface PlacedEndpoint {
  readonly path: string
  readonly endpoint: OAuthEndpoint
}

function declaredBy(scheme: OAuthScheme, paths: (url: string) => readonly string[]): readonly Address[] {
  const named = (role: Role, url: string | undefined): readonly Address[] =>
    url === undefined ? [] : paths(url).map((path) => ({ role, path }))
  return [
    ...named('metadata', scheme.openIdConnectUrl),
    ...named('metadata', scheme.metadataUrl),
    ...scheme.flows.flatMap((flow) => [
      ...named('token', flow.tokenUrl),
      ...named('authorization', flow.authorizationUrl),
      ...named('device', flow.deviceAuthorizationUrl),
      ...named('token', flow.refreshUrl),
    ]),
  ]
}

/** The paths that a URL of a document may be meant by: on its own, and below the paths of its servers. */
function pathsOf({ operations }: ApiDocument, prefix: string): (url: string) => readonly string[] {
  const bases = lazy(() => [...new Set(['', prefix, ...operations.flatMap(({ basePaths }) => basePaths)])])
  return (url) => {
    // A variable at the beginning stands for a host.
    const plain = url.replace(/^\{+[^{}]*\}+(?=\/)/, '').replace(/\{[^{}]*\}/g, ANY_SEGMENT)
    const isAbsolute = /^([a-z][a-z\d+.-]*:)?\/\//i.test(plain)
    const own = isAbsolute ? [pathIn(plain)] : bases().flatMap((base) => [pathIn(plain, base)])
    const below = isAbsolute ? ['', prefix] : bases()
    const all = own.flatMap((path) => [path, ...below.map((base) => `${base}${path}`)])
    return [...new Set(all.filter((path) => path !== undefined))]
  }
}

function pathIn(url: string, base = ''): string | undefined {
  try {
    return new URL(url, `http://server${base}/`).pathname
  } catch {
    return undefined
  }
}

/** RFC 8414, section 3.1, and OpenID Connect Discovery 1.0, section 4: the issuer's path is around the well-known one. */
function issuerPathOf(declared: readonly Address[]): string {
  for (const { role, path } of declared) {
    if (role !== 'metadata' || path.includes(ANY_SEGMENT)) continue
    if (path.endsWith(OPENID_METADATA)) return path.slice(0, -OPENID_METADATA.length)
    if (path.startsWith(`${OAUTH_METADATA}/`)) return path.slice(OAUTH_METADATA.length)
  }
  return ''
}

function endpointsOf(issuerPath: string, issuer: Issuer): readonly PlacedEndpoint[] {
  const { schemes, declared } = issuer
  const isOpenId = schemes.some(({ openIdConnectUrl }) => openIdConnectUrl !== undefined)
  const flows = new Set(schemes.flatMap((scheme) => scheme.flows.map(({ kind }) => kind)))
  // Where a document leaves the flows to the metadata, there are those that are not discouraged (RFC 9700, section 2).
  if (flows.size === 0 || isOpenId)
    for (const kind of ['authorizationCode', 'clientCredentials', 'deviceAuthorization'] as const)
      flows.add(kind)
  const addresses: Partial<Record<Role, string>> = {}
  for (const { role, path } of declared) if (!path.includes(ANY_SEGMENT)) addresses[role] ??= path
  const further: Address[] = [
    { role: 'metadata', path: `${issuerPath}${OPENID_METADATA}` },
    { role: 'metadata', path: `${OAUTH_METADATA}${issuerPath}` },
  ]
  for (const role of neededRoles(flows, isOpenId)) {
    if (addresses[role] !== undefined) continue
    const path = `${issuerPath}${DEFAULT_PATHS[role]}`
    addresses[role] = path
    further.push({ role, path })
  }
  const authority = { issuerPath, addresses, flows, isOpenId, scopes: lazy(() => scopesOf(issuer, isOpenId)) }
  const placed = ({ role, path }: Address, isDeclared: boolean): PlacedEndpoint => ({
    path,
    endpoint: { role, authority, isDeclared },
  })
  return [...declared.map((one) => placed(one, true)), ...further.map((one) => placed(one, false))]
}

function neededRoles(flows: ReadonlySet<FlowKind>, isOpenId: boolean): readonly Exclude<Role, 'metadata'>[] {
  const has = (...kinds: readonly FlowKind[]): boolean => kinds.some((kind) => flows.has(kind))
  return [
    ...(has('authorizationCode', 'implicit') ? (['authorization'] as const) : []),
    ...(has('authorizationCode', 'clientCredentials', 'password', 'deviceAuthorization')
      ? (['token'] as const)
      : []),
    ...(has('deviceAuthorization') ? (['device', 'verification'] as const) : []),
    ...(isOpenId ? (['userinfo'] as const) : []),
    ...(['jwks', 'introspection', 'revocation'] as const),
  ]
}

function scopesOf({ schemes, documents }: Issuer, isOpenId: boolean): ReadonlyMap<string, string> {
  const names = new Set(schemes.map(({ name }) => name))
  const described = schemes.flatMap(({ flows }) => flows.flatMap((flow) => Object.entries(flow.scopes)))
  const asked = [...new Set(documents)]
    .flatMap(({ operations }) => operations.flatMap(({ security }) => security().flat()))
    // Since OpenAPI 3.2 a requirement may name its scheme by reference.
    .filter(({ scheme }) => names.has(scheme.name.replace(/^.*#.*\//, '')))
    .flatMap(({ scopes }) => scopes.map((name): [string, string] => [name, '']))
  const standard = isOpenId ? Object.entries(OPENID_SCOPES) : []
  // In the order of the document, whichever of them is described.
  const all = [...described, ...asked, ...standard]
  return new Map([
    ...all.map(([name]): [string, string] => [name, '']),
    ...all.filter(([, about]) => about !== ''),
  ])
}

function finderOf(endpoints: readonly PlacedEndpoint[]): OAuthAddresses['find'] {
  const exact = new Map<string, OAuthEndpoint>()
  const patterns: { readonly pattern: RegExp; readonly endpoint: OAuthEndpoint }[] = []
  // Of two that are at one address, the one that a document names has it.
  for (const { path, endpoint } of endpoints.toSorted(
    (a, b) => Number(b.endpoint.isDeclared) - Number(a.endpoint.isDeclared),
  )) {
    if (path.includes(ANY_SEGMENT)) {
      const source = path.split(ANY_SEGMENT).map((part) => part.replace(/[^\w/]/g, '\\$&'))
      patterns.push({ pattern: new RegExp(`^${source.join('[^/]+')}$`), endpoint })
    } else if (!exact.has(path)) exact.set(path, endpoint)
  }
  return (path) => exact.get(path) ?? patterns.find(({ pattern }) => pattern.test(path))?.endpoint
}
