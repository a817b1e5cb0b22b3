// Limits that belong to a customer: a rotation takes its counts along, and the keys of a project can share one rate.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryLimitStore } from '../src/limits/memory.js'
import { createLimits, type Plan } from '../src/limits.js'
import { setUp } from './support/keys.js'
import { limited, noon, recordOf, takeAtOnce } from './support/limits.js'

describe('a rotation', () => {
  it('takes the counts of a day along, however often a key is rotated', async () => {
    const { apiKeys, issue } = setUp()
    const { limits } = limited({ perDay: 5 })
    let { record } = await issue()
    let passed = 0
    for (let rotation = 0; rotation < 6; rotation++) {
      passed += await takeAtOnce(limits, 3, record)
      ;({ record } = await apiKeys.rotate(record.id))
    }
    expect(passed).toBe(5)
  })

  it('leaves both keys of a grace period one rate between them', async () => {
    const { apiKeys, issue } = setUp()
    const { limits } = limited({ perSecond: 4 })
    const { record: old } = await issue()
    const { record: renewed } = await apiKeys.rotate(old.id, { gracePeriodMs: 60_000 })
    expect((await takeAtOnce(limits, 3, old)) + (await takeAtOnce(limits, 3, renewed))).toBe(4)
    expect(await takeAtOnce(limits, 9, (await issue()).record)).toBe(4)
  })

  it('changes nothing in what a plan lets through, whatever is rotated when', async () => {
    const step = fc.constantFrom(
      ...(['request', 'rotate', 'rotate with grace', 'request by the old key'] as const),
    )
    const perDays = fc.integer({ min: 1, max: 8 })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), perDays, async (steps, perDay) => {
        const { apiKeys, issue } = setUp()
        const { limits } = limited({ perDay })
        let { record } = await issue()
        let old = record
        let passed = 0
        const rotate = async (gracePeriodMs: number) => {
          old = record
          ;({ record } = await apiKeys.rotate(record.id, { gracePeriodMs }))
        }
        const acts: Record<(typeof steps)[number], () => Promise<unknown>> = {
          request: async () => (passed += await takeAtOnce(limits, 1, record)),
          'request by the old key': async () => (passed += await takeAtOnce(limits, 1, old)),
          rotate: () => rotate(0),
          'rotate with grace': () => rotate(1_000),
        }
        for (const one of steps) await acts[one]()
        const asked = steps.filter((one) => one.startsWith('request')).length
        expect(passed).toBe(Math.min(asked, perDay))
      }),
      { numRuns: 50 },
    )
  })
})

describe('a plan that limits the project', () => {
  const keysOf = (count: number, changes = {}) =>
    Array.from({ length: count }, (_, n) => recordOf({ id: `key${String(n).padStart(9, '0')}`, ...changes }))

  const takeWithAll = async (plan: Plan, records: ReturnType<typeof keysOf>) => {
    const { limits } = limited(plan)
    const passed = await Promise.all(records.map((record) => takeAtOnce(limits, 5, record)))
    return passed.reduce((sum, count) => sum + count, 0)
  }

  it('gives its keys no more together, however many there are', async () => {
    for (const project of [{ perSecond: 7 }, { perDay: 7 }]) {
      expect(await takeWithAll({ project }, keysOf(1))).toBe(5)
      expect(await takeWithAll({ project }, keysOf(40))).toBe(7)
      expect(await takeWithAll({ perSecond: 2, project }, keysOf(2))).toBe(4)
    }
  })

  it('counts each project and each environment by itself', async () => {
    const { limits } = limited({ project: { perDay: 3 } })
    expect(await takeAtOnce(limits, 9)).toBe(3)
    expect(await takeAtOnce(limits, 9, recordOf({ projectId: '43' }))).toBe(3)
    expect(await takeAtOnce(limits, 9, recordOf({ environment: 'sandbox' }))).toBe(3)
    expect(await takeAtOnce(limits, 9, recordOf({ projectId: 'aaaaaaaaaaaa' }))).toBe(3)
  })

  it('takes no project for a key, another project, or an environment, whatever they are called', async () => {
    const names = ['a', 'a:b', 'project:a', ':a', 'a:', '%3A', 'key000000001']
    const limits = createLimits({
      store: memoryLimitStore(),
      plans: { p: { perDay: 1, project: { perDay: 1 } } },
      planOf: () => 'p',
      now: () => noon,
    })
    let number = 0
    for (const environment of names) {
      for (const projectId of names) {
        const id = `key${String(number++).padStart(9, '0')}`
        expect(
          await limits.consume(recordOf({ id, environment, projectId })),
          `${environment} ${projectId}`,
        ).toMatchObject({ ok: true })
      }
    }
  })

  it('refuses in the name of the project, says which limit it was, and uses up nothing', async () => {
    const store = memoryLimitStore()
    const { limits, clock } = limited(
      { perSecond: 3, perDay: 9, perMonth: 50, project: { perSecond: 4, perDay: 5 } },
      { store },
    )
    const [one, two] = keysOf(2)
    expect(await takeAtOnce(limits, 9, one)).toBe(3)
    expect(await takeAtOnce(limits, 9, two)).toBe(1)
    expect(await limits.consume(recordOf(two))).toMatchObject({
      ok: false,
      reason: 'project_rate_exceeded',
      refusedBy: 'project-second',
      retryAfterSeconds: 1,
      statuses: [
        { name: 'second', scope: 'key', period: 'second', limit: 3, remaining: 2 },
        { name: 'project-second', scope: 'project', period: 'second', limit: 4, remaining: 0 },
        { name: 'day', scope: 'key', remaining: null },
        { name: 'project-day', scope: 'project', remaining: null },
        { name: 'month', scope: 'project', remaining: null },
      ],
    })
    clock.now += 1_000
    expect(await takeAtOnce(limits, 9, two)).toBe(1)
    expect(await limits.consume(recordOf(two))).toMatchObject({
      reason: 'project_rate_exceeded',
      refusedBy: 'project-day',
      statuses: [{ remaining: 2 }, { remaining: 3 }, { remaining: 7 }, { remaining: 0 }, { remaining: null }],
    })
    expect(await limits.quota('42')).toMatchObject({ used: 5 })
  })

  it('goes by the wrong ones of its options no further than others', () => {
    for (const project of [{ perSecond: 0 }, { perDay: 1.5 }, { perMonth: 5 }, { perMinute: 5 }, 5, null]) {
      expect(() => limited({ project } as never), JSON.stringify(project)).toThrow(
        /^plans\.standard\.project/,
      )
    }
  })
})
