// How other libraries hash keys: which hashes an import takes, what a row keeps of one, under which id such a row is found again,
// and whether a key is the one that was hashed.

import { createHmac, createSecretKey, hash } from 'node:crypto'
import { types } from 'node:util'
import {
  type Check,
  fitting,
  having,
  listOf,
  matching,
  OptionError,
  type OptionTable,
  object,
  required,
  text,
} from '@gosend/options'
import { invalid } from './attributes.js'
import { ask } from './callbacks.js'
import { ApiKeysError } from './errors.js'
import { createFairQueue } from './fair-queue.js'
import type { Hasher } from './hasher.js'
import { keyIdFromDigest, MAX_LENGTH, type PresentedKey } from './key-format.js'
import { equalInConstantTime } from './tag.js'

/** What stood before and behind the key when it was hashed. A string alone stood before it. */
export type Salt = string | { readonly before?: string | undefined; readonly after?: string | undefined }

/** A hash as another library keeps it: exactly one of the first four. */
export interface ForeignHash {
  /** SHA-256 of the whole key as clients send it, or of the group `secret` in `importedKeys`: 64 hexadecimal digits, or base64 or base64url of the 32 bytes. */
  readonly sha256?: string | undefined
  /** SHA-512 of the same: 128 hexadecimal digits, or base64 or base64url of the 64 bytes. */
  readonly sha512?: string | undefined
  /** HMAC-SHA-256 of the same, with the `hmacSecret` of `importedKeys`; written like `sha256`. */
  readonly hmacSha256?: string | undefined
  /** bcrypt of the same, such as `$2b$10$…`. Needs a `lookup`. */
  readonly bcrypt?: string | undefined
  /** The salt of `sha256` or `sha512`. Needs a `lookup`, unless `importedKeys` lists it in `salts`. */
  readonly salt?: Salt | undefined
  /** What the other library finds the key by: the group `lookup` in `importedKeys`. For hashes that the key alone does not lead to. */
  readonly lookup?: string | undefined
}

/** What keys of another library look like, and what it takes to verify them. */
export interface ImportedKeys {
  /**
   * What the whole key matches, from end to end. Every value that matches it costs look-ups, so let it say all that is known of the
   * keys; it should not backtrack. A group named `secret` is what the other library hashed, when that was not the whole key; a group
   * named `lookup` is the `lookup` of the entries.
   */
  readonly pattern: RegExp
  /** What the other library makes HMACs with, for `hmacSha256`. */
  readonly hmacSecret?: string | Uint8Array | undefined
  /** Salts that the keys of the other library have in common. */
  readonly salts?: readonly Salt[] | undefined
  /** The package `bcrypt` or `bcryptjs`, for `bcrypt`. */
  readonly bcrypt?: Bcrypt | undefined
}

export interface Bcrypt {
  compare(key: string, hash: string): Promise<boolean>
}

// Not by their classes, for a value of another realm has others, as in some test runners.
const { isRegExp, isUint8Array } = types

const DIGESTS = { sha256: 64, sha512: 128, hmacSha256: 64 } as const
type Digest = keyof typeof DIGESTS
type Kind = Digest | 'bcrypt'
const KINDS = [...(Object.keys(DIGESTS) as Digest[]), 'bcrypt'] as const

const ENCODED: { readonly [Digits in (typeof DIGESTS)[Digest]]: RegExp } = {
  64: /^[\w+/-]{43}=?$/,
  128: /^[\w+/-]{86}(?:==)?$/,
}

const digest =
  (name: string, digits: (typeof DIGESTS)[Digest]): Check<string> =>
  (value, path) => {
    if (typeof value === 'string') {
      if (value.length === digits && /^[0-9a-f]+$/i.test(value)) return value.toLowerCase()
      if (ENCODED[digits].test(value)) return Buffer.from(value, 'base64').toString('hex')
    }
    throw new OptionError(path, `must be ${name} digest, in hexadecimal or base64`)
  }

const nonEmpty: Check<string> = fitting(
  (value) => typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH,
  `must be a string of 1 to ${MAX_LENGTH} characters`,
)
const saltParts = object<{ readonly before?: string; readonly after?: string }>({ before: text, after: text })
const salt: Check<Salt> = (value, path) =>
  typeof value === 'string'
    ? { before: value, after: '' }
    : { before: '', after: '', ...saltParts(value, path) }

