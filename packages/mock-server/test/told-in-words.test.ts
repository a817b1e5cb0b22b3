// What a document tells in words alone: which member is meant by an id, what a member is by default, what a creation replaces.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, object, text } from './schemas.js'

const path = (name: string, description = '') => ({
  parameters: [{ name, in: 'path', required: true, schema: text, description }],
})

describe('a member that was not sent', () => {
  const plan = object({ name: text, zone: text, seats: { type: 'integer' }, open: { type: 'boolean' } })
  const api = (sent: object, shown: object = plan) => ({
    spec: document({
      '/plans': { post: { ...json(object({ name: text, ...sent })), ...ok({ ...shown, required: ['id'] }) } },
      '/plans/{id}': {
        ...path('id'),
        get: ok(shown),
        put: { ...json(object({ name: text, ...sent }, ['name'])), ...ok(shown) },
      },
    }),
  })

  it.each([
    [{ zone: { ...text, description: 'Defaults to "UTC". In the IANA format.' } }, { zone: 'UTC' }],
    [{ zone: { ...text, description: 'The zone; default is `Europe/Paris`' } }, { zone: 'Europe/Paris' }],
    [{ seats: { type: 'integer', description: 'How many. Defaults to 5.' } }, { seats: 5 }],
    [{ open: { type: 'boolean', description: '(default: false)' } }, { open: false }],
    [{ open: { type: 'boolean', default: true } }, { open: true }],
  ])('is what the request says that it is by default: %j', async (sent, wanted) => {
    const mock = await start({ ...api(sent), seedItems: 0 })
    expect((await send(mock, 'POST /plans', { name: 'a' })).json).toMatchObject({ name: 'a', ...wanted })
  })

  it.each([
    [{ zone: { ...text, description: 'Defaults to the zone of the account' } }, 'zone'],
    [{ zone: { ...text, enum: ['UTC', 'CET'], description: 'Defaults to "local"' } }, 'zone'],
    [{ seats: { type: 'integer', description: 'Defaults to "many"' } }, 'seats'],
  ])('is left out where the words name no value that it can have: %j', async (sent, name) => {
    const mock = await start({ ...api(sent), seedItems: 0 })
    expect((await send(mock, 'POST /plans', { name: 'a' })).json).not.toHaveProperty(name)
  })

  it('is its default again after a PUT that leaves it out', async () => {
    const zone = { zone: { ...text, description: 'Defaults to "UTC"' } }
    const shown = object({ id: text, ...plan.properties }, ['id'])
    const mock = await start({ ...api(zone, shown), seedItems: 0 })
    const { json: made } = await send(mock, 'POST /plans', { name: 'a', zone: 'CET' })
    const { json: put } = await send(mock, `PUT /plans/${made.id}`, { name: 'b' })
    expect(put).toMatchObject({ name: 'b', zone: 'UTC' })
  })

  it('is false where it must be there, and could have been sent', async () => {
    const flag = { type: 'boolean' }
    const note = object({ id: text, pinned: flag, seen: flag, tags: list(text) }, ['id', 'pinned', 'tags'])
    const mock = await start({
      spec: document({
        '/notes': { post: { ...json(object({ pinned: flag, tags: list(text) })), ...ok(note) } },
        '/notes/{id}': { ...path('id'), get: ok(note) },
      }),
    })
    for (let i = 0; i < 8; i++)
      expect((await send(mock, 'POST /notes', {})).json).toMatchObject({ pinned: false, tags: [] })
  })
})

describe('a creation that is said to change what is there', () => {
  const item = object({ id: text, provider: text, model: text }, ['id'])
  const sent = (description?: string) => object({ id: { ...text, description }, provider: text, model: text })
  const api = (create: object, method = 'post') =>
    document({
      '/links': { [method]: { ...json(sent()), ...ok(item), ...create }, get: ok(list(item)) },
      '/links/{id}': { ...path('id'), get: ok(item), delete: ok() },
    })

  it.each([
    ['its id, by the words of the operation', { description: 'Links are upserted by id.' }],
    ['its id, by the words of the member', json(sent('Links are upserted on their id.'))],
  ])('finds it by %s', async (_, create) => {
    const mock = await start({ spec: api(create), seedItems: 0 })
    await send(mock, 'POST /links', { id: 'x', model: 'a' })
    expect((await send(mock, 'POST /links', { id: 'x', model: 'b' })).json.model).toBe('b')
    expect((await send(mock, 'GET /links')).json).toHaveLength(1)
  })

  it.each(['post', 'put'])('finds it by the member that the words name: %s', async (method) => {
    const words = { description: 'Create or update a link. The link is upserted on `provider`.' }
    const mock = await start({ spec: api(words, method), seedItems: 0 })
    const line = `${method.toUpperCase()} /links`
    const { json: first } = await send(mock, line, { provider: 'mine', model: 'a' })
    const { json: second } = await send(mock, line, { provider: 'mine', model: 'b' })
    expect(second).toEqual({ ...first, model: 'b' })
    await send(mock, line, { provider: 'other' })
    expect((await send(mock, 'GET /links')).json).toHaveLength(2)
  })
})

