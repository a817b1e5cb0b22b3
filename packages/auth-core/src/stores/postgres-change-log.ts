// The log of changed keys and the list of caches, as one cache reads and writes them: in SQL.

import { randomBytes, randomUUID } from 'node:crypto'
import { inTime, type KeptSession, SERVER } from './postgres-connections.js'

/** How far a cache has read the log, on one connection. */
export interface Position {
  /** Names the time on the list: after it has been taken off, a cache needs another. */
  readonly token: string
  readonly server: string
  /** The last snapshot: every transaction that it shows is known. */
  readonly snapshot: string
}

export interface Changes {
  readonly position: Position
  /** Keys that changed since the position before; undefined when there are too many to name. */
  readonly ids: readonly string[] | undefined
}

export interface ChangeLog {
  /** Puts the cache on the list of those that changes wait for. */
  signOn(session: KeptSession): Promise<Position>
  /** Rejects when the server has been replaced, or the cache has been taken off the list. */
  changesSince(session: KeptSession, position: Position): Promise<Changes>
  /** Makes changes wait no longer. Rejects when the cache has been taken off the list. */
  acknowledge(session: KeptSession, position: Position): Promise<void>
  signOff(session: KeptSession): Promise<void>
}

const LOST_AFTER_MS = 2_000

// More changed keys than this at once, and the cache begins anew.
const MAX_CHANGED = 1_000

const OFF_THE_LIST = 'the cache is off the list of those that changes wait for'

export function createChangeLog(schema: string, maxStalenessMs: number): ChangeLog {
  const id = randomBytes(8).toString('hex')
  const sql = statements(schema)
  const run = async (session: KeptSession, text: string, values: readonly unknown[]) => {
    const result = await inTime(Promise.race([session.lost, session.query(text, values)]), LOST_AFTER_MS)
    return result.rows as readonly unknown[][]
  }

  return {
    async signOn(session) {
      const token = randomUUID()
      const [row = []] = await run(session, sql.signOn, [id, token, maxStalenessMs])
      const [server, snapshot] = row as [string, string]
      return { token, server, snapshot }
    },

    async changesSince(session, { token, server, snapshot: last }) {
      const [row = []] = await run(session, sql.read, [id, token, last])
      const [from, snapshot, isListed, changed] = row as [string, string, boolean, string | null]
      if (from !== server) throw new Error('Postgres was restarted, or another server has taken over')
      if (!isListed) throw new Error(OFF_THE_LIST)
      const ids: readonly (string | null)[] = JSON.parse(changed ?? '[]')
      const named = ids.filter((id) => id !== null)
      const isComplete = named.length === ids.length && ids.length <= MAX_CHANGED
      return { position: { token, server, snapshot }, ids: isComplete ? named : undefined }
    },

    async acknowledge(session, { token, snapshot }) {
      const acknowledged = await run(session, sql.acknowledge, [id, token, snapshot])
      if (acknowledged.length === 0) throw new Error(OFF_THE_LIST)
    },

    async signOff(session) {
      await run(session, sql.signOff, [id])
    },
  }
}

function statements(schema: string) {
  return {
    // It has to survive a crash, even where the host has chosen otherwise for itself: so the setting, where it is off.
    signOn: `
      INSERT INTO ${schema}.caches (id, session, server, seen, max_staleness_ms)
      SELECT $1, $2, ${SERVER}, txid_current_snapshot(), $3::integer
      FROM (SELECT CASE current_setting('synchronous_commit') WHEN 'off'
        THEN set_config('synchronous_commit', 'on', true) END) AS durably
      ON CONFLICT (id) DO UPDATE SET session = excluded.session, server = excluded.server, seen = excluded.seen
      RETURNING server, seen::text`,
    // One statement, and so one snapshot: the one that it returns. A log that was restored from a backup of another
    // server may hold ids of transactions that are yet to come.
    read: `
      SELECT ${SERVER}, txid_current_snapshot()::text,
        EXISTS (SELECT FROM ${schema}.caches WHERE id = $1 AND session = $2) AND NOT pg_is_in_recovery(),
        (SELECT json_agg(key_id)::text FROM (
          SELECT DISTINCT key_id FROM ${schema}.changes
          WHERE xid >= txid_snapshot_xmin($3::txid_snapshot) AND NOT txid_visible_in_snapshot(xid, $3::txid_snapshot)
            AND xid < txid_snapshot_xmax(txid_current_snapshot())
          LIMIT ${MAX_CHANGED + 1}) AS changed)`,
    // Who reads it must see it at once; whether it survives a crash does not matter.
    acknowledge: `
      UPDATE ${schema}.caches SET seen = $3::txid_snapshot
      FROM (SELECT set_config('synchronous_commit', 'off', true)) AS quickly
      WHERE id = $1 AND session = $2 RETURNING id`,
    signOff: `DELETE FROM ${schema}.caches WHERE id = $1`,
  }
}
