// Collections with items: what is made, listed, read, changed and removed at a path and at one that ends in an id.

import { type Operation, queryParameters } from '../../engine/document/operation.js'
import { namesOwn } from './beside.js'
import type { BodyFacts } from './body-facts.js'
import { creationIn, listingIn, readingIn, searchingIn } from './doings.js'
import {
  give,
  giveClearing,
  giveListedChange,
  giveListedRemoval,
  givePut,
  ITEM,
  type Methods,
  makesBelow,
  methodsOf,
  NONE,
  parentIn,
  type Reading,
} from './path-map.js'
import { bare } from './paths.js'
import type { Place, RoleKind } from './place.js'
import { isSaidToCreate } from './verbs.js'

/** The place whose items a path leads to; undefined where it leads to something else. */
function placeOfItems(reading: Reading, path: string): Place | undefined {
  const item = ITEM.exec(path)
  // Paths that differ by the names of their parameters alone have the same items.
  if (item === null || reading.byItem.has(bare(path))) return undefined
  const { facts, paths } = reading
  const [, stem = '', param = '', extension = ''] = item
  const own = paths.get(bare(path)) ?? NONE
  const collection = paths.has(bare(stem + extension)) ? stem + extension : stem
  const outer = methodsOf(reading, stem === '' ? '' : collection)
  if (isSet(reading, path, own, outer)) return undefined
  const create = creationIn(facts, outer)
  const lists = listingIn(facts, outer) ?? searchBelow(reading, collection, own, outer)
  const reads = own.get('GET')
  const parent = parentAbove(reading, stem, param)
  if (lists === undefined && reads === undefined && answersAbove(facts, create, parent)) return undefined
  // What is answered just as one thing is, and lists no others of its kind, is the one that its query tells of (FusionAuth).
  const isOfOne = (one: Operation): boolean =>
    reads !== undefined && facts.isShownAlike(one, reads) && facts.showsOne(one)
  const isOfList = (one: Operation): boolean =>
    (facts.hasList(one) && !isOfOne(one)) || (create !== undefined && facts.isUndescribed(one))
  const place: Place = {
    ...{ collection, param, parent },
    create: create ?? (isSaidToMake(reading, path, own) ? own.get('POST') : undefined),
    list: lists !== undefined && isOfList(lists) ? lists : undefined,
    read: readingIn(facts, own, lists),
    changes: changingMethods(reading, path, own).flatMap((method) => own.get(method) ?? []),
    remove: own.get('DELETE'),
  }
  return isOfItems(place) ? place : undefined
}

/**
 * The place that items below a stem belong to. `/objects/{class}/{id}` beside `/objects/{id}` has the same things by the same
 * id: what stands before it there is no id of one of them.
 */
function parentAbove(reading: Reading, stem: string, param: string): Place | undefined {
  const found = parentIn(reading, stem)
  const last = ITEM.exec(stem)
  const isSame = last !== null && last[2] !== param && found?.param === param
  return isSame && bare(last[1] ?? '') === bare(found.collection) ? found.parent : found
}

/** What is answered with the thing above adds to that: `/roles/{slug}/permissions` of a role that shows its permissions. */
const answersAbove = (facts: BodyFacts, create: Operation | undefined, parent: Place | undefined): boolean =>
  create !== undefined && parent?.read !== undefined && facts.isOfOneForm(create, parent.read)

/**
 * What lists and makes items is no item itself, but a collection: one that its name creates (`/keys/{set}`), or one of many
 * that nothing creates (`/workflows/{namespace}` of Argo, `/backups/{backend}` of Weaviate). So is what lists a part of
 * what the path above it lists, in the same form (`/objects/{container}` with `/objects/{container}/{key}` below), and
 * what makes the things that are read below it (`/revisions/{key}` of GrowthBook, `/volumes/{type}` of Incus).
 */
function isSet(reading: Reading, path: string, own: Methods, outer: Methods): boolean {
  const { stems, facts, paths } = reading
  const reads = own.get('GET')
  if (!stems.has(bare(path)) || reads === undefined) return false
  const lists = outer.get('GET')
  if (lists !== undefined && facts.hasList(reads) && facts.isShownAlike(lists, reads)) return true
  const makes = own.get('POST')
  if (makes === undefined) return false
  const isFixed = !['PUT', 'PATCH', 'DELETE'].some((method) => own.has(method))
  const readBelow = paths.get(`${bare(path)}/{}`)?.get('GET')
  const isMadeHere =
    (readBelow !== undefined && facts.isShownAlike(makes, readBelow)) ||
    (readBelow !== undefined && lists !== undefined && facts.isOfOneForm(lists, reads))
  if (isFixed && isMadeHere && facts.hasList(reads)) return true
  const isNowhere = !outer.has('POST') && !outer.has('GET')
  return facts.isList(reads) || ((isNowhere || makesBelow(reading, path, own)) && facts.hasList(reads))
}

