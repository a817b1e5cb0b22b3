// Habits of published documents that say less, or something else, than their APIs do.

import { expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const link = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
})
const text = { type: 'string' }
const list = (items: object) => ({ type: 'array', items })
const named = (name: string) => ({ name, in: 'path', required: true, schema: text })

const withSchemas = (paths: object, schemas: object) => ({ ...document(paths), components: { schemas } })

it('a pattern that is written as a literal means what is between its slashes', async () => {
  const code = { ...text, pattern: '/^[a-z0-9_+-]+$/i' }
  const mock = await start({
    spec: document({
      '/plans': {
        post: { requestBody: json(object({ code }, ['code'])), ...ok(object({ id: text, code })) },
      },
      '/plans/{id}': { parameters: [named('id')], get: ok(object({ id: text, code })) },
    }),
  })
  const made = await send(mock, 'POST /plans', { code: 'Gold-1' })
  expect([made.status, made.json.code]).toEqual([200, 'Gold-1'])
  expect((await send(mock, 'POST /plans', { code: 'a b' })).status).toBe(400)
  expect((await send(mock, 'POST /plans', { code: '/gold/i' })).status).toBe(400)
})

it('a member that nothing fits is left out of samples, and the others stay', async () => {
  const impossible = { ...text, minLength: 4, maxLength: 2 }
  const thing = object({
    name: text,
    state: { type: 'string', enum: ['active'] },
    marks: list(object({ label: impossible }, ['label'])),
  })
  const mock = await start({ spec: document({ '/thing': { get: ok(thing) } }) })
  const { json: shown } = await send(mock, 'GET /thing')
  expect(shown).toMatchObject({ name: expect.any(String), state: 'active' })
  expect(shown.marks ?? []).toEqual([])
})

it('`object` says what kind of thing it is in', async () => {
  const kind = { ...text, title: 'Object type' }
  const mock = await start({
    spec: withSchemas(
      {
        '/addresses': {
          get: ok(link('ShippingAddressList')),
          post: { requestBody: json(object({ city: text })), ...ok(link('ShippingAddress')) },
        },
        '/addresses/{id}': { parameters: [named('id')], get: ok(link('ShippingAddress')) },
      },
      {
        ShippingAddressBase: object({ id: text, object: { ...kind, readOnly: true } }),
        ShippingAddress: { allOf: [link('ShippingAddressBase'), object({ city: text })] },
        ShippingAddressList: object({ object: kind, data: list(link('ShippingAddress')) }),
      },
    ),
  })
  const { json: made } = await send(mock, 'POST /addresses', { city: 'Bonn' })
  expect(made).toMatchObject({ object: 'shipping_address', city: 'Bonn' })
  expect((await send(mock, `GET /addresses/${made.id}`)).json).toEqual(made)
  const { json: all } = await send(mock, 'GET /addresses')
  expect([all.object, all.data.at(-1)]).toEqual(['list', made])
})

it('links of pages are written where a document gives them as alternatives', async () => {
  const forward = object({ next: { ...text, format: 'uri' }, last: { ...text, format: 'uri' } })
  const backward = object({ first: { ...text, format: 'uri' }, prev: { ...text, format: 'uri' } })
  const pages = { anyOf: [forward, backward, {}] }
  const query = (name: string) => ({ name, in: 'query', schema: { type: 'integer' } })
  const mock = await start({
    spec: document({
      '/keys': {
        get: {
          parameters: [query('page'), query('per_page')],
          ...ok(object({ keys: list(object({ id: text })), links: object({ pages }) })),
        },
        post: { requestBody: json(object({ label: text })), ...ok(object({ id: text, label: text })) },
      },
      '/keys/{id}': { parameters: [named('id')], get: ok(object({ id: text, label: text })) },
    }),
    seedItems: 0,
  })
  for (const label of ['a', 'b', 'c']) await send(mock, 'POST /keys', { label })
  const { links } = (await send(mock, 'GET /keys?page=2&per_page=1')).json
  expect(links.pages.next).toBe(`${mock.url}/keys?per_page=1&page=3`)
  expect(links.pages.prev).toBe(`${mock.url}/keys?per_page=1&page=1`)
  expect((await send(mock, 'GET /keys?page=3&per_page=1')).json.links.pages?.next).toBeUndefined()
})

