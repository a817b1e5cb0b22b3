// Writes to somebody who has not written for a day, which only a template may. `node send-template.js 5491140123456 Juan`

import { createGosendClient } from '@gosend/openapi'

const [to = '5491140123456', name = 'Juan'] = process.argv.slice(2)
const gosend = createGosendClient({ baseUrl: process.env.GOSENDAPI_URL })

/** The first number of the first account that may send. */
async function senderOf(): Promise<string> {
  for await (const waba of gosend.list('/wabas', { params: { query: { status: 'active' } } })) {
    const path = { waba_id: waba.id }
    for await (const number of gosend.list('/wabas/{waba_id}/phone-numbers', { params: { path } }))
      if (number.status === 'active') return number.phone_number_id
  }
  throw new Error('There is no number to send from')
}

const { data: message, error } = await gosend.POST('/messages', {
  // Running this twice sends one message.
  params: { header: { 'Idempotency-Key': `appointment-20-05-${to}` } },
  body: {
    phone_number_id: await senderOf(),
    to,
    type: 'template',
    template: {
      name: 'appointment_reminder',
      language: { code: 'es_AR' },
      components: [
        {
          type: 'body',
          parameters: [
            { type: 'text', text: name },
            { type: 'text', text: '20/05' },
          ],
        },
      ],
    },
  },
})
if (error) {
  console.error(`${error.statusCode} ${error.code ?? ''}: ${error.message}`)
  process.exitCode = 1
} else console.log(`Message ${message.id} to ${message.to} is ${message.status}`)
