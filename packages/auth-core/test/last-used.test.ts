import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiKeyStore } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { setUp, start } from './support/keys.js'

describe('last-used', () => {
  it('is the time of the latest successful verification, and only of a successful one', async () => {
    const { apiKeys, issue, clock } = setUp()
    const { key, record } = await issue({ scopes: ['read'] })
    await apiKeys.verify(key, { scopes: ['admin'] })
    expect(await apiKeys.find(record.id)).toMatchObject({ lastUsedAt: null })
    clock.advance(5_000)
    await apiKeys.verify(key)
    expect(await apiKeys.find(record.id)).toMatchObject({ lastUsedAt: new Date(start + 5_000) })
  })

  it('is written in one batch per interval, however many requests came', async () => {
    const { apiKeys, issue, storeCalls } = setUp({ lastUsedIntervalMs: 20 })
    const { key } = await issue()
    const begin = performance.now()
    do {
      for (let i = 0; i < 100; i++) await apiKeys.verify(key)
      await setImmediate()
    } while (performance.now() - begin < 300)
    const batches = storeCalls.get('recordUses')
    expect(batches).toBeGreaterThan(1)
    expect(batches).toBeLessThanOrEqual((performance.now() - begin) / 20 + 1)
  })

  it('is flushed on close', async () => {
    const store = memoryStore()
    const { apiKeys, issue } = setUp({ store })
    const { key, record } = await issue()
    await apiKeys.verify(key)
    await apiKeys.close()
    expect(await store.find(record.id)).toMatchObject({ lastUsedAt: start })
  })

  it('that cannot be written fails no request, and is written when the store is back', async () => {
    const store = memoryStore()
    let down = true
    const flaky: ApiKeyStore = {
      ...store,
      recordUses: (uses) => (down ? Promise.reject(new Error('read-only')) : store.recordUses(uses)),
    }
    const { apiKeys, issue, reasonFor } = setUp({ store: flaky })
    const { key, record } = await issue()
    for (let i = 0; i < 3; i++) {
      expect(await reasonFor(key)).toBe('ok')
      await apiKeys.close()
    }
    down = false
    expect(await apiKeys.find(record.id)).toMatchObject({ lastUsedAt: new Date(start) })
    const today = new Date(start)
    expect(await apiKeys.usage({ projectId: '42', from: today, to: today })).toEqual([
      { keyId: record.id, day: '2026-01-15', count: 3 },
    ])
  })
})

describe('usage', () => {
  it('counts verifications per key and UTC day', async () => {
    const { apiKeys, issue, clock } = setUp()
    const first = await issue()
    const second = await issue()
    const other = await issue({ projectId: 'other' })
    clock.now = Date.parse('2026-02-28T23:59:59.999Z')
    for (const { key } of [first, first, second, other]) await apiKeys.verify(key)
    clock.advance(1)
    await apiKeys.verify(first.key)
    const usage = await apiKeys.usage({
      projectId: '42',
      from: new Date('2026-02-01'),
      to: new Date('2026-03-31'),
    })
    const february = [
      { keyId: first.record.id, day: '2026-02-28', count: 2 },
      { keyId: second.record.id, day: '2026-02-28', count: 1 },
    ].sort((a, b) => (a.keyId < b.keyId ? -1 : 1))
    expect(usage).toEqual([...february, { keyId: first.record.id, day: '2026-03-01', count: 1 }])
  })

  /** A store whose answers overtake each other, and which refuses uses when it is told to. */
  const unrulyStore = () => {
    const store = memoryStore()
    let isRefusing = false
    let reads = 0
    return {
      ...store,
      refuses: () => isRefusing,
      refuse(isOn: boolean) {
        isRefusing = isOn
      },
      async find(id: string) {
        for (let turns = reads++ % 7; turns > 0; turns--) await null
        return store.find(id)
      },
      recordUses: (...args: Parameters<typeof store.recordUses>) =>
        isRefusing ? Promise.reject(new Error('read-only')) : store.recordUses(...args),
    }
  }

  it('counts every use once, whatever clocks, writes and a short memory do in between', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ use: fc.nat(2), times: fc.integer({ min: 1, max: 8 }) }) },
      { weight: 2, arbitrary: fc.record({ at: fc.integer({ min: -2, max: 2 }) }) },
      { weight: 1, arbitrary: fc.constant('write' as const) },
      { weight: 1, arbitrary: fc.constant('refuse writes' as const) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const store = unrulyStore()
        const { apiKeys, issue, clock } = setUp({ memoSize: 2, store })
        const keys = [await issue(), await issue(), await issue()]
        const midnight = Date.parse('2026-03-01')
        clock.now = midnight
        const expected = new Map<string, number>()
        const use = async (nth: number, times: number) => {
          const { key, record } = keys[nth] as (typeof keys)[number]
          await Promise.all(Array.from({ length: times }, () => apiKeys.verify(key)))
          const day = `${record.id} ${new Date(clock.now).toISOString().slice(0, 10)}`
          expected.set(day, (expected.get(day) ?? 0) + times)
        }
        const run = async (one: (typeof steps)[number]) => {
          if (typeof one === 'string') store.refuse(one === 'refuse writes')
          else if ('at' in one) clock.now = midnight + one.at
          else await use(one.use, one.times)
        }
        for (const one of steps) {
          await run(one)
          if (store.refuses() || one === 'write') await apiKeys.close()
        }
        store.refuse(false)
        const range = { from: new Date('2026-02-01'), to: new Date('2026-03-31') }
        const usage = await apiKeys.usage({ projectId: '42', ...range })
        expect(new Map(usage.map(({ keyId, day, count }) => [`${keyId} ${day}`, count]))).toEqual(expected)
      }),
    )
  })
})
