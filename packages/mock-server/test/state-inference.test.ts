// How places and types are read out of documents: whatever the paths, every operation is answered.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { document, ok, send, start, stop } from './harness.js'

const thing = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' }, name: { type: 'string' } },
}
const schemas = [
  thing,
  { type: 'array', items: thing },
  { type: 'object', properties: { data: thing } },
  {
    type: 'object',
    properties: {
      items: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
    },
  },
  { type: 'string' },
  {},
]
const segment = fc.constantFrom(
  'things',
  'files',
  'search',
  'batch',
  'content',
  'count',
  'a:cancel',
  '{id}',
  '{name}',
  '{thingId}',
)
const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => {
  const seen = new Set<string>()
  return segments
    .map((one) => {
      const own = one.startsWith('{') && seen.has(one) ? one.replace('}', `${seen.size}}`) : one
      seen.add(own)
      return `/${own}`
    })
    .join('')
})
const operation = fc.record({
  method: fc.constantFrom('get', 'post', 'put', 'patch', 'delete'),
  schema: fc.constantFrom(...schemas),
  status: fc.constantFrom('200', '201', '204', 'default'),
})
const documents = fc.dictionary(path, fc.array(operation, { minLength: 1, maxLength: 4 }), {
  minKeys: 1,
  maxKeys: 8,
})

it('every operation of every document is answered, and never by a failure of the mock', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(documents, async (paths) => {
      const described = Object.entries(paths).map(([template, operations]) => {
        const names = [...template.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name)
        const parameters = names.map((name) => ({
          name,
          in: 'path',
          required: true,
          schema: { type: 'string' },
        }))
        const methods = operations.map(({ method, schema, status }) => [
          method,
          {
            parameters,
            responses: { [status]: { description: '', content: { 'application/json': { schema } } } },
          },
        ])
        return [template, Object.fromEntries(methods)] as const
      })
      const mock = await start({ spec: document(Object.fromEntries(described)) })
      for (const [template, methods] of described) {
        for (const method of Object.keys(methods)) {
          const { status, text } = await send(
            mock,
            `${method.toUpperCase()} ${template.replace(/[{}]/g, '')}`,
          )
          expect(status, text).toBeLessThan(500)
        }
      }
      await stop(mock)
    }),
    { numRuns: 25 },
  )
})

const sent = (schema: unknown) => ({ content: { 'application/json': { schema } } })
const parameter = (name: string, more: object = {}) => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string' },
  ...more,
})

it('reads a thing at paths that name their parameters differently', async () => {
  const mock = await start({
    spec: document({
      '/files': { post: { requestBody: sent({ type: 'object', properties: { name: {} } }), ...ok(thing) } },
      '/files/{id}': { parameters: [parameter('id')], get: { ...ok(thing) } },
      '/files/{name}': {
        parameters: [parameter('name')],
        delete: { responses: { 204: { description: '' } } },
      },
    }),
  })
  const { json: body } = await send(mock, 'POST /files', { name: 'a' })
  expect((await send(mock, `DELETE /files/${body.id}`)).status).toBe(204)
  expect((await send(mock, `GET /files/${body.id}`)).status).toBe(404)
  await stop(mock)
})

it('finds a thing by each of the members that paths name it by, and no two things by the same', async () => {
  const version = {
    type: 'object',
    properties: {
      versionId: { type: 'string' },
      versionNumber: { type: 'string' },
      note: { type: 'string' },
    },
  }
  const note = sent({ type: 'object', properties: { note: { type: 'string' } } })
  const mock = await start({
    spec: document({
      '/versions': { post: { requestBody: note, ...ok(version) } },
      '/versions/{versionId}': { parameters: [parameter('versionId')], get: { ...ok(version) } },
      '/versions/{versionNumber}': {
        parameters: [parameter('versionNumber')],
        put: { requestBody: note, ...ok(version) },
        delete: { responses: { 204: { description: '' } } },
      },
    }),
  })
  const made = await Promise.all(
    Array.from({ length: 20 }, async () => (await send(mock, 'POST /versions', { note: 'a' })).json),
  )
  expect(new Set(made.map(({ versionNumber }) => versionNumber)).size).toBe(made.length)
  const [{ versionId, versionNumber }] = made
  await send(mock, `PUT /versions/${versionNumber}`, { note: 'b' })
  expect((await send(mock, `GET /versions/${versionId}`)).json).toMatchObject({ versionNumber, note: 'b' })
  expect((await send(mock, `DELETE /versions/${versionNumber}`)).status).toBe(204)
  expect((await send(mock, `GET /versions/${versionId}`)).status).toBe(404)
  await stop(mock)
})

