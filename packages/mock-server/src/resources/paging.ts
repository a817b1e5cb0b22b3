// Lists the way a document says: filters, order and pages by the query parameters it declares, and the counters and
// links around the items in the names it gives them.

import type { Operation } from '../engine/document/operation.js'
import { isObject, normalizeName } from '../engine/json.js'

export interface Page<Item> {
  readonly items: readonly Item[]
  /** How many there are in all; counted when asked for, because that costs more than a page. */
  readonly total: () => number
  readonly hasMore: boolean
  readonly offset: number
  readonly size: number
  /** The number of the page, in the document's own counting. */
  readonly number: number
  readonly firstNumber: number
}

type Fields = Readonly<Record<string, unknown>>

const SIZE = new Set([
  'limit',
  'perpage',
  'pagesize',
  'pagelimit',
  'count',
  'size',
  'take',
  'maxresults',
  'maxitems',
  'top',
  'first',
  'rpp',
  'pageitems',
])
const NUMBER = new Set(['page', 'pagenumber', 'pageindex', 'pageno', 'currentpage', 'p', 'pagenum'])
const OFFSET = new Set(['offset', 'skip', 'start', 'startindex', 'pageoffset'])
const CURSOR = new Set([
  'cursor',
  'after',
  'startingafter',
  'pagetoken',
  'nexttoken',
  'nextpagetoken',
  'marker',
  'continuationtoken',
  'starttoken',
  'pagecursor',
])
const BEFORE = new Set(['before', 'endingbefore'])
const SORT = new Set(['sort', 'sortby', 'orderby', 'order', 'sortfield', 'ordering'])
const DIRECTION = new Set([
  'direction',
  'sortdirection',
  'sortorder',
  'orderdirection',
  'sortdir',
  'dir',
  'order',
])
const SEARCH = new Set(['q', 'search', 'query', 'filter', 'searchterm', 'keyword', 'term'])
const RESERVED = new Set([
  ...SIZE,
  ...NUMBER,
  ...OFFSET,
  ...CURSOR,
  ...BEFORE,
  ...SORT,
  ...DIRECTION,
  ...SEARCH,
])

/** What a query says, sorted by meaning; `page[size]` counts like `page_size`. */
export interface Wishes {
  readonly size: number | undefined
  readonly number: number | undefined
  readonly offset: number | undefined
  readonly cursor: string | undefined
  readonly before: string | undefined
  readonly sort: string | undefined
  readonly descending: boolean
  readonly search: string | undefined
  readonly filters: readonly (readonly [name: string, value: unknown])[]
}

/** Whether a query asks for nothing but a slice, so that a store can cut it. */
export function isPlainSlice(wishes: Wishes): boolean {
  return (
    wishes.filters.length === 0 &&
    wishes.sort === undefined &&
    wishes.search === undefined &&
    wishes.cursor === undefined &&
    wishes.before === undefined
  )
}

/** The slice that a query asks for. */
export function sliceOf(
  operation: Operation,
  wishes: Wishes,
): { readonly offset: number; readonly size: number; readonly number: number; readonly firstNumber: number } {
  const { size: asked, number: page, offset: start } = wishes
  const firstNumber = startsAtZero(operation) ? 0 : 1
  const isPaged = operation
    .parameters()
    .some(({ name, in: place }) => place === 'query' && RESERVED.has(normalizeName(name)))
  const size = Math.max(0, asked ?? (isPaged ? DEFAULT_PAGE : MAX_PAGE))
  const number =
    page ?? (start === undefined || size === 0 ? firstNumber : Math.floor(start / size) + firstNumber)
  const offset = start ?? Math.max(0, (number - firstNumber) * size)
  return { offset, size: Math.min(size, MAX_PAGE), number, firstNumber }
}

const DEFAULT_PAGE = 20
const MAX_PAGE = 1_000

/** Filters, sorts and cuts. */
export function pageOf<Row extends { readonly id: unknown; readonly item: Fields }>(
  all: readonly Row[],
  operation: Operation,
  wishes: Wishes,
): Page<Row> {
  const found = all.filter(({ item }) => matches(item, wishes))
  if (wishes.sort !== undefined) sortBy(found, wishes.sort, wishes.descending)
  const slice = sliceOf(operation, wishes)
  let { offset } = slice
  const indexOf = (id: string) => found.findIndex((row) => String(row.id) === id)
  if (wishes.cursor !== undefined) {
    const at = indexOf(wishes.cursor)
    // A cursor that points at nothing any more begins anew, unless it is a number of items.
    offset = at >= 0 ? at + 1 : /^\d{1,9}$/.test(wishes.cursor) ? Number(wishes.cursor) : 0
  } else if (wishes.before !== undefined) {
    offset = Math.max(0, indexOf(wishes.before) - slice.size)
  }
  const items = found.slice(offset, offset + slice.size)
  return { ...slice, offset, items, total: () => found.length, hasMore: offset + items.length < found.length }
}

