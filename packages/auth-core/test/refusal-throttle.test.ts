import { expect, it, vi } from 'vitest'
import { createRefusalThrottle } from '../src/http/refusal-throttle.js'

it('answers the first refusals of a second at once, pauses the rest, and never holds more than it may', async () => {
  vi.useFakeTimers()
  try {
    const throttle = createRefusalThrottle({ freePerSecond: 3, pauseMs: 50, maxWaiting: 2 })
    const answered: number[] = []
    const refuse = (i: number) => {
      const pause = throttle()
      if (pause === undefined) answered.push(i)
      else void pause.then(() => answered.push(i))
    }
    await vi.advanceTimersByTimeAsync(5_000)
    for (let i = 0; i < 6; i++) refuse(i)
    expect(answered).toEqual([0, 1, 2, 5])
    await vi.advanceTimersByTimeAsync(50)
    expect(answered).toEqual([0, 1, 2, 5, 3, 4])
    await vi.advanceTimersByTimeAsync(1_000)
    refuse(6)
    expect(answered.at(-1)).toBe(6)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
