// What a change of a key leaves to nobody's guess: where its bounds are, what the audit log says of it, and what makes two calls one.

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { memoryProjects, memoryStore } from '../src/stores/memory.js'
import { fastHasher } from '../src/testing/index.js'
import { setUp, start } from './support/keys.js'

const YEAR_MS = 366 * 86_400_000
const production = { environment: 'production', label: 'x' } as const

describe('a grace period', () => {
  it('is a year at the most, and may be as long as that', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    const refusal = { code: 'invalid_argument', message: expect.stringContaining('at most a year') }
    await expect(apiKeys.rotate(record.id, { gracePeriodMs: YEAR_MS + 1 })).rejects.toMatchObject(refusal)
    await apiKeys.rotate(record.id, { gracePeriodMs: YEAR_MS })
    expect((await apiKeys.find(record.id))?.expiresAt).toEqual(new Date(start + YEAR_MS))
  })

  it('can be made a year long later, and no longer', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    await apiKeys.rotate(record.id, { gracePeriodMs: 1_000 })
    const until = (ms: number) => apiKeys.update(record.id, { expiresAt: new Date(start + ms) })
    await expect(until(YEAR_MS + 1)).rejects.toThrow('expiresAt: must lie within a year')
    expect((await until(YEAR_MS)).expiresAt).toEqual(new Date(start + YEAR_MS))
  })
})

describe('an idempotency key', () => {
  it('means the call that it was used with: by another call, or of another key, it is another', async () => {
    const { apiKeys, issue } = setUp()
    const once = { idempotencyKey: 'once' } as const
    const [one, two] = [await issue(), await issue()]
    const child = { label: 'agent', ...once }
    const made = [
      await apiKeys.issueChild(one.record.id, child),
      await apiKeys.issueChild(two.record.id, child),
      await apiKeys.issue({ projectId: one.record.id, ...production, ...once }),
      await apiKeys.rotate(one.record.id, once),
      await apiKeys.rotate(two.record.id, once),
    ]
    expect(made.every(({ key }) => key !== null)).toBe(true)
    expect(new Set(made.map(({ record }) => record.id)).size).toBe(5)
  })

  it('used twice at once for a key that is made from another gives one, and one conflict', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    const child = () => apiKeys.issueChild(record.id, { label: 'agent', idempotencyKey: 'once' })
    const results = await Promise.allSettled([child(), child()])
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused).toMatchObject([{ reason: { code: 'idempotency_conflict' } }])
  })

  it('goes with one owner', async () => {
    const { apiKeys } = setUp()
    const request = { projectId: '42', ...production, idempotencyKey: 'once' } as const
    await apiKeys.issue({ ...request, ownerId: 'anna' })
    await expect(apiKeys.issue({ ...request, ownerId: 'ben' })).rejects.toMatchObject({
      code: 'idempotency_conflict',
    })
    expect((await apiKeys.issue({ ...request, ownerId: 'anna' })).key).toBeNull()
  })

  it('does not go with a key that the caller brings', async () => {
    const { apiKeys } = setUp()
    const { key } = await setUp().issue()
    const request = { projectId: '42', ...production, key }
    await expect(apiKeys.issue({ ...request, idempotencyKey: 'once' })).rejects.toThrow(
      'goes without idempotencyKey',
    )
    expect((await apiKeys.issue(request)).key).toBe(key)
  })
})