it('shows what was sent of a thing in the one part of it that has room, and never as the name of another thing', async () => {
  const person = { type: 'object', properties: { id: { type: 'string' }, name: {}, nickname: {} } }
  const settings = { type: 'object', properties: { origin: { type: 'string' }, note: {} } }
  const member = {
    type: 'object',
    properties: {
      id: { type: 'string' },
      person,
      settings,
      extra: { type: 'object', properties: { note: {} } },
      attributes: { type: 'object', properties: { source: { type: 'object', properties: { title: {} } } } },
    },
  }
  const names = ['name', 'nickname', 'origin', 'note']
  const body = sent({
    type: 'object',
    properties: {
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
      attributes: { type: 'object', properties: { title: {} } },
    },
  })
  const mock = await start({
    spec: document({
      '/members': { post: { requestBody: body, ...ok(member) } },
      '/members/{id}': {
        parameters: [parameter('id')],
        get: { ...ok(member) },
        patch: { requestBody: body, ...ok(member) },
      },
    }),
  })
  const given = Object.fromEntries(names.map((name) => [name, name]))
  const { json: made } = await send(mock, 'POST /members', { ...given, attributes: { title: 'a' } })
  const shown = async () => (await send(mock, `GET /members/${made.id}`)).json
  expect(await shown()).toMatchObject({ person: { nickname: 'nickname' }, settings: { origin: 'origin' } })
  expect((await shown()).attributes.source.title).toBe('a')
  expect((await shown()).person.name).not.toBe('name')
  expect((await shown()).settings.note).not.toBe('note')
  await send(mock, `PATCH /members/${made.id}`, { origin: 'elsewhere' })
  expect(await shown()).toMatchObject({ person: { nickname: 'nickname' }, settings: { origin: 'elsewhere' } })
  await stop(mock)
})

it('draws ids that every path below a thing takes, whatever case a document writes formats in', async () => {
  const mock = await start({
    spec: document({
      '/spaces': { post: { requestBody: sent({ type: 'object', properties: { name: {} } }), ...ok(thing) } },
      '/spaces/{id}': {
        parameters: [parameter('id', { schema: { type: 'string', format: 'UUID' } })],
        get: { ...ok(thing) },
      },
      '/spaces/{id}/parts': {
        parameters: [parameter('id', { schema: { type: 'string', format: 'uuid' } })],
        get: { ...ok({ type: 'array', items: thing }) },
      },
    }),
  })
  const { json: made } = await send(mock, 'POST /spaces', { name: 'a' })
  expect((await send(mock, `GET /spaces/${made.id}/parts`)).status).toBe(200)
  await stop(mock)
})

it('stores things that a document shows by examples alone, each member of them in the type of its example', async () => {
  const shown = { id: 'key_Ab3', name: 'CI', scopes: ['read'], revoked_at: null, limits: { rate: 3 } }
  const media = (example: unknown, type?: string) => ({
    content: { 'application/json': { example, ...(type === undefined ? {} : { schema: { type } }) } },
  })
  const response = (...given: Parameters<typeof media>) => ({
    responses: { 200: { description: '', ...media(...given) } },
  })
  const body = sent({
    type: 'object',
    properties: { name: { type: 'string' }, scopes: { type: 'array', items: { type: 'string' } } },
  })
  const mock = await start({
    spec: document({
      '/keys': {
        post: { requestBody: body, ...response(shown) },
        get: { ...response({ data: [shown], meta: { total: 1 } }, 'object') },
      },
      '/keys/{id}': {
        parameters: [parameter('id')],
        get: { ...response(shown, 'object') },
        patch: { requestBody: body, ...response(shown) },
        delete: { responses: { 204: { description: '' } } },
      },
    }),
  })
  const { json: made } = await send(mock, 'POST /keys', { name: 'a', scopes: [] })
  expect(made).toMatchObject({
    id: expect.stringMatching(/^key_/),
    name: 'a',
    scopes: [],
    limits: { rate: 3 },
  })
  expect((await send(mock, `PATCH /keys/${made.id}`, { name: 'b' })).json).toMatchObject({
    id: made.id,
    name: 'b',
  })
  expect((await send(mock, `GET /keys/${made.id}`)).json.name).toBe('b')
  const { data, meta } = (await send(mock, 'GET /keys')).json
  expect(data).toContainEqual(expect.objectContaining({ id: made.id, name: 'b' }))
  expect(meta.total).toBe(data.length)
  expect((await send(mock, `DELETE /keys/${made.id}`)).status).toBe(204)
  expect((await send(mock, `GET /keys/${made.id}`)).status).toBe(404)
  await stop(mock)
})

