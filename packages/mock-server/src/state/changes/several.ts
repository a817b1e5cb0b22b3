// Requests that make several things at once, or all that a collection is to hold.

import { isNested, isObject, nestsAtMost, normalizeName } from '../../engine/json.js'
import { answered, echo, kept, notFound, type StateAnswer, showsOwn, tooMany } from '../answering.js'
import { LIST_NAMES } from '../conventions/lists.js'
import { OWN_NAMES } from '../conventions/names.js'
import type { Entity, EntityFactory, Item } from '../entities/entity.js'
import { noteChange } from '../entities/entity-changes.js'
import type { Row } from '../entities/row-views.js'
import { FIRST, valueAt } from '../forms/slots.js'
import { entityOf, findEntity, keepEntity, noteBirth } from '../store/entity-store.js'
import { isBelowNothing, isMadeByName, seedCollection } from '../store/existence.js'
import { addEntity, atHome, makeEntity } from '../store/making.js'
import { nameAbove } from '../store/thing-lists.js'
import { rowOf, type Site, type World } from '../world.js'
import { chosenBefore, existingLike, isSaidToUpsert } from './already-there.js'
import { replaceNames } from './bare-lists.js'
import { noteCount } from './counts.js'
import { noteWork } from './finishing.js'
import { madeForEach, namesListed } from './made-for-each.js'

const MAX_DEPTH = 100

/** Whether a request makes several things. What has no list or object in it carries one at the most. */
export const carriesMany = (world: World, site: Site): boolean =>
  isRoomy(site.request.body) &&
  (carriesSeveral(world, site) || carriesListed(world, site) || carriesNamed(site))

/** Whether a body has lists or objects in it: what has none carries one thing at the most. */
const isRoomy = (body: unknown): boolean => Array.isArray(body) || (isObject(body) && holdsNested(body))

function holdsNested(body: Item): boolean {
  for (const name in body) if (isNested(body[name])) return true
  return false
}

/** Whether a request carries several things, and its answer has room for as many. */
function carriesSeveral({ types }: World, { template, place, request: { body } }: Site): boolean {
  if (template.media === undefined) return false
  const { path } = types.entityView(template, place)
  const list = path.at(-1) === FIRST ? valueAt(body, namesIn(body, path.slice(0, -1))) : undefined
  const own = Array.isArray(body) ? body : list
  return Array.isArray(own) && own.length > 1 && own.every(isObject)
}

/**
 * Whether a request carries a list of things under the name that its answer has for such a list. What says something of one
 * thing, and gets one thing beside the list, is that thing with its parts: a pool with its ranges.
 */
function carriesListed({ types }: World, { template, place, factory, request: { body } }: Site): boolean {
  const view = template.media && types.listView(template, place)
  const name = view?.path.at(-1)
  const known = factory.view.form.byName
  if (view === undefined || name === undefined || known.has(normalizeName(name))) return false
  const own = types.entityView(template, place).path
  const isAlone = own.at(-1) === FIRST
  const saysMore = isObject(body) && Object.keys(body).some((one) => known.has(normalizeName(one)))
  if (saysMore && !isAlone) return false
  // `{ branch, endpoints }`: the thing is there by its own name, with others of its kind of things beside it.
  if (own.length === 1 && own[0] !== name && isObject(valueAt(body, namesIn(body, own)))) return false
  const carried = valueAt(body, namesIn(body, [name]))
  return Array.isArray(carried) && carried.length > 0 && carried.every(isObject)
}

/** Whether a request carries a list of things under the name that their path has, and nothing else: `{ points: [] }`. */
function carriesNamed(site: Site): boolean {
  const known = new Set(site.factory.slots.map(({ normalized }) => normalized))
  const isThing = (row: unknown) =>
    isObject(row) && Object.keys(row).some((member) => known.has(normalizeName(member)))
  const carried = listCarried(site)
  return (
    carried !== undefined &&
    (carried.every(isThing) || namedOnly(site) !== undefined || namedById(site) !== undefined)
  )
}

/** The list that is all of a body, under the last word of the path of the collection. */
function listCarried({ place, factory, request: { body } }: Site): readonly unknown[] | undefined {
  const word = normalizeName(place.collection.split('/').at(-1) ?? '')
  const [[name = '', carried] = [], ...others] = isObject(body) ? Object.entries(body) : []
  if (others.length > 0 || normalizeName(name) !== word) return undefined
  // A thing may be made of parts that are called like it, as a transaction is of transactions.
  if (factory.slots.some(({ normalized }) => normalized === word)) return undefined
  return Array.isArray(carried) && carried.length > 0 ? carried : undefined
}

/** The ids that are all of a body, where they are read by these below another thing: the subscribers of a topic (Novu). */
function namedById(site: Site): readonly string[] | undefined {
  const { place, factory } = site
  const ids = listCarried(site)
  const isRead = place.param !== undefined && place.parent?.param !== undefined && place.read !== undefined
  const isIds = ids?.every((id) => typeof id === 'string' && id !== '') === true
  return isRead && isIds && factory.view.idPath?.length === 1 ? (ids as readonly string[]) : undefined
}

/** What is known below another thing by the id of something else. */
function linkedById(world: World, site: Site, id: string): Entity {
  const known = findEntity(world, site, id)
  if (known !== undefined && known.collection === site.name) return known.entity
  const { operation } = site.request
  const entity = { ...makeEntity(world, site, { payload: {}, operation, id }), id }
  keepEntity(world, site, { kind: 'replace', name: site.name, entity })
  nameAbove(world, site, id, true)
  return entity
}

