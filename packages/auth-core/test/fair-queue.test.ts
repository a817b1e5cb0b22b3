import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFairQueue, type Lane } from '../src/fair-queue.js'
import { argon2Hasher } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { setUp } from './support/keys.js'

/** A queue whose jobs end when the test says so. */
function controlled(concurrency: number) {
  const queue = createFairQueue(concurrency)
  const started: string[] = []
  const refused: string[] = []
  const running: (() => void)[] = []
  const add = (lane: Lane, projectId: string, limit = 1_000) => {
    const job = () =>
      new Promise<void>((resolve) => {
        started.push(projectId)
        running.push(resolve)
      })
    queue.run({ lane, projectId, limit }, job).catch((error) => {
      expect(error.code).toBe('verifier_overloaded')
      refused.push(projectId)
    })
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  /** Ends the job that has run the longest. */
  const end = async () => {
    running.shift()?.()
    await settle()
  }
  const endAll = async () => {
    await settle()
    while (running.length > 0) await end()
  }
  return { queue, started, refused, running, add, end, endAll, settle }
}

describe('a queue of several projects', () => {
  it('lets nobody wait for more than one job of each of the others', async () => {
    const { add, started, end, settle } = controlled(1)
    for (let i = 0; i < 100; i++) add('hash', 'A')
    add('hash', 'B')
    await settle()
    add('hash', 'C')
    for (let jobs = 0; jobs < 7; jobs++) await end()
    expect(started.join('')).toBe('AABCAAAA')
  })

  it('runs no more jobs at once than it may, and at most half of them in bulk', async () => {
    const { add, running, end, settle } = controlled(4)
    for (let i = 0; i < 10; i++) add('hash', 'A')
    await settle()
    expect(running).toHaveLength(2)
    for (let i = 0; i < 10; i++) add('verify', 'A')
    await settle()
    expect(running).toHaveLength(4)
    await end()
    expect(running).toHaveLength(4)
  })

  it('lets keys in use go first, and new ones not wait for ever', async () => {
    const { queue } = controlled(1)
    const started: Lane[] = []
    const jobs = (['hash', 'verify'] as const).flatMap((lane) =>
      Array.from({ length: 12 }, () =>
        queue.run({ lane, projectId: lane, limit: 100 }, async () => void started.push(lane)),
      ),
    )
    await Promise.all(jobs)
    expect(started[0]).toBe('hash')
    const [v, h] = ['verify', 'hash'] as const
    expect(started.slice(1, 13)).toEqual([v, v, v, h, v, v, v, h, v, v, v, h])
  })

  it('goes on after a job that fails', async () => {
    const { queue } = controlled(1)
    const turn = { lane: 'hash', projectId: 'A', limit: 10 } as const
    const failing = queue.run(turn, () => Promise.reject(new Error('broken')))
    const throwing = queue.run(turn, () => {
      throw new Error('broken too')
    })
    const last = queue.run(turn, async () => 'done')
    await expect(failing).rejects.toThrow('broken')
    await expect(throwing).rejects.toThrow('broken too')
    expect(await last).toBe('done')
  })

  it('serves projects that have jobs waiting equally often, in the order in which each asked', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('A', 'B', 'C'), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        async (projects, concurrency) => {
          const { queue } = controlled(concurrency)
          const started: { readonly project: string; readonly number: number }[] = []
          const jobs = projects.map((project, number) => {
            const job = async () => void started.push({ project, number })
            return queue.run({ lane: 'verify', projectId: project, limit: 1_000 }, job)
          })
          await Promise.all(jobs)
          // Those that found a place free did not wait for a turn.
          const turns = started.slice(concurrency).map(({ project }) => project)
          for (const [at, project] of turns.entries()) {
            const before = turns.lastIndexOf(project, at - 1)
            const between = at === 0 || before === -1 ? turns.slice(0, at) : turns.slice(before + 1, at)
            expect(new Set(between).size, turns.join('')).toBe(between.length)
          }
          for (const name of ['A', 'B', 'C']) {
            const order = started.filter(({ project }) => project === name).map(({ number }) => number)
            expect(order).toEqual(order.toSorted((a, b) => a - b))
          }
        },
      ),
      { numRuns: 300 },
    ))
})

describe('a full queue', () => {
  it('refuses the project that filled it, and takes what others bring', async () => {
    const { add, refused, started, endAll, settle } = controlled(1)
    for (let i = 0; i < 30; i++) add('verify', 'A', 8)
    await settle()
    expect(refused).toEqual(Array(21).fill('A'))
    for (const project of ['B', 'C', 'B', 'C']) add('verify', project, 8)
    await settle()
    expect(refused).toEqual(Array(25).fill('A'))
    await endAll()
    expect(started.filter((project) => project !== 'A').sort()).toEqual(['B', 'B', 'C', 'C'])
  })

  it('never holds more than its limit, nor refuses a project that asks for less than a fair share', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('A', 'A', 'A', 'A', 'B', 'C'), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 3, max: 20 }),
        async (projects, limit) => {
          const { queue, add, refused, endAll, settle } = controlled(1)
          const asked = new Map<string, number>()
          for (const project of projects) {
            asked.set(project, (asked.get(project) ?? 0) + 1)
            add('hash', project, limit)
            expect(queue.waiting('hash')).toBeLessThanOrEqual(limit)
          }
          await settle()
          const share = Math.floor(limit / asked.size)
          for (const [project, jobs] of asked) if (jobs <= share) expect(refused).not.toContain(project)
          await endAll()
          expect(queue.waiting('hash')).toBe(0)
        },
      ),
      { numRuns: 300 },
    ))
})

describe('a project that makes a great many keys at once', () => {
  it('delays the rotation of another by a job or two', async () => {
    const { apiKeys, issue } = setUp({ hasher: argon2Hasher({ memoryKiB: 4_096, iterations: 1 }) })
    const { record } = await issue({ projectId: 'B' })
    let issued = 0
    const flood = Array.from({ length: 200 }, () => issue({ projectId: 'A' }).then(() => issued++))
    await apiKeys.rotate(record.id)
    expect(issued).toBeLessThanOrEqual(8)
    await Promise.all(flood)
  })

  it('is refused what is too much, and nobody else is', async () => {
    const { issue } = setUp({ hasher: argon2Hasher({ memoryKiB: 1_024, iterations: 1, maxHashQueue: 10 }) })
    const flood = Promise.allSettled(Array.from({ length: 60 }, () => issue({ projectId: 'A' })))
    await Promise.all(['B', 'C', 'D'].map((projectId) => issue({ projectId })))
    const refused = (await flood).filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThan(30)
    for (const outcome of refused) expect(outcome).toMatchObject({ reason: { code: 'verifier_overloaded' } })
  })
})

it('verifies a key although another project brings more new ones than the queue holds', async () => {
  const store = memoryStore()
  const makers = setUp({ store })
  const made = await Promise.all(
    Array.from({ length: 30 }, (_, n) => makers.issue({ projectId: n === 0 ? 'B' : 'A' })),
  )
  const { apiKeys } = setUp({ store, hasher: argon2Hasher({ memoryKiB: 8, iterations: 1, maxQueue: 4 }) })
  const [own, ...flood] = made.map(({ key }) => key)
  const flooded = Promise.allSettled(flood.map(async (key) => apiKeys.verify(key)))
  expect(await apiKeys.verify(own)).toMatchObject({ ok: true })
  const outcomes = await flooded
  expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true)
})
