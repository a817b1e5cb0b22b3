import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import {
  type ApiKeyStore,
  ApiKeysError,
  argon2Hasher,
  createApiKeys,
  createKeyFormat,
  type Hasher,
  type StoredKey,
} from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { createTags } from '../src/tag.js'
import { fastHasher } from '../src/testing/index.js'
import { queryOf, storedKey } from '../src/testing/rows.js'
import { createVerifier } from '../src/verifier.js'
import { counted, setUp, withChecksum } from './support/keys.js'

const calls = (counts: Map<string, number>, name: string) => counts.get(name) ?? 0
const otherDigit = (digit: string) => (digit === 'a' ? 'b' : 'a')

describe('a valid key', () => {
  it('gives its record', async () => {
    const { apiKeys, issue, clock } = setUp()
    const { key, record } = await issue({ scopes: ['messages:write'], metadata: { team: 'billing' } })
    expect(await apiKeys.verify(key)).toEqual({ ok: true, record })
    expect(record).toEqual({
      id: key.slice(9, 21),
      projectId: '42',
      environment: 'production',
      label: 'backend-prod',
      hint: `${key.slice(0, 21)}…`,
      createdAt: new Date(clock.now),
      lastUsedAt: null,
      expiresAt: null,
      revokedAt: null,
      rotatedFrom: null,
      replacedBy: null,
      rootId: key.slice(9, 21),
      scopes: ['messages:write'],
      allowedIps: null,
      metadata: { team: 'billing' },
      disabledAt: null,
      createdBy: null,
      ownerId: null,
      version: 1,
      rotationDue: false,
    })
  })

  it('costs one argon2 run and two reads the first time, then one read and no promise', async () => {
    const { apiKeys, issue, storeCalls, hasherCalls } = setUp()
    const { key } = await issue()
    storeCalls.clear()
    await apiKeys.verify(key)
    expect([calls(hasherCalls, 'verify'), calls(storeCalls, 'find')]).toEqual([1, 2])
    storeCalls.clear()
    expect(apiKeys.verify(key)).toMatchObject({ ok: true })
    expect([calls(hasherCalls, 'verify'), calls(storeCalls, 'find')]).toEqual([1, 1])
    expect([...storeCalls.keys()]).toEqual(['find'])
  })

  it('runs argon2 once however many first requests come at once', async () => {
    const { apiKeys, issue, hasherCalls } = setUp()
    const { key } = await issue()
    const verifications = await Promise.all(Array.from({ length: 200 }, () => apiKeys.verify(key)))
    expect(verifications.every(({ ok }) => ok)).toBe(true)
    expect(calls(hasherCalls, 'verify')).toBe(1)
  })

  it('is proven anew when the store holds another hash for it, and refused when it is not the hash of it', async () => {
    const store = memoryStore()
    const { apiKeys, issue, reasonFor, hasherCalls } = setUp({ store })
    const { key, record } = await issue()
    await apiKeys.verify(key)
    const [row, other] = [await store.find(record.id), await store.find((await issue()).record.id)]
    if (row === undefined || other === undefined) throw new Error('the rows are gone')
    await store.commit([{ ...row, hash: await fastHasher().hash(key), version: 2 }])
    expect(await reasonFor(key)).toBe('ok')
    expect(calls(hasherCalls, 'verify')).toBe(2)
    await store.commit([{ ...row, hash: other.hash, tag: other.tag, version: 3 }])
    expect(await reasonFor(key)).toBe('mismatch')
  })

  it('stores argon2id with the pinned parameters, and nothing of the secret', async () => {
    const store = memoryStore()
    const { issue } = setUp({ hasher: argon2Hasher(), store })
    const { key, record } = await issue()
    const row = await store.find(record.id)
    expect(row?.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(row?.tag).toMatch(/^sha256\.[0-9a-f]{16}$/)
    expect(JSON.stringify(row)).not.toContain(key.slice(21, 33))
  })
})

describe('a refusal', () => {
  it('of what is not a key asks neither the store nor argon2', async () => {
    const { issue, reasonFor, storeCalls, hasherCalls } = setUp()
    const { key } = await issue()
    storeCalls.clear()
    const garbage = [
      '',
      'gsk_live_',
      key.slice(0, -1),
      `${key}0`,
      key.replace('live', 'test'),
      ` ${key}`,
      `${key}, ${key}`,
      null,
      {},
    ]
    for (const presented of garbage) expect(await reasonFor(presented)).toBe('malformed')
    expect([storeCalls.size, calls(hasherCalls, 'verify')]).toEqual([0, 0])
  })

  it('of a forged secret, an unknown id or a swapped environment runs no argon2', async () => {
    const { issue, reasonFor, hasherCalls } = setUp()
    const { key } = await issue()
    const { key: other } = await issue()
    const body = key.slice(9, -6)
    const forged = withChecksum(
      `gsk_live_${body.slice(0, 20)}${otherDigit(body.charAt(20))}${body.slice(21)}`,
    )
    const crossed = withChecksum(`gsk_live_${key.slice(9, 21)}${other.slice(21, 64)}`)
    const unknown = withChecksum(`gsk_live_${'z'.repeat(12)}${key.slice(21, 64)}`)
    expect(await reasonFor(forged)).toBe('mismatch')
    expect(await reasonFor(crossed)).toBe('mismatch')
    expect(await reasonFor(withChecksum(`gsk_test_${body}`))).toBe('mismatch')
    expect(await reasonFor(unknown)).toBe('unknown')
    expect(calls(hasherCalls, 'verify')).toBe(0)
  })

  it('of an id that nobody has reads and compares as often as of a wrong secret, so that no clock tells which ids there are', async () => {
    const store = memoryStore()
    const { key } = await setUp({ store }).issue()
    const [tags, reads] = [counted(createTags([])), counted<ApiKeyStore>(store)]
    const format = createKeyFormat()
    const never = () => {
      throw new Error('nobody asks')
    }
    const { verify, identify } = createVerifier({
      parse: format.parse,
      store: reads.spy,
      tags: tags.spy,
      hasher: { ...fastHasher(), verify: never },
      isOnAllowlist: never,
      projects: { isActiveByRow: never, isActive: undefined },
      isIdle: never,
      memoSize: 10,
      now: never,
      recordOf: never,
      lastUsed: { touch: never },
      onMemoMiss: never,
      onConfirmed: never,
    })
    const wrongSecret = withChecksum(`${key.slice(0, 63)}${otherDigit(key.charAt(63))}`)
    const unknown = format.generate('production').key
    for (const ask of [verify, identify])
      for (const presented of [wrongSecret, unknown]) {
        tags.counts.clear()
        reads.counts.clear()
        await ask(presented)
        expect([calls(tags.counts, 'compare'), calls(reads.counts, 'find')]).toEqual([1, 1])
      }
  })

  it('names the key id once the key is well formed, never the key', async () => {
    const { apiKeys, issue } = setUp()
    const { key, record } = await issue()
    await apiKeys.revoke(record.id)
    expect(await apiKeys.verify(key)).toEqual({ ok: false, reason: 'revoked', keyId: record.id })
    expect(await apiKeys.verify('nonsense')).toEqual({ ok: false, reason: 'malformed', keyId: null })
  })

  it('on expiry begins with the very millisecond', async () => {
    const { issue, reasonFor, clock } = setUp()
    const expiresAt = new Date(clock.now + 60_000)
    const { key } = await issue({ expiresAt })
    clock.now = expiresAt.getTime() - 1
    expect(await reasonFor(key)).toBe('ok')
    clock.now = expiresAt.getTime()
    expect(await reasonFor(key)).toBe('expired')
  })

  it('follows the requirements of the call: environment, scopes, address', async () => {
    const { issue, reasonFor } = setUp()
    const { key } = await issue({ scopes: ['read', 'write'], allowedIps: ['10.0.0.0/8'] })
    const ip = '10.1.2.3'
    expect(await reasonFor(key, { ip, environment: 'production', scopes: ['read', 'write'] })).toBe('ok')
    expect(await reasonFor(key, { ip, environment: 'sandbox' })).toBe('wrong_environment')
    expect(await reasonFor(key, { ip, scopes: ['read', 'admin'] })).toBe('missing_scope')
    expect(await reasonFor(key, { ip: '11.1.2.3' })).toBe('ip_not_allowed')
    expect(await reasonFor(key)).toBe('ip_not_allowed')
  })

  it('reads the address only when the key has an allowlist', async () => {
    const { issue, apiKeys } = setUp()
    const { key } = await issue()
    const context = {
      get ip(): string {
        throw new Error('was read')
      },
    }
    expect(await apiKeys.verify(key, context)).toMatchObject({ ok: true })
  })

  it('of a suspended project lasts as long as the suspension', async () => {
    const suspended = new Set<string>()
    const { issue, reasonFor } = setUp({ isProjectActive: async (projectId) => !suspended.has(projectId) })
    const { key } = await issue()
    expect(await reasonFor(key)).toBe('ok')
    suspended.add('42')
    expect(await reasonFor(key)).toBe('project_inactive')
    suspended.clear()
    expect(await reasonFor(key)).toBe('ok')
  })

  it('follows the status of the project that the row of a key tells', async () => {
    const store = memoryStore()
    const project = { status: 'suspended' as 'suspended' | 'active' }
    const { apiKeys, issue, reasonFor } = setUp({
      store: {
        ...store,
        find(id) {
          const row = store.find(id) as StoredKey | undefined
          return row && { ...row, projectStatus: project.status }
        },
      },
    })
    const { key, record } = await issue()
    const refusal = { ok: false, reason: 'project_inactive', keyId: record.id }
    expect(await apiKeys.verify(key)).toEqual(refusal)
    project.status = 'active'
    expect(await reasonFor(key)).toBe('ok')
    project.status = 'suspended'
    expect(await apiKeys.verify(key)).toEqual(refusal)
  })

  it.each<[string, unknown, string]>([
    ['null', null, 'must be an object'],
    ['a number', 7, 'must be an object'],
    ['a text', 'production', 'must be an object'],
    ['a function', () => ({ scopes: [] }), 'must be an object'],
    ['an option that is misspelt', { scope: ['admin'] }, 'scope: no such option; did you mean scopes?'],
    ['an environment that is no text', { environment: 7 }, 'environment: '],
    ['scopes that are a text', { scopes: 'admin' }, 'scopes: must be a list of scopes'],
    ['scopes that are null', { scopes: null }, 'scopes: '],
    ['alternatives that are misspelt', { scopes: { any: ['admin'] } }, 'scopes: '],
    ['alternatives that are no list', { scopes: { anyOf: 'admin' } }, 'scopes.anyOf: must be a list'],
    ['no alternative at all', { scopes: { anyOf: [] } }, 'scopes.anyOf: must be a list'],
    ['a resource that is none', { scopes: ['admin'], resource: 7 }, 'resource: must be a resource'],
  ])('is never made on requirements that nobody can mean: %s', async (_what, context, message) => {
    const { apiKeys, issue } = setUp()
    const { key } = await issue({ scopes: ['admin'] })
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
    await expect(async () => apiKeys.verify(key, context as never)).rejects.toThrow(message)
  })
})

describe('argon2', () => {
  it('that is still running when the key is revoked does not let it through', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    const inner = fastHasher()
    const hasher: Hasher = { ...inner, verify: (hash, key) => gate.then(() => inner.verify(hash, key)) }
    const { apiKeys, issue } = setUp({ hasher })
    const { key, record } = await issue()
    const pending = apiKeys.verify(key)
    await apiKeys.revoke(record.id)
    release()
    expect(await pending).toMatchObject({ ok: false, reason: 'revoked' })
  })

  it.each([
    '$argon2id$v=19$m=4194304,t=1000,p=1',
    '$argon2i$v=19$m=8,t=1,p=1',
    '$argon2id$v=19$m=8,t=1,p=64',
  ])('never runs with planted parameters %s', async (parameters) => {
    const store = memoryStore()
    const planted: ApiKeyStore = {
      ...store,
      commit: (rows) =>
        store.commit(
          rows.map((row) => ({ ...row, hash: parameters + row.hash.slice(row.hash.indexOf('$', 15)) })),
        ),
    }
    const { apiKeys, issue } = setUp({ store: planted })
    const { key } = await issue()
    await expect(async () => apiKeys.verify(key)).rejects.toMatchObject({ code: 'verifier_failed' })
  })

  it('refuses more waiting keys than its queue holds, as overload and not as a bad key', async () => {
    const { apiKeys, issue } = setUp({ hasher: argon2Hasher({ memoryKiB: 8, iterations: 1, maxQueue: 1 }) })
    const keys = []
    for (let i = 0; i < 8; i++) keys.push((await issue()).key)
    const outcomes = await Promise.allSettled(keys.map(async (key) => apiKeys.verify(key)))
    const rejected = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(rejected.length).toBeGreaterThan(0)
    for (const { reason } of rejected) expect(reason).toMatchObject({ code: 'verifier_overloaded' })
    for (const key of keys) expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
  })

  it('has room for keys in use while somebody makes more of them than its queue holds', async () => {
    const { apiKeys, issue } = setUp({
      hasher: argon2Hasher({ memoryKiB: 1_024, iterations: 1, maxQueue: 4 }),
    })
    const { key } = await issue()
    const flood = Promise.all(Array.from({ length: 40 }, () => issue()))
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
    await flood
  })

  it('that fails is trouble, never a yes and never a no', async () => {
    const hasher: Hasher = { ...fastHasher(), verify: () => Promise.reject(new Error('out of memory')) }
    const { apiKeys, issue } = setUp({ hasher })
    const { key } = await issue()
    await expect(async () => apiKeys.verify(key)).rejects.toMatchObject({
      code: 'verifier_failed',
      message: 'the hasher could not verify a key',
      cause: new Error('out of memory'),
    })
  })

  it('hears whose project a key is of, so that projects can take turns', async () => {
    const inner = fastHasher()
    const jobs: unknown[] = []
    const verify: Hasher['verify'] = (hash, key, job) => {
      jobs.push(job)
      return inner.verify(hash, key)
    }
    const { issue, reasonFor } = setUp({ hasher: { ...inner, verify } })
    for (const projectId of ['7', '8']) await reasonFor((await issue({ projectId })).key)
    expect(jobs).toEqual([{ projectId: '7' }, { projectId: '8' }])
  })

  it('says no to a secret that only the tag lets pass', async () => {
    const store = memoryStore()
    const issuer = setUp({ store, pepper: 'p'.repeat(32) })
    const { key, record } = await issuer.issue()
    const forged = withChecksum(`${key.slice(0, 63)}${otherDigit(key.charAt(63))}`)
    const withoutPepper = setUp({ store })
    const refusal = { ok: false, reason: 'mismatch', keyId: record.id }
    expect(await withoutPepper.apiKeys.verify(forged)).toEqual(refusal)
    expect(await withoutPepper.reasonFor(key)).toBe('ok')
    expect(calls(withoutPepper.hasherCalls, 'verify')).toBe(2)
  })

  it('comes before the word on what became of a key, so that nobody without its secret hears that it was revoked', async () => {
    const store = memoryStore()
    const { issue, apiKeys } = setUp({ store, pepper: 'p'.repeat(32) })
    const { key, record } = await issue()
    await apiKeys.revoke(record.id)
    const withoutPepper = setUp({ store })
    const forged = withChecksum(`${key.slice(0, 63)}${otherDigit(key.charAt(63))}`)
    expect(await withoutPepper.reasonFor(forged)).toBe('mismatch')
    expect(await withoutPepper.reasonFor(key)).toBe('revoked')
  })

  it('hashes again, once, when the parameters change', async () => {
    const store = memoryStore()
    const { key, record } = await setUp({ store }).issue()
    const stored = async () => (await store.find(record.id))?.hash
    const before = await stored()
    const upgraded = setUp({
      store,
      hasher: argon2Hasher({
        memoryKiB: 16,
        iterations: 1,
        accept: [{ memoryKiB: 8, iterations: 1, parallelism: 1 }],
      }),
    })
    expect(await upgraded.reasonFor(key)).toBe('ok')
    await expect.poll(stored).toMatch('$m=16,t=1,p=1$')
    expect(await upgraded.reasonFor(key)).toBe('ok')
    expect(await stored()).not.toBe(before)
    expect(calls(upgraded.hasherCalls, 'hash')).toBe(1)
  })
})

