// One database behind Kysely: which kind it is, its tables made once, and transactions that are tried again where the database
// asks for it.

import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkOptions, having, type OptionTable, oneOf, shared } from '@gosend/options'
import { CompiledQuery, type Kysely, type QueryResult } from 'kysely'
import pLimit, { type LimitFunction } from 'p-limit'
import { ApiKeysError } from '../errors.js'
import { type KyselyDialect, type SqlDialect, sqlDialect } from './kysely-dialects.js'

/** Any database of Kysely, whatever tables it knows. */
// biome-ignore lint/suspicious/noExplicitAny: what tables the host has is no matter here, and Kysely is invariant in them.
export type AnyKysely = Kysely<any>

export interface KyselyStoreOptions {
  /** Default: what the dialect of `db` says it is. Name it for a dialect of your own. */
  readonly dialect?: KyselyDialect | undefined
  /** What to do when the tables are missing. Default `once`: make them. `never` is for production, where they are there. */
  readonly initialize?: 'once' | 'never' | undefined
}

export const kyselyOptions: OptionTable<KyselyStoreOptions> = {
  dialect: oneOf('mysql', 'postgres', 'sqlite'),
  initialize: oneOf('once', 'never'),
}

export type Value = string | number | null
export type Row = Readonly<Record<string, unknown>>

/** Statements on one connection. Values stand in the places of `?`, whatever the database calls them. */
export interface Session {
  readonly dialect: SqlDialect
  /** Resolves with the rows that it read. */
  read(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** Resolves with how many rows it changed. */
  write(sql: string, values?: readonly unknown[]): Promise<number>
}

export interface KyselyDatabase {
  /** The same for all that is opened with this instance of Kysely. */
  readonly identity: unknown
  read<Result>(work: (session: Session) => Promise<Result>): Promise<Result>
  /** Commits what `work` has done, unless it resolves with undefined: then nothing has happened. */
  transact<Result>(work: (session: Session) => Promise<Result | undefined>): Promise<Result | undefined>
}

// 2 came with events, outcomes, projects and counters, 3 with addresses, each in tables of its own.
const VERSION = 3

const kysely = having<AnyKysely>(['executeQuery', 'transaction', 'getExecutor'], 'pass an instance of Kysely')

export function openKyselyDatabase(given: AnyKysely, options: KyselyStoreOptions): KyselyDatabase {
  kysely(given, 'db')
  const { dialect, initialize = 'once' } = checkOptions(kyselyOptions, options)
  // Those of the host rename the columns of results.
  const db = given.withoutPlugins()
  const kind = dialect ?? kindOf(db)
  const turns = turnsOf(given)
  let prepared: Promise<SqlDialect> | undefined

  const prepare = () => {
    prepared ??= turns(() => again(() => prepareDatabase(db, kind, initialize))).catch((cause) => {
      prepared = undefined
      throw cause
    })
    return prepared
  }

  return {
    identity: given,
    read: async (work) => work(sessionOf(db, await prepare())),
    async transact(work) {
      const dialect = await prepare()
      const attempt = () => again(() => transaction(db, kind, dialect, work))
      return dialect.writesFirst ? turns(attempt) : attempt()
    },
  }
}

/** Where one writes at a time, those of this process take turns: the database would let most of them try in vain. */
function turnsOf(db: AnyKysely): LimitFunction {
  const turns = turnsByDatabase.get(db) ?? pLimit(1)
  turnsByDatabase.set(db, turns)
  return turns
}

const turnsByDatabase = shared(
  '@gosend/auth-core turns to write by Kysely',
  () => new WeakMap<AnyKysely, LimitFunction>(),
)

async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isTurnLost(error)) throw error
      // By different times, so that the same two do not meet again.
      await sleep(randomInt(0, 5_000 * attempt) / 1_000)
    }
  }
}

const MAX_ATTEMPTS = 20
// A deadlock, a transaction that cannot be serialized, and a file that somebody else writes.
const TURN_LOST = /^(ER_LOCK_DEADLOCK|ER_CHECKREAD|40P01|40001|SQLITE_BUSY(_\w+)?)$/

function isTurnLost(error: unknown): boolean {
  const { code, cause } = Object(error) as { code?: unknown; cause?: unknown }
  return TURN_LOST.test(String(code)) || (cause !== undefined && isTurnLost(cause))
}

class NothingToCommit extends Error {}

async function transaction<Result>(
  db: AnyKysely,
  kind: KyselyDialect,
  dialect: SqlDialect,
  work: (session: Session) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  // Each statement must see what others committed before it; SQLite knows nothing else.
  const begin = kind === 'sqlite' ? db.transaction() : db.transaction().setIsolationLevel('read committed')
  try {
    return await begin.execute(async (connection) => {
      const session = sessionOf(connection, dialect)
      if (dialect.writesFirst) await session.write('UPDATE api_key_schema SET version = version')
      await checkVersion(session)
      const result = await work(session)
      if (result === undefined) throw new NothingToCommit()
      return result
    })
  } catch (error) {
    if (error instanceof NothingToCommit) return undefined
    throw error
  }
}

