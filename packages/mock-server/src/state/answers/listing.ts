// Requests that list, search or count: what belongs into a list, in which order, and which page of it.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { parsePairs } from '../../engine/request/pairs.js'
import { noPreferences } from '../../engine/request/preferences.js'
import type { Schema } from '../../engine/schema/schema.js'
import { answered, notFound, type StateAnswer } from '../answering.js'
import { singular } from '../conventions/names.js'
import type { Item } from '../entities/entity.js'
import { idsTold } from '../entities/references.js'
import { IDENTITIES } from '../entities/relations.js'
import type { Row } from '../entities/row-views.js'
import { valueAt } from '../forms/slots.js'
import { equals } from '../patches.js'
import { idNamesOf } from '../places/id-names.js'
import { bare, nounOf } from '../places/paths.js'
import {
  type Filter,
  isNamedBy,
  type KnownMembers,
  matches,
  memberValues,
  sortBy,
  suffixed,
} from '../queries/filters.js'
import { isPlainSlice, type Page, pageOf, sliceOf } from '../queries/pages.js'
import { type Asked, type ListQuery, queryOf } from '../queries/queries.js'
import { undescribedPage } from '../queries/query-names.js'
import { entityOf, findEntity, hasMark, rowsIn } from '../store/entity-store.js'
import { isOrphan, seedCollection } from '../store/existence.js'
import { calledSo } from '../store/naming.js'
import { withRemoved } from '../store/removed.js'
import { type Collection, collectionOn, idOn, rowOf, type Site, type World } from '../world.js'
import { linkedRows } from './linked.js'

export function list(world: World, site: Site): StateAnswer {
  const { template, place, request } = site
  const view = world.types.listView(template, place)
  if (template.media === undefined) return undefined
  if (isOfOne(site)) return lookup(world, site) ?? firstOf(world, site)
  if (view === undefined) return undefined
  seedCollection(world, site, request)
  const page = pageAt(world, site)
  // Things that refer to a parent say that it is there.
  if (page.total() === 0 && isOrphan(world, site, place.parent)) return notFound(site)
  return answered(world, site, world.renderer.list(site, view, page))
}

/** Whether a document describes the answer of a place's own list by one of its things. */
const isOfOne = ({ role, place, request }: Site): boolean =>
  role.kind === 'list' && place.list === undefined && bare(request.operation.path) === bare(place.collection)

/** The thing that a query tells of, by its id or by members of it; undefined where it tells of none, or another kind is shown. */
export function lookup(world: World, site: Site): StateAnswer {
  const { place, request, template } = site
  seedCollection(world, site)
  const { filters } = queryOf(request.operation, world.schemas, askedOf(request, undefined))
  const isProbe = request.operation.method === 'HEAD'
  if (!isProbe && (template.media === undefined || !showsOne(world, site))) return undefined
  const { sure } = idNamesOf(place)
  const ids = filters.filter(({ path }) => path.length === 1 && sure.includes(path[0] ?? ''))
  const known = membersOf(world, site)
  const others = filters
    .filter((filter) => !ids.includes(filter))
    .map((filter) => asMeant(site, known, filter))
    .filter(({ path }) => path.some(known.has))
  if (ids.length === 0 && others.length === 0) return undefined
  const wanted = ids.flatMap(({ values }) => values.map(String))
  const rows =
    ids.length === 0
      ? rowsIn(world, site, site.role.listed)
      : wanted.flatMap((id) => {
          const found = findEntity(world, site, id)
          return found === undefined ? [] : [rowOf(site, found.entity)]
        })
  const query = { filters: others, search: undefined }
  const row = rows.find(({ entity, factory }) => matches(factory.full(entity), query, known))
  return row === undefined
    ? notFound(site)
    : answered(world, site, { body: world.renderer.entity(site, row) })
}

/** The first thing of a list whose answer has room for one; undefined where it shows something else, or there is none. */
function firstOf(world: World, site: Site): StateAnswer {
  const { request } = site
  if (!showsOne(world, site)) return undefined
  const query = queryOf(request.operation, world.schemas, askedOf(request, undefined))
  const [first] = ordered(world, site, query)
  return first && answered(world, site, { body: world.renderer.entity(site, first) })
}

