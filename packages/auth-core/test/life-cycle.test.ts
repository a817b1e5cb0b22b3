import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ApiKeyStore, ApiKeysError, createApiKeys, createKeyFormat } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { keysOf } from '../src/testing/rows.js'
import { setUp, start } from './support/keys.js'
import { trials } from './support/shared-database.js'

const code = (expected: string) => expect.objectContaining({ name: 'ApiKeysError', code: expected })
const day = 86_400_000

describe('issuing', () => {
  it('gives many keys to one project, listed the newest first', async () => {
    const { apiKeys, issue, clock } = setUp()
    const ids: string[] = []
    for (const label of ['backend-prod', 'worker-bills', 'slack-bot']) {
      ids.unshift((await issue({ label, environment: 'sandbox' })).record.id)
      clock.advance(1)
    }
    await issue({ projectId: 'another' })
    expect((await apiKeys.list({ projectId: '42' })).map(({ id }) => id)).toEqual(ids)
  })

  it.each<[string, object]>([
    ['label', { label: '' }],
    ['label', { label: '  ' }],
    ['label', { label: 'x'.repeat(256) }],
    ['label', { label: 'line\nfeed' }],
    ['label', { label: 7 }],
    ['label', { label: '\ud800' }],
    ['projectId', { projectId: 'a\0' }],
    ['projectId', { projectId: '\udfff' }],
    ['projectId', { projectId: '' }],
    ['projectId', { projectId: 42 }],
    ['environment', { environment: 'staging' }],
    ['environment', { environment: 'constructor' }],
    ['scopes', { scopes: ['has space'] }],
    ['scopes', { scopes: 'read' }],
    ['scopes', { scopes: Array(101).fill('s') }],
    ['allowedIps', { allowedIps: ['10.1/16'] }],
    ['allowedIps', { allowedIps: '10.0.0.0/8' }],
    ['allowedIps', { allowedIps: [7] }],
    ['expiresAt', { expiresAt: new Date(0) }],
    ['expiresAt', { expiresAt: new Date('never') }],
    ['expiresAt', { expiresAt: '2030-01-01' }],
    ['metadata', { metadata: [] }],
    ['metadata', { metadata: null }],
    ['metadata', { metadata: { text: 'x'.repeat(16_384) } }],
    ['key', { key: 'gsk_live_notwellformed' }],
    ['key', { key: createKeyFormat().generate('sandbox').key }],
  ])('refuses a bad %s before anything is stored: %j', async (field, attributes) => {
    const { apiKeys, issue } = setUp()
    const error = await issue(attributes).catch((caught) => caught)
    expect(error).toEqual(code('invalid_argument'))
    expect(error.message).toContain(`${field}:`)
    expect(await apiKeys.list({ projectId: '42' })).toEqual([])
  })

  it('adopts a fixed key of the same format once', async () => {
    const { issue, reasonFor } = setUp()
    const { key } = createKeyFormat().generate('production')
    expect((await issue({ key })).key).toBe(key)
    expect(await reasonFor(key)).toBe('ok')
    await expect(issue({ key })).rejects.toEqual(code('conflict'))
  })

  it('keeps copies: what the caller changes later changes nothing', async () => {
    const { apiKeys, issue } = setUp()
    const attributes = { scopes: ['read'], allowedIps: ['10.0.0.1'], metadata: { list: [1] } }
    const { record } = await issue(attributes)
    attributes.scopes.push('admin')
    attributes.allowedIps.push('0.0.0.0/0')
    attributes.metadata.list.push(2)
    expect(await apiKeys.find(record.id)).toMatchObject({
      scopes: ['read'],
      allowedIps: ['10.0.0.1'],
      metadata: { list: [1] },
    })
  })
})

