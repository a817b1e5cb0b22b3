// Places that show what is made at others beside them: the items of a board (Miro), which are sticky notes, cards and frames.

import { referentOf } from '../conventions/names.js'
import { nounOf } from './paths.js'
import type { Place } from './place.js'

/**
 * The places whose things each of these shows: nothing is made there, and those beside it call their things like its own:
 * `/cards/{item_id}` and `/frames/{item_id}` beside `/items/{item_id}`.
 */
export function unionsIn(places: readonly Place[]): ReadonlyMap<Place, readonly Place[]> {
  const found = new Map<Place, readonly Place[]>()
  for (const place of places) {
    const noun = nounOf(place)
    if (place.create !== undefined || place.list === undefined || !isCalled(place, noun)) continue
    const of = places.filter(
      (one) =>
        one !== place &&
        one.parent === place.parent &&
        one.create !== undefined &&
        nounOf(one) !== noun &&
        isCalled(one, noun),
    )
    if (of.length > 1) found.set(place, of)
  }
  return found
}

const isCalled = ({ param, read }: Place, noun: string): boolean =>
  param !== undefined && read !== undefined && referentOf(param) === noun
