// Counts in Postgres: one statement per step, for any number of processes, whatever their clocks say.

import { checkOptions, having, matching, type OptionTable, oneOf } from '@gosend/options'
import type { LimitStore } from './store.js'
import { nameOf, type Period, type Window } from './window.js'

/** What the store needs of a pool of `pg`. */
export interface PostgresPool {
  query(query: { readonly text: string; readonly values?: unknown[] }): Promise<{ readonly rows: unknown[] }>
  on?(event: 'error', listener: (error: Error) => void): unknown
}

export interface PostgresLimitStoreOptions {
  /** The table of the counters. Default `api_key_limits`. */
  readonly table?: string | undefined
  /** `once` makes the table when it is missing; `never` is for a role that may not. Default `once`. */
  readonly initialize?: 'once' | 'never' | undefined
}

const optionTable: OptionTable<PostgresLimitStoreOptions> = {
  table: matching(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a plain lower-case name'),
  initialize: oneOf('once', 'never'),
}

const postgresPool = having<PostgresPool>(['query'], 'pass a pool of pg')

// A row is kept so long after its window that no process can still be in it, unless its clock is as far behind.
const keptForMs: Readonly<Record<Period, number>> = {
  second: 3_600_000,
  day: 86_400_000,
  month: 86_400_000,
}

// Of two processes whose clocks differ, none finds its second in a row that the other one is using: a prime number has
// no minutes or hours in it.
const SECOND_SLOTS = 17

const CLEANING_INTERVAL_MS = 300_000

// What Postgres says when two make a table at the same moment: IF NOT EXISTS is no protection from that.
const COLLISIONS = ['23505', '42P07', '42710', 'XX000']

/**
 * Counts requests in Postgres. Every request updates a row per limit, and all requests of a project the same one for its
 * quota: beyond some hundred requests a second per project, Redis is the better place.
 *
 * @throws TypeError when an argument is wrong.
 *
 * @example
 * createLimits({ store: postgresLimitStore(new pg.Pool()), plans, planOf })
 */
export function postgresLimitStore(pool: PostgresPool, options: PostgresLimitStoreOptions = {}): LimitStore {
  postgresPool(pool, 'pool')
  const { table = 'api_key_limits', initialize = 'once' } = checkOptions(optionTable, options)

  // The pool replaces an idle connection that breaks. Without a listener, the event would end the process.
  pool.on?.('error', () => undefined)
  const sql = statements(table)
  let made = initialize === 'never' ? Promise.resolve() : undefined
  let cleanedAt = performance.now()

  const query = async (text: string, values: unknown[]): Promise<number | undefined> => {
    made ??= makeTable(pool, table).catch((error) => {
      made = undefined
      throw error
    })
    await made
    const { rows } = await pool.query({ text, values })
    return (rows[0] as { readonly points: number } | undefined)?.points
  }

  const clean = ({ startsAt }: Window) => {
    if (performance.now() - cleanedAt < CLEANING_INTERVAL_MS) return
    cleanedAt = performance.now()
    pool.query({ text: sql.clean, values: [startsAt] }).catch(() => undefined)
  }

  return {
    async add(window, amount) {
      const sum = await query(amount === 1 ? sql.add : sql.takeBack, [keyOf(window), expiryOf(window)])
      clean(window)
      return sum ?? 0
    },
    read: async (window) => (await query(sql.read, [keyOf(window), expiryOf(window)])) ?? 0,
  }
}

// A row is of the window that expires when it does; one of an earlier window begins anew. Only what is deleted goes by
// clocks, and has to be old by that of the database and by that of the process: one that is years ahead must not make the
// others forget, and one that is behind must not forget by itself.
function statements(table: string) {
  return {
    add: `INSERT INTO "${table}" AS counted VALUES ($1, 1, $2) ON CONFLICT (key) DO UPDATE SET
      points = CASE WHEN counted.expire = excluded.expire THEN counted.points + 1 ELSE 1 END, expire = excluded.expire
      RETURNING points`,
    takeBack: `UPDATE "${table}" SET points = points - 1 WHERE key = $1 AND expire = $2 RETURNING points`,
    read: `SELECT points FROM "${table}" WHERE key = $1 AND expire = $2`,
    clean: `DELETE FROM "${table}" WHERE expire < least($1::bigint, extract(epoch FROM now()) * 1000)`,
  }
}

async function makeTable(pool: PostgresPool, table: string, attempts = 5): Promise<void> {
  try {
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

const expiryOf = ({ period, endsAt }: Window) => endsAt + keptForMs[period]

function stretchOf({ period, startsAt }: Window): string {
  if (period === 'second') return String((startsAt / 1_000) % SECOND_SLOTS)
  return new Date(startsAt).toISOString().slice(0, period === 'day' ? 10 : 7)
}
