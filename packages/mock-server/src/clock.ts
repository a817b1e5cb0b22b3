// The mock's own time: real time plus an offset, or a standstill. Keys expire and timestamps move by it.

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Whether time stands still. */
  isFrozen(): boolean
  /** Stops time at an instant until it is released, or until it is frozen, resumed or reset. */
  hold(at: number): void
  /** Lets held time go on from an instant as before: it passes, or it stands still. */
  release(at: number): void
  /** Stops time, at an instant if one is given. */
  freeze(at?: number): void
  /** Goes on from the present instant of the clock. */
  resume(): void
  /** Back to real time. */
  reset(): void
}

export function createClock(real: () => number = Date.now): Clock {
  let offset = 0
  let frozen: number | undefined
  let held: number | undefined
  const now = () => held ?? frozen ?? real() + offset
  return {
    now,
    isFrozen: () => frozen !== undefined,
    hold(at) {
      held = at
    },
    release(at) {
      if (held === undefined) return
      held = undefined
      if (frozen === undefined) offset = at - real()
      else frozen = at
    },
    freeze(at) {
      frozen = at ?? now()
      held = undefined
    },
    resume() {
      offset = now() - real()
      frozen = undefined
      held = undefined
    },
    reset() {
      offset = 0
      frozen = undefined
      held = undefined
    },
  }
}
