// A connection that is kept for one purpose, and replaced whenever it is lost.

import { setTimeout as sleep } from 'node:timers/promises'
import type { KeptSession } from './postgres-connections.js'

const RETRY_MS = [20, 50, 100, 250, 500, 1_000]

export interface Attendance {
  /** Ends the pause, or spares the next one. */
  wake(): void
  /** Resolves after so long, or when it is woken. Does not keep the process running. */
  pause(ms: number): Promise<void>
  /** To be called when the connection serves its purpose. */
  succeeded(): void
  isClosed(): boolean
  /** Why the connection does not serve its purpose at present, if it is known. */
  failure(): unknown
  close(): Promise<void>
}

/**
 * @param attend what to do with a connection, until it rejects or the attendance is closed. It is not waited for once
 * the attendance is closed, and must not begin anything more then.
 * @param leave what to do last on a connection that is given up because the attendance is closed.
 */
export function keepConnected(
  connect: () => Promise<KeptSession>,
  attend: (session: KeptSession, attendance: Attendance) => Promise<void>,
  leave: (session: KeptSession) => Promise<unknown> = async () => {},
): Attendance {
  let isWoken = false
  let sleeping: AbortController | undefined
  let failure: unknown
  let failures = 0
  let isClosed = false
  let onClose = () => {}
  const closed = new Promise<undefined>((resolve) => {
    onClose = () => resolve(undefined)
  })

  const attendance: Attendance = {
    wake() {
      isWoken = true
      sleeping?.abort()
    },
    async pause(ms) {
      if (!isWoken) {
        sleeping = new AbortController()
        await sleep(ms, undefined, { ref: false, signal: sleeping.signal }).catch(ignore)
      }
      isWoken = isClosed
    },
    succeeded() {
      failure = undefined
      failures = 0
    },
    isClosed: () => isClosed,
    failure: () => failure,
    close() {
      isClosed = true
      onClose()
      attendance.wake()
      return running
    },
  }

  async function run(): Promise<void> {
    while (!isClosed) {
      const connecting = connect()
      try {
        const session = await Promise.race([connecting, closed])
        if (session === undefined) return void connecting.then((late) => late.end(), ignore)
        try {
          await Promise.race([attend(session, attendance), closed])
          if (isClosed) await leave(session).catch(ignore)
        } finally {
          session.end()
        }
      } catch (cause) {
        failure = cause
        await attendance.pause(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] ?? 0)
      }
    }
  }

  const running = run()
  return attendance
}

const ignore = () => undefined
