// What a thing shows in a list of its own, and what an API says of itself.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const text = { type: 'string' }
const object = (properties: object, required: string[] = []) => ({ type: 'object', properties, required })
const list = (items: object) => ({ type: 'array', items })
const body = (schema: object) => ({ requestBody: { content: { 'application/json': { schema } } } })
const inPath = (name: string) => ({ name, in: 'path', required: true, schema: text })
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const done = { responses: { 204: { description: 'Done' } } }

const schemas = {
  Field: object({ name: text, kind: text }),
  Model: object({ name: text, fields: list(ref('Field')) }),
  Cell: object({ id: { ...text, readOnly: true }, w: { type: 'integer' } }, ['id']),
  Board: object({ id: { ...text, readOnly: true }, name: text, cells: list(ref('Cell')) }, ['id', 'cells']),
}
const role = () => object({ slug: text, name: text, note: text, permissions: list(text) }, ['slug'])

it('what is posted below a thing at the name of one of its lists is added to that', async () => {
  const mock = await start({
    spec: document(
      {
        '/models': { post: { ...body(ref('Model')), ...ok(ref('Model')) } },
        '/models/{name}': { parameters: [inPath('name')], get: ok(ref('Model')) },
        '/models/{name}/fields': {
          parameters: [inPath('name')],
          post: { ...body(ref('Field')), ...ok(ref('Field')) },
        },
      },
      { components: { schemas } },
    ),
    seedItems: 0,
  })
  const [title, author] = ['title', 'author'].map((name) => ({ name, kind: 'text' }))
  await send(mock, 'POST /models', { name: 'Book', fields: [title] })
  expect((await send(mock, 'POST /models/Book/fields', author)).json).toEqual(author)
  expect((await send(mock, 'GET /models/Book')).json).toEqual({ name: 'Book', fields: [title, author] })
})

it('what is made, changed and removed below a thing is shown in the list that the thing has of it', async () => {
  const mock = await start({
    spec: document(
      {
        '/boards': { post: { ...body(object({ name: text })), ...ok(ref('Board')) } },
        '/boards/{boardId}': { parameters: [inPath('boardId')], get: ok(ref('Board')) },
        '/boards/{boardId}/cells': {
          parameters: [inPath('boardId')],
          post: { ...body(ref('Cell')), ...ok(ref('Cell')) },
        },
        '/boards/{boardId}/cells/{cellId}': {
          parameters: [inPath('boardId'), inPath('cellId')],
          patch: { ...body(ref('Cell')), ...ok(ref('Cell')) },
          delete: done,
        },
      },
      { components: { schemas } },
    ),
  })
  const { id } = (await send(mock, 'POST /boards', { name: 'a' })).json
  const cells = async () => (await send(mock, `GET /boards/${id}`)).json.cells
  const one = (await send(mock, `POST /boards/${id}/cells`, { w: 1 })).json
  const two = (await send(mock, `POST /boards/${id}/cells`, { w: 2 })).json
  expect(await cells()).toEqual([one, two])
  await send(mock, `PATCH /boards/${id}/cells/${two.id}`, { w: 3 })
  expect(await cells()).toEqual([one, { ...two, w: 3 }])
  await send(mock, `DELETE /boards/${id}/cells/${one.id}`)
  expect(await cells()).toEqual([{ ...two, w: 3 }])
})

it('what is answered with the thing above sets, adds to and takes from a list of that', async () => {
  const mock = await start({
    spec: document({
      '/roles': { post: { ...body(role()), ...ok(role()) } },
      '/roles/{slug}': { parameters: [inPath('slug')], get: ok(role()) },
      '/roles/{slug}/permissions': {
        parameters: [inPath('slug')],
        put: { ...body(object({ permissions: list(text) })), ...ok(role()) },
        post: { ...body(object({ slug: text })), ...ok(role()) },
      },
      '/roles/{slug}/permissions/{permission}': {
        parameters: [inPath('slug'), inPath('permission')],
        delete: ok(role()),
      },
    }),
    seedItems: 0,
  })
  await send(mock, 'POST /roles', { slug: 'editor', name: 'Editor' })
  const permissions = async () => (await send(mock, 'GET /roles/editor')).json.permissions
  expect((await send(mock, 'PUT /roles/editor/permissions', { permissions: ['read'] })).json).toMatchObject({
    slug: 'editor',
    name: 'Editor',
    permissions: ['read'],
  })
  await send(mock, 'POST /roles/editor/permissions', { slug: 'write' })
  expect(await permissions()).toEqual(['read', 'write'])
  await send(mock, 'DELETE /roles/editor/permissions/read')
  expect(await permissions()).toEqual(['write'])
})

