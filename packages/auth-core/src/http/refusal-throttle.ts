// A flood of refusals is spaced out, so that it leaves the event loop to those who hold a key.

import { checkOptions, type OptionTable, wholeNumber } from '@gosend/options'

/** Undefined, or a promise that resolves when the refusal may be sent. */
export type RefusalThrottle = () => Promise<void> | undefined

const WINDOW_MS = 1_000

export interface RefusalThrottleOptions {
  /** Refusals per second that are answered at once. */
  readonly freePerSecond: number
  readonly pauseMs: number
  /** Refusals that may wait; further ones are answered at once, so that memory stays bounded. */
  readonly maxWaiting: number
}

const optionTable: OptionTable<Partial<RefusalThrottleOptions>> = {
  freePerSecond: wholeNumber(0),
  pauseMs: wholeNumber(0),
  maxWaiting: wholeNumber(0),
}

/**
 * All refusals of a credential are counted together, so that how long one takes says nothing about the key. A client
 * that is refused now and then never waits.
 */
export function createRefusalThrottle(options: Partial<RefusalThrottleOptions> = {}): RefusalThrottle {
  const { freePerSecond = 100, pauseMs = 50, maxWaiting = 10_000 } = checkOptions(optionTable, options)
  let windowStart = 0
  let refused = 0
  let waiting = 0
  return () => {
    const now = performance.now()
    // A test may have replaced the clock meanwhile, and put it back.
    if (now < windowStart || now - windowStart >= WINDOW_MS) {
      windowStart = now
      refused = 0
    }
    refused++
    if (refused <= freePerSecond || waiting >= maxWaiting) return undefined
    waiting++
    return new Promise((resolve) => {
      setTimeout(() => {
        waiting--
        resolve()
      }, pauseMs).unref()
    })
  }
}
