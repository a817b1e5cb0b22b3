// Dialects for databases that Kysely has none for: as their documentation would have them, and no more than the tests need.

import { PGlite } from '@electric-sql/pglite'
import { type Client, createClient, type Transaction } from '@libsql/client'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

type Execute = (query: CompiledQuery) => Promise<QueryResult<never>>

const connectionOf = (executeQuery: Execute): DatabaseConnection => ({
  executeQuery: executeQuery as DatabaseConnection['executeQuery'],
  streamQuery() {
    throw new Error('not needed here')
  },
})

/** libSQL, each transaction on a connection of its own. */
export function libsqlDialect(url: string): Dialect {
  const client: Client = createClient({ url })
  const transactions = new WeakMap<DatabaseConnection, Transaction>()
  const driver: Driver = {
    // Without a write-ahead log, a BEGIN that lost its turn keeps the file locked for those who want to commit.
    init: async () => void (await client.execute('PRAGMA journal_mode = WAL')),
    async acquireConnection() {
      const connection = connectionOf(async ({ sql, parameters }) => {
        const executor = transactions.get(connection) ?? client
        const { rows, rowsAffected } = await executor.execute({ sql, args: parameters as never[] })
        return { rows: rows as never[], numAffectedRows: BigInt(rowsAffected) }
      })
      return connection
    },
    async beginTransaction(connection) {
      transactions.set(connection, await client.transaction('write'))
    },
    commitTransaction: async (connection) => transactions.get(connection)?.commit(),
    rollbackTransaction: async (connection) => transactions.get(connection)?.rollback(),
    async releaseConnection() {},
    destroy: async () => client.close(),
  }
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** PGlite: Postgres with one connection, in this process. */
export function pgliteDialect(): Dialect {
  const database = new PGlite()
  let last: Promise<unknown> = Promise.resolve()
  const releases = new WeakMap<DatabaseConnection, () => void>()
  const driver: Driver = {
    async init() {},
    async acquireConnection() {
      const before = last
      const connection = connectionOf(async ({ sql, parameters }) => {
        const { rows, affectedRows } = await database.query(sql, [...parameters])
        return { rows: rows as never[], numAffectedRows: BigInt(affectedRows ?? 0) }
      })
      last = new Promise<void>((resolve) => releases.set(connection, resolve))
      await before
      return connection
    },
    beginTransaction: async () => void (await database.exec('BEGIN')),
    commitTransaction: async () => void (await database.exec('COMMIT')),
    rollbackTransaction: async () => void (await database.exec('ROLLBACK')),
    async releaseConnection(connection) {
      releases.get(connection)?.()
    },
    destroy: () => database.close(),
  }
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}
