// The tables of keys in a SQLite database: recognised by a table that holds their version, created once, kept at the newest
// schema, and watched, so that a file that was emptied, deleted or replaced is an error and never "nobody has a key".

import { callback, having, type OptionTable, oneOf } from '@gosend/options'
import { ApiKeysError, asBusy } from '../errors.js'
import {
  closeTogether,
  openBeside,
  pathOf,
  prepare,
  query,
  readValue,
  type SqliteDriver,
  type SqliteQuery,
  type SqliteStatement,
} from './sqlite-connection.js'
import { type SqliteFile, sqliteFile, unavailable } from './sqlite-file.js'
import { migrations, NEWEST_SCHEMA } from './sqlite-schema.js'

/**
 * When a database without tables of keys gets them.
 * `once`: unless it had them before. `always`: even then. `never`: they must be there already.
 */
export type Initialize = 'once' | 'always' | 'never'

export interface SqliteStoreOptions {
  /**
   * When a database without tables of keys gets them. Default `once`: unless it held keys before, which the marker beside
   * the file, `<file>.initialized`, says which. `never` is for production: the keys must be there.
   */
  readonly initialize?: Initialize | undefined
  /**
   * Opens another connection to the file at `path`, with the same driver. Needed where `new Database(path)` is not enough:
   * for an encrypted file, a bundled `nativeBinding`, or a driver wrapped in an object of your own. Leave that connection
   * to the store.
   */
  readonly connect?: ((path: string) => SqliteDriver) | undefined
}

export const sqliteOptions: OptionTable<SqliteStoreOptions> = {
  initialize: oneOf('once', 'always', 'never'),
  connect: callback(),
}

export const sqliteConnection = having<SqliteDriver>(
  ['prepare', 'exec'],
  'pass a connection, e.g. new Database("keys.db") of better-sqlite3',
)

export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement
  query(sql: string): SqliteQuery
  /** Throws when the file is no longer the one that was opened. Looks ten times a second at most. */
  watch(): void
  /** Whether another connection may have changed what was read since the last call. */
  hasChanged(): boolean
  /** Commits what `work` wrote when it returns true, else undoes it. */
  transact(work: () => boolean): boolean
}

const MIN_SQLITE = [3, 51, 3]
const BUSY_TIMEOUT_MS = 250
const OPENING_TIMEOUT_MS = 5_000
const RETRY_INTERVAL_MS = 5
const WATCH_INTERVAL_MS = 100

// Not in `user_version`, which belongs to the application when the keys are in its own file.
const SCHEMA_TABLE = `CREATE TABLE IF NOT EXISTS api_key_schema (
  owner TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID`
const OWNER = '@gosend/auth-core'
const SCHEMA_VERSION = `SELECT version FROM api_key_schema WHERE owner = '${OWNER}'`

// Release 0.1 had files of its own, and no such table: it knew them by these two numbers.
const FORMER_APPLICATION_ID = Number.parseInt(Buffer.from('gsk1').toString('hex'), 16)
const FORMER_USER_VERSION = 1

export type KeyTables =
  | { readonly state: 'present'; readonly version: number }
  | { readonly state: 'absent' }
  /** The database says that it held keys, and they are not in it. */
  | { readonly state: 'lost' }
  /** Another program's table has the name of one of ours. */
  | { readonly state: 'foreign'; readonly table: string }

export function keyTablesIn(driver: SqliteDriver): KeyTables {
  const tables = query(
    driver,
    `SELECT name FROM sqlite_schema
     WHERE name IN ('api_key_schema', 'api_keys', 'api_key_events', 'api_key_uses', 'api_key_projects',
                    'api_key_sessions', 'api_key_outbox', 'api_key_outbox_reports', 'api_key_outbox_consumers',
                    'api_key_outcomes', 'api_key_refusals', 'api_key_addresses')
     ORDER BY name`,
  )
    .all()
    .map(([name]) => String(name))
  const isComplete = tables.includes('api_keys')
  if (tables.includes('api_key_schema')) {
    const version = readValue(driver, SCHEMA_VERSION)
    return isComplete && typeof version === 'number' ? { state: 'present', version } : { state: 'lost' }
  }
  if (readValue(driver, 'PRAGMA application_id') === FORMER_APPLICATION_ID) {
    return isComplete ? { state: 'present', version: formerVersion(driver) } : { state: 'lost' }
  }
  const [table] = tables
  return table === undefined ? { state: 'absent' } : { state: 'foreign', table }
}

/** By its columns, since the application may have taken `user_version` for itself. */
function formerVersion(driver: SqliteDriver): number {
  const columns = query(driver, "SELECT name FROM pragma_table_info('api_keys')").all()
  return columns.some(([name]) => name === 'key_start') ? 2 : 1
}

