// What documents say in ways of their own: a read beside a collection whose query tells of one thing, a POST that searches,
// numbers written as texts, an answer that is called empty.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

const whole = { type: 'integer' }
const id = { ...text, readOnly: true }

/** A parameter of a query. */
const asked = (name: string, required = false) => ({ name, in: 'query', required, schema: text })

const model = object({ id, name: text, owner: text }, ['id', 'name'])
const models = {
  '/models': {
    post: { ...json(object({ name: text, owner: text }, ['name'])), ...ok(model) },
    get: ok(object({ items: list(model) })),
  },
  '/models/{id}': { ...named('id'), get: ok(model) },
}

describe('a read beside a collection, called like one of its things', () => {
  const spec = document({
    ...models,
    '/model': { get: { parameters: [asked('name'), asked('owner')], ...ok(model) } },
  })

  it('answers with the one that its query tells of, and 404 where there is none', async () => {
    const mock = await start({ spec })
    const { json: made } = await send(mock, 'POST /models', { name: 'a', owner: 'ann' })
    await send(mock, 'POST /models', { name: 'b', owner: 'bob' })
    expect((await send(mock, 'GET /model?name=a')).json).toEqual(made)
    expect((await send(mock, 'GET /model?owner=bob')).json.name).toBe('b')
    expect((await send(mock, 'GET /model?name=c')).status).toBe(404)
  })

  it('is one by itself where its query tells of nothing', async () => {
    const mock = await start({ spec: document({ ...models, '/model': { get: ok(model) } }) })
    await send(mock, 'POST /models', { name: 'a' })
    expect((await send(mock, 'GET /model')).status).toBe(200)
  })
})

describe('a POST on a collection that is called a search', () => {
  const user = object({ login: text, mail: text }, ['login'])
  const users = object({ users: list(user), total: whole }, ['users', 'total'])
  const spec = document({
    '/user': {
      post: { operationId: 'SearchUsers', ...json(object({ limit: whole })), ...ok(users) },
    },
    '/user/{login}': {
      ...named('login'),
      get: ok(user),
      put: { ...json(user), ...ok(user) },
      delete: { responses: { 204: { description: 'Gone.' } } },
    },
  })

  it('makes nothing, and shows what is there', async () => {
    const mock = await start({ spec, seedItems: 0 })
    expect((await send(mock, 'POST /user', {})).json).toEqual({ users: [], total: 0 })
    const bob = { login: 'bob', mail: 'bob@example.org' }
    await send(mock, 'PUT /user/bob', bob)
    expect((await send(mock, 'POST /user', {})).json).toEqual({ users: [bob], total: 1 })
    await send(mock, 'DELETE /user/bob')
    expect((await send(mock, 'POST /user', {})).json.total).toBe(0)
  })
})

describe('whole numbers that are written as texts', () => {
  const number = { ...text, format: 'int64' }
  const run = object(
    {
      id,
      name: text,
      size: number,
      lineCount: number,
      createTimeSinceEpoch: number,
      lastUpdateTimeSinceEpoch: number,
    },
    ['id', 'size', 'lineCount', 'createTimeSinceEpoch', 'lastUpdateTimeSinceEpoch'],
  )
  const body = json(object({ name: text }))
  const spec = document({
    '/runs': { post: { ...body, ...ok(run) } },
    '/runs/{id}': { ...named('id'), get: ok(run), patch: { ...body, ...ok(run) } },
  })

  it('have digits, and count and tell the time as numbers do', async () => {
    const mock = await start({ spec })
    const { json: made } = await send(mock, 'POST /runs', { name: 'a' })
    expect(made.size).toMatch(/^\d+$/)
    expect(made.lineCount).toBe('0')
    expect(Math.abs(Number(made.createTimeSinceEpoch) - Date.now())).toBeLessThan(60_000)
    await new Promise((done) => setTimeout(done, 5))
    const { json: changed } = await send(mock, `PATCH /runs/${made.id}`, { name: 'b' })
    expect(changed.createTimeSinceEpoch).toBe(made.createTimeSinceEpoch)
    expect(Number(changed.lastUpdateTimeSinceEpoch)).toBeGreaterThan(Number(made.lastUpdateTimeSinceEpoch))
  })
})

describe('how many there are', () => {
  const page = object({ items: list(model), size: whole, pageSize: whole }, ['items', 'size', 'pageSize'])
  const spec = document({
    ...models,
    '/models': {
      ...models['/models'],
      get: { parameters: [{ ...asked('pageSize'), schema: whole }], ...ok(page) },
      head: {
        parameters: [asked('model_name', true)],
        responses: { 200: { description: 'There.' }, 404: { description: 'Not there.' } },
      },
    },
    '/models/count': { get: ok(object({ counter: whole }, ['counter'])) },
  })

  it('is the only number of a count, and the size that stands beside the size of the pages', async () => {
    const mock = await start({ spec, seedItems: 0 })
    for (const name of ['a', 'b', 'c']) await send(mock, 'POST /models', { name })
    expect((await send(mock, 'GET /models/count')).json).toEqual({ counter: 3 })
    expect((await send(mock, 'GET /models?pageSize=2')).json).toMatchObject({ size: 2, pageSize: 2 })
  })

  it('is none where a HEAD asks for what nothing is called', async () => {
    const mock = await start({ spec })
    await send(mock, 'POST /models', { name: 'a' })
    expect((await send(mock, 'HEAD /models?model_name=a')).status).toBe(200)
    expect((await send(mock, 'HEAD /models?model_name=b')).status).toBe(404)
  })
})

