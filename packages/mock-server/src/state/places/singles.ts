// What there is without a path for its items: single things, collections that only list, and things that are read elsewhere.

import { type Operation, queryParameters } from '../../engine/document/operation.js'
import { grouped, normalizeName } from '../../engine/json.js'
import { ID_ENDINGS } from '../conventions/names.js'
import { SEARCHING_WORDS } from '../conventions/paths.js'
import { creationIn } from './doings.js'
import {
  give,
  giveClearing,
  giveListedChange,
  giveListedRemoval,
  givePut,
  ITEM,
  methodsOf,
  NONE,
  parentIn,
  type Reading,
} from './path-map.js'
import { bare, lastSegment, nounOf } from './paths.js'
import type { Place } from './place.js'
import { isSaidToSet } from './verbs.js'

export function inferSingle(reading: Reading, path: string): void {
  const own = reading.paths.get(bare(path)) ?? NONE
  const read = own.get('GET')
  if (read === undefined || ITEM.test(path) || reading.byOperation.has(read)) return
  const changes = ['PATCH', 'PUT'].flatMap((method) => own.get(method) ?? [])
  const create = own.get('POST')
  const shared = { collection: path, param: undefined, parent: parentIn(reading, path) }
  // What a word makes at the path of a thing that PUT or PATCH changes is that thing.
  const isWorded = create !== undefined && bare(create.path) !== bare(path) && changes.length > 0
  if (create !== undefined && isSaidToSet(create) && reading.facts.takesAnswered(create, read)) {
    const set = { create: undefined, list: undefined, read, changes: [create, ...changes], remove: undefined }
    const place = { ...shared, ...set }
    give(reading, place, 'read', read, `GET of the single ${path}`)
    give(reading, place, 'replace', create, `POST that sets the single ${path}`)
  } else if (create !== undefined && !isWorded && reading.facts.hasList(read)) {
    const makes = creationIn(reading.facts, own)
    const place = { ...shared, create: makes, list: read, read: undefined, changes: [], remove: undefined }
    const does = makes === undefined ? 'search' : 'create'
    give(reading, place, does, create, `POST on ${path}, which lists`)
    give(reading, place, 'list', read, `GET on ${path}, which lists`)
    givePut(reading, place, own.get('PUT'), `${path}, which lists`)
    giveListedChange(reading, place, own.get('PATCH'), `${path}, which lists`)
    giveListedRemoval(reading, place, own.get('DELETE'), `${path}, which lists`)
    giveClearing(reading, place, own.get('DELETE'), `${path}, which lists`)
  } else if (changes.length > 0) {
    const remove = own.get('DELETE')
    const place = { ...shared, create: undefined, list: undefined, read, changes, remove }
    give(reading, place, 'read', read, `GET of the single ${path}`)
    give(reading, place, 'merge', own.get('PATCH'), `PATCH of the single ${path}`)
    give(reading, place, 'replace', own.get('PUT'), `PUT of the single ${path}`)
    give(reading, place, 'remove', remove, `DELETE of the single ${path}`)
    const isOneOfMany = isWorded && mayName(read, nounOf(place))
    give(reading, place, isOneOfMany ? 'create' : 'replace', create, `POST of the single ${path}`)
  }
}

/** What is made at a path that nothing reads, and found by a search below it: the members of groups (FusionAuth). */
export function inferSearched(reading: Reading, path: string): void {
  const { facts, byOperation } = reading
  const own = reading.paths.get(bare(path)) ?? NONE
  const create = own.get('POST')
  if (create === undefined || own.has('GET') || path.includes('{') || byOperation.has(create)) return
  const list = [...SEARCHING_WORDS]
    .map((word) => methodsOf(reading, `${path}/${word}`).get('POST'))
    .find((post) => post !== undefined && facts.hasList(post))
  if (list === undefined || byOperation.has(list) || !facts.takesAnswered(create, list)) return
  const shared = { collection: path, param: undefined, parent: undefined, read: undefined, changes: [] }
  const place = { ...shared, create, list, remove: undefined }
  give(reading, place, 'create', create, `POST on ${path}, which is searched`)
  give(reading, place, 'search', list, `search below ${path}`)
  giveListedRemoval(reading, place, own.get('DELETE'), `${path}, which is searched`)
}

/** Whether the query of a read may say which of several things is meant, as `account_id` does of `/account`. */
export const mayName = (read: Operation, noun: string): boolean =>
  queryParameters(read).some(({ name, required }) => {
    const normalized = normalizeName(name)
    return !required && ID_ENDINGS.some((ending) => normalized === ending || normalized === noun + ending)
  })

/** Paths of items below nothing, of collections that make nothing, by the last words of these collections. */
export function loneItems(
  reading: Reading,
  templates: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  return grouped(
    templates.flatMap((path) => {
      const [, stem = '{', , extension] = ITEM.exec(path) ?? []
      const isLone = !stem.includes('{') && extension === undefined && !methodsOf(reading, stem).has('POST')
      return isLone ? [[lastSegment(stem), path] as const] : []
    }),
  )
}

/**
 * What only a POST is described of below a thing makes what is read by itself elsewhere, in the same form: `/cards/{id}` of
 * what is made at `/boards/{id}/cards`.
 */
export function inferMadeBelow(
  reading: Reading,
  path: string,
  lone: ReadonlyMap<string, readonly string[]>,
): void {
  const { paths, facts, byOperation, byItem } = reading
  const own = paths.get(bare(path)) ?? NONE
  const create = own.get('POST')
  const parent = parentIn(reading, path)
  if (create === undefined || own.size > 1 || parent === undefined || byOperation.has(create)) return
  const [home, ...others] = lone.get(lastSegment(path)) ?? []
  const read = paths.get(bare(home ?? ''))?.get('GET')
  if (home === undefined || read === undefined || others.length > 0) return
  if (!facts.isShownAlike(create, read) && !facts.isOfOneForm(create, read)) return
  const [, collection = '', param] = ITEM.exec(home) ?? []
  const nothing = { create: undefined, list: undefined, read: undefined, changes: [], remove: undefined }
  if (!byItem.has(bare(home))) {
    const item: Place = { ...nothing, collection, param, parent: undefined, read }
    byItem.set(bare(home), item)
    give(reading, item, 'read', read, `GET on what ${path} makes`)
  }
  const place: Place = { ...nothing, collection: path, param: undefined, parent, create }
  give(reading, place, 'create', create, `POST on ${path}, whose things are read at ${home}`)
}
