// What documents and clients write in another way than most: rules for names in `required`, names in a segment, filters in
// a list, changes as lists of actions.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const text = { type: 'string' }
const integer = { type: 'integer' }
const object = (properties: object, required: string[] = []) => ({ type: 'object', properties, required })
const list = (items: object) => ({ type: 'array', items })
const body = (schema: object) => ({ requestBody: { content: { 'application/json': { schema } } } })
const inPath = (name: string, schema: object = text) => ({ name, in: 'path', required: true, schema })

const titles = { type: 'object', required: ['/^[a-z]{2}$/'], additionalProperties: text }
const book = object({ id: { ...text, readOnly: true }, version: integer, key: text, title: titles }, [
  'id',
  'version',
])
const draft = object({ key: text, title: titles }, ['title'])
const change = object({ version: integer, actions: list(object({ action: text })) }, ['version', 'actions'])
const books = {
  '/books': {
    get: {
      parameters: [{ name: 'where', in: 'query', schema: list(text) }],
      ...ok(object({ results: list({ $ref: '#/components/schemas/Book' }) })),
    },
    post: { ...body(draft), ...ok({ $ref: '#/components/schemas/Book' }) },
  },
  '/books/{id}': {
    parameters: [inPath('id')],
    get: ok({ $ref: '#/components/schemas/Book' }),
    post: { ...body(change), ...ok({ $ref: '#/components/schemas/Book' }) },
  },
  '/books/key={key}': { parameters: [inPath('key')], get: ok({ $ref: '#/components/schemas/Book' }) },
}
const startBooks = () =>
  start({ spec: document(books, { components: { schemas: { Book: book } } }), seedItems: 0 })

it('a rule for names that stands among required names is no name', async () => {
  const mock = await startBooks()
  const { json: made, status } = await send(mock, 'POST /books', { title: { en: 'Emma' } })
  expect([status, made.title]).toEqual([200, { en: 'Emma' }])
  expect((await send(mock, 'POST /books', {})).status).toBe(400)
  const slashed = { type: 'object', required: ['/a/'], properties: { '/a/': text } }
  const other = await start({ spec: document({ '/paths': { post: { ...body(slashed), ...ok(slashed) } } }) })
  expect((await send(other, 'POST /paths', {})).status).toBe(400)
})

it('a segment may say by which member it names a thing', async () => {
  const mock = await startBooks()
  const { json: made } = await send(mock, 'POST /books', { key: 'emma', title: { en: 'Emma' } })
  expect((await send(mock, 'GET /books/key=emma')).json).toEqual(made)
})

it('filters that stand in a list hold together', async () => {
  const mock = await startBooks()
  for (const key of ['a', 'b', 'c']) await send(mock, 'POST /books', { key, title: { en: key } })
  const keys = async (query: string) =>
    (await send(mock, `GET /books?${query}`)).json.results.map(({ key }: { key: string }) => key)
  expect(await keys('where=key%3D%22b%22')).toEqual(['b'])
  expect(await keys('where=key%3E%3D%22b%22&where=key!%3D%22c%22')).toEqual(['a', 'b'])
  expect(await keys('where=key%3D%22b%22&where=anything(x%20or%20y)')).toEqual(['a', 'b', 'c'])
})

it('a change is a list of actions, and counted by the version of the thing', async () => {
  const mock = await startBooks()
  const { json: made } = await send(mock, 'POST /books', { key: 'emma', title: { en: 'Emma' } })
  expect(made.version).toBe(1)
  const actions = [
    { action: 'changeTitle', title: { de: 'Emma' } },
    { action: 'setKey', key: 'emma-2' },
    { action: 'addAuthor', key: 'austen' },
  ]
  const { json: changed } = await send(mock, `POST /books/${made.id}`, { version: 1, actions })
  expect(changed).toMatchObject({ id: made.id, version: 2, key: 'emma-2', title: { de: 'Emma' } })
  expect(changed).not.toHaveProperty('actions')
  expect((await send(mock, `GET /books/${made.id}`)).json).toEqual(changed)
})

it('a change is a list of actions that stand under their names', async () => {
  const sheet = object({ id: { ...text, readOnly: true }, title: text, locale: text }, ['id'])
  const requests = object({ requests: list({ type: 'object' }) })
  const mock = await start({
    spec: document({
      '/sheets': { post: { ...body(object({ title: text })), ...ok(sheet) } },
      '/sheets/{id}': {
        parameters: [inPath('id')],
        get: ok(sheet),
        patch: { ...body(requests), ...ok(sheet) },
      },
    }),
  })
  const { json: made } = await send(mock, 'POST /sheets', { title: 'One' })
  const change = { requests: [{ updateProperties: { title: 'Two' } }, { deleteCells: { title: 'No' } }] }
  expect((await send(mock, `PATCH /sheets/${made.id}`, change)).json.title).toBe('Two')
  expect((await send(mock, `GET /sheets/${made.id}`)).json.title).toBe('Two')
})

it('a creation replaces what is there where its description says so', async () => {
  const setting = object({ key: text, value: integer })
  const withDescription = (description: string) =>
    document({
      '/settings': {
        post: {
          description,
          ...body(setting),
          responses: { 200: ok(setting).responses[200], 409: ok().responses[200] },
        },
      },
      '/settings/{key}': { parameters: [inPath('key')], get: ok(setting) },
    })
  const outcome = async (description: string) => {
    const mock = await start({ spec: withDescription(description), seedItems: 0 })
    await send(mock, 'POST /settings', { key: 'a', value: 1 })
    const { status } = await send(mock, 'POST /settings', { key: 'a', value: 2 })
    return [status, (await send(mock, 'GET /settings/a')).json.value]
  }
  expect(await outcome('Makes a setting. If one with the key exists, it is replaced.')).toEqual([200, 2])
  expect(await outcome('Makes a setting.')).toEqual([409, 1])
})

it('DELETE on a collection removes what a list of ids names, and nothing else', async () => {
  const tenant = object({ name: text })
  const mock = await start({
    spec: document({
      '/tenants': {
        get: ok(list(tenant)),
        post: { ...body(list(tenant)), ...ok(list(tenant)) },
        delete: { ...body(list(text)), responses: { 204: { description: 'Done' } } },
      },
      '/tenants/{name}': { parameters: [inPath('name')], get: ok(tenant) },
    }),
    seedItems: 0,
  })
  const named = (name: string) => ({ name })
  await send(mock, 'POST /tenants', ['a', 'b', 'c'].map(named))
  expect((await send(mock, 'DELETE /tenants', ['a', 'c', 'never'])).status).toBe(204)
  expect((await send(mock, 'GET /tenants')).json).toEqual([named('b')])
  expect((await send(mock, 'GET /tenants/a')).status).toBe(404)
})