/** @throws ApiKeysError `store_unavailable`, saying what is wrong with the file and what to do. */
export function openSqliteDatabase(
  given: SqliteDriver,
  { initialize = 'once', connect }: SqliteStoreOptions,
): SqliteDatabase {
  // Asked first, because any other statement makes SQLite delete the -wal of an emptied file, and with it the
  // last chance to get keys back.
  const file = sqliteFile(pathOf(given))
  if (file.isEmpty()) refuseAbsent(file, initialize)
  return opening(file, () => {
    if (file.isPrivate) return open(given, file, initialize, 0)
    const connection = openBeside(given, file.path, connect)
    let isClosed = false
    try {
      const patienceMs = refuseReadOnly(given) === 'idle' ? OPENING_TIMEOUT_MS : BUSY_TIMEOUT_MS
      const database = open(connection, file, initialize, patienceMs, () => isClosed)
      closeTogether(given, connection, () => {
        isClosed = true
      })
      return database
    } catch (error) {
      connection.close?.()
      throw error
    }
  })
}

/**
 * Who gives a connection that cannot write wants nothing written, though a second one could.
 *
 * @returns whether a transaction is open on it. What that one has locked stays so however long this program waits here.
 */
function refuseReadOnly(given: SqliteDriver): 'idle' | 'in a transaction' {
  try {
    // Not IMMEDIATE, which fails within a transaction as well, but only after it has taken the lock for writing.
    given.exec('BEGIN')
  } catch {
    // Its host's to end.
    return 'in a transaction'
  }
  try {
    given.exec(`PRAGMA user_version = ${readValue(given, 'PRAGMA user_version')}`)
  } catch (error) {
    if (messageOf(error).includes('readonly')) throw error
  } finally {
    undo(given)
  }
  return 'idle'
}

function open(
  connection: SqliteDriver,
  file: SqliteFile,
  initialize: Initialize,
  patienceMs: number,
  isClosed = () => false,
): SqliteDatabase {
  checkVersion(readValue(connection, 'SELECT sqlite_version()'))
  const transact = transactor(connection, file)
  if (file.isPrivate) {
    migrate(connection, file, initialize, transact)
  } else {
    connection.exec(`PRAGMA busy_timeout = ${patienceMs}; PRAGMA trusted_schema = OFF`)
    identify(connection, file, initialize)
    file.makePrivate()
    const mode = onceUnlocked(patienceMs, () => readValue(connection, 'PRAGMA journal_mode = WAL'))
    if (mode !== 'wal') {
      throw unavailable(`${file.name} cannot have a write-ahead log, but stays in journal mode ${mode}`)
    }
    connection.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    migrate(connection, file, initialize, transact)
    // From here on the tables are in the main file, so that a copy of it without its -wal is not taken for new.
    readValue(connection, 'PRAGMA wal_checkpoint')
    file.makePrivate()
    file.mark()
    connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  }
  const version = query(connection, SCHEMA_VERSION)
  const dataVersion = query(connection, 'PRAGMA data_version')
  let seenDataVersion: unknown
  const inspectFile = file.watch()
  const inspect = () => {
    // SQLite takes its log away with the last connection, which is no loss.
    if (isClosed()) throw unavailable(`the connection to ${file.name} was closed by this program`)
    inspectFile()
  }
  let inspectedAt = Number.NEGATIVE_INFINITY
  return {
    prepare: (sql) => opening(file, () => prepare(connection, sql)),
    query: (sql) => opening(file, () => query(connection, sql)),
    watch() {
      const now = performance.now()
      if (now - inspectedAt < WATCH_INTERVAL_MS) return
      inspect()
      inspectedAt = now
    },
    hasChanged() {
      // It does not count what the host writes over this same connection.
      if (file.isPrivate) return true
      const version = dataVersion.get()?.[0]
      const hasChanged = version !== seenDataVersion
      seenDataVersion = version
      return hasChanged
    },
    transact(work) {
      inspect()
      return transact(() => {
        // A newer release may have migrated the file meanwhile; then this one may read but no longer write.
        if (version.get()?.[0] !== NEWEST_SCHEMA) identify(connection, file, 'never')
        return work()
      })
    },
  }
}

/** The schema version, 0 for a database that may get the tables. */
function identify(connection: SqliteDriver, file: SqliteFile, initialize: Initialize): number {
  const tables = keyTablesIn(connection)
  switch (tables.state) {
    case 'present':
      if (tables.version <= NEWEST_SCHEMA) return tables.version
      throw unavailable(
        `${file.name} has API keys of schema version ${tables.version}, made by a newer release; upgrade @gosend/auth-core`,
      )
    case 'foreign':
      throw unavailable(
        `${file.name} has a table ${tables.table}, but no api_key_schema that says it is ours; restore it, or keep API keys in another file`,
      )
    default:
      refuseAbsent(file, initialize, tables.state === 'lost')
      return 0
  }
}

