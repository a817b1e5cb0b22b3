// What a team writes around a hash function: a table of keys, a prepared look-up, and middleware.

import Database from 'better-sqlite3'

const columns = 'id, hash, project_id, environment, label, scopes, created_at, expires_at, revoked_at'

/** Opens the table in write-ahead mode. `by` is the column that a key is looked up by. */
export function openKeyTable(file, by) {
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.exec(
    `CREATE TABLE IF NOT EXISTS api_keys (
       id TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL, project_id TEXT NOT NULL, environment TEXT NOT NULL,
       label TEXT NOT NULL, scopes TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER
     ) WITHOUT ROWID;
     CREATE INDEX IF NOT EXISTS api_keys_by_hash ON api_keys (hash);`,
  )
  const select = database.prepare(`SELECT ${columns} FROM api_keys WHERE ${by} = ?`)
  const insert = database.prepare(`INSERT INTO api_keys (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  return {
    find: (value) => select.get(value),
    insert: database.transaction((rows) => {
      for (const { id, hash } of rows) {
        insert.run(id, hash, '42', 'production', 'backend-prod', '[]', Date.now(), null, null)
      }
    }),
    close: () => database.close(),
  }
}

/** The row, unless it is revoked or expired. */
export function live(row) {
  return row.revoked_at === null && (row.expires_at === null || row.expires_at > Date.now()) ? row : undefined
}

/** Middleware over a look-up that answers at once with a row or nothing. */
export function guard(verify) {
  return (request, response, next) => {
    const key = request.headers['x-api-key']
    const record = key === undefined ? undefined : verify(key)
    if (!record) return refuse(response)
    request.apiKey = record
    next()
  }
}

/** Middleware over a look-up that answers with a promise. */
export function asyncGuard(verify) {
  return async (request, response, next) => {
    const key = request.headers['x-api-key']
    const record = key === undefined ? undefined : await verify(key)
    if (!record) return refuse(response)
    request.apiKey = record
    next()
  }
}

function refuse(response) {
  response.status(401).json({ statusCode: 401, message: 'Invalid or missing API key', error: 'Unauthorized' })
}
