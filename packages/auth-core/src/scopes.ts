// What scopes mean: which of them a key's scopes grant, and which a request still lacks. Nothing else compares scopes.

import { type Check, fitting, listOf, OptionError } from '@gosend/options'

/** A scope token (RFC 6749, section 3.3). */
export const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/

/** The scopes of a type with `*` in place of segments. */
type WithWildcards<Scope extends string> =
  | Scope
  | '*'
  | (Scope extends `${infer Head}:${infer Rest}`
      ? `${Head}:${WithWildcards<Rest>}` | `*:${WithWildcards<Rest>}`
      : never)

/** What a key may hold: a scope of the product, with wildcards, for every resource or for some. */
export type GrantedScope<Scope extends string> = WithWildcards<Scope> | `${WithWildcards<Scope>}@${string}`

/** What a request may require: a scope of the product, for a resource or for none in particular. */
export type RequiredScope<Scope extends string> = Scope | `${Scope}@${string}`

/** One of several is enough; a list in it stands for all of its scopes together. */
export interface AnyScope<Scope extends string = string> {
  readonly anyOf: readonly (RequiredScope<Scope> | readonly RequiredScope<Scope>[])[]
}

/** All of these scopes, or one alternative of several: `['a', 'b']`, `{ anyOf: ['a', 'b'] }`, `{ anyOf: [['a', 'b'], 'c'] }`. */
export type ScopeRequirement<Scope extends string = string> =
  | readonly RequiredScope<Scope>[]
  | AnyScope<Scope>

/** `project/7`, or its segments, `['project', '7']`, which are percent-encoded: use these for what a client has chosen. */
export type Resource = string | readonly string[]

const isScope = (value: unknown): value is string => typeof value === 'string' && SCOPE.test(value)

const WILDCARD = '*'

/** Scopes that a key is given. */
export const grantedScopes: Check<readonly string[]> = (value, path) => {
  // A copy first, so that what is checked is what is kept, and holes are seen.
  const scopes: readonly unknown[] | undefined = Array.isArray(value) ? [...value] : undefined
  if (scopes === undefined || scopes.length > 100 || !scopes.every(isScope)) {
    throw new OptionError(path, 'must be at most 100 tokens without spaces, quotes or backslashes')
  }
  // It would look as if it granted more than it does.
  const partial = scopes.findIndex((scope) =>
    segmentsOf(scope).some((part) => part !== '*' && part.includes('*')),
  )
  if (partial !== -1) {
    throw new OptionError(`${path}[${partial}]`, 'must have * for whole segments only, as in messages:*')
  }
  return [...new Set(scopes)]
}

function segmentsOf(scope: string): string[] {
  const { permission, resource } = partsOf(scope)
  return [...permission.split(':'), ...(resource?.split('/') ?? [])]
}

// Every key would have all of none.
const NO_SCOPES = 'must name a scope at least'

/** Scopes that a request requires. */
export const scopeRequirement: Check<ScopeRequirement> = (value, path) => {
  if (Array.isArray(value)) return requiredScopes(value, path)
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : []
  if (names.length !== 1 || names[0] !== 'anyOf') {
    throw new OptionError(path, 'must be a list of scopes, or { anyOf: a list of alternatives }')
  }
  const { anyOf } = value as { readonly anyOf: unknown }
  if (!Array.isArray(anyOf) || anyOf.length === 0) {
    throw new OptionError(`${path}.anyOf`, 'must be a list of one alternative or more')
  }
  return {
    anyOf: Array.from(anyOf, (given: unknown, i) => {
      const place = `${path}.anyOf[${i}]`
      const alternative = requiredScopes(Array.isArray(given) ? given : [given], place)
      if (alternative.length === 0) throw new OptionError(place, NO_SCOPES)
      return alternative
    }),
  }
}

// A copy, so that nothing done to the list later takes a requirement away.
const requiredScopes: Check<readonly string[]> = listOf(
  fitting((scope) => typeof scope === 'string' && scope !== '', 'must be a scope, such as messages:write'),
)

