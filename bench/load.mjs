// The load: 64 connections in a process of their own, each walking through its share of the credentials.

import autocannon from 'autocannon'
import { serve } from './processes.mjs'

serve({
  async run({ port, credentials, seconds, connections = 64 }) {
    let connection = 0
    const result = await autocannon({
      url: `http://127.0.0.1:${port}/v1/me`,
      connections,
      duration: seconds,
      setupClient(client) {
        const share = credentials.filter((_, i) => i % connections === connection)
        client.setRequests(share.map((key) => ({ headers: { 'x-api-key': key } })))
        connection++
      },
    })
    const { requests, latency, duration, statusCodeStats, errors, timeouts } = result
    const statuses = Object.fromEntries(
      Object.entries(statusCodeStats).map(([code, { count }]) => [code, count]),
    )
    return {
      perSecond: requests.total / duration,
      requests: requests.total,
      p50: latency.p50,
      p99: latency.p99,
      statuses,
      failures: errors + timeouts,
    }
  },
})
