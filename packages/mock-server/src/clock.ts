// The mock's own time: real time plus an offset, or a standstill. Keys expire and timestamps move by it.

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Moves time forward. */
  advance(milliseconds: number): void
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
  const now = () => frozen ?? real() + offset
  return {
    now,
    advance(milliseconds) {
      if (frozen === undefined) offset += milliseconds
      else frozen += milliseconds
    },
    freeze(at) {
      frozen = at ?? now()
    },
    resume() {
      offset = now() - real()
      frozen = undefined
    },
    reset() {
      offset = 0
      frozen = undefined
    },
  }
}
