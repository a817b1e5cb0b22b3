// Counts in Postgres: one statement per step, for any number of processes, whatever their clocks say.

import { checkOptions, having, matching, type OptionTable, oneOf } from '@gosend/options'
import type { Charge, ChargeResult, LimitStore } from './store.js'
import { nameOf, stretchOf, type Window } from './window.js'

interface Statement {
  readonly text: string
  readonly values?: unknown[]
}

interface Queryable {
  query(query: Statement): Promise<{ readonly rows: unknown[] }>
}

/** What the store needs of a pool of `pg`. */
export interface PostgresPool extends Queryable {
  /** For databases whose transactions by default see an earlier snapshot, or must not write. */
  connect?(): Promise<Queryable & { release(destroy?: boolean): void }>
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
const keptForMs = ({ startsAt, endsAt }: Window) => (endsAt - startsAt < DAY_MS ? HOUR_MS : DAY_MS)

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

// The column that says when a window expires says of credits when some came back: so far ahead that their row is never deleted.
const CREDITS_MS = 4e15

// Of two processes whose clocks differ, none finds its window in a row that the other one is using: a prime number has
// no minutes or hours in it.
const SLOTS = 17

const CLEANING_INTERVAL_MS = 300_000
const MAX_ATTEMPTS = 5

// What Postgres says when two make a table at the same moment: IF NOT EXISTS is no protection from that.
const COLLISIONS = ['23505', '42P07', '42710', 'XX000']

const OUT_OF_RANGE = '22003'

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
  const run = createRun(pool)

  const rowsOf = async (text: string, values: unknown[]): Promise<unknown[]> => {
    made ??= makeTable(run, table).catch((error) => {
      made = undefined
      throw error
    })
    await made
    const count = async () => (await run({ text, values })).rows
    return count().catch(async (error) => {
      if (codeOf(error) !== OUT_OF_RANGE) throw error
      await widen(run, table)
      return count()
    })
  }

  const query = async (text: string, values: unknown[]): Promise<number | undefined> => {
    const [row] = await rowsOf(text, values)
    const points = (row as { readonly points: unknown } | undefined)?.points
    // The driver gives a bigint as text.
    return points === undefined ? undefined : Number(points)
  }

  /** Undefined when one of the counters has no row yet. */
  const take = async (charges: readonly Charge[]): Promise<ChargeResult | undefined> => {
    const rows = await rowsOf(sql.charge, chargeValues(charges))
    if (rows.length < charges.length) return undefined
    const taken = rows as readonly { readonly used: string; readonly is_taken: unknown }[]
    // A number, for a host may have told its driver to read truth values in another way.
    return {
      ok: taken.every(({ is_taken }) => Number(is_taken) === 1),
      used: taken.map(({ used }) => Number(used)),
    }
  }

  const open = (charges: readonly Charge[]) => {
    const [keys, expiries] = chargeValues(charges)
    return rowsOf(sql.open, [keys, expiries])
  }

  const clean = ({ startsAt }: Window) => {
    if (performance.now() - cleanedAt < CLEANING_INTERVAL_MS) return
    cleanedAt = performance.now()
    run({ text: sql.clean, values: [startsAt] }).catch(() => undefined)
  }

  return {
    async add(window, amount) {
      const sum = await query(amount === 1 ? sql.add : sql.takeBack, [keyOf(window), expiryOf(window)])
      clean(window)
      return sum ?? 0
    },
    async charge(charges) {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const result = await take(charges)
        if (result !== undefined) {
          const [first] = charges
          if (first?.refill === undefined && first !== undefined) clean(first.window)
          return result
        }
        await open(charges)
      }
      throw new Error('the rows of the counters were deleted as soon as they were made')
    },
    read: async (window) => (await query(sql.read, [keyOf(window), expiryOf(window)])) ?? 0,
  }
}

type Run = Queryable['query']

// What Postgres says to a statement that others have overtaken, where a transaction sees but one snapshot by default, and
// where it must not write by default.
const UNFIT = ['40001', '25006']