describe('rotating', () => {
  it('ends the old key before it resolves and carries its attributes over', async () => {
    const { apiKeys, issue, reasonFor } = setUp()
    const attributes = {
      label: 'worker-bills',
      scopes: ['read'],
      allowedIps: ['::1'],
      metadata: { a: 1 },
      expiresAt: new Date('2030-01-01'),
    }
    const old = await issue(attributes)
    const next = await apiKeys.rotate(old.record.id)
    expect(await reasonFor(old.key, { ip: '::1' })).toBe('revoked')
    expect(await reasonFor(next.key, { ip: '::1' })).toBe('ok')
    expect(next.record).toMatchObject({
      ...attributes,
      projectId: '42',
      environment: 'production',
      rotatedFrom: old.record.id,
    })
    expect(await apiKeys.find(old.record.id)).toMatchObject({
      replacedBy: next.record.id,
      revokedAt: expect.any(Date),
    })
  })

  it('with a grace period lets the old key work until that very millisecond', async () => {
    const { apiKeys, issue, reasonFor, clock } = setUp()
    const old = await issue()
    const next = await apiKeys.rotate(old.record.id, { gracePeriodMs: day })
    clock.advance(day - 1)
    expect([await reasonFor(old.key), await reasonFor(next.key)]).toEqual(['ok', 'ok'])
    clock.advance(1)
    expect([await reasonFor(old.key), await reasonFor(next.key)]).toEqual(['expired', 'ok'])
  })

  it('never prolongs a key by its grace period', async () => {
    const { apiKeys, issue, reasonFor, clock } = setUp()
    const old = await issue({ expiresAt: new Date(clock.now + 1_000) })
    const next = await apiKeys.rotate(old.record.id, { gracePeriodMs: day, expiresAt: null })
    clock.advance(1_000)
    expect([await reasonFor(old.key), await reasonFor(next.key)]).toEqual(['expired', 'ok'])
  })

  it('again ends what was still in its grace period: two keys work at the most', async () => {
    const { apiKeys, issue, reasonFor } = setUp()
    const first = await issue()
    const second = await apiKeys.rotate(first.record.id, { gracePeriodMs: day })
    const third = await apiKeys.rotate(second.record.id, { gracePeriodMs: day })
    expect(await Promise.all([first, second, third].map(({ key }) => reasonFor(key)))).toEqual([
      'revoked',
      'ok',
      'ok',
    ])
    await apiKeys.rotate(third.record.id)
    expect(await reasonFor(second.key)).toBe('revoked')
  })

  it('is refused for a key that is replaced, revoked or unknown', async () => {
    const { apiKeys, issue, clock } = setUp()
    const [replaced, revoked] = [await issue(), await issue()]
    await apiKeys.rotate(replaced.record.id, { gracePeriodMs: day })
    await apiKeys.revoke(revoked.record.id)
    clock.advance(1)
    for (const { record } of [replaced, revoked])
      await expect(apiKeys.rotate(record.id)).rejects.toEqual(code('conflict'))
    for (const id of ['000000000000', '', 'x\0', '__proto__', 7 as never])
      await expect(apiKeys.rotate(id)).rejects.toEqual(code('not_found'))
  })

  it('renews an expired key when it is told until when, and leaves the old one expired', async () => {
    const { apiKeys, issue, clock, reasonFor } = setUp()
    const old = await issue({ expiresAt: new Date(clock.now + 1), scopes: ['read'] })
    clock.advance(1)
    await expect(apiKeys.rotate(old.record.id, { gracePeriodMs: day })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: 'expiresAt: the key has expired; say when the new one is to expire, or null for never',
    })
    const next = await apiKeys.rotate(old.record.id, {
      gracePeriodMs: day,
      expiresAt: new Date(clock.now + day),
    })
    expect(next.record).toMatchObject({ scopes: ['read'], rotatedFrom: old.record.id })
    expect([await reasonFor(old.key), await reasonFor(next.key)]).toEqual(['expired', 'ok'])
  })

  it('ends a predecessor whose grace period seems to be over, in case it is the clock that is wrong', async () => {
    const { apiKeys, issue, clock, reasonFor } = setUp()
    const old = await issue()
    const next = await apiKeys.rotate(old.record.id, { gracePeriodMs: day })
    clock.advance(2 * day)
    await apiKeys.revoke(next.record.id)
    clock.advance(-2 * day)
    expect([await reasonFor(old.key), await reasonFor(next.key)]).toEqual(['revoked', 'revoked'])
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 367 * day, '1' as never])(
    'refuses a grace period of %s',
    async (gracePeriodMs) => {
      const { apiKeys, issue } = setUp()
      await expect(apiKeys.rotate((await issue()).record.id, { gracePeriodMs })).rejects.toEqual(
        code('invalid_argument'),
      )
    },
  )

  it('is refused before argon2 runs for a revoked key, and for an expiry that is over or later than keys live', async () => {
    const { apiKeys, issue, clock, hasherCalls } = setUp({ lifetime: { maxMs: 30 * day } })
    const { record } = await issue()
    const hashed = hasherCalls.get('hash')
    for (const expiresAt of [new Date(clock.now - 1), new Date(clock.now + 31 * day)]) {
      await expect(apiKeys.rotate(record.id, { expiresAt })).rejects.toEqual(code('invalid_argument'))
      await expect(issue({ expiresAt })).rejects.toEqual(code('invalid_argument'))
    }
    await apiKeys.revoke(record.id)
    await expect(apiKeys.rotate(record.id)).rejects.toEqual(code('conflict'))
    expect(hasherCalls.get('hash')).toBe(hashed)
  })

  it('is due after 90 days, for active keys only', async () => {
    const { apiKeys, issue, clock } = setUp()
    const { record } = await issue()
    clock.advance(90 * day - 1)
    expect(await apiKeys.find(record.id)).toMatchObject({ rotationDue: false })
    clock.advance(1)
    expect(await apiKeys.find(record.id)).toMatchObject({ rotationDue: true })
    await apiKeys.revoke(record.id)
    expect(await apiKeys.find(record.id)).toMatchObject({ rotationDue: false })
  })
})

describe('revoking', () => {
  it('is for good, and repeating it changes nothing', async () => {
    const { apiKeys, issue, reasonFor, clock } = setUp()
    const { key, record } = await issue()
    const revoked = await apiKeys.revoke(record.id)
    clock.advance(day)
    expect(await apiKeys.revoke(record.id)).toEqual(revoked)
    expect(await reasonFor(key)).toBe('revoked')
    await expect(apiKeys.update(record.id, { expiresAt: null })).rejects.toEqual(code('conflict'))
    for (const change of [apiKeys.disable, apiKeys.enable])
      await expect(change(record.id)).rejects.toEqual(code('conflict'))
    await expect(apiKeys.revoke('000000000000')).rejects.toEqual(code('not_found'))
  })

  it('takes along the predecessor in its grace period', async () => {
    const { apiKeys, issue, reasonFor } = setUp()
    const old = await issue()
    const next = await apiKeys.rotate(old.record.id, { gracePeriodMs: day })
    await apiKeys.revoke(next.record.id)
    expect([await reasonFor(old.key), await reasonFor(next.key)]).toEqual(['revoked', 'revoked'])
  })

  it('takes along the successor when a rotation gets in between, of which it could not know', async () => {
    const store = memoryStore()
    const rotating = setUp({ store })
    const { key, record } = await rotating.issue()
    let rotation: Awaited<ReturnType<typeof rotating.apiKeys.rotate>> | undefined
    const commit: ApiKeyStore['commit'] = async (rows, events) => {
      rotation ??= await rotating.apiKeys.rotate(record.id, { gracePeriodMs: day })
      return store.commit(rows, events)
    }
    await setUp({ store: { ...store, commit } }).apiKeys.revoke(record.id)
    expect(await rotating.reasonFor(key)).toBe('revoked')
    expect(await rotating.reasonFor(rotation?.key)).toBe('revoked')
  })

  it('of the predecessor ends its grace period and nothing else', async () => {
    const { apiKeys, issue, reasonFor } = setUp()
    const old = await issue()
    const next = await apiKeys.rotate(old.record.id, { gracePeriodMs: day })
    await apiKeys.revoke(old.record.id)
    expect([await reasonFor(old.key), await reasonFor(next.key)]).toEqual(['revoked', 'ok'])
  })
})

