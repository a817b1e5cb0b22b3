// Keys in a Postgres database, shared by any number of processes on any number of machines: the port, put into SQL.

import { steadyClock } from '../clocks.js'
import { deepFreeze } from '../frozen.js'
import type { ApiKeyStore, DailyUse, ErasedRows, KeyEvent, KeyLimit, KeyQuery, StoredKey } from '../store.js'
import { createReads } from './batched-reads.js'
import { decode, erasedColumns, erasedValues, readColumns, valuesOf, writtenColumns } from './columns.js'
import { ACTIVE_OF_PROJECT, type Dialect, pageStatement, totalStatement } from './key-lists.js'
import { createBarrier } from './postgres-barrier.js'
import { CHANGE_SETTING } from './postgres-cache-tables.js'
import {
  type PostgresClient,
  type PostgresPool,
  type PostgresQuery,
  type PostgresResult,
  prepared,
  type Session,
} from './postgres-connections.js'
import {
  DURABLY,
  isText,
  openPostgresDatabase,
  type PostgresDatabase,
  type PostgresStoreOptions,
} from './postgres-database.js'
import { createOutgoing, postgresOutbox, stripping } from './postgres-outbox.js'
import { forgetting, postgresOutcomes } from './postgres-outcomes.js'
import { type Change, type Erasure, type PostgresParts, withParts } from './postgres-parts.js'
import { createVersionCheck, lockOf } from './postgres-schema.js'

export { type PostgresProjects, postgresProjects } from './postgres-projects.js'
export type { PostgresClient, PostgresPool, PostgresQuery, PostgresResult, PostgresStoreOptions }

// Reads go together in one statement; more statements than this at once only make each of them smaller.
const MAX_READS = 4

/**
 * Keys in a Postgres database (12 or later), in a schema of their own, made on the first call. Every read goes to the
 * primary: a read replica is refused. Whatever goes wrong is an error within `timeoutMs`, and over with the first call
 * after Postgres is back. A pooler may stand in between that pools sessions or transactions.
 *
 * Every verification reads the database; `postgresCache` keeps keys in memory.
 *
 * @example
 * const store = postgresStore(new pg.Pool({ connectionString }))
 *
 * @param pool `Pool` of pg, or anything with its `connect`. It stays open: the caller ends it.
 * @throws TypeError when an argument is wrong.
 */
export function postgresStore(pool: PostgresPool, options: PostgresStoreOptions = {}): ApiKeyStore {
  const opened = openPostgresDatabase(pool, options)
  const { connections, schema, timeoutMs, prepare, initialize } = opened
  const database: Database = { ...opened, sql: statements(schema), dialect: dialectOf(schema) }
  const readMany = createReadMany(database)
  const commitChange = createCommit(database, schema)
  const waitForCaches = createBarrier(connections, schema)
  const commit: PostgresParts['commit'] = async (change, onCommitted) => {
    const endsAt = steadyClock() + timeoutMs
    const { won, transaction } = await commitChange(change)
    if (!won) return false
    onCommitted()
    if (transaction !== undefined) await waitForCaches(transaction, endsAt)
    return true
  }

  const eraseRows = createErase(database, schema)
  const erase: PostgresParts['erase'] = async (erasure, onCommitted) => {
    const endsAt = steadyClock() + timeoutMs
    const { rows, transaction } = await eraseRows(erasure)
    onCommitted()
    if (transaction !== undefined) await waitForCaches(transaction, endsAt)
    return rows
  }

  const store: ApiKeyStore = {
    database: opened.identity,
    find: createReads(async (ids) => (await readMany(ids)).rows, MAX_READS),
    commit: (...change) => commit(change, () => {}),
    erase: (...erasure) => erase(erasure, () => {}),
    outbox: postgresOutbox(opened, schema),
    outcomes: postgresOutcomes(opened, schema, database.sql.name),
    sweep: createSweep(database),
    ...createQueries(database),
    recordUses: createUseRecorder(database),
  }
  return withParts(store, {
    connections,
    schema,
    prepare,
    initialize,
    timeoutMs,
    maxConnections: pool.options?.max,
    maxReads: MAX_READS,
    readMany,
    commit,
    erase,
  })
}

