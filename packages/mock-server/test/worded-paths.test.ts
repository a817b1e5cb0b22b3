// Paths that say what is done in a word of their own, before or behind the id of the thing.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const text = { type: 'string' }
const order = {
  type: 'object',
  required: ['order_id'],
  properties: { order_id: { ...text, readOnly: true }, title: text, status: { enum: ['open', 'cancelled'] } },
}
const components = { schemas: { Order: order } }
const shown = { $ref: '#/components/schemas/Order' }
const wrapped = { type: 'object', properties: { order: shown } }
const orders = { type: 'object', properties: { orders: { type: 'array', items: shown } } }
const id = { parameters: [{ name: 'order_id', in: 'path', required: true, schema: text }] }
const sent = {
  requestBody: {
    content: { 'application/json': { schema: { type: 'object', properties: { title: text } } } },
  },
}
const read = { '/orders/{order_id}': { ...id, get: ok(wrapped) }, '/orders/list': { get: ok(orders) } }

const MANNERS = {
  'before its id': {
    paths: {
      ...read,
      '/orders/send': { post: { ...sent, ...ok(wrapped) } },
      '/orders/update/{order_id}': { ...id, post: { ...sent, ...ok(wrapped) } },
      '/orders/cancel/{order_id}': { ...id, post: ok(wrapped) },
      '/orders/delete/{order_id}': { ...id, delete: ok() },
    },
    create: () => 'POST /orders/send',
    done: (word: string, one: string) => `${word === 'delete' ? 'DELETE' : 'POST'} /orders/${word}/${one}`,
  },
  'behind its id': {
    paths: {
      ...read,
      '/orders/create': { post: { ...sent, ...ok(wrapped) } },
      '/orders/{order_id}/update': { ...id, post: { ...sent, ...ok(wrapped) } },
      '/orders/{order_id}/cancel': { ...id, post: ok(wrapped) },
      '/orders/{order_id}/delete': { ...id, post: ok() },
    },
    create: () => 'POST /orders/create',
    done: (word: string, one: string) => `POST /orders/${one}/${word}`,
  },
} as const

for (const [manner, { paths, create, done }] of Object.entries(MANNERS)) {
  it(`a word ${manner} makes, changes, ends and removes the thing that is read by its id`, async () => {
    const mock = await start({ spec: document(paths, { components }), seedItems: 0 })
    const made = await send(mock, create(), { title: 'a' })
    const { order: first } = made.json
    expect(first).toMatchObject({ title: 'a' })
    const read = () => send(mock, `GET /orders/${first.order_id}`)
    expect((await send(mock, done('update', first.order_id), { title: 'b' })).json.order.title).toBe('b')
    expect((await send(mock, done('cancel', first.order_id))).json.order.status).toBe('cancelled')
    expect((await read()).json.order).toMatchObject({ title: 'b', status: 'cancelled' })
    expect((await send(mock, 'GET /orders/list')).json.orders).toHaveLength(1)
    expect((await send(mock, done('delete', first.order_id))).status).toBeLessThan(300)
    expect((await read()).status).toBe(404)
    expect((await send(mock, 'GET /orders/list')).json.orders).toEqual([])
    expect(made.headers.get('location')).toBe(null)
  })
}

it('a word that the document has a method for is an action of its own', async () => {
  const mock = await start({
    spec: document(
      {
        '/orders': { get: ok(orders), post: { ...sent, ...ok(wrapped) } },
        '/orders/create': { post: { ...sent, ...ok({ type: 'object', properties: { token: text } }) } },
        '/orders/{order_id}': { ...id, get: ok(wrapped) },
      },
      { components },
    ),
    seedItems: 0,
  })
  expect((await send(mock, 'POST /orders/create', { title: 'a' })).json).not.toHaveProperty('order')
  expect((await send(mock, 'GET /orders')).json.orders).toEqual([])
  await send(mock, 'POST /orders', { title: 'b' })
  expect((await send(mock, 'GET /orders')).json.orders).toHaveLength(1)
})

it('procedures of collections in "is" are told by their nouns, and a list of what belongs to a thing lists that', async () => {
  const call = (request: object, answer: object) => ({
    post: {
      requestBody: { content: { 'application/json': { schema: { type: 'object', properties: request } } } },
      ...ok(answer),
    },
  })
  const data = (inner: object) => ({ type: 'object', properties: { data: inner } })
  const api = { type: 'object', properties: { id: text, name: text } }
  const key = { type: 'object', properties: { keyId: text, name: text } }
  const schemas = { Api: api, Key: key }
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
  const mock = await start({
    spec: document(
      {
        '/apis.createApi': call({ name: text }, data({ type: 'object', properties: { apiId: text } })),
        '/apis.getApi': call({ apiId: text }, data(ref('Api'))),
        '/apis.deleteApi': call({ apiId: text }, data({ type: 'object' })),
        '/apis.listKeys': call(
          { apiId: text, limit: { type: 'integer' }, cursor: text },
          {
            type: 'object',
            properties: { data: { type: 'array', items: ref('Key') }, hasMore: { type: 'boolean' } },
          },
        ),
        '/keys.createKey': call(
          { apiId: text, name: text },
          data({ type: 'object', properties: { keyId: text } }),
        ),
        '/keys.getKey': call({ keyId: text }, data(ref('Key'))),
      },
      { components: { schemas } },
    ),
    seedItems: 0,
  })
  const { apiId } = (await send(mock, 'POST /apis.createApi', { name: 'a' })).json.data
  expect((await send(mock, 'POST /apis.getApi', { apiId })).json.data).toMatchObject({ name: 'a' })
  const { keyId } = (await send(mock, 'POST /keys.createKey', { apiId, name: 'k' })).json.data
  expect((await send(mock, 'POST /apis.listKeys', { apiId, limit: 10 })).json).toMatchObject({
    data: [{ keyId, name: 'k' }],
    hasMore: false,
  })
})
