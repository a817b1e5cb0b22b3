// Counts in Redis, through rate-limiter-flexible: one atomic script per step, for any number of processes.

import { checkOptions, having, type OptionTable, text } from '@gosend/options'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Charge, LimitStore } from './store.js'
import { nameOf, type Period, stretchOf, type Window } from './window.js'

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
const lifetimes: Partial<Readonly<Record<Period, number>>> = {
  second: 10,
  day: 2 * 86_400,
  month: 33 * 86_400,
}

function lifetimeSeconds({ period, startsAt, endsAt }: Window): number {
  return lifetimes[period] ?? 2 * Math.ceil((endsAt - startsAt) / 1_000) + 10
}

// All counters are compared before any is changed. A counter of a window is text, as rate-limiter-flexible has it; credits are
// a hash that never expires.
const CHARGE = `
local counters, ok = {}, true
for i, key in ipairs(KEYS) do
  local amount, limit, lifetime, refill, at, every = unpack(ARGV, i * 6 - 5, i * 6)
  local counter = { amount = tonumber(amount), lifetime = tonumber(lifetime), at = tonumber(at) }
  if every == '' then
    local used = redis.call('GET', key)
    counter.isKnown = used ~= false
    counter.before = tonumber(used or '0')
    counter.after = math.max(0, counter.before + counter.amount)
  else
    local used, stored = unpack(redis.call('HMGET', key, 'used', 'at'))
    counter.isCredits = true
    counter.before = tonumber(used or '0')
    local came = tonumber(stored or at)
    if counter.before > 0 then
      local times = math.max(0, math.floor((counter.at - came) / tonumber(every)))
      counter.before = math.max(0, counter.before - times * tonumber(refill))
    end
    counter.after = counter.before + counter.amount
    counter.at = math.max(came, counter.at)
  end
  if counter.amount > 0 and counter.after > tonumber(limit) then ok = false end
  counters[i] = counter
end
local answer = { ok and 1 or 0 }
for i, counter in ipairs(counters) do
  if ok and counter.amount ~= 0 then
    if counter.isCredits then
      redis.call('HSET', KEYS[i], 'used', string.format('%.0f', counter.after), 'at', string.format('%.0f', counter.at))
    elseif counter.isKnown then
      redis.call('INCRBY', KEYS[i], string.format('%.0f', counter.after - counter.before))
    elseif counter.amount > 0 then
      redis.call('SET', KEYS[i], string.format('%.0f', counter.after), 'EX', counter.lifetime)
    end
  end
  answer[i + 1] = ok and counter.after or counter.before
end
return answer
`

/**
 * Counts requests in Redis 6 or later, or in a server that speaks like it. Costs, credits and windows other than the second, the
 * day and the month need one server, and no cluster, which has the counters of one request in several places.
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
  const keyOf = (window: Parameters<LimitStore['read']>[0]) => nameOf(window, stretchOf(window))

  const evaluate = (keys: string[], values: string[]): Promise<unknown> => {
    const call = client.eval.bind(client) as (...given: unknown[]) => Promise<unknown>
    return 'defineCommand' in client
      ? call(CHARGE, keys.length, ...keys, ...values)
      : call(CHARGE, { keys, arguments: values })
  }

  return {
    async add(window, amount) {
      const lifetime = { customDuration: lifetimeSeconds(window) }
      const counted = await (amount === 1
        ? limiter.penalty(keyOf(window), 1, lifetime)
        : limiter.reward(keyOf(window), 1, lifetime))
      return counted.consumedPoints
    },
    async charge(charges) {
      const keys = charges.map(({ window }) => `${prefix}:${keyOf(window)}`)
      const [ok, ...used] = (await evaluate(keys, charges.flatMap(valuesOf))) as readonly number[]
      return { ok: ok === 1, used: used.map(Number) }
    },
    async read(window) {
      return (await limiter.get(keyOf(window)))?.consumedPoints ?? 0
    },
  }
}

function valuesOf({ window, amount, limit, refill }: Charge): string[] {
  return refill === undefined
    ? [String(amount), String(limit), String(lifetimeSeconds(window)), '', '0', '']
    : [String(amount), String(limit), '0', String(refill.amount), String(refill.at), String(refill.everyMs)]
}
