import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import { createApiKeys } from '../src/index.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { fastHasher } from '../src/testing/index.js'
import { newFile } from './support/files.js'
import { killWorkers, startWorker } from './support/processes.js'

afterAll(killWorkers)

const ROUNDS = 50

interface Acknowledgement {
  readonly acknowledged: 'issue' | 'rotate' | 'revoke'
  readonly id: string
  readonly successor?: string
  readonly key?: string
}

interface Row {
  readonly id: string
  readonly revoked_at: number | null
  readonly rotated_from: string | null
  readonly replaced_by: string | null
}

const isThere: Record<Acknowledgement['acknowledged'], (row?: Row, change?: Acknowledgement) => boolean> = {
  issue: (row) => row !== undefined,
  rotate: (row, change) => row?.replaced_by === change?.successor && row?.revoked_at !== null,
  revoke: (row) => row !== undefined && row.revoked_at !== null,
}

function isHalfRotated(row: Row, rows: ReadonlyMap<string, Row>): boolean {
  const { id, replaced_by, rotated_from } = row
  const lacksSuccessor = replaced_by !== null && rows.get(replaced_by)?.rotated_from !== id
  const lacksPredecessor = rotated_from !== null && rows.get(rotated_from)?.replaced_by !== id
  return lacksSuccessor || lacksPredecessor || (replaced_by !== null && row.revoked_at === null)
}

describe('a process that is killed while it issues, rotates and revokes', { timeout: 120_000 }, () => {
  it('keeps what it acknowledged and nothing in half, 100 times over', async () => {
    // Two files at once, because a start takes most of a round and there is more than one core.
    const acknowledged = await Promise.all([newFile(), newFile()].map(survive))
    expect(Math.min(...acknowledged)).toBeGreaterThan(ROUNDS)
  })

  /** The number of changes that were acknowledged in all rounds, each of them found again. */
  async function survive(file: string): Promise<number> {
    let acknowledged = 0
    for (let round = 0; round < ROUNDS; round++) {
      const worker = await startWorker({ file })
      void worker.attempt('churn')
      await sleep(Math.random() * 100)
      await worker.kill()

      const changes = worker.told as unknown as Acknowledgement[]
      const db = new Database(file)
      const apiKeys = createApiKeys({ store: sqliteStore(db), hasher: fastHasher() })
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
      const rows = new Map((db.prepare('SELECT * FROM api_keys').all() as Row[]).map((row) => [row.id, row]))
      const lost = changes.filter((change) => !isThere[change.acknowledged](rows.get(change.id), change))
      const half = [...rows.values()].filter((row) => isHalfRotated(row, rows))
      expect([lost, half]).toEqual([[], []])
      for (const { key } of changes.slice(-6)) {
        if (key === undefined) continue
        const live = rows.get(key.slice(9, 21))?.revoked_at === null
        expect(await apiKeys.verify(key)).toMatchObject(live ? { ok: true } : { reason: 'revoked' })
      }
      db.close()
      acknowledged += changes.length
    }
    return acknowledged
  }
})
