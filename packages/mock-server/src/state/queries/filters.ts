// What filters compare, and which entities they let through.

import { isObject, normalizeName } from '../../engine/json.js'
import { EVERYTHING, SHOWING_FLAG } from '../conventions/lists.js'
import { ID_ENDINGS, singular, wordsOf } from '../conventions/names.js'
import { equals } from '../patches.js'
import type { QueryNames } from './query-names.js'

type Fields = Readonly<Record<string, unknown>>

export type Comparison = 'is' | 'contains' | 'from' | 'above' | 'to' | 'below' | 'not'

export interface Filter {
  /** The names that lead to the member, normalised; the last one is its own. */
  readonly path: readonly string[]
  readonly comparison: Comparison
  readonly values: readonly unknown[]
  /** Whether the value is what the document writes in place of a reader's own. */
  readonly isExample?: boolean | undefined
  /** Whether a search names the member in so many words, and not by where the value stands. */
  readonly isNamed?: boolean | undefined
  /** Groups of filters of which one has to let a thing through: `{ _or: [{ … }, { … }] }`. */
  readonly any?: readonly (readonly Filter[])[] | undefined
  /** Whether all names of the path lead to the member, and things that have none are not meant. */
  readonly isWhole?: boolean | undefined
}

/** Operators as APIs write them behind a member's name: `created[gte]`, `price__lt`, `name.contains`. */
export const OPERATORS: ReadonlyMap<string, Comparison> = new Map(
  Object.entries({
    is: 'eq equals equal exact is in any value values anyof matches oneof iexact keyword exactly',
    contains: 'contains cont like ilike icontains fuzzy startswith substring search containstoken match q',
    from: 'gte ge from since startat min greaterthanorequal onorafter greaterthanorequalto after start',
    above: 'gt greaterthan',
    to: 'lte le until endat max lessthanorequal onorbefore lessthanorequalto',
    below: 'lt lessthan before end',
    not: 'ne neq not notequals notin nin exclude excluded excluding without',
  }).flatMap(([comparison, names]) =>
    names.split(' ').map((name) => [name, comparison as Comparison] as const),
  ),
)

/** What a filter of this name compares, and how. */
export function comparisonOf(name: string, names: QueryNames): Pick<Filter, 'path' | 'comparison'> {
  const segments = name.split(/\[|\]|__|\./).filter(Boolean)
  const comparison = segments.length > 1 ? OPERATORS.get(normalizeName(segments.at(-1) ?? '')) : undefined
  const path = (comparison === undefined ? segments : segments.slice(0, -1)).map(normalizeName)
  const usual = names.isPartial(name) ? 'contains' : 'is'
  return { path: names.filterOf(name) ?? path, comparison: comparison ?? usual }
}

const AFFIXED =
  /^(?<name>[a-z]+?)(?<last>contains|cont|ilike|like|startswith|gte|lte|gt|lt|after|before|since|until|from|to|min|max|eq|ne|notin|not|in|anyof|any|oneof)$|^(?<first>min|max|from|to|since|until|excluded?|excluding|without|not)(?<rest>[a-z]+)$/

/**
 * A filter whose comparison stands in the name of no member: `name_contains`, `q[name_cont]` (Ransack), `min_price`,
 * `created_after` of a `created_at`, `idAny` (Vapi), `exclude_id` (Polar).
 *
 * @param meant the member that a name is about which no member is called like; undefined where there is none.
 */
export function suffixed(
  known: KnownMembers,
  filter: Filter,
  meant: (name: string) => string | undefined,
): Filter {
  const { path, comparison } = filter
  const last = path.at(-1) ?? ''
  const shown = SHOWING_FLAG.exec(last)?.[1]
  const flag = [`is${shown}`, shown].find((one) => one !== undefined && !known.has(last) && known.has(one))
  if (flag !== undefined && comparison === 'is' && filter.values.every(isSwitched))
    return filter.values.some((value) => String(value) === 'true')
      ? { ...filter, values: ['all'] }
      : { ...filter, path: [...path.slice(0, -1), flag] }
  const { name, last: after, first, rest = name ?? '' } = AFFIXED.exec(last)?.groups ?? {}
  const operator = OPERATORS.get(after ?? first ?? '')
  if (comparison !== 'is' || operator === undefined || known.has(last)) return filter
  const member = [rest, `${rest}at`].find((one) => known.has(one)) ?? meant(rest)
  return member === undefined
    ? filter
    : { ...filter, path: [...path.slice(0, -1), member], comparison: operator }
}

