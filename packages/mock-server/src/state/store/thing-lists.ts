// The lists that a thing has, as the paths below it are called: the labels of an issue at `/issues/{id}/labels`.

import { member as memberOf, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Entity, EntityFactory, Item } from '../entities/entity.js'
import type { EntityView } from '../forms/entity-views.js'
import { type Form, type Member, shareMembers } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { valueAt } from '../forms/slots.js'
import type { Place } from '../places/place.js'
import { type Collection, collectionOn, idOn, type Site, type World } from '../world.js'
import { type Found, findEntity, keepEntity } from './entity-store.js'
import { membersIn } from './naming.js'

/** A list of a thing that a path below the thing is called like. */
export interface Part {
  readonly name: string
  readonly items: Schema
  readonly entries: Form
  readonly before: readonly unknown[]
}

/** The words of a path below an item, and the parameter that may follow them. */
export const BELOW = /\}\/([^/{}]+)(?:\/\{([^{}/]+)\})?$/

export function partAt(
  { forms }: World,
  { view }: EntityFactory,
  path: string,
  item: Item,
): Part | undefined {
  const word = BELOW.exec(path)?.[1]
  return word === undefined ? undefined : partNamed(forms, view, word, item)
}

export function partNamed(forms: Forms, view: EntityView, name: string, item: Item): Part | undefined {
  const normalized = normalizeName(name)
  const { byName } = view.form
  const member =
    byName.get(normalized) ?? byName.get(`${normalized}s`) ?? endingSo(forms, byName, `${normalized}s`)
  const array = member && forms.of(member.schema)
  if (member === undefined || array?.isArray !== true) return undefined
  const before = memberOf(item, member.name)
  return {
    name: member.name,
    items: array.items,
    entries: forms.of(array.items),
    before: Array.isArray(before) ? before : [],
  }
}

/** The only list whose name ends so: the `albumUsers` that `/albums/{id}/user/{userId}` is about (Immich). */
function endingSo(forms: Forms, byName: Form['byName'], plural: string): Member | undefined {
  const found = [...byName].filter(
    ([name, { schema }]) =>
      name.endsWith(plural) && forms.of(schema).isArray && forms.of(forms.of(schema).items).byName.size > 0,
  )
  return found.length === 1 ? found[0]?.[1] : undefined
}

/** A thing with another list in the place of one that it has. */
export function withList(entity: Entity, { name }: Part, list: readonly unknown[]): Entity {
  const whole = entity.whole && { ...entity.whole, [name]: list }
  return { ...entity, whole, item: { ...entity.item, [name]: list } }
}

/** Whether a list has things of a kind: by the schema that both name, or by the members that both describe. */
export function isOfForm({ forms }: World, { items, entries }: Part, { view }: EntityFactory): boolean {
  const [id, ...deeper] = view.idPath ?? []
  if (id === undefined || deeper.length > 0) return false
  if (forms.identity(items) === forms.identity(view.schema)) return true
  return entries.byName.has(normalizeName(id)) && shareMembers(entries, view.form)
}

/** The list of the thing above a collection that shows what is in the collection. */
export interface ListAbove {
  readonly above: Collection
  readonly found: Found
  readonly part: Part
}

/** Undefined where the thing above has none. @param place of the thing above. */
export function listAbove(
  world: World,
  { request }: Pick<Site, 'request'>,
  { place: below, factory }: Pick<Collection, 'place' | 'factory'>,
  place: Place | undefined,
): ListAbove | undefined {
  if (place?.param === undefined) return undefined
  const above = collectionOn(world, place, request)
  const found = findEntity(world, above, idOn(place, request))
  const part = found && partAt(world, above.factory, below.collection, found.entity.item)
  return found !== undefined && part !== undefined && isOfForm(world, part, factory)
    ? { above, found, part }
    : undefined
}

const idIn = (entry: unknown, { view }: EntityFactory): string => String(valueAt(entry, view.idPath ?? []))

export const showsEntity = ({ part }: ListAbove, { factory }: Collection, { id }: Entity): boolean =>
  part.before.some((entry) => idIn(entry, factory) === id)

/** Shows things in such a list, or takes them out of it. */
export function changeListAbove(
  world: World,
  { above, found, part }: ListAbove,
  { factory }: Collection,
  things: readonly Entity[],
  isShown: boolean,
): void {
  const ids = new Set(things.map(({ id }) => id))
  const others = part.before.filter((entry) => !ids.has(idIn(entry, factory)))
  const entries = part.entries.byName.size === 0 ? undefined : part.entries.byName
  const shown = things.map(({ item }) =>
    entries === undefined ? item : membersIn(world.forms, item, entries),
  )
  const entity = withList(found.entity, part, isShown ? [...others, ...shown] : others)
  keepEntity(world, above, { kind: 'replace', name: found.collection, entity })
}

/** Puts an id into the list of texts of the thing above that is called like the collection, or takes it out. */
export function nameAbove(world: World, site: Site, id: string, isListed: boolean): void {
  const { place, request } = site
  if (place.parent?.param === undefined) return
  const above = collectionOn(world, place.parent, request)
  const found = findEntity(world, above, idOn(place.parent, request))
  const part = found && partAt(world, above.factory, place.collection, found.entity.item)
  const isOfTexts = part?.entries.byName.size === 0 && world.forms.types(part.items)?.has('string') === true
  if (found === undefined || part === undefined || !isOfTexts) return
  const others = part.before.filter((one) => one !== id)
  const entity = withList(found.entity, part, isListed ? [...others, id] : others)
  keepEntity(world, above, { kind: 'replace', name: found.collection, entity })
}

export function emptyListAbove(world: World, { above, found, part }: ListAbove): void {
  const entity = withList(found.entity, part, [])
  keepEntity(world, above, { kind: 'replace', name: found.collection, entity })
}
