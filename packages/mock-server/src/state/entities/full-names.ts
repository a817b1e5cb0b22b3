// Names that nobody sends whole, because they are put together from what else a thing says: the name of a person, and the path
// by which a thing is known below its owner.

import { isObject, normalizeName } from '../../engine/json.js'
import { FULL_PATHS, URL_NAMES } from '../conventions/names.js'
import { type Slot, valueAt, withValueAt } from '../forms/slots.js'
import { type Place, parameterNames } from '../places/place.js'

/** Puts the names of a thing together. @param isGiven whether clients can send a member. */
export function fullNamesIn(
  slots: readonly Slot[],
  home: Place,
  isGiven: (slot: Slot) => boolean,
): (entity: unknown, isSent: (slot: Slot) => boolean) => unknown {
  const own = slots.filter(({ path }) => path.length === 1)
  return (
    fileNameIn(own, home) ??
    pathNameIn(own, home, isGiven) ??
    personNameIn(own, isGiven) ??
    ((entity) => entity)
  )
}

type Naming = ((entity: unknown, isSent: (slot: Slot) => boolean) => unknown) | undefined

const find = (slots: readonly Slot[], pattern: RegExp): Slot | undefined =>
  slots.find(({ normalized }) => pattern.test(normalized))

/** What puts the name of a person together where nobody can send it whole: Spree, Zendesk, Okta. */
function personNameIn(slots: readonly Slot[], isGiven: (slot: Slot) => boolean): Naming {
  const whole = find(slots, /^(full|display|complete)name$/) ?? find(slots, /^name$/)
  const parts = [find(slots, /^(first|given)name$/), find(slots, /^(last|family|sur)name$/)]
  if (whole === undefined || parts.includes(undefined) || isGiven(whole)) return undefined
  return (entity) => {
    const words = parts.map((slot) => valueAt(entity, slot?.path ?? []))
    return words.every((word) => typeof word === 'string') && valueAt(entity, whole.path) !== undefined
      ? withValueAt(entity, whole.path, words.join(' '))
      : entity
  }
}

/** What names a file as the end of its path does, where paths call files by that: GitHub, Gitea, Supabase. */
function fileNameIn(slots: readonly Slot[], { param = '' }: Place): Naming {
  const [name, path] = [find(slots, /^(file)?name$/), find(slots, /^(file|full)?path$/)]
  if (!/path$/.test(normalizeName(param)) || name === undefined || path === undefined) return undefined
  return (entity, isSent) => {
    const end =
      String(valueAt(entity, path.path) ?? '')
        .split('/')
        .at(-1) ?? ''
    return end === '' || isSent(name) ? entity : withValueAt(entity, name.path, end)
  }
}

/** The owner of a thing and the thing, at the end of a path: `/repos/{owner}/{repo}`. */
const OWNED = /\/\{([^{}/]+)\}$/

/** What puts a name together that repeats the end of a thing's path: `acme/app` at `/repos/{owner}/{repo}` (GitHub, Gitea, Bitbucket). */
function pathNameIn(slots: readonly Slot[], home: Place, isGiven: (slot: Slot) => boolean): Naming {
  const owner = OWNED.exec(home.collection)?.[1]
  if (owner === undefined || home.param === undefined || parameterNames(home.collection).length !== 1)
    return undefined
  const whole = slots.find(({ normalized }) => FULL_PATHS.has(normalized))
  const above = slots.find(({ normalized }) => normalized === normalizeName(owner))
  if (whole === undefined || above === undefined || isGiven(whole)) return undefined
  return (entity) => {
    const words = [urlNameOf(valueAt(entity, above.path)), urlNameOf(entity)]
    return words.includes(undefined) || valueAt(entity, whole.path) === undefined
      ? entity
      : withValueAt(entity, whole.path, words.join('/'))
  }
}

/** What paths call a thing, as far as it says so. */
function urlNameOf(thing: unknown): string | undefined {
  if (!isObject(thing)) return typeof thing === 'string' ? thing : undefined
  const own = new Map(Object.entries(thing).map(([name, value]) => [normalizeName(name), value]))
  return URL_NAMES.map((name) => own.get(name)).find((value) => typeof value === 'string' && value !== '') as
    | string
    | undefined
}
