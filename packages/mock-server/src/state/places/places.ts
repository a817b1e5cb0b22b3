// Reads places out of paths: where a document creates, lists, reads, changes and removes the same kind of thing. Only
// names and methods are looked at here; types.ts finds out which places show the same things.

import { type Operation, queryParameters } from '../../engine/document/operation.js'
import { grouped, isObject, lazy, normalizeName, ofText } from '../../engine/json.js'
import { ID_ENDINGS, NAME_MEMBERS, singular } from '../conventions/names.js'
import { CONTENT_SEGMENT, SEARCHING_WORDS } from '../conventions/paths.js'
import { BESIDE, besideOf, CHANGING, namesOwn } from './beside.js'
import type { BodyFacts } from './body-facts.js'
import { creationIn, listingIn, readingIn, searchingIn } from './doings.js'
import { bare, lastSegment, nounOf } from './paths.js'
import { type Place, parameterNames, type Role, type RoleKind } from './place.js'
import { type Endpoint, endpointsOf, isSaidToCreate, isSaidToSet } from './verbs.js'

type Methods = ReadonlyMap<string, Operation>

const ITEM = /^(.*)\/\{([^{}/]+)\}(\.[A-Za-z]+)?$/

const withoutWord = (path: string): string => bare(path).replace(/\/[^/{}]+(?=\/\{\}$)/, '')

export interface Roles {
  readonly byOperation: Map<Operation, Role>
  /** The place whose items lie on the way to a path. */
  parentOf(path: string): Place | undefined
  /** The place whose items a word before their id is about: `/orders/cancel/{id}` beside `/orders/{id}`. */
  actedOnAt(operation: Operation): Place | undefined
}

/** What is known of a document's paths while they are read. */
interface Reading {
  readonly facts: BodyFacts
  /** The methods of each path. */
  readonly paths: ReadonlyMap<string, Methods>
  /** The paths of collections. */
  readonly stems: ReadonlySet<string>
  readonly byOperation: Map<Operation, Role>
  readonly byItem: Map<string, Place>
}

