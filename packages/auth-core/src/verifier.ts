// The read side: from a presented value to a verification. It never writes. It reads the key's row from the store on
// every call and records the use. It only remembers which keys argon2 has confirmed against which hashes.

import { hash } from 'node:crypto'
import { type OptionTable, text } from '@gosend/options'
import { LRUCache } from 'lru-cache'
import type { AllowlistCheck } from './allowed-ips.js'
import { type ApiKey, type RecordOf, statusOf } from './api-key.js'
import { checkArguments } from './attributes.js'
import { type Awaitable, andThen } from './awaitable.js'
import { MAX_DEPTH } from './delegation.js'
import { ApiKeysError } from './errors.js'
import type { Hasher } from './hasher.js'
import { MAX_LENGTH, type PresentedKey } from './key-format.js'
import type { LastUsed, UseCount } from './last-used.js'
import type { Lifetimes } from './lifetime.js'
import type { ProjectCheck } from './project-check.js'
import {
  type AnyScope,
  missingScopes,
  type Resource,
  resourceName,
  type ScopeRequirement,
  scopeRequirement,
} from './scopes.js'
import type { ApiKeyStore, StoredKey } from './store.js'
import type { Tags } from './tag.js'

/**
 * | reason | meaning |
 * |---|---|
 * | `malformed` | not a key of this product: length, alphabet, environment tag or checksum |
 * | `unknown` | no key has this id |
 * | `mismatch` | the id exists, the secret is another |
 * | `revoked` | revoked, or replaced by a rotation |
 * | `disabled` | disabled, until it is enabled again |
 * | `expired` | past `expiresAt` |
 * | `idle` | nobody has used it for `lifetime.idleMs` |
 * | `wrong_environment` | a key of another environment than the call requires |
 * | `project_inactive` | the project is suspended or does not exist, or `isProjectActive` said no |
 * | `ip_not_allowed` | the address is not on the key's allowlist |
 * | `missing_scope` | the key lacks a scope that the call requires |
 */
export type RefusalReason =
  | 'malformed'
  | 'unknown'
  | 'mismatch'
  | 'revoked'
  | 'disabled'
  | 'expired'
  | 'idle'
  | 'wrong_environment'
  | 'project_inactive'
  | 'ip_not_allowed'
  | 'missing_scope'

export interface VerificationRefusal {
  readonly ok: false
  readonly reason: RefusalReason
  /** The id that the key claims, once it is well formed: safe to log. */
  readonly keyId: string | null
  /** What the key lacks, when the reason is `missing_scope`; of several alternatives, the one that lacks the fewest. */
  readonly missingScopes?: readonly string[] | undefined
}

export interface VerificationSuccess {
  readonly ok: true
  readonly record: ApiKey
}

export type Verification = VerificationSuccess | VerificationRefusal

/** What a call requires of a key beyond being valid. */
export interface Requirements<Scope extends string = string> {
  /** Only keys of this environment. */
  readonly environment?: string | undefined
  /** All of these scopes, or with `{ anyOf }` those of one alternative. */
  readonly scopes?: ScopeRequirement<Scope> | undefined
  /** What the request is about: scopes that name no resource themselves are required for this one. */
  readonly resource?: Resource | undefined
}

export interface VerifyContext<Scope extends string = string> extends Requirements<Scope> {
  /** The client's address; read only when the key has an allowlist. */
  readonly ip?: string | undefined
  /** The id of a key whose use was already recorded for this request: it is checked again, and not counted twice. */
  readonly countedId?: string | undefined
}

export const requirementOptions: OptionTable<Requirements> = {
  environment: text,
  scopes: scopeRequirement,
  resource: resourceName,
}

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
  readonly isIdle: Lifetimes['isIdle']
  readonly memoSize: number
  readonly now: () => number
  readonly recordOf: RecordOf
  readonly lastUsed: Pick<LastUsed, 'touch'>
  /** Called when argon2 has not confirmed a well-formed key yet, so that the request waits for it. */
  readonly onMemoMiss: () => void
  /** Called after argon2 confirmed a key, to renew a hash or tag made with earlier parameters. */
  readonly onConfirmed: (row: StoredKey, key: string) => void
}

export type Verify = (presented: unknown, context?: VerifyContext) => Awaitable<Verification>

export interface Verifier {
  readonly verify: Verify
  /** The row of a key whose secret is right, even if the key is not active. Records no use. */
  identify(presented: unknown): Promise<StoredKey | undefined>
}

/** A presented key without its secret. */
type KeyParts = Omit<PresentedKey, 'key'>

/** A key that argon2 has confirmed, and the hash that it was compared with. */
interface Confirmed extends KeyParts {
  hash: string
  /** Where its uses are counted. */
  useCount: UseCount | undefined
}

const MALFORMED: VerificationRefusal = Object.freeze({ ok: false, reason: 'malformed', keyId: null })
const NO_REQUIREMENTS: VerifyContext = Object.freeze({})

