// Lists of keys, a page at a time: what may be asked for, where a page ends, and the cursor that goes on from there.

import {
  type Check,
  flag,
  listOf,
  matching,
  OptionError,
  type OptionTable,
  oneOf,
  text,
  wholeNumber,
} from '@gosend/options'
import type { ApiKey, RecordOf } from './api-key.js'
import { checkArguments, instant, invalid, name } from './attributes.js'
import { isKeyId, type KeyFormat } from './key-format.js'
import { foldLabel, sortValueOf } from './key-order.js'
import { SCOPE } from './scopes.js'
import type { ApiKeyStore, KeyQuery, KeySearch, KeySort, KeyStatus, StoredKey } from './store.js'

/** Which keys to list. Conditions that are left out hold for every key. */
export interface ListQuery {
  /** Only keys of this project. Left out, those of all projects; `undefined` is refused, so that a slip shows nobody's keys. */
  readonly projectId?: string
  readonly environment?: string | undefined
  /** Only keys with one of these ids, at most 100. */
  readonly ids?: readonly string[] | undefined
  readonly status?: KeyStatus | undefined
  /** Only keys that this person or program made. */
  readonly createdBy?: string
  /** Only keys of this owner. As with the project, `undefined` is refused. */
  readonly ownerId?: string
  /** Only keys that were made from this one. */
  readonly parentId?: string | undefined
  /** Only keys that expire before this instant, or have expired; with `status: 'active'` only the former. */
  readonly expiresBefore?: Date | undefined
  /** Only keys that nobody has used since this instant, and that are older. Reads all keys of the list, having no index. */
  readonly unusedSince?: Date | undefined
  /**
   * Part of the label, in upper or lower case; the id, its beginning, or the key's hint; or a scope in full. Of a whole key
   * only the id is looked for. At most 255 characters.
   */
  readonly search?: string | undefined
  /** Default `createdAt`. */
  readonly sort?: KeySort | undefined
  /** Default `desc` for times of creation and last use, `asc` for labels and expiries. */
  readonly order?: 'asc' | 'desc' | undefined
  /** How many keys at the most, 1 to 1,000. Default 100. */
  readonly limit?: number | undefined
  /** The `next` of the page before, with the same `sort` and `order`. */
  readonly cursor?: string | undefined
  /** Whether to count all keys of the list. Default false. */
  readonly total?: boolean | undefined
}

/** One page of a list: an array of records that also says where the list goes on. */
export type KeyPage = readonly ApiKey[] & {
  /** What to pass as `cursor` for the next page; null on the last. A page may be shorter than `limit` and not the last. */
  readonly next: string | null
  /** How many keys the whole list has; null unless asked for. */
  readonly total: number | null
}

const MAX_IDS = 100

const orders: Readonly<Record<KeySort, 'asc' | 'desc'>> = {
  createdAt: 'desc',
  lastUsedAt: 'desc',
  label: 'asc',
  expiresAt: 'asc',
}

const ids: Check<readonly string[]> = (value, path) => {
  const list = listOf(text, 'must be a list of ids')(value, path)
  if (list.length > MAX_IDS) throw new OptionError(path, `must be at most ${MAX_IDS} ids`)
  // What is no id is nobody's.
  return list.filter(isKeyId)
}

const listQuery: OptionTable<ListQuery> = {
  projectId: name,
  environment: text,
  ids,
  status: oneOf('active', 'disabled', 'expired', 'revoked'),
  createdBy: name,
  ownerId: name,
  parentId: text,
  expiresBefore: instant,
  unusedSince: instant,
  search: matching(/^[^\p{Cc}\p{Cs}]{0,255}$/u, 'must be at most 255 characters, and no control characters'),
  sort: oneOf('createdAt', 'lastUsedAt', 'label', 'expiresAt'),
  order: oneOf('asc', 'desc'),
  limit: wholeNumber(1, 1_000),
  cursor: text,
  total: flag,
}

// So many rows are in memory at once, a few hundred bytes each, or up to 72 kB.
const ROWS_PER_READ = 250
// A page of 100 keys may hold this much, and larger ones as much per key: keys that hold far more make the page shorter.
const BYTES_PER_KEY = 2_600

export interface KeyListParts {
  readonly store: Pick<ApiKeyStore, 'list'>
  readonly format: KeyFormat
  readonly now: () => number
  readonly recordOf: RecordOf
}

