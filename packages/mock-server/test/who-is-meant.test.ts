// Which thing a request is about that its path does not name, or names otherwise: the current one, the one that selectors
// tell of, the one that a list of one shows, and who is joined from either side.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const id = { ...text, readOnly: true }
const gone = { responses: { 204: { description: 'Gone.' } } }
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

describe('the current one', () => {
  const User = object({ id, name: text, phone: text }, ['id'])
  const components = { components: { schemas: { User } } }
  const body = json(object({ name: text, phone: text }))
  const users = {
    '/users': { post: { ...body, ...ok(ref('User')) }, get: ok(list(ref('User'))) },
    '/users/{id}': { ...named('id'), get: ok(ref('User')), patch: { ...body, ...ok(ref('User')) } },
  }

  it.each([
    ['/users/me', {}],
    ['/me', {}],
    ['/user', { summary: 'Get the authenticated user' }],
  ])('is one of its collection at %s, and changes with it', async (path, said) => {
    const mock = await start({
      spec: document(
        {
          ...users,
          [path]: { get: { ...said, ...ok(ref('User')) }, patch: { ...body, ...ok(ref('User')) } },
        },
        components,
      ),
    })
    const { json: me } = await send(mock, `GET ${path}`)
    await send(mock, 'POST /users', { name: 'Bob' })
    expect((await send(mock, `GET ${path}`)).json).toEqual(me)
    expect((await send(mock, 'GET /users')).json).toContainEqual(me)
    expect((await send(mock, `PATCH ${path}`, { phone: '7' })).json).toEqual({ ...me, phone: '7' })
    expect((await send(mock, `GET /users/${me.id}`)).json.phone).toBe('7')
    await send(mock, `PATCH /users/${me.id}`, { name: 'Ann' })
    expect((await send(mock, `GET ${path}`)).json.name).toBe('Ann')
  })

  it('is the first that was made where nothing else is there', async () => {
    const mock = await start({
      spec: document({ ...users, '/me': { get: ok(ref('User')) } }, components),
      seedItems: 0,
    })
    const { json: ann } = await send(mock, 'POST /users', { name: 'Ann' })
    await send(mock, 'POST /users', { name: 'Bob' })
    expect((await send(mock, 'GET /me')).json).toEqual(ann)
  })

  it('is no list of what belongs to whoever asks', async () => {
    const mock = await start({
      spec: document({ ...users, '/users/current': { get: ok(list(ref('User'))) } }, components),
      seedItems: 2,
    })
    expect((await send(mock, 'GET /users/current')).json).toHaveLength(2)
  })
})

describe('selectors and names that are made', () => {
  const metadata = object({
    name: text,
    generateName: text,
    labels: { type: 'object', additionalProperties: text },
  })
  const job = object({ metadata, data: { type: 'object', additionalProperties: text } }, ['metadata'])
  const asked = ['labelSelector', 'fieldSelector'].map((name) => ({ name, in: 'query', schema: list(text) }))
  const spec = document({
    '/jobs': {
      post: { ...json(job), ...ok(job) },
      get: { parameters: asked, ...ok(object({ items: list(job) }, ['items'])) },
    },
    '/jobs/{name}': { ...named('name'), get: ok(job) },
  })
  const namesIn = async (
    mock: Awaited<ReturnType<typeof start>>,
    query: string,
  ): Promise<readonly string[]> =>
    (await send(mock, `GET /jobs?${query}`)).json.items.map(
      (one: { metadata: { name: string } }) => one.metadata.name,
    )

  it('select by labels and by fields, and only what has them', async () => {
    const mock = await start({ spec, seedItems: 0 })
    await send(mock, 'POST /jobs', { metadata: { name: 'a', labels: { tier: 'x' } } })
    await send(mock, 'POST /jobs', { metadata: { name: 'b' }, data: { tier: 'x' } })
    expect(await namesIn(mock, 'labelSelector=tier%3Dx')).toEqual(['a'])
    expect(await namesIn(mock, 'labelSelector=tier!%3Dx')).toEqual(['b'])
    expect(await namesIn(mock, 'fieldSelector=metadata.name%3D%3Db')).toEqual(['b'])
  })

  it('begin as they are said to, and differ', async () => {
    const mock = await start({ spec })
    const made = async () =>
      (await send(mock, 'POST /jobs', { metadata: { generateName: 'job-' } })).json.metadata.name
    const [one, other] = [await made(), await made()]
    expect(one).toMatch(/^job-[a-z\d]{5}$/)
    expect(other).not.toBe(one)
    expect((await send(mock, `GET /jobs/${one}`)).json.metadata.name).toBe(one)
  })
})

it('a list of one at the path of a thing shows that thing, and 404 once it is removed', async () => {
  const Key = object({ id, name: text }, ['id', 'name'])
  const mock = await start({
    spec: document(
      {
        '/keys': { post: { ...json(object({ name: text })), ...ok(ref('Key')) }, get: ok(list(ref('Key'))) },
        '/keys/{key_name}': { ...named('key_name'), get: ok(list(ref('Key'))), delete: gone },
      },
      { components: { schemas: { Key } } },
    ),
  })
  const { json: made } = await send(mock, 'POST /keys', { name: 'k1' })
  expect((await send(mock, 'GET /keys/k1')).json).toEqual([made])
  await send(mock, 'DELETE /keys/k1')
  expect((await send(mock, 'GET /keys/k1')).status).toBe(404)
})

