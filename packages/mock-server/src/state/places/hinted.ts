// What hints of a document say that an operation does.

import type { Operation } from '../../engine/document/operation.js'
import { type Attachment, type AttachmentParts, type PlaceOf, trailingOf } from './attachment.js'
import { hintOf } from './hints.js'
import { bare } from './paths.js'
import type { Place, RoleKind } from './place.js'

/** What the document says of an operation holds, whatever its names and schemas look like. */
export function hintedOf(
  operation: Operation,
  { roles, places, classes: { leaderOf } }: AttachmentParts,
  placeOf: PlaceOf,
): Attachment | undefined {
  const hint = hintOf(operation)
  if (hint === undefined) return undefined
  const known = roles.byOperation.get(operation)
  const target = places.find(({ collection }) => bare(collection) === bare(hint.collection ?? ''))
  const own = trailingOf(operation)
  const kind =
    hint.role ?? known?.kind ?? (own === undefined ? COLLECTION_KINDS : ITEM_KINDS)[operation.method]
  if (kind === undefined || (hint.collection !== undefined && target === undefined)) return undefined
  const isAt = (place: Place | undefined): place is Place =>
    place !== undefined && (target === undefined || leaderOf(place) === leaderOf(target))
  const above = own === undefined && ON_ITEMS.has(kind) ? roles.parentOf(operation.path) : undefined
  return {
    kind,
    place: [above, known?.place].find(isAt) ?? placeOf(operation, own),
    of: target === undefined ? [] : [leaderOf(target)],
    because: 'x-mock-role or x-mock-resource says so',
    basis: 'declared',
  }
}

/** Roles that are about one entry, whose id may stand before the end of the path. */
const ON_ITEMS: ReadonlySet<RoleKind> = new Set(['read', 'content', 'merge', 'replace', 'remove', 'action'])

/** What methods do to a collection and to an item, where a hint says only which. */
const COLLECTION_KINDS: Readonly<Record<string, RoleKind>> = {
  GET: 'list',
  POST: 'create',
  PUT: 'replace-all',
}

export const ITEM_KINDS: Readonly<Record<string, RoleKind>> = {
  GET: 'read',
  POST: 'merge',
  PATCH: 'merge',
  PUT: 'replace',
  DELETE: 'remove',
}
