// The port between limits and the place where requests are counted: two methods. What a window is and when it begins is
// decided in meters.ts; a store only adds up, atomically.

import { createHash } from 'node:crypto'
import type { Awaitable } from '../awaitable.js'
import type { Period } from './meters.js'

/** One stretch of the calendar, in UTC, for one key or project. */
export interface Window {
  readonly period: Period
  /** The id of the key or project whose requests are counted. */
  readonly subject: string
  /** Milliseconds since the epoch, inclusive. */
  readonly startsAt: number
  /** Milliseconds since the epoch, exclusive. */
  readonly endsAt: number
}

/**
 * Counts requests. Run `limitStoreContract` of `@gosend/auth-core/testing` against an implementation.
 *
 * Every window is counted by itself, and may be forgotten some time after its end: no call asks about it then, but for
 * one that takes back a unit too late, which must not reach any other window.
 */
export interface LimitStore {
  /** Adds to the count of a window in one atomic step, for all processes alike, and gives the sum. The amount is 1 or -1. */
  add(window: Window, amount: 1 | -1): Awaitable<number>
  /** The count of a window, 0 when there was none. */
  read(window: Window): Awaitable<number>
}

/** A name for a window in a database, at most 80 characters, such as `month:2026-11:42`. */
export function nameOf(window: Window, stretch: string): string {
  const { period, subject } = window
  const isShort = subject.length <= 48
  return `${period}:${stretch}:${isShort ? subject : createHash('sha256').update(subject).digest('base64url')}`
}
