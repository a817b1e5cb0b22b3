// The read side: from a presented value to a verification. It never writes; it notes a use, and it asks the store
// about the key's standing on every call. The only thing it remembers is what argon2 said of a key and a hash.

import { hash } from 'node:crypto'
import { type OptionTable, text, texts } from '@gosend/options'
import { LRUCache } from 'lru-cache'
import type { AllowlistCheck } from './allowed-ips.js'
import { type ApiKey, type RecordOf, statusOf } from './api-key.js'
import { checkArguments } from './attributes.js'
import { type Awaitable, andThen } from './awaitable.js'
import { ApiKeysError } from './errors.js'
import type { Hasher } from './hasher.js'
import { MAXIMUM_LENGTH, type PresentedKey } from './key-format.js'
import type { LastUsed, Tally } from './last-used.js'
import type { ProjectCheck } from './project-check.js'
import type { ApiKeyStore, StoredKey } from './store.js'
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
 * | `project_inactive` | the project is suspended or does not exist, or `isProjectActive` said no |
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

/** What a call requires of a key beyond being valid. */
export interface Requirements {
  /** Only keys of this environment. */
  readonly environment?: string | undefined
  /** All of these scopes. */
  readonly scopes?: readonly string[] | undefined
}

export interface VerifyContext extends Requirements {
  /** The client's address; read only when the key has an allowlist. */
  readonly ip?: string | undefined
  /** The id of a key whose use was noted for this very request already: it is judged again, and not counted twice. */
  readonly countedId?: string | undefined
}

export const requirementOptions: OptionTable<Requirements> = { environment: text, scopes: texts }

const contextOptions: OptionTable<VerifyContext> = { ...requirementOptions, ip: text, countedId: text }
const contextNames: ReadonlySet<string> = new Set(Object.keys(contextOptions))