export function wishesOf(query: Fields): Wishes {
  const flat = Object.entries(query).flatMap(([name, value]): [string, unknown][] => {
    const isNested = isObject(value)
    if (!isNested) return [[name, value]]
    const inner = Object.entries(value)
    return normalizeName(name) === 'filter' ? inner : inner.map(([key, child]) => [`${name}_${key}`, child])
  })
  const find = (names: ReadonlySet<string>) => flat.find(([name]) => names.has(normalizeName(name)))?.[1]
  // `count=true` asks for a total, not for one item.
  const numbers = flat.filter(([, value]) => typeof value !== 'boolean')
  const whole = (names: ReadonlySet<string>) => {
    const value = Number(numbers.find(([name]) => names.has(normalizeName(name)))?.[1])
    return Number.isInteger(value) && value >= 0 ? value : undefined
  }
  const text = (names: ReadonlySet<string>) => {
    const value = find(names)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const sorting = find(SORT)
  const sort = [sorting].flat().find((value) => typeof value === 'string' && value !== '')
  const direction = text(DIRECTION)?.toLowerCase() ?? ''
  const isDirection = typeof sort === 'string' && /^(asc|desc)/i.test(sort)
  return {
    size: whole(SIZE),
    number: whole(NUMBER),
    offset: whole(OFFSET),
    cursor: text(CURSOR),
    before: text(BEFORE),
    sort: typeof sort === 'string' && !isDirection ? sort : undefined,
    descending: direction.startsWith('desc') || (typeof sort === 'string' && /^-|[:. ]desc/i.test(sort)),
    search: text(SEARCH),
    filters: flat.filter(
      ([name, value]) => !RESERVED.has(normalizeName(name)) && value !== undefined && value !== '',
    ),
  }
}

function startsAtZero(operation: Operation): boolean {
  const parameter = operation
    .parameters()
    .find(({ name, in: place }) => place === 'query' && NUMBER.has(normalizeName(name)))
  const schema = parameter?.schema
  return isObject(schema) && (schema.default === 0 || schema.minimum === 0)
}

function memberOf(item: Fields, name: string): unknown {
  const wanted = normalizeName(name)
  const key = Object.keys(item).find((candidate) => normalizeName(candidate) === wanted)
  return key === undefined ? undefined : item[key]
}

function matches(item: Fields, { filters, search }: Wishes): boolean {
  if (search !== undefined && !JSON.stringify(item).toLowerCase().includes(search.toLowerCase())) return false
  return filters.every(([name, value]) => {
    const own = memberOf(item, name)
    const values = [own].flat()
    // A parameter that names no member of the items means something else than a filter.
    if (own === undefined || own === null || values.some((one) => typeof one === 'object')) return true
    const wanted = [value].flat().map(String)
    return values.some((one) => wanted.includes(String(one)))
  })
}

function sortBy(rows: { readonly item: Fields }[], sort: string, descending: boolean): void {
  const name = sort.replace(/^[-+]/, '').replace(/[:. ](asc|desc).*$/i, '')
  const sign = descending ? -1 : 1
  rows.sort((a, b) => {
    const [left, right] = [memberOf(a.item, name), memberOf(b.item, name)]
    if (left === right) return 0
    if (left === undefined || left === null) return 1
    if (right === undefined || right === null) return -1
    const isNumeric = typeof left === 'number' && typeof right === 'number'
    return sign * (isNumeric ? left - right : String(left) < String(right) ? -1 : 1)
  })
}

/** The value of a counter or link around a list, by its normalised name; undefined when it is none. */
export function counterOf(
  name: string,
  page: Page<unknown>,
  lastId: string | undefined,
  urlOf: (number: number, offset: number) => string,
): unknown {
  const { total, offset, size, number, firstNumber, items, hasMore } = page
  const pages = () => (size === 0 ? 0 : Math.max(1, Math.ceil(total() / size)))
  switch (COUNTERS.get(name)) {
    case 'total':
      return total()
    case 'count':
      return items.length
    case 'number':
      return number
    case 'size':
      return size
    case 'pages':
      return pages()
    case 'last':
      return pages() - 1 + firstNumber
    case 'offset':
      return offset
    case 'more':
      return hasMore
    case 'next-number':
      return hasMore ? number + 1 : null
    case 'next':
      return hasMore ? urlOf(number + 1, offset + size) : null
    case 'previous':
      return offset > 0 ? urlOf(Math.max(firstNumber, number - 1), Math.max(0, offset - size)) : null
    case 'cursor':
      return hasMore ? (lastId ?? null) : null
    default:
      return undefined
  }
}

const COUNTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    total: [
      'total',
      'totalcount',
      'totalitems',
      'totalresults',
      'totalrecords',
      'totalelements',
      'totalsize',
      'xtotalcount',
      'totalentries',
    ],
    count: ['count', 'itemcount', 'numberofelements', 'resultcount', 'returned'],
    number: ['page', 'currentpage', 'pagenumber', 'pageindex', 'xpage', 'pageno'],
    size: ['perpage', 'pagesize', 'limit', 'xperpage', 'itemsperpage'],
    pages: ['totalpages', 'pagecount', 'numpages', 'xtotalpages'],
    last: ['lastpage'],
    offset: ['offset', 'skip', 'start', 'startindex'],
    more: ['hasmore', 'hasnext', 'more', 'hasnextpage', 'moreavailable'],
    'next-number': ['nextpagenumber'],
    next: ['next', 'nexturl', 'nextpage', 'nextpageurl', 'nexturi', 'nextpageuri', 'nextlink'],
    previous: ['previous', 'prev', 'previousurl', 'prevurl', 'previouspage', 'prevpage', 'previouspageurl'],
    cursor: [
      'nextcursor',
      'cursor',
      'nextpagetoken',
      'nextmarker',
      'nexttoken',
      'endcursor',
      'continuationtoken',
    ],
  }).flatMap(([meaning, names]) => names.map((name) => [name, meaning] as const)),
)
