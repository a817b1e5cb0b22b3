// The one file that holds keys: recognised by its sentinel, created once, kept at the newest schema, and watched, so
// that a file that was emptied, deleted or exchanged is an error and never "nobody has a key".

import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { ApiKeysError } from '../errors.js'

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
}

/**
 * When an empty file becomes a database of keys.
 * `once`: unless it was one before. `always`: even then. `never`: the file must hold keys already.
 */
export type Initialize = 'once' | 'always' | 'never'

export interface SqliteDatabase {
  /** Throws when the file is no longer the one that was opened. Looks ten times a second at most. */
  watch(): void
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
   CREATE TABLE api_key_uses (
     key_id TEXT NOT NULL REFERENCES api_keys,
     day TEXT NOT NULL,
     count INTEGER NOT NULL,
     PRIMARY KEY (key_id, day)
   ) STRICT, WITHOUT ROWID;`,
]

/** @throws ApiKeysError `store_unavailable`, saying what is wrong with the file and what to do. */
export function openSqliteDatabase(driver: SqliteDriver, initialize: Initialize): SqliteDatabase {
  const read = (sql: string) => Object.values(driver.prepare(sql).get() as object)[0]
  // Asked first, because any other statement makes SQLite delete the -wal of an emptied file, and with it the
  // last chance to get keys back.
  const path = pathOf(driver)
  const name = path === '' ? 'the database' : basename(path)
  const marker = `${path}.initialized`

  const checkEmpty = () => {
    if (initialize === 'never') {
      throw refusal(`${name} is missing or empty; restore it, or allow it to be initialized`)
    }
    if (initialize === 'once' && path !== '' && existsSync(marker)) {
      throw refusal(
        `${name} held API keys and is now missing or empty; restore it from a backup. To start anew with no keys, delete ${marker}`,
      )
    }
  }

  /** The schema version of a file that is ours, 0 for one without content. */
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

  try {
    if (path !== '' && (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) checkEmpty()
    checkVersion(read('SELECT sqlite_version()'))
    driver.exec(`PRAGMA busy_timeout = ${OPENING_TIMEOUT_MS}; PRAGMA trusted_schema = OFF`)
    identify()
    if (path !== '') {
      makePrivate(path)
      const mode = read('PRAGMA journal_mode = WAL')
      if (mode !== 'wal') throw refusal(`${name} cannot use write-ahead logging, but stays in mode ${mode}`)
    }
    driver.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    migrate()
    if (path !== '') {
      // From here on the sentinel is in the main file, so that a copy of it without its -wal is not taken for new.
      read('PRAGMA wal_checkpoint')
      for (const file of filesOf(path)) makePrivate(file)
      if (!existsSync(marker)) {
        writeFileSync(marker, `While this file is here, an empty ${name} is refused.\n`, { mode: 0o600 })
      }
    }
    driver.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  } catch (cause) {
    if (cause instanceof ApiKeysError) throw cause
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new ApiKeysError('store_unavailable', `${name} cannot be opened: ${problem}`, { cause })
  }

  const version = driver.prepare('PRAGMA user_version')
  const inspect = path === '' ? () => undefined : createWatch(path, name)
  let inspectedAt = Number.NEGATIVE_INFINITY
  return {
    watch() {
      const now = performance.now()
      if (now - inspectedAt < WATCH_INTERVAL_MS) return
      inspect()
      inspectedAt = now
    },
    transact(work) {
      inspect()
      return transact(() => {
        // A newer release may have migrated the file meanwhile; then this one may read but no longer write.
        if (Object.values(version.get() as object)[0] !== migrations.length) identify()
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

function filesOf(path: string): readonly string[] {
  return [path, `${path}-wal`, `${path}-shm`]
}

function makePrivate(file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0
  if ((mode & 0o077) !== 0) chmodSync(file, 0o600)
}

// Two connections corrupt a WAL file under earlier versions when they checkpoint at the same moment.
function checkVersion(version: unknown): void {
  const parts = String(version).split('.').map(Number)
  const difference = MINIMUM_SQLITE.map((wanted, i) => (parts[i] ?? 0) - wanted).find((part) => part !== 0)
  if (difference !== undefined && difference < 0) {
    throw refusal(`SQLite ${version} is too old; ${MINIMUM_SQLITE.join('.')} or later is needed`)
  }
}

/** Looks by path, never through a descriptor: closing one would drop SQLite's locks on the file. */
function createWatch(path: string, name: string): () => void {
  const identities = () =>
    filesOf(path).map((file) => {
      const stats = statSync(file, { throwIfNoEntry: false })
      return { there: stats !== undefined, size: stats?.size, inode: `${stats?.dev}:${stats?.ino}` }
    })
  const opened = identities()
  let emptied = false
  return () => {
    const found = identities()
    emptied ||= found[0]?.size === 0
    // For good, because what is written into the file later does not match what SQLite remembers of it.
    if (emptied) throw refusal(`${name} was emptied while open; restore it from a backup, then restart`)
    const missing = found.findIndex((file, i) => !file.there && opened[i]?.there)
    if (missing !== -1)
      throw refusal(`${basename(filesOf(path)[missing] ?? path)} is gone; put it back, or restart`)
    if (found.some((file, i) => file.inode !== opened[i]?.inode)) {
      throw refusal(`another file has taken the place of ${name} while it was open; restart to use it`)
    }
  }
}

function refusal(message: string): ApiKeysError {
  return new ApiKeysError('store_unavailable', message)
}
