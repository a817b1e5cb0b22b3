// What documents of one tool chain have in common: API Platform's JSON-LD, lists of Keycloak and JPA, switches of PowerDNS,
// PUTs that make things as Vikunja's do, ids beside ids as Lago's.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const whole = { type: 'integer' }

describe('JSON-LD', () => {
  const keyword = { ...text, readOnly: true }
  const book = object({
    '@context': keyword,
    '@id': keyword,
    '@type': keyword,
    id: { ...whole, readOnly: true },
    title: text,
  })
  const ld = (schema: object) => ({
    responses: { 200: { description: '', content: { 'application/ld+json': { schema } } } },
  })
  const spec = document({
    '/books': {
      get: ld(object({ 'hydra:member': list(book), 'hydra:totalItems': { ...whole, minimum: 0 } })),
      post: { ...json(object({ title: text })), ...ld(book) },
    },
    '/books/{id}': { ...named('id'), get: ld(book) },
  })

  it('names a thing by its id, and its address by @id', async () => {
    const mock = await start({ spec })
    const { json: made } = await send(mock, 'POST /books', { title: 'a' })
    expect(made).toMatchObject({ '@id': `/books/${made.id}`, title: 'a' })
    expect((await send(mock, `GET ${made['@id']}`)).json).toEqual(made)
    const { json: listed } = await send(mock, 'GET /books')
    const { 'hydra:member': members } = listed
    expect(members.at(-1)).toEqual(made)
    expect(listed['hydra:totalItems']).toBe(members.length)
    for (const { '@id': address, id } of members) expect(address).toBe(`/books/${id}`)
  })
})

describe('a list', () => {
  const zone = object({ id: { ...whole, readOnly: true }, name: text, dnssec: { type: 'boolean' } }, [
    'id',
    'name',
    'dnssec',
  ])
  const query = (name: string, schema: object, description = '') => ({
    name,
    in: 'query',
    schema,
    description,
  })
  const specOf = (...parameters: readonly object[]) =>
    document({
      '/zones': {
        get: { parameters, ...ok(list(zone)) },
        post: {
          parameters: [query('rrsets', { type: 'boolean', default: true })],
          ...json(object({ name: text, dnssec: { type: 'boolean' } })),
          ...ok(zone),
        },
      },
      '/zones/{id}': { ...named('id'), get: ok(zone) },
    })
  const filled = async (spec: object) => {
    const mock = await start({ spec, seedItems: 0 })
    for (const name of ['a', 'b', 'c']) await send(mock, 'POST /zones', { name, dnssec: false })
    return async (asked: string) =>
      (await send(mock, `GET /zones${asked}`)).json.map(({ name }: { name: string }) => name)
  }

  it('begins at first where max says how long a page is', async () => {
    const names = await filled(specOf(query('first', whole), query('max', whole)))
    expect(await names('?first=0&max=2')).toEqual(['a', 'b'])
    expect(await names('?first=2&max=2')).toEqual(['c'])
    const alone = await filled(specOf(query('first', whole)))
    expect(await alone('?first=2')).toEqual(['a', 'b'])
  })

  it('is not filtered by a switch that shows more of each thing', async () => {
    const told = 'whether to include the "dnssec" fields in the Zone objects'
    const names = await filled(specOf(query('dnssec', { type: 'boolean', default: true }, told)))
    expect(await names('')).toEqual(['a', 'b', 'c'])
    expect(await names('?dnssec=true')).toEqual(['a', 'b', 'c'])
    const filter = await filled(specOf(query('dnssec', { type: 'boolean' }, 'Only zones with DNSSEC')))
    expect(await filter('?dnssec=true')).toEqual([])
  })
})

it('a query parameter that nobody sent says nothing of a new thing', async () => {
  const zone = object({ id: whole, name: text, rrsets: list(object({ name: text })) }, ['id', 'rrsets'])
  const mock = await start({
    spec: document({
      '/zones': {
        post: {
          parameters: [{ name: 'rrsets', in: 'query', schema: { type: 'boolean', default: true } }],
          ...json(object({ name: text, rrsets: list(object({ name: text })) })),
          ...ok(zone),
        },
      },
      '/zones/{id}': { ...named('id'), get: ok(zone) },
    }),
  })
  expect((await send(mock, 'POST /zones', { name: 'a' })).json.rrsets).toEqual([])
})

it('a PUT that is said to create makes a thing of another class below what its path names', async () => {
  const task = {
    $ref: '#/components/schemas/Task',
  }
  const Task = object({ id: { ...whole, readOnly: true }, title: text, project_id: whole }, ['id', 'title'])
  const project = object({ id: { ...whole, readOnly: true }, name: text }, ['id'])
  const created = (schema: object) => ({
    responses: { 201: { description: '', content: { 'application/json': { schema } } } },
  })
  const mock = await start({
    spec: document(
      {
        '/projects': {
          put: { summary: 'Create a project', ...json(object({ name: text })), ...created(project) },
        },
        '/projects/{id}': { ...named('id'), get: ok(project) },
        '/projects/{id}/tasks': {
          ...named('id'),
          put: { summary: 'Create a task', ...json(object({ title: text })), ...created(task) },
        },
        '/tasks': { get: ok(list(task)) },
        '/tasks/{id}': {
          ...named('id'),
          get: ok(task),
          post: { ...json(object({ title: text })), ...ok(task) },
        },
      },
      { components: { schemas: { Task } } },
    ),
    seedItems: 0,
  })
  const { json: project7 } = await send(mock, 'PUT /projects', { name: 'p' })
  const { json: made } = await send(mock, `PUT /projects/${project7.id}/tasks`, { title: 'a' })
  await send(mock, `PUT /projects/${project7.id}/tasks`, { title: 'b' })
  expect(made).toMatchObject({ title: 'a', project_id: project7.id })
  expect((await send(mock, `GET /tasks/${made.id}`)).json).toEqual(made)
  expect((await send(mock, 'GET /tasks')).json).toHaveLength(2)
})

