// Requests about several things at once, each named by its id, in the manners of two kinds of APIs.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const text = { type: 'string' }
const pet = { type: 'object', required: ['id'], properties: { id: { ...text, readOnly: true }, name: text } }
const list = { type: 'array', items: pet }
const post = (request: object, answer: object | undefined) => ({
  post: {
    requestBody: { required: true, content: { 'application/json': { schema: request } } },
    ...(answer === undefined ? { responses: { 204: { description: 'Done' } } } : ok(answer)),
  },
})
const inputs = (properties: object) => ({
  type: 'object',
  properties: {
    fields: { type: 'array', items: text },
    inputs: { type: 'array', items: { type: 'object', properties } },
  },
})
const results = { type: 'object', properties: { results: list } }
const ids = { type: 'object', properties: { ids: { type: 'array', items: text } } }

const MANNERS = {
  'a word behind `batch`': {
    paths: {
      '/pets/batch/create': post(inputs({ name: text }), results),
      '/pets/batch/read': post(inputs({ id: text }), results),
      '/pets/batch/update': post(inputs({ id: text, name: text }), results),
      '/pets/batch/archive': post(inputs({ id: text }), undefined),
    },
    create: (names: string[]) => ['/pets/batch/create', { inputs: names.map((name) => ({ name })) }],
    read: (wanted: string[]) => ['/pets/batch/read', { fields: [], inputs: wanted.map((id) => ({ id })) }],
    update: (id: string, name: string) => ['/pets/batch/update', { inputs: [{ id, name }] }],
    remove: (wanted: string[]) => ['/pets/batch/archive', { inputs: wanted.map((id) => ({ id })) }],
  },
  'one word with a hyphen': {
    paths: {
      '/pets/bulk-create': post(list, list),
      '/pets/bulk-retrieve': post(ids, list),
      '/pets/bulk-update': post(
        { type: 'array', items: { ...pet, properties: { id: text, name: text } } },
        list,
      ),
      '/pets/bulk-delete': post(ids, undefined),
    },
    create: (names: string[]) => ['/pets/bulk-create', names.map((name) => ({ id: name, name }))],
    read: (wanted: string[]) => ['/pets/bulk-retrieve', { ids: wanted }],
    update: (id: string, name: string) => ['/pets/bulk-update', [{ id, name }]],
    remove: (wanted: string[]) => ['/pets/bulk-delete', { ids: wanted }],
  },
} as const

for (const [manner, { paths, create, read, update, remove }] of Object.entries(MANNERS)) {
  it(`several things are made, read, changed and removed at once, named by ${manner}`, async () => {
    const spec = document({
      '/pets': { get: ok(list), ...post(pet, pet) },
      '/pets/{id}': { parameters: [{ name: 'id', in: 'path', required: true, schema: text }], get: ok(pet) },
      ...paths,
    })
    const mock = await start({ spec })
    const call = async ([path, body]: readonly unknown[]) => {
      const { json } = await send(mock, `POST ${path}`, body)
      return json?.results ?? json
    }
    const made = await call(create(['a', 'b', 'c']))
    expect(made.map(({ name }: { name: string }) => name)).toEqual(['a', 'b', 'c'])
    const [first, second, third] = made.map(({ id }: { id: string }) => id)

    expect((await call(read([third, first]))).map(({ name }: { name: string }) => name)).toEqual(['c', 'a'])
    await call(update(second, 'd'))
    expect((await send(mock, `GET /pets/${second}`)).json).toMatchObject({ id: second, name: 'd' })
    await call(remove([first, second]))
    for (const gone of [first, second]) expect((await send(mock, `GET /pets/${gone}`)).status).toBe(404)
    expect((await send(mock, `GET /pets/${third}`)).json).toMatchObject({ name: 'c' })
  })
}

