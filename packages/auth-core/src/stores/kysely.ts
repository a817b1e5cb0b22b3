// Keys in any database that Kysely speaks to: the port, put into SQL that MySQL, MariaDB, Postgres, SQLite and those that speak
// like them understand.

import type { ApiKeyStore, DailyUse, ErasedRows, KeyEvent, KeyLimit, StoredKey } from '../store.js'
import { columns, decode, erasedColumns, erasedValues, fields, valuesOf, writtenColumns } from './columns.js'
import { ACTIVE, pageStatement, totalStatement } from './key-lists.js'
import {
  type AnyKysely,
  type KyselyDatabase,
  type KyselyStoreOptions,
  openKyselyDatabase,
  type Row,
  type Session,
} from './kysely-database.js'
import { kyselyOutbox, strip, writeOutgoing } from './kysely-outbox.js'
import { forget, kyselyOutcomes } from './kysely-outcomes.js'
import { chunksOf, isDuplicate, isText, nameBatch, places } from './kysely-statements.js'

export { type KyselyProjects, kyselyProjects } from './kysely-projects.js'
export type { KyselyStoreOptions }

/**
 * Keys in a database of Kysely, in tables of their own (`api_key…`), made on the first call: MySQL 8, MariaDB 10.6, Postgres,
 * SQLite, and dialects that build on these. Every read goes to the connection that `db` gives, which must be the primary's.
 *
 * `sqliteStore` and `postgresStore` do more for their databases: they notice a replaced file or a read replica, and read faster.
 *
 * @example
 * const store = kyselyStore(new Kysely({ dialect: new MysqlDialect({ pool: createPool(url) }) }))
 *
 * @param db stays open: the caller destroys it. Its plugins are passed over.
 * @throws TypeError when an argument is wrong.
 */
export function kyselyStore(db: AnyKysely, options: KyselyStoreOptions = {}): ApiKeyStore {
  const database = openKyselyDatabase(db, options)
  return {
    database: database.identity,
    outbox: kyselyOutbox(database),
    outcomes: kyselyOutcomes(database),
    ...createQueries(database),
    commit: createCommit(database),
    recordUses: createUseRecorder(database),
    erase: createErase(database),
    sweep: createSweep(database),
  }
}

const read = [...fields.map((field) => columns[field]), 'last_used_at', 'project_status']
const keyOf = (row: Row): StoredKey => decode(read.map((column) => row[column]))

function createQueries({ read }: KyselyDatabase): Pick<ApiKeyStore, 'find' | 'history' | 'list' | 'usage'> {
  return {
    async find(id) {
      if (!isText(id)) return undefined
      const [row] = await read(({ dialect, read }) =>
        read(`SELECT ${dialect.lists.columns} FROM api_keys WHERE id = ? AND erased_at IS NULL`, [id]),
      )
      return row && keyOf(row)
    },

    list: (query) =>
      read(async ({ dialect, read }) => {
        const page = pageStatement(query, dialect.lists)
        const rows = (await read(page.sql, page.values)).map(keyOf)
        if (!query.total) return { rows, total: null }
        const total = totalStatement(query, dialect.lists)
        const [counted] = await read(total.sql, total.values)
        return { rows, total: Number(Object.values(counted ?? {})[0]) }
      }),

    async history(projectId, keyId, limit, { actor, from, to, before } = {}) {
      if (!isText(projectId) || !isText(keyId) || !isText(actor ?? null)) return []
      const conditions = Object.entries({
        'key_id = ?': keyId ?? undefined,
        'actor = ?': actor,
        'at >= ?': from,
        'at < ?': to,
        'id < ?': before,
      }).filter(([, value]) => value !== undefined)
      const rows = await read(({ read }) =>
        read(
          `SELECT at, project_id, key_id, action, actor, details, id FROM api_key_events
            WHERE ${['project_id = ?', ...conditions.map(([sql]) => sql)].join(' AND ')} ORDER BY id DESC LIMIT ?`,
          [projectId, ...conditions.map(([, value]) => value), limit],
        ),
      )
      return rows.map(eventOf)
    },

    async usage(projectId, fromDay, toDay, keyId) {
      if (!isText(projectId) || !isText(keyId ?? null)) return []
      const [ofKey, values] = keyId === undefined ? ['', []] : ['AND api_key_uses.key_id = ?', [keyId]]
      const rows = await read(({ read }) =>
        read(
          `SELECT api_key_uses.key_id AS key_id, day, count FROM api_keys JOIN api_key_uses ON api_key_uses.key_id = api_keys.id
            WHERE project_id = ? AND day BETWEEN ? AND ? ${ofKey} ORDER BY day, api_key_uses.key_id`,
          [projectId, fromDay, toDay, ...values],
        ),
      )
      return rows.map(({ key_id: keyId, day, count }): DailyUse => {
        return { keyId: String(keyId), day: String(day), count: Number(count) }
      })
    },
  }
}

