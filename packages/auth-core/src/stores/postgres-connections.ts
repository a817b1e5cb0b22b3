// Connections of a pool, as the store uses them: each with a deadline, each known to lead to the primary. One that
// failed or was late is thrown away, so that a restart, a failover or a reset is over with the next call.

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
}

/** What is needed of a pool: `Pool` of pg has it. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  on?(event: 'error', listener: (error: Error) => void): unknown
  readonly options?: { readonly max?: number }
}

export interface Notification {
  readonly channel: string
  readonly payload?: string | undefined
}

/** A connection while it is used. */
export interface Session {
  /** The start of the server it leads to: another server, or the same one restarted, has another. */
  readonly server: string
  /** Runs one statement. A statement with a name is prepared. */
  query(text: string, values?: readonly unknown[], name?: string): Promise<PostgresResult>
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

// A standby cannot become a primary, or the other way round, without that its connections are new or still refused.
const GREETING = `
  SELECT pg_is_in_recovery(), pg_postmaster_start_time()::text,
    (SELECT set_config(name, '${CHECK_INTERVAL_MS}', false)
     FROM pg_settings WHERE name = 'client_connection_check_interval' AND setting = '0')`

/** The answer, or a rejection when it has not come in time. Leaves no timer behind. */
export async function inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
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
  // The pool replaces an idle connection that breaks. Unheard, the event would end the process.
  pool.on?.('error', () => undefined)
  const servers = new WeakMap<PostgresClient, string>()

  async function greet(client: PostgresClient): Promise<string> {
    let server = servers.get(client)
    if (server === undefined) {
      const { rows } = await client.query({ text: GREETING, rowMode: 'array' })
      const [isReplica, startedAt] = rows[0] as [boolean, string]
      if (isReplica) throw new Error('this server is a read replica; keys are read from the primary only')
      server = startedAt
      servers.set(client, server)
    }
    return server
  }

  async function take(endsAt: number): Promise<Held> {
    const connecting = pool.connect()
    const client = await inTime(connecting, endsAt - performance.now()).catch((cause) => {
      connecting.then((late) => late.release(), ignore)
      throw cause
    })
    const held = hold(client)
    try {
      const greeting = Promise.race([held.lost, greet(client)])
      return { ...held, server: await inTime(greeting, endsAt - performance.now()) }
    } catch (cause) {
      held.release(true)
      throw cause
    }
  }

  return {
    async use(work, limitMs = timeoutMs) {
      const endsAt = performance.now() + limitMs
      const held = await take(endsAt)
      try {
        const working = Promise.race([held.lost, work(held)])
        const result = await inTime(working, endsAt - performance.now())
        held.release(false)
        return result
      } catch (cause) {
        held.release(true)
        throw cause
      }
    },
    keep: () => take(performance.now() + timeoutMs),
  }
}

function hold(client: PostgresClient): Omit<Held, 'server'> {
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
  // One statement after the other: a driver may refuse the next while one is under way.
  let previous: Promise<unknown> = Promise.resolve()
  return {
    lost,
    release,
    end: () => release(true),
    onNotification: (listener) => listen('notification', listener as (payload: unknown) => void),
    query(text, values = [], name) {
      const query: PostgresQuery = {
        text,
        rowMode: 'array',
        ...(values.length > 0 && { values: [...values] }),
        ...(name !== undefined && { name }),
      }
      const result = previous.then(() => client.query(query))
      previous = result.catch(ignore)
      return result
    },
  }
}

const ignore = () => undefined
