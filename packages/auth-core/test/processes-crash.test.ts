import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { fastHasher } from '../src/testing/index.js'
import { killWorkers, startWorker, type WorkerProcess } from './support/processes.js'
import { type SharedDatabase, type StoredRow, sharedDatabases, trials } from './support/shared-database.js'

afterAll(killWorkers)

interface Acknowledgement {
  readonly acknowledged: 'issue' | 'rotate' | 'revoke'
  readonly id: string
  readonly successor?: string
  readonly key?: string
}

const isThere: Record<
  Acknowledgement['acknowledged'],
  (row?: StoredRow, change?: Acknowledgement) => boolean
> = {
  issue: (row) => row !== undefined,
  rotate: (row, change) => row?.replaced_by === change?.successor && row?.revoked_at !== null,
  revoke: (row) => row !== undefined && row.revoked_at !== null,
}

function isHalfRotated(row: StoredRow, rows: ReadonlyMap<string, StoredRow>): boolean {
  const { id, replaced_by, rotated_from } = row
  const lacksSuccessor = replaced_by !== null && rows.get(replaced_by)?.rotated_from !== id
  const lacksPredecessor = rotated_from !== null && rows.get(rotated_from)?.replaced_by !== id
  return lacksSuccessor || lacksPredecessor || (replaced_by !== null && row.revoked_at === null)
}

type Open = () => Promise<SharedDatabase>

const { 'a SQLite file': inFile, ...inPostgres } = sharedDatabases
const kinds: Record<string, { readonly databases: readonly Open[]; readonly rounds: number }> = {
  // Two files at once, because a start takes most of a round and there is more than one core.
  'a SQLite file': { databases: [inFile, inFile], rounds: trials(100, 20) },
  ...Object.fromEntries(
    Object.entries(inPostgres).map(([kind, open]) => [kind, { databases: [open], rounds: trials(200, 10) }]),
  ),
}

describe.each(Object.entries(kinds))('in %s', { timeout: 400_000 }, (_, { databases, rounds }) => {
  it('a process that is killed while it issues, rotates and revokes keeps what it acknowledged, and nothing in half', async () => {
    const acknowledged = await Promise.all(databases.map(survive))
    expect(Math.min(...acknowledged)).toBeGreaterThanOrEqual(rounds / 2)
  })

  /** The number of changes that were acknowledged in all rounds, each of them found again. */
  async function survive(open: Open): Promise<number> {
    const database = await open()
    let acknowledged = 0
    for (let round = 0; round < rounds; round++) {
      const worker = await startWorker(database.options)
      void worker.attempt('churn')
      // In every second round after something was acknowledged, however slow the machine is.
      if (round % 2 === 0) await firstAcknowledgement(worker)
      await sleep(Math.random() * 100)
      await worker.kill()
      acknowledged += await account(database, worker.told as unknown as Acknowledgement[])
    }
    await database.dispose()
    return acknowledged
  }
})

describe('in a Postgres database that crashes', { timeout: 400_000 }, () => {
  it('what was acknowledged is there after the restart, and nothing in half', async () => {
    const database = await sharedDatabases['a Postgres database, with caches']()
    const worker = await startWorker(database.options)
    let acknowledged = 0
    for (let round = 0; round < trials(50, 8); round++) {
      worker.told.length = 0
      const churning = worker.attempt('churn')
      await firstAcknowledgement(worker)
      await sleep(Math.random() * 100)
      await database.restart()
      expect((await churning).error).toMatchObject({ code: 'store_unavailable' })
      acknowledged += await account(database, worker.told as unknown as Acknowledgement[])
    }
    expect(acknowledged).toBeGreaterThanOrEqual(8)
    await killWorkers()
    await database.dispose()
  })
})

const firstAcknowledgement = (worker: WorkerProcess) =>
  expect.poll(() => worker.told.length, { timeout: 60_000, interval: 5 }).toBeGreaterThan(0)

/** Checks that every change is there, and counts them. */
async function account(database: SharedDatabase, changes: readonly Acknowledgement[]): Promise<number> {
  const apiKeys = createApiKeys({ store: database.store, hasher: fastHasher(), storeTimeoutMs: 20_000 })
  const rows = new Map((await database.rows()).map((row) => [row.id, row]))
  const lost = changes.filter((change) => !isThere[change.acknowledged](rows.get(change.id), change))
  const half = [...rows.values()].filter((row) => isHalfRotated(row, rows))
  expect([lost, half]).toEqual([[], []])
  for (const { key } of changes.slice(-6)) {
    if (key === undefined) continue
    const live = rows.get(key.slice(9, 21))?.revoked_at === null
    expect(await apiKeys.verify(key)).toMatchObject(live ? { ok: true } : { reason: 'revoked' })
  }
  await apiKeys.close()
  return changes.length
}
