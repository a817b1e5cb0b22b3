// How many things a thing says that it has: the `nb_documents` of a library (Mistral), the `comments` of an issue (GitHub).

import type { Entity } from '../entities/entity.js'
import { nounOf } from '../places/paths.js'
import { findEntity, isClientMade, keepEntity } from '../store/entity-store.js'
import { countNames } from '../store/list-counts.js'
import { collectionOn, idOn, type Site, type World } from '../world.js'

/**
 * Counts a thing in what its path is below. Only what a client made has begun with none.
 *
 * @param change 1 for what was made, -1 for what was removed.
 */
export function noteCount(world: World, { place, request }: Site, change: 1 | -1): void {
  const { parent } = place
  if (parent?.param === undefined) return
  const above = collectionOn(world, parent, request)
  const names = countNames(nounOf(place))
  const counts = above.factory.slots.filter(
    ({ path, normalized, schema }) =>
      path.length === 1 &&
      names.has(normalized.replace(/^associated/, '')) &&
      world.forms.types(schema)?.has('integer') === true,
  )
  const found = counts.length === 0 ? undefined : findEntity(world, above, idOn(parent, request))
  if (found === undefined || !isClientMade(world, above, found.entity)) return
  const { entity } = found
  const counted = counts.flatMap(({ path: [name = ''] }) => {
    const before = entity.item[name]
    return typeof before === 'number' ? [[name, Math.max(0, before + change)] as const] : []
  })
  const now = Object.fromEntries(counted)
  const changed: Entity = {
    ...entity,
    item: { ...entity.item, ...now },
    whole: entity.whole && { ...entity.whole, ...now },
  }
  if (counted.length > 0)
    keepEntity(world, above, { kind: 'replace', name: found.collection, entity: changed })
}
