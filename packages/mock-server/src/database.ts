// The one SQLite file behind a mock: API keys, projects, settings, and what clients stored. The only file here that
// knows the SQL driver.

import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ApiKeyStore } from '@gosend/auth-core'
import { sqliteStore } from '@gosend/auth-core/sqlite'
import type { NewProject, Project, ProjectChanges } from '@gosend/express-adapter'
import Driver from 'better-sqlite3'

/** One stored object of a collection. */
export interface StoredItem {
  readonly id: string
  /** Increases with every object stored. */
  readonly sequence: number
  readonly body: string
}

/** Objects as JSON, partitioned by scope (project and environment) and by the concrete path of their collection. */
export interface ItemStore {
  find(scope: string, collection: string, id: string): StoredItem | undefined
  /** Whether an object with this id is or was there. */
  isTaken(scope: string, collection: string, id: string): boolean
  /** Whether an object with this id was there and has been removed. */
  isRemoved(scope: string, collection: string, id: string): boolean
  /** In the order of creation. */
  list(scope: string, collection: string, limit?: number, offset?: number): readonly StoredItem[]
  count(scope: string, collection: string): number
  /** False when the id is taken. */
  insert(scope: string, collection: string, id: string, body: string): boolean
  replace(scope: string, collection: string, id: string, body: string): void
  remove(scope: string, collection: string, id: string): boolean
  /** True for the first caller only: that one fills the collection with samples. */
  claimSeeding(scope: string, collection: string): boolean
  transact<T>(work: () => T): T
  clear(): void
  /** Copies everything stored under a name, and back. */
  save(name: string): void
  /** False when there is no such snapshot. */
  load(name: string): boolean
  snapshots(): readonly string[]
}

/** Projects, with their times to the second as the API shows them. */
export interface Projects {
  create(project: NewProject): Project
  find(id: string): Project | undefined
  list(): readonly Project[]
  update(id: string, changes: ProjectChanges): Project | undefined
}

