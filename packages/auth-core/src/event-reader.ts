// Reads the outbox for a consumer: event by event, in order, at least once, by one process at a time. What was handled is acknowledged
// in the store, so that a process that dies is followed by one that begins with the event it was at.

import { randomUUID } from 'node:crypto'
import { callback, delayMs, listOf, type OptionTable, oneOf } from '@gosend/options'
import { checkArguments, invalid } from './attributes.js'
import type { Awaitable } from './awaitable.js'
import { notify } from './callbacks.js'
import { clearTimeout, setTimeout } from './clocks.js'
import { type ApiKeyEvent, type ApiKeyEventType, apiKeyEventTypes, eventOfRow } from './events.js'
import type { EventOutbox } from './outbox.js'

/**
 * Called with one event after the other. An event is acknowledged when this returns or resolves; when it throws, the event comes again,
 * and none after it before.
 * @param signal aborts when the subscription stops, or another process has taken over.
 */
export type EventHandler = (event: ApiKeyEvent, signal: AbortSignal) => Awaitable<unknown>

export interface ReadOptions {
  /** Only events of these types; the others count as handled. Default: all. */
  readonly types?: readonly ApiKeyEventType[] | undefined
  /** How long another process waits after this one has died, before it takes over. At least a second; default 30 seconds. */
  readonly leaseMs?: number | undefined
}

export interface SubscribeOptions extends ReadOptions {
  /** How often to look for events of other processes. Default 1 second. */
  readonly intervalMs?: number | undefined
  /**
   * Told of what the handler threw, with the event, and of errors of the store. The subscription goes on: it tries again after a
   * second, and then after twice as long each time, up to a minute. Default: a warning of the process.
   */
  readonly onError?: ((error: unknown, event: ApiKeyEvent | null) => void) | undefined
}

export interface Subscription {
  /** Ends it. Resolves when the handler has ended that is running. */
  stop(): Promise<void>
}

const types = listOf(oneOf(...apiKeyEventTypes))
const leaseMs = delayMs(1_000)
const readOptions: OptionTable<ReadOptions> = { types, leaseMs }
const subscribeOptions: OptionTable<SubscribeOptions> = {
  ...readOptions,
  intervalMs: delayMs(),
  onError: callback(),
}

const PAGE = 100
const LEASE_MS = 30_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** What the handler threw. */
class HandlerError extends Error {
  constructor(
    readonly event: ApiKeyEvent,
    override readonly cause: unknown,
  ) {
    super(`the handler of ${event.type} failed`)
  }
}

export interface EventReaders {
  read(consumer: string, handler: EventHandler, options?: ReadOptions): Promise<number>
  subscribe(consumer: string, handler: EventHandler, options?: SubscribeOptions): Subscription
  /** Makes all subscriptions look for events at once. */
  wake(): void
  stop(): Promise<void>
}

/** @param outboxFor the outbox, for a call; throws when there is none. */
export function createEventReaders(outboxFor: (call: string) => EventOutbox): EventReaders {
  const subscriptions = new Set<Subscription & { wake(): void }>()
  return {
    async read(consumer, handler, options) {
      const outbox = outboxFor('readEvents')
      checkReader(consumer, handler)
      const checked = checkArguments(readOptions, options)
      try {
        return await readAll({ outbox, consumer, handler, ...checked }, new AbortController().signal)
      } catch (error) {
        throw error instanceof HandlerError ? error.cause : error
      }
    },
    subscribe(consumer, handler, options) {
      const outbox = outboxFor('subscribe')
      checkReader(consumer, handler)
      const subscription = startSubscription({
        outbox,
        consumer,
        handler,
        ...checkArguments(subscribeOptions, options),
      })
      const ended = {
        ...subscription,
        async stop() {
          subscriptions.delete(ended)
          await subscription.stop()
        },
      }
      subscriptions.add(ended)
      return { stop: ended.stop }
    },
    wake() {
      for (const subscription of subscriptions) subscription.wake()
    },
    async stop() {
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
    },
  }
}

/** @throws ApiKeysError `invalid_argument` when it is no name of a consumer. */
export function checkConsumer(consumer: unknown): void {
  if (typeof consumer !== 'string' || !/^[\w.:-]{1,100}$/.test(consumer)) {
    throw invalid('consumer: must be 1 to 100 letters, digits, dots, colons, dashes and underscores')
  }
}

function checkReader(consumer: unknown, handler: unknown): void {
  checkConsumer(consumer)
  if (typeof handler !== 'function') throw invalid('handler: must be a function of an event')
}

interface Reader extends ReadOptions {
  readonly outbox: EventOutbox
  readonly consumer: string
  readonly handler: EventHandler
}

/** A consumer that this reader has, as long as it has it. */
interface Lease {
  readonly outbox: EventOutbox
  readonly consumer: string
  readonly holder: string
  readonly leaseMs: number
  readonly stopped: AbortSignal
  /** Up to which sequence all is handled. */
  position: number
  isHeld: boolean
}

