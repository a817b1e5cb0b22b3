// Ours, through its public interface only: argon2id at its default parameters, the SQLite store as it comes.

import { randomUUID } from 'node:crypto'
import { argon2Hasher, createApiKeys, createKeyFormat } from '@gosend/auth-core'
import { sqliteStore } from '@gosend/auth-core/sqlite'
import { requireApiKey } from '@gosend/express-adapter'
import Database from 'better-sqlite3'

const format = createKeyFormat()
const attributes = { projectId: '42', environment: 'production', label: 'backend-prod' }

export async function seed(file, { keys, others }, { pepper } = {}) {
  const database = new Database(file)
  const unsynced = new Database(file)
  const store = sqliteStore(database, { connect: () => unsynced })
  unsynced.pragma('synchronous = OFF')
  const apiKeys = createApiKeys({ store, pepper, maxKeysPerProject: 1_000_000 })
  const issued = []
  while (issued.length < keys) issued.push((await apiKeys.issue(attributes)).key)

  // Nobody presents the others, so one hash does for all of them and the run is spared minutes of argon2.
  const [{ hash }] = store.list({
    sort: 'createdAt',
    order: 'desc',
    limit: 1,
    total: false,
    now: Date.now(),
  }).rows
  const hasher = { ...argon2Hasher(), hash: async () => hash }
  const unused = createApiKeys({ store, pepper, hasher, maxKeysPerProject: 1_000_000 })
  for (let i = 0; i < others; i++) await unused.issue(attributes)
  database.close()
  return issued
}

export async function open(file, { pepper } = {}) {
  const database = new Database(file)
  const argon2 = argon2Hasher()
  let argon2Runs = 0
  const hasher = {
    ...argon2,
    verify(hash, key) {
      argon2Runs++
      return argon2.verify(hash, key)
    },
  }
  const apiKeys = createApiKeys({ store: sqliteStore(database), pepper, hasher })

  return {
    verify: (key) => apiKeys.verify(key),
    admits: (verification) => verification.ok,
    middleware: requireApiKey(apiKeys),
    forge: {
      garbage: () => randomUUID(),
      checksum: (key) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0'),
      id: () => format.generate(attributes.environment).key,
      secret: (key) => format.generate(attributes.environment, format.parse(key).id).key,
    },
    argon2Runs: () => argon2Runs,
    async close() {
      await apiKeys.close()
      database.close()
    },
  }
}
