// The table of stored objects, as JSON, partitioned by scope (project and environment) and collection.

import type { Connection, Statement } from './connection.js'
import { createPages, type StoredItem } from './item-pages.js'
import type { Transactions } from './transactions.js'

/** Members of stored objects and the values that they must have; null also stands for a member that is not there. */
export type Where = Readonly<Record<string, string | number | boolean | null>>

/** An object that may stand in other collections than its own. */
export interface TypedItem extends StoredItem {
  readonly collection: string
  /** What is remembered of the path that it was made at. */
  readonly relations: string | null
}

/** What is kept of an object beside its body. */
export interface ItemTraits {
  readonly whole?: string | undefined
  /** The type of an object that may stand in several collections. */
  readonly type?: string | undefined
  readonly relations?: string | undefined
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
  add(scope: string, collection: string, id: string, body: string, traits?: ItemTraits): boolean
  /** False when the id is taken. */
  insert(scope: string, collection: string, id: string, body: string, traits?: ItemTraits): boolean
  replace(scope: string, collection: string, id: string, body: string, traits?: ItemTraits): void
  /** All objects of these types, in whichever collections, in the order of creation. */
  ofTypes(scope: string, types: readonly string[]): readonly TypedItem[]
  /** Those of a type that have an id, removed ones included. */
  withId(
    scope: string,
    type: string,
    id: string,
  ): readonly (Omit<TypedItem, 'body'> & { readonly body: string | null })[]
  /** The object with an id in one of the collections whose names fit a pattern, as GLOB has it. */
  anywhere(
    scope: string,
    pattern: string,
    id: string,
  ): (StoredItem & { readonly collection: string }) | undefined
  /** Whether anything that is there has an id, whichever of the first thousand collections it is in. */
  isKnown(id: string): boolean
  /** Whether one of the thousand objects that came last has a text as a value. */
  shows(scope: string, text: string): boolean
  remove(scope: string, collection: string, id: string): boolean
  /**
   * Empties all collections whose names fit a pattern, as GLOB has it, but for objects that may stand in other collections too:
   * nothing tells that anything was there.
   */
  empty(scope: string, pattern: string): void
  /** 1 at first, then one more each time. */
  nextNumber(scope: string, collection: string): number
  /** True for the first caller only: that one fills the collection with samples. */
  claimSeeding(scope: string, collection: string): boolean
}

export const ITEM_TABLES = `
  CREATE TABLE IF NOT EXISTS mock_items (
    sequence INTEGER PRIMARY KEY, scope TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL,
    body TEXT, whole TEXT, type TEXT, relations TEXT, UNIQUE (scope, collection, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS mock_typed_items ON mock_items (scope, type, id) WHERE type IS NOT NULL;
  CREATE INDEX IF NOT EXISTS mock_items_in_order ON mock_items (scope, collection, sequence) WHERE body IS NOT NULL;
  CREATE TABLE IF NOT EXISTS mock_counters (
    scope TEXT NOT NULL, collection TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (scope, collection)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS mock_seeded (
    scope TEXT NOT NULL, collection TEXT NOT NULL, PRIMARY KEY (scope, collection)
  ) STRICT, WITHOUT ROWID;
`

