// Where a request holds its key: in `X-API-Key`, as a Bearer token, in a header field that the host names, or in one of
// several.

import { type Check, checkOptions, matching, OptionError, type OptionTable, required } from '@gosend/options'
import { challengeOf } from './answers.js'

/** `x-api-key`, `authorization-bearer` (RFC 6750, section 2.1), or another header field. */
export type CredentialPlace =
  | 'x-api-key'
  | 'authorization-bearer'
  | {
      readonly header: string
      /** The authentication scheme in front of the key (RFC 9110, section 11.4): `Token` in `Authorization: Token gsk_…`. */
      readonly scheme?: string | undefined
    }

/** What is asked of a request. */
export interface FieldReader {
  /** The value of a field by its name in lower case, repeated ones joined by a comma. */
  header(name: string): string | null | undefined
}

/** In place of a key: several places hold one, so that it is not clear whose request it is. */
export const ambiguous = Symbol.for('@gosend/auth-core several keys')

export interface Credential {
  /** The names of the fields that can hold the key, in lower case. */
  readonly fields: readonly string[]
  /** The value of `Vary`: caches must know that an answer is for this key (RFC 9110, section 12.5.5). */
  readonly vary: string
  /** The value of `WWW-Authenticate` (RFC 9110, section 11.6.1). */
  readonly challenge: string
  /**
   * The value of `WWW-Authenticate` for a key that lacks scopes: of Bearer tokens (RFC 6750, section 3.1), and in their
   * form, of keys elsewhere, where every scheme is to say so.
   */
  insufficientScope(scopes: readonly string[], ofEveryScheme: boolean): string | undefined
  read(request: FieldReader): string | undefined | typeof ambiguous
  /** Whether what a request holds stands in `Authorization`, where other credentials than keys stand as well. */
  isInAuthorization(request: FieldReader): boolean
}

interface Place {
  readonly header: string
  readonly scheme: string | undefined
  readonly spelling: string
}

const SPELLINGS: Readonly<Record<string, string>> = {
  authorization: 'Authorization',
  'x-api-key': 'X-API-Key',
}
const WORDS: ReadonlyMap<unknown, Place> = new Map([
  ['x-api-key', placeOf('x-api-key')],
  ['authorization-bearer', placeOf('authorization', 'Bearer')],
])

// RFC 9110, section 5.6.2.
const token = matching(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, 'must be a name that HTTP allows')
const placeTable: OptionTable<Exclude<CredentialPlace, string>> = { header: required(token), scheme: token }

/** One place or a list of them, each named once. */
export const credentialPlaces: Check<CredentialPlace | readonly CredentialPlace[]> = (value, path) => {
  placesOf(value, path)
  return value as CredentialPlace | readonly CredentialPlace[]
}

/** @throws TypeError when a place is none, is named twice, or the realm is not visible ASCII and spaces. */
export function createCredential(
  given: CredentialPlace | readonly CredentialPlace[] = 'x-api-key',
  realm = 'api',
): Credential {
  const places = placesOf(given, 'credential')
  const [first = placeOf('x-api-key')] = places
  const spellings = [...new Set(places.map(({ spelling }) => spelling))]
  const readers = places.map(readerOf)
  const schemes = [...new Set(places.map(({ scheme = 'ApiKey' }) => scheme))]
  return {
    fields: [...new Set(places.map(({ header }) => header))],
    vary: spellings.join(', '),
    challenge: schemes.map((scheme) => challengeOf(realm, scheme)).join(', '),
    insufficientScope(scopes, ofEveryScheme) {
      const lacking = ofEveryScheme ? schemes : schemes.filter((scheme) => /^bearer$/i.test(scheme))
      const list = scopes.length === 0 ? '' : `, scope="${scopes.join(' ')}"`
      const challenges = lacking.map(
        (scheme) => `${challengeOf(realm, scheme)}, error="insufficient_scope"${list}`,
      )
      return challenges.length === 0 ? undefined : challenges.join(', ')
    },
    read: readers.length === 1 ? readerOf(first) : (request) => readOne(readers, request),
    isInAuthorization: (request) =>
      places.some((place) => place.header === 'authorization' && readerOf(place)(request) !== undefined),
  }
}

type Reader = (request: FieldReader) => string | undefined

function readerOf({ header, scheme }: Place): Reader {
  if (scheme === undefined) return (request) => request.header(header) ?? undefined
  // The name of a scheme knows no upper and lower case (RFC 9110, section 11.1).
  const credentials = new RegExp(`^${scheme.replace(/[$*+.^|]/g, '\\$&')} +(.+)$`, 'i')
  const further = new RegExp(`, *${scheme.replace(/[$*+.^|]/g, '\\$&')} +[^ ]`, 'i')
  return (request) => {
    const value = request.header(header)
    if (typeof value !== 'string') return undefined
    // A field that was sent twice is no key, whichever of the two holds one.
    return credentials.exec(value)?.[1] ?? (further.test(value) ? value : undefined)
  }
}

function readOne(readers: readonly Reader[], request: FieldReader): string | undefined | typeof ambiguous {
  let found: string | undefined
  for (const read of readers) {
    const value = read(request)
    if (value === undefined) continue
    if (found !== undefined) return ambiguous
    found = value
  }
  return found
}

function placesOf(given: unknown, path: string): readonly Place[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (list.length === 0) throw new OptionError(path, 'must name at least one place')
  const places = list.map((place, i) => checkedPlace(place, Array.isArray(given) ? `${path}[${i}]` : path))
  const names = places.map(({ header, scheme }) => `${header} ${scheme?.toLowerCase()}`)
  const twice = names.findIndex((name, i) => names.indexOf(name) < i)
  if (twice >= 0) throw new OptionError(`${path}[${twice}]`, 'is named twice')
  return places
}

function checkedPlace(value: unknown, path: string): Place {
  const known = WORDS.get(value)
  if (known !== undefined) return known
  if (typeof value !== 'object' || value === null) {
    throw new OptionError(path, 'must be "x-api-key", "authorization-bearer" or { header: "x-my-key" }')
  }
  const { header, scheme } = checkOptions(placeTable, value as Exclude<CredentialPlace, string>, path)
  return placeOf(header, scheme)
}

function placeOf(header: string, scheme?: string): Place {
  const lower = header.toLowerCase()
  return { header: lower, scheme, spelling: SPELLINGS[lower] ?? header }
}
