// What APIs do with lists as a matter of course: alternatives in filters, first pages that are called 1, deletions that name
// what they mean, one default among many, ids that are nowhere else, and settings that are no lists.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const id = { ...text, readOnly: true }
const flag = { type: 'boolean' }
const whole = { type: 'integer' }
const done = { responses: { 204: { description: 'Done' } } }
const item = object({ id, name: text }, ['id', 'name'])
const query = (name: string, schema: object, description = '') => ({ name, in: 'query', schema, description })
const namesIn = (rows: readonly { readonly name: string }[]) => rows.map(({ name }) => name)

describe('a list', () => {
  const begin = async (parameters: readonly object[]) => {
    const mock = await start({
      spec: document({
        '/items': {
          get: { parameters, ...ok(object({ data: list(item) }, ['data'])) },
          post: { ...json(object({ name: text })), ...ok(item) },
          delete: done,
        },
        '/items/{id}': { ...named('id'), get: ok(item), delete: done },
      }),
      seedItems: 0,
    })
    const ids = []
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      ids.push((await send(mock, 'POST /items', { name })).json.id as string)
    const ask = async (asked: string) => namesIn((await send(mock, `GET /items${asked}`)).json.data)
    return { mock, ids, ask }
  }

  it('has what one of several filters lets through, within others', async () => {
    const { ask } = await begin([query('filter', text)])
    const filter = (value: object) => `?filter=${encodeURIComponent(JSON.stringify(value))}`
    const either = { _or: [{ name: { _eq: 'b' } }, { name: { _eq: 'd' } }] }
    expect(await ask(filter(either))).toEqual(['b', 'd'])
    expect(await ask(filter({ _and: [either, { name: { _neq: 'b' } }] }))).toEqual(['d'])
  })

  it.each([
    ['page', { type: 'integer', minimum: 0 }, 'Pages through results, starting at page `1`.', ['a', 'b']],
    ['page', { type: 'integer', minimum: 0 }, 'The number of the page.', ['c', 'd']],
    ['startIndex', { type: 'integer', minimum: 1 }, '1-offset based index for pagination.', ['a', 'b']],
  ])('begins at 1 where %s is said to begin there: %o %s', async (name, schema, told, expected) => {
    const { ask } = await begin([query(name, schema, told), query('limit', whole)])
    expect(await ask(`?${name}=1&limit=2`)).toEqual(expected)
  })

  it('loses only what a deletion names, also where the document forgot the body', async () => {
    const { mock, ids, ask } = await begin([])
    await send(mock, 'DELETE /items', ids.slice(0, 2))
    expect(await ask('')).toEqual(['c', 'd', 'e'])
  })
})

it('a POST that is called a read reads what its list names, by ids or by another member', async () => {
  const user = object({ id, username: text }, ['id', 'username'])
  const mock = await start({
    spec: document({
      '/users': { get: ok(list(user)), post: { ...json(object({ username: text })), ...ok(user) } },
      '/users/{id}': { ...named('id'), get: ok(user) },
      '/users/ids': { post: { operationId: 'GetUsersByIds', ...json(list(text)), ...ok(list(user)) } },
      '/users/usernames': {
        post: { operationId: 'GetUsersByUsernames', ...json(list(text)), ...ok(list(user)) },
      },
    }),
    seedItems: 0,
  })
  const { json: ann } = await send(mock, 'POST /users', { username: 'ann' })
  await send(mock, 'POST /users', { username: 'bob' })
  expect((await send(mock, 'POST /users/ids', [ann.id])).json).toEqual([ann])
  expect((await send(mock, 'POST /users/usernames', ['ann'])).json).toEqual([ann])
  expect((await send(mock, 'GET /users')).json).toHaveLength(2)
})