/** Whether an answer has room for one thing of its place's kind. */
function showsOne(world: World, { template, place, factory }: Site): boolean {
  const { idPath, isSure, form } = world.types.entityView(template, place)
  if (!isSure || idPath?.join('/') !== factory.view.idPath?.join('/')) return false
  const own = [...form.byName.keys()]
  return own.filter((name) => factory.view.form.byName.has(name)).length >= own.length / 2
}

export const askedOf = (
  { parameters: { query }, operation, target, assumed }: ApiRequest,
  body: unknown,
): Asked => {
  const undescribed = undescribedPage(operation, target)
  const repeats = repeatsIn(query, target)
  const isPlain = undescribed === undefined && repeats === undefined
  return { query: isPlain ? query : { ...undescribed, ...query, ...repeats }, assumed, body }
}

/** What was sent several times though it is described as one text: any of these is meant, as in `ids=7&ids=8`. */
function repeatsIn(query: Item, target = ''): Item | undefined {
  if (!target.includes('&')) return undefined
  const isRepeated = (name: string): boolean => target.indexOf(`${name}=`) !== target.lastIndexOf(`${name}=`)
  const names = Object.keys(query).filter((name) => typeof query[name] === 'string' && isRepeated(name))
  const sent = names.length === 0 ? [] : (parsePairs(target.slice(target.indexOf('?') + 1)) ?? [])
  const values = names.flatMap((name) => {
    const own = sent.flatMap(([one, value]) => (one === name ? [value] : []))
    return own.length > 1 ? [[name, own] as const] : []
  })
  return values.length === 0 ? undefined : Object.fromEntries(values)
}

function pageAt(world: World, site: Site): Page<Row> {
  const { request, role } = site
  const body = role.kind === 'search' ? request.body : undefined
  const query = queryOf(request.operation, world.schemas, askedOf(request, body))
  const isLocal = role.listed.every(({ isShared }) => !isShared)
  if (isLocal && isPlainSlice(query)) return sliceAt(world, site, query)
  return pageOf(
    ordered(world, site, query),
    query,
    ({ id, entity, factory }, wanted) => id === wanted || hasMark(factory, entity, wanted),
  )
}

/** A page that the store cuts: it costs what the page does, not what the collection does. */
function sliceAt({ items }: World, site: Site, query: ListQuery): Page<Row> {
  const { scope, name } = site
  const slice = sliceOf(query)
  // One more than the page tells whether there is a next one.
  const found = items.list(scope, name, {
    limit: slice.size + 1,
    offset: slice.offset,
    latestFirst: query.descending === true,
  })
  const rows = found.slice(0, slice.size).map((row) => rowOf(site, entityOf(row)))
  return {
    ...slice,
    rows,
    hasMore: found.length > slice.size,
    hasEarlier: slice.offset > 0,
    total: () => items.count(scope, name),
    lastId: rows.at(-1)?.id,
    firstId: rows[0]?.id,
    nextId: found[slice.size]?.id,
  }
}

/**
 * What a request asks for of a collection, all of it at once. Nothing where it asks by a text that no thing has a member
 * for: a list may show more than was meant, but nothing more is to be lost.
 */
export function rowsAsked(world: World, site: Site): readonly Row[] {
  seedCollection(world, site)
  const query = queryOf(site.request.operation, world.schemas, askedOf(site.request, undefined))
  const rows = ordered(world, site, query)
  const known = membersOf(world, site)
  const isTold = (filter: Filter): boolean =>
    filter.values.every((value) => typeof value === 'boolean') ||
    rows.some(
      ({ entity, factory }) =>
        memberValues(factory.full(entity), asMeant(site, known, filter).path) !== undefined,
    )
  return query.filters.every(isTold) ? rows : []
}

