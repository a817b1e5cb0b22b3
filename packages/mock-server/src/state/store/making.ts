// Makes entities and stores them under ids of their own.

import type { Operation } from '../../engine/document/operation.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import type { Entity, Item } from '../entities/entities.js'
import { showsAddresses, withOwnAddress } from '../entities/own-addresses.js'
import type { Collection, World } from '../world.js'
import { keepEntity } from './entity-store.js'
import { withInherited } from './inheritance.js'
import { withNamed } from './naming.js'

const MAX_TRIES = 64

const numbers = new WeakMap<World, Map<string, number>>()

/** What was counted is true no more once what is stored has been exchanged. */
export const forgetNumbers = (world: World): void => void numbers.delete(world)

/** The number that the next new thing is given an id by; never the same again. */
function nextNumber(world: World, { scope, name, type }: Collection): number {
  if (type.isShared) return world.items.nextNumber(scope, `#${type.name}`)
  let known = numbers.get(world)
  if (known === undefined) {
    known = new Map()
    numbers.set(world, known)
  }
  const counted = `${scope} ${name}`
  const number = (known.get(counted) ?? world.items.taken(scope, name)) + 1
  known.set(counted, number)
  return number
}

/** An id as the API gave them in recorded traffic. */
function learnedId(
  { lessons, items }: World,
  { scope, type, factory }: Collection,
): string | number | undefined {
  const kind = type.home.collection
  if (lessons?.newId(kind, 1) === undefined) return undefined
  const id = lessons.newId(kind, items.nextNumber(scope, `#learned ${kind}`))
  return factory.identifiers.fits(id) ? id : undefined
}

/** What an entity is made from. */
export interface Making {
  readonly payload: Item
  readonly operation?: Operation | undefined
  /** The request whose file becomes the entity's. */
  readonly request?: ApiRequest | undefined
  /** What the API says of it, where its answers were seen. */
  readonly known?: Item | undefined
}

export function makeEntity(
  world: World,
  collection: Collection,
  { payload, operation, request, known, id }: Making & { readonly id: unknown },
): Entity {
  const { clock, files } = world
  const { factory, relations } = collection
  const made = factory.create(payload, id, {
    operation,
    relations,
    now: clock.now(),
    known,
    file: request && files.sentWith(request),
  })
  const named = withNamed(world, collection, addressed(world, collection, made, payload), payload, relations)
  return withInherited(world, collection, named, payload, relations.at(-1))
}

/** An entity with its own address where a document's example of one leads to its path. */
function addressed({ forms }: World, { factory, place, name }: Collection, made: Entity, sent: Item): Entity {
  const form = forms.of(factory.view.schema, made.item)
  if (place.param === undefined || !showsAddresses(forms, form)) return made
  const item = withOwnAddress(forms, form, made.item, {
    template: `${place.collection}/{${place.param}}`,
    path: `${name}/${encodeURIComponent(made.id)}`,
    sent,
  })
  return item === made.item ? made : { ...made, item, whole: made.whole && { ...made.whole, ...item } }
}

/** Stores a new thing under an id that no other has or had. */
export function addEntity(world: World, collection: Collection, making: Making): Entity {
  const { factory, scope, name, type } = collection
  const { payload, operation, request, known } = making
  for (let tries = 0; ; tries++) {
    const id = learnedId(world, collection) ?? factory.identifiers.draw(nextNumber(world, collection))
    const entity = makeEntity(world, collection, { payload, operation, request, known, id })
    const isFree = !type.isShared || world.items.withId(scope, type.name, entity.id).length === 0
    if (isFree && keepEntity(world, collection, { kind: 'add', name, entity })) return entity
    if (tries < MAX_TRIES) continue
    keepEntity(world, collection, { kind: 'replace', name, entity })
    return entity
  }
}
