import { describe, expect, it } from 'vitest'
import { setUp } from './support/keys.js'

const full = expect.objectContaining({
  code: 'key_limit_reached',
  message: expect.stringMatching(/has 3 active keys/),
})

/** A project with as many active keys as it may have. */
async function fullProject() {
  const ground = setUp({ maxKeysPerProject: 3 })
  const issued = [await ground.issue(), await ground.issue(), await ground.issue()] as const
  return { ...ground, issued }
}

describe('a project that has as many active keys as it may', () => {
  it('gets no further one, and another project does', async () => {
    const { issue } = await fullProject()
    await expect(issue()).rejects.toEqual(full)
    await expect(issue()).rejects.toEqual(full)
    expect((await issue({ projectId: '43' })).record.projectId).toBe('43')
  })

  it('can rotate all of them, at once and with a grace period', async () => {
    const { apiKeys, issued, issue } = await fullProject()
    for (const { record } of issued) {
      const { record: next } = await apiKeys.rotate(record.id)
      await apiKeys.rotate(next.id, { gracePeriodMs: 60_000 })
    }
    await expect(issue()).rejects.toEqual(full)
  })

  it('has room again for each key that is revoked or expires', async () => {
    const { apiKeys, clock, issued, issue } = await fullProject()
    await expect(issue()).rejects.toEqual(full)
    await apiKeys.revoke(issued[0].record.id)
    await issue({ expiresAt: new Date(clock.now + 1_000) })
    await expect(issue()).rejects.toEqual(full)
    clock.advance(1_000)
    await issue()
    await expect(issue()).rejects.toEqual(full)
  })

  it('gets no expired key back by a later expiry or a rotation, and can rename it', async () => {
    const { apiKeys, clock, issued, issue } = await fullProject()
    const [{ record }] = issued
    await apiKeys.update(record.id, { expiresAt: new Date(clock.now + 1_000) })
    clock.advance(1_000)
    await issue()
    await expect(apiKeys.update(record.id, { expiresAt: null })).rejects.toEqual(full)
    await expect(apiKeys.rotate(record.id, { expiresAt: null })).rejects.toEqual(full)
    expect(await apiKeys.update(record.id, { label: 'renamed' })).toMatchObject({ label: 'renamed' })
    await apiKeys.revoke(issued[1].record.id)
    await apiKeys.update(record.id, { expiresAt: null })
    await expect(issue()).rejects.toEqual(full)
  })

  it('costs argon2 nothing while it stays full', async () => {
    const { issue, hasherCalls } = await fullProject()
    await expect(issue()).rejects.toEqual(full)
    const hashes = hasherCalls.get('hash')
    for (let i = 0; i < 10; i++) await expect(issue()).rejects.toEqual(full)
    expect(hasherCalls.get('hash')).toBe(hashes)
  })

  it('is answered its earlier key when an idempotent call is repeated', async () => {
    const { apiKeys } = setUp({ maxKeysPerProject: 1 })
    const options = { projectId: '42', environment: 'production', label: 'x', idempotencyKey: 'a' } as const
    const { record } = await apiKeys.issue(options)
    expect(await apiKeys.issue(options)).toMatchObject({ key: null, record: { id: record.id } })
    await expect(apiKeys.issue({ ...options, idempotencyKey: 'b' })).rejects.toMatchObject({
      code: 'key_limit_reached',
    })
  })

  it('takes over the keys of another library all the same', async () => {
    const { apiKeys } = await fullProject()
    const entry = (n: number) => {
      return { sha256: `${n}`.repeat(64), projectId: '42', environment: 'production', label: 'old' } as const
    }
    expect(await apiKeys.import([entry(1), entry(2)])).toEqual({ imported: 2, known: 0, erased: 0 })
  })
})

it('lets exactly one of 50 issues at once have the last place', async () => {
  const { issue } = setUp({ maxKeysPerProject: 10 })
  for (let i = 0; i < 9; i++) await issue()
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => issue()))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

it('lets one of many expired keys that are extended at once have the last place', async () => {
  const { apiKeys, clock, issue } = setUp({ maxKeysPerProject: 3 })
  await issue()
  await issue()
  const expired = []
  for (let i = 0; i < 5; i++) {
    const { record } = await issue({ expiresAt: new Date(clock.now + 1_000) })
    clock.advance(1_000)
    expired.push(record.id)
  }
  const outcomes = await Promise.allSettled(expired.map((id) => apiKeys.update(id, { expiresAt: null })))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

it('has room for 1,000 keys unless told otherwise', async () => {
  const { issue } = setUp()
  for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 100 }, () => issue()))
  await expect(issue()).rejects.toMatchObject({
    code: 'key_limit_reached',
    message: expect.stringMatching(/1,000 active keys/),
  })
})