/** Adds to a database of an earlier version what its table of objects, or that of a snapshot's, has not. */
export function upgradeItems(db: Connection, table: 'mock_items' | 'mock_items_kept'): void {
  const columns = db.prepare<string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
  if (columns.length === 0) return
  for (const column of ['whole', 'type', 'relations'])
    if (!columns.includes(column)) db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} TEXT`)
}

// Each index is kept up with every write to any collection.
const MAX_INDEXES = 24

const INDEXABLE = /^[A-Za-z_]\w{0,63}$/

const OWN = 'scope = ? AND collection = ?'

export function openItems(db: Connection, transactions: Transactions): ItemTable {
  const { read, begin } = transactions
  const statements = statementsOf(db)
  const { byId, ids, add, insert, put, bury, empty, claim, count } = statements
  const selectionOf = createSelections(db, transactions)
  const all = selectionOf({})
  const pages = createPages(transactions)
  /** To be called before each statement that writes here. */
  const beginIn = (scope: string, collection: string) => {
    begin()
    pages.forget(scope, collection)
  }
  const rowOf = (scope: string, collection: string, id: string) => {
    read()
    return byId.get(scope, collection, id)
  }
  const find: ItemTable['find'] = (scope, collection, id) => {
    const row = rowOf(scope, collection, id)
    return row?.body == null
      ? undefined
      : { id: row.id, sequence: row.sequence, body: row.body, whole: row.whole }
  }
  return {
    find,
    isTaken: (scope, collection, id) => rowOf(scope, collection, id) !== undefined,
    isRemoved: (scope, collection, id) => rowOf(scope, collection, id)?.body === null,
    list(scope, collection, { where, latestFirst = false, limit = -1, offset = 0 } = {}) {
      if (where === undefined) {
        const statement = latestFirst ? all.latest : all.list
        return pages.of(scope, collection, `${latestFirst} ${limit} ${offset}`, () =>
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
    ...readsAcross(statements, read),
    add(scope, collection, id, body, traits) {
      beginIn(scope, collection)
      const { whole = null, type = null, relations = null } = traits ?? NO_TRAITS
      return add.run(scope, collection, id, body, whole, type, relations).changes === 1
    },
    insert(scope, collection, id, body, traits) {
      beginIn(scope, collection)
      return insert.run(scope, collection, id, body, ...columnsOf(traits)).changes === 1
    },
    replace(scope, collection, id, body, traits) {
      beginIn(scope, collection)
      put.run(scope, collection, id, body, ...columnsOf(traits))
    },
    remove(scope, collection, id) {
      beginIn(scope, collection)
      return bury.run(scope, collection, id).changes === 1
    },
    empty(scope, pattern) {
      begin()
      // The names that begin as the pattern does: an index has them side by side.
      const start = pattern.slice(0, pattern.search(/[*?[]|$/))
      empty.run(scope, start, `${start}\u{10ffff}`, pattern)
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

/** What is read wherever it is kept. */
function readsAcross(
  { ofTypes, withId, known, anywhere, showing }: ReturnType<typeof statementsOf>,
  read: () => void,
): Pick<ItemTable, 'ofTypes' | 'withId' | 'anywhere' | 'isKnown' | 'shows'> {
  return {
    ofTypes(scope, types) {
      read()
      return ofTypes.all(scope, JSON.stringify(types))
    },
    withId(scope, type, id) {
      read()
      return withId.all(scope, type, id)
    },
    anywhere(scope, pattern, id) {
      read()
      return anywhere.get(scope, scope, scope, id, pattern)
    },
    isKnown(id) {
      read()
      return known.get(id) !== undefined
    },
    shows(scope, text) {
      read()
      return showing.get(scope, JSON.stringify(text)) !== undefined
    },
  }
}

// Collection by collection: no index has the ids alone, and each would make every write slower.
const KNOWN = `
  WITH RECURSIVE places (scope, collection) AS (
    SELECT * FROM (SELECT scope, collection FROM mock_items ORDER BY scope, collection LIMIT 1)
    UNION ALL
    SELECT next.scope, next.collection FROM places JOIN mock_items AS next ON next.sequence = coalesce(
      (SELECT sequence FROM mock_items WHERE scope = places.scope AND collection > places.collection
       ORDER BY collection LIMIT 1),
      (SELECT sequence FROM mock_items WHERE scope > places.scope ORDER BY scope, collection LIMIT 1))
    LIMIT 1000
  )
  SELECT 1 FROM places JOIN mock_items AS item USING (scope, collection)
  WHERE item.id = ? AND item.body IS NOT NULL LIMIT 1`

const ANYWHERE = `
  WITH RECURSIVE places (collection) AS (
    SELECT min(collection) FROM mock_items WHERE scope = ?
    UNION ALL
    SELECT (SELECT min(collection) FROM mock_items WHERE scope = ? AND collection > places.collection)
    FROM places WHERE places.collection IS NOT NULL
    LIMIT 1000
  )
  SELECT item.sequence, item.collection, item.id, item.body, item.whole FROM places
  JOIN mock_items AS item ON item.scope = ? AND item.collection = places.collection AND item.id = ?
  WHERE places.collection GLOB ? AND item.body IS NOT NULL LIMIT 1`

function statementsOf(db: Connection) {
  const anywhere = db.prepare<StoredItem & { readonly collection: string }>(ANYWHERE)
  const byId = db.prepare<{ sequence: number; id: string; body: string | null; whole: string | null }>(
    `SELECT sequence, id, body, whole FROM mock_items WHERE ${OWN} AND id = ?`,
  )
  const typed =
    'SELECT sequence, collection, id, body, whole, relations FROM mock_items WHERE scope = ? AND type'
  const ofTypes = db.prepare<TypedItem>(
    `${typed} IN (SELECT value FROM json_each(?)) AND type IS NOT NULL AND body IS NOT NULL ORDER BY sequence`,
  )
  const withId = db.prepare<TypedItem>(`${typed} = ? AND id = ? ORDER BY sequence`)
  const known = db.prepare(KNOWN)
  const showing = db.prepare(
    `SELECT 1 FROM (SELECT body FROM mock_items WHERE scope = ? AND body IS NOT NULL ORDER BY sequence DESC LIMIT 1000)
     WHERE instr(body, ?) > 0 LIMIT 1`,
  )
  const ids = db.prepare<number>(`SELECT count(*) FROM mock_items WHERE ${OWN}`).pluck()
  const add = db.prepare(
    `INSERT INTO mock_items (scope, collection, id, body, whole, type, relations) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  )
  const insert = db.prepare(
    `INSERT INTO mock_items (scope, collection, id, body, whole, type, relations) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (scope, collection, id) DO UPDATE
     SET body = excluded.body, whole = excluded.whole, type = excluded.type, relations = excluded.relations,
         sequence = (SELECT max(sequence) + 1 FROM mock_items) WHERE mock_items.body IS NULL`,
  )
  const put = db.prepare(
    `INSERT INTO mock_items (scope, collection, id, body, whole, type, relations) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (scope, collection, id) DO UPDATE
     SET body = excluded.body, whole = excluded.whole, type = coalesce(excluded.type, type),
         relations = coalesce(excluded.relations, relations)`,
  )
  const bury = db.prepare(`UPDATE mock_items SET body = NULL WHERE ${OWN} AND id = ? AND body IS NOT NULL`)
  const empty = db.prepare(
    `DELETE FROM mock_items WHERE scope = ? AND collection >= ? AND collection < ? AND collection GLOB ?
     AND (type IS NULL OR id = '')`,
  )
  const claim = db.prepare('INSERT OR IGNORE INTO mock_seeded VALUES (?, ?)')
  const count = db
    .prepare<number>(
      `INSERT INTO mock_counters VALUES (?, ?, 1)
       ON CONFLICT (scope, collection) DO UPDATE SET number = number + 1 RETURNING number`,
    )
    .pluck()
  return { byId, ofTypes, withId, known, anywhere, showing, ids, add, insert, put, bury, empty, claim, count }
}

