// One clock for the whole page, the service's, so that "2 minutes ago" is true and stays true.

import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'

const TICK_MS = 30_000

const Now = createContext(Date.now())
export const NowProvider = Now.Provider

/** Milliseconds since the epoch, anew every half a minute. */
export const useNow = (): number => useContext(Now)

/** @param offset how far the service's clock is ahead of this machine's, in milliseconds. */
export function useClock(offset: number): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return now + offset
}
