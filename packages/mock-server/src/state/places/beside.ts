// Operations beside a collection, whose last word says what is done to its things: `/pets/search`, `/pets/batch/read`.

import { type Operation, queryParameters } from '../../engine/document/operation.js'
import { normalizeName } from '../../engine/json.js'
import { PLURAL_MARKS } from '../conventions/names.js'
import {
  BATCH_CHANGE,
  BATCH_OTHERWISE,
  BATCH_PLAIN,
  BATCH_READ,
  BATCH_REMOVAL,
  BATCH_SEGMENT,
  COUNT_SEGMENT,
  LISTED_REMOVAL,
  LOOKUP_SEGMENT,
  SEARCH_SEGMENT,
} from '../conventions/paths.js'
import type { BodyFacts } from './body-facts.js'
import { lastSegment, nounOf } from './paths.js'
import type { Place, RoleKind } from './place.js'
import { isSaidToRead } from './verbs.js'

const BATCH_METHODS: ReadonlySet<string> = new Set(['PUT', 'PATCH'])

/** What an operation beside a collection does, by the last word of its path. */
export const BESIDE: readonly {
  readonly kind: RoleKind
  readonly segment: RegExp
  isOne(operation: Operation, facts: BodyFacts): boolean
}[] = [
  { kind: 'create-many', segment: BATCH_SEGMENT, isOne: ({ method }) => method === 'POST' },
  // The method says the rest: `DELETE /users/bulk` (FusionAuth), `PATCH /items/bulk` (Pipedrive, Directus).
  {
    kind: 'remove-many',
    segment: BATCH_PLAIN,
    isOne: (operation, { takesIds, takesThings }) =>
      operation.method === 'DELETE' && (takesIds(operation) || takesThings(operation)),
  },
  {
    kind: 'merge-many',
    segment: BATCH_PLAIN,
    isOne: (operation, { takesThings }) => BATCH_METHODS.has(operation.method) && takesThings(operation),
  },
  { kind: 'read-many', segment: BATCH_READ, isOne: (operation, { hasList }) => hasList(operation) },
  { kind: 'merge-many', segment: BATCH_CHANGE, isOne: ({ method }) => method !== 'GET' },
  { kind: 'remove-many', segment: BATCH_REMOVAL, isOne: ({ method }) => method !== 'GET' },
  {
    kind: 'remove-many',
    segment: LISTED_REMOVAL,
    isOne: (operation, { takesIds }) => operation.method !== 'GET' && takesIds(operation),
  },
  {
    kind: 'create-many',
    segment: BATCH_OTHERWISE,
    isOne: (operation, { takesThings }) => operation.method !== 'GET' && takesThings(operation),
  },
  // `POST /users/ids` with a list of ids, `POST /users/usernames` (Mattermost, Meilisearch).
  {
    kind: 'read-many',
    segment: PLURAL_MARKS,
    isOne: (operation, { hasList, takesList }) =>
      operation.method === 'POST' && takesList(operation) && hasList(operation) && isSaidToRead(operation),
  },
  { kind: 'search', segment: SEARCH_SEGMENT, isOne: (operation, { hasList }) => hasList(operation) },
  {
    kind: 'count',
    segment: COUNT_SEGMENT,
    isOne: (operation, { isShownAs }) => operation.method === 'GET' || isShownAs(operation, 'count'),
  },
  {
    kind: 'lookup',
    segment: LOOKUP_SEGMENT,
    isOne: (operation, { hasList }) =>
      operation.method === 'GET' && queryParameters(operation).length > 0 && !hasList(operation),
  },
]

/** What a path stands beside, and the word for what it does: `/pets:batchGet`, `/pets/search`, `/pets/batch/read`. */
export function besideOf(path: string): { readonly base: string; readonly word: string } {
  const above = (of: string) => of.replace(/[?#].*$/, '').replace(/\/?[^/]*\/?$/, '')
  const last = lastSegment(path)
  const colon = /^(.*):([^/{}]+)$/.exec(last)
  if (colon !== null) return { base: path.slice(0, path.lastIndexOf(':')), word: colon[2] ?? last }
  const base = above(path)
  const before = lastSegment(base)
  if (/^(batch|bulk)$/i.test(before)) return { base: above(base), word: before + last }
  return { base, word: /^(batch|bulk)[-_]|[-_]many$/i.test(last) ? last.replace(/[-_]/g, '') : last }
}

export const CHANGING: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** Whether a request names things of a place by a list of their ids: `ids`, `points`, `message_ids`. */
export const namesOwn = (
  facts: BodyFacts,
  { collection, param = '' }: Place,
  operation: Operation,
): boolean => {
  const noun = nounOf({ collection })
  const names = ['ids', 'keys', `${noun}s`, `${noun}ids`, `${normalizeName(param)}s`]
  return facts.takesIds(operation, new Set(names))
}
