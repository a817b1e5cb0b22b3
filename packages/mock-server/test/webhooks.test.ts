// Webhooks and callbacks of any document: what is sent when, what it says, by what it is signed, and how it is tried again.

import { createHmac } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { type Exchanged, expandAddress } from '../src/engine/request/runtime-expressions.js'
import type { MockServer, MockServerOptions, Rules } from '../src/index.js'
import { isSameEvent } from '../src/webhooks/event-names.js'
import { type Received, type Receiver, receiver } from './gosend/receiver.js'
import { document, folder, send, start } from './harness.js'
import { boot } from './process.js'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const answers = (status: number, schema?: object) => ({
  responses: { [status]: { description: '', ...(schema === undefined ? {} : json(schema)) } },
})
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }

/** The operations of a collection. */
const collection = (path: string, thing: string) => ({
  [path]: {
    post: { operationId: `create${thing}`, requestBody: json(ref(thing)), ...answers(201, ref(thing)) },
    get: answers(200, { type: 'array', items: ref(thing) }),
  },
  [`${path}/{id}`]: {
    parameters: [id],
    get: answers(200, ref(thing)),
    patch: {
      operationId: `change${thing}`,
      requestBody: json({ type: 'object' }),
      ...answers(200, ref(thing)),
    },
    delete: answers(204),
  },
})

const webhook = (schema: object, rest: object = {}) => ({
  post: { requestBody: json(schema), responses: { 200: { description: '' } }, ...rest },
})

const order = {
  type: 'object',
  required: ['id', 'item', 'status'],
  properties: {
    id: { type: 'string', format: 'uuid', readOnly: true },
    item: { type: 'string' },
    note: { type: 'string' },
    pin: { type: 'string', writeOnly: true },
    status: { type: 'string', enum: ['pending', 'shipped', 'cancelled'], readOnly: true },
  },
}
const envelope = (...events: string[]) => ({
  type: 'object',
  required: ['id', 'type', 'occurred_at', 'data'],
  properties: {
    id: { type: 'string' },
    type: { type: 'string', enum: events },
    occurred_at: { type: 'string', format: 'date-time' },
    data: { type: 'object', required: ['order'], properties: { order: ref('Order') } },
  },
})

const shop = (webhooks: object, paths: object = {}) =>
  document(
    {
      ...collection('/orders', 'Order'),
      '/orders/{id}/ship': { post: { parameters: [id], ...answers(200, ref('Order')) } },
      ...paths,
    },
    { webhooks, components: { schemas: { Order: order } } },
  )

const admin = (mock: MockServer, line: string, body?: unknown) =>
  send(mock, line, body, { 'x-admin-key': mock.adminKey })

const starting = (spec: object, to: Receiver | undefined, options: MockServerOptions = {}) =>
  start({ spec, auth: 'off', ...(to === undefined ? {} : { webhooks: [to.url] }), ...options })

/** What the control plane tells of webhooks. */
const told = async (mock: MockServer) => (await admin(mock, 'GET /_mock/webhooks')).json
const secretOf = async (mock: MockServer) => (await admin(mock, 'GET /_mock/webhooks/secret')).json.secret
const deliveries = async (mock: MockServer) => (await admin(mock, 'GET /_mock/webhook-deliveries')).json

/** Checks a signature as receivers do. @throws WebhookVerificationError when it is not of this secret and these bytes. */
function verify({ headers, body }: Received, secret: string): void {
  const webhook = new Webhook(secret, secret.startsWith('whsec_') ? undefined : { format: 'raw' })
  webhook.verify(body, headers as Record<string, string>, { jsonParse: false })
}

