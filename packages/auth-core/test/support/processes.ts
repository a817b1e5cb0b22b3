// Real processes over one database file, told what to do over IPC.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface WorkerOptions {
  /** A SQLite file, or `postgres`. */
  readonly file?: string
  readonly postgres?: { readonly pool: object; readonly options?: object }
  /** Where the processes with that file agree what their caches keep. */
  readonly redis?: { readonly port: number; readonly options?: object }
  readonly lastUsedIntervalMs?: number
  readonly argon2?: object
  readonly maxKeysPerProject?: number
  readonly events?: object
  /** So often its clock jumps, by up to a year ahead or back. */
  readonly clockJumpsEveryMs?: number
}

export interface Outcome {
  readonly value?: unknown
  readonly error?: { readonly code: string; readonly message: string }
}

export interface WorkerProcess {
  readonly pid: number
  /** Carries out a command; an error of the command, or the end of the process, is part of the outcome. */
  attempt(name: string, ...args: unknown[]): Promise<Outcome>
  /** Carries out a command that must succeed. */
  call<T = unknown>(name: string, ...args: unknown[]): Promise<T>
  /** Resolves when a commit has come that `stopAtCommit` stops. */
  stopped(): Promise<void>
  /** Lets that commit go on. */
  admit(): void
  /** What the process told of its own accord. */
  readonly told: Record<string, unknown>[]
  signal(signal: NodeJS.Signals): void
  /** Resolves when the process is gone and everything it told has arrived. */
  kill(): Promise<void>
}

const program = fileURLToPath(new URL('worker.mjs', import.meta.url))
const running = new Map<ChildProcess, WorkerProcess>()

/** @param execArgv options of Node. */
export async function startWorker(
  options: WorkerOptions,
  execArgv: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<WorkerProcess> {
  const child = fork(program, [JSON.stringify(options)], {
    execArgv: [...execArgv],
    env: { ...process.env, ...env },
  })
  const told: Record<string, unknown>[] = []
  const answers = new Map<number, (outcome: Outcome) => void>()
  let calls = 0

  const reached = (point: string) =>
    new Promise<void>((resolve) => {
      const listen = (message: Record<string, unknown>) => {
        if (message.at !== point) return
        child.off('message', listen)
        resolve()
      }
      child.on('message', listen)
    })
  child.on('message', (message: Record<string, unknown>) => {
    if (typeof message.call === 'number') answers.get(message.call)?.(message)
    else if (message.at === undefined) told.push(message)
  })
  const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(() => {
    running.delete(child)
    for (const answer of answers.values()) answer({ error: { code: 'ended', message: 'the process ended' } })
  })

  const worker: WorkerProcess = {
    pid: child.pid ?? 0,
    told,
    attempt: (name, ...args) =>
      new Promise((resolve) => {
        const call = calls++
        answers.set(call, (outcome) => {
          answers.delete(call)
          resolve(outcome)
        })
        child.send({ call, name, args })
      }),
    async call<T>(name: string, ...args: unknown[]) {
      const { value, error } = await worker.attempt(name, ...args)
      if (error !== undefined) throw new Error(`${name}: ${error.code}: ${error.message}`)
      return value as T
    },
    stopped: () => reached('commit'),
    admit: () => void child.send({ name: 'admit' }),
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
  running.set(child, worker)
  const started = await Promise.race([reached('start').then(() => true), ended.then(() => false)])
  if (!started) throw new Error('the process ended before it was ready; is the package built?')
  return worker
}

export async function killWorkers(): Promise<void> {
  await Promise.all([...running.values()].map((worker) => worker.kill()))
}
