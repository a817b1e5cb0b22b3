// The one database that holds keys: recognised by its sentinel, created once, kept at the newest schema, and watched, so
// that a file that was emptied, deleted or exchanged is an error and never "nobody has a key".

import { ApiKeysError } from '../errors.js'
import { type Changes, createChanges } from './sqlite-changes.js'
import { refusal, sqliteFile } from './sqlite-file.js'

/** What is needed of a driver's prepared statement. */
export interface SqliteStatement {
  run(...values: unknown[]): { readonly changes: number | bigint }
  get(...values: unknown[]): unknown
  all(...values: unknown[]): unknown[]
  /** Makes rows arrays. Without it, rows are objects with their columns in order. */
  raw?(): unknown
}

/** What is needed of a driver: `Database` of better-sqlite3 and `DatabaseSync` of node:sqlite have it. */
export interface SqliteDriver {
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
  /** Whether a transaction is open, as better-sqlite3 names it. */
  readonly inTransaction?: boolean
  /** Whether a transaction is open, as node:sqlite names it. */
  readonly isTransaction?: boolean
}

/**
 * When an empty file becomes a database of keys.
 * `once`: unless it was one before. `always`: even then. `never`: the file must hold keys already.
 */
export type Initialize = 'once' | 'always' | 'never'

export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement
  /** Throws when the file is no longer the one that was opened. Looks ten times a second at most, and tells if it did. */
  watch(): boolean
  /** Whether anything was committed since it was last asked. */
  readonly changes: Changes
  /** Commits what `work` wrote when it returns true, else undoes it. */
  transact(work: () => boolean): boolean
}

const APPLICATION_ID = Number.parseInt(Buffer.from('gsk1').toString('hex'), 16)
const MINIMUM_SQLITE = [3, 51, 3]
const BUSY_TIMEOUT_MS = 250
const OPENING_TIMEOUT_MS = 5_000
const WATCH_INTERVAL_MS = 100

// Entry n brings a file from schema version n to n + 1. Entries are never edited, only added.
const migrations: readonly string[] = [
  `CREATE TABLE api_keys (
     id TEXT NOT NULL PRIMARY KEY,
     project_id TEXT NOT NULL,
     environment TEXT NOT NULL,
     label TEXT NOT NULL,
     hash TEXT NOT NULL,
     tag TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     last_used_at INTEGER,
     expires_at INTEGER,
     revoked_at INTEGER,
     rotated_from TEXT,
     replaced_by TEXT,
     scopes TEXT NOT NULL,
     allowed_ips TEXT,
     metadata TEXT NOT NULL,
     fingerprint TEXT,
     version INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX api_keys_of_project ON api_keys (project_id, created_at DESC);
   CREATE TABLE api_key_events (
     id INTEGER NOT NULL PRIMARY KEY,
     at INTEGER NOT NULL,
     project_id TEXT NOT NULL,
     key_id TEXT NOT NULL REFERENCES api_keys,
     action TEXT NOT NULL,
     actor TEXT,
     details TEXT NOT NULL
   ) STRICT;
   CREATE INDEX api_key_events_of_project ON api_key_events (project_id, key_id);
   CREATE TABLE api_key_uses (
     key_id TEXT NOT NULL REFERENCES api_keys,
     day TEXT NOT NULL,
     count INTEGER NOT NULL,
     PRIMARY KEY (key_id, day)
   ) STRICT, WITHOUT ROWID;`,
  'ALTER TABLE api_keys ADD COLUMN key_start TEXT',
]

/** What a database of keys is known by, at the newest schema. */
export const sqliteSentinel = { applicationId: APPLICATION_ID, schemaVersion: migrations.length }

