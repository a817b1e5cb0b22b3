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
  /** Whether its connection had ended when it was looked up. */
  readonly isCutOff: boolean
}

/** Call it after the commit, on any connection; resolves when no cache gives out what was true before. */
export async function waitForCaches(session: Session, names: PostgresNames): Promise<void> {
  const awaited = await listCaches(session, names)
  if (awaited.size === 0) return
  const listedAt = performance.now()

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
    const leftMs = listedAt + waitMs - performance.now()
    if (leftMs <= 0) break
    await new Promise<void>((resolve) => {
      wake = resolve
      setTimeout(resolve, Math.min(leftMs, LOOK_AGAIN_MS))
    })
    if (awaited.size > 0) await passOverNewSessions(awaited)
  }
  await session.query(`UNLISTEN ${channel}`)
  // One that could send nothing all this time answers nobody any more, so that later changes need not wait for it.
  const dead = [...awaited.values()].filter(({ isCutOff }) => isCutOff).map(({ session }) => session)
  if (dead.length > 0)
    await session.query(`DELETE FROM ${names.schema}.caches WHERE session = ANY($1)`, [dead])

  // A cache that has signed off, or has begun anew with nothing in it, will not answer, and need not.
  async function passOverNewSessions(caches: Map<string, AwaitedCache>) {
    const listed = await listCaches(session, names)
    for (const [id, cache] of caches) {
      if (listed.get(id)?.session !== cache.session) caches.delete(id)
    }
  }
}

async function listCaches(session: Session, names: PostgresNames): Promise<Map<string, AwaitedCache>> {
  const { rows } = await session.query(
    `SELECT id, session, max_staleness_ms, activity.pid IS NULL
     FROM ${names.schema}.caches LEFT JOIN pg_stat_activity AS activity USING (pid)`,
    [],
    names.statement('caches'),
  )
  const listed = rows as [id: string, session: string, maxStalenessMs: number, isCutOff: boolean][]
  return new Map(
    listed.map(([id, session, maxStalenessMs, isCutOff]) => [id, { session, maxStalenessMs, isCutOff }]),
  )
}
