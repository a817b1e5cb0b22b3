// The databases that Kysely is tested on: one of each, emptied for every test, since making tables takes longer than most tests.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { CamelCasePlugin, type Dialect, Kysely, MysqlDialect, SqliteDialect, sql } from 'kysely'
import { createPool } from 'mysql2'
import { kyselyTables } from '../../src/stores/kysely-dialects.js'
import { libsqlDialect, pgliteDialect } from './kysely-dialects.js'
import { hasMariadb, type Mariadb, startMariadb } from './mariadb.js'

export type AnyDatabase = Kysely<unknown>

export interface KyselyDatabases {
  /** A database without tables. */
  fresh(): Promise<AnyDatabase>
  /** The same one each time, whose tables are empty. */
  emptied(): Promise<AnyDatabase>
}

const opened: AnyDatabase[] = []
const folder = mkdtempSync(join(tmpdir(), 'kysely-'))
let files = 0
const newFile = () => join(folder, `${files++}.db`)

export const open = (dialect: Dialect): AnyDatabase => {
  const db: AnyDatabase = new Kysely({ dialect, plugins: [new CamelCasePlugin()] })
  opened.push(db)
  return db
}

let mariadb: Promise<Mariadb> | undefined
export async function openMariadb(): Promise<AnyDatabase> {
  mariadb ??= startMariadb()
  const { socketPath, newDatabase } = await mariadb
  const pool = createPool({ socketPath, user: 'root', database: await newDatabase(), connectionLimit: 10 })
  return open(new MysqlDialect({ pool }))
}

export async function closeDatabases(): Promise<void> {
  await Promise.all(opened.map((db) => db.destroy()))
  await (await mariadb)?.stop()
  rmSync(folder, { recursive: true })
}

async function empty(db: AnyDatabase): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const table of kyselyTables.filter((name) => name !== 'api_key_outbox_sequence'))
      await sql.raw(`DELETE FROM ${table}`).execute(transaction)
  })
}

function openFile(): AnyDatabase {
  const database = new Database(newFile())
  // What a crash of the machine leaves is for the tests of sqliteStore.
  database.pragma('synchronous = OFF')
  return open(new SqliteDialect({ database }))
}

let pglite: AnyDatabase | undefined
/** There is one, since it takes longer to start than all of its tests. */
async function openPglite(): Promise<AnyDatabase> {
  pglite ??= open(pgliteDialect())
  await sql.raw(`DROP TABLE IF EXISTS ${[...kyselyTables, 'api_key_schema'].join(', ')}`).execute(pglite)
  return pglite
}

function databasesOf(fresh: KyselyDatabases['fresh']): KyselyDatabases {
  let shared: AnyDatabase | undefined
  return {
    async fresh() {
      const db = await fresh()
      if (db === shared) shared = undefined
      return db
    },
    async emptied() {
      if (shared !== undefined) await empty(shared)
      else shared = await fresh()
      return shared
    },
  }
}

export const kyselyDatabases: Readonly<Record<string, KyselyDatabases>> = {
  'better-sqlite3': databasesOf(async () => openFile()),
  libSQL: databasesOf(async () => open(libsqlDialect(`file:${newFile()}`))),
  PGlite: databasesOf(openPglite),
  ...(hasMariadb && { MariaDB: databasesOf(openMariadb) }),
}
