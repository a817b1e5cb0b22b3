// Windows of any length, costs and credits: what a plan can say beyond one request per second, day and month.

import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAuthenticate } from '../src/http/fetch.js'
import type { GateOptions } from '../src/http/index.js'
import type { ApiKey } from '../src/index.js'
import { memoryLimitStore } from '../src/limits/memory.js'
import { createLimits, type LimitStore, type Per, type Plan } from '../src/limits.js'
import { memoryStore } from '../src/stores/memory.js'
import { setUp } from './support/keys.js'
import { limited, noon, recordOf, takeAtOnce } from './support/limits.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('a limit per any period', () => {
  it.each<[Per, string, number]>([
    ['second', 'second', noon + 1_000],
    ['1s', 'second', noon + 1_000],
    ['30s', '30s', noon + 30_000],
    ['60s', 'minute', noon + MINUTE],
    ['1m', 'minute', noon + MINUTE],
    ['90s', '90s', noon + 90_000],
    ['15m', '15m', noon + 15 * MINUTE],
    ['hour', 'hour', noon + HOUR],
    ['24h', 'day', noon + DAY / 2],
    ['day', 'day', noon + DAY / 2],
    // Noon is on a Thursday, and so was the epoch.
    ['week', 'week', Date.UTC(2026, 0, 19)],
    ['7d', '7d', Date.UTC(2026, 0, 22)],
    ['month', 'key-month', Date.UTC(2026, 1, 1)],
  ])('of %s is called %s, and allows as much again when its window ends', async (per, name, end) => {
    const { limits, clock } = limited({ limits: [{ limit: 3, per }] })
    expect(await takeAtOnce(limits, 9)).toBe(3)
    expect(await limits.consume(recordOf())).toMatchObject({
      ok: false,
      reason: 'rate_exceeded',
      refusedBy: name,
      retryAfterSeconds: (end - noon) / 1_000,
      statuses: [{ name, limit: 3, remaining: 0, resetsAt: end }],
    })
    clock.now = end - 1
    expect(await takeAtOnce(limits, 9)).toBe(0)
    clock.now = end
    expect(await takeAtOnce(limits, 9)).toBe(3)
  })

  it('has a shorthand for each word of the calendar, which is the same limit', async () => {
    const { limits } = limited({ perSecond: 5, perMinute: 4, perHour: 3, perDay: 3, perWeek: 2, perMonth: 9 })
    const result = await limits.consume(recordOf())
    expect(result.statuses.map(({ name, remaining }) => [name, remaining])).toEqual([
      ['second', 4],
      ['minute', 3],
      ['hour', 2],
      ['day', 2],
      ['week', 1],
      ['month', 8],
    ])
    expect(await takeAtOnce(limits, 9)).toBe(1)
  })

  it('is shared by a key with what it is rotated into, by a project, or by an owner', async () => {
    const keys = [
      { id: 'a', projectId: '1', ownerId: 'anna' },
      { id: 'b', rootId: 'a', projectId: '1', ownerId: 'anna' },
      { id: 'c', projectId: '1', ownerId: 'bert' },
      { id: 'd', projectId: '2', ownerId: 'anna' },
      { id: 'e', projectId: '2', ownerId: null },
      { id: 'f', projectId: '2', ownerId: null },
    ].map((key) => recordOf(key))
    const taken = async (by: 'key' | 'project' | 'owner') => {
      const { limits } = limited({ limits: [{ limit: 2, per: '1m', by }] })
      const counts = []
      for (const key of keys) counts.push(await takeAtOnce(limits, 9, key))
      return { counts, refusal: await limits.consume(keys[0] as ApiKey) }
    }
    expect(await taken('key')).toMatchObject({
      counts: [2, 0, 2, 2, 2, 2],
      refusal: { reason: 'rate_exceeded', refusedBy: 'minute' },
    })
    expect(await taken('project')).toMatchObject({
      counts: [2, 0, 0, 2, 0, 0],
      refusal: { reason: 'project_rate_exceeded', refusedBy: 'project-minute' },
    })
    expect(await taken('owner')).toMatchObject({
      counts: [2, 0, 2, 0, 2, 2],
      refusal: { reason: 'owner_rate_exceeded', refusedBy: 'owner-minute' },
    })
  })

  it.each<[Plan, string]>([
    [
      { limits: [{ limit: 1, per: '0s' as Per }] },
      'plans.standard.limits[0].per: must be a time such as 30s',
    ],
    [{ limits: [{ limit: 1, per: 'fortnight' as Per }] }, 'plans.standard.limits[0].per'],
    [{ limits: [{ limit: 1, per: '1.5h' }] }, 'plans.standard.limits[0].per'],
    [{ limits: [{ limit: 1, per: '367d' }] }, 'at most 366d'],
    [{ limits: [{ limit: 0, per: '1m' }] }, 'plans.standard.limits[0].limit'],
    [{ limits: [{ limit: 1, per: '1m', by: 'team' as 'key' }] }, 'plans.standard.limits[0].by'],
    [{ perSecond: 1, limits: [{ limit: 1, per: '1s' }] }, 'two limits per second by key'],
    [
      {
        limits: [
          { limit: 1, per: '60s' },
          { limit: 2, per: '1m' },
        ],
      },
      'two limits per minute by key',
    ],
    [{ credits: { amount: -1 } }, 'plans.standard.credits.amount'],
    [{ credits: { amount: 1, refill: { amount: 0, per: '1d' } } }, 'plans.standard.credits.refill.amount'],
  ])('that is wrong is named: %j', (plan, message) => {
    expect(() => limited(plan)).toThrow(message)
  })

  it('needs a store that can count it', () => {
    const { add, read } = memoryLimitStore()
    const store: LimitStore = { add, read }
    expect(() => limited({ perMinute: 1 }, { store })).toThrow('store: cannot count minute of plans.standard')
    expect(() => limited({ perSecond: 1, perDay: 1, perMonth: 1 }, { store })).not.toThrow()
  })
})

