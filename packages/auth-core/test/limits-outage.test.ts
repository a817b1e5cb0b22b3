import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { memoryLimitStore } from '../src/limits/memory.js'
import { createLimits, type LimitStore } from '../src/limits.js'
import { limited, noon, recordOf, takeAtOnce } from './support/limits.js'

/** A store that fails, hangs or answers as it is told; what it was asked for is on record. */
function fickleStore() {
  const inner = memoryLimitStore()
  const asked: string[] = []
  const late: (() => void)[] = []
  const state: { mood: 'well' | 'throws' | 'rejects' | 'hangs' | 'babbles' } = { mood: 'well' }
  const store: LimitStore = {
    read: (window) => inner.read(window),
    add(window, amount) {
      asked.push(`${window.period} ${amount}`)
      const { mood } = state
      if (mood === 'throws') throw new Error('down')
      if (mood === 'rejects') return Promise.reject(new Error('down'))
      if (mood === 'babbles') return Number.NaN
      if (mood === 'well') return inner.add(window, amount)
      return new Promise((resolve) => late.push(() => resolve(inner.add(window, amount))))
    },
  }
  const countOf = (period: 'second' | 'day' | 'month') => {
    const start = { second: noon, day: noon - 43_200_000, month: Date.UTC(2026, 0, 1) }[period]
    const subject = period === 'month' ? '42' : 'aaaaaaaaaaaa'
    return inner.read({ period, subject, startsAt: start, endsAt: 0 })
  }
  const recover = () => {
    for (const answer of late.splice(0)) answer()
  }
  return { store, asked, state, countOf, recover }
}

const thrower = (): never => {
  throw new Error('no such project')
}

const rates = { perSecond: 10, perDay: 100 }
const all = { ...rates, perMonth: 1_000 }

describe.each(['throws', 'rejects', 'hangs', 'babbles'] as const)('a store that %s', (mood) => {
  const outage = (options: Parameters<typeof limited>[1] = {}, plan: Parameters<typeof limited>[0] = all) => {
    const fickle = fickleStore()
    fickle.state.mood = mood
    return { ...fickle, ...limited(plan, { store: fickle.store, storeTimeoutMs: 20, ...options }) }
  }

  it('closes the quota, and says why', async () => {
    const { limits } = outage()
    const result = await limits.consume(recordOf())
    expect(result).toMatchObject({
      ok: false,
      reason: 'limits_unavailable',
      retryAfterSeconds: 1,
      refusedBy: null,
      error: { name: 'ApiKeysError', code: mood === 'babbles' ? 'store_corrupt' : 'store_unavailable' },
    })
    expect(result.statuses.map(({ remaining }) => remaining)).toEqual([null, null, null])
  })

  it('opens the rates, where there is no quota', async () => {
    expect(await outage({}, rates).limits.consume(recordOf())).toMatchObject({ ok: true })
    expect(await outage().limits.consume(recordOf({ environment: 'sandbox' }))).toMatchObject({ ok: true })
  })

  it('does what the host has chosen instead', async () => {
    const open = outage({ onStoreFailure: { quota: 'admit' } }).limits
    expect(await open.consume(recordOf())).toMatchObject({ ok: true })
    const closed = outage({ onStoreFailure: { rate: 'refuse' } }, rates).limits
    expect(await closed.consume(recordOf())).toMatchObject({ ok: false, reason: 'limits_unavailable' })
  })

  it('is asked once per request, not once per limit', async () => {
    const { limits, asked } = outage()
    await limits.consume(recordOf())
    expect(asked.filter((call) => call.endsWith(' 1'))).toEqual(['second 1'])
  })

  it('is used again as soon as it answers', async () => {
    const { limits, state } = outage()
    await limits.consume(recordOf())
    state.mood = 'well'
    expect(await limits.consume(recordOf())).toMatchObject({
      ok: true,
      statuses: [{}, {}, { remaining: 999 }],
    })
  })
})

