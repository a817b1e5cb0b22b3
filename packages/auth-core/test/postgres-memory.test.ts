import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, platform } from 'node:os'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyFormat, type IssuedKey } from '../src/index.js'
import { type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'
import { killWorkers, startWorker } from './support/processes.js'

let server: PostgresServer
let admin: Pool

beforeAll(async () => {
  server = await startPostgres()
  admin = server.pool({ max: 2 })
})

afterAll(async () => {
  await killWorkers()
  await stopPostgres()
})

const shared = (schema: string, cache = false) => ({
  pool: { ...server.address, max: 5 },
  options: { schema, cache, timeoutMs: 20_000 },
})

describe('a process with little memory', { timeout: 120_000 }, () => {
  it('runs no more argon2 at once than its processors allow, however many keys are new to it', async () => {
    const postgres = shared(server.newSchema())
    const memoryMiB = 19
    const argon2 = { memoryKiB: memoryMiB * 1_024, iterations: 1, maxQueue: 40 }
    const issuer = await startWorker({ postgres, argon2: { ...argon2, memoryKiB: 8 } })
    const issued = await Promise.all(Array.from({ length: 60 }, () => issuer.call<IssuedKey>('issue')))
    const keys = issued.map(({ key }) => key)
    // glibc keeps freed memory for each thread; with one arena, the peak is what was in use at once.
    const worker = await startWorker(
      { postgres, argon2: { ...argon2, accept: [cheap] } },
      ['--max-old-space-size=128'],
      { MALLOC_ARENA_MAX: '1' },
    )
    // The first use of a key hashes it anew, with the parameters of now.
    expect(await worker.call('outcomes', keys.slice(0, 1))).toEqual(['ok'])
    const before = await worker.call<number>('peakMemoryMiB')
    const outcomes = await worker.call<string[]>('outcomes', keys)
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'verifier_overloaded']))
    const jobs = Math.max(1, availableParallelism() - 1)
    expect((await worker.call<number>('peakMemoryMiB')) - before).toBeLessThan(jobs * memoryMiB + 24)
    await worker.kill()
    await issuer.kill()
  })

  const cheap = { memoryKiB: 8, iterations: 1, parallelism: 1 }

  it('keeps of large keys only as many as fit, and of unknown ones nothing', async () => {
    const schema = server.newSchema()
    const postgres = shared(schema, true)
    const worker = await startWorker({ postgres }, ['--max-old-space-size=64'])
    const { record } = await worker.call<IssuedKey>('issue')
    const metadata = JSON.stringify({ note: 'x'.repeat(16_000) })
    const total = 6_000
    await admin.query(
      `INSERT INTO ${schema}.keys (id, project_id, environment, label, hash, tag, created_at, scopes, metadata, version)
       SELECT 'key' || lpad(n::text, 9, '0'), project_id, environment, label, hash, tag, created_at, scopes, $2, 1
       FROM ${schema}.keys, generate_series(1, $3) AS n WHERE id = $1`,
      [record.id, metadata, total],
    )
    const format = createKeyFormat()
    const keys = Array.from(
      { length: 2 * total },
      (_, n) => format.generate('production', `key${String(n + 1).padStart(9, '0')}`).key,
    )
    const seen = new Map<string, number>()
    while (keys.length > 0) {
      for (const outcome of await worker.call<string[]>('outcomes', keys.splice(0, 1_500))) {
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
      }
    }
    expect(Object.fromEntries(seen)).toEqual({ mismatch: total, unknown: total })
    await worker.kill()
  })

  // Only Linux lets a process be limited from outside while it runs.
  it.runIf(platform() === 'linux')(
    'answers for keys that it knows, and is an error for others, while argon2 gets none',
    async () => {
      const worker = await startWorker({
        postgres: shared(server.newSchema()),
        argon2: { memoryKiB: 256 * 1_024, iterations: 1 },
      })
      const [known, unproven] = [await worker.call<IssuedKey>('issue'), await worker.call<IssuedKey>('issue')]
      expect(await worker.call('outcomes', [known.key])).toEqual(['ok'])
      const status = readFileSync(`/proc/${worker.pid}/status`, 'utf8')
      const taken = Number(/VmSize:\s+(\d+) kB/.exec(status)?.[1]) * 1_024
      limitMemory(worker.pid, `${taken + 128 * 1_024 * 1_024}`)
      for (let round = 0; round < 20; round++) {
        expect(await worker.call('outcomes', [unproven.key, known.key])).toEqual(['verifier_failed', 'ok'])
      }
      expect(await worker.attempt('issue')).toMatchObject({ error: expect.anything() })
      limitMemory(worker.pid, 'unlimited')
      expect(await worker.call('outcomes', [unproven.key, known.key])).toEqual(['ok', 'ok'])
      expect(await worker.attempt('issue')).toMatchObject({ value: expect.anything() })
      await worker.kill()
    },
  )
})

function limitMemory(pid: number, bytes: string) {
  execFileSync('prlimit', ['--pid', `${pid}`, `--as=${bytes}:`])
}
