// Things that a request names by their ids below another thing: they are listed there, counted there, and list it themselves.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const whole = { type: 'integer' }
const id = { ...text, readOnly: true }
const done = { responses: { 204: { description: 'Done' } } }

describe('what is put below a thing under its own id', () => {
  const user = object({ username: text, name: text }, ['username'])
  const role = object({ roleId: text, name: text }, ['roleId'])
  const found = (items: object) => ok(object({ items: list(items), total: whole }, ['items', 'total']))
  const spec = document({
    '/users': { post: { ...json(user), ...ok(user) } },
    '/users/{username}': { ...named('username'), get: ok(user) },
    '/roles': { post: { ...json(role), ...ok(role) } },
    '/roles/{roleId}': { ...named('roleId'), get: ok(role) },
    '/roles/{roleId}/users/{username}': { ...named('roleId', 'username'), put: done, delete: done },
    '/roles/{roleId}/users/search': {
      ...named('roleId'),
      post: { ...json(object({})), ...found(object({ username: text }, ['username'])) },
    },
    '/users/{username}/roles/search': { ...named('username'), post: { ...json(object({})), ...found(role) } },
  })

  it('is found there by a search, and finds the thing from its side', async () => {
    const mock = await start({ spec })
    for (const username of ['ann', 'bob']) await send(mock, 'POST /users', { username, name: username })
    await send(mock, 'POST /roles', { roleId: 'ops', name: 'Ops' })
    await send(mock, 'PUT /roles/ops/users/ann')
    const users = async () => (await send(mock, 'POST /roles/ops/users/search', {})).json
    expect(await users()).toEqual({ items: [{ username: 'ann' }], total: 1 })
    const { json: roles } = await send(mock, 'POST /users/ann/roles/search', {})
    expect(roles.items).toEqual([{ roleId: 'ops', name: 'Ops' }])
    await send(mock, 'DELETE /roles/ops/users/ann')
    expect(await users()).toEqual({ items: [], total: 0 })
    expect((await send(mock, 'GET /users/ann')).status).toBe(200)
  })
})

