// What is there when a request comes: what was stored, the samples that a collection begins with, and things that nobody
// can have created, which are there as soon as they are asked for.

import type { Operation } from '../../engine/document/operation.js'
import { hashText, isObject, member, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { noPreferences } from '../../engine/request/preferences.js'
import { ID_SELECTOR, NAME_MEMBERS, referentOf, wordsOf } from '../conventions/names.js'
import type { Entity, EntityFactory, Item } from '../entities/entity.js'
import { isIdentity, type Relation } from '../entities/relations.js'
import type { EntityView } from '../forms/entity-views.js'
import { valueAt } from '../forms/slots.js'
import { lastSegment, nounOf } from '../places/paths.js'
import type { Place } from '../places/place.js'
import { memberValues } from '../queries/filters.js'
import { queryNamesOf } from '../queries/query-names.js'
import { type Collection, collectionOn, idOn, type Site, type World } from '../world.js'
import { idNamed, placesNamed } from './belongings.js'
import {
  type Found,
  findEntity,
  isClientMade,
  isGone,
  keepEntity,
  MAX_SEARCHED,
  membershipsIn,
  rowsIn,
} from './entity-store.js'
import { addEntity, makeEntity } from './making.js'

const MAX_SEEDS = 1_000

/** Every thing above a place whose id can be known, the nearest first, with whether it is there. */
function* parentsOf(world: World, { request }: Site, from: Place | undefined) {
  for (let parent = from; parent !== undefined; parent = parent.parent) {
    const collection = collectionOn(world, parent, request)
    const id = idOn(parent, request)
    const found = findEntity(world, collection, id)
    const isThere = found !== undefined
    const isKeptHere = found?.collection === collection.name
    const isRemoved = !isThere && isGone(world, collection, id)
    // What nothing makes or reads may be there again without anybody's knowing.
    const isManaged = parent.create !== undefined && parent.read !== undefined
    const isKnownGone = isRemoved && isManaged && isClientMade(world, collection, { id })
    yield {
      parent,
      isThere,
      isKeptHere,
      isRemoved,
      isKnownGone,
      isExample: isMet(world, collection, request, id),
    }
  }
}

/** Whether something that a path names was removed. */
const isNamedGone = (world: World, site: Site): boolean =>
  placesNamed(world, site.place).some((place) => {
    const collection = collectionOn(world, place, site.request)
    const id = idNamed(place, site.request)
    return isGone(world, collection, id) && findEntity(world, collection, id) === undefined
  })

/**
 * Whether a parent is missing. What is deleted below one that was removed went with it.
 *
 * @param isKept whether something is kept at the very path below: a list has shown it, so its parents are there.
 */
export function isOrphan(world: World, site: Site, from: Place | undefined, isKept = false): boolean {
  if (from === undefined) return false
  let isShown = isKept
  for (const { parent, isThere, isKeptHere, isRemoved, isKnownGone, isExample } of parentsOf(
    world,
    site,
    from,
  )) {
    const isAssumed =
      !isKnownGone &&
      (!world.isStrictAbove(parent) || ((isExample || isShown || world.isTenant(parent)) && !isRemoved))
    isShown ||= isKeptHere
    if (isThere || isAssumed) continue
    return site.request.operation.method !== 'DELETE' || !isRemoved
  }
  return false
}

export const wentWithParent = (world: World, site: Site): boolean =>
  [...parentsOf(world, site, site.place.parent)].some(({ isRemoved }) => isRemoved) ||
  isNamedGone(world, site)

/** The thing that a request is about. */
export function loadEntity(world: World, site: Site): Found | undefined {
  const { place, factory, request, name } = site
  const id = idOn(place, request)
  const stored = findByOther(world, site, id) ?? findEntity(world, site, id)
  if (isOrphan(world, site, place.parent, stored?.collection === name)) return undefined
  if (stored !== undefined) return stored
  const isClosed =
    world.isStrict(place) || world.lessons?.misses(place.read) === true || isEmptyAtFirst(world, site)
  const isThere = () => isMet(world, site, request, id) || isShownElsewhere(world, site, id)
  if (isGone(world, site, id) || (isClosed && !isThere())) return undefined
  const template = place.read && world.types.template(place.read)
  const view = template && world.types.entityView(template, place)
  const example =
    template && view && valueAt(world.responses.sample(template, noPreferences).value, view.path)
  // The example is of a thing that belongs to others than the path names.
  const sample = withoutRelated(withoutId(factory.payload(example), factory), site.relations)
  const payload = { ...sample, ...shownOf(world, site, id) }
  const asked = view && madeByOther(world, site, { payload, view, value: id })
  if (asked !== undefined) return asked
  const made = { ...makeEntity(world, site, { payload, id }), id }
  const whole = place.param === undefined ? wholeOf(world, site) : undefined
  if (whole !== undefined) {
    // A part of a thing says what the thing says, until it is changed by itself.
    const part = factory.merge(made, whole, undefined, true, world.clock.now())
    return { entity: { ...part, id }, collection: name, isMade: true }
  }
  keepEntity(world, site, { kind: 'replace', name, entity: made })
  world.invented.set(inventionOf(site, id), hashOf(made))
  return { entity: made, collection: name, isMade: true }
}

/** A thing that is made up where a path names it by another member than its id: it has that, and an id of its own. */
function madeByOther(
  world: World,
  site: Site,
  { payload, view, value }: { readonly payload: Item; readonly view: EntityView; readonly value: string },
): Found | undefined {
  const { factory, place } = site
  const { home } = factory.type
  const [[other, ...deeper], own] = [view.idPath ?? [], factory.view.idPath]
  const isOther = other !== undefined && deeper.length === 0 && own?.length === 1 && own[0] !== other
  const isReadElsewhere = home !== place && !home.collection.includes('{') && factory.view.isSure
  const schema = isOther && isReadElsewhere ? view.form.byName.get(normalizeName(other))?.schema : undefined
  if (other === undefined || schema === undefined) return undefined
  if (world.validation.ofSchema(schema)(value).length > 0) return undefined
  const beside = { ...site, place: home, name: home.collection }
  const entity = addEntity(world, beside, { payload: { ...payload, [other]: value } })
  world.invented.set(inventionOf(beside, entity.id), hashOf(entity))
  return { entity, collection: beside.name, isMade: true }
}

/** Whether another thing shows what is read where nothing is made: the owner of a repository, by its name. */
const isShownElsewhere = (world: World, { place, scope }: Site, id: string): boolean =>
  world.lessons?.misses(place.read) !== true &&
  place.create === undefined &&
  !world.isStrictAbove(place) &&
  id.length >= MIN_SHOWN &&
  world.items.shows(scope, id)

/** Shorter words stand in too many things. */
const MIN_SHOWN = 5

/** The parameter of an operation that says which member its path names a thing by; undefined where it has none. */
const selectors = new WeakMap<Operation, { readonly name: string | undefined }>()

function selectorOf(operation: Operation): string | undefined {
  const known = selectors.get(operation)
  if (known !== undefined) return known.name
  const name = operation
    .parameters()
    .find((one) => one.in === 'query' && ID_SELECTOR.test(normalizeName(one.name)))?.name
  selectors.set(operation, { name })
  return name
}

/** The newest thing that has a value in the member that a request says it names it by: `/contacts/ann@example.org?idProperty=email`. */
function findByOther(world: World, site: Site, value: string): Found | undefined {
  const { request, role, place } = site
  if (place.param === undefined) return findAsked(world, site)
  const selector = selectorOf(request.operation)
  const member = selector === undefined ? undefined : request.parameters.query[selector]
  if (typeof member !== 'string') return undefined
  const row = rowsIn(world, site, role.listed).findLast(({ entity, factory: own }) =>
    memberValues(own.full(entity), [normalizeName(member)])?.some((one) => String(one) === value),
  )
  return row && { entity: row.entity, collection: site.name }
}

/** `account_id` and `email_address`, as well as `id` and `email`. */
const namesOne = (name: string): boolean =>
  isIdentity(wordsOf(name).at(-1) ?? '') || (NAME_MEMBERS as readonly string[]).includes(normalizeName(name))

/** The newest of the things at a path that shows one, which has what a query says of it: `/account?email=ann@example.org`. */
function findAsked(world: World, site: Site): Found | undefined {
  const asked = Object.entries(site.request.parameters.query).filter(
    ([name, value]) => namesOne(name) && typeof value === 'string' && value !== '',
  )
  if (asked.length === 0) return undefined
  const row = rowsIn(world, site, [site.type]).findLast(({ entity, factory: own }) =>
    asked.every(([name, value]) => memberValues(own.full(entity), [normalizeName(name)])?.includes(value)),
  )
  return row && { entity: row.entity, collection: site.name }
}

const inventionOf = ({ scope, name }: Pick<Collection, 'scope' | 'name'>, id: string): string =>
  `${scope} ${name} ${id}`

const hashOf = ({ item }: Entity): number => hashText(JSON.stringify(item))

/** Whether a thing is there only because it was asked for, and nobody has changed it since: it gives way to a real one. */
export const isInvention = (world: World, site: Collection, id: string): boolean =>
  isUntouched(world, site, id, world.invented)

/** Whether a thing is there only because the document shows it, and nobody has changed it since. */
export const isSample = (world: World, site: Collection, id: string): boolean =>
  isUntouched(world, site, id, world.samples)

function isUntouched(
  world: World,
  site: Collection,
  id: string,
  known: ReadonlyMap<string, number>,
): boolean {
  const made = known.get(inventionOf(site, id))
  const stored = made === undefined ? undefined : findEntity(world, site, id)
  return stored !== undefined && hashOf(stored.entity) === made
}

/** What is known of the thing that a single one is a part of. */
function wholeOf(world: World, { place: { parent, collection: own }, request }: Site): Item | undefined {
  if (parent === undefined) return undefined
  const collection = collectionOn(world, parent, request)
  const found = findEntity(world, collection, idOn(parent, request))
  const whole = found && collection.factory.full(found.entity)
  // What is called like the path: the recipients of an envelope.
  const word = normalizeName(own.slice(own.lastIndexOf('/') + 1))
  const [, part] = Object.entries(whole ?? {}).find(([name]) => normalizeName(name) === word) ?? []
  return isObject(part) ? part : whole
}

/** Fills a collection that is seen for the first time with the document's examples, and samples after them. */
export function seedCollection(world: World, site: Site, request?: ApiRequest): void {
  const { place, scope, name, type } = site
  if (place.list === undefined || world.seeded.has(scope, name)) return
  const hint = place.list.extension('x-mock-seed')
  const wanted =
    typeof hint === 'number' && hint >= 0 ? Math.min(Math.floor(hint), MAX_SEEDS) : world.seedItems
  if (wanted === 0) return
  world.seeded.add(scope, name)
  if (!world.items.claimSeeding(scope, name) || isBelowNew(world, site) || isBegun(world, site)) return
  // What things have joined is what a client makes of it.
  if (type.isShared && membershipsIn(world, scope, name).size > 0) return
  const template = world.types.template(place.list)
  const view = template && world.types.listView(template, place)
  const listed = template && view && valueAt(world.responses.sample(template, noPreferences).value, view.path)
  const examples: readonly unknown[] = Array.isArray(listed) && view?.idsOnly === false ? listed : []
  // What a list is asked for by reference is a parent in all but its place: its samples are made for who asks first.
  const asked = request === undefined ? [] : askedRelations(world, site, request)
  const collection = asked.length === 0 ? site : { ...site, relations: [...site.relations, ...asked] }
  const promised = idsInExamples(world, collection)
  world.transactions.unit(() => {
    for (let i = 0; i < wanted; i++) {
      const example = site.factory.payload(valueAt(examples[i], view?.item.path ?? []))
      addSample(world, collection, withoutNames(withoutRelated(example, site.relations), asked), promised)
    }
  })
}

/** Whether a collection stands below a thing that a client made, and clients fill it: it begins empty. */
function isBelowNew(world: World, { place: { parent }, type, request }: Site): boolean {
  if (parent?.param === undefined || !type.places.some(isFilledByClients)) return false
  const above = collectionOn(world, parent, request)
  const found = findEntity(world, above, idOn(parent, request))
  return found !== undefined && isClientMade(world, above, found.entity)
}

/** Whether nothing is at a path below a new thing but what clients put there, as a request is not about to do. */
const isEmptyAtFirst = (world: World, site: Site): boolean =>
  site.role.kind !== 'replace' &&
  site.place.param !== undefined &&
  site.place.list !== undefined &&
  isBelowNew(world, site)

const isFilledByClients = ({ create, changes }: Place): boolean =>
  create !== undefined || changes.some(({ method }) => method === 'PUT')

/** Whether nothing but its name makes a collection: `/objects/{collection}` (Knock), `/workflows/{namespace}` (Argo). */
export const isMadeByName = ({ parent, collection }: Place): boolean =>
  parent === undefined && collection.endsWith('}')

/** Whether a client has begun such a collection: nothing else is in it then. */
const isBegun = ({ items }: World, { scope, name, place }: Collection): boolean =>
  isMadeByName(place) && items.count(scope, name) > 0

/** Keeps the id of an example where nothing else has it. */
function addSample(world: World, collection: Collection, payload: Item, promised: ReadonlySet<string>): void {
  const { factory, scope, type, name } = collection
  const id = factory.view.idPath === undefined ? undefined : valueAt(payload, factory.view.idPath)
  const isUsable = factory.identifiers.fits(id) && !promised.has(String(id))
  const isFree = isUsable && (!type.isShared || world.items.withId(scope, type.name, String(id)).length === 0)
  // Documents call their examples what clients call their first things: `default`, `my-bucket`, 1.
  const note = (entity: Entity) => world.samples.set(inventionOf(collection, entity.id), hashOf(entity))
  if (!isFree) {
    note(addEntity(world, collection, { payload: withoutId(payload, factory) }))
    return
  }
  const entity = makeEntity(world, collection, { payload, id })
  if (keepEntity(world, collection, { kind: 'insert', name, entity })) note(entity)
}

/** Ids that the document's own examples create: none of them may be there before. */
function idsInExamples(
  { sampler, schemas }: World,
  { place: { create }, factory }: Collection,
): ReadonlySet<string> {
  const bodies = (create?.body()?.content ?? []).flatMap(({ schema, examples }) => [
    sampler.draft(schemas.convert(schema, 'request'), ''),
    ...examples.map(({ value }) => value),
  ])
  const ids = bodies.map((body) => create && factory.chosenId(factory.payload(body), create))
  return new Set(ids.map(String))
}

/** What an answer has shown of a thing that nobody has made, where it stood there under its own id. */
function shownOf({ shownIds }: World, { scope, factory }: Site, id: string): Item {
  const shown = shownIds.of(scope, id)
  const isOwn = shown !== undefined && shown.name === factory.view.idPath?.join()
  return isOwn ? factory.payload(shown.object) : {}
}

/** Whether somebody can know an id of what was never stored. */
const isMet = (world: World, { factory, scope }: Collection, request: ApiRequest, id: string): boolean =>
  isKnown(factory, request, id) || world.shownIds.of(scope, id) !== undefined

/** Whether an id is there though nothing was stored: an example of the document, or the caller's own name. */
function isKnown({ identifiers }: EntityFactory, { headers }: ApiRequest, id: string): boolean {
  if (identifiers.isExample(id)) return true
  const basic = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '')?.[1]
  if (basic === undefined || id.length < MIN_ACCOUNT) return false
  return Buffer.from(basic, 'base64').toString().split(':')[0] === id
}

