// What clients send that no path of its own takes: several things in one list, what a part of a path says, and names that
// stand for other things.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, object, text } from './schemas.js'

const named = (name: string, description = '') => ({
  parameters: [{ name, in: 'path', required: true, description, schema: text }],
})
const link = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const id = { ...text, readOnly: true }

describe('a part of a thing that a path below it is about', () => {
  const rule = object({ port: text, from: text })
  const wall = object({ id, name: text, inbound: list(rule), outbound: list(rule), tags: list(text) }, ['id'])
  const lists = json(object({ inbound: list(rule), outbound: list(rule) }))
  const walls = () =>
    start({
      spec: document({
        '/walls': { post: { ...json(wall), ...ok(wall) } },
        '/walls/{wallId}': { ...named('wallId'), get: ok(wall) },
        '/walls/{wallId}/rules': {
          ...named('wallId'),
          post: { ...lists, ...ok() },
          delete: { ...lists, ...ok() },
        },
        '/walls/{wallId}/tags/{tag}': {
          parameters: [...named('wallId').parameters, ...named('tag').parameters],
          put: ok(),
          delete: ok(),
        },
      }),
      seedItems: 0,
    })

  it('gains and loses what lists of the same names say', async () => {
    const mock = await walls()
    const { json: made } = await send(mock, 'POST /walls', { name: 'w', inbound: [], outbound: [] })
    const ports = fc.uniqueArray(fc.constantFrom('22', '80', '443', '8080'))
    await fc.assert(
      fc.asyncProperty(ports, ports, ports, async (inbound, outbound, gone) => {
        const of = (own: readonly string[]) => own.map((port) => ({ port, from: 'any' }))
        await send(mock, `POST /walls/${made.id}/rules`, { inbound: of(inbound), outbound: of(outbound) })
        const shown = async () => (await send(mock, `GET /walls/${made.id}`)).json
        expect(await shown()).toMatchObject({ inbound: of(inbound), outbound: of(outbound) })
        await send(mock, `DELETE /walls/${made.id}/rules`, { inbound: gone.map((port) => ({ port })) })
        expect((await shown()).inbound).toEqual(of(inbound.filter((port) => !gone.includes(port))))
        await send(mock, `DELETE /walls/${made.id}/rules`, { inbound: of(inbound), outbound: of(outbound) })
      }),
      { numRuns: 20 },
    )
  })

  it('gains and loses the text that the path ends with', async () => {
    const mock = await walls()
    const { json: made } = await send(mock, 'POST /walls', { name: 'w', tags: ['a'] })
    const tags = async () => (await send(mock, `GET /walls/${made.id}`)).json.tags
    await send(mock, `PUT /walls/${made.id}/tags/b`)
    await send(mock, `PUT /walls/${made.id}/tags/b`)
    expect(await tags()).toEqual(['a', 'b'])
    await send(mock, `DELETE /walls/${made.id}/tags/a`)
    expect(await tags()).toEqual(['b'])
  })
})

it('what is made with many others at once is there though the answer tells of a job', async () => {
  const user = object({ id: text, name: text, email: text }, ['id'])
  const job = object({ id, state: { enum: ['queued', 'done'] } }, ['id'])
  const mock = await start({
    spec: document({
      '/users': { get: ok(list(user)) },
      '/users/{userId}': { ...named('userId'), get: ok(user), put: { ...json(user), ...ok(user) } },
      '/users/bulk/identify': { post: { ...json(object({ users: list(user) }, ['users'])), ...ok(job) } },
      '/users/create_or_update_many': { post: { ...json(object({ users: list(user) })), ...ok(job) } },
    }),
    seedItems: 0,
  })
  const { json: told } = await send(mock, 'POST /users/bulk/identify', {
    users: [{ id: 'ann', name: 'Ann' }],
  })
  expect(Object.keys(told).toSorted()).toEqual(['id', 'state'])
  await send(mock, 'POST /users/create_or_update_many', { users: [{ id: 'bob', name: 'Bob' }] })
  expect((await send(mock, 'GET /users/ann')).json.name).toBe('Ann')
  expect((await send(mock, 'GET /users/bob')).json.name).toBe('Bob')
})

