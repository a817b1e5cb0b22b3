// Events in the database of their keys, behind Kysely, and who has read how far.

import type { EventOutbox, OutgoingEvent } from '../outbox.js'
import type { KyselyDatabase, Row, Session } from './kysely-database.js'
import { chunksOf, insertAll, isText, lockKeys, passOverDuplicate, places } from './kysely-statements.js'
import { decodeEvent, outboxColumns, outboxStatement, outboxValues } from './outbox-rows.js'

const columns = ['sequence', ...outboxColumns.split(', ')]

/**
 * Writes events at the end of a transaction, apart from those of keys that are not there.
 * @param known the keys that are there, as far as the caller knows; otherwise they are looked up.
 */
export async function writeOutgoing(
  session: Session,
  events: readonly OutgoingEvent[],
  known?: readonly string[],
): Promise<number> {
  if (events.length === 0) return 0
  const there = new Set(
    known ??
      (await lockKeys(
        session,
        events.map(({ keyId }) => keyId),
      )),
  )
  const written = events.filter(({ keyId }) => there.has(keyId))
  if (written.length === 0) return 0
  // This row is held until the commit shows: whoever reads a sequence has seen or can see all lower ones. It is the last lock of
  // a transaction, so that none waits for another in a circle.
  await session.write('UPDATE api_key_outbox_sequence SET last = last + ? WHERE id = 1', [written.length])
  const [row] = await session.read('SELECT last FROM api_key_outbox_sequence WHERE id = 1')
  const first = Number(row?.last) - written.length + 1
  const rows = written.map((event, i) => [first + i, ...outboxValues(event)])
  await insertAll(session, 'api_key_outbox', columns, rows)
  return written.length
}

/** Takes from the events of a key what may be about a person. */
export async function strip({ write }: Session, keyId: string): Promise<void> {
  await write("UPDATE api_key_outbox SET actor = NULL, data = '{}' WHERE key_id = ?", [keyId])
  await write('DELETE FROM api_key_outbox_reports WHERE key_id = ?', [keyId])
}

export function kyselyOutbox({ read, transact }: KyselyDatabase): EventOutbox {
  return {
    async append(found) {
      if (found.length === 0) return 0
      const added = await transact(async (session) => {
        // Whoever erases one of them, or finds the same, waits.
        const known = await lockKeys(
          session,
          found.map(({ keyId }) => keyId),
        )
        const fresh = await withoutReported(
          session,
          found.filter(({ keyId }) => known.has(keyId)),
        )
        if (fresh.length === 0) return undefined
        const reports = fresh.map(({ once, keyId }) => [once, keyId])
        await insertAll(session, 'api_key_outbox_reports', ['once', 'key_id'], reports)
        return writeOutgoing(session, fresh, [...known])
      })
      return added ?? 0
    },

    async list(query) {
      const { projectId = '', keyId = '', type = '', actor = '' } = query
      if (![projectId, keyId, type, actor].every(isText)) return []
      const { sql, values } = outboxStatement(query, 'api_key_outbox', () => '?')
      const rows = await read((session) => session.read(sql, values))
      return rows.map((row) => decodeEvent(columns.map((column) => row[column])))
    },

    claim: (consumer, holder, leaseMs) =>
      transact(async (session) => {
        const found = await lockConsumer(session, consumer)
        const isFree = found.holder === null || found.holder === holder || found.leasedUntil <= found.now
        if (!isFree) return undefined
        await write(session, consumer, found.position, holder, leaseMs)
        return found.position
      }),

    async acknowledge(consumer, holder, sequence, leaseMs) {
      const isOurs = await transact(async (session) => {
        const found = await findConsumer(session, consumer)
        if (found?.holder !== holder) return undefined
        const position = Math.max(found.position, sequence)
        await write(session, consumer, position, leaseMs === 0 ? null : holder, leaseMs)
        return true
      })
      return isOurs ?? false
    },

    async consumers() {
      const rows = await read((session) =>
        session.read('SELECT name, position FROM api_key_outbox_consumers ORDER BY name'),
      )
      return rows.map(({ name, position }) => ({ name: String(name), position: Number(position) }))
    },

    async move(consumer, position) {
      const isKnown = await transact(async (session) => {
        const found = await findConsumer(session, consumer)
        if (position === null)
          await session.write('DELETE FROM api_key_outbox_consumers WHERE name = ?', [consumer])
        else {
          if (found === undefined) await lockConsumer(session, consumer)
          await write(session, consumer, position, null, 0)
        }
        return { before: found !== undefined }
      })
      return isKnown?.before ?? false
    },

    async sweep(before, limit) {
      const deleted = await transact(async (session) => {
        const rows = await session.read(
          `SELECT sequence FROM api_key_outbox WHERE at < ?
             AND sequence <= coalesce((SELECT min(position) FROM api_key_outbox_consumers), sequence)
           ORDER BY sequence LIMIT ?${session.dialect.skipLocked}`,
          [before, limit],
        )
        let count = 0
        for (const part of chunksOf(rows.map(({ sequence }) => sequence))) {
          count += await session.write(`DELETE FROM api_key_outbox WHERE sequence IN (${places(part)})`, part)
        }
        return count
      })
      return deleted ?? 0
    },
  }
}

async function withoutReported<Found extends { readonly once: string }>(
  { read }: Session,
  found: readonly Found[],
): Promise<readonly Found[]> {
  const byOnce = new Map(found.toReversed().map((event) => [event.once, event]))
  for (const part of chunksOf([...byOnce.keys()])) {
    const rows = await read(`SELECT once FROM api_key_outbox_reports WHERE once IN (${places(part)})`, part)
    for (const { once } of rows) byOnce.delete(String(once))
  }
  return found.filter((event) => byOnce.get(event.once) === event)
}

interface Consumer {
  readonly position: number
  readonly holder: string | null
  readonly leasedUntil: number
  /** By the clock of the database. */
  readonly now: number
}

/** Until the transaction ends nobody else changes it. */
async function findConsumer({ dialect, read }: Session, name: string): Promise<Consumer | undefined> {
  const [row] = await read(
    `SELECT position, holder, leased_until, ${dialect.now} AS present FROM api_key_outbox_consumers
      WHERE name = ?${dialect.forUpdate}`,
    [name],
  )
  return row && consumerOf(row)
}

const consumerOf = ({ position, holder, leased_until: leasedUntil, present }: Row): Consumer => ({
  position: Number(position),
  holder: holder === null ? null : String(holder),
  leasedUntil: Number(leasedUntil),
  now: Number(present),
})

/** The same, and begins at 0 with one that is not known. */
async function lockConsumer(session: Session, name: string): Promise<Consumer> {
  const found = await findConsumer(session, name)
  if (found !== undefined) return found
  await session
    .write(
      `INSERT INTO api_key_outbox_consumers (name, position, holder, leased_until) VALUES (?, 0, NULL, 0)${session.dialect.keepExisting}`,
      [name],
    )
    .catch(passOverDuplicate)
  const made = await findConsumer(session, name)
  if (made === undefined) throw new Error(`the consumer ${name} was forgotten as soon as it was made`)
  return made
}

async function write(
  session: Session,
  name: string,
  position: number,
  holder: string | null,
  leaseMs: number,
): Promise<void> {
  await session.write(
    `UPDATE api_key_outbox_consumers SET position = ?, holder = ?, leased_until = ${session.dialect.now} + ? WHERE name = ?`,
    [position, holder, leaseMs, name],
  )
}
