// What a change waits for before it is acknowledged: that every cache has heard of it, or has had to stop answering.
// A cache that hears nothing stops after its `max_staleness_ms`, so waiting that long is always enough.

import { randomBytes } from 'node:crypto'
import type { Session } from './postgres-connections.js'
import type { PostgresNames } from './postgres-schema.js'

// Two clocks that count the same milliseconds do not quite agree on them, and timers round down.
const MARGIN_MS = 10
const LOOK_AGAIN_MS = 50

interface AwaitedCache {
  readonly session: string
  readonly maxStalenessMs: number
}

/** Call it after the commit, on any connection; resolves when no cache gives out what was true before. */
export async function waitForCaches(session: Session, names: PostgresNames): Promise<void> {
  const begunAt = performance.now()
  const awaited = await listCaches(session, names)
  if (awaited.size === 0) return

  const token = randomBytes(8).toString('hex')
  const channel = names.answers(token)
  let wake = () => {}
  session.onNotification((notification) => {
    if (notification.channel !== channel) return
    awaited.delete(notification.payload ?? '')
    if (awaited.size === 0) wake()
  })
  await session.query(`LISTEN ${channel}; NOTIFY ${names.changes}, 'ask ${token}'`)

  const waitMs = Math.max(...[...awaited.values()].map(({ maxStalenessMs }) => maxStalenessMs)) + MARGIN_MS
  while (awaited.size > 0) {
    const leftMs = begunAt + waitMs - performance.now()
    if (leftMs <= 0) break
    await new Promise<void>((resolve) => {
      wake = resolve
      setTimeout(resolve, Math.min(leftMs, LOOK_AGAIN_MS))
    })
    if (awaited.size > 0) await passOverNewSessions(awaited)
  }
  await session.query(`UNLISTEN ${channel}`)
  if (awaited.size > 0) await noteSilence(session, names, [...awaited.keys()])

  // A cache that has signed off, or has begun anew with nothing in it, will not answer, and need not.
  async function passOverNewSessions(caches: Map<string, AwaitedCache>) {
    const listed = await listCaches(session, names)
    for (const [id, cache] of caches) {
      if (listed.get(id)?.session !== cache.session) caches.delete(id)
    }
  }
}

async function listCaches(session: Session, names: PostgresNames): Promise<Map<string, AwaitedCache>> {
  // A cache whose connection was seen to be gone may go on answering for its `max_staleness_ms`.
  const { rows } = await session.query(
    `SELECT id, session, max_staleness_ms FROM ${names.schema}.caches
     WHERE gone_at IS NULL OR gone_at + max_staleness_ms * interval '1 millisecond' > clock_timestamp()`,
    [],
    names.statement('caches'),
  )
  const listed = rows as [id: string, session: string, maxStalenessMs: number][]
  return new Map(listed.map(([id, session, maxStalenessMs]) => [id, { session, maxStalenessMs }]))
}

async function noteSilence(session: Session, names: PostgresNames, ids: readonly string[]): Promise<void> {
  await session.query(
    `UPDATE ${names.schema}.caches SET gone_at = clock_timestamp()
     WHERE id = ANY($1) AND gone_at IS NULL
       AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pg_stat_activity.pid = caches.pid)`,
    [ids],
  )
  await session.query(`DELETE FROM ${names.schema}.caches WHERE gone_at < now() - interval '1 minute'`)
}
