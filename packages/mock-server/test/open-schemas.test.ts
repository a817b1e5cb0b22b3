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

const anything = {}
const anyObject = { type: 'object', additionalProperties: true }
/** One schema that all operations of an API answer with, as tools write it that read handlers. */
const envelope = {
  type: 'object',
  properties: {
    code: { type: 'integer' },
    message: { type: 'string' },
    success: { type: 'boolean' },
    data: {},
  },
}
const LEFT_OPEN: Readonly<
  Record<string, { readonly schema: object; thing(body: never): unknown; list(body: never): unknown }>
> = {
  'an empty schema': { schema: anything, thing: (body) => body, list: (body) => body },
  'an object of anything': { schema: anyObject, thing: (body) => body, list: ({ data }) => data },
  'an envelope with a member of anything': {
    schema: envelope,
    thing: ({ data }) => data,
    list: ({ data }) => data,
  },
}
const book = {
  type: 'object',
  required: ['title'],
  properties: {
    title: { type: 'string' },
    pages: { type: 'integer' },
    tags: { type: 'array', items: { type: 'string' } },
  },
}
const shop = { type: 'object', properties: { city: { type: 'string' } } }

for (const [manner, { schema, thing, list }] of Object.entries(LEFT_OPEN)) {
  const takes = (body: object) => ({ requestBody: { content: { 'application/json': { schema: body } } } })
  const collection = (path: string, param: string, body: object) => ({
    [path]: { get: ok(schema), post: { ...takes(body), ...ok(schema) } },
    [`${path}/{${param}}`]: {
      parameters: [{ name: param, in: 'path', required: true, schema: { type: 'integer' } }],
      get: ok(schema),
      put: { ...takes(body), ...ok(schema) },
      delete: ok(schema),
    },
  })
  const spec = document({ ...collection('/books', 'book_id', book), ...collection('/shops', 'id', shop) })
  const shown = (body: object | undefined) => thing(body as never)
  const listed = (body: object | undefined) => list(body as never)

  it(`where every answer is ${manner}, what was sent is shown with an id, listed, changed and removed`, async () => {
    const mock = await start({ spec, seedItems: 0 })
    const made = shown((await send(mock, 'POST /books', { title: 'a', tags: ['b'] })).json)
    expect(made).toEqual({ id: expect.any(Number), title: 'a', tags: ['b'] })
    const path = `/books/${(made as { readonly id: number }).id}`
    expect(shown((await send(mock, `GET ${path}`)).json)).toEqual(made)
    const changed = { ...(made as object), title: 'c', tags: [] }
    expect(shown((await send(mock, `PUT ${path}`, { title: 'c', tags: [] })).json)).toEqual(changed)
    expect(listed((await send(mock, 'GET /books')).json)).toEqual([changed])
    // Things of another kind have answers of the same schema.
    await send(mock, 'POST /shops', { city: 'Oslo' })
    expect(listed((await send(mock, 'GET /shops')).json)).toEqual([{ id: expect.any(Number), city: 'Oslo' }])
    await send(mock, `DELETE ${path}`)
    expect((await send(mock, `GET ${path}`)).status).toBe(404)
    expect(listed((await send(mock, 'GET /books')).json)).toEqual([])
  })

  it(`where every answer is ${manner}, samples have the members that a body may have`, async () => {
    const mock = await start({ spec, seedItems: 1 })
    expect(listed((await send(mock, 'GET /books')).json)).toEqual([
      expect.objectContaining({ id: expect.any(Number), title: expect.any(String) }),
    ])
  })
}

it('a map of values of one type, or what has an example, is left as it is described', async () => {
  const counts = { type: 'object', additionalProperties: { type: 'integer' } }
  const flags = { type: 'object', example: { dark: true } }
  const mock = await start({
    spec: document({
      '/counts': { get: ok(counts), post: ok(counts) },
      '/flags': { get: ok(flags), post: ok(flags) },
    }),
  })
  const values = Object.values((await send(mock, 'GET /counts')).json as object)
  expect(values.every(Number.isInteger)).toBe(true)
  expect((await send(mock, 'GET /flags')).json).toEqual({ dark: true })
})

it('an object of any media type is JSON, and anything of any media type may be a file', async () => {
  const answers = (schema: object) => ({
    responses: { 200: { description: 'OK', content: { '*/*': { schema } } } },
  })
  const takes = { requestBody: { content: { 'application/json': { schema: shop } } } }
  const mock = await start({
    spec: document({
      '/shops': { get: answers(anyObject), post: { ...takes, ...answers(anyObject) } },
      '/shops/{id}': { parameters: named('id'), get: answers(anyObject) },
      '/covers/{id}': { parameters: named('id'), get: answers(anything), put: takes },
    }),
    seedItems: 0,
  })
  const { json: made } = await send(mock, 'POST /shops', { city: 'Oslo' })
  expect(made).toEqual({ id: expect.any(String), city: 'Oslo' })
  expect((await send(mock, 'GET /shops')).json).toEqual({ data: [made] })
  expect((await send(mock, 'GET /covers/7')).json).not.toHaveProperty('city')
})