export interface Settings {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

export interface Database {
  readonly keys: ApiKeyStore
  readonly projects: Projects
  readonly settings: Settings
  readonly items: ItemStore
  close(): void
}

/** The project that every new database begins with. */
export const DEFAULT_PROJECT = {
  id: '42',
  name: 'Acme Production',
  webhookUrl: 'https://api.acme.com/webhooks/gosendapi',
  createdAt: Date.UTC(2026, 0, 15, 10),
} as const

const TABLES = `
  CREATE TABLE IF NOT EXISTS mock_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS mock_projects (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, webhook_url TEXT, status TEXT NOT NULL, created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS mock_items (
    sequence INTEGER PRIMARY KEY, scope TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL,
    body TEXT, UNIQUE (scope, collection, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS mock_items_in_order ON mock_items (scope, collection, sequence) WHERE body IS NOT NULL;
  CREATE TABLE IF NOT EXISTS mock_seeded (
    scope TEXT NOT NULL, collection TEXT NOT NULL, PRIMARY KEY (scope, collection)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS mock_snapshots (
    name TEXT NOT NULL, scope TEXT NOT NULL, collection TEXT NOT NULL, id TEXT, body TEXT, sequence INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS mock_snapshots_by_name ON mock_snapshots (name);
  CREATE TABLE IF NOT EXISTS mock_snapshot_names (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`

/**
 * Opens or creates the database.
 *
 * @param file a path, or `:memory:`.
 * @throws Error in one line when the file cannot be used.
 */
export function openDatabase(file: string, now: () => number): Database {
  const isFile = file !== ':memory:'
  const path = isFile ? resolve(file) : file
  if (isFile) prepareFolder(path)
  const connection = new Driver(path)
  // A sandbox whose file was emptied begins anew; only production keys are worth refusing that.
  const keys = sqliteStore(connection, { initialize: 'always' })
  const insertDefault = "INSERT OR IGNORE INTO mock_projects VALUES (?, ?, ?, 'active', ?)"
  // In one transaction, for each waits for the disk.
  connection
    .transaction(({ id, name, webhookUrl, createdAt }: typeof DEFAULT_PROJECT) => {
      connection.exec(TABLES)
      connection.prepare(insertDefault).run(Number(id), name, webhookUrl, createdAt)
    })
    .immediate(DEFAULT_PROJECT)
  // What clients store survives a crash of the process without a sync per write; keys keep the stricter connection.
  const state = isFile ? new Driver(path) : connection
  if (isFile) {
    state.pragma('busy_timeout = 2000')
    state.pragma('synchronous = NORMAL')
    // Pages that change with every item reach the main file less often.
    state.pragma('wal_autocheckpoint = 4000')
    chmodSync(path, 0o600)
  }
  return {
    keys,
    projects: openProjects(connection, now),
    settings: openSettings(connection),
    items: openItems(state),
    close() {
      if (state !== connection) state.close()
      connection.close()
    },
  }
}

function prepareFolder(path: string): void {
  const folder = dirname(path)
  if (existsSync(folder)) return
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // The folder holds sandbox keys and data: nothing for a repository.
  if (folder.endsWith('.gosend')) writeFileSync(`${folder}/.gitignore`, '*\n')
}

interface ProjectRow {
  readonly number: number
  readonly name: string
  readonly webhook_url: string | null
  readonly status: Project['status']
  readonly created_at: number
}

function openProjects(db: Driver.Database, now: () => number): Projects {
  const insert = db.prepare<unknown[], ProjectRow>(
    "INSERT INTO mock_projects (name, webhook_url, status, created_at) VALUES (?, ?, 'active', ?) RETURNING *",
  )
  const byNumber = db.prepare<unknown[], ProjectRow>('SELECT * FROM mock_projects WHERE number = ?')
  const all = db.prepare<unknown[], ProjectRow>('SELECT * FROM mock_projects ORDER BY number')
  const change = db.prepare('UPDATE mock_projects SET name = ?, webhook_url = ?, status = ? WHERE number = ?')
  const decode = (row: ProjectRow): Project => ({
    id: String(row.number),
    name: row.name,
    webhookUrl: row.webhook_url,
    status: row.status,
    createdAt: new Date(row.created_at),
  })
  const find = (id: string): Project | undefined => {
    const row = /^[1-9]\d{0,14}$/.test(id) ? byNumber.get(Number(id)) : undefined
    return row && decode(row)
  }
  return {
    find,
    list: () => all.all().map(decode),
    create({ name, webhookUrl }) {
      const row = insert.get(name, webhookUrl, Math.floor(now() / 1000) * 1000)
      if (row === undefined) throw new Error('The project could not be stored')
      return decode(row)
    },
    update(id, changes) {
      const project = find(id)
      if (project === undefined) return undefined
      const { name, webhookUrl, status } = { ...project, ...changes }
      change.run(name, webhookUrl, status, Number(id))
      return find(id)
    },
  }
}

function openSettings(db: Driver.Database): Settings {
  const select = db.prepare<unknown[], string>('SELECT value FROM mock_settings WHERE name = ?').pluck()
  const upsert = db.prepare(
    'INSERT INTO mock_settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  return {
    get: (name) => select.get(name),
    set: (name, value) => void upsert.run(name, value),
  }
}

function openItems(db: Driver.Database): ItemStore {
  const own = 'scope = ? AND collection = ?'
  const byId = db.prepare<unknown[], { sequence: number; id: string; body: string | null }>(
    `SELECT sequence, id, body FROM mock_items WHERE ${own} AND id = ?`,
  )
  const page = db.prepare<unknown[], StoredItem>(
    `SELECT sequence, id, body FROM mock_items WHERE ${own} AND body IS NOT NULL ORDER BY sequence LIMIT ? OFFSET ?`,
  )
  const total = db
    .prepare<unknown[], number>(`SELECT count(*) FROM mock_items WHERE ${own} AND body IS NOT NULL`)
    .pluck()
  const add = db.prepare(
    `INSERT INTO mock_items (scope, collection, id, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (scope, collection, id) DO UPDATE SET body = excluded.body WHERE mock_items.body IS NULL`,
  )
  const put = db.prepare(
    `INSERT INTO mock_items (scope, collection, id, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (scope, collection, id) DO UPDATE SET body = excluded.body`,
  )
  const bury = db.prepare(`UPDATE mock_items SET body = NULL WHERE ${own} AND id = ? AND body IS NOT NULL`)
  const claim = db.prepare('INSERT OR IGNORE INTO mock_seeded VALUES (?, ?)')
  const names = db.prepare<unknown[], string>('SELECT name FROM mock_snapshot_names ORDER BY name').pluck()
  const forget = db.transaction((name: string) => {
    db.prepare('DELETE FROM mock_snapshots WHERE name = ?').run(name)
    db.prepare('INSERT OR IGNORE INTO mock_snapshot_names VALUES (?)').run(name)
  })
  const clear = db.transaction(() => {
    db.exec('DELETE FROM mock_items; DELETE FROM mock_seeded')
  })
  const find: ItemStore['find'] = (scope, collection, id) => {
    const row = byId.get(scope, collection, id)
    return row?.body == null ? undefined : { id: row.id, sequence: row.sequence, body: row.body }
  }
  return {
    find,
    isTaken: (scope, collection, id) => byId.get(scope, collection, id) !== undefined,
    isRemoved: (scope, collection, id) => byId.get(scope, collection, id)?.body === null,
    list: (scope, collection, limit = -1, offset = 0) => page.all(scope, collection, limit, offset),
    count: (scope, collection) => total.get(scope, collection) ?? 0,
    insert: (scope, collection, id, body) => add.run(scope, collection, id, body).changes === 1,
    replace: (scope, collection, id, body) => void put.run(scope, collection, id, body),
    remove: (scope, collection, id) => bury.run(scope, collection, id).changes === 1,
    claimSeeding: (scope, collection) => claim.run(scope, collection).changes === 1,
    transact: (work) => (db.inTransaction ? work() : db.transaction(work).immediate()),
    clear: () => clear(),
    save(name) {
      db.transaction(() => {
        forget(name)
        db.prepare(
          'INSERT INTO mock_snapshots SELECT ?, scope, collection, id, body, sequence FROM mock_items',
        ).run(name)
        db.prepare(
          'INSERT INTO mock_snapshots (name, scope, collection) SELECT ?, scope, collection FROM mock_seeded',
        ).run(name)
      }).immediate()
    },
    load(name) {
      if (!names.all().includes(name)) return false
      db.transaction(() => {
        clear()
        db.prepare(
          `INSERT INTO mock_items (sequence, scope, collection, id, body)
           SELECT sequence, scope, collection, id, body FROM mock_snapshots WHERE name = ? AND id IS NOT NULL`,
        ).run(name)
        db.prepare(
          'INSERT INTO mock_seeded SELECT scope, collection FROM mock_snapshots WHERE name = ? AND id IS NULL',
        ).run(name)
      }).immediate()
      return true
    },
    snapshots: () => names.all(),
  }
}