describe('disabling', () => {
  it('refuses a key from the next request on, until it is enabled', async () => {
    const { apiKeys, issue, reasonFor, clock } = setUp()
    const { key, record } = await issue({ scopes: ['read'] })
    expect(await reasonFor(key)).toBe('ok')
    clock.advance(5)
    const disabled = await apiKeys.disable(record.id, { actor: 'ana' })
    expect(disabled).toMatchObject({ disabledAt: new Date(clock.now), revokedAt: null, version: 2 })
    expect(await reasonFor(key)).toBe('disabled')
    expect((await apiKeys.list({ projectId: '42', status: 'disabled' })).map(({ id }) => id)).toEqual([
      record.id,
    ])
    clock.advance(5)
    expect(await apiKeys.disable(record.id)).toMatchObject({ disabledAt: disabled.disabledAt, version: 2 })
    expect(await apiKeys.enable(record.id, { actor: 'ben' })).toEqual({
      ...record,
      lastUsedAt: expect.any(Date),
      version: 3,
    })
    expect(await reasonFor(key)).toBe('ok')
    expect(await apiKeys.enable(record.id)).toMatchObject({ version: 3 })
    expect((await apiKeys.history({ projectId: '42' })).map(({ action, actor }) => [action, actor])).toEqual([
      ['enabled', 'ben'],
      ['disabled', 'ana'],
      ['issued', null],
    ])
  })

  it('takes the predecessor in its grace period along, and enabling brings both back', async () => {
    const { apiKeys, issue, reasonFor } = setUp()
    const old = await issue()
    const next = await apiKeys.rotate(old.record.id, { gracePeriodMs: day })
    const both = async () => [await reasonFor(old.key), await reasonFor(next.key)]
    await apiKeys.disable(next.record.id)
    expect(await both()).toEqual(['disabled', 'disabled'])
    await expect(apiKeys.enable(old.record.id)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(next.record.id),
    })
    await apiKeys.enable(next.record.id)
    expect(await both()).toEqual(['ok', 'ok'])
    await apiKeys.disable(old.record.id)
    expect(await both()).toEqual(['disabled', 'ok'])
    await apiKeys.enable(old.record.id)
    expect(await both()).toEqual(['ok', 'ok'])
  })

  it.each([
    [day, 'disabled'],
    [0, 'revoked'],
  ])(
    'takes along the successor of a rotation that gets in between, with a grace period of %i',
    async (gracePeriodMs, old) => {
      const store = memoryStore()
      const rotating = setUp({ store })
      const { key, record } = await rotating.issue()
      let rotation: Awaited<ReturnType<typeof rotating.apiKeys.rotate>> | undefined
      const commit: ApiKeyStore['commit'] = async (rows, events) => {
        rotation ??= await rotating.apiKeys.rotate(record.id, { gracePeriodMs })
        return store.commit(rows, events)
      }
      await setUp({ store: { ...store, commit } }).apiKeys.disable(record.id)
      expect([await rotating.reasonFor(key), await rotating.reasonFor(rotation?.key)]).toEqual([
        old,
        'disabled',
      ])
    },
  )

  it('leaves a key that is changed, and neither rotated nor given a second grace period', async () => {
    const { apiKeys, issue, reasonFor, clock } = setUp()
    const { key, record } = await issue({ expiresAt: new Date(clock.now + 1) })
    await apiKeys.disable(record.id)
    await expect(apiKeys.rotate(record.id)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('enable it'),
    })
    clock.advance(1)
    expect(await reasonFor(key)).toBe('disabled')
    await apiKeys.enable(record.id)
    expect(await reasonFor(key)).toBe('expired')
    await apiKeys.disable(record.id)
    expect(await apiKeys.update(record.id, { label: 'off', expiresAt: null })).toMatchObject({ label: 'off' })
    await apiKeys.enable(record.id)
    expect(await reasonFor(key)).toBe('ok')
    await apiKeys.rotate(record.id, { gracePeriodMs: 10 })
    await apiKeys.disable(record.id)
    clock.advance(10)
    await expect(apiKeys.update(record.id, { expiresAt: new Date(clock.now + 10) })).rejects.toEqual(
      code('conflict'),
    )
  })

  it('makes room for another key of the project, which enabling needs again', async () => {
    const { apiKeys, issue, reasonFor } = setUp({ maxKeysPerProject: 1 })
    const old = await issue()
    const { key, record } = await apiKeys.rotate(old.record.id, { gracePeriodMs: day })
    await apiKeys.disable(record.id)
    const other = await issue()
    await expect(apiKeys.enable(record.id)).rejects.toEqual(code('key_limit_reached'))
    await apiKeys.revoke(other.record.id)
    await apiKeys.enable(record.id)
    expect([await reasonFor(key), await reasonFor(old.key)]).toEqual(['ok', 'ok'])
  })

  it('can be told of a key to import, which then waits to be enabled', async () => {
    const { apiKeys } = setUp({ importedKeys: /sk_\w+/ })
    const entry = { projectId: '42', environment: 'production', label: 'old' } as const
    const key = 'sk_one'
    const sha256 = createHash('sha256').update(key).digest('hex')
    await apiKeys.import([{ ...entry, sha256, disabledAt: new Date(start), createdBy: 'ana', ownerId: 'o1' }])
    expect(await apiKeys.verify(key)).toMatchObject({ ok: false, reason: 'disabled' })
    const [record] = await apiKeys.list({ ownerId: 'o1' })
    expect(record).toMatchObject({ createdBy: 'ana', ownerId: 'o1', disabledAt: new Date(start) })
    await apiKeys.enable(record?.id ?? '')
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
    await expect(apiKeys.import([{ ...entry, sha256, disabled: true } as never])).rejects.toThrow(/disabled/)
  })
})

