// Which clock measures what. An instant, such as an expiry, is compared with the wall clock as it is now, so that a clock
// that was set wrong for a moment locks nobody out. How much time has passed is measured by a clock that nobody sets. What
// ends a wait is a real timer, also while a test has replaced those of the process.

import { performance as systemPerformance } from 'node:perf_hooks'
import timers from 'node:timers'

// As they are when this is loaded: tests replace the global ones, and a wait on a replaced timer never ends.
export const { setTimeout, clearTimeout, setImmediate } = timers
const systemTime = systemPerformance.now
const steadyNow = systemTime.bind(systemPerformance)

/** Milliseconds since the epoch. `Date.now` is looked up at every call: tests and hosts that replace it mean it. */
export const wallClock = (): number => Date.now()

/** Milliseconds that passed since an instant of its own; no setting of the system's clock and no test moves it. */
export const steadyClock = (): number => steadyNow()

/**
 * How many milliseconds have passed since the last call, never less than none. Also counts what a test lets pass by
 * replacing `performance.now`, as fake timers do, so that a test need not wait for a second to end.
 */
function createElapsed(): () => number {
  let steady = steadyNow()
  let shown = performance.now()
  return () => {
    const passed = steadyNow() - steady
    steady += passed
    // Twice the same clock would only add the time between reading it here and there.
    if (performance.now === systemTime) {
      shown = steady
      return passed
    }
    const shownPassed = performance.now() - shown
    shown += shownPassed
    return Math.max(passed, shownPassed)
  }
}

/** The same of a clock that is given, which may be set back. */
function elapsedBy(now: () => number): () => number {
  let latest = now()
  return () => {
    const at = now()
    const passed = Math.max(0, at - latest)
    latest = at
    return passed
  }
}

// Stores may know a second's count for half a minute, so going back to one that was counted in could refuse everything.
const REMEMBERED_MS = 30_000
// How long the wall clock must have gone evenly before it is believed, and what counts as evenly.
const SETTLED_MS = 10_000
const EVEN_MS = 50

/**
 * A clock for windows of a second. It starts with the wall clock and goes on by elapsed time, so a second lasts a second
 * whatever the wall clock is set to. A wall clock that was set, and has gone evenly for ten seconds since, is followed:
 * at once forwards and over long distances, and over short distances back by going a tenth slower. Otherwise processes
 * that share a store would count in windows of their own for good.
 *
 * @param now the host's own wall clock; then elapsed time is what it moves forward.
 */
export function createWindowClock(now?: () => number): () => number {
  const wall = now ?? wallClock
  const elapsed = now === undefined ? createElapsed() : elapsedBy(now)
  let at = wall()
  let deviation = 0
  let settledMs = 0
  return () => {
    const passed = elapsed()
    at += passed
    const behind = wall() - at
    if (Math.abs(behind - deviation) > EVEN_MS) {
      deviation = behind
      settledMs = 0
    } else {
      settledMs += passed
    }
    if (settledMs < SETTLED_MS) return at
    if (behind > 0 || behind < -REMEMBERED_MS) {
      at += behind
      deviation = 0
    } else {
      const slower = Math.min(passed / 10, -behind)
      at -= slower
      deviation += slower
    }
    return at
  }
}