/** Shorter names may be those of anything. */
const MIN_ACCOUNT = 8

/**
 * What a list is asked for by reference: what its query demands, and ids of things that the document has. Other filters, such
 * as `external_id`, may be of one thing alone. Where clients have made something, that is what they ask for.
 */
function askedRelations(
  world: World,
  site: Site,
  { operation, parameters }: ApiRequest,
): readonly Relation[] {
  const { meaningOf } = queryNamesOf(operation)
  const asked = operation.parameters().flatMap(({ name, in: place, required }) => {
    const value = member(parameters.query, name)
    const isText = typeof value === 'string' || typeof value === 'number'
    const isMeant = place === 'query' && isText && meaningOf(name) === undefined
    if (!isMeant || !(required || refersToThings(world, site, name))) return []
    return [{ name, referent: normalizeName(name), value: String(value) }]
  })
  return asked.length === 0 || hasClientMade(world, site) ? [] : asked
}

/** Whether a name is that of an id of things of another type, or of what only clients know: a `shopperReference` (Adyen). */
function refersToThings({ types, kinds }: World, { type, place }: Site, name: string): boolean {
  const [normalized, referent] = [normalizeName(name), referentOf(name)]
  if (referent === nounOf(place)) return false
  if (/[a-z](?:reference|ref)$/.test(normalized)) return true
  const isId = /(id|sid|gid|uid|uuid)$/.test(normalized)
  return isId && (types.nouns().has(referent) || kinds().named(referent, type) !== undefined)
}

