// Keys that other libraries hashed in ways of their own: they go on working, and are as fast as our own from their first use on.

import { createHash, createHmac, randomBytes } from 'node:crypto'
import bcryptjs from 'bcryptjs'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { ForeignHash, ImportedKeys } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { setUp } from './support/keys.js'

const SECRET = 'the secret of the other library'
const sha = (algorithm: string, text: string, encoding: 'hex' | 'base64' | 'base64url' = 'hex') =>
  createHash(algorithm).update(text).digest(encoding)
const hmac = (key: string, encoding: 'hex' | 'base64' = 'hex') =>
  createHmac('sha256', SECRET).update(key).digest(encoding)
const bcryptOf = (key: string) => bcryptjs.hashSync(key, 4)

const PATTERN = /(?<lookup>[0-9a-f]{8})\.[0-9a-f]{40}/
const newKey = () => `${randomBytes(4).toString('hex')}.${randomBytes(20).toString('hex')}`
const lookupOf = (key: string) => key.slice(0, 8)
const wrongSecret = (key: string) => `${lookupOf(key)}${newKey().slice(8)}`

const importedKeys: ImportedKeys = {
  pattern: PATTERN,
  hmacSecret: SECRET,
  salts: ['shared', { after: 'behind' }],
  bcrypt: bcryptjs,
}

const kinds: Readonly<Record<string, (key: string) => ForeignHash>> = {
  'SHA-256': (key) => ({ sha256: sha('sha256', key) }),
  'SHA-256 with a lookup': (key) => ({ sha256: sha('sha256', key), lookup: lookupOf(key) }),
  'SHA-512': (key) => ({ sha512: sha('sha512', key) }),
  'SHA-512 in capitals': (key) => ({ sha512: sha('sha512', key).toUpperCase() }),
  'SHA-512 in base64': (key) => ({ sha512: sha('sha512', key, 'base64') }),
  'SHA-512 in base64url': (key) => ({ sha512: sha('sha512', key, 'base64url') }),
  'HMAC-SHA-256': (key) => ({ hmacSha256: hmac(key) }),
  'HMAC-SHA-256 in base64': (key) => ({ hmacSha256: hmac(key, 'base64') }),
  'SHA-256 with a salt of its own before': (key) => ({
    ...{ sha256: sha('sha256', `salt$é${key}`), salt: 'salt$é' },
    lookup: lookupOf(key),
  }),
  'SHA-256 with salts of its own around it': (key) => ({
    ...{ sha256: sha('sha256', `a${key}b`), salt: { before: 'a', after: 'b' } },
    lookup: lookupOf(key),
  }),
  'SHA-512 with a salt of its own behind': (key) => ({
    ...{ sha512: sha('sha512', `${key}b`), salt: { after: 'b' } },
    lookup: lookupOf(key),
  }),
  'SHA-256 with a salt that all share': (key) => ({ sha256: sha('sha256', `shared${key}`), salt: 'shared' }),
  'SHA-512 with a salt that all share': (key) => ({
    ...{ sha512: sha('sha512', `${key}behind`), salt: { after: 'behind' } },
  }),
  bcrypt: (key) => ({ bcrypt: bcryptOf(key), lookup: lookupOf(key) }),
  'the bcrypt of PHP': (key) => ({ bcrypt: bcryptOf(key).replace('$2b', '$2y'), lookup: lookupOf(key) }),
}

const rowOf = (entry: ForeignHash) => ({
  ...{ projectId: '42', environment: 'production' as const, label: 'from the old library' },
  ...entry,
})

async function withImported(entryOf: (key: string) => ForeignHash, given: ImportedKeys = importedKeys) {
  const store = memoryStore()
  const ground = setUp({ importedKeys: given, store })
  const key = newKey()
  const result = await ground.apiKeys.import([rowOf(entryOf(key))])
  const [record] = await ground.apiKeys.list({ projectId: '42' })
  const id = record?.id ?? ''
  /** Waits for what happens behind the first use. */
  const renewed = () => vi.waitFor(async () => expect((await store.find(id))?.version).toBe(2))
  return { ...ground, store, key, id, result, renewed }
}

