// The journal's exchanges that have no room in memory: in a temporary database, a file of SQLite's own that is deleted
// when the mock closes. It shares no lock and no transaction with what clients store.

import type { Connection } from './connection.js'

/** One exchange as it is kept, without credentials. */
export interface StoredExchange {
  /** Increases with every exchange. */
  readonly number: number
  /** JSON: the exchange in short, and the rest of it. */
  readonly line: string
  readonly rest: string
}

export interface JournalTable {
  /** Nothing once it is closed. @throws the driver's error when there is no room on the disk. */
  add(exchanges: readonly StoredExchange[]): void
  find(number: number): StoredExchange | undefined
  /** Those with a lower number, the latest first. */
  before(number: number, limit: number): readonly StoredExchange[]
  /** In short, those with a number between two others, the latest first. */
  linesBetween(after: number, before: number, limit: number): readonly Pick<StoredExchange, 'line'>[]
  oldest(): number | undefined
  /** Forgets those up to a number, and then the oldest until the rest have at most so many bytes. */
  prune(upTo: number, maxBytes: number): void
  clear(): void
  close(): void
}

const TABLE =
  'CREATE TABLE journal (number INTEGER PRIMARY KEY, size INTEGER NOT NULL, line TEXT NOT NULL, rest TEXT NOT NULL)'
const PRUNED_AT_ONCE = 100

/** @param connect opens an empty database; called when the first exchange has no room in memory, which is seldom. */
export function openJournalTable(connect: () => Connection): JournalTable {
  let open: ReturnType<typeof prepare> | undefined
  let bytes = 0
  let isClosed = false
  const forget = (rows: readonly { readonly size: number }[]): boolean => {
    for (const { size } of rows) bytes -= size
    return rows.length > 0
  }

  return {
    add(exchanges) {
      if (isClosed) return
      open ??= prepare(connect())
      const { db, insert } = open
      db.transaction(() => {
        for (const { number, line, rest } of exchanges)
          insert.run(number, line.length + rest.length, line, rest)
      })
      for (const { line, rest } of exchanges) bytes += line.length + rest.length
    },
    find: (number) => open?.byNumber.get(number),
    before: (number, limit) => open?.before.all(number, limit) ?? [],
    linesBetween: (after, before, limit) => open?.linesBetween.all(after, before, limit) ?? [],
    oldest: () => open?.oldest.get()?.number ?? undefined,
    prune(upTo, maxBytes) {
      if (open === undefined) return
      const { removeUpTo, removeOldest } = open
      forget(removeUpTo.all(upTo))
      while (bytes > maxBytes && forget(removeOldest.all(PRUNED_AT_ONCE)));
    },
    clear() {
      open?.db.exec('DELETE FROM journal')
      bytes = 0
    },
    close() {
      isClosed = true
      open?.db.close()
      open = undefined
    },
  }
}

function prepare(db: Connection) {
  // What is lost in a crash was to be deleted anyway.
  db.exec(`PRAGMA synchronous = OFF; ${TABLE}`)
  return {
    db,
    insert: db.prepare('INSERT INTO journal VALUES (?, ?, ?, ?)'),
    byNumber: db.prepare<StoredExchange>('SELECT number, line, rest FROM journal WHERE number = ?'),
    before: db.prepare<StoredExchange>(
      'SELECT number, line, rest FROM journal WHERE number < ? ORDER BY number DESC LIMIT ?',
    ),
    linesBetween: db.prepare<Pick<StoredExchange, 'line'>>(
      'SELECT line FROM journal WHERE number > ? AND number < ? ORDER BY number DESC LIMIT ?',
    ),
    oldest: db.prepare<{ number: number | null }>('SELECT min(number) AS number FROM journal'),
    removeUpTo: db.prepare<{ size: number }>('DELETE FROM journal WHERE number <= ? RETURNING size'),
    removeOldest: db.prepare<{ size: number }>(
      'DELETE FROM journal WHERE number IN (SELECT number FROM journal ORDER BY number LIMIT ?) RETURNING size',
    ),
  }
}
