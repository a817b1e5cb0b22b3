// Copies of all that is stored, by name.

import type { Connection } from './connection.js'
import type { Transactions } from './transactions.js'

export interface Snapshots {
  /** Forgets what is stored; snapshots stay. */
  clear(): void
  save(name: string): void
  /** False when there is no such snapshot. */
  load(name: string): boolean
  names(): readonly string[]
}

/** The tables that are kept, with their columns. */
const KEPT = {
  mock_items: 'sequence, scope, collection, id, body, whole, type, relations',
  mock_counters: 'scope, collection, number',
  mock_seeded: 'scope, collection',
  mock_first_answers: 'key, fingerprint, answer, at',
  mock_jobs: 'sequence, scope, job, payload, at, failures',
} as const
const KEPT_TABLES = Object.entries(KEPT)

export const SNAPSHOT_TABLES = `
  CREATE TABLE IF NOT EXISTS mock_snapshot_names (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  ${KEPT_TABLES.map(
    ([table, columns]) => `
      CREATE TABLE IF NOT EXISTS ${table}_kept (name TEXT NOT NULL, ${columns});
      CREATE INDEX IF NOT EXISTS ${table}_kept_by_name ON ${table}_kept (name);`,
  ).join('')}
`

export function openSnapshots(db: Connection, { begin, unit }: Transactions): Snapshots {
  const names = db.prepare<string>('SELECT name FROM mock_snapshot_names ORDER BY name').pluck()
  const run = (sql: string, ...values: string[]) => {
    begin()
    db.prepare(sql).run(...values)
  }
  const clear = () => {
    for (const [table] of KEPT_TABLES) run(`DELETE FROM ${table}`)
  }
  return {
    clear: () => unit(clear),
    save(name) {
      unit(() => {
        run('INSERT OR IGNORE INTO mock_snapshot_names VALUES (?)', name)
        for (const [table, columns] of KEPT_TABLES) {
          run(`DELETE FROM ${table}_kept WHERE name = ?`, name)
          run(`INSERT INTO ${table}_kept SELECT ?, ${columns} FROM ${table}`, name)
        }
      })
    },
    load(name) {
      if (!names.all().includes(name)) return false
      unit(() => {
        clear()
        for (const [table, columns] of KEPT_TABLES)
          run(`INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${table}_kept WHERE name = ?`, name)
      })
      return true
    },
    names: () => names.all(),
  }
}
