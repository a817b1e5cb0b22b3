// What stands beside a thing in an answer and is what the thing belongs to: the `organization` beside a `member` that is made at
// `/organizations/{id}/members` (Stytch), the `account` beside what is read below one.

import { isObject } from '../../engine/json.js'
import type { Template } from '../../engine/response/responses.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { StateAnswer } from '../answering.js'
import { ABSENT } from '../forms/coercion.js'
import { nounOf } from '../places/paths.js'
import type { Place } from '../places/place.js'
import { findEntity } from '../store/entity-store.js'
import { collectionOn, idOn, type Site, type World } from '../world.js'
import { LISTING } from './fieldsets.js'

interface Owner {
  readonly name: string
  readonly schema: Schema
  readonly place: Place
}

const owners = new WeakMap<Template, readonly Owner[]>()

/** An answer that shows beside a thing the stored things which it belongs to. */
export function withOwners(world: World, site: Site, answer: StateAnswer): StateAnswer {
  const { template, request, role } = site
  if (answer === undefined || !('answer' in answer) || LISTING.has(role.kind)) return answer
  const known = owners.get(template) ?? ownersIn(world, site)
  owners.set(template, known)
  const { body } = answer.answer
  if (known.length === 0 || !isObject(body)) return answer
  const shown = known.flatMap(({ name, schema, place }) => {
    const collection = collectionOn(world, place, request)
    const found = findEntity(world, collection, idOn(place, request))
    const whole = found && collection.factory.full(found.entity)
    const value = whole === undefined ? ABSENT : world.projection.of(schema, whole, { seed: name })
    return value === ABSENT ? [] : [[name, value] as const]
  })
  return { answer: { ...answer.answer, body: { ...body, ...Object.fromEntries(shown) } } }
}

/** The members beside the thing of an answer that are called after what is above it, and show such things. */
function ownersIn({ types, forms, kinds }: World, { template, place, type }: Site): readonly Owner[] {
  const above: Place[] = []
  for (let at = place.parent; at !== undefined; at = at.parent) if (at.param !== undefined) above.push(at)
  const { path } = types.entityView(template, place)
  if (template.media === undefined || above.length === 0 || path.length === 0) return []
  const { byName } = forms.of(template.schema)
  return above.flatMap((owner) => {
    const member = byName.get(nounOf(owner))
    if (member === undefined || member.name === path[0]) return []
    const isOwner = kinds().shownAs(member.schema, type) === types.typeOf(owner)
    return isOwner ? [{ name: member.name, schema: member.schema, place: owner }] : []
  })
}