/** What lists the things of a collection that nothing is done at itself. */
const searchBelow = (
  reading: Reading,
  collection: string,
  own: Methods,
  outer: Methods,
): Operation | undefined =>
  outer.size === 0
    ? searchingIn(reading.facts, own, (word) => methodsOf(reading, `${collection}/${word}`))
    : undefined

/** Whether there is a collection of them, or one by itself that is read and changed. */
const isOfItems = ({ create, list, read, changes, remove }: Place): boolean =>
  create !== undefined ||
  list !== undefined ||
  (read !== undefined && (changes.length > 0 || remove !== undefined))

const changingMethods = (reading: Reading, path: string, own: Methods): readonly string[] =>
  makesBelow(reading, path, own) ? ['PATCH', 'PUT'] : ['PATCH', 'PUT', 'POST']

/** Whether a POST on an item beside another change makes the item under the name that its path has: Voucherify, Elasticsearch. */
function isSaidToMake(reading: Reading, path: string, own: Methods): boolean {
  const post = own.get('POST')
  const isChanged = own.has('PUT') || own.has('PATCH')
  return post !== undefined && isChanged && isSaidToCreate(post) && !makesBelow(reading, path, own)
}

export function inferItems(reading: Reading, path: string): void {
  const place = placeOfItems(reading, path)
  if (place === undefined) return
  const { paths, byItem } = reading
  byItem.set(bare(path), place)
  const own = paths.get(bare(path)) ?? NONE
  const where = `${place.collection} with items at ${path}`
  const onItem = (kind: RoleKind, method: string) =>
    give(reading, place, kind, own.get(method), `${method} on an item of ${where}`)
  const outer = methodsOf(reading, place.collection)
  if (isReadByIds(reading, place, outer))
    give(reading, place, 'read-many', outer.get('POST'), `POST with a list of ids on ${where}`)
  const create = creationIn(reading.facts, outer)
  give(reading, place, 'create', create, `POST on ${where}`)
  if (create === undefined)
    give(reading, place, 'search', outer.get('POST'), `POST on ${where}, which is called a search`)
  give(reading, place, 'search', searchBelow(reading, place.collection, own, outer), `search below ${where}`)
  give(reading, place, 'list', place.list, `GET on ${where}`)
  // A document may describe the answer of a list by one of its things.
  if (place.create !== undefined && place.read !== undefined)
    give(reading, place, 'list', outer.get('GET'), `GET on ${where}, which shows one of them`)
  give(reading, place, 'read', place.read, `GET on an item of ${where}`)
  giveProbe(reading, place, outer.get('HEAD'), where)
  // Whether something is there, as Weaviate and commercetools describe it.
  if (place.read !== undefined) onItem('read', 'HEAD')
  onItem('remove', 'DELETE')
  onItem('merge', 'PATCH')
  onItem('replace', 'PUT')
  if (changingMethods(reading, path, own).includes('POST'))
    onItem(isSaidToMake(reading, path, own) ? 'replace' : 'merge', 'POST')
  for (const method of ['PUT', 'PATCH']) giveNamedChange(reading, place, outer.get(method), where)
  givePut(reading, place, outer.get('PUT'), where)
  giveListedChange(reading, place, outer.get('PATCH'), where)
  giveListedRemoval(reading, place, outer.get('DELETE'), where)
  giveClearing(reading, place, outer.get('DELETE'), where)
}

/** What names things of a collection by a list of their ids, and says something of them, changes each: Immich, Zendesk. */
function giveNamedChange(
  reading: Reading,
  place: Place,
  operation: Operation | undefined,
  where: string,
): void {
  const { facts } = reading
  if (operation === undefined || place.read === undefined || !namesOwn(facts, place, operation)) return
  if (facts.requestNames(operation).size > 1)
    give(reading, place, 'merge-many', operation, `${operation.method} with a list of ids on ${where}`)
}

/** A HEAD on a collection that may miss what its query has to say is about one of its things: Harbor, Hanko. */
function giveProbe(reading: Reading, place: Place, operation: Operation | undefined, where: string): void {
  if (operation === undefined || !queryParameters(operation).some(({ required }) => required)) return
  if (operation.responses().some(({ status }) => status === '404'))
    give(reading, place, 'lookup', operation, `HEAD with a query on ${where}`)
}

/** A POST on a collection that a PUT makes things in, and that answers with those whose ids it names: Qdrant. */
function isReadByIds({ facts }: Reading, place: Place, outer: Methods): boolean {
  const post = outer.get('POST')
  return (
    post !== undefined &&
    outer.has('PUT') &&
    place.list === undefined &&
    facts.hasList(post) &&
    !isSaidToCreate(post) &&
    namesOwn(facts, place, post)
  )
}
