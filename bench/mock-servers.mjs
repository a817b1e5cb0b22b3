// The mocks that are compared, how each is started, and the life of one: its first answer, its load, its memory.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { generateKeys } from '../packages/mock-server/dist/index.js'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const bin = here('../packages/mock-server/bin/gosend-mock.js')
const prism = here('node_modules/@stoplight/prism-cli/dist/index.js')

/** A well-formed credential for every scheme; what gosend-mock judges, it was started with. */
export const HEADERS = {
  'x-api-key': generateKeys().test,
  authorization: `Basic ${Buffer.from('user:password').toString('base64')}`,
  'content-type': 'application/json',
}

/** The arguments of Node that start each. All of them log as they do by default, except where the name says otherwise. */
export const mocks = {
  ours: {
    name: 'gosend-mock',
    start: (spec, port, folder) => [bin, '--spec', spec, '--port', port, '--db', join(folder, `${port}.db`)],
  },
  prism: { name: 'prism', start: (spec, port) => [prism, 'mock', spec, '-p', port] },
  quietPrism: {
    name: 'prism -v error',
    start: (spec, port) => [prism, 'mock', spec, '-p', port, '-v', 'error'],
  },
  backend: { name: 'openapi-backend', start: (spec, port) => [here('mock-openapi-backend.mjs'), spec, port] },
}

/** Starts a mock and waits for its first answer, whatever that says. */
export async function startMock(id, spec, path, folder) {
  const { name, start } = mocks[id]
  const port = await freePort()
  const startedAt = performance.now()
  const child = spawn(process.execPath, start(spec, String(port), folder), {
    cwd: folder,
    env: { ...process.env, GOSEND_MOCK_KEY_TEST: HEADERS['x-api-key'] },
    // What it logs is taken and thrown away, as a terminal would take it.
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.resume()
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints = (complaints + chunk).slice(-500)
  })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  while ((await statusOf(port, path)) === undefined) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${complaints}`)
    if (performance.now() - startedAt > 120_000) {
      child.kill('SIGKILL')
      throw new Error(`${name} gave no answer within two minutes`)
    }
    await delay(5)
  }
  return {
    port,
    firstAnswerMs: performance.now() - startedAt,
    peakMegabytes: () => peakOf(child.pid),
    cpuMicros: () => cpuOf(child.pid),
    stop() {
      child.kill('SIGKILL')
      return gone
    },
  }
}

function statusOf(port, path) {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, headers: HEADERS, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    request.on('error', () => resolve(undefined))
  })
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** The most memory that a process has held so far, in MB; NaN where the system does not tell. */
export function peakOf(pid) {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}

// The kernel counts in hundredths of a second.
const TICK_MICROS = 10_000

/** The CPU time that a process has used so far; NaN where the system does not tell. */
export function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS
  } catch {
    return Number.NaN
  }
}
