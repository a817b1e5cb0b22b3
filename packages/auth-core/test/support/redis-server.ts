// A Redis of a test's own, which it kills, freezes and starts anew. Elsewhere than where one is installed, tests with it are left out.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from './postgres-server.js'

function isInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

export const hasRedisServer = isInstalled()

if (!hasRedisServer)
  console.warn('There is no redis-server here, so the tests of the cache over Redis are left out')

export interface RedisServer {
  readonly port: number
  /** As `kill -9` does it. */
  kill(): Promise<void>
  /** Starts it again on the same port, without what it held. */
  start(): Promise<void>
  freeze(): void
  thaw(): void
  admin(): Redis
}

export async function startRedis(...flags: readonly string[]): Promise<RedisServer> {
  const port = await freePort()
  let child: ChildProcess | undefined
  const clients: Redis[] = []
  const server: RedisServer = {
    port,
    async kill() {
      const ended = child && once(child, 'exit')
      child?.kill('SIGKILL')
      await ended
      child = undefined
      for (const client of clients.splice(0)) client.disconnect()
    },
    async start() {
      const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
      child = spawn('redis-server', [...own, ...flags], { stdio: 'ignore' })
      const admin = server.admin()
      while ((await admin.ping().catch(() => '')) !== 'PONG') await sleep(10)
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    admin() {
      const client = new Redis({ port, retryStrategy: () => 20, maxRetriesPerRequest: null })
      client.on('error', () => undefined)
      clients.push(client)
      return client
    },
  }
  await server.start()
  return server
}
