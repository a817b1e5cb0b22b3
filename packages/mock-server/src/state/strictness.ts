// Whether ids come from creations alone, so that one that nobody has made is unknown.

import type { Operation } from '../engine/document/operation.js'
import { ofObject } from '../engine/json.js'
import { bare, isFormatted, nounOf } from './places/paths.js'
import type { Place } from './places/place.js'
import type { Types } from './places/types.js'

/** An operation that makes things, and the place whose things it makes. */
interface Maker {
  readonly create: Operation
  readonly place: Place
}

/** @param makersOf what makes the things of a place. */
export function strictnessOf(
  types: Types,
  makersOf: (place: Place) => readonly Maker[],
): (place: Place) => boolean {
  const isReadBack = (place: Place): boolean =>
    place.read !== undefined ||
    [...types.roles().values()].some((role) => role.kind === 'lookup' && role.place === place)
  const isStrict = ofObject((place: Place): boolean => {
    // What names a thing in a body is not as plain as a path: what nobody made may be there all the same. Nor are keys in
    // parentheses, and paths that end in a format: what has them, as OData and Rails do, stands before data of long ago.
    const isPlain =
      place.isCalled !== true &&
      place.read?.path.endsWith(')') !== true &&
      !isFormatted(place.read?.path ?? '')
    if (!isPlain || !isReadBack(place)) return false
    const twin = twinOf(types, place)
    return makersOf(place).some((one) => isMadeWithId(types, one)) || (twin !== undefined && isStrict(twin))
  })
  return isStrict
}

/** Whether a document says that the things of a place can be missing. */
const isMissed = ({ read }: Place): boolean =>
  read?.responses().some(({ status }) => /^4(04|XX)$/i.test(status)) === true

/**
 * What makes things at a place itself, or by words behind it: `/signature_request/send` (Dropbox Sign), `/templates/html`
 * (DocuSeal). By a word things are made as well that nothing tells of, unless a document says that they can be missing.
 */
export function ownMakers(types: Types, place: Place): readonly Maker[] {
  if (place.create !== undefined) return [{ create: place.create, place }]
  if (!isMissed(place) || place.param === undefined) return []
  const type = types.typeOf(place)
  // What is read by another of its members as well is made where it is read by its id: `/users/username/{username}`.
  const { home } = type
  const isAside = home !== place && bare(place.collection).startsWith(`${bare(home.collection)}/`)
  if (isAside && home.create !== undefined && !place.collection.includes('{'))
    return [{ create: home.create, place: home }]
  return [...types.roles()].flatMap(([create, role]) => {
    const isBehind = role.kind === 'create' && role.type === type && isWordBehind(place, create)
    return isBehind ? [{ create, place }] : []
  })
}

const isWordBehind = ({ collection }: Place, { path }: Operation): boolean => {
  const [start, own] = [`${bare(collection)}/`, bare(path)]
  return own.startsWith(start) && !own.slice(start.length).includes('{')
}

/**
 * The places that make the things of a place elsewhere: those that are called like it and read nothing. There the things may
 * as well come from somewhere else, unless a document says that they can be missing.
 */
export function otherMakers(types: Types, place: Place): readonly Maker[] {
  if (place.create !== undefined || !isMissed(place)) return []
  return types.typeOf(place).places.flatMap((one) => {
    const isMaker = one.param === undefined || one.read === undefined
    const isAlike = isMaker && nounOf(one) === nounOf(place)
    return one.create !== undefined && isAlike ? [{ create: one.create, place: one }] : []
  })
}

/** Whether whoever makes a thing is told its id. */
function isMadeWithId(types: Types, { create, place }: Maker): boolean {
  const own = types.template(create, true)
  const view = own?.media === undefined ? undefined : types.entityView(own, place)
  return view?.idPath !== undefined && view.isSure
}

/** The place that has the same things by the same id, with a word less: `/objects/{id}` of `/objects/{class}/{id}`. */
const twinOf = (types: Types, place: Place): Place | undefined =>
  place.create === undefined && place.param !== undefined && place.collection.endsWith('}')
    ? types
        .typeOf(place)
        .places.find(
          ({ collection, param }) =>
            param === place.param && `${bare(collection)}/{}` === bare(place.collection),
        )
    : undefined
