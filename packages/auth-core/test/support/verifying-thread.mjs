// A thread that verifies one key whenever it is asked, over a connection of its own.

import { parentPort, workerData } from 'node:worker_threads'
import { createApiKeys } from '@gosend/auth-core'
import { sqliteStore } from '@gosend/auth-core/sqlite'
import { fastHasher } from '@gosend/auth-core/testing'
import Database from 'better-sqlite3'

const store = sqliteStore(new Database(workerData.file))
const apiKeys = createApiKeys({ store, hasher: fastHasher() })
const answer = async () => {
  const verification = await apiKeys.verify(workerData.key)
  parentPort.postMessage(verification.ok ? verification.record.label : verification.reason)
}
await answer()
parentPort.on('message', answer)