it('makes things in a collection that is named by a parameter and that nothing creates', async () => {
  const list = { type: 'object', properties: { items: { type: 'array', items: thing } } }
  const body = sent({ type: 'object', properties: { name: { type: 'string' } } })
  for (const [isNowhere, listed] of [
    [true, list],
    [true, list.properties.items],
    [false, list.properties.items],
  ] as const) {
    const mock = await start({
      spec: document({
        ...(isNowhere ? {} : { '/flows': { post: { requestBody: body, ...ok(thing) } } }),
        '/flows/{space}': {
          parameters: [parameter('space')],
          get: { ...ok(listed) },
          post: { requestBody: body, ...ok(thing) },
        },
        '/flows/{space}/{id}': {
          parameters: [parameter('space'), parameter('id')],
          get: { ...ok(thing) },
          delete: { responses: { 204: { description: '' } } },
        },
      }),
    })
    const { json: made } = await send(mock, 'POST /flows/mine', { name: 'a' })
    expect((await send(mock, `GET /flows/mine/${made.id}`)).json).toMatchObject({ id: made.id, name: 'a' })
    expect((await send(mock, 'GET /flows/mine')).text).toContain(made.id)
    expect((await send(mock, 'GET /flows/other')).text).not.toContain(made.id)
    expect((await send(mock, `DELETE /flows/mine/${made.id}`)).status).toBe(204)
    expect((await send(mock, 'POST /flows/mine', { name: 'b' })).status).toBe(200)
    await stop(mock)
  }
})

it('keeps things of several kinds apart that one schema describes, and which says of none what it is', async () => {
  const kinds = ['roles', 'zones', 'taxons']
  const paths = kinds.flatMap((kind) => {
    const one = { $ref: '#/components/schemas/resource' }
    const body = sent({ type: 'object', properties: { name: { type: 'string' } } })
    return [
      [
        `/${kind}`,
        { post: { requestBody: body, ...ok(one) }, get: { ...ok({ type: 'array', items: one }) } },
      ],
      [`/${kind}/{id}`, { parameters: [parameter('id')], get: { ...ok(one) } }],
    ]
  })
  const mock = await start({
    spec: document(Object.fromEntries(paths), { components: { schemas: { resource: thing } } }),
  })
  const { json: made } = await send(mock, 'POST /roles', { name: 'a' })
  expect((await send(mock, 'GET /roles')).text).toContain('"name":"a"')
  expect((await send(mock, 'GET /zones')).text).not.toContain('"name":"a"')
  expect((await send(mock, `GET /roles/${made.id}`)).json.name).toBe('a')
  await stop(mock)
})