describe('a version', () => {
  it('that was named and has passed refuses every change, and changes nothing', async () => {
    const { apiKeys, issue, reasonFor } = setUp()
    const { key, record } = await issue({ metadata: { base: 1 } })
    const [ours, theirs] = [await apiKeys.find(record.id), await apiKeys.find(record.id)]
    await apiKeys.update(record.id, { metadata: { base: 1, ours: 1 } }, { ifVersion: ours?.version })
    const stale = { ifVersion: theirs?.version }
    for (const change of [
      () => apiKeys.update(record.id, { metadata: { base: 1, theirs: 1 } }, stale),
      () => apiKeys.rotate(record.id, stale),
      () => apiKeys.revoke(record.id, stale),
      () => apiKeys.disable(record.id, stale),
      () => apiKeys.enable(record.id, stale),
    ]) {
      await expect(change()).rejects.toEqual(code('version_mismatch'))
    }
    expect(await apiKeys.find(record.id)).toMatchObject({ metadata: { base: 1, ours: 1 }, version: 2 })
    expect(await reasonFor(key)).toBe('ok')
    await apiKeys.rotate(record.id, { ifVersion: 2, idempotencyKey: 'r' })
    expect(await apiKeys.rotate(record.id, { ifVersion: 2, idempotencyKey: 'r' })).toMatchObject({
      key: null,
    })
    for (const ifVersion of [0, -1, 1.5, '1' as never])
      await expect(apiKeys.revoke(record.id, { ifVersion })).rejects.toEqual(code('invalid_argument'))
  })

  it('is decided between two that race: one wins and the other is told', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    const settled = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => apiKeys.update(record.id, { metadata: { n } }, { ifVersion: 1 })),
    )
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of settled)
      if (result.status === 'rejected') expect(result.reason).toEqual(code('version_mismatch'))
  })
})

describe('erasing', () => {
  it('takes a key away with those that it replaced, for good, and can be repeated', async () => {
    const { apiKeys, issue, reasonFor } = setUp()
    const old = await issue({ actor: 'erika' })
    const { key, record } = await apiKeys.rotate(old.record.id, { gracePeriodMs: day })
    const other = await issue()
    expect([await reasonFor(old.key), await reasonFor(key)]).toEqual(['ok', 'ok'])
    await apiKeys.find(record.id)
    expect(await apiKeys.erase({ keyId: record.id })).toEqual({ keys: 2, events: 3, uses: 2 })
    expect([await reasonFor(old.key), await reasonFor(key), await reasonFor(other.key)]).toEqual([
      'unknown',
      'unknown',
      'ok',
    ])
    expect(await apiKeys.list({ projectId: '42' })).toHaveLength(1)
    expect(await apiKeys.history({ projectId: '42' })).toHaveLength(1)
    expect(await apiKeys.erase({ keyId: record.id })).toEqual({ keys: 0, events: 0, uses: 0 })
    for (const change of [apiKeys.revoke, apiKeys.disable, apiKeys.enable, apiKeys.rotate])
      await expect(change(record.id)).rejects.toEqual(code('not_found'))
    await expect(issue({ key })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('erased'),
    })
  })

  it('takes all keys of a project, an owner or a maker away, and ends what they replaced', async () => {
    const { apiKeys, issue, reasonFor } = setUp()
    for (let n = 0; n < 120; n++) await issue({ projectId: 'big', ownerId: `owner ${n % 2}` })
    expect(await apiKeys.erase({ ownerId: 'owner 1' })).toEqual({ keys: 60, events: 60, uses: 0 })
    expect(await apiKeys.erase({ projectId: 'big' })).toEqual({ keys: 60, events: 60, uses: 0 })
    const theirs = await issue({ actor: 'ana' })
    const hers = await apiKeys.rotate(theirs.record.id, { gracePeriodMs: day, actor: 'erika' })
    expect(await apiKeys.erase({ createdBy: 'erika' })).toEqual({ keys: 1, events: 1, uses: 0 })
    expect([await reasonFor(theirs.key), await reasonFor(hers.key)]).toEqual(['revoked', 'unknown'])
    expect(await apiKeys.list({})).toHaveLength(1)
  })

  it('takes along the key of a rotation that gets in between, of which it could not know', async () => {
    const store = memoryStore()
    const rotating = setUp({ store })
    const { record } = await rotating.issue()
    let rotation: Awaited<ReturnType<typeof rotating.apiKeys.rotate>> | undefined
    const commit: ApiKeyStore['commit'] = async (rows, events) => {
      rotation ??= await rotating.apiKeys.rotate(record.id)
      return store.commit(rows, events)
    }
    const erasing = setUp({ store: { ...store, commit } }).apiKeys
    expect(await erasing.erase({ keyId: record.id })).toMatchObject({ keys: 2 })
    expect(await rotating.reasonFor(rotation?.key)).toBe('unknown')
  })

  it('refuses a selection that says too little or too much', async () => {
    const { apiKeys, issue } = setUp()
    await issue({ actor: 'ana' })
    for (const selection of [
      {},
      { projectId: undefined },
      { projectId: '42', createdBy: undefined },
      { projectId: '42', createdBy: 'ana' },
      { project: '42' },
      { createdBy: '' },
      undefined,
    ]) {
      await expect(apiKeys.erase(selection as never), JSON.stringify(selection)).rejects.toEqual(
        code('invalid_argument'),
      )
    }
    await expect(apiKeys.erase({ keyId: 'x' })).rejects.toEqual(code('not_found'))
    expect(await apiKeys.list({ projectId: '42' })).toHaveLength(1)
  })

  it('leaves no key to an import or to a repeated call with an idempotency key', async () => {
    const { apiKeys, issue } = setUp({ importedKeys: /sk_\w+/ })
    const entryOf = (key: string) => {
      const sha256 = createHash('sha256').update(key).digest('hex')
      return { projectId: '42', environment: 'production', label: 'old', sha256 } as const
    }
    await apiKeys.import([entryOf('sk_one')])
    const [record] = await apiKeys.list({ projectId: '42' })
    await apiKeys.erase({ keyId: record?.id ?? '' })
    expect(await apiKeys.import([entryOf('sk_one'), entryOf('sk_two')])).toEqual({
      imported: 1,
      known: 0,
      erased: 1,
    })
    expect(await apiKeys.verify('sk_one')).toMatchObject({ reason: 'unknown' })
    const request = { projectId: '42', environment: 'production', label: 'a', idempotencyKey: 'r' } as const
    const made = await apiKeys.issue(request)
    await apiKeys.erase({ keyId: made.record.id })
    await expect(apiKeys.issue(request)).rejects.toEqual(code('conflict'))
    const full = setUp({ maxKeysPerProject: 1 })
    const { key, record: only } = await full.issue()
    await full.apiKeys.erase({ keyId: only.id })
    await full.issue()
    await expect(full.issue({ key })).rejects.toEqual(code('key_limit_reached'))
    await expect(issue({ key: made.key ?? '' })).rejects.toEqual(code('conflict'))
  })
})

