// What can be chosen of a key, and which values are acceptable.

import { checkAllowedIps } from './allowed-ips.js'
import { ApiKeysError } from './errors.js'

/** What can be chosen of a key, and changed later. */
export interface KeyAttributes {
  /** What people call the key: 1 to 255 characters, some of them visible, and none that turn the direction of writing. */
  readonly label: string
  /** From this instant on the key is refused. Default null: never. */
  readonly expiresAt?: Date | null | undefined
  /** Scope tokens (RFC 6749 section 3.3), at most 100. Default none. */
  readonly scopes?: readonly string[] | undefined
  /** Addresses and CIDR blocks, at most 1,000; null is anywhere (the default), `[]` is nowhere. */
  readonly allowedIps?: readonly string[] | null | undefined
  /** Any JSON object of at most 16 kB. Default `{}`. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

export interface Attribution {
  /** Who does this, for the audit log: a name, an address, whatever the host knows people by. */
  readonly actor?: string | undefined
}

const MAXIMUM_METADATA_BYTES = 16_384
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/

export const defaults = { expiresAt: null, scopes: [], allowedIps: null, metadata: {} }

export function checkAttributes(given: Required<KeyAttributes>, now: number) {
  const { label, scopes, allowedIps, metadata } = given
  checkName('label', label)
  checkLooks(label)
  if (
    !Array.isArray(scopes) ||
    scopes.length > 100 ||
    !scopes.every((scope) => typeof scope === 'string' && SCOPE.test(scope))
  ) {
    throw invalid('scopes: must be at most 100 tokens without spaces, quotes or backslashes')
  }
  if (allowedIps != null && !Array.isArray(allowedIps)) {
    throw invalid('allowedIps: must be a list of addresses and CIDR blocks, or null for anywhere')
  }
  return {
    label,
    expiresAt: checkExpiry(given.expiresAt ?? null, now),
    scopes: [...new Set<string>(scopes)],
    allowedIps: allowedIps == null ? null : checkAllowedIps(allowedIps),
    metadata: checkMetadata(metadata),
  }
}

export function checkActor(actor: unknown): void {
  if (actor !== undefined) checkName('actor', actor)
}

export function checkName(field: 'label' | 'projectId' | 'actor', value: unknown): void {
  const isName =
    typeof value === 'string' && value.trim() !== '' && value.length <= 255 && !/[\p{Cc}\p{Cs}]/u.test(value)
  if (!isName) {
    throw invalid(`${field}: must be 1 to 255 characters, not only spaces, and no control characters`)
  }
}

// People tell keys apart by their labels when they revoke one, so a label must look like what it is.
function checkLooks(label: string): void {
  const turn = /\p{Bidi_Control}/u.exec(label)?.[0]
  if (turn !== undefined) {
    const code = turn.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    throw invalid(
      `label: must not contain U+${code}, an invisible character that turns the direction of writing`,
    )
  }
  if (!/[^\s\p{Default_Ignorable_Code_Point}]/u.test(label)) {
    throw invalid('label: must have a visible character')
  }
}

export function checkExpiry(expiresAt: Date | null, now: number): number | null {
  if (expiresAt === null) return null
  const at = expiresAt instanceof Date ? expiresAt.getTime() : Number.NaN
  if (Number.isNaN(at)) throw invalid('expiresAt: must be a valid Date, or null for never')
  if (at <= now) throw invalid('expiresAt: must lie in the future')
  return at
}

function checkMetadata(metadata: unknown): Record<string, unknown> {
  const text = typeof metadata === 'object' && !Array.isArray(metadata) ? JSON.stringify(metadata) : undefined
  if (text === undefined || text === 'null' || Buffer.byteLength(text) > MAXIMUM_METADATA_BYTES) {
    throw invalid(`metadata: must be a JSON object of at most ${MAXIMUM_METADATA_BYTES} bytes`)
  }
  return JSON.parse(text)
}

export function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}

export const invalid = (message: string) => new ApiKeysError('invalid_argument', message)
