// What the methods at the paths of a collection and of its items do, where a method alone does not tell: a POST that searches,
// a read that is answered with a list of one.

import type { Operation } from '../../engine/document/operation.js'
import { SEARCHING_WORDS } from '../conventions/paths.js'
import type { BodyFacts } from './body-facts.js'
import { isSaidToCreate, isSaidToSearch } from './verbs.js'

type Methods = ReadonlyMap<string, Operation>

/** A POST on a collection that is called a search, and answers with a list, makes nothing. */
const isSearching = (facts: BodyFacts, post: Operation): boolean =>
  isSaidToSearch(post) && !isSaidToCreate(post) && facts.hasList(post)

/** What makes things at the path of a collection. */
export function creationIn(facts: BodyFacts, outer: Methods): Operation | undefined {
  const post = outer.get('POST')
  return post !== undefined && isSearching(facts, post) ? undefined : post
}

/** What lists the things of a collection, or searches in it where nothing lists. */
export const listingIn = (facts: BodyFacts, outer: Methods): Operation | undefined =>
  outer.get('GET') ?? (creationIn(facts, outer) === undefined ? outer.get('POST') : undefined)

/**
 * What looks for things below a collection that has no path of its own: `POST /groups/{id}/users/search` of Camunda beside
 * `PUT /groups/{id}/users/{username}`.
 *
 * @param at the methods of a path below the collection.
 */
export function searchingIn(
  facts: BodyFacts,
  own: Methods,
  at: (word: string) => Methods,
): Operation | undefined {
  if (!own.has('PUT') && !own.has('DELETE')) return undefined
  const found = [...SEARCHING_WORDS].map((word) => at(word).get('POST'))
  return found.find((post) => post !== undefined && facts.hasList(post))
}

/**
 * What reads one thing at the path of an item. A list below an id is no item: `/messages/{id}/reactions/{emoji}` lists who
 * reacted. But where the items are removed or changed there, it is a list of the one that is meant (Feldera, PowerDNS).
 */
export function readingIn(
  facts: BodyFacts,
  own: Methods,
  lists: Operation | undefined,
): Operation | undefined {
  const reads = own.get('GET')
  if (reads === undefined || !facts.isList(reads)) return reads
  const isOfOne = ['DELETE', 'PUT', 'PATCH'].some((method) => own.has(method))
  return isOfOne && lists !== undefined && facts.listAlike(lists, reads) ? reads : undefined
}