describe('a webhook', () => {
  it('is sent when a thing of its payload is created, as the thing is stored, signed by Standard Webhooks', async () => {
    const to = await receiver()
    const mock = await starting(shop({ publishNewOrder: webhook(ref('Order')) }), to)
    await send(mock, 'GET /orders')
    const { json: created } = await send(mock, 'POST /orders', { item: 'lamp', pin: '1234' })
    await send(mock, `PATCH /orders/${created.id}`, { note: 'fragile' })
    const [first] = await to.until(1)
    expect(first?.event).toEqual(created)
    expect(first?.headers['content-type']).toBe('application/json')
    const { webhooks } = await told(mock)
    const secret = await secretOf(mock)
    const got = first as Received
    verify(got, secret)
    expect(() => verify({ ...got, body: Buffer.from(`${got.body} `) }, secret)).toThrow(
      'No matching signature',
    )
    expect(() => verify(got, 'whsec_bm90IG1pbmU=')).toThrow('No matching signature')
    expect(Math.abs(Date.now() / 1000 - Number(first?.headers['webhook-timestamp']))).toBeLessThan(60)
    expect(webhooks).toMatchObject([{ name: 'publishNewOrder', on: ['create'], things: ['/orders'] }])
    // Neither samples, nor reads, nor changes of another kind are told of.
    expect(await deliveries(mock)).toHaveLength(1)
  })

  const names: readonly (readonly [name: string, sent: readonly string[]])[] = [
    ['order.created', ['create']],
    ['orderCreated', ['create']],
    ['newOrder', ['create']],
    ['order_placed', ['create']],
    ['onOrderUpdated', ['update', 'ship']],
    ['order-deleted', ['delete']],
    ['order.shipped', ['ship']],
    ['orderUpsert', ['create', 'update', 'ship']],
    ['order', ['create', 'update', 'ship']],
    ['customer.created', []],
  ]
  it('tells by its name what it is sent for', async () => {
    const schema = { type: 'object', properties: { note: { type: 'string' } } }
    const to = await receiver()
    const hooks = (named: typeof names) => Object.fromEntries(named.map(([name]) => [name, webhook(schema)]))
    // Whether `placed` tells of a creation depends on whether anything else does.
    const isSure = ([name]: (typeof names)[number]) => !name.includes('placed')
    for (const listed of [names.filter(isSure), names.filter((one) => !isSure(one))]) {
      const mock = await starting(shop(hooks(listed)), to)
      const seen: Record<string, string[]> = Object.fromEntries(listed.map(([name]) => [name, []]))
      let known = 0
      const step = async (what: string, line: string, body?: unknown) => {
        const { json: answer } = await send(mock, line, body)
        const all: { webhook: string }[] = await deliveries(mock)
        for (const { webhook: name } of all.slice(0, all.length - known)) seen[name]?.push(what)
        known = all.length
        return answer
      }
      const { id: own } = await step('create', 'POST /orders', { item: 'lamp' })
      await step('update', `PATCH /orders/${own}`, { note: 'fragile' })
      await step('ship', `POST /orders/${own}/ship`)
      await step('delete', `DELETE /orders/${own}`)
      expect(seen).toEqual(Object.fromEntries(listed))
    }
  })

  it('tells of what handlers, jobs and controls change, and not of what a project begins with', async () => {
    const to = await receiver()
    const [first, second] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
    const spec = shop({
      orderEvent: webhook(envelope('order.created', 'order.shipped', 'order.deleted')),
      byName: webhook(ref('Order'), { 'x-mock-on': 'createOrder' }),
    })
    const rules: Rules = {
      seed: ({ store }) => store.put('/orders', first, { id: first, item: 'chair', status: 'pending' }),
      handlers: {
        createOrder({ request, store, schedule }) {
          const made = { ...(request.body as object), id: second, status: 'pending' }
          store.insert('/orders', made.id, made)
          store.insert('orders of today', made.id, made)
          schedule('ship', made.id)
          return { status: 201, body: made }
        },
      },
      jobs: {
        ship({ store }, own: string) {
          store.put('/orders', own, { ...store.get('/orders', own), status: 'shipped' })
        },
      },
      controls: { 'POST /_mock/drop': ({ store }) => void store.remove('/orders', first) },
    }
    const mock = await starting(spec, to, { rules })
    expect((await send(mock, 'POST /orders', { item: 'lamp' })).status).toBe(201)
    await to.until(3)
    await admin(mock, 'POST /_mock/drop')
    const all = (await to.until(4)).map(({ event }) => event)
    expect(all.filter(({ type }) => type === undefined)).toMatchObject([{ id: second, item: 'lamp' }])
    const events = all.flatMap(({ type, data }) => (type === undefined ? [] : [[type, data.order.id]]))
    expect(events.toSorted()).toEqual([
      ['order.created', second],
      ['order.deleted', first],
      ['order.shipped', second],
    ])
    expect(to.received.find(({ event }) => event.type === 'order.shipped')?.event.data.order).toMatchObject({
      item: 'lamp',
      status: 'shipped',
    })
  })

  it('is sent for what x-mock-on says where its name tells nothing', async () => {
    const to = await receiver()
    const any = { type: 'object', properties: { id: { type: 'string' } } }
    const hooks = {
      a: webhook(ref('Order'), { 'x-mock-on': 'delete' }),
      b: webhook(any, { 'x-mock-on': 'changeOrder' }),
      c: webhook(any, { 'x-mock-on': ['delete', 'changeOrder'] }),
    }
    const mock = await starting(shop(hooks), to)
    const { json: created } = await send(mock, 'POST /orders', { item: 'lamp' })
    await send(mock, `PATCH /orders/${created.id}`, { note: 'x' })
    await send(mock, `DELETE /orders/${created.id}`)
    const sent = (await deliveries(mock)).map(({ webhook }: { webhook: string }) => webhook)
    expect(sent).toEqual(['a', 'b'])
    const wrong = await start({ spec: shop({ a: webhook(any, { 'x-mock-on': 7, 'x-mock-one': 1 }) }) })
    expect(wrong.overview().warnings.join()).toMatch(
      /x-mock-on must be create, update, delete.*no use for x-mock-one/,
    )
  })

  it('puts the thing into its envelope, with the event that has happened', async () => {
    const to = await receiver()
    const schema = {
      oneOf: [
        envelope('order.created'),
        envelope('order.updated', 'order.deleted'),
        envelope('order.shipped'),
      ],
    }
    const mock = await starting(shop({ orderEvent: webhook(schema) }), to)
    const { json: created } = await send(mock, 'POST /orders', { item: 'lamp' })
    await send(mock, `POST /orders/${created.id}/ship`)
    await send(mock, `DELETE /orders/${created.id}`)
    const events = (await to.until(4)).map(({ event }) => event)
    expect(events.map(({ type }) => type).sort()).toEqual([
      'order.created',
      'order.deleted',
      'order.shipped',
      'order.updated',
    ])
    const first = events.find(({ type }) => type === 'order.created')
    expect(first.data).toEqual({ order: created })
    expect(first.id).toMatch(/^evt_/)
    expect(Math.abs(Date.parse(first.occurred_at) - Date.now())).toBeLessThan(60_000)
    expect(new Set(events.map((one) => one.id)).size).toBe(4)
  })

  it('fills in the headers, proofs and media type that its description asks for', async () => {
    const to = await receiver()
    const header = (name: string, schema: object, rest: object = {}) => ({
      name,
      in: 'header',
      schema,
      ...rest,
    })
    const described = webhook(ref('Order'), {
      parameters: [
        header('X-Event', { type: 'string' }),
        header('X-Delivery-Id', { type: 'string', format: 'uuid' }),
        header('X-Hub-Signature-256', { type: 'string', pattern: '^sha256=[a-f0-9]{64}$' }),
        header('X-Hmac', { type: 'string' }, { description: 'Base64 of the HMAC-SHA512 of the body' }),
        header('Acme-Signature', { type: 'string', example: 't=1700000000,v1=5257a869e7' }),
      ],
      requestBody: { content: { 'application/x-www-form-urlencoded': { schema: ref('Order') } } },
      security: [{ key: [], login: [] }],
    })
    const securitySchemes = {
      key: { type: 'apiKey', in: 'header', name: 'X-Token' },
      login: { type: 'http', scheme: 'basic' },
    }
    const components = { schemas: { Order: order }, securitySchemes }
    const mock = await starting({ ...shop({ newOrder: described }), components }, to, {
      webhookSecret: 'our secret',
      credentials: { login: ['me:pass'] },
    })
    const { json: created } = await send(mock, 'POST /orders', { item: 'a lamp & more' })
    const [first] = await to.until(1)
    if (first === undefined) throw new Error('nothing came')
    const { headers, body } = first
    const mac = (algorithm: string, text: string) => createHmac(algorithm, 'our secret').update(text)
    expect(Object.fromEntries(new URLSearchParams(body.toString()))).toEqual(created)
    expect(headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'x-event': 'newOrder',
      'x-delivery-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-hub-signature-256': `sha256=${mac('sha256', body.toString()).digest('hex')}`,
      'x-hmac': mac('sha512', body.toString()).digest('base64'),
      'x-token': 'our secret',
      authorization: `Basic ${Buffer.from('me:pass').toString('base64')}`,
    })
    verify(first, 'our secret')
    const [, seconds = '', digest] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['acme-signature'])) ?? []
    expect(digest).toBe(mac('sha256', `${seconds}.${body.toString()}`).digest('hex'))
    const shown = await admin(mock, 'GET /_mock/webhook-deliveries/1')
    expect(shown.json.headers).toMatchObject({ 'x-event': 'newOrder' })
    expect(shown.text).not.toMatch(/our secret|Basic /)
  })
})

