// How a key's fields are called in SQL, what of them is stored as text, and how rows are read back.

import { foldLabel } from '../key-order.js'
import type { ProjectStatus } from '../projects.js'
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
  disabledAt: 'disabled_at',
  createdBy: 'created_by',
  ownerId: 'owner_id',
  rotatedFrom: 'rotated_from',
  replacedBy: 'replaced_by',
  rootId: 'root_id',
  scopes: 'scopes',
  allowedIps: 'allowed_ips',
  metadata: 'metadata',
  fingerprint: 'fingerprint',
  version: 'version',
  parentId: 'parent_id',
  delegation: 'delegation',
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

/**
 * What is left of an erased key: its id, which nobody may have again. No project can have this id, so lists of a project need no
 * condition to leave it out. For an earlier release, which does not know of erased keys, it is a revoked one.
 */
const tombstone: Omit<StoredKey, 'id' | 'version'> = {
  projectId: '\u0001',
  environment: '',
  start: null,
  label: '',
  hash: '',
  tag: '',
  createdAt: 0,
  lastUsedAt: null,
  expiresAt: null,
  revokedAt: 0,
  disabledAt: null,
  createdBy: null,
  ownerId: null,
  rotatedFrom: null,
  replacedBy: null,
  rootId: null,
  scopes: [],
  allowedIps: [],
  metadata: {},
  fingerprint: null,
}

const blanked = fields.filter((field) => field !== 'id' && field !== 'version')

/** The columns of a key that are overwritten when it is erased, and what with. `erased_at` and `version` come on top. */
export const erasedColumns: readonly string[] = [
  ...blanked.map((field) => columns[field]),
  'folded_label',
  'last_used_at',
]
export const erasedValues: readonly (string | number | null)[] = [
  ...blanked.map((field) => encode(tombstone[field])),
  '',
  null,
]

// Lists and objects become JSON.
function encode(value: StoredKey[Field]): string | number | null {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? null)
}

// Postgres gives bigint as text, unless the host has told its driver otherwise.
type Integer = number | string

/** The order of `readColumns`, and then the status of the key's project. */
type Row = readonly [
  id: string,
  projectId: string,
  environment: string,
  start: string | null,
  label: string,
  hash: string,
  tag: string,
  createdAt: Integer,
  expiresAt: Integer | null,
  revokedAt: Integer | null,
  disabledAt: Integer | null,
  createdBy: string | null,
  ownerId: string | null,
  rotatedFrom: string | null,
  replacedBy: string | null,
  rootId: string | null,
  scopes: string,
  allowedIps: string | null,
  metadata: string,
  fingerprint: string | null,
  version: Integer,
  parentId: string | null,
  delegation: string | null,
  lastUsedAt: Integer | null,
  projectStatus: ProjectStatus | null,
]

/** A row of `readColumns` and the status of its project as a key. */
export function decode(row: unknown): StoredKey {
  const [
    id,
    projectId,
    environment,
    start,
    label,
    hash,
    tag,
    createdAt,
    expiresAt,
    revokedAt,
    disabledAt,
    createdBy,
    ownerId,
    rotatedFrom,
    replacedBy,
    rootId,
    scopes,
    allowedIps,
    metadata,
    fingerprint,
    version,
    parentId,
    delegation,
    lastUsedAt,
    projectStatus,
  ] = row as Row
  return {
    id,
    projectId,
    environment,
    start,
    label,
    hash,
    tag,
    createdAt: Number(createdAt),
    lastUsedAt: numberOrNull(lastUsedAt),
    expiresAt: numberOrNull(expiresAt),
    revokedAt: numberOrNull(revokedAt),
    disabledAt: numberOrNull(disabledAt),
    createdBy,
    ownerId,
    rotatedFrom,
    replacedBy,
    rootId,
    // Most keys have none, and parsing would be a tenth of what a read costs.
    scopes: scopes === '[]' ? [] : JSON.parse(scopes),
    allowedIps: allowedIps === null ? null : JSON.parse(allowedIps),
    metadata: metadata === '{}' ? {} : JSON.parse(metadata),
    fingerprint,
    version: Number(version),
    ...(parentId !== null && { parentId }),
    ...(delegation !== null && { delegation: JSON.parse(delegation) }),
    ...(projectStatus !== null && { projectStatus }),
  }
}

function numberOrNull(value: Integer | null): number | null {
  return value === null ? null : Number(value)
}
