import { describe, expect, it } from 'vitest'
import { createAuthenticate } from '../src/http/fetch.js'
import { createApiKeys, type IssueChildOptions, type StoredKey } from '../src/index.js'
import { memoryLimitStore } from '../src/limits/memory.js'
import { createLimits, type Plan } from '../src/limits.js'
import { memoryStore } from '../src/stores/memory.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { fastHasher } from '../src/testing/index.js'
import { connect, newFile } from './support/files.js'
import { setUp, start } from './support/keys.js'

const DAY = 86_400_000

async function family(options: Parameters<typeof setUp>[0] = {}, child: Partial<IssueChildOptions> = {}) {
  const ground = setUp(options)
  const parent = await ground.issue({
    scopes: ['messages:*', 'files:read'],
    expiresAt: new Date(start + 10 * DAY),
    ownerId: 'anna',
  })
  const issueChild = (id: string, given: Partial<IssueChildOptions> = {}) =>
    ground.apiKeys.issueChild(id, { label: 'agent', scopes: ['messages:read'], ...given })
  const made = await issueChild(parent.record.id, child)
  const reasonFor = async (key: string | null, context = {}) => {
    const result = await ground.apiKeys.verify(key, context)
    return result.ok ? 'ok' : result.reason
  }
  return { ...ground, parent, child: made, issueChild, reasonFor }
}