describe('the pepper', () => {
  const [old, young] = ['o'.repeat(32), 'y'.repeat(32)]

  it('makes tags that the database alone cannot check', async () => {
    const store = memoryStore()
    const { issue, reasonFor, hasherCalls } = setUp({ store, pepper: old })
    const { key, record } = await issue()
    expect((await store.find(record.id))?.tag).toMatch(/^hmac\.[0-9a-f]{8}\.[0-9a-f]{64}$/)
    expect(await reasonFor(withChecksum(`${key.slice(0, 63)}${otherDigit(key.charAt(63))}`))).toBe('mismatch')
    expect(calls(hasherCalls, 'verify')).toBe(0)
    expect(await reasonFor(key)).toBe('ok')
  })

  it.each([
    ['is added', undefined, young],
    ['is changed and the old one kept', old, [young, old]],
    ['is changed and the old one lost', old, young],
    ['is dropped', old, undefined],
  ])('that %s refuses no valid key, and renews its tag', async (_name, before, after) => {
    const store = memoryStore()
    const { key, record } = await setUp({ store, ...(before && { pepper: before }) }).issue()
    const tag = async () => (await store.find(record.id))?.tag
    const tagBefore = await tag()
    const { reasonFor } = setUp({ store, ...(after && { pepper: after }) })
    expect(await reasonFor(key)).toBe('ok')
    await expect.poll(tag).not.toBe(tagBefore)
    expect(await reasonFor(key)).toBe('ok')
  })

  it('of fewer than 32 bytes is refused at construction', () => {
    expect(() => setUp({ pepper: 'short' })).toThrow(TypeError)
  })
})