/** bcrypt's known variants; that of PHP, `2y`, is the same as `2b`, and not every package reads it. */
const bcryptHash: Check<string> = (value, path) =>
  matching(/^\$2[aby]\$(?:0[4-9]|1\d|2\d|3[01])\$[./0-9A-Za-z]{53}$/, 'must be a bcrypt hash: $2b$10$…')(
    value,
    path,
  ).replace(/^\$2y/, '$2b')

export const foreignHashOptions: OptionTable<ForeignHash> = {
  sha256: digest('a SHA-256', DIGESTS.sha256),
  sha512: digest('a SHA-512', DIGESTS.sha512),
  hmacSha256: digest('an HMAC-SHA-256', DIGESTS.hmacSha256),
  bcrypt: bcryptHash,
  salt,
  lookup: nonEmpty,
}

const importedKeysOptions = object<ImportedKeys>({
  pattern: required(fitting(isRegExp, 'must be a regular expression')),
  hmacSecret: fitting(
    (value) => (typeof value === 'string' || isUint8Array(value)) && value.length > 0,
    'must be a string or bytes',
  ),
  salts: listOf(salt),
  bcrypt: having<Bcrypt>(['compare'], 'pass the package bcrypt or bcryptjs'),
})

export const importedKeysOption: Check<RegExp | ImportedKeys> = (value, path) => {
  if (isRegExp(value)) return value
  if (typeof value === 'object' && value !== null) return importedKeysOptions(value, path)
  throw new OptionError(
    path,
    'must be a regular expression that the whole key matches, or an object with it as pattern',
  )
}

export const importedKeysOf = (given: RegExp | ImportedKeys | undefined): ImportedKeys | undefined =>
  isRegExp(given) ? { pattern: given } : given

/** What a row keeps, and the id that it is found under. */
export interface StoredForeignHash {
  readonly id: string
  readonly hash: string
}

/**
 * @param entry checked by `foreignHashOptions`.
 * @param importedKeys what keys look like, where that is known: without it, another process may know.
 * @throws ApiKeysError `invalid_argument` when such a key could never be verified.
 */
export function storedForm(entry: ForeignHash, importedKeys: ImportedKeys | undefined): StoredForeignHash {
  const [kind, ...others] = KINDS.filter((name) => entry[name] !== undefined)
  if (kind === undefined || others.length > 0) throw invalid(`${KINDS.join(', ')}: give exactly one of these`)
  const value = entry[kind] ?? ''
  const { lookup } = entry
  const salted = saltOf(entry.salt)
  if (salted !== undefined && kind !== 'sha256' && kind !== 'sha512') {
    throw invalid(
      `salt: goes with sha256 or sha512; ${kind === 'bcrypt' ? 'bcrypt hashes hold theirs' : 'not with an HMAC'}`,
    )
  }
  if (lookup === undefined && kind === 'bcrypt') throw invalid(`bcrypt: ${NEEDS_LOOKUP}`)
  if (importedKeys !== undefined) checkVerifiable(kind, salted, lookup, importedKeys)
  return {
    id: lookup === undefined ? idOf(value) : idOfLookup(lookup),
    hash: `$${kind}$${value}${salted === undefined ? '' : `$${base64(salted.before)}$${base64(salted.after)}`}`,
  }
}

const NEEDS_LOOKUP =
  'needs a lookup, the part of the key that leads to its row; name that part in importedKeys: /(?<lookup>…)…/'