/** The things that a body carries by nothing but their names: `{ tags: ['sea', 'sun'] }` (Immich, GitLab). */
function namedOnly(site: Site): readonly Item[] | undefined {
  const { slots } = site.factory
  const names = listCarried(site)
  const own = OWN_NAMES.flatMap(
    (name) => slots.find(({ path, normalized }) => path.length === 1 && normalized === name)?.path ?? [],
  )[0]
  if (own === undefined || names?.every((name) => typeof name === 'string' && name !== '') !== true)
    return undefined
  return names.map((name) => ({ [own]: name }))
}

/** The names that a body has for members, whichever way it writes them. */
const namesIn = (body: unknown, path: readonly string[]): readonly string[] =>
  path.map((name) => {
    const own = isObject(body) ? Object.keys(body) : []
    return own.find((one) => normalizeName(one) === normalizeName(name)) ?? name
  })

export function createMany(world: World, site: Site): StateAnswer {
  const carried = payloadsIn(site.request.body)
  const names = namesListed(site)
  const refused = isBelowNothing(world, site) ? notFound(site) : tooMany(names ?? carried)
  if (refused !== undefined) return refused
  if (!isMadeByName(site.place)) seedCollection(world, site)
  const each = names && madeForEach(world, site, names)
  if (each !== undefined) return several(world, site, each)
  const ids = namedById(site)
  if (ids !== undefined)
    return several(
      world,
      site,
      ids.map((id) => rowOf(site, linkedById(world, site, id))),
    )
  const payloads = namedOnly(site) ?? carried.map((row) => site.factory.payload(row))
  return several(
    world,
    site,
    payloads.map((payload) => rowOf(site, createOne(world, atHome(site, payload), payload))),
  )
}

/** Makes one of several things, or changes that which is there. */
export function createOne(world: World, site: Site, payload: Item): Entity {
  const { request, factory, place, name } = site
  const id = factory.chosenId(payload, request.operation)
  const before = isSaidToUpsert(request.operation)
    ? (chosenBefore(world, site, payload) ?? existingLike(world, site, payload, () => true))
    : undefined
  if (before !== undefined) {
    const merged = factory.merge(before.entity, payload, request.operation, false, world.clock.now())
    return kept(world, site, before, merged).entity
  }
  const entity =
    id === undefined
      ? addEntity(world, site, { payload, operation: place.create ?? request.operation })
      : makeEntity(world, site, { payload, id, operation: request.operation })
  if (id !== undefined) keepEntity(world, site, { kind: 'replace', name, entity })
  noteBirth(world, site, entity)
  noteWork(world, site, entity)
  noteCount(world, site, 1)
  noteChange(world.changes, site, { kind: 'create', entity, before: undefined })
  return entity
}

export function several(world: World, site: Site, rows: readonly Row[]): StateAnswer {
  const { template, place } = site
  const view = world.types.listView(template, place)
  if (template.media !== undefined && view !== undefined)
    return answered(world, site, { body: world.renderer.several(site, view, rows) })
  if (template.media === undefined) return answered(world, site, {})
  const [first] = rows
  if (first === undefined) return undefined
  // What is done later is told of by another thing: a job, an operation.
  return showsOwn(world, world.types.entityView(template, place), first.factory)
    ? answered(world, site, { body: world.renderer.entity(site, first) })
    : echo(world, site.request, template)
}

export function replaceAll(world: World, site: Site): StateAnswer {
  const { request, scope, name, factory } = site
  const named = replaceNames(world, site)
  if (named !== undefined) return named
  const carried = payloadsIn(request.body)
  const refused = isBelowNothing(world, site) ? notFound(site) : tooMany(carried)
  if (refused !== undefined) return refused
  world.seeded.add(scope, name)
  world.items.claimSeeding(scope, name)
  const payloads = carried.map((row) => factory.payload(row))
  // What is in the new list by the same name stays the same thing.
  const same = new Map<Item, Entity>()
  for (const row of world.items.list(scope, name)) {
    const entity = entityOf(row)
    const payload = payloads.find((one) => !same.has(one) && isSameThing(factory, entity, one))
    if (payload !== undefined) same.set(payload, entity)
    else {
      world.items.remove(scope, name, row.id)
      noteChange(world.changes, site, { kind: 'delete', entity, before: entity })
    }
  }
  const rows = payloads.map((payload) => {
    const before = same.get(payload)
    if (before === undefined) return rowOf(site, createOne(world, site, payload))
    const entity = factory.replace(before, payload, request.operation, world.clock.now())
    keepEntity(world, site, { kind: 'replace', name, entity })
    noteChange(world.changes, site, { kind: 'update', entity, before })
    return rowOf(site, entity)
  })
  return several(world, site, rows)
}

function isSameThing({ view, further }: EntityFactory, { item }: Entity, payload: Item): boolean {
  const paths = view.idPath === undefined ? further : [view.idPath, ...further]
  return paths.some((path) => {
    const sent = valueAt(payload, path)
    return sent !== undefined && sent !== null && String(sent) === String(valueAt(item, path))
  })
}

/** The things that one body carries: a list, or the list in it. */
export function payloadsIn(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body
  if (typeof body === 'string' || Buffer.isBuffer(body)) return objectsByLine(String(body))
  if (!isObject(body)) return []
  const lists = Object.entries(body).filter(
    ([, value]) => Array.isArray(value) && value.length > 0 && value.every(isObject),
  )
  const [, rows] = lists.find(([name]) => LIST_NAMES.has(normalizeName(name))) ?? lists[0] ?? []
  return Array.isArray(rows) ? rows : [body]
}

/** JSON Lines, as Typesense and Pinecone take them: an object on each line that is not empty; none where one of them is something else. */
function objectsByLine(text: string): readonly unknown[] {
  try {
    const rows = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line) as unknown]))
    return rows.every(isObject) && nestsAtMost(rows, MAX_DEPTH) ? rows : []
  } catch {
    return []
  }
}
