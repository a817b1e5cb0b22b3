// Documents that say nothing of what their answers hold.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const open = { type: 'object' }
const wrapped = { type: 'object', properties: { data: open } }
const sent = { requestBody: { content: { 'application/json': { schema: {} } } } }

const ANSWERS = {
  'as they are': { one: open, list: { type: 'array', items: open }, in: (body: object) => body },
  'in an envelope': {
    one: wrapped,
    list: { type: 'object', properties: { data: { type: 'array', items: open } } },
    in: ({ data }: { readonly data?: unknown }) => data,
  },
}

for (const [manner, { one, list, in: inside }] of Object.entries(ANSWERS)) {
  it(`things that are shown ${manner} have what was sent, and an id that finds them`, async () => {
    const mock = await start({
      spec: document({
        '/items/{kind}': {
          parameters: [{ name: 'kind', in: 'path', required: true, schema: { type: 'string' } }],
          get: ok(list),
          post: { ...sent, ...ok(one) },
        },
        '/items/{kind}/{id}': {
          parameters: ['kind', 'id'].map((name) => ({
            ...{ name, in: 'path', required: true },
            schema: { type: 'string' },
          })),
          get: ok(one),
          patch: { ...sent, ...ok(one) },
          delete: ok(),
        },
      }),
      seedItems: 0,
    })
    const made = inside((await send(mock, 'POST /items/books', { title: 'a', tags: ['b'] })).json)
    expect(made).toEqual({ id: expect.anything(), title: 'a', tags: ['b'] })
    const path = `/items/books/${(made as { readonly id: string }).id}`
    expect(inside((await send(mock, `GET ${path}`)).json)).toEqual(made)
    const changed = { ...(made as object), title: 'c' }
    expect(inside((await send(mock, `PATCH ${path}`, { title: 'c' })).json)).toEqual(changed)
    expect(inside((await send(mock, 'GET /items/books')).json)).toEqual([changed])
    await send(mock, `DELETE ${path}`)
    expect((await send(mock, `GET ${path}`)).status).toBe(404)
  })
}

const named = (...names: readonly string[]) =>
  names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))

it('things that no answer describes are shown to whoever reads or lists them', async () => {
  const mock = await start({
    spec: document({
      '/shelves': { get: ok(), post: { ...sent, ...ok() } },
      '/shelves/{shelf}': { parameters: named('shelf'), get: ok(), put: { ...sent, ...ok() }, delete: ok() },
      '/shelves/{shelf}/labels': { parameters: named('shelf'), get: ok(), post: ok() },
      '/shelves/{shelf}/labels/{label}': { parameters: named('shelf', 'label'), get: ok(), delete: ok() },
    }),
    seedItems: 0,
  })
  const made = async (path: string, body?: object) => {
    const { status, text, headers } = await send(mock, `POST ${path}`, body)
    expect([status, text]).toEqual([200, ''])
    return headers.get('location') ?? ''
  }
  const shelf = await made('/shelves', { wood: 'oak' })
  const shown = { id: shelf.split('/').at(-1), wood: 'oak' }
  expect((await send(mock, `GET ${shelf}`)).json).toEqual(shown)
  expect((await send(mock, 'GET /shelves')).json).toEqual([shown])
  const label = await made(`${shelf}/labels`, { text: 'novels' })
  expect((await send(mock, `GET ${shelf}/labels`)).json).toEqual([(await send(mock, `GET ${label}`)).json])
  await send(mock, `DELETE ${shelf}`)
  expect((await send(mock, 'GET /shelves')).json).toEqual([])
})

it('a list that is not described shows its things as they are shown elsewhere', async () => {
  const book = {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'integer' }, title: { type: 'string' } },
  }
  const mock = await start({
    spec: document({
      '/books': { get: ok(), post: { ...sent, ...ok({ type: 'object', properties: { data: book } }) } },
      '/books/{id}': { parameters: named('id'), get: ok({ type: 'object', properties: { data: book } }) },
    }),
    seedItems: 0,
  })
  const { data } = (await send(mock, 'POST /books', { title: 'a' })).json
  expect((await send(mock, 'GET /books')).json).toEqual([data])
})

it('what takes files and describes no answer shows no members', async () => {
  const file = { requestBody: { content: { 'image/png': {} } } }
  const mock = await start({
    spec: document({
      '/covers/{id}': { parameters: named('id'), get: ok(), put: { ...file, ...ok() } },
    }),
  })
  expect((await send(mock, 'GET /covers/7')).text).toBe('')
})
