// What a change waits for before it is acknowledged: that every cache has dropped the changed keys, or must have stopped
// answering. A cache stops `max_staleness_ms` after the last poll that it has acknowledged, so waiting that long is enough.

import { setTimeout as sleep } from 'node:timers/promises'
import { steadyClock } from '../clocks.js'
import { isPending } from './postgres-cache-tables.js'
import type { Connections } from './postgres-connections.js'

// Two clocks that count the same milliseconds do not quite agree on them, and timers round down.
const MARGIN_MS = 10
const MAX_PAUSE_MS = 20
const MAX_CLEANED = 1_000

/** Resolves when no cache returns what was true before a committed transaction. */
export type WaitForCaches = (transaction: string, endsAt: number) => Promise<void>

export function createBarrier(connections: Connections, schema: string): WaitForCaches {
  const sql = statements(schema)

  return async (transaction, endsAt) => {
    const startedAt = steadyClock()
    const run = async (text: string, ...more: unknown[]): Promise<readonly unknown[]> => {
      const leftMs = endsAt - steadyClock()
      const { rows } = await connections.use((session) => session.query(text, [transaction, ...more]), leftMs)
      return rows
    }
    let pending = (await run(sql.cleanAndList)) as [maxStalenessMs: number][]
    for (let pauseMs = 1; pending.length > 0; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      const waitMs = Math.max(...pending.map(([maxStalenessMs]) => maxStalenessMs)) + MARGIN_MS
      const waitedMs = steadyClock() - startedAt
      if (waitedMs >= waitMs) {
        // They return nothing any more, and cannot again without being on the list: later changes need not wait.
        await run(sql.evict, Math.floor(waitedMs) - MARGIN_MS).catch(() => undefined)
        return
      }
      await sleep(Math.min(pauseMs, waitMs - waitedMs))
      pending = (await run(sql.list)) as typeof pending
    }
  }
}

function statements(schema: string) {
  const list = `SELECT max_staleness_ms FROM ${schema}.caches WHERE ${isPending}`
  return {
    list,
    // What every cache has seen is of no use in the log any more. Without caches it only has to be kept from growing.
    cleanAndList: `
      WITH cleaned AS (
        DELETE FROM ${schema}.changes WHERE ctid = ANY (ARRAY(
          SELECT ctid FROM ${schema}.changes
          WHERE xid < (SELECT coalesce(min(txid_snapshot_xmin(seen)), $1::bigint) FROM ${schema}.caches)
          LIMIT ${MAX_CLEANED} FOR UPDATE SKIP LOCKED)))
      ${list}`,
    evict: `DELETE FROM ${schema}.caches WHERE max_staleness_ms <= $2::integer AND ${isPending}`,
  }
}
