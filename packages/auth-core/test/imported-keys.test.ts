import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { argon2Hasher, createKeyFormat, type ImportEntry, type StoredKey } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { createTags } from '../src/tag.js'
import { fastHasher } from '../src/testing/index.js'
import { connect, newFile } from './support/files.js'
import { setUp, start } from './support/keys.js'

const BCRYPT = `$2b$10$${'a'.repeat(53)}`
const PATTERN = /sk_[0-9a-f]{40}/
const newKey = () => `sk_${randomBytes(20).toString('hex')}`
const digest = (key: string, encoding: 'hex' | 'base64' | 'base64url' = 'hex') =>
  createHash('sha256').update(key).digest(encoding)

const entryOf = (key: string, changes: Partial<ImportEntry<'production'>> = {}) => ({
  sha256: digest(key),
  projectId: '42',
  environment: 'production' as const,
  label: 'from the old library',
  ...changes,
})

async function withImported(options: Parameters<typeof setUp>[0] = {}) {
  const store = options.store ?? memoryStore()
  const ground = setUp({ importedKeys: PATTERN, ...options, store })
  const key = newKey()
  await ground.apiKeys.import([entryOf(key)])
  const [record] = await ground.apiKeys.list({ projectId: '42' })
  const id = record?.id ?? ''
  const row = async () => store.find(id)
  /** Waits for what happens behind the first use. */
  const renewed = () => vi.waitFor(async () => expect((await row())?.version).toBe(2))
  return { ...ground, store, key, id, row, renewed }
}

