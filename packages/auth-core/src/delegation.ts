// Keys that are made from other keys, for agents and jobs: they may do no more than the key that they were made from, and end with it.
// The cascade is paid by their own verifications, each of which reads the row of the parent: ending a parent costs nothing more,
// however many keys were made from it, and a key that was made from none pays nothing.

import { listOf, type OptionTable, object, required, wholeNumber } from '@gosend/options'
import { statusOf } from './api-key.js'
import {
  type Attribution,
  attributeOptions,
  attributionOptions,
  idempotencyKey,
  invalid,
  type KeyAttributes,
  name,
} from './attributes.js'
import { ApiKeysError } from './errors.js'
import { limit, MAX_LIMIT, type WindowLimit } from './limits/allowance.js'
import { per } from './limits/periods.js'
import { grants } from './scopes.js'
import type { StoredDelegation, StoredKey } from './store.js'

/** How many keys there can be between a key and the first that it goes back to, this one included. */
export const MAX_DEPTH = 4

/** A limit of one key. */
export type ChildLimit = Omit<WindowLimit, 'by'>

export interface IssueChildOptions<Scope extends string = string> extends KeyAttributes<Scope>, Attribution {
  /**
   * Who uses the key for somebody else, or for whom: in the audit log with everything that happens to it. Default: as its
   * parent.
   */
  readonly actingFor?: string | undefined
  /** Limits of its own: `[{ limit: 60, per: '1m' }]`. Its requests count for the limits of its parent as well. */
  readonly limits?: readonly ChildLimit[] | undefined
  /** How many requests, or units of their costs, it may make in all. Default: as many as its parent. */
  readonly budget?: number | undefined
  /** Repeating a call with the same one within 24 hours makes no second key. */
  readonly idempotencyKey?: string | undefined
}

const childLimits = listOf<ChildLimit>(object<ChildLimit>({ limit: required(limit), per: required(per) }))

export const childOptions: OptionTable<IssueChildOptions> = {
  ...attributeOptions,
  ...attributionOptions,
  actingFor: name,
  limits: childLimits,
  budget: wholeNumber(1, MAX_LIMIT),
  idempotencyKey,
}

/** @param parent a key of an agent's agent acts for whom the first one acts, unless it is told otherwise. */
export function delegationOf(
  { actingFor, limits = [], budget }: Pick<IssueChildOptions, 'actingFor' | 'limits' | 'budget'>,
  parent: StoredKey,
): StoredDelegation {
  return {
    actingFor: actingFor ?? parent.delegation?.actingFor ?? null,
    limits: limits.map(({ limit, per }) => ({ limit, per })),
    budget: budget ?? null,
  }
}

/** @throws ApiKeysError when the key cannot be made from its parents as they are, the closest first. */
export function checkWithin(
  child: Pick<StoredKey, 'scopes' | 'expiresAt'>,
  delegation: StoredDelegation,
  parents: readonly StoredKey[],
  now: number,
): void {
  if (parents.length > MAX_DEPTH)
    throw invalid(`a key can be made from a key ${MAX_DEPTH} times in a row, and no more`)
  for (const parent of parents) {
    const status = statusOf(parent, now)
    if (status !== 'active') {
      throw new ApiKeysError('conflict', `key ${parent.id} is ${status}, so no key can be made from it`)
    }
    checkAttributes(child, parent)
    if (parent.delegation !== undefined) checkAllowance(delegation, parent.delegation, parent.id)
  }
}

function checkAttributes(
  { scopes, expiresAt }: Pick<StoredKey, 'scopes' | 'expiresAt'>,
  parent: StoredKey,
): void {
  const beyond = scopes.find((scope) => !parent.scopes.some((held) => grants(held, scope)))
  if (beyond !== undefined) throw invalid(`scopes: ${beyond} is more than key ${parent.id} has`)
  if ((expiresAt ?? Number.POSITIVE_INFINITY) > (parent.expiresAt ?? Number.POSITIVE_INFINITY)) {
    throw invalid(`expiresAt: must not be later than that of key ${parent.id}`)
  }
}

function checkAllowance({ budget, limits }: StoredDelegation, most: StoredDelegation, id: string): void {
  if (most.budget !== null && (budget ?? 0) > most.budget) {
    throw invalid(`budget: must not be more than that of key ${id}, ${most.budget}`)
  }
  for (const held of most.limits) {
    if (limits.some(({ limit, per }) => per === held.per && limit > held.limit)) {
      throw invalid(`limits: must not be more per ${held.per} than those of key ${id}, ${held.limit}`)
    }
  }
}
