// Keys in one SQLite file, shared by any number of processes on one machine: the port, put into SQL.

import { checkOptions } from '@gosend/options'
import { LRUCache } from 'lru-cache'
import { deepFreeze } from '../frozen.js'
import type { OutgoingEvent } from '../outbox.js'
import type { ApiKeyStore, DailyUse, ErasedRows, KeyEvent, KeyLimit, StoredKey } from '../store.js'
import { decode, erasedColumns, erasedValues, valuesOf, writtenColumns } from './columns.js'
import { ACTIVE_OF_PROJECT } from './key-lists.js'
import { identityOf, type SqliteDriver, type SqliteStatement } from './sqlite-connection.js'
import {
  type Initialize,
  openSqliteDatabase,
  type SqliteDatabase,
  type SqliteStoreOptions,
  sqliteConnection,
  sqliteOptions,
} from './sqlite-database.js'
import { createSqliteLists, dialect } from './sqlite-lists.js'
import { type SqliteOutbox, sqliteOutbox } from './sqlite-outbox.js'
import { type SqliteOutcomes, sqliteOutcomes } from './sqlite-outcomes.js'

export { type OpenSqliteOptions, openSqlite, type SqliteConnection } from './sqlite-driver.js'
export { type SqliteProjects, sqliteProjects } from './sqlite-projects.js'
export type { Initialize, SqliteDriver, SqliteStatement, SqliteStoreOptions }

const names = writtenColumns.join(', ')
const places = writtenColumns.map(() => '?').join(', ')

// As far as it matters.
const ACTIVE_KEYS = `SELECT count(*) FROM (SELECT 1 FROM api_keys
  WHERE ${ACTIVE_OF_PROJECT('?', '?')} LIMIT ?)`

/**
 * Keys in a SQLite file, of their own or your application's.
 *
 * The store opens a second connection to the file and leaves yours as it is, so whatever you do with it, a revocation by
 * another process is seen on the next read, and a transaction that you roll back undoes no change to a key. Changes wait
 * for other writers for a good second at most, your own transaction included. Closing your connection closes both. A database in
 * memory has no second connection: there, keys cannot change while a transaction of yours is open.
 *
 * The file gets a write-ahead log and is made private to its owner (0600). Acknowledged changes survive a power failure
 * (`synchronous=FULL`). Opening writes to the file, and refuses one that lost its keys, is read-only or was written by a
 * newer release. While it is open, a deleted or replaced file is noticed within 100 ms, and before any change.
 *
 * Back up with `VACUUM INTO`. Restore while no process has the file open, and revoke again what was revoked since.
 *
 * @example
 * const store = sqliteStore(new Database('keys.db'))
 *
 * @param driver a connection of better-sqlite3, or `DatabaseSync` of node:sqlite; SQLite 3.51.3 or later.
 * @throws TypeError when an argument is wrong.
 * @throws ApiKeysError `store_unavailable` when the file is refused.
 */
export function sqliteStore(driver: SqliteDriver, options: SqliteStoreOptions = {}): ApiKeyStore {
  sqliteConnection(driver, 'driver')
  const database = openSqliteDatabase(driver, checkOptions(sqliteOptions, options))

  const statements = prepareStatements(database)
  const outbox = sqliteOutbox(database)
  const outcomes = sqliteOutcomes(database)
  const commit = createCommit(statements, outbox)
  const erase = createErase(statements, outbox, outcomes)

  // Rows that are still as they were read. Asking whether anything was committed costs half of reading a row.
  const recent = new LRUCache<string, StoredKey>({ max: 10_000 })
  const write = (work: () => boolean): boolean => {
    recent.clear()
    return database.transact(work)
  }

  return {
    database: identityOf(driver),
    outbox: outbox.outbox,
    outcomes: outcomes.outcomes,
    find(id) {
      database.watch()
      if (database.hasChanged()) recent.clear()
      const known = recent.get(id)
      if (known !== undefined) return known
      const row = statements.byId.get(id)
      if (row === undefined) return undefined
      const found = deepFreeze(decode(row))
      recent.set(id, found)
      return found
    },
    list: createSqliteLists(database),
    commit: (...change) => write(() => commit(...change)),
    history(projectId, keyId, limit, { actor = null, from = null, to = null, before = null } = {}) {
      database.watch()
      const found = statements.happened.all(projectId, keyId, actor, from, to, before, limit)
      return found.map((row): KeyEvent => {
        const [at, projectId, keyId, action, actor, details, sequence] = row as EventRow
        return { at, projectId, keyId, action, actor, details: JSON.parse(details), sequence }
      })
    },
    recordUses(uses) {
      const { touch, count } = statements
      write(() => {
        for (const { id, at, days } of uses) {
          if (wrote(touch.run(at, at, id))) for (const [day, uses] of days) count.run(id, day, uses)
        }
        return true
      })
    },
    erase(...erasure) {
      let rows: ErasedRows = { keys: 0, events: 0, uses: 0 }
      write(() => {
        rows = erase(...erasure)
        return true
      })
      return rows
    },
    sweep({ eventsBefore, usesBefore, limit }) {
      const { sweepEvents, sweepUses } = statements
      const rows = { events: 0, uses: 0 }
      write(() => {
        if (eventsBefore !== null) rows.events = changesOf(sweepEvents.run(eventsBefore, limit))
        if (usesBefore !== null) rows.uses = changesOf(sweepUses.run(usesBefore, limit))
        return true
      })
      return rows
    },
    usage(projectId, fromDay, toDay, keyId) {
      database.watch()
      const { used, usedByKey } = statements
      const rows =
        keyId === undefined
          ? used.all(projectId, fromDay, toDay)
          : usedByKey.all(projectId, fromDay, toDay, keyId)
      return rows.map((row): DailyUse => {
        const [keyId, day, count] = row as readonly [string, string, number]
        return { keyId, day, count }
      })
    },
  }
}

