// Events in the SQLite file of their keys, and who has read how far.

import { LRUCache } from 'lru-cache'
import { wallClock } from '../clocks.js'
import type { EventOutbox, OutgoingEvent } from '../outbox.js'
import { decodeEvent, outboxColumns, outboxStatement, outboxValues } from './outbox-rows.js'
import type { SqliteQuery } from './sqlite-connection.js'
import type { SqliteDatabase } from './sqlite-database.js'

/** What the store does within a transaction of its own. */
export interface SqliteOutbox {
  readonly outbox: EventOutbox
  write(events: readonly OutgoingEvent[]): void
  /** Takes from the events of a key what may be about a person. */
  strip(keyId: string): void
}

export function sqliteOutbox(database: SqliteDatabase): SqliteOutbox {
  const statements = prepareStatements(database)
  const { insert, strip, forgetReported, report, all, claim, positionOf, acknowledge } = statements
  const { place, forget, sweep } = statements
  const lists = new LRUCache<string, SqliteQuery>({ max: 100 })

  const write = (event: OutgoingEvent): number => changesOf(insert.run(...outboxValues(event), event.keyId))

  /** Commits what `work` wrote, and returns what it counted. */
  const transact = (work: () => number): number => {
    let count = 0
    database.transact(() => {
      count = work()
      return true
    })
    return count
  }

  const outbox: EventOutbox = {
    append: (events) =>
      transact(
        () =>
          events.filter((event) => changesOf(report.run(event.once, event.keyId)) > 0 && write(event) > 0)
            .length,
      ),
    list(query) {
      database.watch()
      const { sql, values } = outboxStatement(query, 'api_key_outbox', () => '?')
      const list = lists.get(sql) ?? database.query(sql)
      lists.set(sql, list)
      return list.all(...values).map(decodeEvent)
    },
    claim(consumer, holder, leaseMs) {
      const now = wallClock()
      const isOurs = transact(() => changesOf(claim.run(consumer, holder, now + leaseMs, now))) > 0
      return isOurs ? Number(positionOf.get(consumer)?.[0]) : undefined
    },
    acknowledge: (consumer, holder, sequence, leaseMs) =>
      transact(() =>
        changesOf(
          acknowledge.run(sequence, leaseMs === 0 ? null : holder, wallClock() + leaseMs, consumer, holder),
        ),
      ) > 0,
    consumers() {
      database.watch()
      return all.all().map(([name, position]) => ({ name: String(name), position: Number(position) }))
    },
    move(consumer, position) {
      let isKnown = false
      transact(() => {
        isKnown = positionOf.get(consumer) !== undefined
        return changesOf(position === null ? forget.run(consumer) : place.run(consumer, position))
      })
      return isKnown
    },
    sweep: (before, limit) => transact(() => changesOf(sweep.run(before, limit))),
  }

  return {
    outbox,
    write: (events) => events.forEach(write),
    strip(keyId) {
      strip.run(keyId)
      forgetReported.run(keyId)
    },
  }
}

function prepareStatements(database: SqliteDatabase) {
  return {
    insert: database.prepare(
      `INSERT INTO api_key_outbox (${outboxColumns}) SELECT ?, ?, ?, ?, ?, ?, ?
       WHERE EXISTS (SELECT 1 FROM api_keys WHERE id = ? AND erased_at IS NULL)`,
    ),
    strip: database.prepare("UPDATE api_key_outbox SET actor = NULL, data = '{}' WHERE key_id = ?"),
    forgetReported: database.prepare('DELETE FROM api_key_outbox_reports WHERE key_id = ?'),
    report: database.prepare(
      `INSERT INTO api_key_outbox_reports (once, key_id)
       SELECT ?, id FROM api_keys WHERE id = ? AND erased_at IS NULL ON CONFLICT (once) DO NOTHING`,
    ),
    all: database.query('SELECT name, position FROM api_key_outbox_consumers ORDER BY name'),
    claim: database.prepare(
      `INSERT INTO api_key_outbox_consumers (name, position, holder, leased_until) VALUES (?, 0, ?, ?)
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until
       WHERE holder IS NULL OR holder = excluded.holder OR leased_until <= ?`,
    ),
    positionOf: database.query('SELECT position FROM api_key_outbox_consumers WHERE name = ?'),
    acknowledge: database.prepare(
      `UPDATE api_key_outbox_consumers SET position = max(position, ?), holder = ?, leased_until = ?
       WHERE name = ? AND holder = ?`,
    ),
    place: database.prepare(
      `INSERT INTO api_key_outbox_consumers (name, position, holder, leased_until) VALUES (?, ?, NULL, 0)
       ON CONFLICT (name) DO UPDATE SET position = excluded.position, holder = NULL`,
    ),
    forget: database.prepare('DELETE FROM api_key_outbox_consumers WHERE name = ?'),
    sweep: database.prepare(
      `DELETE FROM api_key_outbox WHERE sequence IN
       (SELECT sequence FROM api_key_outbox WHERE at < ?
          AND sequence <= ifnull((SELECT min(position) FROM api_key_outbox_consumers), sequence)
        ORDER BY sequence LIMIT ?)`,
    ),
  }
}

const changesOf = (result: { readonly changes: number | bigint }) => Number(result.changes)
