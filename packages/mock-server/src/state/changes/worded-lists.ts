// Lists of plain values that an action is called after: `POST /tasks/{id}/addTag` (Asana), `/targets/{id}:remove-host-sources`
// (Boundary).

import { isObject, normalizeName } from '../../engine/json.js'
import { singular } from '../conventions/names.js'
import type { Entity } from '../entities/entity.js'
import { fitsTypes } from '../forms/form.js'
import { equals } from '../patches.js'
import type { Found } from '../store/entity-store.js'
import { wordedIn } from '../store/memberships.js'
import { type Part, partNamed, withList } from '../store/thing-lists.js'
import type { Site, World } from '../world.js'
import { enveloped } from './parts.js'

/** A thing with what an action adds to the list that it is called after, or takes out of it; undefined where it does neither. */
export function withWordedList(
  { forms }: World,
  { factory, request }: Site,
  { entity }: Found,
): Entity | undefined {
  const { operation } = request
  const { isWorded, isJoining, noun } = wordedIn(operation)
  const body = enveloped(request.body)
  if (!isWorded || operation.method === 'GET' || !isObject(body)) return undefined
  for (const [name, value] of Object.entries(body)) {
    if (!singular(normalizeName(name)).startsWith(noun)) continue
    const part = [name, noun].map((one) => partNamed(forms, factory.view, one, entity.item)).find(isPlain)
    const types = part && forms.types(part.items)
    const sent = [value].flat()
    if (part === undefined || (types !== undefined && !sent.every((one) => fitsTypes(types, one)))) continue
    const others = part.before.filter((one) => !sent.some((own) => equals(own, one)))
    const added = sent.filter((one) => !part.before.some((own) => equals(own, one)))
    return withList(entity, part, isJoining ? [...part.before, ...added] : others)
  }
  return undefined
}

/** What has members is told of by its kind. */
const isPlain = (part: Part | undefined): part is Part => part !== undefined && part.entries.byName.size === 0