describe('a path that names a thing', () => {
  it('takes what its description names beside the id', async () => {
    const customer = object({ id: text, source_id: text, note: text }, ['id'])
    const mock = await start({
      spec: document({
        '/customers': { post: { ...json(object({ source_id: text, note: text })), ...ok(customer) } },
        '/customers/{customer}': {
          ...path('customer', "A customer's id or source_id."),
          get: { responses: { ...ok(customer).responses, 404: { description: 'Unknown' } } },
        },
      }),
      seedItems: 0,
    })
    const { json: made } = await send(mock, 'POST /customers', { source_id: 'ann', note: 'n' })
    expect((await send(mock, 'GET /customers/ann')).json).toEqual(made)
    expect((await send(mock, `GET /customers/${made.id}`)).json).toEqual(made)
    expect((await send(mock, 'GET /customers/n')).status).toBe(404)
  })

  it('is where a POST makes the thing that another method changes', async () => {
    const voucher = object({ code: text, kind: text, active: { type: 'boolean' } }, ['code'])
    const change = { ...json(object({ kind: text })), ...ok(voucher) }
    const mock = await start({
      spec: document({
        '/vouchers': { get: ok(list(voucher)) },
        '/vouchers/{code}': {
          ...path('code'),
          post: { operationId: 'create-voucher', ...change },
          put: { operationId: 'update-voucher', ...change },
          get: { responses: { ...ok(voucher).responses, 404: { description: 'Unknown' } } },
          delete: ok(),
        },
      }),
      seedItems: 0,
    })
    expect((await send(mock, 'GET /vouchers/TEN')).status).toBe(404)
    expect((await send(mock, 'POST /vouchers/TEN', { kind: 'gift' })).json).toMatchObject({
      code: 'TEN',
      kind: 'gift',
    })
    expect((await send(mock, 'PUT /vouchers/TEN', { kind: 'loyalty' })).json.kind).toBe('loyalty')
    expect((await send(mock, 'GET /vouchers')).json).toMatchObject([{ code: 'TEN', kind: 'loyalty' }])
    await send(mock, 'DELETE /vouchers/TEN')
    expect((await send(mock, 'GET /vouchers/TEN')).status).toBe(404)
  })

  it('is where a POST makes what stands below the thing, as its path says', async () => {
    const school = object({ id: text, name: text }, ['id'])
    const dept = object({ id: text, title: text }, ['id'])
    const mock = await start({
      spec: document({
        '/schools/{id}': {
          ...path('id'),
          get: ok(school),
          patch: { ...json(object({ name: text })), ...ok(school) },
          post: { operationId: 'create_dept', ...json(object({ title: text })), ...ok(dept) },
        },
        '/schools/{id}/{dept}': {
          parameters: [...path('id').parameters, ...path('dept').parameters],
          patch: { ...json(object({ title: text })), ...ok(dept) },
        },
      }),
    })
    expect((await send(mock, 'GET /schools/1')).status).toBe(200)
    const { json: made } = await send(mock, 'POST /schools/1', { title: 'Maths' })
    expect(made.title).toBe('Maths')
    const changed = await send(mock, `PATCH /schools/1/${made.id}`, { title: 'Art' })
    expect(changed.json).toMatchObject({ id: made.id, title: 'Art' })
  })
})

describe('an action that switches a flag', () => {
  it.each([
    ['verify', { unverified: true }, { unverified: false }],
    ['unverify', { unverified: false }, { unverified: true }],
    ['verify', { verified: false }, { verified: true }],
    ['disable', { active: true, disabled: false }, { active: false, disabled: true }],
    ['enable', { active: false, isDisabled: true }, { active: true, isDisabled: false }],
    ['deactivate', { active: true }, { active: false }],
    ['resume', { paused: true }, { paused: false }],
    ['pause', { paused: false }, { paused: true }],
  ])('%s of %j', async (verb, before, after) => {
    const flags = Object.fromEntries(Object.keys(before).map((name) => [name, { type: 'boolean' }]))
    const thing = object({ id: text, ...flags }, ['id'])
    const mock = await start({
      spec: document({
        '/things': { post: { ...json(object(flags)), ...ok(thing) } },
        '/things/{id}': { ...path('id'), get: ok(thing) },
        [`/things/{id}/${verb}`]: { ...path('id'), post: ok() },
      }),
    })
    const { json: made } = await send(mock, 'POST /things', before)
    await send(mock, `POST /things/${made.id}/${verb}`)
    expect((await send(mock, `GET /things/${made.id}`)).json).toEqual({ ...made, ...after })
  })

  it('is the one that the body names, where a path is called by its opposite', async () => {
    const queue = object({ id: text, paused: { type: 'boolean' } }, ['id', 'paused'])
    const action = json(object({ action: { ...text, enum: ['pause', 'resume'] } }))
    const mock = await start({
      spec: document({
        '/queues': { post: { ...json(object({ name: text })), ...ok(queue) } },
        '/queues/{id}': { ...path('id'), get: ok(queue) },
        '/queues/{id}/pause': { ...path('id'), post: { ...action, ...ok(queue) } },
      }),
    })
    const { id } = (await send(mock, 'POST /queues', {})).json
    for (const [said, paused] of [
      ['pause', true],
      ['resume', false],
      ['pause', true],
    ] as const)
      expect((await send(mock, `POST /queues/${id}/pause`, { action: said })).json.paused).toBe(paused)
  })
})
