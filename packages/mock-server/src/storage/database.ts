// The one SQLite file behind a mock: API keys, projects, settings, and what clients stored.

import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { ApiKeyStore, Project, SynchronousProjects } from '@gosend/auth-core'
import { sqliteProjects, sqliteStore } from '@gosend/auth-core/sqlite'
import type { ClockMemory } from '../clock.js'
import { lazy } from '../engine/json.js'
import { CLOCK_TABLES, openClockMemory } from './clock-table.js'
import { type Collections, openCollections } from './collections.js'
import { type Connection, openConnection } from './connection.js'
import { FIRST_ANSWER_TABLES, type FirstAnswers, openFirstAnswers } from './first-answers.js'
import { type GrantTable, openGrants } from './grant-table.js'
import { ITEM_TABLES, type ItemTable, openItems, upgradeItems } from './item-table.js'
import { JOB_TABLES, type JobTable, openJobs } from './job-table.js'
import { type JournalTable, openJournalTable } from './journal-table.js'
import { openSnapshots, SNAPSHOT_TABLES, type Snapshots } from './snapshots.js'
import { createTransactions, type Transactions } from './transactions.js'

/** Projects, with their times to the second as the API shows them. */
export interface Projects extends SynchronousProjects {}

interface Settings {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

export interface Database {
  readonly keys: ApiKeyStore
  readonly projects: Projects
  readonly settings: Settings
  readonly items: ItemTable
  readonly collections: Collections
  readonly firstAnswers: FirstAnswers
  readonly clock: ClockMemory
  readonly jobs: JobTable
  readonly snapshots: Snapshots
  /** What an authorization server has granted. Its table is made when this is first called. */
  readonly grants: () => GrantTable
  /** A temporary file: the journal ends with the process. */
  readonly journal: JournalTable
  /** Of items, jobs, snapshots and the clock. */
  readonly transactions: Transactions
  close(): void
  /** Closes the database and removes its file, unless it was there before. */
  discard(): void
}

/** The project that every new database begins with. */
export const DEFAULT_PROJECT = { id: '42', createdAt: Date.UTC(2026, 0, 15, 10) } as const

/** What the project of a new database is called, and where its events go. */
export interface FirstProject {
  readonly name: string
  readonly webhookUrl?: string | undefined
}

/** Until the document that it is for has been read. */
export const UNNAMED: FirstProject = { name: 'Sandbox' }

const TABLES = `
  CREATE TABLE IF NOT EXISTS mock_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS mock_projects (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, webhook_url TEXT, status TEXT NOT NULL, created_at INTEGER NOT NULL
  ) STRICT;
`
const STATE_TABLES = ITEM_TABLES + FIRST_ANSWER_TABLES + JOB_TABLES + SNAPSHOT_TABLES + CLOCK_TABLES

/** Without a file, what clients store takes memory. */
const MAX_BYTES_IN_MEMORY = 192 * 1024 * 1024
const PAGE_BYTES = 4096

/** Whether something could not be stored for lack of room, on the disk or in memory. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('database or disk is full')

/**
 * Opens or creates the database.
 *
 * @param file a path, or `:memory:`.
 * @param project what the project of a new database is called.
 * @throws Error in one line when the file cannot be used.
 */
export function openDatabase(file: string, now: () => number, project: FirstProject = UNNAMED): Database {
  const isFile = file !== ':memory:'
  const path = isFile ? resolve(file) : file
  const isNew = isFile && !existsSync(path)
  const madeFolder = isFile ? prepareFolder(path) : undefined
  const connection = openConnection(path)
  // A sandbox whose file was emptied begins anew; only production keys are worth refusing that.
  const keys = sqliteStore(connection.driver, { initialize: 'always' })
  const insertDefault = "INSERT OR IGNORE INTO mock_projects VALUES (?, ?, ?, 'active', ?)"
  // In one transaction, for each waits for the disk.
  connection.transaction(() => {
    upgradeItems(connection, 'mock_items')
    upgradeItems(connection, 'mock_items_kept')
    connection.exec(isFile ? TABLES + STATE_TABLES : TABLES)
    const { id, createdAt } = DEFAULT_PROJECT
    connection.prepare(insertDefault).run(Number(id), project.name, project.webhookUrl ?? null, createdAt)
  })
  // What clients store survives a crash of the process without a sync per write; keys keep the stricter connection.
  const state = openConnection(path)
  if (isFile) {
    // Pages that change with every item reach the main file less often.
    state.exec('PRAGMA busy_timeout = 2000; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000')
    chmodSync(path, 0o600)
  } else state.exec(`${STATE_TABLES} PRAGMA max_page_count = ${MAX_BYTES_IN_MEMORY / PAGE_BYTES};`)
  const transactions = createTransactions(state)
  // The one file has one writer at a time: what clients stored in this turn goes first.
  const afterState =
    <A extends unknown[], R>(write: (...values: A) => R) =>
    (...values: A): R => {
      transactions.commit()
      return write(...values)
    }
  // Without a name, a database is a temporary file of SQLite's.
  const journal = openJournalTable(() => openConnection(''))
  const projects = openProjects(connection, now)
  const { sessions } = sqliteProjects(connection.driver, { initialize: 'always' })
  const settings = openSettings(connection)
  const close = () => {
    transactions.commit()
    state.close()
    journal.close()
    connection.close()
  }
  return {
    keys: {
      ...keys,
      commit: afterState(keys.commit),
      recordUses: afterState(keys.recordUses),
      outcomes: keys.outcomes && { ...keys.outcomes, record: afterState(keys.outcomes.record) },
    },
    projects: {
      ...projects,
      create: afterState(projects.create),
      update: afterState(projects.update),
      sessions: { ...sessions, start: afterState(sessions.start), end: afterState(sessions.end) },
    },
    settings: { ...settings, set: afterState(settings.set) },
    items: openItems(state, transactions),
    collections: openCollections(state),
    firstAnswers: openFirstAnswers(state, transactions),
    clock: openClockMemory(state, transactions),
    jobs: openJobs(state, transactions),
    snapshots: openSnapshots(state, transactions),
    grants: lazy(() => openGrants(state, transactions)),
    journal,
    transactions,
    close,
    discard() {
      close()
      if (isNew) for (const end of ['', '-wal', '-shm', '.initialized']) rmSync(path + end, { force: true })
      const isEmpty = madeFolder !== undefined && readdirSync(madeFolder).every((name) => name === IGNORE)
      if (isEmpty) rmSync(madeFolder, { recursive: true })
    },
  }
}

const IGNORE = '.gitignore'

/** The folder, where it had to be made. */
function prepareFolder(path: string): string | undefined {
  const folder = dirname(path)
  if (existsSync(folder)) return undefined
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // The folder holds sandbox keys and data: nothing for a repository.
  if (folder.endsWith('.gosend')) writeFileSync(join(folder, IGNORE), '*\n')
  return folder
}

interface ProjectRow {
  readonly number: number
  readonly name: string
  readonly webhook_url: string | null
  readonly status: Project['status']
  readonly created_at: number
}

function openProjects(db: Connection, now: () => number): Omit<Projects, 'sessions'> {
  const insert = db.prepare<ProjectRow>(
    "INSERT INTO mock_projects (name, webhook_url, status, created_at) VALUES (?, ?, 'active', ?) RETURNING *",
  )
  const byNumber = db.prepare<ProjectRow>('SELECT * FROM mock_projects WHERE number = ?')
  const all = db.prepare<ProjectRow>('SELECT * FROM mock_projects ORDER BY number')
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
    list({ ids, after = '0', limit = 100 } = {}) {
      const isListed = ({ id }: Project) => Number(id) > Number(after) && ids?.includes(id) !== false
      return all.all().map(decode).filter(isListed).slice(0, limit)
    },
    create({ name, webhookUrl = null }) {
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

function openSettings(db: Connection): Settings {
  const select = db.prepare<string>('SELECT value FROM mock_settings WHERE name = ?').pluck()
  const upsert = db.prepare(
    'INSERT INTO mock_settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  return {
    get: (name) => select.get(name),
    set: (name, value) => void upsert.run(name, value),
  }
}
