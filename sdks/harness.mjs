// What the programs share: a mock of the vendor's document, steps that are counted, and a few assertions.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { KINDS } from './vendors.mjs'

const STEP_TIMEOUT_MS = 20_000

/** Starts the mock that `run.mjs` has named in the environment. */
async function startMock() {
  const { MOCK_COMMAND, MOCK_DOCUMENT, MOCK_ARGUMENTS } = process.env
  const flags = ['--spec', MOCK_DOCUMENT, '--port', '0', '--db', ':memory:', '--json', '--quiet']
  const child = spawn(process.execPath, [MOCK_COMMAND, ...flags, ...JSON.parse(MOCK_ARGUMENTS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the mock ended with ${code}`)))
  })
  const { url, keys, adminKey } = JSON.parse(line)
  return { url, key: keys.test, adminKey, stop: () => child.kill() }
}

/**
 * Runs the steps of one vendor and writes what came of them. `define` gets the mock and `step(kind, promise, work)`: the
 * work of a step throws when the promise is broken.
 */
export async function program(define) {
  const mock = await startMock()
  const results = []
  const step = async (kind, promise, work) => {
    assert(KINDS.includes(kind), `${kind} is not a kind of step`)
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error('no end within 20 seconds')), STEP_TIMEOUT_MS).unref()
    })
    try {
      await Promise.race([work(), late])
      results.push({ kind, promise, ok: true })
    } catch (error) {
      const reason = String(error?.message ?? error)
        .split('\n', 1)[0]
        .slice(0, 200)
      results.push({ kind, promise, ok: false, reason: `${error?.constructor?.name}: ${reason}` })
    }
  }
  try {
    await define({ ...mock, step })
  } finally {
    mock.stop()
    writeFileSync(process.env.RESULTS, JSON.stringify(results))
  }
  process.exit(0)
}

export const equal = assert.deepEqual
export const truthy = assert.ok

/** Awaits an error for which `check` returns; what it throws says what was wrong with the error. */
export async function rejects(work, check) {
  let value
  try {
    value = await work()
  } catch (error) {
    return check(error)
  }
  throw new Error(`no error, but ${JSON.stringify(value)?.slice(0, 120)}`)
}

/** Reads a pager to its end: it must end, repeat nothing, and hold every wanted id. */
export async function drain(items, idOf, wanted) {
  const seen = new Set()
  for await (const item of items) {
    const id = idOf(item)
    truthy(!seen.has(id), `the pager repeats ${id}`)
    seen.add(id)
    truthy(seen.size < 500, 'the pager does not end')
  }
  equal(
    wanted.filter((id) => !seen.has(id)),
    [],
    'items that the pager left out',
  )
}

/** Runs `make` for 1 to `count`, one after the other. */
export async function several(count, make) {
  const made = []
  for (let i = 1; i <= count; i++) made.push(await make(i))
  return made
}
