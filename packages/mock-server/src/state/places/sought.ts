// Reads of one thing that stand beside its collection, and whose query says which one: `/registered_model?name=m` beside
// `/registered_models` (Kubeflow), `/user?email=ann@example.org` beside `/users`.

import { type Operation, queryParameters } from '../../engine/document/operation.js'
import { normalizeName } from '../../engine/json.js'
import { queryMeaning } from '../conventions/lists.js'
import type { Form } from '../forms/form.js'
import { bare, nounOf } from './paths.js'
import type { Place } from './place.js'

/**
 * The collection that a read stands beside and is called like, in the singular, where its query asks by members of the things.
 *
 * @param form what its answer shows.
 */
export function soughtIn(operation: Operation, form: Form, places: readonly Place[]): Place | undefined {
  const { path, method } = operation
  const [, base, word = ''] = /^(.*)\/([^/{}]+)$/.exec(bare(path)) ?? []
  if (method !== 'GET' || base === undefined || !isAskedByMember(operation, form)) return undefined
  const noun = normalizeName(word)
  return places.find((place) => {
    const { collection, param, read } = place
    const isBeside = bare(collection).replace(/\/[^/]*$/, '') === base && !collection.endsWith(`/${word}`)
    return isBeside && param !== undefined && read !== undefined && nounOf(place) === noun
  })
}

/** Whether a query may say what a member of the one thing is. */
const isAskedByMember = (operation: Operation, { byName }: Form): boolean =>
  queryParameters(operation).some(
    ({ name }) => queryMeaning(name) === undefined && byName.has(normalizeName(name)),
  )