describe('what is kept for a limited time', () => {
  it('is deleted by a sweep, in whichever process it runs', async () => {
    const store = memoryStore()
    const retention = { historyMs: 30 * day, usesMs: 7 * day }
    const { apiKeys, issue, reasonFor, clock } = setUp({ store, retention })
    const { key } = await issue()
    await reasonFor(key)
    await apiKeys.close()
    expect(await apiKeys.sweep()).toEqual({ events: 0, uses: 0 })
    clock.advance(8 * day)
    const other = setUp({ store, retention, now: () => clock.now })
    expect(await Promise.all([apiKeys.sweep(), other.apiKeys.sweep()])).toContainEqual({ events: 0, uses: 1 })
    clock.advance(22 * day + 1)
    expect(await apiKeys.sweep()).toEqual({ events: 1, uses: 0 })
    expect(await setUp({ store }).apiKeys.sweep()).toEqual({ events: 0, uses: 0 })
    const forEver = { historyMs: 2 ** 53 - 1, usesMs: 2 ** 53 - 1 }
    expect(await setUp({ store, retention: forEver }).apiKeys.sweep()).toEqual({ events: 0, uses: 0 })
    for (const wrong of [{ history: day }, { historyMs: 1 }, { usesMs: '7d' }])
      expect(() => setUp({ retention: wrong as never })).toThrow(TypeError)
  })
})

describe('a lifetime', () => {
  it('gives new keys an expiry, and none later than the longest', async () => {
    const lifetime = { defaultMs: 30 * day, maxMs: 90 * day }
    const { apiKeys, issue, clock } = setUp({ lifetime })
    const { record } = await issue()
    expect(record.expiresAt).toEqual(new Date(start + 30 * day))
    for (const expiresAt of [null, new Date(start + 90 * day + 1)]) {
      await expect(issue({ expiresAt })).rejects.toEqual(code('invalid_argument'))
      await expect(apiKeys.update(record.id, { expiresAt })).rejects.toEqual(code('invalid_argument'))
      await expect(apiKeys.rotate(record.id, { expiresAt })).rejects.toEqual(code('invalid_argument'))
    }
    expect((await issue({ expiresAt: new Date(start + 90 * day) })).record.expiresAt).not.toBeNull()
    clock.advance(day)
    const late = { expiresAt: new Date(start + 90 * day + 1) }
    await expect(apiKeys.update(record.id, late)).rejects.toEqual(code('invalid_argument'))
    expect((await apiKeys.rotate(record.id, late)).record).toMatchObject(late)
    expect((await setUp({ lifetime: { maxMs: day } }).issue()).record.expiresAt).toEqual(
      new Date(start + day),
    )
    expect(() => setUp({ lifetime: { defaultMs: 2, maxMs: 1 } })).toThrow(/defaultMs/)
    const tooLong = [{ maxMs: 2 ** 53 - 1 }, { defaultMs: 2 ** 53 - 1 }]
    for (const wrong of [{ max: day }, { idleMs: 1_000 }, { maxMs: 0 }, ...tooLong])
      expect(() => setUp({ lifetime: wrong as never })).toThrow(TypeError)
  })

  it('binds a rotated key that was made before there was one, and no repeated call', async () => {
    const store = memoryStore()
    const before = setUp({ store })
    const { record } = await before.issue()
    const { apiKeys, clock } = setUp({ store, lifetime: { defaultMs: day, maxMs: 2 * day } })
    expect((await apiKeys.rotate(record.id)).record.expiresAt).toEqual(new Date(start + day))
    const request = { projectId: '42', environment: 'production', label: 'a', idempotencyKey: 'r' } as const
    const made = await apiKeys.issue(request)
    clock.advance(1_000)
    expect(await apiKeys.issue(request)).toEqual({ key: null, record: made.record })
  })

  it('refuses keys that nobody has used for too long, and no others', async () => {
    const { apiKeys, issue, reasonFor, clock } = setUp({ lifetime: { idleMs: 30 * day } })
    const [used, unused] = [await issue(), await issue()]
    clock.advance(30 * day - 1)
    expect(await reasonFor(used.key)).toBe('ok')
    await apiKeys.close()
    clock.advance(1)
    expect([await reasonFor(used.key), await reasonFor(unused.key)]).toEqual(['ok', 'idle'])
    const next = await apiKeys.rotate(unused.record.id)
    expect(await reasonFor(next.key)).toBe('ok')
  })
})

describe('the person behind a key', () => {
  it('is its maker for good, and an owner that can change', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue({ actor: 'ana', ownerId: 'team-1' })
    expect(record).toMatchObject({ createdBy: 'ana', ownerId: 'team-1' })
    expect((await issue({ actor: 'admin', createdBy: 'ben' })).record).toMatchObject({
      createdBy: 'ben',
      ownerId: null,
    })
    expect((await issue()).record).toMatchObject({ createdBy: null })
    expect(await apiKeys.update(record.id, { ownerId: 'team-2' })).toMatchObject({ ownerId: 'team-2' })
    await expect(apiKeys.update(record.id, { createdBy: 'eve' } as never)).rejects.toThrow(/createdBy/)
    const inherited = await apiKeys.rotate(record.id)
    expect(inherited.record).toMatchObject({ createdBy: 'ana', ownerId: 'team-2' })
    const next = await apiKeys.rotate(inherited.record.id, { actor: 'ben' })
    expect(next.record).toMatchObject({ createdBy: 'ben', ownerId: 'team-2' })
    expect(await apiKeys.list({ createdBy: 'ben' })).toHaveLength(2)
    for (const whose of ['createdBy', 'ownerId', 'projectId'] as const)
      await expect(apiKeys.list({ [whose]: undefined })).rejects.toEqual(code('invalid_argument'))
    for (const ownerId of ['', ' ', 'a\0', 'x'.repeat(256), 7 as never])
      await expect(issue({ ownerId })).rejects.toEqual(code('invalid_argument'))
  })
})

