// Which places show things of the same class: those that name one schema, and those whose schemas describe the same under
// different names.

import { grouped, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import { singular, stemOf, UNSPECIFIC_NAMES, wordsOf } from '../conventions/names.js'
import { ASIDE_SEGMENT } from '../conventions/paths.js'
import { describeSame, type Form, shareMembers } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { bare, lastWordOf, nounOf } from './paths.js'
import { type Place, parameterNames } from './place.js'

export interface PlaceClasses {
  /** The place that stands for all places of its class. */
  leaderOf(place: Place): Place
  unite(a: Place, b: Place): void
  /** The places that stand for the things that a schema describes. */
  placesOf(schema: Schema): readonly Place[]
}

interface Class {
  readonly form: Form
  readonly places: Set<Place>
  /** What collections are called that make things of the class and read them. */
  nouns: ReadonlySet<string>
}

/** A class by its name, and the first of its places. */
interface Named {
  readonly name: string
  readonly form: Form
  readonly nouns: ReadonlySet<string>
  readonly place: Place
}

/** More classes than these are no versions of one: their names are a series, such as `Item1` to `Item2000`. */
const MOST_ALIKE = 100

/** @param shown the schema that a place shows its things by, if it shows them at all. */
export function createPlaceClasses(
  places: readonly Place[],
  forms: Forms,
  shown: (place: Place) => Schema | undefined,
): PlaceClasses {
  const leaders = new Map<Place, Place>()
  const leaderOf = (place: Place): Place => {
    let at = place
    for (let next = leaders.get(at); next !== undefined && next !== at; next = leaders.get(at)) at = next
    return at
  }
  const unite = (a: Place, b: Place): void => {
    const [left, right] = [leaderOf(a), leaderOf(b)]
    if (left !== right) leaders.set(right, left)
  }

  const classes = classesOf(places, forms, shown)
  const alike = new Map<string, Named[]>()
  for (const [name, { form, places: own, nouns }] of classes) {
    const [first] = own
    if (first === undefined) continue
    for (const [leader, other] of pairsIn(form, [...own])) unite(leader, other)
    const stem = stemIn(name, own)
    const known = alike.get(stem) ?? []
    if (known.length === 0) alike.set(stem, known)
    known.push({ name, form, nouns, place: first })
  }
  const byStem = new Map([...alike].filter(([, named]) => named.length <= MOST_ALIKE))
  for (const named of byStem.values())
    for (const [one, other] of samesIn(named)) unite(other.place, one.place)

  const placeOf = (schema: Schema): Place | undefined => {
    const name = forms.className(schema)
    if (name === undefined) return undefined
    const [exact] = classes.get(name)?.places ?? []
    if (exact !== undefined) return leaderOf(exact)
    const same = byStem
      .get(stemOf(name))
      ?.find((other) => describeSame([name, forms.of(schema)], [other.name, other.form]))
    return same && leaderOf(same.place)
  }
  return {
    leaderOf,
    unite,
    placesOf(schema) {
      const whole = placeOf(schema)
      if (whole !== undefined) return [whole]
      return forms.alternatives(schema).flatMap((option) => placeOf(option) ?? [])
    },
  }
}

/** The classes among those that are called alike that describe the same, each with one that came before it. */
const samesIn = (named: readonly Named[]): readonly (readonly [one: Named, other: Named])[] =>
  named.flatMap((one, at) =>
    named
      .slice(0, at)
      .filter(
        (other) =>
          !areTwoKinds(one.nouns, other.nouns) &&
          describeSame([one.name, one.form], [other.name, other.form]),
      )
      .map((other) => [one, other] as const),
  )

/** The places of one class that hold the same things, each with the one that leads them. */
const pairsIn = (form: Form, places: readonly Place[]): readonly (readonly [leader: Place, other: Place])[] =>
  kindsIn(places).flatMap(([leader, ...others]) =>
    others.flatMap((other) =>
      leader === undefined || areApart(form, leader, other) ? [] : [[leader, other] as const],
    ),
  )

/**
 * The places of one class by what they hold: collections that are called otherwise and each make, list and read their things
 * hold other things, as users and groups of one schema do. All else goes with the collection that it is called like, or with
 * the first.
 */
function kindsIn(places: readonly Place[]): readonly (readonly Place[])[] {
  const wholes = places.filter((place) => isWhole(place) && place.list !== undefined)
  const nouns = [...new Set(wholes.map(nounOf))]
  const [main] = nouns
  if (nouns.length < 2) return [places]
  return [
    ...grouped(places.map((place) => [nouns.find((noun) => noun === nounOf(place)) ?? main, place])).values(),
  ]
}

/**
 * Where else the things are read that a place below others makes, whether or not the document has one name for what both show:
 * `/collections/{id}` of what is made at `/sites/{id}/collections`, `/actions/{id}` of what is made at
 * `/droplets/{id}/actions` and read there as well, and `/items/{id}` of what is made at `/items/live`.
 */
function homeOf(place: Place, homes: Homes, formOf: (place: Place) => Form | undefined): Place | undefined {
  if (!place.collection.includes('{') || place.create === undefined) return undefined
  const base = bare(place.collection).replace(/\/[^/{}]+$/, '')
  const names = new Set(parameterNames(place.collection))
  const alike = (homes.byWord.get(lastWord(place)) ?? []).filter(
    ({ collection }) =>
      collection !== place.collection && parameterNames(collection).every((name) => names.has(name)),
  )
  const known = new Set([...(homes.byPath.get(base) ?? []), ...alike])
  const near = [...known].filter(({ param }) => place.param === undefined || param === place.param)
  // What nothing reads below a thing are the things of a whole collection that is called alike.
  const far = near.length === 0 && place.read === undefined ? homes.wholes.get(nounOf(place)) : undefined
  const [home, ...others] = far ?? near
  if (home === undefined || others.length > 0) return undefined
  const [made, read] = [formOf(place), formOf(home)]
  return made !== undefined && read !== undefined && shareMembers(made, read) ? home : undefined
}

/** The places that read items. */
interface Homes {
  /** By their collections' paths. */
  readonly byPath: ReadonlyMap<string, readonly Place[]>
  /** Those that make nothing, by the last words of their paths: `/teams/{org}/{team}` beside `/orgs/{org}/teams` (Sentry). */
  readonly byWord: ReadonlyMap<string, readonly Place[]>
  /** Those that are below nothing, and make their things as well, by what these are called. */
  readonly wholes: ReadonlyMap<string, readonly Place[]>
}

function homesOf(places: readonly Place[]): Homes {
  const readers = places.filter(({ param, read }) => param !== undefined && read !== undefined)
  const alone = readers.filter(({ create }) => create === undefined)
  return {
    byPath: grouped(readers.map((place) => [bare(place.collection), place])),
    byWord: grouped(alone.map((place) => [lastWordOf(place.collection), place])),
    wholes: grouped(
      readers
        .filter((place) => isWhole(place) && !place.collection.includes('{'))
        .map((place) => [nounOf(place), place]),
    ),
  }
}

const lastWord = ({ collection }: Place): string => collection.split('/').at(-1) ?? ''

function classesOf(
  places: readonly Place[],
  forms: Forms,
  shown: (place: Place) => Schema | undefined,
): ReadonlyMap<string, Class> {
  const classes = new Map<string, Class>()
  for (const place of places) {
    const schema = shown(place)
    const name = schema === undefined ? undefined : forms.className(schema)
    if (schema === undefined || name === undefined || UNSPECIFIC_NAMES.has(stemOf(name))) continue
    const form = forms.of(schema)
    if (form.byName.size < 2) continue
    const known = classes.get(name) ?? { form, places: new Set<Place>(), nouns: new Set<string>() }
    classes.set(name, known)
    known.places.add(place)
  }
  for (const [name, known] of classes) {
    known.nouns = nounsMade(known.places)
    if (isGeneral(stemOf(name), known.nouns)) classes.delete(name)
  }
  return classes
}

const nounsMade = (places: Iterable<Place>): ReadonlySet<string> =>
  new Set([...places].filter(({ create, read, param }) => create && read && param !== undefined).map(nounOf))

/** Whether two classes whose names differ little have a collection each: payments, and payment requests. */
const areTwoKinds = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size > 0 && other.size > 0 && [...one].every((noun) => !other.has(noun))

/** How many kinds of things one schema describes when none of them is what it says. */
const GENERAL = 3

/** Whether a schema describes things of any kind, as that of a JSON:API resource does in documents of Rails and of .NET. */
function isGeneral(stem: string, nouns: ReadonlySet<string>): boolean {
  const isMeant = [...nouns].some((noun) => stem.endsWith(noun) || noun.endsWith(stem))
  return nouns.size >= GENERAL && !isMeant
}

/** Unites places that make things with those that read them elsewhere. @param shown as for `createPlaceClasses`. */
export function uniteHomes(
  places: readonly Place[],
  forms: Forms,
  shown: (place: Place) => Schema | undefined,
  classes: PlaceClasses,
): void {
  const { unite, leaderOf } = classes
  const formOf = (place: Place): Form | undefined => {
    const schema = shown(place)
    return schema === undefined ? undefined : forms.of(schema)
  }
  const homes = homesOf(places)
  for (const place of places) {
    const home = homeOf(place, homes, formOf)
    if (home !== undefined) unite(leaderOf(home), place)
  }
  uniteVersions(places, formOf, classes)
}

/** Unites the places of one collection in several versions or for several readers, of which none makes and reads its things by itself. */
function uniteVersions(
  places: readonly Place[],
  formOf: (place: Place) => Form | undefined,
  { unite, leaderOf }: PlaceClasses,
): void {
  for (const same of versionsOf(places)) {
    const [home, ...others] = same.toSorted((a, b) => readRank(a) - readRank(b))
    const read = home && formOf(home)
    if (home === undefined || read === undefined) continue
    // What each version makes and reads by itself stays there.
    const parts = isWhole(home) ? others.filter((other) => !isWhole(other)) : others
    for (const part of parts) {
      const made = formOf(part)
      if (made !== undefined && shareMembers(made, read, 1)) unite(leaderOf(home), part)
    }
  }
}

/** Places of one collection that differ in such segments: `/scores` and `/v2/scores`, `/users` and `/admin/users`. */
function versionsOf(places: readonly Place[]): Iterable<readonly Place[]> {
  const byPath = grouped(places.map((place) => [plainPath(place), place]))
  return [...byPath].flatMap(([path, same]) =>
    same.length > 1 && same.some(({ collection }) => bare(collection) !== path) ? [same] : [],
  )
}

const plainPath = ({ collection }: Place): string =>
  bare(collection)
    .split('/')
    .filter((segment) => !ASIDE_SEGMENT.test(segment))
    .join('/')

const isWhole = ({ create, read, param }: Place): boolean =>
  create !== undefined && read !== undefined && param !== undefined

const readRank = ({ read, param, list }: Place): number =>
  (read === undefined || param === undefined ? 2 : 0) + (list === undefined ? 1 : 0)

/** What a class is called: by its whole name, where one of its collections is, as `ProjectBrief` is by `/project_briefs` (Asana). */
function stemIn(name: string, places: ReadonlySet<Place>): string {
  const whole = wordsOf(name.split('.').at(-1) ?? name)
    .map(singular)
    .join('')
  return [...places].some((place) => nounOf(place) === whole) ? whole : stemOf(name)
}

/** A thing below a thing of its class is another one, where each path names a member of its own for it. */
function areApart(form: Form, one: Place, other: Place): boolean {
  const [upper, lower] = one.collection.length < other.collection.length ? [one, other] : [other, one]
  if (upper.param === undefined || lower.param === undefined) return false
  const [above, below] = [normalizeName(upper.param), normalizeName(lower.param)]
  const isBelow = bare(lower.collection).startsWith(`${bare(upper.collection)}/{}/`)
  return isBelow && above !== below && form.byName.has(above) && form.byName.has(below)
}
