// Requests that read, change or remove several things at once, each of which they name by its id.

import { isEmpty, isObject, normalizeName } from '../../engine/json.js'
import { noPreferences } from '../../engine/request/preferences.js'
import type { Schema } from '../../engine/schema/schema.js'
import { answered, echo, notFound, type StateAnswer, tooMany } from '../answering.js'
import { rowsAsked } from '../answers/listing.js'
import type { Item } from '../entities/entity.js'
import { noteChange } from '../entities/entity-changes.js'
import { typedId } from '../entities/identifiers.js'
import type { ListView } from '../forms/list-views.js'
import { valueAt, withValueAt } from '../forms/slots.js'
import { nounOf } from '../places/paths.js'
import { verbOf } from '../places/verbs.js'
import { type Found, findEntity, keepEntity } from '../store/entity-store.js'
import { isOrphan } from '../store/existence.js'
import { leaves } from '../store/memberships.js'
import { removeStored } from '../store/removed.js'
import { nameAbove } from '../store/thing-lists.js'
import { rowOf, type Site, type World } from '../world.js'
import { madeFrom } from './made-from.js'
import { payloadsIn, several } from './several.js'

interface Named {
  readonly found: Found
  /** What the request says of it. */
  readonly row: unknown
}

type Batch = (world: World, site: Site) => StateAnswer

/** For the things that a body names, each in an entry of a list: `{ id: '1', … }`, or nothing but the id. */
const withNamed =
  (step: (world: World, site: Site, named: readonly Named[]) => StateAnswer): Batch =>
  (world, site) => {
    const rows = idsOrRows(site.request.body, idNames(site))
    return tooMany(rows) ?? step(world, site, namedIn(world, site, rows))
  }

/** The things that the rows of a request name by their ids. */
export function namedIn(world: World, site: Site, rows: readonly unknown[]): readonly Named[] {
  const own = idNames(site)
  return rows.flatMap((row) => {
    const name = isObject(row) ? Object.keys(row).find((one) => own.has(normalizeName(one))) : undefined
    const id = isObject(row) ? name && row[name] : row
    const found =
      typeof id === 'string' || typeof id === 'number' ? findEntity(world, site, String(id)) : undefined
    return found === undefined ? [] : [{ found, row }]
  })
}

const idNames = ({ factory, place }: Site): ReadonlySet<string> =>
  new Set([
    'id',
    ...[factory.view.idPath?.at(-1), place.param].flatMap((name) => (name ? normalizeName(name) : [])),
  ])

function idsOrRows(body: unknown, own: ReadonlySet<string>): readonly unknown[] {
  if (Array.isArray(body) || !isObject(body)) return Array.isArray(body) ? body : []
  const rows = payloadsIn(body)
  if (rows[0] !== body) return rows
  const [name, ids = undefined] = Object.entries(body).find(([one]) => own.has(normalizeName(one))) ?? []
  // What is said of one thing, or of several in so many words: `{ connection_id: ['a', 'b'], metadata: { … } }`.
  if (name !== undefined) return [ids].flat().map((id) => ({ ...body, [name]: id }))
  const lists = Object.entries(body).filter(([, value]) => Array.isArray(value))
  const [, listed] = lists.find(([one]) => /ids?$/i.test(one)) ?? lists[0] ?? []
  return Array.isArray(listed) ? listed : []
}

export const readMany = withNamed((world, site, named) => {
  const rows = named.map(({ found }) => rowOf(site, found.entity))
  return rows.length === 0 ? undefined : several(world, site, rows)
})

export const mergeMany = withNamed((world, site, named) => {
  const { factory, request } = site
  const beside = saidBeside(site)
  const rows = named.map(({ found, row }) => {
    const payload = { ...(isObject(row) ? undefined : beside), ...factory.payload(row) }
    const isWhole = request.operation.method !== 'PATCH'
    const before = isWhole ? factory.unmapped(found.entity, payload) : found.entity
    const entity = factory.merge(before, payload, request.operation, false, world.clock.now())
    keepEntity(world, site, { kind: 'replace', name: found.collection, entity })
    noteChange(world.changes, site, { kind: 'update', entity, before: found.entity })
    return rowOf(site, entity)
  })
  return rows.length === 0 ? undefined : several(world, site, rows)
})

