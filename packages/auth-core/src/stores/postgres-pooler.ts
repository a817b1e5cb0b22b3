// Whether a pooler keeps a connection with one process of Postgres, as a pool of sessions does, or lends it one for each
// transaction. Only a connection of the first kind can be notified.

import { randomUUID } from 'node:crypto'
import { type Connections, inTime, type Session } from './postgres-connections.js'

const PROBE_MS = 500

/**
 * Resolves to whether `session` is notified of what is committed through `committing`. It asks for nothing meanwhile: a
 * notification that came with the answer to a statement would prove nothing, since through a pooler that statement may
 * have run in the process that happens to listen.
 */
export async function canBeNotified(
  session: Session,
  committing: Connections,
  schema: string,
): Promise<boolean> {
  const channel = `${schema}_probe`
  const token = randomUUID()
  const notified = new Promise<boolean>((resolve) => {
    session.onNotification((notification) => {
      if (notification.channel === channel && notification.payload === token) resolve(true)
    })
  })
  await session.query(`LISTEN ${channel}`)
  try {
    await committing.use((other) => other.query('SELECT pg_notify($1, $2)', [channel, token]))
    return await inTime(notified, PROBE_MS)
  } catch {
    return false
  } finally {
    // Through a pool of transactions this may run in another process than the one that listens; that one is notified of
    // probes from then on, which nobody minds.
    await session.query(`UNLISTEN ${channel}`)
  }
}
