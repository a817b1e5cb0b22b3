// A connection to the SQLite file: of better-sqlite3, or of node:sqlite with the same methods.

import { openSqlite, type SqliteDriver, type SqliteStatement } from '@gosend/auth-core/sqlite'

export interface Statement<Row> {
  run(...values: unknown[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint }
  get(...values: unknown[]): Row | undefined
  all(...values: unknown[]): Row[]
  /** Makes a row the value of its first column. */
  pluck(): Statement<Row>
}

export interface Connection {
  readonly driver: SqliteDriver
  readonly inTransaction: boolean
  prepare<Row>(sql: string): Statement<Row>
  exec(sql: string): void
  /** Commits what `work` writes, or nothing of it when it throws. */
  transaction(work: () => void): void
  close(): void
}

const BUSY_TIMEOUT_MS = 5_000

/** @throws Error in one line when there is no driver, or the file cannot be opened. */
export function openConnection(path: string): Connection {
  const driver = openSqlite(path)
  driver.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  return {
    driver,
    get inTransaction() {
      return driver.inTransaction ?? driver.isTransaction ?? false
    },
    prepare: <Row>(sql: string) => withPluck<Row>(driver.prepare(sql)),
    exec: (sql) => void driver.exec(sql),
    transaction(work) {
      driver.exec('BEGIN IMMEDIATE')
      try {
        work()
        driver.exec('COMMIT')
      } catch (error) {
        driver.exec('ROLLBACK')
        throw error
      }
    },
    close: () => driver.close(),
  }
}

function withPluck<Row>(statement: SqliteStatement): Statement<Row> {
  if ('pluck' in statement) return statement as Statement<Row>
  const rows = statement as Statement<Row>
  return {
    run: (...values) => rows.run(...values),
    get: (...values) => rows.get(...values),
    all: (...values) => rows.all(...values),
    pluck() {
      statement.setReturnArrays?.(true)
      const arrays = statement as Statement<readonly [Row]>
      return {
        ...this,
        get: (...values) => arrays.get(...values)?.[0],
        all: (...values) => arrays.all(...values).map(([value]) => value),
      }
    },
  }
}
