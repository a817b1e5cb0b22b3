import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryLimitStore } from '../src/limits/memory.js'
import { createLimits, type LimitStore, type Plan } from '../src/limits.js'
import { limited, noon, recordOf, takeAtOnce } from './support/limits.js'

const MONTH_END = Date.UTC(2026, 1, 1)

describe('a plan', () => {
  it('allows as many requests per second, day and month as it says, each in its own window', async () => {
    const { limits, clock } = limited({ perSecond: 2, perDay: 3, perMonth: 4 })
    expect(await takeAtOnce(limits, 5)).toBe(2)
    clock.now += 1_000
    expect(await takeAtOnce(limits, 5)).toBe(1)
    clock.now += 86_400_000
    expect(await takeAtOnce(limits, 5)).toBe(1)
    clock.now = MONTH_END
    expect(await takeAtOnce(limits, 5)).toBe(2)
  })

  it('limits the rate per key, and the quota per project', async () => {
    const { limits } = limited({ perSecond: 2, perMonth: 3 })
    expect(await takeAtOnce(limits, 9, recordOf({ id: 'aaaaaaaaaaaa' }))).toBe(2)
    expect(await takeAtOnce(limits, 9, recordOf({ id: 'bbbbbbbbbbbb' }))).toBe(1)
    expect(await takeAtOnce(limits, 9, recordOf({ id: 'cccccccccccc', projectId: '43' }))).toBe(2)
  })

  it('is unlimited in what it leaves out', async () => {
    const { limits } = limited({})
    expect(await takeAtOnce(limits, 1_000)).toBe(1_000)
    expect(await limits.consume(recordOf())).toEqual({ ok: true, statuses: [] })
    expect(await limits.quota('42')).toBeNull()
  })

  it('is looked up for each key, synchronously or not', async () => {
    const plans = { slow: { perSecond: 1 }, fast: { perSecond: 5 } }
    const planOf = async ({ label }: { label?: string }) =>
      (label === 'vip' ? 'fast' : 'slow') as 'fast' | 'slow'
    const limits = createLimits({ store: memoryLimitStore(), plans, planOf, now: () => noon })
    expect(await takeAtOnce(limits, 9, recordOf({ id: 'a', label: 'vip' }))).toBe(5)
    expect(await takeAtOnce(limits, 9, recordOf({ id: 'b' }))).toBe(1)
  })

  it('that was raised holds at once, and refused requests have used up nothing of it', async () => {
    let plan: 'small' | 'large' = 'small'
    const plans = { small: { perDay: 10 }, large: { perDay: 15 } }
    const limits = createLimits({ store: memoryLimitStore(), plans, planOf: () => plan, now: () => noon })
    expect(await takeAtOnce(limits, 100)).toBe(10)
    plan = 'large'
    expect(await takeAtOnce(limits, 100)).toBe(5)
  })

  it('that was lowered below what is used has nothing left, and no less', async () => {
    let plan: 'small' | 'large' = 'large'
    const plans = { small: { perMonth: 3 }, large: { perMonth: 10 } }
    const limits = createLimits({ store: memoryLimitStore(), plans, planOf: () => plan, now: () => noon })
    expect(await takeAtOnce(limits, 7)).toBe(7)
    plan = 'small'
    expect(await limits.consume(recordOf())).toMatchObject({ ok: false, statuses: [{ remaining: 0 }] })
    expect(await limits.quota('42')).toMatchObject({ limit: 3, used: 7 })
  })

  it('lets keys of the sandbox use up no quota, or those of the environments that the host names', async () => {
    const sandbox = recordOf({ environment: 'sandbox' })
    const { limits } = limited({ perMonth: 3 })
    expect(await takeAtOnce(limits, 50, sandbox)).toBe(50)
    expect(await limits.quota('42')).toMatchObject({ used: 0 })
    expect(await takeAtOnce(limits, 50)).toBe(3)

    const everything = limited({ perMonth: 3 }, { quotaFree: [] }).limits
    expect(await takeAtOnce(everything, 50, sandbox)).toBe(3)
  })

  it('still limits the rate of keys that use up no quota', async () => {
    const { limits } = limited({ perSecond: 2, perMonth: 1 })
    expect(await takeAtOnce(limits, 50, recordOf({ environment: 'sandbox' }))).toBe(2)
  })
})

