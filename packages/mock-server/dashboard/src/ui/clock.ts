// The mock's clock, as it goes on or stands still.

import { useEffect, useState } from 'preact/hooks'
import type { ClockReading } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'

export interface MockClock {
  /** Milliseconds since the epoch, anew every second. */
  readonly now: number
  readonly isFrozen: boolean
  /** How far it is ahead of this machine's, in milliseconds. */
  readonly ahead: number
}

const TICK_MS = 1_000

/** Undefined until it has been read. */
export function useMockClock(): MockClock | undefined {
  const { api } = useSandbox()
  const { data } = useLive('clock', ['control'], async () => {
    const { now, frozen } = await api.get<ClockReading>('/clock')
    return { at: Date.parse(now), isFrozen: frozen, readAt: Date.now() }
  })
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  if (data === undefined) return undefined
  const { at, isFrozen, readAt } = data
  const now = isFrozen ? at : at + Date.now() - readAt
  return { now, isFrozen, ahead: now - Date.now() }
}
