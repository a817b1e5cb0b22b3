// A flood of refusals is spaced out, so that it leaves the event loop to those who hold a key.

import { checkOptions, type OptionTable, wholeNumber } from '@gosend/options'

/** Runs what it is given at once or after a pause, and tells nobody which and why. */
export type Pace = (refuse: () => void) => void

const WINDOW_MS = 1_000

export interface PaceOptions {
  /** Refusals per second that are answered at once. */
  readonly freePerSecond: number
  readonly pauseMs: number
  /** Refusals that may wait; further ones are answered at once, so that memory stays bounded. */
  readonly maxWaiting: number
}

const optionTable: OptionTable<Partial<PaceOptions>> = {
  freePerSecond: wholeNumber(0),
  pauseMs: wholeNumber(0),
  maxWaiting: wholeNumber(0),
}

/**
 * All refusals of a credential are counted together, so that how long one takes says nothing about the key. A client
 * that is refused now and then never waits.
 */
export function createPace(options: Partial<PaceOptions> = {}): Pace {
  const { freePerSecond = 100, pauseMs = 50, maxWaiting = 10_000 } = checkOptions(optionTable, options)
  let windowStart = 0
  let refused = 0
  let waiting = 0
  return (refuse) => {
    const now = performance.now()
    if (now - windowStart >= WINDOW_MS) {
      windowStart = now
      refused = 0
    }
    refused++
    if (refused <= freePerSecond || waiting >= maxWaiting) return refuse()
    waiting++
    setTimeout(() => {
      waiting--
      refuse()
    }, pauseMs).unref()
  }
}
