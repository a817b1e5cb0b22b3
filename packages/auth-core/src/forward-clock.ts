/** The system's clock, not followed backwards: setting it back must not revive an expired key or a spent limit. */
export function forwardClock(): () => number {
  let latest = 0
  return () => {
    const now = Date.now()
    if (now > latest) latest = now
    return latest
  }
}