describe('a cost', () => {
  it('is taken from every limit, or from none', async () => {
    const { limits } = limited({ perSecond: 10, perDay: 8, perMonth: 100 })
    expect(await limits.consume(recordOf(), { cost: 5 })).toMatchObject({ ok: true })
    const refusal = await limits.consume(recordOf(), { cost: 4 })
    expect(refusal).toMatchObject({ ok: false, reason: 'rate_exceeded', refusedBy: 'day' })
    const left = [5, 3, 95]
    expect(refusal.statuses.map(({ remaining }) => remaining)).toEqual(left)
    expect((await limits.status(recordOf())).map(({ remaining }) => remaining)).toEqual(left)
    expect(await limits.consume(recordOf(), { cost: 3 })).toMatchObject({ ok: true })
    expect(await limits.quota('42')).toMatchObject({ used: 8 })
    expect(await limits.consume(recordOf())).toMatchObject({ ok: false, refusedBy: 'day' })
    expect(await limits.consume(recordOf(), { cost: 0 })).toMatchObject({ ok: true })
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null])(
    'of %s lets nothing pass',
    async (cost) => {
      const { limits } = limited({ perDay: 10 })
      expect(await limits.consume(recordOf(), { cost: cost as number })).toMatchObject({
        ok: false,
        reason: 'limits_unavailable',
        error: expect.objectContaining({ message: expect.stringContaining('cost: must be a whole number') }),
      })
      expect(await limits.status(recordOf())).toMatchObject([{ remaining: 10 }])
    },
  )

  it('is counted as a model says, whatever the costs, keys and pauses are', async () => {
    const per = fc.constantFrom<Per>('1s', '90s', '1h', 'day', 'week')
    const limit = fc.record({
      limit: fc.integer({ min: 1, max: 20 }),
      per,
      by: fc.constantFrom('key', 'project'),
    })
    const step = fc.record({
      key: fc.constantFrom('a', 'b'),
      cost: fc.integer({ min: 0, max: 6 }),
      pause: fc.constantFrom(0, 0, 400, 20_000, HOUR / 3, DAY),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(limit, { maxLength: 4, selector: ({ per, by }) => `${per} ${by}` }),
        fc.array(step, { maxLength: 40 }),
        async (chosen, steps) => {
          const { limits, clock } = limited({ limits: chosen as never })
          const used = new Map<string, number>()
          const lengths: Partial<Record<Per, number>> = {
            '1s': 1_000,
            '90s': 90_000,
            '1h': HOUR,
            day: DAY,
            week: 7 * DAY,
          }
          for (const { key, cost, pause } of steps) {
            clock.now += pause
            const names = chosen.map(({ per, by }) => {
              const offset = per === 'week' ? 4 * DAY : 0
              const window = Math.floor((clock.now - offset) / (lengths[per] ?? 1))
              return `${per} ${window} ${by === 'key' ? key : ''}`
            })
            const fits = chosen.every(({ limit }, i) => (used.get(names[i] ?? '') ?? 0) + cost <= limit)
            const { ok } = await limits.consume(recordOf({ id: key }), { cost })
            expect(ok).toBe(fits)
            if (ok) for (const name of names) used.set(name, (used.get(name) ?? 0) + cost)
          }
        },
      ),
    )
  })

  it('that is taken after its deadline is given back', async () => {
    const store = memoryLimitStore()
    const answers: (() => void)[] = []
    const slow: LimitStore = {
      ...store,
      charge: (charges) =>
        new Promise((resolve) =>
          answers.push(async () =>
            resolve(await (store.charge as NonNullable<LimitStore['charge']>)(charges)),
          ),
        ),
    }
    const { limits } = limited({ perMinute: 10, perMonth: 10 }, { store: slow, storeTimeoutMs: 5 })
    expect(await limits.consume(recordOf(), { cost: 4 })).toMatchObject({ reason: 'limits_unavailable' })
    const { limits: same } = limited({ perMinute: 10, perMonth: 10 }, { store })
    for (const answer of answers.splice(0)) answer()
    await expect.poll(() => answers.length).toBe(1)
    for (const answer of answers.splice(0)) answer()
    await expect.poll(async () => (await same.status(recordOf()))[0]?.remaining).toBe(10)
  })
})