export function createVerifier(parts: VerifierParts): Verifier {
  const { parse, store, tags, now } = parts
  // By the digest of the key. A rotated or re-hashed key has another hash in the store.
  const memo = new LRUCache<string, Confirmed>({ max: parts.memoSize })
  const matches = createMatcher(parts)
  const admit = createAdmit(parts)
  // Compared with the key when the id is unknown, so that unknown ids take as long as wrong secrets.
  const nobodysTag = tags.create('')
  const compareWithNobody = (presented: string) => void tags.compare(nobodysTag, presented)

  const verify: Verify = (presented, context = NO_REQUIREMENTS) => {
    if (!isContext(context)) checkArguments(contextOptions, context)
    if (typeof presented !== 'string' || presented.length > MAX_LENGTH) return MALFORMED
    // Looked up before the key is parsed: a confirmed key is well formed.
    const known = memo.get(digestOf(presented))
    const key = known ?? parse(presented)
    if (key === undefined) return MALFORMED
    return andThen(store.find(key.id), (row) => {
      if (row !== undefined) {
        return check(presented, key, row, known?.hash === row.hash ? known : undefined, context)
      }
      return known === undefined ? lookElsewhere(presented, key, context) : unknown(presented, key)
    })
  }

  /** Where it is found depends on what the other library kept of it. */
  function lookElsewhere(
    presented: string,
    key: KeyParts,
    context: VerifyContext,
    next = 0,
  ): Awaitable<Verification> {
    const id = key.otherIds?.[next]
    if (id === undefined) return unknown(presented, key)
    return andThen(store.find(id), (row) =>
      row === undefined
        ? lookElsewhere(presented, key, context, next + 1)
        : check(presented, { ...key, id }, row, undefined, context),
    )
  }

  function unknown(presented: string, key: KeyParts): VerificationRefusal {
    compareWithNobody(presented)
    return refusal('unknown', key)
  }

  function check(
    presented: string,
    key: KeyParts,
    row: StoredKey,
    confirmed: Confirmed | undefined,
    context: VerifyContext,
  ): Awaitable<Verification> {
    const candidate = confirmed === undefined ? candidateFor(tags, row, presented, key) : undefined
    if (confirmed === undefined && candidate === undefined) return refusal('mismatch', key)
    if (candidate?.verdict === 'unknown') return confirm(presented, candidate.hashed, key, row, context)

    if (row.environment !== key.environment && key.environment !== undefined) {
      throw new ApiKeysError('store_corrupt', `the row of ${row.id} is of another environment than its key`)
    }
    const at = now()
    const reason = reasonOfPresented(row, context, at, parts)
    if (reason !== undefined) return refusal(reason, key)
    if (confirmed === undefined) return confirm(presented, candidate?.hashed ?? presented, key, row, context)
    return admit(confirmed, row, context, at)
  }

  // Starts from the top after argon2, because the key may have been revoked or re-hashed while it ran.
  async function confirm(
    presented: string,
    hashed: string,
    { id, environment, hashedPart }: KeyParts,
    row: StoredKey,
    context: VerifyContext,
  ): Promise<Verification> {
    parts.onMemoMiss()
    if (!(await matches(row, hashed))) return refusal('mismatch', { id })
    memo.set(digestOf(presented), { id, environment, hashedPart, hash: row.hash, useCount: undefined })
    return verify(presented, context)
  }

  return { verify, identify: createIdentify(parts, matches, compareWithNobody) }
}

type Admit = (key: Confirmed, row: StoredKey, context: VerifyContext, at: number) => Awaitable<Verification>

/** The checks of a key that argon2 has confirmed, and that is active: what it was made from, its project, its scopes. */
function createAdmit({
  store,
  projects,
  lastUsed,
  isOnAllowlist,
  recordOf,
}: Pick<VerifierParts, 'store' | 'projects' | 'lastUsed' | 'isOnAllowlist' | 'recordOf'>): Admit {
  /** A key that was made from another may do nothing that this one may not, at this moment. */
  function checkParents(
    key: Confirmed,
    row: StoredKey,
    context: VerifyContext,
    at: number,
    parents: readonly StoredKey[] = [],
  ): Awaitable<Verification> {
    const { parentId } = parents.at(-1) ?? row
    if (parentId === undefined) return checkProject(key, row, context, at, parents)
    if (parents.length === MAX_DEPTH) return refusal('revoked', key)
    return andThen(store.find(parentId), (parent) => {
      // One that is not there any more is erased.
      if (parent === undefined) return refusal('revoked', key)
      const reason = refusalReason(parent, context, at, isOnAllowlist)
      return reason === undefined
        ? checkParents(key, row, context, at, [...parents, parent])
        : refusal(reason, key)
    })
  }

  function checkProject(
    key: Confirmed,
    row: StoredKey,
    context: VerifyContext,
    at: number,
    parents?: readonly StoredKey[],
  ): Awaitable<Verification> {
    if (!projects.isActiveByRow(row)) return refusal('project_inactive', key)
    if (projects.isActive === undefined) return accept(key, row, context, at, parents)
    return andThen(projects.isActive(row.projectId), (isActive) =>
      isActive ? accept(key, row, context, at, parents) : refusal('project_inactive', key),
    )
  }

  function accept(
    key: Confirmed,
    row: StoredKey,
    context: VerifyContext,
    at: number,
    parents?: readonly StoredKey[],
  ): Verification {
    if (context.scopes !== undefined) {
      const missing = lackedScopes(row, parents, context)
      if (missing.length > 0) return { ...refusal('missing_scope', row), missingScopes: missing }
    }
    if (context.countedId !== row.id) key.useCount = lastUsed.touch(row.id, at, key.useCount)
    return { ok: true, record: recordOf(row, parents) }
  }

  return (key, row, context, at) =>
    row.parentId === undefined ? checkProject(key, row, context, at) : checkParents(key, row, context, at)
}

