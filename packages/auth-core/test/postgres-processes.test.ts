import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IssuedKey } from '../src/index.js'
import { cutCaches, type PostgresServer, startPostgres, stopPostgres } from './support/postgres-server.js'
import { killWorkers, startWorker, type WorkerOptions, type WorkerProcess } from './support/processes.js'
import { isThorough, trials } from './support/shared-database.js'

const PROCESSES = 4
const MAX_STALENESS_MS = 500
/** How soon a change is everywhere depends on what else the machine does: it is judged where that was nothing before. */
const isIdle = isThorough && (loadavg()[0] ?? 1) < 0.5

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

interface Watched {
  /** When the last request was sent that was answered with yes. */
  readonly lastYes: number
  /** When the first no came. */
  readonly firstNo: number
}

interface Trial {
  /** From the call that revokes to the first no in the last of the processes. */
  readonly everywhereMs: number
  readonly acknowledgedMs: number
  /** How long after the acknowledgement the last request was sent that was answered with yes; 0 when none was. */
  readonly staleMs: number
}

/** Processes over a schema of their own, which have all been used. */
async function startProcesses(
  cache: boolean | object,
  further: WorkerOptions = {},
): Promise<{ schema: string; workers: WorkerProcess[] }> {
  const schema = server.newSchema()
  const options = { schema, cache, timeoutMs: 20_000 }
  const postgres = { pool: { ...server.address, max: 4 }, options }
  const workers = await Promise.all(
    Array.from({ length: PROCESSES }, () => startWorker({ postgres, ...further })),
  )
  // Makes the tables.
  await Promise.all(workers.map((worker) => worker.call('issue')))
  return { schema, workers }
}

/** Issues a key, uses it everywhere, and revokes it in one process while all of them ask again and again. */
async function revokeWhileUsed(workers: readonly WorkerProcess[], revoker: WorkerProcess): Promise<Trial> {
  const { key, record } = await revoker.call<IssuedKey>('issue')
  for (let twice = 0; twice < 2; twice++) {
    const outcomes = await Promise.all(workers.map((worker) => worker.call('verify', key)))
    expect(outcomes).toEqual(workers.map(() => 'ok'))
  }
  const watching = workers.map((worker) => worker.call<Watched>('untilRefused', key))
  await sleep(3)
  const revokedAt = Date.now()
  await revoker.call('revoke', record.id)
  const acknowledgedAt = Date.now()
  const watched = await Promise.all(watching)
  return {
    everywhereMs: Math.max(...watched.map(({ firstNo }) => firstNo)) - revokedAt,
    acknowledgedMs: acknowledgedAt - revokedAt,
    staleMs: Math.max(0, ...watched.map(({ lastYes }) => lastYes - acknowledgedAt)),
  }
}

function report(name: string, results: readonly Trial[]) {
  const quantile = (pick: (trial: Trial) => number, q: number) =>
    results.map(pick).toSorted((a, b) => a - b)[Math.ceil(results.length * q) - 1] ?? 0
  const figures = {
    trials: results.length,
    everywhereP50: quantile(({ everywhereMs }) => everywhereMs, 0.5),
    everywhereP99: quantile(({ everywhereMs }) => everywhereMs, 0.99),
    acknowledgedP50: quantile(({ acknowledgedMs }) => acknowledgedMs, 0.5),
    acknowledgedP99: quantile(({ acknowledgedMs }) => acknowledgedMs, 0.99),
    stale: results.filter(({ staleMs }) => staleMs > 0).length,
  }
  if (isThorough) console.log(name, { ...figures, isIdle })
  return figures
}

