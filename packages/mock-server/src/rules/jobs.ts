// Runs scheduled jobs when the mock's clock reaches their time, in order of time, and retries those that failed.

import type { Clock } from '../clock.js'
import type { JobTable, StoredJob } from '../storage/job-table.js'
import type { Transactions } from '../storage/transactions.js'
import type { JobContext, JobRun, Jobs as JobsByName } from './rules.js'
import type { WaitingJob } from './waiting-job.js'

export interface Jobs {
  /** @throws TypeError when no job has this name, or the instant is none. */
  schedule(scope: string, job: string, payload: unknown, at: number): string
  cancel(scope: string, id: string): boolean
  waiting(): readonly WaitingJob[]
  /** Begins to run jobs as time passes by itself. */
  start(): void
  /** The clock has been changed: something may be due, or not yet. */
  look(): void
  /** Moves the clock to an instant, and runs every job on the way at its own instant, one after the other. */
  advance(to: (now: number) => number): Promise<void>
  /** Abandons running jobs, because a snapshot has replaced what is stored. */
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
/** So many jobs that schedule one another for the same instant are a circle. */
const MAX_WAVES = 1_000
// Timers of more than 2^31 - 1 ms fire at once.
const MAX_TIMER_MS = 2_147_483_647
const MAX_SHOWN = 1_000

/** The jobs at work. */
interface Worker extends JobsOptions {
  /** By sequence. */
  readonly running: Map<number, Promise<void>>
  /** Aborted when the running jobs are abandoned. */
  life: AbortController
  /** The highest sequence so far. */
  latest: number
}

export function createJobs(options: JobsOptions): Jobs {
  const { byName, table, transactions, clock } = options
  const running = new Map<number, Promise<void>>()
  const worker: Worker = { ...options, running, life: new AbortController(), latest: 0 }
  let timer: NodeJS.Timeout | undefined
  let isStarted = false
  let isChanged = false
  let advancing = Promise.resolve()
  let advances = 0

  const look = (): void => {
    clearTimeout(timer)
    if (!isStarted || advances > 0 || worker.life.signal.aborted) return
    const next = performDue(worker, look)
    if (next === undefined) return
    timer = setTimeout(look, Math.min(Math.max(next - clock.now(), 0), MAX_TIMER_MS))
    // Waiting jobs keep no process alive; a listening mock does.
    timer.unref()
  }

  transactions.onCommit(() => {
    if (!isChanged) return
    isChanged = false
    // The answers that wait for this commit are sent first.
    setImmediate(look)
  })
  // A job whose work was undone is waiting again.
  transactions.onUndo(() => {
    isChanged = true
  })

  return {
    schedule(scope, job, payload, at) {
      if (!Object.hasOwn(byName, job)) throw new TypeError(`job: there is none named ${JSON.stringify(job)}`)
      if (!Number.isFinite(at)) throw new TypeError('at: must be milliseconds since the epoch')
      isChanged = true
      worker.latest = table.add(scope, job, JSON.stringify(payload ?? null), Math.ceil(at))
      return String(worker.latest)
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
      const start = () => advance(worker, to)
      const advanced = isFirst ? start() : advancing.catch(() => {}).then(start)
      advancing = advanced.finally(() => {
        advances--
        look()
      })
      return advancing
    },
    forget() {
      worker.life.abort(new Error('What is stored has been exchanged'))
      worker.life = new AbortController()
      running.clear()
      setImmediate(look)
    },
    close() {
      clearTimeout(timer)
      isStarted = false
      worker.life.abort(new Error('The mock is closed'))
    },
  }
}

const firstWaiting = ({ table, running }: Worker, limit: number): readonly StoredJob[] =>
  table.first(running.size + limit).filter(({ sequence }) => !running.has(sequence))

/**
 * Runs what is due.
 *
 * @param onDone called when a job is done that took time.
 * @returns when the next job is due; undefined when there is none, or no room for one.
 */
function performDue(worker: Worker, onDone: () => void): number | undefined {
  const { running, clock } = worker
  const now = clock.now()
  for (const row of firstWaiting(worker, MAX_AT_ONCE - running.size)) {
    if (row.at > now) break
    void perform(worker, row)?.then(onDone)
  }
  if (running.size >= MAX_AT_ONCE) return undefined
  const [next] = firstWaiting(worker, 1)
  return next === undefined || (clock.isFrozen() && next.at > now) ? undefined : next.at
}

/** Runs a job. Returns a promise only if the job is not done yet. */
function perform(worker: Worker, row: StoredJob): Promise<void> | undefined {
  const { byName, table, transactions, running, contextOf, log } = worker
  const { scope, sequence, failures } = row
  const { signal } = worker.life
  const finish = (error?: unknown): void => {
    running.delete(sequence)
    if (signal.aborted) return
    if (error === undefined) table.remove(scope, sequence)
    else retryLater(worker, row, error)
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

function retryLater({ table, clock, log }: Worker, row: StoredJob, error: unknown): void {
  const wait = RETRIES_AFTER_MS[row.failures]
  const reason = error instanceof Error ? error.message : String(error)
  const outcome = wait === undefined ? 'given up' : `tried again in ${wait / 1_000} s`
  log(`Warning: the job ${row.job} (${row.sequence}) failed and is ${outcome}: ${reason}`)
  if (wait === undefined) table.remove(row.scope, row.sequence)
  else table.postpone(row.sequence, clock.now() + wait)
}

async function advance(worker: Worker, to: (now: number) => number): Promise<void> {
  const { running, clock, table, transactions } = worker
  const { signal } = worker.life
  // Jobs that have begun by themselves come before those that lie ahead.
  if (running.size > 0) await Promise.all(running.values())
  let instant = clock.now()
  const countWave = createWaveCounter(worker)
  const target = to(instant)
  if (!(target >= instant)) throw new TypeError('milliseconds: the clock can only be moved forward')
  clock.hold(instant)
  try {
    while (!signal.aborted) {
      const [row] = table.first(1)
      if (row === undefined || row.at > target) break
      countWave(row, instant)
      // A job may report what was stored before it.
      await transactions.committed()
      if (signal.aborted) break
      instant = Math.max(instant, row.at)
      clock.hold(instant)
      await perform(worker, row)
    }
    instant = target
  } finally {
    clock.release(instant)
  }
}

/** Counts waves: the jobs of one instant, the jobs that these schedule for the same instant, and so on. */
function createWaveCounter(worker: Worker): (row: StoredJob, instant: number) => void {
  let [waves, lastOfWave] = [0, worker.latest]
  return (row, instant) => {
    if (row.at > instant) waves = 0
    if (row.at > instant || row.sequence > lastOfWave) [waves, lastOfWave] = [waves + 1, worker.latest]
    if (waves > MAX_WAVES)
      throw new Error(`No end of jobs at ${new Date(instant).toISOString()}; the latest is ${row.job}`)
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