function lackedScopes(
  row: StoredKey,
  parents: readonly StoredKey[] = [],
  { scopes, resource }: VerifyContext,
): readonly string[] {
  const name = resource === undefined ? undefined : resourceName(resource, 'resource')
  for (const { scopes: granted } of [row, ...parents]) {
    const missing = missingScopes(granted, scopes, name)
    if (missing.length > 0) return missing
  }
  return []
}

/** Why the row does not allow this request, whether or not the secret is right. */
function refusalReason(
  row: StoredKey,
  context: VerifyContext,
  at: number,
  isOnAllowlist: AllowlistCheck,
): RefusalReason | undefined {
  const status = statusOf(row, at)
  if (status !== 'active') return status
  if (context.environment !== undefined && context.environment !== row.environment) return 'wrong_environment'
  if (row.allowedIps !== null && !isOnAllowlist(row.allowedIps, context.ip)) return 'ip_not_allowed'
  return undefined
}

/** The same for the key that was presented. A parent is used through the keys that were made from it, and so is never idle. */
function reasonOfPresented(
  row: StoredKey,
  context: VerifyContext,
  at: number,
  { isOnAllowlist, isIdle }: Pick<VerifierParts, 'isOnAllowlist' | 'isIdle'>,
): RefusalReason | undefined {
  return refusalReason(row, context, at, isOnAllowlist) ?? (isIdle(row, at) ? 'idle' : undefined)
}

function createIdentify(
  { parse, store, tags }: VerifierParts,
  matches: Matcher,
  compareWithNobody: (presented: string) => void,
): Verifier['identify'] {
  return async (presented) => {
    const parsed = parse(presented)
    if (parsed === undefined) return undefined
    let row = await store.find(parsed.id)
    for (const id of parsed.otherIds ?? []) row ??= await store.find(id)
    if (row === undefined) {
      compareWithNobody(parsed.key)
      return undefined
    }
    const candidate = candidateFor(tags, row, parsed.key, parsed)
    return candidate !== undefined && (await matches(row, candidate.hashed)) ? row : undefined
  }
}

/** What the tag does not rule out: the hashed part, or the whole key in rows in which an earlier release hashed that. */
function candidateFor(
  tags: Tags,
  row: StoredKey,
  key: string,
  { hashedPart = key }: Pick<PresentedKey, 'hashedPart'>,
) {
  for (const hashed of hashedPart === key ? [key] : [hashedPart, key]) {
    const verdict = tags.compare(row.tag, hashed)
    if (verdict !== 'no') return { hashed, verdict }
  }
  return undefined
}

type Matcher = (row: StoredKey, key: string) => Promise<boolean>

/** Runs argon2 once for all requests that wait for the same key and hash. */
function createMatcher({ hasher, onConfirmed }: Pick<VerifierParts, 'hasher' | 'onConfirmed'>): Matcher {
  const pending = new Map<string, Promise<boolean>>()

  async function verifyHash(row: StoredKey, key: string): Promise<boolean> {
    const isMatch = await hasher.verify(row.hash, key, { projectId: row.projectId })
    if (isMatch) onConfirmed(row, key)
    return isMatch
  }

  return (row: StoredKey, key: string): Promise<boolean> => {
    const flight = `${digestOf(key)} ${row.hash}`
    let result = pending.get(flight)
    if (result === undefined) {
      result = verifyHash(row, key).finally(() => pending.delete(flight))
      pending.set(flight, result)
    }
    return result
  }
}

/** A quick check on every request. The option table words the error for what it finds. */
function isContext(context: VerifyContext): boolean {
  if (typeof context !== 'object' || context === null) return false
  for (const name in context) if (!contextNames.has(name)) return false
  const { environment, scopes } = context
  return (
    (environment === undefined || typeof environment === 'string') &&
    (scopes === undefined || Array.isArray(scopes) || isAlternatives(scopes as AnyScope))
  )
}

// None at all would be fulfilled by nobody, and could be meant for anybody; one without scopes by everybody.
const isAlternatives = (scopes: Partial<AnyScope> | null): boolean =>
  Array.isArray(scopes?.anyOf) &&
  scopes.anyOf.length > 0 &&
  scopes.anyOf.every((alternative) => alternative?.length > 0)

/** Stands for a key in memory, so that the key itself does not have to be kept there. */
const digestOf = (key: string) => hash('sha256', key, 'base64')

function refusal(reason: RefusalReason, { id }: { readonly id: string }): VerificationRefusal {
  return { ok: false, reason, keyId: id }
}
