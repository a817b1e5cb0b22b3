// The port between the core and a database: eight methods, each a value or a promise of it, one more for caches, an outbox for events
// and counts of outcomes, which a store may do without.
// The core decides what a life cycle is; a store only keeps rows and compares versions.

import type { Awaitable } from './awaitable.js'
import type { WindowLimit } from './limits/allowance.js'
import type { EventOutbox, OutgoingEvent } from './outbox.js'
import type { OutcomeStore } from './outcome-store.js'
import type { ProjectStatus } from './projects.js'

/** Revoked wins over disabled, and disabled over expired. */
export type KeyStatus = 'active' | 'disabled' | 'expired' | 'revoked'

/** One row. Times are milliseconds since the epoch. Holds a hash and a tag, never a secret. */
export interface StoredKey {
  readonly id: string
  readonly projectId: string
  readonly environment: string
  /** What the key begins with, prefix and tag: `gsk_live_`. Null for imported keys, and in rows of earlier releases. */
  readonly start: string | null
  readonly label: string
  /** argon2id of the whole key, as a PHC string. */
  readonly hash: string
  /** Reject-only digest of the key: it can say no in microseconds, and never says yes. */
  readonly tag: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly disabledAt: number | null
  readonly createdBy: string | null
  readonly ownerId: string | null
  readonly rotatedFrom: string | null
  readonly replacedBy: string | null
  /** The id of the first key in its chain of rotations; null for that key itself. */
  readonly rootId: string | null
  /** The id of the key that this one was made from, and ends with; not there for keys that were made from none. */
  readonly parentId?: string | undefined
  /** What a key that was made from another may use up, and for whom it acts; there if, and only if, `parentId` is. */
  readonly delegation?: StoredDelegation | undefined
  readonly scopes: readonly string[]
  readonly allowedIps: readonly string[] | null
  readonly metadata: Readonly<Record<string, unknown>>
  /** What an idempotent issue or rotation was asked for, as a digest. */
  readonly fingerprint: string | null
  /** 1 when the key is inserted, one more with every committed change. */
  readonly version: number
  /**
   * The status of the project, where it is kept in the same database, as it was when the row was read. Not written by `commit`:
   * a new row gets it from its project, and every row follows when the project changes.
   */
  readonly projectStatus?: ProjectStatus | undefined
}

export interface StoredDelegation {
  /** On whose behalf, in the host's words. */
  readonly actingFor: string | null
  readonly limits: readonly WindowLimit[]
  /** How many requests, or units of their costs, it may make in all; null for as many as its parent. */
  readonly budget: number | null
}

/**
 * What lists are sorted by. Labels are compared by `foldLabel`; a key that was never used comes before all others,
 * one that never expires after them, and keys of equal value in the order of their ids.
 */
export type KeySort = 'createdAt' | 'lastUsedAt' | 'label' | 'expiresAt'

/** What to look for. A row matches when one of the members that are not null does. */
export interface KeySearch {
  /** Part of the label, folded by `foldLabel`. */
  readonly label: string | null
  /** How the id begins. */
  readonly idStart: string | null
  /** One of the scopes, in full. */
  readonly scope: string | null
}

