// What was removed and can come back: a DELETE that only archives. A document tells of it by an action that takes the removal
// back, or by a switch of lists and reads that shows what was removed as well.

import type { Operation } from '../../engine/document/operation.js'
import { normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { RESTORING_VERBS, SHOWING_REMOVED, wordsOf } from '../conventions.js'
import type { Entity } from '../entities/entities.js'
import type { Row } from '../entities/row-views.js'
import { verbOf } from '../places/verbs.js'
import { type Collection, idOn, rowOf, type Site, type World } from '../world.js'
import { entityOf, type Found, keepEntity, removeEntity } from './entity-store.js'

const removedFrom = (collection: string): string => `#removed ${collection}`
const asItWas = (collection: string): string => `#before removal ${collection}`

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
  if (!canComeBack(world, site)) return
  const { operation } = site.request
  const act = (one: Entity, verb: string): Entity =>
    site.factory.act(one, {}, verb, operation, world.clock.now())
  const last = ['delete', 'archive', ...wordsOf(operation.id).slice(0, 1)].reduce(act, entity)
  for (const [name, kept] of [
    [asItWas(collection), entity],
    [removedFrom(collection), last],
  ] as const)
    keepEntity(world, untyped(site), { kind: 'replace', name, entity: kept })
}

/** What is removed is found in no other collection. */
const untyped = (site: Collection): Collection => ({ ...site, type: { ...site.type, isShared: false } })

/** The removed thing that a request is about and wants to see. */
export function removedAt({ items }: World, site: Site): Found | undefined {
  if (switchedOn(site.request).length === 0) return undefined
  const row = items.find(site.scope, removedFrom(site.name), idOn(site.place, site.request))
  return row && { entity: entityOf(row), collection: site.name }
}

/** The rows of a list with those of removed things that a request wants to see. @param names of the switches that say so. */
export function withRemoved(
  { items }: World,
  site: Site,
  rows: readonly Row[],
): { readonly rows: readonly Row[]; readonly names: ReadonlySet<string> } {
  const on = switchedOn(site.request)
  if (on.length === 0) return { rows, names: NO_NAMES }
  const removed = items.list(site.scope, removedFrom(site.name)).map((row) => rowOf(site, entityOf(row)))
  const names = new Set(on.map(([name]) => normalizeName(name)))
  const isToo = on.some(([, wanted]) => wanted === 'too')
  return { rows: [...(isToo ? rows : rows.filter((row) => isOver(row, names))), ...removed], names }
}

const NO_NAMES: ReadonlySet<string> = new Set()

/** Whether a thing that is still there says of itself what a switch asks for: `archived: true`, or `archived_at`. */
const isOver = ({ entity, factory }: Row, names: ReadonlySet<string>): boolean =>
  Object.entries(factory.full(entity)).some(([name, value]) => {
    const [, state = ''] = /^(?:is)?(.*?)(?:at|on|date|time)?$/.exec(normalizeName(name)) ?? []
    return names.has(state) && value !== null && value !== undefined && value !== false
  })

/** Brings back the removed thing that an action is about, if that takes removals back. */
export function restore(world: World, site: Site): void {
  const { items } = world
  const { scope, name, place, request } = site
  if (!isRestoring(verbOf(request.operation))) return
  const row = items.find(scope, asItWas(name), idOn(place, request))
  if (row === undefined || !keepEntity(world, site, { kind: 'insert', name, entity: entityOf(row) })) return
  for (const kept of [asItWas(name), removedFrom(name)]) items.remove(scope, kept, row.id)
}
