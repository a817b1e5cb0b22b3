// What belongs to a thing without being a part of it, and goes when that is removed: what is kept below its path, and what is
// kept at paths that name it. Whoever is given its name later finds nothing of it. What has an address of its own stays.

import { grouped, member, ofObject } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { referentOf } from '../conventions/names.js'
import type { Entity } from '../entities/entity.js'
import { valueAt } from '../forms/slots.js'
import { nounOf } from '../places/paths.js'
import { type Place, parameterNames } from '../places/place.js'
import type { Types } from '../places/types.js'
import type { Collection, World } from '../world.js'
import { type Found, findEntity } from './entity-store.js'
import { besideOf, KEPT_BESIDE } from './kept-beside.js'

/** The places of what the path of a place names and is not below: the project of `/flags/{projectKey}/{flagKey}` (LaunchDarkly). */
export const placesNamed = ({ types }: World, place: Place): readonly Place[] => namedIn(types)(place)

/** The id of what a path names and is not below. */
export const idNamed = ({ param = '' }: Place, { parameters }: ApiRequest): string =>
  String(member(parameters.path, param))

/** The templates of the collections whose paths name a thing of a place and are not below it. */
const namingIn = ofObject((types: Types) => {
  const places = new Set([...types.roles().values()].map(({ place }) => place))
  return grouped(
    [...places].flatMap((place) => namedIn(types)(place).map((named) => [named, place.collection])),
  )
})

/** Empties what belonged to a thing that was removed. */
export function emptyBelongings(world: World, site: Collection, { entity, collection }: Found): void {
  const { items, types } = world
  const { scope, name, type, place } = site
  const ids = place.param === undefined ? [] : idsOf(world, site, entity)
  // What there is once has no id, and things without a path have nothing below them.
  const isSingle = place.param === undefined && entity.id === ''
  const below = [...new Set([name, collection])].flatMap((path) =>
    isSingle ? [`${path}/*`] : ids.map((id) => `${path}/${id}/*`),
  )
  const naming = (namingIn(types).get(type.home) ?? []).flatMap((template) =>
    ids.flatMap((id) => {
      const path = template.replace(/\{([^{}]+)\}/g, (_, param) => (param === type.home.param ? id : '*'))
      return [path, `${path}/*`]
    }),
  )
  for (const pattern of [...below, ...naming]) {
    items.empty(scope, pattern)
    for (const kept of KEPT_BESIDE) items.empty(scope, besideOf(kept, pattern))
  }
}

/**
 * The ids that were those of a thing alone, as paths have them and patterns take them for themselves: the number of one may be
 * the id of another.
 */
function idsOf(world: World, site: Collection, { id, item }: Entity): readonly string[] {
  const others = site.factory.further.flatMap((path) => {
    const mark = valueAt(item, path)
    const isMark = typeof mark === 'string' || typeof mark === 'number'
    return isMark && findEntity(world, site, String(mark)) === undefined ? [String(mark)] : []
  })
  return [id, ...others].map((one) => encodeURIComponent(one).replaceAll('*', '[*]'))
}

const namedIn = ofObject((types: Types) => {
  const homes = grouped(types.all().map(({ home }) => [home.param, home] as const))
  return ofObject((place: Place): readonly Place[] => {
    const chain = new Set<string | undefined>()
    for (let at: Place | undefined = place; at !== undefined; at = at.parent) chain.add(at.param)
    return parameterNames(place.collection).flatMap((name) => {
      const referent = chain.has(name) ? '' : referentOf(name)
      if (referent === '') return []
      const found = (homes.get(name) ?? []).filter(
        (home) => !home.collection.includes('{') && nounOf(home) === referent,
      )
      return found.length === 1 ? found : []
    })
  })
})
