// How many of the things that a request lists came to what: `{ ingested_count: 2, failed: 0 }` for a list of two.

import type { Operation } from '../../engine/document/operation.js'
import { isObject } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { TALLIES, TALLY_WORDS, type Tally } from '../conventions/lists.js'
import { wordsOf } from '../conventions/names.js'
import type { Member } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'

/** What becomes of the things that an operation is told of. */
const outcomeOf = ({ method, path, operationId, summary }: Operation): Tally => {
  const words = [path, operationId ?? '', summary].flatMap(wordsOf)
  const said = (tally: Tally) => words.some((word) => TALLIES.get(word) === tally)
  if (method === 'DELETE' || words.some((word) => /^(delete|remove)s?$/.test(word))) return 'removed'
  return method === 'PATCH' || words.includes('update') || said('changed') ? 'changed' : 'made'
}

/** The members of an answer that count what a request lists, with their numbers; none where it lists nothing. */
export function talliesOf(
  forms: Forms,
  members: Iterable<Member>,
  { operation, body }: ApiRequest,
): readonly (readonly [Member, number])[] {
  const lists = Array.isArray(body) ? [body] : isObject(body) ? Object.values(body).filter(Array.isArray) : []
  const [list, ...others] = lists
  if (operation.method === 'GET' || list === undefined || others.length > 0) return []
  return [...members].flatMap((member) => {
    const isWhole = forms.types(member.schema)?.has('integer') === true
    const tally = isWhole ? tallyOf(member.name) : undefined
    if (tally === undefined) return []
    const isMeant = tally === 'any' || tally === outcomeOf(operation)
    return [[member, isMeant ? list.length : 0] as const]
  })
}

/** What a member counts: `events_ingested` and `ingestedCount` what was made. */
function tallyOf(name: string): Tally | undefined {
  const words = wordsOf(name).filter((word) => !TALLY_WORDS.has(word))
  const [tally, ...others] = words.flatMap((word) => TALLIES.get(word) ?? [])
  return others.length === 0 ? tally : undefined
}
