// The table of what waits to be done.

import type { Connection } from './connection.js'
import type { Transactions } from './transactions.js'

export interface StoredJob {
  /** Increases with every job scheduled. */
  readonly sequence: number
  readonly scope: string
  readonly job: string
  readonly payload: string
  /** The instant from which on it may be done. */
  readonly at: number
  /** How often it has been tried and has failed. */
  readonly failures: number
}

export interface JobTable {
  add(scope: string, job: string, payload: string, at: number): number
  /** The first ones in the order in which they are to be done. */
  first(limit: number): readonly StoredJob[]
  postpone(sequence: number, at: number): void
  remove(scope: string, sequence: number): boolean
}

export const JOB_TABLES = `
  CREATE TABLE IF NOT EXISTS mock_jobs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, scope TEXT NOT NULL, job TEXT NOT NULL, payload TEXT NOT NULL,
    at INTEGER NOT NULL, failures INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS mock_jobs_in_order ON mock_jobs (at, sequence);
`

export function openJobs(db: Connection, { begin }: Transactions): JobTable {
  const insert = db.prepare(
    'INSERT INTO mock_jobs (scope, job, payload, at, failures) VALUES (?, ?, ?, ?, 0)',
  )
  const select = db.prepare<StoredJob>('SELECT * FROM mock_jobs ORDER BY at, sequence LIMIT ?')
  const later = db.prepare('UPDATE mock_jobs SET at = ?, failures = failures + 1 WHERE sequence = ?')
  const done = db.prepare('DELETE FROM mock_jobs WHERE scope = ? AND sequence = ?')
  return {
    add(scope, job, payload, at) {
      begin()
      return Number(insert.run(scope, job, payload, at).lastInsertRowid)
    },
    first: (limit) => select.all(limit),
    postpone(sequence, at) {
      begin()
      later.run(at, sequence)
    },
    remove(scope, sequence) {
      begin()
      return done.run(scope, sequence).changes === 1
    },
  }
}
