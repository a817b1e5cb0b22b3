import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../src/stores/memory.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { apiKeyStoreContract, fastHasher } from '../src/testing/index.js'

const disposals: (() => void)[] = []

afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose()
})

const stores = {
  memoryStore,
  'sqliteStore in a file': () => {
    const folder = mkdtempSync(join(tmpdir(), 'stores-'))
    const db = new Database(join(folder, 'keys.db'))
    disposals.push(() => {
      db.close()
      rmSync(folder, { recursive: true })
    })
    return sqliteStore(db)
  },
  'sqliteStore in memory': () => sqliteStore(new Database(':memory:')),
}

describe.each(Object.entries(stores))('%s', (_, createStore) => {
  for (const promise of apiKeyStoreContract) it(promise.name, () => promise.run(createStore))
})

describe('fastHasher', () => {
  it('is argon2id, and agrees with itself', async () => {
    const hasher = fastHasher()
    const hash = await hasher.hash('gsk')
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/)
    expect(await hasher.verify(hash, 'gsk')).toBe(true)
    expect(await hasher.verify(hash, 'gsl')).toBe(false)
  })

  it('refuses to be made in production', () => {
    vi.stubEnv('NODE_ENV', 'production')
    try {
      expect(fastHasher).toThrow(TypeError)
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