describe('an imported key', () => {
  it('works as it did, and has an argon2 hash and a tag from its first use on', async () => {
    const { apiKeys, key, row, renewed } = await withImported()
    expect(await row()).toMatchObject({ hash: `$sha256$${digest(key)}` })
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true, record: { label: 'from the old library' } })
    await renewed()
    expect(await row()).toMatchObject({
      hash: expect.stringMatching(/^\$argon2id\$/),
      tag: expect.stringMatching(/^sha256\.[0-9a-f]{16}$/),
    })
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
  })

  it('is proven by argon2 alone from then on, in every process', async () => {
    const { key, store, apiKeys, renewed, row } = await withImported()
    await apiKeys.verify(key)
    await renewed()
    const later = setUp({ importedKeys: PATTERN, store })
    expect(await later.reasonFor(key)).toBe('ok')
    expect(await later.reasonFor(key)).toBe('ok')
    expect(later.hasherCalls.get('verify')).toBe(1)
    expect(JSON.stringify(await row())).not.toContain(digest(key))
  })

  it.each(['hex', 'base64', 'base64url'] as const)('is recognised by its digest in %s', async (encoding) => {
    const { apiKeys, reasonFor } = setUp({ importedKeys: PATTERN })
    const key = newKey()
    const sha256 = digest(key, encoding)
    expect(await apiKeys.import([entryOf(key, { sha256 })])).toEqual({ imported: 1, known: 0, erased: 0 })
    expect(await reasonFor(key)).toBe('ok')
  })

  it('is recognised by a part of it, when the other library hashed only that', async () => {
    const random = (length: number) => randomBytes(length).toString('hex').slice(0, length)
    const [short, long] = [random(8), random(24)]
    const importedKeys = /acme_[0-9a-f]{8}_(?<secret>[0-9a-f]{24})/
    const { apiKeys, store, reasonFor } = await withImported({ importedKeys })
    const { imported } = await apiKeys.import([entryOf(long, { projectId: 'acme' })])
    const [record] = await apiKeys.list({ projectId: 'acme' })
    expect(imported).toBe(1)
    expect(await reasonFor(`acme_${short}_${random(24)}`)).toBe('unknown')
    expect(await reasonFor(long)).toBe('malformed')
    expect(await reasonFor(`acme_${short}_${long}`)).toBe('ok')

    await vi.waitFor(async () => expect((await store.find(record?.id ?? ''))?.version).toBe(2))
    const later = setUp({ importedKeys, store })
    expect(await later.reasonFor(`acme_${short}_${random(24)}`)).toBe('unknown')
    // Whatever stands around the secret is no part of the key, as it was to the other library.
    expect(await later.reasonFor(`acme_${random(8)}_${long}`)).toBe('ok')
    expect(await later.reasonFor(`acme_${short}_${long}`)).toBe('ok')
    expect((await later.apiKeys.identify(`acme_${short}_${long}`))?.id).toBe(record?.id)
  })

  it('goes on working in every form that clients have of it, before and after its first use', async () => {
    const secret = randomBytes(20).toString('hex')
    const importedKeys = /(?:ak_(?:live|test)_)?(?<secret>[0-9a-f]{40})/
    const { apiKeys, store, reasonFor, hasherCalls } = await withImported({ importedKeys })
    await apiKeys.import([entryOf(secret, { projectId: 'acme' })])
    const [record] = await apiKeys.list({ projectId: 'acme' })
    const forms = [`ak_test_${secret}`, secret, `ak_live_${secret}`]
    expect(await reasonFor(forms[0])).toBe('ok')
    await vi.waitFor(async () => expect((await store.find(record?.id ?? ''))?.version).toBe(2))
    for (const form of forms) expect(await reasonFor(form)).toBe('ok')
    expect(await reasonFor(`ak_prod_${secret}`)).toBe('malformed')
    const proofs = hasherCalls.get('verify')
    for (const form of forms) expect(await reasonFor(form)).toBe('ok')
    expect(hasherCalls.get('verify')).toBe(proofs)
  })

  it('works in the one form that an earlier release tied it to, and from then on in that', async () => {
    const secret = randomBytes(20).toString('hex')
    const importedKeys = /ak_(?:live|test)_(?<secret>[0-9a-f]{40})/
    const { apiKeys, store, reasonFor } = await withImported({ importedKeys })
    await apiKeys.import([entryOf(secret, { projectId: 'acme' })])
    const [record] = await apiKeys.list({ projectId: 'acme' })
    const row = (await store.find(record?.id ?? '')) as StoredKey
    const whole = `ak_live_${secret}`
    const hash = await fastHasher().hash(whole)
    store.commit([{ ...row, hash, tag: createTags([]).create(whole), version: 2 }])
    expect(await reasonFor(whole)).toBe('ok')
    expect(await reasonFor(`ak_test_${secret}`)).toBe('mismatch')
  })

  it('is refused like any other when it is revoked, expired, of another environment, address or scope', async () => {
    const { apiKeys, reasonFor, clock } = setUp({ importedKeys: PATTERN })
    const [revoked, expired, nowhere, plain] = [newKey(), newKey(), newKey(), newKey()]
    await apiKeys.import([
      entryOf(revoked, { projectId: 'revoked' }),
      entryOf(expired, { expiresAt: new Date(start + 1_000) }),
      entryOf(nowhere, { allowedIps: [] }),
      entryOf(plain),
    ])
    const [record] = await apiKeys.list({ projectId: 'revoked' })
    await apiKeys.revoke(record?.id ?? '')
    clock.advance(1_000)
    expect(await reasonFor(revoked)).toBe('revoked')
    expect(await reasonFor(expired)).toBe('expired')
    expect(await reasonFor(nowhere)).toBe('ip_not_allowed')
    expect(await reasonFor(plain, { environment: 'sandbox' })).toBe('wrong_environment')
    expect(await reasonFor(plain, { scopes: ['write'] })).toBe('missing_scope')
    expect(await reasonFor(newKey())).toBe('unknown')
  })

  it('becomes a key of this format when it is rotated', async () => {
    const { apiKeys, key, id, reasonFor } = await withImported()
    const next = await apiKeys.rotate(id)
    expect(await reasonFor(key)).toBe('revoked')
    expect(next.key).toMatch(/^gsk_live_/)
    expect(next.record).toMatchObject({ rotatedFrom: id, label: 'from the old library' })
    expect(next.record.hint).toMatch(/^gsk_live_/)
  })

  it('is shown by its id, since nothing of the key itself was known', async () => {
    const { apiKeys, key, id } = await withImported()
    const record = await apiKeys.find(id)
    expect(record?.hint).toBe(`imported_${id}…`)
    expect(digest(key)).not.toContain(id)
    expect(await apiKeys.history({ projectId: '42' })).toMatchObject([
      { action: 'issued', details: { imported: true } },
    ])
  })

  it('gets a tag made with the pepper', async () => {
    const { apiKeys, key, row, renewed } = await withImported({ pepper: 'p'.repeat(32) })
    await apiKeys.verify(key)
    await renewed()
    expect((await row())?.tag).toMatch(/^hmac\./)
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
  })

  it('is never in the database file', async () => {
    const db = connect(newFile())
    const { apiKeys, key, renewed } = await withImported({ store: sqliteStore(db) })
    await apiKeys.verify(key)
    await renewed()
    expect(db.serialize().includes(key.slice(3))).toBe(false)
  })

  it('does not get in the way of others when a great many are used for the first time', async () => {
    const { apiKeys } = setUp({
      importedKeys: PATTERN,
      hasher: argon2Hasher({ memoryKiB: 8, iterations: 1, maxQueue: 4 }),
    })
    const keys = Array.from({ length: 200 }, newKey)
    await apiKeys.import(keys.map((key) => entryOf(key)))
    const { key } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'another' })
    const first = await Promise.all(keys.map((imported) => apiKeys.verify(imported)))
    expect(first.every(({ ok }) => ok)).toBe(true)
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
  })
})

