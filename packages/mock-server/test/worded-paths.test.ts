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

const voice = {
  type: 'object',
  required: ['voice_id', 'name', 'created_at'],
  properties: {
    voice_id: text,
    name: text,
    tone: text,
    created_at: { ...text, format: 'date-time', readOnly: true },
  },
}
const told = ok({ type: 'object', required: ['voice_id'], properties: { voice_id: text } })
const takes = (properties: object) => ({
  requestBody: {
    required: true,
    content: { 'application/json': { schema: { type: 'object', properties } } },
  },
})
const one = { parameters: [{ name: 'voice_id', in: 'path', required: true, schema: text }] }
const voices = {
  '/voices': {
    get: ok({ type: 'object', properties: { voices: { type: 'array', items: voice } } }),
  },
  '/voices/{voice_id}': { ...one, get: ok(voice), delete: ok() },
}

it('what is made in several ways beside its collection is read there, and is in its list', async () => {
  const spec = document({
    ...voices,
    '/voices/add': { post: { ...takes({ name: text, files: { type: 'array', items: text } }), ...told } },
    '/voices/from-text': { post: { ...takes({ name: text, words: text }), ...told } },
    '/voices/preview': { post: { ...takes({ words: text }), ...told } },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { voice_id: added } = (await send(mock, 'POST /voices/add', { name: 'a', files: [] })).json
  const { voice_id: read } = (await send(mock, 'POST /voices/from-text', { name: 'b', words: 'c' })).json
  expect((await send(mock, `GET /voices/${added}`)).json).toMatchObject({ voice_id: added, name: 'a' })
  expect((await send(mock, `GET /voices/${read}`)).json).toMatchObject({ voice_id: read, name: 'b' })
  // What says nothing of a voice makes none.
  await send(mock, 'POST /voices/preview', { words: 'd' })
  const { json } = await send(mock, 'GET /voices')
  expect(json.voices.map(({ name }: { name: string }) => name)).toEqual(['a', 'b'])
})

it('a copy is another thing with the members of the first, and those that the request says', async () => {
  const spec = document({
    ...voices,
    '/voices': { ...voices['/voices'], post: { ...takes({ name: text, tone: text }), ...told } },
    '/voices/{voice_id}/duplicate': { ...one, post: { ...takes({ name: text }), ...told } },
    '/voices/{voice_id}/copy': {
      ...one,
      post: ok({ type: 'object', properties: { voice_id: text, progress: { type: 'integer' } } }),
    },
    '/voices/{voice_id}/partial': { ...one, post: { ...takes({ tone: text }), ...told } },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { voice_id: first } = (await send(mock, 'POST /voices', { name: 'a', tone: 'warm' })).json
  const { voice_id: second } = (await send(mock, `POST /voices/${first}/duplicate`, { name: 'b' })).json
  expect(second).not.toBe(first)
  expect((await send(mock, `GET /voices/${second}`)).json).toMatchObject({ name: 'b', tone: 'warm' })
  await send(mock, `POST /voices/${second}/partial`, { tone: 'cold' })
  expect((await send(mock, `GET /voices/${second}`)).json).toMatchObject({ name: 'b', tone: 'cold' })
  expect((await send(mock, `GET /voices/${first}`)).json).toMatchObject({ name: 'a', tone: 'warm' })
  // What says how far a copy is makes none by itself.
  await send(mock, `POST /voices/${first}/copy`)
  expect((await send(mock, 'GET /voices')).json.voices).toHaveLength(2)
})

it('what its name makes is made by a PUT that says so, below a collection whose things a POST numbers', async () => {
  const open = { type: 'object' }
  const saved = { type: 'object', properties: { objectID: text, taskID: { type: 'integer' } } }
  const item = {
    parameters: ['index', 'objectID'].map((name) => ({ name, in: 'path', required: true, schema: text })),
  }
  const above = { parameters: [{ name: 'index', in: 'path', required: true, schema: text }] }
  const sends = { requestBody: { content: { 'application/json': { schema: open } } } }
  const put = (operationId: string) => ({ put: { operationId, ...sends, ...ok(saved) } })
  const mock = await start({
    seedItems: 0,
    spec: document({
      '/indexes': { get: ok({ type: 'object', properties: { items: { type: 'array', items: open } } }) },
      '/indexes/{index}': { ...above, post: { ...sends, ...ok(saved) }, delete: ok() },
      '/indexes/{index}/{objectID}': { ...item, get: ok(open), ...put('addOrUpdateObject') },
      '/drafts/{index}': { ...above, post: { ...sends, ...ok(saved) }, delete: ok() },
      '/drafts/{index}/{objectID}': { ...item, get: ok(open), ...put('updateObject') },
    }),
  })
  const { objectID } = (await send(mock, 'POST /indexes/films', { name: 'a' })).json
  expect((await send(mock, `GET /indexes/films/${objectID}`)).json).toEqual({ objectID, name: 'a' })
  expect((await send(mock, 'PUT /indexes/films/b', { name: 'b' })).json).toMatchObject({ objectID: 'b' })
  expect((await send(mock, 'GET /indexes/films/b')).json).toEqual({ objectID: 'b', name: 'b' })
  expect((await send(mock, 'PUT /drafts/films/b', { name: 'b' })).status).toBe(404)
})
