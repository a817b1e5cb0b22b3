// Compares gosend-mock with its peers. `node bench/mock.mjs [throughput|documents …]`

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { HEADERS, mocks, startMock } from './mock-servers.mjs'
import { start } from './processes.mjs'
import { interleave, ratio, spread } from './rounds.mjs'
import { printTable, range } from './tables.mjs'

const own = fileURLToPath(new URL('mock-document.yaml', import.meta.url))
const { DOCUMENT = own, COLLECTION = '/loans', BIG = '', ROUND_SECONDS = '5', ROUNDS = '5' } = process.env
const [seconds, rounds] = [ROUND_SECONDS, ROUNDS].map(Number)
const caller = process.env.INIT_CWD ?? process.cwd()
const spec = resolve(caller, DOCUMENT)
const ids = Object.keys(mocks)
const rivals = ids.filter((id) => id !== 'ours')

/** The body that the document shows for a POST to the collection. */
function exampleBody(root) {
  const follow = (node) =>
    node?.$ref === undefined
      ? node
      : follow(
          node.$ref
            .split('/')
            .slice(1)
            .reduce((at, name) => at[name], root),
        )
  const { requestBody } = root.paths[COLLECTION].post
  const media = follow(requestBody).content['application/json']
  return JSON.stringify(media.example ?? follow(Object.values(media.examples)[0]).value)
}

const by = (name) => (result) => result[name]

/** One life per round and mock: started, warmed for a second, loaded with GET and with POST, and stopped. */
async function throughput(folder) {
  const body = exampleBody(parse(await readFile(spec, 'utf8')))
  const load = start('./mock-load.mjs')
  const requests = { get: { method: 'GET' }, post: { method: 'POST', body } }
  const life = async (id) => {
    const mock = await startMock(id, spec, COLLECTION, folder)
    try {
      const result = { firstAnswerMs: mock.firstAnswerMs }
      for (const [name, request] of Object.entries(requests)) {
        const common = { port: mock.port, path: COLLECTION, headers: HEADERS, ...request }
        await load.call('run', { ...common, seconds: 1 })
        const before = mock.cpuMicros()
        const measured = await load.call('run', { ...common, seconds })
        const isGood = measured.failures === 0 && measured.statuses.every((status) => status.startsWith('2'))
        if (!isGood) throw new Error(`${mocks[id].name}: ${JSON.stringify(measured)} where 2xx was expected`)
        result[name] = measured.perSecond
        result[`${name}Cpu`] = (mock.cpuMicros() - before) / measured.requests
        result[`${name}P50`] = measured.p50
        result[`${name}P99`] = measured.p99
      }
      return { ...result, peak: mock.peakMegabytes() }
    } finally {
      await mock.stop()
    }
  }
  try {
    const results = await interleave(ids, rounds, life)
    const cell = (id, name) => range(spread(results.get(id), by(name)))
    for (const name of Object.keys(requests)) {
      printTable(
        `${name.toUpperCase()} ${COLLECTION}, 16 connections, median (min–max)`,
        ['', 'requests/s', 'gosend-mock against it', 'p50 ms', 'p99 ms', 'CPU us/request'],
        ids.map((id) => [
          mocks[id].name,
          cell(id, name),
          range(ratio(results.get('ours'), results.get(id), by(name))),
          ...[cell(id, `${name}P50`), cell(id, `${name}P99`), cell(id, `${name}Cpu`)],
        ]),
      )
    }
    printTable(
      'Start and memory, load included, median (min–max)',
      ['', 'first answer ms', 'peak MB'],
      ids.map((id) => [mocks[id].name, cell(id, 'firstAnswerMs'), cell(id, 'peak')]),
    )
    const ours = results.get('ours')
    const wanted = { prism: 4, quietPrism: 2, backend: 1 }
    return [
      ...Object.keys(requests).flatMap((name) =>
        rivals.map((id) => ({
          promise: `${name.toUpperCase()} requests/s against ${mocks[id].name}`,
          atLeast: wanted[id],
          measured: ratio(ours, results.get(id), by(name)),
        })),
      ),
      {
        promise: 'first answer, in times of prism',
        atMost: 1 / 3,
        measured: ratio(ours, results.get('prism'), by('firstAnswerMs')),
      },
    ]
  } finally {
    load.stop()
  }
}

/** First answer and memory on further documents, without load: `BIG=a.json,b.yaml`. */
async function documents(folder) {
  const promises = []
  for (const file of BIG.split(',').filter((name) => name !== '')) {
    const results = await interleave(['ours', 'prism'], rounds, async (id) => {
      const mock = await startMock(id, resolve(caller, file), '/', folder)
      try {
        return { firstAnswerMs: mock.firstAnswerMs, peak: mock.peakMegabytes() }
      } finally {
        await mock.stop()
      }
    })
    const [ours, prism] = ['ours', 'prism'].map((id) => results.get(id))
    printTable(
      `${basename(file)}, median (min–max)`,
      ['', 'first answer ms', 'peak MB'],
      [...results].map(([id, list]) => [
        mocks[id].name,
        range(spread(list, by('firstAnswerMs'))),
        range(spread(list, by('peak'))),
      ]),
    )
    promises.push(
      {
        promise: `${basename(file)}: first answer, in times of prism`,
        atMost: 1 / 3,
        measured: ratio(ours, prism, by('firstAnswerMs')),
      },
      {
        promise: `${basename(file)}: peak memory, in times of prism`,
        atMost: 0.5,
        measured: ratio(ours, prism, by('peak')),
      },
    )
  }
  return promises
}

const sections = { throughput, documents }
const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !(name in sections))
if (unknown.length > 0)
  throw new Error(`${unknown.join(', ')}: choose from ${Object.keys(sections).join(', ')}`)

const folder = await mkdtemp(join(tmpdir(), 'bench-mock-'))
try {
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}`)
  console.log(`${basename(spec)}, ${rounds} rounds of ${seconds} s`)
  const promises = []
  for (const [name, section] of Object.entries(sections)) {
    if (chosen.length === 0 || chosen.includes(name)) promises.push(...(await section(folder)))
  }
  printPromises(promises)
} finally {
  await rm(folder, { recursive: true, force: true })
}

function printPromises(promises) {
  printTable(
    'Promises',
    ['', 'wanted', 'measured (min–max)', 'kept'],
    promises.map(({ promise, atLeast, atMost, measured }) => [
      promise,
      atLeast === undefined ? `<= ${atMost.toFixed(2)}` : `>= ${atLeast}`,
      range(measured),
      measured.median >= (atLeast ?? Number.NEGATIVE_INFINITY) &&
      measured.median <= (atMost ?? Number.POSITIVE_INFINITY)
        ? 'yes'
        : 'NO',
    ]),
  )
}
