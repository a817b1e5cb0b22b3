// The table of stored objects, as JSON, partitioned by scope (project and environment) and collection.

import type Driver from 'better-sqlite3'
import type { Transactions } from './transactions.js'

/** Members of stored objects and the values that they must have; null also stands for a member that is not there. */
export type Where = Readonly<Record<string, string | number | boolean | null>>

/** One stored object of a collection. */
export interface StoredItem {
  readonly id: string
  /** Increases with every object stored. */
  readonly sequence: number
  readonly body: string
}

export interface ItemQuery {
  readonly where?: Where | undefined
  /** The latest created first. Default: in the order of creation. */
  readonly latestFirst?: boolean | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/** The engine's collections are named by their concrete paths. */
export interface ItemTable {
  find(scope: string, collection: string, id: string): StoredItem | undefined
  /** Whether an object with this id is or was there. */
  isTaken(scope: string, collection: string, id: string): boolean
  /** Whether an object with this id was there and has been removed. */
  isRemoved(scope: string, collection: string, id: string): boolean
  /** In the order of creation, unless the latest are wanted first. */
  list(scope: string, collection: string, query?: ItemQuery): readonly StoredItem[]
  count(scope: string, collection: string, where?: Where): number
  /** How many ids are or were taken. */
  taken(scope: string, collection: string): number
  /** False when there is or was an object with this id. */
  add(scope: string, collection: string, id: string, body: string): boolean
  /** False when the id is taken. */
  insert(scope: string, collection: string, id: string, body: string): boolean
  replace(scope: string, collection: string, id: string, body: string): void
  remove(scope: string, collection: string, id: string): boolean
  /** 1 at first, then one more each time. */
  nextNumber(scope: string, collection: string): number
  /** True for the first caller only: that one fills the collection with samples. */
  claimSeeding(scope: string, collection: string): boolean
}

export const ITEM_TABLES = `
  CREATE TABLE IF NOT EXISTS mock_items (
    sequence INTEGER PRIMARY KEY, scope TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL,
    body TEXT, UNIQUE (scope, collection, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS mock_items_in_order ON mock_items (scope, collection, sequence) WHERE body IS NOT NULL;
  CREATE TABLE IF NOT EXISTS mock_counters (
    scope TEXT NOT NULL, collection TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (scope, collection)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS mock_seeded (
    scope TEXT NOT NULL, collection TEXT NOT NULL, PRIMARY KEY (scope, collection)
  ) STRICT, WITHOUT ROWID;
`

const MAX_PAGES = 64
const MAX_PAGE = 100
// Each index is kept up with every write to any collection.
const MAX_INDEXES = 24
const INDEXABLE = /^[A-Za-z_]\w{0,63}$/

export function openItems(db: Driver.Database, { read, stamp, begin, onUndo }: Transactions): ItemTable {
  const own = 'scope = ? AND collection = ?'
  const byId = db.prepare<unknown[], { sequence: number; id: string; body: string | null }>(
    `SELECT sequence, id, body FROM mock_items WHERE ${own} AND id = ?`,
  )
  const ids = db.prepare<unknown[], number>(`SELECT count(*) FROM mock_items WHERE ${own}`).pluck()
  const add = db.prepare(
    'INSERT INTO mock_items (scope, collection, id, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const insert = db.prepare(
    `INSERT INTO mock_items (scope, collection, id, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (scope, collection, id) DO UPDATE
     SET body = excluded.body, sequence = (SELECT max(sequence) + 1 FROM mock_items) WHERE mock_items.body IS NULL`,
  )
  const put = db.prepare(
    `INSERT INTO mock_items (scope, collection, id, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (scope, collection, id) DO UPDATE SET body = excluded.body`,
  )
  const bury = db.prepare(`UPDATE mock_items SET body = NULL WHERE ${own} AND id = ? AND body IS NOT NULL`)
  const claim = db.prepare('INSERT OR IGNORE INTO mock_seeded VALUES (?, ?)')
  const count = db
    .prepare<unknown[], number>(
      `INSERT INTO mock_counters VALUES (?, ?, 1)
       ON CONFLICT (scope, collection) DO UPDATE SET number = number + 1 RETURNING number`,
    )
    .pluck()
  const indexNames = db
    .prepare<unknown[], string>("SELECT name FROM sqlite_schema WHERE name LIKE 'mock_items_by_%'")
    .pluck()
  let indexes: readonly string[] | undefined
  onUndo(() => {
    indexes = undefined
  })

  /** A list by this member takes as long as the list itself, not as the collection. */
  const index = (member: string): void => {
    const name = `mock_items_by_${member}`
    indexes ??= indexNames.all()
    if (indexes.includes(name) || indexes.length >= MAX_INDEXES || !INDEXABLE.test(member)) return
    begin()
    db.exec(
      `CREATE INDEX IF NOT EXISTS ${name} ON mock_items (scope, collection, ${memberOf(member)}, sequence)
       WHERE ${memberOf(member)} IS NOT NULL`,
    )
    indexes = [...indexes, name]
  }

  const select = (condition: string): Selection => {
    const matching = `FROM mock_items WHERE ${own} AND body IS NOT NULL${condition}`
    const list = (order: string) =>
      db.prepare<unknown[], StoredItem>(
        `SELECT sequence, id, body ${matching} ORDER BY sequence ${order} LIMIT ? OFFSET ?`,
      )
    const total = db.prepare<unknown[], number>(`SELECT count(*) ${matching}`).pluck()
    return { list: list('ASC'), latest: list('DESC'), total }
  }
  const all = select('')
  const selections = new Map<string, Selection>()
  const selectionOf = (where: Where): Selection => {
    const conditions = Object.entries(where).map(([member, value]) => {
      if (value === null) return ` AND coalesce(${memberOf(member)}, 'null') = ?`
      index(member)
      return ` AND ${memberOf(member)} = ?`
    })
    const condition = conditions.join('')
    const known = selections.get(condition) ?? select(condition)
    selections.set(condition, known)
    return known
  }

  const rowOf = (scope: string, collection: string, id: string) => {
    read()
    return byId.get(scope, collection, id)
  }

  /** What was read since the last change: who polls a list finds it here. */
  const pages = new Map<string, readonly StoredItem[]>()
  let pagesAreOf = -1
  const pageOf = (name: string, fetch: () => readonly StoredItem[]): readonly StoredItem[] => {
    const now = stamp()
    if (pagesAreOf !== now || pages.size >= MAX_PAGES) {
      pages.clear()
      pagesAreOf = now
    }
    const known = pages.get(name)
    if (known !== undefined) return known
    read()
    const page = fetch()
    if (page.length <= MAX_PAGE) pages.set(name, page)
    return page
  }

  const find: ItemTable['find'] = (scope, collection, id) => {
    const row = rowOf(scope, collection, id)
    return row?.body == null ? undefined : { id: row.id, sequence: row.sequence, body: row.body }
  }
  return {
    find,
    isTaken: (scope, collection, id) => rowOf(scope, collection, id) !== undefined,
    isRemoved: (scope, collection, id) => rowOf(scope, collection, id)?.body === null,
    list(scope, collection, { where, latestFirst = false, limit = -1, offset = 0 } = {}) {
      if (where === undefined) {
        const statement = latestFirst ? all.latest : all.list
        return pageOf(`${latestFirst} ${limit} ${offset} ${scope} ${collection}`, () =>
          statement.all(scope, collection, limit, offset),
        )
      }
      const { list, latest } = selectionOf(where)
      read()
      return (latestFirst ? latest : list).all(scope, collection, ...valuesOf(where), limit, offset)
    },
    count(scope, collection, where) {
      const { total } = where === undefined ? all : selectionOf(where)
      read()
      return total.get(scope, collection, ...valuesOf(where)) ?? 0
    },
    taken(scope, collection) {
      read()
      return ids.get(scope, collection) ?? 0
    },
    add(scope, collection, id, body) {
      begin()
      return add.run(scope, collection, id, body).changes === 1
    },
    insert(scope, collection, id, body) {
      begin()
      return insert.run(scope, collection, id, body).changes === 1
    },
    replace(scope, collection, id, body) {
      begin()
      put.run(scope, collection, id, body)
    },
    remove(scope, collection, id) {
      begin()
      return bury.run(scope, collection, id).changes === 1
    },
    nextNumber(scope, collection) {
      begin()
      return count.get(scope, collection) ?? 1
    },
    claimSeeding(scope, collection) {
      begin()
      return claim.run(scope, collection).changes === 1
    },
  }
}

/** What reads the objects that meet one condition. */
interface Selection {
  readonly list: Driver.Statement<unknown[], StoredItem>
  readonly latest: Driver.Statement<unknown[], StoredItem>
  readonly total: Driver.Statement<unknown[], number>
}

const valuesOf = (where: Where = {}): readonly string[] =>
  Object.values(where).map((value) => JSON.stringify(value))

/** A member of the body as JSON, in which equal values of one kind have equal texts. */
const memberOf = (member: string): string => `body -> '$.${JSON.stringify(member).replaceAll("'", "''")}'`
