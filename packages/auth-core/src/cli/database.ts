// From `--db` or `--database-url` to an open store. Drivers are loaded when they are needed: the package brings none.

import { existsSync } from 'node:fs'
import { ApiKeysError } from '../errors.js'
import type { ApiKeyStore } from '../store.js'
import { type SqliteDriver, sqliteStore } from '../stores/sqlite.js'
import { type Flags, UsageError } from './flags.js'

export interface OpenDatabase {
  /** What messages call it: holds no password. */
  readonly name: string
  readonly store: ApiKeyStore
  projects(): Promise<readonly string[]>
  close(): Promise<void>
}

/** Where the keys are, according to the flags and the environment. */
export type Location = { readonly file: string } | { readonly url: string }

export function locationOf(flags: Flags): Location {
  const { db, 'database-url': given } = flags
  if (db !== undefined && given !== undefined) throw new UsageError('give --db or --database-url, not both')
  if (db !== undefined) return { file: db }
  const url = given ?? process.env.DATABASE_URL
  if (url === undefined || url === '') {
    throw new UsageError('which database? --db FILE, --database-url URL, or the variable DATABASE_URL')
  }
  if (!/^postgres(?:ql)?:\/\//.test(url)) throw new UsageError('--database-url: must begin with postgres://')
  return { url }
}

/** @param create whether a database without tables gets them; otherwise it is refused, as a mistyped path should be. */
export async function openDatabase(flags: Flags, create: boolean): Promise<OpenDatabase> {
  const location = locationOf(flags)
  if ('url' in location) throw new UsageError('--database-url: not supported yet')
  return openFile(location.file, create)
}

async function openFile(file: string, create: boolean): Promise<OpenDatabase> {
  if (!create && !existsSync(file)) {
    throw new ApiKeysError(
      'store_unavailable',
      `${file} does not exist; gosend-keys migrate --db ${file} creates it`,
    )
  }
  const driver = await openSqlite(file, false)
  try {
    const store = sqliteStore(driver, { initialize: create ? 'once' : 'never' })
    const projects = driver.prepare(PROJECTS)
    return {
      name: file,
      store,
      projects: async () => (projects.all() as { project_id: string }[]).map((row) => row.project_id),
      close: async () => driver.close(),
    }
  } catch (error) {
    driver.close()
    throw error
  }
}

const PROJECTS = 'SELECT DISTINCT project_id FROM api_keys ORDER BY project_id'

export interface SqliteConnection extends SqliteDriver {
  close(): void
}

type Connect = (file: string, isReadOnly: boolean) => SqliteConnection

// In the order of preference. The one that comes with Node is newer than Node 20.
const drivers: readonly { readonly name: string; connectWith(module: never): Connect }[] = [
  {
    name: 'better-sqlite3',
    connectWith:
      ({
        default: Database,
      }: {
        default: new (file: string, options: object) => SqliteConnection
      }): Connect =>
      (file, isReadOnly) =>
        new Database(file, { readonly: isReadOnly }),
  },
  {
    name: 'node:sqlite',
    connectWith:
      ({
        DatabaseSync,
      }: {
        DatabaseSync: new (file: string, options: object) => SqliteConnection
      }): Connect =>
      (file, isReadOnly) =>
        new DatabaseSync(file, { readOnly: isReadOnly }),
  },
]

export async function openSqlite(file: string, isReadOnly: boolean): Promise<SqliteConnection> {
  for (const { name, connectWith } of drivers) {
    let module: unknown
    try {
      module = await import(name)
    } catch {
      continue
    }
    try {
      return connectWith(module as never)(file, isReadOnly)
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause)
      throw new ApiKeysError('store_unavailable', `${file} cannot be opened: ${problem}`, { cause })
    }
  }
  throw new ApiKeysError('store_unavailable', 'there is no SQLite driver here: npm install better-sqlite3')
}