it('keeps two kinds of things apart whose schemas are called almost the same', async () => {
  const schemas = {
    Payment: { ...thing, properties: { ...thing.properties, amount: { type: 'integer' } } },
    PaymentRequest: { ...thing, properties: { ...thing.properties, email: { type: 'string' } } },
  }
  const kinds = [
    ['/payments', 'Payment', 'amount'],
    ['/payment_requests', 'PaymentRequest', 'email'],
  ] as const
  const paths = kinds.flatMap(([path, name, member]) => {
    const one = { $ref: `#/components/schemas/${name}` }
    const body = sent({ type: 'object', properties: { [member]: {} } })
    return [
      [path, { post: { requestBody: body, ...ok(one) }, get: { ...ok({ type: 'array', items: one }) } }],
      [`${path}/{id}`, { parameters: [parameter('id')], get: { ...ok(one) } }],
    ]
  })
  const mock = await start({ spec: document(Object.fromEntries(paths), { components: { schemas } }) })
  const { json: made } = await send(mock, 'POST /payments', { amount: 777 })
  expect((await send(mock, `GET /payments/${made.id}`)).json.amount).toBe(777)
  expect((await send(mock, 'GET /payment_requests')).text).not.toContain('777')
  await stop(mock)
})

it('begins at the first page where only a default says where, and compares a switch with switches alone', async () => {
  const query = (name: string, schema: object) => ({ name, in: 'query', schema })
  const flow = {
    type: 'object',
    properties: { ...thing.properties, source: { type: 'string' }, draft: { type: 'boolean' } },
  }
  const body = sent(flow)
  const mock = await start({
    spec: document({
      '/flows': {
        post: { requestBody: body, ...ok(flow) },
        get: {
          parameters: [
            query('search_after', { type: 'string', default: 'cursor to the first page' }),
            query('source', { type: 'boolean', default: false }),
            query('draft', { type: 'boolean', default: false }),
          ],
          ...ok({ type: 'array', items: flow }),
        },
      },
      '/flows/{id}': { parameters: [parameter('id')], get: { ...ok(flow) } },
    }),
  })
  const ids = async (path: string) => (await send(mock, path)).json.map(({ id }: { id: string }) => id)
  const made = async (draft: boolean) =>
    (await send(mock, 'POST /flows', { name: 'a', source: 'x', draft })).json.id
  const [drafted, published] = [await made(true), await made(false)]
  expect(await ids('GET /flows')).toContain(published)
  expect(await ids('GET /flows')).not.toContain(drafted)
  expect(await ids('GET /flows?draft=true')).toContain(drafted)
  expect(await ids('GET /flows?draft=true')).not.toContain(published)
  expect(await ids('GET /flows?source=true')).toContain(published)
  expect(await ids('GET /flows?search_after=nowhere')).toEqual([])
  await stop(mock)
})

it('lists what there is where a required filter holds the example of the document, which is the id of nothing', async () => {
  const task = { ...thing, properties: { ...thing.properties, project: thing } }
  const project = parameter('project', { in: 'query', example: '12345' })
  const mock = await start({
    spec: document({
      '/tasks': {
        post: {
          requestBody: sent({ type: 'object', properties: { name: {}, project: { type: 'string' } } }),
          ...ok(task),
        },
        get: { parameters: [project], ...ok({ type: 'array', items: task }) },
      },
      '/tasks/{id}': { parameters: [parameter('id')], get: { ...ok(task) } },
    }),
  })
  const { json: body } = await send(mock, 'POST /tasks', { name: 'a', project: 'p1' })
  const idsFor = async (wanted: string) =>
    (await send(mock, `GET /tasks?project=${wanted}`)).json.map(({ id }: { id: string }) => id)
  expect(await idsFor('p1')).toEqual([body.id])
  expect(await idsFor('p2')).toEqual([])
  expect(await idsFor('12345')).toContain(body.id)
  await stop(mock)
})

it('keeps what was sent where the alternatives of an answer agree with none of it', async () => {
  const member = (kind: string) => ({
    type: 'object',
    properties: {
      id: { type: 'string' },
      kind: { type: 'string', enum: [kind] },
      level: { type: 'string', enum: ['admin', 'editor'] },
      name: { type: 'string' },
    },
  })
  const either = { anyOf: [member('user'), member('team')] }
  const mock = await start({
    spec: document({
      '/members': {
        post: {
          requestBody: sent({ type: 'object', properties: { level: { type: 'string' }, name: {} } }),
          ...ok({ type: 'object', properties: { data: either } }),
        },
        get: { ...ok({ type: 'object', properties: { data: { type: 'array', items: either } } }) },
      },
      '/members/{id}': {
        parameters: [parameter('id')],
        get: { ...ok({ type: 'object', properties: { data: either } }) },
      },
    }),
  })
  const { json: body } = await send(mock, 'POST /members', { level: 'owner', name: 'ann' })
  const { id } = body.data
  expect((await send(mock, `GET /members/${id}`)).json.data).toMatchObject({ id, name: 'ann' })
  const listed: readonly { id?: string }[] = (await send(mock, 'GET /members')).json.data
  expect(listed.map((one) => one.id)).toContain(id)
  expect(listed.every((one) => one.id !== undefined)).toBe(true)
  await stop(mock)
})

