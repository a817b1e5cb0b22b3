// The load on a mock: 16 connections in a process of their own, each asking again as soon as it has its answer.

import autocannon from 'autocannon'
import { serve } from './processes.mjs'

serve({
  async run({ port, path, method, headers, body, seconds }) {
    const { requests, latency, duration, statusCodeStats, errors, timeouts } = await autocannon({
      ...{ url: `http://127.0.0.1:${port}${path}`, method, headers, connections: 16, duration: seconds },
      ...(body === undefined ? {} : { body }),
    })
    return {
      requests: requests.total,
      perSecond: requests.total / duration,
      p50: latency.p50,
      p99: latency.p99,
      statuses: Object.keys(statusCodeStats),
      failures: errors + timeouts,
    }
  },
})
