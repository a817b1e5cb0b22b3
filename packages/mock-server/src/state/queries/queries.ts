// What a request asks of a list: a page, an order, a search and filters, read from query parameters or from the body of a
// search by the names that conventions/lists.ts knows.

import type { Operation, Parameter } from '../../engine/document/operation.js'
import { isObject, nestsAtMost, normalizeName } from '../../engine/json.js'
import { examplesOf } from '../../engine/request/shown.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { possibleTypes, type Shape, shapeOf } from '../../engine/schema/shape.js'
import { STATUS_MEMBER } from '../conventions/life.js'
import { type QueryMeaning, queryMeaning } from '../conventions/lists.js'
import { equals } from '../patches.js'
import { type Compared, comparedIn, holdsFilter } from './filter-texts.js'
import { comparisonOf, type Filter } from './filters.js'
import { readToken } from './page-tokens.js'
import { fieldsOf, isSpread, PLACES, type QueryNames, queryNamesOf } from './query-names.js'
import { filtersInBody, hasAlternatives, sortingOf } from './search-bodies.js'

export interface ListQuery {
  readonly size: number | undefined
  readonly number: number | undefined
  readonly offset: number | undefined
  /** An opaque token of ours, or the id of an entry after which the page begins. */
  readonly after: string | undefined
  /** The id of the entry that the page begins with. */
  readonly from?: string | undefined
  readonly before: string | undefined
  readonly sort: string | undefined
  readonly descending: boolean | undefined
  readonly search: string | undefined
  readonly filters: readonly Filter[]
  /** Whether `before` means "older than", as in lists that begin with the latest. */
  readonly isChronological: boolean
  /** Whether the operation has parameters for pages at all. */
  readonly isPaged: boolean
  /** Whether it has parameters for where a page begins, in the query or in the body. */
  readonly isPlaced: boolean
  readonly firstNumber: number
}

type Fields = Readonly<Record<string, unknown>>

const MAX_FILTERS = 64
const MAX_NESTED = 4
/** How deep a filter in JSON may nest: `_and` and `_or` take two levels each. */
const MAX_FILTER_DEPTH = 12

/** What a request asks, and which of it are defaults that nobody sent. */
export interface Asked {
  readonly query: Fields
  readonly assumed?: ReadonlySet<string> | undefined
  readonly body: unknown
}

/** A default that nobody sent may hide what is over or switched off, and says nothing else of what is wanted. */
const isHiding = (name: string, value: unknown): boolean =>
  typeof value === 'boolean' || STATUS_MEMBER.test(normalizeName(name))

/** A default that nobody sent may say how long a page is and how it is sorted; where it begins is the first page. */
const SHAPING: ReadonlySet<QueryMeaning | undefined> = new Set<QueryMeaning>([
  'size',
  'number',
  'offset',
  'sort',
  'direction',
])

export function queryOf(operation: Operation, schemas: Schemas, asked: Asked): ListQuery {
  const plan = planOf(operation, schemas)
  if (!isUnasked(asked)) return readQuery(plan, asked)
  plan.unasked ??= readQuery(plan, asked)
  return plan.unasked
}

/** Whether a request says nothing itself; what is assumed then is the same for each request of an operation. */
const isUnasked = ({ query, assumed, body }: Asked): boolean =>
  !isObject(body) && Object.keys(query).every((name) => assumed?.has(name) === true)

/** The object that a text is in JSON, as Directus and LoopBack take filters; else what was given. */
function objectIn(given: unknown): unknown {
  if (typeof given !== 'string' || !given.trimStart().startsWith('{')) return given
  try {
    const value: unknown = JSON.parse(given)
    return isObject(value) && nestsAtMost(value, MAX_FILTER_DEPTH) ? value : given
  } catch {
    return given
  }
}

/** What a query says name by name, and the filters of which one of several has to hold. */
function saidIn(
  plan: ListPlan,
  { query, assumed }: Asked,
): { readonly flat: readonly Pair[]; readonly whole: readonly Filter[] } {
  const { names, examples } = plan
  const flat: Pair[] = []
  const whole: Filter[] = []
  // What was sent comes before what nobody said: a list may have its page's size under two names.
  const said = sayingsIn(query, plan).toSorted(
    ([one], [other]) => Number(assumed?.has(one) === true) - Number(assumed?.has(other) === true),
  )
  for (const [name, given] of said) {
    const value = holdsFilter(name) ? objectIn(given) : given
    const isAssumed = assumed?.has(name) === true && !isMeantAsAssumed(names, name, value)
    if (names.isIgnored(name) || isAssumed) continue
    if (holdsFilter(name) && hasAlternatives(value)) {
      whole.push(...filtersInBody({ filter: value }, MAX_FILTERS))
      continue
    }
    const isExample = examples.get(name)?.some((example) => equals(example, value))
    const split = names.meaningOf(name) === 'search' ? searched : flattened
    flat.push(...split(name, value).map(([own, inner]) => [own, inner, isExample] as const))
  }
  return { flat, whole }
}

