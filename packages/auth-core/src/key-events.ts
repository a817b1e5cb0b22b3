// All that `createApiKeys` has of events: the store that writes them, the methods that read them, the sweep that finds them.

import { randomUUID } from 'node:crypto'
import { type OptionTable, oneOf, required } from '@gosend/options'
import {
  type Attribution,
  attributionOptions,
  checkArguments,
  invalid,
  metadata,
  name,
} from './attributes.js'
import { checkConsumer, createEventReaders, type EventReaders } from './event-reader.js'
import { createEventSweep, type SweptEvents } from './event-sweep.js'
import {
  type ApiKeyEvent,
  type ApiKeyEventType,
  type EventsOptions,
  type EventsQuery,
  listEvents,
  newEvent,
  shownOf,
  withEvents,
} from './events.js'
import { createKeyReads } from './key-rows.js'
import type { EventConsumer, EventOutbox } from './outbox.js'
import type { ApiKeyStore } from './store.js'

/** What only the host can know of a key. */
export interface EventReport extends Attribution {
  readonly type: Extract<ApiKeyEventType, 'key.leaked' | 'key.over_quota'>
  /** Repeating a report with the same one, 1 to 255 characters, adds no event. Default: each call adds one. */
  readonly once?: string | undefined
  /** What else is worth knowing: a JSON object of at most 16 KiB. It must hold no key. */
  readonly data?: Readonly<Record<string, unknown>> | undefined
}

const eventReport: OptionTable<EventReport> = {
  ...attributionOptions,
  type: required(oneOf('key.leaked', 'key.over_quota')),
  once: name,
  data: metadata,
}

export interface EventMethods {
  /** Whether events are kept. */
  readonly keepsEvents: boolean

  /**
   * Events of keys, the latest first unless ordered otherwise. For the next page, pass the `sequence` of the last one as `after`.
   * @throws ApiKeysError `invalid_argument`, also when `createApiKeys` was not given `events`; so do the methods that follow.
   */
  events(query?: EventsQuery): Promise<readonly ApiKeyEvent[]>

  /**
   * Calls `handler` with every event that this consumer has not acknowledged, in order, at least once, and goes on with those that
   * come. Any number of processes may subscribe with the name of one consumer: one at a time reads, and another takes over when
   * it stops or dies. A new consumer begins with the oldest event that is kept.
   *
   * @param consumer a name of your choice; each consumer gets all events.
   * @example
   * const subscription = apiKeys.subscribe('audit-mail', async (event) => mail(event.type, event.keyId))
   */
  subscribe: EventReaders['subscribe']

  /**
   * The same once, for a job that is run at intervals: resolves when there are no more events, with how many the handler was called
   * with. Rejects with what the handler throws; the event comes again with the next call.
   */
  readEvents: EventReaders['read']

  /** All consumers, and the sequence up to which each has acknowledged. */
  eventConsumers(): Promise<readonly EventConsumer[]>

  /**
   * Lets a consumer begin again behind the event with this sequence; 0 for the oldest that is kept. A subscription reads on from there.
   */
  replayEvents(consumer: string, after: number): Promise<void>

  /** Forgets a consumer that reads no more: events are kept until all consumers have acknowledged them. */
  forgetConsumer(consumer: string): Promise<void>

  /**
   * Adds an event that only you can know of.
   * @returns whether it was added, rather than reported before.
   * @throws ApiKeysError `not_found`, `invalid_argument`.
   */
  reportEvent(id: string, report: EventReport): Promise<boolean>
}

export interface KeyEvents {
  /** The store that was given; with events, every change goes into its outbox. */
  readonly store: ApiKeyStore
  readonly methods: EventMethods
  /** Finds events, and deletes old ones; undefined without events. */
  readonly sweep: (() => Promise<SweptEvents>) | undefined
  stop(): Promise<void>
}

export interface KeyEventsParts {
  readonly store: ApiKeyStore
  readonly options: EventsOptions | undefined
  readonly now: () => number
  readonly rotationPeriodMs: number
  /** Writes uses that are still in memory. */
  readonly flushUses: () => Promise<void>
}

/** @throws TypeError when there are to be events, and the store keeps none. */
export function createKeyEvents({ store: given, options, ...parts }: KeyEventsParts): KeyEvents {
  const outbox = options === undefined ? undefined : given.outbox
  if (options !== undefined && outbox === undefined) {
    throw new TypeError('events: this store cannot keep them; leave events out, or give the store an outbox')
  }
  const outboxFor = (call: string): EventOutbox => {
    if (outbox === undefined)
      throw invalid(`${call}: pass events to createApiKeys, so that the store keeps them`)
    return outbox
  }
  const readers = createEventReaders(outboxFor)
  const store = outbox === undefined ? given : withEvents(given, readers.wake)
  const rows = createKeyReads(store)

  return {
    store,
    sweep: outbox && createEventSweep({ ...options, ...parts, store, outbox }),
    stop: readers.stop,
    methods: {
      keepsEvents: outbox !== undefined,
      subscribe: readers.subscribe,
      readEvents: readers.read,
      events: async (query = {}) => listEvents(outboxFor('events'), query),
      eventConsumers: async () => outboxFor('eventConsumers').consumers(),
      async replayEvents(consumer, after) {
        checkConsumer(consumer)
        if (!Number.isSafeInteger(after) || after < 0)
          throw invalid('after: must be the sequence of an event, or 0')
        await outboxFor('replayEvents').move(consumer, after)
        readers.wake()
      },
      async forgetConsumer(consumer) {
        checkConsumer(consumer)
        await outboxFor('forgetConsumer').move(consumer, null)
      },
      async reportEvent(id, report) {
        const { type, actor = null, once = randomUUID(), data = {} } = checkArguments(eventReport, report)
        const outbox = outboxFor('reportEvent')
        const row = await rows.existing(id)
        const event = newEvent(type, parts.now(), row, actor, { ...shownOf(row), ...data })
        const added = await outbox.append([{ ...event, once: `${type} ${id} ${once}` }])
        if (added > 0) readers.wake()
        return added > 0
      },
    },
  }
}
