// Sends documents and requests that mean harm to a mock, and tells the most processor time and memory that any of them
// took. `node bench/hostile.mjs`; CASES, SEED, FIRST and KIND choose which. SIGINT ends it early, with what it has found.

import { fork } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { documentsOf, KINDS } from './hostile-cases.mjs'
import { printTable } from './tables.mjs'

const { CASES = '20000', SEED = '1', FIRST = '0', PER_DOCUMENT = '20' } = process.env
const [total, seed, firstCase, perDocument] = [CASES, SEED, FIRST, PER_DOCUMENT].map(Number)
const MAX_CPU_MS = 1_000
const MAX_MEGABYTES = 512
/** After so many mocks the memory that the system's allocator has kept of those before would be counted, too. */
const MOCKS_PER_PROCESS = 20
/** Whatever takes longer is ended: it would take for ever. */
const MAX_SECONDS = 20
const program = fileURLToPath(import.meta.url)

const THING = { content: { 'application/json': { schema: { properties: { name: { type: 'string' } } } } } }
const ORDINARY = {
  spec: {
    openapi: '3.1.0',
    info: { title: 'Ordinary', version: '1' },
    paths: {
      '/things': {
        post: { requestBody: THING, responses: { 201: { description: '', ...THING } } },
        get: { responses: { 200: { description: '', ...THING } } },
      },
    },
  },
  cases: [
    {
      ...{ number: 0, kind: 'ordinary', path: '/things' },
      requests: [
        { method: 'POST', body: '{"name":1}', headers: { 'content-type': 'application/json' } },
        { method: 'POST', body: '{"name":"x"}', headers: { 'content-type': 'application/json' } },
        { method: 'GET' },
      ],
    },
  ],
}

/** In the process of the mock: starts one for a document, and measures each request to it. */
async function serve() {
  const { createMockServer } = await import('../packages/mock-server/dist/index.js')
  // A terminal sends it to both processes; this one is ended by the other.
  process.on('SIGINT', () => {})
  process.on('message', async ({ first, count }) => {
    const found = []
    let peak = 0
    let mocks = 0
    for (const one of documentsOf(seed, first, count)) {
      forgetPeak()
      mocks += 1
      found.push(...(await measure(createMockServer, one)))
      peak = Math.max(peak, peakOf(process.pid))
    }
    process.send({ found, peak, mocks })
  })
  // What is loaded for the first request of all is no document's doing.
  await measure(createMockServer, ORDINARY)
  process.send({ ready: true })
}

async function measure(createMockServer, { spec, cases }) {
  const own = JSON.parse(JSON.stringify(spec))
  const [{ number: first, kind: its }] = cases
  process.send({ at: `${its} ${first} start` })
  const started = process.cpuUsage()
  const mock = await createMockServer({ spec: own, auth: 'off', seedItems: 1 })
  const found = [{ number: first, kind: 'start', ms: since(started), status: 0, method: its }]
  for (const { number, kind, path: usual, requests } of cases)
    for (const { method, path = usual, query = '', body, headers } of requests) {
      process.send({ at: `${kind} ${number} ${method}` })
      const before = process.cpuUsage()
      const status = await statusOf(`${mock.url}${path}?${query}`, { method, body, headers })
      found.push({ number, kind, ms: since(before), status, method })
    }
  await mock.close()
  return found
}

const since = (before) => {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

const statusOf = (url, init) =>
  fetch(url, init).then(
    async (response) => {
      await response.arrayBuffer()
      return response.status
    },
    () => 'none',
  )

const peakOf = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

/** So that the peak is of one document, and not of the garbage of those before it (proc(5), clear_refs). */
function forgetPeak() {
  globalThis.gc()
  writeFileSync('/proc/self/clear_refs', '5')
}

/** Seconds of processor time that a process has taken (proc(5)); the system counts hundredths. */
const secondsOf = (pid) => {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13)
  return (Number(user) + Number(system)) / 100
}