function ordered(world: World, site: Site, query: ListQuery): readonly Row[] {
  const known = membersOf(world, site)
  const relations = new Set(site.relations.map(({ name }) => normalizeName(name)))
  const { rows: own, names: switches } = withRemoved(world, site, rowsIn(world, site, site.role.listed))
  const filters = query.filters
    .filter(({ path }) => !relations.has(path[0] ?? '') && !switches.has(path[0] ?? ''))
    .map((filter) => asMeant(site, known, filter))
  const demanded = demandedBy(world, site)
  const says = sayingOf(world, site, demanded.others)
  const all = [...own, ...rowsTold(world, site, own)].map((row) => ({
    row,
    item: row.factory.full(row.entity),
  }))
  // A request that was copied from the document has its placeholders, which are the ids of nothing.
  const meant = filters.filter(
    (filter) => filter.isExample !== true || all.some(({ item }) => isNamedBy(item, filter)),
  )
  // What a search names, or a list demands and a creation says, is a member of the things as soon as one of them has it.
  const required = meant.filter(
    ({ isNamed, comparison, path }) =>
      (isNamed === true || demanded.given.has(path[0] ?? '')) &&
      comparison !== 'not' &&
      all.some(({ item }) => memberValues(item, path) !== undefined),
  )
  const joined = meant.flatMap((filter) => linkedRows(world, site, all, filter) ?? [])
  const hasAll = (item: Item) => required.every(({ path }) => memberValues(item, path) !== undefined)
  const rows = all.filter(
    ({ row, item }) =>
      hasAll(item) &&
      joined.every((ids) => ids.has(row.id)) &&
      matches(item, { ...query, filters: meant.filter((filter) => says(item, filter)) }, known),
  )
  const isSorted = query.sort !== undefined && sortBy(rows, query.sort, query.descending === true)
  if (!isSorted && query.descending === true) rows.reverse()
  return rows.map(({ row }) => row)
}

/** What the thing above a list names by its ids, and was made elsewhere: the categories of an item (Klaviyo). */
function rowsTold(
  world: World,
  { place, request, role, ...site }: Site,
  own: readonly Row[],
): readonly Row[] {
  const { parent } = place
  const shared = role.listed.filter(({ isShared }) => isShared)
  if (parent?.param === undefined || shared.length === 0) return []
  const above = collectionOn(world, parent, request)
  const found = findEntity(world, above, idOn(parent, request))
  const known = new Set(own.map(({ id }) => id))
  const ids = found === undefined ? [] : idsTold(above.factory.full(found.entity), nounOf(place))
  return ids
    .filter((id) => !known.has(id))
    .flatMap((id) =>
      shared.flatMap((type) => {
        const entity = calledSo(world, { ...site, place }, type, id)
        return entity === undefined ? [] : [{ id: entity.id, entity, factory: world.factoryOf(type) }]
      }),
    )
}

/** A filter of the member that its name is about, where that is called otherwise. */
function asMeant(site: Site, known: KnownMembers, filter: Filter): Filter {
  const { path, values } = filter
  const [name = '', ...deeper] = path
  const meant = (own: string) => memberMeant(site, known, { name: own, values })
  const member = deeper.length > 0 || known.has(name) ? undefined : meant(name)
  return suffixed(known, member === undefined ? filter : { ...filter, path: [member] }, meant)
}

/**
 * The member that a filter is about which no member is called like: the id, wherever things show it, for `ids` (Xero),
 * `tags` for `monitor_tags` of monitors (Datadog), and what a list has one of: `emails` for `email` (Apideck), `benefits` for
 * `benefit_id` (Polar).
 */
function memberMeant(
  { factory, place }: Site,
  known: KnownMembers,
  { name, values }: { readonly name: string; readonly values: readonly unknown[] },
): string | undefined {
  const { idPath } = factory.view
  const noun = nounOf(place)
  const [id = ''] = idPath ?? []
  if (idPath?.length === 1 && ['id', 'ids', `${noun}ids`].includes(name)) return normalizeName(id)
  const rest = noun !== '' && name.startsWith(noun) ? name.slice(noun.length) : ''
  if (rest !== '' && known.has(rest)) return rest
  // What a filter names by its kind is told by its id or its name: `subject` by the `subjectKey` (OpenMeter).
  const told = [...IDENTITIES]
    .map((ending) => singular(name) + ending)
    .find((own) => known.has(own) && values.every((value) => known.hasRoom(own, value)))
  const kind = name.replace(/(?<=[a-z]{3})(?:uu|gu|g)?ids?$/, '')
  // An item that another one is the parent of is asked for by its `parent_item_id` (Miro).
  const plain = noun !== '' && kind !== name && kind.endsWith(noun) ? kind.slice(0, -noun.length) : ''
  return told ?? known.listOf(name) ?? known.listOf(kind) ?? (known.has(plain) ? plain : undefined)
}

/** What a list demands, by normalised names: what requests must give its things when they are made, and the rest. */
interface Demanded {
  readonly given: ReadonlySet<string>
  readonly others: ReadonlySet<string>
}

