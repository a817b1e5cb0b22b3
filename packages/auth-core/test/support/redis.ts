// A real Redis, when REDIS_URL names one. `npm ci` does not bring a server, so without it these tests are left out and
// say so; continuous integration installs one.

import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll } from 'vitest'

export const redisUrl = process.env.REDIS_URL

if (redisUrl === undefined) console.warn('REDIS_URL is not set, so the tests with a real Redis are left out')

/** A client that is closed when the file's tests are over. */
export function connectRedis(options: { readonly commandTimeout?: number } = {}): Redis {
  const client = new Redis(redisUrl ?? '', { maxRetriesPerRequest: null, ...options })
  afterAll(() => void client.disconnect())
  return client
}

/** What the names of one test's counters begin with; they expire by themselves. */
export const newPrefix = () => `test-${randomUUID()}`
