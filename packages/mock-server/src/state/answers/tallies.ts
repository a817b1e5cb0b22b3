// How many of the things that a request lists came to what: `{ ingested_count: 2, failed: 0 }` for a list of two.

import type { Operation } from '../../engine/document/operation.js'
import { isEmpty, isObject, type JsonObject, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { LIST_NAMES, TALLIES, TALLY_WORDS, type Tally } from '../conventions/lists.js'
import { wordsOf } from '../conventions/names.js'
import { isIdentity } from '../entities/relations.js'
import type { Member } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { Projection } from '../forms/projection.js'

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

/**
 * The lists of an answer that tell of each of the things that a request lists what came of it, by the ids that clients have given
 * them: `{ successes: [{ id, status }], errors: [] }` (Langfuse), `{ results: [{ id }] }`.
 */
export function outcomesOf(
  { forms, projection }: { readonly forms: Forms; readonly projection: Projection },
  members: Iterable<Member>,
  { operation, body }: ApiRequest,
): readonly (readonly [Member, readonly unknown[]])[] {
  const things = operation.method === 'GET' ? undefined : thingsListed(body)
  if (things === undefined) return []
  const found: (readonly [Member, readonly unknown[]])[] = []
  for (const member of members) {
    const { isArray, items } = forms.of(member.schema)
    const tally = tallyOf(member.name)
    if (!isArray || (tally === undefined && !LIST_NAMES.has(normalizeName(member.name)))) continue
    const { byName } = forms.of(items)
    const ids = things.map((thing) =>
      Object.fromEntries(
        Object.entries(thing).filter(([name]) => isIdentity(name) && byName.has(normalizeName(name))),
      ),
    )
    if (tally === 'failed') found.push([member, []])
    else if (!ids.some(isEmpty))
      found.push([member, ids.map((one, i) => projection.of(items, one, { seed: `outcome ${i}` }))])
  }
  return found
}

/** The objects of the only list that a body has. */
function thingsListed(body: unknown): readonly JsonObject[] | undefined {
  const lists = Array.isArray(body) ? [body] : isObject(body) ? Object.values(body).filter(Array.isArray) : []
  const [list = [], ...others] = lists
  const isOfThings = others.length === 0 && list.length > 0 && list.every(isObject)
  return isOfThings ? (list as readonly JsonObject[]) : undefined
}

/** What a member counts: `events_ingested` and `ingestedCount` what was made. */
function tallyOf(name: string): Tally | undefined {
  const words = wordsOf(name).filter((word) => !TALLY_WORDS.has(word))
  const [tally, ...others] = words.flatMap((word) => TALLIES.get(word) ?? [])
  return others.length === 0 ? tally : undefined
}