function eventOf(row: Row): KeyEvent {
  const {
    at,
    project_id: projectId,
    key_id: keyId,
    action,
    actor,
    details,
    id,
  } = row as {
    readonly id: number | string
    readonly at: number | string
    readonly project_id: string
    readonly key_id: string
    readonly action: KeyEvent['action']
    readonly actor: string | null
    readonly details: string
  }
  return {
    at: Number(at),
    projectId,
    keyId,
    action,
    actor,
    details: JSON.parse(details),
    sequence: Number(id),
  }
}

const names = writtenColumns.join(', ')
const assignments = writtenColumns.map((column) => `${column} = ?`).join(', ')

function createCommit({ read, transact }: KyselyDatabase): ApiKeyStore['commit'] {
  /** Where the database has no other way to say so, an id that is taken is an error. */
  const isTaken = async (error: unknown, rows: readonly StoredKey[]): Promise<boolean> => {
    const inserted = rows.filter(({ version }) => version === 1).map(({ id }) => id)
    if (inserted.length === 0 || !isDuplicate(error)) return false
    const sql = `SELECT id FROM api_keys WHERE id IN (${places(inserted)})`
    return (await read((session) => session.read(sql, inserted))).length > 0
  }

  return async (rows, events = [], keyLimit, outgoing = []) => {
    try {
      const won = await transact(async (session) => {
        if (keyLimit !== undefined) await enter(session, keyLimit)
        if (!(await writeRows(session, rows))) return undefined
        if (keyLimit !== undefined && (await isOver(session, keyLimit))) return undefined
        for (const event of events) await append(session, event)
        await writeOutgoing(session, outgoing)
        return true
      })
      return won ?? false
    } catch (error) {
      if (await isTaken(error, rows)) return false
      throw error
    }
  }
}

async function writeRows(session: Session, rows: readonly StoredKey[]): Promise<boolean> {
  // Always in the order of ids, so that of two that change the same rows neither waits for the other.
  for (const row of rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (!(await writeRow(session, row))) return false
  }
  return true
}

async function writeRow({ dialect, write }: Session, row: StoredKey): Promise<boolean> {
  const values = valuesOf(row)
  const written =
    row.version === 1
      ? await write(
          `INSERT INTO api_keys (${names}) VALUES (${places(values)})${dialect.keepExisting}`,
          values,
        )
      : await write(`UPDATE api_keys SET ${assignments} WHERE id = ? AND version = ? AND erased_at IS NULL`, [
          ...values,
          row.id,
          row.version - 1,
        ])
  return written === 1
}

/** Of two that each add the last key, the second waits here until it can see the first one's. */
async function enter({ dialect, read, write }: Session, { projectId }: KeyLimit): Promise<void> {
  if (dialect.writesFirst) return
  const isKnown = () =>
    read(`SELECT project_id FROM api_key_projects_locked WHERE project_id = ?${dialect.forUpdate}`, [
      projectId,
    ])
  if ((await isKnown()).length > 0) return
  await write(`INSERT INTO api_key_projects_locked (project_id) VALUES (?)${dialect.keepExisting}`, [
    projectId,
  ]).catch((error) => {
    if (!isDuplicate(error)) throw error
  })
  await isKnown()
}

async function isOver({ read }: Session, { projectId, limit, now }: KeyLimit): Promise<boolean> {
  const rows = await read(`SELECT id FROM api_keys WHERE project_id = ? AND ${ACTIVE('?')} LIMIT ?`, [
    projectId,
    now,
    limit + 1,
  ])
  return rows.length > limit
}

async function append({ write }: Session, event: KeyEvent): Promise<void> {
  const { at, projectId, keyId, action, actor, details } = event
  await write(
    'INSERT INTO api_key_events (at, project_id, key_id, action, actor, details) VALUES (?, ?, ?, ?, ?, ?)',
    [at, projectId, keyId, action, actor, JSON.stringify(details)],
  )
}

