// From `--db` or `--database-url` to an open store. Drivers are loaded when they are needed: the package brings none.

import { existsSync } from 'node:fs'
import { ApiKeysError } from '../errors.js'
import type { ApiKeyStore } from '../store.js'
import { postgresStore } from '../stores/postgres.js'
import { makeCacheTables } from '../stores/postgres-cache-tables.js'
import { diagnosePostgres, type PostgresDiagnosis } from '../stores/postgres-diagnosis.js'
import { type SqliteDriver, sqliteStore } from '../stores/sqlite.js'
import { type Flags, UsageError } from './flags.js'

export interface OpenDatabase {
  /** What messages call it: holds no password. */
  readonly name: string
  readonly store: ApiKeyStore
  projects(): Promise<readonly string[]>
  /** What can be said of the way to it, where there is one. */
  diagnose?(): Promise<PostgresDiagnosis>
  close(): Promise<void>
}

/** Where the keys are, according to the flags and the environment. */
export type Location = { readonly file: string } | { readonly url: string; readonly name: string }

export function locationOf(flags: Flags): Location {
  const { db, 'database-url': given } = flags
  if (db !== undefined && given !== undefined) throw new UsageError('give --db or --database-url, not both')
  if (db !== undefined) {
    if (db === '' || db === ':memory:') throw new UsageError('--db: must be a file')
    if (flags.schema !== undefined) throw new UsageError('--schema: a SQLite file has none')
    return { file: db }
  }
  const url = given ?? process.env.DATABASE_URL
  if (url === undefined || url === '') {
    throw new UsageError('which database? --db FILE, --database-url URL, or the variable DATABASE_URL')
  }
  if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError('--database-url: must be like postgres://user:password@host/database')
  }
  const { host, pathname } = new URL(url)
  return { url, name: host + pathname }
}

/** @param create whether a database without tables gets them; otherwise it is refused, as a mistyped path should be. */
export async function openDatabase(flags: Flags, create: boolean): Promise<OpenDatabase> {
  const location = locationOf(flags)
  if ('url' in location) return openPostgres(location, flags, create)
  if (flags.cache) throw new UsageError('--cache: only PostgreSQL needs tables for caches')
  return openFile(location.file, create)
}

async function openPostgres(
  { url, name }: { readonly url: string; readonly name: string },
  { schema = 'api_keys', cache = false }: Flags,
  create: boolean,
): Promise<OpenDatabase> {
  const { default: pg } = await load<typeof import('pg')>('pg')
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: ANSWER_MS })
  // A connection that breaks while nobody uses it is replaced; without a listener it would end the process.
  pool.on('error', () => {})
  const store = postgresStore(pool, { schema, initialize: create ? 'once' : 'never', timeoutMs: ANSWER_MS })
  const close = () => pool.end()
  try {
    // Asks the store first, which says what is wrong with a database better than Postgres does.
    await store.find('')
    if (cache) await makeCacheTables(store)
  } catch (error) {
    await close()
    throw new ApiKeysError('store_unavailable', `${name} cannot be used`, { cause: error })
  }
  return {
    name,
    store,
    async projects() {
      const { rows } = await pool.query(`SELECT DISTINCT project_id FROM ${schema}.keys ORDER BY 1`)
      return rows.map((row) => row.project_id)
    },
    diagnose: () => diagnosePostgres(store),
    close,
  }
}

/** How long a database may take: nobody's request waits for this command. */
export const ANSWER_MS = 15_000

async function openFile(file: string, create: boolean): Promise<OpenDatabase> {
  if (!create && !existsSync(file)) {
    throw noFile(file)
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

export function noFile(file: string): ApiKeysError {
  return new ApiKeysError(
    'store_unavailable',
    `${file} does not exist; gosend-keys migrate --db ${file} creates it`,
  )
}

const PROJECTS = 'SELECT DISTINCT project_id FROM api_keys ORDER BY project_id'

export interface SqliteConnection extends SqliteDriver {
  close(): void
}

type Connect = new (file: string, options: object) => SqliteConnection

// In the order of preference. The one that comes with Node is newer than Node 20.
const drivers: Readonly<
  Record<string, (module: never, file: string, isReadOnly: boolean) => SqliteConnection>
> = {
  'better-sqlite3': ({ default: Database }: { default: Connect }, file, isReadOnly) =>
    new Database(file, { readonly: isReadOnly }),
  'node:sqlite': ({ DatabaseSync }: { DatabaseSync: Connect }, file, isReadOnly) =>
    new DatabaseSync(file, { readOnly: isReadOnly }),
}

export async function openSqlite(file: string, isReadOnly: boolean): Promise<SqliteConnection> {
  for (const [name, connect] of Object.entries(drivers)) {
    const module: unknown = await import(name).catch(() => undefined)
    if (module === undefined) continue
    try {
      return connect(module as never, file, isReadOnly)
    } catch (cause) {
      // Built for another release of Node: as good as not installed.
      if ((cause as NodeJS.ErrnoException).code === 'ERR_DLOPEN_FAILED') continue
      throw new ApiKeysError('store_unavailable', `${file} cannot be opened`, { cause })
    }
  }
  throw missing('better-sqlite3')
}

async function load<T>(driver: string): Promise<T> {
  try {
    return await import(driver)
  } catch {
    throw missing(driver)
  }
}

function missing(driver: string): ApiKeysError {
  return new ApiKeysError(
    'store_unavailable',
    `there is no driver for this database here: npm install ${driver}`,
  )
}
