// Whether a report comes from GitHub: its signature over the bytes that were sent, by a key that GitHub publishes.

import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { Awaitable } from '@gosend/auth-core'
import { checkOptions, delayMs, type OptionTable, text } from '@gosend/options'

/** One of the keys at https://api.github.com/meta/public_keys/secret_scanning. */
export interface GithubPublicKey {
  readonly key_identifier: string
  /** PEM of a P-256 key. */
  readonly key: string
}

export type PublicKeys = () => Awaitable<readonly GithubPublicKey[]>

export interface GithubPublicKeysOptions {
  /** A token of GitHub's, of no scope: without one the address may be asked 60 times an hour. */
  readonly token?: string | undefined
  /** Default GitHub's. */
  readonly url?: string | undefined
  /** Default 5 seconds. */
  readonly timeoutMs?: number | undefined
}

const optionTable: OptionTable<GithubPublicKeysOptions> = { token: text, url: text, timeoutMs: delayMs() }

/** Asks GitHub for the keys that it signs reports with. What it rejects with is answered with 503. */
export function githubPublicKeys(options: GithubPublicKeysOptions = {}): PublicKeys {
  const {
    token,
    url = 'https://api.github.com/meta/public_keys/secret_scanning',
    timeoutMs = 5_000,
  } = checkOptions(optionTable, options)
  const headers = {
    Accept: 'application/vnd.github+json',
    'User-Agent': '@gosend/express-adapter',
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  }
  return async () => {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok) throw new Error(`GitHub answered ${response.status} when asked for its public keys`)
    const { public_keys: keys } = (await response.json()) as { public_keys: GithubPublicKey[] }
    return keys
  }
}

/** Finds the published key of an id, or undefined. Rejects when the keys cannot be had. */
export type FindPublicKey = (id: string) => Promise<KeyObject | undefined>

const KEPT_MS = 86_400_000
// Anybody can invent an id, and must not make us ask GitHub as often as they like.
const PAUSE_MS = 300_000
const PAUSE_AFTER_FAILURE_MS = 10_000

export function createPublicKeyring(publicKeys: PublicKeys, now: () => number): FindPublicKey {
  let known = new Map<string, KeyObject>()
  let fetchedAt = Number.NEGATIVE_INFINITY
  let mayAskAt = Number.NEGATIVE_INFINITY
  let failed: unknown
  let asking: Promise<void> | undefined

  async function ask(): Promise<void> {
    mayAskAt = now() + PAUSE_AFTER_FAILURE_MS
    try {
      known = keyring(await publicKeys())
      fetchedAt = now()
      mayAskAt = fetchedAt + PAUSE_MS
      failed = undefined
    } catch (error) {
      failed = error
    }
  }

  return async (id) => {
    const isFresh = known.has(id) && now() - fetchedAt < KEPT_MS
    if (!isFresh && (asking !== undefined || now() >= mayAskAt)) {
      asking ??= ask().finally(() => {
        asking = undefined
      })
      await asking
    }
    const key = known.get(id)
    if (key === undefined && failed !== undefined) throw failed
    return key
  }
}

function keyring(published: readonly GithubPublicKey[]): Map<string, KeyObject> {
  const keys = new Map<string, KeyObject>()
  for (const { key_identifier: id, key: pem } of published) {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') keys.set(id, key)
  }
  return keys
}

/** ECDSA with P-256 and SHA-256 over the raw body; the signature is base64 of DER. */
export function isSignedBy(key: KeyObject, body: Uint8Array, signature: string): boolean {
  try {
    return verify('sha256', body, key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
