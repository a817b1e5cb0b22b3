// How one cache hears of changes: a connection that listens, on which a heartbeat goes through the server and back.
// Postgres delivers notifications in the order in which their transactions were committed, so when a heartbeat comes
// back, everything that was committed before it was sent has come as well.

import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clocks, type Moment, momentOf, type PostgresCache, systemClocks } from './postgres-cache.js'
import { type Connections, inTime, type KeptSession } from './postgres-connections.js'
import type { PostgresNames, Prepare } from './postgres-schema.js'

export interface Channel {
  /** Stops listening. Resolves when the cache is off the list of those that changes wait for. */
  close(): Promise<void>
}

export interface ChannelParts {
  readonly cache: PostgresCache
  readonly connections: Connections
  readonly names: PostgresNames
  readonly prepare: Prepare
  readonly maxStalenessMs: number
  readonly clocks?: Clocks
}

// Per `maxStalenessMs`: so many may be late before rows are read again.
const BEATS = 4
const LOST_AFTER_MS = 2_000
const RETRY_MS = [20, 50, 100, 250, 500, 1_000]

/** Opens a channel, and opens it again whenever it is lost. The cache is open just as long as the channel is. */
export function openChannel(parts: ChannelParts): Channel {
  const { cache, connections, names, prepare, maxStalenessMs, clocks = systemClocks } = parts
  const id = randomBytes(8).toString('hex')
  const closing = new AbortController()
  const pause = (ms: number) => sleep(ms, undefined, { ref: false, signal: closing.signal })
  let failures = 0

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await prepare()
        await attend(await connections.keep())
      } catch {
        // Until the next try rows are read from the database, which says for itself what is wrong.
        await pause(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] ?? 0).catch(() => undefined)
      }
    }
  }

  async function attend(session: KeptSession): Promise<void> {
    let sent: { readonly number: string; readonly at: Moment } | undefined
    session.onNotification(({ channel, payload = '' }) => {
      if (channel === names.changes) hear(payload, session)
      else if (payload === sent?.number) cache.heardEverythingUntil(sent.at)
    })
    const beat = async () => {
      for (let number = 0; ; number++) {
        sent = { number: `${number}`, at: momentOf(clocks) }
        const returned = session.query('SELECT pg_notify($1, $2)', [names.beats(id), sent.number])
        await inTime(returned, LOST_AFTER_MS)
        await pause(maxStalenessMs / BEATS)
      }
    }
    // In the turn in which the loss is noticed: before any other read.
    const lost = session.lost.finally(cache.shut)
    lost.catch(() => undefined)
    try {
      await Promise.race([lost, signOn(session)])
      cache.open(session.server)
      failures = 0
      await Promise.race([lost, beat()])
    } finally {
      cache.shut()
      if (closing.signal.aborted) await signOff(session).catch(() => undefined)
      session.end()
    }
  }

  // Listening comes before the list: whoever changes a key and finds this cache on it will be heard.
  async function signOn(session: KeptSession): Promise<void> {
    await session.query(`LISTEN ${names.changes}; LISTEN ${names.beats(id)}`)
    // The server must notice before long that a host was cut off, because changes wait for it.
    await session.query(
      'SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3',
    )
    await session.query(
      `INSERT INTO ${names.schema}.caches (id, session, pid, max_staleness_ms)
       VALUES ($1, $2, pg_backend_pid(), $3)
       ON CONFLICT (id) DO UPDATE SET session = excluded.session, pid = excluded.pid`,
      [id, randomUUID(), maxStalenessMs],
    )
  }

  async function signOff(session: KeptSession): Promise<void> {
    const signedOff = session.query(`DELETE FROM ${names.schema}.caches WHERE id = $1`, [id])
    await inTime(signedOff, LOST_AFTER_MS)
  }

  function hear(payload: string, session: KeptSession): void {
    const space = payload.indexOf(' ')
    const [kind, subject] = [payload.slice(0, space), payload.slice(space + 1)]
    if (kind === 'key') cache.forget(subject)
    else if (kind === 'ask') {
      session.query('SELECT pg_notify($1, $2)', [names.answers(subject), id]).catch(() => undefined)
    } else cache.forgetAll()
  }

  const running = run()
  return {
    close() {
      closing.abort()
      return running
    },
  }
}
