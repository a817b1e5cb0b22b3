// Counts in Redis, through rate-limiter-flexible: one atomic script per step, for any number of processes.

import { checkOptions, having, type OptionTable, text } from '@gosend/options'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { LimitStore } from './store.js'
import { nameOf, type Period } from './window.js'

/** What the store needs of a connected client of `ioredis` or `redis` (node-redis 4 or later). */
export interface RedisClient {
  eval(...given: never[]): Promise<unknown>
  multi(...given: never[]): unknown
}

export interface RedisLimitStoreOptions {
  /** What the names of all counters begin with. Default `limits`. */
  readonly prefix?: string | undefined
}

const optionTable: OptionTable<RedisLimitStoreOptions> = { prefix: text }

const redisClient = having<RedisClient>(['eval', 'multi'], 'pass a client of ioredis or redis')

// Counters carry the date in their names, so their lifetime is no part of any limit: they are kept until no process can
// still be in their window, however far its clock is behind.
const lifetimeSeconds: Readonly<Record<Period, number>> = {
  second: 10,
  day: 2 * 86_400,
  month: 33 * 86_400,
}

const dateLength: Readonly<Record<Period, number>> = { second: 19, day: 10, month: 7 }

/**
 * Counts requests in Redis 6 or later, or in a server that speaks like it.
 *
 * Set the server to keep what it has (`maxmemory-policy noeviction`, `appendonly yes`), since what it forgets of a month
 * is quota given twice.
 *
 * @throws TypeError when an argument is wrong.
 *
 * @example
 * createLimits({ store: redisLimitStore(new Redis(process.env.REDIS_URL)), plans, planOf })
 */
export function redisLimitStore(client: RedisClient, options: RedisLimitStoreOptions = {}): LimitStore {
  redisClient(client, 'client')
  const { prefix = 'limits' } = checkOptions(optionTable, options)
  const limiter = new RateLimiterRedis({
    storeClient: client,
    // Unused: limits are compared with the sum that a step gives.
    points: 1,
    duration: 1,
    keyPrefix: prefix,
    // ioredis has it, node-redis does not, and each wants its arguments in another form.
    useRedisPackage: !('defineCommand' in client),
  })
  const keyOf = (window: Parameters<LimitStore['read']>[0]) =>
    nameOf(window, new Date(window.startsAt).toISOString().slice(0, dateLength[window.period]))

  return {
    async add(window, amount) {
      const lifetime = { customDuration: lifetimeSeconds[window.period] }
      const counted = await (amount === 1
        ? limiter.penalty(keyOf(window), 1, lifetime)
        : limiter.reward(keyOf(window), 1, lifetime))
      return counted.consumedPoints
    },
    async read(window) {
      return (await limiter.get(keyOf(window)))?.consumedPoints ?? 0
    },
  }
}
