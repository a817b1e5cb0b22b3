// Requests that change, make or remove several things at once, each named by its id or only by a name.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const id = { ...text, readOnly: true }
const flag = { type: 'boolean' }
const item = object({ id, name: text, done: flag, color: text }, ['id', 'name'])
const sent = object({ name: text, done: flag, color: text })
const done = { responses: { 204: { description: 'Done' } } }
const report = object({ creates: list(item), updates: list(item), deletes: list(object({ id: text })) })
const spec = document({
  '/items': {
    get: ok(list(item)),
    post: { ...json(sent), ...ok(item) },
    put: { ...json(object({ ids: list(text), done: flag, color: text }, ['ids'])), ...done },
  },
  '/items/{id}': { ...named('id'), get: ok(item), delete: done },
  '/items/bulk': {
    delete: {
      ...json(object({ itemIds: list(text), dryRun: flag }, ['itemIds'])),
      ...ok(object({ total: { type: 'integer' } })),
    },
  },
  '/items/batch': {
    post: {
      ...json(
        object({
          creates: list(sent),
          updates: list(object({ id: text, name: text })),
          deletes: list(object({ id: text })),
        }),
      ),
      ...ok(object({ data: report }, ['data'])),
    },
  },
  '/tags': {
    get: ok(list(object({ id, name: text }, ['id', 'name']))),
    post: { ...json(object({ name: text })), ...ok(object({ id, name: text }, ['id', 'name'])) },
    put: {
      operationId: 'upsertTags',
      ...json(object({ tags: list(text) }, ['tags'])),
      ...ok(list(object({ id, name: text }, ['id', 'name']))),
    },
  },
  '/tags/{id}': { ...named('id'), get: ok(object({ id, name: text }, ['id', 'name'])) },
})

const begin = async () => {
  const mock = await start({ spec, seedItems: 0 })
  const make = async (name: string) => (await send(mock, 'POST /items', { name })).json.id as string
  const [a, b, c] = [await make('a'), await make('b'), await make('c')]
  const names = async () => (await send(mock, 'GET /items')).json.map((one: { name: string }) => one.name)
  return { mock, a, b, c, names }
}

describe('several things at once', () => {
  it('are changed by what is said beside the list of their ids', async () => {
    const { mock, a, b, c } = await begin()
    await send(mock, 'PUT /items', { ids: [a, c], done: true, color: 'red' })
    const read = async (one: string) => (await send(mock, `GET /items/${one}`)).json
    expect(await read(a)).toMatchObject({ name: 'a', done: true, color: 'red' })
    expect(await read(c)).toMatchObject({ name: 'c', done: true, color: 'red' })
    expect((await read(b)).color).not.toBe('red')
  })

  it('are removed by DELETE at the word for many', async () => {
    const { mock, a, b, names } = await begin()
    await send(mock, 'DELETE /items/bulk', { itemIds: [a, b], dryRun: false })
    expect(await names()).toEqual(['c'])
    expect((await send(mock, `GET /items/${a}`)).status).toBe(404)
  })

  it('are made, changed and removed by one request with a list for each', async () => {
    const { mock, a, b, names } = await begin()
    const { json: answer } = await send(mock, 'POST /items/batch', {
      creates: [{ name: 'd' }],
      updates: [{ id: a, name: 'A' }],
      deletes: [{ id: b }],
    })
    expect(answer.data).toMatchObject({
      creates: [{ name: 'd' }],
      updates: [{ id: a, name: 'A' }],
      deletes: [{ id: b }],
    })
    expect(await names()).toEqual(['A', 'c', 'd'])
  })

  it('are made by nothing but their names, or found where they are there', async () => {
    const { mock } = await begin()
    const { json: sea } = await send(mock, 'POST /tags', { name: 'sea' })
    const { json: both } = await send(mock, 'PUT /tags', { tags: ['sea', 'sun'] })
    expect(both).toMatchObject([{ id: sea.id, name: 'sea' }, { name: 'sun' }])
    expect((await send(mock, 'GET /tags')).json).toHaveLength(2)
  })
})

it('what is made at a path that only a search reads is found by what the search says', async () => {
  const member = object({ id, groupId: text, userId: text }, ['id'])
  const members = object({ members: list(member) }, ['members'])
  const mock = await start({
    spec: document({
      '/group/member': { post: { ...json(members), ...ok(members) } },
      '/group/member/search': {
        post: { ...json(object({ search: object({ groupId: text }) })), ...ok(members) },
      },
    }),
    seedItems: 0,
  })
  const made = [
    { groupId: 'g', userId: 'ann' },
    { groupId: 'g', userId: 'bob' },
    { groupId: 'h', userId: 'eve' },
  ]
  await send(mock, 'POST /group/member', { members: made })
  const { json: found } = await send(mock, 'POST /group/member/search', { search: { groupId: 'g' } })
  expect(found.members.map((one: { userId: string }) => one.userId)).toEqual(['ann', 'bob'])
})
