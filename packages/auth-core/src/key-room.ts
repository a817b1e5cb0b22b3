// How many active keys a project may have: a look before argon2 runs, and what a commit must leave.

import { LRUCache } from 'lru-cache'
import { statusOf } from './api-key.js'
import { ApiKeysError } from './errors.js'
import type { ApiKeyStore, KeyEvent, KeyLimit, StoredKey } from './store.js'

export interface KeyRoomParts {
  readonly store: Pick<ApiKeyStore, 'find' | 'list' | 'commit'>
  readonly now: () => number
  readonly maxKeysPerProject: number
}

export interface KeyRoom {
  /** Spares argon2 where the last key was refused. The commit decides. */
  refuseFull(projectId: string): Promise<void>
  /**
   * An expired or disabled key takes no room in its project; what makes it work again, or replaces it, does.
   *
   * @returns what a commit must leave that makes one more key of the project active.
   */
  inPlaceOf(row: StoredKey): Promise<KeyLimit | undefined>
  /** Commits a new key, and throws why it could not be. */
  insert(row: StoredKey, issued: KeyEvent, isAdopted: boolean): Promise<void>
}

export function createKeyRoom({ store, now, maxKeysPerProject }: KeyRoomParts): KeyRoom {
  /** Projects that were refused a further key. */
  const full = new LRUCache<string, true>({ max: 10_000 })

  const keyLimitReached = () => {
    const count = maxKeysPerProject.toLocaleString('en')
    return new ApiKeysError(
      'key_limit_reached',
      `the project has ${count} active ${count === '1' ? 'key' : 'keys'}, as many as it may have; revoke what is not needed`,
    )
  }

  async function requireRoom(projectId: string): Promise<KeyLimit> {
    const limit = { projectId, limit: maxKeysPerProject, now: now() }
    const status = 'active'
    const query = {
      projectId,
      status,
      sort: 'createdAt',
      order: 'asc',
      limit: 1,
      total: true,
      now: limit.now,
    } as const
    if (((await store.list(query)).total ?? 0) >= maxKeysPerProject) throw keyLimitReached()
    return limit
  }

  async function refuseIfFull(projectId: string): Promise<void> {
    full.set(projectId, true)
    await requireRoom(projectId)
    full.delete(projectId)
  }

  return {
    async refuseFull(projectId) {
      if (!full.has(projectId)) return
      await requireRoom(projectId)
      full.delete(projectId)
    },

    inPlaceOf: async (row) => (statusOf(row, now()) === 'active' ? undefined : requireRoom(row.projectId)),

    async insert(row, issued, isAdopted) {
      const { projectId } = row
      const limit = { projectId, limit: maxKeysPerProject, now: row.createdAt }
      const commit = () => store.commit([row], [issued], limit)
      if (await commit()) return
      if ((await store.find(row.id)) === undefined) {
        await refuseIfFull(projectId)
        // There was room, and there still is: either it was made meanwhile, or the id is dead.
        if (await commit()) return
        await refuseIfFull(projectId)
        throw new ApiKeysError('conflict', `there was a key with the id ${row.id}, which was erased`)
      }
      throw isAdopted
        ? new ApiKeysError('conflict', `there is a key with the id ${row.id} already`)
        : new ApiKeysError('idempotency_conflict', 'a call with this idempotency key is being carried out')
    },
  }
}
