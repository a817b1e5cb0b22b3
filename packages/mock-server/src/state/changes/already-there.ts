// Creations of what is there already: refused, or a change of it, or nothing but a look at it.

import type { Operation } from '../../engine/document/operation.js'
import { isEmpty, isObject, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { shapeOf } from '../../engine/schema/shape.js'
import { kept, type StateAnswer, shown } from '../answering.js'
import {
  EXISTING_SENTENCE,
  GET_IF_EXISTS,
  REPLACING_SENTENCE,
  SAME_MEMBER_SENTENCES,
  UPSERT_WORDS,
  UPSERTING_SENTENCE,
} from '../conventions/actions.js'
import { wordsOf } from '../conventions/names.js'
import type { Entity, EntityFactory, Item } from '../entities/entity.js'
import { valueAt } from '../forms/slots.js'
import { nounOf } from '../places/paths.js'
import { entityOf, type Found, findEntity, keepEntity, MAX_SEARCHED, rowsIn } from '../store/entity-store.js'
import { isInvention, isSample } from '../store/existence.js'
import { addEntity, type Making, makeEntity } from '../store/making.js'
import type { Site, World } from '../world.js'

/** Stores a thing under the id that a client chose; undefined where that is taken. */
export function addChosen(world: World, site: Site, making: Making, id: string | number): Entity | undefined {
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
export function isSaidToUpsert(operation: Operation): boolean {
  const known = upserting.get(operation)
  if (known !== undefined) return known
  const is = UPSERT_WORDS.test([operation.operationId, operation.summary].join('\n'))
  upserting.set(operation, is)
  return is
}

/** What is there already is changed or shown, where a request asks for that. */
export function answerOfExisting(world: World, site: Site, payload: Item): StateAnswer {
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
export function chosenBefore(world: World, site: Site, payload: Item): Found | undefined {
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

export function existingLike(
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
