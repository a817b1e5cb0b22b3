import { describe, expect, it } from 'vitest'
import { argon2Hasher } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { setUp } from './support/keys.js'

const failing = (find: () => Promise<undefined>) => ({ ...memoryStore(), find })

describe('health', () => {
  it('is good when the store answers and the queue has room', async () => {
    const { apiKeys } = setUp({ hasher: argon2Hasher({ maxQueue: 5 }) })
    expect(await apiKeys.health()).toEqual({
      ok: true,
      store: { ok: true, durationMs: expect.any(Number), error: null, cache: null },
      hasher: { ok: true, waiting: 0, limit: 5 },
    })
  })

  it('says what the cache of the store does, in codes only', async () => {
    const status = { state: 'off', changes: null, reason: 'unavailable' } as const
    const cacheStatus = () => ({ ...status, message: 'connect db.internal:5432' })
    const { apiKeys } = setUp({ store: { ...memoryStore(), cacheStatus } })
    const health = await apiKeys.health()
    expect(health).toMatchObject({ ok: true, store: { cache: status } })
    expect(JSON.stringify(health)).not.toContain('internal')
  })

  it('is bad when the store fails, and says how', async () => {
    const { apiKeys } = setUp({ store: failing(() => Promise.reject(new Error('down'))) })
    expect(await apiKeys.health()).toMatchObject({
      ok: false,
      store: { ok: false, error: 'store_unavailable' },
    })
  })

  it('is bad when the store does not answer in time', async () => {
    const { apiKeys } = setUp({ store: failing(() => new Promise(() => {})), storeTimeoutMs: 20 })
    expect(await apiKeys.health()).toMatchObject({ ok: false, store: { error: 'store_unavailable' } })
  })

  it('is bad while so many keys wait for argon2 that further ones are refused', async () => {
    const hasher = argon2Hasher({ memoryKiB: 1_024, iterations: 1, maxQueue: 3 })
    const { apiKeys, issue } = setUp({ hasher })
    const issued = await Promise.all(Array.from({ length: 12 }, () => issue()))
    const verified = Promise.allSettled(issued.map(async ({ key }) => apiKeys.verify(key)))
    await new Promise(setImmediate)
    expect(await apiKeys.health()).toMatchObject({
      ok: false,
      store: { ok: true },
      hasher: { ok: false, limit: 3 },
    })
    await verified
    expect(await apiKeys.health()).toMatchObject({ ok: true })
  })

  it('knows of no queue when the hasher has none', async () => {
    const { hash, verify, needsRehash } = argon2Hasher()
    const { apiKeys } = setUp({ hasher: { hash, verify, needsRehash } })
    expect(await apiKeys.health()).toMatchObject({
      ok: true,
      hasher: { ok: true, waiting: null, limit: null },
    })
  })

  it('asks the store once for all who ask at the same time', async () => {
    const { apiKeys, storeCalls } = setUp()
    await Promise.all(Array.from({ length: 50 }, () => apiKeys.health()))
    expect(storeCalls.get('find')).toBe(1)
  })
})