it('an id that a description calls unique is another one for each thing, beside the one that clients give', async () => {
  const own = { ...text, format: 'uuid', readOnly: true, description: 'Unique identifier of the customer.' }
  const customer = object(
    { lago_id: { ...own, example: '1a901a90-1a90-1a90-1a90-1a901a901a90' }, external_id: text },
    ['lago_id', 'external_id'],
  )
  const mock = await start({
    spec: document({
      '/customers': { post: { ...json(object({ external_id: text }, ['external_id'])), ...ok(customer) } },
      '/customers/{external_id}': { ...named('external_id'), get: ok(customer) },
    }),
  })
  const made = async (external_id: string) =>
    (await send(mock, 'POST /customers', { external_id })).json.lago_id
  const [first, second] = [await made('a'), await made('b')]
  expect(first).not.toBe(second)
  expect((await send(mock, 'GET /customers/a')).json.lago_id).toBe(first)
})

describe('paths that end in a format', () => {
  const issue = object({ id: { ...whole, readOnly: true }, subject: text }, ['id', 'subject'])
  const formatted = (...names: readonly string[]) => ({
    parameters: [
      ...named(...names).parameters,
      { name: 'format', in: 'path', required: true, schema: { ...text, enum: ['json', 'xml'] } },
    ],
  })
  const spec = document({
    '/issues.{format}': {
      ...formatted(),
      get: ok(list(issue)),
      post: { ...json(object({ subject: text })), ...ok(issue) },
    },
    '/issues/{id}.{format}': { ...formatted('id'), get: ok(issue), delete: ok(object({})) },
  })

  it('lead to the things of the collection without it', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { json: made, headers } = await send(mock, 'POST /issues.json', { subject: 'a' })
    expect(headers.get('location')).toBe(`/issues/${made.id}.json`)
    expect((await send(mock, `GET /issues/${made.id}.json`)).json).toEqual(made)
    expect((await send(mock, 'GET /issues.json')).json).toEqual([made])
    await send(mock, `DELETE /issues/${made.id}.json`)
    expect((await send(mock, `GET /issues/${made.id}.json`)).status).toBe(404)
  })
})

describe('a DELETE on a collection', () => {
  const message = object({ id: { ...whole, readOnly: true }, text, topic: text }, ['id', 'text'])
  const query = (name: string, schema: object) => ({ name, in: 'query', schema })
  const spec = document({
    '/messages': {
      get: ok(list(message)),
      post: { ...json(object({ text, topic: text })), ...ok(message) },
      delete: {
        parameters: [
          query('id', whole),
          query('topic', text),
          query('user', text),
          query('force', { type: 'boolean' }),
        ],
        ...ok(object({})),
      },
    },
    '/messages/{id}': { ...named('id'), get: ok(message) },
  })
  const filled = async () => {
    const mock = await start({ spec, seedItems: 0 })
    for (const topic of ['a', 'a', 'b']) await send(mock, 'POST /messages', { text: 'hi', topic })
    const topics = async () =>
      (await send(mock, 'GET /messages')).json.map((one: { topic: string }) => one.topic)
    return { mock, topics }
  }

  it.each<[string, string[]]>([
    ['', []],
    ['?topic=a', ['b']],
    ['?id=1', ['a', 'b']],
    ['?topic=none', ['a', 'a', 'b']],
    ['?user=ann', ['a', 'a', 'b']],
    ['?force=true', []],
  ])('removes what its query tells of, and else all: %j', async (asked, left) => {
    const { mock, topics } = await filled()
    expect((await send(mock, `DELETE /messages${asked}`)).status).toBe(200)
    expect(await topics()).toEqual(left)
  })
})

describe('what a path below a thing says of it', () => {
  const user = object({ id: { ...text, readOnly: true }, role: text, admin: { type: 'boolean' } }, [
    'id',
    'role',
  ])
  const done = object({ success: { type: 'boolean' } })
  const spec = document({
    '/users': { post: { ...json(object({ role: text })), ...ok(user) } },
    '/users/{id}': { ...named('id'), get: ok(user) },
    '/users/{id}/role': { ...named('id'), put: { ...json(object({ role: text })), ...ok(done) } },
    '/users/{id}/sysadmin': {
      ...named('id'),
      post: { ...json(object({ admin: { type: 'boolean' } })), ...ok(done) },
    },
    '/users/{id}/refunds': {
      ...named('id'),
      post: { ...json(object({ role: text })), ...ok(object({ id: text, reason: text, at: text })) },
    },
  })

  it('is nothing of the thing where the answer is another one', async () => {
    const mock = await start({ spec })
    const { json: ann } = await send(mock, 'POST /users', { role: 'viewer' })
    await send(mock, `POST /users/${ann.id}/refunds`, { role: 'admin' })
    expect((await send(mock, `GET /users/${ann.id}`)).json.role).toBe('viewer')
  })

  it('is a member of the thing where the answer only says that it is done', async () => {
    const mock = await start({ spec })
    const { json: ann } = await send(mock, 'POST /users', { role: 'viewer' })
    await send(mock, `PUT /users/${ann.id}/role`, { role: 'admin' })
    await send(mock, `POST /users/${ann.id}/sysadmin`, { admin: true })
    expect((await send(mock, `GET /users/${ann.id}`)).json).toMatchObject({ role: 'admin', admin: true })
  })
})