it('who joins a group below a realm is in it, seen from the group as well', async () => {
  const User = object({ id, name: text }, ['id'])
  const Group = object({ id, title: text }, ['id'])
  const mock = await start({
    spec: document(
      {
        '/{realm}/users': {
          ...named('realm'),
          post: { ...json(object({ name: text })), ...ok(ref('User')) },
          get: ok(list(ref('User'))),
        },
        '/{realm}/users/{id}': { ...named('realm', 'id'), get: ok(ref('User')) },
        '/{realm}/users/{id}/groups': { ...named('realm', 'id'), get: ok(list(ref('Group'))) },
        '/{realm}/users/{id}/groups/{groupId}': {
          ...named('realm', 'id', 'groupId'),
          put: gone,
          delete: gone,
        },
        '/{realm}/groups': {
          ...named('realm'),
          post: { ...json(object({ title: text })), ...ok(ref('Group')) },
          get: ok(list(ref('Group'))),
        },
        '/{realm}/groups/{id}': { ...named('realm', 'id'), get: ok(ref('Group')) },
        '/{realm}/groups/{id}/members': { ...named('realm', 'id'), get: ok(list(ref('User'))) },
      },
      { components: { schemas: { User, Group } } },
    ),
    seedItems: 0,
  })
  const { json: ann } = await send(mock, 'POST /r/users', { name: 'Ann' })
  const { json: group } = await send(mock, 'POST /r/groups', { title: 'Staff' })
  await send(mock, `PUT /r/users/${ann.id}/groups/${group.id}`)
  expect((await send(mock, `GET /r/users/${ann.id}/groups`)).json).toEqual([group])
  expect((await send(mock, `GET /r/groups/${group.id}/members`)).json).toEqual([ann])
  await send(mock, `DELETE /r/users/${ann.id}/groups/${group.id}`)
  expect((await send(mock, `GET /r/groups/${group.id}/members`)).json).toEqual([])
})

it('an id behind the name of another collection is of a thing of that', async () => {
  const thing = object({ id, name: text }, ['id'])
  const collection = (name: string) => ({
    [`/${name}`]: { post: { ...json(object({ name: text })), ...ok(thing) }, get: ok(list(thing)) },
    [`/${name}/{id}`]: { ...named('id'), get: ok(thing) },
  })
  const mock = await start({
    spec: document({
      ...collection('subscribers'),
      ...collection('lists'),
      '/subscribers/lists/{id}': {
        ...named('id'),
        put: { ...json(object({ ids: list(text) })), ...ok(object({ data: { type: 'boolean' } }, ['data'])) },
      },
    }),
  })
  const { json: made } = await send(mock, 'POST /lists', { name: 'a' })
  expect((await send(mock, `PUT /subscribers/lists/${made.id}`, { ids: [] })).status).toBe(200)
})

it('things can be made where a list has shown some', async () => {
  const thing = object({ id, name: text }, ['id'])
  const body = json(object({ name: text }))
  const mock = await start({
    spec: document({
      '/accounts': { post: { ...body, ...ok(thing) } },
      '/accounts/{account}': { ...named('account'), get: ok(thing) },
      '/accounts/{account}/vars': {
        ...named('account'),
        post: { ...body, ...ok(thing) },
        get: ok(list(thing)),
      },
      '/accounts/{account}/vars/{id}': { ...named('account', 'id'), get: ok(thing) },
    }),
  })
  expect((await send(mock, 'POST /accounts/a/vars', { name: 'v' })).status).toBe(404)
  expect((await send(mock, 'GET /accounts/a/vars')).status).toBe(200)
  expect((await send(mock, 'POST /accounts/a/vars', { name: 'v' })).status).toBe(200)
})

it('an operation below /admin is reached without its base path, where the mock has nothing of its own', async () => {
  const mock = await start({
    spec: document(
      {
        '/admin/profile': { get: ok(object({ name: text })) },
        '/admin/keys': { get: ok(object({ name: text })) },
      },
      { servers: [{ url: '/api/v2' }] },
    ),
  })
  expect((await send(mock, 'GET /api/v2/admin/profile')).status).toBe(200)
  expect((await send(mock, 'GET /admin/profile')).status).toBe(200)
  expect((await send(mock, 'GET /api/v2/admin/keys')).status).toBe(200)
  expect((await send(mock, 'GET /admin/keys')).status).toBe(401)
})

it('what stands in an entry is known by its first member, where no other is called an id', async () => {
  const mark = object({ targetKeyId: text, note: text }, ['targetKeyId'])
  const entry = object({ entry: mark }, ['entry'])
  const mock = await start({
    spec: document({
      '/marks': {
        post: { ...json(object({ note: text })), ...ok(entry) },
        get: ok(object({ entries: list(entry) }, ['entries'])),
      },
      '/marks/{markId}': { ...named('markId'), get: ok(entry), delete: gone },
    }),
  })
  const { json: made } = await send(mock, 'POST /marks', { note: 'a' })
  const at = `/marks/${made.entry.targetKeyId}`
  expect((await send(mock, `GET ${at}`)).json).toEqual(made)
  expect((await send(mock, 'GET /marks')).json.entries).toContainEqual(made)
  await send(mock, `DELETE ${at}`)
  expect((await send(mock, 'GET /marks')).json.entries).not.toContainEqual(made)
})
