// Projects in the database of their keys, behind Kysely. Reading the row of a key also reads the status of its project.

import { wallClock } from '../clocks.js'
import {
  changesOf,
  type Project,
  type ProjectStore,
  projectOf,
  queryOf,
  type SessionStore,
} from '../projects.js'
import {
  type AnyKysely,
  type KyselyStoreOptions,
  openKyselyDatabase,
  type Row,
  type Session,
} from './kysely-database.js'
import { isText, passOverDuplicate } from './kysely-statements.js'
import { taken } from './memory-projects.js'
import { decodeProject, placeOf, projectColumns } from './project-rows.js'

/** Projects in a database of Kysely. */
export interface KyselyProjects extends ProjectStore {
  erase(id: string): Promise<boolean>
  readonly sessions: SessionStore
}

/**
 * Projects in the database of Kysely that holds their keys. With the same `db` as the keys, a suspended project's keys are refused
 * from the next request on, in every process, and nobody asks for the project: it is read together with the key.
 *
 * @example
 * const apiKeys = createApiKeys({ store: kyselyStore(db), projects: kyselyProjects(db) })
 *
 * @param db the one that `kyselyStore` takes.
 * @throws TypeError when an argument is wrong.
 */
export function kyselyProjects(db: AnyKysely, options: KyselyStoreOptions = {}): KyselyProjects {
  const { identity, read, transact } = openKyselyDatabase(db, options)
  const write = async (sql: string, ...values: readonly unknown[]) =>
    (await transact((session) => session.write(sql, values))) ?? 0

  return {
    database: identity,
    async create(given) {
      const project = projectOf(given, new Date(wallClock()))
      const { id, name, webhookUrl, status, createdAt } = project
      const values = [id, name, webhookUrl, status, createdAt.getTime()]
      const made = await transact(async (session) => {
        const sql = `INSERT INTO api_key_projects (${projectColumns}) VALUES (?, ?, ?, ?, ?)${session.dialect.keepExisting}`
        return (await session.write(sql, values).catch(passOverDuplicate)) || undefined
      })
      if (made === undefined) throw taken(id)
      return project
    },
    find: (id) => read((session) => find(session, id)),
    async list(query) {
      const { ids, after = '', limit } = queryOf(query)
      const rows = await read(({ dialect, read }) => {
        const chosen = ids === undefined ? [] : [dialect.lists.listOf(ids.filter(isText))]
        const condition = ids === undefined ? '' : ` AND ${dialect.lists.hasIdIn('?')}`
        return read(
          // An empty text is in front of every id.
          `SELECT ${projectColumns} FROM api_key_projects WHERE id > ?${condition} ORDER BY id LIMIT ?`,
          [placeOf(after), ...chosen, limit],
        )
      })
      return rows.map(projectIn)
    },
    async update(id, given) {
      const changes = changesOf(given)
      return transact(async (session) => {
        const found = await find(session, id, session.dialect.forUpdate)
        if (found === undefined) return undefined
        const project = { ...found, ...changes }
        await session.write(
          'UPDATE api_key_projects SET name = ?, webhook_url = ?, status = ? WHERE id = ?',
          [project.name, project.webhookUrl, project.status, id],
        )
        return project
      })
    },
    erase: async (id) => isText(id) && (await write('DELETE FROM api_key_projects WHERE id = ?', id)) > 0,
    sessions: {
      start: async (id, endsAt) =>
        void (await transact(async (session) => {
          await session.write('DELETE FROM api_key_sessions WHERE ends_at <= ? OR id = ?', [wallClock(), id])
          return session.write('INSERT INTO api_key_sessions (id, ends_at) VALUES (?, ?)', [id, endsAt])
        })),
      async find(id) {
        if (!isText(id)) return undefined
        const [row] = await read((session) =>
          session.read('SELECT ends_at FROM api_key_sessions WHERE id = ?', [id]),
        )
        return row && Number(row.ends_at)
      },
      async end(id) {
        if (isText(id)) await write('DELETE FROM api_key_sessions WHERE id = ?', id)
      },
    },
  }
}

async function find(session: Session, id: string, locking = ''): Promise<Project | undefined> {
  if (!isText(id)) return undefined
  const [row] = await session.read(`SELECT ${projectColumns} FROM api_key_projects WHERE id = ?${locking}`, [
    id,
  ])
  return row && projectIn(row)
}

const columns = projectColumns.split(', ')
const projectIn = (row: Row): Project => decodeProject(columns.map((column) => row[column]))
