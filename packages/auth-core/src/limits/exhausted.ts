// Which windows have nothing left, remembered for a moment, so that a flood of refused requests does not reach the store.

import { LRUCache } from 'lru-cache'
import type { Window } from './window.js'

const REMEMBERED_MS = 1_000

// Remembers for up to a second which windows are spent, so that a flood of refused requests stays away from a store that
// costs a round trip. No longer, because a limit further on may have given a unit back meanwhile.
export function createExhausted() {
  const spent = new LRUCache<string, { startsAt: number; limit: number; at: number }>({ max: 10_000 })
  const keyOf = ({ period, subject }: Window) => `${period} ${subject}`
  return {
    has(window: Window, limit: number, at: number) {
      if (spent.size === 0) return false
      const entry = spent.get(keyOf(window))
      if (entry === undefined || entry.startsAt !== window.startsAt || limit > entry.limit) return false
      return at >= entry.at && at < entry.at + REMEMBERED_MS
    },
    add(window: Window, limit: number, at: number) {
      spent.set(keyOf(window), { startsAt: window.startsAt, limit, at })
    },
  }
}