it('never exchanges the name that was sent for a number, whatever the member and the path call the id', async () => {
  const kinds = ['pk', 'kid', 'code', 'id', ''].flatMap((member) =>
    ['integer', 'string'].map((type) => ({ member, type, path: `/keys-${member}-${type}/k` })),
  )
  const paths = kinds.flatMap(({ member, type, path }) => {
    const shown = { type: 'object', properties: { [member || 'size']: { type }, name: { type: 'string' } } }
    const body = sent({ type: 'object', required: ['name'], properties: { name: { type: 'string' } } })
    const id = parameter('id', { schema: { type } })
    return [
      [path, { post: { requestBody: body, ...ok(shown) } }],
      [`${path}/{id}`, { parameters: [id], get: { ...ok(shown) } }],
    ]
  })
  const mock = await start({ spec: document(Object.fromEntries(paths)) })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...kinds),
      fc.stringMatching(/^[a-z][a-z ]{0,8}$/),
      async ({ path }, name) => {
        const made = await send(mock, `POST ${path}`, { name })
        expect(made.json.name).toBe(name)
        expect((await send(mock, `GET ${made.headers.get('location')}`)).json.name).toBe(name)
      },
    ),
    { numRuns: 30 },
  )
})

it('shows what is stored where a list is described by one of its things, alone or in an envelope', async () => {
  const budget = { type: 'object', properties: { guid: { type: 'string' }, name: { type: 'string' } } }
  const paths = [budget, { type: 'object', properties: { budget } }].flatMap((shown, index) => {
    const path = `/v${index}/budgets`
    return [
      [path, { post: { requestBody: sent(budget), ...ok(shown) }, get: { ...ok(shown) } }],
      [`${path}/{budget_guid}`, { parameters: [parameter('budget_guid')], get: { ...ok(shown) } }],
    ]
  })
  const mock = await start({ spec: document(Object.fromEntries(paths)) })
  for (const path of ['/v0/budgets', '/v1/budgets']) {
    const { text } = await send(mock, `POST ${path}`, { name: 'food' })
    const listed = await send(mock, `GET ${path}`)
    expect(listed.text).toBe(text)
    expect(listed.headers.get('mock-source')).toBe('stored')
  }
  await stop(mock)
})

it('takes the ids that clients choose where one of the paths below stands for all of them', async () => {
  const run = { type: 'object', properties: { run_id: { type: 'string' }, note: { type: 'string' } } }
  const all = parameter('run_id', { schema: { type: 'string', const: '~' } })
  const mock = await start({
    spec: document({
      '/runs': { post: { requestBody: sent(run), ...ok(run) } },
      '/runs/{run_id}': { parameters: [parameter('run_id')], get: { ...ok(run) } },
      '/runs/{run_id}/tasks/list': { post: { parameters: [all], ...ok({ type: 'array', items: thing }) } },
    }),
  })
  const { json: body } = await send(mock, 'POST /runs', { run_id: 'mine', note: 'a' })
  expect(body).toMatchObject({ run_id: 'mine', note: 'a' })
  expect((await send(mock, 'GET /runs/mine')).json.note).toBe('a')
  await stop(mock)
})

