// Requests that make things: one, several at once, or all that a collection is to hold.

import type { Operation } from '../../engine/document/operation.js'
import { isEmpty, isNested, isObject, nestsAtMost, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { shapeOf } from '../../engine/schema/shape.js'
import { answered, echo, kept, notFound, type StateAnswer, shown, showsOwn, tooMany } from '../answering.js'
import {
  EXISTING_SENTENCE,
  GET_IF_EXISTS,
  REPLACING_SENTENCE,
  SAME_MEMBER_SENTENCES,
  UPSERT_WORDS,
  UPSERTING_SENTENCE,
} from '../conventions/actions.js'
import { LIST_NAMES } from '../conventions/lists.js'
import { OWN_NAMES, wordsOf } from '../conventions/names.js'
import type { Entity, EntityFactory, Item } from '../entities/entities.js'
import { noteChange } from '../entities/entity-changes.js'
import type { Row } from '../entities/row-views.js'
import { FIRST, type ListView, valueAt } from '../forms/views.js'
import { bare, isFormatted, nounOf } from '../places/paths.js'
import { parameterNames } from '../places/place.js'
import {
  entityOf,
  type Found,
  findEntity,
  keepEntity,
  MAX_SEARCHED,
  noteBirth,
  rowsIn,
} from '../store/entity-store.js'
import { isInvention, isMadeByName, isOrphan, isSample, seedCollection } from '../store/existence.js'
import { addEntity, type Making, makeEntity } from '../store/making.js'
import { joinNamed } from '../store/memberships.js'
import { nameAbove } from '../store/thing-lists.js'
import { rowOf, type Site, type World } from '../world.js'
import { recordMade } from './action-records.js'
import { replaceNames } from './bare-lists.js'
import { withBorn } from './born-with.js'
import { noteCount } from './counts.js'
import { noteWork } from './finishing.js'
import { firstMembers } from './firsts.js'
import { madeForEach, namesListed } from './made-for-each.js'
import { copiedFrom } from './made-from.js'
import { noteBelow, withParts } from './parts.js'
import { prefixedId } from './prefixed.js'
import { queriedMembers } from './queried.js'
import { noteEmbedded } from './related.js'

// Clients give up on long header sections.
const MAX_LOCATION = 2_048
const MAX_DEPTH = 100

export function create(world: World, site: Site): StateAnswer {
  const { request, place, scope } = site
  const { operation } = request
  if (isBelowNothing(world, site)) return notFound(site)
  const isMany =
    isRoomy(request.body) && (carriesSeveral(world, site) || carriesListed(world, site) || carriesNamed(site))
  if (isMany) return createMany(world, site)
  if (!isMadeByName(place)) seedCollection(world, site)
  const joined = joinNamed(world, site) ?? recordMade(world, site)
  if (joined !== undefined) return joined
  const source = copiedFrom(world, site)
  const payload = { ...source, ...payloadIn(world, site) }
  const existing = source === undefined ? answerOfExisting(world, site, payload) : undefined
  if (existing !== undefined) return existing
  const chosen = idFor(world, site, payload)
  const making = { payload, operation, request, known: knownOf(world, site) }
  const own = atHome(site, payload)
  const added = chosen === undefined ? addEntity(world, own, making) : addChosen(world, own, making, chosen)
  if (added === undefined)
    return { refusal: { status: 409, isTaken: true, message: `${String(chosen)} exists already` } }
  noteBirth(world, site, added)
  noteWork(world, own, added)
  const entity = withBorn(world, own, withParts(world, own, added), payload)
  noteBelow(world, site, entity.id, entity)
  noteEmbedded(world, site, entity, entity)
  noteCount(world, site, 1)
  noteChange(world.changes, site, { kind: 'create', entity, before: undefined })
  world.files.keep(request, { scope, collection: own.name, id: entity.id })
  const sent = allSent(request.body, payload)
  const row = rowOf(site, entity)
  const listed = listingView(world, site)
  const body =
    listed === undefined
      ? world.renderer.entity(site, row, sent)
      : world.renderer.several(site, listed, [row])
  return answered(world, site, { body, headers: headersOf(site, entity) })
}

/** The headers of an answer that tells of a new thing. */
function headersOf(site: Site, { id }: Entity): Readonly<Record<string, string>> {
  const { place } = site
  const location = place.param === undefined || place.isCalled === true ? '' : locationOf(site, id)
  return location !== '' && location.length <= MAX_LOCATION ? { location } : {}
}

/** The id that a request gives a new thing, whole or as a beginning. */
const idFor = (world: World, site: Site, payload: Item): string | number | undefined =>
  site.factory.chosenId(payload, site.request.operation) ?? prefixedId(world, site, payload)

/** Whether what a request makes would be below what is not there. What a list has shown below it says that it is. */
const isBelowNothing = (world: World, site: Site): boolean =>
  isOrphan(world, site, site.place.parent) &&
  (world.items.count(site.scope, site.name) === 0 || isOrphan(world, site, site.place.parent, true))

/** A body with what it says of the thing under the names that answers have for it. */
const allSent = (body: unknown, payload: Item): Item =>
  isObject(body) && body !== payload ? { ...body, ...payload } : payload

/** Whether a body has lists or objects in it: what has none carries one thing at the most. */
const isRoomy = (body: unknown): boolean => Array.isArray(body) || (isObject(body) && holdsNested(body))

function holdsNested(body: Item): boolean {
  for (const name in body) if (isNested(body[name])) return true
  return false
}

function payloadIn(world: World, site: Site): Item {
  const [kind, queried] = [kindNamed(world, site), queriedMembers(site)]
  const sent = site.factory.payload(site.request.body)
  const beside = { ...kind, ...queried, ...firstMembers(world, site) }
  return isEmpty(beside) ? sent : { ...beside, ...sent }
}

const kindsNamed = new WeakMap<Operation, Item>()

/** The kind of thing that the last word of a path says is made: `/documents/text` beside `/documents/url` (ElevenLabs). */
function kindNamed({ forms }: World, { factory, request: { operation } }: Site): Item {
  const known = kindsNamed.get(operation)
  if (known !== undefined) return known
  const word = operation.path.split('/').at(-1) ?? ''
  const options = forms.alternatives(factory.view.schema)
  const named = ['type', 'kind'].flatMap((name) =>
    options.flatMap((option) => {
      const member = forms.of(option).byName.get(name)
      const values = member && forms.of(member.schema).shape.values
      return member !== undefined && values?.includes(word) === true ? [member.name] : []
    }),
  )
  const [name, ...others] = named
  const isOne = options.length > 1 && name !== undefined && others.length === 0
  const kind: Item = isOne ? { [name]: word } : {}
  kindsNamed.set(operation, kind)
  return kind
}

/** How an answer shows new things that is nothing but a list of them, though a request may carry only one: Knock, PostgREST. */
function listingView({ types }: World, { template, place }: Site): ListView | undefined {
  if (template.media === undefined) return undefined
  const { form, path } = types.entityView(template, place)
  const view = form.mayBeObject || path.includes(FIRST) ? undefined : types.listView(template, place)
  return view?.path.length === 0 && !view.idsOnly ? view : undefined
}

/**
 * Where the path of a new thing will be, as far as its members tell it: `/objects/{container}/{key}` of what is posted to
 * `/objects`. What has another container may have the same key.
 */
function atHome(site: Site, payload: Item): Site {
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

/** Stores a thing under the id that a client chose; undefined where that is taken. */
function addChosen(world: World, site: Site, making: Making, id: string | number): Entity | undefined {
  const { name } = site
  const entity = makeEntity(world, site, { ...making, id })
  if (keepEntity(world, site, { kind: 'insert', name, entity })) return entity
  const given = String(id)
  const isUnmade = isInvention(world, site, given) || isSample(world, site, given)
  const isTaken = !isUnmade && !makesRoom(world, site, given)
  if (isTaken && isRefused(world, site)) return undefined
  // Two things may be called alike where only a guess makes their name the id.
  const isGuessed = isTaken && !site.factory.view.isSure && site.request.operation.method === 'POST'
  if (isGuessed && !isSaidToReplace(world, site.request.operation, site.factory))
    return addEntity(world, site, making)
  keepEntity(world, site, { kind: 'replace', name, entity })
  return entity
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

/** What the API says of a new thing, where its answers were seen. */
function knownOf(world: World, { template, place, request }: Site): Item | undefined {
  if (world.lessons === undefined) return undefined
  const answer = template.media && world.lessons.born(request, world.clock.now())
  const known = template.media && valueAt(answer, world.types.entityView(template, place).path)
  return isObject(known) ? known : undefined
}

/** What was renamed is still found by its old name, until something else is called so. */
function makesRoom(world: World, site: Site, id: string): boolean {
  const holder = findEntity(world, site, id)
  const { idPath } = site.factory.view
  const own = holder && idPath && valueAt(holder.entity.item, idPath)
  if (holder === undefined || own === undefined || String(own) === holder.entity.id) return false
  const moved = { ...holder.entity, id: String(own) }
  keepEntity(world, site, { kind: 'replace', name: holder.collection, entity: moved })
  return true
}

/** Whether an id that is taken refuses a creation, rather than that one creation replaces another. */
function isRefused(world: World, { request: { operation }, template, place, factory }: Site): boolean {
  const { types, lessons } = world
  if (operation.method === 'PUT' || isSaidToReplace(world, operation, factory)) return false
  const isDocumented = operation.responses().some(({ status }) => status === '409')
  const isSure = place.isCalled !== true && types.entityView(template, place).isSure
  return isDocumented || lessons?.minds(operation) === true || isSure
}

/** Whether the words of a creation, or those of the id in its body, say that it replaces what is there. */
function isSaidToReplace({ schemas }: World, operation: Operation, { view }: EntityFactory): boolean {
  const name = view.idPath?.at(-1)
  const ids = (operation.body()?.content ?? []).flatMap(({ schema }) =>
    name === undefined
      ? []
      : (shapeOf(schemas, [schemas.convert(schema ?? true, 'request')]).properties.get(name) ?? []),
  )
  const told = [operation.extension('description'), ...ids.map((one) => isObject(one) && one.description)]
  return told.some(
    (text) => typeof text === 'string' && (REPLACING_SENTENCE.test(text) || UPSERTING_SENTENCE.test(text)),
  )
}

const wantsExisting = ({ parameters }: ApiRequest): boolean =>
  !isEmpty(parameters.query) &&
  Object.entries(parameters.query).some(
    ([name, value]) => GET_IF_EXISTS.has(normalizeName(name)) && value === true,
  )

/** A PUT on a collection that POST makes things in: sent twice, it makes one (RFC 9110, section 9.2.2). */
const isUpsert = ({ request: { operation }, place: { create } }: Site): boolean =>
  (operation.method === 'PUT' && create?.method === 'POST') || isSaidToUpsert(operation)

const upserting = new WeakMap<Operation, boolean>()

/** Whether a creation is called one that changes what is there: `Create or update a company` (Intercom). */
function isSaidToUpsert(operation: Operation): boolean {
  const known = upserting.get(operation)
  if (known !== undefined) return known
  const is = UPSERT_WORDS.test([operation.operationId, operation.summary].join('\n'))
  upserting.set(operation, is)
  return is
}

/** What is there already is changed or shown, where a request asks for that. */
function answerOfExisting(world: World, site: Site, payload: Item): StateAnswer {
  const { factory, request } = site
  const isAsked = isUpsert(site) || wantsExisting(request)
  const found =
    namedInQuery(world, site) ??
    chosenBefore(world, site, payload) ??
    existingLike(world, site, payload, isAsked ? () => true : isToldToExist(request.operation)) ??
    upserted(world, site, payload)
  const isChanged = isUpsert(site) || upsertingMember(site) !== undefined
  if (found === undefined || !isChanged) return found && shown(world, site, found)
  const entity = factory.merge(found.entity, payload, request.operation, false, world.clock.now())
  return shown(world, site, kept(world, site, found, entity), request.body)
}

/** What the query of a PUT on a collection names: `?id=7`, and `?external_customer_id=7` by the `external_id` of a customer (Flexprice). */
function namedInQuery(world: World, site: Site): Found | undefined {
  const { operation, parameters } = site.request
  if (operation.method !== 'PUT') return undefined
  const said = Object.entries(parameters.query).filter(
    ([, value]) => typeof value === 'string' || typeof value === 'number',
  )
  for (const [name, value] of said) {
    const found = namedSo(world, site, normalizeName(name), String(value))
    if (found !== undefined) return found
  }
  return undefined
}

/** The thing whose id, or whose other member, a parameter is called after. */
function namedSo(world: World, site: Site, name: string, value: string): Found | undefined {
  const { factory, place, type } = site
  const noun = nounOf(place)
  if (['id', `${noun}id`, normalizeName(place.param ?? 'id')].includes(name))
    return findEntity(world, site, value)
  const mark = noun === '' ? name : name.replace(noun, '')
  const member = mark === name ? undefined : factory.view.form.byName.get(mark)
  if (member === undefined) return undefined
  const row = rowsIn(world, site, [type]).find(({ entity }) => String(entity.item[member.name]) === value)
  return row && { entity: row.entity, collection: site.name }
}

/** What a client has made under the id that it chooses again, where a creation changes what is there. */
function chosenBefore(world: World, site: Site, payload: Item): Found | undefined {
  const { factory, request } = site
  const { operation } = request
  const id = isSaidToUpsert(operation) ? factory.chosenId(payload, operation) : undefined
  return id === undefined ? undefined : findEntity(world, site, String(id))
}

const upsertingNames = new WeakMap<Operation, string>()

/**
 * The member that a description says things are changed by rather than made again: `upserted on provider`, `if the key already
 * exists, it is replaced`.
 */
function upsertingMember({ request: { operation }, factory }: Site): string | undefined {
  const known = upsertingNames.get(operation)
  if (known !== undefined) return known === '' ? undefined : known
  const text = String(operation.extension('description') ?? '')
  const told = SAME_MEMBER_SENTENCES.map((sentence) => sentence.exec(text)?.groups?.name)
  const words = [UPSERTING_SENTENCE.exec(text)?.[1], ...told]
  const { byName } = factory.view.form
  const [name = ''] = words.flatMap((word = '') => byName.get(normalizeName(word))?.name ?? [])
  upsertingNames.set(operation, name)
  return name === '' ? undefined : name
}

/** What is there with the same value of that member. */
function upserted({ items }: World, site: Site, payload: Item): Found | undefined {
  const name = upsertingMember(site)
  const value = name === undefined ? undefined : payload[name]
  if (name === undefined || value === undefined) return undefined
  const entities = items.list(site.scope, site.name, { limit: MAX_SEARCHED, latestFirst: true }).map(entityOf)
  const entity = entities.find(({ item }) => item[name] === value)
  return entity && { entity, collection: site.name }
}

const existingWords = new WeakMap<Operation, ReadonlySet<string>>()

/** Whether an operation is said to give what is there by a member: `if a flow with the same name already exists, …`. */
function isToldToExist(operation: Operation): (path: readonly string[]) => boolean {
  let words = existingWords.get(operation)
  if (words === undefined) {
    const [sentence] = EXISTING_SENTENCE.exec(String(operation.extension('description') ?? '')) ?? []
    words = new Set(sentence === undefined ? [] : wordsOf(sentence))
    existingWords.set(operation, words)
  }
  return ([name = '', ...deeper]) => deeper.length === 0 && words.has(normalizeName(name))
}

function existingLike(
  world: World,
  site: Site,
  payload: Item,
  isMeant: (path: readonly string[]) => boolean,
): Found | undefined {
  for (const path of site.factory.further) {
    const value = isMeant(path) ? valueAt(payload, path) : undefined
    const found = value === undefined ? undefined : findEntity(world, site, String(value))
    if (found !== undefined) return found
  }
  return undefined
}

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

/** One of several things that a request carries. */
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

/** A path that ends in a key in parentheses, as those of OData do. */
const KEYED = /\(((?:\w+=)?'?)\{[^{}]+\}('?)\)$/

/** How the path of a new thing is written. */
interface Addressing {
  readonly extension: string
  /** Whether the path of the request ends in what stands for its format. */
  readonly isFormatted: boolean
  /** What stands around a key in parentheses. */
  readonly before: string | undefined
  readonly after: string | undefined
}

const addressings = new WeakMap<Operation, Addressing | 'none'>()

function addressingOf(site: Site): Addressing | 'none' {
  const { operation } = site.request
  const known = addressings.get(operation)
  if (known !== undefined) return known
  const addressing = findAddressing(site)
  addressings.set(operation, addressing)
  return addressing
}

function findAddressing({ place, request: { operation } }: Site): Addressing | 'none' {
  // A path that says what is done is no path of things.
  if (place.create === operation && bare(operation.path) !== bare(place.collection)) return 'none'
  const [, before, after] = KEYED.exec(place.read?.path ?? '') ?? []
  const extension = /\.[A-Za-z]+$/.exec(place.collection)?.[0] ?? ''
  return { extension, isFormatted: isFormatted(operation.path), before, after }
}

/** The path of a created thing, in the form that it was created with. */
function locationOf(site: Site, id: string): string {
  const { path: own } = site.request
  const addressing = addressingOf(site)
  if (addressing === 'none') return ''
  const { before, after } = addressing
  const path = own.endsWith('/') ? own.slice(0, -1) : own
  const extension = addressing.isFormatted ? path.slice(path.lastIndexOf('.')) : addressing.extension
  const base = extension !== '' && path.endsWith(extension) ? path.slice(0, -extension.length) : path
  if (before !== undefined) return `${base}(${before}${encodeURIComponent(id)}${after})`
  return `${base}/${encodeURIComponent(id)}${extension}`
}
