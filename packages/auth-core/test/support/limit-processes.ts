// Four real processes that count in one database, and the promises that they keep together.

import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createLimits, type LimitStore } from '../../src/limits.js'
import { noon } from './limits.js'

const program = fileURLToPath(new URL('limits-worker.mjs', import.meta.url))
const PROCESSES = 4
/** 500 in `npm run test:faults`; fewer where a change is checked. */
const TRIALS = Number(process.env.LIMIT_TRIALS ?? 6)

const plan = { perSecond: 1_000_000, perDay: 100, perMonth: 1_000_000 }

export interface SharedStore {
  readonly kind: 'redis' | 'postgres' | 'sqlite'
  /** Of SQLite, the path of the file. */
  readonly url: string
  /** Of the table, or before each counter. */
  readonly name: string
  readonly store: LimitStore
}

interface Outcome {
  readonly allowed: number
  /** What was thrown, as text. */
  readonly errors: readonly string[]
}

async function startProcesses({ kind, url, name }: SharedStore, chosen: object): Promise<ChildProcess[]> {
  const options = JSON.stringify({ kind, url, name, plan: chosen, now: noon })
  const children = Array.from({ length: PROCESSES }, () => fork(program, [options], { execArgv: [] }))
  await Promise.all(children.map((child) => once(child, 'message')))
  return children
}

async function takeIn(
  child: ChildProcess,
  keyId: string,
  projectId: string,
  times: number | undefined,
): Promise<Outcome> {
  const answer = once(child, 'message')
  child.send({ keyId, projectId, times })
  return (await answer)[0]
}

async function takeInAll(
  children: readonly ChildProcess[],
  keyId: string,
  projectId: string,
  times: readonly number[],
) {
  const outcomes = await Promise.all(
    children.map((child, index) => takeIn(child, keyId, projectId, times[index])),
  )
  return {
    allowed: outcomes.reduce((sum, { allowed }) => sum + allowed, 0),
    errors: outcomes.flatMap(({ errors }) => errors),
  }
}

const newId = () => randomBytes(6).toString('hex')

/** Registers the tests of limits that are shared by processes; the store is made when they run. */
export function promiseAcrossProcesses(share: () => SharedStore): void {
  const timeout = 30_000 + TRIALS * 2_000

  const during = async (
    chosen: object,
    run: (children: ChildProcess[], shared: SharedStore) => Promise<void>,
  ) => {
    const shared = share()
    const children = await startProcesses(shared, chosen)
    try {
      await run(children, shared)
    } finally {
      await Promise.all(children.map((child) => child.kill() && once(child, 'exit')))
    }
  }

  it(`let exactly 100 of 4 × 200 concurrent requests pass, ${TRIALS} times`, { timeout }, () =>
    during(plan, async (children, { store }) => {
      const limits = createLimits({
        store,
        plans: { standard: plan },
        planOf: () => 'standard',
        now: () => noon,
        storeTimeoutMs: 30_000,
      })
      for (let trial = 0; trial < TRIALS; trial++) {
        const [keyId, projectId] = [newId(), newId()]
        expect(await takeInAll(children, keyId, projectId, [200, 200, 200, 200])).toEqual({
          allowed: 100,
          errors: [],
        })
        // What the day refused has used up nothing of the month.
        expect(await limits.quota(projectId)).toMatchObject({ used: 100 })
      }
    }),
  )

  it(
    `let exactly 100 requests of a project pass, whichever keys they are made with, ${TRIALS} times`,
    {
      timeout,
    },
    () =>
      during({ project: { perDay: 100 } }, async (children) => {
        for (let trial = 0; trial < TRIALS; trial++) {
          const projectId = newId()
          const outcomes = await Promise.all(children.map((child) => takeIn(child, newId(), projectId, 60)))
          expect(outcomes.flatMap(({ errors }) => errors)).toEqual([])
          expect(outcomes.reduce((sum, { allowed }) => sum + allowed, 0)).toBe(100)
        }
      }),
  )

  it(
    `let requests of 3 units take exactly what credits and a limit of 15 minutes have, ${TRIALS} times`,
    { timeout },
    () =>
      during(
        { limits: [{ limit: 250, per: '15m' }], credits: { amount: 100, by: 'project' }, cost: 3 },
        async (children) => {
          for (let trial = 0; trial < TRIALS; trial++) {
            expect(await takeInAll(children, newId(), newId(), [20, 20, 20, 20])).toEqual({
              allowed: 33,
              errors: [],
            })
            const projects = await Promise.all([newId(), newId(), newId(), newId()])
            const keyId = newId()
            const taken = await Promise.all(
              children.map((child, i) => takeIn(child, keyId, projects[i] ?? '', 30)),
            )
            expect(taken.flatMap(({ errors }) => errors)).toEqual([])
            expect(taken.reduce((sum, { allowed }) => sum + allowed, 0)).toBe(83)
          }
        },
      ),
  )

  it(
    `let exactly one of 50 concurrent requests pass when one unit of quota is left, ${TRIALS} times`,
    { timeout },
    () =>
      during({ perDay: 60, perMonth: 50 }, async (children) => {
        for (let trial = 0; trial < TRIALS; trial++) {
          const projectId = newId()
          expect(await takeInAll(children, newId(), projectId, [20, 20, 9, 0])).toEqual({
            allowed: 49,
            errors: [],
          })
          expect(await takeInAll(children, newId(), projectId, [13, 13, 12, 12])).toEqual({
            allowed: 1,
            errors: [],
          })
        }
      }),
  )
}