export function inferPlaces(operations: readonly Operation[], facts: BodyFacts): Roles {
  const used = operations.filter((operation) => operation.extension('x-mock-resource') !== false)
  const endpointOf = endpointsOf(used, facts.hasList)
  // Shorter paths first, so that a place finds the one it belongs to.
  const templates = [
    ...new Set(
      used.map((one) =>
        endpointOf(one)
          .path.replace(/[?#].*$/, '')
          .replace(/\/$/, ''),
      ),
    ),
  ]
  const rank = ofText(rankOfTwins(used))
  const depth = ofText((path) => path.split('/').length)
  templates.sort((a, b) => depth(a) - depth(b) || rank(b) - rank(a))
  const reading: Reading = {
    facts,
    paths: methodsByPath(
      [...used].sort((a, b) => rank(b.path) - rank(a.path)),
      endpointOf,
    ),
    stems: new Set(templates.map((path) => bare(ITEM.exec(path)?.[1] ?? ''))),
    byOperation: new Map(),
    byItem: new Map(),
  }
  const { byOperation } = reading
  for (const path of templates) inferItems(reading, path)
  for (const path of templates) inferSingle(reading, path)
  for (const path of templates) inferSearched(reading, path)
  const lone = loneItems(reading, templates)
  for (const path of templates) inferMadeBelow(reading, path, lone)
  const ofCollection = new Map<string, Place>()
  for (const { place } of byOperation.values())
    if (place.create !== undefined || place.list !== undefined)
      ofCollection.set(bare(place.collection), place)
  for (const operation of used) inferBeside(reading, ofCollection, operation)
  for (const operation of used) inferTwin(reading, operation)
  const ends = lazy(() =>
    grouped([...reading.byItem.values()].map((place) => [place.collection.split('/').at(-1) ?? '', place])),
  )
  return {
    byOperation,
    parentOf: (path) => parentIn(reading, path.replace(/:[^/{}]+$/, '')),
    actedOnAt: (operation) => wordedIn(reading, operation, ends()) ?? actedOnAside(operation, ends()),
  }
}

/**
 * Which of several paths that differ in the names of their parameters alone says how things are identified: the one that
 * more is done at, then the one that asks for an id. Others, such as `/contacts/{number}` beside `/contacts/{id}`, find
 * the same things by another member.
 */
function rankOfTwins(operations: readonly Operation[]): (path: string) => number {
  const counts = new Map<string, number>()
  for (const { path } of operations) counts.set(path, (counts.get(path) ?? 0) + 1)
  return (path) => {
    const param = normalizeName(ITEM.exec(path)?.[2] ?? '')
    const isId = ID_ENDINGS.some((ending) => param.endsWith(ending))
    return (counts.get(path) ?? 0) * 2 + (isId ? 1 : 0)
  }
}

function methodsByPath(
  operations: readonly Operation[],
  endpointOf: (operation: Operation) => Endpoint,
): ReadonlyMap<string, Methods> {
  const paths = new Map<string, Map<string, Operation>>()
  for (const operation of operations) {
    const { path, method } = endpointOf(operation)
    const methods = paths.get(bare(path)) ?? new Map<string, Operation>()
    if (!methods.has(method)) methods.set(method, operation)
    paths.set(bare(path), methods)
  }
  return paths
}

const NONE: Methods = new Map()

function give(
  { byOperation }: Reading,
  place: Place,
  kind: RoleKind,
  operation: Operation | undefined,
  because: string,
): void {
  if (operation !== undefined && !byOperation.has(operation))
    byOperation.set(operation, { kind, place, because })
}

/** A PUT on a collection replaces it by a list, or makes the one thing that it carries. */
function givePut(reading: Reading, place: Place, operation: Operation | undefined, where: string): void {
  if (operation === undefined) return
  const { facts } = reading
  const isAll =
    facts.takesList(operation) || (place.list !== undefined && facts.takesNames(operation, place.list))
  give(reading, place, isAll ? 'replace-all' : 'create', operation, `PUT on ${where}`)
}

function parentIn({ byItem }: Reading, path: string): Place | undefined {
  const segments = bare(path).split('/')
  for (let length = segments.length; length > 1; length--) {
    const found = byItem.get(segments.slice(0, length).join('/'))
    if (found !== undefined) return found
  }
  return undefined
}

/** Places by what the paths of their collections end with. */
type Ends = ReadonlyMap<string, readonly Place[]>

function wordedIn({ byItem }: Reading, { path, method }: Operation, ends: Ends): Place | undefined {
  const place = method === 'GET' ? undefined : byItem.get(withoutWord(path))
  // An id behind the name of another collection is of a thing of that: `/subscribers/lists/{id}` beside `/lists`.
  const [, word = ''] = /\/([^/{}]+)\/\{[^{}]+\}$/.exec(path) ?? []
  if (word !== '' && ends.has(word)) return undefined
  // What is called otherwise is something else: `/notifications/send/{channel}` beside `/notifications/{id}`.
  return place?.param === ITEM.exec(path)?.[2] ? place : undefined
}

/** The only place whose item a word is said of at another path than its own: `/registrar/domains/{domain}/renewal` (DNSimple). */
function actedOnAside({ path, method }: Operation, ends: Ends): Place | undefined {
  const [, word = '', param] = /\/([^/{}]+)\/\{([^{}]+)\}\/[^/{}]+$/.exec(path) ?? []
  if (method === 'GET' || word === '') return undefined
  const names = new Set(parameterNames(path))
  const [place, ...others] = (ends.get(word) ?? []).filter(
    (one) => one.param === param && parameterNames(one.collection).every((name) => names.has(name)),
  )
  return others.length === 0 ? place : undefined
}

/** Where an item has items of its own and another method changes it, or nothing reads it, POST makes one of those. */
const makesBelow = ({ stems, paths }: Reading, path: string, own: Methods): boolean => {
  if (!stems.has(bare(path))) return false
  const isReadBelow = paths.get(`${bare(path)}/{}`)?.has('GET') === true
  return own.has('PUT') || own.has('PATCH') || (!own.has('GET') && isReadBelow)
}

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

const methodsOf = ({ paths }: Reading, collection: string): Methods =>
  (collection === '' ? undefined : paths.get(bare(collection))) ?? NONE

const changingMethods = (reading: Reading, path: string, own: Methods): readonly string[] =>
  makesBelow(reading, path, own) ? ['PATCH', 'PUT'] : ['PATCH', 'PUT', 'POST']

/** Whether a POST on an item beside another change makes the item under the name that its path has: Voucherify, Elasticsearch. */
function isSaidToMake(reading: Reading, path: string, own: Methods): boolean {
  const post = own.get('POST')
  const isChanged = own.has('PUT') || own.has('PATCH')
  return post !== undefined && isChanged && isSaidToCreate(post) && !makesBelow(reading, path, own)
}

function inferItems(reading: Reading, path: string): void {
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

/** A DELETE on a collection that is listed removes what its query tells of, or all: Gotify, Keycloak, listmonk, Kafka UI. */
function giveClearing(reading: Reading, place: Place, operation: Operation | undefined, where: string): void {
  if (place.list !== undefined && operation?.body() === undefined)
    give(reading, place, 'remove-all', operation, `DELETE on ${where}`)
}

/** A HEAD on a collection that may miss what its query has to say is about one of its things: Harbor, Hanko. */
function giveProbe(reading: Reading, place: Place, operation: Operation | undefined, where: string): void {
  if (operation === undefined || !queryParameters(operation).some(({ required }) => required)) return
  if (operation.responses().some(({ status }) => status === '404'))
    give(reading, place, 'lookup', operation, `HEAD with a query on ${where}`)
}

/** A PATCH on a collection that takes a list of objects changes the things that they name: Airtable, Webflow, Directus. */
function giveListedChange(
  reading: Reading,
  place: Place,
  operation: Operation | undefined,
  where: string,
): void {
  if (operation !== undefined && place.create !== undefined && reading.facts.takesThings(operation))
    give(reading, place, 'merge-many', operation, `PATCH with a list on ${where}`)
}

/** Whether a request says which things are meant: by a list of their ids, or of objects that have them. */
const namesThings = (facts: BodyFacts, operation: Operation): boolean =>
  facts.takesIds(operation) || facts.takesThings(operation)

/**
 * A DELETE on a collection that takes a list of ids removes the things that have them: Spotify, SendGrid, Weaviate, PandaDoc.
 * So does one that takes a list of objects with ids: DocuSign, Contentstack.
 */
function giveListedRemoval(
  reading: Reading,
  place: Place,
  operation: Operation | undefined,
  where: string,
): void {
  if (operation !== undefined && place.create !== undefined && namesThings(reading.facts, operation))
    give(reading, place, 'remove-many', operation, `DELETE with a list on ${where}`)
}

function inferSingle(reading: Reading, path: string): void {
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
function inferSearched(reading: Reading, path: string): void {
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
const mayName = (read: Operation, noun: string): boolean =>
  queryParameters(read).some(({ name, required }) => {
    const normalized = normalizeName(name)
    return !required && ID_ENDINGS.some((ending) => normalized === ending || normalized === noun + ending)
  })

/** Paths of items below nothing, of collections that make nothing, by the last words of these collections. */
function loneItems(reading: Reading, templates: readonly string[]): ReadonlyMap<string, readonly string[]> {
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
function inferMadeBelow(reading: Reading, path: string, lone: ReadonlyMap<string, readonly string[]>): void {
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

function inferBeside(reading: Reading, ofCollection: ReadonlyMap<string, Place>, operation: Operation): void {
  if (reading.byOperation.has(operation)) return
  const { path, method } = operation
  const { base, word } = besideOf(path)
  const place = ofCollection.get(bare(base))
  const beside =
    place && BESIDE.find(({ segment, isOne }) => segment.test(word) && isOne(operation, reading.facts))
  if (place !== undefined && beside !== undefined)
    give(reading, place, beside.kind, operation, `${word} beside ${place.collection}`)
  else if (place?.create !== undefined && makesForEach(reading.facts, operation, word))
    give(
      reading,
      place,
      'create-many',
      operation,
      `it makes one of ${place.collection} for each of its ${word}`,
    )
  else if (place?.param !== undefined && CHANGING.has(method) && namesOwn(reading.facts, place, operation))
    give(reading, place, 'act-many', operation, `it names items of ${place.collection}`)
  const item = reading.byItem.get(bare(base))
  if (item !== undefined && CONTENT_SEGMENT.test(word) && method === 'GET' && isBinary(operation))
    give(reading, item, 'content', operation, `the bytes of an item of ${item.collection}`)
}

/** Whether a creation lists, under the last word of its path, whom its things are for: `emails`, `usernames`. */
function makesForEach(facts: BodyFacts, operation: Operation, word: string): boolean {
  const name = normalizeName(word)
  const one = singular(name)
  const isName = one !== name && (NAME_MEMBERS as readonly string[]).includes(one)
  return isName && operation.method === 'POST' && facts.takes(operation, name) && facts.hasList(operation)
}

/** Paths that differ in the names of their parameters alone are about the same things. */
function inferTwin(reading: Reading, operation: Operation): void {
  const twin = reading.paths.get(bare(operation.path))?.get(operation.method)
  const role = twin && reading.byOperation.get(twin)
  if (twin === undefined || role === undefined) return
  const isPart = role.kind === 'remove' && asksMore(operation, twin)
  const because = isPart ? `it takes something from an item of ${role.place.collection}` : role.because
  give(reading, role.place, isPart ? 'action' : role.kind, operation, because)
}

/** Whether an operation at the path of another one asks for something in its query that says what else it is about. */
const asksMore = (operation: Operation, twin: Operation): boolean => {
  const known = new Set(queryParameters(twin).map(({ name }) => name))
  return queryParameters(operation).some(({ name, required }) => required && !known.has(name))
}

const isBinary = (operation: Operation): boolean =>
  operation
    .responses()
    .some(
      ({ status, content }) =>
        /^(2|3|default)/.test(status) &&
        content.every(
          ({ type, schema }) => !/json/.test(type) || (isObject(schema) && schema.type === 'string'),
        ),
    )
