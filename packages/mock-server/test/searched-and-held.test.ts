// What bodies and queries say of lists, which states changes are for, and what goes with what was removed.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const id = { ...text, readOnly: true }
const whole = { type: 'integer' }
const flag = { type: 'boolean' }
const done = { responses: { 204: { description: 'Done' } } }

describe('a search by POST', () => {
  const user = object({ username: text, email: text }, ['username'])
  const page = {
    oneOf: [
      object({ limit: whole }),
      object({ from: whole, limit: whole }),
      object({ after: text, limit: whole }),
    ],
  }
  const query = {
    ...object({ sort: list(object({ field: text, order: text })), filter: object({ email: {} }) }),
    allOf: [object({ page })],
    additionalProperties: false,
  }
  const spec = document({
    '/users': { post: { ...json(user), ...ok(user) } },
    '/users/{username}': { ...named('username'), get: ok(user) },
    '/users/search': { post: { ...json(query), ...ok(object({ items: list(user) }, ['items'])) } },
  })
  const search = async (body: object) => {
    const mock = await start({ spec, seedItems: 0 })
    for (const username of ['ann', 'bob', 'bea'])
      await send(mock, 'POST /users', { username, email: `${username}@example.org` })
    const { status, json: found } = await send(mock, 'POST /users/search', body)
    return status === 200 ? found.items.map((one: { username: string }) => one.username) : status
  }

  it.each([
    [
      'sorts by the member that an entry names',
      { sort: [{ field: 'username', order: 'DESC' }] },
      ['bob', 'bea', 'ann'],
    ],
    ['knows what stands for any text', { filter: { email: { $like: 'b*@example.org' } } }, ['bob', 'bea']],
    [
      'looks for a part of a text where nothing stands for any',
      { filter: { email: { $like: 'ea@' } } },
      ['bea'],
    ],
    ['takes what fits several alternatives that require nothing', { page: { limit: 2 } }, ['ann', 'bob']],
    ['refuses what no part of its body describes', { pages: {} }, 400],
  ])('%s', async (_, body, expected) => {
    expect(await search(body)).toEqual(expected)
  })
})

it('a switch that says whether things with a flag are listed leaves them out, or lists all', async () => {
  const person = object({ id, name: text, isHidden: flag }, ['id', 'name', 'isHidden'])
  const mock = await start({
    spec: document({
      '/people': {
        get: { parameters: [{ name: 'withHidden', in: 'query', schema: flag }], ...ok(list(person)) },
        post: { ...json(object({ name: text, isHidden: flag })), ...ok(person) },
      },
      '/people/{id}': { ...named('id'), get: ok(person) },
    }),
    seedItems: 0,
  })
  await send(mock, 'POST /people', { name: 'a', isHidden: true })
  await send(mock, 'POST /people', { name: 'b', isHidden: false })
  const names = async (query: string) =>
    (await send(mock, `GET /people?${query}`)).json.map((one: { name: string }) => one.name)
  expect([await names('withHidden=false'), await names('withHidden=true')]).toEqual([['b'], ['a', 'b']])
})

describe('a change for another state of a thing', () => {
  const specOf = (version: object, conflict: string) => {
    const place = object({ id, version, city: text }, ['id', 'version'])
    return document({
      '/places': { post: { ...json(object({ city: text })), ...ok(place) } },
      '/places/{id}': {
        ...named('id'),
        get: ok(place),
        put: {
          ...json(object({ version, city: text }, ['version'])),
          responses: { ...ok(place).responses, 409: { description: conflict } },
        },
      },
    })
  }

  it.each([
    ['number', whole],
    ['text', { ...text, example: '1.5.0' }],
  ])(
    'is refused where the document says that its version is held against the thing: a %s',
    async (_, version) => {
      const mock = await start({ spec: specOf(version, 'Not the current version of the place') })
      const { json: made } = await send(mock, 'POST /places', { city: 'Rome' })
      const change = (of: unknown, city: string) =>
        send(mock, `PUT /places/${made.id}`, { version: of, city })
      const { status, json: changed } = await change(made.version, 'Oslo')
      expect([status, changed.city]).toEqual([200, 'Oslo'])
      expect(changed.version).not.toEqual(made.version)
      expect((await change(made.version, 'Bonn')).status).toBe(409)
      expect((await send(mock, `GET /places/${made.id}`)).json.city).toBe('Oslo')
    },
  )

  it('is taken where the version is what the thing is about', async () => {
    const mock = await start({ spec: specOf(text, 'The name is taken') })
    const { json: made } = await send(mock, 'POST /places', { city: 'Rome' })
    const { status, json: changed } = await send(mock, `PUT /places/${made.id}`, {
      version: '2.0',
      city: 'Oslo',
    })
    expect([status, changed.version]).toEqual([200, '2.0'])
  })
})