/** Prepares a selection for each set of members, with an index for each member. */
function createSelections(db: Connection, { begin, onUndo }: Transactions): (where: Where) => Selection {
  const indexNames = db
    .prepare<string>("SELECT name FROM sqlite_schema WHERE name LIKE 'mock_items_by_%'")
    .pluck()
  let indexes: readonly string[] | undefined
  onUndo(() => {
    indexes = undefined
  })

  /** With an index, a list by this member takes time for its own items only, not for the whole collection. */
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
    const matching = `FROM mock_items WHERE ${OWN} AND body IS NOT NULL${condition}`
    const list = (order: string) =>
      db.prepare<StoredItem>(
        `SELECT sequence, id, body, whole ${matching} ORDER BY sequence ${order} LIMIT ? OFFSET ?`,
      )
    const total = db.prepare<number>(`SELECT count(*) ${matching}`).pluck()
    return { list: list('ASC'), latest: list('DESC'), total }
  }
  const selections = new Map<string, Selection>()
  return (where) => {
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
}

const NO_TRAITS: ItemTraits = {}

const columnsOf = ({ whole, type, relations }: ItemTraits = {}): readonly (string | null)[] => [
  whole ?? null,
  type ?? null,
  relations ?? null,
]

/** What reads the objects that meet one condition. */
interface Selection {
  readonly list: Statement<StoredItem>
  readonly latest: Statement<StoredItem>
  readonly total: Statement<number>
}

const valuesOf = (where: Where = {}): readonly string[] =>
  Object.values(where).map((value) => JSON.stringify(value))

/** A member of the body as JSON, in which equal values of one kind have equal texts. */
const memberOf = (member: string): string => `body -> '$.${JSON.stringify(member).replaceAll("'", "''")}'`
