// Things that are made with another one and read by themselves: the submitters of a submission (DocuSeal). Nothing else makes
// them, and they name the thing that they were made with.

import { isObject } from '../../engine/json.js'
import type { Entity, EntityFactory, Item } from '../entities/entities.js'
import type { Reference } from '../entities/references.js'
import { membersOfAny, valueAt } from '../forms/views.js'
import { nounOf } from '../places/paths.js'
import { keepEntity, noteBirth } from '../store/entity-store.js'
import { addEntity } from '../store/making.js'
import { shownIn } from '../store/naming.js'
import { collectionAt, type Site, type World } from '../world.js'

/** A list of a thing whose entries are things of a type that nothing else makes. */
export interface Birth {
  readonly reference: Reference
  /** The member by which each names the thing that it was made with. */
  readonly member: string
}

const births = new WeakMap<EntityFactory, readonly Birth[]>()

export function birthsOf(world: World, { factory, type }: Site): readonly Birth[] {
  const known = births.get(factory)
  if (known !== undefined) return known
  const found = world.referencesOf(factory).flatMap((reference): readonly Birth[] => {
    const { home, places } = reference.type
    const isMade = places.some(({ create }) => create !== undefined)
    if (!reference.isList || isMade || home.read === undefined || home.collection.includes('{')) return []
    const own = membersOfAny(world.forms, world.factoryOf(reference.type).view)
    const owner = own.get(`${nounOf(type.home)}id`)
    return owner === undefined ? [] : [{ reference, member: owner.name }]
  })
  births.set(factory, found)
  return found
}

/** A new thing that shows those that it was made with, each kept where its kind is read. */
export function withBorn(world: World, site: Site, given: Entity, payload: Item): Entity {
  let entity = given
  for (const { reference, member } of birthsOf(world, site)) {
    const sent = payload[reference.name]
    const idPath = world.factoryOf(reference.type).view.idPath ?? ['id']
    const isNew = (one: unknown) => isObject(one) && valueAt(one, idPath) === undefined
    if (!Array.isArray(sent) || sent.length === 0 || !sent.every(isNew)) continue
    const things = sent.map((one) =>
      bornThing(world, site, reference, { ...one, [member]: idOf(entity, site) }),
    )
    const list = shownIn(world.forms, reference, undefined, things, ({ item }) => item)
    const whole = entity.whole && { ...entity.whole, [reference.name]: list }
    entity = { ...entity, item: { ...entity.item, [reference.name]: list }, whole }
  }
  if (entity !== given) keepEntity(world, site, { kind: 'replace', name: site.name, entity })
  return entity
}

/** The id of a thing in the type that it shows it in. */
const idOf = ({ id, item }: Entity, { factory }: Site): unknown =>
  (factory.view.idPath && valueAt(item, factory.view.idPath)) ?? id

function bornThing(world: World, site: Site, { type }: Reference, sent: Item): Entity {
  const { home } = type
  const operation = home.read
  if (operation === undefined) throw new Error(`Nothing reads ${home.collection}`)
  const collection = collectionAt(world, home, { scope: site.scope, operation, values: {} })
  const thing = addEntity(world, collection, { payload: collection.factory.payload(sent) })
  noteBirth(world, collection, thing)
  return thing
}
