// Keys as the management API shows them, and the conditions that its lists are asked for with.

import type { ApiKey, Delegation, ListQuery } from '@gosend/auth-core'
import { instantOf, isDay, NO_INSTANT } from '@gosend/options'
import { ManagementError } from './errors.js'
import type { DelegationBody, KeyBody, ListKeysQuery } from './wire.js'

// Field by field, so that nothing that a later core adds to its records is published unseen.
export function bodyOf(record: ApiKey): KeyBody {
  return {
    id: record.id,
    projectId: record.projectId,
    environment: record.environment,
    label: record.label,
    hint: record.hint,
    createdAt: record.createdAt,
    createdBy: record.createdBy,
    ownerId: record.ownerId,
    lastUsedAt: record.lastUsedAt,
    expiresAt: record.expiresAt,
    disabledAt: record.disabledAt,
    revokedAt: record.revokedAt,
    rotatedFrom: record.rotatedFrom,
    replacedBy: record.replacedBy,
    scopes: [...record.scopes],
    allowedIps: record.allowedIps && [...record.allowedIps],
    metadata: record.metadata,
    rotationDue: record.rotationDue,
    version: record.version,
    ...(record.delegation !== undefined && { delegation: delegationOf(record.delegation) }),
  }
}

function delegationOf({ parentId, actingFor, limits, budget }: Delegation): DelegationBody {
  return { parentId, actingFor, limits: limits.map(({ limit, per }) => ({ limit, per })), budget }
}

/** What the core is asked for. */
export function queryOf(given: ListKeysQuery): ListQuery {
  const { createdBy, ownerId, expiresBefore, unusedSince, ...query } = given
  return {
    ...query,
    ...(createdBy !== undefined && { createdBy }),
    ...(ownerId !== undefined && { ownerId }),
    expiresBefore: whenOf('expiresBefore', expiresBefore),
    unusedSince: whenOf('unusedSince', unusedSince),
  }
}

export function whenOf(name: string, value: string | undefined): Date | undefined {
  if (value === undefined) return undefined
  const at = isDay(value) ? new Date(`${value}T00:00:00Z`) : instantOf(value)
  if (at !== undefined) return at
  throw new ManagementError({ status: 400, message: `${name}: ${NO_INSTANT}, or a day in UTC` })
}