it('reads every thing that a list has shown, though nothing is stored above the list', async () => {
  const mock = await start({
    spec: document({
      '/runs': { post: { requestBody: sent({ type: 'object', properties: { name: {} } }), ...ok(thing) } },
      '/runs/{id}': { parameters: [parameter('id')], get: { ...ok(thing) }, delete: { ...ok({}) } },
      '/runs/{id}/tasks': { parameters: [parameter('id')], get: { ...ok({ type: 'array', items: thing }) } },
      '/runs/{id}/tasks/{task_id}': {
        parameters: [parameter('id'), parameter('task_id')],
        get: { ...ok(thing) },
      },
      '/runs/{id}/tasks/{task_id}/log': {
        parameters: [parameter('id'), parameter('task_id')],
        get: { ...ok({ type: 'object', properties: { line: { type: 'string' } } }) },
      },
    }),
  })
  const { json: run } = await send(mock, 'POST /runs', { name: 'a' })
  for (const id of ['unknown', run.id]) {
    const [{ id: task }] = (await send(mock, `GET /runs/${id}/tasks`)).json
    expect((await send(mock, `GET /runs/${id}/tasks/${task}`)).status).toBe(200)
    expect((await send(mock, `GET /runs/${id}/tasks/${task}/log`)).status).toBe(200)
    if (id === 'unknown') expect((await send(mock, 'GET /runs/unknown/tasks/other')).status).toBe(404)
  }
  const [{ id: task }] = (await send(mock, `GET /runs/${run.id}/tasks`)).json
  expect((await send(mock, `DELETE /runs/${run.id}`)).status).toBe(200)
  expect((await send(mock, `GET /runs/${run.id}/tasks/${task}`)).status).toBe(404)
  await stop(mock)
})

it('changes nothing by a patch that was copied from the document, and refuses any other that leads to nothing', async () => {
  const operation = {
    type: 'object',
    required: ['op', 'path'],
    properties: { op: { type: 'string' }, path: { type: 'string', example: '/a/b/c' }, value: {} },
  }
  const patch = {
    content: { 'application/json-patch+json': { schema: { type: 'array', items: operation } } },
  }
  const mock = await start({
    spec: document({
      '/things': { post: { requestBody: sent({ type: 'object', properties: { name: {} } }), ...ok(thing) } },
      '/things/{id}': {
        parameters: [parameter('id')],
        get: { ...ok(thing) },
        patch: { requestBody: patch, ...ok(thing) },
      },
    }),
  })
  const { json: made } = await send(mock, 'POST /things', { name: 'a' })
  const patched = (path: string) =>
    send(mock, `PATCH /things/${made.id}`, JSON.stringify([{ op: 'replace', path, value: 'b' }]), {
      'content-type': 'application/json-patch+json',
    })
  expect((await patched('/a/b/c')).json).toEqual(made)
  expect((await patched('/a/b/d')).status).toBe(409)
  expect((await patched('/name')).json).toEqual({ ...made, name: 'b' })
  await stop(mock)
})

it('applies a JSON patch that stands in an object beside a comment', async () => {
  const text = { type: 'string' }
  const thing = { type: 'object', properties: { id: text, name: text, tags: { type: 'array', items: text } } }
  const operation = {
    type: 'object',
    required: ['op', 'path'],
    properties: { op: text, path: text, value: {} },
  }
  const commented = {
    type: 'object',
    properties: { patch: { type: 'array', items: operation }, comment: text },
  }
  const mock = await start({
    spec: document({
      '/things': { post: { requestBody: sent(thing), ...ok(thing) } },
      '/things/{id}': {
        parameters: [parameter('id')],
        get: { ...ok(thing) },
        patch: { requestBody: sent(commented), ...ok(thing) },
      },
    }),
  })
  const { json: made } = await send(mock, 'POST /things', { name: 'a', tags: ['x'] })
  const patch = [
    { op: 'replace', path: '/name', value: 'b' },
    { op: 'add', path: '/tags/0', value: 'y' },
  ]
  await send(mock, `PATCH /things/${made.id}`, { comment: 'Renamed', patch })
  expect((await send(mock, `GET /things/${made.id}`)).json).toEqual({ ...made, name: 'b', tags: ['y', 'x'] })
  await stop(mock)
})

