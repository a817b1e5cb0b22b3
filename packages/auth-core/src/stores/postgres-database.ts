// One schema of a Postgres database, as keys and projects use it: with its tables made, and in transactions that end in time.

import { checkOptions, matching, type OptionTable, oneOf, shared, wholeNumber } from '@gosend/options'
import {
  type Connections,
  createConnections,
  type PostgresPool,
  postgresPool,
  type Session,
} from './postgres-connections.js'
import { createPrepare, type Prepare } from './postgres-schema.js'

export interface PostgresStoreOptions {
  /** The schema that the tables are in: 1 to 24 of a-z, 0-9 and _. Default `api_keys`. */
  readonly schema?: string | undefined
  /**
   * What to do when the tables are missing. Default `once`: make them. `never` is for production, where a database
   * without them is the wrong one.
   */
  readonly initialize?: 'once' | 'never' | undefined
  /** How long one call may take, the wait for a connection included, in milliseconds. Default 1,000. */
  readonly timeoutMs?: number | undefined
}

const optionTable: OptionTable<PostgresStoreOptions> = {
  schema: matching(
    /^[a-z_][a-z0-9_]{0,23}$/,
    'must be 1 to 24 of a-z, 0-9 and _, not beginning with a digit',
  ),
  initialize: oneOf('once', 'never'),
  timeoutMs: wholeNumber(100, 60_000),
}

export interface PostgresDatabase {
  readonly connections: Connections
  readonly schema: string
  readonly prepare: Prepare
  /** Whether tables may be made. */
  readonly initialize: boolean
  readonly timeoutMs: number
  /** The same for all that is opened with this pool and schema. */
  readonly identity: unknown
  /** Runs `work` on a connection, once the tables are there. */
  use<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** Runs `work` in one transaction, which is committed when it gives true. */
  transact(session: Session, work: () => Promise<boolean>, setting: string): Promise<boolean>
}

/** What was acknowledged must survive a crash of the server, even where the host has chosen otherwise for itself. */
export const DURABLY = `SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`

/** @throws TypeError when an argument is wrong. */
export function openPostgresDatabase(pool: PostgresPool, options: PostgresStoreOptions): PostgresDatabase {
  postgresPool(pool, 'pool')
  const { schema = 'api_keys', initialize = 'once', timeoutMs = 1_000 } = checkOptions(optionTable, options)
  const connections = createConnections(pool, timeoutMs)
  const prepare = createPrepare(connections, schema, initialize === 'once')
  return {
    connections,
    schema,
    prepare,
    initialize: initialize === 'once',
    timeoutMs,
    identity: identityOf(pool, schema),
    async use(work) {
      await prepare()
      return connections.use(work)
    },
    async transact(session, work, setting) {
      await session.query(
        `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = ${timeoutMs}; ${setting}`,
      )
      const done = await work()
      await session.query(done ? 'COMMIT' : 'ROLLBACK')
      return done
    },
  }
}

const identities = shared(
  '@gosend/auth-core identities of pools',
  () => new WeakMap<PostgresPool, Map<string, object>>(),
)

function identityOf(pool: PostgresPool, schema: string): object {
  const bySchema = identities.get(pool) ?? new Map<string, object>()
  const identity = bySchema.get(schema) ?? {}
  identities.set(pool, bySchema.set(schema, identity))
  return identity
}

/** Whether Postgres can hold it: it has no text with a NUL in it, and would mistake half a surrogate pair for another character. */
export function isText(value: string): boolean {
  return !/[\0\p{Cs}]/u.test(value)
}
