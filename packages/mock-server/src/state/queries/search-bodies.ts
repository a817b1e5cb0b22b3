// Filters in the body of a search: its leaves, by the names that lead to them, and objects of a name, an operator and a value.

import { isObject, normalizeName, stringMember } from '../../engine/json.js'
import { NAMING_WORDS, ORDER_MEMBERS, queryMeaning, SELECTIONS, VALUE_WORDS } from '../conventions/lists.js'
import { wordsOf } from '../conventions/names.js'
import { type Comparison, type Filter, OPERATORS } from './filters.js'

type Fields = Readonly<Record<string, unknown>>

/** A value in a body, and what leads to it. */
interface Leaf {
  readonly value: unknown
  /** Normalised names. */
  readonly path: readonly string[]
  readonly comparison: Comparison
}

/** `{ query: { filter: { email: { exact: 'a' } } } }`, or `{ property: 'email', operator: 'EQ', value: 'a' }`. */
export function filtersInBody(body: Fields, most: number): readonly Filter[] {
  const found: Filter[] = []
  for (const filter of filtersAt({ value: body, path: [], comparison: 'is' })) {
    if (found.length >= most) break
    found.push(filter)
  }
  return found
}

function* filtersAt(leaf: Leaf): Generator<Filter> {
  const { value, path, comparison } = leaf
  if (Array.isArray(value)) yield* filtersInList(value, leaf)
  else if (!isObject(value)) {
    const isSaid = path.length > 0 && value !== null && value !== undefined
    if (isSaid) yield { path, comparison, values: [value] }
  } else {
    const named = namedFilter(value)
    if (named === undefined) yield* filtersInObject(value, leaf)
    else yield named
  }
}

function* filtersInList(list: readonly unknown[], { path, comparison }: Leaf): Generator<Filter> {
  if (path.length === 1 && SELECTIONS.has(path[0] ?? '')) return
  if (list.some(isObject)) for (const value of list) yield* filtersAt({ value, path, comparison })
  else if (path.length > 0 && list.length > 0) yield { path, comparison, values: list }
}

function* filtersInObject(object: Fields, { path, comparison }: Leaf): Generator<Filter> {
  for (const [name, value] of Object.entries(object)) {
    const normalized = normalizeName(name)
    if (queryMeaning(name) !== undefined && !isObject(value) && !Array.isArray(value)) continue
    if (isAlternatives(normalized, value)) {
      const any = value.map((one) => [...filtersAt({ value: one, path, comparison: 'is' })])
      yield { path: [], comparison: 'is', values: [], any }
      continue
    }
    const operator = path.length > 0 ? OPERATORS.get(normalized) : undefined
    const isAround = operator !== undefined || WRAPPERS.has(normalized)
    yield* filtersAt({
      value,
      path: isAround ? path : [...path, normalized],
      comparison: operator ?? comparison,
    })
  }
}

/** `_or` (Directus, Hasura), `$or` (Strapi, MongoDB), `OR` (Prisma), `or` (LoopBack). */
const isAlternatives = (normalized: string, value: unknown): value is readonly unknown[] =>
  normalized === 'or' && Array.isArray(value) && value.length > 0 && value.every(isObject)

/** Whether what a query has for its filter says somewhere that one of several has to hold. */
export const hasAlternatives = (value: unknown): boolean =>
  isObject(value) &&
  Object.entries(value).some(
    ([name, inner]) =>
      isAlternatives(normalizeName(name), inner) || [inner].flat().some((one) => hasAlternatives(one)),
  )

/** An object that names the member, how it is compared, and with what; undefined for any other object. */
function namedFilter(object: Fields): Filter | undefined {
  const [naming] = endingIn(object, NAMING_WORDS).filter(({ value }) => typeof value === 'string')
  // `{ name, max_value }` says two things, and `{ propertyName, value }` one.
  const said = endingIn(object, VALUE_WORDS).find(({ before }) => before === '' || before === naming?.before)
  if (typeof naming?.value !== 'string' || said === undefined) return undefined
  const { value } = said
  const operator = stringMember(object, 'operator') ?? stringMember(object, 'op') ?? 'eq'
  return {
    path: naming.value.split('.').map(normalizeName),
    comparison: OPERATORS.get(normalizeName(operator)) ?? 'is',
    values: [value].flat().flatMap(bareValues),
    isNamed: true,
  }
}

/** The members whose names end with one of these words, the likeliest first, with what stands before it: `value`, `filter_value`. */
const endingIn = (
  object: Fields,
  words: readonly string[],
): readonly { readonly value: unknown; readonly before: string }[] =>
  words.flatMap((word) =>
    Object.entries(object).flatMap(([name, value]) => {
      const own = wordsOf(name)
      return own.at(-1) === word ? [{ value, before: own.slice(0, -1).join(' ') }] : []
    }),
  )

/** A value may stand under its type: `{ string: 'a' }`, `{ array: ['a', 'b'] }` (Flexprice). */
const bareValues = (value: unknown): readonly unknown[] =>
  isObject(value)
    ? Object.values(value)
        .flat()
        .filter((one) => one !== null && !isObject(one))
    : [value]

/** The first member that a search sorts by: `[{ field: 'name', order: 'DESC' }]`, `[{ name: 'desc' }]`, `{ name: { order: 'desc' } }`. */
export function sortingOf(value: unknown): readonly (readonly [name: string, value: string])[] {
  const [first] = [value].flat()
  if (!isObject(first)) return isText(first) ? [['sort', first]] : []
  const by = endingIn(first, NAMING_WORDS).find(({ value: name }) => typeof name === 'string')?.value
  if (typeof by === 'string') {
    const said = ORDER_MEMBERS.flatMap((name) => stringMember(first, name) ?? [])
    return sortingBy(by, said[0])
  }
  const [[name = '', order] = [], ...others] = Object.entries(first)
  return others.length === 0 ? sortingBy(name, isObject(order) ? order.order : order) : []
}

const sortingBy = (name: string, order: unknown): readonly (readonly [string, string])[] => [
  ['sort', name],
  ...(isText(order) ? [['direction', order] as const] : []),
]

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const WRAPPERS = new Set([
  'query',
  'filter',
  'filters',
  'filtergroups',
  'where',
  'and',
  'criteria',
  'conditions',
  'bool',
  'must',
  'params',
])
