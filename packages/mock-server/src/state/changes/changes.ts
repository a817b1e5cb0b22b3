// Requests that read, change or remove one thing.

import type { Operation } from '../../engine/document/operation.js'
import { isNested, isObject, normalizeName } from '../../engine/json.js'
import { isStructuredType } from '../../engine/request/media-types.js'
import { answered, bytes, kept, notFound, raw, type StateAnswer, shown, showsOwn } from '../answering.js'
import { ENDING_VERBS, UPSERT_WORDS } from '../conventions/actions.js'
import { REVISION_MEMBER } from '../conventions/life.js'
import { wordsOf } from '../conventions/names.js'
import { setAnew, withActedLists } from '../entities/actions.js'
import { isJsonPatch } from '../entities/entities.js'
import type { Entity, Item } from '../entities/entity.js'
import { noteChange } from '../entities/entity-changes.js'
import { isSaidToCreate } from '../places/verbs.js'
import { moved } from '../store/ancestry.js'
import { type Found, findEntity, noteBirth } from '../store/entity-store.js'
import { isInvention, isOrphan, loadEntity, wentWithParent } from '../store/existence.js'
import { makeEntity } from '../store/making.js'
import { joinAt, joinByQuery, leaves } from '../store/memberships.js'
import { withNamed } from '../store/naming.js'
import { removedAt, removeStored, restore } from '../store/removed.js'
import { collectionOn, idOn, rowOf, type Site, type World } from '../world.js'
import { noteCount } from './counts.js'
import { noteWork } from './finishing.js'
import { withListChanges } from './list-changes.js'
import { noteBelow } from './parts.js'
import { queriedMembers } from './queried.js'
import { noteEmbedded } from './related.js'
import { refusalOfStale } from './stale.js'

export function read(world: World, site: Site): StateAnswer {
  const found = loadEntity(world, site) ?? removedAt(world, site)
  if (found === undefined) return notFound(site)
  const file = bytes(world, site, found) ?? (isOfBytes(site) ? bytesAbove(world, site) : undefined)
  return file ?? raw(world, site, found) ?? shown(world, site, found)
}

/** Whether what a path answers is a file, as `/assets/{id}/original` does (Immich). */
export const isOfBytes = ({ template }: Site): boolean =>
  template.media !== undefined && !isStructuredType(template.media.type)

/** The file that the thing above was made with: `/assets/{id}/original`, which can be replaced there (Immich). */
export function bytesAbove(world: World, site: Site): StateAnswer {
  const { place, request } = site
  if (place.parent?.param === undefined) return undefined
  const found = findEntity(world, collectionOn(world, place.parent, request), idOn(place.parent, request))
  return found && bytes(world, site, found)
}

/** The bytes of a thing. */
export function content(world: World, site: Site): StateAnswer {
  const found = findEntity(world, site, idOn(site.place, site.request))
  if (found !== undefined) return bytes(world, site, found)
  return isOrphan(world, site, site.place) ? notFound(site) : undefined
}

export function merge(world: World, site: Site): StateAnswer {
  const { factory, request } = site
  restore(world, site)
  const found = loadEntity(world, site)
  if (found === undefined) return notFound(site)
  const stale = refusalOfStale(world, site, found)
  if (stale !== undefined) return stale
  joinByQuery(world, site)
  const operations = patchIn(site)
  if (operations !== undefined) {
    const result = factory.patch(found.entity, operations, world.clock.now())
    if (!result.ok && isPlaceholder(world, request.operation, operations)) return shown(world, site, found)
    if (!result.ok) return { refusal: { status: patchStatus(request.operation), message: result.message } }
    return shown(world, site, kept(world, site, found, result.entity))
  }
  const isMergePatch = /merge-patch\+json/.test(request.bodyType ?? '')
  const sent = { ...queriedMembers(site), ...factory.payload(request.body) }
  const { forms } = world
  const { form } = factory.view
  const full = factory.full(found.entity)
  const acted = withActedLists(forms, form, full, { body: request.body, payload: sent })
  const payload = withListChanges(forms, form, full, acted)
  const now = world.clock.now()
  // What nobody has made or seen has no names of a client's in its maps.
  const anew = found.isMade === true ? payload : setAnew(forms, form, request.body)
  const before = anew === undefined ? found.entity : factory.unmapped(found.entity, anew)
  const merged = factory.merge(before, payload, request.operation, isMergePatch, now)
  const named = withNamed(world, site, merged, payload)
  const entity = withFlags(world, site, moved(world, site, named, payload))
  noteBelow(world, site, entity.id, entity)
  noteEmbedded(world, site, entity, entity)
  return shown(world, site, kept(world, site, found, entity), request.body)
}