it('shows the id of a new thing where a creation answers with nothing else', async () => {
  const kinds = [
    { path: '/widgets', schema: { type: 'string', format: 'uuid' } },
    { path: '/gadgets', schema: { type: 'integer' } },
    { path: '/gizmos', schema: { type: 'string' } },
  ]
  const paths = kinds.flatMap(({ path, schema }) => {
    const shown = { type: 'object', properties: { id: schema, name: { type: 'string' } } }
    const id = parameter('id', { schema })
    return [
      [path, { post: { requestBody: sent({ type: 'object', properties: { name: {} } }), ...ok(schema) } }],
      [`${path}/{id}`, { parameters: [id], get: { ...ok(shown) } }],
    ]
  })
  const said = { content: { 'text/plain': { schema: { type: 'string' }, example: 'It is made' } } }
  const mock = await start({
    spec: document({
      ...Object.fromEntries(paths),
      '/gizmos': { post: { responses: { 201: { description: '', ...said } } } },
    }),
  })
  for (const { path } of kinds.slice(0, 2)) {
    const { json: id } = await send(mock, `POST ${path}`, { name: 'a' })
    expect((await send(mock, `GET ${path}/${id}`)).json).toEqual({ id, name: 'a' })
  }
  expect((await send(mock, 'POST /gizmos')).text).toBe('It is made')
  await stop(mock)
})

it('stores the JSON Lines of an import, whose things may be open, and answers it as the document has it', async () => {
  const lines = { content: { 'application/octet-stream': { schema: { type: 'string' } } } }
  const answer = { content: { 'application/octet-stream': { schema: { type: 'string' }, example: 'done' } } }
  const open = { type: 'object' }
  const mock = await start({
    spec: document({
      '/documents': { post: { requestBody: sent(open), ...ok(open) } },
      '/documents/import': {
        post: { requestBody: lines, responses: { 200: { description: '', ...answer } } },
      },
      '/documents/{id}': { parameters: [parameter('id')], get: { ...ok(open) } },
    }),
  })
  const imported = (text: string) =>
    send(mock, 'POST /documents/import', text, { 'content-type': 'application/octet-stream' })
  const things = [{ id: '1', tags: ['a'] }, { id: '2' }]
  expect((await imported(`${things.map((one) => JSON.stringify(one)).join('\n')}\n`)).text).toBe('done')
  expect((await send(mock, 'GET /documents/1')).json).toEqual(things[0])
  expect((await send(mock, 'GET /documents/2')).json).toEqual(things[1])
  expect((await imported('no JSON')).text).toBe('done')
  await stop(mock)
})

it('lists what there is where the schema of the things contradicts itself', async () => {
  const options = { type: 'object', properties: { smart: { type: 'boolean', default: true } } }
  const campaign = {
    type: 'object',
    required: ['id', 'options'],
    properties: {
      id: { type: 'string' },
      name: { type: 'string' },
      options: { oneOf: [options, { ...options }] },
    },
  }
  const mock = await start({
    spec: document({
      '/campaigns': {
        post: { requestBody: sent({ type: 'object', properties: { name: {} } }), ...ok(campaign) },
        get: {
          parameters: [{ name: 'filter', in: 'query', required: true, schema: { type: 'string' } }],
          ...ok({ type: 'object', properties: { data: { type: 'array', items: campaign } } }),
        },
      },
      '/campaigns/{id}': { parameters: [parameter('id')], get: { ...ok(campaign) } },
    }),
  })
  const { json: body } = await send(mock, 'POST /campaigns', { name: 'a' })
  const listed = (await send(mock, "GET /campaigns?filter=equals(channel,'email')")).json.data
  expect(listed).toContainEqual(expect.objectContaining({ id: body.id, name: 'a' }))
  await stop(mock)
})

it('shows a new thing before the lists beside it, and what was sent in its history where it has no other room', async () => {
  const event = {
    type: 'object',
    required: ['kind'],
    properties: { kind: { type: 'string' }, memo: { type: 'string' } },
  }
  const transfer = {
    type: 'object',
    required: ['id', 'events'],
    properties: { id: { type: 'string' }, events: { type: 'array', minItems: 1, items: event } },
  }
  const shown = { type: 'object', properties: { runs: { type: 'array', items: thing }, transfer } }
  const body = sent({ type: 'object', properties: { memo: { type: 'string' } } })
  const mock = await start({
    spec: document({
      '/transfers': { post: { requestBody: body, ...ok(shown) } },
      '/transfers/{id}': {
        parameters: [parameter('id')],
        get: { ...ok(transfer) },
        patch: { requestBody: body, ...ok(transfer) },
      },
    }),
  })
  const made = await send(mock, 'POST /transfers', { memo: 'rent' })
  expect(Object.keys(made.json)[0]).toBe('transfer')
  const { id } = made.json.transfer
  expect((await send(mock, `GET /transfers/${id}`)).json.events.at(-1).memo).toBe('rent')
  await send(mock, `PATCH /transfers/${id}`, { memo: 'food' })
  expect((await send(mock, `GET /transfers/${id}`)).json.events.at(-1).memo).toBe('food')
  await stop(mock)
})

