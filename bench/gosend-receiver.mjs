// A receiver of webhooks in a process of its own: takes everything, and counts.

import { createServer } from 'node:http'
import { serve } from './processes.mjs'

let received = 0
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    received++
    response.writeHead(204).end()
  })
})

serve({
  listen: () => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port))),
  count: () => received,
})
