import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IssuedKey } from '../src/index.js'
import { newFile } from './support/files.js'
import { killWorkers, type Outcome, startWorker, type WorkerProcess } from './support/processes.js'
import { type SharedDatabase, sharedDatabases, trials } from './support/shared-database.js'

const opener = fileURLToPath(new URL('support/opener.mjs', import.meta.url))

describe('six processes that open one new file at once', () => {
  it('all find it ready, and see the keys of each other', { timeout: 30_000 }, async () => {
    const file = newFile()
    const workers = await Promise.all(Array.from({ length: 6 }, () => startWorker({ file })))
    const issued = await Promise.all(workers.map((worker) => worker.call<IssuedKey>('issue')))
    for (const worker of workers) {
      const verdicts = await Promise.all(issued.map(({ key }) => worker.call('verify', key)))
      expect(verdicts).toEqual(Array(6).fill('ok'))
    }
    await killWorkers()
  })

  it('never stand in each other’s way, in 100 files', { timeout: 60_000 }, async () => {
    const from = Date.now() + 2_000
    const files = Array.from({ length: 100 }, () => newFile())
    const run = () => promisify(execFile)(process.execPath, [opener, String(from), ...files])
    const ended = await Promise.all(Array.from({ length: 6 }, run))
    expect(ended.map(({ stdout }) => stdout)).toEqual(Array(6).fill(''))
  })
})

