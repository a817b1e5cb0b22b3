// What can be chosen of a key, and which values are acceptable; and how what methods are called with is checked.

import { types } from 'node:util'
import {
  type Check,
  checkOptions,
  fitting,
  type GivenOptions,
  hidesMembers,
  matching,
  nullable,
  OptionError,
  type OptionTable,
  required,
  wholeNumber,
} from '@gosend/options'
import { allowlist } from './allowed-ips.js'
import { ApiKeysError } from './errors.js'
import { type GrantedScope, grantedScopes } from './scopes.js'

/** What can be chosen of a key, and changed later. */
export interface KeyAttributes<Scope extends string = string> {
  /** What people call the key: 1 to 255 characters, some of them visible, and none that turn the direction of writing. */
  readonly label: string
  /** From this instant on the key is refused. Default null: never. */
  readonly expiresAt?: Date | null | undefined
  /**
   * Scope tokens (RFC 6749 section 3.3), at most 100. `*` in place of a segment stands for any, and `@project/7` limits a scope to
   * one resource. Default none.
   */
  readonly scopes?: readonly GrantedScope<Scope>[] | undefined
  /** Addresses and CIDR blocks, at most 1,000; null is anywhere (the default), `[]` is nowhere. */
  readonly allowedIps?: readonly string[] | null | undefined
  /** Any JSON object of at most 16 kB. Default `{}`. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** Whom the key belongs to within its project: an id or a name of the host's, 1 to 255 characters. Default null. */
  readonly ownerId?: string | null | undefined
}

export interface Attribution {
  /** Who does this, for the audit log: a name, an address, whatever the host knows people by. */
  readonly actor?: string | undefined
}

/** How a key is changed. */
export interface ChangeOptions extends Attribution {
  /** The change is made only if the key still has this `version`. Default: whatever its version is. */
  readonly ifVersion?: number | undefined
}

const MAX_METADATA_BYTES = 16_384

/** What people or hosts call something. */
export const name: Check<string> = fitting(
  (value) =>
    typeof value === 'string' && value.trim() !== '' && value.length <= 255 && !/[\p{Cc}\p{Cs}]/u.test(value),
  'must be 1 to 255 characters, not only spaces, and no control characters',
)

// People tell keys apart by their labels when they revoke one, so a label must look like what it is.
const label: Check<string> = (value, path) => {
  const label = name(value, path)
  const turn = /\p{Bidi_Control}/u.exec(label)?.[0]
  if (turn !== undefined) {
    const code = turn.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    throw new OptionError(
      path,
      `must not contain U+${code}, an invisible character that turns the direction of writing`,
    )
  }
  if (!/[^\s\p{Default_Ignorable_Code_Point}]/u.test(label)) {
    throw new OptionError(path, 'must have a visible character')
  }
  return label
}

// Not by its class, for a Date of another realm has another, as in some test runners.
const isValidDate = (value: unknown): value is Date => types.isDate(value) && !Number.isNaN(value.getTime())

export const instant: Check<Date> = (value, path) => {
  if (!isValidDate(value)) throw new OptionError(path, 'must be a Date that is valid')
  return new Date(value)
}

const expiry: Check<Date | null> = (value, path) => {
  if (value === null) return null
  if (!isValidDate(value)) throw new OptionError(path, 'must be a valid Date, or null for never')
  return new Date(value)
}

export const metadata: Check<Readonly<Record<string, unknown>>> = (value, path) => {
  const text = jsonOf(value)
  if (!text.startsWith('{') || Buffer.byteLength(text) > MAX_METADATA_BYTES) {
    throw new OptionError(path, `must be a JSON object of at most ${MAX_METADATA_BYTES} bytes`)
  }
  return JSON.parse(text)
}

/** An object as JSON; empty for what JSON cannot say, or would say nothing of, such as a Map. */
function jsonOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  try {
    const text = JSON.stringify(value) ?? ''
    return text === '{}' && hidesMembers(value) ? '' : text
  } catch {
    return ''
  }
}

export const attributeOptions: OptionTable<KeyAttributes> = {
  label: required(label),
  expiresAt: expiry,
  scopes: grantedScopes,
  allowedIps: nullable(allowlist),
  metadata,
  ownerId: nullable(name),
}

export const changeOptions: OptionTable<Partial<KeyAttributes>> = { ...attributeOptions, label }

export const attributionOptions: OptionTable<Attribution> = { actor: name }

export const howToChange: OptionTable<ChangeOptions> = { ...attributionOptions, ifVersion: wholeNumber(1) }

/** A call with which nothing is made twice. */
export const idempotencyKey: Check<string> = matching(/^.{1,255}$/s, 'must be 1 to 255 characters')

/** What a method is called with, checked and copied. */
export function checkArguments<Options extends object>(
  table: OptionTable<Options>,
  given: Options | undefined,
): GivenOptions<Options> {
  return asArgument(() => checkOptions(table, given))
}

/** The same of one value. */
export const checkArgument = <Value>(check: Check<Value>, value: unknown, name: string): Value =>
  asArgument(() => check(value, name))

function asArgument<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    throw error instanceof OptionError ? invalid(error.message) : error
  }
}

/** The attributes as a row holds them; what was left out is the default. */
export function attributesOf(given: GivenOptions<KeyAttributes>) {
  const { label, expiresAt = null, scopes = [], allowedIps = null, metadata = {}, ownerId = null } = given
  return { label, expiresAt: timeOf(expiresAt), scopes, allowedIps, metadata, ownerId }
}

export const timeOf = (date: Date | null): number | null => date?.getTime() ?? null

export function refusePast(expiresAt: Date | null | undefined, now: number): void {
  if (expiresAt && expiresAt.getTime() <= now) throw invalid('expiresAt: must lie in the future')
}

export const invalid = (message: string) => new ApiKeysError('invalid_argument', message)