describe('a result', () => {
  it('says how every limit stands', async () => {
    const { limits, clock } = limited({ perSecond: 100, perDay: 1_000, perMonth: 50_000 })
    clock.now += 1
    await limits.consume(recordOf())
    expect(await limits.consume(recordOf())).toEqual({
      ok: true,
      statuses: [
        {
          name: 'second',
          period: 'second',
          scope: 'key',
          limit: 100,
          windowSeconds: 1,
          remaining: 98,
          resetsAt: noon + 1_000,
          resetsInSeconds: 1,
        },
        {
          name: 'day',
          period: 'day',
          scope: 'key',
          limit: 1_000,
          windowSeconds: 86_400,
          remaining: 998,
          resetsAt: noon + 43_200_000,
          resetsInSeconds: 43_200,
        },
        {
          name: 'month',
          period: 'month',
          scope: 'project',
          limit: 50_000,
          windowSeconds: 31 * 86_400,
          remaining: 49_998,
          resetsAt: MONTH_END,
          resetsInSeconds: (MONTH_END - noon) / 1_000,
        },
      ],
    })
  })

  it('comes without a promise when store and plan are at hand', () => {
    const { limits } = limited({ perSecond: 1 })
    expect(limits.consume(recordOf())).toMatchObject({ ok: true })
    expect(limits.consume(recordOf())).toMatchObject({ ok: false })
  })

  it('says, refused, which limit it was and when to come back, and nothing of limits it did not get to', async () => {
    const { limits, clock } = limited({ perSecond: 5, perDay: 1, perMonth: 50_000 })
    await limits.consume(recordOf())
    clock.now += 1_500
    expect(await limits.consume(recordOf())).toMatchObject({
      ok: false,
      reason: 'rate_exceeded',
      retryAfterSeconds: 43_199,
      refusedBy: 'day',
      statuses: [
        { period: 'second', remaining: 5, resetsAt: noon + 2_000, resetsInSeconds: 1 },
        { period: 'day', remaining: 0, resetsAt: noon + 43_200_000, resetsInSeconds: 43_199 },
        { period: 'month', remaining: null, resetsAt: MONTH_END },
      ],
    })
  })

  it('tells an exhausted quota from an exceeded rate', async () => {
    const { limits } = limited({ perMonth: 1 })
    await limits.consume(recordOf())
    expect(await limits.consume(recordOf())).toMatchObject({ reason: 'quota_exhausted', refusedBy: 'month' })
  })

  it.each(['perSecond', 'perDay', 'perMonth'])(
    'is given again after exactly the seconds it named, 100 times out of 100: %s',
    async (result) => {
      for (let trial = 0; trial < 100; trial++) {
        const { limits, clock } = limited({ [result]: 2 })
        clock.now += trial * 7_919_333
        expect(await takeAtOnce(limits, 5)).toBe(2)
        const refused = await limits.consume(recordOf())
        const { retryAfterSeconds } = refused as { retryAfterSeconds: number }
        expect(Number.isInteger(retryAfterSeconds) && retryAfterSeconds >= 1).toBe(true)
        clock.now += retryAfterSeconds * 1_000
        expect(await takeAtOnce(limits, 5)).toBe(2)
      }
    },
  )
})

