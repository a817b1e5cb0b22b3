// How a key's fields are called in SQL, and what of them is stored as text.

import { foldLabel } from '../key-order.js'
import type { StoredKey } from '../store.js'

/** Fields that a commit writes, and their columns. `lastUsedAt` is written by uses only, `projectStatus` follows the project. */
export const columns = {
  id: 'id',
  projectId: 'project_id',
  environment: 'environment',
  start: 'key_start',
  label: 'label',
  hash: 'hash',
  tag: 'tag',
  createdAt: 'created_at',
  expiresAt: 'expires_at',
  revokedAt: 'revoked_at',
  rotatedFrom: 'rotated_from',
  replacedBy: 'replaced_by',
  rootId: 'root_id',
  scopes: 'scopes',
  allowedIps: 'allowed_ips',
  metadata: 'metadata',
  fingerprint: 'fingerprint',
  version: 'version',
} as const satisfies Record<Exclude<keyof StoredKey, 'lastUsedAt' | 'projectStatus'>, string>

export type Field = keyof typeof columns

export const fields = Object.keys(columns) as Field[]

/** What a row is read from, in the order of `fields`, and then `lastUsedAt`. */
export const readColumns = [...Object.values(columns), 'last_used_at'].join(', ')

/** What a commit writes `valuesOf` a row to. */
export const writtenColumns: readonly string[] = [...Object.values(columns), 'folded_label']

export function valuesOf(row: StoredKey): (string | number | null)[] {
  return [...fields.map((field) => encode(row[field])), foldLabel(row.label)]
}

// Lists and objects become JSON.
function encode(value: StoredKey[Field]): string | number | null {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}