it('a search that names a member finds the things that have it so, and no others', async () => {
  const contact = {
    type: 'object',
    required: ['id', 'properties'],
    properties: { id: text, properties: { type: 'object', additionalProperties: text } },
  }
  const filter = { type: 'object', properties: { propertyName: text, operator: text, value: text } }
  const search = {
    type: 'object',
    properties: { filters: { type: 'array', items: filter }, properties: { type: 'array', items: text } },
  }
  const spec = document({
    '/contacts': {
      get: ok({ type: 'array', items: contact }),
      ...post({ type: 'object', properties: { properties: contact.properties.properties } }, contact),
    },
    '/contacts/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: text }],
      get: ok(contact),
    },
    '/contacts/search': post(search, {
      type: 'object',
      properties: { results: { type: 'array', items: contact } },
    }),
  })
  const mock = await start({ spec })
  for (const email of ['a@example.org', 'b@example.org'])
    await send(mock, 'POST /contacts', { properties: { email } })
  const filters = [{ propertyName: 'email', operator: 'EQ', value: 'b@example.org' }]
  const { json } = await send(mock, 'POST /contacts/search', { filters, properties: ['email'] })
  expect(json.results.map(({ properties }: { properties: object }) => properties)).toEqual([
    { email: 'b@example.org' },
  ])
})