describe('a thing that others name', () => {
  const project = object({ key: text, name: text }, ['key'])
  const feature = object({ key: text, name: text }, ['key'])
  const group = object({ id, key: text }, ['id', 'key'])
  const reference = object({ typeId: text, id: text }, ['typeId', 'id'])
  const customer = object({ id, name: text, customerGroup: reference }, ['id'])
  const record = object({ id: { ...whole, readOnly: true }, domain_id: whole, kind: text }, [
    'id',
    'domain_id',
  ])
  const domain = object({ id: { ...whole, readOnly: true }, name: text }, ['id', 'name'])
  const named2 = object({ typeId: text, id: text, key: text }, ['typeId'])
  const spec = document({
    '/projects': { post: { ...json(project), ...ok(project) } },
    '/projects/{projectKey}': { ...named('projectKey'), get: ok(project), delete: done },
    '/features/{projectKey}': {
      ...named('projectKey'),
      get: ok(object({ items: list(feature) }, ['items'])),
      post: { ...json(feature), ...ok(feature) },
    },
    '/features/{projectKey}/{featureKey}': { ...named('projectKey', 'featureKey'), get: ok(feature) },
    '/customer-groups': { post: { ...json(object({ key: text })), ...ok(group) } },
    '/customer-groups/{id}': { ...named('id'), get: ok(group) },
    '/customers': { post: { ...json(object({ name: text, customerGroup: named2 })), ...ok(customer) } },
    '/customers/{id}': { ...named('id'), get: ok(customer) },
    '/domains': { post: { ...json(object({ name: text })), ...ok(domain) } },
    '/domains/{domain}': { ...named('domain'), get: ok(domain) },
    '/domains/{domain}/records': {
      ...named('domain'),
      get: ok(list(record)),
      post: { ...json(object({ kind: text })), ...ok(record) },
    },
  })

  it('takes with it what is kept for it at another path', async () => {
    const mock = await start({ spec, seedItems: 0 })
    await send(mock, 'POST /projects', { key: 'shop' })
    await send(mock, 'POST /features/shop', { key: 'dark' })
    expect((await send(mock, 'GET /features/shop/dark')).status).toBe(200)
    await send(mock, 'DELETE /projects/shop')
    expect((await send(mock, 'GET /features/shop/dark')).status).toBe(404)
    expect((await send(mock, 'GET /features/shop')).json.items).toEqual([])
    await send(mock, 'POST /features/shop', { key: 'light' })
    expect((await send(mock, 'GET /features/shop/light')).status).toBe(200)
  })

  it('leaves nothing at another path to what is given its name at once', async () => {
    const mock = await start({ spec, seedItems: 0 })
    for (const _ of [1, 2]) {
      for (const key of ['shop', 'blog']) await send(mock, 'POST /projects', { key })
      expect((await send(mock, 'GET /features/shop')).json.items).toEqual([])
      for (const key of ['shop', 'blog']) await send(mock, `POST /features/${key}`, { key: 'dark' })
      await send(mock, 'DELETE /projects/shop')
    }
    expect((await send(mock, 'GET /features/blog/dark')).json.key).toBe('dark')
  })

  it('is shown by its id where a request names it by its kind and its key', async () => {
    const mock = await start({ spec })
    const { json: vip } = await send(mock, 'POST /customer-groups', { key: 'vip' })
    const { json: ann } = await send(mock, 'POST /customers', {
      name: 'Ann',
      customerGroup: { typeId: 'customer-group', key: 'vip' },
    })
    expect(ann.customerGroup).toEqual({ typeId: 'customer-group', id: vip.id })
  })

  it('is told of by its id where a path names it by its name', async () => {
    const mock = await start({ spec })
    const { json: acme } = await send(mock, 'POST /domains', { name: 'acme.com' })
    const { json: made } = await send(mock, 'POST /domains/acme.com/records', { kind: 'ds' })
    expect(made.domain_id).toBe(acme.id)
  })
})