/** Runs one statement, as it is or, once the database has been found to begin other transactions by default, in one that fits. */
function createRun(pool: PostgresPool): Run {
  let isFit = true
  const runFitting: Run = async (statement) => {
    const client = await pool.connect?.()
    if (client === undefined) return pool.query(statement)
    try {
      await client.query({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE' })
      const result = await client.query(statement)
      await client.query({ text: 'COMMIT' })
      client.release()
      return result
    } catch (error) {
      client.release(true)
      throw error
    }
  }
  return async (statement) => {
    if (!isFit) return runFitting(statement)
    try {
      return await pool.query(statement)
    } catch (error) {
      // Nothing was counted: the statement has failed as a whole.
      if (!UNFIT.includes(codeOf(error))) throw error
      isFit = false
      return runFitting(statement)
    }
  }
}

const codeOf = (error: unknown) => String((Object(error) as { code?: unknown }).code)

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
    open: `INSERT INTO "${table}" (key, points, expire)
      SELECT key, 0, expire FROM unnest($1::text[], $2::bigint[]) AS wanted (key, expire) ORDER BY key
      ON CONFLICT (key) DO NOTHING`,
    // Rows are locked in the order of their names, so that no two requests wait for each other; then all are compared before
    // any is changed.
    charge: `WITH wanted AS (
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
          WITH ORDINALITY AS wanted (key, expire, amount, allowed, refill, every, place)
      ), locked AS (
        SELECT counted.key, counted.points::bigint AS points, counted.expire AS at
        FROM "${table}" AS counted WHERE counted.key = ANY ($1::text[]) ORDER BY counted.key FOR UPDATE
      ), known AS (
        SELECT wanted.*, locked.at, CASE
          WHEN wanted.every IS NULL THEN CASE WHEN locked.at = wanted.expire THEN locked.points ELSE 0 END
          WHEN locked.points <= 0 THEN locked.points
          ELSE greatest(0, locked.points - greatest(0, (wanted.expire - locked.at) / wanted.every) * wanted.refill)
        END AS before
        FROM wanted JOIN locked ON locked.key = wanted.key
      ), verdict AS (
        SELECT count(*) = cardinality($1::text[]) AS is_complete,
          bool_and(amount <= 0 OR before + amount <= allowed) AS is_taken FROM known
      ), step AS (
        SELECT known.*, verdict.is_taken,
          CASE WHEN every IS NULL THEN greatest(0, before + amount) ELSE before + amount END AS after,
          amount = 0 OR (amount < 0 AND every IS NULL AND at <> expire) AS is_kept
        FROM known, verdict WHERE verdict.is_complete
      ), written AS (
        UPDATE "${table}" AS counted SET points = step.after,
          expire = CASE WHEN step.every IS NULL THEN step.expire ELSE greatest(step.at, step.expire) END
        FROM step WHERE counted.key = step.key AND step.is_taken AND NOT step.is_kept
      )
      SELECT CASE WHEN is_taken THEN after ELSE before END AS used, is_taken::int FROM step ORDER BY place`,
    clean: `DELETE FROM "${table}" WHERE expire < least($1::bigint, extract(epoch FROM now()) * 1000)`,
  }
}

async function makeTable(run: Run, table: string, attempts = 5): Promise<void> {
  try {
    await run({
      text: `CREATE TABLE IF NOT EXISTS "${table}" (
        key varchar(255) PRIMARY KEY,
        points bigint NOT NULL DEFAULT 0,
        expire bigint
      )`,
    })
  } catch (error) {
    if (attempts === 1 || !COLLISIONS.includes(codeOf(error))) throw error
    await makeTable(run, table, attempts - 1)
  }
}

// Earlier releases made the column an integer, and still add up in it: they take its sums for broken once it is wider.
async function widen(run: Run, table: string): Promise<void> {
  const text = `ALTER TABLE "${table}" ALTER COLUMN points TYPE bigint`
  try {
    await run({ text })
  } catch (cause) {
    throw new Error(`the counters of "${table}" end at 2147483647; have its owner run: ${text}`, { cause })
  }
}

function keyOf(window: Window): string {
  return nameOf(window, slotOf(window))
}

const expiryOf = (window: Window) => window.endsAt + keptForMs(window)

function slotOf(window: Window): string {
  const lengthMs = window.endsAt - window.startsAt
  return lengthMs <= HOUR_MS ? String((window.startsAt / lengthMs) % SLOTS) : stretchOf(window)
}

/** The columns of charges, each as a list. */
function chargeValues(charges: readonly Charge[]): unknown[][] {
  return [
    charges.map(({ window }) => keyOf(window)),
    charges.map(({ window, refill }) => (refill === undefined ? expiryOf(window) : CREDITS_MS + refill.at)),
    charges.map(({ amount }) => amount),
    charges.map(({ limit }) => limit),
    charges.map(({ refill }) => refill?.amount ?? null),
    charges.map(({ refill }) => refill?.everyMs ?? null),
  ]
}