describe('a body of ids', () => {
  const tag = object({ id, name: text }, ['id', 'name'])
  const photo = object({ id, title: text, tags: list(tag) }, ['id', 'tags'])
  const member = object({ role: text, user: object({ id, name: text }, ['id']) }, ['role', 'user'])
  const album = object(
    { id, title: text, photos: list(photo), photoCount: whole, albumUsers: list(member), version: text },
    ['id', 'photos', 'photoCount', 'albumUsers'],
  )
  const person = object({ id, name: text }, ['id'])
  const results = ok(list(object({ id: text, success: { type: 'boolean' }, error: text }, ['id', 'success'])))
  const ids = json(object({ ids: list(text) }, ['ids']))
  const crud = (path: string, thing: object, sent: object) => ({
    [path]: { post: { ...json(sent), ...ok(thing) }, get: ok(list(thing)) },
    [`${path}/{id}`]: { ...named('id'), get: ok(thing) },
  })
  const spec = document({
    ...crud('/tags', tag, object({ name: text })),
    ...crud('/photos', photo, object({ title: text })),
    ...crud('/albums', album, object({ title: text, photoIds: list(text) })),
    ...crud('/people', person, object({ name: text })),
    '/albums/{id}/photos': { ...named('id'), put: { ...ids, ...results }, delete: { ...ids, ...results } },
    '/albums/{id}/add': {
      ...named('id'),
      put: { ...json(object({ version: text, photos: list(object({ id: text })) })), ...ok(album) },
    },
    '/albums/{id}/remove': {
      ...named('id'),
      put: { ...json(object({ version: text, photos: list(object({ id: text })) })), ...ok(album) },
    },
    '/albums/{id}/users': {
      ...named('id'),
      put: { ...json(object({ albumUsers: list(object({ userId: text, role: text })) })), ...ok(album) },
    },
    '/albums/{id}/user/{userId}': {
      ...named('id', 'userId'),
      put: { ...json(object({ role: text })), ...done },
      delete: done,
    },
    '/tags/{id}/photos': { ...named('id'), put: { ...ids, ...results }, delete: { ...ids, ...results } },
    '/users/{id}': { ...named('id'), get: ok(person) },
    '/users': { post: { ...json(object({ name: text })), ...ok(person) } },
  })
  const begin = async () => {
    const mock = await start({ spec, seedItems: 0 })
    const make = async (path: string, body: object) => (await send(mock, `POST ${path}`, body)).json.id
    const [a, b] = [await make('/photos', { title: 'a' }), await make('/photos', { title: 'b' })]
    const at = await make('/albums', { title: 'Trip' })
    const shown = async () => {
      const { photos, photoCount } = (await send(mock, `GET /albums/${at}`)).json
      return [photos.map((one: { title: string }) => one.title), photoCount]
    }
    return { mock, make, a, b, at, shown }
  }

  it('is answered for each of them, and the thing lists and counts them whole', async () => {
    const { mock, a, b, at, shown } = await begin()
    expect((await send(mock, `PUT /albums/${at}/photos`, { ids: [a, b] })).json).toEqual([
      { id: a, success: true },
      { id: b, success: true },
    ])
    expect(await shown()).toEqual([['a', 'b'], 2])
    await send(mock, `DELETE /albums/${at}/photos`, { ids: [a] })
    expect(await shown()).toEqual([['b'], 1])
  })

  it('of a new thing is counted at once', async () => {
    const { mock, a } = await begin()
    const { json: made } = await send(mock, 'POST /albums', { title: 'With', photoIds: [a] })
    expect(made).toMatchObject({ photoCount: 1, photos: [{ id: a }] })
  })

  it('changes the lists of those that are named, where the thing itself has none', async () => {
    const { mock, make, a, b } = await begin()
    const red = await make('/tags', { name: 'red' })
    await send(mock, `PUT /tags/${red}/photos`, { ids: [a] })
    expect((await send(mock, `GET /photos/${a}`)).json.tags).toEqual([{ id: red, name: 'red' }])
    expect((await send(mock, `GET /photos/${b}`)).json.tags).toEqual([])
    await send(mock, `DELETE /tags/${red}/photos`, { ids: [a] })
    expect((await send(mock, `GET /photos/${a}`)).json.tags).toEqual([])
  })

  it('adds and removes where words say so, whatever the method, beside the version of the thing', async () => {
    const { mock, a, b, at, shown } = await begin()
    for (const one of [a, b])
      await send(mock, `PUT /albums/${at}/add`, { version: '1', photos: [{ id: one }] })
    expect((await shown())[1]).toBe(2)
    await send(mock, `PUT /albums/${at}/remove`, { version: '1', photos: [{ id: a }] })
    expect(await shown()).toEqual([['b'], 1])
  })

  it('shows whole what an entry names, and changes the entry at the path of that', async () => {
    const { mock, make, at } = await begin()
    const ann = await make('/users', { name: 'Ann' })
    const members = async () => (await send(mock, `GET /albums/${at}`)).json.albumUsers
    await send(mock, `PUT /albums/${at}/users`, { albumUsers: [{ userId: ann, role: 'editor' }] })
    expect(await members()).toEqual([{ role: 'editor', user: { id: ann, name: 'Ann' } }])
    await send(mock, `PUT /albums/${at}/user/${ann}`, { role: 'viewer' })
    expect(await members()).toEqual([{ role: 'viewer', user: { id: ann, name: 'Ann' } }])
    await send(mock, `DELETE /albums/${at}/user/${ann}`)
    expect(await members()).toEqual([])
  })
})

it('ids that are all of a body below a thing are in its list of texts, and are read and taken out by themselves', async () => {
  const topic = object({ key: text, subscribers: list(text) }, ['key', 'subscribers'])
  const link = object({ topicKey: text, subscriberId: text }, ['topicKey', 'subscriberId'])
  const ids = { ...json(object({ subscribers: list(text) }, ['subscribers'])), ...done }
  const mock = await start({
    spec: document({
      '/topics': { post: { ...json(object({ key: text })), ...ok(topic) } },
      '/topics/{topicKey}': { ...named('topicKey'), get: ok(topic) },
      '/topics/{topicKey}/subscribers': { ...named('topicKey'), post: ids },
      '/topics/{topicKey}/subscribers/removal': { ...named('topicKey'), post: ids },
      '/topics/{topicKey}/subscribers/{subscriberId}': {
        ...named('topicKey', 'subscriberId'),
        get: ok(link),
      },
    }),
    seedItems: 0,
  })
  await send(mock, 'POST /topics', { key: 'news' })
  await send(mock, 'POST /topics/news/subscribers', { subscribers: ['u1', 'u2'] })
  const listed = async () => (await send(mock, 'GET /topics/news')).json.subscribers
  expect(await listed()).toEqual(['u1', 'u2'])
  expect((await send(mock, 'GET /topics/news/subscribers/u1')).json).toEqual({
    topicKey: 'news',
    subscriberId: 'u1',
  })
  await send(mock, 'POST /topics/news/subscribers/removal', { subscribers: ['u1'] })
  expect(await listed()).toEqual(['u2'])
})
