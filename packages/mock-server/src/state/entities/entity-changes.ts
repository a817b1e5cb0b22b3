// What a request has done to things, for whoever tells others of it. Samples and things that are made because someone asks
// for them are no changes.

import type { ApiRequest } from '../../engine/request/api-request.js'
import type { ResourceType } from '../places/types.js'
import type { Entity, EntityFactory } from './entity.js'

export type ChangeKind = 'create' | 'update' | 'delete'

export interface EntityChange {
  readonly kind: ChangeKind
  readonly type: ResourceType
  readonly factory: EntityFactory
  /** After the change, or before it was deleted. */
  readonly entity: Entity
  readonly before: Entity | undefined
}

/** Told of what a request that succeeded has changed, in the transaction that changes it. */
export type ChangeListener = (request: ApiRequest, changes: readonly EntityChange[]) => void

/** @param changes of the request at hand; undefined when nobody is told. */
export function noteChange(
  changes: EntityChange[] | undefined,
  { type, factory }: Pick<EntityChange, 'type' | 'factory'>,
  { kind, entity, before }: Pick<EntityChange, 'kind' | 'entity' | 'before'>,
): void {
  if (changes === undefined) return
  if (kind === 'update' && before !== undefined && isSame(before, entity)) return
  changes.push({ kind, type, factory, entity, before })
}

const isSame = (a: Entity, b: Entity): boolean =>
  a === b || JSON.stringify([a.item, a.whole]) === JSON.stringify([b.item, b.whole])
