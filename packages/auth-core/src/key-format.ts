// How a key is laid out: `prefix_tag_`, or `prefix_` alone, and 61 base62 characters (12 key id, 43 secret, 6 checksum).
// This file alone knows the layout; everything else asks it to generate, parse or redact.

import { randomFillSync } from 'node:crypto'
import { crc32 } from 'node:zlib'
import {
  type Check,
  checkOptions,
  listOf,
  mapOf,
  matching,
  OptionError,
  type OptionTable,
  text,
} from '@gosend/options'
import { createEnvironments, defaultEnvironments, type EnvironmentTable } from './environments.js'
import { ApiKeysError } from './errors.js'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 12
const SECRET_LENGTH = 43
const CHECKSUM_LENGTH = 6

/** No key is longer, of this format or of another library: a longer value is not looked at. */
export const MAX_LENGTH = 512

/** What a value that looks like a key says about itself. Nothing of it is verified. */
export interface PresentedKey {
  /** The whole key as presented. */
  readonly key: string
  /** The public id under which the row of the key is found. */
  readonly id: string
  /** Where else the row of a key of another library may be found. */
  readonly otherIds?: readonly string[] | undefined
  /** The environment that the key names; a key of another library names none. */
  readonly environment: string | undefined
  /** What of a key of another library is hashed, when that is not the whole. */
  readonly hashedPart?: string | undefined
}

/** What a well-formed key says about itself. */
export interface ParsedKey extends PresentedKey {
  /** The whole key as presented. */
  readonly key: string
  /** The public key id, 12 base62 characters. */
  readonly id: string
  /** The environment that the key's tag maps to. */
  readonly environment: string
  /** Everything before the id: `gsk_live_`. */
  readonly start: string
}

/**
 * Where a text is not a key: it begins in another way, is too short or too long, has characters that no key has, or its last six
 * characters do not fit the others, as after a typing error.
 */
export type Malformation = 'start' | 'length' | 'alphabet' | 'checksum'

export interface KeyFormat {
  /** Matches exactly the keys of this format, checksum apart; for secret scanners and documentation. */
  readonly pattern: RegExp
  /** What keys start with, former ones included: `gsk_test_`, `gsk_live_`. */
  readonly starts: readonly string[]
  /** The environments that keys can be made for. */
  readonly environments: readonly string[]
  /**
   * A new key with 256 bits from the system's CSPRNG. Without `id`, a random one.
   * @throws ApiKeysError `invalid_argument` when the environment is not configured.
   */
  generate(environment: string, id?: string): ParsedKey
  /** The parts of a well-formed key with a right checksum, else undefined. Takes any value, never throws. */
  parse(presented: unknown): ParsedKey | undefined
  /** What keeps a text from being a key of this format; undefined when nothing does. */
  malformation(presented: string): Malformation | undefined
  /**
   * A form that is safe to show and log: everything up to the secret, then an ellipsis.
   *
   * @param start what the key begins with. Without it, what keys of the environment began with at first.
   */
  redact(environment: string, id: string, start?: string | null): string
}

export interface KeyFormatOptions {
  /**
   * What keys start with: 1 to 32 of a-z and 0-9, a letter first. Default `gsk`. To change it, pass a list with the new
   * one first: keys that start with a former one go on working.
   */
  readonly prefix?: string | readonly string[] | undefined
  /**
   * Tag in the key → environment. Default `{ test: 'sandbox', live: 'production' }`. The tag `''` is for keys without one. To
   * change tags, pass a list of tables with the new one first: keys with a former tag go on working.
   */
  readonly environments?: EnvironmentTable | readonly EnvironmentTable[] | undefined
}

const prefix = matching(/^[a-z][a-z0-9]{0,31}$/, 'must be 1 to 32 of a-z and 0-9, starting with a letter')
const table = mapOf(text)

/** One, or a list of several with the current one first. */
function oneOrMore<Value>(check: Check<Value>): Check<Value | readonly Value[]> {
  const list = listOf(check)
  return (value, path) => {
    if (!Array.isArray(value)) return check(value, path)
    if (value.length === 0) throw new OptionError(path, 'must name at least one')
    return list(value, path)
  }
}

export const formatOptions: OptionTable<KeyFormatOptions> = {
  prefix: oneOrMore(prefix),
  environments: oneOrMore(table),
}

/**
 * The format of a product's keys.
 *
 * @throws TypeError when the prefix or the environment table is malformed.
 */
