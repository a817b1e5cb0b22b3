// Counts in Postgres, through rate-limiter-flexible: one upsert per step, for any number of processes.

import { RateLimiterPostgres } from 'rate-limiter-flexible'
import type { Period } from './meters.js'
import { type LimitStore, nameOf, type Window } from './store.js'

/** What the store needs of a pool of `pg`. */
export interface PostgresPool {
  query(query: { readonly text: string; readonly values?: unknown[] }): Promise<{ readonly rows: unknown[] }>
}

export interface PostgresLimitStoreOptions {
  /** The table of the counters. Default `api_key_limits`. */
  readonly table?: string | undefined
  /** `once` makes the table when it is missing; `never` is for a role that may not. Default `once`. */
  readonly initialize?: 'once' | 'never' | undefined
}

// The lifetime is no part of a limit, since counters carry the date in their names; rows are deleted an hour after it.
const lifetimeSeconds: Readonly<Record<Period, number>> = {
  second: 8,
  day: 2 * 86_400,
  month: 33 * 86_400,
}

const SECOND_SLOTS = 16
const DUPLICATE_TABLE = '42P07'

/**
 * Counts requests in Postgres. Every request updates a row per limit, and all requests of a project the same one for its
 * quota: beyond some hundred requests a second per project, Redis is the better place.
 *
 * @throws TypeError when the pool is not one.
 *
 * @example
 * createLimits({ store: postgresLimitStore(new pg.Pool()), plans, planOf })
 */
export function postgresLimitStore(pool: PostgresPool, options: PostgresLimitStoreOptions = {}): LimitStore {
  const { table = 'api_key_limits', initialize = 'once' } = options
  if (typeof pool?.query !== 'function') throw new TypeError('pool: pass a pool of pg')
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(table)) throw new TypeError('table: must be a plain lower-case name')
  if (!['once', 'never'].includes(initialize)) throw new TypeError('initialize: must be "once" or "never"')

  const connect = () =>
    new Promise<RateLimiterPostgres>((resolve, reject) => {
      const limiter = new RateLimiterPostgres(
        {
          storeClient: pool,
          // Unused: limits are compared with the sum that a step gives.
          points: 1,
          duration: 1,
          storeType: 'pool',
          tableName: table,
          keyPrefix: '',
          tableCreated: initialize === 'never',
        },
        (error) => (error === undefined ? queueMicrotask(() => resolve(limiter)) : reject(error)),
      )
    })
  let connected: Promise<RateLimiterPostgres> | undefined
  const limiter = () => {
    connected ??= connect()
      // Another process has made the table meanwhile: IF NOT EXISTS is no protection from that.
      .catch((error) => (error?.code === DUPLICATE_TABLE ? connect() : Promise.reject(error)))
      .catch((error) => {
        connected = undefined
        throw error
      })
    return connected
  }

  return {
    async add(window, amount) {
      const lifetime = { customDuration: lifetimeSeconds[window.period] }
      const counters = await limiter()
      const counted = await (amount === 1
        ? counters.penalty(keyOf(window), 1, lifetime)
        : counters.reward(keyOf(window), 1, lifetime))
      return counted.consumedPoints
    },
    async read(window) {
      return (await (await limiter()).get(keyOf(window)))?.consumedPoints ?? 0
    },
  }
}

function keyOf(window: Window): string {
  return nameOf(window, stretchOf(window))
}

function stretchOf({ period, startsAt }: Window): string {
  // Rows are not deleted by the second, so seconds take turns: when one is up again, its row has expired.
  if (period === 'second') return String((startsAt / 1_000) % SECOND_SLOTS)
  return new Date(startsAt).toISOString().slice(0, period === 'day' ? 10 : 7)
}
