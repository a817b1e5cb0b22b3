// Things that are found where several kinds of them are shown together, and kept where each was made.

import type { RoleKind } from '../places/place.js'
import { collectionOn, idOn, type Site, type World } from '../world.js'

const ON_ONE: ReadonlySet<RoleKind> = new Set(['read', 'merge', 'replace', 'remove', 'action'])

/** A site with the collection that the thing of its request is, or was, kept in, where that is one beside the path's own. */
export function united(world: World, site: Site): Site {
  const { place, request, role, scope } = site
  const places = ON_ONE.has(role.kind) ? world.types.unitedAt(place) : []
  if (places.length === 0) return site
  const id = idOn(place, request)
  for (const one of places) {
    const { type, factory, name, relations } = collectionOn(world, one, request)
    const isThere = world.items.find(scope, name, id) !== undefined || world.items.isRemoved(scope, name, id)
    if (isThere) return { ...site, type, factory, name, relations }
  }
  return site
}