/** The JSON patch that a request carries: by itself, or in an object that says something beside it (LaunchDarkly). */
function patchIn({ request, factory }: Site): readonly Item[] | undefined {
  const { body, bodyType, operation } = request
  const isPatch = /json-patch\+json/.test(bodyType ?? '')
  if (isPatch || (operation.method === 'PATCH' && isJsonPatch(body))) return Array.isArray(body) ? body : []
  if (operation.method !== 'PATCH' || !isObject(body)) return undefined
  const [[name, list] = [], ...others] = Object.entries(body).filter(([, value]) => isNested(value))
  const isOwn = name !== undefined && factory.view.form.byName.has(normalizeName(name))
  return others.length === 0 && !isOwn && isJsonPatch(list) ? list : undefined
}

/** Whether a patch was copied from the document, whose example leads to nothing: it changes nothing then. */
function isPlaceholder({ forms, schemas }: World, operation: Operation, patch: readonly unknown[]): boolean {
  const examples = (operation.body()?.content ?? []).flatMap(({ schema }) => {
    const body = forms.of(schemas.convert(schema ?? true, 'request'))
    const lists = body.isArray ? [body] : [...body.byName.values()].map((member) => forms.of(member.schema))
    return lists.flatMap(({ items }) =>
      forms.alternatives(items).flatMap((option) => {
        const member = forms.of(option).byName.get('path')
        return member === undefined ? [] : forms.of(member.schema).shape.examples
      }),
    )
  })
  return patch.every((one) => isObject(one) && examples.includes(one.path))
}

/** The status for a patch that cannot be applied, as the document has it. */
function patchStatus(operation: Operation): number {
  const documented = new Set(operation.responses().map(({ status }) => status))
  return [409, 422, 400].find((status) => documented.has(String(status))) ?? 409
}

/** Whether a PUT makes what is not there: a single thing, or one that the document says it makes. */
const makesAbsent = ({ place, request: { operation } }: Site): boolean =>
  place.param === undefined ||
  isSaidToCreate(operation) ||
  operation.responses().some(({ status }) => status === '201') ||
  UPSERT_WORDS.test([operation.operationId, operation.summary, operation.extension('description')].join('\n'))

export function replace(world: World, site: Site): StateAnswer {
  const { factory, request, place, name } = site
  const { operation } = request
  const list = listKept(world, site)
  if (list !== undefined) return list
  restore(world, site)
  const canMake = makesAbsent(site)
  const payload = { ...queriedMembers(site), ...factory.payload(request.body) }
  restore(world, site)
  const found = loadEntity(world, site)
  if (found === undefined || isUnwritten(world, site, found)) {
    if ((found === undefined && !canMake) || isOrphan(world, site, place.parent)) return notFound(site)
    const id = idOn(place, request)
    const entity = { ...makeEntity(world, site, { payload, operation, request, id }), id }
    noteBirth(world, site, entity)
    noteWork(world, site, entity)
    return shown(world, site, kept(world, site, { entity, collection: name }, entity), request.body)
  }
  if (joinAt(world, site, found)) return shown(world, site, found)
  const stale = refusalOfStale(world, site, found)
  if (stale !== undefined) return stale
  if (isJsonPatch(request.body)) return merge(world, site)
  const now = world.clock.now()
  const changed = putMerges(world, site)
    ? factory.merge(factory.unmapped(found.entity, payload), payload, operation, false, now)
    : factory.replace(found.entity, payload, operation, now)
  const entity = withFlags(world, site, moved(world, site, changed, payload))
  noteEmbedded(world, site, entity, entity)
  return shown(world, site, kept(world, site, found, entity), request.body)
}

/** A list of plain values that there is once is kept as it is sent: the name servers of a domain (DNSimple). */
function listKept(world: World, site: Site): StateAnswer {
  const { request, scope, place } = site
  if (place.param !== undefined || !Array.isArray(request.body)) return undefined
  world.files.keepAt(request, scope, request.path)
  return bytes(world, site)
}