it('things that a group is put before in their path are the same things', async () => {
  const mock = await start({
    spec: document(
      {
        '/notes': {
          get: ok(object({ notes: list(ref('Note')) })),
          post: { ...body(ref('Note')), ...ok(ref('Note')) },
        },
        '/notes/{id}': { parameters: [inPath('id')], get: ok(ref('Note')) },
        '/notes/{topicName}/{id}': {
          parameters: [inPath('topicName'), inPath('id')],
          get: ok(ref('Note')),
          delete: done,
        },
      },
      { components: { schemas: { Note: object({ id: text, topic: text, words: text }) } } },
    ),
    seedItems: 0,
  })
  const sent = { id: 'n1', topic: 'art', words: 'a' }
  await send(mock, 'POST /notes', sent)
  expect((await send(mock, 'GET /notes/art/n1')).json).toEqual(sent)
  expect((await send(mock, 'DELETE /notes/art/n1')).status).toBe(204)
  expect((await send(mock, 'GET /notes/n1')).status).toBe(404)
})

it('an API tells its own version as its document has it, unless the document shows another', async () => {
  const about = object({ version: text, host: text })
  const mock = await start({
    spec: {
      ...document({
        '/meta': { get: ok(about) },
        '/version': { get: ok(about, { version: '9.9.9', host: 'a' }) },
        '/other': { get: ok(about) },
      }),
      info: { title: 'Test', version: '1.40.2' },
    },
  })
  expect((await send(mock, 'GET /meta')).json.version).toBe('1.40.2')
  expect((await send(mock, 'GET /version')).json.version).toBe('9.9.9')
  expect((await send(mock, 'GET /other')).json.version).not.toBe('1.40.2')
})