/** A resource as scopes name it: characters that scopes cannot contain are percent-encoded. @throws TypeError when it is none. */
export const resourceName: Check<string> = (value, path) => {
  if (typeof value === 'string' && value !== '') return encoded(value, /[^\x21\x23-\x5b\x5d-\x7e]+/gu)
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    !Array.from(value).some((part) => typeof part !== 'string' || part === '')
  ) {
    return value.map((part: string) => encoded(part, /[^\w.~!$'()-]+/gu)).join('/')
  }
  throw new OptionError(path, 'must be a resource, such as "project/7" or ["project", "7"]')
}

function encoded(text: string, unfit: RegExp): string {
  // Half of a surrogate pair has no encoding.
  const wellFormed = text.replace(/\p{Cs}/gu, '\ufffd')
  return wellFormed.replace(unfit, (characters) => encodeURIComponent(characters).replaceAll('*', '%2A'))
}

/**
 * Whether a scope that a key holds grants a scope that a request requires.
 *
 * | the key holds | it grants |
 * |---|---|
 * | `messages:read` | `messages:read`, for every resource |
 * | `messages:*` | every scope that begins with `messages:`, for every resource; not `messages` |
 * | `*:read` | `messages:read` and `files:read`; a `*` before the end is one segment |
 * | `*` | every scope |
 * | `messages:read@project/7` | `messages:read` for `project/7` alone, not for what is in it |
 * | `messages:read@project/7/*` | `messages:read` for all that is in `project/7` |
 * | `messages:*@project/*` | every scope that begins with `messages:`, for all that is in `project` |
 *
 * A `*` is never a part of a segment. A scope that equals the required one always grants it. Takes time in proportion to the
 * length of the two.
 */
export function grants(granted: string, required: string): boolean {
  if (granted === required) return true
  for (const scope of [granted, required]) {
    if (typeof scope !== 'string') throw new OptionError('scope', 'must be a string')
  }
  if (!granted.includes(WILDCARD) && !required.startsWith(`${granted}@`)) return false
  const held = partsOf(granted)
  const needed = partsOf(required)
  return (
    covers(held.permission, needed.permission, ':') &&
    (held.resource === undefined ||
      (needed.resource !== undefined && covers(held.resource, needed.resource, '/')))
  )
}

function partsOf(scope: string): { readonly permission: string; readonly resource: string | undefined } {
  const at = scope.indexOf('@')
  return at === -1
    ? { permission: scope, resource: undefined }
    : { permission: scope.slice(0, at), resource: scope.slice(at + 1) }
}

function covers(granted: string, required: string, separator: string): boolean {
  if (granted === required) return true
  const held = granted.split(separator)
  const needed = required.split(separator)
  const isOpen = held.at(-1) === WILDCARD
  if (isOpen ? needed.length < held.length : needed.length !== held.length) return false
  return needed.every((segment, i) => {
    const pattern = i < held.length ? held[i] : WILDCARD
    // Of no value that a host has forgotten to fill in.
    return pattern === WILDCARD ? segment !== '' : pattern === segment
  })
}

/**
 * What a key lacks of a requirement: nothing, or the scopes of the alternative that lacks the fewest.
 *
 * @param resource what the request is about, for required scopes that do not name a resource themselves.
 */
export function missingScopes(
  granted: readonly string[],
  requirement: ScopeRequirement | undefined,
  resource?: string | undefined,
): readonly string[] {
  if (requirement === undefined) return NONE
  if (!('anyOf' in requirement)) return missingOf(granted, requirement, resource)
  let fewest: readonly string[] | undefined
  for (const alternative of requirement.anyOf) {
    const scopes = typeof alternative === 'string' ? [alternative] : alternative
    const missing = missingOf(granted, scopes, resource)
    if (missing.length === 0) return NONE
    if (fewest === undefined || missing.length < fewest.length) fewest = missing
  }
  return fewest ?? NONE
}

const NONE: readonly string[] = Object.freeze([])

function missingOf(
  granted: readonly string[],
  required: readonly string[],
  resource: string | undefined,
): readonly string[] {
  let missing: string[] | undefined
  for (const scope of required) {
    const needed = resource === undefined || scope.includes('@') ? scope : `${scope}@${resource}`
    if (granted.includes(needed) || granted.some((held) => grants(held, needed))) continue
    missing ??= []
    missing.push(needed)
  }
  return missing ?? NONE
}
