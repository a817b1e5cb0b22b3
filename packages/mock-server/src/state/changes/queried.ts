// What a request says of a thing outside its body.

import { isEmpty, normalizeName } from '../../engine/json.js'
import type { Item } from '../entities/entity.js'
import { queryNamesOf } from '../queries/query-names.js'
import type { Site } from '../world.js'

const NOTHING: Item = {}

/** What the query of a request says of the thing: `?site_id=7`, where a thing has a `site_id`. */
export function queriedMembers({ request, factory }: Site): Item {
  const { operation, parameters, assumed } = request
  if (isEmpty(parameters.query)) return NOTHING
  const { meaningOf, isIgnored } = queryNamesOf(operation)
  const { byName } = factory.view.form
  return Object.fromEntries(
    Object.entries(parameters.query).flatMap(([name, value]) => {
      const member = byName.get(normalizeName(name))
      const isScalar = ['string', 'number', 'boolean'].includes(typeof value)
      if (assumed?.has(name) === true) return []
      const isAbout = member !== undefined && isScalar && meaningOf(name) === undefined && !isIgnored(name)
      return isAbout ? [[member.name, value]] : []
    }),
  )
}
