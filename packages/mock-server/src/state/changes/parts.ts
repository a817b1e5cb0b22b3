// What a thing shows in one of its lists and is added, or taken out, below its path: the assets of a release (GitHub), the
// roles of a guild (Discord), the properties of a class (Weaviate), the permissions of a role (WorkOS).

import { isObject, type JsonObject, member as memberOf, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import { answered, type StateAnswer, showsOwn, tooMany } from '../answering.js'
import { REVISION_MEMBER } from '../conventions/life.js'
import { ENTRY_NAMES, ENVELOPES, referentOf, singular } from '../conventions/names.js'
import type { Entity, Item } from '../entities/entity.js'
import { createIdentifiers, typedId } from '../entities/identifiers.js'
import type { EntityView } from '../forms/entity-views.js'
import { type Form, fitsTypes } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { FIRST, valueAt, withValueAt } from '../forms/slots.js'
import { equals } from '../patches.js'
import { type Place, parameterNames } from '../places/place.js'
import { type LinkChange, linkChangeOf } from '../places/verbs.js'
import { type Found, findEntity, keepEntity } from '../store/entity-store.js'
import { addEntity, makeEntity } from '../store/making.js'
import { calledSo, membersIn } from '../store/naming.js'
import { BELOW, isOfForm, listAbove, type Part, partAt, partNamed, withList } from '../store/thing-lists.js'
import { type Collection, collectionAt, type Site, type World } from '../world.js'

/** What a thing has under the name of a path below it: the recipients of an envelope. */
export function partShown(world: World, site: Site, found: Found | undefined): StateAnswer {
  const { factory, request, template } = site
  const [, word = '', param] = BELOW.exec(request.operation.path) ?? []
  if (found === undefined || word === '' || param !== undefined || template.media === undefined)
    return undefined
  const wanted = normalizeName(word)
  const own = Object.entries(factory.full(found.entity)).find(([name]) => normalizeName(name) === wanted)
  const body = own && world.renderer.part(template, own[1])
  return body === undefined ? undefined : answered(world, site, { body })
}

/** Whether there is a thing, for a path below it that asks for nothing else: `/collections/{name}/exists` (Qdrant, Shlink). */
export function existenceShown(world: World, site: Site, found: Found | undefined): StateAnswer {
  const { request, template } = site
  const [, word = '', param] = BELOW.exec(request.operation.path) ?? []
  if (normalizeName(word) !== EXISTS || param !== undefined || template.media === undefined) return undefined
  const { forms, renderer } = world
  const path = flagIn(forms, template.schema, EXISTS)
  const body = path && renderer.part(template, withValueAt({}, path, found !== undefined))
  return body === undefined ? undefined : answered(world, site, { body })
}

const EXISTS = 'exists'

/** The path of a boolean of this name in an object, or in one of its members. */
function flagIn(forms: Forms, schema: Schema, name: string): readonly string[] | undefined {
  const members = [...forms.of(schema).byName.values()]
  const isFlag = (form: Form): boolean => {
    const member = form.byName.get(name)
    return member !== undefined && forms.types(member.schema)?.has('boolean') === true
  }
  if (isFlag(forms.of(schema))) return [name]
  const holder = members.find((member) => isFlag(forms.of(member.schema)))
  return holder && [holder.name, name]
}

/** A thing with what a request adds to one of its lists or takes out of it; undefined where it does neither. */
export function withPart(world: World, site: Site, { entity }: Found): Entity | undefined {
  const { factory, request } = site
  const { operation, parameters } = request
  const lists = listsSent(world, site, entity.item)
  if (lists !== undefined)
    return lists.reduce(
      (at, [part, sent]) =>
        withList(at, part, LIST_CHANGES[linkChangeOf(operation, world.operations)](part.before, sent)),
      entity,
    )
  const part = partAt(world, factory, operation.path, entity.item)
  if (part === undefined) return undefined
  const param = BELOW.exec(operation.path)?.[2]
  const called = param === undefined ? undefined : String(memberOf(parameters.path, param))
  const list =
    called === undefined || param === undefined
      ? withMade(world, site, part)
      : withNamedEntry(world, site, part, { param, called })
  if (list === undefined) return undefined
  return list === part.before ? entity : withList(entity, part, list)
}

/** A list with the one entry that a body adds, or without all of them where a DELETE has no body; undefined where it does neither. */
function withMade(world: World, site: Site, part: Part): readonly unknown[] | undefined {
  const { operation, body } = site.request
  if (operation.method === 'DELETE') return body === undefined ? [] : undefined
  if (!ADDING.has(operation.method)) return undefined
  const entry = madeEntry(world, site, part, entryIn(part.entries, enveloped(body)))
  return entry === undefined ? undefined : withOnce(part, entry)
}

const withOnce = ({ before }: Part, entry: unknown): readonly unknown[] =>
  before.some((one) => !isObject(one) && one === entry) ? before : [...before, entry]

/** What a path calls an entry of a list by. */
interface Called {
  readonly param: string
  readonly called: string
}

/** A list with what a request says of the entry that its path names, or without that; undefined where it does neither. */
function withNamedEntry(
  world: World,
  site: Site,
  part: Part,
  { param, called }: Called,
): readonly unknown[] | undefined {
  const { operation, body } = site.request
  const isNamed = (entry: unknown): boolean => isCalled(entry, called, param)
  if (operation.method === 'DELETE') return part.before.filter((entry) => !isNamed(entry))
  const changed = withEntry(part, body, isNamed)
  if (changed !== undefined) return changed
  const named = ADDING.has(operation.method) ? namedEntry(world, site, part, { param, called }) : undefined
  if (named !== undefined) return part.before.some(isNamed) ? part.before : [...part.before, named]
  // Only texts are all there is to say of them: what a path names may be a thing with more members.
  return world.forms.types(part.items)?.has('string') === true ? withOnce(part, called) : undefined
}

/** A new entry of a list whose entries have ids, with an id of its own. */
function madeEntry(world: World, { scope, name: place }: Site, part: Part, entry: unknown): unknown {
  const id = part.entries.byName.get('id')
  if (id === undefined || !isObject(entry) || entry[id.name] !== undefined) return entry
  const { draw } = createIdentifiers(world, part.name, [], [id.schema])
  const number = world.items.nextNumber(scope, `#entries ${part.name}`)
  const named = { ...entry, [id.name]: draw(number) }
  const made = world.projection.of(part.items, named, { seed: `${place} ${number}` })
  return isObject(made) ? made : named
}

/**
 * A new entry for what a path names, where entries tell by a member of the parameter's name what they are about: the
 * `service_id` of `/stages/{id}/service/{serviceId}` (Qovery), the `user_id` of `/groups/{id}/members/{user_id}` (GitLab).
 */
function namedEntry(world: World, site: Site, part: Part, { param, called }: Called): JsonObject | undefined {
  const member = part.entries.byName.get(normalizeName(param))
  const types = member && world.forms.types(member.schema)
  if (member === undefined || normalizeName(param) === 'id') return undefined
  const said = enveloped(site.request.body)
  const own = Object.entries(isObject(said) ? said : {}).filter(([name]) =>
    part.entries.byName.has(normalizeName(name)),
  )
  const entry = madeEntry(world, site, part, {
    ...Object.fromEntries(own),
    [member.name]: typedId(called, types),
  })
  const shown = world.projection.of(part.items, entry, { seed: `${site.name} ${called}` })
  return isObject(shown) ? shown : undefined
}

/** A list whose entry that a path names has what a body says of it, as the `quantity` of a cart's item; undefined where none is named. */
function withEntry(
  { before, entries }: Part,
  body: unknown,
  isNamed: (entry: unknown) => boolean,
): readonly unknown[] | undefined {
  const entry = before.find(isNamed)
  const said = enveloped(body)
  if (!isObject(entry) || !isObject(said)) return undefined
  const own = Object.entries(said).filter(([name]) => entries.byName.has(normalizeName(name)))
  return before.map((one) => (one === entry ? { ...entry, ...Object.fromEntries(own) } : one))
}

/** Methods that add the one entry that a body is: a PUT does so where an API makes things by it (Xero). */
const ADDING: ReadonlySet<string> = new Set(['POST', 'PUT'])

/** Where an answer shows an entry of the list that its path is called like, and not the thing that has the list. */
function entryPathIn(
  world: World,
  { factory, request, template }: Site,
  view: EntityView,
): readonly string[] | undefined {
  const { forms } = world
  const word = BELOW.exec(request.operation.path)?.[1] ?? ''
  const part = partNamed(forms, factory.view, word, {})
  if (part === undefined) return undefined
  const isEntry = (schema: Schema): boolean => forms.identity(schema) === forms.identity(part.items)
  if (isEntry(view.schema)) return view.path
  if (showsOwn(world, view, factory)) return undefined
  const member = forms.of(template.schema).byName.get(normalizeName(word))
  return member !== undefined && isEntry(forms.of(member.schema).items) ? [member.name, FIRST] : undefined
}

export const showsEntry = (world: World, site: Site, view: EntityView): boolean =>
  entryPathIn(world, site, view) !== undefined

/** The entry that a request has added last to a list of a thing; undefined where the answer shows something else. */
export function entryShown(world: World, site: Site, view: EntityView, { item }: Entity): StateAnswer {
  const path = entryPathIn(world, site, view)
  const entry = path && partAt(world, site.factory, site.request.operation.path, item)?.before.at(-1)
  const body =
    entry === undefined ? undefined : world.renderer.part(site.template, withValueAt({}, path ?? [], entry))
  return body === undefined ? undefined : answered(world, site, { body })
}

/** What becomes of a list that a thing has by one that a request carries. */
const LIST_CHANGES: Readonly<
  Record<LinkChange, (before: readonly unknown[], sent: readonly unknown[]) => readonly unknown[]>
> = {
  join: (before, sent) => [...before, ...sent.filter((one) => !before.some((own) => equals(own, one)))],
  set: (_, sent) => sent,
  leave: (before, sent) => before.filter((own) => !sent.some((one) => isMeant(own, one))),
}

/** Whether what is to be taken out says nothing that an entry of a list does not say as well. */
const isMeant = (own: unknown, sent: unknown): boolean =>
  isObject(sent) && isObject(own)
    ? Object.entries(sent).every(([name, value]) => equals(memberOf(own, name), value))
    : equals(own, sent)

/**
 * The lists of a thing that a request below it carries, each under the thing's own name for it, and nothing else: the
 * `inbound_rules` and `outbound_rules` of a firewall (DigitalOcean), the `labels` of an issue (GitHub).
 */
function listsSent(
  world: World,
  site: Site,
  item: Item,
): readonly (readonly [part: Part, sent: readonly unknown[]])[] | undefined {
  const { forms } = world
  const { view } = site.factory
  const { operation, body } = site.request
  if (!isObject(body) || BELOW.exec(operation.path)?.[2] !== undefined) return undefined
  // Which state of the thing is changed is said beside them (Gusto).
  const said = Object.entries(body).filter(([name]) => !REVISION_MEMBER.test(normalizeName(name)))
  const found = said.map(([name, sent]) => {
    const part = Array.isArray(sent) ? partNamed(forms, view, name, item) : undefined
    if (part === undefined || !Array.isArray(sent)) return undefined
    const types = forms.types(part.items)
    const meant = sent.map((one) => meantBy(world, site, part, one))
    const hasRoom = types === undefined || meant.every((one) => fitsTypes(types, one))
    return hasRoom ? ([part, meant] as const) : undefined
  })
  const lists = found.filter((one) => one !== undefined)
  return lists.length > 0 && lists.length === found.length ? lists : undefined
}

/** What stands in the one member of a body that only envelops it: `{ data: { name } }`. */
export function enveloped(body: unknown): unknown {
  const [[name = '', inner] = [], ...others] = isObject(body) ? Object.entries(body) : []
  return others.length === 0 && ENVELOPES.has(normalizeName(name)) && isObject(inner) ? inner : body
}

/** What an entry of a list says that only names a thing: `{ tagId: '7' }` stands for the tag as the list shows it (Karakeep). */
function meantBy(world: World, site: Site, { name, entries, items }: Part, sent: unknown): unknown {
  const noun = singular(normalizeName(name))
  const isBare = (typeof sent === 'string' || typeof sent === 'number') && entries.byName.size > 0
  const [[own = '', id] = [], ...others] = isBare
    ? [['id', sent] as const]
    : isObject(sent)
      ? Object.entries(sent)
      : []
  const isNamed = ['id', `${noun}id`, `${noun}name`].includes(normalizeName(own))
  const isText = typeof id === 'string' || typeof id === 'number'
  if (!isNamed || !isText || others.length > 0 || !entries.byName.has('id'))
    return isObject(sent) ? withThings(world, site, entries, sent) : sent
  const type = world.kinds().named(noun, site.type)
  const thing = type && calledSo(world, site, type, String(id))
  if (thing === undefined) return { id }
  // Which of several kinds of entries it is, the whole thing says.
  const isOneOfKinds = world.forms.alternatives(items).length > 1
  return { ...(isOneOfKinds ? thing.item : membersIn(world.forms, thing.item, entries.byName)), id: thing.id }
}

/** An entry with the things that it names by their ids, where it shows them whole: the `user` of a `userId` (Immich, Vikunja). */
const withThings = (world: World, site: Site, { byName }: Form, sent: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(sent).map(([name, value]) => {
      const noun = referentOf(name)
      const member = byName.has(normalizeName(name)) ? undefined : byName.get(noun)
      const own = member && world.forms.of(member.schema)
      const kinds = world.kinds()
      const type =
        member !== undefined && own?.mayBeObject === true
          ? (kinds.shownAs(member.schema, site.type) ?? kinds.named(noun, site.type))
          : undefined
      const isId = typeof value === 'string' || typeof value === 'number'
      const thing = type && isId ? calledSo(world, site, type, String(value)) : undefined
      return member === undefined || own === undefined || thing === undefined
        ? [name, value]
        : [member.name, membersIn(world.forms, thing.item, own.byName)]
    }),
  )

/** What a body adds to a list: itself, or the one text in it for a list of texts. */
function entryIn({ byName }: Form, body: unknown): unknown {
  if (!isObject(body)) return undefined
  const own = Object.entries(body)
  if (byName.size > 0) return own.every(([name]) => byName.has(normalizeName(name))) ? body : undefined
  const [[, only] = []] = own
  return own.length === 1 && typeof only === 'string' ? only : undefined
}

/** @param param what the path calls the id of an entry. */
function isCalled(entry: unknown, id: string, param = ''): boolean {
  if (!isObject(entry)) return String(entry) === id
  return Object.entries(entry).some(([name, value]) => {
    const normalized = normalizeName(name)
    if (isObject(value)) return normalized === referentOf(param) && isCalled(value, id)
    return (ENTRY_NAMES.has(normalized) || normalized === normalizeName(param)) && String(value) === id
  })
}

/**
 * Shows what was made, changed or removed below a thing in the list of the thing that is called like its path, if that has
 * things of its form. @param made the thing as it is now; undefined for one that was removed.
 */
export function noteBelow(world: World, site: Site, id: string, made: Entity | undefined): void {
  const { place, factory } = site
  const list = listAbove(world, site, site, place.parent)
  if (place.parent === undefined || list === undefined) return
  const { above, found, part } = list
  const idOf = (entry: unknown): string => String(valueAt(entry, factory.view.idPath ?? []))
  const others = part.before.filter((entry) => idOf(entry) !== id)
  // What was invented before anything was made there makes way for it.
  const kept = isToldOf(world, place.parent, part)
    ? others
    : others.filter((entry) => findEntity(world, site, idOf(entry)) !== undefined)
  const entity = withList(found.entity, part, made === undefined ? kept : [...kept, made.item])
  keepEntity(world, above, { kind: 'replace', name: found.collection, entity })
}

/**
 * Keeps the things that a thing is made with in the collections below it that are called like them: the documents of an
 * envelope (DocuSign), the line items of an order (commercetools), the variants of a product (Shopify). Gives the thing as it
 * shows them.
 */
export function withParts(world: World, site: Site, given: Entity): Entity {
  const { body } = site.request
  if (!isObject(body)) return given
  let entity = given
  for (const { place } of world.types.listsBelow(site.place)) {
    const sent = partsSent(world, body, place)
    const below = sent && collectionBelow(world, site, place, given.id)
    if (sent === undefined || below === undefined || !sent.every((one) => isLike(below, one))) continue
    world.seeded.add(below.scope, below.name)
    world.items.claimSeeding(below.scope, below.name)
    const items = sent.map((one) => addPart(world, below, one).item)
    const part = partAt(world, site.factory, place.collection, entity.item)
    if (part === undefined || !isOfForm(world, part, below.factory)) continue
    entity = withList(entity, part, items)
    keepEntity(world, site, { kind: 'replace', name: site.name, entity })
  }
  return entity
}

/** The list of things that a body has under the name of a collection's path, in the form that answers have there or bare. */
function partsSent({ types }: World, body: JsonObject, place: Place): readonly JsonObject[] | undefined {
  const word = normalizeName(place.collection.slice(place.collection.lastIndexOf('/') + 1))
  const name = Object.keys(body).find((one) => normalizeName(one) === word)
  const sent = name === undefined ? undefined : body[name]
  const template = place.list && types.template(place.list)
  const view = template && types.listView(template, place)
  const list = isObject(sent) && view !== undefined ? valueAt(sent, view.path) : sent
  const isList = Array.isArray(list) && list.length > 0 && list.every(isObject)
  return isList && tooMany(list) === undefined ? list : undefined
}

/** A collection that is below a new thing and nowhere else. */
function collectionBelow(world: World, site: Site, place: Place, id: string): Collection | undefined {
  const { operation, parameters } = site.request
  const above = parameterNames(operation.path).map((name) => memberOf(parameters.path, name))
  const names = place.list === undefined ? [] : parameterNames(place.list.path)
  if (place.list === undefined || names.length !== above.length + 1) return undefined
  const values = Object.fromEntries([...above, id].map((value, i) => [names[i], value]))
  const below = collectionAt(world, place, { scope: site.scope, operation: place.list, values })
  return below.type.home === place ? below : undefined
}

/** Whether a thing says something that the things of a collection have room for. */
const isLike = ({ factory }: Collection, sent: JsonObject): boolean => {
  const known = new Set(factory.slots.map(({ normalized }) => normalized))
  return Object.keys(sent).some((name) => known.has(normalizeName(name)))
}

function addPart(world: World, below: Collection, sent: JsonObject): Entity {
  const { factory, place, name } = below
  const payload = factory.payload(sent)
  const own = factory.view.idPath && valueAt(sent, factory.view.idPath)
  // Where nothing is made by itself, what is made with another thing has the id that it comes with.
  const given = factory.identifiers.fits(own) ? (own as string | number) : undefined
  const id = place.create === undefined ? given : factory.chosenId(payload, place.create)
  if (id === undefined) return addEntity(world, below, { payload, operation: place.create })
  const entity = makeEntity(world, below, { payload, id, operation: place.create })
  keepEntity(world, below, { kind: 'replace', name, entity })
  return entity
}

/** Whether who makes a thing may say what is in its list. */
const isToldOf = ({ forms, schemas }: World, { create }: Place, { name }: Part): boolean =>
  (create?.body()?.content ?? []).some(({ schema }) =>
    forms.of(schemas.convert(schema ?? true, 'request')).byName.has(normalizeName(name)),
  )
