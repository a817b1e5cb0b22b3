import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { type ApiKeysOptions, createApiKeys, type Hasher, type StoredKey } from '../src/index.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { fastHasher } from '../src/testing/index.js'
import { connect, newFile } from './support/files.js'
import { killWorkers, startWorker } from './support/processes.js'

afterAll(killWorkers)

function open(file: string, options: Partial<ApiKeysOptions<'sandbox' | 'production'>> = {}) {
  const store = sqliteStore(connect(file))
  const apiKeys = createApiKeys({ store, hasher: fastHasher(), ...options })
  return {
    apiKeys,
    find: (id: string) => store.find(id) as StoredKey,
    issue: () => apiKeys.issue({ projectId: '42', environment: 'production', label: 'backend-prod' }),
  }
}

async function timed<T>(work: () => Promise<T>) {
  const start = performance.now()
  const result = await work()
  return { result, ms: performance.now() - start }
}

describe('a key that is revoked while argon2 runs', () => {
  it('is refused when argon2 has said yes, 200 times over', async () => {
    const file = newFile()
    const fast = fastHasher()
    let enter: (leave: () => void) => void = () => undefined
    const slow: Hasher = {
      ...fast,
      async verify(hash, key) {
        await new Promise<void>((leave) => enter(leave))
        return fast.verify(hash, key)
      },
    }
    const verifying = open(file, { hasher: slow })
    const changing = open(file)
    const reasons: string[] = []
    for (let trial = 0; trial < 200; trial++) {
      const { key, record } = await changing.issue()
      const entered = new Promise<() => void>((resolve) => {
        enter = resolve
      })
      const verification = verifying.apiKeys.verify(key)
      const leave = await entered
      await (trial % 2 === 0 ? changing.apiKeys.revoke(record.id) : changing.apiKeys.rotate(record.id))
      leave()
      const result = await verification
      reasons.push(result.ok ? 'ok' : result.reason)
    }
    expect(reasons).toEqual(Array(200).fill('revoked'))
  })
})

describe('a change of argon2 parameters', () => {
  it('re-hashes a key once, however many requests come to however many processes', {
    timeout: 30_000,
  }, async () => {
    const file = newFile()
    const before = open(file)
    const argon2 = {
      memoryKiB: 16,
      iterations: 1,
      accept: [{ memoryKiB: 8, iterations: 1, parallelism: 1 }],
    }
    const workers = await Promise.all([startWorker({ file, argon2 }), startWorker({ file, argon2 })])
    const ids: string[] = []
    for (let trial = 0; trial < 20; trial++) {
      const { key, record } = await before.issue()
      const reasons = await Promise.all(workers.map((worker) => worker.call('verifyAtOnce', key, 50)))
      expect(reasons.flat()).toEqual(Array(100).fill('ok'))
      await expect.poll(() => before.find(record.id).hash).toMatch(/^\$argon2id\$v=19\$m=16,/)
      ids.push(record.id)
    }
    await Promise.all(workers.map((worker) => worker.kill()))
    expect(ids.map((id) => before.find(id).version)).toEqual(Array(20).fill(2))
  })
})

describe('a process that holds the write lock', () => {
  it('does not disturb verification, makes changes fail after a good second, and is forgotten once it lets go', async () => {
    const file = newFile()
    const { apiKeys, issue } = open(file, { lastUsedIntervalMs: 3_600_000 })
    const { key: warm, record } = await issue()
    const { key: cold } = await issue()
    await apiKeys.verify(warm)
    const rival = await startWorker({ file })
    await rival.call('lock')

    const changes = [issue, () => apiKeys.revoke(record.id), () => apiKeys.rotate(record.id)]
    for (const change of changes) {
      const { result, ms } = await timed(() => change().catch((error) => error))
      expect(result).toMatchObject({ code: 'store_unavailable', cause: { code: 'SQLITE_BUSY' } })
      // A good second, in which the process answers others.
      expect(ms).toBeGreaterThan(1_000)
      expect(ms).toBeLessThan(2_000)
      const reads = await timed(async () => [await apiKeys.verify(warm), await apiKeys.verify(cold)])
      expect(reads.result).toMatchObject([{ ok: true }, { ok: true }])
      expect(reads.ms).toBeLessThan(200)
    }

    await rival.call('unlock')
    await apiKeys.revoke(record.id)
    expect(await apiKeys.verify(warm)).toMatchObject({ reason: 'revoked' })
  })
})

describe('uses of a key', () => {
  const INTERVAL_MS = 200
  const today = {
    projectId: '42',
    from: new Date(Date.now() - 86_400_000),
    to: new Date(Date.now() + 86_400_000),
  }

  it('by two processes move lastUsedAt forwards only, in few writes, and are all counted', async () => {
    const file = newFile()
    const { apiKeys, issue, find } = open(file)
    const { key, record } = await issue()
    const start = performance.now()
    const workers = await Promise.all(
      [1, 2].map(() => startWorker({ file, lastUsedIntervalMs: INTERVAL_MS })),
    )
    for (const worker of workers) void worker.attempt('use', key)
    const seen: number[] = []
    while (seen.length < 100) {
      seen.push(find(record.id).lastUsedAt ?? 0)
      await sleep(10)
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(new Set(seen).size).toBeGreaterThan(3)

    const intervals = Math.floor((performance.now() - start) / INTERVAL_MS)
    for (const worker of workers) {
      const { writesOfUses } = await worker.call<{ writesOfUses: number }>('counts')
      expect(writesOfUses).toBeLessThanOrEqual(intervals + 1)
      await worker.call('verifyAtOnce', key, 5_000)
      await worker.call('close')
    }
    const [uses] = await apiKeys.usage(today)
    expect(uses?.count).toBeGreaterThanOrEqual(10_000)
  })

  it('are lost for one interval at most when the process is killed', async () => {
    const file = newFile()
    const { apiKeys, issue, find } = open(file)
    const { key, record } = await issue()
    const worker = await startWorker({ file, lastUsedIntervalMs: INTERVAL_MS })
    void worker.attempt('use', key)
    await sleep(4.5 * INTERVAL_MS)
    await worker.kill()

    const uses = worker.told.map(({ usedAt }) => Number(usedAt))
    const last = Math.max(...uses)
    // A timer of a busy machine is late: half an interval is allowed for that.
    const safe = uses.filter((usedAt) => usedAt <= last - 1.5 * INTERVAL_MS)
    expect(safe.length).toBeGreaterThan(0)
    expect(find(record.id).lastUsedAt).toBeGreaterThanOrEqual(Math.max(...safe))
    const [written] = await apiKeys.usage(today)
    expect(written?.count).toBeGreaterThanOrEqual(safe.length)
  })

  it('never make a request fail when they cannot be written, and are written later', async () => {
    const file = newFile()
    const { apiKeys, issue } = open(file, { lastUsedIntervalMs: 20 })
    const { key } = await issue()
    const rival = await startWorker({ file })
    await rival.call('lock')
    for (let request = 0; request < 20; request++) {
      expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
      await sleep(5)
    }
    expect(await apiKeys.usage(today)).toEqual([])
    await rival.call('unlock')
    await apiKeys.close()
    expect(await apiKeys.usage(today)).toMatchObject([{ count: 20 }])
  })
})