describe('a refused request', () => {
  it('uses up nothing, whichever limit refused it', async () => {
    const store = memoryLimitStore()
    const { limits, clock } = limited({ perSecond: 4, perDay: 3, perMonth: 2 }, { store })
    const second = {
      period: 'second',
      subject: 'aaaaaaaaaaaa',
      startsAt: noon,
      endsAt: noon + 1_000,
    } as const
    const day = { ...second, period: 'day', startsAt: noon - 43_200_000 } as const
    expect(await takeAtOnce(limits, 50)).toBe(2)
    expect(store.read(second)).toBe(2)
    expect(store.read(day)).toBe(2)
    expect(await limits.quota('42')).toMatchObject({ used: 2 })
    clock.now = noon
    expect(await takeAtOnce(limits, 50)).toBe(0)
    expect(store.read(second)).toBe(2)
  })

  it('takes nothing back from a window that has begun meanwhile', async () => {
    const clock = { now: noon }
    const inner = memoryLimitStore()
    const slow: LimitStore = {
      ...inner,
      // The day's end comes between the count and the refusal.
      add(window, amount) {
        const sum = inner.add(window, amount)
        if (window.period === 'month' && amount === 1) clock.now = Date.UTC(2026, 0, 16)
        return sum
      },
    }
    const { limits } = limited({ perDay: 2, perMonth: 1 }, { store: slow, now: () => clock.now })
    await limits.consume(recordOf())
    clock.now = noon
    await limits.consume(recordOf())
    const today = {
      period: 'day',
      subject: 'aaaaaaaaaaaa',
      startsAt: clock.now,
      endsAt: clock.now + 86_400_000,
    } as const
    expect(await inner.read(today)).toBe(0)
  })
})

describe('a window of the calendar', () => {
  const edges = [
    ['2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00.000Z'],
    ['2026-02-28T23:59:59.999Z', '2026-03-01T00:00:00.000Z'],
    ['2028-02-29T23:59:59.999Z', '2028-03-01T00:00:00.000Z'],
    ['2026-04-30T23:59:59.999Z', '2026-05-01T00:00:00.000Z'],
    ['2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'],
  ] as const

  it.each(edges)('of a month ends after %s, once', async (last, first) => {
    const { limits, clock } = limited({ perMonth: 3, perDay: 3 })
    clock.now = Date.parse(last)
    expect(await takeAtOnce(limits, 9)).toBe(3)
    expect(await limits.consume(recordOf())).toMatchObject({ retryAfterSeconds: 1 })
    expect(await limits.quota('42')).toEqual({ limit: 3, used: 3, resetsAt: new Date(first) })
    clock.now += 1
    expect(await limits.quota('42')).toMatchObject({ used: 0 })
    expect(await takeAtOnce(limits, 9)).toBe(3)
    clock.now += 3_600_000
    expect(await takeAtOnce(limits, 9)).toBe(0)
  })

  it('of a month goes on after 28 February in a leap year', async () => {
    const { limits, clock } = limited({ perMonth: 3 })
    clock.now = Date.parse('2028-02-28T23:59:59.999Z')
    expect(await takeAtOnce(limits, 9)).toBe(3)
    clock.now += 1
    expect(await takeAtOnce(limits, 9)).toBe(0)
  })

  it('ends at midnight UTC wherever the process believes to be, and when clocks there change', async () => {
    const zone = process.env.TZ
    try {
      for (const TZ of ['America/New_York', 'Pacific/Kiritimati', 'Europe/London']) {
        process.env.TZ = TZ
        const { limits, clock } = limited({ perDay: 1, perMonth: 2 })
        clock.now = Date.parse('2026-03-29T00:30:00Z')
        expect(await limits.consume(recordOf())).toMatchObject({
          statuses: [{ resetsAt: Date.UTC(2026, 2, 30) }, { resetsAt: Date.UTC(2026, 3, 1) }],
        })
        expect(await limits.consume(recordOf())).toMatchObject({ retryAfterSeconds: 84_600 })
      }
    } finally {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })
})

describe('the quota of a project', () => {
  it('is that of the plan which the host names for the project', async () => {
    const limits = createLimits({
      store: memoryLimitStore(),
      plans: { small: { perMonth: 5 }, large: { perMonth: 500 } },
      planOf: ({ projectId }) => (projectId === '43' ? 'large' : 'small'),
    })
    expect(await limits.quota('42')).toMatchObject({ limit: 5 })
    expect(await limits.quota('43')).toMatchObject({ limit: 500 })
  })

  it('is read without being used', async () => {
    const { limits } = limited({ perMonth: 50_000 })
    await takeAtOnce(limits, 3)
    for (let reads = 0; reads < 3; reads++) {
      expect(await limits.quota('42')).toEqual({ limit: 50_000, used: 3, resetsAt: new Date(MONTH_END) })
    }
    expect(await limits.quota('43')).toMatchObject({ used: 0 })
  })
})

describe('any sequence of requests', () => {
  it('stays within every limit of its plan, and is refused only by one that is spent', async () => {
    const plan = fc.record(
      {
        perSecond: fc.integer({ min: 1, max: 4 }),
        perDay: fc.integer({ min: 1, max: 6 }),
        perMonth: fc.integer({ min: 1, max: 8 }),
      },
      { requiredKeys: [] },
    )
    const steps = fc.array(
      fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom(0, 0, 0, 400, 1_000, 40_000_000)),
      {
        maxLength: 60,
      },
    )
    await fc.assert(
      fc.asyncProperty(plan, steps, async (chosen: Plan, requests) => {
        const { limits, clock } = limited(chosen)
        const counts = new Map<string, number>()
        for (const [id, pause] of requests) {
          clock.now += pause
          const date = new Date(clock.now).toISOString()
          const windows = [
            [`${id}${date.slice(0, 19)}`, chosen.perSecond],
            [`${id}${date.slice(0, 10)}`, chosen.perDay],
            [date.slice(0, 7), chosen.perMonth],
          ] as const
          const isSpent = windows.some(([name, limit = Infinity]) => (counts.get(name) ?? 0) >= limit)
          const result = await limits.consume(recordOf({ id }))
          expect(result.ok).toBe(!isSpent)
          if (result.ok) for (const [name] of windows) counts.set(name, (counts.get(name) ?? 0) + 1)
        }
      }),
    )
  })
})

