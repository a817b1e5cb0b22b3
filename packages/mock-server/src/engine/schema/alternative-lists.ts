// What documents mean by some lists of alternatives: values with a word on each, and numbers of either kind.

import { arrayMember, isObject, type JsonObject } from '../json.js'

const WORDS_ON_VALUES = new Set(['const', 'type', 'title', 'description', 'deprecated'])

/** The values that alternatives list one by one, to say a word on each; undefined where they say anything else. */
export function listedValues(alternatives: readonly unknown[]): readonly unknown[] | undefined {
  const isValue = (one: unknown): one is JsonObject =>
    isObject(one) &&
    one.const !== undefined &&
    Object.keys(one).every((key) => WORDS_ON_VALUES.has(key) || key.startsWith('x-')) &&
    (one.type === undefined || isOfType(one.const, one.type))
  if (alternatives.length < 2 || !alternatives.every(isValue)) return undefined
  const values = alternatives.map((one) => one.const)
  return new Set(values.map((value) => JSON.stringify(value))).size === values.length ? values : undefined
}

const isOfType = (value: unknown, type: unknown): boolean =>
  type === 'integer' ? Number.isInteger(value) : type === typeof value

/** Whether alternatives are both any integer and any number: an integer is a number as well, and such a document means either. */
export function overlapsByNumbers(alternatives: readonly unknown[]): boolean {
  const isBare = (type: string): boolean =>
    alternatives.some(
      (one) => isObject(one) && one.type === type && Object.keys(one).every((key) => BESIDE_NUMBERS.has(key)),
    )
  return isBare('integer') && isBare('number')
}

const BESIDE_NUMBERS = new Set(['type', 'format', 'title', 'description', 'example', 'examples'])

/**
 * Whether alternatives are objects that require nothing: an empty one fits them all, and whatever one describes may fit the
 * others as well. `{ limit }`, and `{ from, limit }` (Camunda, Elastic).
 */
export const overlapsInNothing = (alternatives: readonly unknown[]): boolean =>
  alternatives.length > 1 &&
  alternatives.every(
    (one) =>
      isObject(one) &&
      isObject(one.properties) &&
      (one.type === undefined || one.type === 'object') &&
      arrayMember(one, 'required').length === 0 &&
      Object.keys(one).every((key) => BESIDE_PROPERTIES.has(key) || key.startsWith('x-')),
  )

const BESIDE_PROPERTIES = new Set([
  ...['type', 'properties', 'required', 'title', 'description', 'example', 'examples', 'deprecated', 'xml'],
])
