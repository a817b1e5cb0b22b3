// `key.over_quota`: guards report a key that a limit refuses, once per key, limit and window.

import { describe, expect, it } from 'vitest'
import { createGate } from '../src/http/index.js'
import { memoryLimitStore } from '../src/limits/memory.js'
import { createLimits, type Plan } from '../src/limits.js'
import { memoryStore } from '../src/stores/memory.js'
import { setUp } from './support/keys.js'

const DAY_MS = 86_400_000

/** Two processes over one store of keys and one of limits. */
function setUpProcesses(plan: Plan, options: Parameters<typeof setUp>[0] = { events: {} }) {
  const clock = { now: Date.parse('2026-01-15T10:00:00Z') }
  const [store, limitStore] = [memoryStore(), memoryLimitStore()]
  const processes = [1, 2].map(() => {
    const ground = setUp({ store, ...options, now: () => clock.now })
    const limits = createLimits({
      ...{ store: limitStore, plans: { free: plan }, planOf: () => 'free' as const, now: () => clock.now },
    })
    const gate = createGate(ground.apiKeys, { limits })
    const use = async (key: string) => {
      const header = (name: string) => (name === 'x-api-key' ? key : undefined)
      return (await gate({ request: {}, url: '/', header, clientIp: () => undefined })).ok
    }
    return { ...ground, use }
  })
  const [one, other] = processes as [(typeof processes)[0], (typeof processes)[0]]
  const over = async () => {
    for (const { apiKeys } of processes) await apiKeys.close()
    const events = await one.apiKeys.events({ type: 'key.over_quota', order: 'asc' })
    return events.map(({ keyId, data }) => [keyId, (data.limit as { name: string }).name, data.resetsAt])
  }
  return { one, other, clock, over, issue: one.issue }
}

describe('a guard', () => {
  it('reports a key once per key, limit and window, whatever process refuses it', async () => {
    const { one, other, clock, over, issue } = setUpProcesses({
      perDay: 1,
      limits: [{ limit: 2, per: '1m' }],
    })
    const [a, b] = [await issue(), await issue()]
    for (const { key } of [a, b, a, b, a]) for (const { use } of [one, other]) await use(key)
    const today = '2026-01-16T00:00:00.000Z'
    expect(await over()).toEqual([
      [a.record.id, 'day', today],
      [b.record.id, 'day', today],
    ])
    clock.now += DAY_MS
    for (const { use } of [one, other, one]) await use(a.key)
    expect((await over()).slice(2)).toEqual([[a.record.id, 'day', '2026-01-17T00:00:00.000Z']])
  })

  it('does not call a key over quota that is only faster than so many requests per second', async () => {
    const { one, over, issue } = setUpProcesses({ perSecond: 1 })
    const { key } = await issue()
    expect([await one.use(key), await one.use(key)]).toEqual([true, false])
    expect(await over()).toEqual([])
  })

  it('reports used up credits, which have no window, once a day', async () => {
    const { one, clock, over, issue } = setUpProcesses({ credits: { amount: 1 } })
    const { key, record } = await issue()
    for (const _ of [1, 2, 3]) await one.use(key)
    expect(await over()).toEqual([[record.id, 'credits', null]])
    clock.now += DAY_MS
    for (const _ of [1, 2]) await one.use(key)
    expect(await over()).toHaveLength(2)
  })

  it('reports again what the store did not take', async () => {
    const store = memoryStore()
    const { outbox } = store
    let isDown = true
    const append: NonNullable<typeof outbox>['append'] = (events) =>
      isDown ? Promise.reject(new Error('connection refused')) : (outbox?.append(events) ?? 0)
    const failing = { ...store, outbox: outbox && { ...outbox, append } }
    const { one, over, issue } = setUpProcesses({ perDay: 1 }, { events: {}, store: failing })
    const { key } = await issue()
    for (const _ of [1, 2]) await one.use(key)
    expect(await over()).toEqual([])
    isDown = false
    await one.use(key)
    expect(await over()).toHaveLength(1)
  })

  it('asks the store for nothing more where no events are kept', async () => {
    const { one, issue } = setUpProcesses({ perDay: 1 }, {})
    const { key } = await issue()
    await one.use(key)
    await one.use(key)
    const finds = one.storeCalls.get('find')
    await one.use(key)
    await one.apiKeys.close()
    expect(one.storeCalls.get('find')).toBe((finds ?? 0) + 1)
  })
})
