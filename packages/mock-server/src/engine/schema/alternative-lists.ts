// What documents mean by some lists of alternatives: values with a word on each, and numbers of either kind.

import { arrayMember, isObject, type JsonObject, member } from '../json.js'

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

/**
 * Whether alternatives are texts or numbers of one form, which no value can tell apart: keys of several kinds of things
 * (Camunda), ids of either of two.
 * @param deref what a reference leads to.
 */
export function overlapsInForm(alternatives: readonly unknown[], deref: (node: unknown) => unknown): boolean {
  const forms = alternatives.map((one) => scalarForm(one, deref))
  return forms.length > 1 && forms[0] !== undefined && forms.every((form) => form === forms[0])
}

/**
 * Whether one alternative is any text, and another one texts that are listed or of some form: whatever fits the second fits the
 * first as well, and such a document means either (Deepgram's models).
 */
export function overlapsInRest(alternatives: readonly unknown[], deref: (node: unknown) => unknown): boolean {
  const said = alternatives.map(deref)
  return alternatives.some((one, at) => {
    const type = member(said[at], 'type')
    const isAny = scalarForm(one, deref) === JSON.stringify([['type', type]])
    return isAny && said.some((other, i) => i !== at && member(other, 'type') === type)
  })
}

/** What is said of a text or a number, the same for the same form; undefined for what is none. */
function scalarForm(node: unknown, deref: (node: unknown) => unknown, depth = 0): string | undefined {
  const said = deref(node)
  if (!isObject(said) || !SCALARS.has(String(said.type)) || depth > MAX_DEPTH) return undefined
  const whole = new Map<string, unknown>()
  for (const part of arrayMember(said, 'allOf')) {
    const form = scalarForm(part, deref, depth + 1)
    if (form === undefined) return undefined
    for (const [key, value] of JSON.parse(form) as [string, unknown][]) whole.set(key, value)
  }
  for (const [key, value] of Object.entries(said)) if (tellsForm(key, value)) whole.set(key, value)
  return JSON.stringify([...whole].sort(([one], [other]) => (one < other ? -1 : 1)))
}

const tellsForm = (key: string, value: unknown): boolean =>
  key === 'format' ? !CLASS_NAME.test(String(value)) : !BESIDE_FORMS.has(key) && !key.startsWith('x-')

const MAX_DEPTH = 8
const SCALARS: ReadonlySet<string> = new Set(['string', 'integer', 'number'])
const BESIDE_FORMS = new Set(['allOf', 'title', 'description', 'example', 'examples', 'deprecated', 'xml'])
/** Some documents name a class of their own in `format`: no validator knows such a one. */
const CLASS_NAME = /^[A-Z][a-z]+[A-Z]/
