// The ApiKey record: what a host sees of a key, and the states it passes through.

import { isImported } from './imported-keys.js'
import type { KeyFormat } from './key-format.js'
import type { KeyStatus, StoredKey } from './store.js'

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
}

/** The state of a key at an instant, in milliseconds since the epoch. */
export function statusOf(
  key: { readonly revokedAt: number | null; readonly expiresAt: number | null },
  now: number,
): KeyStatus {
  if (key.revokedAt !== null) return 'revoked'
  return key.expiresAt !== null && now >= key.expiresAt ? 'expired' : 'active'
}

export type RecordOf = (stored: StoredKey) => ApiKey

/** How stored keys become records: with their hint, and compared with the rotation period. */
export function createRecordOf(options: {
  readonly format: KeyFormat
  readonly now: () => number
  readonly rotationPeriodMs: number
}): RecordOf {
  const date = (ms: number | null) => (ms === null ? null : new Date(ms))
  return (stored) => {
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
      rotatedFrom: stored.rotatedFrom,
      replacedBy: stored.replacedBy,
      rootId: stored.rootId ?? stored.id,
      scopes: stored.scopes,
      allowedIps: stored.allowedIps,
      metadata: stored.metadata,
      rotationDue: statusOf(stored, now) === 'active' && now - stored.createdAt >= options.rotationPeriodMs,
    }
  }
}
