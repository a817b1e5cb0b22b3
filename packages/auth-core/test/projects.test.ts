import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, it, onTestFinished } from 'vitest'
import { memoryProjects } from '../src/stores/memory.js'
import { postgresProjects } from '../src/stores/postgres.js'
import { sqliteProjects } from '../src/stores/sqlite.js'
import { type CreateProjectStore, projectStoreContract } from '../src/testing/index.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(stopPostgres)

const stores: Readonly<Record<string, CreateProjectStore>> = {
  memoryProjects() {
    const projects = memoryProjects()
    return { projects, reopen: () => projects }
  },
  sqliteProjects() {
    const folder = mkdtempSync(join(tmpdir(), 'projects-'))
    const open = () => {
      const db = new Database(join(folder, 'keys.db'))
      onTestFinished(() => void db.close())
      return sqliteProjects(db)
    }
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return { projects: open(), reopen: open }
  },
  postgresProjects() {
    const schema = server.newSchema()
    const open = () => {
      const pool = server.pool({ max: 4 })
      onTestFinished(() => pool.end())
      return postgresProjects(pool, { schema, timeoutMs: 20_000 })
    }
    return { projects: open(), reopen: open }
  },
}

describe.each(Object.entries(stores))('%s', (_, createStore) => {
  for (const promise of projectStoreContract) it(promise.name, () => promise.run(createStore))
})
