// Databases that several processes share, by kind: how a process opens one, and how a test looks into it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { ApiKeyStore } from '../../src/index.js'
import { postgresStore } from '../../src/stores/postgres.js'
import { sqliteStore } from '../../src/stores/sqlite.js'
import { keysOf } from '../../src/testing/rows.js'
import { startPostgres, stopPostgres } from './postgres-server.js'
import type { WorkerOptions } from './processes.js'

export interface StoredRow {
  readonly id: string
  readonly revoked_at: number | string | null
  readonly rotated_from: string | null
  readonly replaced_by: string | null
}

export interface SharedDatabase {
  /** What a process is started with. */
  readonly options: WorkerOptions
  /** This process' own store, which keeps nothing in memory. */
  readonly store: ApiKeyStore
  rows(where?: string, id?: string): Promise<readonly StoredRow[]>
  /** As after a crash: looks at it with new eyes. Resolves when it answers again. */
  restart(): Promise<void>
  /** Throws when the database is damaged. */
  dispose(): Promise<void>
}

/** Whether all trials are wanted, however long they take. */
export const isThorough = process.env.FAULT_TRIALS !== undefined
export const trials = (full: number, quick: number) =>
  isThorough ? Math.min(full, Number(process.env.FAULT_TRIALS)) : quick

const columns = 'id, revoked_at, rotated_from, replaced_by'

async function inFile(): Promise<SharedDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'processes-'))
  const file = join(folder, 'keys.db')
  const db = new Database(file)
  const store = sqliteStore(db)
  return {
    options: { file },
    store,
    rows: async (where = '', ...ids) =>
      db.prepare(`SELECT ${columns} FROM api_keys ${where.replace('$1', '?')}`).all(...ids) as StoredRow[],
    restart: async () => undefined,
    async dispose() {
      const integrity = db.pragma('integrity_check', { simple: true })
      db.close()
      rmSync(folder, { recursive: true })
      if (integrity !== 'ok') throw new Error(String(integrity))
    },
  }
}

async function inPostgres(cache: boolean): Promise<SharedDatabase> {
  const server = await startPostgres()
  const pool = server.pool({ max: 5 })
  const patient = { timeoutMs: 20_000 }
  const store = postgresStore(pool, patient)
  await store.find('000000000000')
  return {
    options: { postgres: { pool: { ...server.address, max: 5 }, options: { ...patient, cache } } },
    store,
    rows: async (where = '', ...ids) =>
      (await pool.query<StoredRow>(`SELECT ${columns} FROM api_keys.keys ${where}`, ids)).rows,
    async restart() {
      await server.stop()
      await server.start()
      const answers = async () => keysOf(store, '42')
      while (!(await answers().then(Boolean, () => false))) await sleep(20)
    },
    dispose: stopPostgres,
  }
}

export const sharedDatabases = {
  'a SQLite file': inFile,
  'a Postgres database': () => inPostgres(false),
  'a Postgres database, with caches': () => inPostgres(true),
} as const