describe('wrong options', () => {
  const good = { store: memoryLimitStore(), plans: { standard: {} }, planOf: () => 'standard' as const }
  it.each([
    ['no store', { store: undefined }, 'store: pass memoryLimitStore() or another LimitStore'],
    ['a store without methods', { store: {} }, 'store: pass memoryLimitStore() or another LimitStore'],
    ['no plans', { plans: undefined }, 'plans: must be an object'],
    ['an empty table of plans', { plans: {} }, 'plans: must name at least one plan'],
    ['a plan that is none', { plans: { standard: null } }, 'plans.standard: '],
    ['a limit of 0', { plans: { standard: { perSecond: 0 } } }, 'plans.standard.perSecond: '],
    ['a fraction', { plans: { standard: { perDay: 1.5 } } }, 'plans.standard.perDay: '],
    ['a limit as text', { plans: { standard: { perMonth: '5' } } }, 'plans.standard.perMonth: '],
    [
      'a limit that no store can count',
      { plans: { standard: { perMonth: 1e10 } } },
      'plans.standard.perMonth: ',
    ],
    ['a limit with a typo', { plans: { standard: { perMinutes: 5 } } }, 'plans.standard.perMinutes: '],
    [
      'two limits that are the same',
      { plans: { standard: { perDay: 1, limits: [{ limit: 2, per: 'day' }] } } },
      'plans.standard.limits: has two limits per day by key',
    ],
    ['no planOf', { planOf: undefined }, 'planOf: must be a function from a key to the name of a plan'],
    ['a deadline of 0', { storeTimeoutMs: 0 }, 'storeTimeoutMs: '],
    ['an unknown word for a failing store', { onStoreFailure: { quota: 'allow' } }, 'onStoreFailure.quota: '],
  ])('throw a TypeError that says which and why: %s', (_, wrong, message) => {
    const create = () => createLimits({ ...good, ...wrong } as never)
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
  })
})