it('a link that the document calls a path has no host', async () => {
  const next = { ...text, description: 'Path to the next page.' }
  const mock = await start({
    spec: document({
      '/keys': {
        get: {
          parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer' } }],
          ...ok(object({ has_more: { type: 'boolean' }, next, data: list(object({ id: text })) })),
        },
      },
      '/keys/{id}': { parameters: [named('id')], get: ok(object({ id: text })) },
    }),
    seedItems: 2,
  })
  const page = (await send(mock, 'GET /keys?limit=1')).json
  expect(page).toMatchObject({ has_more: true, next: expect.stringMatching(/^\/keys\?/) })
  expect((await send(mock, `GET ${page.next}`)).json.has_more).toBe(false)
})

const thing = object({ id: text, title: text })
const room = (path: string, parent: string) => ({
  [path]: {
    parameters: parent === '' ? [] : [named(parent)],
    get: ok(list(thing)),
    post: { requestBody: json(object({ title: text }, ['title'])), ...ok(thing) },
  },
  [`${path}/{thingId}`]: {
    parameters: [...(parent === '' ? [] : [named(parent)]), named('thingId')],
    get: ok(thing),
    delete: ok(),
  },
})

it('whom nearly all of an API is below is there without having been made', async () => {
  const kinds = Array.from({ length: 12 }, (_, index) => `kind${index}`)
  const below = kinds.map((kind) => room(`/accounts/{accountId}/${kind}`, 'accountId'))
  const mock = await start({
    spec: document({ ...room('/accounts', ''), ...Object.assign({}, ...below) }),
    seedItems: 0,
  })
  const { status, json: made } = await send(mock, 'POST /accounts/mine/kind1', { title: 'a' })
  expect(status).toBe(200)
  expect((await send(mock, 'GET /accounts/mine/kind1')).json).toEqual([made])
  expect((await send(mock, 'GET /accounts/other/kind1')).json).toEqual([])
})

it('what only some of an API is below has to be made', async () => {
  const others = Array.from({ length: 12 }, (_, index) => room(`/kind${index}`, ''))
  const mock = await start({
    spec: document({
      ...room('/accounts', ''),
      ...room('/accounts/{accountId}/parts', 'accountId'),
      ...Object.assign({}, ...others),
    }),
    seedItems: 0,
  })
  expect((await send(mock, 'POST /accounts/mine/parts', { title: 'a' })).status).toBe(404)
})

const group = object({ name: { ...text, example: 'default' }, location: text })
const groups = {
  '/groups': {
    get: ok(list(group)),
    post: { requestBody: json(object({ name: text, location: text }, ['name'])), ...ok(group) },
  },
  '/groups/{name}': {
    parameters: [named('name')],
    get: ok(group),
    put: { requestBody: json(object({ location: text })), ...ok(group) },
  },
}

it('a sample gives way to what a client calls the same, once', async () => {
  const mock = await start({ spec: document(groups), seedItems: 1 })
  expect((await send(mock, 'GET /groups')).json).toEqual([{ name: 'default', location: expect.any(String) }])
  const first = await send(mock, 'POST /groups', { name: 'default', location: 'here' })
  expect([first.status, first.json]).toEqual([200, { name: 'default', location: 'here' }])
  expect((await send(mock, 'GET /groups')).json).toEqual([{ name: 'default', location: 'here' }])
  expect((await send(mock, 'POST /groups', { name: 'default', location: 'there' })).status).toBe(409)
})

it('a sample that a client has changed does not give way', async () => {
  const mock = await start({ spec: document(groups), seedItems: 1 })
  await send(mock, 'GET /groups')
  await send(mock, 'PUT /groups/default', { location: 'mine' })
  expect((await send(mock, 'POST /groups', { name: 'default' })).status).toBe(409)
})

it('things without a path of their own have an id that is called after them', async () => {
  const team = object({ teamId: text, teamName: text })
  const mock = await start({
    spec: document({
      '/teams': { get: ok(list(team)), post: { requestBody: json(team), ...ok(team) } },
    }),
    seedItems: 0,
  })
  const { json: made } = await send(mock, 'POST /teams', { teamName: 'Red' })
  expect(made).toEqual({ teamId: expect.any(String), teamName: 'Red' })
  expect((await send(mock, 'GET /teams')).json).toEqual([made])
})

