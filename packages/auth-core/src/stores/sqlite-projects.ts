// Projects in the SQLite file of their keys. Each key's row contains the status of its project, and follows it in one transaction.

import { checkOptions } from '@gosend/options'
import {
  changesOf,
  type Project,
  projectOf,
  queryOf,
  type SessionStore,
  type SynchronousProjects,
} from '../projects.js'
import { taken } from './memory-projects.js'
import { decodeProject, projectColumns } from './project-rows.js'
import { identityOf, type SqliteDriver } from './sqlite-connection.js'
import {
  openSqliteDatabase,
  type SqliteStoreOptions,
  sqliteConnection,
  sqliteOptions,
} from './sqlite-database.js'

/** Projects in a SQLite file. Each method answers synchronously. */
export interface SqliteProjects extends SynchronousProjects {
  erase(id: string): boolean
  readonly sessions: SessionStore
}

/**
 * Projects in the SQLite file that holds their keys. With both, a suspended project's keys are refused from the next request on, in
 * every process, without a further query: the row of a key contains the status.
 *
 * @example
 * const db = new Database('keys.db')
 * const projects = sqliteProjects(db)
 * const apiKeys = createApiKeys({ store: sqliteStore(db), projects })
 *
 * @param driver a connection, as `sqliteStore` takes it.
 * @throws TypeError when an argument is wrong.
 * @throws ApiKeysError `store_unavailable` when the file is refused.
 */
export function sqliteProjects(driver: SqliteDriver, options: SqliteStoreOptions = {}): SqliteProjects {
  sqliteConnection(driver, 'driver')
  const database = openSqliteDatabase(driver, checkOptions(sqliteOptions, options))

  const names = projectColumns
  const byId = database.query(`SELECT ${names} FROM api_key_projects WHERE id = ?`)
  // An empty text is in front of every id.
  const all = database.query(`SELECT ${names} FROM api_key_projects WHERE id > ? ORDER BY id LIMIT ?`)
  const some = database.query(
    `SELECT ${names} FROM api_key_projects
     WHERE id IN (SELECT value FROM json_each(?)) AND id > ? ORDER BY id LIMIT ?`,
  )
  const insert = database.prepare(
    `INSERT INTO api_key_projects (${names}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  )
  const replace = database.prepare(
    'UPDATE api_key_projects SET name = ?, webhook_url = ?, status = ? WHERE id = ?',
  )
  const erase = database.prepare('DELETE FROM api_key_projects WHERE id = ?')
  const updateKeys = database.prepare(
    'UPDATE api_keys SET project_status = ? WHERE project_id = ? AND project_status IS NOT ?',
  )
  const begun = database.prepare(
    'INSERT INTO api_key_sessions (id, ends_at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at',
  )
  const session = database.query('SELECT ends_at FROM api_key_sessions WHERE id = ?')
  const end = database.prepare('DELETE FROM api_key_sessions WHERE id = ?')
  const deleteEnded = database.prepare('DELETE FROM api_key_sessions WHERE ends_at <= ?')

  const find = (id: string): Project | undefined => {
    const row = byId.get(id)
    return row === undefined ? undefined : decodeProject(row)
  }
  const write = (work: () => void) => {
    database.transact(() => {
      work()
      return true
    })
  }

  return {
    database: identityOf(driver),
    create(given) {
      const project = projectOf(given, new Date())
      const { id, name, webhookUrl, status, createdAt } = project
      const isNew = database.transact(() => {
        if (Number(insert.run(id, name, webhookUrl, status, createdAt.getTime()).changes) === 0) return false
        // Keys may have been there before their projects were kept here.
        updateKeys.run(status, id, status)
        return true
      })
      if (!isNew) throw taken(id)
      return project
    },
    find(id) {
      database.watch()
      return find(id)
    },
    list(query) {
      const { ids, after = '', limit } = queryOf(query)
      database.watch()
      const rows = ids === undefined ? all.all(after, limit) : some.all(JSON.stringify(ids), after, limit)
      return rows.map(decodeProject)
    },
    update(id, given) {
      const changes = changesOf(given)
      let project: Project | undefined
      write(() => {
        const found = find(id)
        if (found === undefined) return
        project = { ...found, ...changes }
        replace.run(project.name, project.webhookUrl, project.status, id)
        updateKeys.run(project.status, id, project.status)
      })
      return project
    },
    erase(id) {
      return database.transact(() => {
        if (Number(erase.run(id).changes) === 0) return false
        updateKeys.run(null, id, null)
        return true
      })
    },
    sessions: {
      start: (id, endsAt) =>
        write(() => {
          deleteEnded.run(Date.now())
          begun.run(id, endsAt)
        }),
      find(id) {
        database.watch()
        const row = session.get(id)
        return row?.[0] as number | undefined
      },
      end: (id) => write(() => end.run(id)),
    },
  }
}
