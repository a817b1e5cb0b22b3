// The table of what an authorization server has granted and taken back: codes, refresh tokens, revoked tokens. Like the
// keys it is kept when the mock is reset, so that no reset makes a revoked token valid.

import type { Connection } from './connection.js'
import type { Transactions } from './transactions.js'

export interface GrantTable {
  find<T extends object>(kind: string, id: string): T | undefined
  put(kind: string, id: string, body: object): void
  /** Removes a row and gives it: of several who ask for it, one gets it. */
  take<T extends object>(kind: string, id: string): T | undefined
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS mock_grants (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS mock_grants_by_id ON mock_grants (kind, id);
  CREATE INDEX IF NOT EXISTS mock_grants_in_order ON mock_grants (kind, sequence);
`
/** Of each kind, so that many of one do not push out those of another. */
const MAX_KEPT = 10_000
/** The oldest are looked for once in so many writes. */
const PRUNE_EVERY = 256

export function openGrants(db: Connection, { begin, read }: Transactions): GrantTable {
  begin()
  db.exec(TABLES)
  const select = db.prepare<string>('SELECT body FROM mock_grants WHERE kind = ? AND id = ?').pluck()
  const insert = db.prepare('INSERT OR REPLACE INTO mock_grants (kind, id, body) VALUES (?, ?, ?)')
  const remove = db
    .prepare<string>('DELETE FROM mock_grants WHERE kind = ? AND id = ? RETURNING body')
    .pluck()
  const prune = db.prepare(
    `DELETE FROM mock_grants WHERE kind = ?1 AND sequence <=
     (SELECT sequence FROM mock_grants WHERE kind = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ${MAX_KEPT})`,
  )
  const written = new Map<string, number>()
  const parsed = <T extends object>(body: string | undefined): T | undefined =>
    body === undefined ? undefined : (JSON.parse(body) as T)

  return {
    find<T extends object>(kind: string, id: string) {
      read()
      return parsed<T>(select.get(kind, id))
    },
    put(kind, id, body) {
      begin()
      insert.run(kind, id, JSON.stringify(body))
      const count = (written.get(kind) ?? 0) + 1
      written.set(kind, count)
      if (count % PRUNE_EVERY === 0) prune.run(kind)
    },
    take<T extends object>(kind: string, id: string) {
      begin()
      return parsed<T>(remove.get(kind, id))
    },
  }
}
