// Does what has been scheduled, when the mock's clock reaches it and in that order, and again where it failed.

import type { Clock } from '../clock.js'
import type { JobTable, StoredJob } from '../storage/job-table.js'
import type { Transactions } from '../storage/transactions.js'
import type { JobContext, JobRun, Jobs as JobsByName } from './rules.js'

/** A job that waits or is being done, for people. */
export interface WaitingJob {
  readonly id: string
  readonly job: string
  readonly projectId: string
  readonly environment: string
  readonly payload: unknown
  /** ISO 8601. */
  readonly at: string
  /** How often it has failed so far. */
  readonly failures: number
}

export interface Jobs {
  /** @throws TypeError when no job has this name, or the instant is none. */
  schedule(scope: string, job: string, payload: unknown, at: number): string
  cancel(scope: string, id: string): boolean
  waiting(): readonly WaitingJob[]
  /** Begins to do what is due, as time passes by itself. */
  start(): void
  /** The clock has been changed: something may be due, or not yet. */
  look(): void
  /** Moves the clock to an instant, and does everything on the way, each at its own instant and after the one before. */
  advance(to: (now: number) => number): Promise<void>
  /** Gives up what is being done, because what is stored has been exchanged. */
  forget(): void
  close(): void
}

export interface JobsOptions {
  readonly byName: JobsByName
  readonly table: JobTable
  readonly transactions: Transactions
  readonly clock: Clock
  /** Undefined when the project is gone. */
  readonly contextOf: (scope: string, run: JobRun) => JobContext | undefined
  readonly log: (line: string) => void
}

const RETRIES_AFTER_MS = [1_000, 10_000, 60_000]
const MAX_AT_ONCE = 32
/** A job that schedules one for the same instant, and that one another, and so on: so many are a circle. */
const MAX_WAVES = 1_000
// Timers of more than 2^31 - 1 ms fire at once.
const MAX_TIMER_MS = 2_147_483_647
const MAX_SHOWN = 1_000

