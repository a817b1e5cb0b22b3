// Keys in a Postgres database, shared by any number of processes on any number of machines: the port, put into SQL.

import { checkOptions, having, matching, type OptionTable, object, oneOf, wholeNumber } from '@gosend/options'
import { deepFreeze } from '../frozen.js'
import type { ApiKeyStore, DailyUse, KeyEvent, StoredKey } from '../store.js'
import { columns, encode, type Field, fields } from './columns.js'
import { waitForCaches } from './postgres-barrier.js'
import { createPostgresCache } from './postgres-cache.js'
import { openChannel } from './postgres-channel.js'
import {
  createConnections,
  type PostgresClient,
  type PostgresPool,
  type PostgresQuery,
  type PostgresResult,
  type Session,
} from './postgres-connections.js'
import { createReads } from './postgres-reads.js'
import { checkVersion, createPrepare, postgresNames } from './postgres-schema.js'

export type { PostgresClient, PostgresPool, PostgresQuery, PostgresResult }

export interface PostgresStoreOptions {
  /** The schema that the tables are in: 1 to 24 of a-z, 0-9 and _. Default `api_keys`. */
  readonly schema?: string | undefined
  /**
   * What to do when the tables are missing. Default `once`: make them. `never` is for production, where a database
   * without them is the wrong one.
   */
  readonly initialize?: 'once' | 'never' | undefined
  /** How long one call may take, the wait for a connection included, in milliseconds. Default 1,000. */
  readonly timeoutMs?: number | undefined
  /** Keep rows in memory. Default false: every verification reads the database. */
  readonly cache?: boolean | PostgresCacheSettings | undefined
}

export interface PostgresCacheSettings {
  /**
   * Longest time, in milliseconds, that this process goes on answering from memory when it cannot hear of changes:
   * cut off, or stopped. 50 to half of `timeoutMs`; default 500. A change is acknowledged once every cache has heard of
   * it, so this is also how long a change waits at the most for one that does not answer.
   */
  readonly maxStalenessMs?: number | undefined
  /** How many keys to keep, one with more than 2 KiB of metadata counting as several. Default 10,000. */
  readonly maxKeys?: number | undefined
}

export interface PostgresStore extends ApiKeyStore {
  /** Ends the cache and gives its connection back. Call it before the pool is ended. Nothing to do without a cache. */
  close(): Promise<void>
}

const optionTable: OptionTable<PostgresStoreOptions> = {
  schema: matching(
    /^[a-z_][a-z0-9_]{0,23}$/,
    'must be 1 to 24 of a-z, 0-9 and _, not beginning with a digit',
  ),
  initialize: oneOf('once', 'never'),
  timeoutMs: wholeNumber(100, 60_000),
  cache: (value, path) => (typeof value === 'boolean' ? value : cacheSettings(value, path)),
}

const cacheSettings = object<PostgresCacheSettings>({
  maxStalenessMs: wholeNumber(50),
  maxKeys: wholeNumber(1, 10_000_000),
})

const postgresPool = having<PostgresPool>(['connect'], 'pass a pool of connections, e.g. new Pool() of pg')

// Reads go together in one statement; more statements than this at once only make each of them smaller.
const MAXIMUM_READS_UNDER_WAY = 4

/**
 * Keys in a Postgres database (12 or later), in a schema of their own, made on the first call. Every read goes to the
 * primary: a connection to a read replica is refused. Whatever goes wrong is an error within `timeoutMs`, and over with
 * the first call after Postgres is back.
 *
 * With `cache`, rows are kept in memory, and a key that this process has seen is found without asking Postgres. A change
 * through any store is acknowledged when no cache gives out the row of before; one by hand, in SQL, is heard of within
 * milliseconds, and never later than `maxStalenessMs`. The cache takes one connection of the pool for itself, and needs
 * it to last: through a pooler, in session mode only.
 *
 * @example
 * const store = postgresStore(new pg.Pool({ connectionString }), { cache: true })
 *
 * @param pool `Pool` of pg, or anything with its `connect`.
 * @throws TypeError when an argument is wrong.
 */
