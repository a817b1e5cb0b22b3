// Receives GoSendAPI's events. WEBHOOK_SECRET is what `POST /webhooks` answered; it is shown there and nowhere else.

import { verifyWebhook } from '@gosend/openapi'
import express from 'express'

const { PORT = '3000', WEBHOOK_SECRET = '' } = process.env

/** An event can arrive twice. A real program keeps these where they survive a restart. */
const seen = new Set<string>()

const app = express()

// The signature is of the bytes as they came, so that nothing may parse them before.
app.post('/webhooks/gosendapi', express.raw({ type: 'application/json' }), (request, response) => {
  const verification = verifyWebhook(request.body, request.get('X-GoSendAPI-Signature'), WEBHOOK_SECRET)
  if (!verification.ok) {
    response.status(401).json({ error: verification.reason })
    return
  }
  // Within 10 seconds, or the event is sent again: what takes longer comes after the answer.
  response.status(204).end()
  const { event } = verification
  if (seen.has(event.id)) return
  seen.add(event.id)
  if (event.event === 'whatsapp.message.received') {
    const { contact, message } = event.data
    console.log(
      `${contact.profile_name ?? contact.wa_id}: ${message.type === 'text' ? message.text.body : message.type}`,
    )
  } else console.log(event.event)
})

app.listen(Number(PORT), '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${PORT}`))
