// Things that others name: found by their ids or other marks, and shown where they are named.

import { isObject, normalizeName } from '../../engine/json.js'
import { KIND_MEMBERS } from '../conventions/names.js'
import type { Entity, Item } from '../entities/entity.js'
import { typedId } from '../entities/identifiers.js'
import { namedBy, type Reference, TOLD_BY } from '../entities/references.js'
import type { Relation } from '../entities/relations.js'
import { membersOfAny } from '../forms/entity-views.js'
import type { Member } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { Collection, World } from '../world.js'
import { entityOf, type Found, hasMark, MAX_SEARCHED, type Stored } from './entity-store.js'

/**
 * An entity that shows the stored things which a payload names by their ids.
 *
 * @param above what the path names that it was made at.
 */
export function withNamed(
  world: World,
  beside: Beside,
  entity: Entity,
  payload: Item,
  above: readonly Relation[] = [],
): Entity {
  let { item, whole } = entity
  for (const reference of world.referencesOf(beside.factory)) {
    const ids =
      namedBy(payload, reference) ??
      namedAbove(payload, reference, above) ??
      namedItself(beside, entity, payload, reference)
    const things = ids?.flatMap((id) => calledSo(world, beside, reference.type, id) ?? [])
    if (things === undefined || (things.length === 0 && ids?.length !== 0)) continue
    const { name } = reference
    item = { ...item, [name]: shownIn(world.forms, reference, item[name], things, (thing) => thing.item) }
    const full = (thing: Entity): Item => world.factoryOf(reference.type).full(thing)
    whole = whole && { ...whole, [name]: shownIn(world.forms, reference, item[name], things, full) }
  }
  const pairs = [
    ...idsAbove(world, beside, payload, above),
    ...pairsOfNamed(world, beside, payload, above),
    ...keyedMembers(world, beside, payload),
  ]
  if (pairs.length > 0) item = { ...item, ...Object.fromEntries(pairs) }
  return item === entity.item ? entity : { ...entity, item, whole }
}

/** What a member shows of things. @param now what it shows so far. @param whole gives all of a thing. */
export function shownIn(
  forms: Forms,
  { isList, only }: Reference,
  now: unknown,
  things: readonly Entity[],
  whole: (thing: Entity) => Item,
): unknown {
  const base = !isList && isObject(now) ? now : {}
  const shown = things.map((thing) =>
    only ? { ...base, ...membersIn(forms, thing.item, only) } : whole(thing),
  )
  return isList ? shown : shown[0]
}

/** The thing above that a member is called after, where the payload says nothing of that member itself. */
function namedAbove(
  payload: Item,
  { name, isList }: Reference,
  above: readonly Relation[],
): readonly string[] | undefined {
  if (isList || payload[name] !== undefined) return undefined
  const relation = above.findLast(({ referent }) => referent === normalizeName(name))
  return relation && [relation.value]
}

/** The thing that one is known by the id of: the `person` of a member at `/sites/{siteId}/members/{personId}` (Alfresco, GitLab). */
function namedItself(
  { place, factory }: Beside,
  { id }: Entity,
  payload: Item,
  { name, names, type, isList }: Reference,
): readonly string[] | undefined {
  const isNamed = place.param !== undefined && names.has(normalizeName(place.param))
  return isNamed && !isList && payload[name] === undefined && type !== factory.type ? [id] : undefined
}

/** Where things are looked for that another one names: beside it. */
export type Beside = Pick<Collection, 'factory' | 'scope' | 'place' | 'name'>

/** The id of a thing above that a path names otherwise: `{customerIdOrKey}`, the name of a domain (DNSimple). */
const idsAbove = (
  world: World,
  beside: Beside,
  payload: Item,
  above: readonly Relation[],
): readonly (readonly [string, unknown])[] =>
  above.flatMap(({ referent, value }) => {
    const member = membersOfAny(world.forms, beside.factory.view).get(`${referent}id`)
    const type =
      member === undefined || payload[member.name] !== undefined
        ? undefined
        : world.kinds().named(referent, beside.factory.type)
    const thing = type && calledSo(world, beside, type, value)
    if (member === undefined || thing === undefined) return []
    const id = typedId(thing.id, world.forms.types(member.schema))
    return world.validation.ofSchema(member.schema)(id).length === 0 ? [[member.name, id] as const] : []
  })

/** The ids of what a payload, or the path, calls by its name alone, and the names of what it calls by its id alone. */
const pairsOfNamed = (
  world: World,
  beside: Beside,
  payload: Item,
  above: readonly Relation[],
): readonly (readonly [string, unknown])[] =>
  world.namePairsOf(beside.factory).flatMap(({ noun, id, idOf, name, of, type }) => {
    const given = payload[id] ?? payload[name] ?? above.findLast(({ referent }) => referent === noun)?.value
    const missing = [id, name].filter((one) => payload[one] === undefined)
    const isGiven = typeof given === 'string' || typeof given === 'number'
    const thing = isGiven && missing.length > 0 ? calledSo(world, beside, type, String(given)) : undefined
    if (thing === undefined) return []
    return missing.flatMap((one) => {
      const value = one === name ? thing.item[of] : idOf === undefined ? thing.id : thing.item[idOf]
      return value === undefined ? [] : [[one, value] as const]
    })
  })