describe('a payload in XML', () => {
  it('has the names, attributes and wrappers that its document describes, and is signed as it is sent', async () => {
    const to = await receiver()
    const Order = {
      type: 'object',
      required: ['id', 'item'],
      xml: { name: 'order', namespace: 'urn:shop' },
      properties: {
        id: { type: 'string', readOnly: true, xml: { attribute: true } },
        item: { type: 'string' },
        tags: { type: 'array', items: { type: 'string', xml: { name: 'tag' } }, xml: { wrapped: true } },
      },
    }
    const described = webhook(ref('Order'), {
      requestBody: { content: { 'application/xml': { schema: ref('Order') } } },
    })
    const spec = { ...shop({ newOrder: described }), components: { schemas: { Order } } }
    const mock = await starting(spec, to, { webhookSecret: 'our secret' })
    const { json: made } = await send(mock, 'POST /orders', { item: 'a < b', tags: ['new', 'red'] })
    const [first] = await to.until(1)
    expect(first?.headers['content-type']).toMatch(/^application\/xml/)
    expect(first?.body.toString()).toContain(
      `<order xmlns="urn:shop" id="${made.id}"><item>a &lt; b</item><tags><tag>new</tag><tag>red</tag></tags></order>`,
    )
    verify(first as Received, 'our secret')
    const [delivery] = await deliveries(mock)
    const edit = { body: { id: 'x', item: 'another' } }
    await admin(mock, `POST /_mock/webhook-deliveries/${delivery.id}/resend`, edit)
    expect((await to.until(2))[1]?.body.toString()).toContain('id="x"><item>another</item></order>')
  })
})