describe('four processes on one Postgres database', { timeout: 900_000 }, () => {
  it.each([
    ['without caches', false],
    ['with caches', true],
  ])('%s refuse a key from the moment that its revocation is acknowledged', async (name, cache) => {
    const { workers } = await startProcesses(cache)
    const results: Trial[] = []
    for (let trial = 0; trial < trials(1_000, 100); trial++) {
      results.push(await revokeWhileUsed(workers, workers[trial % PROCESSES] as WorkerProcess))
    }
    const { stale, everywhereP99 } = report(name, results)
    expect(stale).toBe(0)
    if (isIdle) expect(everywhereP99).toBeLessThan(50)
    await Promise.all(workers.map((worker) => worker.kill()))
  })

  it.each([
    ['without caches', false],
    ['with caches', { maxStalenessMs: MAX_STALENESS_MS }],
  ])('%s do so also while the clock of each jumps again and again', async (name, cache) => {
    const { workers } = await startProcesses(cache, { clockJumpsEveryMs: isThorough ? 1_000 : 20 })
    const results: Trial[] = []
    for (let trial = 0; trial < trials(1_000, 20); trial++) {
      results.push(await revokeWhileUsed(workers, workers[trial % PROCESSES] as WorkerProcess))
    }
    expect(report(`${name}, with jumping clocks`, results).stale).toBe(0)
    for (const worker of workers) {
      expect((await worker.call<{ clockJumps: number }>('counts')).clockJumps).toBeGreaterThan(0)
    }
    await Promise.all(workers.map((worker) => worker.kill()))
  })

  it('with caches do so also while every connection that listens is cut once a second', async () => {
    const { schema, workers } = await startProcesses({ maxStalenessMs: MAX_STALENESS_MS })
    let cuts = 0
    let isDone = false
    const cutting = (async () => {
      while (!isDone) {
        const { rowCount } = await cutCaches(admin, schema)
        cuts += rowCount ?? 0
        await sleep(1_000)
      }
    })()
    const results: Trial[] = []
    for (let trial = 0; trial < trials(1_000, 60); trial++) {
      results.push(await revokeWhileUsed(workers, workers[trial % PROCESSES] as WorkerProcess))
    }
    isDone = true
    await cutting
    expect(report('with caches, cut once a second', results).stale).toBe(0)
    expect(cuts).toBeGreaterThanOrEqual(PROCESSES)
    await Promise.all(workers.map((worker) => worker.kill()))
  })

  it('one of which is stopped and goes on again, do not give a yes from before', async () => {
    const { workers } = await startProcesses({ maxStalenessMs: MAX_STALENESS_MS })
    const [revoker, sleeper] = workers as [WorkerProcess, WorkerProcess]
    for (let trial = 0; trial < trials(100, 5); trial++) {
      const { key, record } = await revoker.call<IssuedKey>('issue')
      await expect
        .poll(async () => {
          expect(await sleeper.call('verify', key)).toBe('ok')
          return sleeper.call('isWarm', key)
        })
        .toBe(true)
      sleeper.signal('SIGSTOP')
      const start = performance.now()
      await revoker.call('revoke', record.id)
      expect(performance.now() - start).toBeGreaterThanOrEqual(MAX_STALENESS_MS / 2)
      // Sent before it goes on, so that it is answered before anything that came from Postgres meanwhile is read.
      const verdict = sleeper.call('verify', key)
      sleeper.signal('SIGCONT')
      expect(await verdict).toBe('revoked')
    }
    await Promise.all(workers.map((worker) => worker.kill()))
  })
})

describe('ten processes', { timeout: 120_000 }, () => {
  it('that come to an empty database at once all find it ready, and see the keys of each other', async () => {
    const postgres = {
      pool: { ...server.address, max: 2 },
      options: { schema: server.newSchema(), timeoutMs: 20_000 },
    }
    const workers = await Promise.all(Array.from({ length: 10 }, () => startWorker({ postgres })))
    const issued = await Promise.all(workers.map((worker) => worker.call<IssuedKey>('issue')))
    for (const worker of workers) {
      const verdicts = await Promise.all(issued.map(({ key }) => worker.call('verify', key)))
      expect(verdicts).toEqual(Array(10).fill('ok'))
    }
    await Promise.all(workers.map((worker) => worker.kill()))
  })
})