describe('credits', () => {
  it('are used up, and for good where none come back', async () => {
    const { limits, clock } = limited({ credits: { amount: 5 } })
    expect(await limits.consume(recordOf(), { cost: 3 })).toMatchObject({
      ok: true,
      statuses: [{ name: 'credits', limit: 5, remaining: 2, windowSeconds: null, resetsAt: null }],
    })
    expect(await limits.consume(recordOf(), { cost: 3 })).toMatchObject({
      ok: false,
      reason: 'credits_exhausted',
      retryAfterSeconds: 3_600,
    })
    clock.now += 999 * DAY
    expect(await takeAtOnce(limits, 9)).toBe(2)
  })

  it('come back with every period, never more than there were, and are not lost when there were more', async () => {
    const { limits, clock } = limited({ credits: { amount: 5, refill: { amount: 2, per: '1d' } } })
    expect(await takeAtOnce(limits, 9)).toBe(5)
    expect(await limits.consume(recordOf())).toMatchObject({ retryAfterSeconds: DAY / 2 / 1_000 })
    clock.now += DAY / 2
    expect(await takeAtOnce(limits, 9)).toBe(2)
    clock.now += 30 * DAY
    expect(await limits.topUp(recordOf(), 10)).toBe(15)
    clock.now += 30 * DAY
    expect(await takeAtOnce(limits, 99)).toBe(15)
    expect(await limits.topUp(recordOf(), 1)).toBe(1)
  })

  it('are for a key, a project or an owner, and a customer can be given more of them', async () => {
    const { limits } = limited({ credits: { amount: 2, by: 'project' } })
    expect(await takeAtOnce(limits, 9, recordOf({ id: 'a' }))).toBe(2)
    expect(await takeAtOnce(limits, 9, recordOf({ id: 'b' }))).toBe(0)
    expect(await limits.topUp(recordOf({ id: 'c' }), 3)).toBe(3)
    expect(await takeAtOnce(limits, 9, recordOf({ id: 'b' }))).toBe(3)
    expect(await takeAtOnce(limits, 9, recordOf({ id: 'a', projectId: '43' }))).toBe(2)
  })

  it('cannot be given where a plan has none, nor in parts', async () => {
    const { limits } = limited({ credits: { amount: 2 } })
    for (const amount of [0, -1, 0.5, Number.NaN, 1e9 + 1]) {
      await expect(limits.topUp(recordOf(), amount)).rejects.toMatchObject({
        code: 'invalid_argument',
        message: 'amount: must be a whole number from 1 to 1000000000',
      })
    }
    expect(await limits.topUp(recordOf({ id: 'rich' }), 1e9)).toBe(1e9 + 2)
    await expect(limited({ perDay: 1 }).limits.topUp(recordOf(), 1)).rejects.toThrow('has no credits')
    expect(await limits.status(recordOf())).toMatchObject([{ remaining: 2 }])
  })

  describe('that are given again after something has failed', () => {
    const plan: Plan = { credits: { amount: 2 } }

    it('count once: without their entry in the audit log there are none', async () => {
      const { limits } = limited(plan)
      const memory = memoryStore()
      let isFailing = true
      const commit: typeof memory.commit = (rows, events, ...more) => {
        if (isFailing && events?.[0]?.action === 'updated') throw new Error('disk full')
        return memory.commit(rows, events, ...more)
      }
      // Both as createLimits() made them, and as a host may wrap them.
      for (const passed of [limits, { topUp: limits.topUp }]) {
        const { apiKeys, issue } = setUp({ store: { ...memory, commit }, limits: passed })
        const { record } = await issue()
        isFailing = true
        for (let attempt = 0; attempt < 3; attempt++) {
          await expect(apiKeys.topUp(record.id, 5)).rejects.toMatchObject({ code: 'store_unavailable' })
          expect(await limits.status(record)).toMatchObject([{ remaining: 2 }])
        }
        isFailing = false
        expect(await apiKeys.topUp(record.id, 5)).toBe(7)
        const entries = await apiKeys.history({ projectId: '42', keyId: record.id })
        expect(entries.filter(({ action }) => action === 'updated')).toHaveLength(1)
      }
    })

    it('are lacking when they were used meanwhile, until they are given again', async () => {
      const { limits } = limited(plan)
      const confirm = async () => {
        await limits.consume(recordOf(), { cost: 6 })
        throw new Error('disk full')
      }
      await expect(limits.topUp(recordOf(), 5, { confirm })).rejects.toThrow('disk full')
      expect(await limits.status(recordOf())).toMatchObject([{ remaining: 0 }])
      expect(await limits.topUp(recordOf(), 5)).toBe(1)
    })

    it('count once also when the store had been too late', async () => {
      const store = memoryLimitStore()
      let finish = () => {}
      const late = new Promise<void>((resolve) => {
        finish = resolve
      })
      let isLate = true
      const charge: LimitStore['charge'] = async (charges) => {
        if (isLate) await late
        return store.charge?.(charges) ?? { ok: true, used: [] }
      }
      const { limits } = limited(plan, { store: { ...store, charge }, storeTimeoutMs: 5 })
      await expect(limits.topUp(recordOf(), 5)).rejects.toMatchObject({ code: 'store_unavailable' })
      isLate = false
      expect(await limits.topUp(recordOf(), 5)).toBe(7)
      finish()
      await expect.poll(() => limits.status(recordOf())).toMatchObject([{ remaining: 7 }])
      await setTimeout(5)
      expect(await limits.status(recordOf())).toMatchObject([{ remaining: 7 }])
    })

    it('are logged once, whatever limits of the host do with the entry', async () => {
      const { apiKeys, issue } = setUp({ limits: { topUp: async () => 9 } })
      const { record } = await issue()
      expect(await apiKeys.topUp(record.id, 5)).toBe(9)
      const entries = await apiKeys.history({ projectId: '42', keyId: record.id })
      expect(entries.map(({ action }) => action)).toEqual(['updated', 'issued'])
    })
  })

  it('come back also where a plan limits the rate as well, one request at a time', async () => {
    const plan: Plan = { perSecond: 9, credits: { amount: 2, refill: { amount: 2, per: '1d' } } }
    const { limits, clock } = limited(plan)
    for (let day = 0; day < 3; day++, clock.now += DAY) {
      expect(await takeAtOnce(limits, 9)).toBe(2)
      expect(await limits.consume(recordOf())).toMatchObject({ reason: 'credits_exhausted' })
    }
  })

  it('are money: a store that fails lets nothing pass', async () => {
    const store = { ...memoryLimitStore(), charge: () => Promise.reject(new Error('down')) }
    const { limits } = limited({ credits: { amount: 2 } }, { store })
    expect(await limits.consume(recordOf())).toMatchObject({ reason: 'limits_unavailable' })
    expect(await limited({ perMinute: 2 }, { store }).limits.consume(recordOf())).toMatchObject({ ok: true })
  })
})

