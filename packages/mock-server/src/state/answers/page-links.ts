// Links to the pages around the one that an answer shows: the request's own address with another position in it.

import { isObject } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { writeToken } from '../queries/page-tokens.js'
import type { Page } from '../queries/pages.js'
import { isSpread, PLACES, queryNamesOf } from '../queries/query-names.js'

export interface PageContext {
  readonly request: ApiRequest
  readonly page: Page<{ readonly id: string }>
  /** The names that the query of the request may have, with what each of them accepts. */
  readonly names?: ReadonlyMap<string, (value: unknown) => boolean> | undefined
}

/** Where a page begins, in each of the ways in which APIs say so. */
export interface PagePosition {
  readonly number: number
  readonly offset: number
  readonly token: string | undefined
  /** The ids of the entries that the page follows, and begins with. */
  readonly after?: string | undefined
  readonly from?: string | undefined
}

export const PAGE_RELATIONS = ['first', 'last', 'previous', 'next', 'self'] as const
export type PageRelation = (typeof PAGE_RELATIONS)[number]

/** Undefined where there is no such page. */
export function positionOf(relation: PageRelation, page: PageContext['page']): PagePosition | undefined {
  return POSITIONS[relation](page)
}

const POSITIONS: Readonly<Record<PageRelation, (page: PageContext['page']) => PagePosition | undefined>> = {
  first: ({ firstNumber }) => ({ number: firstNumber, offset: 0, token: undefined }),

  last(page) {
    const number = page.firstNumber + Math.max(0, pageCount(page) - 1)
    const offset = Math.max(0, (number - page.firstNumber) * page.size)
    return { number, offset, token: tokenAt(offset) }
  },

  previous({ hasEarlier, number, firstNumber, offset, size }) {
    if (!hasEarlier) return undefined
    const before = Math.max(0, offset - size)
    return { number: Math.max(firstNumber, number - 1), offset: before, token: tokenAt(before) }
  },

  next(page) {
    const { number, lastId } = page
    if (!hasNext(page)) return undefined
    const offset = page.offset + page.rows.length
    const token = lastId === undefined ? undefined : writeToken({ offset, lastId })
    return { number: number + 1, offset, token, after: lastId, from: page.nextId }
  },

  self: ({ number, offset }) => ({ number, offset, token: undefined }),
}

const tokenAt = (offset: number): string => writeToken({ offset, lastId: '' })

export const pageCount = ({ size, total }: PageContext['page']): number =>
  size === 0 ? 0 : Math.max(1, Math.ceil(total() / size))

const hasNext = ({ offset, rows, hasMore, total }: PageContext['page']): boolean =>
  hasMore && (offset > 0 ? offset + rows.length < total() : true)

/** Addresses of a page, relative or absolute as the document's example of one is, the likeliest form first. */
export function linksTo(context: PageContext, position: PagePosition, example: unknown): readonly string[] {
  const { request } = context
  const relative = relativeLink(context, position, example)
  const absolute = `${request.scheme}://${String(request.headers.host)}${relative}`
  if (typeof example === 'string' && example.startsWith('?'))
    return [relative.slice(relative.indexOf('?')), relative]
  if (typeof example === 'string' && example.startsWith('/')) return [relative, absolute]
  return [absolute, relative]
}

function relativeLink(
  { request, page, names = new Map() }: PageContext,
  position: PagePosition,
  example: unknown,
): string {
  const query = asSent(request)
  const { meaningOf } = queryNamesOf(request.operation)
  const own = [...names.keys()]
  const isPaged = own.some((name) => PLACES.has(meaningOf(name)))
  const all = isPaged ? own : [...own, ...namesInLink(example)]
  const named = (...wanted: readonly string[]): readonly string[] =>
    all.filter((name) => wanted.includes(meaningOf(name) ?? ''))
  for (const name of named('number', 'offset', 'token', 'after', 'before')) query.delete(name)
  const places = { number: named('number')[0], offset: named('offset')[0], token: named('token', 'after')[0] }
  for (const [name, value] of positionIn(places, position, names)) query.set(name, value)
  const sizeName = page.size > 0 && places.number !== undefined ? named('size')[0] : undefined
  if (sizeName !== undefined && !query.has(sizeName)) query.set(sizeName, String(page.size))
  const text = query.toString()
  return request.path + (text === '' ? '' : `?${text}`)
}

/** The parameters of the link that a document gives as its example: it may say by them what it says nowhere else. */
function namesInLink(example: unknown): readonly string[] {
  const query = typeof example === 'string' ? example.split('?')[1] : undefined
  return query === undefined ? [] : [...new URLSearchParams(query).keys()]
}

/** The parameters that take a position, by what they take. */
interface PositionNames {
  readonly number: string | undefined
  readonly offset: string | undefined
  readonly token: string | undefined
}

type NamesTaken = NonNullable<PageContext['names']>

/** The parameters that lead to a position. */
function positionIn(
  names: PositionNames,
  { number, offset, token, after, from }: PagePosition,
  taken: NamesTaken,
): readonly (readonly [name: string, value: string])[] {
  const byToken =
    names.token === undefined || token === undefined
      ? undefined
      : ([names.token, accepted(taken, names.token, [token, after])] as const)
  const byOffset =
    names.offset === undefined
      ? undefined
      : ([names.offset, accepted(taken, names.offset, [String(offset), from])] as const)
  const isNumbered = names.number !== undefined && (byToken === undefined || byOffset === undefined)
  const first = byToken ?? byOffset
  const second = isNumbered ? ([names.number ?? '', String(number)] as const) : undefined
  const isUnnamed = names.number === undefined && names.offset === undefined && names.token === undefined
  const guessed = isUnnamed && offset > 0 ? (['offset', String(offset)] as const) : undefined
  return [first, second, guessed].filter((pair) => pair !== undefined)
}

/** The first value that a parameter accepts; the likeliest where it accepts none of them. */
function accepted(
  taken: NamesTaken,
  name: string,
  [likeliest, other]: readonly [string, string | undefined],
): string {
  const accepts = taken.get(name)
  const isTaken = (value: string): boolean =>
    accepts === undefined || accepts(value) || accepts(Number(value))
  return !isTaken(likeliest) && other !== undefined && isTaken(other) ? other : likeliest
}

function asSent({ operation, parameters }: ApiRequest): URLSearchParams {
  const spread = new Set(operation.parameters().flatMap((one) => (isSpread(one) ? [one.name] : [])))
  const pairs = Object.entries(parameters.query).flatMap(
    ([name, value]): readonly (readonly [string, unknown])[] => {
      if (Array.isArray(value)) return value.map((one) => [name, one])
      if (!isObject(value)) return [[name, value]]
      return Object.entries(value).map(([key, one]) => [spread.has(name) ? key : `${name}[${key}]`, one])
    },
  )
  return new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]))
}

/** Web links (RFC 8288) to the pages around this one. */
export function linkHeader(
  context: PageContext,
  relations: readonly Exclude<PageRelation, 'self'>[] = ['first', 'last', 'previous', 'next'],
): string {
  return relations
    .flatMap((relation) => {
      const position = positionOf(relation, context.page)
      if (position === undefined) return []
      const [link] = linksTo(context, position, undefined)
      return [`<${link}>; rel="${relation === 'previous' ? 'prev' : relation}"`]
    })
    .join(', ')
}
