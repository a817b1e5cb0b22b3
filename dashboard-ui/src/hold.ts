// What must not be lost by accident: while it is held, Back leads nowhere and a reload is asked about.

import { useEffect, useRef } from 'preact/hooks'

/** @param onLeave called when people tried to go back, in vain; without it Back leads where it always does. */
export function useHold(isHeld: boolean, onLeave: (() => void) | undefined): void {
  const latest = useRef(onLeave)
  latest.current = onLeave
  const keepsHistory = onLeave !== undefined
  useEffect(() => {
    if (!isHeld) return
    const { href } = location
    // Back leads to the same address first, so nothing of the page changes.
    const keep = () => history.pushState(null, '', href)
    const onBack = () => {
      keep()
      latest.current?.()
    }
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', onUnload)
    if (keepsHistory) {
      keep()
      addEventListener('popstate', onBack)
    }
    return () => {
      removeEventListener('beforeunload', onUnload)
      if (!keepsHistory) return
      removeEventListener('popstate', onBack)
      history.back()
    }
  }, [isHeld, keepsHistory])
}