export function postgresStore(pool: PostgresPool, options: PostgresStoreOptions = {}): PostgresStore {
  postgresPool(pool, 'pool')
  const {
    schema = 'api_keys',
    initialize = 'once',
    timeoutMs = 1_000,
    cache: settings = false,
  } = checkOptions(optionTable, options)
  if (settings !== false && pool.options?.max === 1) {
    throw new TypeError('pool: the cache takes one connection for itself; allow two or more')
  }
  const names = postgresNames(schema)
  const connections = createConnections(pool, timeoutMs)
  const prepare = createPrepare(connections, names, initialize === 'once')
  const { cache, close } = openCache()
  const sql = statements(names.schema)

  const use = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    await prepare()
    return connections.use(work)
  }

  /** Runs `work` in one transaction, which is committed when it gives true. */
  const transact = async (session: Session, work: () => Promise<boolean>, setting = ''): Promise<boolean> => {
    await session.query(
      `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = ${timeoutMs}; ${setting}`,
    )
    const done = await work()
    await session.query(done ? 'COMMIT' : 'ROLLBACK')
    return done
  }

  const read = createReads(async (ids) => {
    const fill = cache?.beginFill(ids)
    try {
      const found = await use(async (session) => {
        const { rows } = await session.query(sql.byIds, [ids], names.statement('by_ids'))
        const decoded = rows.map((row) => deepFreeze(decode(row)))
        fill?.keep(session.server, decoded)
        return decoded
      })
      return new Map(found.map((row) => [row.id, row]))
    } finally {
      fill?.end()
    }
  }, MAXIMUM_READS_UNDER_WAY)

  return {
    find(id) {
      const kept = cache?.get(id)
      if (kept !== undefined) return kept
      return isText(id) ? read(id) : undefined
    },

    list: (projectId) =>
      use(async (session) => {
        if (!isText(projectId)) return []
        const { rows } = await session.query(sql.ofProject, [projectId], names.statement('of_project'))
        return rows.map(decode)
      }),

    commit: (rows, events = []) =>
      use(async (session) => {
        const write = async (row: StoredKey) => {
          const values = fields.map((field) => encode(row[field]))
          const { rowCount } =
            row.version === 1
              ? await session.query(sql.insert, values, names.statement('insert'))
              : await session.query(sql.replace, [...values, row.version - 1], names.statement('replace'))
          return rowCount === 1
        }
        const won = await transact(
          session,
          async () => {
            await checkVersion(session, names)
            // Always in the order of ids, so that of two that change the same rows neither waits for the other.
            for (const row of rows.toSorted(byId)) if (!(await write(row))) return false
            if (events.length > 0) await session.query(sql.append, [JSON.stringify(events.map(eventRow))])
            return true
          },
          sql.durably,
        )
        // Also when it lost: then what is kept is what it lost by.
        for (const { id } of rows) cache?.forget(id)
        if (won && rows.some(({ version }) => version > 1)) await waitForCaches(session, names)
        return won
      }),

    history: (projectId, keyId, limit) =>
      use(async (session) => {
        if (!isText(projectId) || !isText(keyId ?? '')) return []
        const { rows } = await session.query(sql.happened, [projectId, keyId, limit])
        return (rows as EventRow[]).map(([at, projectId, keyId, action, actor, details]): KeyEvent => {
          return { at: Number(at), projectId, keyId, action, actor, details: JSON.parse(details) }
        })
      }),

    recordUses: (uses, batch) =>
      use(async (session) => {
        if (uses.length === 0) return
        let touched: unknown[] = []
        await transact(
          session,
          async () => {
            if (batch !== undefined && (await session.query(sql.name, [batch])).rowCount === 0) return false
            const ids = uses.map(({ id }) => id)
            await session.query(sql.lock, [ids])
            ;({ rows: touched } = await session.query(sql.touch, [ids, uses.map(({ at }) => at)]))
            const known = new Set((touched as [string][]).map(([id]) => id))
            const counts = uses
              .filter(({ id }) => known.has(id))
              .flatMap(({ id, days }) => [...days].map(([day, count]) => ({ id, day, count })))
            await session.query(sql.count, [
              counts.map(({ id }) => id),
              counts.map(({ day }) => day),
              counts.map(({ count }) => count),
            ])
            return true
          },
          // A crash of the server may lose the last few milliseconds of uses, as one of this process may lose more.
          'SET LOCAL synchronous_commit = off',
        )
        for (const [id, at] of touched as [string, unknown][]) cache?.touch(id, Number(at))
      }),

    usage: (projectId, fromDay, toDay) =>
      use(async (session) => {
        if (!isText(projectId)) return []
        const { rows } = await session.query(sql.used, [projectId, fromDay, toDay])
        return (rows as [string, string, unknown][]).map(([keyId, day, count]): DailyUse => {
          return { keyId, day, count: Number(count) }
        })
      }),

    close,
  }

  function openCache() {
    if (settings === false) return { cache: undefined, close: async () => undefined }
    const { maxStalenessMs: staleness = 500, maxKeys = 10_000 } = settings === true ? {} : settings
    const maxStalenessMs = wholeNumber(50, timeoutMs / 2)(staleness, 'cache.maxStalenessMs')
    const cache = createPostgresCache({
      maxStalenessMs,
      maxKeys,
    })
    const channel = openChannel({ cache, connections, names, prepare, maxStalenessMs })
    return { cache, close: channel.close }
  }
}

