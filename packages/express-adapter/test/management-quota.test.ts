import { createLimits, type LimitStore } from '@gosend/auth-core/limits'
import { memoryLimitStore } from '@gosend/auth-core/limits/memory'
import { describe, expect, it } from 'vitest'
import { managementHost } from './management-host.js'

const now = () => Date.parse('2026-02-10T12:00:00Z')

function limitsOver(store: LimitStore) {
  return createLimits({
    store,
    plans: { standard: { perSecond: 100, perMonth: 50_000 }, unlimited: {} },
    planOf: ({ projectId }) => (projectId === '1' ? 'standard' : 'unlimited'),
    now,
  })
}

describe('the usage of a project', () => {
  it('says how much of the quota is used this month, whatever days are asked for', async () => {
    const limits = limitsOver(memoryLimitStore())
    const { call, apiKeys } = await managementHost({ limits, now, keys: { now } })
    const { record } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'a' })
    for (let request = 0; request < 3; request++) await limits.consume(record)
    const quota = { limit: 50_000, used: 3, resetsAt: '2026-03-01T00:00:00.000Z' }
    expect((await call('GET', '/projects/1/usage')).body).toMatchObject({ total: 0, quota })
    const january = await call('GET', '/projects/1/usage?from=2026-01-01&to=2026-01-31')
    expect(january.body).toMatchObject({ quota })
  })

  it('has no quota where the plan has none, and where nothing is limited', async () => {
    const { call } = await managementHost({ limits: limitsOver(memoryLimitStore()) })
    expect((await call('GET', '/projects/2/usage')).body.quota).toBeNull()
    const unlimited = await managementHost()
    expect((await unlimited.call('GET', '/projects/1/usage')).body.quota).toBeNull()
  })

  it('is 503 when the quota cannot be read, rather than a quota that is not true', async () => {
    const errors: unknown[] = []
    const down = { ...memoryLimitStore(), read: () => Promise.reject(new Error('redis.internal is down')) }
    const { call } = await managementHost({
      limits: limitsOver(down),
      onError: (error) => errors.push(error),
    })
    const { status, text } = await call('GET', '/projects/1/usage')
    expect(status).toBe(503)
    expect(text).not.toContain('redis')
    expect(errors).toMatchObject([{ code: 'store_unavailable' }])
  })
})
