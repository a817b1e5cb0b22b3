// Databases that hold keys and their projects, opened twice, as two processes do.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import type { ApiKeyStore, ProjectStore } from '../../src/index.js'
import { memoryProjects, memoryStore } from '../../src/stores/memory.js'
import { sqliteProjects, sqliteStore } from '../../src/stores/sqlite.js'

interface Opened {
  readonly store: ApiKeyStore
  readonly projects: ProjectStore
}

export interface OpenProcess {
  readonly here: Opened
  readonly there: Opened
}

export const projectDatabases: Readonly<Record<string, () => Promise<OpenProcess>>> = {
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
}