describe('a store that fails', () => {
  const failing = (find: ApiKeyStore['find']) => {
    const store = memoryStore()
    const trouble = { on: false }
    const wrapped: ApiKeyStore = { ...store, find: (id) => (trouble.on ? find(id) : store.find(id)) }
    return { trouble, ...setUp({ store: wrapped, storeTimeoutMs: 20 }) }
  }
  const row = (changes: object) => (id: string) => ({ ...storedKey(1), id, ...changes }) as never

  it.each<[string, ApiKeyStore['find'], string]>([
    [
      'throws',
      () => {
        throw new Error('disk')
      },
      'store_unavailable',
    ],
    ['rejects', () => Promise.reject(new Error('reset')), 'store_unavailable'],
    ['never answers', () => new Promise(() => {}), 'store_unavailable'],
    ["returns another tenant's row", row({ id: 'someoneelse1' }), 'store_corrupt'],
    ['returns a row without a hash', row({ hash: null }), 'store_corrupt'],
    ['returns a row without revokedAt', row({ revokedAt: undefined }), 'store_corrupt'],
    ['returns null', () => null as never, 'store_corrupt'],
    ['returns text', () => 'row' as never, 'store_corrupt'],
  ])('that %s is an error, not a refusal, and is over when the store is back', async (_name, find, code) => {
    const { trouble, apiKeys, issue, reasonFor } = failing(find)
    const { key } = await issue()
    expect(await reasonFor(key)).toBe('ok')
    trouble.on = true
    for (let i = 0; i < 20; i++) {
      const error = await Promise.resolve()
        .then(() => apiKeys.verify(key))
        .catch((caught) => caught)
      expect(error).toBeInstanceOf(ApiKeysError)
      expect(error.code).toBe(code)
    }
    trouble.on = false
    expect(await reasonFor(key)).toBe('ok')
  })

  it('that says a key is of another environment than it shows is an error, also once argon2 has confirmed the key', async () => {
    const store = memoryStore()
    const trouble = { on: true }
    const mixed = (row: StoredKey | undefined) =>
      row === undefined || !trouble.on ? row : { ...row, environment: 'sandbox' }
    const { apiKeys, issue, reasonFor } = setUp({
      store: { ...store, find: (id) => mixed(store.find(id) as StoredKey | undefined) },
    })
    const { key } = await issue()
    const corrupt = expect.objectContaining({
      code: 'store_corrupt',
      message: expect.stringContaining('another environment than its key'),
    })
    await expect(async () => apiKeys.verify(key)).rejects.toEqual(corrupt)
    trouble.on = false
    expect(await reasonFor(key)).toBe('ok')
    trouble.on = true
    await expect(async () => apiKeys.verify(key)).rejects.toEqual(corrupt)
  })

  it('that lists or tells of the keys of another tenant shows none of them', async () => {
    const store = memoryStore()
    const careless: ApiKeyStore = {
      ...store,
      list: () => store.list(queryOf({ projectId: '7' })),
      history: () => store.history('7', null, 100),
    }
    const { apiKeys, issue } = setUp({ store: careless })
    await issue({ projectId: '7' })
    const corrupt = expect.objectContaining({ code: 'store_corrupt' })
    await expect(apiKeys.list({ projectId: '42' })).rejects.toEqual(corrupt)
    await expect(apiKeys.history({ projectId: '42' })).rejects.toEqual(corrupt)
  })

  it('has the time that it was given, also for what takes ten times as long and no timer can wait for', async () => {
    const store = memoryStore()
    const slow: ApiKeyStore = {
      ...store,
      find: async (id) => sleep(5).then(() => store.find(id)),
      list: async (query) => sleep(5).then(() => store.list(query)),
    }
    const apiKeys = createApiKeys({ store: slow, hasher: fastHasher(), storeTimeoutMs: 2 ** 31 - 1 })
    const { key } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'a' })
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
    expect(await apiKeys.list({})).toHaveLength(1)
    for (const option of ['storeTimeoutMs', 'lastUsedIntervalMs']) {
      expect(() => createApiKeys({ store: slow, [option]: 2 ** 31 })).toThrow(
        `${option}: must be a whole number from 1 to 2,147,483,647`,
      )
    }
  })

  it('leaves no timers behind', async () => {
    const { trouble, apiKeys, issue } = failing(async () => undefined)
    const { key } = await issue()
    trouble.on = true
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    await Promise.all(Array.from({ length: 1_000 }, () => apiKeys.verify(key)))
    expect(timers()).toBeLessThanOrEqual(before)
  })

  it('of projects fails closed too', async () => {
    for (const isProjectActive of [
      () => Promise.reject(new Error('down')),
      () => {
        throw new Error('down')
      },
    ]) {
      const { apiKeys, issue } = setUp({ isProjectActive })
      const { key } = await issue()
      await expect(async () => apiKeys.verify(key)).rejects.toMatchObject({ code: 'callback_failed' })
    }
    const { issue, reasonFor } = setUp({ isProjectActive: () => undefined as never })
    expect(await reasonFor((await issue()).key)).toBe('project_inactive')
  })
})
