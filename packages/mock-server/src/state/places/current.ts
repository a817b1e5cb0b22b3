// Paths of the one thing that whoever asks is, or works with: `/users/me`, `/me`, and `/account` beside `/accounts` where it
// is said to be the current one (GitHub, Asana, Immich, Influx).

import { type Operation, queryParameters } from '../../engine/document/operation.js'
import { normalizeName } from '../../engine/json.js'
import type { Template } from '../../engine/response/responses.js'
import { CURRENT_SENTENCE, CURRENT_WORDS } from '../conventions/paths.js'
import type { EntityView, IdNames } from '../forms/entity-views.js'
import { FIRST } from '../forms/slots.js'
import { idNamesOf } from './id-names.js'
import { bare, lastSegment, nounOf } from './paths.js'
import type { Place, Role, RoleKind } from './place.js'
import type { PlaceClasses } from './place-classes.js'

export interface CurrentParts {
  readonly operations: readonly Operation[]
  readonly places: readonly Place[]
  readonly classes: PlaceClasses
  template(operation: Operation): Template | undefined
  view(template: Template, ids: IdNames): EntityView
}

const KINDS: ReadonlyMap<string, RoleKind> = new Map([
  ['GET', 'read'],
  ['PATCH', 'merge'],
  ['PUT', 'replace'],
  ['DELETE', 'remove'],
])

/** What reads, changes and removes the current one of a collection, whose things its answer shows. */
export function currentOnes(parts: CurrentParts): ReadonlyMap<Operation, Role> {
  const found = new Map<Operation, Role>()
  for (const read of parts.operations) {
    const place = read.method === 'GET' && !read.path.includes('{') ? collectionOf(read, parts) : undefined
    if (place === undefined) continue
    for (const operation of parts.operations) {
      const kind = bare(operation.path) === bare(read.path) ? KINDS.get(operation.method) : undefined
      const because = `it is about the current one of ${place.collection}`
      if (kind !== undefined) found.set(operation, { kind, place, because, isCurrent: true })
    }
  }
  return found
}

/** The collection that the current one is of; undefined where a path is about something else. */
function collectionOf(read: Operation, { places, classes, template, view }: CurrentParts): Place | undefined {
  const word = normalizeName(lastSegment(read.path))
  const isWord = CURRENT_WORDS.test(word)
  const noun = nounOf({ collection: read.path })
  const isSaid = [read.operationId, read.summary, read.extension('description')].some((text) =>
    CURRENT_SENTENCE.test(String(text ?? '')),
  )
  if (!(isWord || isSaid)) return undefined
  const own = template(read)
  if (own?.media === undefined || queryParameters(read).some(({ required }) => required)) return undefined
  // What lists what belongs to whoever asks is no one thing.
  const isShownIn = (place: Place): boolean => {
    const { schema, path } = view(own, idNamesOf(place))
    return !path.includes(FIRST) && classes.placesOf(schema).includes(classes.leaderOf(place))
  }
  const base = bare(read.path).replace(/\/[^/]*$/, '')
  const isNear = ({ collection }: Place): boolean => !isWord || bare(collection) === base
  const candidates = places.filter(
    (place) =>
      isOfMany(place) &&
      bare(place.collection) !== bare(read.path) &&
      (isWord || nounOf(place) === noun) &&
      isShownIn(place),
  )
  const near = candidates.filter(isNear)
  const [only, ...others] = near.length > 0 ? near : candidates
  return others.length === 0 ? only : undefined
}

/** Whether a place is a collection below nothing, whose things are read and listed. */
const isOfMany = ({ collection, param, read, list }: Place): boolean =>
  param !== undefined && read !== undefined && list !== undefined && !collection.includes('{')
