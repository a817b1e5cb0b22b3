import { describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../src/stores/memory.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import {
  apiKeyStoreContract,
  eventOutboxContract,
  fastHasher,
  outcomeContract,
} from '../src/testing/index.js'
import { drivers } from './support/drivers.js'
import { newFile } from './support/files.js'

const stores = {
  memoryStore,
  ...Object.fromEntries(
    drivers.flatMap(({ name, open }) => [
      [`sqliteStore over ${name} in a file`, () => sqliteStore(open(newFile()))],
      [`sqliteStore over ${name} in memory`, () => sqliteStore(open(':memory:'))],
    ]),
  ),
}

describe.each(Object.entries(stores))('%s', (_, createStore) => {
  for (const promise of [...apiKeyStoreContract, ...eventOutboxContract, ...outcomeContract])
    it(promise.name, () => promise.run(createStore))
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
