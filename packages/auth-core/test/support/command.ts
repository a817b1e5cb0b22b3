// The command `gosend-keys`: in this process, or as a person or a script runs it.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { expect } from 'vitest'
import { runCommand } from '../../src/cli/run.js'
import { createApiKeys } from '../../src/index.js'
import { sqliteStore } from '../../src/stores/sqlite.js'
import { connect, newFile } from './files.js'

const bin = fileURLToPath(new URL('../../bin/gosend-keys.js', import.meta.url))

export interface Finished {
  readonly code: number
  readonly out: string
  readonly err: string
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  /** Where it is run: libraries of the app are found from there. */
  readonly cwd?: string
}

/** Runs the command in this process: it is told all that a process would give it. */
export async function run(
  args: readonly string[],
  { env = {}, input = '' }: RunOptions = {},
): Promise<Finished> {
  const finished = { code: 0, out: '', err: '' }
  const print = (text: string) => {
    finished.out += `${text}\n`
  }
  const status = await runCommand(args, {
    env,
    print,
    printJson: (value) => print(JSON.stringify(value)),
    note: (text) => {
      finished.err += `${text}\n`
    },
    readInput: () => input,
    fail: () => {
      finished.code = 1
    },
  })
  return { ...finished, code: status || finished.code }
}

/** Runs the installed command in a process of its own. */
export function runProcess(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { DATABASE_URL, GOSEND_KEYS_PEPPER, ...env } = process.env
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...args],
      { timeout: 60_000, cwd: options.cwd, env: { ...env, ...options.env } },
      (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    )
    child.stdin?.end(options.input ?? '')
  })
}

/** A database file without keys, and the command on it; `json` is what it printed with `--json`. */
export async function ready() {
  const file = newFile()
  const db = new Database(file)
  sqliteStore(db)
  db.close()
  const on = (...args: string[]) => run([...args, '--db', file])
  const json = async (...args: string[]) => {
    const { code, out, err } = await on(...args, '--json')
    expect(code, err).toBe(0)
    expect(out.endsWith('\n') && out.trim().split('\n').length === 1).toBe(true)
    return JSON.parse(out)
  }
  const create = (...args: string[]) =>
    json('keys', 'create', '--project', '42', '--label', 'backend', ...args)
  const verify = (key: string) => createApiKeys({ store: sqliteStore(connect(file)) }).verify(key)
  return { file, on, json, create, verify }
}