/** Members that name things of a kind by their keys, and show their ids: `{ typeId: 'customer-group', key: 'vip' }` (commercetools, Contentful). */
const keyedMembers = (world: World, beside: Beside, payload: Item): readonly (readonly [string, unknown])[] =>
  Object.entries(payload).flatMap(([name, value]) => {
    if (typeof value !== 'object' || value === null) return []
    const member = beside.factory.view.form.byName.get(normalizeName(name))
    const own = member && world.forms.of(member.schema)
    const entry = own?.isArray === true ? world.forms.of(own.items) : own
    if (member === undefined || entry?.byName.has('id') !== true) return []
    const withId = (one: unknown): unknown => idOfKeyed(world, beside, one, entry.byName) ?? one
    const shown = Array.isArray(value) ? value.map(withId) : withId(value)
    const isSame = Array.isArray(shown)
      ? shown.every((one, i) => one === (value as unknown[])[i])
      : shown === value
    return isSame ? [] : [[member.name, shown] as const]
  })

/** What names a thing by its kind and a key, with its id in the place of the key; undefined for anything else. */
function idOfKeyed(
  world: World,
  beside: Beside,
  value: unknown,
  members: ReadonlyMap<string, Member>,
): Item | undefined {
  if (!isObject(value)) return undefined
  const said = new Map(
    Object.entries(value).map(([name, one]) => [normalizeName(name), { name, one }] as const),
  )
  const kind = ['typeid', 'type', 'kind', 'linktype']
    .map((name) => said.get(name)?.one)
    .find((one) => typeof one === 'string')
  const mark = TOLD_BY.map((name) => said.get(name)).find((one) => one !== undefined)
  const isKeyed = said.size === 2 && mark !== undefined && !members.has(normalizeName(mark.name))
  const type = isKeyed ? world.kinds().named(normalizeName(String(kind)), beside.factory.type) : undefined
  const thing = type && mark && calledSo(world, beside, type, String(mark.one))
  if (thing === undefined || mark === undefined) return undefined
  const others = Object.entries(value).filter(([name]) => name !== mark.name)
  return { ...Object.fromEntries(others), [members.get('id')?.name ?? 'id']: thing.id }
}

/** The members of a thing that a part of it has as well; what says of which kind it is only where the part may be of that kind. */
export const membersIn = (forms: Forms, item: Item, part: ReadonlyMap<string, Member>): Item =>
  Object.fromEntries(
    Object.entries(item).filter(([name, value]) => {
      const own = part.get(normalizeName(name))
      const isKind = KIND_MEMBERS.has(normalizeName(name))
      return own !== undefined && (!isKind || forms.of(own.schema).shape.values?.includes(value) === true)
    }),
  )

/** The concrete path of a collection below the same things as another one: `/projects/7/keys` beside `/projects/7/locales`. */
function namedLike(template: string, beside: string, name: string): string {
  if (!template.includes('{')) return template
  const own = name.split('/')
  const values = new Map(beside.split('/').map((segment, i) => [segment, own[i] ?? segment] as const))
  return template
    .split('/')
    .map((segment) => (segment.includes('{') ? (values.get(segment) ?? segment) : segment))
    .join('/')
}

/** A stored thing by its id, or by another of its members. */
export const calledSo = (
  world: World,
  beside: Beside,
  type: Collection['type'],
  id: string,
): Entity | undefined => foundSo(world, beside, type, id)?.entity

/** The same with the collection that it is kept in. */
export function foundSo(
  { items, factoryOf }: World,
  { scope, place, name: ownName }: Beside,
  type: Collection['type'],
  id: string,
): Found | undefined {
  const { isShared, name, home } = type
  const at = namedLike(home.collection, place.collection, ownName)
  const asFound = (row: Stored & { readonly collection?: string }): Found => ({
    entity: entityOf(row),
    collection: row.collection ?? at,
  })
  const own = isShared ? items.withId(scope, name, id).find(isStored) : items.find(scope, at, id)
  const row = own ?? (isShared || !at.includes('{') ? undefined : items.anywhere(scope, patternOf(at), id))
  if (row !== undefined) return asFound(row)
  const rows = isShared
    ? items.ofTypes(scope, [name]).toReversed()
    : items.list(scope, at, { limit: MAX_SEARCHED, latestFirst: true })
  return rows.map(asFound).find(({ entity }) => hasMark(factoryOf(type), entity, id))
}

/** The names of all collections of a place, as far as nothing tells which of them is meant. */
const patternOf = (name: string): string => name.replace(/[*?[\]]/g, '?').replace(/\{[^{}/]+\}/g, '*')

/** What was removed has no body left. */
const isStored = <Row extends { readonly body: string | null }>(row: Row): row is Row & { body: string } =>
  row.body !== null