describe('a thing that is made with its parts', () => {
  const id = { ...text, readOnly: true }
  const shown = (name: string) => ok(ref(name))
  const made = (sent: string, name = sent) => ({
    ...body(ref(sent)),
    responses: { 201: { description: 'Created', content: { 'application/json': { schema: ref(name) } } } },
  })
  const spec = document(
    {
      '/orders': { post: made('Order'), get: ok(list(ref('Order'))) },
      '/orders/{order}': { parameters: [inPath('order')], get: shown('Order') },
      '/orders/{order}/lines': {
        parameters: [inPath('order')],
        get: ok(list(ref('Line'))),
        post: made('Line'),
      },
      '/orders/{order}/lines/{line}': {
        parameters: ['order', 'line'].map(inPath),
        get: shown('Line'),
        delete: done,
      },
      '/teams/{team}/letters': { parameters: [inPath('team')], post: made('NewLetter', 'Letter') },
      '/teams/{team}/letters/{letter}': {
        parameters: ['team', 'letter'].map(inPath),
        get: shown('Letter'),
      },
      '/teams/{team}/letters/{letter}/pages': {
        parameters: ['team', 'letter'].map(inPath),
        get: ok(object({ pages: list(ref('Page')) })),
      },
      '/teams/{team}/letters/{letter}/pages/{page}': {
        parameters: ['team', 'letter', 'page'].map(inPath),
        get: shown('Page'),
      },
      '/teams/{team}/letters/{letter}/receivers': {
        parameters: ['team', 'letter'].map(inPath),
        get: shown('Receivers'),
      },
      '/teams/{team}/letters/{letter}/postage': {
        parameters: ['team', 'letter'].map(inPath),
        get: shown('Postage'),
        put: { ...body(ref('Postage')), ...shown('Postage') },
      },
    },
    {
      components: {
        schemas: {
          Line: object({ id, sku: text, count: { type: 'integer' } }, ['id']),
          Order: object({ id, note: text, lines: list(ref('Line')) }, ['id']),
          Page: object({ page: text, name: text }),
          Receivers: object({ to: list(object({ name: text })), copies: list(object({ name: text })) }),
          Postage: object({ stamp: text, cents: { type: 'integer' } }),
          Letter: object({ letter: id, subject: text }, ['letter']),
          NewLetter: object({
            subject: text,
            pages: list(ref('Page')),
            receivers: ref('Receivers'),
            postage: ref('Postage'),
          }),
        },
      },
    },
  )

  it('has them in the collections below it that are called like them, and stays the same there', async () => {
    const mock = await start({ spec, seedItems: 2 })
    const sent = [
      { sku: 'a', count: 2 },
      { sku: 'b', count: 1 },
    ]
    const order = (await send(mock, 'POST /orders', { note: 'n', lines: sent })).json
    expect(order.lines).toEqual(sent.map((line) => ({ id: expect.any(String), ...line })))
    const [first, second] = order.lines
    const path = `/orders/${order.id}`
    expect(first.id).not.toBe(second.id)
    expect((await send(mock, `GET ${path}/lines`)).json).toEqual(order.lines)
    expect((await send(mock, `GET ${path}/lines/${second.id}`)).json).toEqual(second)
    const third = (await send(mock, `POST ${path}/lines`, { sku: 'c', count: 3 })).json
    await send(mock, `DELETE ${path}/lines/${first.id}`)
    expect((await send(mock, `GET ${path}/lines`)).json).toEqual([second, third])
    expect((await send(mock, `GET ${path}`)).json).toEqual({ ...order, lines: [second, third] })
  })

  it('has them by the ids that they come with, where nothing makes them by themselves', async () => {
    const mock = await start({ spec, seedItems: 2 })
    const pages = ['1', '2'].map((page) => ({ page, name: `${page}.pdf` }))
    const { letter } = (await send(mock, 'POST /teams/7/letters', { subject: 's', pages })).json
    expect((await send(mock, `GET /teams/7/letters/${letter}/pages`)).json).toEqual({ pages })
    expect((await send(mock, `GET /teams/7/letters/${letter}/pages/2`)).json).toEqual(pages[1])
  })

  it('shows a part that is no list at the path that is called like it', async () => {
    const mock = await start({ spec, seedItems: 2 })
    const receivers = { to: [{ name: 'Ann' }], copies: [] }
    const postage = { stamp: 'blue', cents: 85 }
    const { letter } = (await send(mock, 'POST /teams/7/letters', { receivers, postage })).json
    expect((await send(mock, `GET /teams/7/letters/${letter}/receivers`)).json).toEqual(receivers)
    expect((await send(mock, `GET /teams/7/letters/${letter}/postage`)).json).toEqual(postage)
  })
})

it('what is made and removed below a thing is counted where the thing says how many there are', async () => {
  const integer = { type: 'integer' }
  const library = object({
    id: text,
    name: text,
    nb_documents: integer,
    note_count: integer,
    total_size: integer,
  })
  const below = (path: string) => ({
    [`/libraries/{library_id}/${path}`]: {
      parameters: [inPath('library_id')],
      post: { ...body(object({ name: text })), ...ok(object({ id: text, name: text })) },
      get: ok(list(object({ id: text, name: text }))),
    },
    [`/libraries/{library_id}/${path}/{id}`]: {
      parameters: [inPath('library_id'), inPath('id')],
      get: ok(object({ id: text, name: text })),
      delete: done,
    },
  })
  const mock = await start({
    spec: document({
      '/libraries': { post: { ...body(object({ name: text })), ...ok(library) } },
      '/libraries/{library_id}': { parameters: [inPath('library_id')], get: ok(library) },
      ...below('documents'),
      ...below('notes'),
    }),
  })
  const { json: own } = await send(mock, 'POST /libraries', { name: 'l' })
  const path = `/libraries/${own.id}`
  const counts = async () => {
    const { nb_documents, note_count } = (await send(mock, `GET ${path}`)).json
    return [nb_documents, note_count]
  }
  expect(await counts()).toEqual([0, 0])
  const made = []
  for (const name of ['a', 'b']) made.push((await send(mock, `POST ${path}/documents`, { name })).json)
  await send(mock, `POST ${path}/notes`, { name: 'n' })
  expect(await counts()).toEqual([2, 1])
  await send(mock, `DELETE ${path}/documents/${made[0].id}`)
  expect(await counts()).toEqual([1, 1])
})