/** Gives what was found for one document; a process that does not come to an end is ended. */
const ask = (child, message) =>
  new Promise((resolve, reject) => {
    let at = 'the start'
    let before = secondsOf(child.pid)
    // Processor time, so that nothing on a busy machine is taken for slow.
    const timer = setInterval(() => {
      if (secondsOf(child.pid) - before > MAX_SECONDS) end(new Error(`${at} took more than ${MAX_SECONDS} s`))
    }, 1_000)
    const onExit = (code, signal) => end(new Error(`${at} ended the process: ${code ?? signal}`))
    const onMessage = (told) => {
      if (told.at === undefined) return end(undefined, told)
      at = told.at
      before = secondsOf(child.pid)
    }
    const end = (error, told) => {
      clearInterval(timer)
      child.off('exit', onExit)
      child.off('message', onMessage)
      if (error === undefined) resolve(told)
      else reject(error)
    }
    child.on('exit', onExit)
    child.on('message', onMessage)
    if (message !== undefined) child.send(message)
  })

async function startServer() {
  const child = fork(program, ['serve'], { serialization: 'advanced', execArgv: ['--expose-gc'] })
  await ask(child)
  return child
}

/** Counts what was found for one case. Returns the bound that it breaks, in words. */
function record(row, { number, kind, ms, status, method }) {
  row.requests++
  if (ms > row.ms) Object.assign(row, { ms, number })
  const isFailure = status === 'none' || status >= 500
  if (isFailure) row.failures++
  return ms > MAX_CPU_MS || isFailure
    ? `case ${number} (${kind} ${method ?? ''}): ${Math.round(ms)} ms, status ${status}`
    : undefined
}

async function main() {
  const worst = new Map(
    [...Object.keys(KINDS), 'start'].map((kind) => [kind, { ms: 0, requests: 0, failures: 0 }]),
  )
  const problems = []
  let peak = 0
  let child
  let mocks = 0
  let isEnded = false
  process.once('SIGINT', () => {
    isEnded = true
  })
  let first = firstCase
  for (; first < firstCase + total && !isEnded; first += perDocument) {
    try {
      child ??= await startServer()
      const count = Math.min(perDocument, firstCase + total - first)
      const told = await ask(child, { first, count })
      peak = Math.max(peak, told.peak)
      mocks += told.mocks
      if (told.peak > MAX_MEGABYTES) problems.push(`cases from ${first}: ${Math.round(told.peak)} MB`)
      for (const found of told.found) {
        const problem = record(worst.get(found.kind), found)
        if (problem !== undefined) problems.push(problem)
      }
    } catch (error) {
      problems.push(`cases from ${first}: ${error.message}`)
      child?.kill('SIGKILL')
      child = undefined
    }
    if (mocks >= MOCKS_PER_PROCESS) {
      console.error(`${first + perDocument} cases, peak ${Math.round(peak)} MB`)
      child?.kill()
      child = undefined
      mocks = 0
    }
  }
  child?.kill()
  report({ worst, problems, peak, last: Math.min(first, firstCase + total) - 1 })
}

function report({ worst, problems, peak, last }) {
  printTable(
    `Seed ${seed}, cases from ${firstCase} to ${last}`,
    ['kind', 'requests', 'most CPU ms', 'case', '5xx or none'],
    [...worst].map(([kind, { requests, ms, number, failures }]) => [
      kind,
      requests,
      Math.round(ms),
      number ?? '',
      failures,
    ]),
  )
  console.log(
    `\nThe most memory: ${Math.round(peak)} MB of ${MAX_MEGABYTES}, with the client in the same process`,
  )
  for (const problem of problems) console.log(problem)
  if (problems.length > 0 || peak > MAX_MEGABYTES) process.exitCode = 1
}

await (process.argv[2] === 'serve' ? serve() : main())