interface Database extends PostgresDatabase {
  readonly sql: ReturnType<typeof statements>
  readonly dialect: Dialect
}

function createReadMany({ sql, use }: Database): PostgresParts['readMany'] {
  return async (ids) => {
    const known = ids.filter(isText)
    if (known.length === 0) return { server: '', rows: [] }
    return use(async (session) => {
      const { server, rows } = await session.read(sql.byIds, [known])
      return { server, rows: rows.map((row) => deepFreeze(decode(row))) }
    })
  }
}

interface Written {
  /** Which transaction it was, when a trigger has logged it for caches. */
  readonly transaction: string | undefined
}

interface Committed extends Written {
  readonly won: boolean
}

function createCommit({ sql, use, transact }: Database, schema: string) {
  const checkVersion = createVersionCheck(schema)
  const writeOutgoing = createOutgoing(schema)

  const isOver = async (session: Session, { projectId, limit, now }: KeyLimit): Promise<boolean> => {
    const { rows } = await session.query(sql.active, [projectId, now, limit + 1])
    return Number((rows[0] as [unknown])[0]) > limit
  }

  /** Resolves with the transaction when a trigger has logged it, and undefined when the row was not as expected. */
  const write = async (session: Session, row: StoredKey): Promise<Written | undefined> => {
    const values = valuesOf(row)
    const { rowCount, rows } =
      row.version === 1
        ? await session.query(sql.insert, values)
        : await session.query(sql.replace, [...values, row.version - 1])
    const [[setting] = []] = rows as [setting?: string | null][]
    // Where there is no trigger the setting is unknown; where there was one for another table, it is empty.
    return rowCount === 1 ? { transaction: setting || undefined } : undefined
  }

  const writeAll = async (session: Session, rows: readonly StoredKey[]): Promise<Written | undefined> => {
    let transaction: string | undefined
    // Always in the order of ids, so that of two that change the same rows neither waits for the other.
    for (const row of rows.toSorted(byId)) {
      const written = await write(session, row)
      if (written === undefined) return undefined
      transaction = written.transaction ?? transaction
    }
    return { transaction }
  }

  return ([rows, events = [], keyLimit, outgoing = []]: Change): Promise<Committed> =>
    use(async (session) => {
      let written: Written | undefined
      const change = async () => {
        await checkVersion(session)
        // Of two that each add the last key, the second waits until it can see the first one's.
        if (keyLimit !== undefined)
          await session.query(sql.enter, [lockOf(`${schema} ${keyLimit.projectId}`)])
        written = await writeAll(session, rows)
        if (written === undefined || (keyLimit !== undefined && (await isOver(session, keyLimit))))
          return false
        if (events.length > 0) await session.query(sql.append, [JSON.stringify(events.map(eventRow))])
        await writeOutgoing(session, outgoing)
        return true
      }
      const won = await transact(session, change, DURABLY)
      return { won, transaction: written?.transaction }
    })
}

function createErase({ sql, use, transact }: Database, schema: string) {
  const checkVersion = createVersionCheck(schema)
  const writeOutgoing = createOutgoing(schema)

  return ([given, at, outgoing = []]: Erasure): Promise<Written & { readonly rows: ErasedRows }> =>
    use(async (session) => {
      let rows: ErasedRows = { keys: 0, events: 0, uses: 0 }
      let transaction: string | undefined
      const change = async () => {
        await checkVersion(session)
        const { rows: found } = await session.query(sql.lockToErase, [given.filter(isText)])
        const ids = (found as [string, string][]).map(([id]) => id)
        const projects = [...new Set((found as [string, string][]).map(([, projectId]) => projectId))]
        const events = await session.query(sql.deleteEvents, [projects, ids])
        const uses = await session.query(sql.deleteUses, [ids])
        await writeOutgoing(session, outgoing)
        const keys = await session.query(sql.erase, [ids, at, ...erasedValues])
        rows = { keys: ids.length, events: events.rowCount ?? 0, uses: uses.rowCount ?? 0 }
        const [[setting] = []] = keys.rows as [setting?: string | null][]
        transaction = setting || undefined
        return true
      }
      await transact(session, change, DURABLY)
      return { rows, transaction }
    })
}