it('what carries one thing and is answered by a list shows the thing in it', async () => {
  const schedule = object({ id: text, workflow: { ...text, example: 'sample' } })
  const mock = await start({
    spec: document({
      '/schedules': {
        get: ok(object({ entries: list(schedule) })),
        post: { requestBody: json(object({ workflow: text })), ...ok(list(schedule)) },
      },
    }),
    seedItems: 0,
  })
  const { json: made } = await send(mock, 'POST /schedules', { workflow: 'digest' })
  expect(made).toEqual([{ id: expect.any(String), workflow: 'digest' }])
  expect((await send(mock, 'GET /schedules')).json).toEqual({ entries: made })
})

it('a thing in its own envelope is made though a list of others comes with it', async () => {
  const branch = object({ id: text, name: text, project_id: text }, ['id', 'name', 'project_id'])
  const port = object({ id: text, name: text, type: text })
  const mock = await start({
    spec: document({
      '/projects/{project_id}/branches': {
        parameters: [named('project_id')],
        get: ok(object({ branches: list(branch) })),
        post: {
          requestBody: json(object({ branch: object({ name: text }), ports: list(object({ type: text })) })),
          ...ok(object({ branch, ports: list(port) }, ['branch', 'ports'])),
        },
      },
      '/projects/{project_id}/branches/{branch_id}': {
        parameters: [named('project_id'), named('branch_id')],
        get: ok(object({ branch })),
      },
    }),
    seedItems: 0,
  })
  const sent = { branch: { name: 'dev' }, ports: [{ type: 'read' }] }
  const { json: made } = await send(mock, 'POST /projects/7/branches', sent)
  expect(made.branch).toMatchObject({ name: 'dev', project_id: '7' })
  const read = await send(mock, `GET /projects/7/branches/${made.branch.id}`)
  expect(read.json).toEqual({ branch: made.branch })
})

it('an example that is shown below a thing belongs to that thing, and what a PUT makes is none', async () => {
  const entry = object({
    id: text,
    shelf: { ...text, example: 'example shelf' },
    title: { ...text, example: 'example' },
  })
  const mock = await start({
    spec: document({
      '/entries/{shelf}': { parameters: [named('shelf')], get: ok(list(entry)) },
      '/entries/{shelf}/{id}': {
        parameters: [named('shelf'), named('id')],
        get: ok(entry),
        put: {
          description: 'Creates a new entry or updates an existing one.',
          requestBody: json(object({ note: text, title: text })),
          ...ok(entry),
        },
      },
    }),
    seedItems: 1,
  })
  expect((await send(mock, 'GET /entries/red')).json[0].shelf).toBe('red')
  expect((await send(mock, 'GET /entries/blue/any')).json).toEqual({
    id: 'any',
    shelf: 'blue',
    title: 'example',
  })
  const { json: made } = await send(mock, 'PUT /entries/blue/mine', { note: 'n' })
  expect(made).toEqual({ id: 'mine', shelf: 'blue' })
})

it('`key_name` is the name of what is made at `/api_keys`', async () => {
  const key = object({ id: text, name: text }, ['id', 'name'])
  const mock = await start({
    spec: document({
      '/api_keys': {
        get: ok(list(key)),
        post: { requestBody: json(object({ key_name: text }, ['key_name'])), ...ok(key) },
      },
      '/api_keys/{key_id}': { parameters: [named('key_id')], delete: ok() },
    }),
    seedItems: 0,
  })
  const { json: made } = await send(mock, 'POST /api_keys', { key_name: 'ci' })
  expect(made.name).toBe('ci')
  expect((await send(mock, 'GET /api_keys')).json).toEqual([made])
})

it('of many words for what is not found, the one for any record is taken', async () => {
  const types = ['action-not-found', 'coupon-not-found', 'record-not-found', 'invalid-value']
  const failure = object({ error: object({ type: { enum: types }, message: text }, ['type', 'message']) }, [
    'error',
  ])
  const responses = {
    200: { description: 'ok', ...json(object({ id: text })) },
    404: { description: 'no', ...json(failure) },
  }
  const mock = await start({
    spec: document({
      '/pets': { post: { requestBody: json(object({ name: text })), ...ok(object({ id: text })) } },
      '/pets/{id}': { parameters: [named('id')], get: { responses } },
    }),
  })
  const { status, json: refusal } = await send(mock, 'GET /pets/none')
  expect([status, refusal.error.type]).toEqual([404, 'record-not-found'])
})