describe.each(Object.entries(sharedDatabases))(
  'two processes that share %s',
  { timeout: 300_000 },
  (kind, open) => {
    // A file answers ten times as fast as a server.
    const TRIALS = trials(1_000, kind === 'a SQLite file' ? 200 : 100)
    let left: WorkerProcess
    let right: WorkerProcess
    let database: SharedDatabase

    beforeAll(async () => {
      database = await open()
      ;[left, right] = await Promise.all([startWorker(database.options), startWorker(database.options)])
    })

    afterAll(async () => {
      await killWorkers()
      await database.dispose()
    })

    const alive = async (id: string) => (await database.store.find(id))?.revokedAt === null
    const successorsOf = async (id: string) =>
      (await database.rows('WHERE rotated_from = $1', id)).map((row) => row.id)

    it('refuse a revoked key on the next request, however warm it is in the other', async () => {
      const { argon2Runs } = await right.call<{ argon2Runs: number }>('counts')
      let refused = 0
      for (let trial = 0; trial < TRIALS; trial++) {
        const { key, record } = await left.call<IssuedKey>('issue')
        expect(await right.call('verify', key)).toBe('ok')
        expect(await right.call('verify', key)).toBe('ok')
        await left.call('revoke', record.id)
        if ((await right.call('verify', key)) === 'revoked') refused++
      }
      expect(refused).toBe(TRIALS)
      expect(await right.call('counts')).toMatchObject({ argon2Runs: argon2Runs + TRIALS })
    })

    it('refuse a disabled key on the next request, and accept it on the next once it is enabled', async () => {
      const { key, record } = await left.call<IssuedKey>('issue')
      const answers: unknown[] = []
      for (let trial = 0; trial < TRIALS / 2; trial++) {
        answers.push(await right.call('verify', key))
        await left.call('disable', record.id)
        answers.push(await right.call('verify', key))
        await left.call('enable', record.id)
      }
      expect(new Set(answers.filter((_, i) => i % 2 === 0))).toEqual(new Set(['ok']))
      expect(new Set(answers.filter((_, i) => i % 2 === 1))).toEqual(new Set(['disabled']))
    })

    it('refuse a rotated key on the next request, and accept its successor', async () => {
      let { key, record } = await left.call<IssuedKey>('issue')
      let refused = 0
      for (let trial = 0; trial < TRIALS; trial++) {
        expect(await right.call('verify', key)).toBe('ok')
        const next = await left.call<IssuedKey>('rotate', record.id)
        if ((await right.call('verify', key)) === 'revoked') refused++
        expect(await right.call('verify', next.key)).toBe('ok')
        ;({ key, record } = next)
      }
      expect(refused).toBe(TRIALS)
    })

    it('have one winner when both rotate a key, and one successor of it', async () => {
      const lostBefore = await lostCommits()
      for (let trial = 0; trial < TRIALS; trial++) {
        const { record } = await left.call<IssuedKey>('issue')
        const outcomes = await race(trial, ['rotate', record.id], ['rotate', record.id])
        expect(outcomes.map(({ error }) => error?.code ?? 'won').sort()).toEqual(['conflict', 'won'])
        const winner = outcomes.find(({ error }) => error === undefined)?.value as IssuedKey
        expect(await successorsOf(record.id)).toEqual([winner.record.id])
        expect([await alive(record.id), await alive(winner.record.id)]).toEqual([false, true])
      }
      const collisions = (await lostCommits()) - lostBefore
      expect(collisions).toBeGreaterThanOrEqual(TRIALS / 2)
    })

    it('leave no live key when one rotates a key and the other, not knowing, revokes it', async () => {
      const ends = { rotated: 0, conflict: 0, inSequence: 0 }
      for (let trial = 0; trial < TRIALS; trial++) {
        const { record } = await left.call<IssuedKey>('issue')
        const [rotation, revocation] = await race(trial, ['rotate', record.id], ['revoke', record.id])
        const { beganBeforeRotation } = revocation.value as { beganBeforeRotation: boolean }
        const successors = await successorsOf(record.id)
        expect(await alive(record.id)).toBe(false)
        if (rotation?.error !== undefined) {
          expect(rotation.error.code).toBe('conflict')
          expect(successors).toEqual([])
          ends.conflict++
        } else {
          // A revocation that began after the rotation was committed is one of a dead key, and leaves the new one alone.
          expect(await Promise.all(successors.map(alive))).toEqual([!beganBeforeRotation])
          ends[beganBeforeRotation ? 'rotated' : 'inSequence']++
        }
      }
      expect(ends.rotated + ends.conflict).toBeGreaterThanOrEqual(TRIALS / 2)
      expect(Math.min(ends.rotated, ends.conflict)).toBeGreaterThan(0)
    })

    it('leave the new key alive when the old one is revoked after the rotation', async () => {
      const { record } = await left.call<IssuedKey>('issue')
      const successor = await left.call<IssuedKey>('rotate', record.id)
      await right.call('revoke', record.id)
      expect(await right.call('verify', successor.key)).toBe('ok')
    })

    it('issue one key between them when a project has room for one, and no more ever after', async () => {
      const limited = { ...database.options, maxKeysPerProject: 5 }
      const workers = await Promise.all([startWorker(limited), startWorker(limited)])
      for (let trial = 0; trial < 10; trial++) {
        const project = `full ${trial}`
        expect(await workers[trial % 2]?.call('issueAtOnce', project, 4)).toEqual(Array(4).fill('issued'))
        for (const expected of [1, 0]) {
          const outcomes = await Promise.all(
            workers.map((worker) => worker.call<string[]>('issueAtOnce', project, 25)),
          )
          const codes = outcomes.flat()
          expect(codes.filter((code) => code === 'issued')).toHaveLength(expected)
          expect(codes.filter((code) => code === 'key_limit_reached')).toHaveLength(50 - expected)
        }
      }
      await Promise.all(workers.map((worker) => worker.kill()))
    })

    const lostCommits = async () => {
      const counts = await Promise.all(
        [left, right].map((worker) => worker.call<{ lostCommits: number }>('counts')),
      )
      return counts.reduce((sum, { lostCommits }) => sum + lostCommits, 0)
    }

    type Command = readonly [name: string, id: string]

    /** Runs one command in each process: at the same moment, or, in every second trial, released into their commits together. */
    async function race(trial: number, first: Command, second: Command): Promise<[Outcome, Outcome]> {
      const runners = [left, right]
      const together = trial % 2 === 0
      if (together) await Promise.all(runners.map((worker) => worker.call('stopAtCommit')))
      const stopped = Promise.all(together ? runners.map((worker) => worker.stopped()) : [])
      const outcomes = Promise.all([left.attempt(...first), right.attempt(...second)])
      await stopped
      if (together) for (const worker of trial % 4 === 0 ? runners : runners.toReversed()) worker.admit()
      return outcomes
    }
  },
)
