// Cuts lists into pages that end: by number, offset, token, or an entry before or after which a page lies.

import { readToken } from './page-tokens.js'
import type { ListQuery } from './queries.js'

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** How many there are in all; counted when asked for, because that costs more than a page. */
  readonly total: () => number
  /** Whether more follow in the direction that the client goes. */
  readonly hasMore: boolean
  readonly hasEarlier: boolean
  readonly offset: number
  readonly size: number
  /** The number of the page, in the document's own counting. */
  readonly number: number
  readonly firstNumber: number
  /** Of the last and the first row, for pages that are named by entries. */
  readonly lastId: string | undefined
  readonly firstId: string | undefined
  /** Of the first row of the next page. */
  readonly nextId?: string | undefined
}

export interface Slice {
  readonly offset: number
  readonly size: number
  readonly number: number
  readonly firstNumber: number
}

const DEFAULT_PAGE = 100
const MAX_PAGE = 1_000

/** Whether a query asks for nothing but a slice in the order of creation, so that a store can cut it. */
export const isPlainSlice = (query: ListQuery): boolean =>
  query.filters.length === 0 &&
  query.sort === undefined &&
  query.search === undefined &&
  query.after === undefined &&
  query.from === undefined &&
  query.before === undefined

export function sliceOf(query: ListQuery): Slice {
  const { size: asked, number: page, offset: start, firstNumber } = query
  const size = Math.max(0, asked ?? (query.isPaged ? DEFAULT_PAGE : MAX_PAGE))
  const implied = start === undefined || size === 0 ? firstNumber : Math.floor(start / size) + firstNumber
  // A number before the first one is taken for the first, and the next page is not that one again.
  const number = Math.max(page ?? implied, firstNumber)
  const offset = start ?? Math.max(0, (number - firstNumber) * size)
  return { offset, size: Math.min(size, MAX_PAGE), number, firstNumber }
}

/** @param rows in their final order. */
export function pageOf<Row extends { readonly id: string }>(
  rows: readonly Row[],
  query: ListQuery,
  isRow: (row: Row, id: string) => boolean,
): Page<Row> {
  const slice = sliceOf(query)
  const positionOf = (position: string): number | undefined => {
    const token = readToken(position)
    const id = token?.lastId ?? position
    const at = rows.findIndex((row) => isRow(row, id))
    if (at >= 0) return at
    // What was last shown may have been removed since; then the page begins where it stood.
    if (token !== undefined) return Math.min(token.offset, rows.length) - 1
    return /^\d{1,9}$/.test(position) && !query.isChronological ? Number(position) - 1 : undefined
  }
  let { offset } = slice
  let end = offset + slice.size
  let isBackwards = false
  const [after, before] = query.isChronological ? [query.before, query.after] : [query.after, query.before]
  if (after !== undefined) {
    // A position that is nowhere has nothing behind it: lists end.
    offset = (positionOf(after) ?? rows.length) + 1
    end = offset + slice.size
  } else if (query.from !== undefined) {
    offset = positionOf(query.from) ?? rows.length
    end = offset + slice.size
  } else if (before !== undefined) {
    end = positionOf(before) ?? 0
    offset = Math.max(0, end - slice.size)
    isBackwards = true
  }
  const shown = rows.slice(offset, end)
  const hasLater = offset + shown.length < rows.length
  return {
    ...slice,
    offset,
    rows: shown,
    total: () => rows.length,
    hasMore: isBackwards ? offset > 0 : hasLater,
    hasEarlier: offset > 0,
    lastId: shown.at(-1)?.id,
    firstId: shown[0]?.id,
    nextId: rows[offset + shown.length]?.id,
  }
}
