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
