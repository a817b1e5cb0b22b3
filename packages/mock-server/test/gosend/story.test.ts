// One story, as somebody would test their own product against the sandbox: with the mock and the typed client.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGosendClient, type WebhookEvent } from '@gosend/openapi'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createMockServer, type MockServer } from '../../src/index.js'

const JUAN = '5491140123456'
const START = '2026-05-18T14:00:00Z'

let mock: MockServer
const events: WebhookEvent[] = []
/** By the path that a webhook leads to. */
const secrets: Record<string, string> = {}

/** The product's own receiver: it takes nothing that is not signed. */
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    const secret = secrets[request.url ?? ''] ?? ''
    const expected = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    const presented = String(request.headers['x-gosendapi-signature'])
    const isGenuine =
      presented.length === expected.length && timingSafeEqual(Buffer.from(presented), Buffer.from(expected))
    if (isGenuine) events.push(JSON.parse(body.toString()) as WebhookEvent)
    response.writeHead(isGenuine ? 204 : 401).end()
  })
})
let receiverUrl: string

const asAdmin = async (path: string, body: object) => {
  const response = await fetch(mock.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-admin-key': mock.adminKey },
    body: JSON.stringify(body),
  })
  expect(response.ok).toBe(true)
  return (await response.json()) as Record<string, string>
}

/** Lets time pass in the sandbox, with all that happens in it. */
const pass = (duration: string) => asAdmin('/_mock/clock', { advance: duration })

beforeAll(async () => {
  mock = await createMockServer()
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
})
afterAll(async () => {
  await mock?.close()
  receiver.closeAllConnections()
  receiver.close()
})

it('takes a customer from the sign-up to the end of a conversation', async () => {
  await asAdmin('/_mock/clock', { freeze: START })
  const api = createGosendClient({ apiKey: mock.keys.live, baseUrl: `${mock.url}/v1` })

  // The platform wants to know of new numbers.
  const { data: ofProject } = await api.POST('/webhooks', {
    body: {
      url: `${receiverUrl}/project`,
      events: ['whatsapp.phone_number.created', 'whatsapp.template.approved'],
      type: 'gosendapi_events',
    },
  })
  secrets['/project'] = ofProject?.secret ?? ''

  // A customer signs up.
  const customer = await asAdmin('/admin/tenants/42/customers', { name: 'Harbor Bikes' })
  const link = await asAdmin(`/admin/customers/${customer.id}/setup-links`, {
    successRedirectUrl: 'https://shop.acme.com/connected',
    failureRedirectUrl: 'https://shop.acme.com/failed',
  })
  const submit = (fields: Record<string, string>) =>
    fetch(String(link.url), { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  await submit({
    step: 'details',
    businessName: 'Harbor Bikes Ltd',
    phoneNumber: '+44 20 7946 0123',
    displayName: 'Harbor Bikes',
  })
  const finished = await submit({ step: 'pin', pin: '123456' })
  expect(finished.headers.get('location')).toBe('https://shop.acme.com/connected?status=success')
  await pass('1s')
  const created = events.find(({ event }) => event === 'whatsapp.phone_number.created')
  if (created?.event !== 'whatsapp.phone_number.created') throw new Error('No number was announced')
  const { phone_number: number } = created.data

  const { data: ofNumber } = await api.POST('/webhooks', {
    body: {
      url: `${receiverUrl}/number`,
      events: [
        'whatsapp.message.received',
        'whatsapp.message.sent',
        'whatsapp.message.delivered',
        'whatsapp.message.read',
        'whatsapp.conversation.created',
        'whatsapp.conversation.ended',
      ],
      phone_number_id: number.id,
      type: 'gosendapi_events',
    },
  })
  secrets['/number'] = ofNumber?.secret ?? ''

  // A template is approved, and opens the conversation.
  const { data: template } = await api.POST('/wabas/{waba_id}/templates', {
    params: { path: { waba_id: number.waba_id } },
    body: {
      name: 'bike_ready',
      category: 'UTILITY',
      language: 'en_US',
      components: [
        {
          type: 'BODY',
          text: 'Hello {{1}}, your bike is ready to be picked up.',
          example: { body_text: [['Juan']] },
        },
      ],
    },
  })
  expect(template?.status).toBe('PENDING')
  await pass('24h')
  expect(events.map(({ event }) => event)).toContain('whatsapp.template.approved')
  const send = (text: string) =>
    api.POST('/messages', {
      body: { phone_number_id: number.phone_number_id, to: JUAN, type: 'text', text: { body: text } },
    })
  await api.POST('/messages', {
    body: {
      phone_number_id: number.phone_number_id,
      to: JUAN,
      type: 'template',
      template: {
        name: 'bike_ready',
        language: { code: 'en_US' },
        components: [{ type: 'body', parameters: [{ type: 'text', text: 'Juan' }] }],
      },
    },
  })
  await pass('1m')

  // He answers, and is answered.
  await asAdmin('/_mock/inbound', { from: JUAN, text: 'When?', phone_number_id: number.phone_number_id })
  const { data: answer } = await send('Today until six.')
  await pass('1m')
  const { data: read } = await api.GET('/messages/{message_id}', {
    params: { path: { message_id: answer?.id ?? '' } },
  })
  expect(read).toMatchObject({ status: 'read', simulated: true })

  // A day later nothing but a template may be sent.
  await pass('25h')
  const { error } = await send('Are you still coming?')
  expect(error).toMatchObject({ statusCode: 403, code: 'OUTSIDE_24H_WINDOW' })

  const ofJuan = events.filter(({ phone_number_id: id }) => id === number.phone_number_id)
  expect(ofJuan.map(({ event }) => event)).toEqual([
    'whatsapp.phone_number.created',
    'whatsapp.conversation.created',
    'whatsapp.message.sent',
    'whatsapp.message.delivered',
    'whatsapp.message.read',
    'whatsapp.message.received',
    'whatsapp.message.sent',
    'whatsapp.message.delivered',
    'whatsapp.message.read',
    'whatsapp.conversation.ended',
  ])
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
})