describe('a thing that is shown where a request names it by its id', () => {
  const score = object({ id: whole, value: text, label: text }, ['id', 'value'])
  const review = object({ id, text, scores: list(score) }, ['id', 'scores'])
  const body = json(object({ text, scores: list(whole) }))
  const spec = document({
    '/reviews': { post: { ...body, ...ok(review) }, get: ok(list(review)) },
    '/reviews/{id}': { ...named('id'), get: ok(review), patch: { ...body, ...ok(review) } },
  })

  it('is the same in all answers', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const { json: made } = await send(mock, 'POST /reviews', { text: 'a', scores: [1] })
    expect(made.scores[0].id).toBe(1)
    const { json: changed } = await send(mock, `PATCH /reviews/${made.id}`, { text: 'b' })
    expect(changed.scores).toEqual(made.scores)
    const { json: again } = await send(mock, `PATCH /reviews/${made.id}`, { scores: [1] })
    expect(again.scores).toEqual(made.scores)
    const { json: other } = await send(mock, 'POST /reviews', { text: 'c', scores: [1] })
    expect(other.scores).toEqual(made.scores)
  })

  it('is the one that was made, where its id is that of the thing that shows it', async () => {
    const person = object({ id: text, name: text }, ['id', 'name'])
    const member = object({ id: text, role: text, person }, ['id', 'role', 'person'])
    const group = object({ id, title: text }, ['id'])
    const mock = await start({
      spec: document({
        '/people': { post: { ...json(person), ...ok(person) } },
        '/people/{personId}': { ...named('personId'), get: ok(person) },
        '/groups': { post: { ...json(object({ title: text })), ...ok(group) } },
        '/groups/{groupId}': { ...named('groupId'), get: ok(group) },
        '/groups/{groupId}/members': {
          ...named('groupId'),
          post: { ...json(object({ id: text, role: text }, ['id'])), ...ok(member) },
        },
        '/groups/{groupId}/members/{personId}': { ...named('groupId', 'personId'), get: ok(member) },
      }),
    })
    await send(mock, 'POST /people', { id: 'bob', name: 'Bob' })
    const { json: made } = await send(mock, 'POST /groups', { title: 'a' })
    await send(mock, `POST /groups/${made.id}/members`, { id: 'bob', role: 'chair' })
    const { json: shown } = await send(mock, `GET /groups/${made.id}/members/bob`)
    expect(shown.person).toEqual({ id: 'bob', name: 'Bob' })
  })
})

it('things that come with a new one are kept where their kind is made, and shown whole where an answer has room', async () => {
  const option = { answer: text, position: whole }
  const question = { id: { ...whole, readOnly: true }, title: text }
  const shown = object({ ...question, options: list(object({ id: whole, ...option }, ['id'])) }, [
    'id',
    'options',
  ])
  const kept = object({ ...question, options: list(whole) }, ['id', 'options'])
  const single = object({ id: { ...whole, readOnly: true }, question: whole, ...option }, ['id', 'question'])
  const mock = await start({
    spec: document({
      '/{event}/questions': {
        ...named('event'),
        post: { ...json(object({ title: text, options: list(object(option)) })), ...ok(shown) },
      },
      '/{event}/questions/{id}': { ...named('event', 'id'), get: ok(kept) },
      '/{event}/question-options': {
        ...named('event'),
        post: { ...json(object({ question: whole, ...option })), ...ok(single) },
        get: ok(list(single)),
      },
      '/{event}/question-options/{id}': { ...named('event', 'id'), get: ok(single) },
    }),
    seedItems: 0,
  })
  const sent = {
    title: 'q',
    options: [
      { answer: 'a', position: 1 },
      { answer: 'b', position: 2 },
    ],
  }
  const { json: made } = await send(mock, 'POST /e/questions', sent)
  expect(made.options).toMatchObject(sent.options)
  const ids = made.options.map((one: { id: number }) => one.id)
  expect((await send(mock, `GET /e/questions/${made.id}`)).json.options).toEqual(ids)
  const { json: listed } = await send(mock, 'GET /e/question-options')
  expect(listed).toEqual(sent.options.map((one, i) => ({ id: ids[i], question: made.id, ...one })))
})

describe('what an answer does not have', () => {
  const user = object({ id, name: text }, ['id'])
  const body = json({
    allOf: [
      object({ name: text }),
      {
        oneOf: [
          object({ kind: { enum: ['link'] }, url: text }),
          object({ kind: { enum: ['note'] }, words: text }),
        ],
      },
    ],
  })
  const spec = document(
    {
      '/users': { post: { ...body, ...ok(user) } },
      '/users/{id}': {
        ...named('id'),
        get: ok(user),
        delete: ok({ $ref: '#/components/schemas/EmptyResponse' }),
      },
      '/users/{id}/addTag': {
        ...named('id'),
        post: { ...json(object({ tag: text })), ...ok({ $ref: '#/components/schemas/EmptyResponse' }) },
      },
    },
    { components: { schemas: { EmptyResponse: { type: 'object' } } } },
  )

  it('is not shown: a password, what one kind of bodies has, and anything in what is called empty', async () => {
    const mock = await start({ spec })
    const sent = { name: 'a', kind: 'note', words: 'w', password: 'p' }
    const { json: made } = await send(mock, 'POST /users', sent)
    expect(Object.keys(made).sort()).toEqual(['id', 'name'])
    expect((await send(mock, `GET /users/${made.id}`)).json).toEqual(made)
    expect((await send(mock, `POST /users/${made.id}/addTag`, { tag: 't' })).json).toEqual({})
    expect((await send(mock, `DELETE /users/${made.id}`)).json).toEqual({})
  })
})
