// Counts in a SQLite file, for the processes of one machine: a transaction per request, which also the counters of costs and
// credits are in.

import { callback, checkOptions, matching, type OptionTable } from '@gosend/options'
import {
  type Charge,
  type ChargeResult,
  type Counter,
  chargeCounters,
  type LimitStore,
} from '../limits/store.js'
import { nameOf, stretchOf, type Window } from '../limits/window.js'
import {
  closeTogether,
  openBeside,
  pathOf,
  prepare,
  query,
  readValue,
  type SqliteDriver,
} from './sqlite-connection.js'
import { checkVersion, sqliteConnection } from './sqlite-database.js'

export interface SqliteLimitStoreOptions {
  /** The table of the counters. Default `api_key_limits`. */
  readonly table?: string | undefined
  /** As that of `sqliteStore`. */
  readonly connect?: ((path: string) => SqliteDriver) | undefined
}

const optionTable: OptionTable<SqliteLimitStoreOptions> = {
  table: matching(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a plain lower-case name'),
  connect: callback(),
}

// Longer than keys wait: a count that is given up is a request too many or too few.
const BUSY_TIMEOUT_MS = 1_000
const CLEANING_INTERVAL_MS = 300_000
const DAY_MS = 86_400_000

/**
 * Counts requests in a SQLite file, which may be that of the keys. Exact over all processes of one machine, and answers at once. It
 * counts over a connection of its own, so a transaction that you roll back gives nothing back. In a file of its own, counting does
 * not make `sqliteStore` read its keys anew. A power failure can lose the counts of
 * the last moments, a process that ends cannot.
 *
 * @example
 * createLimits({ store: sqliteLimitStore(db), plans, planOf })
 *
 * @param driver a connection, as `sqliteStore` takes it.
 * @throws TypeError when an argument is wrong.
 */
export function sqliteLimitStore(driver: SqliteDriver, options: SqliteLimitStoreOptions = {}): LimitStore {
  sqliteConnection(driver, 'driver')
  const { table = 'api_key_limits', connect } = checkOptions(optionTable, options)
  const connection = connectionFor(driver, connect)
  connection.exec(
    `CREATE TABLE IF NOT EXISTS "${table}" (
       name TEXT NOT NULL PRIMARY KEY,
       used INTEGER NOT NULL,
       at INTEGER NOT NULL,
       expires_at INTEGER
     ) STRICT, WITHOUT ROWID`,
  )
  const find = query(connection, `SELECT used, at FROM "${table}" WHERE name = ?`)
  const write = prepare(
    connection,
    `INSERT INTO "${table}" (name, used, at, expires_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET used = excluded.used, at = excluded.at`,
  )
  const clean = prepare(connection, `DELETE FROM "${table}" WHERE expires_at < min(?, unixepoch() * 1000)`)
  let cleanedAt = performance.now()

  const counterOf = ({ window }: Pick<Charge, 'window'>): Counter | undefined => {
    const row = find.get(nameIn(window))
    return row === undefined ? undefined : { used: Number(row[0]), at: Number(row[1]) }
  }

  const keep = ({ window }: Charge, { used, at }: Counter): void => {
    const { startsAt, endsAt } = window
    const isEndless = endsAt === Number.POSITIVE_INFINITY
    // Until no process can still be in it, however far its clock is behind.
    write.run(nameIn(window), used, at, isEndless ? null : endsAt + Math.max(DAY_MS, endsAt - startsAt))
  }

  const charge = (charges: readonly Charge[]): ChargeResult => {
    const result = inTransaction(connection, () => chargeCounters(charges, counterOf, keep))
    if (performance.now() - cleanedAt > CLEANING_INTERVAL_MS) {
      cleanedAt = performance.now()
      // By the clock of the machine and that of the process: neither must make the others forget.
      clean.run(charges[0]?.window.startsAt ?? 0)
    }
    return result
  }

  const unlimited = Number.MAX_SAFE_INTEGER
  return {
    charge,
    add: (window, amount) => charge([{ window, amount, limit: unlimited }]).used[0] ?? 0,
    read: (window) => counterOf({ window })?.used ?? 0,
  }
}

const nameIn = (window: Window) => nameOf(window, stretchOf(window))

function connectionFor(driver: SqliteDriver, connect: SqliteLimitStoreOptions['connect']): SqliteDriver {
  checkVersion(readValue(driver, 'SELECT sqlite_version()'))
  const path = pathOf(driver)
  // In memory there is no second connection.
  if (path === '') return driver
  const connection = openBeside(driver, path, connect)
  connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA trusted_schema = OFF`)
  useWriteAheadLog(connection)
  connection.exec('PRAGMA synchronous = NORMAL')
  closeTogether(driver, connection)
  return connection
}

function useWriteAheadLog(connection: SqliteDriver): void {
  if (readValue(connection, 'PRAGMA journal_mode') === 'wal') return
  try {
    readValue(connection, 'PRAGMA journal_mode = WAL')
  } catch {
    // Another connection uses the file, or changes the same. Without a log counting is slower, and as right.
  }
}

function inTransaction<T>(connection: SqliteDriver, work: () => T): T {
  connection.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    connection.exec('COMMIT')
    return result
  } catch (error) {
    try {
      connection.exec('ROLLBACK')
    } catch {
      // SQLite has rolled back by itself.
    }
    throw error
  }
}