it('what is made and removed by lists in an envelope is in the list in between', async () => {
  const group = object({ groupId: text, groupName: text })
  const groups = object({ groups: list(link('Group')), total: text })
  const mock = await start({
    spec: document(
      {
        '/groups': {
          get: ok(groups),
          post: { ...json(groups), ...ok(groups) },
          delete: { ...json(groups), ...ok(groups) },
        },
      },
      { components: { schemas: { Group: group } } },
    ),
    seedItems: 0,
  })
  const [made] = (await send(mock, 'POST /groups', { groups: [{ groupName: 'Sales' }] })).json.groups
  expect(made).toEqual({ groupId: expect.any(String), groupName: 'Sales' })
  expect((await send(mock, 'GET /groups')).json.groups).toEqual([made])
  await send(mock, 'DELETE /groups', { groups: [{ groupId: made.groupId }] })
  expect((await send(mock, 'GET /groups')).json.groups).toEqual([])
})

describe('a thing that is called otherwise than by its id', () => {
  const plan = object({ id, object: text, code: text, name: text }, ['id', 'code'])
  const part = object({ id: text, object: text, code: text, name: text })
  const order = object({ id, plan: part, count: { type: 'integer' } }, ['id', 'plan'])
  const shop = (description = '') =>
    start({
      spec: document(
        {
          '/plans': {
            get: ok(list(plan)),
            post: { description, ...json(object({ code: text, name: text })), ...ok(plan) },
          },
          '/plans/{plan_id}': {
            ...named('plan_id', 'The id, or the code with the prefix `code-`, as in `code-gold`.'),
            get: ok(plan),
            patch: { ...json(object({ name: text })), ...ok(plan) },
          },
          '/orders': {
            post: { ...json(object({ plan_code: text, count: { type: 'integer' } })), ...ok(order) },
          },
          '/orders/{order_id}': { ...named('order_id'), get: ok(order) },
        },
        {},
      ),
      seedItems: 0,
    })

  it('is found by the prefix that the document gives', async () => {
    const mock = await shop()
    const { json: made } = await send(mock, 'POST /plans', { code: 'gold', name: 'Gold' })
    expect((await send(mock, 'GET /plans/code-gold')).json).toEqual(made)
    expect((await send(mock, 'PATCH /plans/code-gold', { name: 'Au' })).json).toEqual({ ...made, name: 'Au' })
    expect((await send(mock, 'GET /plans/code-tin')).status).toBe(404)
    expect((await send(mock, 'GET /plans/name-Gold')).status).toBe(404)
  })

  it('is shown in part where a request names it by another member', async () => {
    const mock = await shop()
    const { json: made } = await send(mock, 'POST /plans', { code: 'gold', name: 'Gold' })
    const { json: bought } = await send(mock, 'POST /orders', { plan_code: 'gold', count: 2 })
    expect(bought).toMatchObject({ count: 2, plan: { id: made.id, code: 'gold', name: 'Gold' } })
    expect((await send(mock, `GET /orders/${bought.id}`)).json).toEqual(bought)
  })

  it('is given again where the document says so, and by that member alone', async () => {
    const mock = await shop('If a plan with the same code already exists, the existing plan is returned.')
    const { json: made } = await send(mock, 'POST /plans', { code: 'gold', name: 'Gold' })
    expect((await send(mock, 'POST /plans', { code: 'gold', name: 'Other' })).json).toEqual(made)
    expect((await send(mock, 'POST /plans', { code: 'tin', name: 'Gold' })).json.id).not.toBe(made.id)
    const refusing = await shop(
      'If a plan with the same code already exists, a 409 conflict error is returned.',
    )
    const { json: one } = await send(refusing, 'POST /plans', { code: 'gold' })
    expect((await send(refusing, 'POST /plans', { code: 'gold' })).json.id).not.toBe(one.id)
  })
})