const usedStatement = (condition: string) =>
  `SELECT key_id, day, count FROM api_keys JOIN api_key_uses ON key_id = id
   WHERE project_id = ? AND day BETWEEN ? AND ? ${condition} ORDER BY day, key_id`

function prepareStatements(database: SqliteDatabase) {
  return {
    byId: database.query(`SELECT ${dialect.columns} FROM api_keys WHERE id = ? AND erased_at IS NULL`),
    active: database.query(ACTIVE_KEYS),
    insert: database.prepare(
      `INSERT INTO api_keys (${names}, project_status)
     VALUES (${places}, (SELECT status FROM api_key_projects WHERE id = ?)) ON CONFLICT (id) DO NOTHING`,
    ),
    replace: database.prepare(
      `UPDATE api_keys SET (${names}) = (${places}) WHERE id = ? AND version = ? AND erased_at IS NULL`,
    ),
    touch: database.prepare(
      'UPDATE api_keys SET last_used_at = max(ifnull(last_used_at, ?), ?) WHERE id = ? AND erased_at IS NULL',
    ),
    count: database.prepare(
      `INSERT INTO api_key_uses (key_id, day, count) VALUES (?, ?, ?)
     ON CONFLICT (key_id, day) DO UPDATE SET count = count + excluded.count`,
    ),
    projectOf: database.query('SELECT project_id FROM api_keys WHERE id = ? AND erased_at IS NULL'),
    erase: database.prepare(
      `UPDATE api_keys SET (${erasedColumns.join(', ')}) = (${erasedColumns.map(() => '?').join(', ')}),
       project_status = NULL, erased_at = ?, version = version + 1 WHERE id = ?`,
    ),
    deleteEvents: database.prepare('DELETE FROM api_key_events WHERE project_id = ? AND key_id = ?'),
    deleteUses: database.prepare('DELETE FROM api_key_uses WHERE key_id = ?'),
    sweepEvents: database.prepare(
      `DELETE FROM api_key_events WHERE at < ? AND id IN (SELECT id FROM api_key_events ORDER BY id LIMIT ?)`,
    ),
    sweepUses: database.prepare(
      `DELETE FROM api_key_uses WHERE (key_id, day) IN
       (SELECT key_id, day FROM api_key_uses WHERE day < ? ORDER BY day LIMIT ?)`,
    ),
    append: database.prepare(
      'INSERT INTO api_key_events (at, project_id, key_id, action, actor, details) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    happened: database.query(
      `SELECT at, project_id, key_id, action, actor, details, id FROM api_key_events
     WHERE project_id = ? AND key_id = ifnull(?, key_id) AND actor IS ifnull(?, actor)
     AND at >= ifnull(?, at) AND at < ifnull(?, at + 1) AND id < ifnull(?, id + 1) ORDER BY id DESC LIMIT ?`,
    ),
    used: database.query(usedStatement('')),
    usedByKey: database.query(usedStatement('AND key_id = ?')),
  }
}

type Statements = ReturnType<typeof prepareStatements>

function createCommit({ active, insert, replace, append }: Statements, outbox: SqliteOutbox) {
  const isOver = ({ projectId, limit, now }: KeyLimit): boolean =>
    Number(active.get(projectId, now, limit + 1)?.[0]) > limit

  const writeRow = (row: StoredKey): boolean => {
    const values = valuesOf(row)
    return wrote(
      row.version === 1
        ? insert.run(...values, row.projectId)
        : replace.run(...values, row.id, row.version - 1),
    )
  }

  return (
    rows: readonly StoredKey[],
    events: readonly KeyEvent[] = [],
    keyLimit?: KeyLimit,
    outgoing: readonly OutgoingEvent[] = [],
  ): boolean => {
    if (!rows.every(writeRow) || (keyLimit !== undefined && isOver(keyLimit))) return false
    for (const { at, projectId, keyId, action, actor, details } of events) {
      append.run(at, projectId, keyId, action, actor, JSON.stringify(details))
    }
    outbox.write(outgoing)
    return true
  }
}

function createErase(
  { projectOf, deleteEvents, deleteUses, erase }: Statements,
  outbox: SqliteOutbox,
  outcomes: SqliteOutcomes,
) {
  return (ids: readonly string[], at: number, outgoing: readonly OutgoingEvent[] = []): ErasedRows => {
    const rows = { keys: 0, events: 0, uses: 0 }
    for (const id of ids) {
      outbox.strip(id)
      outcomes.forget(id)
    }
    outbox.write(outgoing)
    for (const id of ids) {
      const [projectId] = projectOf.get(id) ?? []
      if (projectId === undefined) continue
      rows.events += changesOf(deleteEvents.run(projectId, id))
      rows.uses += changesOf(deleteUses.run(id))
      rows.keys += changesOf(erase.run(...erasedValues, at, id))
    }
    return rows
  }
}

const changesOf = (result: { readonly changes: number | bigint }) => Number(result.changes)

function wrote(result: { readonly changes: number | bigint }): boolean {
  return changesOf(result) === 1
}

type EventRow = readonly [
  at: number,
  projectId: string,
  keyId: string,
  action: KeyEvent['action'],
  actor: string | null,
  details: string,
  id: number,
]