describe('updating', () => {
  it('changes only what is named', async () => {
    const { apiKeys, issue, reasonFor } = setUp()
    const { key, record } = await issue({ scopes: ['read'], expiresAt: new Date('2030-01-01') })
    expect(await apiKeys.update(record.id, { label: 'renamed', allowedIps: [] })).toEqual({
      ...record,
      label: 'renamed',
      allowedIps: [],
      version: 2,
    })
    expect(await reasonFor(key, { ip: '127.0.0.1' })).toBe('ip_not_allowed')
    expect(await apiKeys.update(record.id, { allowedIps: null, expiresAt: null })).toMatchObject({
      allowedIps: null,
      expiresAt: null,
      scopes: ['read'],
    })
  })

  it('makes an expired key work again by a later expiry, and by nothing else', async () => {
    const { apiKeys, issue, clock, reasonFor } = setUp()
    const { key, record } = await issue({ expiresAt: new Date(clock.now + 1) })
    clock.advance(1)
    expect(await apiKeys.update(record.id, { label: 'renamed', scopes: ['read'] })).toMatchObject({
      label: 'renamed',
      expiresAt: record.expiresAt,
    })
    expect(await reasonFor(key)).toBe('expired')
    await expect(apiKeys.update(record.id, { expiresAt: new Date(clock.now) })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: 'expiresAt: must lie in the future',
    })
    await apiKeys.update(record.id, { expiresAt: new Date(clock.now + 1) })
    expect(await reasonFor(key)).toBe('ok')
    clock.advance(1)
    await apiKeys.update(record.id, { expiresAt: null })
    expect(await reasonFor(key)).toBe('ok')
  })

  it('gives a key that was replaced more of its grace period, but not for ever, nor when it is over', async () => {
    const { apiKeys, issue, clock, reasonFor } = setUp()
    const old = await issue()
    await apiKeys.rotate(old.record.id, { gracePeriodMs: 1_000 })
    for (const expiresAt of [null, new Date(clock.now + 367 * 86_400_000)]) {
      await expect(apiKeys.update(old.record.id, { expiresAt })).rejects.toEqual(code('invalid_argument'))
    }
    clock.advance(999)
    await apiKeys.update(old.record.id, { expiresAt: new Date(clock.now + 1_000) })
    clock.advance(999)
    expect(await reasonFor(old.key)).toBe('ok')
    clock.advance(1)
    await expect(
      apiKeys.update(old.record.id, { expiresAt: new Date(clock.now + 1_000) }),
    ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('grace period is over') })
    expect(await reasonFor(old.key)).toBe('expired')
    expect(await apiKeys.update(old.record.id, { label: 'the old one' })).toMatchObject({
      label: 'the old one',
    })
  })

  it('never changes a revoked key', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    await apiKeys.revoke(record.id)
    for (const changes of [{ label: 'renamed' }, { expiresAt: null }, {}]) {
      await expect(apiKeys.update(record.id, changes)).rejects.toEqual(code('conflict'))
    }
  })
})

describe('the audit log', () => {
  it('tells who did what to which key, the latest first', async () => {
    const { apiKeys, issue, clock } = setUp()
    const first = await issue({ actor: 'ana@acme.com' })
    clock.advance(1_000)
    const second = await apiKeys.rotate(first.record.id, { gracePeriodMs: day, actor: 'ben@acme.com' })
    await apiKeys.update(second.record.id, { label: 'renamed', scopes: ['read'] }, { actor: 'ana@acme.com' })
    await apiKeys.revoke(second.record.id)
    const [a, b] = [first.record.id, second.record.id]
    const at = start + 1_000
    const event = { at, projectId: '42', actor: null, details: {} }
    const revokedLast = [
      { ...event, action: 'revoked', keyId: a, details: { revoked: b } },
      { ...event, action: 'revoked', keyId: b },
    ]
    const found = await apiKeys.history({ projectId: '42' })
    expect(found.map(({ sequence }) => sequence)).toEqual(found.map((_, i) => found.length - i))
    const history = found.map(({ sequence: _, ...event }) => event)
    expect(history).toEqual([
      ...revokedLast,
      {
        ...event,
        action: 'updated',
        keyId: b,
        actor: 'ana@acme.com',
        details: { fields: ['label', 'scopes'] },
      },
      { ...event, action: 'issued', keyId: b, actor: 'ben@acme.com', details: { rotatedFrom: a } },
      {
        ...event,
        action: 'rotated',
        keyId: a,
        actor: 'ben@acme.com',
        details: { replacedBy: b, gracePeriodMs: day },
      },
      { ...event, action: 'issued', keyId: a, actor: 'ana@acme.com', at: start },
    ])
    expect(await apiKeys.history({ projectId: '42', keyId: a, limit: 2 })).toEqual([found[0], found[4]])
    expect(await apiKeys.history({ projectId: '43' })).toEqual([])
  })

  it('has nothing of what did not happen', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    await apiKeys.revoke(record.id)
    await apiKeys.revoke(record.id)
    await Promise.allSettled([
      apiKeys.rotate(record.id),
      apiKeys.update(record.id, { label: 'a' }),
      issue({ label: '' }),
    ])
    expect((await apiKeys.history({ projectId: '42' })).map(({ action }) => action)).toEqual([
      'revoked',
      'issued',
    ])
  })
})