describe('importedKeys', () => {
  it('is off by default: such a value is malformed, and costs no look-up', async () => {
    const store = memoryStore()
    const { key } = await withImported({ store })
    const off = setUp({ store })
    expect(await off.reasonFor(key)).toBe('malformed')
    expect(off.storeCalls.get('find')).toBeUndefined()
  })

  it('accepts nothing but what it matches from end to end', async () => {
    const { key, reasonFor, storeCalls } = await withImported({
      importedKeys: new RegExp(PATTERN.source, 'gm'),
    })
    const before = storeCalls.get('find')
    for (const value of [
      ` ${key}`,
      `${key}\n`,
      `x${key}`,
      `${key}0`,
      `a\n${key}`,
      'sk_',
      '',
      null,
      {},
      'sk_'.repeat(1e6),
    ]) {
      expect(await reasonFor(value)).toBe('malformed')
    }
    expect(storeCalls.get('find')).toBe(before)
    expect(await reasonFor(key)).toBe('ok')
    expect(await reasonFor(key)).toBe('ok')
  })

  it('accepts nothing but what it matches from end to end, whichever of its alternatives that is', async () => {
    const { key, reasonFor } = await withImported({ importedKeys: /sk_[0-9a-f]{40}|old-[0-9]+/ })
    for (const value of [`${key}0`, `${key} `, 'xold-1', 'x old-1', 'old-1\n', 'old-']) {
      expect(await reasonFor(value)).toBe('malformed')
    }
    expect([await reasonFor(key), await reasonFor('old-1')]).toEqual(['ok', 'unknown'])
  })

  it('leaves keys of this format alone, even when it matches them too', async () => {
    const { issue, reasonFor, storeCalls } = setUp({ importedKeys: /.*/s })
    const { key } = await issue()
    expect(await reasonFor(key)).toBe('ok')
    const before = storeCalls.get('find') ?? 0
    expect(await reasonFor(key)).toBe('ok')
    expect(storeCalls.get('find')).toBe(before + 1)
  })

  it('does not let a key of this format stand in for an imported one', async () => {
    const { id, reasonFor, apiKeys, key, renewed, hasherCalls } = await withImported()
    const { key: forged } = createKeyFormat().generate('production', id)
    expect(await reasonFor(forged)).toBe('mismatch')
    await apiKeys.verify(key)
    await renewed()
    expect(await reasonFor(forged)).toBe('mismatch')
    expect(hasherCalls.get('verify')).toBeUndefined()
  })

  it('is checked when the key set is made', () => {
    expect(() => setUp({ importedKeys: 'sk_' as never })).toThrow(TypeError)
  })
})

