// The part of the store port that keeps events for those who read them: an outbox, written in the transaction of the change that
// an event reports, and the positions of its readers. A store may do without it.

import type { Awaitable } from './awaitable.js'

/** An event that is to go into the outbox. Holds no secret, no hash and no tag. */
export interface OutgoingEvent {
  /** Unique: by it a receiver recognises an event that it gets twice. */
  readonly id: string
  readonly type: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly projectId: string
  readonly keyId: string
  /** Who caused it, in the host's words; null when the host did not say. */
  readonly actor: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** An event in the outbox. */
export interface OutboxEvent extends OutgoingEvent {
  /** Its place in the order in which changes were committed: from 1 on, with gaps, and never given twice. */
  readonly sequence: number
}

/** An event that no change causes, such as that a key expires soon. */
export interface FoundEvent extends OutgoingEvent {
  /** What was found: it is reported once for as long as the key exists, whoever finds it and however often. */
  readonly once: string
}

/** Which events a list has. A condition that is left out holds for every event. */
export interface OutboxQuery {
  readonly projectId?: string | undefined
  readonly keyId?: string | undefined
  readonly type?: string | undefined
  readonly actor?: string | undefined
  /** Only events of this instant and later ones, in milliseconds since the epoch. */
  readonly from?: number | undefined
  /** Only events before this instant. */
  readonly until?: number | undefined
  /** By sequence. */
  readonly order: 'asc' | 'desc'
  /** The list goes on behind this sequence. */
  readonly after?: number | undefined
  /** How many events at the most. */
  readonly limit: number
}

/** A reader with a name, and how far it has come. */
export interface EventConsumer {
  readonly name: string
  /** The sequence up to which it has acknowledged all events; 0 for none. */
  readonly position: number
}

/**
 * Events of keys, in the order in which their changes were committed: whoever reads on behind the last sequence that it has seen
 * misses none. Run `eventOutboxContract` of `@gosend/auth-core/testing` against an implementation.
 *
 * `commit` and `erase` of the store write events as well. When a key is erased, its earlier events stay, without actor and data.
 */
export interface EventOutbox {
  /**
   * Adds events that were found, durably, apart from those that were reported before and those of keys that are not there.
   * @returns how many were added.
   */
  append(events: readonly FoundEvent[]): Awaitable<number>

  list(query: OutboxQuery): Awaitable<readonly OutboxEvent[]>

  /**
   * Lends a consumer to one holder for `leaseMs`, by the store's clock, unless another has it. A consumer that is not known begins
   * at 0. A holder may claim again what it has.
   * @returns the consumer's position, or undefined when another holder has it.
   */
  claim(consumer: string, holder: string, leaseMs: number): Awaitable<number | undefined>

  /**
   * Moves the position forward and lends the consumer for another `leaseMs`; 0 gives it back.
   * @returns false, having changed nothing, when this holder no longer has the consumer.
   */
  acknowledge(consumer: string, holder: string, sequence: number, leaseMs: number): Awaitable<boolean>

  /** All consumers, by name. */
  consumers(): Awaitable<readonly EventConsumer[]>

  /**
   * Sets the position of a consumer, or forgets the consumer with null, whoever has it: that holder can no longer acknowledge.
   * @returns whether the consumer was known.
   */
  move(consumer: string, position: number | null): Awaitable<boolean>

  /**
   * Deletes events before this instant that every consumer has acknowledged, the oldest first, `limit` at the most.
   * @returns how many were deleted.
   */
  sweep(before: number, limit: number): Awaitable<number>
}
