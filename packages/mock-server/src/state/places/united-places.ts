// Places that show the same things though their schemas do not say so: relationships, and what links them.

import { grouped, normalizeName } from '../../engine/json.js'
import { wordOf } from './attachments.js'
import type { Place } from './place.js'
import type { PlaceClasses } from './place-classes.js'

/** `/lists/{id}/relationships/profiles` holds the things of `/profiles` (JSON:API, section 7.2). */
export function uniteRelationships(places: readonly Place[], classes: PlaceClasses): void {
  for (const place of places) {
    const word = /\/relationships\/([^/{}]+)$/.exec(place.collection)?.[1]
    const meant = word && places.find((one) => wordOf(one) === word)
    if (meant) classes.unite(classes.leaderOf(meant), place)
  }
}

/**
 * What is put below a thing under its own id, and neither made nor read there, is one of the only collection that is called so
 * and has the same ids: `/groups/{groupId}/users/{username}` beside `/users/{username}` (Camunda, Grafana, Keycloak).
 */
export function uniteLinks(places: readonly Place[], classes: PlaceClasses): void {
  const whole = grouped(
    places
      .filter(({ read, param }) => read !== undefined && param !== undefined)
      .flatMap((place) => (wordOf(place) === undefined ? [] : [[wordOf(place) ?? '', place] as const])),
  )
  for (const place of places) {
    const { create, read, parent, collection, param = '' } = place
    if (create !== undefined || read !== undefined || parent === undefined) continue
    const same = (whole.get(collection.split('/').at(-1) ?? '') ?? []).filter(
      (one) => normalizeName(one.param ?? '') === normalizeName(param),
    )
    const [meant, ...others] = same
    if (meant !== undefined && others.length === 0) classes.unite(classes.leaderOf(meant), place)
  }
}
