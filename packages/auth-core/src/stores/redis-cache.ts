// Keys of any database kept in memory, with a Redis by which processes agree what they must not keep. Before a key is changed, every
// cache drops it and says so, and keeps it not again before the change is committed.

import { checkOptions, having, type OptionTable, text, wholeNumber } from '@gosend/options'
import { steadyClock } from '../clocks.js'
import { deepFreeze } from '../frozen.js'
import type { ProjectStore } from '../projects.js'
import type { ApiKeyStore, CachedStore } from '../store.js'
import { cachedStore } from './cached-store.js'
import { createKeyCache } from './key-cache.js'
import { agree, MAX_STALENESS_MS } from './redis-agreement.js'
import { createHolds, EVERY, HOLD_MS } from './redis-holds.js'
import { type RedisCacheClient, redisCacheClient } from './redis-line.js'

export type { RedisCacheClient }

export interface RedisCacheOptions {
  /** What the names of the three keys in Redis begin with: one for each database of keys. Default `api-keys`. */
  readonly prefix?: string | undefined
  /**
   * Longest time, in milliseconds, that this process goes on answering from memory when Redis does not answer, and so how long a
   * change waits at the most for a cache that does not. 50 to 500; default 500.
   */
  readonly maxStalenessMs?: number | undefined
  /** How many keys to keep, one with more than 2 KiB of metadata counting as several. Default 10,000. */
  readonly maxKeys?: number | undefined
  /** How long Redis may take for one answer before another connection is tried. Default 500. */
  readonly timeoutMs?: number | undefined
}

export interface RedisCachedStore extends CachedStore {
  /**
   * Projects whose status is kept in memory with their keys: a change of it empties every cache before it is committed.
   * @param projects those in the database of the store.
   */
  withProjects<Projects extends ProjectStore>(projects: Projects): Projects
}

const MAX_READS = 64

const optionTable: OptionTable<RedisCacheOptions> = {
  prefix: text,
  maxStalenessMs: wholeNumber(50, MAX_STALENESS_MS),
  maxKeys: wholeNumber(1, 10_000_000),
  timeoutMs: wholeNumber(50, 10_000),
}

const anyStore = having<ApiKeyStore>(['find', 'commit', 'erase'], 'pass a store of keys')

/**
 * Keeps keys in memory that any number of processes share, whatever database they are in. Every process that changes keys has to
 * have this cache, with the same Redis and prefix. A change is acknowledged when no process returns the row of before; while
 * Redis cannot be reached, keys are verified in the database, and cannot be changed.
 *
 * It needs a Redis (6.2 or later) without replicas, and keeps nothing there that would be missed.
 *
 * @example
 * const store = redisCache(kyselyStore(db), new Redis(process.env.REDIS_URL))
 *
 * @param store reads from the primary of its database.
 * @param client a client of `ioredis` or `redis`, which is only copied: the cache makes two connections of its own.
 * @throws TypeError when an argument is wrong.
 */
export function redisCache(
  store: ApiKeyStore,
  client: RedisCacheClient,
  options: RedisCacheOptions = {},
): RedisCachedStore {
  anyStore(store, 'store')
  redisCacheClient(client, 'client')
  const given = checkOptions(optionTable, options)
  const { prefix = 'api-keys', maxStalenessMs = MAX_STALENESS_MS, maxKeys = 10_000, timeoutMs = 500 } = given
  const holds = createHolds(createKeyCache({ maxStalenessMs, maxKeys }), HOLD_MS, steadyClock)
  const agreement = agree({ client, prefix, timeoutMs, maxStalenessMs, holds })
  // Rows tell the status of their project only to those who have `withProjects` tell of its changes.
  const identity = {}
  let hasProjects = false

  const read = async (id: string) => {
    const row = await store.find(id)
    if (row === undefined || hasProjects || row.projectStatus === undefined) return row && deepFreeze(row)
    const { projectStatus, ...rest } = row
    return deepFreeze(rest)
  }

  return {
    ...cachedStore({
      store: { ...store, database: identity },
      cache: holds.cache,
      maxReads: MAX_READS,
      async readMany(ids) {
        const server = agreement.epoch()
        const rows = await Promise.all(ids.map(read))
        return { server, rows: rows.filter((row) => row !== undefined) }
      },
      commit: (change) =>
        // What is new is in no cache.
        agreement.around(
          change[0].filter(({ version }) => version > 1).map(({ id }) => id),
          async () => store.commit(...change),
        ),
      erase: (erasure) => agreement.around(erasure[0], async () => store.erase(...erasure)),
    }),
    cacheStatus: agreement.status,
    close: agreement.close,
    withProjects(projects) {
      if (projects.database === undefined || projects.database !== store.database) {
        throw new TypeError('projects: pass those in the database of the store')
      }
      hasProjects = true
      holds.cache.invalidateAll()
      const around = <Result>(work: () => Result | Promise<Result>) =>
        agreement.around([EVERY], async () => work())
      return {
        ...projects,
        database: identity,
        // Only one with an id of the host's may have had keys before.
        create: (project) =>
          project.id === undefined ? projects.create(project) : around(() => projects.create(project)),
        update: (id, changes) =>
          changes.status === undefined
            ? projects.update(id, changes)
            : around(() => projects.update(id, changes)),
        ...(projects.erase && { erase: (id: string) => around(() => projects.erase?.(id) ?? false) }),
      }
    },
  }
}