export function createKeyFormat(options: KeyFormatOptions = {}): KeyFormat {
  const { prefix = 'gsk', environments: tables = defaultEnvironments } = checkOptions(formatOptions, options)
  const environments = createEnvironments(Array.isArray(tables) ? tables : [tables])
  const prefixes = [...new Set(typeof prefix === 'string' ? [prefix] : prefix)]
  const [current = ''] = prefixes
  const first = prefixes.at(-1) ?? ''
  const bodyLength = ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH
  const anyPrefix = prefixes.length === 1 ? current : `(?:${prefixes.join('|')})`
  const tags = environments.tags.filter((tag) => tag !== '').join('|')
  // What follows the start has no underscore, so that no start can be taken for another.
  const anyTag = environments.tags.includes('') ? tags && `(?:(?:${tags})_)?` : `(?:${tags})_`
  const pattern = new RegExp(`^${anyPrefix}_${anyTag}[0-9A-Za-z]{${bodyLength}}$`)
  const byStart = new Map(
    prefixes.flatMap((prefix) =>
      environments.tags.map((tag) => [startOf(prefix, tag), environments.ofTag(tag)]),
    ),
  )
  const starts = [...byStart.keys()]
  const lengths = new Set(starts.map(({ length }) => length + bodyLength))

  return {
    pattern,
    starts,
    environments: environments.environments,
    generate(environment, id = randomBase62(ID_LENGTH)) {
      const tag = environments.tagOf(environment)
      if (tag === undefined) {
        throw new ApiKeysError(
          'invalid_argument',
          `environment: must be one of ${environments.environments.join(', ')}`,
        )
      }
      const start = startOf(current, tag)
      const unchecked = start + id + randomBase62(SECRET_LENGTH)
      return { key: unchecked + checksum(unchecked), id, environment, start }
    },
    parse(presented) {
      // The length goes first so that neither the pattern nor the checksum reads a long input.
      if (typeof presented !== 'string' || !lengths.has(presented.length) || !pattern.test(presented)) {
        return undefined
      }
      const checksumStart = presented.length - CHECKSUM_LENGTH
      if (checksum(presented.slice(0, checksumStart)) !== presented.slice(checksumStart)) return undefined
      const idStart = presented.length - bodyLength
      const start = presented.slice(0, idStart)
      const environment = byStart.get(start)
      if (environment === undefined) return undefined
      const id = presented.slice(idStart, idStart + ID_LENGTH)
      return { key: presented, id, environment, start }
    },
    malformation(presented) {
      const start = starts.findLast((one) => presented.startsWith(one))
      if (start === undefined) return 'start'
      if (presented.length !== start.length + bodyLength) return 'length'
      const checksumStart = presented.length - CHECKSUM_LENGTH
      if (!pattern.test(presented)) return 'alphabet'
      return checksum(presented.slice(0, checksumStart)) === presented.slice(checksumStart)
        ? undefined
        : 'checksum'
    },
    redact: (environment, id, start) =>
      `${start ?? startOf(first, environments.firstTagOf(environment) ?? environment)}${id}…`,
  }
}

const startOf = (prefix: string, tag: string) => (tag === '' ? `${prefix}_` : `${prefix}_${tag}_`)

/** Whether a string has the form of a key id. */
export function isKeyId(id: unknown): id is string {
  return typeof id === 'string' && /^[0-9A-Za-z]{12}$/.test(id)
}

/** The key id made from the first 12 base62 digits of a digest: the same digest names the same key. */
export function keyIdFromDigest(digest: Buffer): string {
  let rest = BigInt(`0x${digest.toString('hex')}`)
  let id = ''
  for (let i = 0; i < ID_LENGTH; i++) {
    id += ALPHABET.charAt(Number(rest % 62n))
    rest /= 62n
  }
  return id
}

function checksum(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = ALPHABET.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

// 248 is the largest multiple of 62 a byte can hold: the bytes above it would favour the first eight digits.
const UNBIASED = 248

function randomBase62(length: number): string {
  const bytes = Buffer.allocUnsafe(length * 2)
  let text = ''
  while (text.length < length) {
    randomFillSync(bytes)
    for (const byte of bytes) {
      if (byte < UNBIASED && text.length < length) text += ALPHABET.charAt(byte % 62)
    }
  }
  bytes.fill(0)
  return text
}