function demandedBy(world: World, { type, factory, request }: Site): Demanded {
  const names = request.operation
    .parameters()
    .filter(({ in: where, required }) => where === 'query' && required)
    .map(({ name }) => normalizeName(name))
  if (names.length === 0) return { given: new Set(), others: new Set() }
  const sent = new Set(type.places.flatMap(({ create }) => namesToSend(world, create)))
  // Of what a thing is a kind it says itself.
  const isChoice = (name: string): boolean =>
    factory.slots.some(
      ({ normalized, schema }) => normalized === name && world.forms.of(schema).shape.values !== undefined,
    )
  return {
    given: new Set(names.filter((name) => sent.has(name))),
    others: new Set(names.filter((name) => !sent.has(name) && !isChoice(name))),
  }
}

/**
 * Whether a thing says anything of what a filter is about. A list may demand the id of something that its things were not
 * given when they were made: what they then show of it, if anything, is the document's example.
 */
function sayingOf(
  world: World,
  { place }: Site,
  demanded: ReadonlySet<string>,
): (item: Item, filter: Filter) => boolean {
  if (demanded.size === 0) return () => true
  const reading = place.read ?? place.create
  const template = reading && world.types.template(reading, reading === place.create)
  const view = template && world.types.entityView(template, place)
  const shown = template && view && valueAt(world.responses.sample(template, noPreferences).value, view.path)
  const example = isObject(shown) ? shown : {}
  return (item, { path }) => {
    if (!demanded.has(path[0] ?? '')) return true
    const said = memberValues(item, path)
    return said !== undefined && !equals(said, memberValues(example, path))
  }
}

/** The normalised names of what the body of a request has to say. */
const namesToSend = ({ forms, schemas }: World, operation: Operation | undefined): readonly string[] =>
  (operation?.body()?.content ?? []).flatMap(({ schema }) =>
    [...forms.of(schemas.convert(schema ?? true, 'request')).shape.required].map(normalizeName),
  )

function membersOf({ forms }: World, { factory }: Collection): KnownMembers {
  const named = (name: string) =>
    factory.slots.filter((slot) => slot.normalized === name || `${slot.normalized}s` === name)
  const isOf = (schema: Schema, value: unknown): boolean => {
    const { values, types } = forms.of(schema).shape
    if (types?.has('boolean') === true && types.size === 1) return /^(true|false)$/.test(String(value))
    // A switch that shows a part of the things is no value of that part.
    if (typeof value === 'boolean' && types?.has('boolean') === false) return types.has('string')
    const text = String(value).toLowerCase()
    return values === undefined || values.some((one) => String(one).toLowerCase() === text)
  }
  // Each kind of things may have one value of its own.
  const isOfKind = (name: string, value: unknown): boolean =>
    forms.alternatives(factory.view.schema).some((option) => {
      const { byName } = forms.of(option)
      const member = byName.get(name) ?? byName.get(singular(name))
      return member !== undefined && isOf(member.schema, value)
    })
  return {
    has: (name) => named(name).length > 0,
    hasRoom: (name, value) =>
      typeof value !== 'string' ||
      /^-?\d+$/.test(value) ||
      named(name).every(({ schema }) => forms.of(schema).shape.types?.has('string') !== false),
    listOf: (name) =>
      factory.slots.find(
        ({ normalized, schema }) =>
          normalized !== name && singular(normalized) === name && forms.of(schema).isArray,
      )?.normalized,
    isValue: (name, value) => named(name).every(({ schema }) => isOf(schema, value)) || isOfKind(name, value),
  }
}

export function count(world: World, site: Site): StateAnswer {
  const { template, request } = site
  if (template.media === undefined) return undefined
  seedCollection(world, site)
  const query = queryOf(request.operation, world.schemas, askedOf(request, undefined))
  const total = ordered(world, site, query).length
  if (world.forms.of(template.schema).shape.types?.has('integer') === true)
    return answered(world, site, { body: total })
  const page: Page<Row> = {
    ...sliceOf(query),
    ...{ rows: [], hasMore: false, hasEarlier: false, lastId: undefined, firstId: undefined },
    total: () => total,
  }
  const sample = world.responses.sample(template, noPreferences).value
  return answered(world, site, { body: world.counters.count(sample, template, { request, page }) })
}
