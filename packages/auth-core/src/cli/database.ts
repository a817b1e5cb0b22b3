// From `--db` or `--database-url` to an open store. Drivers are loaded when they are needed: the package brings none.

import { existsSync } from 'node:fs'
import { ApiKeysError } from '../errors.js'
import { postgresLimitStore } from '../limits/postgres.js'
import type { LimitStore } from '../limits/store.js'
import type { ApiKeyStore } from '../store.js'
import { postgresStore } from '../stores/postgres.js'
import { makeCacheTables } from '../stores/postgres-cache-tables.js'
import { diagnosePostgres, type PostgresDiagnosis } from '../stores/postgres-diagnosis.js'
import { openSqlite, sqliteStore } from '../stores/sqlite.js'
import { sqliteLimitStore } from '../stores/sqlite-limits.js'
import { type Flags, UsageError } from './flags.js'
import type { Terminal } from './terminal.js'

export interface OpenDatabase {
  readonly product: 'SQLite' | Server
  /** What messages call it: holds no password. */
  readonly name: string
  readonly store: ApiKeyStore
  projects(): Promise<readonly string[]>
  /** Where requests are counted. Rejects when there are no counts in this database. */
  limits(table?: string): Promise<LimitStore>
  /** What can be said of the way to it, where there is one. */
  diagnose?(): Promise<PostgresDiagnosis>
  close(): Promise<void>
}

type Server = 'PostgreSQL' | 'MySQL'

interface ServerLocation {
  readonly server: Server
  readonly url: string
  readonly name: string
}

/** Where the keys are, according to the flags and the environment. */
export type Location = { readonly file: string } | ServerLocation

const servers: Readonly<Record<string, Server>> = {
  postgres: 'PostgreSQL',
  postgresql: 'PostgreSQL',
  mysql: 'MySQL',
  mariadb: 'MySQL',
}

export function locationOf(flags: Flags, { env }: Terminal): Location {
  const { db, 'database-url': given } = flags
  if (db !== undefined && given !== undefined) throw new UsageError('give --db or --database-url, not both')
  if (db !== undefined) {
    if (db === '' || db === ':memory:') throw new UsageError('--db: must be a file')
    if (flags.schema !== undefined) throw new UsageError('--schema: a SQLite file has none')
    return { file: db }
  }
  const url = given ?? env.DATABASE_URL
  if (url === undefined || url === '') {
    throw new UsageError('which database? --db FILE, --database-url URL, or the variable DATABASE_URL')
  }
  return serverAt(url, flags)
}

function serverAt(url: string, { schema }: Flags): ServerLocation {
  const server = servers[/^([a-z]+):\/\//.exec(url)?.[1] ?? '']
  if (server === undefined || !URL.canParse(url)) {
    throw new UsageError('--database-url: must be like postgres://user:password@host/database, or mysql://…')
  }
  if (schema !== undefined && server === 'MySQL') {
    throw new UsageError('--schema: MySQL has none; the address names the database')
  }
  const { host, pathname } = new URL(url)
  return { server, url, name: host + pathname }
}

/** @param create whether a database without tables gets them; otherwise it is refused, as a mistyped path should be. */
export async function openDatabase(flags: Flags, terminal: Terminal, create: boolean): Promise<OpenDatabase> {
  const location = locationOf(flags, terminal)
  if ('server' in location && location.server === 'PostgreSQL') return openPostgres(location, flags, create)
  if (flags.cache) throw new UsageError('--cache: only PostgreSQL needs tables for caches')
  if ('server' in location) return openMysql(location, create)
  return openFile(location.file, create)
}

async function openPostgres(
  { server: product, url, name }: ServerLocation,
  { schema = 'api_keys', cache = false }: Flags,
  create: boolean,
): Promise<OpenDatabase> {
  const { default: pg } = await loadPostgres()
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
    product,
    name,
    store,
    async projects() {
      const { rows } = await pool.query(
        `SELECT DISTINCT project_id FROM ${schema}.keys WHERE erased_at IS NULL ORDER BY 1`,
      )
      return rows.map((row) => row.project_id)
    },
    async limits(table = LIMITS_TABLE) {
      const { rows } = await pool.query('SELECT to_regclass($1) AS found', [table])
      if (rows[0]?.found === null) throw noLimits(name, table)
      return postgresLimitStore(pool, { table, initialize: 'never' })
    },
    diagnose: () => diagnosePostgres(store),
    close,
  }
}

