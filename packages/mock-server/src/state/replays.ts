// Requests that a client may repeat: one with the key of an earlier one gets the earlier answer, and does nothing again.

import { hashText, isObject, normalizeName } from '../engine/json.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import type { ItemTable } from '../storage/item-table.js'
import type { StateAnswer } from './answering.js'
import { IDEMPOTENCY_MEMBERS } from './conventions.js'

export interface Replays {
  through(request: ApiRequest, answer: () => StateAnswer): StateAnswer
}

/** No path: what is kept here is no collection of the document. */
const REPLAYS = '#replays'
const MAX_KEY = 512

export function createReplays(items: ItemTable): Replays {
  return {
    through(request, answer) {
      const key = keyOf(request)
      if (key === undefined) return answer()
      const scope = `${request.identity.projectId}/${request.identity.environment}`
      const id = `${request.operation.method} ${request.path} ${key}`
      const fingerprint = hashText(JSON.stringify(request.body) ?? '')
      const kept = items.find(scope, REPLAYS, id)
      if (kept !== undefined) {
        const earlier = JSON.parse(kept.body) as {
          readonly fingerprint: number
          readonly answer: StateAnswer
        }
        if (earlier.fingerprint === fingerprint) return earlier.answer
        // Draft-ietf-httpapi-idempotency-key-header, section 2.7.
        return { refusal: { status: 422, message: 'The idempotency key was used for another request' } }
      }
      const given = answer()
      if (
        given !== undefined &&
        'answer' in given &&
        given.answer.status < 300 &&
        !Buffer.isBuffer(given.answer.body)
      )
        items.replace(scope, REPLAYS, id, JSON.stringify({ fingerprint, answer: given }))
      return given
    },
  }
}

function keyOf({ operation, headers, body }: ApiRequest): string | undefined {
  if (operation.method !== 'POST' && operation.method !== 'PATCH') return undefined
  for (const [name, value] of Object.entries(headers)) {
    if (normalizeName(name).endsWith('idempotencykey') && typeof value === 'string' && value !== '')
      return value.slice(0, MAX_KEY)
  }
  if (!isObject(body)) return undefined
  for (const [name, value] of Object.entries(body)) {
    if (IDEMPOTENCY_MEMBERS.has(normalizeName(name)) && typeof value === 'string' && value !== '')
      return value.slice(0, MAX_KEY)
  }
  return undefined
}