describe('an idempotency key', () => {
  const request = {
    projectId: '42',
    environment: 'production',
    label: 'a',
    idempotencyKey: 'deploy-7',
  } as const

  it('makes one key, shown once', async () => {
    const { apiKeys } = setUp()
    const first = await apiKeys.issue(request)
    const second = await apiKeys.issue(request)
    expect(first.key).toMatch(/^gsk_live_/)
    expect(second).toEqual({ key: null, record: first.record })
    expect(await apiKeys.list({ projectId: '42' })).toHaveLength(1)
  })

  it('with other parameters is a conflict; of another project it is another', async () => {
    const { apiKeys } = setUp()
    await apiKeys.issue(request)
    await expect(apiKeys.issue({ ...request, label: 'b' })).rejects.toEqual(code('idempotency_conflict'))
    expect((await apiKeys.issue({ ...request, projectId: '43' })).key).not.toBeNull()
  })

  it('compares what was asked for, not what has become of the key', async () => {
    const { apiKeys } = setUp()
    const { record } = await apiKeys.issue(request)
    await apiKeys.update(record.id, { label: 'renamed' })
    expect(await apiKeys.issue(request)).toMatchObject({ key: null, record: { label: 'renamed' } })
  })

  it('used twice at once gives one key and one conflict', async () => {
    const { apiKeys } = setUp()
    const outcomes = await Promise.allSettled([apiKeys.issue(request), apiKeys.issue(request)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: code('idempotency_conflict'),
    })
  })

  it('is forgotten after 24 hours', async () => {
    const { apiKeys, clock } = setUp()
    const first = await apiKeys.issue(request)
    clock.advance(day - 1)
    expect((await apiKeys.issue(request)).key).toBeNull()
    clock.advance(1)
    const second = await apiKeys.issue(request)
    expect(second.key).not.toBeNull()
    expect(second.record.id).not.toBe(first.record.id)
    expect((await apiKeys.issue(request)).record.id).toBe(second.record.id)
  })

  it('makes one rotation', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    const first = await apiKeys.rotate(record.id, { idempotencyKey: 'r' })
    expect(await apiKeys.rotate(record.id, { idempotencyKey: 'r' })).toEqual({
      key: null,
      record: first.record,
    })
    await expect(apiKeys.rotate(record.id, { idempotencyKey: 'r', gracePeriodMs: 1 })).rejects.toEqual(
      code('idempotency_conflict'),
    )
    await expect(apiKeys.rotate(record.id, { idempotencyKey: 'other' })).rejects.toEqual(code('conflict'))
  })

  it.each(['', 'x'.repeat(256), 7 as never])('must be 1 to 255 characters', async (idempotencyKey) => {
    await expect(setUp().apiKeys.issue({ ...request, idempotencyKey })).rejects.toEqual(
      code('invalid_argument'),
    )
  })
})

describe('whatever the order of commands', () => {
  const life = fc.option(fc.integer({ min: 1, max: 5_000 }))
  const nth = fc.nat()
  const command = fc.oneof(
    fc.record({ kind: fc.constant('issue' as const), lifeMs: life }),
    fc.record({
      ...{ kind: fc.constant('rotate' as const), nth, lifeMs: life },
      gracePeriodMs: fc.constantFrom(0, 0, 500, 3_000),
    }),
    fc.record({ kind: fc.constant('revoke' as const), nth }),
    fc.record({ kind: fc.constant('disable' as const), nth }),
    fc.record({ kind: fc.constant('enable' as const), nth }),
    fc.record({ kind: fc.constant('prolong' as const), nth, lifeMs: life }),
    fc.record({ kind: fc.constant('tick' as const), ms: fc.integer({ min: 1, max: 2_000 }) }),
    fc.record({ kind: fc.constant('restart' as const) }),
  )

  it('a revoked key never comes back, an expired one only by a later expiry, and every other key works', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 50 }), async (commands) => {
        const history = new History()
        for (const step of commands) {
          await history.take(step)
          await history.check()
        }
      }),
      { numRuns: trials(2_000, 500) },
    )
  }, 60_000)

  /** Two that change one key at once: how they ended, and the rows after them. */
  const race = async (scheduler: fc.Scheduler, rival: 'rotate' | 'revoke' | 'disable' | 'update') => {
    const inner = memoryStore()
    const store: ApiKeyStore = {
      ...inner,
      find: scheduler.scheduleFunction(async (id: string) => inner.find(id)),
      commit: scheduler.scheduleFunction(async (...args: Parameters<ApiKeyStore['commit']>) =>
        inner.commit(...args),
      ),
    }
    const { record } = await setUp({ store: inner }).issue()
    const [one, two] = [setUp({ store }).apiKeys, setUp({ store }).apiKeys]
    const rivals = {
      rotate: () => two.rotate(record.id),
      revoke: () => two.revoke(record.id),
      disable: () => two.disable(record.id),
      update: () => two.update(record.id, { label: 'renamed' }),
    }
    const settled = Promise.allSettled([one.rotate(record.id), rivals[rival]()])
    await scheduler.waitFor(settled)
    const [rotation, other] = await settled
    const rows = await keysOf(inner, '42')
    const live = rows.filter((row) => row.revokedAt === null && row.disabledAt === null)
    return { rotation, other, live, old: rows.find(({ id }) => id === record.id) }
  }

  it('two that race leave one winner, in every interleaving of their reads and writes', async () => {
    const rivals = fc.constantFrom(
      'rotate' as const,
      'revoke' as const,
      'disable' as const,
      'update' as const,
    )
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), rivals, async (scheduler, rival) => {
        const { rotation, other, live, old } = await race(scheduler, rival)
        if (rival === 'rotate')
          expect([rotation.status, other.status].sort()).toEqual(['fulfilled', 'rejected'])
        if (rival === 'revoke') expect(other.status).toBe('fulfilled')
        // A key that was replaced without a grace period is revoked, and so no longer to be disabled.
        // A revocation that read the key before the rotation replaced it leaves nothing alive; one that came later ends the old key.
        const isEnded = rival === 'disable' || rival === 'revoke'
        if (isEnded && rotation.status === 'rejected') expect(live).toEqual([])
        if (rival === 'update') expect(rotation.status).toBe('fulfilled')
        expect(live.length).toBeLessThanOrEqual(1)
        expect(old?.revokedAt ?? old?.disabledAt).not.toBeNull()
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})

