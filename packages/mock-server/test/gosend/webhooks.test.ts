import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { verifyWebhook } from '@gosend/openapi'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { send } from '../harness.js'
import { type Gosend, gosend, JUAN, NUMBER, text } from './gosend.js'
import { type Received, type Receiver, receiver } from './receiver.js'

const MESSAGE_EVENTS = ['received', 'sent', 'delivered', 'read', 'failed'].map(
  (step) => `whatsapp.message.${step}`,
)
const CONVERSATION_EVENTS = ['created', 'inactive', 'ended'].map((step) => `whatsapp.conversation.${step}`)
const PROJECT_EVENTS = [
  ...['whatsapp.phone_number.created', 'whatsapp.phone_number.deleted', 'whatsapp.account.alert'],
  ...['approved', 'rejected', 'paused'].map((step) => `whatsapp.template.${step}`),
]
const ALL_EVENTS = [...MESSAGE_EVENTS, ...CONVERSATION_EVENTS, ...PROJECT_EVENTS]

const hook = (url: string, events: readonly string[] = ALL_EVENTS, numberId: string | undefined = '31') => ({
  ...{ url, events, type: 'gosendapi_events' },
  ...(numberId === undefined ? {} : { phone_number_id: numberId }),
})

/** A webhook for the events of the first number. */
async function subscribe(api: Gosend, { url }: Receiver, events?: readonly string[]) {
  const { status, json } = await api.live('POST /webhooks', hook(url, events))
  expect(status).toBe(201)
  return json as { readonly id: string; readonly secret: string }
}

async function subscribeToProject(api: Gosend, { url }: Receiver, events?: readonly string[]) {
  const { json } = await api.live('POST /webhooks', {
    ...{ url, events: events ?? ALL_EVENTS, type: 'gosendapi_events' },
  })
  return json as { readonly id: string; readonly secret: string }
}

const inbound = (api: Gosend, body: object = { from: JUAN, text: 'Hello' }) =>
  api.control('POST /inbound?environment=production', body)

const deliveries = async (api: Gosend, id: string, query = '') =>
  (await api.live(`GET /webhooks/${id}/deliveries${query}`)).json

describe('webhooks', () => {
  it('show their secret when they are made, and never again', async () => {
    const api = await gosend()
    const lines: string[] = []
    const { status, json } = await api.live('POST /webhooks', hook('http://127.0.0.1:9/'))
    expect(status).toBe(201)
    const { secret, ...webhook } = json
    expect(secret).toMatch(/^whsec_[0-9a-f]{48}$/)
    expect(webhook).toEqual({
      ...{ id: '1', url: 'http://127.0.0.1:9/', events: ALL_EVENTS, phone_number_id: '31' },
      ...{ type: 'gosendapi_events', enabled: true, created_at: '2026-05-18T14:00:00Z' },
    })
    const listed = await api.live('GET /webhooks')
    expect(listed.json).toEqual([webhook])
    lines.push(listed.text, (await api.live('PATCH /webhooks/1', { enabled: false })).text)
    lines.push(JSON.stringify(api.mock.requests()), (await api.control('GET /requests')).text)
    expect(lines.filter((line) => line.includes(secret.slice(6)))).toEqual([])
  })

  it('belong to one project and environment', async () => {
    const api = await gosend()
    await api.live('POST /webhooks', hook('http://127.0.0.1:9/'))
    expect((await api.test('GET /webhooks')).json).toEqual([])
    expect((await api.test('DELETE /webhooks/1')).status).toBe(404)
    expect((await api.test('PATCH /webhooks/1', { enabled: false })).status).toBe(404)
    expect((await api.test('GET /webhooks/1/deliveries')).status).toBe(404)
  })

  it('are listed newest first, a page at a time', async () => {
    const api = await gosend()
    for (let i = 0; i < 3; i++) await api.live('POST /webhooks', hook(`http://127.0.0.1:9/${i}`))
    const { json, headers } = await api.live('GET /webhooks?page=2&per_page=2')
    expect(json.map(({ id }: { id: string }) => id)).toEqual(['1'])
    expect(['x-total-count', 'x-page', 'x-per-page'].map((name) => headers.get(name))).toEqual([
      '3',
      '2',
      '2',
    ])
  })

  it.each([
    [{ url: 'ftp://127.0.0.1/' }, 400, undefined],
    [{ url: 'http://' }, 422, undefined],
    [{ events: [] }, 400, undefined],
    [{ events: ['whatsapp.message.eaten'] }, 400, undefined],
    [{ phone_number_id: NUMBER }, 400, 'INVALID_PHONE_NUMBER_ID'],
    [{ phone_number_id: '77' }, 400, 'INVALID_PHONE_NUMBER_ID'],
    [{ secret: 'whsec_mine' }, 400, undefined],
  ])('refuse %j', async (change, status, code) => {
    const api = await gosend()
    const { json, ...reply } = await api.live('POST /webhooks', { ...hook('http://127.0.0.1:9/'), ...change })
    expect([reply.status, json.code]).toEqual([status, code])
    expect((await api.live('GET /webhooks')).json).toEqual([])
  })
})