/**
 * Handles all events that the consumer has not acknowledged, unless another holder has it.
 * @returns how many were handled.
 */
async function readAll(reader: Reader, stopped: AbortSignal): Promise<number> {
  const { outbox, consumer, leaseMs = LEASE_MS } = reader
  const holder = randomUUID()
  const position = await outbox.claim(consumer, holder, leaseMs)
  if (position === undefined) return 0
  const lease: Lease = { outbox, consumer, holder, leaseMs, stopped, position, isHeld: true }
  let handled = 0
  try {
    while (isActive(lease)) {
      const page = await outbox.list({ order: 'asc', after: lease.position, limit: PAGE })
      if (page.length === 0) break
      handled += await handlePage(page.map(eventOfRow), reader, lease)
    }
    return handled
  } finally {
    await giveBack(lease)
  }
}

const isActive = ({ isHeld, stopped }: Lease) => isHeld && !stopped.aborted

async function handlePage(page: readonly ApiKeyEvent[], reader: Reader, lease: Lease): Promise<number> {
  let handled = 0
  for (const event of page) {
    if (!isActive(lease)) return handled
    if (isWanted(event, reader)) {
      await handle(event, reader.handler, lease)
      handled++
    } else if (event !== page.at(-1)) continue
    await acknowledge(lease, event.sequence)
  }
  return handled
}

async function acknowledge(lease: Lease, sequence: number): Promise<void> {
  const { outbox, consumer, holder, leaseMs } = lease
  lease.position = sequence
  lease.isHeld = await outbox.acknowledge(consumer, holder, sequence, leaseMs)
}

async function giveBack({ outbox, consumer, holder, position, isHeld }: Lease): Promise<void> {
  try {
    if (isHeld) await outbox.acknowledge(consumer, holder, position, 0)
  } catch {
    // The lease ends by itself.
  }
}

const isWanted = ({ type }: ApiKeyEvent, { types }: Reader) => types === undefined || types.includes(type)

/** Keeps the lease while the handler runs, however long that is. */
async function handle(event: ApiKeyEvent, handler: EventHandler, lease: Lease): Promise<void> {
  const { outbox, consumer, holder, position, leaseMs, stopped } = lease
  const lost = new AbortController()
  const abort = () => lost.abort()
  let timer: NodeJS.Timeout | undefined
  const renewLater = () => {
    timer = setTimeout(renew, leaseMs / 3)
    timer.unref()
  }
  const renew = async () => {
    try {
      if (await outbox.acknowledge(consumer, holder, position, leaseMs)) renewLater()
      else abort()
    } catch {
      renewLater()
    }
  }
  renewLater()
  stopped.addEventListener('abort', abort)
  try {
    await handler(event, lost.signal)
  } catch (error) {
    throw new HandlerError(event, error)
  } finally {
    clearTimeout(timer)
    stopped.removeEventListener('abort', abort)
  }
}

function startSubscription(reader: Reader & SubscribeOptions): Subscription & { wake(): void } {
  const { outbox, consumer, intervalMs = 1_000, onError = warn } = reader
  const stopping = new AbortController()
  let wake = () => {}
  let isAwake = false

  const wait = (ms: number, canWake: boolean): Promise<void> =>
    new Promise((resolve) => {
      if (stopping.signal.aborted || (canWake && isAwake)) return resolve()
      const end = () => {
        clearTimeout(timer)
        stopping.signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      wake = canWake ? end : () => {}
      stopping.signal.addEventListener('abort', end)
    })

  const report = (error: unknown): void => {
    if (error instanceof HandlerError) notify('onError', onError, error.cause, error.event)
    else notify('onError', onError, error, null)
  }

  /** By reads alone, so that waiting for events writes nothing. */
  const hasNew = async (): Promise<boolean> => {
    const known = (await outbox.consumers()).find(({ name }) => name === consumer)
    if (known === undefined) return true
    const [next] = await outbox.list({ order: 'asc', after: known.position, limit: 1 })
    return next !== undefined
  }

  const run = async (): Promise<void> => {
    let pauseMs = FIRST_PAUSE_MS
    while (!stopping.signal.aborted) {
      isAwake = false
      try {
        if (await hasNew()) await readAll(reader, stopping.signal)
        pauseMs = FIRST_PAUSE_MS
        await wait(intervalMs, true)
      } catch (error) {
        if (stopping.signal.aborted) return
        report(error)
        await wait(pauseMs, false)
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
      }
    }
  }

  const running = run()
  return {
    wake() {
      isAwake = true
      wake()
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

function warn(error: unknown, event: ApiKeyEvent | null): void {
  const what =
    event === null ? 'Events of API keys cannot be read' : `The handler of event ${event.id} failed`
  process.emitWarning(`${what}: ${error instanceof Error ? error.message : String(error)}`, {
    code: 'KEY_EVENTS',
  })
}
