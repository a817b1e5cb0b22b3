// The honest caller: one connection, one request after the other, 20 ms of thought between them.

import http from 'node:http'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { serve } from './processes.mjs'

const THINK_MS = 20
const PATIENCE_MS = 5_000

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })

function ask(port, key) {
  return new Promise((resolve) => {
    const headers = { 'x-api-key': key }
    const request = http.get({ port, host: '127.0.0.1', path: '/v1/me', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    request.setTimeout(PATIENCE_MS, () => request.destroy())
    request.on('error', () => resolve(0))
  })
}

serve({
  async run({ port, keys, seconds }) {
    const latencies = []
    let sent = 0
    const end = performance.now() + seconds * 1000
    while (performance.now() < end) {
      const startedAt = performance.now()
      if ((await ask(port, keys[sent++ % keys.length])) === 200) latencies.push(performance.now() - startedAt)
      await setTimeout(THINK_MS)
    }
    latencies.sort((a, b) => a - b)
    const quantile = (q) => latencies[Math.ceil(latencies.length * q) - 1] ?? PATIENCE_MS
    return { sent, answered: latencies.length, p50: quantile(0.5), p99: quantile(0.99) }
  },
})
