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

it('a list of actions adds to lists of a thing, and takes out of them', async () => {
  const zone = object({
    id: { ...text, readOnly: true },
    name: text,
    locations: list(object({ country: text })),
    addresses: list(object({ id: text, city: text })),
    tags: list(text),
  })
  const takes = { ...body(object({ actions: list({ type: 'object' }) })), ...ok(zone) }
  const paths = {
    '/zones': { post: { ...body(zone), ...ok(zone) } },
    '/zones/{id}': { parameters: [inPath('id')], get: ok(zone), post: takes },
  }
  const mock = await start({ spec: document(paths) })
  const begun = { locations: [{ country: 'DE' }], addresses: [{ id: 'a1', city: 'Bonn' }], tags: ['x'] }
  const { json: made } = await send(mock, 'POST /zones', { name: 'North', ...begun })
  const acted = async (...actions: readonly object[]) =>
    (await send(mock, `POST /zones/${made.id}`, { actions })).json
  const added = await acted(
    { action: 'addLocation', location: { country: 'FR' } },
    { action: 'addLocation', location: { country: 'ES' } },
    { action: 'addAddress', city: 'Lyon' },
    { kind: 'addTag', value: 'y' },
    { kind: 'updateName', value: 'South' },
  )
  expect(added).toMatchObject({
    ...{ name: 'South', tags: ['x', 'y'] },
    locations: [{ country: 'DE' }, { country: 'FR' }, { country: 'ES' }],
    addresses: [{ id: 'a1', city: 'Bonn' }, { city: 'Lyon' }],
  })
  const removed = await acted(
    { action: 'removeLocation', location: { country: 'DE' } },
    { action: 'removeAddress', addressId: 'a1' },
  )
  expect(removed).toMatchObject({ locations: [{ country: 'FR' }, { country: 'ES' }] })
  expect(removed.addresses).toHaveLength(1)
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

it('what a request sends of a part stands in the part of a part that has room for it', async () => {
  const vectors = object({ size: { type: 'integer' }, distance: text })
  const set = object({
    name: text,
    config: object({ params: object({ vectors, shards: { type: 'integer' } }) }),
  })
  const spec = document({
    '/sets/{name}': {
      parameters: [inPath('name')],
      put: { ...body(object({ vectors })), ...ok(object({ done: { type: 'boolean' } })) },
      patch: { ...body(object({ params: object({ shards: { type: 'integer' } }) })), ...ok(set) },
      get: ok(set),
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  await send(mock, 'PUT /sets/a', { vectors: { size: 4, distance: 'Dot' } })
  await send(mock, 'PATCH /sets/a', { params: { shards: 3 } })
  const { config } = (await send(mock, 'GET /sets/a')).json
  expect(config.params).toMatchObject({ vectors: { size: 4, distance: 'Dot' }, shards: 3 })
})

it('a request may add a word to the name of a member: `rule_data`, `new_status`', async () => {
  const rule = object({ port: text, state: text })
  const wall = object({ id: text, status: text, rules: list(rule) }, ['id', 'rules'])
  const spec = document({
    '/walls': { post: { ...body(object({ rule_data: list(rule) })), ...ok(wall) } },
    '/walls/{id}': {
      parameters: [inPath('id')],
      get: ok(wall),
      patch: { ...body(object({ new_status: text })), ...ok(wall) },
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: made } = await send(mock, 'POST /walls', { rule_data: [{ port: '22', state: 'on' }] })
  expect(made.rules).toEqual([{ port: '22', state: 'on' }])
  await send(mock, `PATCH /walls/${made.id}`, { new_status: 'off' })
  expect((await send(mock, `GET /walls/${made.id}`)).json).toMatchObject({ status: 'off', rules: made.rules })
})

it('the last word of a path may say which kind of thing is made', async () => {
  const kind = (type: string, name: string) =>
    object({ id: text, name: text, type: { const: type }, [name]: text }, ['id', 'name', 'type'])
  const spec = document({
    '/documents': {
      parameters: [{ name: 'types', in: 'query', schema: list(text) }],
      get: ok(list({ oneOf: [kind('file', 'size'), kind('text', 'content'), kind('url', 'url')] })),
    },
    '/documents/{id}': {
      parameters: [inPath('id')],
      get: ok({ oneOf: [kind('file', 'size'), kind('text', 'content'), kind('url', 'url')] }),
    },
    ...Object.fromEntries(
      ['text', 'url'].map((word) => [
        `/documents/${word}`,
        {
          post: { ...body(object({ name: text })), ...ok(object({ id: text, name: text }, ['id', 'name'])) },
        },
      ]),
    ),
  })
  const mock = await start({ spec, seedItems: 0 })
  for (const word of ['text', 'url']) {
    const { json: made } = await send(mock, `POST /documents/${word}`, { name: word })
    expect((await send(mock, `GET /documents/${made.id}`)).json).toMatchObject({ type: word, name: word })
    expect((await send(mock, `GET /documents?types=${word}`)).json).toMatchObject([{ type: word }])
  }
})

it('a creation that is called one that updates as well changes what is there', async () => {
  const firm = object({ id: text, firm_id: text, name: text, plan: text }, ['id', 'firm_id'])
  const spec = document({
    '/firms': {
      post: {
        summary: 'Create or update a firm',
        ...body(object({ firm_id: text, name: text, plan: text }, ['firm_id'])),
        ...ok(firm),
      },
      get: ok(list(firm)),
    },
    '/firms/{firm_id}': { parameters: [inPath('firm_id')], get: ok(firm) },
  })
  const mock = await start({ spec, seedItems: 0 })
  await send(mock, 'POST /firms', { firm_id: 'f-1', name: 'Acme', plan: 'pro' })
  expect(await send(mock, 'POST /firms', { firm_id: 'f-1', name: 'Acme 2' })).toMatchObject({
    status: 200,
    json: { firm_id: 'f-1', name: 'Acme 2', plan: 'pro' },
  })
  expect((await send(mock, 'GET /firms')).json).toHaveLength(1)
})

it('a body of bytes may be of any media type', async () => {
  const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'byte' } } }
  const spec = document({
    '/files/{name}': {
      parameters: [inPath('name')],
      put: { requestBody: { content: bytes }, responses: { 204: { description: '' } } },
      get: { responses: { 200: { description: '', content: bytes } } },
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  expect((await send(mock, 'PUT /files/a.txt', 'hello', { 'content-type': 'text/plain' })).status).toBe(204)
  expect((await send(mock, 'GET /files/a.txt')).text).toBe('hello')
})

it('what lists and makes nothing below a thing makes what is read elsewhere', async () => {
  const card = object({ id: text, title: text, done: { type: 'boolean' }, note: text }, ['id'])
  const spec = document({
    '/boards': { post: { ...body(object({ name: text })), ...ok(object({ id: text, name: text }, ['id'])) } },
    '/boards/{id}': { parameters: [inPath('id')], get: ok(object({ id: text, name: text }, ['id'])) },
    '/boards/{id}/cards': {
      parameters: [inPath('id')],
      post: { ...body(object({ title: text })), ...ok(card) },
    },
    '/cards/{card_id}': { parameters: [inPath('card_id')], get: ok(card) },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: board } = await send(mock, 'POST /boards', { name: 'b' })
  const { json: made } = await send(mock, `POST /boards/${board.id}/cards`, { title: 'c' })
  expect((await send(mock, `GET /cards/${made.id}`)).json).toEqual(made)
  expect(made.title).toBe('c')
})

it('a PUT with one entry adds it to the list that its path is called like, and leaves the thing as it is', async () => {
  const option = object({ option_id: text, name: text, status: text })
  const category = object({ category_id: text, name: text, status: text, options: list(option) })
  const spec = document({
    '/categories': {
      put: { ...body(object({ name: text })), ...ok(object({ categories: list(category) })) },
      get: ok(object({ categories: list(category) })),
    },
    '/categories/{category_id}': {
      parameters: [inPath('category_id')],
      get: ok(object({ categories: list(category) })),
    },
    '/categories/{category_id}/options': {
      parameters: [inPath('category_id')],
      put: { ...body(option), ...ok(object({ options: list(option) })) },
    },
    '/categories/{category_id}/options/{option_id}': {
      parameters: [inPath('category_id'), inPath('option_id')],
      delete: { responses: { 204: { description: '' } } },
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: made } = await send(mock, 'PUT /categories', { name: 'Region' })
  const path = `/categories/${made.categories[0].category_id}`
  expect((await send(mock, `PUT ${path}/options`, { name: 'North' })).json.options).toEqual([
    { name: 'North' },
  ])
  const [shown] = (await send(mock, `GET ${path}`)).json.categories
  expect(shown).toMatchObject({ name: 'Region', options: [{ name: 'North' }] })
  await send(mock, `PUT ${path}/options`, { option_id: 'o-2', name: 'South' })
  await send(mock, `DELETE ${path}/options/o-2`)
  expect((await send(mock, `GET ${path}`)).json.categories[0].options).toEqual([{ name: 'North' }])
})

it('a change that is said to make a new version counts the versions', async () => {
  const agent = object({ id: text, name: text, version: integer }, ['id', 'version'])
  const spec = document({
    '/agents': { post: { ...body(object({ name: text })), ...ok(agent) } },
    '/agents/{id}': {
      parameters: [inPath('id')],
      get: ok(agent),
      patch: {
        description: 'Update an agent and create a new version.',
        ...body(object({ name: text })),
        ...ok(agent),
      },
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: made } = await send(mock, 'POST /agents', { name: 'a' })
  await send(mock, `PATCH /agents/${made.id}`, { name: 'b' })
  expect((await send(mock, `GET /agents/${made.id}`)).json).toMatchObject({
    name: 'b',
    version: made.version + 1,
  })
})

it('the id of a thing may be called after it, whatever its path calls it', async () => {
  const client = object({ client_id: text, name: text })
  const spec = document({
    '/clients': { post: { ...body(object({ name: text })), ...ok(client) } },
    '/clients/{id}': {
      parameters: [inPath('id')],
      get: ok(client),
      patch: { ...body(object({ name: text })), ...ok(client) },
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: made } = await send(mock, 'POST /clients', { name: 'a' })
  expect((await send(mock, `GET /clients/${made.client_id}`)).json).toEqual(made)
  expect((await send(mock, 'PATCH /clients/none', { name: 'b' })).status).toBe(404)
})

it('what only a guess makes the id may be the same twice', async () => {
  const term = object({ name: text, days: integer })
  const spec = document({
    '/terms': { post: { ...body(term), ...ok(term) }, get: ok(list(term)) },
    '/terms/{id}': { parameters: [inPath('id')], get: ok(term) },
  })
  const mock = await start({ spec, seedItems: 0 })
  for (const days of [1, 2]) await send(mock, 'POST /terms', { name: 'Net', days })
  expect((await send(mock, 'GET /terms')).json).toEqual([
    { name: 'Net', days: 1 },
    { name: 'Net', days: 2 },
  ])
})

it('an answer that says much of itself is the thing, and what it shows of another a part of it', async () => {
  const addon = object({ id: text, key: text })
  const added = object({ created_at: text, addon, phase: text, most: integer, note: text }, ['phase'])
  const spec = document({
    '/plans': { post: { ...body(object({ name: text })), ...ok(object({ id: text, name: text }, ['id'])) } },
    '/plans/{plan_id}': {
      parameters: [inPath('plan_id')],
      get: ok(object({ id: text, name: text }, ['id'])),
    },
    '/plans/{plan_id}/addons': {
      parameters: [inPath('plan_id')],
      post: { ...body(object({ phase: text, most: integer })), ...ok(added) },
      get: ok(list(added)),
    },
    '/plans/{plan_id}/addons/{addon_id}': {
      parameters: [inPath('plan_id'), inPath('addon_id')],
      get: ok(added),
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: plan } = await send(mock, 'POST /plans', { name: 'p' })
  const { json: made } = await send(mock, `POST /plans/${plan.id}/addons`, { phase: 'trial', most: 3 })
  expect(made).toMatchObject({ phase: 'trial', most: 3 })
  expect((await send(mock, `GET /plans/${plan.id}/addons/${made.addon.id}`)).json).toEqual(made)
})

it('collections of one schema that are whole by themselves hold things of their own', async () => {
  const resource = { $ref: '#/components/schemas/Resource' }
  const kind = (path: string) => ({
    [`/${path}`]: { post: { ...body(object({ name: text })), ...ok(resource) }, get: ok(list(resource)) },
    [`/${path}/{id}`]: { parameters: [inPath('id')], get: ok(resource) },
  })
  const spec = {
    ...document({ ...kind('users'), ...kind('groups') }),
    components: { schemas: { Resource: object({ id: text, name: text }, ['id', 'name']) } },
  }
  const mock = await start({ spec, seedItems: 0 })
  const { json: user } = await send(mock, 'POST /users', { name: 'u' })
  await send(mock, 'POST /groups', { name: 'g' })
  expect((await send(mock, 'GET /users')).json).toEqual([user])
  expect((await send(mock, `GET /groups/${user.id}`)).status).toBe(404)
})

it('values that alternatives list with a word on each are those of a list', async () => {
  const color = {
    oneOf: [
      { const: 'red', title: 'Red', description: 'As a rose.' },
      { type: 'string', const: 'blue' },
      { const: 7, 'x-order': 3 },
    ],
  }
  const spec = document({
    '/pens': { post: { ...body(object({ color }, ['color'])), ...ok(object({ color })) } },
  })
  const mock = await start({ spec })
  for (const own of ['red', 'blue', 7])
    expect((await send(mock, 'POST /pens', { color: own })).json.color).toBe(own)
  const { status, json } = await send(mock, 'POST /pens', { color: 'green' })
  expect([status, json.message]).toEqual([400, expect.stringContaining('must be one of ["red","blue",7]')])
})

it('a change may say in its query what it sets', async () => {
  const pen = object({ id: text, color: text, size: integer }, ['id'])
  const asked = ['color', 'size'].map((name) => ({
    name,
    in: 'query',
    schema: name === 'size' ? integer : text,
  }))
  const spec = document({
    '/pens': { post: { ...body(object({ color: text, size: integer })), ...ok(pen) } },
    '/pens/{id}': { parameters: [inPath('id')], get: ok(pen), patch: { parameters: asked, ...ok(pen) } },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: made } = await send(mock, 'POST /pens', { color: 'red', size: 1 })
  await send(mock, `PATCH /pens/${made.id}?color=blue`)
  expect((await send(mock, `GET /pens/${made.id}`)).json).toEqual({ ...made, color: 'blue' })
})

it('a word in a body says what is done to a thing where it leads to a status', async () => {
  const talk = object({ id: text, title: text, state: { ...text, enum: ['open', 'closed', 'snoozed'] } }, [
    'id',
    'state',
  ])
  const said = object({ message_type: { ...text, enum: ['close', 'snoozed', 'open', 'note'] }, body: text })
  const spec = document({
    '/talks': { post: { ...body(object({ title: text })), ...ok(talk) } },
    '/talks/{id}': { parameters: [inPath('id')], get: ok(talk) },
    '/talks/{id}/parts': { parameters: [inPath('id')], post: { ...body(said), ...ok(talk) } },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: made } = await send(mock, 'POST /talks', { title: 't' })
  for (const [message_type, state] of [
    ['close', 'closed'],
    ['note', 'closed'],
    ['open', 'open'],
    ['snoozed', 'snoozed'],
  ]) {
    await send(mock, `POST /talks/${made.id}/parts`, { message_type })
    expect((await send(mock, `GET /talks/${made.id}`)).json.state, message_type).toBe(state)
  }
})

it('what may be an integer or a number may be an integer', async () => {
  const value = { oneOf: [text, integer, { type: 'number', format: 'double' }, { type: 'boolean' }] }
  const event = object({ name: text, metadata: { type: 'object', additionalProperties: value } })
  const mock = await start({ spec: document({ '/events': { post: { ...body(event), ...ok(event) } } }) })
  const metadata = { a: 1, b: 1.5, c: 'x', d: true }
  expect((await send(mock, 'POST /events', { name: 'e', metadata })).json.metadata).toEqual(metadata)
  expect((await send(mock, 'POST /events', { name: 'e', metadata: { a: [] } })).status).toBe(400)
})
