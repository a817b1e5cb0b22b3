// Requests that act on one thing, or read what is below it: what an action does to it, and what its answer shows.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import { isStructuredType } from '../../engine/request/media-types.js'
import { answered, bytes, echo, kept, notFound, type StateAnswer, shown, showsOwn } from '../answering.js'
import { ACTION_MEMBER, JOINING_WORDS, LEAVING_WORDS, RENEWING_VERBS } from '../conventions/actions.js'
import { SECRET_MEMBER, wordsOf } from '../conventions/names.js'
import type { Entity } from '../entities/entity.js'
import { exclusiveFlag } from '../entities/flags.js'
import type { EntityView } from '../forms/entity-views.js'
import { bare, nounOf } from '../places/paths.js'
import { verbOf, verbOfNoun } from '../places/verbs.js'
import { type Found, findEntity, keepEntity, rowsIn } from '../store/entity-store.js'
import { isOrphan } from '../store/existence.js'
import { joinByAction, joinByQuery } from '../store/memberships.js'
import { restore } from '../store/removed.js'
import { idOn, type Site, type World } from '../world.js'
import { recordShown } from './action-records.js'
import { isOfBytes } from './changes.js'
import { linkedShown, noteListed } from './linked.js'
import { madeFrom } from './made-from.js'
import { entryShown, existenceShown, partShown, showsEntry, withPart } from './parts.js'
import { relatedShown } from './related.js'
import { toldAction } from './told-actions.js'
import { withWordedList } from './worded-lists.js'

/** An operation on an existing thing: it shows the thing, and changes it when it answers in the thing's own form. */
export function act(world: World, site: Site): StateAnswer {
  const { request, place, template } = site
  restore(world, site)
  // What is said of a thing aside from its path may be said of others as well.
  const isAside = !bare(request.operation.path).startsWith(`${bare(place.collection)}/`)
  if (!isAside && isOrphan(world, site, place)) return notFound(site)
  joinByAction(world, site)
  joinByQuery(world, site)
  const found = findEntity(world, site, idOn(place, request))
  if (request.operation.method === 'GET') return readBelow(world, site, found)
  if (found === undefined) return echo(world, request, template)
  const another = madeFrom(world, site, [found.entity], site.factory.payload(request.body))
  if (another !== undefined) return another
  const isJson = template.media !== undefined && isStructuredType(template.media.type)
  const view = isJson ? world.types.entityView(template, place) : undefined
  const isOwn = view !== undefined && showsOwn(world, view, site.factory) && !showsEntry(world, site, view)
  const parted = withListChanged(world, site, found)
  if (parted !== undefined) {
    noteListed(world, site, parted)
    return partedShown(world, site, kept(world, site, found, parted), view, isOwn)
  }
  const linked = linkedShown(world, site, found)
  if (linked !== undefined) return linked
  return isOwn ? actedOn(world, site, found) : actedBeside(world, site, found, view)
}

/** A thing one of whose lists has changed, or the entry that has changed there. */
function partedShown(
  world: World,
  site: Site,
  after: Found,
  view: EntityView | undefined,
  isOwn: boolean,
): StateAnswer {
  const { request, template } = site
  if (template.media === undefined) return answered(world, site, {})
  if (isOwn) return shown(world, site, after)
  return (view && entryShown(world, site, view, after.entity)) ?? echo(world, request, template)
}

const withListChanged = (world: World, site: Site, found: Found): Entity | undefined =>
  withWordedList(world, site, found) ?? withPart(world, site, found)

/** What a path below a thing shows of it: its bytes, a part of it, or the thing itself in another light. */
const readBelow = (world: World, site: Site, found: Found | undefined): StateAnswer =>
  bytes(world, site, found !== undefined && isOfBytes(site) ? found : undefined) ??
  partShown(world, site, found) ??
  existenceShown(world, site, found) ??
  relatedShown(world, site, found) ??
  (found !== undefined && showsItself(world, site) ? shown(world, site, found) : undefined) ??
  echo(world, site.request, site.template, found && idTold(world, site, found))

/** The id of a thing, where an answer below it has an `id` and nothing of the kind that it shows is read by one. */
function idTold({ types }: World, { template, place }: Site, { entity }: Found): string | undefined {
  if (template.media === undefined) return undefined
  const { idPath, path, schema } = types.entityView(template, place)
  if (idPath?.join() !== 'id' || path.length > 0) return undefined
  return types.shows(schema) ? undefined : entity.id
}

/** Whether a word below a thing says how it is looked at, and not which other one is: `validate`, `live`, but not `manager`. */
function showsItself(world: World, { template, place, factory, request }: Site): boolean {
  if (template.media === undefined || !isStructuredType(template.media.type)) return false
  const word = normalizeName(verbOf(request.operation))
  const isOther = [...factory.view.form.byName.keys()].some((name) => name.includes(word))
  const view = world.types.entityView(template, place)
  return !isOther && view.path.length === 0 && view.isSure && showsOwn(world, view, factory)
}

function actedOn(world: World, site: Site, found: Found): StateAnswer {
  const { factory, request } = site
  const now = world.clock.now()
  const { verb, payload } = toldAction(site, doneBy(world, request.operation), factory.payload(request.body))
  const acted = factory.act(found.entity, payload, verb, request.operation, now)
  leaveOnlyOne(world, site, acted, verb)
  // A path may be called by one of two actions, and a body says which: `/queues/{id}/pause` with `{ action: 'resume' }`.
  const said = actionSaid(site)
  const entity = said === undefined ? acted : factory.act(acted, payload, said, request.operation, now)
  return shown(world, site, kept(world, site, found, renewed(world, site, entity)), request.body)
}