async function openMysql(
  { server: product, url, name }: ServerLocation,
  create: boolean,
): Promise<OpenDatabase> {
  const { Kysely, MysqlDialect, createPool, kyselyStore, kyselyLimitStore } = await loadMysql()
  const pool = createPool({
    uri: url.replace(/^mariadb:/, 'mysql:'),
    connectionLimit: 4,
    connectTimeout: ANSWER_MS,
  })
  const db = new Kysely<{
    api_keys: { project_id: string; erased_at: number | null }
    api_key_counters: { name: string }
  }>({
    dialect: new MysqlDialect({ pool }),
  })
  const options = { initialize: create ? 'once' : 'never' } as const
  const store = kyselyStore(db, options)
  const close = () => db.destroy()
  try {
    await store.find('')
  } catch (error) {
    await close()
    throw new ApiKeysError('store_unavailable', `${name} cannot be used`, { cause: error })
  }
  return {
    product,
    name,
    store,
    async projects() {
      const rows = await db
        .selectFrom('api_keys')
        .select('project_id')
        .distinct()
        .where('erased_at', 'is', null)
        .orderBy('project_id')
        .execute()
      return rows.map((row) => row.project_id)
    },
    async limits(table) {
      if (table !== undefined)
        throw new UsageError('--limits-table: in MySQL, counts are in api_key_counters')
      const counters = await db.selectFrom('api_key_counters').select('name').limit(1).execute()
      if (counters.length === 0) throw noLimits(name, 'api_key_counters with counts in it')
      return kyselyLimitStore(db, options)
    },
    close,
  }
}

/** How long a database may take: nobody's request waits for this command. */
export const ANSWER_MS = 15_000

async function openFile(file: string, create: boolean): Promise<OpenDatabase> {
  if (!create && !existsSync(file)) {
    throw noFile(file)
  }
  const driver = openSqlite(file)
  try {
    const store = sqliteStore(driver, { initialize: create ? 'once' : 'never' })
    const projects = driver.prepare(PROJECTS)
    return {
      product: 'SQLite',
      name: file,
      store,
      projects: async () => (projects.all() as { project_id: string }[]).map((row) => row.project_id),
      async limits(table = LIMITS_TABLE) {
        const found = driver.prepare(`SELECT count(*) AS found FROM sqlite_master WHERE name = ?`).all(table)
        if ((found as { found: number }[])[0]?.found === 0) throw noLimits(file, table)
        return sqliteLimitStore(driver, { table })
      },
      close: async () => driver.close(),
    }
  } catch (error) {
    driver.close()
    throw error
  }
}

const LIMITS_TABLE = 'api_key_limits'

function noLimits(name: string, table: string): UsageError {
  return new UsageError(
    `${name} has no table ${table}: nothing is counted there; --limits-table names another, and counts in Redis are topped up by the app`,
  )
}

export function noFile(file: string): ApiKeysError {
  return new ApiKeysError(
    'store_unavailable',
    `${file} does not exist; gosend-keys migrate --db ${file} creates it`,
  )
}

const PROJECTS = 'SELECT DISTINCT project_id FROM api_keys WHERE erased_at IS NULL ORDER BY project_id'

async function loadPostgres(): Promise<typeof import('pg')> {
  try {
    return await import('pg')
  } catch (cause) {
    throw new ApiKeysError('store_unavailable', 'pg is not installed: npm install pg', { cause })
  }
}

async function loadMysql() {
  try {
    const [{ Kysely, MysqlDialect }, { createPool }] = await Promise.all([import('kysely'), import('mysql2')])
    const [{ kyselyStore }, { kyselyLimitStore }] = await Promise.all([
      import('../stores/kysely.js'),
      import('../stores/kysely-limits.js'),
    ])
    return { Kysely, MysqlDialect, createPool, kyselyStore, kyselyLimitStore }
  } catch (cause) {
    throw new ApiKeysError('store_unavailable', 'MySQL needs two packages: npm install kysely mysql2', {
      cause,
    })
  }
}
