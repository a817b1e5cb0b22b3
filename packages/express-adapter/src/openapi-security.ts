// What an OpenAPI document says of keys: for each operation, where the key is, and which scopes it needs. It is the same
// `security` that a sandbox, a client and a reference page read.

import { type CredentialPlace, createCredential } from '@gosend/auth-core/http'

/** What a request needs: a key that has all scopes of one of the sets. */
export interface KeyDemand {
  /** Where the key may be; empty for an operation that is open. */
  readonly places: readonly CredentialPlace[]
  /** The sets of those alternatives that have the key where this request has it; of all for a request without a key. */
  scopeSets(request: Fields): readonly (readonly string[])[]
  /** Whether one of the alternatives asks for no key. */
  readonly isOptional: boolean
}

type Fields = Parameters<ReturnType<typeof createCredential>['read']>[0]

export interface SchemeNames {
  /** The security schemes that a key fulfils. */
  readonly schemes: readonly string[] | undefined
  /** Those that the host checks itself. */
  readonly elsewhere: readonly string[]
}

/** Finds what a request needs by its method and its path, which begins where the paths of the document do. */
export type FindDemand = (method: string, path: string) => KeyDemand

type Json = Readonly<Record<string, unknown>>

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query']
const OPEN: KeyDemand = { places: [], scopeSets: () => [], isOptional: true }

/** @throws TypeError when the document is none, or an operation needs a scheme that nobody would check. */
export function readSecurity(document: unknown, names: SchemeNames): FindDemand {
  const { openapi, swagger, paths, security: shared } = jsonOf(document)
  if (openapi === undefined && swagger === undefined) {
    throw new TypeError('document: must be an OpenAPI document, as an object: parse JSON or YAML first')
  }
  const schemes = placesOf(jsonOf(document), names)
  const routes: Route[] = []
  for (const [template, item] of Object.entries(jsonOf(paths))) {
    for (const [method, operation] of operationsOf(jsonOf(item), template)) {
      const security = operation.security ?? shared
      const demand = demandOf(security, schemes, `${method} ${template}`)
      routes.push({ method, segments: segmentsOf(template).map(segmentOf), demand })
    }
  }
  const places = distinct([...schemes.values()].filter((place) => place !== ELSEWHERE))
  if (places.length === 0) {
    throw new TypeError('document: has no security scheme with a header field for a key')
  }
  return createFinder(routes, { places, scopeSets: () => [[]], isOptional: false })
}

function operationsOf(item: Json, template: string): readonly (readonly [method: string, operation: Json])[] {
  // Operations that are not seen would be held to nothing but a key.
  if (item.$ref !== undefined) {
    throw new TypeError(
      `document: the operations of ${template} are in another place ($ref); bundle the document first`,
    )
  }
  const fixed = METHODS.filter((method) => item[method] !== undefined).map(
    (method) => [method, item[method]] as const,
  )
  const further = Object.entries(jsonOf(item.additionalOperations))
  return [...fixed, ...further].map(
    ([method, operation]) => [method.toUpperCase(), jsonOf(operation)] as const,
  )
}

const ELSEWHERE = Symbol('checked elsewhere')
type Schemes = ReadonlyMap<string, CredentialPlace | typeof ELSEWHERE>

function placesOf(document: Json, { schemes, elsewhere }: SchemeNames): Schemes {
  const declared = jsonOf(jsonOf(document.components).securitySchemes ?? document.securityDefinitions)
  const unknown = [...(schemes ?? []), ...elsewhere].find((name) => !Object.hasOwn(declared, name))
  if (unknown !== undefined) {
    throw new TypeError(
      `document: has no security scheme ${unknown}; it has ${Object.keys(declared).join(', ')}`,
    )
  }
  const places = new Map<string, CredentialPlace | typeof ELSEWHERE>()
  for (const [name, scheme] of Object.entries(declared)) {
    if (elsewhere.includes(name)) places.set(name, ELSEWHERE)
    else if (schemes === undefined || schemes.includes(name)) {
      const place = placeOf(jsonOf(scheme), schemes !== undefined)
      if (place !== undefined) places.set(name, place)
      else if (schemes !== undefined) {
        throw new TypeError(`document: no key can be where the security scheme ${name} has it; use a header`)
      }
    }
  }
  return places
}

