// A product that gives its keys another prefix or other tags: the ones out there go on working, as what they are.

import { describe, expect, it } from 'vitest'
import { createApiKeys, createKeyFormat, type StoredKey } from '../src/index.js'
import { leakRule } from '../src/leaks.js'
import { memoryStore } from '../src/stores/memory.js'
import { fastHasher } from '../src/testing/index.js'

const wanted = { projectId: '42', environment: 'production', label: 'x' } as const
const first = { test: 'sandbox', live: 'production' } as const
const renamed = { sandbox: 'sandbox', prod: 'production' } as const

/** A key of each kind, issued before and after everything was renamed. */
async function setUp() {
  const store = memoryStore()
  const hasher = fastHasher()
  const before = createApiKeys({ store, hasher })
  const after = createApiKeys({ store, hasher, prefix: ['acme', 'gsk'], environments: [renamed, first] })
  return { store, hasher, before, after, old: await before.issue(wanted), fresh: await after.issue(wanted) }
}

describe('a former prefix or tag', () => {
  it('that is named goes on working, and new keys have the new ones', async () => {
    const { after, old, fresh } = await setUp()
    expect(fresh.key).toMatch(/^acme_prod_/)
    expect(after.environments).toEqual(['sandbox', 'production'])
    for (const { key, record } of [old, fresh]) {
      expect(await after.verify(key, { environment: 'production' })).toMatchObject({
        record: { id: record.id },
      })
      expect(await after.identify(key)).toMatchObject({ id: record.id })
    }
    const sandboxed = await after.issue({ ...wanted, environment: 'sandbox' })
    expect(await after.verify(sandboxed.key, { environment: 'production' })).toMatchObject({
      reason: 'wrong_environment',
    })
  })

  it('that is not named is malformed, without a look into the store', async () => {
    const { store, hasher, old } = await setUp()
    for (const options of [{ prefix: 'acme' }, { environments: renamed }]) {
      const apiKeys = createApiKeys({ store, hasher, ...options })
      expect(await apiKeys.verify(old.key)).toMatchObject({ ok: false, reason: 'malformed' })
    }
  })

  it('is shown as its holder has it, whatever the format is by now', async () => {
    const { store, hasher, after, old, fresh } = await setUp()
    const later = createApiKeys({ store, hasher, prefix: 'other', environments: { live: 'production' } })
    for (const apiKeys of [after, later]) {
      for (const { key, record } of [old, fresh]) {
        const { hint = '' } = (await apiKeys.find(record.id)) ?? {}
        expect(hint).toBe(`${key.slice(0, hint.length - 1)}…`)
      }
    }
  })

  it('gives way to the new one when the key is rotated', async () => {
    const { after, old } = await setUp()
    const { key, record } = await after.rotate(old.record.id, { gracePeriodMs: 1_000 })
    expect(key).toMatch(/^acme_prod_/)
    expect(record.hint).toMatch(/^acme_prod_/)
    expect(await after.verify(old.key)).toMatchObject({ ok: true })
    expect((await after.find(old.record.id))?.hint).toMatch(/^gsk_live_/)
  })

  it('is that of rows which an earlier release wrote, before anything was renamed', async () => {
    const { store, after, old } = await setUp()
    const row = store.find(old.record.id) as StoredKey
    store.commit([{ ...row, start: null, version: row.version + 1 }])
    expect(await after.find(row.id)).toMatchObject({ hint: old.record.hint })
    expect(await after.verify(old.key)).toMatchObject({ ok: true })
  })

  it('is found by secret scanners, too', () => {
    const options = { prefix: ['acme', 'gsk'], environments: [renamed, first] }
    const { pattern, starts } = createKeyFormat(options)
    const old = createKeyFormat().generate('production').key
    expect(pattern.test(old)).toBe(true)
    expect(starts).toEqual(expect.arrayContaining(['acme_prod_', 'gsk_live_']))
    for (const rule of [leakRule('gitleaks', options), leakRule('trufflehog', options)]) {
      expect(rule).toContain('gsk_live_')
      expect(rule).toContain('(?:acme|gsk)_(?:sandbox|prod|test|live)_')
    }
  })
})

it.each([
  [{ prefix: [] }, 'prefix: must name at least one'],
  [{ prefix: ['acme', 'A_'] }, 'prefix[1]: must be 1 to 32'],
  [{ environments: [] }, 'environments: must name at least one'],
  [
    { environments: [{ live: 'production', test: 'sandbox' }, { live: 'sandbox' }] },
    'environments[1]: tag "live" is that of "production" already',
  ],
  [
    { environments: [{ live: 'production' }, { qa: 'staging' }] },
    'environments[1]: "staging" must be an environment of the first table',
  ],
  [{ environments: [{ live: 'production' }, { live: 5 }] }, 'environments[1].live: must be a string'],
])('a format cannot be configured as %j', (options, message) => {
  expect(() => createKeyFormat(options as never)).toThrow(TypeError)
  expect(() => createKeyFormat(options as never)).toThrow(message)
})
