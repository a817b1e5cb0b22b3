// Reads traffic that was recorded: which things an exchange shows, changes or removes.

import { isObject } from '../engine/json.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import type { Item } from './entities/entity.js'
import type { EntityView } from './forms/entity-views.js'
import { valueAt, withValueAt } from './forms/slots.js'
import { itemIdOf, type RoleKind } from './places/place.js'
import { idOn, type Site, siteOf, type World } from './world.js'

export interface Observation {
  /** The path of its collection, as it was asked for. */
  readonly collection: string
  /** The path of its kind's first collection, as the document writes it. */
  readonly kind: string
  readonly id: string | number
  /** Undefined where it was removed. */
  readonly thing: Item | undefined
  /** Whether that is all of it; else it says more of what is known. */
  readonly isWhole: boolean
  /** Whether it stood in a list, whose order counts. */
  readonly isListed?: boolean
  /** Whether it was made by this exchange. */
  readonly isMade?: boolean
  /** Whether it was made with an id of the API's own. */
  readonly isNew: boolean
}

/** @param body what the API answered, with a success. */
export function observe(world: World, request: ApiRequest, body: unknown): readonly Observation[] {
  const role = world.types.roleOf(request.operation)
  const site = role && siteOf(world, role, request)
  const isUntold = role?.isCurrent === true && role.kind === 'remove'
  return site === undefined || !world.isThing(site.type) || isUntold
    ? []
    : (READERS[site.role.kind]?.(world, site, body) ?? [])
}

export type Target = Pick<Observation, 'kind' | 'id' | 'isNew'>

/** The one thing that a request is about, as observations name it: by its path, or by the id that a new one is to have. */
export function targetOf(world: World, request: ApiRequest): Target | undefined {
  const role = world.types.roleOf(request.operation)
  const site = role && siteOf(world, role, request)
  if (site === undefined || !world.isThing(site.type) || role?.isCurrent === true) return undefined
  const { place, factory, type } = site
  const isOne = ITEM_ROLES.has(role?.kind ?? 'list') && place.param !== undefined
  const chosen =
    role?.kind === 'create' ? factory.chosenId(factory.payload(request.body), request.operation) : undefined
  const id = isOne ? idOn(place, request) : chosen
  return id === undefined ? undefined : { kind: type.home.collection, id, isNew: !isOne }
}

const ITEM_ROLES: ReadonlySet<RoleKind> = new Set(['read', 'merge', 'replace', 'remove', 'action'])

type Reader = (world: World, site: Site, body: unknown) => readonly Observation[]

const READERS: Readonly<Partial<Record<RoleKind, Reader>>> = {
  create: (world, site, body) => one(world, site, body, { isNew: true }),
  'create-many': listed,
  list: listed,
  search: listed,
  read: (world, site, body) => one(world, site, body, {}),
  merge: (world, site, body) => changed(world, site, body, false),
  replace: (world, site, body) => changed(world, site, body, true),
  action: (world, site, body) => one(world, site, body, {}),
  remove: (_, site) => [
    { ...placeOf(site), id: idOn(site.place, site.request), thing: undefined, isWhole: true, isNew: false },
  ],
}

const placeOf = ({ name, type }: Site) => ({ collection: name, kind: type.home.collection })

const isId = (id: unknown): id is string | number =>
  (typeof id === 'string' && id !== '') || typeof id === 'number'

function one(
  world: World,
  site: Site,
  body: unknown,
  { isNew = false }: { readonly isNew?: boolean },
): readonly Observation[] {
  const { template, place, request } = site
  if (template.media === undefined) return []
  const view = world.types.entityView(template, place)
  const thing = valueAt(body, view.path)
  if (!isObject(thing)) return []
  const own = view.idPath && valueAt(thing, view.idPath)
  const isOwn = isNew || place.param === undefined || site.role.isCurrent === true
  const id = isOwn ? own : idOn(place, request)
  if (!isId(id)) return []
  const sent = isNew && isObject(request.body) ? request.body : {}
  // What a client has chosen says nothing of the ids of the API.
  const isChosen = Object.values(sent).some((value) => String(value) === String(id))
  // A path has digits where a body has a number.
  const typed = isId(own) && String(own) === String(id) ? own : id
  return [{ ...placeOf(site), id: typed, thing, isWhole: true, isNew: isNew && !isChosen, isMade: isNew }]
}

function changed(world: World, site: Site, body: unknown, isWhole: boolean): readonly Observation[] {
  const shown = one(world, site, body, {})
  if (shown.length > 0 || !isObject(site.request.body) || site.place.param === undefined) return shown
  if (site.role.isCurrent === true) return []
  const { place, request, factory } = site
  const { idPath } = factory.view
  const id = itemIdOf(place, request.operation, request.parameters.path)
  const sent = factory.payload(request.body)
  const thing =
    idPath === undefined || valueAt(sent, idPath) !== undefined ? sent : withValueAt(sent, idPath, id)
  if (!isObject(thing)) return []
  return [{ ...placeOf(site), id: idOn(site.place, site.request), thing, isWhole, isNew: false }]
}

function listed(world: World, site: Site, body: unknown): readonly Observation[] {
  const { template, place } = site
  const view = template.media === undefined ? undefined : world.types.listView(template, place)
  const rows = view === undefined || view.idsOnly ? undefined : valueAt(body, view.path)
  if (view === undefined || !Array.isArray(rows)) return []
  // An empty list is known to be empty.
  if (rows.length === 0) return [{ ...placeOf(site), id: '', thing: undefined, isWhole: true, isNew: false }]
  return rows.flatMap((row) => inList(site, view.item, row))
}

function inList(site: Site, { path, idPath }: EntityView, row: unknown): readonly Observation[] {
  const thing = valueAt(row, path)
  const id = idPath && isObject(thing) ? valueAt(thing, idPath) : undefined
  return isObject(thing) && isId(id)
    ? [{ ...placeOf(site), id, thing, isWhole: false, isNew: false, isListed: true }]
    : []
}