it('pages are counted from 0 where the document gives 0 as the example', async () => {
  const query = (name: string, example: number) => ({
    name,
    in: 'query',
    schema: { type: 'integer' },
    example,
  })
  const spec = document({
    '/pets': {
      get: { parameters: [query('page', 0), query('page_size', 2)], ...ok(list) },
      ...post(pet, pet),
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  for (const name of ['a', 'b', 'c']) await send(mock, 'POST /pets', { name })
  const namesOn = async (page: number) =>
    (await send(mock, `GET /pets?page_size=2&page=${page}`)).json.map(({ name }: { name: string }) => name)
  expect([await namesOn(0), await namesOn(1), await namesOn(2)]).toEqual([['a', 'b'], ['c'], []])
})

it('a request is about two thousand things at the most, so that nobody waits for a second', async () => {
  const one = { ...pet, properties: { id: text, name: text } }
  const many = { type: 'array', items: one }
  const spec = document({
    '/pets': { get: ok(many), ...post(many, many) },
    '/pets/{id}': { parameters: [{ name: 'id', in: 'path', required: true, schema: text }], get: ok(one) },
    '/pets/bulk-delete': post(ids, undefined),
  })
  const mock = await start({ spec, seedItems: 0 })
  const rows = Array.from({ length: 2_001 }, (_, i) => ({ id: `pet${i}`, name: 'Rex' }))
  const refused = await send(mock, 'POST /pets', rows)
  expect([refused.status, refused.text]).toEqual([413, expect.stringContaining('2000 at the most')])
  expect((await send(mock, 'GET /pets')).json).toEqual([])
  const made: readonly { id: string }[] = (await send(mock, 'POST /pets', rows.slice(1))).json
  expect(made).toHaveLength(2_000)
  const named = { ids: ['another', ...made.map(({ id }) => id)] }
  expect((await send(mock, 'POST /pets/bulk-delete', named)).status).toBe(413)
  expect((await send(mock, `GET /pets/${made[0]?.id}`)).status).toBe(200)
})

it('a word for removing beside a collection removes what a list of ids names', async () => {
  const spec = document({
    '/pets': { get: ok(list), ...post(pet, pet) },
    '/pets/{id}': { parameters: [{ name: 'id', in: 'path', required: true, schema: text }], get: ok(pet) },
    '/pets/delete': post(
      { type: 'object', properties: { pet_ids: { type: 'array', items: text } } },
      undefined,
    ),
  })
  const mock = await start({ spec, seedItems: 0 })
  const ids: string[] = []
  for (const name of ['a', 'b', 'c']) ids.push((await send(mock, 'POST /pets', { name })).json.id)
  expect((await send(mock, 'POST /pets/delete', { pet_ids: ids.slice(0, 2) })).status).toBe(204)
  expect((await send(mock, `GET /pets/${ids[0]}`)).status).toBe(404)
  expect((await send(mock, 'GET /pets')).json.map(({ id }: { id: string }) => id)).toEqual([ids[2]])
})

it.each(['put', 'post'])(
  'a %s of a list under the name of its path keeps each of them, and answers as it says',
  async (method) => {
    const point = {
      type: 'object',
      required: ['id', 'vector'],
      properties: { id: { type: 'integer' }, vector: { type: 'array', items: { type: 'number' } } },
    }
    const told = (result: object) =>
      ok({
        type: 'object',
        properties: { status: { type: 'string', example: 'ok' }, result },
      })
    const mock = await start({
      seedItems: 0,
      spec: document({
        '/points': {
          get: ok({ type: 'array', items: point }),
          [method]: {
            requestBody: {
              required: true,
              content: {
                'application/json': {
                  schema: { type: 'object', properties: { points: { type: 'array', items: point } } },
                },
              },
            },
            ...told({ type: 'boolean' }),
          },
        },
        '/points/{id}': {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
          get: told(point),
          delete: told({ type: 'boolean' }),
        },
      }),
    })
    const points = [
      { id: 1, vector: [1, 2] },
      { id: 2, vector: [3] },
    ]
    const made = await send(mock, `${method.toUpperCase()} /points`, { points })
    expect(made.json).toMatchObject({ status: 'ok', result: true })
    expect((await send(mock, 'GET /points')).json).toEqual(points)
    expect((await send(mock, 'GET /points/2')).json).toEqual({ status: 'ok', result: points[1] })
    expect((await send(mock, 'DELETE /points/2')).json).toEqual({ status: 'ok', result: true })
    expect((await send(mock, 'GET /points/2')).status).toBe(404)
  },
)

it('what is made of parts that are called like its path is one thing', async () => {
  const split = { type: 'object', properties: { amount: { type: 'string' } } }
  const entry = {
    type: 'object',
    required: ['id', 'attributes'],
    properties: {
      id: { type: 'string', readOnly: true },
      attributes: { type: 'object', properties: { payments: { type: 'array', items: split } } },
    },
  }
  const mock = await start({
    seedItems: 0,
    spec: document({
      '/payments': post({ type: 'object', properties: { payments: { type: 'array', items: split } } }, entry),
      '/payments/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: ok(entry),
      },
    }),
  })
  const payments = [{ amount: '5' }, { amount: '6' }]
  const made = (await send(mock, 'POST /payments', { payments })).json
  expect(made.attributes).toEqual({ payments })
  expect((await send(mock, `GET /payments/${made.id}`)).json).toEqual(made)
})

it('takes a thing that is made with a list of its parts, which stand beside it, for one thing', async () => {
  const range = { type: 'object', required: ['id'], properties: { id: text, first: text, last: text } }
  const pool = { type: 'object', required: ['id', 'name'], properties: { id: text, name: text } }
  const shown = { type: 'object', properties: { pool, ranges: { type: 'array', items: range } } }
  const asked = { type: 'object', properties: { first: text, last: text } }
  const body = { type: 'object', properties: { name: text, ranges: { type: 'array', items: asked } } }
  const mock = await start({
    spec: document({
      '/pools': { ...post(body, shown), get: ok({ type: 'array', items: pool }) },
      '/pools/{pool}': {
        parameters: [{ name: 'pool', in: 'path', required: true, schema: text }],
        get: ok(shown),
      },
    }),
  })
  const ranges = [
    { first: '1', last: '5' },
    { first: '6', last: '9' },
  ]
  const made = (await send(mock, 'POST /pools', { name: 'a', ranges })).json
  expect(made.pool.name).toBe('a')
  expect((await send(mock, `GET /pools/${made.pool.id}`)).json.pool).toEqual(made.pool)
  const named = (await send(mock, 'GET /pools')).json.filter(({ name }: { name: string }) => name === 'a')
  expect(named).toEqual([made.pool])
})