/** The values of an entity that a filter is about; undefined where the entity has no such member. */
function valuesAt(entity: Fields, path: readonly string[]): readonly unknown[] | undefined {
  let at: readonly unknown[] = [entity]
  for (const [depth, name] of path.entries()) {
    const next = at.flatMap((value) => {
      if (!isObject(value)) return []
      const found = namedIn(value, name)
      if (found !== undefined) return [found].flat()
      if (depth > 0) return namedInData(value, name)
      // What describes a thing may stand in a part of it.
      return Object.values(value).flatMap((inner) =>
        isObject(inner) ? [namedIn(inner, name)].flat().filter((one) => one !== undefined) : [],
      )
    })
    if (next.length === 0) return depth > 0 ? [] : undefined
    at = next
  }
  return at
}

/** A relationship names its things in its `data` (JSON:API, section 7.2.4): `coupon.id` is `coupon.data.id`. */
const namedInData = ({ data }: Fields, name: string): readonly unknown[] =>
  [data]
    .flat()
    .flatMap((one) => (isObject(one) ? [namedIn(one, name)].flat() : []))
    .filter((one) => one !== undefined)

function namedIn(value: Fields, name: string): unknown {
  if (Object.hasOwn(value, name)) return value[name]
  const own = Object.keys(value)
  const found =
    own.find((candidate) => normalizeName(candidate) === name) ??
    own.find(
      (candidate) =>
        normalizeName(candidate) === singular(name) || singular(normalizeName(candidate)) === name,
    )
  return found === undefined ? undefined : value[found]
}

/** What is known of the members of the things in a list, by normalised names. */
export interface KnownMembers {
  /** Whether a value is one that the member can have; one that is none, such as `all`, filters nothing. */
  isValue(name: string, value: unknown): boolean
  /** Whether things of the type have such a member at all. */
  has(name: string): boolean
  /** Whether the member takes a text as it is: a number takes none but digits. */
  hasRoom(name: string, value: unknown): boolean
  /** The member that lists what a name has in the singular; undefined where there is none. */
  listOf(name: string): string | undefined
}

/** Whether the member that all of a path leads to has one of the values. */
const isWholly = (entity: Fields, { path, comparison, values }: Filter): boolean =>
  (valuesAt(entity, path)?.some((value) => compare('is', value, values)) === true) !== (comparison === 'not')

export function matches(
  entity: Fields,
  { filters, search }: { readonly filters: readonly Filter[]; readonly search: string | undefined },
  known: KnownMembers,
): boolean {
  if (search !== undefined && !contains(entity, search.toLowerCase())) return false
  return filters.every((filter) => {
    if (filter.any !== undefined)
      return filter.any.some((all) => matches(entity, { filters: all, search: undefined }, known))
    return filter.isWhole === true ? isWholly(entity, filter) : passes(entity, filter, known)
  })
}

function passes(entity: Fields, { path, comparison, values }: Filter, known: KnownMembers): boolean {
  if (comparison === 'is' && values.some((value) => EVERYTHING.has(String(value).toLowerCase()))) return true
  const own = longestPath(entity, path) ?? referredTo(entity, path) ?? listedBy(entity, path)
  // A parameter that names no member of the things means something else than a filter.
  if (own === undefined)
    return (
      comparison === 'not' ||
      !path.some(known.has) ||
      !values.some((value) => known.isValue(path.at(-1) ?? '', value))
    )
  const wanted = values.flatMap(spelledOut)
  if (comparison === 'is' && !wanted.some((value) => known.isValue(own.name, value))) return true
  // A switch compares nothing with what is neither on nor off: `?source=false` leaves a member out.
  if (wanted.every((value) => typeof value === 'boolean') && !own.values.some(isSwitched)) return true
  return (
    own.values.some((value) => compare(comparison, value, wanted)) !==
    (comparison === 'not' && own.values.length === 0)
  )
}

/** What a text lists between commas, or as JSON: `labels=["todo"]`. */
function spelledOut(value: unknown): readonly unknown[] {
  if (typeof value !== 'string') return [value]
  if (value.startsWith('[') && value.endsWith(']')) {
    try {
      const list: unknown = JSON.parse(value)
      if (Array.isArray(list)) return list
    } catch {
      // It is a text like any other.
    }
  }
  return value.includes(',') ? [value, ...value.split(',')] : [value]
}

const isSwitched = (value: unknown): boolean => /^(true|false)$/i.test(String(value))

/** The values of the member that a filter is about; undefined where there is no such member. */
export const memberValues = (entity: Fields, path: readonly string[]): readonly unknown[] | undefined =>
  longestPath(entity, path)?.values

/** Whether an entity has a member that a filter is about, with a value that it lets through. */
export function isNamedBy(entity: Fields, { path, comparison, values }: Filter): boolean {
  const own = longestPath(entity, path)
  return own?.values.some((value) => compare(comparison, value, values)) === true
}

