// Makes entities and stores them under ids of their own.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import type { Entity, Item } from '../entities/entity.js'
import { showsAddresses, withOwnAddress } from '../entities/own-addresses.js'
import { ownerRelation, type Relation } from '../entities/relations.js'
import { parameterNames } from '../places/place.js'
import type { Collection, Site, World } from '../world.js'
import { withAncestors } from './ancestry.js'
import { keepEntity } from './entity-store.js'
import { withInherited } from './inheritance.js'
import { withListCounts } from './list-counts.js'
import { calledSo, membersIn, withNamed } from './naming.js'

const MAX_TRIES = 64

/** By scope and collection. */
type Numbers = Map<string, Map<string, number>>

const numbers = new WeakMap<World, Numbers>()

/** What was counted is true no more once what is stored has been exchanged. */
export const forgetNumbers = (world: World): void => void numbers.delete(world)

/** The number that the next new thing is given an id by; never the same again. */
function nextNumber(world: World, { scope, name, type }: Collection): number {
  if (type.isShared) return world.items.nextNumber(scope, `#${type.name}`)
  const ofWorld: Numbers = numbers.get(world) ?? new Map()
  if (ofWorld.size === 0) numbers.set(world, ofWorld)
  const known = ofWorld.get(scope) ?? new Map<string, number>()
  if (known.size === 0) ofWorld.set(scope, known)
  const number = (known.get(name) ?? world.items.taken(scope, name)) + 1
  known.set(name, number)
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
  const { factory } = collection
  const owner = ownerOf(collection)
  const relations = owner === undefined ? collection.relations : [...collection.relations, owner]
  const made = factory.create(payload, id, {
    operation,
    relations,
    now: clock.now(),
    known,
    file: request && files.sentWith(request),
  })
  const owned = owner === undefined ? made : ownedBy(world, collection, made, owner)
  const whole = addressed(world, collection, owned, payload)
  const named = withAncestors(
    world,
    collection,
    withNamed(world, collection, whole, payload, relations),
    payload,
  )
  const entity = withInherited(world, collection, named, payload, relations.at(-1))
  return withListCounts(world, collection.type, entity)
}

/** Whom a thing belongs to at the path that it is read at, as the path that it is made at tells. */
const ownerOf = ({ place, type, factory, relations }: Collection): Relation | undefined =>
  place === type.home || type.home.param === undefined
    ? undefined
    : ownerRelation(type.home, relations, (name) => factory.view.form.byName.has(name))

/** A thing whose owner is shown as it is, where that was made before. */
function ownedBy(world: World, collection: Collection, made: Entity, { referent }: Relation): Entity {
  const { place, factory } = collection
  const member = factory.view.form.byName.get(referent)
  const now = member && made.item[member.name]
  const above = place.parent && world.types.typeOf(place.parent)
  const id = collection.relations.at(-1)?.value
  const owner = above && id !== undefined ? calledSo(world, collection, above, id) : undefined
  if (member === undefined || owner === undefined || !isObject(now)) return made
  const told = membersIn(world.forms, owner.item, world.forms.of(member.schema).byName)
  const item = { ...made.item, [member.name]: { ...now, ...told, ...namesOf(now, id) } }
  return { ...made, item, whole: made.whole && { ...made.whole, [member.name]: item[member.name] } }
}

/** The members of a thing that have the name by which a path calls it. */
const namesOf = (thing: Item, id: string | undefined): Item =>
  Object.fromEntries(Object.entries(thing).filter(([, value]) => String(value) === id))

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
  const { factory, scope, name, type, place } = collection
  const { payload, operation, request, known } = making
  // The same number below another thing is another id.
  const within = type.isShared || !place.collection.includes('{') ? '' : ` of ${name}`
  for (let tries = 0; ; tries++) {
    const id = learnedId(world, collection) ?? factory.identifiers.draw(nextNumber(world, collection), within)
    const entity = makeEntity(world, collection, { payload, operation, request, known, id })
    const isFree = !type.isShared || world.items.withId(scope, type.name, entity.id).length === 0
    if (isFree && keepEntity(world, collection, { kind: 'add', name, entity })) return entity
    if (tries < MAX_TRIES) continue
    keepEntity(world, collection, { kind: 'replace', name, entity })
    return entity
  }
}

/**
 * Where the path of a new thing will be, as far as its members tell it: `/objects/{container}/{key}` of what is posted to
 * `/objects`. What has another container may have the same key.
 */
export function atHome(site: Site, payload: Item): Site {
  const { place, type, request } = site
  const { collection, param } = type.home
  if (place === type.home || param === undefined || !collection.includes('{')) return site
  const membersOf = (item: Item) =>
    new Map(Object.entries(item).map(([name, value]) => [normalizeName(name), value]))
  const [onPath, sent] = [membersOf(request.parameters.path), membersOf(payload)]
  const names = parameterNames(collection).map(normalizeName)
  // What its own path tells apart already, such as the roles of a group and those of a project, stays where it is.
  if (names.every((name) => onPath.has(name))) return site
  const values = names.map((name) => onPath.get(name) ?? sent.get(name))
  if (!values.every((value) => typeof value === 'string' || typeof value === 'number')) return site
  let index = 0
  return {
    ...site,
    name: collection.replace(/\{[^{}]+\}/g, () => encodeURIComponent(String(values[index++]))),
  }
}