function createUseRecorder({ transact }: KyselyDatabase): ApiKeyStore['recordUses'] {
  return async (given, batch) => {
    const uses = given.filter(({ id }) => isText(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    if (uses.length === 0) return
    await transact(async (session) => {
      if (batch !== undefined && !(await nameBatch(session, batch))) return undefined
      for (const part of chunksOf(uses)) await recordPart(session, part)
      return true
    })
  }
}

async function recordPart(
  { dialect, read, write }: Session,
  uses: Parameters<ApiKeyStore['recordUses']>[0],
): Promise<void> {
  const ids = uses.map(({ id }) => id)
  const rows = await read(
    `SELECT id, last_used_at FROM api_keys WHERE id IN (${places(ids)}) AND erased_at IS NULL ORDER BY id${dialect.forUpdate}`,
    ids,
  )
  const lastUses = new Map(rows.map((row) => [row.id, row.last_used_at]))
  const known = uses.filter(({ id }) => lastUses.has(id))
  for (const { id, at } of known) {
    const last = lastUses.get(id) ?? null
    if (last === null || Number(last) < at)
      await write('UPDATE api_keys SET last_used_at = ? WHERE id = ?', [at, id])
  }
  const addCount = dialect.addCount('api_key_uses', 'key_id, day')
  const counts = known.flatMap(({ id, days }) => [...days].map(([day, count]) => [id, day, count] as const))
  for (const part of chunksOf(counts)) {
    await write(
      `INSERT INTO api_key_uses (key_id, day, count) VALUES ${part.map(() => '(?, ?, ?)').join(', ')}${addCount}`,
      part.flat(),
    )
  }
}

const erasing = erasedColumns.map((column) => `${column} = ?`).join(', ')

function createErase({ transact }: KyselyDatabase): ApiKeyStore['erase'] {
  return async (given, at, outgoing = []) => {
    const nothing: ErasedRows = { keys: 0, events: 0, uses: 0 }
    const ids = given.filter(isText)
    if (ids.length === 0) return nothing
    const erased = await transact(async (session) => {
      const { dialect, read, write } = session
      const rows = { keys: 0, events: 0, uses: 0 }
      const gone: string[] = []
      for (const part of chunksOf(ids.toSorted())) {
        const found = await read(
          `SELECT id FROM api_keys WHERE id IN (${places(part)}) AND erased_at IS NULL ORDER BY id${dialect.forUpdate}`,
          part,
        )
        for (const id of found.map(({ id }) => String(id))) {
          gone.push(id)
          await strip(session, id)
          await forget(session, id)
          rows.events += await write('DELETE FROM api_key_events WHERE key_id = ?', [id])
          rows.uses += await write('DELETE FROM api_key_uses WHERE key_id = ?', [id])
          rows.keys += await write(
            `UPDATE api_keys SET ${erasing}, erased_at = ?, version = version + 1 WHERE id = ?`,
            [...erasedValues, at, id],
          )
        }
      }
      await writeOutgoing(session, outgoing, gone)
      return rows
    })
    return erased ?? nothing
  }
}

function createSweep({ transact }: KyselyDatabase): ApiKeyStore['sweep'] {
  return async ({ eventsBefore, usesBefore, limit }) => {
    const swept = await transact(async ({ dialect, read, write }) => {
      const rows = { events: 0, uses: 0 }
      if (eventsBefore !== null) {
        const oldest = await read(
          `SELECT id, at FROM api_key_events ORDER BY id LIMIT ?${dialect.skipLocked}`,
          [limit],
        )
        const outdated = oldest.filter(({ at }) => Number(at) < eventsBefore).map(({ id }) => id)
        for (const part of chunksOf(outdated)) {
          rows.events += await write(`DELETE FROM api_key_events WHERE id IN (${places(part)})`, part)
        }
      }
      if (usesBefore !== null) {
        const outdated = await read(
          `SELECT key_id, day FROM api_key_uses WHERE day < ? ORDER BY day LIMIT ?${dialect.skipLocked}`,
          [usesBefore, limit],
        )
        for (const { key_id: id, day } of outdated) {
          rows.uses += await write('DELETE FROM api_key_uses WHERE key_id = ? AND day = ?', [id, day])
        }
      }
      return rows
    })
    return swept ?? { events: 0, uses: 0 }
  }
}
