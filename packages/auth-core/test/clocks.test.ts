// What a clock that is set, jumps or is replaced by a test may and may not do.

import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createApiKeys, type StoredKey } from '../src/index.js'
import { memoryLimitStore } from '../src/limits/memory.js'
import { createLimits, type LimitStore, type Plan } from '../src/limits.js'
import { memoryStore } from '../src/stores/memory.js'
import { fastHasher } from '../src/testing/index.js'
import { recordOf } from './support/limits.js'

const HOUR_MS = 3_600_000
const realNow = Date.now
const wanted = { projectId: '42', environment: 'production', label: 'x' } as const

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  Date.now = realNow
})

/** A wall clock that is off by as much as `set` says. */
function jumpingClock() {
  let offMs = 0
  Date.now = () => realNow() + offMs
  return {
    set: (ms: number) => {
      offMs = ms
    },
  }
}

const keySet = () => createApiKeys({ store: memoryStore(), hasher: fastHasher() })
const limitsOf = (plan: Plan, store: LimitStore = memoryLimitStore()) =>
  createLimits({ store, plans: { one: plan }, planOf: () => 'one' })

describe('a wall clock that jumps ahead and is put right', () => {
  it('leaves a key valid that has hours left, and a new key is made now', async () => {
    const clock = jumpingClock()
    const apiKeys = keySet()
    const { key } = await apiKeys.issue({ ...wanted, expiresAt: new Date(realNow() + 7 * HOUR_MS) })
    clock.set(8 * HOUR_MS)
    expect(await apiKeys.verify(key)).toMatchObject({ ok: false, reason: 'expired' })
    clock.set(0)
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
    const { record } = await apiKeys.issue(wanted)
    expect(record.createdAt.getTime()).toBeLessThanOrEqual(realNow())
  })

  it('locks nobody out of a second that he has not used up', async () => {
    const clock = jumpingClock()
    const passing = passingTime()
    const limits = limitsOf({ perSecond: 10 })
    clock.set(HOUR_MS)
    await limits.consume(recordOf())
    clock.set(0)
    for (let second = 0; second < 5; second++) {
      passing.by(1_000)
      for (let n = 0; n < 10; n++) expect(await limits.consume(recordOf())).toMatchObject({ ok: true })
    }
  })

  it('finds the day as it was left, neither lost nor spent', async () => {
    const clock = jumpingClock()
    // Noon, so that the day does not end meanwhile.
    const noon = Date.UTC(2026, 0, 15, 12) - realNow()
    clock.set(noon)
    const limits = limitsOf({ perDay: 5 })
    const takes = async (times: number) => {
      let passed = 0
      for (let n = 0; n < times; n++) if ((await limits.consume(recordOf())).ok) passed++
      return passed
    }
    expect(await takes(3)).toBe(3)
    clock.set(noon + 24 * HOUR_MS)
    expect(await takes(9)).toBe(5)
    clock.set(noon)
    expect(await takes(9)).toBe(2)
  })

  it('tells clients no time to wait that is longer than the window', async () => {
    const clock = jumpingClock()
    const limits = limitsOf({ perSecond: 1 })
    for (const off of [HOUR_MS, -HOUR_MS, 0]) {
      clock.set(off)
      await limits.consume(recordOf())
      const refused = await limits.consume(recordOf())
      if (refused.ok) continue
      expect(refused.retryAfterSeconds).toBe(1)
      const resetsInMs = (refused.statuses[0]?.resetsAt ?? 0) - Date.now()
      expect(Math.abs(resetsInMs)).toBeLessThanOrEqual(2_000)
    }
  })
})

/** Lets time pass without waiting for it, as fake timers do. */
function passingTime() {
  let passed = 0
  const real = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => real() + passed)
  return {
    by: (ms: number) => {
      passed += ms
    },
  }
}

describe('whatever the wall clock says from call to call', () => {
  const jump = fc.integer({ min: -1_000 * HOUR_MS, max: 1_000 * HOUR_MS })

  it('a key is accepted exactly when its expiry lies after what the clock says at that moment', async () => {
    await fc.assert(
      fc.asyncProperty(jump, fc.array(jump, { minLength: 1, maxLength: 40 }), async (expiry, jumps) => {
        let now = Date.UTC(2026, 0, 1)
        const apiKeys = createApiKeys({ store: memoryStore(), hasher: fastHasher(), now: () => now })
        const expiresAt = new Date(now + Math.abs(expiry) + 1)
        const { key } = await apiKeys.issue({ ...wanted, expiresAt })
        for (const to of jumps) {
          now = Date.UTC(2026, 0, 1) + to
          const { ok } = await apiKeys.verify(key)
          expect(ok).toBe(now < expiresAt.getTime())
        }
      }),
    )
  })

  it('a second admits what its plan says: no more, and no less', async () => {
    const step = fc.record({ to: jump, passedMs: fc.integer({ min: 0, max: 3_000 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20 }), async (steps) => {
        const clock = jumpingClock()
        const passing = passingTime()
        const limits = limitsOf({ perSecond: 3 })
        const elapsedMs = steps.reduce((sum, { passedMs }) => sum + passedMs, 0)
        let admitted = 0
        for (const { to, passedMs } of steps) {
          clock.set(to)
          passing.by(passedMs)
          const now = await takeFour(limits)
          admitted += now
          // After a whole second a new window has begun, for certain.
          if (passedMs >= 1_000) expect(now).toBeGreaterThanOrEqual(3)
        }
        // One window more than whole seconds passed, and one for the time that the test itself takes.
        expect(admitted).toBeLessThanOrEqual(3 * (Math.floor(elapsedMs / 1_000) + 2))
        vi.restoreAllMocks()
      }),
    )
  })

  /** Four requests, one after another. Returns how many were let through. */
  const takeFour = async (limits: ReturnType<typeof limitsOf>): Promise<number> => {
    let admitted = 0
    for (let n = 0; n < 4; n++) if ((await limits.consume(recordOf())).ok) admitted++
    return admitted
  }

  it('no revoked key is accepted: none of 1,000', async () => {
    const clock = jumpingClock()
    const apiKeys = keySet()
    let stale = 0
    for (let trial = 0; trial < 1_000; trial++) {
      clock.set((trial % 2 === 0 ? 1 : -1) * trial * 60_000)
      const { key, record } = await apiKeys.issue(wanted)
      clock.set(-trial * 1_000)
      if (!(await apiKeys.verify(key)).ok) stale++
      clock.set(trial * HOUR_MS)
      await apiKeys.revoke(record.id)
      clock.set(0)
      if ((await apiKeys.verify(key)).ok) stale++
    }
    expect(stale).toBe(0)
  })
})