export interface VerifierParts {
  /** Takes any value, never throws. */
  readonly parse: (presented: unknown) => PresentedKey | undefined
  readonly store: ApiKeyStore
  readonly tags: Tags
  readonly hasher: Hasher
  readonly isOnAllowlist: AllowlistCheck
  readonly projects: Pick<ProjectCheck, 'isActiveByRow' | 'isActive'>
  readonly memoSize: number
  readonly now: () => number
  readonly recordOf: RecordOf
  readonly lastUsed: Pick<LastUsed, 'touch'>
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

/** What a key says of itself. */
type Claim = Omit<PresentedKey, 'key'>

/** The claim of a key, and the hash that it was held against. */
interface Proof extends Claim {
  hash: string
  /** Where its uses are counted. */
  tally: Tally | undefined
}

const MALFORMED: Refusal = Object.freeze({ ok: false, reason: 'malformed', keyId: null })
const NO_REQUIREMENTS: VerifyContext = Object.freeze({})

export function createVerifier(parts: VerifierParts): Verifier {
  const { parse, store, tags, hasher, now, projects, lastUsed } = parts
  // What argon2 said yes to, by the digest of the key. A rotated or re-hashed key has another hash in the store.
  const proven = new LRUCache<string, Proof>({ max: parts.memoSize })
  const proving = new Map<string, Promise<boolean>>()
  // Compared against when the id is unknown, so that unknown ids take as long as wrong secrets.
  const nobodysTag = tags.create('')

  const verify: Verify = (presented, context = NO_REQUIREMENTS) => {
    if (!isContext(context)) checkArguments(contextOptions, context)
    if (typeof presented !== 'string' || presented.length > MAXIMUM_LENGTH) return MALFORMED
    // Asked before the key is parsed: what was proven is well formed.
    const proof = proven.get(digestOf(presented))
    const claim = proof ?? parse(presented)
    if (claim === undefined) return MALFORMED
    return andThen(store.find(claim.id), (row) =>
      row === undefined
        ? refuseUnknown(presented, claim)
        : judge(presented, claim, row, proof?.hash === row.hash ? proof : undefined, context),
    )
  }

  function refuseUnknown(key: string, claim: Claim): Refusal {
    tags.judge(nobodysTag, key)
    return refusal('unknown', claim)
  }

  function judge(
    key: string,
    claim: Claim,
    row: StoredKey,
    proof: Proof | undefined,
    context: VerifyContext,
  ): Awaitable<Verification> {
    const candidate = proof === undefined ? candidateFor(row, key, claim) : undefined
    if (proof === undefined && candidate === undefined) return refusal('mismatch', claim)
    if (candidate?.verdict === 'unknown') return prove(key, candidate.hashed, claim, row, context)

    if (row.environment !== claim.environment && claim.environment !== undefined) {
      throw new ApiKeysError('store_corrupt', `the row of ${row.id} is of another environment than its key`)
    }
    const at = now()
    const reason = standing(row, context, at)
    if (reason !== undefined) return refusal(reason, claim)
    if (proof === undefined) return prove(key, candidate?.hashed ?? key, claim, row, context)

    if (!projects.isActiveByRow(row)) return refusal('project_inactive', claim)
    if (projects.isActive === undefined) return accept(proof, row, context, at)
    return andThen(projects.isActive(row.projectId), (active) =>
      active ? accept(proof, row, context, at) : refusal('project_inactive', claim),
    )
  }

  /** What the tag does not rule out: the hashed part, or the whole key in rows in which an earlier release hashed that. */
  function candidateFor(row: StoredKey, key: string, { hashedPart = key }: Pick<PresentedKey, 'hashedPart'>) {
    for (const hashed of hashedPart === key ? [key] : [hashedPart, key]) {
      const verdict = tags.judge(row.tag, hashed)
      if (verdict !== 'no') return { hashed, verdict }
    }
    return undefined
  }

  function standing(row: StoredKey, context: VerifyContext, at: number): RefusalReason | undefined {
    const status = statusOf(row, at)
    if (status !== 'active') return status
    if (context.environment !== undefined && context.environment !== row.environment)
      return 'wrong_environment'
    if (row.allowedIps !== null && !parts.isOnAllowlist(row.allowedIps, context.ip)) return 'ip_not_allowed'
    return undefined
  }

  function accept(proof: Proof, row: StoredKey, context: VerifyContext, at: number): Verification {
    if (!hasScopes(row, context.scopes)) return { ok: false, reason: 'missing_scope', keyId: row.id }
    if (context.countedId !== row.id) proof.tally = lastUsed.touch(row.id, at, proof.tally)
    return { ok: true, record: parts.recordOf(row) }
  }

  // Starts from the top after argon2, because the key may have been revoked or re-hashed while it ran.
  async function prove(
    key: string,
    hashed: string,
    { id, environment, hashedPart }: Claim,
    row: StoredKey,
    context: VerifyContext,
  ): Promise<Verification> {
    parts.onMemoMiss()
    if (!(await matches(row, hashed))) return refusal('mismatch', { id, environment })
    proven.set(digestOf(key), { id, environment, hashedPart, hash: row.hash, tally: undefined })
    return verify(key, context)
  }

  function matches(row: StoredKey, key: string): Promise<boolean> {
    const flight = `${digestOf(key)} ${row.hash}`
    let result = proving.get(flight)
    if (result === undefined) {
      result = argon2Says(row, key).finally(() => proving.delete(flight))
      proving.set(flight, result)
    }
    return result
  }

  async function argon2Says(row: StoredKey, key: string): Promise<boolean> {
    try {
      const yes = await hasher.verify(row.hash, key, { projectId: row.projectId })
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
    if (row === undefined) {
      tags.judge(nobodysTag, parsed.key)
      return undefined
    }
    const candidate = candidateFor(row, parsed.key, parsed)
    return candidate !== undefined && (await matches(row, candidate.hashed)) ? row : undefined
  }

  return { verify, identify }
}

/** On the way of every request: what it finds at fault, the table puts into words. */
function isContext(context: VerifyContext): boolean {
  if (context === NO_REQUIREMENTS) return true
  if (typeof context !== 'object' || context === null) return false
  for (const name in context) if (!contextNames.has(name)) return false
  const { environment, scopes } = context
  return (
    (environment === undefined || typeof environment === 'string') &&
    (scopes === undefined || Array.isArray(scopes))
  )
}

/** Stands for a key in memory, so that the key itself does not have to be kept there. */
const digestOf = (key: string) => hash('sha256', key, 'base64')

function hasScopes(
  key: { readonly scopes: readonly string[] },
  required: readonly string[] | undefined,
): boolean {
  return required === undefined || required.every((scope) => key.scopes.includes(scope))
}

function refusal(reason: RefusalReason, { id }: Claim): Refusal {
  return { ok: false, reason, keyId: id }
}
