// Entities in the store: found by any of their ids, added under ids that nothing had before, remembered when removed.

import { LRUCache } from 'lru-cache'
import type { Operation } from '../../engine/document/operation.js'
import { frozen, isObject, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import type { StoredItem, TypedItem } from '../../storage/item-table.js'
import { type Entity, type EntityFactory, full, type Item } from '../entities/entities.js'
import { withOwnAddress } from '../entities/own-addresses.js'
import { namedBy, type Reference } from '../entities/references.js'
import { isRelated, type Relation, rememberedOf } from '../entities/relations.js'
import type { Row } from '../entities/row-views.js'
import { valueAt } from '../forms/views.js'
import { type Collection, rowOf, type World } from '../world.js'

/** An entity with the collection that it is kept in. */
export interface Found {
  readonly entity: Entity
  readonly collection: string
  /** Whether it was made only because someone asked for it. */
  readonly isMade?: boolean
}

/** Whoever looks for things by another name than the one they are kept by looks at no more than this. */
export const MAX_SEARCHED = 1_000
const MAX_TRIES = 64

const parsed = (json: string): Item => {
  const value: unknown = JSON.parse(json)
  return isObject(value) ? value : {}
}

type Stored = Pick<StoredItem, 'id' | 'body' | 'whole'>

/** What was read last, by its text: lists and answers keep what they make of an entity with the entity. */
const recent = new LRUCache<string, { readonly stored: Stored; readonly entity: Entity }>({
  maxSize: 1_000_000,
  sizeCalculation: ({ stored: { body, whole } }) => body.length + (whole?.length ?? 0) + 1,
})

/** The entity of a row; the same one for the same row, so that nobody may change it. */
export function entityOf(stored: Stored): Entity {
  const { id, body, whole } = stored
  const known = recent.get(body)
  if (known !== undefined && known.stored.id === id && known.stored.whole === whole) return known.entity
  const item = frozen(parsed(body))
  const entity: Entity = { id, item, whole: whole === null ? undefined : frozen(parsed(whole)) }
  recent.set(body, { stored: { id, body, whole }, entity })
  return entity
}

/** @param name the collection that it is kept in: not always the one that it was found through. */
export function keepEntity(
  { items }: World,
  { scope, type, relations }: Pick<Collection, 'scope' | 'type' | 'relations'>,
  {
    kind,
    name,
    entity: { id, item, whole },
  }: { readonly kind: 'add' | 'insert' | 'replace'; readonly name: string; readonly entity: Entity },
): boolean {
  const traits = {
    whole: whole === undefined ? undefined : JSON.stringify(whole),
    type: type.isShared ? type.name : undefined,
    relations: type.isShared && relations.length > 0 ? JSON.stringify(rememberedOf(relations)) : undefined,
  }
  return items[kind](scope, name, id, JSON.stringify(item), traits) !== false
}

/** Whether an entity is known by an id beside the one that it is kept under, as a team is by its number beside its slug. */
export function hasMark({ further, prefixed }: Marks, { item }: Entity, id: string): boolean {
  const isAt = (path: readonly string[], value: string): boolean => {
    const own = valueAt(item, path)
    return own !== undefined && own !== null && String(own) === value
  }
  const other = prefixed(id)
  return further.some((path) => isAt(path, id)) || (other !== undefined && isAt(other.path, other.value))
}

type Marks = Pick<EntityFactory, 'further' | 'prefixed'>

const UNMARKED: Marks = { further: [], prefixed: () => undefined }

function belongs(
  { types }: World,
  row: TypedItem,
  entity: Entity,
  relations: readonly Relation[],
  isLenient: boolean,
): boolean {
  if (relations.length === 0) return true
  const remembered = row.relations === null ? {} : (parsed(row.relations) as Record<string, string>)
  const all = full(entity)
  return relations.every((relation) => isRelated(all, relation, remembered, types.nouns()) ?? isLenient)
}

/** That a thing was let into a collection, or taken out of it. */
export interface Membership {
  readonly collection: string
  readonly id: string
  readonly isJoined: boolean
}

const membersOf = (collection: string): string => `#members ${collection}`

export const noteMembership = (
  { items }: World,
  scope: string,
  { collection, id, isJoined }: Membership,
): void => items.replace(scope, membersOf(collection), id, String(isJoined))

/** Which things joined a collection, and which of them have left it, by their ids. */
export const membershipsIn = (
  { items }: World,
  scope: string,
  collection: string,
): ReadonlyMap<string, boolean> =>
  new Map(items.list(scope, membersOf(collection)).map(({ id, body }) => [id, body === 'true']))

export function findEntity(world: World, collection: Collection, id: string): Found | undefined {
  const { items, lessons } = world
  const { type, scope, name, place } = collection
  // Where the API was seen to refuse ids, nothing is taken for one that is none.
  const factory = lessons?.misses(place.read) === true ? UNMARKED : collection.factory
  const stored = items.find(scope, name, id)
  if (stored !== undefined) return { entity: entityOf(stored), collection: name }
  if (items.isRemoved(scope, name, id)) return undefined
  // What documents show of their examples a new thing may have as well: the newest is meant.
  if (factory.further.length > 0 || factory.prefixed(id) !== undefined) {
    for (const row of items.list(scope, name, { limit: MAX_SEARCHED, latestFirst: true })) {
      const entity = entityOf(row)
      if (hasMark(factory, entity, id)) return { entity, collection: name }
    }
  }
  return type.isShared ? findShared(world, { ...collection, factory }, id) : undefined
}

function findShared(
  world: World,
  {
    type,
    scope,
    name,
    relations,
    factory,
  }: Pick<Collection, 'type' | 'scope' | 'name' | 'relations'> & {
    readonly factory: Marks
  },
  id: string,
): Found | undefined {
  const { items } = world
  const members = relations.length === 0 ? NO_MEMBERS : membershipsIn(world, scope, name)
  const isHere = (row: TypedItem, entity: Entity): boolean =>
    members.get(entity.id) ?? belongs(world, row, entity, relations, true)
  for (const { body, ...row } of items.withId(scope, type.name, id)) {
    if (body === null) continue
    const entity = entityOf({ ...row, body })
    if (isHere({ ...row, body }, entity)) return { entity, collection: row.collection }
  }
  for (const row of items.ofTypes(scope, [type.name]).toReversed()) {
    const entity = entityOf(row)
    if (hasMark(factory, entity, id) && isHere(row, entity)) return { entity, collection: row.collection }
  }
  return undefined
}

const NO_MEMBERS: ReadonlyMap<string, boolean> = new Map()

/** Where the other names of removed things are remembered: nothing is known by them any more. */
const goneOf = ({ type }: Collection): string => `#gone ${type.name}`

export function isGone({ items }: World, collection: Collection, id: string): boolean {
  const { scope, name, type, factory } = collection
  if (items.isRemoved(scope, name, id)) return true
  if (factory.further.length > 0 && items.find(scope, goneOf(collection), id) !== undefined) return true
  return type.isShared && items.withId(scope, type.name, id).some(({ body }) => body === null)
}

export function removeEntity({ items }: World, site: Collection, { entity, collection }: Found): void {
  items.remove(site.scope, collection, entity.id)
  for (const path of site.factory.further) {
    const mark = valueAt(entity.item, path)
    if (typeof mark === 'string' || typeof mark === 'number')
      items.replace(site.scope, goneOf(site), String(mark), 'null')
  }
}

/** Where the things that clients made are remembered, of types that others stand below. */
const madeOf = ({ type }: Collection): string => `#made ${type.name}`

/** Remembers that a client made a thing: nothing is below it yet. */
export function noteBirth({ items, types }: World, site: Collection, { id }: Entity): void {
  if (types.hasPlacesBelow(site.type)) items.replace(site.scope, madeOf(site), id, 'null')
}

export const isClientMade = ({ items }: World, collection: Collection, { id }: Entity): boolean =>
  items.find(collection.scope, madeOf(collection), id) !== undefined

const numbers = new WeakMap<World, Map<string, number>>()

/** What was counted is true no more once what is stored has been exchanged. */
export const forgetNumbers = (world: World): void => void numbers.delete(world)

/** The number that the next new thing is given an id by; never the same again. */
function nextNumber(world: World, { scope, name, type }: Collection): number {
  if (type.isShared) return world.items.nextNumber(scope, `#${type.name}`)
  const known = numbers.get(world) ?? new Map<string, number>()
  numbers.set(world, known)
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
  return withNamed(world, collection, addressed(world, collection, made, payload), payload, relations)
}

/** An entity with its own address where a document's example of one leads to its path. */
function addressed({ forms }: World, { factory, place, name }: Collection, made: Entity, sent: Item): Entity {
  if (place.param === undefined) return made
  const item = withOwnAddress(forms, forms.of(factory.view.schema, made.item), made.item, {
    template: `${place.collection}/{${place.param}}`,
    path: `${name}/${encodeURIComponent(made.id)}`,
    sent,
  })
  return item === made.item ? made : { ...made, item, whole: made.whole && { ...made.whole, ...item } }
}

/**
 * An entity that shows the stored things which a payload names by their ids.
 *
 * @param above what the path names that it was made at.
 */
export function withNamed(
  world: World,
  beside: Beside,
  entity: Entity,
  payload: Item,
  above: readonly Relation[] = [],
): Entity {
  let { item, whole } = entity
  for (const reference of world.referencesOf(beside.factory)) {
    const ids = namedBy(payload, reference) ?? namedAbove(payload, reference, above)
    const things = ids?.flatMap((id) => calledSo(world, beside, reference.type, id) ?? [])
    if (things === undefined || (things.length === 0 && ids?.length !== 0)) continue
    const { name } = reference
    item = { ...item, [name]: shownIn(reference, item[name], things, (thing) => thing.item) }
    const full = (thing: Entity): Item => world.factoryOf(reference.type).full(thing)
    whole = whole && { ...whole, [name]: shownIn(reference, item[name], things, full) }
  }
  const pairs = pairsOfNamed(world, beside, payload)
  if (pairs.length > 0) item = { ...item, ...Object.fromEntries(pairs) }
  return item === entity.item ? entity : { ...entity, item, whole }
}

/** What a member shows of things. @param now what it shows so far. @param whole gives all of a thing. */
export function shownIn(
  { isList, only }: Reference,
  now: unknown,
  things: readonly Entity[],
  whole: (thing: Entity) => Item,
): unknown {
  const base = !isList && isObject(now) ? now : {}
  const shown = things.map((thing) => (only ? { ...base, ...membersIn(thing.item, only) } : whole(thing)))
  return isList ? shown : shown[0]
}

/** The thing above that a member is called after, where the payload says nothing of that member itself. */
function namedAbove(
  payload: Item,
  { name, isList }: Reference,
  above: readonly Relation[],
): readonly string[] | undefined {
  if (isList || payload[name] !== undefined) return undefined
  const relation = above.findLast(({ referent }) => referent === normalizeName(name))
  return relation && [relation.value]
}

/** Where things are looked for that another one names: beside it. */
export type Beside = Pick<Collection, 'factory' | 'scope' | 'place' | 'name'>

/** The ids of what a payload calls by its name alone, and the names of what it calls by its id alone. */
const pairsOfNamed = (world: World, beside: Beside, payload: Item): readonly (readonly [string, unknown])[] =>
  world.namePairsOf(beside.factory).flatMap(({ id, name, type }) => {
    const [given, missing] = payload[id] === undefined ? [payload[name], id] : [payload[id], name]
    const isGiven = typeof given === 'string' || typeof given === 'number'
    const thing =
      isGiven && payload[missing] === undefined ? calledSo(world, beside, type, String(given)) : undefined
    const value = missing === id ? thing?.id : thing?.item.name
    return value === undefined ? [] : [[missing, value] as const]
  })

/** Some members of a thing, but not what says of which kind its whole is. */
export const membersIn = (item: Item, names: ReadonlySet<string>): Item =>
  Object.fromEntries(
    Object.entries(item).filter(
      ([name]) => names.has(normalizeName(name)) && !KINDS.has(normalizeName(name)),
    ),
  )

const KINDS: ReadonlySet<string> = new Set(['object', 'type', 'kind', 'typename'])

/** The concrete path of a collection below the same things as another one: `/projects/7/keys` beside `/projects/7/locales`. */
function namedLike(template: string, beside: string, name: string): string {
  if (!template.includes('{')) return template
  const own = name.split('/')
  const values = new Map(beside.split('/').map((segment, i) => [segment, own[i] ?? segment] as const))
  return template
    .split('/')
    .map((segment) => (segment.includes('{') ? (values.get(segment) ?? segment) : segment))
    .join('/')
}

/** A stored thing by its id, or by another of its members. */
export const calledSo = (
  world: World,
  beside: Beside,
  type: Collection['type'],
  id: string,
): Entity | undefined => foundSo(world, beside, type, id)?.entity

/** The same with the collection that it is kept in. */
export function foundSo(
  { items, factoryOf }: World,
  { scope, place, name: ownName }: Beside,
  type: Collection['type'],
  id: string,
): Found | undefined {
  const { isShared, name, home } = type
  const at = namedLike(home.collection, place.collection, ownName)
  const asFound = (row: Stored & { readonly collection?: string }): Found => ({
    entity: entityOf(row),
    collection: row.collection ?? at,
  })
  const row = isShared ? items.withId(scope, name, id).find(isStored) : items.find(scope, at, id)
  if (row !== undefined) return asFound(row)
  const rows = isShared
    ? items.ofTypes(scope, [name]).toReversed()
    : items.list(scope, at, { limit: MAX_SEARCHED, latestFirst: true })
  return rows.map(asFound).find(({ entity }) => hasMark(factoryOf(type), entity, id))
}

/** What was removed has no body left. */
const isStored = <Row extends { readonly body: string | null }>(row: Row): row is Row & { body: string } =>
  row.body !== null

/** Stores a new thing under an id that no other has or had. */
export function addEntity(world: World, collection: Collection, making: Making): Entity {
  const { factory, scope, name, type } = collection
  for (let tries = 0; ; tries++) {
    const id = learnedId(world, collection) ?? factory.identifiers.draw(nextNumber(world, collection))
    const entity = makeEntity(world, collection, { ...making, id })
    const isFree = !type.isShared || world.items.withId(scope, type.name, entity.id).length === 0
    if (isFree && keepEntity(world, collection, { kind: 'add', name, entity })) return entity
    if (tries < MAX_TRIES) continue
    keepEntity(world, collection, { kind: 'replace', name, entity })
    return entity
  }
}

/** What is in a collection, and what of these types belongs there though it was made elsewhere; in the order of creation. */
export function rowsIn(world: World, site: Collection, types: readonly Collection['type'][]): readonly Row[] {
  const { scope, name, relations } = site
  const shared = types.filter(({ isShared }) => isShared)
  const members = shared.length === 0 ? NO_MEMBERS : membershipsIn(world, scope, name)
  const own = world.items
    .list(scope, name)
    .filter(({ id }) => members.get(id) !== false)
    .map((row) => ({ sequence: row.sequence, row: rowOf(site, entityOf(row)) }))
  if (shared.length === 0) return own.map(({ row }) => row)
  const others = shared.flatMap((type) =>
    world.items.ofTypes(scope, [type.name]).flatMap((stored) => {
      if (stored.collection === name) return []
      const entity = entityOf(stored)
      const row = { id: stored.id, entity, factory: world.factoryOf(type) }
      const isHere = members.get(entity.id) ?? belongs(world, stored, entity, relations, false)
      return isHere ? [{ sequence: stored.sequence, row }] : []
    }),
  )
  return [...own, ...others].sort((a, b) => a.sequence - b.sequence).map(({ row }) => row)
}