function readQuery(plan: ListPlan, asked: Asked): ListQuery {
  const { names, isPaged, isChronological, firstNumber, order } = plan
  const { body } = asked
  const { flat, whole } = saidIn(plan, asked)
  const fromBody = isObject(body) ? pagingIn(body) : []
  const given = valuesByMeaning([...flat, ...fromBody], names)
  const sorting = sortingIn(given)
  const entry = wholeIn(given, 'offset')
  return {
    size: wholeIn(given, 'size'),
    number: wholeIn(given, 'number'),
    offset: entry === undefined ? undefined : Math.max(0, entry - plan.firstEntry),
    after: textIn(given, 'token') ?? tokenIn(given) ?? textIn(given, 'after', 'later'),
    from: firstIn(given),
    before: textIn(given, 'before', 'earlier'),
    sort: sorting.by,
    descending: sorting.descending ?? (sorting.by === undefined ? order : undefined),
    search: textIn(given, 'search'),
    filters: [
      ...filtersIn(flat, names),
      ...whole,
      ...(isObject(body) ? filtersInBody(body, MAX_FILTERS) : []),
    ].slice(0, MAX_FILTERS),
    isChronological,
    isPaged: isPaged || fromBody.length > 0,
    isPlaced: plan.isPlaced || fromBody.some(([name]) => PLACES.has(names.meaningOf(name))),
    firstNumber,
  }
}

/** Whether what nobody said holds all the same, as a default says it: the order, say, or that something is hidden. */
function isMeantAsAssumed(names: QueryNames, name: string, value: unknown): boolean {
  const meaning = names.meaningOf(name)
  return meaning === undefined ? isHiding(name, value) : SHAPING.has(meaning)
}

/** What is said under a name, and whether it is the document's own example. */
type Pair = readonly [name: string, value: unknown, isExample?: boolean | undefined]

/** What a query says, by the names that it has there. */
const sayingsIn = (query: Fields, { spread }: ListPlan): readonly Pair[] =>
  spread.size === 0
    ? Object.entries(query)
    : Object.entries(query).flatMap(([name, value]): readonly Pair[] =>
        spread.has(name) && isObject(value) ? Object.entries(value) : [[name, value]],
      )

/** What an operation says of its list, whatever is asked of it. */
interface ListPlan extends Pick<ListQuery, 'isPaged' | 'isPlaced' | 'isChronological' | 'firstNumber'> {
  readonly names: QueryNames
  /** Objects whose members stand in the query by their own names. */
  readonly spread: ReadonlySet<string>
  /** The examples of required parameters, by name. */
  readonly examples: ReadonlyMap<string, readonly unknown[]>
  /** What the first entry of a list is counted as: 1 for the `startIndex` of SCIM (RFC 7644, section 3.4.2.4). */
  readonly firstEntry: 0 | 1
  /** Whether the latest come first where nobody asks for an order. */
  readonly order: boolean | undefined
  /** What a request asks that says nothing. */
  unasked?: ListQuery
}

const plans = new WeakMap<Operation, ListPlan>()

function planOf(operation: Operation, schemas: Schemas): ListPlan {
  const known = plans.get(operation)
  if (known !== undefined) return known
  const declared = fieldsOf(operation, schemas)
  const names = queryNamesOf(operation)
  const meanings = new Set(declared.map(({ name }) => names.meaningOf(name)))
  const isChronological =
    ['around', 'earlier', 'later'].some((one) => meanings.has(one as QueryMeaning)) ||
    (meanings.has('before') && !meanings.has('after') && !meanings.has('token'))
  const number = declared.find(({ name }) => names.meaningOf(name) === 'number')
  const offset = declared.find(({ name }) => names.meaningOf(name) === 'offset')?.parameter
  const shape = number && shapeOf(schemas, [schemas.convert(number.schema ?? {}, 'request')])
  const shown = number?.parameter.name === number?.name ? number?.parameter : undefined
  const examples = shown === undefined ? [] : examplesOf(schemas, shown)
  const isSpreadObject = (one: Parameter): boolean =>
    isSpread(one) &&
    possibleTypes(schemas, schemas.convert(one.schema ?? {}, 'request'))?.has('object') !== false
  const required = operation
    .parameters()
    .filter(({ in: place, required: isRequired }) => place === 'query' && isRequired)
  const plan: ListPlan = {
    names,
    examples: new Map(required.map((one) => [one.name, examplesOf(schemas, one)])),
    isChronological,
    spread: new Set(
      operation
        .parameters()
        .filter(isSpreadObject)
        .map(({ name }) => name),
    ),
    isPaged: [...meanings].some((meaning) => meaning !== undefined),
    isPlaced: [...meanings].some((meaning) => PLACES.has(meaning)),
    firstEntry: offset !== undefined && FROM_ONE.test(String(offset.raw.description ?? '')) ? 1 : 0,
    firstNumber: firstNumberOf(shape, examples, number?.parameter),
    order: orderOf(operation) ?? (isChronological ? true : undefined),
  }
  plans.set(operation, plan)
  return plan
}

