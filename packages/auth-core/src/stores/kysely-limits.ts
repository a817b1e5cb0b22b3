// Counts in a database behind Kysely: a transaction per request, exact over any number of processes.

import {
  type Charge,
  type ChargeResult,
  type Counter,
  chargeCounters,
  type LimitStore,
} from '../limits/store.js'
import { nameOf, stretchOf, type Window } from '../limits/window.js'
import {
  type AnyKysely,
  type KyselyStoreOptions,
  openKyselyDatabase,
  type Row,
  type Session,
} from './kysely-database.js'
import { passOverDuplicate, places } from './kysely-statements.js'

const CLEANING_INTERVAL_MS = 300_000
const DAY_MS = 86_400_000

/**
 * Counts requests in a database of Kysely, which may be that of the keys. Every request updates a row per limit in a transaction of
 * its own, and all requests of a project the same row for its quota: beyond some hundred requests a second per project, Redis is the
 * better place.
 *
 * @example
 * createLimits({ store: kyselyLimitStore(db), plans, planOf })
 *
 * @param db as `kyselyStore` takes it.
 * @throws TypeError when an argument is wrong.
 */
export function kyselyLimitStore(db: AnyKysely, options: KyselyStoreOptions = {}): LimitStore {
  const { read, transact } = openKyselyDatabase(db, options)
  let cleanedAt = performance.now()

  const clean = (startsAt: number) => {
    if (performance.now() - cleanedAt < CLEANING_INTERVAL_MS) return
    cleanedAt = performance.now()
    // By the clock of the database and that of the process: neither must make the others forget.
    transact(({ dialect, write }) =>
      write(`DELETE FROM api_key_counters WHERE expires_at < ? AND expires_at < ${dialect.now}`, [startsAt]),
    ).catch(() => undefined)
  }

  const charge = async (charges: readonly Charge[]): Promise<ChargeResult> => {
    const result = await transact(async (session) => {
      const counters = await lockCounters(session, charges)
      const changes: [Charge, Counter][] = []
      const taken = chargeCounters(
        charges,
        ({ window }) => counters.get(nameIn(window)),
        (...change) => changes.push(change),
      )
      for (const [{ window }, { used, at }] of changes) {
        const values = [used, at, nameIn(window)]
        await session.write('UPDATE api_key_counters SET used = ?, at = ? WHERE name = ?', values)
      }
      return taken
    })
    clean(charges[0]?.window.startsAt ?? 0)
    return result ?? { ok: true, used: [] }
  }

  const unlimited = Number.MAX_SAFE_INTEGER
  return {
    charge,
    add: async (window, amount) => (await charge([{ window, amount, limit: unlimited }])).used[0] ?? 0,
    async read(window) {
      const [row] = await read((session) =>
        session.read('SELECT used, at FROM api_key_counters WHERE name = ?', [nameIn(window)]),
      )
      return (row && counterOf(row)?.used) ?? 0
    },
  }
}

const nameIn = (window: Window) => nameOf(window, stretchOf(window))

/** Undefined for a row in which nothing has been counted. */
const counterOf = ({ used, at }: Row): Counter | undefined =>
  at === null ? undefined : { used: Number(used), at: Number(at) }

/** The counters of charges, in rows that nobody else changes until the transaction ends. */
async function lockCounters(session: Session, charges: readonly Charge[]) {
  // Always in the order of names, so that no two wait for each other in a circle.
  const windows = new Map(charges.map(({ window }) => [nameIn(window), window]))
  const names = [...windows.keys()].toSorted()
  const lock = async () => {
    const rows = await session.read(
      `SELECT name, used, at FROM api_key_counters WHERE name IN (${places(names)}) ORDER BY name${session.dialect.forUpdate}`,
      names,
    )
    return new Map(rows.map((row) => [String(row.name), counterOf(row)]))
  }
  const found = await lock()
  const missing = names.filter((name) => !found.has(name))
  if (missing.length === 0) return found
  for (const name of missing) {
    const sql = `INSERT INTO api_key_counters (name, used, at, expires_at) VALUES (?, 0, NULL, ?)${session.dialect.keepExisting}`
    await session.write(sql, [name, expiryOf(windows.get(name))]).catch(passOverDuplicate)
  }
  return lock()
}

// Until no process can still be in the window, however far its clock is behind. Credits have no end.
function expiryOf(window: Window | undefined): number | null {
  if (window === undefined || window.endsAt === Number.POSITIVE_INFINITY) return null
  return window.endsAt + Math.max(DAY_MS, window.endsAt - window.startsAt)
}