it('finds what is made below a name, whatever else is listed above it', async () => {
  const draft = {
    type: 'object',
    required: ['id', 'version'],
    properties: { id: { type: 'string' }, version: { type: 'integer' }, title: { type: 'string' } },
  }
  const drafts = { type: 'object', properties: { drafts: { type: 'array', items: draft }, total: {} } }
  const one = { type: 'object', properties: { draft } }
  const body = sent({ type: 'object', properties: { title: { type: 'string' } } })
  const mock = await start({
    spec: document({
      '/drafts': { get: { ...ok({ ...drafts, title: 'Drafts of everything' }) } },
      '/drafts/{key}': {
        parameters: [parameter('key')],
        get: { ...ok(drafts) },
        post: { requestBody: body, ...ok(one) },
      },
      '/drafts/{key}/{version}': {
        parameters: [parameter('key'), parameter('version', { schema: { type: 'integer' } })],
        get: { ...ok(one) },
      },
    }),
  })
  const [first, second] = [
    (await send(mock, 'POST /drafts/a', { title: 'One' })).json.draft,
    (await send(mock, 'POST /drafts/a', { title: 'Two' })).json.draft,
  ]
  expect(first.version).not.toBe(second.version)
  for (const made of [first, second])
    expect((await send(mock, `GET /drafts/a/${made.version}`)).json.draft).toEqual(made)
  expect((await send(mock, 'GET /drafts/a')).json.drafts).toContainEqual(second)
  await stop(mock)
})

it('reads a key in parentheses as it reads a segment', async () => {
  const person = {
    type: 'object',
    properties: { Login: { type: 'string' }, Name: { type: 'string' } },
  }
  const trip = { type: 'object', properties: { TripId: { type: 'integer' }, Title: { type: 'string' } } }
  const listOf = (items: object) => ({ type: 'object', properties: { value: { type: 'array', items } } })
  const done = { responses: { 204: { description: 'Done' } } }
  const number = parameter('TripId', { schema: { type: 'integer' } })
  const mock = await start({
    spec: document({
      '/People': { get: { ...ok(listOf(person)) }, post: { requestBody: sent(person), ...ok(person) } },
      "/People('{Login}')": {
        parameters: [parameter('Login')],
        get: { ...ok(person) },
        patch: { requestBody: sent(person), ...done },
        delete: done,
      },
      "/People('{Login}')/Trips": {
        parameters: [parameter('Login')],
        get: { ...ok(listOf(trip)) },
        post: { requestBody: sent(trip), ...ok(trip) },
      },
      "/People('{Login}')/Trips(TripId={TripId})": {
        parameters: [parameter('Login'), number],
        get: { ...ok(trip) },
      },
    }),
  })
  for (const Login of ['ann', 'bob']) await send(mock, 'POST /People', { Login, Name: Login })
  const made = await send(mock, "POST /People('bob')/Trips", { Title: 'Rome' })
  const { TripId } = made.json
  expect(made.headers.get('location')).toBe(`/People('bob')/Trips(TripId=${TripId})`)
  expect((await send(mock, `GET ${made.headers.get('location')}`)).json.Title).toBe('Rome')
  expect((await send(mock, "GET /People('bob')/Trips")).json.value).toEqual([made.json])
  await send(mock, "PATCH /People('bob')", { Name: 'Robert' })
  expect((await send(mock, "GET /People('bob')")).json.Name).toBe('Robert')
  await send(mock, "DELETE /People('ann')")
  expect((await send(mock, "GET /People('ann')")).status).toBe(404)
  expect((await send(mock, "GET /People('bob')")).status).toBe(200)
  await stop(mock)
})
