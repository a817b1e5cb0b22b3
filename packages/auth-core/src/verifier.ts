// The read side: from a presented value to a verification. It never writes; it notes a use, and it asks the store
// about the key's standing on every call. The only thing it remembers is what argon2 said of a key and a hash.

import { LRUCache } from 'lru-cache'
import type { AllowlistCheck } from './allowed-ips.js'
import { type ApiKey, type RecordOf, statusOf } from './api-key.js'
import { ApiKeysError } from './errors.js'
import { andThen } from './guarded-store.js'
import type { Hasher } from './hasher.js'
import type { PresentedKey } from './key-format.js'
import type { ApiKeyStore, Awaitable, StoredKey } from './store.js'
import type { Tags } from './tag.js'

/**
 * | reason | meaning |
 * |---|---|
 * | `malformed` | not a key of this product: length, alphabet, environment tag or checksum |
 * | `unknown` | no key has this id |
 * | `mismatch` | the id exists, the secret is another |
 * | `revoked` | revoked, or replaced by a rotation |
 * | `expired` | past `expiresAt` |
 * | `wrong_environment` | a key of another environment than the call demands |
 * | `project_inactive` | `isProjectActive` said no |
 * | `ip_not_allowed` | the address is not on the key's allowlist |
 * | `missing_scope` | the key lacks a scope that the call demands |
 */
export type RefusalReason =
  | 'malformed'
  | 'unknown'
  | 'mismatch'
  | 'revoked'
  | 'expired'
  | 'wrong_environment'
  | 'project_inactive'
  | 'ip_not_allowed'
  | 'missing_scope'

export interface Refusal {
  readonly ok: false
  readonly reason: RefusalReason
  /** The id that the key claims, once it is well formed: safe to log. */
  readonly keyId: string | null
}

export interface Success {
  readonly ok: true
  readonly record: ApiKey
}

export type Verification = Success | Refusal

/** What a call demands of a key beyond being valid. */
export interface Demands {
  /** Only keys of this environment. */
  readonly environment?: string | undefined
  /** All of these scopes. */
  readonly scopes?: readonly string[] | undefined
}

export interface VerifyContext extends Demands {
  /** The client's address; read only when the key has an allowlist. */
  readonly ip?: string | undefined
  /** The id of a key whose use was noted for this very request already: it is judged again, and not counted twice. */
  readonly countedId?: string | undefined
}

export interface VerifierParts {
  /** Takes any value, never throws. */
  readonly parse: (presented: unknown) => PresentedKey | undefined
  readonly store: ApiKeyStore
  readonly tags: Tags
  readonly hasher: Hasher
  readonly isOnAllowlist: AllowlistCheck
  readonly isProjectActive: ((projectId: string) => Awaitable<boolean>) | undefined
  readonly memoSize: number
  readonly now: () => number
  readonly recordOf: RecordOf
  readonly onUse: (id: string, at: number) => void
  /** Called when a valid-looking key is not remembered, and argon2 has to be asked or waited for. */
  readonly onMemoMiss: () => void
  /** Called after argon2 said yes, to renew a hash or tag made with earlier parameters. */
  readonly onProof: (row: StoredKey, key: string) => void
}

export type Verify = (presented: unknown, context?: VerifyContext) => Awaitable<Verification>

export interface Verifier {
  readonly verify: Verify
  /** The row of a key whose secret is right, whatever its standing. Notes no use. */
  identify(presented: unknown): Promise<StoredKey | undefined>
}

/** A key by its digest, and the hash that it was held against. */
interface Proof {
  readonly digest: string
  readonly hash: string
}

const MALFORMED: Refusal = Object.freeze({ ok: false, reason: 'malformed', keyId: null })
const NO_DEMANDS: VerifyContext = Object.freeze({})

