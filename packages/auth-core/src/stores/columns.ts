// How a key's fields are called in SQL, and what of them is stored as text.

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
  scopes: 'scopes',
  allowedIps: 'allowed_ips',
  metadata: 'metadata',
  fingerprint: 'fingerprint',
  version: 'version',
} as const satisfies Record<Exclude<keyof StoredKey, 'lastUsedAt' | 'projectStatus'>, string>

export type Field = keyof typeof columns

export const fields = Object.keys(columns) as Field[]

/** A field as a database takes it: lists and objects as JSON. */
export function encode(value: StoredKey[Field]): string | number | null {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}
