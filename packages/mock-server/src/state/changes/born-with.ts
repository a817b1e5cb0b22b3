// Things that are made with another one and read by themselves: the submitters of a submission (DocuSeal). Nothing else makes
// them, and they name the thing that they were made with.

import { isObject } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import { singular } from '../conventions/names.js'
import type { Entity, EntityFactory, Item } from '../entities/entity.js'
import type { Reference } from '../entities/references.js'
import { membersOfAny } from '../forms/entity-views.js'
import type { Form } from '../forms/form.js'
import { valueAt } from '../forms/slots.js'
import { nounOf } from '../places/paths.js'
import { parameterNames } from '../places/place.js'
import type { ResourceType } from '../places/types.js'
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

/** A list that a request has of things, and answers of their ids: things that are made by themselves as well. */
interface NamedBirth {
  readonly name: string
  readonly type: ResourceType
  readonly member: string
}

const namedBirths = new WeakMap<EntityFactory, readonly NamedBirth[]>()

function namedBirthsOf(world: World, { factory, type: within }: Site): readonly NamedBirth[] {
  const known = namedBirths.get(factory)
  if (known !== undefined) return known
  const { forms, schemas } = world
  const entriesOf = (schema: Schema): Form => forms.of(forms.of(schema).items)
  const bodies = within.places.flatMap(({ create }) => create?.body()?.content ?? [])
  const sent = bodies.flatMap(({ schema }) => [
    ...forms.of(schemas.convert(schema ?? true, 'request')).byName,
  ])
  const found = sent.flatMap(([normalized, { schema }]): readonly NamedBirth[] => {
    const own = factory.view.form.byName.get(normalized)
    if (own === undefined || ![schema, own.schema].every((one) => forms.of(one).isArray)) return []
    const [entries, ids] = [entriesOf(schema), entriesOf(own.schema)]
    if (entries.byName.size === 0 || ids.byName.size > 0 || ids.mayBeObject) return []
    const type = world.kinds().called(singular(normalized), entries, within)
    const members = type && membersOfAny(forms, world.factoryOf(type).view)
    const noun = nounOf(within.home)
    const owner = members?.get(`${noun}id`) ?? members?.get(noun)
    return type?.home.read === undefined || owner === undefined
      ? []
      : [{ name: own.name, type, member: owner.name }]
  })
  namedBirths.set(factory, found)
  return found
}

/** A new thing that names those that it was made with, each kept where its kind is made by itself. */
function withNamedBorn(world: World, site: Site, given: Entity, payload: Item): Entity {
  let entity = given
  for (const { name, type, member } of namedBirthsOf(world, site)) {
    const sent = payload[name]
    const { idPath = ['id'] } = world.factoryOf(type).view
    const isNew = (one: unknown): one is Item => isObject(one) && valueAt(one, idPath) === undefined
    const isNear = parameterNames(type.home.collection).every((one) => one in site.request.parameters.path)
    if (!isNear || !Array.isArray(sent) || sent.length === 0 || !sent.every(isNew)) continue
    const ids = sent
      .map((one) => bornThing(world, site, type, { ...one, [member]: idOf(entity, site) }))
      .map(({ id, item }) => valueAt(item, idPath) ?? id)
    const whole = entity.whole && { ...entity.whole, [name]: ids }
    entity = { ...entity, item: { ...entity.item, [name]: ids }, whole }
  }
  return entity
}

/** A new thing that shows those that it was made with, each kept where its kind is read. */
export function withBorn(world: World, site: Site, given: Entity, payload: Item): Entity {
  let entity = withNamedBorn(world, site, given, payload)
  for (const { reference, member } of birthsOf(world, site)) {
    const sent = payload[reference.name]
    const idPath = world.factoryOf(reference.type).view.idPath ?? ['id']
    const isNew = (one: unknown) => isObject(one) && valueAt(one, idPath) === undefined
    if (!Array.isArray(sent) || sent.length === 0 || !sent.every(isNew)) continue
    const things = sent.map((one) =>
      bornThing(world, site, reference.type, { ...one, [member]: idOf(entity, site) }),
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

function bornThing(world: World, site: Site, type: ResourceType, sent: Item): Entity {
  const { home } = type
  const operation = home.read
  if (operation === undefined) throw new Error(`Nothing reads ${home.collection}`)
  const collection = collectionAt(world, home, {
    scope: site.scope,
    operation,
    values: site.request.parameters.path,
  })
  const thing = addEntity(world, collection, { payload: collection.factory.payload(sent) })
  noteBirth(world, collection, thing)
  return thing
}