it('what a server alone sets is there on what is made, though only a reference says that it does', async () => {
  const schemas = { Print: { ...text, readOnly: true, example: 'aa:bb' } }
  const key = object({ id, name: text, fingerprint: link('Print') }, ['name'])
  const mock = await start({
    spec: document(
      {
        '/keys': { get: ok(list(key)), post: { ...json(key), ...ok(key) } },
        '/keys/{key_id}': { ...named('key_id'), get: ok(key) },
      },
      { components: { schemas } },
    ),
  })
  const { json: made } = await send(mock, 'POST /keys', { name: 'laptop', fingerprint: 'mine' })
  expect(made).toMatchObject({ name: 'laptop', fingerprint: 'aa:bb' })
  expect((await send(mock, 'GET /keys/aa:bb')).json).toEqual(made)
})

it('what is written beside the members of a thing stands in the part of it that is open', async () => {
  const thing = object(
    { id, properties: { type: 'object', additionalProperties: true, example: { size: 1 } } },
    ['id'],
  )
  const mock = await start({
    spec: document({
      '/things': { post: { ...json(object({ name: text, id: text })), ...ok(thing) } },
      '/things/{thingId}': { ...named('thingId'), get: ok(thing) },
    }),
    seedItems: 0,
  })
  const { json: made } = await send(mock, 'POST /things', { name: 'Alpha', colour: 'red' })
  expect(made.properties).toEqual({ name: 'Alpha', colour: 'red' })
  expect((await send(mock, `GET /things/${made.id}`)).json).toEqual(made)
})

it('a DELETE that deactivates leaves the thing with the status that the document has for it', async () => {
  const account = object({ id, name: text, state: { enum: ['active', 'inactive'] } }, ['id', 'state'])
  const mock = await start({
    spec: document({
      '/accounts': { post: { ...json(object({ name: text })), ...ok(account) } },
      '/accounts/{account_id}': {
        ...named('account_id'),
        get: ok(account),
        delete: { operationId: 'deactivate_account', ...ok(account) },
      },
    }),
  })
  const { json: made } = await send(mock, 'POST /accounts', { name: 'a' })
  const { json: ended } = await send(mock, `DELETE /accounts/${made.id}`)
  expect(ended).toEqual({ ...made, state: 'inactive' })
  expect((await send(mock, `GET /accounts/${made.id}`)).json).toEqual(ended)
})

it('what happens to a thing names it, where it says of which kind the thing is', async () => {
  const action = object({ id, type: text, resource_id: text, resource_type: { ...text, example: 'box' } }, [
    'id',
    'resource_id',
    'resource_type',
  ])
  const box = object({ id, name: text, tags: list(text) }, ['id', 'tags'])
  const mock = await start({
    spec: document({
      '/boxes': {
        get: { parameters: [{ name: 'tag_name', in: 'query', schema: text }], ...ok(list(box)) },
        post: { ...json(box), ...ok(box) },
      },
      '/boxes/{box_id}': { ...named('box_id'), get: ok(box) },
      '/boxes/{box_id}/actions': {
        ...named('box_id'),
        get: ok(list(action)),
        post: { ...json(object({ type: text })), ...ok(action) },
      },
    }),
    seedItems: 0,
  })
  const { json: red } = await send(mock, 'POST /boxes', { name: 'r', tags: ['red'] })
  await send(mock, 'POST /boxes', { name: 'b', tags: ['blue'] })
  expect((await send(mock, 'GET /boxes?tag_name=red')).json).toEqual([red])
  expect((await send(mock, `POST /boxes/${red.id}/actions`, { type: 'off' })).json).toMatchObject({
    ...{ type: 'off', resource_id: red.id, resource_type: 'box' },
  })
})

describe('an answer to a removal that only names what is gone', () => {
  it.each([
    ['the thing', 'database'],
    ['the parameter of its path', 'slug'],
  ])('names it by its id, under the name of %s', async (_, name) => {
    const database = object({ slug: text, region: text }, ['slug'])
    const mock = await start({
      spec: document({
        '/databases': { post: { ...json(database), ...ok(database) } },
        '/databases/{slug}': {
          ...named('slug'),
          get: ok(database),
          delete: ok(object({ [name]: { ...text, example: 'something-else' } }, [name])),
        },
      }),
    })
    await send(mock, 'POST /databases', { slug: 'blue', region: 'north' })
    expect((await send(mock, 'DELETE /databases/blue')).json).toEqual({ [name]: 'blue' })
  })
})