function createSweep({ sql, use, transact }: Database): ApiKeyStore['sweep'] {
  return ({ eventsBefore, usesBefore, limit }) =>
    use(async (session) => {
      const rows = { events: 0, uses: 0 }
      await transact(
        session,
        async () => {
          if (eventsBefore !== null)
            rows.events = (await session.query(sql.sweepEvents, [eventsBefore, limit])).rowCount ?? 0
          if (usesBefore !== null)
            rows.uses = (await session.query(sql.sweepUses, [usesBefore, limit])).rowCount ?? 0
          return true
        },
        // What a crash of the server brings back, the next sweep deletes.
        'SET LOCAL synchronous_commit = off',
      )
      return rows
    })
}

function createQueries({ sql, dialect, use }: Database): Pick<ApiKeyStore, 'list' | 'history' | 'usage'> {
  return {
    async list(query) {
      if (!textsOf(query).every(isText)) return { rows: [], total: query.total ? 0 : null }
      return use(async (session) => {
        const page = pageStatement(query, dialect)
        const { rows } = await session.read(page.sql, page.values)
        if (!query.total) return { rows: rows.map(decode), total: null }
        const total = totalStatement(query, dialect)
        const { rows: counted } = await session.read(total.sql, total.values)
        return { rows: rows.map(decode), total: Number(counted[0]?.[0]) }
      })
    },

    async history(projectId, keyId, limit, { actor = null, from = null, to = null, before = null } = {}) {
      if (!isText(projectId) || !isText(keyId ?? '') || !isText(actor ?? '')) return []
      const values = [projectId, keyId, limit, actor, from, to, before]
      const { rows } = await use((session) => session.read(sql.happened, values))
      return (rows as EventRow[]).map(([at, projectId, keyId, action, actor, details, id]): KeyEvent => {
        const sequence = Number(id)
        return { at: Number(at), projectId, keyId, action, actor, details: JSON.parse(details), sequence }
      })
    },

    async usage(projectId, fromDay, toDay, keyId) {
      if (!isText(projectId) || !isText(keyId ?? '')) return []
      const { rows } = await use((session) =>
        keyId === undefined
          ? session.read(sql.used(''), [projectId, fromDay, toDay])
          : session.read(sql.used('AND key_id = $4'), [projectId, fromDay, toDay, keyId]),
      )
      return (rows as [string, string, unknown][]).map(([keyId, day, count]): DailyUse => {
        return { keyId, day, count: Number(count) }
      })
    },
  }
}