describe('a key made from another', () => {
  it('belongs to the project, environment and owner of its parent, and says for whom it acts', async () => {
    const { apiKeys, parent, child } = await family({}, { actingFor: 'zoë', actor: 'portal' })
    const verification = await apiKeys.verify(child.key)
    expect(verification).toMatchObject({
      ok: true,
      record: {
        projectId: parent.record.projectId,
        environment: 'production',
        ownerId: 'anna',
        scopes: ['messages:read'],
        expiresAt: parent.record.expiresAt,
        delegation: { parentId: parent.record.id, actingFor: 'zoë', parent: { id: parent.record.id } },
      },
    })
    expect(parent.record).not.toHaveProperty('delegation')
    await apiKeys.revoke(child.record.id, { actor: 'anna' })
    expect(await apiKeys.history({ projectId: '42', keyId: child.record.id })).toMatchObject([
      { action: 'revoked', actor: 'anna', details: { actingFor: 'zoë' } },
      { action: 'issued', actor: 'portal', details: { actingFor: 'zoë', parentId: parent.record.id } },
    ])
    expect(await apiKeys.list({ parentId: parent.record.id })).toMatchObject([{ id: child.record.id }])
    expect((await apiKeys.verify(parent.key)).ok).toBe(true)
  })

  it('acts for whom its parent acts, unless it is told otherwise', async () => {
    const { apiKeys, child, issueChild } = await family({}, { actingFor: 'zoë' })
    const { record: same } = await issueChild(child.record.id)
    const { record: other } = await issueChild(child.record.id, { actingFor: 'max' })
    expect([same, other].map(({ delegation }) => delegation?.actingFor)).toEqual(['zoë', 'max'])
    expect(await apiKeys.history({ projectId: '42', keyId: same.id })).toMatchObject([
      { action: 'issued', details: { actingFor: 'zoë' } },
    ])
  })

  it.each<[string, Partial<IssueChildOptions>, string]>([
    ['scopes', { scopes: ['messages:read', 'files:write'] }, 'scopes: files:write is more than key'],
    ['scopes by a wildcard', { scopes: ['*'] }, 'scopes: * is more than key'],
    ['an expiry that is later', { expiresAt: new Date(start + 11 * DAY) }, 'expiresAt: must not be later'],
    ['no expiry', { expiresAt: null }, 'expiresAt: must not be later'],
    ['a budget of none', { budget: 0 }, 'budget: must be a whole number'],
    [
      'limits of a project',
      { limits: [{ limit: 1, per: '1m', by: 'project' } as never] },
      'limits[0].by: no such option',
    ],
    ['a period that is none', { limits: [{ limit: 1, per: 'moment' as never }] }, 'limits[0].per'],
  ])('cannot have more than its parent: %s', async (_what, given, message) => {
    const { parent, issueChild } = await family()
    await expect(issueChild(parent.record.id, given)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(message),
    })
  })

  it.each<[string, (ground: Awaited<ReturnType<typeof family>>) => unknown, string]>([
    ['revoked', ({ apiKeys, parent }) => apiKeys.revoke(parent.record.id), 'revoked'],
    ['rotated', ({ apiKeys, parent }) => apiKeys.rotate(parent.record.id), 'revoked'],
    ['disabled', ({ apiKeys, parent }) => apiKeys.disable(parent.record.id), 'disabled'],
    ['expired', ({ clock }) => clock.advance(10 * DAY), 'expired'],
    [
      'expired earlier than it was to',
      async ({ apiKeys, parent, clock }) => {
        await apiKeys.update(parent.record.id, { expiresAt: new Date(clock.now + 1) })
        clock.advance(1)
      },
      'expired',
    ],
  ])('ends on the next request after its parent is %s', async (_how, endParent, reason) => {
    const ground = await family()
    const { key } = await ground.issueChild(ground.child.record.id)
    expect([await ground.reasonFor(ground.child.key), await ground.reasonFor(key)]).toEqual(['ok', 'ok'])
    await endParent(ground)
    expect([await ground.reasonFor(ground.child.key), await ground.reasonFor(key)]).toEqual([reason, reason])
    await expect(ground.issueChild(ground.child.record.id)).rejects.toThrow()
  })

  it('works again when its parent is enabled again', async () => {
    const { apiKeys, parent, child, reasonFor } = await family()
    await apiKeys.disable(parent.record.id)
    expect(await reasonFor(child.key)).toBe('disabled')
    await apiKeys.enable(parent.record.id)
    expect(await reasonFor(child.key)).toBe('ok')
  })

  it('goes on in the grace period of its parent, and no longer', async () => {
    const { apiKeys, parent, child, reasonFor, clock } = await family()
    await apiKeys.rotate(parent.record.id, { gracePeriodMs: 1_000 })
    expect(await reasonFor(child.key)).toBe('ok')
    clock.advance(1_000)
    expect(await reasonFor(child.key)).toBe('expired')
  })

  it('never has more than its parent has by now', async () => {
    const { apiKeys, parent, child, reasonFor } = await family()
    expect(await reasonFor(child.key, { scopes: ['messages:read'] })).toBe('ok')
    await apiKeys.update(parent.record.id, { scopes: ['files:read'], allowedIps: ['10.0.0.0/8'] })
    expect(await reasonFor(child.key, { scopes: ['messages:read'], ip: '10.0.0.1' })).toBe('missing_scope')
    expect(await reasonFor(child.key, { ip: '10.0.0.1' })).toBe('ok')
    expect(await reasonFor(child.key, { ip: '192.0.2.1' })).toBe('ip_not_allowed')
    // Nor by a change of its own.
    await apiKeys.update(child.record.id, { scopes: ['*'], expiresAt: null })
    expect(await reasonFor(child.key, { scopes: ['messages:read'], ip: '10.0.0.1' })).toBe('missing_scope')
  })

  it('stays bound when it is rotated, and is made once for one idempotency key', async () => {
    const { apiKeys, parent, child, reasonFor, issueChild } = await family()
    const next = await apiKeys.rotate(child.record.id)
    const repeated = { idempotencyKey: 'once', budget: 5 }
    const first = await issueChild(parent.record.id, repeated)
    expect(await issueChild(parent.record.id, repeated)).toMatchObject({
      key: null,
      record: { id: first.record.id },
    })
    await expect(issueChild(parent.record.id, { ...repeated, budget: 6 })).rejects.toMatchObject({
      code: 'idempotency_conflict',
    })
    expect(await reasonFor(next.key)).toBe('ok')
    await apiKeys.revoke(parent.record.id)
    expect(await reasonFor(next.key)).toBe('revoked')
  })

  it('can have keys made from it, four times in a row', async () => {
    const { child, issueChild, reasonFor } = await family()
    let last = child
    for (let depth = 2; depth <= 4; depth++) last = (await issueChild(last.record.id)) as typeof child
    expect(await reasonFor(last.key)).toBe('ok')
    await expect(issueChild(last.record.id)).rejects.toThrow('4 times in a row')
  })

  it('costs a read for every key that it goes back to, and other keys none', async () => {
    const { apiKeys, parent, child, issueChild, storeCalls } = await family()
    const grandchild = await issueChild(child.record.id)
    const readsFor = async (key: string | null) => {
      await apiKeys.verify(key)
      const before = storeCalls.get('find') ?? 0
      await apiKeys.verify(key)
      return (storeCalls.get('find') ?? 0) - before
    }
    expect(await readsFor(parent.key)).toBe(1)
    expect(await readsFor(child.key)).toBe(2)
    expect(await readsFor(grandchild.key)).toBe(3)
  })

  it('ends in every process at once', async () => {
    const file = newFile()
    const hosts = [1, 2].map(() => createApiKeys({ store: sqliteStore(connect(file)), hasher: fastHasher() }))
    const [one, other] = hosts as [(typeof hosts)[number], (typeof hosts)[number]]
    const parent = await one.issue({ projectId: '1', environment: 'production', label: 'parent' })
    const child = await one.issueChild(parent.record.id, { label: 'agent' })
    for (const host of hosts) expect((await host.verify(child.key)).ok).toBe(true)
    await one.revoke(parent.record.id)
    expect(await other.verify(child.key)).toMatchObject({ ok: false, reason: 'revoked' })
  })

  it('is made by whoever is named, for a time that is to come, as long as a key of the project may live', async () => {
    const { parent, issueChild, clock } = await family({ lifetime: { maxMs: 10 * DAY } })
    expect((await issueChild(parent.record.id, { actor: 'anna' })).record.createdBy).toBe('anna')
    expect((await issueChild(parent.record.id)).record.createdBy).toBeNull()
    const past = issueChild(parent.record.id, { expiresAt: new Date(clock.now - 1) })
    await expect(past).rejects.toThrow('expiresAt: ')

    const store = memoryStore()
    const lasting = await setUp({ store }).issue()
    const { apiKeys } = setUp({ store, lifetime: { maxMs: 10 * DAY } })
    const tooLong = { label: 'agent', expiresAt: new Date(start + 11 * DAY) }
    await expect(apiKeys.issueChild(lasting.record.id, tooLong)).rejects.toMatchObject({
      code: 'invalid_argument',
    })
  })

  it('is refused where the project has as many keys as it may, and without argon2 once that is known', async () => {
    const { apiKeys, issue, hasherCalls } = setUp({ maxKeysPerProject: 1 })
    const { record } = await issue()
    const full = { code: 'key_limit_reached' }
    await expect(apiKeys.issueChild(record.id, { label: 'agent' })).rejects.toMatchObject(full)
    const hashed = hasherCalls.get('hash')
    await expect(apiKeys.issueChild(record.id, { label: 'agent' })).rejects.toMatchObject(full)
    expect(hasherCalls.get('hash')).toBe(hashed)
  })

  it.each<[string, (row: StoredKey, parentId: string) => StoredKey | undefined]>([
    ['is gone', () => undefined],
    [
      'seems to be made from the key in turn',
      (row, parentId) => ({ ...row, parentId, delegation: { actingFor: null, limits: [], budget: null } }),
    ],
  ])('is refused as revoked when its parent %s in the store', async (_what, seen) => {
    const store = memoryStore()
    let changed = { parent: '', child: '' }
    const find = (id: string) => {
      const row = store.find(id) as StoredKey | undefined
      return id === changed.parent && row !== undefined ? seen(row, changed.child) : row
    }
    const { apiKeys, parent, child, reasonFor } = await family({ store: { ...store, find } })
    expect(await reasonFor(child.key)).toBe('ok')
    changed = { parent: parent.record.id, child: child.record.id }
    expect(await apiKeys.verify(child.key)).toEqual({
      ok: false,
      reason: 'revoked',
      keyId: child.record.id,
    })
  })

  it('is not made by a store that forgets what binds it', async () => {
    const inner = memoryStore()
    const store = {
      ...inner,
      commit: (...[rows, ...more]: Parameters<typeof inner.commit>) =>
        inner.commit(
          rows.map(({ parentId: _parentId, delegation: _delegation, ...row }) => row),
          ...more,
        ),
    }
    await expect(family({ store })).rejects.toMatchObject({ code: 'store_corrupt' })
  })
})

