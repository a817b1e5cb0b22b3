// Things that a request below another one names by their ids, and that are listed there or list it: the assets of an album at
// `PUT /albums/{id}/assets { ids }` (Immich), the tags of an asset at `PUT /tags/{id}/assets` (Immich, Paperless).

import { isObject, normalizeName } from '../../engine/json.js'
import { isStructuredType } from '../../engine/request/media-types.js'
import { answered, echo, kept, type StateAnswer, shown, showsOwn } from '../answering.js'
import { DONE_MEMBER } from '../conventions/lists.js'
import { ID_ENDINGS, OWN_NAMES, singular } from '../conventions/names.js'
import type { Entity, Item } from '../entities/entity.js'
import { typedId } from '../entities/identifiers.js'
import type { Reference } from '../entities/references.js'
import { valueAt } from '../forms/slots.js'
import { nounOf } from '../places/paths.js'
import type { ResourceType } from '../places/types.js'
import { type LinkChange, linkChangeOf } from '../places/verbs.js'
import { type Found, keepEntity } from '../store/entity-store.js'
import { isReference, referencesIn, wordedIn } from '../store/memberships.js'
import { foundSo, shownIn } from '../store/naming.js'
import { rowOf, type Site, type World } from '../world.js'

/** Lists what a request names below a thing, there and from the other side; undefined where it names nothing of the kind. */
export function linkedShown(world: World, site: Site, found: Found): StateAnswer {
  const { request } = site
  const named = namedIn(world, site)
  if (named === undefined) return undefined
  const { type, reference, things } = named
  const change = linkChangeOf(request.operation, world.operations)
  const after =
    reference === undefined
      ? found
      : kept(world, site, found, withListed(world, found.entity, reference, { things, change }))
  for (const thing of things) noteOther(world, site, { type, thing, change, other: after.entity })
  return answerTo(world, site, after, named)
}

/** What a request names. */
interface Named {
  readonly type: ResourceType
  /** The list of the thing above that shows them; undefined where it has none. */
  readonly reference: Reference | undefined
  readonly ids: readonly string[]
  readonly things: readonly Found[]
}

function namedIn(world: World, site: Site): Named | undefined {
  const { request, factory } = site
  const { noun } = wordedIn(request.operation)
  if (noun === '' || !isReference(request.body, noun)) return undefined
  const reference = world.referencesOf(factory).find((one) => one.isList && nounOfList(one) === noun)
  const type = reference?.type ?? world.kinds().named(noun, site.type)
  if (type === undefined || type === site.type) return undefined
  const ids = [...new Set(referencesIn(request.body, noun))]
  const things = ids.flatMap((id) => foundSo(world, site, type, id) ?? [])
  return things.length === 0 ? undefined : { type, reference, ids, things }
}

const nounOfList = ({ name }: Reference): string => singular(normalizeName(name))

interface Listing {
  readonly things: readonly Found[]
  readonly change: LinkChange
}

/** A thing whose list has others, or no longer has them. */
function withListed(world: World, entity: Entity, reference: Reference, { things, change }: Listing): Entity {
  const { name, type } = reference
  const factory = world.factoryOf(type)
  const ids = new Set(things.map((thing) => thing.entity.id))
  const changed = (whole: Item, shownAs: (thing: Entity) => Item): Item => {
    const before = Array.isArray(whole[name]) ? whole[name] : []
    const others = before.filter((entry) => !ids.has(String(valueAt(entry, factory.view.idPath ?? ['id']))))
    const entities = things.map((thing) => thing.entity)
    const entries = shownIn(world.forms, reference, undefined, entities, shownAs) as readonly unknown[]
    const list = { join: [...others, ...entries], leave: others, set: entries }[change]
    return { ...whole, [name]: list }
  }
  return {
    ...entity,
    item: changed(entity.item, (thing) => thing.item),
    whole: entity.whole && changed(entity.whole, factory.full),
  }
}

interface Linked {
  readonly type: ResourceType
  readonly thing: Found
  readonly other: Entity
  readonly change: LinkChange
}