describe('a wall clock that was set for good', () => {
  const startsOf = (store: LimitStore): { readonly store: LimitStore; readonly starts: number[] } => {
    const starts: number[] = []
    return {
      store: {
        ...store,
        add(window, amount) {
          starts.push(window.startsAt)
          return store.add(window, amount)
        },
      },
      starts,
    }
  }

  it.each([
    ['ahead', HOUR_MS, 11],
    ['back by far', -HOUR_MS, 11],
    ['back by some seconds', -5_000, 70],
  ])(
    'is followed %s after ten seconds, so that processes count in the same second again',
    async (_how, off, seconds) => {
      const clock = jumpingClock()
      const passing = passingTime()
      const { store, starts } = startsOf(memoryLimitStore())
      const limits = limitsOf({ perSecond: 10 }, store)
      let passed = 0
      const wait = (ms: number) => {
        passed += ms
        passing.by(ms)
        clock.set(off + passed)
      }
      await limits.consume(recordOf())
      wait(0)
      await limits.consume(recordOf())
      expect(Math.abs((starts.at(-1) ?? 0) - realNow())).toBeLessThan(2_000)
      for (let second = 0; second < seconds; second++) {
        wait(1_000)
        for (let n = 0; n < 4; n++) expect(await limits.consume(recordOf())).toMatchObject({ ok: true })
      }
      expect(Math.abs((starts.at(-1) ?? 0) + 500 - Date.now())).toBeLessThan(1_000)
    },
  )
})

describe('a test that replaces the clocks and timers of the process', () => {
  it('waits for nothing: keys are issued, verified, rotated and revoked, and the set closes', async () => {
    vi.useFakeTimers({ toFake: [...everyTimer], now: Date.UTC(2030, 0, 1) })
    const apiKeys = keySet()
    const { key, record } = await apiKeys.issue(wanted)
    expect(record.createdAt).toEqual(new Date('2030-01-01T00:00:00Z'))
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
    const next = await apiKeys.rotate(record.id)
    expect(await apiKeys.verify(next.key)).toMatchObject({ ok: true })
    await apiKeys.revoke(next.record.id)
    expect(await apiKeys.verify(next.key)).toMatchObject({ ok: false })
    await apiKeys.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('makes a key expire by moving its clock, and come back by taking it away', async () => {
    const apiKeys = keySet()
    vi.useFakeTimers()
    const { key } = await apiKeys.issue({ ...wanted, expiresAt: new Date(Date.now() + HOUR_MS) })
    vi.advanceTimersByTime(HOUR_MS)
    expect(await apiKeys.verify(key)).toMatchObject({ reason: 'expired' })
    vi.useRealTimers()
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
  })

  it('has a second end by letting it pass, and no window of its own left behind', async () => {
    const limits = limitsOf({ perSecond: 2 })
    vi.useFakeTimers({ now: Date.UTC(2035, 0, 1) })
    const takes = async () => [(await limits.consume(recordOf())).ok, (await limits.consume(recordOf())).ok]
    for (let second = 0; second < 5; second++) {
      vi.advanceTimersByTime(1_000)
      expect(await takes()).toEqual([true, true])
    }
    vi.useRealTimers()
    await takes()
    const passing = passingTime()
    for (let second = 0; second < 5; second++) {
      passing.by(1_000)
      expect(await takes()).toEqual([true, true])
    }
  })

  it('cannot make a store that hangs hang the call, too', async () => {
    const hanging = { ...memoryStore(), find: () => new Promise<StoredKey | undefined>(() => {}) }
    const apiKeys = createApiKeys({ store: hanging, hasher: fastHasher(), storeTimeoutMs: 20 })
    const { key } = await keySet().issue(wanted)
    vi.useFakeTimers({ toFake: [...everyTimer] })
    await expect(apiKeys.verify(key)).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('leaves the uses to be written in time once the real timers are back', async () => {
    const store = memoryStore()
    const apiKeys = createApiKeys({ store, hasher: fastHasher(), lastUsedIntervalMs: 20 })
    const { key, record } = await apiKeys.issue(wanted)
    vi.useFakeTimers({ toFake: [...everyTimer] })
    await apiKeys.verify(key)
    vi.useRealTimers()
    await expect.poll(() => (store.find(record.id) as StoredKey).lastUsedAt).not.toBeNull()
  })
})

const everyTimer = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'performance',
  'hrtime',
] as const
