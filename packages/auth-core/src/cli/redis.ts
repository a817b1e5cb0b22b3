// `--redis`: the Redis by which the caches of the app agree, so that what this command changes reaches them before it is done.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ApiKeysError } from '../errors.js'
import type { ApiKeyStore } from '../store.js'
import { redisCache } from '../stores/redis-cache.js'
import { diagnoseRedis, type RedisDiagnosis } from '../stores/redis-diagnosis.js'
import type { RedisCacheClient } from '../stores/redis-line.js'
import { type Flags, UsageError } from './flags.js'
import type { Terminal } from './terminal.js'

interface RedisLocation {
  readonly url: string
  /** What messages call it: holds no password. */
  readonly name: string
  readonly prefix: string
}

/** How long Redis may take for an answer: nobody's request waits for this command. */
const ANSWER_MS = 5_000

/** Undefined where no Redis is named. */
export function redisOf(flags: Flags, { env }: Pick<Terminal, 'env'>): RedisLocation | undefined {
  const { GOSEND_KEYS_REDIS_URL, GOSEND_KEYS_REDIS_PREFIX } = env
  const url = flags.redis ?? (GOSEND_KEYS_REDIS_URL || undefined)
  const prefix = flags['redis-prefix'] ?? (GOSEND_KEYS_REDIS_PREFIX || undefined)
  if (url === undefined) {
    if (flags['redis-prefix'] === undefined) return undefined
    throw new UsageError('--redis-prefix: goes with --redis URL')
  }
  if (!/^rediss?:\/\/./.test(url) || !URL.canParse(url)) {
    throw new UsageError('--redis: must be like redis://host:6379, or rediss://… over TLS')
  }
  return { url, name: new URL(url).host, prefix: prefix ?? 'api-keys' }
}

/** The store, through the cache that the app has in front of it, and what ends its connections. */
export function throughRedis(store: ApiKeyStore, { url, prefix }: RedisLocation) {
  const cached = redisCache(store, clientOf(url), { prefix, timeoutMs: ANSWER_MS })
  return { store: cached as ApiKeyStore, close: () => cached.close() }
}

/** @throws ApiKeysError `store_unavailable` when it does not answer. */
export async function diagnosisOf({ url, name, prefix }: RedisLocation): Promise<RedisDiagnosis> {
  try {
    return await diagnoseRedis(clientOf(url), prefix, ANSWER_MS)
  } catch (cause) {
    throw new ApiKeysError('store_unavailable', `${name} does not answer`, { cause })
  }
}

/** The app's own client library. A client is only copied, and makes no connection itself. */
function clientOf(url: string): RedisCacheClient {
  const ioredis = load('ioredis')
  if (ioredis !== undefined) return new ioredis.Redis(url, { lazyConnect: true })
  const redis = load('redis')
  if (redis !== undefined) return redis.createClient({ url })
  throw new ApiKeysError('store_unavailable', 'there is no client for Redis: npm install ioredis')
}

// biome-ignore lint/suspicious/noExplicitAny: two libraries, neither of which this package installs.
type Library = any

/** From the app that this is run in, or from beside this package. */
function load(name: string): Library | undefined {
  for (const place of [join(process.cwd(), 'app.js'), import.meta.url]) {
    try {
      return createRequire(place)(name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  return undefined
}
