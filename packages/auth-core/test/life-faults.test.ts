// Keys that are disabled, enabled and erased with their children, and credits that are used and given, by processes that are
// killed and whose clocks disagree.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IssuedKey } from '../src/index.js'
import { startPostgres, stopPostgres } from './support/postgres-server.js'
import { isThorough, trials } from './support/shared-database.js'

const program = fileURLToPath(new URL('support/life-worker.mjs', import.meta.url))

interface Told {
  readonly about: 'before' | 'after' | 'refused' | 'open'
  /** Of a key and its child: what is said of them before or after a step. */
  readonly pair?: string
  readonly keys?: readonly [string, string]
  readonly expected?: readonly [string, string]
  /** Of credits. */
  readonly kind?: 'given' | 'taken'
}

interface Answer {
  readonly value?: unknown
  readonly error?: object
}

// The number of a call that never ends, unless it fails.
const BEGUN = -1

const running = new Set<{ kill(): Promise<void> }>()

async function startWorkerOver(database: object, clockOffsetMs: number) {
  const child = fork(program, [JSON.stringify({ ...database, clockOffsetMs })])
  const told: Told[] = []
  const answers = new Map<number, (answer: Answer) => void>()
  let calls = 0
  let failure: object | undefined
  child.on('message', (message: Told & Answer & { readonly call?: number }) => {
    if (message.call === BEGUN) failure = message.error
    else if (message.call !== undefined) answers.get(message.call)?.(message)
    else told.push(message)
  })
  const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')])
  const worker = {
    told,
    /** Begins what never ends. */
    begin: (name: string, ...args: readonly unknown[]) => void child.send({ call: BEGUN, name, args }),
    async call<T = unknown>(name: string, ...args: readonly unknown[]): Promise<T> {
      const call = calls++
      const answer = new Promise<Answer>((resolve) => {
        answers.set(call, resolve)
      })
      child.send({ call, name, args })
      const { value, error } = await answer
      if (error !== undefined) throw new Error(`${name}: ${JSON.stringify(error)}`)
      return value as T
    },
    async toldOf(count: number) {
      while (told.length < count) {
        if (failure !== undefined) throw new Error(JSON.stringify(failure))
        await sleep(5)
      }
    },
    async kill() {
      running.delete(worker)
      child.kill('SIGKILL')
      await ended
    },
  }
  running.add(worker)
  await once(child, 'message')
  told.length = 0
  return worker
}

type Worker = Awaited<ReturnType<typeof startWorkerOver>>

/** What may be said of each pair of keys that a process told of before it was killed. */
function pairsIn(told: readonly Told[]) {
  const pairs = new Map<string, { readonly keys: readonly [string, string]; may: (readonly string[])[] }>()
  for (const { pair = '', keys, about, expected = [] } of told) {
    const known = pairs.get(pair)
    if (keys !== undefined) pairs.set(pair, { keys, may: [expected] })
    // Until it is acknowledged, a step may have been taken or not.
    else if (known !== undefined) known.may = about === 'after' ? [expected] : [...known.may, expected]
  }
  return [...pairs.values()]
}

const CREDITS = { given: 2, taken: -1 }

/** By how much the credits of a key have changed, at least and at most. */
function changeIn(told: readonly Told[]): { readonly least: number; readonly most: number } {
  const known = told.filter(({ about }) => about === 'after')
  const sum = known.reduce((total, { kind }) => total + (kind === undefined ? 0 : CREDITS[kind]), 0)
  // What was under way when the process was killed, or failed, may have been counted, or not.
  const last = told.at(-1)
  const open = told.filter((one) => one.about === 'open' || (one === last && one.about === 'before'))
  const changes = open.map(({ kind }) => (kind === undefined ? 0 : CREDITS[kind]))
  const total = (values: readonly number[]) => values.reduce((all, value) => all + value, sum)
  return {
    least: total(changes.filter((change) => change < 0)),
    most: total(changes.filter((change) => change > 0)),
  }
}

interface Shared {
  /** What a process is started with. */
  readonly database: object
  dispose(): Promise<void>
}

async function inFile(): Promise<Shared> {
  const folder = mkdtempSync(join(tmpdir(), 'life-'))
  return {
    database: { file: join(folder, 'keys.db') },
    dispose: async () => rmSync(folder, { recursive: true }),
  }
}