function sessionOf(connection: Pick<AnyKysely, 'executeQuery'>, dialect: SqlDialect): Session {
  const run = (sql: string, values: readonly unknown[] = []): Promise<QueryResult<unknown>> => {
    let n = 0
    const placed = dialect.lists.place(1) === '?' ? sql : sql.replace(/\?/g, () => dialect.lists.place(++n))
    return connection.executeQuery(CompiledQuery.raw(placed, [...values]))
  }
  return {
    dialect,
    read: async (sql, values) => (await run(sql, values)).rows as readonly Row[],
    write: async (sql, values) => Number((await run(sql, values)).numAffectedRows ?? 0n),
  }
}

function kindOf(db: AnyKysely): KyselyDialect {
  const adapter = db.getExecutor().adapter.constructor
  for (let type: unknown = adapter; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    const [, kind] = /^(Mysql|Postgres|Sqlite)Adapter$/.exec(type.name) ?? []
    if (kind !== undefined) return kind.toLowerCase() as KyselyDialect
  }
  throw new TypeError(
    `dialect: pass mysql, postgres or sqlite, since ${adapter.name} does not say which it is`,
  )
}

async function prepareDatabase(
  db: AnyKysely,
  kind: KyselyDialect,
  initialize: 'once' | 'never',
): Promise<SqlDialect> {
  const dialect = sqlDialect(kind, kind === 'mysql' ? await mysqlCollation(db) : '')
  const session = sessionOf(db, dialect)
  const version = await versionIn(session)
  if (version !== undefined && version >= VERSION) {
    await checkVersion(session)
    return dialect
  }
  if (initialize === 'never') {
    throw unavailable(
      version === undefined
        ? 'the tables are missing; is this the right database? Otherwise pass initialize: "once"'
        : `the tables have version ${version}; bring them to ${VERSION}: open the store once with initialize: "once"`,
    )
  }
  for (const statement of dialect.tables) await session.write(statement).catch(passOverExisting)
  await session
    .write(`INSERT INTO api_key_outbox_sequence (id, last) VALUES (1, 0)${dialect.keepExisting}`)
    .catch(passOverExisting)
  // Last, so that whoever finds it finds all the others.
  await session
    .write(
      `CREATE TABLE IF NOT EXISTS api_key_schema (id INTEGER NOT NULL PRIMARY KEY, version INTEGER NOT NULL)`,
    )
    .catch(passOverExisting)
  await session
    .write(`INSERT INTO api_key_schema (id, version) VALUES (1, ${VERSION})${dialect.keepExisting}`)
    .catch(passOverExisting)
  // What an earlier release made has got the tables that it lacked.
  await session.write(`UPDATE api_key_schema SET version = ${VERSION} WHERE version < ${VERSION}`)
  await checkVersion(session)
  return dialect
}

// Another process makes the same at the same time.
function passOverExisting(error: unknown): void {
  const { code } = Object(error) as { code?: unknown }
  const existing = ['ER_DUP_ENTRY', 'ER_TABLE_EXISTS_ERROR', '42P07', '23505', '42710']
  if (!existing.includes(String(code))) throw error
}

/** Undefined where there are no tables yet. */
async function versionIn(session: Session): Promise<number | undefined> {
  try {
    const [row] = await session.read('SELECT version FROM api_key_schema')
    return row && Number(row.version)
  } catch (error) {
    const { code, message } = Object(error) as { code?: unknown; message?: unknown }
    const isMissing = code === 'ER_NO_SUCH_TABLE' || code === '42P01' || /no such table/.test(String(message))
    if (isMissing) return undefined
    throw error
  }
}

async function checkVersion(session: Session): Promise<void> {
  const [row] = await session.read('SELECT version FROM api_key_schema')
  const version = Number(row?.version)
  if (version <= VERSION) return
  throw unavailable(
    row === undefined
      ? 'api_key_schema is empty; restore it from a backup'
      : `the tables have version ${version}, made by a newer release; upgrade @gosend/auth-core`,
  )
}

/**
 * The collation in which texts are equal only when they are the same.
 * @throws ApiKeysError when the server would cut values short, or is too old to read lists.
 */
async function mysqlCollation(db: AnyKysely): Promise<string> {
  const { rows } = await db.executeQuery(
    CompiledQuery.raw('SELECT version() AS version, @@sql_mode AS mode', []),
  )
  const { version, mode } = rows[0] as { version: string; mode: string }
  if (!/STRICT_(TRANS|ALL)_TABLES/.test(mode) || /NO_BACKSLASH_ESCAPES/.test(mode)) {
    throw unavailable('sql_mode must have STRICT_TRANS_TABLES and not NO_BACKSLASH_ESCAPES')
  }
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (/mariadb/i.test(version)) {
    if (major > 10 || (major === 10 && minor >= 6)) return 'utf8mb4_nopad_bin'
  } else if (major >= 8) return 'utf8mb4_0900_bin'
  throw unavailable(`${version} is too old; MySQL 8 or MariaDB 10.6 is needed`)
}

const unavailable = (message: string) => new ApiKeysError('store_unavailable', message)