/** A filter may stand deeper in a search than its member does in the entity. */
function longestPath(
  entity: Fields,
  path: readonly string[],
): { readonly values: readonly unknown[]; readonly name: string } | undefined {
  for (let from = 0; from < path.length; from++) {
    const own = path.slice(from)
    const values = valuesAt(entity, own)
    if (values !== undefined) return { values, name: own.at(-1) ?? '' }
  }
  return undefined
}

/** The things that a filter names by their ids, where an entity shows them whole: `author_id` beside `author` (GitLab, Hookdeck). */
function referredTo(entity: Fields, path: readonly string[]): ReturnType<typeof longestPath> {
  const [, noun] = /^([a-z]{3,}?)(?:id|gid|uuid)$/.exec(path.at(-1) ?? '') ?? []
  const found = noun === undefined ? undefined : longestPath(entity, [...path.slice(0, -1), noun])
  return found?.values.every(isObject) === true ? found : undefined
}

/** The names in a list that a filter is about one of: `tag_name` beside `tags` (DigitalOcean), `label_name` beside `labels`. */
function listedBy(entity: Fields, path: readonly string[]): ReturnType<typeof longestPath> {
  const [, noun] = /^([a-z]{3,}?)(?:name|slug|key)$/.exec(path.at(-1) ?? '') ?? []
  const own =
    noun === undefined ? undefined : Object.keys(entity).find((name) => normalizeName(name) === `${noun}s`)
  const values = own === undefined ? undefined : entity[own]
  return own !== undefined && Array.isArray(values) ? { values, name: normalizeName(own) } : undefined
}

function compare(comparison: Comparison, own: unknown, wanted: readonly unknown[]): boolean {
  if (isObject(own)) {
    const inner = Object.values(own).filter((value) => typeof value === 'string' || typeof value === 'number')
    return comparison === 'is'
      ? wanted.some((value) => equals(own, value) || inner.some((one) => same(one, value)))
      : true
  }
  if (own === null || own === undefined) return comparison === 'not' || wanted.includes('null')
  const number = (value: unknown) => {
    const plain = typeof value === 'number' ? value : Number(value)
    return Number.isFinite(plain) ? plain : Date.parse(String(value)) / 1000
  }
  const [first] = wanted
  const [left, right] = [number(own), number(first)]
  switch (comparison) {
    case 'is':
      return wanted.some((value) => same(own, value))
    case 'not':
      return !wanted.some((value) => same(own, value))
    case 'contains':
      return wanted.some((value) => isLike(String(own).toLowerCase(), String(value).toLowerCase()))
    default:
      if (Number.isNaN(left) || Number.isNaN(right)) return true
      return { from: left >= right, above: left > right, to: left <= right, below: left < right }[comparison]
  }
}

/** Whether a text has another one in it, or is what that stands for: `bob*` (Camunda, Okta), `%bob` (SQL, PostgREST). */
function isLike(text: string, wanted: string): boolean {
  const parts = wanted.split(/[*%]+/)
  const [first = '', ...others] = parts
  const last = others.pop()
  if (last === undefined) return text.includes(first)
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const part of others) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= text.length - last.length
}

const same = (a: unknown, b: unknown): boolean => String(a).toLowerCase() === String(b).toLowerCase()

/** Whether a text stands anywhere in a value. An id is found by all of it: a part of one says nothing. */
function contains(value: unknown, text: string, name = ''): boolean {
  if (typeof value === 'string' || typeof value === 'number') {
    const own = String(value).toLowerCase()
    return own === text || (own.includes(text) && !isIdName(name))
  }
  if (Array.isArray(value)) return value.some((one) => contains(one, text, name))
  return isObject(value) && Object.entries(value).some(([own, inner]) => contains(inner, text, own))
}

const isIdName = (name: string): boolean =>
  (ID_ENDINGS as readonly string[]).includes(singular(wordsOf(name).at(-1) ?? ''))

/** Sorts by a member: `name`, `-created_at`, `name:desc`, `name desc,id`. */
export function sortBy(rows: { readonly item: Fields }[], sort: string, isDescending: boolean): boolean {
  const [term = ''] = sort.split(',')
  const name = normalizeName(
    term
      .trim()
      .replace(/^[-+]/, '')
      .replace(/[:. _](asc|desc)(ending)?$/i, ''),
  )
  const keyOf = ({ item }: { readonly item: Fields }) => {
    const direct = valuesAt(item, [name])?.[0]
    return direct !== undefined ? direct : valuesAt(item, [`${name}at`])?.[0]
  }
  if (!rows.some((row) => keyOf(row) !== undefined)) return false
  const sign = isDescending ? -1 : 1
  rows.sort((a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)]
    if (left === right) return 0
    if (left === undefined || left === null) return 1
    if (right === undefined || right === null) return -1
    const isNumeric = typeof left === 'number' && typeof right === 'number'
    return sign * (isNumeric ? left - right : String(left) < String(right) ? -1 : 1)
  })
  return true
}
