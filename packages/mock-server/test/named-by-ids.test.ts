// Things that requests and other things name by their ids: several at once, the one that a path is called after, and those
// that a thing lists though they were made elsewhere.

import { describe, expect, it } from 'vitest'
import { openDatabase } from '../src/storage/database.js'
import { cpuMs, document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const whole = { type: 'integer' }

describe('things that a body names by their ids', () => {
  const point = object({ id: whole, tags: { type: 'object', additionalProperties: text }, status: text }, [
    'id',
  ])
  const ids = object({ ids: list(whole) })
  const points = object({ points: list(whole), tags: { type: 'object', additionalProperties: text } })
  const done = ok(object({ status: text }))
  const spec = document({
    '/spaces/{space}/points': {
      ...named('space'),
      put: { summary: 'Upsert points', ...json(object({ points: list(point) })), ...done },
      post: { summary: 'Get points', ...json(ids), ...ok(object({ result: list(point) })) },
    },
    '/spaces/{space}/points/{id}': {
      parameters: [...named('space').parameters, { name: 'id', in: 'path', required: true, schema: whole }],
      get: ok(point),
    },
    '/spaces/{space}/points/tags': {
      ...named('space'),
      post: { ...json(points), ...done },
      put: { ...json(points), ...done },
    },
    '/spaces/{space}/points/count': {
      ...named('space'),
      post: { ...json(object({ exact: { type: 'boolean' } })), ...ok(object({ count: whole })) },
    },
    '/spaces/{space}/points/delete': { ...named('space'), post: { ...json(points), ...done } },
  })
  const filled = async () => {
    const mock = await start({ spec })
    const sent = [1, 2, 3].map((id) => ({ id, tags: { city: `c${id}` } }))
    expect((await send(mock, 'PUT /spaces/a/points', { points: sent })).status).toBe(200)
    const read = async (...wanted: readonly number[]) =>
      (await send(mock, 'POST /spaces/a/points', { ids: wanted })).json.result
    return { mock, sent, read }
  }

  it('are those that a POST on their collection reads where a PUT makes them', async () => {
    const { sent, read } = await filled()
    expect(await read(3, 1)).toMatchObject([sent[2], sent[0]])
  })

  it('are counted by a POST that answers with a number', async () => {
    const { mock } = await filled()
    expect((await send(mock, 'POST /spaces/a/points/count', { exact: true })).json.count).toBe(3)
  })

  it('get what a word behind the collection sets: POST adds to it, PUT says all of it', async () => {
    const { mock, read } = await filled()
    await send(mock, 'POST /spaces/a/points/tags', { points: [1, 2], tags: { size: 'l' } })
    expect(await read(1, 2, 3)).toMatchObject([
      { tags: { city: 'c1', size: 'l' } },
      { tags: { city: 'c2', size: 'l' } },
      { tags: { city: 'c3' } },
    ])
    await send(mock, 'PUT /spaces/a/points/tags', { points: [1], tags: { only: 'x' } })
    expect((await read(1))[0].tags).toEqual({ only: 'x' })
  })

  it('are gone when they are removed, and no others', async () => {
    const { mock, read } = await filled()
    await send(mock, 'POST /spaces/a/points/delete', { points: [2] })
    expect((await send(mock, 'POST /spaces/a/points/count', {})).json.count).toBe(2)
    expect((await read(1, 3)).map(({ id }: { id: number }) => id)).toEqual([1, 3])
  })
})

it('a removal tells the id of what it removed where its answer lists ids', async () => {
  const goal = object({ id: text, name: text }, ['id'])
  const spec = document({
    '/goals': { post: { ...json(object({ name: text })), ...ok(goal) } },
    '/goals/{id}': {
      ...named('id'),
      get: ok(goal),
      delete: ok(object({ data: list({ ...text, example: 'abc-123' }) })),
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: made } = await send(mock, 'POST /goals', { name: 'a' })
  expect((await send(mock, `DELETE /goals/${made.id}`)).json.data).toEqual([made.id])
})

describe('whether there is a thing', () => {
  it('is what a path below it says that asks for nothing else', async () => {
    const set = object({ name: text, size: whole }, ['name'])
    const spec = document({
      '/sets/{name}': {
        ...named('name'),
        put: { ...json(object({ size: whole })), ...ok(set) },
        get: ok(set),
      },
      '/sets/{name}/exists': {
        ...named('name'),
        get: ok(object({ result: object({ exists: { type: 'boolean' } }, ['exists']) })),
      },
    })
    const mock = await start({ spec, seedItems: 0 })
    await send(mock, 'PUT /sets/films', { size: 4 })
    const exists = async (name: string) => (await send(mock, `GET /sets/${name}/exists`)).json.result.exists
    expect(await exists('films')).toBe(true)
    expect(await exists('songs')).toBe(false)
  })
})

describe('what a thing says of others by their ids', () => {
  const linkage = (isList = false) => {
    const one = object({ type: text, id: text }, ['type', 'id'])
    return object({ data: isList ? list(one) : one })
  }
  const resource = (type: string, relationships: object = {}) =>
    object(
      {
        type: { type: 'string', enum: [type] },
        id: { ...text, readOnly: true },
        attributes: object({ name: text, color: text }),
        relationships: object(relationships),
      },
      ['type', 'id', 'attributes'],
    )
  const wrapped = (schema: object) => object({ data: schema }, ['data'])
  const kindOf = (path: string, schema: object) => ({
    [`/${path}`]: {
      post: { ...json(wrapped(schema)), ...ok(wrapped(schema)) },
      get: {
        parameters: [{ name: 'filter', in: 'query', schema: text }],
        ...ok(wrapped(list(schema))),
      },
    },
    [`/${path}/{id}`]: {
      ...named('id'),
      get: {
        parameters: [{ name: 'include', in: 'query', schema: list(text) }],
        ...ok(object({ data: schema, included: list(object({ type: text, id: text })) }, ['data'])),
      },
    },
  })
  const group = resource('tag-group')
  const tag = resource('tag', { 'tag-group': linkage() })
  const item = resource('item', { tags: linkage(true) })
  const spec = document({
    ...kindOf('tag-groups', group),
    ...kindOf('tags', tag),
    ...kindOf('items', item),
    '/tags/{id}/tag-group': { ...named('id'), get: ok(wrapped(group)) },
    '/items/{id}/tags': { ...named('id'), get: ok(wrapped(list(tag))) },
  })

  it('is found at the path that is called after it (JSON:API)', async () => {
    const mock = await start({ spec })
    const make = async (type: string, relationships: object = {}) =>
      (
        await send(mock, `POST /${type}s`, {
          data: { type, attributes: { name: `a ${type}` }, relationships },
        })
      ).json.data
    const own = await make('tag-group')
    const red = await make('tag', { 'tag-group': { data: { type: 'tag-group', id: own.id } } })
    await make('tag')
    const pen = await make('item', { tags: { data: [{ type: 'tag', id: red.id }] } })
    expect((await send(mock, `GET /tags/${red.id}/tag-group`)).json.data.id).toBe(own.id)
    const shown = (await send(mock, `GET /items/${pen.id}/tags`)).json.data
    expect(shown.map(({ id }: { id: string }) => id)).toEqual([red.id])
    const whole = async (query: string) => (await send(mock, `GET /tags/${red.id}${query}`)).json
    expect((await whole('?include=tag-group')).included).toEqual([own])
    expect(await whole('')).not.toHaveProperty('included')
    const found = (await send(mock, `GET /tags?filter=equals(tag-group.id,"${own.id}")`)).json.data
    expect(found.map(({ id }: { id: string }) => id)).toEqual([red.id])
  })
})

describe('a list that a thing shows', () => {
  const domain = object({ id: text, site_id: text, site_name: text, host: text }, ['id', 'site_id'])
  const site = object({ id: text, name: text, domains: list(domain) }, ['id', 'domains'])
  const spec = document({
    '/sites': { post: { ...json(object({ name: text })), ...ok(site) } },
    '/sites/{id}': { ...named('id'), get: ok(site) },
    '/domains': { post: { ...json(object({ site_id: text, host: text })), ...ok(domain) } },
    '/domains/{id}': {
      ...named('id'),
      get: ok(domain),
      patch: { ...json(object({ host: text })), ...ok(domain) },
      delete: ok(),
    },
  })

  it('has what is made elsewhere for the thing, as it is now', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { json: own } = await send(mock, 'POST /sites', { name: 'Acme' })
    const hosts = async () =>
      (await send(mock, `GET /sites/${own.id}`)).json.domains.map(({ host }: { host: string }) => host)
    const { json: a } = await send(mock, 'POST /domains', { site_id: own.id, host: 'a.test' })
    const { json: b } = await send(mock, 'POST /domains', { site_id: own.id, host: 'b.test' })
    expect(a.site_name).toBe('Acme')
    expect(await hosts()).toEqual(['a.test', 'b.test'])
    await send(mock, `PATCH /domains/${a.id}`, { host: 'c.test' })
    expect((await hosts()).sort()).toEqual(['b.test', 'c.test'])
    await send(mock, `DELETE /domains/${b.id}`)
    expect(await hosts()).toEqual(['c.test'])
  })
})

it('an id that the mock has given is taken by whatever asks for ids in another form', async () => {
  const person = object({ id: { ...text, example: '5ba682d23d7cf92bef87bfd4' }, name: text }, ['id'])
  const from = object({ id: { ...text, format: 'uuid', minLength: 30 } }, ['id'])
  const spec = document({
    '/people': { post: { ...json(object({ name: text })), ...ok(person) } },
    '/people/{id}': { ...named('id'), get: ok(person) },
    '/notes': {
      post: { ...json(object({ from, text }, ['from'])), ...ok(object({ id: text, text })) },
    },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: ann } = await send(mock, 'POST /people', { name: 'Ann' })
  expect((await send(mock, 'POST /notes', { from: { id: ann.id }, text: 'a' })).status).toBe(200)
  expect((await send(mock, 'POST /notes', { from: { id: 'nobody' }, text: 'a' })).status).toBe(400)
  expect((await send(mock, 'POST /notes', { from: { id: 7 }, text: 'a' })).status).toBe(400)
})

it('an id is looked for in time among many things', () => {
  const { items, transactions, close } = openDatabase(':memory:', () => 0)
  transactions.unit(() => {
    for (let i = 0; i < 100_000; i++)
      items.add(i % 2 === 0 ? 'a' : 'b', `/people/${i % 700}/notes`, `id-${i}`, `{"id":"id-${i}"}`)
    items.remove('a', '/people/0/notes', 'id-0')
  })
  const isKnown = (id: string) => items.isKnown(id)
  expect(['id-2', 'id-99999', 'id-0', 'nobody'].map(isKnown)).toEqual([true, true, false, false])
  const ms = cpuMs(() => {
    for (let i = 0; i < 20; i++) items.isKnown(`nobody-${i}`)
  })
  close()
  expect(ms).toBeLessThan(150)
})

describe('what joins two things', () => {
  const member = object({ id: text, org_id: text, user_id: text, role: text }, ['id', 'org_id', 'user_id'])
  const thing = object({ id: text, name: text }, ['id'])
  const asked = (...names: readonly string[]) => ({
    parameters: names.map((name) => ({ name, in: 'query', schema: text })),
  })
  const spec = document({
    '/orgs': { post: { ...json(object({ name: text })), ...ok(thing) } },
    '/orgs/{org_id}': { ...named('org_id'), get: ok(thing) },
    '/users': {
      post: { ...json(object({ name: text })), ...ok(object({ ...thing.properties, mail: text }, ['id'])) },
      get: { ...asked('org_id'), ...ok(list(object({ ...thing.properties, mail: text }, ['id']))) },
    },
    '/users/{user_id}': { ...named('user_id'), get: ok(object({ ...thing.properties, mail: text }, ['id'])) },
    '/org_members': {
      post: { ...json(object({ org_id: text, user_id: text }, ['org_id', 'user_id'])), ...ok(member) },
      get: ok(list(member)),
    },
    '/org_members/{id}': { ...named('id'), get: ok(member) },
    '/orgs/{org_id}/teams': {
      ...named('org_id'),
      post: { ...json(object({ name: text })), ...ok({ $ref: '#/components/schemas/Team' }) },
    },
    '/orgs/{org_id}/teams/{team_id}': {
      ...named('org_id', 'team_id'),
      get: ok({ $ref: '#/components/schemas/Team' }),
    },
    '/orgs/{org_id}/teams/{team_id}/org-members': {
      ...named('org_id', 'team_id'),
      get: ok(list(member)),
      post: {
        ...json(object({ org_member_id: text }, ['org_member_id'])),
        ...ok({ $ref: '#/components/schemas/Team' }),
      },
    },
  })
  const whole = {
    ...spec,
    components: {
      schemas: { Team: object({ id: text, name: text, org_id: text, size: text }, ['id', 'name']) },
    },
  }
  const filled = async () => {
    const mock = await start({ spec: whole, seedItems: 0 })
    const make = async (path: string, sent: object) => (await send(mock, `POST ${path}`, sent)).json
    const org = await make('/orgs', { name: 'o' })
    const users = [await make('/users', { name: 'a' }), await make('/users', { name: 'b' })]
    const joined = await make('/org_members', { org_id: org.id, user_id: users[1].id })
    return { mock, make, org, users, joined }
  }

  it('tells a list of the one by the id of the other', async () => {
    const { mock, org, users } = await filled()
    expect((await send(mock, `GET /users?org_id=${org.id}`)).json).toEqual([users[1]])
    expect((await send(mock, 'GET /users?org_id=none')).json).toEqual([])
  })

  it('joins a third by its id, which answers with the thing that it joins', async () => {
    const { mock, make, org, joined } = await filled()
    const team = await make(`/orgs/${org.id}/teams`, { name: 't' })
    const path = `/orgs/${org.id}/teams/${team.id}/org-members`
    expect(await make(path, { org_member_id: joined.id })).toMatchObject({ id: team.id, name: 't' })
    expect((await send(mock, `GET ${path}`)).json).toMatchObject([{ id: joined.id }])
  })
})

describe('a thing that is named by its id', () => {
  const owner = object({ id: text, name: text }, ['id'])
  const pet = object({ id: text, name: text, owner: { anyOf: [text, owner] } }, ['id'])
  const asked = (name: string) => ({ parameters: [{ name, in: 'query', schema: list(text) }] })
  const spec = document({
    '/owners': { post: { ...json(object({ name: text })), ...ok(owner) } },
    '/owners/{id}': { ...named('id'), get: ok(owner) },
    '/pets': {
      post: { ...json(object({ name: text, owner: text, expand: list(text) })), ...ok(pet) },
      get: { ...asked('expand'), ...ok(object({ data: list(pet) })) },
    },
    '/pets/{id}': {
      get: { parameters: [...named('id').parameters, ...asked('expand').parameters], ...ok(pet) },
    },
  })

  it('is shown in full where the request asks for that', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { json: ann } = await send(mock, 'POST /owners', { name: 'Ann' })
    const { json: made } = await send(mock, 'POST /pets', { name: 'Rex', owner: ann.id })
    const shown = async (query: string) => (await send(mock, `GET /pets${query}`)).json
    expect(made.owner).toBe(ann.id)
    expect((await shown(`/${made.id}?expand=owner`)).owner).toEqual(ann)
    expect((await shown('?expand=data.owner')).data[0].owner).toEqual(ann)
    expect((await shown(`/${made.id}?expand=name`)).owner).toBe(ann.id)
    expect((await shown(`/${made.id}`)).owner).toBe(ann.id)
    const sent = { name: 'Tom', owner: ann.id, expand: ['owner'] }
    expect((await send(mock, 'POST /pets', sent)).json.owner).toEqual(ann)
  })
})

it('a removal of things that other paths have made repeats which ones it names', async () => {
  const goal = object({ id: text, name: text }, ['id'])
  const removed = object({ removed: list(object({ id: { ...text, example: 'abc' }, at: text }, ['id'])) })
  const spec = document({
    '/goals': { post: { ...json(object({ name: text })), ...ok(goal) }, get: ok(list(goal)) },
    '/goals/{id}': { ...named('id'), get: ok(goal) },
    '/goals/delete': { post: { ...json(object({ ids: list(text) }, ['ids'])), ...ok(removed) } },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: made } = await send(mock, 'POST /goals', { name: 'a' })
  for (const ids of [[made.id], ['x', 'y']]) {
    const shown = (await send(mock, 'POST /goals/delete', { ids })).json.removed
    expect(shown.map(({ id }: { id: string }) => id)).toEqual(ids)
  }
})

describe('a thing that the query of a PUT names', () => {
  const customer = object({ id: text, external_id: text, name: text, city: text }, ['id'])
  const asked = ['id', 'external_customer_id'].map((name) => ({ name, in: 'query', schema: text }))
  const spec = document({
    '/customers': {
      post: { ...json(object({ external_id: text, name: text })), ...ok(customer) },
      put: { parameters: asked, ...json(object({ name: text, city: text })), ...ok(customer) },
      get: ok(list(customer)),
    },
    '/customers/{id}': { ...named('id'), get: ok(customer) },
  })

  it('is changed by its id, and by its other ids', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { json: made } = await send(mock, 'POST /customers', { external_id: 'ext-1', name: 'Acme' })
    await send(mock, `PUT /customers?id=${made.id}`, { name: 'Acme 2' })
    await send(mock, 'PUT /customers?external_customer_id=ext-1', { city: 'Rome' })
    expect((await send(mock, 'GET /customers')).json).toEqual([{ ...made, name: 'Acme 2', city: 'Rome' }])
  })
})

it('a change says what is added to a list of a thing, and what is taken out', async () => {
  const mail = object({ id: text, labels: list(text), inbox_ids: list(text) }, ['id'])
  const change = object({
    add_labels: list(text),
    remove_labels: list(text),
    labels: list(text),
    inbox_ids_to_add: list(text),
  })
  const spec = document({
    '/mails': {
      parameters: [{ name: 'labels', in: 'query', schema: text }],
      post: { ...json(object({ labels: list(text) })), ...ok(mail) },
      get: ok(list(mail)),
    },
    '/mails/{id}': { ...named('id'), get: ok(mail), patch: { ...json(change), ...ok(mail) } },
  })
  const mock = await start({ spec, seedItems: 0 })
  const { json: made } = await send(mock, 'POST /mails', { labels: ['a', 'b'] })
  await send(mock, `PATCH /mails/${made.id}`, {
    add_labels: ['c', 'a'],
    remove_labels: ['b'],
    inbox_ids_to_add: ['i'],
  })
  const { json: shown } = await send(mock, `GET /mails/${made.id}`)
  expect(shown).toEqual({ id: made.id, labels: ['a', 'c'], inbox_ids: ['i'] })
  expect((await send(mock, 'GET /mails?labels=["c"]')).json).toEqual([shown])
  expect((await send(mock, 'GET /mails?labels=["b"]')).json).toEqual([])
})