describe('deliveries', () => {
  it('carry the event, signed with the secret', async () => {
    const api = await gosend()
    const server = await receiver()
    const { secret } = await subscribe(api, server, ['whatsapp.message.received'])
    await inbound(api, { from: JUAN, text: 'Hello', profile_name: 'Juan' })
    const [{ event, body, headers } = expect.fail()] = await server.until(1)
    expect(event).toEqual({
      id: expect.stringMatching(/^evt_[0-9A-HJKMNP-TV-Z]{26}$/),
      event: 'whatsapp.message.received',
      created_at: '2026-05-18T14:00:00Z',
      project_id: '42',
      phone_number_id: NUMBER,
      data: {
        contact: { wa_id: JUAN, profile_name: 'Juan' },
        message: expect.objectContaining({ direction: 'inbound', text: { body: 'Hello' }, simulated: true }),
      },
    })
    const digest = createHmac('sha256', secret).update(body).digest('hex')
    expect(headers).toMatchObject({
      'x-gosendapi-signature': `sha256=${digest}`,
      'content-type': 'application/json',
    })
    expect(verifyWebhook(body, headers['x-gosendapi-signature'], secret)).toMatchObject({ ok: true })
    // What a library for Standard Webhooks checks.
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body.toString()}`
    expect(headers['webhook-id']).toBe(event.id)
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(content).digest('base64')}`,
    )
  })

  it('go to every webhook that subscribed to the event, each with its own secret', async () => {
    const api = await gosend()
    const [first, second, other] = await Promise.all([receiver(), receiver(), receiver()])
    const hooks = [await subscribe(api, first), await subscribe(api, second, ['whatsapp.message.received'])]
    await subscribe(api, other, ['whatsapp.message.read'])
    await inbound(api)
    await Promise.all([first.until(2), second.until(1)])
    await api.pass('1ms')
    expect([first.names(), second.names(), other.names()]).toEqual([
      ['whatsapp.conversation.created', 'whatsapp.message.received'],
      ['whatsapp.message.received'],
      [],
    ])
    for (const [i, { received }] of [first, second].entries())
      for (const { body, headers } of received) {
        const { ok } = verifyWebhook(body, headers['x-gosendapi-signature'], hooks[i]?.secret ?? '')
        expect(ok).toBe(true)
      }
  })

  it("keep a number's events and the project's apart", async () => {
    const api = await gosend()
    const [ofNumber, ofProject] = await Promise.all([receiver(), receiver()])
    await subscribe(api, ofNumber)
    await subscribeToProject(api, ofProject)
    await inbound(api)
    await api.control('POST /wabas/12/alert')
    await Promise.all([ofNumber.until(2), ofProject.until(1)])
    await api.pass('1ms')
    expect(ofNumber.names()).toEqual(['whatsapp.conversation.created', 'whatsapp.message.received'])
    expect(ofProject.names()).toEqual(['whatsapp.account.alert'])
  })

  it('are tried again after 1 minute, 5 minutes, 30 minutes and 2 hours, and then given up', async () => {
    const api = await gosend()
    const server = await receiver()
    server.answer(500)
    const { id } = await subscribe(api, server, ['whatsapp.message.received'])
    await inbound(api)
    const seen: unknown[] = []
    for (const wait of ['1ms', '1m', '5m', '30m', '2h', '10d']) {
      await api.pass(wait)
      const [{ status, attempt, response_status, next_attempt_at }] = await deliveries(api, id)
      seen.push([server.received.length, attempt, status, response_status, next_attempt_at])
    }
    const time = (hours: number, minutes: number) =>
      new Date(Date.UTC(2026, 4, 18, 14 + hours, minutes)).toISOString().replace('.000Z', 'Z')
    expect(seen).toEqual([
      [1, 1, 'pending', 500, time(0, 1)],
      [2, 2, 'pending', 500, time(0, 6)],
      [3, 3, 'pending', 500, time(0, 36)],
      [4, 4, 'pending', 500, time(2, 36)],
      [5, 5, 'failed', 500, null],
      [5, 5, 'failed', 500, null],
    ])
    // The same bytes every time: a receiver that has seen the id has seen the event.
    expect(new Set(server.received.map(({ body }) => body.toString())).size).toBe(1)
  })

  it('end with the first 2xx', async () => {
    const api = await gosend()
    const server = await receiver()
    server.answer(503)
    const { id } = await subscribe(api, server, ['whatsapp.message.received'])
    await inbound(api)
    await api.pass('30s')
    server.answer(202)
    await api.pass('10d')
    expect(server.received).toHaveLength(2)
    expect(await deliveries(api, id)).toEqual([
      {
        ...{ id: '1', webhook_id: id, event: 'whatsapp.message.received', status: 'delivered', attempt: 2 },
        event_id: server.received[0]?.event.id,
        ...{ response_status: 202, error: null, next_attempt_at: null },
        ...{ created_at: '2026-05-18T14:00:00Z', delivered_at: '2026-05-18T14:01:00Z' },
      },
    ])
  })

  it.each([301, 302, 307, 308])('do not follow a redirect (%i)', async (status) => {
    const api = await gosend()
    const [server, elsewhere] = await Promise.all([receiver(), receiver()])
    server.answer((_, response) => response.writeHead(status, { location: elsewhere.url }).end())
    const { id } = await subscribe(api, server, ['whatsapp.message.received'])
    await inbound(api)
    await api.pass('1ms')
    expect(elsewhere.received).toEqual([])
    expect(await deliveries(api, id)).toMatchObject([{ status: 'pending', response_status: status }])
  })

  it('read no more of an answer than they need', async () => {
    const api = await gosend()
    const server = await receiver()
    let written = 0
    server.answer((_, response) => {
      response.writeHead(200)
      const flood = () => {
        while (!response.destroyed && written < 1e9) {
          written += 65_536
          if (!response.write(Buffer.alloc(65_536))) return response.once('drain', flood)
        }
        return undefined
      }
      flood()
    })
    const { id } = await subscribe(api, server, ['whatsapp.message.received'])
    await inbound(api)
    await api.pass('1ms')
    expect(await deliveries(api, id)).toMatchObject([{ status: 'delivered', response_status: 200 }])
    expect(written).toBeLessThan(1e9)
  })

  it('say why there was no answer', async () => {
    const api = await gosend()
    const gone = await receiver()
    const { id } = await subscribe(api, gone, ['whatsapp.message.received'])
    await gone.close()
    await inbound(api)
    await api.pass('1ms')
    expect(await deliveries(api, id)).toMatchObject([
      { status: 'pending', attempt: 1, response_status: null, error: 'The address refused the connection' },
    ])
  })

  it('are not sent while the webhook is off, neither then nor later', async () => {
    const api = await gosend()
    const server = await receiver()
    const { id } = await subscribe(api, server, ['whatsapp.message.received'])
    await api.live(`PATCH /webhooks/${id}`, { enabled: false })
    await inbound(api)
    await api.live(`PATCH /webhooks/${id}`, { enabled: true })
    await api.pass('10d')
    expect(server.received).toEqual([])
    await inbound(api, { from: JUAN, text: 'Again' })
    expect(await server.until(1)).toMatchObject([
      { event: { data: { message: { text: { body: 'Again' } } } } },
    ])
  })

  it('end when their webhook is switched off between two attempts', async () => {
    const api = await gosend()
    const server = await receiver()
    server.answer(500)
    const { id } = await subscribe(api, server, ['whatsapp.message.received'])
    await inbound(api)
    await api.pass('1ms')
    await api.live(`PATCH /webhooks/${id}`, { enabled: false })
    await api.pass('10d')
    expect(server.received).toHaveLength(1)
    expect(await deliveries(api, id)).toMatchObject([
      { status: 'failed', attempt: 1, error: 'The webhook is not enabled', next_attempt_at: null },
    ])
  })

  it('are dropped with their webhook', async () => {
    const api = await gosend()
    const server = await receiver()
    server.answer(500)
    const { id } = await subscribe(api, server, ['whatsapp.message.received'])
    await inbound(api)
    await api.pass('1ms')
    expect((await api.live(`DELETE /webhooks/${id}`)).status).toBe(204)
    await api.pass('10d')
    expect(server.received).toHaveLength(1)
    expect((await api.live(`GET /webhooks/${id}/deliveries`)).status).toBe(404)
  })

  it('are listed newest first, and by state and event', async () => {
    const api = await gosend()
    const server = await receiver()
    const { id } = await subscribe(api, server)
    await inbound(api)
    await api.pass('1ms')
    server.answer(500)
    await inbound(api)
    await api.pass('1ms')
    const names = async (query: string) =>
      (await deliveries(api, id, query)).map(({ event }: { event: string }) =>
        event.slice('whatsapp.'.length),
      )
    expect(await names('')).toEqual(['message.received', 'message.received', 'conversation.created'])
    expect(await names('?status=pending')).toEqual(['message.received'])
    expect(await names('?event=whatsapp.conversation.created')).toEqual(['conversation.created'])
    const { headers } = await api.live(`GET /webhooks/${id}/deliveries?status=delivered&per_page=1`)
    expect(headers.get('x-total-count')).toBe('2')
  })

  it('can be sent once more', async () => {
    const api = await gosend()
    const server = await receiver()
    const { id } = await subscribe(api, server, ['whatsapp.message.received'])
    await inbound(api)
    await api.pass('1ms')
    const path = `POST /webhooks/${id}/deliveries/1/resend?environment=production`
    expect((await api.control(path)).json).toMatchObject({ status: 'pending', attempt: 0 })
    await api.pass('1ms')
    expect(server.received.map(({ event }) => event.id)).toEqual(Array(2).fill(server.received[0]?.event.id))
    expect(await deliveries(api, id)).toMatchObject([{ id: '1', status: 'delivered', attempt: 1 }])
    expect((await api.control(path.replace('/1/', '/8/'))).status).toBe(404)
  })

  it('are signed with the new secret once it was rotated', async () => {
    const api = await gosend()
    const server = await receiver()
    const { id, secret } = await subscribe(api, server, ['whatsapp.message.received'])
    const { json } = await api.control(`POST /webhooks/${id}/secret?environment=production`)
    await inbound(api)
    const [{ body, headers } = expect.fail()] = await server.until(1)
    const signature = headers['x-gosendapi-signature']
    expect([secret, json.secret].map((one) => verifyWebhook(body, signature, one).ok)).toEqual([false, true])
  })
})