describe.each(Object.entries(kinds))('a key that was kept as %s', (_name, entryOf) => {
  it('works, and from its first use on in every process as one of our own does', async () => {
    const { key, id, store, result, renewed, reasonFor } = await withImported(entryOf)
    expect(result).toEqual({ imported: 1, known: 0, erased: 0 })
    expect(await reasonFor(wrongSecret(key))).toMatch(/^(unknown|mismatch)$/)
    expect(await reasonFor(key)).toBe('ok')
    await renewed()
    expect(await store.find(id)).toMatchObject({ hash: expect.stringMatching(/^\$argon2id\$/) })
    // With nothing that the other library's hash took.
    const later = setUp({
      importedKeys: { pattern: PATTERN, salts: importedKeys.salts, hmacSecret: SECRET },
      store,
    })
    expect(await later.reasonFor(key)).toBe('ok')
    const finds = later.storeCalls.get('find') ?? 0
    expect(await later.reasonFor(key)).toBe('ok')
    expect(later.storeCalls.get('find')).toBe(finds + 1)
    expect(later.hasherCalls.get('verify')).toBe(1)
    expect(await later.reasonFor(wrongSecret(key))).toMatch(/^(unknown|mismatch)$/)
    expect(later.hasherCalls.get('verify')).toBe(1)
  })

  it('can be identified, revoked and imported once more', async () => {
    const { apiKeys, key, id, reasonFor } = await withImported(entryOf)
    expect(await apiKeys.identify(key)).toMatchObject({ id })
    expect(await apiKeys.import([rowOf(entryOf(key))])).toEqual({ imported: 0, known: 1, erased: 0 })
    await apiKeys.revoke(id)
    expect(await reasonFor(key)).toBe('revoked')
  })
})

describe('an imported hash', () => {
  it('is compared with the key between its salts, whatever these are', async () => {
    const salts = fc.record({
      before: fc.string({ unit: 'grapheme' }),
      after: fc.string({ unit: 'grapheme' }),
    })
    await fc.assert(
      fc.asyncProperty(salts, async (salt) => {
        const { key, reasonFor } = await withImported((key) => ({
          ...{ sha256: sha('sha256', salt.before + key + salt.after), salt, lookup: lookupOf(key) },
        }))
        expect(await reasonFor(key)).toBe('ok')
      }),
      { numRuns: 30 },
    )
  })

  it('is refused as a failure of ours where a process lacks what it takes to verify it', async () => {
    for (const kind of ['bcrypt', 'HMAC-SHA-256'] as const) {
      const { key, store } = await withImported((value) => ({
        lookup: lookupOf(value),
        ...kinds[kind]?.(value),
      }))
      const { apiKeys } = setUp({ importedKeys: PATTERN, store })
      await expect(apiKeys.verify(key)).rejects.toMatchObject({
        code: 'verifier_failed',
        message: expect.stringContaining('importedKeys: { pattern, '),
      })
    }
  })

  it('costs one bcrypt at a time, however many forgeries of one lookup there are', async () => {
    let running = 0
    let most = 0
    const release: (() => void)[] = []
    const compare = async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => release.push(resolve))
      running--
      return false
    }
    const { key, reasonFor } = await withImported(kinds.bcrypt ?? (() => ({})), {
      pattern: PATTERN,
      bcrypt: { compare },
    })
    const forgeries = Array.from({ length: 100 }, () => reasonFor(wrongSecret(key)).catch(({ code }) => code))
    const all = Promise.all(forgeries)
    let isOver = false
    void all.then(() => {
      isOver = true
    })
    while (!isOver) {
      release.splice(0).forEach((done) => {
        done()
      })
      await new Promise(setImmediate)
    }
    expect(most).toBe(1)
    expect(new Set(await all)).toEqual(new Set(['mismatch', 'verifier_overloaded']))
  })

  it('is never in the record, and its salt is in nothing that is shown', async () => {
    const { apiKeys } = await withImported((key) => ({
      ...{ sha256: sha('sha256', `pinch${key}`), salt: 'pinch', lookup: lookupOf(key) },
    }))
    const shown = JSON.stringify([
      await apiKeys.list({ projectId: '42' }),
      await apiKeys.history({ projectId: '42' }),
    ])
    expect(shown).not.toMatch(/pinch|sha256/)
  })

  it('of two rows with one lookup is refused, and named', async () => {
    const { apiKeys } = setUp({ importedKeys })
    const [one, two] = [newKey(), newKey()]
    const lookup = lookupOf(one)
    const entries = [one, two].map((key) => rowOf({ bcrypt: bcryptOf(key), lookup }))
    await expect(apiKeys.import(entries)).rejects.toMatchObject({
      message: 'entry 2: is the key of entry 1, with other values',
    })
  })
})