export function createJobs(options: JobsOptions): Jobs {
  const { byName, table, transactions, clock, contextOf, log } = options
  /** Those that are being done, by sequence. */
  const running = new Map<number, Promise<void>>()
  let life = new AbortController()
  let timer: NodeJS.Timeout | undefined
  /** The highest sequence so far. */
  let latest = 0
  let isStarted = false
  let isChanged = false
  let advancing = Promise.resolve()
  let advances = 0

  const failed = (row: StoredJob, error: unknown): void => {
    const wait = RETRIES_AFTER_MS[row.failures]
    const reason = error instanceof Error ? error.message : String(error)
    const outcome = wait === undefined ? 'given up' : `tried again in ${wait / 1_000} s`
    log(`Warning: the job ${row.job} (${row.sequence}) failed and is ${outcome}: ${reason}`)
    if (wait === undefined) table.remove(row.scope, row.sequence)
    else table.postpone(row.sequence, clock.now() + wait)
  }

  /** A promise only for a job that is not done when this returns. */
  const perform = (row: StoredJob): Promise<void> | undefined => {
    const { scope, sequence, failures } = row
    const { signal } = life
    const finish = (error?: unknown): void => {
      running.delete(sequence)
      if (signal.aborted) return
      if (error === undefined) table.remove(scope, sequence)
      else failed(row, error)
    }
    try {
      const job = Object.hasOwn(byName, row.job) ? byName[row.job] : undefined
      const context = contextOf(scope, { id: String(sequence), attempt: failures + 1, signal })
      if (job === undefined || context === undefined) {
        log(`Warning: the job ${row.job} (${sequence}) is dropped: nobody does it any more`)
        finish()
        return undefined
      }
      const done = transactions.unit(() => {
        const result = job(context, JSON.parse(row.payload) as never)
        if (!(result instanceof Promise)) finish()
        return result
      })
      if (!(done instanceof Promise)) return undefined
      const settled = done.then(
        () => finish(),
        (error: unknown) => finish(error ?? new Error('rejected')),
      )
      running.set(sequence, settled)
      return settled
    } catch (error) {
      finish(error ?? new Error('thrown'))
      return undefined
    }
  }

  const due = (limit: number): readonly StoredJob[] =>
    table.first(running.size + limit).filter(({ sequence }) => !running.has(sequence))

  const look = (): void => {
    clearTimeout(timer)
    if (!isStarted || advances > 0 || life.signal.aborted) return
    const now = clock.now()
    for (const row of due(MAX_AT_ONCE - running.size)) {
      if (row.at > now) break
      void perform(row)?.then(look)
    }
    if (running.size >= MAX_AT_ONCE) return
    const [next] = due(1)
    if (next === undefined || (clock.isFrozen() && next.at > now)) return
    timer = setTimeout(look, Math.min(Math.max(next.at - now, 0), MAX_TIMER_MS))
    // Work that waits keeps no process alive; a listening mock does.
    timer.unref()
  }

  const advanceNow = async (to: (now: number) => number): Promise<void> => {
    const { signal } = life
    // What has begun by itself comes before what lies ahead.
    if (running.size > 0) await Promise.all(running.values())
    let instant = clock.now()
    let [waves, lastOfWave] = [0, latest]
    const target = to(instant)
    if (!(target >= instant)) throw new TypeError('milliseconds: the clock can only be moved forward')
    clock.hold(instant)
    try {
      while (!signal.aborted) {
        const [row] = table.first(1)
        if (row === undefined || row.at > target) break
        if (row.at > instant) waves = 0
        if (row.at > instant || row.sequence > lastOfWave) [waves, lastOfWave] = [waves + 1, latest]
        if (waves > MAX_WAVES)
          throw new Error(`No end of jobs at ${new Date(instant).toISOString()}; the latest is ${row.job}`)
        // A job may tell others of what was stored before it.
        await transactions.committed()
        if (signal.aborted) break
        instant = Math.max(instant, row.at)
        clock.hold(instant)
        await perform(row)
      }
      instant = target
    } finally {
      clock.release(instant)
    }
  }

  transactions.onCommit(() => {
    if (!isChanged) return
    isChanged = false
    // Those who wait for the commit come first.
    setImmediate(look)
  })
  // What was done and then undone waits again.
  transactions.onUndo(() => {
    isChanged = true
  })

  return {
    schedule(scope, job, payload, at) {
      if (!Object.hasOwn(byName, job)) throw new TypeError(`job: there is none named ${JSON.stringify(job)}`)
      if (!Number.isFinite(at)) throw new TypeError('at: must be milliseconds since the epoch')
      isChanged = true
      latest = table.add(scope, job, JSON.stringify(payload ?? null), Math.ceil(at))
      return String(latest)
    },
    cancel(scope, id) {
      const sequence = Number(id)
      return Number.isSafeInteger(sequence) && !running.has(sequence) && table.remove(scope, sequence)
    },
    waiting: () => table.first(MAX_SHOWN).map(shown),
    start() {
      isStarted = true
      look()
    },
    look,
    advance(to) {
      clearTimeout(timer)
      const isFirst = advances++ === 0
      const advanced = isFirst ? advanceNow(to) : advancing.catch(() => {}).then(() => advanceNow(to))
      advancing = advanced.finally(() => {
        advances--
        look()
      })
      return advancing
    },
    forget() {
      life.abort(new Error('What is stored has been exchanged'))
      life = new AbortController()
      running.clear()
      setImmediate(look)
    },
    close() {
      clearTimeout(timer)
      isStarted = false
      life.abort(new Error('The mock is closed'))
    },
  }
}

function shown({ sequence, scope, job, payload, at, failures }: StoredJob): WaitingJob {
  const [projectId = '', environment = ''] = scope.split('/')
  return {
    id: String(sequence),
    job,
    ...{ projectId, environment },
    payload: JSON.parse(payload) as unknown,
    at: new Date(at).toISOString(),
    failures,
  }
}
