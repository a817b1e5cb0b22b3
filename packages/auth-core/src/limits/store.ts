// The port between limits and the place where requests are counted: two methods. What a window is and when it begins is
// decided in meters.ts; a store only adds up, atomically.

import type { Awaitable } from '../awaitable.js'
import type { Window } from './window.js'

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
