// Connections of a pool, as the store uses them: each with a deadline, each known to lead to the primary. One that
// failed or was late is thrown away, so that a restart, a failover or a reset is over with the next call.

import { createHash } from 'node:crypto'
import { having } from '@gosend/options'
import { clearTimeout, setTimeout, steadyClock } from '../clocks.js'

/** What is needed of a result of a driver: rows as arrays, columns in order. */
export interface PostgresResult {
  readonly rows: unknown[]
  readonly rowCount: number | null
}

export interface PostgresQuery {
  readonly text: string
  readonly values?: unknown[]
  /** Prepared once per connection under this name. */
  readonly name?: string
  readonly rowMode: 'array'
}

/** What is needed of a connection: `PoolClient` of pg has it. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<PostgresResult>
  /** Gives the connection back, or ends it. */
  release(destroy?: boolean): void
  on(event: string, listener: (payload: unknown) => void): unknown
  off(event: string, listener: (payload: unknown) => void): unknown
  /** The process that Postgres named when the connection began. A pooler names one of its own invention. */
  readonly processID?: unknown
}

/** What is needed of a pool: `Pool` of pg has it. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  on?(event: 'error', listener: (error: Error) => void): unknown
  off?(event: 'error', listener: (error: Error) => void): unknown
  readonly options?: { readonly max?: number }
}

export const postgresPool = having<PostgresPool>(
  ['connect'],
  'pass a pool of connections, e.g. new Pool() of pg',
)

export interface Notification {
  readonly channel: string
  readonly payload?: string | undefined
}

/** A statement that a direct connection prepares once. */
export interface Prepared {
  readonly text: string
  /** Says what the text is: a connection that somebody else prepared statements on has none with this name but this one. */
  readonly name: string
}

export function prepared(text: string): Prepared {
  return { text, name: `gosend_${createHash('sha256').update(text).digest('hex').slice(0, 24)}` }
}

/** A connection while it is used. */
export interface Session {
  /**
   * Whether it leads to one and the same process of Postgres for as long as it lasts. Through a pooler that is not
   * known: each transaction may run in another process, even of another server.
   */
  readonly isDirect: boolean
  /** Runs one statement, or several in `text` without values. */
  query(statement: string | Prepared, values?: readonly unknown[]): Promise<PostgresResult>
  /** Runs one SELECT on the primary, and says on which start of which server. */
  read(
    statement: string | Prepared,
    values: readonly unknown[],
  ): Promise<{ readonly server: string; readonly rows: readonly unknown[][] }>
  onNotification(listener: (notification: Notification) => void): void
}

export interface KeptSession extends Session {
  /** Rejects when the connection is lost. */
  readonly lost: Promise<never>
  /** Ends the connection. */
  end(): void
}

export interface Connections {
  /** Runs `work` on one connection. Rejects when it fails, or has not ended in time: then its connection is ended too. */
  use<T>(work: (session: Session) => Promise<T>, timeoutMs?: number): Promise<T>
  /** A connection of one's own, out of the pool until it is ended. */
  keep(): Promise<KeptSession>
}

// How soon a server stops working for a connection that was thrown away, e.g. on a read that waits for a lock.
const CHECK_INTERVAL_MS = 500

/** The server, by its start, in SQL: as text that does not depend on the time zone of who asks. */
export const SERVER = `to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`

const GREETING = `SELECT pg_is_in_recovery(), ${SERVER}, pg_backend_pid() = $1::int`
// The setting outlives the transaction, so it is not made on a connection that a pooler lends to others as well. A server
// of before Postgres 14 does not know it. The view of all settings would cost a new connection several milliseconds.
const GREETING_WITH_CHECK = `${GREETING},
  CASE WHEN pg_backend_pid() = $1::int AND current_setting('client_connection_check_interval', true) = '0'
    THEN set_config('client_connection_check_interval', '${CHECK_INTERVAL_MS}', false) END`
// On a system that tells Postgres nothing of closed connections, such as Windows, only zero is a valid value.
const INVALID_VALUE = '22023'

interface Greeting {
  readonly server: string
  readonly isDirect: boolean
}

// Of a statement that was prepared in another process of Postgres than it is executed in: it does not exist there, or
// it exists already.
const PREPARED_ELSEWHERE = ['26000', '42P05']

/** The answer, or a rejection when it has not come in time. Leaves no timer behind. */
export async function inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Postgres did not answer in time')), timeoutMs)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

interface Held extends KeptSession {
  release(destroy: boolean): void
}