function refuseAbsent(file: SqliteFile, initialize: Initialize, isLost = false): void {
  const { name, marker } = file
  const isEmpty = file.isEmpty()
  if (initialize === 'never') {
    const what = isEmpty ? 'is missing or empty' : 'has no API keys'
    throw unavailable(`${name} ${what}; restore it, or allow it to be initialized`)
  }
  if (initialize === 'always' || (marker === undefined && !isLost)) return
  const what = isEmpty ? 'is now missing or empty' : 'has lost their tables'
  const consent = marker === undefined ? 'open it once with initialize: "always"' : `delete ${marker}`
  throw unavailable(
    `${name} held API keys and ${what}; restore it from a backup. To start anew with no keys, ${consent}`,
  )
}

function migrate(
  connection: SqliteDriver,
  file: SqliteFile,
  initialize: Initialize,
  transact: Transact,
): void {
  transact(() => {
    const version = identify(connection, file, initialize)
    for (const migration of migrations.slice(version)) migration(connection)
    const isFormer = readValue(connection, 'PRAGMA application_id') === FORMER_APPLICATION_ID
    // Release 0.1 may still have the file open: this stops it from writing.
    if (isFormer && readValue(connection, 'PRAGMA user_version') === FORMER_USER_VERSION) {
      connection.exec(`PRAGMA user_version = ${NEWEST_SCHEMA}`)
    }
    connection.exec(SCHEMA_TABLE)
    // Written each time, because it fails where nothing can be written: better now than at the first revocation.
    prepare(connection, 'INSERT OR REPLACE INTO api_key_schema (owner, version) VALUES (?, ?)').run(
      OWNER,
      NEWEST_SCHEMA,
    )
    return true
  })
}

type Transact = (work: () => boolean) => boolean

function transactor(connection: SqliteDriver, file: SqliteFile): Transact {
  return (work) => {
    begin(connection, file)
    try {
      const isDone = work()
      connection.exec(isDone ? 'COMMIT' : 'ROLLBACK')
      return isDone
    } catch (error) {
      undo(connection)
      throw error
    }
  }
}

function begin(connection: SqliteDriver, file: SqliteFile): void {
  try {
    connection.exec('BEGIN IMMEDIATE')
  } catch (cause) {
    const problem = messageOf(cause)
    if (file.isPrivate) {
      throw unavailable(
        `the connection to the database in memory is in use (${problem}); end its transaction before you change keys`,
        { cause },
      )
    }
    if (!IS_LOCKED.test(problem)) throw cause
    throw asBusy(
      unavailable(
        `${file.name} is locked for writing (${problem}); end a transaction of this program before you change keys, or try again`,
        { cause },
      ),
    )
  }
}

function undo(connection: SqliteDriver): void {
  try {
    connection.exec('ROLLBACK')
  } catch {
    // Nothing has begun, or SQLite has rolled back by itself, as it does when the disk is full.
  }
}

const IS_LOCKED = /\bis locked/

/** For a change of the journal mode, where SQLite does not wait for other connections however long its busy timeout is. */
function onceUnlocked<T>(patienceMs: number, work: () => T): T {
  const end = performance.now() + patienceMs
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!IS_LOCKED.test(messageOf(error)) || performance.now() > end) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_INTERVAL_MS)
    }
  }
}

/** Says of which file it is that something went wrong while it was opened. */
function opening<T>(file: SqliteFile, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof ApiKeysError || cause instanceof TypeError) throw cause
    const problem = messageOf(cause)
    const hint = hints.find(([pattern]) => pattern.test(problem))?.[1] ?? ''
    throw unavailable(`${file.name} cannot be opened: ${problem}${hint}`, { cause })
  }
}

const hints: readonly (readonly [RegExp, string])[] = [
  [
    IS_LOCKED,
    '; end a transaction of this program first, or wait for another one that writes to it, or keeps it to itself',
  ],
  [/not a database/, '; an encrypted one needs the option connect'],
]

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export function checkVersion(version: unknown): void {
  if (isRecentEnough(version)) return
  throw unavailable(`SQLite ${version} is too old; ${MIN_SQLITE.join('.')} or later is needed`)
}

// Two connections corrupt a write-ahead log under earlier versions when they checkpoint at the same moment.
export function isRecentEnough(version: unknown): boolean {
  if (typeof version !== 'string') return false
  const parts = version.split('.').map(Number)
  const difference = MIN_SQLITE.map((wanted, i) => (parts[i] ?? 0) - wanted).find((part) => part !== 0)
  return difference === undefined || difference > 0
}
