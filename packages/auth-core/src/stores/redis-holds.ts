// Which keys a cache must not keep at the moment, because somebody is about to change them.

import type { KeyCache } from './key-cache.js'

// A change takes less, or its caller has given up. In Redis a hold ends earlier than in caches, so that a change that takes longer
// finds that it has to hold once more.
export const HOLD_MS = 60_000

/** Stands for all keys. */
export const EVERY = '*'

export interface Holds {
  begin(name: string, ids: readonly string[]): void
  end(name: string): void
  clear(): void
  /** The cache, which keeps no key that is held. */
  readonly cache: KeyCache
}

/** @param lastingMs when a hold ends by itself: whoever began it is gone. */
export function createHolds(cache: KeyCache, lastingMs: number, now: () => number): Holds {
  const holds = new Map<string, { readonly ids: readonly string[]; readonly endsAt: number }>()

  const isHeld = (id: string): boolean => {
    for (const [name, { ids, endsAt }] of holds) {
      if (endsAt <= now()) holds.delete(name)
      else if (ids.includes(EVERY) || ids.includes(id)) return true
    }
    return false
  }

  return {
    begin(name, ids) {
      holds.set(name, { ids, endsAt: now() + lastingMs })
      if (ids.includes(EVERY)) cache.invalidateAll()
      else for (const id of ids) cache.invalidate(id)
    },
    end: (name) => void holds.delete(name),
    clear: () => holds.clear(),
    cache: {
      ...cache,
      beginFill: (ids) => cache.beginFill(holds.size === 0 ? ids : [...ids].filter((id) => !isHeld(id))),
    },
  }
}
