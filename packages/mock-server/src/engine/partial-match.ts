// Holds a value against what somebody wants of it: objects may have more members, lists have the same length.

import { isObject, member } from './json.js'

/** A part of a value that is not what is wanted there. */
export interface Difference {
  /** Its place, such as `body.items.0`. */
  readonly at: string
  readonly wanted: unknown
  readonly got: unknown
}

/** @param at the place of the value itself. */
export function differencesOf(at: string, wanted: unknown, got: unknown): readonly Difference[] {
  if (Array.isArray(wanted) && Array.isArray(got) && wanted.length === got.length)
    return wanted.flatMap((item, i) => differencesOf(`${at}.${i}`, item, got[i]))
  if (isObject(wanted) && isObject(got))
    return Object.entries(wanted).flatMap(([name, value]) =>
      differencesOf(`${at}.${name}`, value, member(got, name)),
    )
  return Object.is(wanted, got) ? [] : [{ at, wanted, got }]
}
