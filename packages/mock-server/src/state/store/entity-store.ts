// Entities in the store: found by any of their ids, added under ids that nothing had before, remembered when removed.

import { LRUCache } from 'lru-cache'
import { frozen, isObject } from '../../engine/json.js'
import { written } from '../../engine/written.js'
import type { StoredItem } from '../../storage/item-pages.js'
import type { TypedItem } from '../../storage/item-table.js'
import { type Entity, type EntityFactory, full, type Item } from '../entities/entity.js'
import { isRelated, type Relation, rememberedOf } from '../entities/relations.js'
import type { Row } from '../entities/row-views.js'
import { valueAt } from '../forms/slots.js'
import { type Collection, rowOf, type World } from '../world.js'
import { besideOf } from './kept-beside.js'
import { withListCounts } from './list-counts.js'

/** An entity with the collection that it is kept in. */
export interface Found {
  readonly entity: Entity
  readonly collection: string
  /** Whether it was made only because someone asked for it. */
  readonly isMade?: boolean
}

/** Whoever looks for things by another name than the one they are kept by looks at no more than this. */
export const MAX_SEARCHED = 1_000

const parsed = (json: string): Item => {
  const value: unknown = JSON.parse(json)
  return isObject(value) ? value : {}
}

export type Stored = Pick<StoredItem, 'id' | 'body' | 'whole'>

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
  world: World,
  { scope, type, relations }: Pick<Collection, 'scope' | 'type' | 'relations'>,
  {
    kind,
    name,
    entity,
  }: { readonly kind: 'add' | 'insert' | 'replace'; readonly name: string; readonly entity: Entity },
): boolean {
  const { id, item, whole } = withListCounts(world, type, entity)
  const traits = {
    whole: whole === undefined ? undefined : JSON.stringify(whole),
    type: type.isShared ? type.name : undefined,
    relations: type.isShared && relations.length > 0 ? JSON.stringify(rememberedOf(relations)) : undefined,
  }
  return world.items[kind](scope, name, id, written(item), traits) !== false
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

const membersOf = (collection: string): string => besideOf('members', collection)

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

export function removeEntity({ items, files }: World, site: Collection, found: Found): void {
  const { entity, collection } = found
  items.remove(site.scope, collection, entity.id)
  files.drop({ scope: site.scope, collection, id: entity.id })
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

export const isClientMade = ({ items }: World, collection: Collection, { id }: Pick<Entity, 'id'>): boolean =>
  items.find(collection.scope, madeOf(collection), id) !== undefined

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
