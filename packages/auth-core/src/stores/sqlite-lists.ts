// Lists of keys in a SQLite file. SQLite answers within the call, and nothing else of the process runs meanwhile. Where few of many
// keys belong to a list, they are therefore looked for in slices, between which the process goes on.

import { LRUCache } from 'lru-cache'
import { setImmediate } from '../clocks.js'
import { comparePlaces, type Place } from '../key-order.js'
import type { KeyQuery, KeyRows, KeySort, StoredKey } from '../store.js'
import { decode, readColumns } from './columns.js'
import {
  type Conditions,
  type Dialect,
  pageStatement,
  type Statement,
  sortColumns,
  statement,
  totalStatement,
  where,
} from './key-lists.js'
import type { SqliteQuery } from './sqlite-connection.js'
import type { SqliteDatabase } from './sqlite-database.js'

/** How many rows a slice has: some milliseconds' worth. */
export interface Slices {
  /** Of rows that are looked up in the table one by one. */
  readonly lookedUp: number
  /** Of rows that lie side by side. */
  readonly adjacent: number
}

/** A way through all keys that a list can have: an index, or the table itself. */
interface Walk {
  readonly table: string
  /** What those keys have in common there. */
  readonly common: Conditions
  /** What comes first in its order, and then the id; the id alone where there is no sort. */
  readonly sort: KeySort | undefined
  readonly rows: number
}

export const dialect: Dialect = {
  table: 'api_keys',
  columns: `${readColumns}, project_status`,
  // Values are bound in the order in which the statement refers to them.
  place: () => '?',
  hasIdIn: (place) => `id IN (SELECT value FROM json_each(${place}))`,
  listOf: (values) => JSON.stringify(values),
  contains: (column, place) => `instr(${column}, ${place}) > 0`,
  hasScope: (place) => `EXISTS (SELECT 1 FROM json_each(scopes) WHERE json_each.value = ${place})`,
}

/** Reads a page of a list, and its total: at once, unless more than a slice has to be read. */
export function createSqliteLists(
  database: SqliteDatabase,
  slices: Slices = { lookedUp: 1_000, adjacent: 5_000 },
): (query: KeyQuery) => KeyRows | Promise<KeyRows> {
  const read = createReader(database)
  const { endOfSlice, inSlices } = createSlices(read)
  const turn = createTurns()

  return (query) => {
    database.watch()
    const work = list(query)
    const step = work.next()
    return step.done ? step.value : finish(work)
  }

  async function finish(work: Generator<void, KeyRows>): Promise<KeyRows> {
    for (;;) {
      await turn()
      database.watch()
      const step = work.next()
      if (step.done) return step.value
    }
  }

  function* list(query: KeyQuery): Generator<void, KeyRows> {
    const rows = yield* page(query)
    return { rows, total: query.total ? yield* count(query) : null }
  }

  function* page(query: KeyQuery): Generator<void, readonly StoredKey[]> {
    if (isBounded(query) || hasIndex(query)) return rowsOf(query)
    const walk = sortedWalk(query, slices)
    if (walk === undefined) return yield* search(query)
    const end = endOfSlice(walk, query.order, query.after)
    if (end === undefined) return rowsOf(query)
    // Most often a page is full by then.
    const slice = within(walk, query.order, undefined, end)
    const rows = read(pageStatement(query, { ...dialect, table: walk.table }, slice))
    if (rows.length === query.limit) return rows.map(decode)
    yield
    return yield* search(query)
  }

  /** A page, looked for among all keys that can be in it: first in an index, and then the rows of those that are. */
  function* search(query: KeyQuery): Generator<void, readonly StoredKey[]> {
    const { sort, order, limit, after } = query
    const walk = generalWalk(query, slices)
    const isSorted = walk.sort === sort
    const direction = order === 'asc' ? 1 : -1
    const shown = { ...dialect, table: walk.table, columns: `${sortColumns[sort]}, id` }
    const rows = new Map<string, StoredKey>()
    let found: Place[] = []
    yield* inSlices(walk, isSorted ? order : 'asc', isSorted ? after : undefined, (slice) => {
      const wanted = isSorted ? limit - found.length : limit
      found.push(...read(pageStatement({ ...query, limit: wanted }, shown, slice)).map(placeOf))
      if (!isSorted) found.sort((a, b) => direction * comparePlaces(a, b)).splice(limit)
      const ids = found.map(({ id }) => id).filter((id) => !rows.has(id))
      for (const row of ids.length === 0 ? [] : rowsOf({ ...query, ids })) rows.set(row.id, row)
      // But for those that another process has changed in between.
      found = found.filter(({ id }) => rows.has(id))
      return !isSorted || found.length < limit
    })
    return found.flatMap(({ id }) => rows.get(id) ?? [])
  }

  function rowsOf(query: KeyQuery): readonly StoredKey[] {
    return read(pageStatement(query, tableFor(query))).map(decode)
  }

  function* count(query: KeyQuery): Generator<void, number> {
    if (isBounded(query)) return countOf(totalStatement(query, tableFor(query)))
    const walk = generalWalk(query, slices)
    let total = 0
    yield* inSlices(walk, 'asc', undefined, (slice) => {
      total += countOf(totalStatement(query, { ...dialect, table: walk.table }, slice))
      return true
    })
    return total
  }

  function countOf(total: Statement): number {
    return Number(read(total)[0]?.[0])
  }
}

type Order = KeyQuery['order']