/**
 * Whether there are things of a collection that neither the document nor a request for them has put there. What is made at a
 * path that is called otherwise may only look like them.
 */
function hasClientMade({ items, samples, invented }: World, { scope, name, type }: Collection): boolean {
  const stored: readonly { readonly id: string; readonly collection?: string }[] = type.isShared
    ? items.ofTypes(scope, [type.name])
    : items.list(scope, name, { limit: MAX_SEARCHED })
  return stored.some(({ id, collection = name }) => {
    const key = inventionOf({ scope, name: collection }, id)
    const isAlike = collection.startsWith(`${name}/`) || lastSegment(collection) === lastSegment(name)
    return isAlike && !samples.has(key) && !invented.has(key)
  })
}

/** Without what says that a thing belongs to others than its path does. */
const withoutRelated = (payload: Item, relations: readonly Relation[]): Item =>
  withoutNames(
    payload,
    relations.filter(({ name }) => !isIdentity(name) && typeof member(payload, name) !== 'object'),
  )

const withoutNames = (payload: Item, relations: readonly Relation[]): Item => {
  const names = new Set(relations.map(({ name }) => normalizeName(name)))
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !names.has(normalizeName(name))))
}

const withoutId = (payload: Item, { view }: EntityFactory): Item => {
  const [name] = view.idPath ?? []
  if (name === undefined || view.idPath?.length !== 1 || !isObject(payload)) return payload
  const { [name]: _, ...rest } = payload
  return rest
}

/** Whether what a request makes would be below what is not there. What a list has shown below it says that it is. */
export const isBelowNothing = (world: World, site: Site): boolean =>
  isOrphan(world, site, site.place.parent) &&
  (world.items.count(site.scope, site.name) === 0 || isOrphan(world, site, site.place.parent, true))
