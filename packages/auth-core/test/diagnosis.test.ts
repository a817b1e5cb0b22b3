import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../src/stores/memory.js'
import { setUp, start, withChecksum } from './support/keys.js'

type Ground = ReturnType<typeof setUp>

const otherDigit = (digit: string) => (digit === 'a' ? 'b' : 'a')
const forged = (key: string) => withChecksum(key.slice(0, 63) + otherDigit(key.charAt(63)))
const today = { from: new Date(start), to: new Date(start) }

/** A key for each reason why one does not work, and whether the diagnosis has its record. */
const broken: Readonly<Record<string, (ground: Ground) => Promise<{ key: string; id: string | null }>>> = {
  unknown: async () => ({ key: (await setUp().issue()).key, id: null }),
  mismatch: async ({ issue }) => {
    const { key, record } = await issue()
    return { key: forged(key), id: record.id }
  },
  revoked: async ({ issue, apiKeys }) => {
    const { key, record } = await issue()
    await apiKeys.revoke(record.id)
    return { key, id: record.id }
  },
  disabled: async ({ issue, apiKeys }) => {
    const { key, record } = await issue()
    await apiKeys.disable(record.id)
    return { key, id: record.id }
  },
  expired: async ({ issue, clock }) => {
    const { key, record } = await issue({ expiresAt: new Date(clock.now + 1_000) })
    clock.advance(1_000)
    return { key, id: record.id }
  },
  wrong_environment: async ({ issue }) => {
    const { key, record } = await issue({ environment: 'sandbox' })
    return { key, id: record.id }
  },
  project_inactive: async ({ issue }) => {
    const { key, record } = await issue({ projectId: 'suspended' })
    return { key, id: record.id }
  },
  ip_not_allowed: async ({ issue }) => {
    const { key, record } = await issue({ allowedIps: [] })
    return { key, id: record.id }
  },
}

describe('a diagnosis', () => {
  it('of a key that works gives its record and no reason', async () => {
    const { apiKeys, issue } = setUp()
    const { key, record } = await issue()
    expect(await apiKeys.diagnose(key)).toEqual({ reason: null, malformation: null, record })
  })

  it.each(Object.entries(broken))(
    'says %s of such a key, as verify does, and which key it is',
    async (reason, make) => {
      const ground = setUp({ isProjectActive: (id) => id !== 'suspended' })
      const { key, id } = await make(ground)
      const diagnosis = await ground.apiKeys.diagnose(key, { environment: 'production' })
      expect(diagnosis).toMatchObject({ reason, malformation: null })
      expect(diagnosis.record?.id ?? null).toBe(id)
      expect(await ground.reasonFor(key, { environment: 'production' })).toBe(reason)
    },
  )

  it('says of a text that is no key where it is wrong, however long it is', async () => {
    const { apiKeys, issue } = setUp()
    const { key } = await issue()
    const texts = {
      start: `x${key}`,
      length: key.slice(0, -1),
      alphabet: `${key.slice(0, -1)}-`,
      checksum: key.slice(0, -1) + otherDigit(key.slice(-1)),
    }
    for (const [malformation, text] of Object.entries(texts)) {
      expect(await apiKeys.diagnose(text)).toEqual({ reason: 'malformed', malformation, record: null })
    }
    const long = key + '0'.repeat(10_000_000)
    expect(await apiKeys.diagnose(long)).toMatchObject({ reason: 'malformed', malformation: 'length' })
  })

  it('tells a key that lacks nothing but the right address from one that works nowhere', async () => {
    const { apiKeys, issue } = setUp()
    const { key } = await issue({ allowedIps: ['203.0.113.0/24', '2001:db8::/32'] })
    const reasonAt = async (ip?: string) => (await apiKeys.diagnose(key, { ip })).reason
    expect(await reasonAt(), 'at an address that the key allows').toBeNull()
    expect(await reasonAt('2001:db8::1')).toBeNull()
    expect(await reasonAt('198.51.100.1')).toBe('ip_not_allowed')
  })

  it('asks for a key that was made from others at an address that all of them allow', async () => {
    const { apiKeys, issue } = setUp()
    const parent = await issue({ allowedIps: ['198.51.100.7', '203.0.113.128/25'] })
    const heir = await apiKeys.issueChild(parent.record.id, { label: 'as its parent' })
    const allowedIps = ['203.0.113.128/26']
    const narrower = await apiKeys.issueChild(parent.record.id, { label: 'narrower', allowedIps })
    for (const { key } of [heir, narrower]) expect((await apiKeys.diagnose(key ?? '')).reason).toBeNull()
    await apiKeys.update(parent.record.id, { allowedIps: ['203.0.113.130'] })
    for (const { key } of [heir, narrower]) expect((await apiKeys.diagnose(key ?? '')).reason).toBeNull()
    await apiKeys.update(parent.record.id, { allowedIps: ['198.51.100.7'] })
    expect((await apiKeys.diagnose(heir.key ?? '')).reason).toBeNull()
    expect((await apiKeys.diagnose(narrower.key ?? '')).reason).toBe('ip_not_allowed')
  })

  it('requires an environment only where it is asked about one', async () => {
    const { apiKeys, issue } = setUp()
    const { key } = await issue({ environment: 'sandbox' })
    expect((await apiKeys.diagnose(key)).reason).toBeNull()
    expect((await apiKeys.diagnose(key, { environment: 'sandbox' })).reason).toBeNull()
  })

  it('finds a key that was imported from another library', async () => {
    const key = `old_${'7'.repeat(40)}`
    const { apiKeys } = setUp({ importedKeys: /old_[0-9]{40}/ })
    const sha256 = createHash('sha256').update(key).digest('hex')
    await apiKeys.import([{ sha256, projectId: '42', environment: 'production', label: 'imported' }])
    expect(await apiKeys.diagnose(key)).toMatchObject({ reason: null, record: { label: 'imported' } })
  })

  it('counts neither a use nor a refusal', async () => {
    const { apiKeys, issue } = setUp({ outcomes: true, store: memoryStore() })
    const working = await issue()
    const revoked = await issue()
    await apiKeys.revoke(revoked.record.id)
    for (const key of [working.key, revoked.key, forged(working.key), 'nonsense']) await apiKeys.diagnose(key)
    await apiKeys.close()
    expect(await apiKeys.usage({ projectId: '42', ...today })).toEqual([])
    expect(await apiKeys.find(working.record.id)).toMatchObject({ lastUsedAt: null })
    expect(await apiKeys.outcomes({ projectId: '42', ...today })).toEqual([])
  })

  it('refuses an option that is misspelt, so that nobody takes the answer for one about it', async () => {
    const { apiKeys, issue } = setUp()
    const { key } = await issue()
    await expect(apiKeys.diagnose(key, { IP: '203.0.113.1' } as object)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('ip'),
    })
  })

  it('is an error, and no diagnosis, while the store is down', async () => {
    const { issue } = setUp()
    const { key } = await issue()
    const down = () => Promise.reject(new Error('down'))
    const { apiKeys } = setUp({ store: { ...memoryStore(), find: down } })
    await expect(apiKeys.diagnose(key)).rejects.toMatchObject({ code: 'store_unavailable' })
  })
})
