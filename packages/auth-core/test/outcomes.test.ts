// What comes of requests, per key and hour, and the latest refusals of each key.

import { describe, expect, it } from 'vitest'
import { createGate } from '../src/http/index.js'
import { type ApiKeyStore, createApiKeys } from '../src/index.js'
import { memoryLimitStore } from '../src/limits/memory.js'
import { createLimits } from '../src/limits.js'
import { memoryStore } from '../src/stores/memory.js'
import { counted, setUp, start } from './support/keys.js'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const setUpOutcomes = (options: Parameters<typeof setUp>[0] = {}) => setUp({ outcomes: true, ...options })
type Keys = ReturnType<typeof setUp>['apiKeys']

/** What is counted, as `outcome reason: count`, in order. */
async function countsOf(apiKeys: Keys, projectId = '42') {
  const all = await apiKeys.outcomes({ projectId, from: new Date(start), to: new Date(start + DAY_MS) })
  return all.map(({ outcome, reason, count }) => `${outcome}${reason === null ? '' : ` ${reason}`}: ${count}`)
}

describe('outcomes', () => {
  it('are counted per key and hour, with the reason of each refusal, and without keys that do not exist', async () => {
    const { apiKeys, issue, clock } = setUpOutcomes({ importedKeys: /sk_[a-z]{40}/ })
    const { key, record } = await issue({ scopes: ['read'], allowedIps: ['203.0.113.0/24'] })
    const from = { ip: '203.0.113.7' }
    for (let n = 0; n < 3; n++) await apiKeys.verify(key, from)
    await apiKeys.verify(key, { ...from, countedId: record.id })
    await apiKeys.verify(key, { ip: '198.51.100.1' })
    await apiKeys.verify(key, { ...from, scopes: ['write'] })
    await apiKeys.verify(key, { ...from, environment: 'sandbox' })
    await apiKeys.verify('nonsense')
    await apiKeys.verify(`sk_${'a'.repeat(40)}`)
    clock.advance(HOUR_MS)
    await apiKeys.verify(key, from)
    await apiKeys.disable(record.id)
    await apiKeys.verify(key, from)
    await apiKeys.revoke(record.id)
    await apiKeys.verify(key)
    expect(await countsOf(apiKeys)).toEqual([
      'accepted: 3',
      'refused ip_not_allowed: 1',
      'refused missing_scope: 1',
      'refused wrong_environment: 1',
      'accepted: 1',
      'refused disabled: 1',
      'refused revoked: 1',
    ])
    const hours = await apiKeys.outcomes({
      projectId: '42',
      from: new Date(start + 1),
      to: new Date(start + 2),
    })
    expect(hours.map(({ keyId, hour }) => [keyId, hour])).toEqual(Array(4).fill([record.id, start]))
    expect(await countsOf(apiKeys, '7')).toEqual([])
    const refusals = await apiKeys.refusals(record.id)
    expect(refusals.map(({ at, reason, address }) => [at - start, reason, address])).toEqual([
      [HOUR_MS, 'revoked', null],
      [HOUR_MS, 'disabled', '203.0.113.7'],
      [0, 'wrong_environment', '203.0.113.7'],
      [0, 'missing_scope', '203.0.113.7'],
      [0, 'ip_not_allowed', '198.51.100.1'],
    ])
    expect(await apiKeys.refusals('000000000000')).toEqual([])
  })

  it('come with the addresses that a key was last used from, and no more than twenty of them', async () => {
    const { apiKeys, issue, clock } = setUpOutcomes()
    const { key, record } = await issue({ allowedIps: ['203.0.113.0/24'] })
    for (const ip of ['203.0.113.7', '203.0.113.8', '198.51.100.1', '203.0.113.7']) {
      clock.advance(1)
      await apiKeys.verify(key, { ip })
    }
    await apiKeys.verify(key, { ip: '203.0.113.9', countedId: record.id })
    const from = async () =>
      (await apiKeys.usedFrom(record.id)).map(({ address, at }) => [address, at - start])
    expect(await from()).toEqual([
      ['203.0.113.7', 4],
      ['203.0.113.8', 2],
    ])
    for (let host = 100; host < 150; host++) {
      clock.advance(1)
      await apiKeys.verify(key, { ip: `203.0.113.${host}` })
    }
    expect(await from()).toHaveLength(20)
    expect((await from())[0]).toEqual(['203.0.113.149', 54])
    expect(await apiKeys.usedFrom('000000000000')).toEqual([])
  })

  it('count a request that a limit refused as limited and not as accepted, with the address that the guard knows', async () => {
    const { apiKeys, issue, clock } = setUpOutcomes()
    const { key, record } = await issue()
    const limits = createLimits({
      store: memoryLimitStore(),
      plans: { one: { perDay: 2 } },
      planOf: () => 'one',
      now: () => clock.now,
    })
    const gate = createGate<object>(apiKeys, { limits })
    const request = { 'x-api-key': key } as Record<string, string>
    const send = () =>
      gate({ request: {}, url: '/', header: (name) => request[name], clientIp: () => '203.0.113.7' })
    const passed: boolean[] = []
    for (let n = 0; n < 4; n++) passed.push((await send()).ok)
    expect(passed).toEqual([true, true, false, false])
    expect(await countsOf(apiKeys)).toEqual(['accepted: 2', 'limited rate_exceeded: 2'])
    const [latest] = await apiKeys.refusals(record.id)
    expect(latest).toMatchObject({ outcome: 'limited', reason: 'rate_exceeded', address: '203.0.113.7' })
    await apiKeys.revoke(record.id)
    expect((await send()).ok).toBe(false)
    expect((await apiKeys.refusals(record.id))[0]).toMatchObject({
      reason: 'revoked',
      address: '203.0.113.7',
    })
  })

  it('are written in batches, behind the requests, and once when a write failed', async () => {
    const store = memoryStore()
    const batches: string[] = []
    let fails = true
    const recording: ApiKeyStore = {
      ...store,
      outcomes: store.outcomes && {
        ...store.outcomes,
        record(counts, refusals, batch) {
          batches.push(batch)
          if (fails) throw new Error('no connection')
          return store.outcomes?.record(counts, refusals, batch)
        },
      },
    }
    const { apiKeys, issue } = setUpOutcomes({ store: recording })
    const { key } = await issue()
    for (let n = 0; n < 50; n++) await apiKeys.verify(key)
    expect(batches).toEqual([])
    await apiKeys.close()
    await apiKeys.verify(key)
    fails = false
    await apiKeys.close()
    expect(batches).toHaveLength(3)
    expect(batches[1]).toBe(batches[0])
    expect(await countsOf(apiKeys)).toEqual(['accepted: 51'])
  })

  it('are deleted by a sweep and gone with an erased key', async () => {
    const { apiKeys, issue, clock } = setUpOutcomes({ retention: { outcomesMs: DAY_MS } })
    const [first, second] = [await issue(), await issue()]
    await apiKeys.verify(first.key, { environment: 'sandbox' })
    await apiKeys.verify(second.key)
    await apiKeys.close()
    expect(await apiKeys.sweep()).toEqual({ events: 0, uses: 0, outcomes: 0 })
    await apiKeys.erase({ keyId: first.record.id })
    expect(await countsOf(apiKeys)).toEqual(['accepted: 1'])
    expect(await apiKeys.refusals(first.record.id)).toEqual([])
    clock.advance(2 * DAY_MS)
    expect(await apiKeys.sweep()).toEqual({ events: 0, uses: 0, outcomes: 1 })
  })

  it('keep a flood of refusals within bounds', async () => {
    const { apiKeys, issue } = setUpOutcomes()
    const { key, record } = await issue()
    for (let n = 0; n < 1_000; n++)
      await apiKeys.verify(key, { environment: 'sandbox', ip: `10.0.0.${n % 250}` })
    expect(await apiKeys.refusals(record.id)).toHaveLength(100)
    expect(await countsOf(apiKeys)).toEqual(['refused wrong_environment: 1000'])
  })

  it('cost nothing where they are not switched on', async () => {
    const store = memoryStore()
    const outcomes = counted(store.outcomes ?? {})
    const { apiKeys, issue } = setUp({ store: { ...store, outcomes: outcomes.spy as typeof store.outcomes } })
    const { key, record } = await issue()
    await apiKeys.verify(key)
    await apiKeys.verify(key, { environment: 'sandbox' })
    apiKeys.recordLimited(record.id, 'rate_exceeded')
    await apiKeys.sweep()
    await apiKeys.close()
    expect([...outcomes.counts]).toEqual([])
    await expect(apiKeys.usedFrom(record.id)).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(apiKeys.refusals(record.id)).rejects.toMatchObject({
      message: expect.stringContaining('outcomes: true'),
    })
    const { outcomes: _, ...without } = memoryStore()
    expect(() => createApiKeys({ store: without, outcomes: true })).toThrow(
      /^outcomes: this store cannot keep them/,
    )
  })
})