const contract = createRequire(import.meta.url)('@gosend/openapi/gosend.json')
const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema(contract, 'contract')

/** What is wrong with a delivery, by the document's own description of the event. */
function flaws({ event, headers }: Received): unknown {
  // `whatsapp.phone_number.created` is described as `phoneNumberCreated`.
  const name = event.event
    .replace('whatsapp.', '')
    .replace(/[._](\w)/g, (_: string, letter: string) => letter.toUpperCase())
  const validate = ajv.getSchema(
    `contract#/webhooks/${name}/post/requestBody/content/application~1json/schema`,
  )
  if (validate?.(event) !== true) return [event, validate?.errors]
  return new RegExp(contract.components.parameters.Signature.schema.pattern).test(
    String(headers['x-gosendapi-signature']),
  )
    ? undefined
    : 'it is not signed'
}

describe('every event', () => {
  it('comes when what it tells of happens, in the form that is documented', async () => {
    const api = await gosend()
    const [ofNumber, ofProject] = await Promise.all([receiver(), receiver()])
    await subscribe(api, ofNumber)
    await subscribeToProject(api, ofProject)
    await inbound(api)
    await api.live('POST /messages', text(JUAN))
    await api.live('POST /messages', text('12025550110'))
    await api.pass('25h')
    await api.control('POST /wabas/12/alert', { severity: 'critical', title: 'Payment is due' })
    await api.control('POST /wabas/12/suspend')
    await api.control('POST /wabas/12/reactivate')
    const [template] = (await api.live('GET /wabas/12/templates')).json
    for (const verdict of ['pause', 'reject', 'approve'])
      await api.control(`POST /wabas/12/templates/${template.id}/${verdict}`, {})
    await api.control(`POST /phone-numbers/${NUMBER}/quality`, { quality_rating: 'red' })
    const admin = { 'x-admin-key': api.mock.adminKey }
    const redirects = {
      successRedirectUrl: 'https://shop.acme.com/',
      failureRedirectUrl: 'https://shop.acme.com/',
    }
    const link = await send(api.mock, 'POST /admin/customers/7/setup-links', redirects, admin)
    await api.control(`POST /setup-links/${link.json.id}/complete`, { phoneNumbers: ['+44 20 7946 0123'] })
    await api.control(`DELETE /phone-numbers/${NUMBER}`)
    await api.pass('1ms')
    expect(ofProject.names()).toEqual([
      'whatsapp.account.alert',
      'whatsapp.account.alert',
      'whatsapp.account.alert',
      'whatsapp.template.paused',
      'whatsapp.template.rejected',
      'whatsapp.template.approved',
      'whatsapp.account.alert',
      'whatsapp.phone_number.created',
      'whatsapp.phone_number.deleted',
    ])
    const all = [...ofNumber.received, ...ofProject.received]
    expect(new Set(all.map(({ event }) => event.event))).toEqual(new Set(ALL_EVENTS))
    expect(all.map(flaws).filter((flaw) => flaw !== undefined)).toEqual([])
  })

  it('tells of every kind of message that people write', async () => {
    const api = await gosend()
    const server = await receiver()
    await subscribe(api, server, ['whatsapp.message.received'])
    const messages = [
      { text: 'Hello' },
      { type: 'text', text: { body: 'Hello' }, profile_name: 'Juan' },
      ...['image', 'video', 'audio', 'document', 'sticker'].map((type) => ({ type })),
      { type: 'image', image: { caption: 'The blue one' } },
      { type: 'location', location: { latitude: -34.6, longitude: -58.4 } },
      { type: 'contacts', contacts: [{ name: { formatted_name: 'Ana Souza', first_name: 'Ana' } }] },
      {
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: { id: 'yes', title: 'Yes' } },
      },
      { type: 'button', button: { text: 'Show me' } },
      { type: 'reaction', reaction: { message_id: 'wamid.x', emoji: '👍' } },
      { type: 'unsupported' },
    ]
    for (const message of messages)
      expect([message, (await inbound(api, { from: JUAN, ...message })).status]).toEqual([message, 200])
    await api.pass('1ms')
    expect(server.received).toHaveLength(messages.length)
    expect(server.received.map(flaws).filter((flaw) => flaw !== undefined)).toEqual([])
  })

  it.each([
    [{}, 400],
    [{ from: '+5491140123456', text: 'Hello' }, 400],
    [{ from: JUAN }, 400],
    [{ from: JUAN, text: '' }, 400],
    [{ from: JUAN, type: 'poem', text: 'Hello' }, 400],
    [{ from: JUAN, type: 'location' }, 400],
    [{ from: JUAN, text: 'Hello', phone_number_id: '4711' }, 404],
  ])('does not come of nonsense: %j', async (body, status) => {
    const api = await gosend()
    expect((await inbound(api, body)).status).toBe(status)
    expect((await api.live('GET /messages')).json).toEqual([])
  })
})
