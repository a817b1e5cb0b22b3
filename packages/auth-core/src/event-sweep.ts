// What happens to keys without anybody changing them: they come to expire, they are not used, they are due for rotation. A sweep finds
// it and puts an event into the outbox, once for each, in however many processes it runs. It also deletes old events.

import { type ApiKeyEventType, type EventsOptions, newEvent, shownOf } from './events.js'
import { sortValueOf } from './key-order.js'
import type { EventOutbox, FoundEvent } from './outbox.js'
import type { ApiKeyStore, KeyQuery, StoredKey } from './store.js'

const DAY_MS = 86_400_000
/** So many keys are read at a time, and so many events deleted in one transaction. */
const BATCH = 500

export interface EventSweepParts extends EventsOptions {
  readonly store: Pick<ApiKeyStore, 'list'>
  readonly outbox: EventOutbox
  readonly now: () => number
  readonly rotationPeriodMs: number
  /** Writes uses that are still in memory. */
  readonly flushUses: () => Promise<void>
}

/** What a sweep did to events of keys. */
export interface SweptEvents {
  /** How many events it found and put into the outbox. */
  readonly eventsFound: number
  /** How many old events it deleted from the outbox. */
  readonly eventsDeleted: number
}

interface Search {
  readonly type: ApiKeyEventType
  readonly query: Pick<KeyQuery, 'sort'> & Partial<KeyQuery>
  /** The time that makes it something new to report; null when there is nothing to report. */
  readonly since: (row: StoredKey) => number | null
  /** Whether there is nothing to report of this row and all after it. */
  readonly isOver?: (row: StoredKey) => boolean
}

export function createEventSweep(parts: EventSweepParts): () => Promise<SweptEvents> {
  const { outbox, now, flushUses, keepMs = 30 * DAY_MS } = parts
  return async () => {
    await flushUses()
    let eventsFound = 0
    for (const search of searchesAt(now(), parts)) eventsFound += await report(search, parts)
    let eventsDeleted = 0
    for (let deleted = BATCH; deleted === BATCH; eventsDeleted += deleted) {
      deleted = await outbox.sweep(now() - keepMs, BATCH)
    }
    return { eventsFound, eventsDeleted }
  }
}

function searchesAt(
  at: number,
  { expiringMs = 7 * DAY_MS, idleMs = 90 * DAY_MS, rotationPeriodMs }: EventSweepParts,
): readonly Search[] {
  return [
    {
      type: 'key.expiring',
      query: { sort: 'expiresAt', expiresBefore: at + expiringMs, after: { value: at, id: '' } },
      since: ({ expiresAt }) => expiresAt,
    },
    {
      type: 'key.idle',
      query: { sort: 'createdAt', unusedSince: at - idleMs },
      since: ({ lastUsedAt, createdAt }) => lastUsedAt ?? createdAt,
    },
    {
      type: 'key.rotation_due',
      query: { sort: 'createdAt' },
      // A key in its grace period has been rotated.
      since: ({ createdAt, replacedBy }) => (replacedBy === null ? createdAt : null),
      isOver: ({ createdAt }) => createdAt + rotationPeriodMs > at,
    },
  ]
}

async function report(search: Search, { store, outbox, now }: EventSweepParts): Promise<number> {
  const { type, query, since, isOver = () => false } = search
  let reported = 0
  for (let { after } = query; ; ) {
    const page = { status: 'active', order: 'asc', limit: BATCH, total: false, now: now() } as const
    const { rows } = await store.list({ ...page, ...query, after })
    const end = rows.findIndex(isOver)
    const found = (end === -1 ? rows : rows.slice(0, end)).flatMap((row): FoundEvent[] => {
      const time = since(row)
      const once = `${type} ${row.id} ${time}`
      const data = { ...shownOf(row), lastUsedAt: row.lastUsedAt && new Date(row.lastUsedAt).toISOString() }
      return time === null ? [] : [{ ...newEvent(type, now(), row, null, data), once }]
    })
    if (found.length > 0) reported += await outbox.append(found)
    const last = rows.at(-1)
    if (last === undefined || end !== -1) return reported
    after = { value: sortValueOf(last, query.sort), id: last.id }
  }
}