describe('import', () => {
  it('keeps what is known of a key: revoked, expired, last used and made when', async () => {
    const { apiKeys, reasonFor } = setUp({ importedKeys: PATTERN })
    const [revoked, expired, used, plain] = [newKey(), newKey(), newKey(), newKey()]
    const before = new Date(start - 1_000)
    const createdAt = new Date('2024-05-01T00:00:00Z')
    await apiKeys.import([
      entryOf(revoked, { projectId: 'revoked', revokedAt: before }),
      entryOf(expired, { expiresAt: before }),
      entryOf(used, { projectId: 'used', lastUsedAt: before, createdAt }),
      entryOf(plain, { revokedAt: null, expiresAt: null, lastUsedAt: null }),
    ])
    expect(await Promise.all([revoked, expired, used, plain].map((key) => reasonFor(key)))).toEqual([
      'revoked',
      'expired',
      'ok',
      'ok',
    ])
    expect(await apiKeys.list({ projectId: 'revoked' })).toMatchObject([{ revokedAt: before }])
    const again = setUp({ importedKeys: PATTERN }).apiKeys
    await again.import([entryOf(used, { lastUsedAt: before, createdAt })])
    expect(await again.list({ projectId: '42' })).toMatchObject([{ lastUsedAt: before, createdAt }])
    const day = { from: new Date(0), to: new Date(start) }
    expect(await again.usage({ projectId: '42', ...day })).toEqual([])
  })

  it('refuses two entries that contradict each other about one key', async () => {
    const { apiKeys } = setUp({ importedKeys: PATTERN })
    const key = newKey()
    await expect(
      apiKeys.import([entryOf(key), entryOf(key, { revokedAt: new Date(start) })]),
    ).rejects.toMatchObject({
      code: 'invalid_argument',
      message: 'entry 2: is the key of entry 1, with other values',
    })
  })

  it('can be repeated: what is known stays as it is', async () => {
    const { apiKeys } = setUp({ importedKeys: PATTERN })
    const keys = Array.from({ length: 1_100 }, newKey)
    const entries = keys.map((key) => entryOf(key, { createdAt: new Date('2025-03-01') }))
    expect(await apiKeys.import(entries.slice(0, 700))).toEqual({ imported: 700, known: 0, erased: 0 })
    expect(await apiKeys.import([...entries, ...entries.slice(0, 10)])).toEqual({
      imported: 400,
      known: 710,
      erased: 0,
    })
    const records = await apiKeys.list({ projectId: '42', total: true })
    expect(records.total).toBe(1_100)
    expect(records[0]?.createdAt).toEqual(new Date('2025-03-01'))
    expect(records[0]?.rotationDue).toBe(true)
  })

  it.each<[string, object]>([
    ['entry 2: sha256: must be a SHA-256', { sha256: 'nonsense' }],
    ['entry 2: sha256, sha512, hmacSha256, bcrypt: give exactly one of these', { sha256: undefined }],
    ['entry 2: sha256, sha512, hmacSha256, bcrypt: give exactly one', { sha512: 'ab'.repeat(64) }],
    ['entry 2: sha512: must be a SHA-512', { sha512: 'ab'.repeat(32) }],
    ['entry 2: bcrypt: must be a bcrypt hash', { sha256: undefined, bcrypt: '$2b$10$x' }],
    ['entry 2: bcrypt: needs a lookup', { sha256: undefined, bcrypt: BCRYPT }],
    [
      'entry 2: bcrypt: pass the package bcrypt or bcryptjs in importedKeys',
      { sha256: undefined, bcrypt: BCRYPT, lookup: 'a' },
    ],
    ['entry 2: hmacSha256: pass what it was made with', { sha256: undefined, hmacSha256: 'ab'.repeat(32) }],
    ['entry 2: salt: needs a lookup', { salt: 'pepper' }],
    ['entry 2: lookup: name the part of the key that it is', { lookup: 'a' }],
    [
      'entry 2: salt: goes with sha256 or sha512',
      { sha256: undefined, hmacSha256: 'ab'.repeat(32), salt: 'a' },
    ],
    ['entry 2: environment: must be one of sandbox, production', { environment: 'qa' }],
    ['entry 2: projectId: must be 1 to 255', { projectId: '' }],
    ['entry 2: label: must be 1 to 255', { label: ' ' }],
    ['entry 2: createdAt: must be a Date', { createdAt: new Date(start + 1) }],
    ['entry 2: createdAt: must be a Date', { createdAt: new Date('nonsense') }],
    ['entry 2: expiresAt: must be a valid Date', { expiresAt: '2030-01-01' }],
    ['entry 2: lastUsedAt: must be a Date', { lastUsedAt: new Date(start + 1) }],
    ['entry 2: revokedAt: must be a Date', { revokedAt: '2026-01-01' }],
    ['entry 2: revoked: no such option; did you mean revokedAt?', { revoked: true }],
    ['entry 2: revoked_at: no such option; did you mean revokedAt?', { revoked_at: null }],
    [
      'entry 2: enabled: no such option; a key that must not work any more has a revokedAt',
      { enabled: false },
    ],
    ['entry 2: disabled: no such option; did you mean disabledAt?', { disabled: true }],
    ['entry 2: status: no such option; a key that must', { status: 'revoked' }],
    ['entry 2: isActive: no such option; a key that must', { isActive: false }],
    ['entry 2: deletedAt: no such option; a key that must', { deletedAt: null }],
    ['entry 2: expires: no such option; did you mean expiresAt?', { expires: null }],
    ['entry 2: remaining: no such option; there are sha256,', { remaining: 5 }],
    ['entry 2: scopes: must be', { scopes: ['a b'] }],
    ['entry 2: allowedIps', { allowedIps: ['10.0.0.0/33'] }],
  ])('writes nothing when one is wrong: %s', async (message, changes) => {
    const { apiKeys } = setUp({ importedKeys: PATTERN })
    const entries = [entryOf(newKey()), { ...entryOf(newKey()), ...changes } as ImportEntry<'production'>]
    await expect(apiKeys.import(entries)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(message),
    })
    expect(await apiKeys.list({ projectId: '42' })).toEqual([])
  })
})

