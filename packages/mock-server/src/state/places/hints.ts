// What a document says itself of how its operations are to be read, where names and schemas would mislead:
// `x-mock-role`, `x-mock-resource` and `x-mock-envelope`.

import type { Operation } from '../../engine/document/operation.js'
import type { RoleKind } from './place.js'

/** What operations can do, as `x-mock-role` names it. */
export const ROLES: Readonly<Record<RoleKind, string>> = {
  create: 'stores what the body describes',
  'create-many': 'stores each entry of a list',
  lookup: 'answers with the entry that the query tells of',
  'read-many': 'answers with the entries that the request names',
  'merge-many': 'changes the entries that the request names',
  'remove-many': 'removes the entries that the request names',
  'remove-all': 'deletes the entries that the query tells of, or all of them',
  'act-many': 'does to the entries that the request names what its path says',
  list: 'shows a page of a collection',
  search: 'shows the entries that fit the body',
  count: 'says how many entries there are',
  read: 'shows one entry',
  content: 'sends the bytes of one entry',
  merge: 'changes the members that the body has',
  replace: 'puts the body in the place of an entry',
  'replace-all': 'puts a list in the place of a collection',
  remove: 'deletes an entry',
  action: 'changes an entry by what its path says',
}

export interface Hint {
  readonly role: RoleKind | undefined
  /** The path of the collection that an operation is about. */
  readonly collection: string | undefined
}

export interface HintProblem {
  readonly pointer: string
  readonly message: string
}

const isRole = (value: unknown): value is RoleKind => typeof value === 'string' && Object.hasOwn(ROLES, value)

/** Undefined where the document leaves it to names and schemas. */
export function hintOf(operation: Operation): Hint | undefined {
  const [role, collection] = [operation.extension('x-mock-role'), operation.extension('x-mock-resource')]
  if (!isRole(role) && typeof collection !== 'string') return undefined
  return {
    role: isRole(role) ? role : undefined,
    collection: typeof collection === 'string' ? collection : undefined,
  }
}

/** Hints that mean nothing, with what they may be. */
export function problemsOf(
  operation: Operation,
  hasCollection: (path: string) => boolean,
): readonly HintProblem[] {
  const { pointer } = operation
  const [role, collection] = [operation.extension('x-mock-role'), operation.extension('x-mock-resource')]
  const isUsed = collection === undefined || typeof collection === 'boolean'
  const isKnown = typeof collection === 'string' && hasCollection(collection)
  return [
    ...(role === undefined || isRole(role)
      ? []
      : [{ pointer, message: `has an x-mock-role that is none of ${Object.keys(ROLES).join(', ')}` }]),
    ...(isUsed || isKnown
      ? []
      : [{ pointer, message: 'has an x-mock-resource that is neither false nor the path of a collection' }]),
  ]
}

/** The members that lead from a body to the thing or the list; none for the body itself. */
export function envelopeHint(operation: Operation): readonly string[] | undefined {
  const hint = operation.extension('x-mock-envelope')
  return typeof hint === 'string' ? hint.split('.').filter((name) => name !== '') : undefined
}