/** Which rows a list has. A condition that is left out holds for every row. */
export interface KeyQuery {
  readonly projectId?: string | undefined
  readonly environment?: string | undefined
  /** Only rows with one of these ids. */
  readonly ids?: readonly string[] | undefined
  /** The state at `now`. */
  readonly status?: KeyStatus | undefined
  readonly createdBy?: string | undefined
  readonly ownerId?: string | undefined
  /** Only rows that were made from this key. */
  readonly parentId?: string | undefined
  /** Only rows that expire before this instant, or have expired. */
  readonly expiresBefore?: number | undefined
  /** Only rows whose last use, or creation if there was none, lies before this instant. */
  readonly unusedSince?: number | undefined
  readonly search?: KeySearch | undefined
  readonly sort: KeySort
  readonly order: 'asc' | 'desc'
  /** The list goes on behind this place, whether or not a row is still there: a row's `sortValueOf` and its id. */
  readonly after?: { readonly value: number | string; readonly id: string } | undefined
  /** How many rows at the most. */
  readonly limit: number
  /** Whether to count all rows of the list, whatever `after` and `limit`. */
  readonly total: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface KeyRows {
  readonly rows: readonly StoredKey[]
  /** How many rows the list has in all; null unless asked for. */
  readonly total: number | null
}

/** One entry of the audit log: who did what to a key. Written in the same transaction as what it tells of. */
export interface KeyEvent {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly projectId: string
  readonly keyId: string
  readonly action: 'issued' | 'rotated' | 'revoked' | 'updated' | 'disabled' | 'enabled'
  /** Who did it, in the host's words; null when the host did not say. */
  readonly actor: string | null
  /** What else is worth knowing: `replacedBy`, `rotatedFrom`, or the `fields` that changed. */
  readonly details: Readonly<Record<string, unknown>>
  /** Its place in the audit log, with gaps: the store gives it, and shows it whenever the event is read. */
  readonly sequence?: number | undefined
}

/** Which events of the audit log to read. */
export interface HistoryFilter {
  /** Only what this person or program did. */
  readonly actor?: string | undefined
  /** Only events of this instant and later ones, in milliseconds since the epoch. */
  readonly from?: number | undefined
  /** Only events before this instant. */
  readonly to?: number | undefined
  /** Only events with a lower sequence. */
  readonly before?: number | undefined
}

/** What a commit must leave: a project with no more than `limit` keys that are active at `now`. */
export interface KeyLimit {
  readonly projectId: string
  readonly limit: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Uses of one key since the last flush. */
export interface KeyUse {
  readonly id: string
  /** The latest use, milliseconds since the epoch. */
  readonly at: number
  /** Uses per UTC day, `YYYY-MM-DD`. */
  readonly days: ReadonlyMap<string, number>
}

/** Uses of one key on one UTC day. */
export interface DailyUse {
  readonly keyId: string
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string
  readonly count: number
}

/** What was taken out of a store. */
export interface ErasedRows {
  readonly keys: number
  /** Entries of the audit log. */
  readonly events: number
  /** Counts of uses, one per key and day. */
  readonly uses: number
}

/** What has been kept long enough. */
export interface Outdated {
  /** Events before this instant, in milliseconds since the epoch; null keeps them all. */
  readonly eventsBefore: number | null
  /** Uses of the UTC days before this one, `YYYY-MM-DD`; null keeps them all. */
  readonly usesBefore: string | null
  /** How many of each at the most. */
  readonly limit: number
}

/** Whether keys are found in memory at present, and why not. */
export interface CacheStatus {
  /** While `off`, every verification reads the database, and is as right as without a cache. */
  readonly state: 'open' | 'off'
  /** How the cache learns of changes: announced at once, or asked for at intervals. Null while it is off. */
  readonly changes: 'notified' | 'polled' | null
  /**
   * Why it is off: `starting`, `unavailable`, `closed`. Why changes are only asked for: `pooler`, when connections are
   * shared with others between transactions; `listener`, when nothing is announced on the connection meant for it.
   */
  readonly reason: 'starting' | 'unavailable' | 'closed' | 'pooler' | 'listener' | null
  /** The reason in words, where there is more to say: for logs, since an error may name hosts and users. */
  readonly message: string | null
}

/**
 * Where keys are kept. Run `apiKeyStoreContract` of `@gosend/auth-core/testing` against an implementation.
 *
 * A store reads from the primary: what `commit` acknowledged, every later `find` in every process sees.
 * It throws or rejects when it cannot answer; it never answers "not found" for want of a connection.
 */
export interface ApiKeyStore {
  /** The row with this id. Called on every verification: one read by primary key. */
  find(id: string): Awaitable<StoredKey | undefined>

  /** One page of a list. Every read of a later page starts behind the last row of the one before. */
  list(query: KeyQuery): Awaitable<KeyRows>

  /**
   * Writes all rows and events or none, durably, by compare-and-set: a row of version 1 must not exist yet, a row
   * of version n must replace version n - 1. False when any row lost that race, or when the project would have too many
   * active keys, whatever other calls commit at the same moment. `lastUsedAt` is not written.
   * @param outgoing events for the outbox, in the order that they get there; only where the store has one.
   */
  commit(
    rows: readonly StoredKey[],
    events?: readonly KeyEvent[],
    keyLimit?: KeyLimit,
    outgoing?: readonly OutgoingEvent[],
  ): Awaitable<boolean>

  /** The events of a project, or of one of its keys, the highest sequence first. */
  history(
    projectId: string,
    keyId: string | null,
    limit: number,
    filter?: HistoryFilter,
  ): Awaitable<readonly KeyEvent[]>

  /**
   * Adds a batch of uses in one transaction. `lastUsedAt` never moves back; unknown ids are passed over.
   * A batch that failed is recorded again under the same name: a store that may have written what it could not
   * acknowledge goes by that, and counts it once.
   */
  recordUses(uses: readonly KeyUse[], batch?: string): Awaitable<void>

  /**
   * Uses of a project's keys per UTC day, both ends included, in order of day and key id.
   * @param keyId of this key alone, whose rows are found without reading those of others.
   */
  usage(
    projectId: string,
    fromDay: string,
    toDay: string,
    keyId?: string | undefined,
  ): Awaitable<readonly DailyUse[]>

  /**
   * Takes keys away for good, with their events and uses, all or none, durably. From then on their ids are dead: they are
   * found and listed no more, their uses are passed over, and `commit` refuses a row with such an id. Ids that are unknown,
   * or dead already, are passed over, and so are their outgoing events.
   * @param outgoing as for `commit`.
   */
  erase(ids: readonly string[], at: number, outgoing?: readonly OutgoingEvent[]): Awaitable<ErasedRows>

  /**
   * Deletes events and uses that have been kept long enough, the oldest first. Several processes may do so at once. Events
   * may stay while earlier written ones are kept.
   */
  sweep(outdated: Outdated): Awaitable<Pick<ErasedRows, 'events' | 'uses'>>

  /** Where events wait for their readers, when the store can keep them. */
  readonly outbox?: EventOutbox | undefined

  /** Where outcomes of requests are counted, when the store can. */
  readonly outcomes?: OutcomeStore | undefined

  /** What its cache does, when it has one. */
  cacheStatus?(): CacheStatus

  /** The same as that of a `ProjectStore` in the same database, when rows contain the status of their project. */
  readonly database?: unknown
}

/** A store that keeps rows in memory, and returns them only while it knows that they are current. */
export interface CachedStore extends ApiKeyStore {
  cacheStatus(): CacheStatus
  /** Ends the cache and gives its connections back; the store goes on without it. Call it before the pool is ended. */
  close(): Promise<void>
}