/** A key as it should be. */
interface Modelled {
  readonly key: string
  readonly id: string
  /** Infinity for never. */
  expiresAt: number
  dead: boolean
  disabled: boolean
  replacedBy: Modelled | undefined
  readonly predecessor: Modelled | undefined
}

type Command =
  | { readonly kind: 'issue'; readonly lifeMs: number | null }
  | { readonly kind: 'tick'; readonly ms: number }
  | { readonly kind: 'restart' }
  | ({ readonly nth: number } & (
      | { readonly kind: 'rotate'; readonly gracePeriodMs: number; readonly lifeMs: number | null }
      | { readonly kind: 'revoke' | 'disable' | 'enable' }
      | { readonly kind: 'prolong'; readonly lifeMs: number | null }
    ))

/** Whether a command was carried out; whatever it was refused for is no error of ours. */
const isDone = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => true,
    (error) => (error instanceof ApiKeysError ? false : Promise.reject(error)),
  )

/** Keys, and the model of what they should be. */
class History {
  readonly #store = memoryStore()
  readonly #keys: Modelled[] = []
  #now = 1_700_000_000_000
  #apiKeys = this.#open()

  #open() {
    // argon2 is a port: here its stand-in answers at once, so that thousands of histories fit into a test.
    const hasher = {
      hash: async (key: string) => `hash of ${key}`,
      verify: async (hash: string, key: string) => hash === `hash of ${key}`,
      needsRehash: () => false,
    }
    return createApiKeys({ store: this.#store, hasher, now: () => this.#now })
  }

  async take(command: Command): Promise<void> {
    if (command.kind === 'tick') this.#now += command.ms
    else if (command.kind === 'restart') this.#apiKeys = this.#open()
    else if (command.kind === 'issue') await this.#issue(command)
    else {
      const target = this.#keys[command.nth % Math.max(1, this.#keys.length)]
      if (target !== undefined) await this.#change(target, command)
    }
  }

  async check(): Promise<void> {
    for (const key of this.#keys) expect((await this.#apiKeys.verify(key.key)).ok).toBe(this.#isLive(key))
  }

  #isLive({ dead, disabled, expiresAt }: Modelled): boolean {
    return !dead && !disabled && this.#now < expiresAt
  }

  #after(lifeMs: number | null): Date | null {
    return lifeMs === null ? null : new Date(this.#now + lifeMs)
  }

  #know(key: Pick<Modelled, 'key' | 'id'>, expiresAt: number, predecessor: Modelled | undefined): Modelled {
    const known = { ...key, expiresAt, predecessor, dead: false, disabled: false, replacedBy: undefined }
    this.#keys.push(known)
    return known
  }

  async #issue({ lifeMs }: Command & { readonly kind: 'issue' }): Promise<void> {
    const expiresAt = this.#after(lifeMs)
    const asked = { projectId: 'p', environment: 'production', label: 'l', expiresAt } as const
    const { key, record } = await this.#apiKeys.issue(asked)
    this.#know({ key, id: record.id }, expiresAt?.getTime() ?? Number.POSITIVE_INFINITY, undefined)
  }

  async #change(target: Modelled, command: Command & { readonly nth: number }): Promise<void> {
    if (command.kind === 'rotate') await this.#rotate(target, command)
    if (command.kind === 'revoke') await this.#revoke(target)
    if (command.kind === 'disable') await this.#disable(target)
    if (command.kind === 'enable') await this.#enable(target)
    if (command.kind === 'prolong') await this.#prolong(target, this.#after(command.lifeMs))
  }

  async #rotate(
    target: Modelled,
    { gracePeriodMs, lifeMs }: { readonly gracePeriodMs: number; readonly lifeMs: number | null },
  ): Promise<void> {
    const expiresAt = this.#after(lifeMs) ?? undefined
    const isOn = !target.dead && !target.disabled && target.replacedBy === undefined
    const isAllowed = isOn && (this.#isLive(target) || expiresAt !== undefined)
    const rotation = this.#apiKeys.rotate(target.id, { gracePeriodMs, expiresAt })
    expect(await isDone(rotation)).toBe(isAllowed)
    if (!isAllowed) return
    const { key, record } = await rotation
    target.replacedBy = this.#know({ key, id: record.id }, expiresAt?.getTime() ?? target.expiresAt, target)
    target.dead = gracePeriodMs === 0
    target.expiresAt = Math.min(target.expiresAt, this.#now + gracePeriodMs)
    if (target.predecessor) target.predecessor.dead = true
  }

  async #revoke(target: Modelled): Promise<void> {
    await this.#apiKeys.revoke(target.id)
    target.dead = true
    if (target.predecessor) target.predecessor.dead = true
  }

  async #disable(target: Modelled): Promise<void> {
    expect(await isDone(this.#apiKeys.disable(target.id))).toBe(!target.dead)
    if (target.dead) return
    for (const key of [target, target.predecessor]) if (key && !key.dead) key.disabled = true
  }

  async #enable(target: Modelled): Promise<void> {
    const follows = target.disabled && target.replacedBy?.disabled === true
    const isAllowed = !target.dead && !follows
    expect(await isDone(this.#apiKeys.enable(target.id))).toBe(isAllowed)
    if (!isAllowed) return
    for (const key of [target, target.predecessor]) if (key) key.disabled = false
  }

  async #prolong(target: Modelled, expiresAt: Date | null): Promise<void> {
    const isInGrace = this.#now < target.expiresAt && expiresAt !== null
    const isAllowed = !target.dead && (target.replacedBy === undefined || isInGrace)
    expect(await isDone(this.#apiKeys.update(target.id, { expiresAt }))).toBe(isAllowed)
    if (isAllowed) target.expiresAt = expiresAt?.getTime() ?? Number.POSITIVE_INFINITY
  }
}
