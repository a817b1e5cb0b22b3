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

// What Postgres says when two make a table at the same moment: IF NOT EXISTS is no protection from that.
const COLLISIONS = ['23505', '42P07', '42710', 'XX000']

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

  const counters = new RateLimiterPostgres({
    storeClient: pool,
    // Unused: limits are compared with the sum that a step gives.
    points: 1,
    duration: 1,
    storeType: 'pool',
    tableName: table,
    tableCreated: true,
    keyPrefix: '',
  })
  let made = initialize === 'never' ? Promise.resolve() : undefined
  const ready = () => {
    made ??= makeTable(pool, table).catch((error) => {
      made = undefined
      throw error
    })
    return made
  }

  return {
    async add(window, amount) {
      const lifetime = { customDuration: lifetimeSeconds[window.period] }
      await ready()
      const counted = await (amount === 1
        ? counters.penalty(keyOf(window), 1, lifetime)
        : counters.reward(keyOf(window), 1, lifetime))
      return counted.consumedPoints
    },
    async read(window) {
      await ready()
      return (await counters.get(keyOf(window)))?.consumedPoints ?? 0
    },
  }
}

async function makeTable(pool: PostgresPool, table: string, attempts = 5): Promise<void> {
  try {
    // The columns are those that rate-limiter-flexible reads.
    await pool.query({
      text: `CREATE TABLE IF NOT EXISTS "${table}" (
        key varchar(255) PRIMARY KEY,
        points integer NOT NULL DEFAULT 0,
        expire bigint
      )`,
    })
  } catch (error) {
    const { code } = Object(error) as { code?: string }
    if (attempts === 1 || code === undefined || !COLLISIONS.includes(code)) throw error
    await makeTable(pool, table, attempts - 1)
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
