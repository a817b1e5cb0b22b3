import { describe } from 'vitest'
import { redisLimitStore } from '../src/limits/redis.js'
import { promiseAcrossProcesses } from './support/limit-processes.js'
import { connectRedis, newPrefix, redisUrl } from './support/redis.js'

describe.skipIf(redisUrl === undefined)('processes that count in one Redis', () => {
  const client = redisUrl === undefined ? undefined : connectRedis()

  promiseAcrossProcesses(() => {
    const name = newPrefix()
    const store = redisLimitStore(client as NonNullable<typeof client>, { prefix: name })
    return { kind: 'redis', url: redisUrl ?? '', name, store }
  })
})