describe('limits of a key made from another', () => {
  const limited = async (plan: Plan, given: Partial<IssueChildOptions>) => {
    const clock = { now: start }
    const limits = createLimits({
      store: memoryLimitStore(),
      plans: { vip: { perDay: 1_000 }, one: plan },
      planOf: ({ metadata }) => (metadata?.plan === 'vip' ? 'vip' : 'one'),
      now: () => clock.now,
    })
    const ground = await family({ limits }, given)
    const take = async (key: string | null, times: number, cost = 1) => {
      let passed = 0
      let reason: string | undefined
      for (let i = 0; i < times; i++) {
        const verification = await ground.apiKeys.verify(key)
        if (!verification.ok) return { passed, reason: verification.reason }
        const result = await limits.consume(verification.record, { cost })
        if (result.ok) passed++
        else reason = result.reason
      }
      return { passed, reason }
    }
    return { ...ground, limits, take }
  }

  it('count beside those of its parent, which count its requests as well', async () => {
    const { take, child, parent, issueChild } = await limited(
      { perDay: 10 },
      { limits: [{ limit: 4, per: '1m' }], metadata: { plan: 'vip' } },
    )
    expect(await take(child.key, 9)).toEqual({ passed: 4, reason: 'rate_exceeded' })
    const sibling = await issueChild(parent.record.id)
    expect(await take(sibling.key, 9)).toEqual({ passed: 6, reason: 'rate_exceeded' })
    expect(await take(parent.key, 1)).toEqual({ passed: 0, reason: 'rate_exceeded' })
  })

  it('are a budget that is used up, and can be given more', async () => {
    const { apiKeys, take, child, issueChild } = await limited({}, { budget: 10 })
    const grandchild = await issueChild(child.record.id, { budget: 8 })
    await expect(issueChild(child.record.id, { budget: 11 })).rejects.toThrow('budget: must not be more')
    expect(await take(child.key, 9, 3)).toEqual({ passed: 3, reason: 'credits_exhausted' })
    expect(await take(grandchild.key, 9)).toEqual({ passed: 1, reason: 'credits_exhausted' })
    expect(await apiKeys.topUp(child.record.id, 5, { actor: 'anna' })).toBe(5)
    expect(await take(grandchild.key, 9)).toEqual({ passed: 5, reason: 'credits_exhausted' })
    const [latest] = await apiKeys.history({ projectId: '42', keyId: child.record.id })
    expect(latest).toMatchObject({
      action: 'updated',
      actor: 'anna',
      details: { fields: ['credits'], amount: 5 },
    })
  })

  it('are told of with those of its parent, and given more without giving its parent any', async () => {
    const { apiKeys, limits, take, child, issueChild } = await limited(
      { perDay: 10, credits: { amount: 50 } },
      { budget: 10 },
    )
    const grandchild = await issueChild(child.record.id, { budget: 8 })
    const statusOf = async (key: string | null) => {
      const verification = await apiKeys.verify(key)
      if (!verification.ok) throw new Error(verification.reason)
      const statuses = await limits.status(verification.record)
      return Object.fromEntries(statuses.map(({ name, remaining }) => [name, remaining]))
    }
    expect(await take(grandchild.key, 3)).toEqual({ passed: 3, reason: undefined })
    const before = { 'key-credits': 5, 'parent-credits': 7, day: 7, credits: 47 }
    expect(await statusOf(grandchild.key)).toEqual(before)
    expect(await apiKeys.topUp(grandchild.record.id, 100)).toBe(105)
    expect(await statusOf(grandchild.key)).toEqual({ ...before, 'key-credits': 105 })
  })

  it('are given to the key itself, and to nobody that it was made from', async () => {
    const { apiKeys, limits, child, parent, issueChild } = await limited(
      { credits: { amount: 50 } },
      { budget: 10 },
    )
    const grandchild = await issueChild(child.record.id)
    const ofPlan = await issueChild(parent.record.id)
    const refusalOf = (id: string) => apiKeys.topUp(id, 5).catch((error: unknown) => error)
    const withoutBudget = (id: string, holder: string) => ({
      code: 'invalid_argument',
      message: `budget: key ${id} has none of its own, and uses up what key ${holder} has; give that key more`,
    })
    expect(await refusalOf(grandchild.record.id)).toMatchObject(
      withoutBudget(grandchild.record.id, child.record.id),
    )
    expect(await refusalOf(ofPlan.record.id)).toMatchObject(withoutBudget(ofPlan.record.id, parent.record.id))
    const verification = await apiKeys.verify(grandchild.key)
    if (!verification.ok) throw new Error(verification.reason)
    const left = async () => (await limits.status(verification.record)).map(({ remaining }) => remaining)
    expect(await left()).toEqual([10, 50])
    expect(await apiKeys.topUp(parent.record.id, 5)).toBe(55)
    expect(await left()).toEqual([10, 55])
    expect(await apiKeys.topUp(child.record.id, 5)).toBe(15)
    expect(await left()).toEqual([15, 55])
  })

  it('let nothing pass a guard that does not count', async () => {
    const { apiKeys, limits, child, parent } = await limited({}, { budget: 2 })
    const request = (key: string | null) =>
      new Request('http://localhost/', { headers: { 'X-API-Key': String(key) } })
    const uncounting = createAuthenticate(apiKeys)
    expect(await uncounting(request(child.key))).toMatchObject({ ok: false, response: { status: 503 } })
    expect(await uncounting(request(parent.key))).toMatchObject({ ok: true })
    // A request that an earlier guard has counted passes.
    const one = request(child.key)
    expect(await createAuthenticate(apiKeys, { limits })(one)).toMatchObject({
      ok: true,
      headers: { RateLimit: '"key-credits";r=1' },
    })
    expect(await uncounting(one)).toMatchObject({ ok: true })
  })

  it('are not counted for a record that does not have its parent', async () => {
    const { apiKeys, limits, child } = await limited({}, { budget: 2 })
    const record = await apiKeys.find(child.record.id)
    if (record === undefined) throw new Error('it is there')
    expect(await limits.consume(record)).toMatchObject({ ok: false, reason: 'limits_unavailable' })
  })
})
