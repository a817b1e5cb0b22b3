// Events in the Postgres database of their keys, and who has read how far.

import type { EventOutbox, OutboxQuery, OutgoingEvent } from '../outbox.js'
import { decodeEvent, outboxColumns, outboxStatement, outboxValues } from './outbox-rows.js'
import type { PostgresResult, Session } from './postgres-connections.js'
import { DURABLY, isText, type PostgresDatabase } from './postgres-database.js'
import { lockOf } from './postgres-schema.js'

/** Writes events at the end of a transaction. */
export type WriteOutgoing = (session: Session, events: readonly OutgoingEvent[]) => Promise<void>

export function createOutgoing(schema: string): WriteOutgoing {
  const sql = `INSERT INTO ${schema}.outbox (${outboxColumns})
    SELECT event->>0, event->>1, (event->>2)::bigint, event->>3, event->>4, event->>5, event->>6
    FROM json_array_elements($1) WITH ORDINALITY AS list(event, place)
    WHERE EXISTS (SELECT FROM ${schema}.keys WHERE keys.id = event->>4 AND erased_at IS NULL) ORDER BY place`
  const lock = lockOf(`${schema} outbox`)
  return async (session, events) => {
    if (events.length === 0) return
    // Held until the commit shows: whoever reads a sequence has seen or can see all lower ones. It is the last lock of a
    // transaction, so that none waits for another in a circle.
    await session.query('SELECT pg_advisory_xact_lock($1)', [lock])
    await session.query(sql, [JSON.stringify(events.map(outboxValues))])
  }
}

/** In SQL: takes from the events of the keys $ids what may be about a person. For the beginning of a statement. */
export const stripping = (schema: string, ids: string) => `WITH stripped AS (
    UPDATE ${schema}.outbox SET actor = NULL, data = '{}' WHERE key_id = ANY(${ids})
  ), forgotten AS (DELETE FROM ${schema}.outbox_reports WHERE key_id = ANY(${ids}))`

export function postgresOutbox({ use, transact }: PostgresDatabase, schema: string): EventOutbox {
  const sql = statements(schema)
  const writeOutgoing = createOutgoing(schema)
  // In a transaction that says it writes, for the database may say by default that none does.
  const write = (text: string, values: readonly unknown[]): Promise<PostgresResult> =>
    use(async (session) => {
      let result: PostgresResult = { rows: [], rowCount: null }
      const run = async () => {
        result = await session.query(text, values)
        return true
      }
      await transact(session, run, DURABLY)
      return result
    })

  return {
    append: (found) =>
      use(async (session) => {
        let added = 0
        const add = async () => {
          const keyIds = found.map(({ keyId }) => keyId)
          // Whoever erases one of them waits, and then finds its events.
          const { rows: keys } = await session.query(sql.lock, [keyIds])
          const known = new Set((keys as [string][]).map(([id]) => id))
          const ofKeys = found.filter(({ keyId }) => known.has(keyId))
          const onces = ofKeys.map(({ once }) => once)
          const { rows } = await session.query(sql.report, [onces, ofKeys.map(({ keyId }) => keyId)])
          const fresh = new Set((rows as [string][]).map(([once]) => once))
          const events = ofKeys.filter(({ once }) => fresh.delete(once))
          added = events.length
          await writeOutgoing(session, events)
          return true
        }
        await transact(session, add, DURABLY)
        return added
      }),

    async list(query) {
      if (!textsOf(query).every(isText)) return []
      const { sql, values } = outboxStatement(query, `${schema}.outbox`, (n) => `$${n}`)
      const { rows } = await use((session) => session.read(sql, values))
      return rows.map(decodeEvent)
    },

    async claim(consumer, holder, leaseMs) {
      const { rows } = await write(sql.claim, [consumer, holder, leaseMs])
      const [[position] = []] = rows as [position?: unknown][]
      return position === undefined ? undefined : Number(position)
    },

    acknowledge: async (...acknowledgement) => (await write(sql.acknowledge, acknowledgement)).rowCount === 1,

    async consumers() {
      const { rows } = await use((session) => session.read(sql.consumers, []))
      return (rows as [string, unknown][]).map(([name, position]) => ({ name, position: Number(position) }))
    },

    async move(consumer, position) {
      const { rows } = await (position === null
        ? write(sql.forget, [consumer])
        : write(sql.place, [consumer, position]))
      return (rows as [boolean][])[0]?.[0] ?? false
    },

    sweep: async (before, limit) => (await write(sql.sweep, [before, limit])).rowCount ?? 0,
  }
}

function statements(schema: string) {
  const until = (place: string) => `clock_timestamp() + ${place}::bigint * interval '1 millisecond'`
  return {
    lock: `SELECT id FROM ${schema}.keys WHERE id = ANY($1) AND erased_at IS NULL ORDER BY id FOR KEY SHARE`,
    // In the order of their texts, so that of two that find the same neither waits for the other in a circle.
    report: `INSERT INTO ${schema}.outbox_reports (once, key_id)
      SELECT DISTINCT ON (once) once, key_id FROM unnest($1::text[], $2::text[]) AS found(once, key_id)
      ORDER BY once ON CONFLICT (once) DO NOTHING RETURNING once`,
    claim: `INSERT INTO ${schema}.outbox_consumers AS known (name, position, holder, leased_until)
      VALUES ($1, 0, $2, ${until('$3')})
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until
      WHERE known.holder IS NULL OR known.holder = excluded.holder OR known.leased_until <= clock_timestamp()
      RETURNING position`,
    acknowledge: `UPDATE ${schema}.outbox_consumers
      SET position = greatest(position, $3::bigint), leased_until = ${until('$4')},
        holder = CASE WHEN $4::bigint = 0 THEN NULL ELSE holder END
      WHERE name = $1 AND holder = $2`,
    consumers: `SELECT name, position FROM ${schema}.outbox_consumers ORDER BY name`,
    place: `INSERT INTO ${schema}.outbox_consumers AS known (name, position, leased_until) VALUES ($1, $2, now())
      ON CONFLICT (name) DO UPDATE SET position = excluded.position, holder = NULL
      RETURNING known.xmax <> 0`,
    forget: `DELETE FROM ${schema}.outbox_consumers WHERE name = $1 RETURNING true`,
    sweep: `DELETE FROM ${schema}.outbox WHERE sequence IN
      (SELECT sequence FROM ${schema}.outbox WHERE at < $1
         AND sequence <= coalesce((SELECT min(position) FROM ${schema}.outbox_consumers), sequence)
       ORDER BY sequence LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  }
}

function textsOf({ projectId, keyId, type, actor }: OutboxQuery): string[] {
  return [projectId, keyId, type, actor].filter((value) => value !== undefined)
}
