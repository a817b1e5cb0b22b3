// Projects in the Postgres database of their keys. Reading the row of a key also reads the status of its project.

import { steadyClock, wallClock } from '../clocks.js'
import { changesOf, type ProjectStore, projectOf, queryOf, type SessionStore } from '../projects.js'
import { taken } from './memory-projects.js'
import { createBarrier } from './postgres-barrier.js'
import { CHANGE_SETTING } from './postgres-cache-tables.js'
import type { PostgresPool } from './postgres-connections.js'
import {
  DURABLY,
  isText,
  openPostgresDatabase,
  type PostgresDatabase,
  type PostgresStoreOptions,
} from './postgres-database.js'
import { createVersionCheck } from './postgres-schema.js'
import { decodeProject, placeOf, projectColumns } from './project-rows.js'

/** Projects in a Postgres database. */
export interface PostgresProjects extends ProjectStore {
  erase(id: string): Promise<boolean>
  readonly sessions: SessionStore
}

/**
 * Projects in the Postgres database that holds their keys. With the pool and schema of the keys, a suspended project's keys are
 * refused from the next request on, in every process, and nobody asks for the project: it is read together with the key. A
 * change of a project's status empties every cache of keys before it resolves.
 *
 * @example
 * const pool = new pg.Pool({ connectionString })
 * const apiKeys = createApiKeys({ store: postgresStore(pool), projects: postgresProjects(pool) })
 *
 * @param pool the one that `postgresStore` takes.
 * @throws TypeError when an argument is wrong.
 */
export function postgresProjects(pool: PostgresPool, options: PostgresStoreOptions = {}): PostgresProjects {
  const database = openPostgresDatabase(pool, options)
  const sql = statements(database.schema)
  const write = createWrite(database)
  const read = async (text: string, ...values: readonly unknown[]) =>
    (await database.use((session) => session.read(text, values))).rows

  return {
    database: database.identity,
    async create(given) {
      const project = projectOf(given, new Date(wallClock()))
      const { id, name, webhookUrl, status, createdAt } = project
      const row = await write(sql.create, [id, name, webhookUrl, status, createdAt.getTime()])
      if (row === undefined) throw taken(id)
      return project
    },
    async find(id) {
      if (!isText(id)) return undefined
      const [row] = await read(sql.byId, id)
      return row && decodeProject(row)
    },
    async list(query) {
      const { ids, after = '', limit } = queryOf(query)
      const place = placeOf(after)
      const rows =
        ids === undefined
          ? await read(sql.all, place, limit)
          : await read(sql.some, place, limit, ids.filter(isText))
      return rows.map(decodeProject)
    },
    async update(id, given) {
      const changes = changesOf(given)
      if (!isText(id)) return undefined
      const { name = null, webhookUrl = null, status = null } = changes
      const row = await write(sql.update, [id, name, 'webhookUrl' in changes, webhookUrl, status])
      return row && decodeProject(row)
    },
    async erase(id) {
      return isText(id) && (await write(sql.erase, [id])) !== undefined
    },
    sessions: {
      start: async (id, endsAt) => void (await write(sql.startSession, [id, endsAt, wallClock()])),
      async find(id) {
        if (!isText(id)) return undefined
        const [row] = await read(sql.session, id)
        return row && Number(row[0])
      },
      async end(id) {
        if (isText(id)) await write(sql.endSession, [id])
      },
    },
  }
}

/** Runs one statement durably. Resolves with the row it returned, when no cache returns what was true before. */
function createWrite({ schema, connections, timeoutMs, use, transact }: PostgresDatabase) {
  const checkVersion = createVersionCheck(schema)
  const waitForCaches = createBarrier(connections, schema)
  return async (text: string, values: readonly unknown[]): Promise<readonly unknown[] | undefined> => {
    const endsAt = steadyClock() + timeoutMs
    const row = await use(async (session) => {
      let written: readonly unknown[] | undefined
      await transact(
        session,
        async () => {
          await checkVersion(session)
          written = (await session.query(text, values)).rows[0] as typeof written
          return true
        },
        DURABLY,
      )
      return written
    })
    const change = row?.at(-1)
    // Where no trigger has logged the change for caches, the setting is unknown or empty.
    if (typeof change === 'string' && change !== '') await waitForCaches(change, endsAt)
    return row
  }
}

function statements(schema: string) {
  const names = projectColumns
  const change = `current_setting('${CHANGE_SETTING}', true)`
  return {
    byId: `SELECT ${names} FROM ${schema}.projects WHERE id = $1`,
    // An empty text is in front of every id.
    all: `SELECT ${names} FROM ${schema}.projects WHERE id > $1 ORDER BY id LIMIT $2`,
    some: `SELECT ${names} FROM ${schema}.projects WHERE id > $1 AND id = ANY($3::text[]) ORDER BY id LIMIT $2`,
    create: `INSERT INTO ${schema}.projects (${names}) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (id) DO NOTHING RETURNING ${change}`,
    update: `UPDATE ${schema}.projects SET name = coalesce($2, name), status = coalesce($5, status),
        webhook_url = CASE WHEN $3::boolean THEN $4 ELSE webhook_url END
      WHERE id = $1 RETURNING ${names}, ${change}`,
    erase: `DELETE FROM ${schema}.projects WHERE id = $1 RETURNING ${change}`,
    startSession: `WITH over AS (DELETE FROM ${schema}.sessions WHERE ends_at <= $3::bigint)
      INSERT INTO ${schema}.sessions (id, ends_at) VALUES ($1, $2)
      ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at`,
    session: `SELECT ends_at FROM ${schema}.sessions WHERE id = $1`,
    endSession: `DELETE FROM ${schema}.sessions WHERE id = $1`,
  }
}
