// The state of a key as people see it, and which keys deserve a look.

import { DAY_MS } from '@gosend/dashboard-ui'
import type { Key } from '../client.js'

export type Status = 'active' | 'ending' | 'disabled' | 'expired' | 'rotated' | 'revoked'

export function statusOf(key: Key, now: number): Status {
  if (key.revokedAt !== null) return key.replacedBy === null ? 'revoked' : 'rotated'
  if (key.disabledAt !== null) return 'disabled'
  const isExpired = key.expiresAt !== null && now >= Date.parse(key.expiresAt)
  if (key.replacedBy !== null) return isExpired ? 'rotated' : 'ending'
  return isExpired ? 'expired' : 'active'
}

/** The keys that replace one which still works for a while. */
export const replacementsIn = (keys: readonly Key[], now: number): ReadonlySet<string | null> =>
  new Set(keys.filter((key) => statusOf(key, now) === 'ending').map(({ replacedBy }) => replacedBy))

export type KeyAction = 'edit' | 'rotate' | 'disable' | 'enable' | 'revoke'

/** What people can do with a key. An expired one works again by a later expiry. */
export const actionsOf: Readonly<Record<Status, readonly KeyAction[]>> = {
  active: ['edit', 'rotate', 'disable', 'revoke'],
  ending: ['edit', 'disable', 'revoke'],
  disabled: ['edit', 'enable', 'revoke'],
  expired: ['edit', 'rotate', 'revoke'],
  rotated: [],
  revoked: [],
}

/** What a row of the list offers; the rest is on the page of the key. */
export const quickActions: ReadonlySet<KeyAction> = new Set(['rotate', 'enable', 'revoke'])

/** What can be done with many keys at once. */
export const bulkActions = ['enable', 'disable', 'revoke'] as const satisfies readonly KeyAction[]
export type BulkAction = (typeof bulkActions)[number]

export const STALE_AFTER_DAYS = 30
const NEVER_USED_AFTER_DAYS = 7
const EXPIRY_NOTICE_DAYS = 7

export type Concern = 'expiresSoon' | 'rotationDue' | 'neverUsed' | 'unused'

/** Why an active key deserves a look; empty when it does not. */
export function concernsOf(key: Key, now: number): readonly Concern[] {
  if (statusOf(key, now) !== 'active') return []
  const days = (since: string) => (now - Date.parse(since)) / DAY_MS
  const concerns: Concern[] = []
  if (key.expiresAt !== null && -days(key.expiresAt) < EXPIRY_NOTICE_DAYS) concerns.push('expiresSoon')
  if (key.rotationDue) concerns.push('rotationDue')
  if (key.lastUsedAt === null) {
    if (days(key.createdAt) >= NEVER_USED_AFTER_DAYS) concerns.push('neverUsed')
  } else if (days(key.lastUsedAt) >= STALE_AFTER_DAYS) {
    concerns.push('unused')
  }
  return concerns
}
