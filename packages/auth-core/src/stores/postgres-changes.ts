// How one cache learns of changes: several times per `maxStalenessMs` it asks for what the log has that its last snapshot
// had not, drops those keys, and acknowledges it. What a snapshot shows does not depend on the connection that it is read
// through, so a pooler may stand in between. Where a connection can be notified, it asks at once.

import type { CacheStatus } from '../store.js'
import { type Clocks, type KeyCache, momentOf, systemClocks } from './key-cache.js'
import { type Attendance, keepConnected } from './postgres-attendance.js'
import { cacheTables, changesChannel } from './postgres-cache-tables.js'
import { type ChangeLog, createChangeLog, type Position } from './postgres-change-log.js'
import { type Connections, inTime, type KeptSession, type Session } from './postgres-connections.js'
import type { PostgresParts } from './postgres-parts.js'
import { canBeNotified } from './postgres-pooler.js'
import { prepare } from './postgres-schema.js'

export interface ChangeFeed {
  /** Asks for changes now. */
  poll(): void
  status(): CacheStatus
  /** Ends the cache. Resolves when it is off the list of those that changes wait for. */
  close(): Promise<void>
}

export interface ChangeFeedParts {
  readonly cache: KeyCache
  readonly parts: Pick<PostgresParts, 'connections' | 'schema' | 'prepare' | 'initialize'>
  /** Where to be notified. Default: on the connection that polls, if that can be. */
  readonly listen: Connections | undefined
  readonly maxStalenessMs: number
  readonly clocks?: Clocks
}

// Per `maxStalenessMs`: so many may be late before rows are read again.
const POLLS = 4

/** Follows the changes of one server after the other. The cache is open just as long as it learns of them in time. */
export function followChanges(given: ChangeFeedParts): ChangeFeed {
  const { cache, parts, listen, maxStalenessMs, clocks = systemClocks } = given
  const { connections, schema } = parts
  const log = createChangeLog(schema, maxStalenessMs)
  let isNotified = false

  const beNotified = async (session: Session) => {
    session.onNotification(({ channel }) => {
      if (channel === changesChannel(schema)) poller.wake()
    })
    await session.query(`LISTEN ${changesChannel(schema)}`)
    isNotified = true
    // What was announced before this connection listened.
    poller.wake()
  }

  const attendPoller = async (session: KeptSession, attendance: Attendance) => {
    // In the turn in which the loss is noticed: before any other read.
    const lost = session.lost.finally(cache.shut)
    lost.catch(() => undefined)
    try {
      if (listen === undefined && (session.isDirect || (await canBeNotified(session, connections, schema)))) {
        await beNotified(session)
      }
      await keepCurrent({ cache, log, clocks, session: { ...session, lost }, attendance, maxStalenessMs })
    } finally {
      cache.shut()
      if (listen === undefined) isNotified = false
    }
  }

  const attendListener = async (session: KeptSession, attendance: Attendance) => {
    try {
      await waitUntilNotified(session, attendance, { connections, schema })
      await beNotified(session)
      await stayNotified(session, attendance)
    } finally {
      isNotified = false
    }
  }

  const connect = async () => {
    await parts.prepare()
    await prepare(connections, schema, cacheTables, parts.initialize)
    return connections.keep()
  }
  const poller = keepConnected(connect, attendPoller, log.signOff)
  const listener = listen && keepConnected(listen.keep, attendListener)

  return {
    poll: poller.wake,
    status() {
      if (!cache.isOpen()) return { state: 'off', changes: null, ...reasonOff(poller) }
      if (isNotified) return { state: 'open', changes: 'notified', reason: null, message: null }
      return { state: 'open', changes: 'polled', ...reasonPolled(listener) }
    },
    async close() {
      cache.shut()
      await Promise.all([poller.close(), listener?.close()])
    },
  }
}

interface Following {
  readonly cache: KeyCache
  readonly log: ChangeLog
  readonly clocks: Clocks
  readonly session: KeptSession
  readonly attendance: Attendance
  readonly maxStalenessMs: number
}

/** Opens the cache, and keeps it current until the attendance is closed or something rejects. */
async function keepCurrent(following: Following): Promise<void> {
  const { cache, log, session, attendance, maxStalenessMs } = following
  if (attendance.isClosed()) return
  let position = await log.signOn(session)
  if (attendance.isClosed()) return
  cache.open(position.server)
  for (let isFirst = true; !attendance.isClosed(); isFirst = false) {
    position = await catchUp(following, position, isFirst)
    attendance.succeeded()
    await Promise.race([session.lost, attendance.pause(maxStalenessMs / POLLS)])
  }
}

async function catchUp(
  { cache, log, session, clocks }: Following,
  last: Position,
  isFirst: boolean,
): Promise<Position> {
  const askedAt = momentOf(clocks)
  const { position, ids } = await log.changesSince(session, last)
  if (ids === undefined) cache.invalidateAll()
  else for (const id of ids) cache.invalidate(id)
  // A change waits for the acknowledgement or until this cache has stopped answering, so it may not go on without.
  if (isFirst || ids === undefined || ids.length > 0) await log.acknowledge(session, position)
  cache.confirm(askedAt)
  return position
}

const LISTENER_CHECK_MS = 5_000
const LISTENER_ANSWER_MS = 2_000
const SILENT_RETRY_MS = 30_000

/** Rejects, after a while, when what is committed through the pool of the store is not announced on this connection. */
async function waitUntilNotified(
  session: KeptSession,
  attendance: Attendance,
  { connections, schema }: Pick<PostgresParts, 'connections' | 'schema'>,
): Promise<void> {
  if (await canBeNotified(session, connections, schema)) return
  await attendance.pause(SILENT_RETRY_MS)
  throw new Error(
    'what is committed through the pool of the store is not announced on a connection of `listen`',
  )
}

/** Resolves when the attendance is closed, and rejects when the connection is lost, also without a word. */
async function stayNotified(session: KeptSession, attendance: Attendance): Promise<void> {
  while (!attendance.isClosed()) {
    attendance.succeeded()
    await Promise.race([session.lost, attendance.pause(LISTENER_CHECK_MS)])
    await inTime(session.query('SELECT 1'), LISTENER_ANSWER_MS)
  }
}

type Reason = Pick<CacheStatus, 'reason' | 'message'>

function reasonOff(poller: Attendance): Reason {
  if (poller.isClosed()) return { reason: 'closed', message: null }
  const failure = poller.failure()
  return failure === undefined
    ? { reason: 'starting', message: null }
    : { reason: 'unavailable', message: messageOf(failure) }
}

function reasonPolled(listener: Attendance | undefined): Reason {
  if (listener === undefined) return { reason: 'pooler', message: ADVICE }
  const failure = listener.failure()
  return { reason: 'listener', message: failure === undefined ? null : messageOf(failure) }
}

const ADVICE =
  'a pooler gives these connections to others between transactions, so changes are asked for instead of announced; pass `listen`, a pool that connects directly to Postgres'

function messageOf(failure: unknown): string {
  const { message, code } = Object(failure) as { message?: string; code?: string }
  return message || code || String(failure)
}
