// How a key is laid out: `prefix_tag_` and 61 base62 characters (12 key id, 43 secret, 6 checksum).
// This file alone knows the layout; everything else asks it to generate, parse or redact.

import { randomFillSync } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { checkOptions, mapOf, matching, type OptionTable, text } from '@gosend/options'
import { createEnvironments, defaultEnvironments, type EnvironmentTable } from './environments.js'
import { ApiKeysError } from './errors.js'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 12
const SECRET_LENGTH = 43
const CHECKSUM_LENGTH = 6

/** No key is longer, of this format or of another library: a longer value is not looked at. */
export const MAXIMUM_LENGTH = 512

/** What a value that looks like a key says about itself. Nothing of it is verified. */
export interface PresentedKey {
  /** The whole key as presented. */
  readonly key: string
  /** The public id under which the row of the key is found. */
  readonly id: string
  /** The environment that the key names; a key of another library names none. */
  readonly environment: string | undefined
}

/** What a well-formed key says about itself. */
export interface ParsedKey extends PresentedKey {
  /** The whole key as presented. */
  readonly key: string
  /** The public key id, 12 base62 characters. */
  readonly id: string
  /** The environment that the key's tag maps to. */
  readonly environment: string
}

export interface KeyFormat {
  /** Matches exactly the keys of this format, checksum apart; for secret scanners and documentation. */
  readonly pattern: RegExp
  /** What keys start with, one per environment: `gsk_test_`, `gsk_live_`. */
  readonly starts: readonly string[]
  /**
   * A new key with 256 bits from the system's CSPRNG. Without `id`, a random one.
   * @throws ApiKeysError `invalid_argument` when the environment is not configured.
   */
  generate(environment: string, id?: string): ParsedKey
  /** The parts of a well-formed key with a right checksum, else undefined. Takes any value, never throws. */
  parse(presented: unknown): ParsedKey | undefined
  /** A form that is safe to show and log: everything up to the secret, then an ellipsis. */
  redact(environment: string, id: string): string
}

export interface KeyFormatOptions {
  /** What keys start with: 1 to 32 of a-z and 0-9, a letter first. Default `gsk`. */
  readonly prefix?: string | undefined
  /** Tag in the key → environment. Default `{ test: 'sandbox', live: 'production' }`. */
  readonly environments?: EnvironmentTable | undefined
}

export const formatOptions: OptionTable<KeyFormatOptions> = {
  prefix: matching(/^[a-z][a-z0-9]{0,31}$/, 'must be 1 to 32 of a-z and 0-9, starting with a letter'),
  environments: mapOf(text),
}

/**
 * The format of a product's keys.
 *
 * @throws TypeError when the prefix or the environment table is malformed.
 */
export function createKeyFormat(options: KeyFormatOptions = {}): KeyFormat {
  const { prefix = 'gsk', ...given } = checkOptions(formatOptions, options)
  const environments = createEnvironments(given.environments ?? defaultEnvironments)
  const bodyLength = ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH
  const pattern = new RegExp(`^${prefix}_(?:${environments.tags.join('|')})_[0-9A-Za-z]{${bodyLength}}$`)
  const tagStart = prefix.length + 1
  const lengths = new Set(environments.tags.map((tag) => tagStart + tag.length + 1 + bodyLength))

  const head = (environment: string): string => {
    const tag = environments.tagOf(environment)
    if (tag === undefined) {
      throw new ApiKeysError(
        'invalid_argument',
        `environment: must be one of ${environments.environments.join(', ')}`,
      )
    }
    return `${prefix}_${tag}_`
  }

  return {
    pattern,
    starts: environments.tags.map((tag) => `${prefix}_${tag}_`),
    generate(environment, id = randomBase62(ID_LENGTH)) {
      const unchecked = head(environment) + id + randomBase62(SECRET_LENGTH)
      return { key: unchecked + checksum(unchecked), id, environment }
    },
    parse(presented) {
      // The length goes first so that neither the pattern nor the checksum reads a long input.
      if (typeof presented !== 'string' || !lengths.has(presented.length) || !pattern.test(presented)) {
        return undefined
      }
      const checksumStart = presented.length - CHECKSUM_LENGTH
      if (checksum(presented.slice(0, checksumStart)) !== presented.slice(checksumStart)) return undefined
      const idStart = presented.length - bodyLength
      const environment = environments.ofTag(presented.slice(tagStart, idStart - 1))
      return environment === undefined
        ? undefined
        : { key: presented, id: presented.slice(idStart, idStart + ID_LENGTH), environment }
    },
    redact: (environment, id) => `${prefix}_${environments.tagOf(environment) ?? environment}_${id}…`,
  }
}

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