describe('a rotation', () => {
  it('is told with the key that it ended, and by whom', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    const second = await apiKeys.rotate(record.id, { gracePeriodMs: 60_000 })
    await apiKeys.rotate(second.record.id, { actor: 'anna' })
    const history = await apiKeys.history({ projectId: '42', keyId: record.id })
    expect(history[0]).toMatchObject({
      ...{ action: 'revoked', actor: 'anna' },
      details: { rotated: second.record.id },
    })
  })

  it('leaves a key with the first that it goes back to', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    const second = await apiKeys.rotate(record.id)
    const third = await apiKeys.rotate(second.record.id)
    expect([second.record.rootId, third.record.rootId]).toEqual([record.id, record.id])
  })

  it('says by what a key was replaced', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    const next = await apiKeys.rotate(record.id)
    await expect(apiKeys.rotate(record.id)).rejects.toThrow(
      `key ${record.id} was replaced by ${next.record.id} already`,
    )
  })

  it('of a key of another product names what keys of this one begin with', async () => {
    const store = memoryStore()
    const { record } = await setUp({ store, prefix: 'other' }).issue()
    await expect(setUp({ store, prefix: 'acme' }).apiKeys.rotate(record.id)).rejects.toThrow(
      'prefix: the key begins with other_live_, and keys of this product with acme_test_, acme_live_; rotate it with the options of its own',
    )
  })
})

describe('an update', () => {
  it('is told by the names of what it changed, in the order of the alphabet', async () => {
    const { apiKeys, issue } = setUp()
    const { record } = await issue()
    await apiKeys.update(record.id, { scopes: ['a'], ownerId: 'anna', label: 'y' })
    const [latest] = await apiKeys.history({ projectId: '42' })
    expect(latest?.details).toEqual({ fields: ['label', 'ownerId', 'scopes'] })
  })

  it('of a label asks for no room, and for no expiry that a key of before did not need', async () => {
    const store = memoryStore()
    const before = setUp({ store })
    const [endless, expired] = [await before.issue(), await before.issue({ expiresAt: new Date(start + 1) })]
    const { apiKeys, clock } = setUp({ store, maxKeysPerProject: 1, lifetime: { maxMs: 60_000 } })
    clock.advance(1_000)
    expect((await apiKeys.update(endless.record.id, { label: 'y' })).label).toBe('y')
    expect((await apiKeys.update(expired.record.id, { label: 'z' })).label).toBe('z')
  })
})

describe('an expiry of a disabled key', () => {
  it('can be changed in a project that is full, for the key stays out of the count', async () => {
    const { apiKeys, issue } = setUp({ maxKeysPerProject: 1 })
    const { record } = await issue()
    await apiKeys.disable(record.id)
    await issue()
    const expiresAt = new Date(start + 60_000)
    expect((await apiKeys.update(record.id, { expiresAt })).expiresAt).toEqual(expiresAt)
  })
})

describe('a new key', () => {
  it('belongs to a project that is there', async () => {
    const { apiKeys } = setUp({ projects: memoryProjects() })
    await expect(apiKeys.issue({ projectId: '42', ...production })).rejects.toThrow(
      'projectId: there is no project with the id "42"',
    )
  })

  it('is hashed in the turn of its project', async () => {
    const inner = fastHasher()
    const jobs: unknown[] = []
    const hash: typeof inner.hash = (key, job) => {
      jobs.push(job)
      return inner.hash(key, job)
    }
    const { issue } = setUp({ hasher: { ...inner, hash } })
    await issue({ projectId: '7' })
    expect(jobs).toEqual([{ projectId: '7' }])
  })

  it('that was made from another is refused by a store that forgets which', async () => {
    const store = memoryStore()
    const forgetful: typeof store = {
      ...store,
      commit: (rows, ...rest) =>
        store.commit(
          rows.map(({ parentId: _, delegation: _d, ...row }) => row),
          ...rest,
        ),
    }
    const { apiKeys, issue } = setUp({ store: forgetful })
    const { record } = await issue()
    await expect(apiKeys.issueChild(record.id, { label: 'agent' })).rejects.toMatchObject({
      code: 'store_corrupt',
      message: 'the store does not keep parentId; run the store contract',
    })
  })

  it('is shown without its secret', async () => {
    const { issue } = setUp()
    const issued = await issue()
    expect(inspect(issued)).toBe(inspect({ key: issued.record.hint, record: issued.record }))
  })
})