function createUseRecorder({ sql, use, transact }: Database): ApiKeyStore['recordUses'] {
  return async (uses, batch) => {
    if (uses.length === 0) return
    await use((session) =>
      transact(
        session,
        async () => {
          if (batch !== undefined && (await session.query(sql.name, [batch])).rowCount === 0) return false
          const ids = uses.map(({ id }) => id)
          await session.query(sql.lock, [ids])
          const { rows: touched } = await session.query(sql.touch, [ids, uses.map(({ at }) => at)])
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
      ),
    )
  }
}

function statements(schema: string) {
  const names = writtenColumns.join(', ')
  const places = writtenColumns.map((_, i) => `$${i + 1}`).join(', ')
  return {
    byIds: prepared(
      `SELECT ${dialectOf(schema).columns} FROM ${schema}.keys WHERE id = ANY($1) AND erased_at IS NULL`,
    ),
    insert: prepared(`INSERT INTO ${schema}.keys (${names}) VALUES (${places}) ON CONFLICT (id) DO NOTHING`),
    replace: prepared(
      `UPDATE ${schema}.keys SET (${names}) = (${places}) WHERE id = $1 AND version = $${writtenColumns.length + 1}
         AND erased_at IS NULL
       RETURNING current_setting('${CHANGE_SETTING}', true)`,
    ),
    enter: 'SELECT pg_advisory_xact_lock($1)',
    active: `SELECT count(*) FROM (SELECT 1 FROM ${schema}.keys
      WHERE ${ACTIVE_OF_PROJECT('$1', '$2')} LIMIT $3) AS active`,
    append: `INSERT INTO ${schema}.events (at, project_id, key_id, action, actor, details)
      SELECT (event->>0)::bigint, event->>1, event->>2, event->>3, event->>4, event->>5
      FROM json_array_elements($1) WITH ORDINALITY AS list(event, place) ORDER BY place`,
    happened: `SELECT at, project_id, key_id, action, actor, details, id FROM ${schema}.events
      WHERE project_id = $1 AND ($2::text IS NULL OR key_id = $2) AND ($4::text IS NULL OR actor = $4)
        AND ($5::bigint IS NULL OR at >= $5) AND ($6::bigint IS NULL OR at < $6)
        AND ($7::bigint IS NULL OR id < $7) ORDER BY id DESC LIMIT $3`,
    // A caller that asks again has waited for an answer, not for a day.
    name: `WITH old AS (DELETE FROM ${schema}.batches_of_uses WHERE at < now() - interval '1 day')
      INSERT INTO ${schema}.batches_of_uses (name) VALUES ($1) ON CONFLICT (name) DO NOTHING`,
    lock: `SELECT FROM ${schema}.keys WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`,
    touch: `UPDATE ${schema}.keys SET last_used_at = greatest(last_used_at, used.at)
      FROM unnest($1::text[], $2::bigint[]) AS used(id, at) WHERE keys.id = used.id AND erased_at IS NULL
      RETURNING keys.id, last_used_at`,
    count: `INSERT INTO ${schema}.uses AS counted (key_id, day, count)
      SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
      ON CONFLICT (key_id, day) DO UPDATE SET count = counted.count + excluded.count`,
    lockToErase: `SELECT id, project_id FROM ${schema}.keys WHERE id = ANY($1) AND erased_at IS NULL
      ORDER BY id FOR UPDATE`,
    deleteEvents: `${stripping(schema, '$2')}, ${forgetting(schema, '$2')} DELETE FROM ${schema}.events WHERE project_id = ANY($1) AND key_id = ANY($2)`,
    deleteUses: `DELETE FROM ${schema}.uses WHERE key_id = ANY($1)`,
    erase: `UPDATE ${schema}.keys SET (${erasedColumns.join(', ')}) = (${erasedColumns.map((_, i) => `$${i + 3}`).join(', ')}),
      erased_at = $2, version = version + 1 WHERE id = ANY($1) RETURNING current_setting('${CHANGE_SETTING}', true)`,
    sweepEvents: `DELETE FROM ${schema}.events WHERE at < $1 AND id IN
      (SELECT id FROM ${schema}.events ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    sweepUses: `DELETE FROM ${schema}.uses WHERE (key_id, day) IN
      (SELECT key_id, day FROM ${schema}.uses WHERE day < $1 ORDER BY day LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    used: (condition: '' | 'AND key_id = $4') =>
      `SELECT key_id, day, count FROM ${schema}.uses JOIN ${schema}.keys ON key_id = keys.id
      WHERE project_id = $1 AND day BETWEEN $2 AND $3 ${condition} ORDER BY day, key_id`,
  }
}

function dialectOf(schema: string): Dialect {
  return {
    table: `${schema}.keys`,
    columns: `${readColumns}, (SELECT status FROM ${schema}.projects WHERE projects.id = keys.project_id)`,
    place: (n) => `$${n}`,
    hasIdIn: (place) => `id = ANY(${place})`,
    listOf: (values) => values,
    contains: (column, place) => `strpos(${column}, ${place}) > 0`,
    hasScope: (place) => `scopes::jsonb ? ${place}`,
  }
}

type EventRow = [
  at: unknown,
  projectId: string,
  keyId: string,
  action: KeyEvent['action'],
  actor: string | null,
  details: string,
  id: unknown,
]

function eventRow({ at, projectId, keyId, action, actor, details }: KeyEvent) {
  return [at, projectId, keyId, action, actor, JSON.stringify(details)]
}

const byId = (a: StoredKey, b: StoredKey) => (a.id < b.id ? -1 : 1)

function textsOf({
  projectId,
  environment,
  createdBy,
  ownerId,
  parentId,
  ids = [],
  search,
  after,
}: KeyQuery): string[] {
  const given = [
    ...ids,
    projectId,
    environment,
    createdBy,
    ownerId,
    parentId,
    search?.label,
    search?.idStart,
    search?.scope,
    after?.value,
    after?.id,
  ]
  return given.filter((value) => typeof value === 'string')
}