describe('a thing with two addresses, or whose query has its id', () => {
  const schemas = { Category: object({ id, key: text, name: text }, ['id', 'key']) }
  const category = { $ref: '#/components/schemas/Category' }
  const sent = object({ key: text, name: text })
  const stored = object({ documentId: text, title: text }, ['documentId'])
  const spec = document(
    {
      '/categories': { get: ok(list(category)), post: { ...json(sent), ...ok(category) } },
      '/categories/{id}': { ...named('id'), get: ok(category), post: { ...json(sent), ...ok(category) } },
      '/categories/key={key}': {
        ...named('key'),
        get: ok(category),
        post: { ...json(sent), ...ok(category) },
        delete: ok(category),
      },
      '/documents': {
        post: {
          parameters: [{ name: 'documentId', in: 'query', schema: text }],
          ...json(object({ title: text })),
          ...ok(stored),
        },
      },
      '/documents/{documentId}': { ...named('documentId'), get: ok(stored) },
    },
    { components: { schemas } },
  )

  it('is changed and removed at either', async () => {
    const mock = await start({ spec })
    const { json: made } = await send(mock, 'POST /categories', { key: 'boots', name: 'Boots' })
    const { json: changed } = await send(mock, 'POST /categories/key=boots', { name: 'Warm' })
    expect(changed).toMatchObject({ id: made.id, name: 'Warm' })
    expect((await send(mock, `GET /categories/${made.id}`)).json.name).toBe('Warm')
    await send(mock, 'DELETE /categories/key=boots')
    expect((await send(mock, `GET /categories/${made.id}`)).status).toBe(404)
  })

  it('is made under the id of its query', async () => {
    const mock = await start({ spec })
    expect((await send(mock, 'POST /documents?documentId=mine', { title: 'a' })).json.documentId).toBe('mine')
    expect((await send(mock, 'GET /documents/mine')).json.title).toBe('a')
  })
})

describe('what readers and administrators see', () => {
  it('are the same things', async () => {
    const schemas = {
      User: object({ id, name: text }, ['id', 'name']),
      Admin: object({ id, name: text, quota: whole }, ['id', 'name']),
    }
    const [user, admin] = [{ $ref: '#/components/schemas/User' }, { $ref: '#/components/schemas/Admin' }]
    const mock = await start({
      spec: document(
        {
          '/staff/users': { get: ok(list(user)) },
          '/users': { get: ok(list(user)) },
          '/users/{id}': { ...named('id'), get: ok(user) },
          '/admin/users': { get: ok(list(admin)), post: { ...json(object({ name: text })), ...ok(admin) } },
          '/admin/users/{id}': { ...named('id'), get: ok(admin), delete: done },
        },
        { components: { schemas } },
      ),
      seedItems: 0,
    })
    const headers = { 'x-admin-key': mock.adminKey }
    const { json: ann } = await send(mock, 'POST /admin/users', { name: 'Ann' }, headers)
    expect((await send(mock, `GET /users/${ann.id}`)).json).toEqual({ id: ann.id, name: 'Ann' })
  })
})