export function createKeyList(parts: KeyListParts): (query: ListQuery) => Promise<KeyPage> {
  const { store, now, recordOf } = parts
  const searchFor = createSearch(parts.format)

  return async (given) => {
    const query = checkQuery(given)
    const page = createPage(query)
    let total: number | null = null
    for (let isFirst = true; ; isFirst = false) {
      // One more than is shown, to see whether the list goes on.
      const limit = Math.min(ROWS_PER_READ, query.limit - page.rows.length + 1)
      const read = await store.list({ ...query, after: page.after(), limit, total: query.total && isFirst })
      if (isFirst) total = read.total
      if (!read.rows.every(page.add)) return pageOf(page.rows, encodeCursor(query, page.after()), total)
      if (read.rows.length < limit) return pageOf(page.rows, null, total)
    }
  }

  function pageOf(rows: readonly StoredKey[], next: string | null, total: number | null): KeyPage {
    // As little seen as `length`, so that the array is equal to one with the same records.
    return Object.defineProperties(
      rows.map((row) => recordOf(row)),
      {
        next: { value: next },
        total: { value: total },
      },
    ) as unknown as KeyPage
  }

  function checkQuery(given: ListQuery): KeyQuery {
    for (const whose of ['projectId', 'ownerId', 'createdBy'] as const) {
      if (Object.hasOwn(Object(given), whose) && given[whose] === undefined) {
        throw invalid(`${whose}: must not be undefined; leave it out to list the keys of all`)
      }
    }
    const { cursor, search, expiresBefore, unusedSince, ...query } = checkArguments(listQuery, given)
    const { environment, sort = 'createdAt', limit = 100, total = false } = query
    if (environment !== undefined && !parts.format.environments.includes(environment)) {
      throw invalid(`environment: must be one of ${parts.format.environments.join(', ')}`)
    }
    const { order = orders[sort] } = query
    const after = cursor === undefined ? undefined : decodeCursor(cursor, sort, order)
    const found = search === undefined ? undefined : searchFor(search)
    const instants = { expiresBefore: expiresBefore?.getTime(), unusedSince: unusedSince?.getTime() }
    return { ...query, ...instants, search: found, sort, order, after, limit, total, now: now() }
  }
}

/** The rows of a page so far, which has room for `limit` of them, and for fewer when they are large. */
function createPage({ limit, sort, ...query }: KeyQuery) {
  const maxBytes = BYTES_PER_KEY * Math.max(100, limit)
  const rows: StoredKey[] = []
  let { after } = query
  let bytes = 0
  return {
    rows: rows as readonly StoredKey[],
    /** Where the next row is looked for. */
    after: () => after,
    /** Returns false for the row that has no room. */
    add(row: StoredKey): boolean {
      bytes += bytesOf(row)
      if (rows.length === limit || (rows.length > 0 && bytes > maxBytes)) return false
      rows.push(row)
      after = { value: sortValueOf(row, sort), id: row.id }
      return true
    },
  }
}

function bytesOf({ scopes, allowedIps, metadata }: StoredKey): number {
  return JSON.stringify([scopes, allowedIps, metadata]).length
}

function encodeCursor({ sort, order }: KeyQuery, after: KeyQuery['after']): string {
  return Buffer.from(JSON.stringify([sort, order, after?.value, after?.id])).toString('base64url')
}

function decodeCursor(cursor: string, sort: KeySort, order: 'asc' | 'desc'): KeyQuery['after'] {
  const [itsSort, itsOrder, value, id] = readCursor(cursor)
  const isSorted = Object.hasOwn(orders, String(itsSort)) && ['asc', 'desc'].includes(String(itsOrder))
  const isPlace = itsSort === 'label' ? typeof value === 'string' : Number.isSafeInteger(value)
  if (!isSorted || !isPlace || !isKeyId(id)) throw invalid('cursor: must be the `next` of an earlier page')
  if (itsSort !== sort || itsOrder !== order) {
    throw invalid(
      `cursor: goes with sort ${itsSort} and order ${itsOrder}, those of the page that it came from`,
    )
  }
  return { value: value as number | string, id }
}

function readCursor(cursor: string): readonly unknown[] {
  if (!/^[\w-]{1,4096}$/.test(cursor)) return []
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(content) ? content : []
  } catch {
    return []
  }
}

/** What is looked for in place of the text that somebody typed or pasted; undefined when it is empty. */
function createSearch(format: KeyFormat): (given: string) => KeySearch | undefined {
  const starts = format.starts.join('|')
  const withSecret = new RegExp(`(?:${starts})([0-9A-Za-z]{12})[0-9A-Za-z]`)
  const hintStart = new RegExp(`^(?:${starts}|imported_)([0-9A-Za-z]{1,12})(?:…|\\.\\.\\.)?$`)
  // Of a bare id more, for a few characters are more likely to be the beginning of a word.
  const idStart = /^([0-9A-Za-z]{4,12})(?:…|\.\.\.)?$/

  return (given) => {
    const typed = given.trim()
    if (typed === '') return undefined
    const [, id] = withSecret.exec(typed) ?? []
    // The secret of a key goes no further than this.
    if (id !== undefined) return { label: null, idStart: id, scope: null }
    return {
      label: foldLabel(typed),
      idStart: (hintStart.exec(typed) ?? idStart.exec(typed))?.[1] ?? null,
      scope: SCOPE.test(typed) ? typed : null,
    }
  }
}