/** Lists a thing in those that it was listed in, where they have a list of such things. */
function noteOther(world: World, site: Site, { type, thing, other, change }: Linked): void {
  const references = world
    .referencesOf(world.factoryOf(type))
    .filter((one) => one.isList && one.type === site.type)
  const [reference, ...more] = references
  if (more.length > 0) return
  const things = [{ entity: other, collection: site.name }]
  // Only the list above is replaced: the others may be in many.
  const own = change === 'set' ? 'join' : change
  const entity =
    reference === undefined
      ? namingOther(world, site, { type, thing, other, change })
      : withListed(world, thing.entity, reference, { things, change: own })
  if (entity === undefined) return
  keepEntity(
    world,
    { scope: site.scope, type, relations: [] },
    { kind: 'replace', name: thing.collection, entity },
  )
}

/** Tells the things that an action adds to a list of another one, or takes out of it, which one they are in. */
export function noteListed(world: World, site: Site, other: Entity): void {
  const { body, operation } = site.request
  const { isWorded, isJoining } = wordedIn(operation)
  if (!isWorded || !isObject(body)) return
  for (const [name, value] of Object.entries(body)) {
    const noun = singular(normalizeName(name))
    const type = Array.isArray(value) ? world.kinds().named(noun, site.type) : undefined
    if (type === undefined || type === site.type) continue
    const things = [...referencesIn(value, noun)].flatMap((id) => foundSo(world, site, type, id) ?? [])
    for (const thing of things)
      noteOther(world, site, { type, thing, change: isJoining ? 'join' : 'leave', other })
  }
}

/** A thing that says which one it is in: the `department_uuid` and the `department` of an employee (Gusto); undefined where it has no room for that. */
function namingOther(world: World, site: Site, { type, thing, other, change }: Linked): Entity | undefined {
  const { forms } = world
  const { byName } = world.factoryOf(type).view.form
  const noun = nounOf(site.type.home)
  const id = ID_ENDINGS.flatMap((ending) => byName.get(noun + ending) ?? [])[0]
  if (id === undefined) return undefined
  const { entity } = thing
  const isLeaving = change === 'leave'
  if (isLeaving && entity.item[id.name] !== other.id) return undefined
  const named = byName.get(noun)
  const name = OWN_NAMES.map((own) => other.item[own]).find((value) => typeof value === 'string')
  const told = [[id, typedId(other.id, forms.types(id.schema))] as const, [named, name] as const]
  const members = told.flatMap(([member, value]) => {
    const types = member && forms.types(member.schema)
    const now = isLeaving ? null : value
    const isFit = isLeaving ? types?.has('null') : member === id || types?.has('string')
    return member !== undefined && now !== undefined && isFit === true ? [[member.name, now] as const] : []
  })
  const changed = Object.fromEntries(members)
  return {
    ...entity,
    item: { ...entity.item, ...changed },
    whole: entity.whole && { ...entity.whole, ...changed },
  }
}

/** The thing above, what was named, or what came of each of them. */
function answerTo(world: World, site: Site, after: Found, { type, ids, things }: Named): StateAnswer {
  const { forms, renderer, types } = world
  const { template, place, request } = site
  if (template.media === undefined) return answered(world, site, {})
  if (isStructuredType(template.media.type)) {
    if (showsOwn(world, types.entityView(template, place), site.factory)) return shown(world, site, after)
    const factory = world.factoryOf(type)
    const view = types.listView(template, type.home)
    if (view !== undefined && showsOwn(world, view.item, factory)) {
      const rows = things.map(({ entity }) => ({ ...rowOf(site, entity), factory }))
      return answered(world, site, { body: renderer.several(site, view, rows) })
    }
    const { items, isArray } = forms.of(template.schema)
    const { byName } = forms.of(items)
    const [id, done] = [byName.get('id'), [...byName].find(([name]) => DONE_MEMBER.test(name))?.[1]]
    if (isArray && id !== undefined && done !== undefined) {
      const known = new Set(things.map(({ entity }) => entity.id))
      const results = ids.map((one) => ({ [id.name]: one, [done.name]: known.has(one) }))
      const body = renderer.part(template, results)
      if (body !== undefined) return answered(world, site, { body })
    }
  }
  return echo(world, request, template)
}