function checkVerifiable(
  kind: Kind,
  salted: FullSalt | undefined,
  lookup: string | undefined,
  { pattern, hmacSecret, salts = [], bcrypt }: ImportedKeys,
): void {
  if (kind === 'bcrypt' && bcrypt === undefined) {
    throw invalid('bcrypt: pass the package bcrypt or bcryptjs in importedKeys: { pattern, bcrypt }')
  }
  if (kind === 'hmacSha256' && hmacSecret === undefined) {
    throw invalid('hmacSha256: pass what it was made with in importedKeys: { pattern, hmacSecret }')
  }
  if (lookup !== undefined && !/\(\?<lookup>/.test(pattern.source)) {
    throw invalid('lookup: name the part of the key that it is in importedKeys: /(?<lookup>…)…/')
  }
  if (salted === undefined || lookup !== undefined) return
  const isShared = salts
    .map(saltOf)
    .some((known) => known?.before === salted.before && known.after === salted.after)
  if (!isShared)
    throw invalid(
      `salt: ${NEEDS_LOOKUP}; or list a salt that all keys share in importedKeys: { pattern, salts }`,
    )
}

interface FullSalt {
  readonly before: string
  readonly after: string
}

function saltOf(given: Salt | undefined): FullSalt | undefined {
  if (given === undefined) return undefined
  return typeof given === 'string'
    ? { before: given, after: '' }
    : { before: given.before ?? '', after: given.after ?? '' }
}

/** Whether a stored hash is still the one that was imported. */
export function isForeign(stored: string): boolean {
  return KINDS.some((kind) => stored.startsWith(`$${kind}$`))
}

const base64 = (value: string) => Buffer.from(value).toString('base64url')
const unbase64 = (value: string) => Buffer.from(value, 'base64url').toString()

// Hashed once more, so that an id, which is public, is no part of the digest that another database holds.
const idOf = (known: string) => keyIdFromDigest(hash('sha256', `gosend imported key\0${known}`, 'buffer'))
const idOfLookup = (lookup: string) => idOf(`lookup\0${lookup}`)

/**
 * Reads what a value that looks like an imported key says of itself, and which part of it the other library hashed. All
 * values with the same part are the same key.
 */
export function createImportedFormat({ pattern, hmacSecret, salts = [] }: ImportedKeys) {
  const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gmy]/g, ''))
  const hmac = createHmacDigest(hmacSecret)
  const digestsOf = (part: string) => [hash('sha256', part, 'hex'), hash('sha512', part, 'hex')]
  const shared = salts.flatMap((given) => saltOf(given) ?? [])

  return (presented: unknown): PresentedKey | undefined => {
    if (typeof presented !== 'string' || presented.length > MAX_LENGTH) return undefined
    const found = whole.exec(presented)
    if (found === null) return undefined
    const { secret: hashedPart = presented, lookup } = found.groups ?? {}
    const [id = '', ...otherIds] = [
      ...(lookup === undefined ? [] : [idOfLookup(lookup)]),
      ...digestsOf(hashedPart).map(idOf),
      ...(hmac === undefined ? [] : [idOf(hmac(hashedPart))]),
      ...shared.flatMap(({ before, after }) => digestsOf(before + hashedPart + after).map(idOf)),
    ]
    return { key: presented, id, otherIds, environment: undefined, hashedPart }
  }
}

function createHmacDigest(secret: ImportedKeys['hmacSecret']): ((part: string) => string) | undefined {
  if (secret === undefined) return undefined
  const key = createSecretKey(typeof secret === 'string' ? Buffer.from(secret) : secret)
  return (part) => createHmac('sha256', key).update(part).digest('hex')
}

/** So many keys may wait for bcrypt. */
const MAX_QUEUE = 64

/** A hasher that also verifies what an import stored, and would rather have it hashed its own way. */
export function acceptForeign(
  hasher: Hasher,
  { hmacSecret, bcrypt }: Omit<ImportedKeys, 'pattern'> = {},
): Hasher {
  const hmac = createHmacDigest(hmacSecret)
  // One at a time: bcrypt is slow, and whoever knows a lookup can have it run.
  const queue = createFairQueue(1)
  const digestBy: { readonly [Name in Digest]: (salted: string) => string | undefined } = {
    sha256: (salted) => hash('sha256', salted, 'hex'),
    sha512: (salted) => hash('sha512', salted, 'hex'),
    hmacSha256: (salted) => hmac?.(salted),
  }

  function verifyDigest(kind: Digest, stored: string, key: string): boolean {
    const [value = '', before = '', after = ''] = stored.split('$')
    const expected = digestBy[kind](unbase64(before) + key + unbase64(after))
    if (expected === undefined) throw unconfigured('hmacSecret')
    return equalInConstantTime(value, expected)
  }

  return {
    hash: (key, job) => hasher.hash(key, job),
    async verify(stored, key, job) {
      const kind = KINDS.find((name) => stored.startsWith(`$${name}$`))
      if (kind === undefined) return hasher.verify(stored, key, job)
      const rest = stored.slice(kind.length + 2)
      if (kind !== 'bcrypt') return verifyDigest(kind, rest, key)
      if (bcrypt === undefined) throw unconfigured('bcrypt')
      const turn = { lane: 'verify', projectId: job?.projectId ?? '', limit: MAX_QUEUE } as const
      return queue.run(turn, () => ask('importedKeys.bcrypt', () => bcrypt.compare(key, rest)))
    },
    needsRehash: (stored) => isForeign(stored) || hasher.needsRehash(stored),
  }
}

function unconfigured(option: keyof ImportedKeys): ApiKeysError {
  return new ApiKeysError('verifier_failed', `an imported key needs importedKeys: { pattern, ${option} }`)
}
