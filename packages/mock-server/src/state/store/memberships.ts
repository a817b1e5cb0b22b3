// What belongs to a thing because a request said so, and not because it was made there: the tags of a task, the members
// of a list. It is told by the collection below the thing, and from the other side by the collection below each member.

import { type Operation, queryParameters } from '../../engine/document/operation.js'
import { isObject, member, normalizeName } from '../../engine/json.js'
import { answered, type StateAnswer, shown, showsOwn } from '../answering.js'
import { JOINING_WORDS, LEAVING_WORDS } from '../conventions/actions.js'
import { ENVELOPES, referentOf, singular, wordsOf } from '../conventions/names.js'
import { nounOf } from '../places/paths.js'
import { concretePath, type Place, parameterNames } from '../places/place.js'
import type { ResourceType, TypedRole } from '../places/types.js'
import { type Collection, collectionAt, collectionOn, idOn, rowOf, type Site, type World } from '../world.js'
import {
  type Found,
  findEntity,
  type Membership,
  membershipsIn,
  noteMembership,
  rowsIn,
} from './entity-store.js'
import { changeListAbove, emptyListAbove, listAbove, showsEntity } from './thing-lists.js'

const MAX_REFERENCES = 1_000
const MAX_DEPTH = 4

/** A creation that describes nothing and only names what is there: it joins that, and answers with it. */
export function joinNamed(world: World, site: Site): StateAnswer {
  const { place, type, request, template } = site
  const above = place.parent
  if (above === undefined || type.home === place) return undefined
  const listed = listIn(request.body)
  const isAll = request.operation.method === 'PUT' && listed !== undefined
  const isNaming = isReference(request.body, nounOf(place)) || (isAll && listed.length === 0)
  if (!isNaming) return undefined
  const found = referredTo(world, site, request.body)
  const [first] = found
  if (first === undefined && !isAll) return undefined
  if (isAll) leaveAll(world, site, { above, site })
  note(world, site, { above, site, found, isJoined: true })
  if (template.media === undefined) return answered(world, site, {})
  const joined = aboveShown(world, site, above)
  if (joined !== undefined) return joined
  const view = world.types.listView(template, place)
  if (first !== undefined && (view === undefined || found.length === 1)) return shown(world, site, first)
  const rows = found.map(({ entity }) => rowOf(site, entity))
  return view && answered(world, site, { body: world.renderer.several(site, view, rows) })
}

/** The list that is all of a body: by itself, or in its only member. */
function listIn(body: unknown): readonly unknown[] | undefined {
  const [only, ...others] = isObject(body) ? Object.values(body) : [body]
  return Array.isArray(only) && others.length === 0 ? only : undefined
}

/** Everything leaves a collection that other things join. */
function leaveAll(world: World, { request }: Site, { above, site }: Pick<Joining, 'above' | 'site'>): void {
  const found = rowsIn(world, site, [site.type]).map(({ entity }) => ({ entity, collection: site.name }))
  note(world, { request }, { above, site, found, isJoined: false })
  const list = listAbove(world, { request }, site, above)
  if (list !== undefined) emptyListAbove(world, list)
}

/** The thing that others join, where the answer shows that. */
function aboveShown(world: World, site: Site, above: Place): StateAnswer {
  const { factory, request, template } = site
  const view = world.types.entityView(template, above)
  const collection = collectionOn(world, above, request)
  const isAbove = showsOwn(world, view, collection.factory) && !showsOwn(world, view, factory)
  const found = isAbove ? findEntity(world, collection, idOn(above, request)) : undefined
  if (found === undefined) return undefined
  const body = world.renderer.entity({ ...site, place: above }, rowOf(collection, found.entity))
  return answered(world, site, { body })
}

/** A PUT without content on what is there already joins it. */
export function joinAt(world: World, site: Site, found: Found): boolean {
  const { place, type, request, name } = site
  const isEmpty =
    request.body === undefined || (isObject(request.body) && Object.keys(request.body).length === 0)
  if (place.parent === undefined || type.home === place || found.collection === name || !isEmpty) return false
  note(world, site, { above: place.parent, site, found: [found], isJoined: true })
  return true
}