/** What is the default by now is the only one. */
function leaveOnlyOne(world: World, site: Site, { id, item }: Entity, verb: string): void {
  const flag = exclusiveFlag(verb, site.factory.slots)
  if (flag === undefined || item[flag] !== true) return
  for (const { entity } of rowsIn(world, site, [site.type])) {
    if (entity.id === id || entity.item[flag] !== true) continue
    const found = findEntity(world, site, entity.id)
    const now = { [flag]: false }
    const other = {
      ...entity,
      item: { ...entity.item, ...now },
      whole: entity.whole && { ...entity.whole, ...now },
    }
    if (found !== undefined)
      keepEntity(world, site, { kind: 'replace', name: found.collection, entity: other })
  }
}

const verbsDone = new WeakMap<Operation, string>()

/** What an action does: what its path is called like, or the contrary for a DELETE beside what does that (GitHub's stars, Gmail). */
function doneBy({ operations }: World, operation: Operation): string {
  const known = verbsDone.get(operation)
  if (known !== undefined) return known
  const isBack =
    operation.method === 'DELETE' &&
    operations.some(({ method, path }) => path === operation.path && (method === 'PUT' || method === 'POST'))
  const verb = verbOfNoun(operation) ?? `${isBack ? 'un' : ''}${verbOf(operation)}`
  verbsDone.set(operation, verb)
  return verb
}

/** With new secrets where an action is called one that makes them: `/endpoints/{id}/secret`, which resets it, `/keys/{id}/rotate`. */
function renewed(
  { clock, forms, sampler }: World,
  { factory, request, place }: Site,
  entity: Entity,
): Entity {
  const { operation, body } = request
  const words = [verbOf(operation), operation.id, operation.summary].flatMap(wordsOf)
  if (!words.some((word) => RENEWING_VERBS.has(word))) return entity
  const said = new Set(isObject(body) ? Object.keys(body).map(normalizeName) : [])
  const secrets = [...factory.view.form.byName].flatMap(([normalized, { name, schema }]) => {
    const isItself = /^(key|value)$/.test(normalized) && SECRET_MEMBER.test(nounOf(place))
    const isSecret = isItself || SECRET_MEMBER.test(normalized)
    if (
      !isSecret ||
      forms.types(schema)?.has('string') !== true ||
      said.has(normalized) ||
      entity.item[name] === undefined
    )
      return []
    const seed = `${entity.id} ${clock.now()}`
    return [[name, sampler.sample(schema, { seed, examples: false, isSuccess: true }).value] as const]
  })
  const anew = Object.fromEntries(secrets)
  return { ...entity, item: { ...entity.item, ...anew }, whole: entity.whole && { ...entity.whole, ...anew } }
}

/** The word in a body that says what is done to a thing, where that leads to a status of the thing. */
function actionSaid({ factory, request: { body } }: Site): string | undefined {
  if (!isObject(body)) return undefined
  if (typeof body.action === 'string') return body.action
  const { byName } = factory.view.form
  const [word] = Object.entries(body).flatMap(([name, value]) => {
    const normalized = normalizeName(name)
    const isSaying = typeof value === 'string' && ACTION_MEMBER.test(normalized) && !byName.has(normalized)
    return isSaying && factory.canBe(normalizeName(value)) ? [value] : []
  })
  return word
}

/** What answers in another form than the thing's may still end or begin something of it. */
function actedBeside(world: World, site: Site, found: Found, view: EntityView | undefined): StateAnswer {
  const { factory, request, template } = site
  const record = recordShown(world, site, found, view)
  if (record !== undefined) return record
  const verb = doneBy(world, request.operation)
  const isBack = verb.startsWith('un') || verbOfNoun(request.operation) === verb
  const isVerb = !verb.includes('{') && (request.operation.method !== 'DELETE' || isBack)
  const payload = saysOwn(world, site, view) ? factory.payload(request.body) : {}
  const after = isVerb
    ? kept(world, site, found, factory.act(found.entity, payload, verb, request.operation, world.clock.now()))
    : found
  if (template.media === undefined) return answered(world, site, {})
  return view?.idPath === undefined || !view.isSure || !hasRoomForId(world, view, after.entity)
    ? echo(world, request, template)
    : shown(world, site, after, request.body)
}

/**
 * Whether what a body says below a thing is said of the thing: a PUT or PATCH says so, and what answers with nothing, or with
 * no more than that it is done. What answers with another thing makes that.
 */
function saysOwn({ forms }: World, { request, template }: Site, view: EntityView | undefined): boolean {
  const [word = ''] = wordsOf(verbOf(request.operation))
  // What joins a thing or leaves it is told by what it is below.
  if (!isObject(request.body) || JOINING_WORDS.has(word) || LEAVING_WORDS.has(word)) return false
  const isDone =
    template.media === undefined ||
    (view?.idPath === undefined && forms.of(template.schema).byName.size <= MAX_RECEIPT)
  return ['PUT', 'PATCH'].includes(request.operation.method) || isDone
}

/** Answers of so many members say that something is done, and are no things. */
const MAX_RECEIPT = 2

/** Whether an answer's own id may be that of a thing: a task that is told of has another form of ids. */
function hasRoomForId({ validation }: World, { form, idPath }: EntityView, { id }: Entity): boolean {
  const member = idPath?.length === 1 ? form.byName.get(normalizeName(idPath[0] ?? '')) : undefined
  const fits = (value: unknown): boolean =>
    member === undefined || validation.ofSchema(member.schema)(value).length === 0
  return fits(id) || fits(Number(id))
}
