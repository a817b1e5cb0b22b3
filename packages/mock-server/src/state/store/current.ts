// Which thing of a collection is the current one: the first that was there when somebody asked, and always the same.

import type { ApiRequest } from '../../engine/request/api-request.js'
import { CURRENT } from '../places/place.js'
import type { TypedRole } from '../places/types.js'
import { type Site, siteOf, type World } from '../world.js'
import { rowsIn } from './entity-store.js'
import { seedCollection } from './existence.js'
import { addEntity } from './making.js'

/** The ids of the current ones, by the scopes and the names of their collections. */
const known = new WeakMap<World, Map<string, string>>()

/** What was the current one is so no more once what is stored has been exchanged. */
export const forgetCurrent = (world: World): void => void known.delete(world)

/** A request for the current one as one that names it. */
export function namingCurrent(world: World, role: TypedRole, request: ApiRequest): ApiRequest {
  const site = role.isCurrent === true ? siteOf(world, role, request) : undefined
  if (site === undefined) return request
  const { parameters } = request
  const path = { ...parameters.path, [CURRENT]: currentId(world, site) }
  return { ...request, parameters: { ...parameters, path } }
}

function currentId(world: World, site: Site): string {
  const ids = known.get(world) ?? new Map<string, string>()
  known.set(world, ids)
  const key = `${site.scope} ${site.name}`
  const before = ids.get(key)
  if (before !== undefined) return before
  seedCollection(world, site)
  const { id } = rowsIn(world, site, [site.type])[0] ?? addEntity(world, site, { payload: {} })
  ids.set(key, id)
  return id
}