describe('identify', () => {
  it('tells whose key it is whatever its standing, notes no use, and believes no forgery', async () => {
    const { apiKeys, issue, clock, hasherCalls } = setUp({ importedKeys: PATTERN, hasher: fastHasher() })
    const revoked = await issue()
    const expired = await issue({ expiresAt: new Date(start + 1_000) })
    const nowhere = await issue({ allowedIps: [] })
    const imported = newKey()
    await apiKeys.import([entryOf(imported)])
    await apiKeys.revoke(revoked.record.id)
    clock.advance(1_000)

    for (const { key, record } of [revoked, expired, nowhere]) {
      expect(await apiKeys.identify(key)).toMatchObject({ id: record.id })
    }
    expect(await apiKeys.identify(imported)).toMatchObject({ label: 'from the old library' })
    const forged = createKeyFormat().generate('production', revoked.record.id).key
    const before = hasherCalls.get('verify')
    for (const value of [
      forged,
      createKeyFormat().generate('production').key,
      newKey(),
      'nonsense',
      undefined,
    ]) {
      expect(await apiKeys.identify(value)).toBeUndefined()
    }
    expect(hasherCalls.get('verify')).toBe(before)
    expect(await apiKeys.usage({ projectId: '42', from: new Date(0), to: new Date(start) })).toEqual([])
  })

  it('asks argon2 where the tag can say nothing, because its pepper is gone', async () => {
    const store = memoryStore()
    const { key, record } = await setUp({ store, pepper: 'p'.repeat(32) }).issue()
    const { apiKeys } = setUp({ store })
    expect(await apiKeys.identify(createKeyFormat().generate('production', record.id).key)).toBeUndefined()
    expect(await apiKeys.identify(key)).toMatchObject({ id: record.id })
  })
})