function createSlices(read: Read) {
  return { endOfSlice, inSlices }

  /** Reads one slice after the other, until `see` returns false. Between two of them the process can go on. */
  function* inSlices(
    walk: Walk,
    order: Order,
    from: Place | undefined,
    see: (slice: Conditions) => boolean,
  ): Generator<void, void> {
    for (let begin = from; ; ) {
      const end = endOfSlice(walk, order, begin)
      if (!see(within(walk, order, begin, end)) || end === undefined) return
      begin = end
      yield
    }
  }

  /** The last row of the slice behind a place; undefined where no more rows than that are left. */
  function endOfSlice(walk: Walk, order: Order, from?: Place): Place | undefined {
    const columns = columnsOf(walk)
    const [row] = read(
      statement(dialect, (bind) => {
        const conditions = [...walk.common(bind), ...within(walk, order, from)(bind)]
        const sorted = columns.map((column) => `${column} ${order}`).join(', ')
        return `SELECT ${columns.join(', ')} FROM ${walk.table}${where(conditions)}
          ORDER BY ${sorted} LIMIT 1 OFFSET ${bind(walk.rows - 1)}`
      }),
    )
    return row && placeOf(row)
  }
}

// The table itself, in the order of its primary key.
const BY_ID = 'api_keys INDEXED BY sqlite_autoindex_api_keys_1'

/** Left alone, SQLite would look for ids among all keys of a project. */
const tableFor = ({ ids }: KeyQuery) => (ids === undefined ? dialect : { ...dialect, table: BY_ID })

/** Whether few rows are all that a list can have, whatever else it asks for. */
const isBounded = ({ ids, expiresBefore, status }: KeyQuery) =>
  ids !== undefined || (expiresBefore !== undefined && status === 'active')

// Conditions that an index begins with: the first that a list has, for the others are wider.
const owners = [
  ['parentId', 'parent_id', 'api_keys_of_parent'],
  ['ownerId', 'owner_id', 'api_keys_of_owner'],
  ['createdBy', 'created_by', 'api_keys_of_creator'],
] as const

/** Whether every row that an index has in the order of a list belongs to it. */
function hasIndex(query: KeyQuery): boolean {
  const { projectId, environment, status, unusedSince, search, expiresBefore, sort } = query
  if ([environment, status, unusedSince, search].some((condition) => condition !== undefined)) return false
  const people = owners.filter(([name]) => query[name] !== undefined).length
  if (expiresBefore !== undefined) return people === 0 && sort === 'expiresAt'
  if (projectId !== undefined) return people === 0 && sort !== 'lastUsedAt'
  return people <= 1 && sort === 'createdAt'
}

/** A way through keys in the order of a list, if that begins with those that are likely to be in it. */
function sortedWalk(query: KeyQuery, { lookedUp: rows }: Slices): Walk | undefined {
  const { projectId, sort, status } = query
  if (owners.some(([name]) => query[name] !== undefined)) return undefined
  if (projectId === undefined) {
    return sort === 'createdAt' ? { ...walkOf('api_keys_by_creation'), sort, rows } : undefined
  }
  if (sort === 'label')
    return { ...walkOf('api_keys_of_project_by_label', 'project_id', projectId), sort, rows }
  if (sort !== 'createdAt' || status === undefined || status === 'revoked') return undefined
  const walk = walkOf('api_keys_of_project_not_revoked', 'project_id', projectId)
  return { ...walk, common: (bind) => [...walk.common(bind), 'revoked_at IS NULL'], sort, rows }
}

/** A way through all keys that can be in a list, in the order that costs least. */
function generalWalk(query: KeyQuery, { lookedUp, adjacent }: Slices): Walk {
  const { projectId, unusedSince, sort } = query
  for (const [name, column, index] of owners) {
    const value = query[name]
    if (value !== undefined) return { ...walkOf(index, column, value), sort: 'createdAt', rows: lookedUp }
  }
  if (projectId === undefined) {
    return { table: BY_ID, common: () => [], sort: undefined, rows: adjacent }
  }
  // All but the last use is in this index.
  const rows = unusedSince === undefined && sort !== 'lastUsedAt' ? adjacent : lookedUp
  return { ...walkOf('api_keys_of_project_by_creation', 'project_id', projectId), sort: 'createdAt', rows }
}

function walkOf(index: string, column?: string, value = ''): Pick<Walk, 'table' | 'common'> {
  const common: Conditions = (bind) => (column === undefined ? [] : [`${column} = ${bind(value)}`])
  return { table: `api_keys INDEXED BY ${index}`, common }
}

const columnsOf = ({ sort }: Walk) => (sort === undefined ? ['id'] : [sortColumns[sort], 'id'])

/** The conditions of what is behind one place of a walk, and not behind another. */
function within(walk: Walk, order: Order, from?: Place, to?: Place): Conditions {
  const columns = columnsOf(walk)
  const [behind, before] = order === 'asc' ? ['>', '<='] : ['<', '>=']
  return (bind) =>
    [
      { place: from, side: behind },
      { place: to, side: before },
    ].flatMap(({ place, side }) => {
      if (place === undefined) return []
      const values = columns.length === 1 ? [place.id] : [place.value, place.id]
      return `(${columns.join(', ')}) ${side} (${values.map(bind).join(', ')})`
    })
}

/** Of a row that begins with the columns of a place, or is an id. */
function placeOf(row: readonly unknown[]): Place {
  const [value, id = value] = row
  return { value: value as number | string, id: String(id) }
}

type Read = (statement: Statement) => readonly (readonly unknown[])[]

function createReader(database: SqliteDatabase): Read {
  // One for each combination of conditions that is asked for.
  const queries = new LRUCache<string, SqliteQuery>({ max: 100 })
  return ({ sql, values }) => {
    let query = queries.get(sql)
    if (query === undefined) {
      query = database.query(sql)
      queries.set(sql, query)
    }
    return query.all(...values)
  }
}

/** Resolves when whatever else waits has had its turn; lists take theirs one by one, so that many take no longer than one. */
function createTurns(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)))
    return last
  }
}
