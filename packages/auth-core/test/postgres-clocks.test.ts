import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { postgresLimitStore } from '../src/limits/postgres.js'
import { createLimits } from '../src/limits.js'
import { fastHasher } from '../src/testing/index.js'
import { noon, recordOf } from './support/limits.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'
import { storeOver } from './support/postgres-stores.js'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000
const YEAR_MS = 365 * 24 * HOUR_MS

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(stopPostgres)

const disposals: (() => Promise<void>)[] = []

afterEach(async () => {
  vi.useRealTimers()
  for (const dispose of disposals.splice(0)) await dispose()
})

/** A process' keys, with a clock of its own where one is given. */
function open(schema: string, cache: boolean, now?: () => number) {
  const pool = server.pool()
  const store = storeOver(pool, { schema, cache, timeoutMs: 20_000 })
  disposals.push(async () => {
    await store.close()
    await pool.end()
  })
  const apiKeys = createApiKeys({
    store,
    now,
    hasher: fastHasher(),
    storeTimeoutMs: 20_000,
    lastUsedIntervalMs: 24 * HOUR_MS,
  })
  const reasonFor = async (key: string) => {
    const verification = await apiKeys.verify(key)
    return verification.ok ? 'ok' : verification.reason
  }
  const issue = (expiresAt?: number) =>
    apiKeys.issue({
      projectId: '42',
      environment: 'production',
      label: 'a',
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
    })
  return { apiKeys, issue, reasonFor }
}

const kinds = { 'without a cache': false, 'with a cache': true }

