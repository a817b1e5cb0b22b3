// Prints every message that has been sent, the newest first, a page of a hundred at a time.

import { createGosendClient, GosendError } from '@gosend/openapi'

const gosend = createGosendClient({ baseUrl: process.env.GOSENDAPI_URL })
// With a fixed end, messages that arrive in the meantime do not move the pages.
const query = { direction: 'outbound', created_before: new Date().toISOString(), per_page: 100 } as const

try {
  let count = 0
  for await (const message of gosend.list('/messages', { params: { query } })) {
    console.log(`${message.created_at} ${message.to} ${message.type} ${message.status}`)
    count++
  }
  console.log(`${count} messages`)
} catch (error) {
  if (!(error instanceof GosendError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