describe('a callback', () => {
  const streams = {
    openapi: '3.0.0',
    info: { title: 'Streams', version: '1.0.0' },
    paths: {
      '/streams': {
        post: {
          parameters: [
            { name: 'callbackUrl', in: 'query', required: true, schema: { type: 'string', format: 'uri' } },
          ],
          ...answers(201, {
            type: 'object',
            required: ['subscriptionId'],
            properties: { subscriptionId: { type: 'string' } },
          }),
          callbacks: {
            onData: {
              '{$request.query.callbackUrl}/data/{$response.body#/subscriptionId}': {
                put: {
                  requestBody: json({
                    type: 'object',
                    required: ['subscriptionId', 'timestamp'],
                    properties: {
                      subscriptionId: { type: 'string' },
                      timestamp: { type: 'string', format: 'date-time' },
                    },
                  }),
                  responses: { 204: { description: '' } },
                },
              },
            },
            elsewhere: {
              '$request.header.x-callback': { post: { responses: { 204: { description: '' } } } },
            },
          },
        },
      },
    },
  }

  it('is sent to the address that its expressions resolve to, when its operation has succeeded', async () => {
    const to = await receiver()
    const mock = await starting(streams, undefined)
    expect((await send(mock, 'POST /streams?callbackUrl=nonsense')).status).toBe(400)
    const { json: made } = await send(mock, `POST /streams?callbackUrl=${encodeURIComponent(to.url)}`)
    const [first] = await to.until(1)
    expect([first?.method, first?.path]).toEqual(['PUT', `/hook/data/${made.subscriptionId}`])
    expect(Date.parse(first?.event.timestamp)).toBeGreaterThan(0)
    expect((await deliveries(mock)).length).toBe(1)
  })

  it('does not reach other machines unless it is allowed to, and says so', async () => {
    const mock = await starting(streams, undefined)
    await send(mock, 'POST /streams?callbackUrl=https%3A%2F%2Fexample.com')
    await mock.advance(1)
    expect(await deliveries(mock)).toMatchObject([
      {
        status: 'failed',
        attempts: [],
        error: expect.stringMatching(/not posted to example\.com; --allow-webhook-host/),
      },
    ])
  })

  type Values = Record<string, unknown>
  /** Where a value stands that an expression names, and how it is named there. */
  const PLACES: Readonly<
    Record<
      string,
      (exchanged: { request: Values; response: Values }, index: number) => readonly [Values, string, string]
    >
  > = {
    '$request.body#/': ({ request }, index) => [request.body as Values, `a/${index}~`, `a~1${index}~0`],
    '$response.body#/in/': ({ response }, index) => [
      (response.body as { in: Values }).in,
      `${index}%20`,
      `${index}%20`,
    ],
    '$request.query.': ({ request }, index) => [request.query as Values, `q[${index}]`, `q[${index}]`],
    '$request.path.': ({ request }, index) => [request.path as Values, `p${index}`, `p${index}`],
    '$request.header.': ({ request }, index) => [request.headers as Values, `x-${index}`, `X-${index}`],
    '$response.header.': ({ response }, index) => [response.headers as Values, `X-${index}`, `x-${index}`],
  }
  const part = fc.oneof(
    fc.record({ literal: fc.stringMatching(/^[a-z/.-]{0,8}$/) }),
    fc.record({
      place: fc.constantFrom(...Object.keys(PLACES)),
      value: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.integer(), fc.boolean()),
    }),
  )

  it('has every expression of its address replaced by what it names', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const request = { headers: {}, query: {}, path: {}, body: {} }
        const response = { status: 201, headers: {}, body: { in: {} } }
        const exchanged: Exchanged = { url: 'http://localhost/x', method: 'POST', request, response }
        const written = parts.map((one, index) => {
          if ('literal' in one) return { address: one.literal, text: one.literal, isLiteral: true }
          const [holder, key, name] = PLACES[one.place]?.({ request, response }, index) ?? [{}, '', '']
          holder[key] = one.value
          return { address: `{${one.place}${name}}`, text: String(one.value), isLiteral: false }
        })
        const address = written.map((one) => one.address).join('')
        const isFirst = (index: number) => written.slice(0, index).every((one) => one.address === '')
        const expected = written
          // Further on in an address, these would change what it is made of.
          .map(({ text, isLiteral }, index) =>
            isLiteral || isFirst(index) ? text : text.replace(/[\s%?#]/g, encodeURIComponent),
          )
          .join('')
        expect(expandAddress(address, exchanged)).toBe(expected)
        expect(expandAddress(`${address}{$request.body#/nowhere}`, exchanged)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
    const exchanged: Exchanged = {
      ...{ url: 'http://localhost/x?a=1', method: 'POST' },
      request: {
        headers: {},
        query: {},
        path: {},
        body: { to: 'http://a/', list: [{ n: 1 }], mail: 'a b@c&d' },
      },
      response: { status: 201, headers: {}, body: null },
    }
    const known: readonly (readonly [string, string | undefined])[] = [
      ['$request.body#/to', 'http://a/'],
      ['$url', 'http://localhost/x?a=1'],
      ['http://b/{$method}/{$statusCode}/{$request.body#/list/0/n}', 'http://b/POST/201/1'],
      ['http://b?mail={$request.body#/mail}', 'http://b?mail=a%20b@c%26d'],
      ['$request.body#/list', undefined],
      ['$request.body#/list/01/n', undefined],
      ['$response.body#/id', undefined],
      ['$response.path.id', undefined],
    ]
    for (const [address, expected] of known)
      expect([address, expandAddress(address, exchanged)]).toEqual([address, expected])
  })
})

describe('an endpoint', () => {
  const subscribing = {
    components: {
      schemas: {
        Order: order,
        Hook: {
          type: 'object',
          required: ['target', 'events'],
          properties: {
            id: { type: 'string', readOnly: true },
            target: { type: 'string', format: 'uri' },
            events: { type: 'array', items: { type: 'string', enum: ['order.created', 'order.shipped'] } },
            secret: { type: 'string', writeOnly: true },
            active: { type: 'boolean' },
          },
        },
      },
    },
  }
  const spec = {
    ...shop(
      { orderEvent: webhook(envelope('order.created', 'order.updated', 'order.shipped')) },
      collection('/listeners', 'Hook'),
    ),
    ...subscribing,
  }

  it('is what clients subscribe by the operations of the document, until they unsubscribe', async () => {
    const to = await receiver()
    const mock = await starting(spec, undefined)
    const subscription = { target: to.url, events: ['order.shipped'], secret: 'told by the client' }
    const { json: hook } = await send(mock, 'POST /listeners', subscription)
    const ship = async () => {
      const { json: created } = await send(mock, 'POST /orders', { item: 'lamp' })
      await send(mock, `POST /orders/${created.id}/ship`)
    }
    await ship()
    const [first] = await to.until(1)
    expect([to.received.length, first?.event.type]).toEqual([1, 'order.shipped'])
    verify(first as Received, 'told by the client')
    expect((await told(mock)).endpoints).toEqual([
      { url: to.url, events: ['order.shipped'], origin: 'subscription' },
    ])
    expect(JSON.stringify([await told(mock), await deliveries(mock)])).not.toContain('told by the client')
    for (const [line, body] of [
      [`PATCH /listeners/${hook.id}`, { active: false }],
      [`PATCH /listeners/${hook.id}`, { active: true }],
      [`DELETE /listeners/${hook.id}`, undefined],
    ] as const) {
      await send(mock, line, body)
      await ship()
    }
    await to.until(2)
    expect((await deliveries(mock)).length).toBe(2)
  })

  it('is there from the start where the seed data has a subscription, and after a reset', async () => {
    const to = await receiver()
    const listener = { id: 'l1', target: to.url, events: ['order.created'], secret: 'of the seed' }
    const mock = await starting(spec, undefined, { seedData: { '/listeners': [listener] } })
    const created = { url: to.url, events: ['order.created'], origin: 'subscription' }
    expect((await told(mock)).endpoints).toEqual([created])
    await send(mock, 'POST /orders', { item: 'lamp' })
    verify((await to.until(1))[0] as Received, 'of the seed')
    await send(mock, 'DELETE /listeners/l1')
    expect((await told(mock)).endpoints).toEqual([])
    await mock.reset()
    expect((await told(mock)).endpoints).toEqual([created])
  })

  it('is no billing subscription, and no notification that links to something', async () => {
    const linked = (name: string) => ({
      type: 'object',
      properties: { id: { type: 'string', readOnly: true }, [name]: { type: 'string', format: 'uri' } },
    })
    const paths = { ...collection('/subscriptions', 'Plan'), ...collection('/notifications', 'Note') }
    const schemas = { Order: order, Plan: linked('management_url'), Note: linked('url') }
    const mock = await starting(
      { ...shop({ newOrder: webhook(ref('Order')) }, paths), components: { schemas } },
      undefined,
    )
    await send(mock, 'POST /subscriptions', { management_url: 'http://localhost:9/a' })
    await send(mock, 'POST /notifications', { url: 'http://localhost:9/b' })
    expect((await told(mock)).endpoints).toEqual([])
  })

  it('names events in whatever spelling, in the singular or the plural, or all of them', () => {
    const same: readonly (readonly [pattern: string, name: string, is: boolean])[] = [
      ['order.created', 'orderCreated', true],
      ['order.created', 'new_order', true],
      ['purchase.created', 'newPurchases', true],
      ['order.*', 'order.shipped', true],
      ['*', 'order.shipped', true],
      ['order.created', 'order.deleted', false],
      ['order.created', 'preorder.created', false],
      ['order.paid', 'order.shipped', false],
      ['order', 'customer', false],
    ]
    for (const [pattern, name, is] of same)
      expect([pattern, name, isSameEvent(pattern, name)]).toEqual([pattern, name, is])
  })

  it('is what the control plane registers, for the events that are named', async () => {
    const to = await receiver()
    const mock = await starting(spec, undefined)
    const refused = await admin(mock, 'PUT /_mock/webhooks', ['https://example.com/hook'])
    expect([refused.status, refused.json.message]).toEqual([
      400,
      expect.stringMatching(/--allow-webhook-host example\.com/),
    ])
    expect((await admin(mock, 'PUT /_mock/webhooks', [{ url: 'nowhere' }])).status).toBe(400)
    expect((await admin(mock, 'POST /_mock/webhooks/orderEvent')).status).toBe(409)
    const registered = { url: to.url, events: ['order.*'], secret: 'whsec_bm90IG1pbmU=' }
    expect((await admin(mock, 'PUT /_mock/webhooks', { endpoints: [registered] })).status).toBe(200)
    await send(mock, 'POST /orders', { item: 'lamp' })
    const [first] = await to.until(1)
    verify(first as Received, registered.secret)
    await admin(mock, 'PUT /_mock/webhooks', [])
    await send(mock, 'POST /orders', { item: 'lamp' })
    expect((await deliveries(mock)).length).toBe(1)
  })
})

describe('a delivery', () => {
  it('is tried again on the clock of the mock, and shows each answer', async () => {
    const to = await receiver()
    to.answer((_, response) => void response.writeHead(503).end('later'))
    const mock = await starting(shop({ newOrder: webhook(ref('Order')) }), to)
    await send(mock, 'POST /orders', { item: 'lamp' })
    await mock.advance(0)
    expect(await deliveries(mock)).toMatchObject([
      { status: 'retrying', attempts: [{ status: 503, body: 'later' }] },
    ])
    await mock.advance(60_000)
    to.answer(204)
    await mock.advance(5 * 60_000)
    const [delivery] = await deliveries(mock)
    expect(delivery).toMatchObject({ status: 'delivered', nextAttemptAt: null })
    expect(delivery.attempts.map(({ status }: { status: number }) => status)).toEqual([503, 503, 204])
    expect(new Set(to.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  it('is sent when the control plane asks, and again with another payload, never with one that does not fit', async () => {
    const to = await receiver()
    const mock = await starting(shop({ newOrder: webhook(ref('Order')) }), to)
    const { json: created } = await send(mock, 'POST /orders', { item: 'lamp' })
    await to.until(1)
    const asked = await admin(mock, 'POST /_mock/webhooks/newOrder', { note: 'by hand' })
    expect([asked.status, (await to.until(2))[1]?.event]).toEqual([200, { ...created, note: 'by hand' }])
    const wrong = await admin(mock, 'POST /_mock/webhooks/newOrder', { item: 7 })
    expect([wrong.status, wrong.json.message]).toEqual([
      400,
      'The payload does not fit the document: /item must be string',
    ])
    expect((await admin(mock, 'POST /_mock/webhooks/oldOrder')).status).toBe(404)
    const again = `POST /_mock/webhook-deliveries/${asked.json[0].id}/resend`
    expect((await admin(mock, again, { body: { item: 1 } })).status).toBe(400)
    await admin(mock, again, { body: { ...created, note: 'edited' } })
    expect((await to.until(3))[2]?.event).toEqual({ ...created, note: 'edited' })
    await mock.advance(0)
    expect((await admin(mock, `GET /_mock/webhook-deliveries/${asked.json[0].id}`)).json).toMatchObject({
      ...{ status: 'delivered', event: 'newOrder', url: to.url },
      attempts: [{ status: 204 }, { status: 204 }],
      headers: { 'webhook-id': expect.stringMatching(/^msg_/) },
    })
    expect((await admin(mock, 'POST /_mock/webhook-deliveries/99/resend')).status).toBe(404)
  })

  it('is of the event that is asked for, also where nothing is stored', async () => {
    const to = await receiver()
    const schema = { oneOf: [envelope('order.created'), envelope('order.updated', 'order.shipped')] }
    for (const stateful of [true, false]) {
      const mock = await starting(shop({ orderEvent: webhook(schema) }), to, { stateful, seedItems: 0 })
      const { json: asked } = await admin(mock, 'POST /_mock/webhooks/orderEvent?event=order.shipped')
      expect(JSON.parse(asked[0].body)).toMatchObject({ type: 'order.shipped', data: { order: {} } })
      expect((await admin(mock, 'POST /_mock/webhooks/orderEvent?event=order.lost')).status).toBe(400)
    }
  })

  it('survives kill -9, and a receiver that fails every third', { timeout: 60_000 }, async () => {
    const to = await receiver()
    const taken = new Set<string>()
    let count = 0
    to.answer(({ event }, response) => {
      const isTaken = ++count % 3 !== 0
      if (isTaken) taken.add(event.item)
      response.writeHead(isTaken ? 200 : 500).end()
    })
    const place = await folder()
    const file = join(place, 'shop.json')
    await writeFile(file, JSON.stringify(shop({ newOrder: webhook(ref('Order')) })))
    const boots = () => boot(join(place, 'mock.db'), [file, '--auth', 'off', '--webhook', to.url])
    let mock = await boots()
    const acknowledged: string[] = []
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 20; i++) {
        const item = `${round}-${i}`
        if ((await mock.post('/orders', { item })).ok) acknowledged.push(item)
      }
      await mock.kill()
      mock = await boots()
    }
    expect((await mock.post('/_mock/clock', { advance: '3h' })).status).toBe(200)
    expect([acknowledged.length, acknowledged.filter((item) => !taken.has(item))]).toEqual([40, []])
    await mock.kill()
  })
})

describe('the payload of a webhook', () => {
  const leaf: fc.Arbitrary<object> = fc.constantFrom(
    { type: 'string' },
    { type: 'string', format: 'date-time' },
    { type: 'string', minLength: 3, maxLength: 5 },
    { type: 'integer', minimum: 3, maximum: 9 },
    { type: 'boolean' },
    { type: ['string', 'null'] },
    { const: 'fixed' },
    { type: 'string', enum: ['thing.created', 'thing.updated', 'other'] },
    { type: 'array', items: { type: 'string' }, minItems: 1 },
    ref('Thing'),
    {
      oneOf: [
        ref('Thing'),
        {
          type: 'object',
          required: ['only'],
          properties: { only: { type: 'integer' } },
          additionalProperties: false,
        },
      ],
    },
  )
  const names = fc.constantFrom(
    'id',
    'type',
    'event',
    'data',
    'thing',
    'thing_id',
    'created_at',
    'attempt',
    'object',
    'meta',
    'name',
  )
  const objects = fc
    .record({
      members: fc.dictionary(names, leaf, { minKeys: 1, maxKeys: 6 }),
      required: fc.array(names),
      isOpen: fc.boolean(),
    })
    .map(({ members, required, isOpen }) => ({
      type: 'object',
      required: [...new Set(required)].filter((one) => Object.hasOwn(members, one)),
      properties: members,
      ...(isOpen ? {} : { additionalProperties: false }),
    }))
  const payloads = fc.oneof(
    objects,
    fc.tuple(objects, objects).map((anyOf) => ({ anyOf })),
    fc.constant(ref('Thing')),
  )

  it('fits its schema, whatever that is', async () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    formats.default(ajv)
    const Thing = {
      type: 'object',
      required: ['id', 'name'],
      properties: {
        id: { type: 'string', readOnly: true },
        name: { type: 'string' },
        size: { type: 'integer' },
        at: { type: 'string', format: 'date-time' },
      },
    }
    const to = await receiver()
    await fc.assert(
      fc.asyncProperty(
        payloads,
        fc.constantFrom('thing.created', 'newThing', 'event'),
        async (schema, name) => {
          const components = { schemas: { Thing } }
          const spec = document(collection('/things', 'Thing'), {
            webhooks: { [name]: webhook(schema) },
            components,
          })
          const lines: string[] = []
          const mock = await starting(spec, to, { onLog: (line) => lines.push(line) })
          const { json: created } = await send(mock, 'POST /things', { name: 'one', size: 3 })
          const [sent] = await deliveries(mock)
          const asked = (await admin(mock, `POST /_mock/webhooks/${name}`)).json
          await mock.close()
          expect(lines).toEqual([])
          const fits = ajv.compile({ ...schema, components })
          for (const delivery of [sent, ...asked].filter(Boolean)) {
            expect([fits(JSON.parse(delivery.body)), fits.errors]).toEqual([true, null])
            if ('$ref' in schema) expect(JSON.parse(delivery.body)).toEqual(created)
          }
          // One that names no thing tells of what its schema shows, if anything.
          if (name !== 'event') expect(sent).toBeDefined()
        },
      ),
      { numRuns: Number(process.env.WEBHOOK_RUNS ?? 15) },
    )
  })
})