/** @param isNamed whether the host says that keys are what the scheme means; else tokens of OAuth are not taken for keys. */
function placeOf({ type, in: location, name, scheme }: Json, isNamed: boolean): CredentialPlace | undefined {
  if (type === 'apiKey' && location === 'header') return { header: String(name) }
  if (type === 'http') {
    const isPassword = /^(?:basic|digest)$/i.test(String(scheme))
    if (/^bearer$/i.test(String(scheme))) return 'authorization-bearer'
    return isPassword ? undefined : { header: 'authorization', scheme: String(scheme) }
  }
  return isNamed && (type === 'oauth2' || type === 'openIdConnect') ? 'authorization-bearer' : undefined
}

function demandOf(security: unknown, schemes: Schemes, operation: string): KeyDemand {
  const alternatives = (Array.isArray(security) ? security : []).map((alternative) =>
    alternativeOf(jsonOf(alternative), schemes, operation),
  )
  const withKey = alternatives
    .filter(({ places }) => places.length > 0)
    .map(({ places, scopes }) => ({ places, scopes, credential: createCredential(distinct(places)) }))
  if (withKey.length === 0) return OPEN
  return {
    places: distinct(withKey.flatMap(({ places }) => places)),
    scopeSets(request) {
      const meant = withKey.filter(({ credential }) => credential.read(request) !== undefined)
      return (meant.length === 0 ? withKey : meant).map(({ scopes }) => scopes)
    },
    isOptional: withKey.length < alternatives.length,
  }
}

/** What one of the alternatives wants of a key: no place where it wants none. */
function alternativeOf(alternative: Json, schemes: Schemes, operation: string) {
  const places: CredentialPlace[] = []
  const scopes: string[] = []
  for (const [name, needed] of Object.entries(alternative)) {
    const place = schemes.get(name)
    if (place === undefined) {
      throw new TypeError(
        `document: ${operation} needs ${name}, which is no key; name it in schemes, or in elsewhere if other middleware checks it`,
      )
    }
    if (place === ELSEWHERE) continue
    places.push(place)
    if (Array.isArray(needed)) scopes.push(...needed.map(String))
  }
  return { places, scopes }
}

/** Two schemes of a document may mean the same header. */
const distinct = (places: readonly CredentialPlace[]): CredentialPlace[] => {
  const nameOf = (place: CredentialPlace) => JSON.stringify(place).toLowerCase()
  return [...new Map(places.map((place) => [nameOf(place), place])).values()]
}

interface Route {
  readonly method: string
  readonly segments: readonly Segment[]
  readonly demand: KeyDemand
}

interface Segment {
  readonly start: string
  readonly end: string
  readonly isTemplate: boolean
}

// Routers differ in upper and lower case, slashes and percent-encoding. Whatever one of them may take for an operation is
// held to what that needs.
const segmentsOf = (path: string): string[] => path.split('/').filter(Boolean).map(folded)

function folded(text: string): string {
  try {
    return decodeURIComponent(text).toLowerCase()
  } catch {
    return text.toLowerCase()
  }
}

function segmentOf(text: string): Segment {
  const first = text.indexOf('{')
  const last = text.lastIndexOf('}')
  return first === -1 || last < first
    ? { start: text, end: '', isTemplate: false }
    : { start: text.slice(0, first), end: text.slice(last + 1), isTemplate: true }
}

function createFinder(routes: readonly Route[], unlisted: KeyDemand): FindDemand {
  const byLength = new Map<string, Route[]>()
  for (const route of routes) {
    const key = `${route.method} ${route.segments.length}`
    byLength.set(key, [...(byLength.get(key) ?? []), route].sort(byPrecision))
  }
  const find = (method: string, segments: readonly string[]) =>
    byLength
      .get(`${method} ${segments.length}`)
      ?.find((route) => route.segments.every((segment, i) => isMatch(segment, segments[i] ?? '')))?.demand
  return (method, path) => {
    const segments = segmentsOf(path)
    return find(method, segments) ?? (method === 'HEAD' ? find('GET', segments) : undefined) ?? unlisted
  }
}

const isMatch = ({ start, end, isTemplate }: Segment, text: string) =>
  isTemplate
    ? text.length > start.length + end.length && text.startsWith(start) && text.endsWith(end)
    : text === start

/** What is written out comes before templates (OpenAPI 3.1, section 4.8.8.2). */
function byPrecision(a: Route, b: Route): number {
  for (const [i, segment] of a.segments.entries()) {
    const difference = precisionOf(b.segments[i]) - precisionOf(segment)
    if (difference !== 0) return difference
  }
  return 0
}

const precisionOf = (segment: Segment | undefined) =>
  segment === undefined
    ? 0
    : segment.isTemplate
      ? segment.start.length + segment.end.length
      : Number.MAX_SAFE_INTEGER

const jsonOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
