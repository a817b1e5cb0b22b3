// The connection that a store works over. Where the database is a file, it is one of the store's own, so that neither an
// open iterator nor a transaction of the host can hold the store's reads in the past or undo its writes.

import { statSync } from 'node:fs'
import { OptionError } from '@gosend/options'

/** What is needed of a driver's prepared statement. */
export interface SqliteStatement {
  run(...values: unknown[]): { readonly changes: number | bigint }
  get(...values: unknown[]): unknown
  all(...values: unknown[]): unknown[]
  /** Makes rows arrays and integers numbers, as better-sqlite3 names it. */
  raw?(): unknown
  safeIntegers?(areBig: boolean): unknown
  /** Makes rows arrays and integers numbers, as node:sqlite names it. */
  setReturnArrays?(areArrays: boolean): unknown
  setReadBigInts?(areBig: boolean): unknown
  /** The rows as arrays, as bun:sqlite names it, whose `raw` gives bytes. */
  values?(...values: unknown[]): unknown
}

/** What is needed of a driver: `Database` of better-sqlite3 and of bun:sqlite, and `DatabaseSync` of node:sqlite have it. */
export interface SqliteDriver {
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
  close?(): unknown
  /** Whether a transaction is open, as better-sqlite3 names it. */
  readonly inTransaction?: boolean
  /** Whether a transaction is open, as node:sqlite names it. */
  readonly isTransaction?: boolean
}

/** A statement that returns rows. */
export interface SqliteQuery {
  get(...values: unknown[]): readonly unknown[] | undefined
  all(...values: unknown[]): readonly (readonly unknown[])[]
}

/** A statement whose integers are numbers, whatever the connection's default is. */
export function prepare(driver: SqliteDriver, sql: string): SqliteStatement {
  const statement = driver.prepare(sql)
  statement.safeIntegers?.(false)
  statement.setReadBigInts?.(false)
  return statement
}

/** A statement whose rows are arrays, whatever the driver returns. */
export function query(driver: SqliteDriver, sql: string): SqliteQuery {
  const statement = prepare(driver, sql)
  if (statement.setReturnArrays !== undefined) {
    statement.setReturnArrays(true)
    return statement as SqliteQuery
  }
  if (statement.values !== undefined) {
    const all = (...values: unknown[]) => statement.values?.(...values) as readonly (readonly unknown[])[]
    return { all, get: (...values) => all(...values)[0] }
  }
  if (statement.raw !== undefined) {
    statement.raw()
    return statement as SqliteQuery
  }
  return {
    get(...values) {
      const row = statement.get(...values)
      return row === undefined ? undefined : Object.values(row as object)
    },
    all: (...values) => statement.all(...values).map((row) => Object.values(row as object)),
  }
}

/** The first column of the first row. */
export function readValue(driver: SqliteDriver, sql: string): unknown {
  return query(driver, sql).get()?.[0]
}

/** The path of the database; empty for a private one, in memory or temporary. */
export function pathOf(driver: SqliteDriver): string {
  const databases = query(driver, 'PRAGMA database_list').all()
  return String(databases.find(([, name]) => name === 'main')?.[2] ?? '')
}

/** The same for all connections to one database. */
export const identityOf = (driver: SqliteDriver): unknown => pathOf(driver) || driver

/**
 * Opens another connection to a file: by `connect`, otherwise with the driver's own class.
 *
 * It has to be of the same driver. Two copies of SQLite in one process do not know of each other's locks, and each drops
 * those of the other when it closes the file (POSIX).
 *
 * @throws OptionError when what was given makes no second connection to the same file.
 */
export function openBeside(driver: SqliteDriver, path: string, connect = connectOf(driver)): SqliteDriver {
  const connection = connect(path)
  const isAnother = connection !== driver && isSameFile(pathOf(connection), path)
  if (isAnother) return connection
  if (connection !== driver) connection.close?.()
  throw new OptionError('connect', `must return another connection to ${path}`)
}

/** Has the second connection closed together with the first. */
export function closeTogether(first: SqliteDriver, second: SqliteDriver, onClose = () => {}): void {
  let isOpen = true
  const closeSecond = () => {
    if (isOpen) second.close?.()
    isOpen = false
    onClose()
  }
  const { dispose } = Symbol as { readonly dispose?: symbol }
  for (const name of ['close', ...(dispose === undefined ? [] : [dispose])]) {
    const close: unknown = Reflect.get(first, name)
    if (typeof close !== 'function') continue
    Object.defineProperty(first, name, {
      configurable: true,
      writable: true,
      value(...values: unknown[]) {
        const result: unknown = close.apply(first, values)
        closeSecond()
        return result
      },
    })
  }
}

/** The class that `prepare` comes from, since one derived from it may take other arguments. */
function connectOf(driver: SqliteDriver): (path: string) => SqliteDriver {
  let owner: object | undefined
  for (let of = Object.getPrototypeOf(driver); of !== null; of = Object.getPrototypeOf(of)) {
    if (Object.hasOwn(of, 'prepare')) owner = of
  }
  const Driver = owner?.constructor as (new (path: string) => SqliteDriver) | undefined
  if (Driver === undefined) {
    throw new OptionError('connect', 'is needed with this driver, e.g. (path) => new Database(path)')
  }
  return (path) => new Driver(path)
}

function isSameFile(a: string, b: string): boolean {
  if (a === b) return true
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }))
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev
}
