// Measures auth-core over Postgres: what is left of Express with and without the cache, and what a verification costs
// among ten thousand, a million and ten million keys; then what so many take on disk, and how long lists of them take, in SQLite as
// well. `node bench/scale.mjs [express|size|lists …]`

import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { underLoad } from './http.mjs'
import { measureLists } from './lists.mjs'
import { startPostgres } from './postgres.mjs'
import { start } from './processes.mjs'
import { interleave, ratio, spread } from './rounds.mjs'
import { figure, printPromises, printTable, range } from './tables.mjs'

const { ROUND_SECONDS = '10', ROUNDS = '5', KEYS = '1000', SIZES = '10000,1000000,10000000' } = process.env
const [seconds, rounds, keys] = [ROUND_SECONDS, ROUNDS, KEYS].map(Number)
const sizes = SIZES.split(',').map(Number)

const sections = { express, size, lists }
const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !(name in sections))
if (unknown.length > 0)
  throw new Error(`${unknown.join(', ')}: choose from ${Object.keys(sections).join(', ')}`)

const processes = []
const run = (module, ...args) => {
  const process = start(module, ...args)
  processes.push(process)
  return process
}

const postgres = await startPostgres()
const directory = await mkdtemp(join(tmpdir(), 'bench-scale-'))

/** A process with a server and a verify function, over a schema with so many keys; made, unless its keys are known. */
async function contender(name, peer, others, { known, file = postgres.url } = {}) {
  const process = run('./contender.mjs', typeof peer === 'string' ? peer : JSON.stringify(peer))
  const opened = await process.call('open', { file, counts: { keys, others }, known })
  return { name, ...process, ...opened }
}

const overPostgres = (schema, cache) => ({ module: 'auth-core-postgres.mjs', settings: { schema, cache } })
const perSecond = (result) => result.perSecond

async function express() {
  const others = 10_000 - keys
  const contenders = {
    none: await contender('no authentication', 'none', others),
    bare: await contender('bare SHA-256 lookup, SQLite', 'bare', others, {
      file: join(directory, 'keys.db'),
    }),
    cached: await contender('auth-core, Postgres, cache', overPostgres('bench_cached', true), others),
    uncached: await contender('auth-core, Postgres', overPostgres('bench_uncached', false), others),
  }
  const names = Object.keys(contenders)
  const load = run('./load.mjs')
  const results = await interleave(names, rounds, (name) =>
    underLoad({ load, contender: contenders[name], kind: 'valid', seconds, status: 200 }),
  )
  const kept = (name) => ratio(results.get(name), results.get('none'), perSecond)
  printTable(
    'Express 5: GET /v1/me, 64 connections, warm keys among 10,000, median (min–max)',
    ['', 'requests/s', 'of no auth', 'p50 ms', 'p99 ms', 'server CPU us/request'],
    names.map((name) => [
      contenders[name].name,
      range(spread(results.get(name), perSecond)),
      range(kept(name)),
      figure(spread(results.get(name), ({ p50 }) => p50).median),
      figure(spread(results.get(name), ({ p99 }) => p99).median),
      range(spread(results.get(name), ({ cpuMicros }) => cpuMicros)),
    ]),
  )
  for (const name of names) contenders[name].stop()
  return [
    {
      promise: 'Express, Postgres and cache, requests/s kept of no auth',
      atLeast: 0.9,
      measured: kept('cached'),
    },
  ]
}

async function size() {
  const promises = []
  const known = new Map()
  for (const cache of [false, true]) {
    const contenders = new Map()
    for (const size of sizes) {
      const name = `${size.toLocaleString('en')} keys`
      const startedAt = performance.now()
      const peer = overPostgres(`bench_${size}`, cache)
      contenders.set(size, await contender(name, peer, size - keys, { known: known.get(size) }))
      if (!known.has(size)) console.log(`made ${name} in ${figure((performance.now() - startedAt) / 1000)} s`)
      known.set(size, contenders.get(size).keys)
    }
    const results = await interleave(sizes, rounds, (size) =>
      contenders.get(size).call('verify', { kind: 'valid', concurrency: cache ? 1 : 64, seconds }),
    )
    const [least] = sizes
    const cost = (size) => ratio(results.get(least), results.get(size), perSecond)
    printTable(
      `A verification ${cache ? 'from the cache, one at a time' : 'without a cache, 64 at once'}, median (min–max)`,
      ['', 'verifications/s', `cost, of ${least.toLocaleString('en')} keys`, 'CPU us'],
      sizes.map((size) => [
        contenders.get(size).name,
        range(spread(results.get(size), perSecond)),
        range(cost(size)),
        range(spread(results.get(size), ({ cpuMicros }) => cpuMicros)),
      ]),
    )
    for (const size of sizes.slice(1)) {
      promises.push({
        promise: `cost among ${size.toLocaleString('en')} keys, ${cache ? 'cache' : 'no cache'}`,
        atMost: 1.3,
        measured: cost(size),
      })
    }
    for (const { stop } of contenders.values()) stop()
  }
  return promises
}

async function lists() {
  await measureLists({ url: postgres.url, directory }, sizes)
  return []
}

try {
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}`)
  console.log(`${rounds} rounds of ${seconds} s, ${keys} warm keys`)
  const promises = []
  for (const [name, section] of Object.entries(sections)) {
    if (chosen.length === 0 || chosen.includes(name)) promises.push(...(await section()))
  }
  if (promises.length > 0) printPromises(promises)
} finally {
  for (const process of processes) process.stop()
  await postgres.stop()
  await rm(directory, { recursive: true })
}