/** @param timeoutMs how long any use may take, the wait for a connection included. */
export function createConnections(pool: PostgresPool, timeoutMs: number): Connections {
  // The pool replaces an idle connection that breaks. Without a listener, the event would end the process.
  // One is enough, however many stores a pool is given to.
  pool.off?.('error', ignore)
  pool.on?.('error', ignore)
  const greetings = new WeakMap<PostgresClient, Greeting>()
  let isCheckPossible = true
  // Not so through a pooler that passes on the process id of Postgres, which only shows by what goes wrong.
  let isDirectPossible = true

  async function ask(
    client: PostgresClient,
    processId: number | null,
  ): Promise<[boolean, string, boolean | null]> {
    const text = isCheckPossible ? GREETING_WITH_CHECK : GREETING
    try {
      const { rows } = await client.query({ text, values: [processId], rowMode: 'array' })
      return rows[0] as [boolean, string, boolean | null]
    } catch (cause) {
      if (text === GREETING || codeOf(cause) !== INVALID_VALUE) throw cause
      isCheckPossible = false
      return ask(client, processId)
    }
  }

  // A connection that stays with its server is asked once: a standby that becomes a primary, or the other way round,
  // ends its connections or refuses them before.
  async function greet(client: PostgresClient): Promise<Greeting> {
    let greeting = greetings.get(client)
    if (greeting === undefined) {
      const processId = typeof client.processID === 'number' ? client.processID : null
      const [isReplica, server, isDirect] = await ask(client, processId)
      if (isReplica) throw new Error(REPLICA)
      greeting = { server, isDirect: isDirect === true }
      greetings.set(client, greeting)
    }
    return { ...greeting, isDirect: greeting.isDirect && isDirectPossible }
  }

  async function take(endsAt: number): Promise<Held> {
    const connecting = pool.connect()
    const client = await inTime(connecting, endsAt - steadyClock()).catch((cause) => {
      connecting.then((late) => late.release(), ignore)
      throw cause
    })
    const { lost, release, onNotification } = hold(client)
    try {
      const greeting = await inTime(Promise.race([lost, greet(client)]), endsAt - steadyClock())
      return { lost, release, onNotification, end: () => release(true), ...statementsOf(client, greeting) }
    } catch (cause) {
      release(true)
      throw cause
    }
  }

  async function attempt<T>(work: (session: Session) => Promise<T>, endsAt: number): Promise<T> {
    const held = await take(endsAt)
    try {
      const working = Promise.race([held.lost, work(held)])
      const result = await inTime(working, endsAt - steadyClock())
      held.release(false)
      return result
    } catch (cause) {
      held.release(true)
      throw cause
    }
  }

  return {
    async use(work, limitMs = timeoutMs) {
      const endsAt = steadyClock() + limitMs
      const wasDirectPossible = isDirectPossible
      try {
        return await attempt(work, endsAt)
      } catch (cause) {
        if (!wasDirectPossible || !isPreparedElsewhere(cause)) throw cause
        // Nothing was written: the error undoes the transaction it is in.
        isDirectPossible = false
        return attempt(work, endsAt)
      }
    },
    keep: () => take(steadyClock() + timeoutMs),
  }
}

function isPreparedElsewhere(cause: unknown): boolean {
  const code = codeOf(cause)
  return PREPARED_ELSEWHERE.some((known) => known === code)
}

function codeOf(cause: unknown): unknown {
  return (Object(cause) as { code?: unknown }).code
}

function hold(client: PostgresClient): Pick<Held, 'lost' | 'release' | 'onNotification'> {
  const listeners: [event: string, listener: (payload: unknown) => void][] = []
  const listen = (event: string, listener: (payload: unknown) => void) => {
    listeners.push([event, listener])
    client.on(event, listener)
  }
  const lost = new Promise<never>((_, reject) => {
    for (const event of ['error', 'end']) {
      listen(event, (cause) => reject(cause ?? new Error('the connection ended')))
    }
  })
  lost.catch(ignore)
  let isReleased = false
  const release = (destroy: boolean) => {
    if (isReleased) return
    isReleased = true
    client.release(destroy)
    for (const [event, listener] of listeners) client.off(event, listener)
  }
  return {
    lost,
    release,
    onNotification: (listener) => listen('notification', listener as (payload: unknown) => void),
  }
}

function statementsOf(
  client: PostgresClient,
  { server, isDirect }: Greeting,
): Pick<Session, 'isDirect' | 'query' | 'read'> {
  // One statement after the other: a driver may refuse the next while one is in progress.
  let previous: Promise<unknown> = Promise.resolve()
  const query: Session['query'] = (statement, values = []) => {
    const { text, name } = typeof statement === 'string' ? { text: statement } : statement
    const query: PostgresQuery = {
      text,
      rowMode: 'array',
      ...(values.length > 0 && { values: [...values] }),
      ...(name !== undefined && isDirect && { name }),
    }
    const result = previous.then(() => client.query(query))
    previous = result.catch(ignore)
    return result
  }
  return {
    isDirect,
    query,
    async read(statement, values) {
      if (isDirect) return { server, rows: (await query(statement, values)).rows as unknown[][] }
      const text = typeof statement === 'string' ? statement : statement.text
      const { rows } = await query(onPrimary(text), values)
      const [[isReplica, from]] = rows as [[boolean, string]]
      if (isReplica) throw new Error(REPLICA)
      const found = (rows as unknown[][]).filter(([, , place]) => place !== null)
      return { server: from, rows: found.map((row) => row.slice(3)) }
    },
  }
}

const REPLICA = 'this server is a read replica; keys are read from the primary only'

// A pooler may lead the next statement elsewhere, so each one says itself where it ran: also when it found nothing.
function onPrimary(text: string): string {
  return `SELECT here.*, found.* FROM (SELECT pg_is_in_recovery(), ${SERVER}) AS here
    LEFT JOIN (SELECT row_number() OVER () AS place, asked.* FROM (${text}) AS asked) AS found ON true ORDER BY place`
}

const ignore = () => undefined
