// What can be said of a Redis that caches agree by, without changing anything.

import { openRedisLine, type RedisCacheClient } from './redis-line.js'
import { DIAGNOSE } from './redis-scripts.js'

export interface RedisDiagnosis {
  readonly version: string
  /** Why caches stay off, if they do. */
  readonly problem: string | null
  /** How many caches are on the list that changes wait for. */
  readonly caches: number
}

/** @param prefix what `redisCache` was given. */
export async function diagnoseRedis(
  client: RedisCacheClient,
  prefix: string,
  timeoutMs: number,
): Promise<RedisDiagnosis> {
  const caches = `{${prefix}}:caches`
  const line = openRedisLine(client, caches, timeoutMs, () => {})
  try {
    const [version = '', mode = '', role = '', replicas = '', count = ''] = await line.call(
      DIAGNOSE,
      [caches],
      [],
    )
    return { version, problem: problemOf(version, mode, role, Number(replicas)), caches: Number(count) }
  } finally {
    line.end()
  }
}

function problemOf(version: string, mode: string, role: string, replicas: number): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < 6 || (major === 6 && minor < 2)) return 'caches need 6.2 or later'
  if (mode === 'cluster') return 'caches need one server, and this is a cluster'
  if (role !== 'master') return 'caches need a server that is no replica itself'
  if (replicas > 0) return 'caches need a server without replicas'
  return null
}