describe('a guard', () => {
  const guarded = async (plan: Plan, options: GateOptions<Request>) => {
    const { apiKeys, issue } = setUp()
    const { key } = await issue()
    const limits = createLimits({
      store: memoryLimitStore(),
      plans: { one: plan },
      planOf: () => 'one',
      now: () => noon,
    })
    const failures: (string | undefined)[] = []
    const authenticate = createAuthenticate(apiKeys, {
      limits,
      onFailure: ({ reason, error }) =>
        failures.push(reason, error instanceof Error ? error.message : undefined),
      ...options,
    })
    const request = (path = '/') => new Request(`http://localhost${path}`, { headers: { 'X-API-Key': key } })
    return { apiKeys, limits, authenticate, failures, request }
  }

  it('charges what a request costs, and names all limits in the header fields', async () => {
    const plan: Plan = {
      perMinute: 60,
      limits: [{ limit: 500, per: '1d', by: 'project' }],
      credits: { amount: 100 },
    }
    const cost = ({ url }: Request) => Number(new URL(url).searchParams.get('cost') ?? 1)
    const { authenticate, request } = await guarded(plan, { cost })
    const result = await authenticate(request('/?cost=20'))
    expect(result).toMatchObject({
      ok: true,
      headers: {
        'RateLimit-Policy': '"minute";q=60;w=60, "project-day";q=500;w=86400, "credits";q=100',
        RateLimit: '"minute";r=40;t=60, "project-day";r=480;t=43200, "credits";r=80',
        'X-RateLimit-Limit': '60',
        'X-RateLimit-Remaining': '40',
      },
    })
    const refusal = await authenticate(request('/?cost=41'))
    if (refusal.ok) throw new Error('it must be refused')
    expect(refusal.response.status).toBe(429)
    expect(refusal.response.headers.get('ratelimit')).toContain('"minute";r=40;t=60, "project-day";r=480')
    expect(await refusal.response.json()).toMatchObject({ retry_after_seconds: 60 })
  })

  it('answers 503 when it cannot tell what a request costs', async () => {
    const costs = [
      () => Number.NaN,
      () => -1,
      () => undefined as never,
      async () => 1,
    ] as unknown as (() => number)[]
    for (const cost of [...costs.slice(0, 2), costs[3] as () => number]) {
      const { authenticate, request, failures } = await guarded({ perDay: 5 }, { cost })
      const result = await authenticate(request())
      expect(result).toMatchObject({ ok: false, response: { status: 503 } })
      expect(failures).toEqual([
        'limits_unavailable',
        expect.stringContaining('cost: must be a whole number'),
      ])
    }
    const thrown = () => {
      throw new Error('no price')
    }
    const { authenticate, request, failures } = await guarded({ perDay: 5 }, { cost: thrown })
    expect(await authenticate(request())).toMatchObject({ ok: false, response: { status: 503 } })
    expect(failures).toEqual(['callback_failed', 'cost: the function that you passed failed; see cause'])
  })

  it('charges a request once for the highest cost of all guards on its way', async () => {
    const { apiKeys, limits, authenticate, request } = await guarded({ perDay: 10 }, {})
    const dear = createAuthenticate(apiKeys, { limits, cost: 4 })
    const one = request()
    await authenticate(one)
    expect(await dear(one)).toMatchObject({ headers: { RateLimit: '"day";r=6;t=43200' } })
    expect(await authenticate(one)).toMatchObject({ headers: { RateLimit: '"day";r=6;t=43200' } })
    const other = request()
    await dear(other)
    expect(await authenticate(other)).toMatchObject({ headers: { RateLimit: '"day";r=2;t=43200' } })
  })

  it('refuses a cost without limits, and one that is none, when it is made', () => {
    const { apiKeys } = setUp()
    expect(() => createAuthenticate(apiKeys, { cost: 5 })).toThrow('cost: has a meaning only with limits')
    const { limits } = limited({})
    expect(() => createAuthenticate(apiKeys, { limits, cost: -1 })).toThrow('cost: must be a whole number')
  })
})