export function createVerifier(parts: VerifierParts): Verifier {
  const { parse, store, tags, hasher, now, isProjectActive } = parts
  // What argon2 said yes to: this digest of a key, under this very hash. A rotated or re-hashed key never matches.
  const proven = new LRUCache<string, Proof>({ max: parts.memoSize })
  const proving = new Map<string, Promise<boolean>>()
  // Compared against when the id is unknown, so that unknown ids take as long as wrong secrets.
  const nobodysTag = tags.create('')

  const verify: Verify = (presented, context = NO_DEMANDS) => {
    const parsed = parse(presented)
    if (parsed === undefined) return MALFORMED
    return andThen(store.find(parsed.id), (row) => judge(parsed, row, context))
  }

  function judge(
    parsed: PresentedKey,
    row: StoredKey | undefined,
    context: VerifyContext,
  ): Awaitable<Verification> {
    const tag = row?.tag ?? nobodysTag
    const digest = tags.digestFor(tag, parsed.key)
    const proof = proven.get(parsed.id)
    const isProven = row !== undefined && proof?.digest === digest && proof.hash === row.hash
    if (!isProven) {
      const verdict = tags.judge(tag, digest)
      if (row === undefined) return refusal('unknown', parsed)
      if (verdict === 'no') return refusal('mismatch', parsed)
      if (verdict === 'unknown') return prove(parsed, row, digest, context)
    }

    if (row.environment !== parsed.environment && parsed.environment !== undefined) {
      throw new ApiKeysError('store_corrupt', `the row of ${row.id} is of another environment than its key`)
    }
    const reason = standing(row, context)
    if (reason !== undefined) return refusal(reason, parsed)
    if (!isProven) return prove(parsed, row, digest, context)

    if (isProjectActive === undefined) return accept(row, context)
    return andThen(isProjectActive(row.projectId), (active) =>
      active ? accept(row, context) : refusal('project_inactive', parsed),
    )
  }

  function standing(row: StoredKey, context: VerifyContext): RefusalReason | undefined {
    const status = statusOf(row, now())
    if (status !== 'active') return status
    if (context.environment !== undefined && context.environment !== row.environment)
      return 'wrong_environment'
    if (row.allowedIps !== null && !parts.isOnAllowlist(row.allowedIps, context.ip)) return 'ip_not_allowed'
    return undefined
  }

  function accept(row: StoredKey, context: VerifyContext): Verification {
    if (!hasScopes(row, context.scopes)) return { ok: false, reason: 'missing_scope', keyId: row.id }
    if (context.countedId !== row.id) parts.onUse(row.id, now())
    return { ok: true, record: parts.recordOf(row) }
  }

  // Starts from the top after argon2, because the key may have been revoked or re-hashed while it ran.
  async function prove(
    parsed: PresentedKey,
    row: StoredKey,
    digest: string,
    context: VerifyContext,
  ): Promise<Verification> {
    parts.onMemoMiss()
    if (!(await matches(row, parsed.key, digest))) return refusal('mismatch', parsed)
    proven.set(row.id, { digest, hash: row.hash })
    return verify(parsed.key, context)
  }

  function matches(row: StoredKey, key: string, digest: string): Promise<boolean> {
    const flight = `${digest} ${row.hash}`
    let result = proving.get(flight)
    if (result === undefined) {
      result = argon2Says(row, key).finally(() => proving.delete(flight))
      proving.set(flight, result)
    }
    return result
  }

  async function argon2Says(row: StoredKey, key: string): Promise<boolean> {
    try {
      const yes = await hasher.verify(row.hash, key)
      if (yes) parts.onProof(row, key)
      return yes
    } catch (cause) {
      if (cause instanceof ApiKeysError) throw cause
      throw new ApiKeysError('verifier_failed', 'the hasher could not verify a key', { cause })
    }
  }

  async function identify(presented: unknown): Promise<StoredKey | undefined> {
    const parsed = parse(presented)
    if (parsed === undefined) return undefined
    const row = await store.find(parsed.id)
    const tag = row?.tag ?? nobodysTag
    const digest = tags.digestFor(tag, parsed.key)
    if (tags.judge(tag, digest) === 'no' || row === undefined) return undefined
    return (await matches(row, parsed.key, digest)) ? row : undefined
  }

  return { verify, identify }
}

function hasScopes(
  key: { readonly scopes: readonly string[] },
  demanded: readonly string[] | undefined,
): boolean {
  return demanded === undefined || demanded.every((scope) => key.scopes.includes(scope))
}

function refusal(reason: RefusalReason, parsed: PresentedKey): Refusal {
  return { ok: false, reason, keyId: parsed.id }
}
