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

const MAX_KEPT = 10_000
/** Of all answers together: a few long ones may not fill the disk. */
const MAX_BYTES = 64 * 1_048_576
/** A tenth, so that it is not looked at again at once. */
const SHARE = 10

export function openFirstAnswers(db: Connection, { read, begin }: Transactions): FirstAnswers {
  const select = db.prepare<FirstAnswer>(
    'SELECT fingerprint, answer FROM mock_first_answers WHERE key = ? AND at >= ?',
  )
  const insert = db.prepare('INSERT OR REPLACE INTO mock_first_answers VALUES (?, ?, ?, ?)')
  const total = db.prepare<{ readonly count: number; readonly bytes: number }>(
    'SELECT count(*) AS count, coalesce(sum(length(answer)), 0) AS bytes FROM mock_first_answers',
  )
  const dropOldest = db.prepare(
    'DELETE FROM mock_first_answers WHERE key IN (SELECT key FROM mock_first_answers ORDER BY at LIMIT ?)',
  )
  // Keys of any length have names of one length, and what clients chose is not kept.
  const nameOf = ({ scope, operation, key }: KeyedRequest): string =>
    createHash('sha256')
      .update(JSON.stringify([scope, operation, key]))
      .digest('base64')
  let kept: { readonly count: number; readonly bytes: number } | undefined
  const dropUntilFit = () => {
    let { count, bytes } = total.get() ?? { count: 0, bytes: 0 }
    while (count > MAX_KEPT || bytes > MAX_BYTES) {
      dropOldest.run(Math.ceil(count / SHARE))
      ;({ count, bytes } = total.get() ?? { count: 0, bytes: 0 })
    }
    return { count, bytes }
  }

  return {
    find(request, since) {
      read()
      return select.get(nameOf(request), since)
    },
    keep(request, { fingerprint, answer }, at) {
      begin()
      insert.run(nameOf(request), fingerprint, answer, at)
      // What replaces another is counted twice until the next look, which drops nothing that has room.
      kept =
        kept === undefined ? dropUntilFit() : { count: kept.count + 1, bytes: kept.bytes + answer.length }
      if (kept.count > MAX_KEPT || kept.bytes > MAX_BYTES) kept = dropUntilFit()
    },
  }
}
