// Events of keys: what the outbox of a store holds, as those see it who read it. Every entry of the audit log is an event, and so is
// an erasure; the store writes them in the transaction of the change.

import { randomUUID } from 'node:crypto'
import { fitting, type OptionTable, oneOf, text, wholeNumber } from '@gosend/options'
import { checkArguments, instant, name } from './attributes.js'
import type { EventOutbox, OutboxEvent, OutgoingEvent } from './outbox.js'
import type { ApiKeyStore, KeyEvent, StoredKey } from './store.js'

const DAY_MS = 86_400_000

const typeOfAction = {
  issued: 'key.created',
  rotated: 'key.rotated',
  revoked: 'key.revoked',
  updated: 'key.updated',
  disabled: 'key.disabled',
  enabled: 'key.enabled',
} as const satisfies Readonly<Record<KeyEvent['action'], string>>

/** All types: those of changes, and those that `sweep()` finds or the host reports. */
export const apiKeyEventTypes = [
  ...Object.values(typeOfAction),
  'key.erased',
  'key.expiring',
  'key.idle',
  'key.rotation_due',
  'key.over_quota',
  'key.leaked',
] as const

export type ApiKeyEventType = (typeof apiKeyEventTypes)[number]

/** Something that happened to a key. It never holds a key, a secret or a hash. */
export interface ApiKeyEvent {
  /** Unique: by it a receiver recognises an event that it gets twice. */
  readonly id: string
  /** Its place in the order in which changes were committed. Sequences rise, with gaps. */
  readonly sequence: number
  readonly type: ApiKeyEventType
  readonly at: Date
  readonly projectId: string
  readonly keyId: string
  /** Who caused it, in your words; null when nobody said, and once the key is erased. */
  readonly actor: string | null
  /** `environment`, `label`, `ownerId`, `createdBy`, `expiresAt`, `scopes`, and what the type adds. Empty once the key is erased. */
  readonly data: Readonly<Record<string, unknown>>
}

export interface EventsOptions {
  /** How long events are kept that every consumer has acknowledged: at least a day. Default 30 days. */
  readonly keepMs?: number | undefined
  /** How long before its expiry a key is reported as `key.expiring`. Default 7 days. */
  readonly expiringMs?: number | undefined
  /** How long a key is unused before it is reported as `key.idle`. Default 90 days. */
  readonly idleMs?: number | undefined
}

export const eventsOptions: OptionTable<EventsOptions> = {
  keepMs: wholeNumber(DAY_MS),
  expiringMs: wholeNumber(),
  idleMs: wholeNumber(),
}

export interface EventsQuery {
  readonly projectId?: string | undefined
  readonly keyId?: string | undefined
  readonly type?: ApiKeyEventType | undefined
  readonly actor?: string | undefined
  /** Only events of this instant and later ones. */
  readonly from?: Date | undefined
  /** Only events before this instant. */
  readonly to?: Date | undefined
  /** `asc` begins with the oldest. Default `desc`. */
  readonly order?: 'asc' | 'desc' | undefined
  /** The list goes on behind the event with this sequence. */
  readonly after?: number | undefined
  /** 1 to 1,000. Default 100. */
  readonly limit?: number | undefined
}

const eventsQuery: OptionTable<EventsQuery> = {
  projectId: name,
  keyId: text,
  type: oneOf(...apiKeyEventTypes),
  actor: name,
  from: instant,
  to: instant,
  order: oneOf('asc', 'desc'),
  after: fitting(
    (value) => Number.isSafeInteger(value) && Number(value) >= 0,
    'must be the sequence of an event',
  ),
  limit: wholeNumber(1, 1_000),
}

/** An event as `ApiKeyEvent`. */
export const eventOfRow = ({ at, type, ...row }: OutboxEvent): ApiKeyEvent => ({
  ...row,
  type: type as ApiKeyEventType,
  at: new Date(at),
})

export const newEvent = (
  type: ApiKeyEventType,
  at: number,
  key: Pick<StoredKey, 'id' | 'projectId'>,
  actor: string | null,
  data: OutgoingEvent['data'],
): OutgoingEvent => ({
  id: `evt_${randomUUID().replaceAll('-', '')}`,
  type,
  at,
  projectId: key.projectId,
  keyId: key.id,
  actor,
  data,
})

/** What every event says of its key. */
export const shownOf = ({ environment, label, ownerId, createdBy, expiresAt, scopes }: StoredKey) => ({
  environment,
  label,
  ownerId,
  createdBy,
  expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  scopes,
})

/**
 * A store that puts an event into its outbox with every change.
 * @param onCommitted called when there may be new events.
 */
export function withEvents(store: ApiKeyStore, onCommitted: () => void): ApiKeyStore {
  return {
    ...store,
    async commit(rows, events = [], keyLimit) {
      const byId = new Map(rows.map((row) => [row.id, row]))
      const outgoing = events.map(({ action, at, actor, details, projectId, keyId }) => {
        const row = byId.get(keyId)
        const data = row === undefined ? details : { ...shownOf(row), ...details }
        return newEvent(typeOfAction[action], at, { id: keyId, projectId }, actor, data)
      })
      const won = await store.commit(rows, events, keyLimit, outgoing)
      if (won && outgoing.length > 0) onCommitted()
      return won
    },
    async erase(ids, at) {
      const query = {
        ids,
        sort: 'createdAt',
        order: 'asc',
        limit: ids.length,
        total: false,
        now: at,
      } as const
      const rows = ids.length === 0 ? [] : (await store.list(query)).rows
      const erased = await store.erase(
        ids,
        at,
        rows.map((row) => newEvent('key.erased', at, row, null, {})),
      )
      onCommitted()
      return erased
    },
  }
}

export async function listEvents(outbox: EventOutbox, query: EventsQuery): Promise<readonly ApiKeyEvent[]> {
  const { order = 'desc', limit = 100, from, to, ...others } = checkArguments(eventsQuery, query)
  const rows = await outbox.list({
    ...others,
    from: from?.getTime(),
    until: to?.getTime(),
    order,
    limit,
  })
  return rows.map(eventOfRow)
}
