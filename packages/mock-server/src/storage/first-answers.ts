// The table of answers that are given again when a request is repeated with its idempotency key.

import { createHash } from 'node:crypto'
import type { Connection } from './connection.js'
import type { Transactions } from './transactions.js'

/** The request that a key belongs to. */
export interface KeyedRequest {
  /** Project and environment. */
  readonly scope: string
  readonly operation: string
  readonly key: string
}

export interface FirstAnswer {
  /** Of the request that it answered. */
  readonly fingerprint: string
  /** As JSON. */
  readonly answer: string
}

export interface FirstAnswers {
  /** Undefined when there is none, or when it was made before `since`. */
  find(request: KeyedRequest, since: number): FirstAnswer | undefined
  keep(request: KeyedRequest, answer: FirstAnswer, at: number): void
}

export const FIRST_ANSWER_TABLES = `
  CREATE TABLE IF NOT EXISTS mock_first_answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS mock_first_answers_by_age ON mock_first_answers (at);
`

/** How many are kept: each is as long as its answer. */
const MAX_KEPT = 10_000

export function openFirstAnswers(db: Connection, { read, begin }: Transactions): FirstAnswers {
  const select = db.prepare<FirstAnswer>(
    'SELECT fingerprint, answer FROM mock_first_answers WHERE key = ? AND at >= ?',
  )
  const insert = db.prepare('INSERT OR REPLACE INTO mock_first_answers VALUES (?, ?, ?, ?)')
  const count = db.prepare<number>('SELECT count(*) FROM mock_first_answers').pluck()
  const dropOldest = db.prepare(
    'DELETE FROM mock_first_answers WHERE key IN (SELECT key FROM mock_first_answers ORDER BY at LIMIT ?)',
  )
  // Keys of any length have names of one length, and what clients chose is not kept.
  const nameOf = ({ scope, operation, key }: KeyedRequest): string =>
    createHash('sha256')
      .update(JSON.stringify([scope, operation, key]))
      .digest('base64')
  let kept: number | undefined

  return {
    find(request, since) {
      read()
      return select.get(nameOf(request), since)
    },
    keep(request, { fingerprint, answer }, at) {
      begin()
      insert.run(nameOf(request), fingerprint, answer, at)
      kept = (kept ?? count.get() ?? 0) + 1
      if (kept <= MAX_KEPT) return
      dropOldest.run(MAX_KEPT / 10)
      kept = undefined
    },
  }
}
