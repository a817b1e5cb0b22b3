// The load: 64 connections in a process of their own, each asking for /v1/me as soon as it has its answer.

import { performance } from 'node:perf_hooks'
import autocannon from 'autocannon'
import { serve } from './processes.mjs'

const CONNECTIONS = 64

const requestWith = (key) => ({ headers: { 'x-api-key': key } })

/** Every connection goes round its own share of the credentials; the requests are built beforehand. */
function inShares(credentials) {
  let connection = 0
  return {
    setupClient(client) {
      const share = credentials.filter((_, i) => i % CONNECTIONS === connection)
      client.setRequests(share.map(requestWith))
      connection++
    },
  }
}

/** No credential is sent twice; each request is built when it is sent. */
function oneByOne(credentials) {
  let sent = 0
  const setupRequest = (request) => {
    if (sent === credentials.length) throw new Error('out of credentials')
    return Object.assign(request, requestWith(credentials[sent++]))
  }
  return { requests: [{ setupRequest }] }
}

serve({
  async run({ port, credentials, once, seconds }) {
    const load = autocannon({
      url: `http://127.0.0.1:${port}/v1/me`,
      connections: CONNECTIONS,
      duration: seconds,
      sampleInt: 100,
      ...(once ? oneByOne(credentials) : inShares(credentials)),
    })
    let startedAt
    load.on('start', () => {
      startedAt = performance.now()
    })
    const { requests, latency, statusCodeStats, errors, timeouts } = await load
    const counts = Object.entries(statusCodeStats).map(([status, { count }]) => [status, count])
    return {
      requests: requests.total,
      perSecond: (requests.total * 1000) / (performance.now() - startedAt),
      p50: latency.p50,
      p99: latency.p99,
      statuses: Object.fromEntries(counts),
      failures: errors + timeouts,
    }
  },
})
