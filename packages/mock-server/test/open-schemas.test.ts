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
