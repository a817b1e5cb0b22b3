// A store that answers from memory while it can, whatever reports the changes to it: every cache is this decorator around
// a store that has none.

import type { ApiKeyStore, CachedStore, ErasedRows, StoredKey } from '../store.js'
import { createReads } from './batched-reads.js'
import type { KeyCache } from './key-cache.js'

export interface CachedStoreParts {
  readonly store: ApiKeyStore
  readonly cache: KeyCache
  /** How many reads may be in progress at once, for up to 100 keys each. */
  readonly maxReads: number
  /** Reads rows from the database, and says from which server they come. */
  readMany(ids: readonly string[]): Promise<{ readonly server: string; readonly rows: readonly StoredKey[] }>
  /** Commits, and resolves when no cache has the rows of before; `onCommitted` is called in between. */
  commit(change: Parameters<ApiKeyStore['commit']>, onCommitted: () => void): Promise<boolean>
  /** Erases, as `commit` commits. */
  erase(erasure: Parameters<ApiKeyStore['erase']>, onCommitted: () => void): Promise<ErasedRows>
}

export function cachedStore(parts: CachedStoreParts): Omit<CachedStore, 'cacheStatus' | 'close'> {
  const { store, cache } = parts

  const read = createReads(async (ids) => {
    const fill = cache.beginFill(ids)
    try {
      const { server, rows } = await parts.readMany(ids)
      fill.keep(server, rows)
      return rows
    } finally {
      fill.end()
    }
  }, parts.maxReads)

  return {
    ...store,
    find: (id) => cache.get(id) ?? read(id),

    async commit(...change) {
      const [rows] = change
      const invalidate = () => {
        for (const { id } of rows) cache.invalidate(id)
      }
      let won = false
      try {
        won = await parts.commit(change, invalidate)
        return won
      } finally {
        // What is kept may be what it lost by; and when it failed, nobody knows what is true now.
        if (!won) invalidate()
      }
    },

    async erase(...erasure) {
      const [ids] = erasure
      const invalidate = () => {
        for (const id of ids) cache.invalidate(id)
      }
      try {
        return await parts.erase(erasure, invalidate)
      } finally {
        invalidate()
      }
    },

    async recordUses(uses, batch) {
      await store.recordUses(uses, batch)
      for (const { id, at } of uses) cache.touch(id, at)
    },
  }
}
