// What must not be lost by accident: while it is held, Back leads nowhere and a reload is asked about.

import { useEffect, useRef } from 'preact/hooks'

/** @param onLeave called when people tried to go back, in vain. */
export function useHold(isHeld: boolean, onLeave: () => void): void {
  const latest = useRef(onLeave)
  latest.current = onLeave
  useEffect(() => {
    if (!isHeld) return
    const { href } = location
    // Back leads to the same address first, so nothing of the page changes.
    const keep = () => history.pushState(null, '', href)
    const onBack = () => {
      keep()
      latest.current()
    }
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault()
    keep()
    addEventListener('popstate', onBack)
    addEventListener('beforeunload', onUnload)
    return () => {
      removeEventListener('popstate', onBack)
      removeEventListener('beforeunload', onUnload)
      history.back()
    }
  }, [isHeld])
}
