// Changes that say which state of a thing they were made for, by its `version`: one that another change came before is refused
// (commercetools, Gusto, Square).

import { isObject, member as memberOf } from '../../engine/json.js'
import type { StateAnswer } from '../answering.js'
import { conflictOf, heldVersion } from '../entities/held-versions.js'
import type { Found } from '../store/entity-store.js'
import type { Site, World } from '../world.js'

/** The refusal of a change that was made for another state of a thing than the one it has. */
export function refusalOfStale(world: World, { request }: Site, { entity, isMade }: Found): StateAnswer {
  const name = heldVersion(world.forms, world.schemas, request.operation)
  if (
    name === '' ||
    isMade === true ||
    conflictOf(request.operation) === undefined ||
    !isObject(request.body)
  )
    return undefined
  const [sent, now] = [request.body[name], memberOf(entity.item, name)]
  if (now === undefined || sent === undefined || String(sent) === String(now)) return undefined
  const message = `The ${name} is ${String(now)} by now, and the change is for ${String(sent)}: read it again`
  return { refusal: { status: 409, message } }
}
