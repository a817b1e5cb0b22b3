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
const MAX_BYTES = 8 * 1_048_576
/** A tenth, so that it is not looked at again at once. */
const SHARE = 10

interface Size {
  readonly count: number
  readonly bytes: number
}

export function openGrants(db: Connection, { begin, read }: Transactions): GrantTable {
  begin()
  db.exec(TABLES)
  const select = db.prepare<string>('SELECT body FROM mock_grants WHERE kind = ? AND id = ?').pluck()
  const insert = db.prepare('INSERT OR REPLACE INTO mock_grants (kind, id, body) VALUES (?, ?, ?)')
  const remove = db
    .prepare<string>('DELETE FROM mock_grants WHERE kind = ? AND id = ? RETURNING body')
    .pluck()
  const total = db.prepare<Size>(
    'SELECT count(*) AS count, coalesce(sum(length(body)), 0) AS bytes FROM mock_grants WHERE kind = ?',
  )
  const dropOldest = db.prepare(
    `DELETE FROM mock_grants WHERE sequence IN
     (SELECT sequence FROM mock_grants WHERE kind = ? ORDER BY sequence LIMIT ?)`,
  )
  const sizes = new Map<string, Size>()
  const isOver = ({ count, bytes }: Size): boolean => count > MAX_KEPT || bytes > MAX_BYTES
  const dropUntilFit = (kind: string): Size => {
    for (;;) {
      const size = total.get(kind) ?? { count: 0, bytes: 0 }
      if (!isOver(size)) return size
      dropOldest.run(kind, Math.ceil(size.count / SHARE))
    }
  }
  const parsed = <T extends object>(body: string | undefined): T | undefined =>
    body === undefined ? undefined : (JSON.parse(body) as T)

  return {
    find<T extends object>(kind: string, id: string) {
      read()
      return parsed<T>(select.get(kind, id))
    },
    put(kind, id, body) {
      begin()
      const text = JSON.stringify(body)
      insert.run(kind, id, text)
      const was = sizes.get(kind)
      // What is replaced or taken counts until the next look, which drops nothing that has room.
      const size = was && { count: was.count + 1, bytes: was.bytes + text.length }
      sizes.set(kind, size === undefined || isOver(size) ? dropUntilFit(kind) : size)
    },
    take<T extends object>(kind: string, id: string) {
      begin()
      return parsed<T>(remove.get(kind, id))
    },
  }
}
