// Compares auth-core and the Express adapter with their peers. `node bench/auth.mjs [in-process|express|refusal|flood …]`

import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { express } from './express.mjs'
import { flood } from './flood.mjs'
import { inProcess } from './in-process.mjs'
import { peers } from './peers/index.mjs'
import { start } from './processes.mjs'
import { refusal } from './refusal.mjs'
import { printPromises } from './tables.mjs'

const sections = { 'in-process': inProcess, express, refusal, flood }
const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !(name in sections))
if (unknown.length > 0)
  throw new Error(`${unknown.join(', ')}: choose from ${Object.keys(sections).join(', ')}`)

const { ROUND_SECONDS = '10', ROUNDS = '5', KEYS = '1000' } = process.env
const [seconds, rounds, keys] = [ROUND_SECONDS, ROUNDS, KEYS].map(Number)
const directory = await mkdtemp(join(tmpdir(), 'bench-auth-'))
const processes = []
const run = (module, ...args) => {
  const process = start(module, ...args)
  processes.push(process)
  return process
}

try {
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}`)
  console.log(`${rounds} rounds of ${seconds} s, ${keys} warm keys among 10,000; making the databases`)
  const contenders = {}
  for (const [id, { name }] of Object.entries(peers)) contenders[id] = { name, ...run('./contender.mjs', id) }
  await Promise.all(
    Object.entries(contenders).map(async ([id, contender]) => {
      const file = join(directory, `${id}.db`)
      const { port } = await contender.call('open', { file, counts: { keys, others: 10_000 - keys } })
      contender.port = port
    }),
  )
  const setting = { contenders, load: run('./load.mjs'), honest: run('./honest.mjs'), rounds, seconds }
  const promises = []
  for (const [name, section] of Object.entries(sections)) {
    if (chosen.length === 0 || chosen.includes(name)) promises.push(...(await section(setting)))
  }
  printPromises(promises)
} finally {
  for (const process of processes) process.stop()
  await rm(directory, { recursive: true, force: true })
}
