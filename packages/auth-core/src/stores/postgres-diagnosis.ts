// What can be said of the way to a Postgres database, and of the caches over it, without changing anything.

import type { ApiKeyStore } from '../store.js'
import { partsOf } from './postgres-parts.js'
import { canBeNotified } from './postgres-pooler.js'

export interface PostgresDiagnosis {
  /** Where connections lead: straight to Postgres, or through a pooler that pools sessions or transactions. */
  readonly route: 'direct' | 'sessions' | 'transactions'
  /** Whether a read that nobody waits for any more goes on for as long as what holds it up. */
  readonly isAbandonedWorkKept: boolean
  /** How many processes keep keys in memory; null where there are no tables for it. */
  readonly caches: number | null
}

/** @param store what `postgresStore` returned. */
export async function diagnosePostgres(store: ApiKeyStore): Promise<PostgresDiagnosis> {
  const { connections, schema } = partsOf(store)
  const session = await connections.keep()
  try {
    const route = session.isDirect
      ? 'direct'
      : (await canBeNotified(session, connections, schema))
        ? 'sessions'
        : 'transactions'
    const { rows } = await session.query(SETTINGS)
    const [[checks, limits] = []] = rows as [checks: string | null, limits: string][]
    const { rows: tables } = await session.query('SELECT to_regclass($1)::text', [`${schema}.caches`])
    const [[table] = []] = tables as [table: string | null][]
    const count = async () => {
      const { rows } = await session.query(`SELECT count(*)::integer FROM ${schema}.caches`)
      return (rows as [number][])[0]?.[0] ?? 0
    }
    return {
      route,
      // Releases before 14 do not know the first.
      isAbandonedWorkKept: (checks ?? '0') === '0' && limits === '0',
      caches: table === null || table === undefined ? null : await count(),
    }
  } finally {
    session.end()
  }
}

const SETTINGS = `SELECT current_setting('client_connection_check_interval', true), current_setting('statement_timeout')`