describe('a store that answers too late', () => {
  it('has nothing counted for a request that was refused meanwhile', async () => {
    const { store, state, recover, countOf } = fickleStore()
    const { limits } = limited(all, { store, storeTimeoutMs: 20 })
    state.mood = 'hangs'
    expect(await limits.consume(recordOf())).toMatchObject({ reason: 'limits_unavailable' })
    state.mood = 'well'
    recover()
    await setTimeout(0)
    expect([countOf('second'), countOf('day'), countOf('month')]).toEqual([0, 0, 0])
  })

  it('fails half-way: what was counted before is given back', async () => {
    const { store, state, countOf } = fickleStore()
    const half: LimitStore = {
      ...store,
      add(window, amount) {
        state.mood = window.period === 'month' ? 'throws' : 'well'
        return store.add(window, amount)
      },
    }
    const { limits } = limited(all, { store: half })
    expect(await limits.consume(recordOf())).toMatchObject({ reason: 'limits_unavailable' })
    expect([countOf('second'), countOf('day'), countOf('month')]).toEqual([0, 0, 0])
  })

  it('cannot hold up a refusal by not taking back', async () => {
    const { store, state } = fickleStore()
    const sticky: LimitStore = {
      ...store,
      add(window, amount) {
        state.mood = amount === -1 ? 'hangs' : 'well'
        return store.add(window, amount)
      },
    }
    const { limits } = limited({ perDay: 1 }, { store: sticky, storeTimeoutMs: 20 })
    await limits.consume(recordOf())
    expect(await limits.consume(recordOf())).toMatchObject({ reason: 'rate_exceeded' })
  })
})

describe('a store that is a round trip off', () => {
  function remote() {
    const { store, asked } = fickleStore()
    const distant: LimitStore = {
      read: store.read,
      async add(window, amount) {
        await setTimeout(1)
        return store.add(window, amount)
      },
    }
    return { store: distant, asked }
  }

  it('has been given back what was refused by the time that the refusal is known', async () => {
    const { store, asked } = remote()
    const { limits } = limited({ perDay: 100, perMonth: 1 }, { store })
    await limits.consume(recordOf())
    await limits.consume(recordOf())
    expect(asked.slice(2).toSorted()).toEqual(['day -1', 'day 1', 'month -1', 'month 1'])
  })

  it('is left alone by a flood of refused requests, for a second at a time', async () => {
    const { store, asked } = remote()
    const { limits, clock } = limited({ perDay: 1 }, { store })
    await limits.consume(recordOf())
    asked.length = 0
    for (let request = 0; request < 1_000; request++) {
      expect(await limits.consume(recordOf())).toMatchObject({ ok: false, statuses: [{ remaining: 0 }] })
    }
    expect(asked).toEqual(['day 1', 'day -1'])
    clock.now += 1_000
    expect(await takeAtOnce(limits, 1)).toBe(0)
    expect(asked).toHaveLength(4)
  })

  it('is asked again as soon as the next window begins', async () => {
    const { store } = remote()
    const { limits, clock } = limited({ perSecond: 1 }, { store })
    clock.now += 999
    expect(await takeAtOnce(limits, 1)).toBe(1)
    expect(await takeAtOnce(limits, 1)).toBe(0)
    clock.now += 1
    expect(await takeAtOnce(limits, 1)).toBe(1)
  })

  it('is asked again as soon as the limit is raised', async () => {
    const { store } = remote()
    let plan: 'small' | 'large' = 'small'
    const plans = { small: { perDay: 1 }, large: { perDay: 2 } }
    const limits = createLimits({ store, plans, planOf: () => plan, now: () => noon })
    expect(await takeAtOnce(limits, 1)).toBe(1)
    expect(await takeAtOnce(limits, 1)).toBe(0)
    plan = 'large'
    expect(await takeAtOnce(limits, 1)).toBe(1)
  })

  it('is not asked to take back what a window that is over has counted', async () => {
    const { store, asked } = remote()
    const clock = { now: noon }
    const slow: LimitStore = {
      ...store,
      async add(window, amount) {
        const sum = await store.add(window, amount)
        clock.now = Date.UTC(2026, 1, 1)
        return sum
      },
    }
    const { limits } = limited({ perMonth: 1 }, { store: slow, now: () => clock.now })
    await limits.consume(recordOf())
    clock.now = noon
    await limits.consume(recordOf())
    expect(asked).toEqual(['month 1', 'month 1'])
  })
})

