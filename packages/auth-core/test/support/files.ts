// Database files for one test each, gone after it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'

/** The path of a database that does not exist yet, in a folder of its own. */
export function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'keys.db')
}

/** A connection that is closed after the test. */
export function connect(file: string, options?: Database.Options): Database.Database {
  const db = new Database(file, options)
  onTestFinished(() => void db.close())
  return db
}
