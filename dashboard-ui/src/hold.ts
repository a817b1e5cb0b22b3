// What must not be lost by accident: while it is held, Back leads nowhere and a reload is asked about.

import { useLayoutEffect, useRef } from 'preact/hooks'

/** @param onLeave called when people tried to go back, in vain; without it Back leads where it always does. */
export function useHold(isHeld: boolean, onLeave: (() => void) | undefined): void {
  const latest = useRef(onLeave)
  latest.current = onLeave
  const keepsHistory = onLeave !== undefined
  // At once, not after the next painting: what people do once the dialog has gone is no attempt to leave it.
  useLayoutEffect(() => {
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
      leaveCopyOf(href)
    }
  }, [isHeld, keepsHistory])
}

/** Goes back to the address that was kept. People who go elsewhere before the browser gets there, stay there. */
function leaveCopyOf(href: string): void {
  let elsewhere = href
  const follow = () => {
    if (location.href !== href) {
      elsewhere = location.href
      return
    }
    removeEventListener('popstate', follow)
    if (elsewhere !== href) location.href = elsewhere
  }
  // Some browsers drop the step back when people go elsewhere, and so no longer than this.
  addEventListener('popstate', follow, { signal: AbortSignal.timeout(GOING_BACK_MS) })
  history.back()
}

const GOING_BACK_MS = 1_000
