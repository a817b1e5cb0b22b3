// A thread that verifies one key whenever it is asked, over a connection of its own.

import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { createApiKeys } from '@gosend/auth-core'
import { sqliteStore } from '@gosend/auth-core/sqlite'
import { fastHasher } from '@gosend/auth-core/testing'

const loaded = createRequire(import.meta.url)(workerData.driver)
const store = sqliteStore(new (loaded.DatabaseSync ?? loaded)(workerData.file))
const apiKeys = createApiKeys({ store, hasher: fastHasher() })
const answer = async () => {
  const verification = await apiKeys.verify(workerData.key)
  parentPort.postMessage(verification.ok ? verification.record.label : verification.reason)
}
await answer()
parentPort.on('message', answer)
