import { describe } from 'vitest'
import { redisLimitStore } from '../src/limits/redis.js'
import { sqliteLimitStore } from '../src/stores/sqlite-limits.js'
import { connect, newFile } from './support/files.js'
import { promiseAcrossProcesses } from './support/limit-processes.js'
import { connectRedis, newPrefix, redisUrl } from './support/redis.js'

describe('processes that count in one SQLite file', () => {
  promiseAcrossProcesses(() => {
    const file = newFile()
    const store = sqliteLimitStore(connect(file), { table: 'counts' })
    return { kind: 'sqlite', url: file, name: 'counts', store }
  })
})

describe.skipIf(redisUrl === undefined)('processes that count in one Redis', () => {
  const client = redisUrl === undefined ? undefined : connectRedis()

  promiseAcrossProcesses(() => {
    const name = newPrefix()
    const store = redisLimitStore(client as NonNullable<typeof client>, { prefix: name })
    return { kind: 'redis', url: redisUrl ?? '', name, store }
  })
})
