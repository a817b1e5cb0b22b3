// Things that a server works on once they are made, such as batches and transcripts: they finish by themselves.

import type { Entity } from '../entities/entity.js'
import type { EntityChange } from '../entities/entity-changes.js'
import { entityOf, keepEntity } from '../store/entity-store.js'
import type { Site, WorkAtHand, World } from '../world.js'

/** How long clients wait for what is worked on, in milliseconds, unless `x-mock-finish` says otherwise. */
const FINISHES_AFTER_MS = 1_000

/** Has a new thing finished later, if it is one that finishes by itself. */
export function noteWork(
  { onWork, clock }: World,
  { scope, name, type, factory, request }: Site,
  entity: Entity,
): void {
  if (onWork === undefined || factory.finished(entity, clock.now()) === undefined) return
  const hint = request.operation.extension('x-mock-finish')
  if (hint === false) return
  const afterMs = typeof hint === 'number' && hint >= 0 ? hint : FINISHES_AFTER_MS
  onWork({ scope, collection: name, type: type.name, id: entity.id }, afterMs)
}

/** Finishes what is still worked on; undefined where a client has done something else with it. */
export function finish(world: World, work: WorkAtHand): EntityChange | undefined {
  const { scope, collection: name, id } = work
  const type = world.types.all().find((one) => one.name === work.type)
  const row = world.items.find(scope, name, id)
  if (type === undefined || row === undefined) return undefined
  const factory = world.factoryOf(type)
  const before = entityOf(row)
  const entity = factory.finished(before, world.clock.now())
  if (entity === undefined) return undefined
  keepEntity(world, { scope, type, relations: [] }, { kind: 'replace', name, entity })
  return { kind: 'update', type, factory, entity, before }
}
