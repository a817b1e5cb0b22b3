// The ApiKey record: what a host sees of a key, and the states it passes through.

import { isImported } from './imported-keys.js'
import type { KeyFormat } from './key-format.js'
import type { WindowLimit } from './limits/allowance.js'
import type { KeyStatus, StoredDelegation, StoredKey } from './store.js'

/** A key as a host may show it: never the secret, never the hash. */
export interface ApiKey {
  /** Public identifier, the 12 characters after the environment tag. */
  readonly id: string
  readonly projectId: string
  readonly environment: string
  readonly label: string
  /** The key in a form that is safe to show: everything before the secret, or `imported_` and its id. */
  readonly hint: string
  readonly createdAt: Date
  /** Last successful verification, accurate to one flush interval. */
  readonly lastUsedAt: Date | null
  /** From this instant on the key is refused. */
  readonly expiresAt: Date | null
  /** Set once, for good: by a revocation, or by a rotation without a grace period. */
  readonly revokedAt: Date | null
  /** Since when the key is disabled, and refused until it is enabled again. */
  readonly disabledAt: Date | null
  /** Who made the key, in the host's words: for good. */
  readonly createdBy: string | null
  /** Whom the key belongs to within its project, in the host's words. */
  readonly ownerId: string | null
  /** The id of the key that this one replaced. */
  readonly rotatedFrom: string | null
  /** The id of the key that replaced this one. */
  readonly replacedBy: string | null
  /** The id of the first key in its chain of rotations, its own when it replaced none: daily limits are counted by it. */
  readonly rootId: string
  readonly scopes: readonly string[]
  /** Addresses and CIDR blocks the key may be used from; null is anywhere, `[]` is nowhere. */
  readonly allowedIps: readonly string[] | null
  readonly metadata: Readonly<Record<string, unknown>>
  /** Whether an active key is older than the rotation period. */
  readonly rotationDue: boolean
  /** One more with every change, uses aside: what `ifVersion` is compared with. */
  readonly version: number
  /** Only of a key that was made from another: see `issueChild`. */
  readonly delegation?: Delegation | undefined
}

/** What a key that was made from another is bound to. */
export interface Delegation {
  /** The id of the key that it was made from, and ends with. */
  readonly parentId: string
  /** On whose behalf it acts, in the host's words. */
  readonly actingFor: string | null
  /** Limits of its own, beside those of its parent. */
  readonly limits: readonly WindowLimit[]
  /** How many requests, or units of their costs, it may make in all; null for as many as its parent. */
  readonly budget: number | null
  /** The record of the parent, where the key was verified. */
  readonly parent?: ApiKey | undefined
}

/** The state of a key at an instant, in milliseconds since the epoch. */
export function statusOf(
  key: Pick<StoredKey, 'revokedAt' | 'disabledAt' | 'expiresAt'>,
  now: number,
): KeyStatus {
  if (key.revokedAt !== null) return 'revoked'
  if (key.disabledAt !== null) return 'disabled'
  return hasExpired(key, now) ? 'expired' : 'active'
}

/** Whether its time is over, disabled or not. */
export function hasExpired({ expiresAt }: Pick<StoredKey, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && now >= expiresAt
}

/** @param parents of a key that was made from another: the one that it was made from, the one which that was made from, and so on. */
export type RecordOf = (stored: StoredKey, parents?: readonly StoredKey[]) => ApiKey

/** How stored keys become records: with their hint, and compared with the rotation period. */
export function createRecordOf(options: {
  readonly format: KeyFormat
  readonly now: () => number
  readonly rotationPeriodMs: number
}): RecordOf {
  const date = (ms: number | null) => (ms === null ? null : new Date(ms))
  const plain: RecordOf = (stored) => {
    const now = options.now()
    return {
      id: stored.id,
      projectId: stored.projectId,
      environment: stored.environment,
      label: stored.label,
      hint: isImported(stored)
        ? `imported_${stored.id}…`
        : options.format.redact(stored.environment, stored.id, stored.start),
      createdAt: new Date(stored.createdAt),
      lastUsedAt: date(stored.lastUsedAt),
      expiresAt: date(stored.expiresAt),
      revokedAt: date(stored.revokedAt),
      disabledAt: date(stored.disabledAt),
      createdBy: stored.createdBy,
      ownerId: stored.ownerId,
      rotatedFrom: stored.rotatedFrom,
      replacedBy: stored.replacedBy,
      rootId: stored.rootId ?? stored.id,
      scopes: stored.scopes,
      allowedIps: stored.allowedIps,
      metadata: stored.metadata,
      rotationDue: statusOf(stored, now) === 'active' && now - stored.createdAt >= options.rotationPeriodMs,
      version: stored.version,
    }
  }

  const ofChild = (
    stored: StoredKey,
    delegation: StoredDelegation,
    parents: readonly StoredKey[],
  ): ApiKey => {
    const { parentId = '' } = stored
    const [parent, ...further] = parents
    const known = parent && { parent: recordOf(parent, further) }
    return { ...plain(stored), delegation: { parentId, ...delegation, ...known } }
  }

  // Apart, so that the records of all other keys are made as fast as if there were no such keys.
  const recordOf: RecordOf = (stored, parents) =>
    stored.delegation === undefined ? plain(stored) : ofChild(stored, stored.delegation, parents ?? [])
  return recordOf
}