const FROM_ZERO =
  /\b(?:0|zero)-(?:based|indexed|offset)\b|\b(?:starts?|starting|begins?|counts?) (?:at|from|with) (?:page )?[`'"]?(?:0|zero)\b/i
const FROM_ONE =
  /\b(?:1|one)-(?:based|indexed|offset)\b|\b(?:starts?|starting|begins?|counts?) (?:at|from|with) (?:page )?[`'"]?(?:1|one)\b/i

/** The number of the first page: as it is told, else the default, else 0 where that may be asked for. */
function firstNumberOf(
  shape: Shape | undefined,
  examples: readonly unknown[],
  parameter: Parameter | undefined,
): 0 | 1 {
  const told = String(parameter?.raw.description ?? '')
  if (FROM_ONE.test(told)) return 1
  if (FROM_ZERO.test(told)) return 0
  const [usual] = shape?.defaults ?? []
  // `minimum: 0` beside it only says that 0 is taken for the first page as well.
  if (typeof usual === 'number') return usual > 0 ? 1 : 0
  return examples.includes(0) || shape?.low.get('minimum') === 0 ? 0 : 1
}

type Given = ReadonlyMap<QueryMeaning, readonly unknown[]>

function valuesByMeaning(pairs: readonly Pair[], names: QueryNames): Given {
  const given = new Map<QueryMeaning, unknown[]>()
  for (const [name, value] of pairs) {
    const meaning = names.meaningOf(name)
    if (meaning === undefined) continue
    const known = given.get(meaning)
    if (known === undefined) given.set(meaning, [value])
    else known.push(value)
  }
  return given
}

function wholeIn(given: Given, meaning: QueryMeaning): number | undefined {
  for (const value of given.get(meaning) ?? []) {
    // `count=true` asks for a total, not for one item.
    const number = typeof value === 'boolean' || value === '' ? Number.NaN : Number(value)
    if (Number.isInteger(number) && number >= 0) return number
  }
  return undefined
}

function textIn(given: Given, ...wanted: readonly QueryMeaning[]): string | undefined {
  for (const meaning of wanted) {
    for (const value of given.get(meaning) ?? []) {
      if ((typeof value === 'string' || typeof value === 'number') && value !== '') return String(value)
    }
  }
  return undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isPlaced = (value: unknown): value is string => isText(value) && !/^\d+$/.test(value)
const isToken = (value: string): boolean => readToken(value) !== undefined

/** Where a page or an offset is no number, it is a token. */
const tokenIn = (given: Given): string | undefined =>
  (given.get('number') ?? []).find(isPlaced) ?? (given.get('offset') ?? []).filter(isPlaced).find(isToken)

/** Where an offset is no number, it names the entry that the page begins with: Mollie's `from`, PayPal's `start_id`. */
const firstIn = (given: Given): string | undefined =>
  (given.get('offset') ?? []).filter(isPlaced).find((value) => !isToken(value))

const DIRECTION = /^(asc|desc)(ending)?$/i
const isDirection = (value: unknown): boolean =>
  typeof value !== 'string' || DIRECTION.test(value) || /^(true|false|-?1)$/.test(value)

/** `name,desc`, as Spring writes it, is a member with its direction. */
const termsOf = (text: string): readonly string[] => text.split(',').map((term) => term.trim())

/** The member that a list is to be sorted by, and in which direction; each undefined where nothing says so. */
function sortingIn(given: Given): {
  readonly by: string | undefined
  readonly descending: boolean | undefined
} {
  const directions = (given.get('direction') ?? []).flat()
  // `order` is a direction beside a member, and else a member: `order=Name DESC`.
  const said = [...(given.get('sort') ?? []).flat(), ...directions.filter((one) => !isDirection(one))]
  const [sorting, beside = ''] = said.filter(isText).flatMap(termsOf)
  const direction = (
    directions.filter(isDirection).map(String)[0] ??
    [sorting ?? '', beside].find((one) => DIRECTION.test(one)) ??
    ''
  ).toLowerCase()
  const by = sorting !== undefined && DIRECTION.test(sorting) ? undefined : sorting
  if (direction.startsWith('desc') || direction === 'false') return { by, descending: true }
  if (by !== undefined && /^-|[:. _](desc)/i.test(by)) return { by, descending: true }
  return { by, descending: direction.startsWith('asc') ? false : undefined }
}

/** Newest first, where the operation's own words say so. */
function orderOf(operation: Operation): boolean | undefined {
  const words = ['summary', 'description']
    .map((name) => operation.extension(name))
    .filter((one) => typeof one === 'string')
    .join(' ')
  return /(most recent(ly)?|newest|latest)[^.]{0,40}\bfirst\b|\breverse chronological|sorted[^.]{0,60}\bdescending\b|in descending order of (creation|created)/i.test(
    words,
  )
    ? true
    : undefined
}

/** `page[size]` counts like `page_size`, and `filter[name]` like `name`. */
function flattened(name: string, value: unknown): readonly Pair[] {
  const plain = name.endsWith('[]') ? name.slice(0, -2) : name
  if (!isObject(value)) {
    const compared = holdsFilter(plain) ? comparedInAll([value].flat()) : undefined
    return compared?.flatMap(([own, inner]) => nestedPairs(own, inner)) ?? [[plain, value]]
  }
  return Object.entries(value).flatMap(([key, child]) =>
    holdsFilter(name) ? nestedPairs(key, child) : [[`${name}[${key}]`, child] as const],
  )
}

/** A search may be written as a filter is: `q=name = 'Ann'`. */
function searched(name: string, value: unknown): readonly Pair[] {
  const compared =
    typeof value === 'string' && !value.trimStart().startsWith('{') ? comparedIn(value) : undefined
  return compared?.flatMap(([own, inner]) => nestedPairs(own, inner)) ?? flattened(name, value)
}

/** What filters compare that have to hold together; undefined where one of them says more than that. */
function comparedInAll(texts: readonly unknown[]): readonly Compared[] | undefined {
  const compared = texts.map((text) => (typeof text === 'string' ? comparedIn(text) : undefined))
  return compared.every((one) => one !== undefined) ? compared.flat() : undefined
}

/** `{ "email": { "_eq": "ann@example.org" } }` compares as `email[_eq]` does. */
const nestedPairs = (name: string, value: unknown, depth = 0): readonly Pair[] =>
  isObject(value) && depth < MAX_NESTED
    ? Object.entries(value).flatMap(([key, child]) => nestedPairs(`${name}[${key}]`, child, depth + 1))
    : [[name, value]]

const SORTING: ReadonlySet<QueryMeaning | undefined> = new Set(['sort', 'direction'])

function pagingIn(body: Fields): readonly Pair[] {
  return Object.entries(body).flatMap(([name, value]): readonly Pair[] => {
    if (typeof value === 'object' && SORTING.has(queryMeaning(name))) return sortingOf(value)
    if (
      isObject(value) &&
      /^(page|pagination|paging|options|query|search|searchcriteria)$/.test(normalizeName(name))
    )
      return pagingIn(value)
    return value === null || typeof value === 'object' ? [] : [[name, value]]
  })
}

function filtersIn(flat: readonly Pair[], names: QueryNames): readonly Filter[] {
  return flat.flatMap(([name, value, isExample]): readonly Filter[] => {
    if (value === undefined || value === '' || value === null || names.meaningOf(name) !== undefined)
      return []
    const texts = [value].flat()
    if (/selector$/i.test(name) && texts.every(isText)) return texts.flatMap((text) => selectorOf(name, text))
    return [{ ...comparisonOf(name, names), values: [value].flat(), isExample }]
  })
}

/** `labelSelector=a=b,c!=d`: pairs of a map, or of members by their paths. */
function selectorOf(name: string, text: string): readonly Filter[] {
  const map = normalizeName(name).replace(/selector$/, '')
  return text.split(',').flatMap((pair): Filter[] => {
    const match = /^\s*([^=!<>\s]+)\s*(==?|!=)\s*(.*?)\s*$/.exec(pair)
    if (match === null) return []
    const [, key = '', operator = '=', value = ''] = match
    const path = map === 'field' ? key.split('.').map(normalizeName) : [`${map}s`, key]
    return [{ path, comparison: operator === '!=' ? 'not' : 'is', values: [value], isWhole: true }]
  })
}