function statements(schema: string) {
  const names = Object.values(columns).join(', ')
  const places = fields.map((_, i) => `$${i + 1}`).join(', ')
  return {
    byIds: `SELECT ${names}, last_used_at FROM ${schema}.keys WHERE id = ANY($1)`,
    ofProject: `SELECT ${names}, last_used_at FROM ${schema}.keys WHERE project_id = $1 ORDER BY created_at DESC, id`,
    insert: `INSERT INTO ${schema}.keys (${names}) VALUES (${places}) ON CONFLICT (id) DO NOTHING`,
    replace: `UPDATE ${schema}.keys SET (${names}) = (${places}) WHERE id = $1 AND version = $${fields.length + 1}`,
    append: `INSERT INTO ${schema}.events (at, project_id, key_id, action, actor, details)
      SELECT (event->>0)::bigint, event->>1, event->>2, event->>3, event->>4, event->>5
      FROM json_array_elements($1) WITH ORDINALITY AS list(event, place) ORDER BY place`,
    happened: `SELECT at, project_id, key_id, action, actor, details FROM ${schema}.events
      WHERE project_id = $1 AND ($2::text IS NULL OR key_id = $2) ORDER BY id DESC LIMIT $3`,
    // Whoever asks again has waited for an answer, not for a day.
    name: `WITH old AS (DELETE FROM ${schema}.batches_of_uses WHERE at < now() - interval '1 day')
      INSERT INTO ${schema}.batches_of_uses (name) VALUES ($1) ON CONFLICT (name) DO NOTHING`,
    lock: `SELECT FROM ${schema}.keys WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`,
    touch: `UPDATE ${schema}.keys SET last_used_at = greatest(last_used_at, used.at)
      FROM unnest($1::text[], $2::bigint[]) AS used(id, at) WHERE keys.id = used.id
      RETURNING keys.id, last_used_at`,
    count: `INSERT INTO ${schema}.uses AS counted (key_id, day, count)
      SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
      ON CONFLICT (key_id, day) DO UPDATE SET count = counted.count + excluded.count`,
    used: `SELECT key_id, day, count FROM ${schema}.uses JOIN ${schema}.keys ON key_id = keys.id
      WHERE project_id = $1 AND day BETWEEN $2 AND $3 ORDER BY day, key_id`,
    // What was acknowledged must survive a crash of the server, even where the host has chosen otherwise for itself.
    durably: `SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`,
  }
}

type Row = { readonly [F in Field]: unknown } & { readonly lastUsedAt: unknown }

type EventRow = [
  at: unknown,
  projectId: string,
  keyId: string,
  action: KeyEvent['action'],
  actor: string | null,
  details: string,
]

function decode(cells: unknown): StoredKey {
  const values = cells as unknown[]
  const row = Object.fromEntries([...fields, 'lastUsedAt'].map((field, i) => [field, values[i]])) as Row
  return {
    id: row.id as string,
    projectId: row.projectId as string,
    environment: row.environment as string,
    start: row.start as string | null,
    label: row.label as string,
    hash: row.hash as string,
    tag: row.tag as string,
    createdAt: Number(row.createdAt),
    lastUsedAt: numberOrNull(row.lastUsedAt),
    expiresAt: numberOrNull(row.expiresAt),
    revokedAt: numberOrNull(row.revokedAt),
    rotatedFrom: row.rotatedFrom as string | null,
    replacedBy: row.replacedBy as string | null,
    scopes: JSON.parse(row.scopes as string),
    allowedIps: row.allowedIps === null ? null : JSON.parse(row.allowedIps as string),
    metadata: JSON.parse(row.metadata as string),
    fingerprint: row.fingerprint as string | null,
    version: Number(row.version),
  }
}

// bigint comes as text, unless the host has told its driver otherwise.
function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value)
}

function eventRow({ at, projectId, keyId, action, actor, details }: KeyEvent) {
  return [at, projectId, keyId, action, actor, JSON.stringify(details)]
}

const byId = (a: StoredKey, b: StoredKey) => (a.id < b.id ? -1 : 1)

// Postgres has no text with a NUL in it, and would mistake half a surrogate pair for another character.
function isText(value: string): boolean {
  return !/[\0\p{Cs}]/u.test(value)
}