describe('planOf', () => {
  /** A database of plans that counts how often it is asked. */
  function asked(planMaxAgeMs?: number) {
    const clock = { now: noon }
    const plans = { small: { perDay: 1 }, large: { perDay: 9 } }
    const database = { plan: 'small' as keyof typeof plans, questions: 0, isDown: false }
    const limits = createLimits({
      store: memoryLimitStore(),
      plans,
      async planOf() {
        database.questions++
        if (database.isDown) throw new Error('the database is down')
        return database.plan
      },
      now: () => clock.now,
      planMaxAgeMs,
    })
    return { clock, database, limits }
  }

  it('that promises its answer is asked once a second for each key, and only once at a time', async () => {
    const { clock, database, limits } = asked()
    await Promise.all(Array.from({ length: 50 }, async () => limits.consume(recordOf({ id: 'a' }))))
    await Promise.all(Array.from({ length: 50 }, async () => limits.consume(recordOf({ id: 'b' }))))
    expect(database.questions).toBe(2)
    clock.now += 999
    await limits.consume(recordOf({ id: 'a' }))
    expect(database.questions).toBe(2)
    clock.now += 1
    await limits.consume(recordOf({ id: 'a' }))
    expect(database.questions).toBe(3)
  })

  it('that has answered makes no request wait for a promise', async () => {
    const { limits } = asked()
    await limits.consume(recordOf())
    expect(limits.consume(recordOf())).toMatchObject({ ok: false, reason: 'rate_exceeded' })
  })

  it('is heard of a changed plan after planMaxAgeMs, or at once', async () => {
    for (const [maxAgeMs, expected] of [
      [5_000, false],
      [0, true],
    ] as const) {
      const { clock, database, limits } = asked(maxAgeMs)
      await limits.consume(recordOf())
      database.plan = 'large'
      clock.now += 4_999
      expect((await limits.consume(recordOf())).ok).toBe(expected)
      clock.now += 1
      expect((await limits.consume(recordOf())).ok).toBe(true)
    }
  })

  it('is asked again after a failure, which is not kept', async () => {
    const { database, limits } = asked()
    database.isDown = true
    expect(await limits.consume(recordOf())).toMatchObject({ reason: 'limits_unavailable' })
    database.isDown = false
    expect((await limits.consume(recordOf())).ok).toBe(true)
  })

  it.each([
    ['throws', thrower, 'planOf: the function that you passed failed'],
    [
      'rejects',
      async () => Promise.reject(new Error('no such project')),
      'planOf: the function that you passed failed',
    ],
    ['hangs', () => new Promise<never>(() => {}), 'planOf: the function that you passed failed'],
    ['names no plan', () => 'gold' as never, 'planOf: "gold" is not a plan'],
  ])('that %s refuses the request, since nobody knows its limits', async (_, planOf, message) => {
    const limits = createLimits({
      store: memoryLimitStore(),
      plans: { standard: {} },
      planOf,
      storeTimeoutMs: 20,
    })
    const result = await limits.consume(recordOf())
    expect(result).toMatchObject({ ok: false, reason: 'limits_unavailable', statuses: [] })
    expect(result).toHaveProperty('error')
    await expect(limits.quota('42')).rejects.toThrow(message)
  })
})
