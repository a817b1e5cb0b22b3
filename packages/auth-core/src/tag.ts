// The reject-only tag: a fast digest stored beside the argon2 hash, so that a forged secret never reaches argon2.
// With a pepper it is HMAC-SHA-256(pepper, key); without, the first 8 bytes of SHA-256, which leaves a thief of
// the database 192 unknown bits. A tag can only say no.

import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'
import { types } from 'node:util'
import { type Check, OptionError } from '@gosend/options'

/** `unknown` when the tag was made with a pepper that is not configured, or cannot be read. */
export type TagVerdict = 'no' | 'possible' | 'unknown'

export interface Tags {
  create(key: string): string
  /** Compares a key with a stored tag. */
  compare(tag: string, key: string): TagVerdict
  /** Whether `create` would make a tag of this kind today. */
  isCurrent(tag: string): boolean
}

const PLAIN = 'sha256.'
const PLAIN_DIGITS = 16
const PEPPERED = 'hmac.'
const MIN_PEPPER_BYTES = 32

interface Pepper {
  readonly start: string
  readonly secret: KeyObject
}

const pepper: Check<Uint8Array> = (value, path) => {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  if (types.isUint8Array(bytes) && bytes.byteLength >= MIN_PEPPER_BYTES) return bytes
  throw new OptionError(
    path,
    `must have at least ${MIN_PEPPER_BYTES} bytes; openssl rand -base64 48 makes one`,
  )
}

/** One pepper, or those of a list. */
export const peppers: Check<readonly Uint8Array[]> = (value, path) =>
  Array.isArray(value) ? Array.from(value, (one) => pepper(one, path)) : [pepper(value, path)]

/**
 * @param given the current pepper first, then earlier ones that stored tags may still be made with.
 * @throws TypeError when a pepper has fewer than 32 bytes.
 */
export function createTags(given: string | Uint8Array | readonly (string | Uint8Array)[]): Tags {
  const known = peppers(given, 'pepper').map(createPepper)
  const [current] = known

  const plainDigest = (key: string) => hash('sha256', `gosend tag\0${key}`, 'hex')
  const pepperedDigest = (pepper: Pepper, key: string) =>
    createHmac('sha256', pepper.secret).update(key).digest('hex')

  return {
    create: (key) =>
      current === undefined
        ? PLAIN + plainDigest(key).slice(0, PLAIN_DIGITS)
        : current.start + pepperedDigest(current, key),
    compare(tag, key) {
      const pepper = known.find(({ start }) => tag.startsWith(start))
      const start = pepper?.start ?? PLAIN
      if (!tag.startsWith(start)) return 'unknown'
      const stored = tag.slice(start.length)
      const expected =
        pepper === undefined ? plainDigest(key).slice(0, PLAIN_DIGITS) : pepperedDigest(pepper, key)
      if (stored.length !== expected.length) return 'unknown'
      return equalInConstantTime(stored, expected) ? 'possible' : 'no'
    },
    isCurrent: (tag) => tag.startsWith(current?.start ?? PLAIN),
  }
}

// The tag names its pepper by a digest of it: after a change of pepper, old tags are told apart from wrong secrets.
function createPepper(bytes: Uint8Array): Pepper {
  const secret = createSecretKey(bytes)
  const name = createHmac('sha256', secret).update('gosend pepper name').digest('hex').slice(0, 8)
  return { start: `${PEPPERED}${name}.`, secret }
}

/** Compares two strings of ASCII in a time that depends on their lengths only. */
export function equalInConstantTime(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'))
}
