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

/** A clock that differs from real time: by how much, or the instant at which it stands. */
export type ClockSetting = { readonly offset: number } | { readonly frozen: number }

/** Where the setting outlives the process. */
export interface ClockMemory {
  /** Undefined for real time. */
  load(): ClockSetting | undefined
  save(setting: ClockSetting | undefined): void
}

export function createClock(memory: ClockMemory, real: () => number = Date.now): Clock {
  const left = memory.load()
  let offset = left !== undefined && 'offset' in left ? left.offset : 0
  let frozen = left !== undefined && 'frozen' in left ? left.frozen : undefined
  let held: number | undefined
  const now = () => held ?? frozen ?? real() + offset
  const keep = () => memory.save(frozen !== undefined ? { frozen } : offset !== 0 ? { offset } : undefined)
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
      keep()
    },
    freeze(at) {
      frozen = at ?? now()
      held = undefined
      keep()
    },
    resume() {
      offset = now() - real()
      frozen = undefined
      held = undefined
      keep()
    },
    reset() {
      offset = 0
      frozen = undefined
      held = undefined
      keep()
    },
  }
}