/** A thing with the status that a flag of a change is called like, where it has no such flag itself: `completed: true` (DocuSeal). */
function withFlags(
  { clock }: World,
  { factory, request: { body, operation } }: Site,
  entity: Entity,
): Entity {
  const verbs = Object.entries(isObject(body) ? body : {}).flatMap(([name, value]) =>
    value === true ? [normalizeName(name)] : [],
  )
  return verbs
    .filter((verb) => !factory.slots.some(({ normalized }) => normalized === verb) && factory.canBe(verb))
    .reduce((one, verb) => factory.act(one, {}, verb, operation, clock.now()), entity)
}

/** Whether all there is of a thing is what the mock made up when somebody asked for it, and a PUT keeps nothing of that. */
const isUnwritten = (world: World, site: Site, found: Found): boolean =>
  found.isMade === true || (isInvention(world, site, found.entity.id) && !putMerges(world, site))

/** Where there is no PATCH and a PUT may say little, it changes only what it says. */
const putMerges = ({ forms, schemas }: World, { place, request: { operation } }: Site): boolean =>
  !place.changes.some(({ method }) => method === 'PATCH') &&
  (operation.body()?.content ?? []).every(({ schema }) => {
    const form = forms.of(schemas.convert(schema ?? true, 'request'))
    const [only, ...others] = form.byName.values()
    // An envelope has to be there, whatever it holds.
    const inner = only !== undefined && others.length === 0 ? forms.of(only.schema) : form
    const { required } = (inner.byName.size > 0 ? inner : form).shape
    // Which state is changed is no part of what it becomes (Gusto's `version`).
    return [...required].every((name) => REVISION_MEMBER.test(normalizeName(name)))
  })

export function remove(world: World, site: Site): StateAnswer {
  const found =
    loadEntity(world, site) ?? (wentWithParent(world, site) ? madeForRemoval(world, site) : undefined)
  if (found === undefined) return notFound(site)
  if (leaves(world, site, found)) return shown(world, site, found)
  const last = lastOf(world, site, found)
  if (last !== undefined) return shown(world, site, kept(world, site, found, last))
  // What is removed by a word of its path, and not by a method, may be the document's example: what nobody made or changed
  // is not known to be gone.
  const isUnseen = site.request.operation.method !== 'DELETE' && isUnmade(world, site, found)
  if (!isUnseen) {
    removeStored(world, site, found)
    noteBelow(world, site, found.entity.id, undefined)
    noteEmbedded(world, site, found.entity, undefined)
    noteCount(world, site, -1)
  }
  noteChange(world.changes, site, { kind: 'delete', entity: found.entity, before: found.entity })
  return answered(world, site, { body: world.renderer.removed(site, rowOf(site, ended(world, site, found))) })
}

/** What becomes of a thing that DELETE ends and does not remove; it answers with the thing, whose status names the end. */
function lastOf({ clock, types, ...world }: World, site: Site, { entity }: Found): Entity | undefined {
  const { factory, request, template, place } = site
  const { operation } = request
  if (operation.method !== 'DELETE' || place.read === undefined || template.media === undefined)
    return undefined
  const verb = [operation.id, operation.summary].map((text) => wordsOf(text)[0] ?? '').find(isEnding)
  const isShown = showsOwn(world, types.entityView(template, place), factory)
  return verb !== undefined && isShown && factory.canBe(verb)
    ? factory.act(entity, {}, verb, operation, clock.now())
    : undefined
}

const isEnding = (word: string): boolean => ENDING_VERBS.has(word)

/** How a thing is shown last: a payment that DELETE cancels is cancelled. */
function ended({ clock }: World, { factory, request, template }: Site, { entity }: Found): Entity {
  const { operation } = request
  if (template.media === undefined) return entity
  const [verb = 'delete'] = wordsOf(operation.id)
  const act = (one: Entity, word: string) => factory.act(one, {}, word, operation, clock.now())
  return ['delete', verb].reduce(act, entity)
}

const isUnmade = (world: World, site: Site, { isMade, entity }: Found): boolean =>
  isMade === true || isInvention(world, site, entity.id)

const madeForRemoval = (world: World, site: Site): Found => ({
  entity: makeEntity(world, site, { payload: {}, id: idOn(site.place, site.request) }),
  collection: site.name,
})
