// What a thing shows in one of its lists and is added, or taken out, below its path: the assets of a release (GitHub), the
// roles of a guild (Discord), the properties of a class (Weaviate), the permissions of a role (WorkOS).

import { isObject, member as memberOf, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Entity, EntityFactory, Item } from '../entities/entities.js'
import type { Form } from '../forms/form.js'
import { valueAt } from '../forms/views.js'
import type { Place } from '../places/places.js'
import { type Found, findEntity, keepEntity } from '../store/entity-store.js'
import { collectionOn, idOn, type Site, type World } from '../world.js'

/** A list of a thing that a path below the thing is called like. */
interface Part {
  readonly name: string
  readonly items: Schema
  readonly entries: Form
  readonly before: readonly unknown[]
}

/** The words of a path below an item, and the parameter that may follow them. */
const BELOW = /\}\/([^/{}]+)(?:\/\{([^{}/]+)\})?$/

function partAt({ forms }: World, { view }: EntityFactory, path: string, item: Item): Part | undefined {
  const word = BELOW.exec(path)?.[1]
  const member = word === undefined ? undefined : view.form.byName.get(normalizeName(word))
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

/** A thing with what a request adds to one of its lists or takes out of it; undefined where it does neither. */
export function withPart(world: World, { factory, request }: Site, { entity }: Found): Entity | undefined {
  const { operation, body, parameters } = request
  const part = partAt(world, factory, operation.path, entity.item)
  if (part === undefined) return undefined
  const param = BELOW.exec(operation.path)?.[2]
  if (operation.method === 'DELETE' && param !== undefined) {
    const id = String(memberOf(parameters.path, param))
    return withList(
      entity,
      part,
      part.before.filter((entry) => !isCalled(entry, id)),
    )
  }
  if (operation.method !== 'POST' || param !== undefined) return undefined
  const entry = entryIn(part.entries, body)
  if (entry === undefined) return undefined
  const isThere = part.before.some((one) => !isObject(one) && one === entry)
  return isThere ? entity : withList(entity, part, [...part.before, entry])
}

/** What a body adds to a list: itself, or the one text in it for a list of texts. */
function entryIn({ byName }: Form, body: unknown): unknown {
  if (!isObject(body)) return undefined
  const own = Object.entries(body)
  if (byName.size > 0) return own.every(([name]) => byName.has(normalizeName(name))) ? body : undefined
  const [[, only] = []] = own
  return own.length === 1 && typeof only === 'string' ? only : undefined
}

const isCalled = (entry: unknown, id: string): boolean =>
  isObject(entry)
    ? ['id', 'name', 'key', 'slug'].some((name) => String(memberOf(entry, name)) === id)
    : String(entry) === id

function withList(entity: Entity, { name }: Part, list: readonly unknown[]): Entity {
  const whole = entity.whole && { ...entity.whole, [name]: list }
  return { ...entity, whole, item: { ...entity.item, [name]: list } }
}

/**
 * Shows what was made, changed or removed below a thing in the list of the thing that is called like its path, if that has
 * things of its form. @param made the thing as it is now; undefined for one that was removed.
 */
export function noteBelow(world: World, site: Site, id: string, made: Entity | undefined): void {
  const { place, factory, request } = site
  const { parent } = place
  if (parent?.param === undefined) return
  const above = collectionOn(world, parent, request)
  const found = findEntity(world, above, idOn(parent, request))
  const part = found && partAt(world, above.factory, place.collection, found.entity.item)
  if (found === undefined || part === undefined || !isOfForm(world, part, factory)) return
  const idOf = (entry: unknown): string => String(valueAt(entry, factory.view.idPath ?? []))
  const others = part.before.filter((entry) => idOf(entry) !== id)
  // What was invented before anything was made there makes way for it.
  const kept = isToldOf(world, parent, part)
    ? others
    : others.filter((entry) => findEntity(world, site, idOf(entry)) !== undefined)
  const entity = withList(found.entity, part, made === undefined ? kept : [...kept, made.item])
  keepEntity(world, above, { kind: 'replace', name: found.collection, entity })
}

const isOfForm = ({ forms }: World, { items }: Part, { view }: EntityFactory): boolean =>
  view.idPath?.length === 1 && forms.identity(items) === forms.identity(view.schema)

/** Whether who makes a thing may say what is in its list. */
const isToldOf = ({ forms, schemas }: World, { create }: Place, { name }: Part): boolean =>
  (create?.body()?.content ?? []).some(({ schema }) =>
    forms.of(schemas.convert(schema ?? true, 'request')).byName.has(normalizeName(name)),
  )