/** @throws ApiKeysError `store_unavailable`, saying what is wrong with the file and what to do. */
export function openSqliteDatabase(driver: SqliteDriver, initialize: Initialize): SqliteDatabase {
  // Asked first, because any other statement makes SQLite delete the -wal of an emptied file, and with it the
  // last chance to get keys back.
  const file = sqliteFile(pathOf(driver))
  const { name } = file
  const read = (sql: string) => firstCell(driver.prepare(sql).get())

  const checkEmpty = () => {
    const marker = file.marker()
    if (initialize === 'never') {
      throw refusal(`${name} is missing or empty; restore it, or allow it to be initialized`)
    }
    if (initialize === 'once' && marker !== undefined) {
      throw refusal(
        `${name} held API keys and is now missing or empty; restore it from a backup. To start anew with no keys, delete ${marker}`,
      )
    }
  }

  /** The schema version of a database that is ours, 0 for one without content. */
  const identify = (): number => {
    const application = read('PRAGMA application_id')
    const version = read('PRAGMA user_version')
    if (application === APPLICATION_ID && typeof version === 'number') {
      if (version <= migrations.length) return version
      throw refusal(
        `${name} has schema version ${version}, made by a newer release; upgrade @gosend/auth-core`,
      )
    }
    if (application !== 0 || version !== 0 || read('SELECT count(*) FROM sqlite_schema') !== 0) {
      throw refusal(`${name} belongs to another program; API keys need a file of their own`)
    }
    checkEmpty()
    return 0
  }

  const transact = (work: () => boolean): boolean => {
    driver.exec('BEGIN IMMEDIATE')
    try {
      const done = work()
      driver.exec(done ? 'COMMIT' : 'ROLLBACK')
      return done
    } catch (cause) {
      try {
        driver.exec('ROLLBACK')
      } catch {
        // SQLite has rolled back by itself, as it does when the disk is full.
      }
      throw cause
    }
  }

  const migrate = () =>
    transact(() => {
      for (const migration of migrations.slice(identify())) driver.exec(migration)
      // Written each time, because it fails where nothing can be written: better now than at the first revocation.
      driver.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`)
      return true
    })

  const open = () => {
    if (file.isEmpty()) checkEmpty()
    checkVersion(read('SELECT sqlite_version()'))
    driver.exec(`PRAGMA busy_timeout = ${OPENING_TIMEOUT_MS}; PRAGMA trusted_schema = OFF`)
    identify()
    file.makePrivate()
    const mode = read('PRAGMA journal_mode = WAL')
    if (mode !== (file.isInMemory ? 'memory' : 'wal')) {
      throw refusal(`${name} cannot have a write-ahead log, but stays in journal mode ${mode}`)
    }
    driver.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    migrate()
    // From here on the sentinel is in the main file, so that a copy of it without its -wal is not taken for new.
    read('PRAGMA wal_checkpoint')
    file.makePrivate()
    file.mark()
    driver.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
    return {
      version: driver.prepare('PRAGMA user_version'),
      inspect: file.watch(),
      changes: createChanges(driver, file.walIndex()),
    }
  }

  const explained = <T>(work: () => T): T => {
    try {
      return work()
    } catch (cause) {
      if (cause instanceof ApiKeysError) throw cause
      const problem = cause instanceof Error ? cause.message : String(cause)
      throw refusal(`${name} cannot be opened: ${problem}`, { cause })
    }
  }

  const { version, inspect, changes } = explained(open)
  let inspectedAt = Number.NEGATIVE_INFINITY
  return {
    prepare: (sql) => explained(() => driver.prepare(sql)),
    watch() {
      const now = performance.now()
      if (now - inspectedAt < WATCH_INTERVAL_MS) return false
      inspect()
      inspectedAt = now
      return true
    },
    changes,
    transact(work) {
      inspect()
      return transact(() => {
        // A newer release may have migrated the file meanwhile; then this one may read but no longer write.
        if (firstCell(version.get()) !== migrations.length) identify()
        return work()
      })
    },
  }
}

/** Empty for a database in memory. */
function pathOf(driver: SqliteDriver): string {
  const databases = driver.prepare('PRAGMA database_list').all() as { name: string; file: string | null }[]
  return databases.find(({ name }) => name === 'main')?.file ?? ''
}

function firstCell(row: unknown): unknown {
  return Object.values(row as object)[0]
}

// Two connections corrupt a write-ahead log under earlier versions when they checkpoint at the same moment.
export function checkVersion(version: unknown): void {
  const parts = String(version).split('.').map(Number)
  const difference = MINIMUM_SQLITE.map((wanted, i) => (parts[i] ?? 0) - wanted).find((part) => part !== 0)
  if (difference !== undefined && difference < 0) {
    throw refusal(`SQLite ${version} is too old; ${MINIMUM_SQLITE.join('.')} or later is needed`)
  }
}