/** Whether a removal takes a thing out of a collection that it joined, and leaves it where it was made. */
export function leaves(world: World, site: Site, found: Found): boolean {
  const { place, scope, name } = site
  if (place.parent === undefined || found.collection === name) return false
  const list = listAbove(world, site, site, place.parent)
  const isShown = list !== undefined && showsEntity(list, site, found.entity)
  if (!isShown && membershipsIn(world, scope, name).get(found.entity.id) !== true) return false
  note(world, site, { above: place.parent, site, found: [found], isJoined: false })
  return true
}

/** An action that is called by what it does: `addTag`, `members/remove`, or DELETE on the collection itself. */
export function joinByAction(world: World, site: Site): void {
  const { place, request } = site
  const { method } = request.operation
  const { isWorded, isJoining, noun } = wordedIn(request.operation)
  if (!isWorded && method === 'POST') return
  for (const role of world.types.listsBelow(place)) {
    if (nounOf(role.place) !== noun) continue
    const list = collectionBelow(world, site, role)
    const isEmptied = method === 'DELETE' && !isWorded && request.body === undefined
    if (isEmptied && list.type.home !== role.place) leaveAll(world, site, { above: place, site: list })
    const found = referredTo(world, list, request.body, noun)
    const isJoined = isWorded ? isJoining : method !== 'DELETE'
    if (found.length > 0) note(world, site, { above: place, site: list, found, isJoined })
  }
}

/** What a request on a thing says by a query that it has to have joins the thing, or leaves it: `POST /items/7?tag_id=9` (Miro). */
export function joinByQuery(world: World, site: Site): void {
  const { place, request } = site
  const { method } = request.operation
  for (const [noun, name] of askedNouns(request.operation)) {
    const id = request.parameters.query[name]
    const role = world.types.listsBelow(place).find((one) => nounOf(one.place) === noun)
    if (role === undefined || !isScalar(id)) continue
    const list = collectionBelow(world, site, role)
    const found = referredTo(world, list, { id }, noun)
    if (found.length > 0)
      note(world, site, { above: place, site: list, found, isJoined: method !== 'DELETE' })
  }
}

const nounsAsked = new WeakMap<Operation, ReadonlyMap<string, string>>()

/** The parameters that a query has to have and that name things, by what these are called. */
function askedNouns(operation: Operation): ReadonlyMap<string, string> {
  const known = nounsAsked.get(operation)
  if (known !== undefined) return known
  const asked = queryParameters(operation).filter(({ name, required }) => required && referentOf(name) !== '')
  const nouns = new Map(asked.map(({ name }) => [referentOf(name), name] as const))
  nounsAsked.set(operation, nouns)
  return nouns
}

/** What the words of an action's path say of what they name. */
export interface Worded {
  readonly isWorded: boolean
  readonly isJoining: boolean
  readonly noun: string
}

export function wordedIn({ path }: Operation): Worded {
  const [before = '', last = ''] = path.replace(/\/$/, '').split(/[/:]/).slice(-2)
  const words = wordsOf(last)
  const isJoining = JOINING_WORDS.has(words[0] ?? '')
  const isWorded = isJoining || LEAVING_WORDS.has(words[0] ?? '')
  const named = words.slice(isWorded ? 1 : 0)
  return { isWorded, isJoining, noun: singular(normalizeName(named.length > 0 ? named.join('') : before)) }
}

const collectionBelow = (world: World, { scope, request }: Site, { place }: TypedRole): Collection =>
  collectionAt(world, place, { scope, operation: request.operation, values: request.parameters.path })

interface Joining {
  /** The place of the thing that others join. */
  readonly above: Place
  /** The collection below it. */
  readonly site: Collection
  readonly found: readonly Found[]
  readonly isJoined: boolean
}