/** What a body says of all things that it names by a list of their ids: `{ ids: ['a', 'b'], isFavorite: true }`. */
function saidBeside(site: Site): Item {
  const { factory, request } = site
  const said = isObject(request.body) ? request.body : {}
  const own = listNames(site)
  return factory.payload(
    Object.fromEntries(Object.entries(said).filter(([name]) => !own.has(normalizeName(name)))),
  )
}

/** What lists of the ids of a site's things may be called. */
const listNames = (site: Site): ReadonlySet<string> => {
  const names = [...idNames(site)]
  return new Set([...names, 'ids', 'keys', `${nounOf(site.place)}s`, ...names.map((name) => `${name}s`)])
}

/** What a word behind a collection does to those of its things that a body names: `/messages/archive`, `/points/payload`. */
export const actMany = withNamed((world, site, named) => {
  const { factory, request } = site
  const { operation } = request
  const payload = saidBeside(site)
  const another = madeFrom(
    world,
    site,
    named.map(({ found }) => found.entity),
    payload,
  )
  if (another !== undefined) return another
  const rows = named.map(({ found }) => {
    // A PUT says all of what it sets.
    const before = operation.method === 'PUT' ? factory.unmapped(found.entity, payload) : found.entity
    const entity = factory.act(before, payload, verbOf(operation), operation, world.clock.now())
    keepEntity(world, site, { kind: 'replace', name: found.collection, entity })
    noteChange(world.changes, site, { kind: 'update', entity, before: found.entity })
    return rowOf(site, entity)
  })
  return rows.length === 0 ? echo(world, request, site.template) : several(world, site, rows)
})

export const removeMany = withNamed((world, site, named) => {
  for (const { found } of named) {
    if (leaves(world, site, found)) continue
    removeStored(world, site, found)
    nameAbove(world, site, found.entity.id, false)
    noteChange(world.changes, site, { kind: 'delete', entity: found.entity, before: found.entity })
  }
  if (site.template.media === undefined) return answered(world, site, {})
  const rows = named.map(({ found }) => rowOf(site, found.entity))
  return rows.length === 0 ? namedAgain(world, site) : several(world, site, rows)
})

const isEmptyBody = (body: unknown): boolean =>
  Array.isArray(body) ? body.length === 0 : !isObject(body) || isEmpty(body)

/** What a list would show that has the same query goes, and so nothing where that asks for things that are not there. */
export function removeAll(world: World, site: Site): StateAnswer {
  // A document may forget the body that says which things are meant (Directus): without it nothing would be left.
  if (!isEmptyBody(site.request.body)) return removeMany(world, site)
  if (isOrphan(world, site, site.place.parent)) return notFound(site)
  const rows = rowsAsked(world, site)
  for (const { entity } of rows) {
    const found = findEntity(world, site, entity.id)
    if (found === undefined || leaves(world, site, found)) continue
    removeStored(world, site, found)
    noteChange(world.changes, site, { kind: 'delete', entity, before: entity })
  }
  if (site.template.media === undefined) return answered(world, site, {})
  const view = world.types.listView(site.template, site.place)
  return view === undefined || rows.length === 0
    ? echo(world, site.request, site.template)
    : several(world, site, rows)
}

/** An answer that lists what a request names, where none of it is known: other paths may have made it. */
function namedAgain(world: World, site: Site): StateAnswer {
  const { template, place, request } = site
  const view = world.types.listView(template, place)
  const idPath = view?.item.idPath
  const ids = idsOrRows(request.body, idNames(site)).filter(
    (one) => typeof one === 'string' || typeof one === 'number',
  )
  if (view === undefined || idPath === undefined || ids.length === 0) return undefined
  const sample = world.responses.sample(template, noPreferences).value
  const [first = {}] = [valueAt(sample, view.path)].flat()
  const shown = ids.map((id) =>
    withValueAt(
      first,
      [...view.item.path, ...idPath],
      typedId(String(id), world.forms.types(idSchema(view))),
    ),
  )
  return answered(world, site, { body: withValueAt(sample, view.path, shown) })
}

const idSchema = ({ item: { form, idPath } }: ListView): Schema =>
  form.byName.get(normalizeName(idPath?.at(-1) ?? ''))?.schema ?? true