async function inPostgres(): Promise<Shared> {
  const server = await startPostgres()
  return { database: { postgres: server.address }, dispose: stopPostgres }
}

const kinds = [
  { kind: 'one file', open: inFile, rounds: 2, stops: 18 },
  { kind: 'one Postgres, with caches', open: inPostgres, rounds: 1, stops: 6 },
]

describe.each(kinds)('processes over $kind, with clocks an hour apart', { timeout: 7_200_000 }, (chosen) => {
  const ROUNDS = trials(500, chosen.rounds)
  let shared: Shared
  const startWorker = (clockOffsetMs: number) => startWorkerOver(shared.database, clockOffsetMs)
  let ahead: Worker
  let witness: Worker

  beforeAll(async () => {
    shared = await chosen.open()
    ;[ahead, witness] = [await startWorker(3_600_000), await startWorker(0)]
  }, 120_000)

  afterAll(async () => {
    await Promise.all([...running].map((worker) => worker.kill()))
    await shared.dispose()
  })

  it('are killed amid changes of keys and their children, and lose and invent none', async () => {
    let pairs = 0
    const wrong: unknown[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const worker = await startWorker(round % 2 === 0 ? 3_600_000 : -3_600_000)
      worker.begin('live')
      await worker.toldOf(3 + ((round * 7) % 23))
      await worker.kill()
      for (const { keys, may } of pairsIn(worker.told)) {
        const found = await Promise.all(keys.map((key) => witness.call('verify', key)))
        pairs++
        if (!may.some((one) => JSON.stringify(one) === JSON.stringify(found))) wrong.push({ found, may })
      }
    }
    if (isThorough)
      console.log(chosen.kind, 'changes amid kills', { rounds: ROUNDS, pairs, wrong: wrong.length })
    expect(wrong).toEqual([])
    expect(pairs).toBeGreaterThanOrEqual(ROUNDS)
  })

  it('refuse a key and its child on the next request, whichever of them is disabled, revoked or erased', async () => {
    let stale = 0
    for (let trial = 0; trial < trials(500, chosen.stops); trial++) {
      const parent = await ahead.call<IssuedKey>('issue')
      const child = await ahead.call<IssuedKey>('issueChild', parent.record.id)
      const verdicts = async () => [
        await witness.call('verify', parent.key),
        await witness.call('verify', child.key),
      ]
      expect(await verdicts()).toEqual(['ok', 'ok'])
      const change = ['disable', 'revoke', 'erase'][trial % 3]
      const isParent = trial % 2 === 0
      const stopped = isParent ? parent : child
      // Of these two the order is open: the key is refused after both.
      await Promise.all([ahead.call('change', change, stopped.record.id), witness.call('verify', child.key)])
      const [ofParent, ofChild] = await verdicts()
      if (ofChild === 'ok' || (ofParent === 'ok') === isParent) stale++
    }
    if (isThorough) console.log(chosen.kind, 'stopped keys and children', { stale })
    expect(stale).toBe(0)
  })

  it('are killed while they use and give credits, and each unit is counted exactly once', async () => {
    const BUDGET = 40
    const parent = await witness.call<IssuedKey>('issue')
    const off: unknown[] = []
    let counted = 0
    for (let round = 0; round < ROUNDS; round++) {
      const { key } = await witness.call<IssuedKey>('issueChild', parent.record.id, BUDGET)
      const workers = await Promise.all([startWorker(0), startWorker(1_000)])
      for (const worker of workers) worker.begin('spend', key, 5)
      await Promise.all(workers.map((worker) => worker.toldOf(10 + ((round * 13) % 60))))
      await Promise.all(workers.map((worker) => worker.kill()))
      const changes = workers.map(({ told }) => changeIn(told))
      counted += workers.flatMap(({ told }) => told.filter(({ about }) => about === 'after')).length
      const least = changes.reduce((sum, change) => sum + change.least, BUDGET)
      const most = changes.reduce((sum, change) => sum + change.most, BUDGET)
      const left = await witness.call<number>('left', key)
      if (left < least || left > most) off.push({ left, least, most })
    }
    if (isThorough)
      console.log(chosen.kind, 'credits amid kills', { rounds: ROUNDS, counted, off: off.length })
    expect(off).toEqual([])
  })
})