describe.each(Object.entries(kinds))('two processes whose clocks are 90 seconds apart, %s', (_, cache) => {
  function setUp() {
    const clock = { now: noon }
    const schema = server.newSchema()
    const behind = open(schema, cache, () => clock.now)
    const ahead = open(schema, cache, () => clock.now + 90 * SECOND_MS)
    return { clock, behind, ahead, pairs: [[behind, ahead] as const, [ahead, behind] as const] }
  }

  it('accept the keys of each other at once, and refuse them from the moment that one has revoked them', async () => {
    const { pairs } = setUp()
    for (const [one, other] of pairs) {
      const { key, record } = await one.issue()
      for (const process of [one, other, other, one]) expect(await process.reasonFor(key)).toBe('ok')
      await one.apiKeys.revoke(record.id)
      for (const process of [other, one]) expect(await process.reasonFor(key)).toBe('revoked')
    }
  })

  it('end a key by the clock of the process that is asked, and a grace period that much sooner or later', async () => {
    const { clock, behind, ahead, pairs } = setUp()
    const { key } = await behind.issue(noon + 90 * SECOND_MS)
    expect(await Promise.all([behind.reasonFor(key), ahead.reasonFor(key)])).toEqual(['ok', 'expired'])
    for (const [rotating] of pairs) {
      const old = await rotating.issue()
      const begun = clock.now + (rotating === ahead ? 90 * SECOND_MS : 0)
      const { key: successor } = await rotating.apiKeys.rotate(old.record.id, {
        gracePeriodMs: 100 * SECOND_MS,
      })
      const ends = begun + 100 * SECOND_MS
      for (const [process, skewMs] of [
        [behind, 0],
        [ahead, 90 * SECOND_MS],
      ] as const) {
        clock.now = ends - skewMs - 1
        expect(await process.reasonFor(old.key)).toBe('ok')
        clock.now = ends - skewMs
        expect(await process.reasonFor(old.key)).toBe('expired')
        expect(await process.reasonFor(successor)).toBe('ok')
      }
    }
  })

  it('have one winner when both rotate a key, and count every use once', async () => {
    const { behind, ahead } = setUp()
    const { key, record } = await behind.issue()
    for (const process of [ahead, behind, ahead]) await process.reasonFor(key)
    await ahead.apiKeys.close()
    await behind.apiKeys.close()
    const rotations = await Promise.allSettled(
      [behind, ahead].map(({ apiKeys }) => apiKeys.rotate(record.id)),
    )
    expect(rotations.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const day = { projectId: '42', from: new Date(noon), to: new Date(noon) }
    expect(await behind.apiKeys.usage(day)).toMatchObject([{ keyId: record.id, count: 3 }])
    const { lastUsedAt } = (await behind.apiKeys.find(record.id)) ?? {}
    expect(lastUsedAt).toEqual(new Date(noon + 90 * SECOND_MS))
  })
})

describe.each(Object.entries(kinds))('a process whose clock jumps, %s', (_, cache) => {
  it.each([
    ['an hour back', -HOUR_MS],
    ['a leap second back', -SECOND_MS],
    ['an hour ahead', HOUR_MS],
    ['ten years ahead', 10 * YEAR_MS],
  ])(
    '%s, compares an expiry with what it says now, hears of every revocation, and forgets no key',
    async (_, jumpMs) => {
      const schema = server.newSchema()
      const start = Date.now()
      const { issue, reasonFor } = open(schema, cache)
      const other = open(schema, cache)
      const keys = {
        lasting: await issue(),
        short: await issue(start + HOUR_MS / 2),
        expired: await issue(start + SECOND_MS),
        revokedBefore: await issue(),
        revokedMeanwhile: await issue(),
        revokedAfter: await issue(),
      }
      vi.useFakeTimers({ toFake: ['Date'], now: start + 2 * SECOND_MS })
      await other.apiKeys.revoke(keys.revokedBefore.record.id)
      const seen = async () =>
        Object.fromEntries(
          await Promise.all(
            Object.entries(keys).map(async ([name, { key }]) => [name, await reasonFor(key)] as const),
          ),
        )
      const before = {
        lasting: 'ok',
        short: 'ok',
        expired: 'expired',
        revokedBefore: 'revoked',
        revokedMeanwhile: 'ok',
        revokedAfter: 'ok',
      }
      expect(await seen()).toEqual(before)

      vi.setSystemTime(start + 2 * SECOND_MS + jumpMs)
      await other.apiKeys.revoke(keys.revokedMeanwhile.record.id)
      const meanwhile = {
        ...before,
        revokedMeanwhile: 'revoked',
        ...(jumpMs > 0 && { short: 'expired' }),
        ...(jumpMs < -SECOND_MS && { expired: 'ok' }),
      }
      expect(await seen()).toEqual(meanwhile)

      vi.setSystemTime(start + 3 * SECOND_MS)
      await other.apiKeys.revoke(keys.revokedAfter.record.id)
      expect(await seen()).toEqual({ ...before, revokedMeanwhile: 'revoked', revokedAfter: 'revoked' })
    },
  )
})

describe('limits in Postgres', () => {
  let tables = 0

  function limitsOf(table: string, plan: object, now?: () => number) {
    const store = postgresLimitStore(server.pool(), { table })
    const plans = { standard: plan }
    return createLimits({ store, plans, planOf: () => 'standard', storeTimeoutMs: 20_000, now })
  }

  it.each([
    ['90 seconds', 90 * SECOND_MS],
    ['an hour', HOUR_MS],
  ])('allow every process its second, neither more nor less, when clocks are %s apart', async (_, skewMs) => {
    const table = `seconds_${++tables}`
    const clock = { now: noon }
    const processes = [0, skewMs].map((skew) => limitsOf(table, { perSecond: 2 }, () => clock.now + skew))
    for (let second = 0; second < 40; second++, clock.now += SECOND_MS) {
      for (const limits of processes) {
        const results = []
        for (let request = 0; request < 3; request++) results.push(await limits.consume(recordOf()))
        expect(results.map(({ ok }) => ok)).toEqual([true, true, false])
        expect(results[2]).toMatchObject({ retryAfterSeconds: 1 })
      }
    }
  })

  it.each([1, 5, 16])(
    'share each second of the calendar exactly when clocks are %s s apart',
    async (skew) => {
      const table = `shared_${++tables}`
      const clock = { now: noon }
      const processes = [0, skew * SECOND_MS].map((skewMs) => ({
        now: () => clock.now + skewMs,
        limits: limitsOf(table, { perSecond: 2 }, () => clock.now + skewMs),
      }))
      const allowed = new Map<number, number>()
      for (let second = 0; second < 40; second++, clock.now += SECOND_MS) {
        for (const { now, limits } of [...processes, ...processes]) {
          if ((await limits.consume(recordOf())).ok) allowed.set(now(), (allowed.get(now()) ?? 0) + 1)
        }
      }
      expect(new Set(allowed.values())).toEqual(new Set([2]))
      expect(allowed.size).toBe(40 + skew)
    },
  )

  it('share a quota exactly when clocks are 90 seconds apart, but for the turn of the month', async () => {
    const table = `months_${++tables}`
    const processes = [0, 90 * SECOND_MS].map((skew) => limitsOf(table, { perMonth: 10 }, () => noon + skew))
    const results = await Promise.all(
      processes.flatMap((limits) => Array.from({ length: 10 }, async () => limits.consume(recordOf()))),
    )
    expect(results.filter(({ ok }) => ok)).toHaveLength(10)
  })

  it('forget no quota of the others when the clock of one process jumps ten years ahead', async () => {
    const table = `jumps_${++tables}`
    const start = Date.now()
    const steady = limitsOf(table, { perMonth: 2 }, () => start)
    expect(await steady.consume(recordOf())).toMatchObject({ ok: true })
    expect(await steady.consume(recordOf())).toMatchObject({ ok: true })

    const jumping = limitsOf(table, { perSecond: 5, perMonth: 2 })
    expect(await jumping.consume(recordOf())).toMatchObject({ ok: false, reason: 'quota_exhausted' })
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: start })
    vi.advanceTimersByTime(10 * YEAR_MS)
    // By now it has deleted what it takes for old, more than once.
    for (let request = 0; request < 3; request++) {
      const result = await jumping.consume(recordOf())
      expect(result.ok ? 1 : result.retryAfterSeconds).toBeGreaterThanOrEqual(1)
      vi.advanceTimersByTime(HOUR_MS)
    }
    vi.useRealTimers()
    expect(await steady.consume(recordOf())).toMatchObject({ ok: false, reason: 'quota_exhausted' })
    expect(await steady.quota('42')).toMatchObject({ used: 2 })
  })

  it('are kept by a process whose clock is a year behind', async () => {
    const table = `behind_${++tables}`
    vi.useFakeTimers({ toFake: ['performance'] })
    const limits = limitsOf(table, { perSecond: 1_000, perMonth: 2 }, () => noon - YEAR_MS)
    const results = []
    for (let request = 0; request < 4; request++) {
      results.push((await limits.consume(recordOf())).ok)
      vi.advanceTimersByTime(HOUR_MS)
    }
    vi.useRealTimers()
    expect(results).toEqual([true, true, false, false])
    expect(await limits.quota('42')).toMatchObject({ used: 2 })
  })

  it('leave no rows behind for ever', async () => {
    const table = `old_${++tables}`
    const pool = server.pool()
    const past = { now: Date.now() - 60 * 24 * HOUR_MS }
    await limitsOf(table, { perSecond: 5, perDay: 5, perMonth: 5 }, () => past.now).consume(recordOf())
    vi.useFakeTimers({ toFake: ['performance'] })
    const limits = limitsOf(table, { perDay: 5 })
    vi.advanceTimersByTime(HOUR_MS)
    await limits.consume(recordOf())
    vi.useRealTimers()
    await expect
      .poll(async () => (await pool.query(`SELECT key FROM ${table}`)).rows)
      .toEqual([{ key: expect.stringMatching(/^day:/) }])
  })
})