function note(
  world: World,
  { request }: Pick<Site, 'request'>,
  { above, site, found, isJoined }: Joining,
): void {
  const { scope, type } = site
  const owner = { id: idOn(above, request), type: world.types.typeOf(above) }
  for (const { entity } of found) {
    const memberships: Membership[] = [
      { collection: site.name, id: entity.id, isJoined },
      ...siblingNames(world, site, above, request).map((collection) => ({
        collection,
        id: entity.id,
        isJoined,
      })),
      ...namesBelow(world, type, { id: entity.id, listed: owner.type, request }).map((collection) => ({
        ...{ collection, id: owner.id, isJoined },
      })),
    ]
    for (const membership of memberships) noteMembership(world, scope, membership)
  }
  const list = listAbove(world, { request }, site, above)
  if (list !== undefined)
    changeListAbove(
      world,
      list,
      site,
      found.map(({ entity }) => entity),
      isJoined,
    )
}

/** Other collections below the same thing that list the same things: `relationships/tags` beside `tags`. */
const siblingNames = (world: World, site: Collection, above: Place, request: Site['request']) =>
  world.types
    .listsBelow(above)
    .filter(({ place }) => place !== site.place && nounOf(place) === nounOf(site.place))
    .map(({ place }) => concretePath(place.collection, request.operation, request.parameters.path))

/** One thing, and the type of those that are listed below it. */
interface Below {
  readonly id: string
  readonly listed: ResourceType
  readonly request: Site['request']
}

/** The collections below one thing that list things of another type, below the same things as the path of a request. */
const namesBelow = (world: World, type: ResourceType, { id, listed, request }: Below): readonly string[] =>
  type.places.flatMap((place) =>
    world.types
      .listsBelow(place)
      .filter((role) => role.type === listed)
      .flatMap((role) => nameBelow(role.place.collection, id, request) ?? []),
  )

function nameBelow(template: string, id: string, { parameters }: Site['request']): string | undefined {
  const above = parameterNames(template).slice(0, -1)
  const values = [...above.map((name) => member(parameters.path, name)), id]
  if (values.includes(undefined)) return undefined
  let index = 0
  return template.replace(/\{[^{}]+\}/g, () => encodeURIComponent(String(values[index++])))
}

/** The things of a collection's type that a body names. */
function referredTo(
  world: World,
  site: Collection,
  body: unknown,
  noun = nounOf(site.place),
): readonly Found[] {
  const anywhere = { ...site, name: '', relations: [] }
  const ids = [...new Set(referencesIn(body, noun))].slice(0, MAX_REFERENCES)
  return ids.flatMap((id) => findEntity(world, anywhere, id) ?? [])
}

const isScalar = (value: unknown): value is string | number =>
  (typeof value === 'string' && value !== '') || typeof value === 'number'

/** Whether a member names a thing of this noun: `id`, `tag`, `tags`, `tag_ids`, `data`. */
const isNaming = (normalized: string, noun: string): boolean => {
  const own = singular(normalized)
  return (
    own === noun ||
    ['id', 'gid', 'uid', 'uuid', 'sid', `${noun}id`, `${noun}gid`, `${noun}name`].includes(own)
  )
}

/** What a value names things of this noun by. */
export function* referencesIn(value: unknown, noun: string, depth = 0): Generator<string> {
  if (depth > MAX_DEPTH) return
  if (isScalar(value)) yield String(value)
  else if (Array.isArray(value)) for (const one of value) yield* referencesIn(one, noun, depth + 1)
  else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      const normalized = normalizeName(name)
      const isEnvelope = ENVELOPES.has(normalized) && !isScalar(inner)
      if (isNaming(normalized, noun) || isEnvelope) yield* referencesIn(inner, noun, depth + 1)
    }
  }
}

/** Whether a body says nothing but which things it means. */
export function isReference(value: unknown, noun: string, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false
  if (Array.isArray(value)) return value.length > 0 && value.every((one) => isReference(one, noun, depth + 1))
  if (!isObject(value)) return isScalar(value) && depth > 0
  const entries = Object.entries(value)
  return (
    entries.length > 0 &&
    entries.every(([name, inner]) => {
      const normalized = normalizeName(name)
      if (normalized === 'type') return true
      return (
        (isNaming(normalized, noun) || (ENVELOPES.has(normalized) && !isScalar(inner))) &&
        isReference(inner, noun, depth + 1)
      )
    })
  )
}
