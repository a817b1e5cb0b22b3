// Databases that hold keys and their projects, opened twice, as two processes do.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { onTestFinished } from 'vitest'
import type { ApiKeyStore, ProjectStore } from '../../src/index.js'
import { kyselyProjects, kyselyStore } from '../../src/stores/kysely.js'
import { memoryProjects, memoryStore } from '../../src/stores/memory.js'
import { postgresProjects } from '../../src/stores/postgres.js'
import { sqliteProjects, sqliteStore } from '../../src/stores/sqlite.js'
import { newFile } from './files.js'
import type { PostgresServer } from './postgres-server.js'
import { storeOver } from './postgres-stores.js'

interface Opened {
  readonly store: ApiKeyStore
  readonly projects: ProjectStore
}

export interface OpenProcess {
  readonly here: Opened
  readonly there: Opened
}

export type OpenProcesses = (server: PostgresServer) => Promise<OpenProcess>

// The machine may be busy with other tests.
const timeoutMs = 20_000

function openPostgres(server: PostgresServer, caches: readonly [boolean, boolean]): OpenProcess {
  const schema = server.newSchema()
  const open = (cache: boolean) => {
    const pool = server.pool({ max: 4 })
    const store = storeOver(pool, { schema, cache, timeoutMs })
    onTestFinished(async () => {
      await store.close()
      await pool.end()
    })
    return { store, projects: postgresProjects(pool, { schema, timeoutMs }) }
  }
  return { here: open(caches[0]), there: open(caches[1]) }
}

export const projectDatabases: Readonly<Record<string, OpenProcesses>> = {
  async memory() {
    const here = { store: memoryStore(), projects: memoryProjects() }
    return { here, there: here }
  },
  async 'a SQLite file'() {
    const folder = mkdtempSync(join(tmpdir(), 'projects-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const open = () => {
      const db = new Database(join(folder, 'keys.db'))
      onTestFinished(() => void db.close())
      return { store: sqliteStore(db), projects: sqliteProjects(db) }
    }
    return { here: open(), there: open() }
  },
  'a SQLite file, by Kysely': async () => {
    const file = newFile()
    const open = () => {
      const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(file) }) })
      onTestFinished(() => db.destroy())
      return { store: kyselyStore(db), projects: kyselyProjects(db) }
    }
    return { here: open(), there: open() }
  },
  Postgres: async (server) => openPostgres(server, [false, false]),
  'Postgres, with a cache in one process': async (server) => openPostgres(server, [false, true]),
  'Postgres, with a cache in each process': async (server) => openPostgres(server, [true, true]),
}
