// The part of the store port that keeps what came of requests: counts per key and hour, the latest refusals of each key, and the
// addresses that it was last used from. A store may do without it.

import type { Awaitable } from './awaitable.js'

/** `limited`: the key was valid, and a limit refused the request. `refused`: the key did not allow it. */
export type Outcome = 'accepted' | 'limited' | 'refused'

/** How often something came of requests with one key in one hour. */
export interface OutcomeCount {
  readonly keyId: string
  /** The beginning of the hour, in milliseconds since the epoch. */
  readonly hour: number
  readonly outcome: Outcome
  /** Why; null for accepted requests. */
  readonly reason: string | null
  readonly count: number
}

/** One request that was refused or limited. */
export interface KeyRefusal {
  readonly keyId: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly outcome: Exclude<Outcome, 'accepted'>
  readonly reason: string
  /** The client's address; null when it is not known. */
  readonly address: string | null
}

/** An address that a key was used from. */
export interface AddressUse {
  readonly keyId: string
  readonly address: string
  /** The latest use from there, in milliseconds since the epoch. */
  readonly at: number
}

/** How many addresses of each key are kept: those of its latest uses. */
export const ADDRESSES_KEPT = 20

/** How many refusals of each key are kept. */
export const REFUSALS_KEPT = 100

/** Run `outcomeContract` of `@gosend/auth-core/testing` against an implementation. When a key is erased, so is all of this. */
export interface OutcomeStore {
  /**
   * Adds counts, which may be negative, refusals, the latest last, and addresses of uses, whose time never moves back, in one
   * transaction. Keys that are not there are passed over.
   * A batch that failed is recorded again under the same name: a store that may have written what it could not acknowledge goes by that,
   * and counts it once.
   */
  record(
    counts: readonly OutcomeCount[],
    refusals: readonly KeyRefusal[],
    batch: string,
    uses?: readonly AddressUse[],
  ): Awaitable<void>

  /**
   * Counts of a project's keys, of hours from `from` on and before `until`, in order of hour, key id, outcome and reason.
   * @param keyId of this key alone, whose rows are found without reading those of others.
   */
  counts(
    projectId: string,
    from: number,
    until: number,
    keyId?: string | undefined,
  ): Awaitable<readonly OutcomeCount[]>

  /** The latest refusals of a key, `REFUSALS_KEPT` at the most, the latest first. */
  refusals(keyId: string): Awaitable<readonly KeyRefusal[]>

  /** The addresses that a key was last used from, `ADDRESSES_KEPT` at the most, the latest first. */
  addresses(keyId: string): Awaitable<readonly AddressUse[]>

  /**
   * Deletes counts, refusals and addresses of before this instant, `limit` of each at the most.
   * @returns how many were deleted.
   */
  sweep(before: number, limit: number): Awaitable<number>
}