it('one thing is the default, which an action makes it, and a new one is not', async () => {
  const branch = object({ id, name: text, default: flag }, ['id', 'name', 'default'])
  const mock = await start({
    spec: document({
      '/branches': { get: ok(list(branch)), post: { ...json(object({ name: text })), ...ok(branch) } },
      '/branches/{id}': { ...named('id'), get: ok(branch) },
      '/branches/{id}/set_as_default': { ...named('id'), post: ok(branch) },
    }),
    seedItems: 0,
  })
  const make = async (name: string) => (await send(mock, 'POST /branches', { name })).json
  const [a, b] = [await make('a'), await make('b')]
  expect([a.default, b.default]).toEqual([false, false])
  const defaults = async () =>
    namesIn((await send(mock, 'GET /branches')).json.filter((one: { default: boolean }) => one.default))
  await send(mock, `POST /branches/${a.id}/set_as_default`)
  expect(await defaults()).toEqual(['a'])
  await send(mock, `POST /branches/${b.id}/set_as_default`)
  expect(await defaults()).toEqual(['b'])
})

it('ids of things below one thing are not those of things below another, unless they are numbers', async () => {
  const below = (name: string, key: object) => {
    const thing = object({ id: { ...key, readOnly: true }, name: text }, ['id', 'name'])
    return {
      [`/shops/{shop}/${name}`]: {
        ...named('shop'),
        post: { ...json(object({ name: text })), ...ok(thing) },
      },
      [`/shops/{shop}/${name}/{id}`]: {
        parameters: [...named('shop').parameters, { name: 'id', in: 'path', required: true, schema: key }],
        get: ok(thing),
      },
    }
  }
  const uuid = { ...text, format: 'uuid' }
  const mock = await start({
    spec: document({ ...below('carts', uuid), ...below('notes', text), ...below('numbers', whole) }),
    seedItems: 0,
  })
  const first = async (shop: string, name: string) =>
    (await send(mock, `POST /shops/${shop}/${name}`, { name: 'x' })).json.id
  for (const name of ['carts', 'notes']) expect(await first('1', name)).not.toBe(await first('2', name))
  expect([await first('1', 'numbers'), await first('2', 'numbers')]).toEqual([1, 1])
})

it('settings that a POST sets are no list, though they have one', async () => {
  const cors = object({ allowedOrigins: list(text) }, ['allowedOrigins'])
  const mock = await start({
    spec: document({
      '/corsSettings': {
        get: ok(cors),
        post: { operationId: 'set-cors-settings', ...json(cors), ...ok(cors) },
      },
    }),
  })
  const sent = { allowedOrigins: ['https://example.org'] }
  expect((await send(mock, 'POST /corsSettings', sent)).json).toEqual(sent)
  expect((await send(mock, 'GET /corsSettings')).json).toEqual(sent)
})

it('what is made below one path is read, changed and listed at the path of its own, whatever its schema is called', async () => {
  const team = object({ id, slug: text, name: text }, ['id', 'slug', 'name'])
  const sent = json(object({ slug: text, name: text }))
  const mock = await start({
    spec: document({
      '/orgs/{org}/teams': { ...named('org'), get: ok(list(team)), post: { ...sent, ...ok(team) } },
      '/teams/{org}/{team_id_or_slug}': {
        ...named('org', 'team_id_or_slug'),
        get: ok(team),
        put: { ...sent, ...ok(team) },
        delete: done,
      },
    }),
    seedItems: 0,
  })
  const { json: made } = await send(mock, 'POST /orgs/acme/teams', { slug: 'backend', name: 'Backend' })
  expect((await send(mock, 'GET /teams/acme/backend')).json).toEqual(made)
  await send(mock, 'PUT /teams/acme/backend', { slug: 'backend', name: 'Back' })
  expect(namesIn((await send(mock, 'GET /orgs/acme/teams')).json)).toEqual(['Back'])
  await send(mock, 'DELETE /teams/acme/backend')
  expect((await send(mock, 'GET /orgs/acme/teams')).json).toEqual([])
})
