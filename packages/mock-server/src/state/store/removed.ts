// What was removed and can come back: a DELETE that only archives. A document tells of it by an action that takes the removal
// back, or by a switch of lists and reads that shows what was removed as well.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { RESTORING_VERBS } from '../conventions/actions.js'
import { SHOWING_REMOVED } from '../conventions/lists.js'
import { wordsOf } from '../conventions/names.js'
import type { Entity } from '../entities/entity.js'
import type { Row } from '../entities/row-views.js'
import type { ResourceType } from '../places/types.js'
import { verbOf } from '../places/verbs.js'
import { type Collection, idOn, rowOf, type Site, type World } from '../world.js'
import { emptyBelongings } from './belongings.js'
import { type Found, findEntity, keepEntity, removeEntity, rowsIn } from './entity-store.js'
import { besideOf } from './kept-beside.js'

/** What is kept of removed things: how they are shown from then on, and what they were. */
type Kept = 'removed' | 'before'

const shadows = new WeakMap<ResourceType, Readonly<Record<Kept, ResourceType>>>()

/** Where removed things are kept that were in a collection: beside it, so that nothing else finds them. */
function shadowOf<Of extends Collection>(collection: Of, kept: Kept, name = collection.name): Of {
  const { type } = collection
  const known = shadows.get(type) ?? {
    removed: { ...type, name: besideOf('removed', type.name) },
    before: { ...type, name: besideOf('before', type.name) },
  }
  shadows.set(type, known)
  return { ...collection, type: known[kept], name: besideOf(kept, name) }
}

/** What a request wants to see of what was removed. */
type Wanted = 'nothing' | 'too' | 'only'

const switches = new WeakMap<Operation, ReadonlyMap<string, Wanted>>()

/** The switches of an operation that show what was removed, by the names of their parameters. */
function switchesOf(operation: Operation): ReadonlyMap<string, Wanted> {
  const known = switches.get(operation)
  if (known !== undefined) return known
  const found = operation.parameters().flatMap(({ in: place, name, raw }) => {
    const normalized = normalizeName(name)
    const isOnly = SHOWING_REMOVED.only.test(normalized)
    if (place !== 'query' || !(isOnly || SHOWING_REMOVED.too.test(normalized))) return []
    const isToo = !isOnly || SHOWING_REMOVED.tooSentence.test(String(raw.description ?? ''))
    return [[name, isToo ? 'too' : 'only'] as const]
  })
  const own = new Map<string, Wanted>(found)
  switches.set(operation, own)
  return own
}

/** The switches that a request has on, with what they show. */
const switchedOn = ({
  operation,
  parameters: { query },
}: ApiRequest): readonly (readonly [string, Wanted])[] =>
  [...switchesOf(operation)].filter(([name]) => String(query[name]) === 'true')

const isRestoring = (verb: string): boolean => RESTORING_VERBS.has(normalizeName(verb))

/** Whether a document tells that what is removed from a place can be seen, or can come back. */
const canComeBack = (world: World, { place, type }: Collection): boolean =>
  [place.list, place.read].some((operation) => operation !== undefined && switchesOf(operation).size > 0) ||
  world.verbsOf(type).some(isRestoring)

/** Removes a thing; where it can come back it is kept, as it was and as it is shown from then on. */
export function removeStored(world: World, site: Site, found: Found): void {
  const { entity, collection } = found
  removeEntity(world, site, found)
  if (!canComeBack(world, site)) {
    emptyBelongings(world, site, found)
    return
  }
  const { operation } = site.request
  const act = (one: Entity, verb: string): Entity =>
    site.factory.act(one, {}, verb, operation, world.clock.now())
  const last = ['delete', 'archive', ...wordsOf(operation.id).slice(0, 1)].reduce(act, entity)
  for (const [kept, one] of Object.entries({ before: entity, removed: last } as const)) {
    const shadow = shadowOf(site, kept as Kept, collection)
    keepEntity(world, shadow, { kind: 'replace', name: shadow.name, entity: one })
  }
}

/** The removed thing that a request is about and may see: it asks for that, or nothing but its list hides what is archived. */
export function removedAt(world: World, site: Site): Found | undefined {
  const { place, request } = site
  const isHidden = switchesOf(request.operation).size > 0 || !archives(place.remove)
  if (isHidden && switchedOn(request).length === 0) return undefined
  return findEntity(world, shadowOf(site, 'removed'), idOn(place, request))
}

/** Whether a DELETE is called one that archives: DocuSeal, HubSpot, Dodo Payments. */
const archives = (operation: Operation | undefined): boolean =>
  operation !== undefined &&
  [operation.id, operation.summary].some((text) => /^archives?$/.test(wordsOf(text)[0] ?? ''))

/** The rows of a list with those of removed things that a request wants to see. @param names of the switches that say so. */
export function withRemoved(
  world: World,
  site: Site,
  rows: readonly Row[],
): { readonly rows: readonly Row[]; readonly names: ReadonlySet<string> } {
  const on = switchedOn(site.request)
  if (on.length === 0) return { rows, names: NO_NAMES }
  const shadow = shadowOf(site, 'removed')
  const removed = rowsIn(world, shadow, [shadow.type]).map(({ entity }) => rowOf(site, entity))
  const names = new Set(on.map(([name]) => normalizeName(name)))
  const isToo = on.some(([, wanted]) => wanted === 'too')
  return { rows: [...(isToo ? rows : rows.filter((row) => isOver(row, names))), ...removed], names }
}

const NO_NAMES: ReadonlySet<string> = new Set()

/** Whether a thing that is still there says of itself what a switch asks for: `archived: true`, or `archived_at`. */
function isOver({ entity, factory }: Row, names: ReadonlySet<string>): boolean {
  const states = new Set([...names].map((name) => name.replace(/^(is|only)|only$/g, '')))
  return Object.entries(factory.full(entity)).some(([name, value]) => {
    const [, state = ''] = /^(?:is)?(.*?)(?:at|on|date|time)?$/.exec(normalizeName(name)) ?? []
    return states.has(state) && value !== null && value !== undefined && value !== false
  })
}

/** Brings back the removed thing that a request is about, if it is an action that takes removals back, or says that it is not so. */
export function restore(world: World, site: Site): void {
  const { items } = world
  const { scope, place, request } = site
  if (!isRestoring(verbOf(request.operation)) && !saysOtherwise(request)) return
  const id = idOn(place, request)
  const found = findEntity(world, shadowOf(site, 'before'), id)
  if (found === undefined || findEntity(world, site, id) !== undefined) return
  const name = found.collection.slice(besideOf('before', '').length)
  if (!keepEntity(world, site, { kind: 'insert', name, entity: found.entity })) return
  for (const kept of ['before', 'removed'] as const)
    items.remove(scope, shadowOf(site, kept, name).name, found.entity.id)
}

/** Whether a change says of a thing that it is not removed: `{ archived: false }`. */
const saysOtherwise = ({ body, operation: { method } }: ApiRequest): boolean =>
  method !== 'DELETE' &&
  isObject(body) &&
  Object.entries(body).some(
    ([name, value]) => value === false && SHOWING_REMOVED.only.test(normalizeName(name)),
  )
