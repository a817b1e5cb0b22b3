// Replaces hashes and tags that were made with earlier parameters, after a key was confirmed by them.

import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import type { Hasher } from './hasher.js'
import type { ApiKeyStore, StoredKey } from './store.js'
import type { Tags } from './tag.js'

export interface RenewalParts {
  readonly store: Pick<ApiKeyStore, 'commit'>
  readonly tags: Tags
  readonly hasher: Hasher
}

/** Never rejects: the next confirmation tries again. */
export type Renew = (row: StoredKey, key: string) => Promise<void>

export function createRenewal({ store, tags, hasher }: RenewalParts): Renew {
  const renewed = new LRUCache<string, true>({ max: 10_000 })
  // One at a time, so that a great many at once, as after an import, leave argon2 to those who wait for an answer.
  const oneAtATime = pLimit(1)

  return async (row, key) => {
    try {
      const needsRehash = hasher.needsRehash(row.hash)
      // Once per key and process: two processes with different parameters would re-hash in turn for ever.
      if (renewed.has(row.id) || (!needsRehash && tags.isCurrent(row.tag))) return
      renewed.set(row.id, true)
      const hash = needsRehash
        ? await oneAtATime(() => hasher.hash(key, { projectId: row.projectId }))
        : row.hash
      const changed = { ...row, hash, tag: tags.create(key), version: row.version + 1 }
      if (!(await store.commit([changed]))) renewed.delete(row.id)
    } catch {
      renewed.delete(row.id)
    }
  }
}
