// One contender in a process of its own: its database, its verify function, and an Express server that it guards.

import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import express from 'express'
import { peers } from './peers/index.mjs'
import { serve } from './processes.mjs'

const { module, settings } = peers[process.argv[2]] ?? JSON.parse(process.argv[2])
const { seed, open } = await import(`./peers/${module}`)
const me = { id: 42, name: 'Acme', plan: 'business', webhookUrl: 'https://example.com/hook', active: true }

let keys
let contender

serve({
  /** Makes the database, unless its keys are known, proves every key once, and listens. */
  async open({ file, counts, known }) {
    keys = known ?? (await seed(file, counts, settings))
    contender = await open(file, settings)
    const { verify, admits, middleware } = contender
    for (const key of verify ? keys : []) {
      if (!admits(await verify(key))) throw new Error('a valid key was refused')
    }
    const app = express()
    app.use('/v1', middleware)
    app.get('/v1/me', (_request, response) => response.json(me))
    return new Promise((resolve, reject) => {
      const server = app.listen(0, '127.0.0.1', (error) =>
        error ? reject(error) : resolve({ port: server.address().port, keys }),
      )
    })
  },

  /** Verifies credentials of one kind, drawn at random, in `concurrency` loops at once. */
  async verify({ kind, concurrency, seconds }) {
    const { verify, admits } = contender
    const credentials = kind === 'valid' ? keys : keys.map(contender.forge[kind])
    const draw = drawer(credentials)
    const before = usage()
    const end = before.at + seconds * 1000
    let operations = 0
    const loop = async () => {
      while (performance.now() < end) {
        if (admits(await verify(draw())) !== (kind === 'valid')) throw new Error(`wrong answer to ${kind}`)
        // Timers get a turn, as they would in a server.
        if (++operations % 4096 === 0) await setImmediate()
      }
    }
    await Promise.all(Array.from({ length: concurrency }, loop))
    const after = usage()
    return {
      perSecond: (operations * 1000) / (after.at - before.at),
      cpuMicros: (after.cpuMicros - before.cpuMicros) / operations,
      argon2Runs: after.argon2Runs - before.argon2Runs,
    }
  },

  /** Credentials to send: valid ones drawn at random, forged ones all different. */
  credentials({ kind, count }) {
    const draw = drawer(keys)
    return Array.from({ length: count }, () => (kind === 'valid' ? draw() : contender.forge[kind](draw())))
  },

  usage,
})

function usage() {
  const { user, system } = process.cpuUsage()
  return { at: performance.now(), cpuMicros: user + system, argon2Runs: contender.argon2Runs?.() ?? 0 }
}

// Xorshift: the same cheap sequence for everybody.
function drawer(list) {
  let state = 2463534242
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return list[(state >>> 0) % list.length]
  }
}
