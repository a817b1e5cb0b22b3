// Requests that read, change or remove several things at once, each of which they name by its id.

import { isObject, normalizeName } from '../engine/json.js'
import { answered, type StateAnswer } from './answering.js'
import { payloadsIn, several } from './creation.js'
import { noteChange } from './entity-changes.js'
import { type Found, findEntity, keepEntity, removeEntity } from './entity-store.js'
import { rowOf, type Site, type World } from './world.js'

interface Named {
  readonly found: Found
  /** What the request says of it. */
  readonly row: unknown
}

/** The things that a body names, each in an entry of a list: `{ id: '1', … }`, or nothing but the id. */
function namedIn(world: World, site: Site): readonly Named[] {
  const own = normalizeName(site.factory.view.idPath?.at(-1) ?? 'id')
  return idsOrRows(site.request.body).flatMap((row) => {
    const name = isObject(row)
      ? Object.keys(row).find((one) => [own, 'id'].includes(normalizeName(one)))
      : undefined
    const id = isObject(row) ? name && row[name] : row
    const found =
      typeof id === 'string' || typeof id === 'number' ? findEntity(world, site, String(id)) : undefined
    return found === undefined ? [] : [{ found, row }]
  })
}

function idsOrRows(body: unknown): readonly unknown[] {
  if (Array.isArray(body) || !isObject(body)) return Array.isArray(body) ? body : []
  const rows = payloadsIn(body)
  if (rows[0] !== body) return rows
  const lists = Object.entries(body).filter(([, value]) => Array.isArray(value))
  const [, ids] = lists.find(([name]) => /ids?$/i.test(name)) ?? lists[0] ?? []
  return Array.isArray(ids) ? ids : []
}

export function readMany(world: World, site: Site): StateAnswer {
  const rows = namedIn(world, site).map(({ found }) => rowOf(site, found.entity))
  return rows.length === 0 ? undefined : several(world, site, rows)
}

export function mergeMany(world: World, site: Site): StateAnswer {
  const { factory, request } = site
  const rows = namedIn(world, site).map(({ found, row }) => {
    const payload = factory.payload(row)
    const entity = factory.merge(found.entity, payload, request.operation, false, world.clock.now())
    keepEntity(world, site, { kind: 'replace', name: found.collection, entity })
    noteChange(world.changes, site, { kind: 'update', entity, before: found.entity })
    return rowOf(site, entity)
  })
  return rows.length === 0 ? undefined : several(world, site, rows)
}

export function removeMany(world: World, site: Site): StateAnswer {
  const named = namedIn(world, site)
  for (const { found } of named) {
    removeEntity(world, site, found)
    noteChange(world.changes, site, { kind: 'delete', entity: found.entity, before: found.entity })
  }
  if (site.template.media === undefined) return answered(world, site, {})
  return named.length === 0
    ? undefined
    : several(
        world,
        site,
        named.map(({ found }) => rowOf(site, found.entity)),
      )
}
