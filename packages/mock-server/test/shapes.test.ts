// Resources of less usual shapes, as public documents have them.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const text = { type: 'string' }
const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const answer = (schema: object) => ({ description: 'OK', ...json(schema) })
const object = (properties: object, required: string[] = []) => ({ type: 'object', properties, required })
const inPath = (name: string, schema: object = text) => ({ name, in: 'path', required: true, schema })

describe('a resource', () => {
  it('may be sent in an envelope beside other members, and be answered beside errors', async () => {
    const card = object({ id: { ...text, readOnly: true }, holder: text }, ['id'])
    const shown = object({ errors: { type: 'array', items: object({ code: text }) }, card })
    const mock = await start({
      spec: document({
        '/cards': {
          post: {
            requestBody: json(object({ key: text, card }, ['key', 'card'])),
            responses: { 200: answer(shown) },
          },
        },
        '/cards/{card_id}': { parameters: [inPath('card_id')], get: { responses: { 200: answer(shown) } } },
      }),
    })
    const { json: made } = await send(mock, 'POST /cards', { key: 'k1', card: { holder: 'Ada' } })
    expect(made).toEqual({ card: { id: expect.any(String), holder: 'Ada' } })
    expect((await send(mock, `GET /cards/${made.card.id}`)).json).toEqual(made)
  })

  it('is what requests send under the same name, whatever an answer says beside it', async () => {
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
    const shown = { responses: { 200: answer(ref('UserAnswer')) } }
    const beside = Object.fromEntries(
      ['token', 'code', 'trust', 'secret', 'link'].map((name) => [name, text]),
    )
    const schemas = {
      User: object({ id: text, email: text }),
      UserRequest: object({ user: ref('User'), sendMail: { type: 'boolean' } }),
      UserAnswer: object({
        user: ref('User'),
        ...beside,
        proofs: { type: 'array', items: object({ id: text }) },
      }),
    }
    const takes = { requestBody: json(ref('UserRequest')), ...shown }
    const byEmail = { parameters: [{ name: 'email', in: 'query', schema: text }], ...shown }
    const paths = {
      '/user': { post: takes, get: byEmail },
      '/user/{userId}': { parameters: [inPath('userId')], get: shown, put: takes },
    }
    const mock = await start({ spec: document(paths, { components: { schemas } }) })
    const { json: made } = await send(mock, 'POST /user', { user: { email: 'ann@example.org' } })
    expect(made).not.toHaveProperty('id')
    expect(made.user).toEqual({ id: expect.any(String), email: 'ann@example.org' })
    const put = await send(mock, `PUT /user/${made.user.id}`, { user: { email: 'bob@example.org' } })
    expect(put.json.user).toEqual({ id: made.user.id, email: 'bob@example.org' })
    expect((await send(mock, `GET /user/${made.user.id}`)).json.user).toEqual(put.json.user)
    expect((await send(mock, 'GET /user?email=bob@example.org')).json.user).toEqual(put.json.user)
    expect((await send(mock, 'GET /user?email=nobody@example.org')).status).toBe(404)
  })

  it('may be found by a number and have an id as well, both its own', async () => {
    const issue = object({ id: { type: 'integer' }, number: { type: 'integer' }, title: text }, [
      'id',
      'number',
      'title',
    ])
    const mock = await start({
      seedItems: 0,
      spec: document({
        '/issues': {
          post: { requestBody: json(object({ title: text })), responses: { 201: answer(issue) } },
        },
        '/issues/{issue_number}': {
          parameters: [inPath('issue_number', { type: 'integer' })],
          get: { responses: { 200: answer(issue) } },
        },
      }),
    })
    const [first, second] = await Promise.all(
      ['One', 'Two'].map(async (title) => (await send(mock, 'POST /issues', { title })).json),
    )
    expect(new Set([first.id, second.id]).size).toBe(2)
    expect((await send(mock, `GET /issues/${second.number}`)).json).toEqual(second)
  })

  it('may have one template for two kinds of names, told apart by their descriptions', async () => {
    const spec = document({
      '/orders/{orderId}': {
        parameters: [inPath('orderId', { ...text, format: 'uuid' })],
        get: { responses: { 200: answer({ const: 'by id' }) } },
      },
      '/orders/{orderNumber}': {
        parameters: [inPath('orderNumber', { ...text, pattern: '^PO' })],
        get: { responses: { 200: answer({ const: 'by number' }) } },
      },
    })
    const mock = await start({ spec, stateful: false })
    expect((await send(mock, 'GET /orders/ae7ef7c8-9024-4d42-8d59-5f26ed3f508b')).json).toBe('by id')
    expect((await send(mock, 'GET /orders/PO17')).json).toBe('by number')
    expect((await send(mock, 'GET /orders/x')).status).toBe(400)
  })

  it('is listed whole when its count is asked for', async () => {
    const flag = { name: 'count', in: 'query', schema: { type: 'boolean', default: false } }
    const list = { type: 'array', items: object({ id: { type: 'integer' } }, ['id']) }
    const spec = document({
      '/rows': { get: { parameters: [flag], responses: { 200: answer(list) } } },
      '/rows/{id}': {
        parameters: [inPath('id', { type: 'integer' })],
        delete: { responses: { 204: { description: 'OK' } } },
      },
    })
    const mock = await start({ spec, seedItems: 3 })
    expect((await send(mock, 'GET /rows')).json).toHaveLength(3)
    expect((await send(mock, 'GET /rows?count=true')).json).toHaveLength(3)
  })

  it('has parts whose index is where they stand', async () => {
    const part = object({ index: { type: 'integer' }, label: text }, ['index'])
    const list = object({ parts: { type: 'array', items: part, minItems: 3 } }, ['parts'])
    const mock = await start({ spec: document({ '/whole': { get: { responses: { 200: answer(list) } } } }) })
    const { parts } = (await send(mock, 'GET /whole')).json
    expect(parts.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2])
  })

  it('may have its media types behind one reference, as bundlers leave them', async () => {
    const content = { $ref: '#/components/x-content/Thing' }
    const mock = await start({
      spec: document(
        { '/thing': { get: { responses: { 200: { description: 'OK', content } } } } },
        { components: { 'x-content': { Thing: json(object({ id: text }, ['id'])).content } } },
      ),
    })
    expect((await send(mock, 'GET /thing')).json).toEqual({ id: expect.any(String) })
  })

  it('may have members and ids with the names that all objects of the language have', async () => {
    const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']
    const members = Object.fromEntries(names.map((name) => [name, text]))
    for (const id of names) {
      const thing = {
        type: 'object',
        properties: Object.fromEntries([...Object.entries(members), ['label', text]]),
      }
      const path = `/things/{${id}}`
      const mock = await start({
        spec: document({
          '/things': {
            get: { responses: { 200: answer({ type: 'array', items: thing }) } },
            post: { requestBody: json(object({ label: text })), responses: { 201: answer(thing) } },
          },
          [path]: {
            parameters: [inPath(id)],
            get: { responses: { 200: answer(thing) } },
            patch: { requestBody: json(thing), responses: { 200: answer(thing) } },
          },
        }),
      })
      const { text: made } = await send(mock, 'POST /things', { label: 'a' })
      const own = new Map(Object.entries(JSON.parse(made))).get(id)
      expect([id, own]).toEqual([id, expect.any(String)])
      expect((await send(mock, `GET /things/${String(own)}`)).text).toBe(made)
      const { json: changed } = await send(mock, `PATCH /things/${String(own)}`, { label: 'b' })
      expect(JSON.stringify(changed)).toBe(made.replace('"label":"a"', '"label":"b"'))
    }
  })

  it('has what the query of its creation says of it', async () => {
    const job = object({ id: text, site_id: text, title: text })
    const query = (name: string) => ({ name, in: 'query', schema: text })
    const mock = await start({
      spec: document({
        '/jobs': {
          get: { parameters: [query('site_id')], responses: { 200: answer({ type: 'array', items: job }) } },
          post: {
            parameters: [query('site_id'), query('fields')],
            requestBody: json(object({ title: text })),
            responses: { 201: answer(job) },
          },
        },
        '/jobs/{id}': { parameters: [inPath('id')], get: { responses: { 200: answer(job) } } },
      }),
    })
    const { json: made } = await send(mock, 'POST /jobs?site_id=s1&fields=id', { title: 'a' })
    expect(made).toEqual({ id: expect.any(String), site_id: 's1', title: 'a' })
    expect((await send(mock, 'GET /jobs?site_id=s1')).json).toEqual([made])
  })

  it('may be made by POST at the name of a set, which lists what is in it', async () => {
    const key = object({ kid: text, use: text }, ['kid'])
    const keys = object({ keys: { type: 'array', items: key } })
    const set = [inPath('set')]
    const mock = await start({
      spec: document({
        '/keys/{set}': {
          parameters: set,
          get: { responses: { 200: answer(keys) } },
          post: { requestBody: json(key), responses: { 201: answer(key) } },
          put: { requestBody: json(keys), responses: { 200: answer(keys) } },
        },
        '/keys/{set}/{kid}': {
          parameters: [...set, inPath('kid')],
          get: { responses: { 200: answer(key) } },
          delete: { responses: { 204: { description: '' } } },
        },
      }),
      seedItems: 0,
    })
    expect((await send(mock, 'POST /keys/a', { kid: 'k1', use: 'sig' })).status).toBe(201)
    expect((await send(mock, 'GET /keys/a/k1')).json).toEqual({ kid: 'k1', use: 'sig' })
    expect((await send(mock, 'GET /keys/a')).json).toEqual({ keys: [{ kid: 'k1', use: 'sig' }] })
    expect((await send(mock, 'GET /keys/b')).json).toEqual({ keys: [] })
  })

  it('is sent as it is where a client asks for it raw, in a type that is not described', async () => {
    const file = object({ path: text, content: text, encoding: text })
    const mock = await start({
      spec: document({
        '/files/{path}': {
          parameters: [inPath('path')],
          get: { responses: { 200: answer(file) } },
          put: { requestBody: json(file), responses: { 200: answer(file), 201: answer(file) } },
        },
      }),
    })
    const content = Buffer.from('# Größe').toString('base64')
    await send(mock, 'PUT /files/a.md', { path: 'a.md', content, encoding: 'base64' })
    for (const accept of ['application/vnd.acme.raw', 'application/vnd.acme.v3.raw+json']) {
      const { text: sent, headers } = await send(mock, 'GET /files/a.md', undefined, { accept })
      expect([sent, headers.get('content-type')]).toEqual(['# Größe', `${accept}; charset=utf-8`])
    }
    expect((await send(mock, 'GET /files/a.md')).json).toMatchObject({ path: 'a.md', content })
  })

  it('is any of the schemas that extend its own, which its discriminator tells apart', async () => {
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
    const heir = (member: string) => ({ allOf: [ref('Event'), object({ [member]: text }, [member])] })
    const mapping = { created: ref('Created').$ref, deleted: ref('Deleted').$ref }
    const schemas = {
      Event: {
        ...object({ id: text, kind: text }, ['kind']),
        discriminator: { propertyName: 'kind', mapping },
      },
      Created: heir('who'),
      Deleted: heir('why'),
      Moved: { allOf: [ref('Created'), object({ where: text }, ['where'])] },
    }
    const mock = await start({
      spec: document(
        {
          '/events': {
            get: { responses: { 200: answer({ type: 'array', items: ref('Event') }) } },
            post: { requestBody: json(ref('Event')), responses: { 201: answer(ref('Event')) } },
          },
          '/events/{id}': { parameters: [inPath('id')], get: { responses: { 200: answer(ref('Event')) } } },
        },
        { components: { schemas } },
      ),
    })
    for (const sample of (await send(mock, 'GET /events')).json)
      expect(['created', 'deleted', 'Moved']).toContain(sample.kind)
    for (const sent of [
      { kind: 'created', who: 'ann' },
      { kind: 'deleted', why: 'spam' },
      { kind: 'Moved', who: 'ann', where: 'home' },
    ]) {
      const { status, json: made } = await send(mock, 'POST /events', sent)
      expect([status, made]).toEqual([201, { ...sent, id: expect.any(String) }])
      expect((await send(mock, `GET /events/${made.id}`)).json).toEqual(made)
    }
    for (const sent of [{ kind: 'created' }, { kind: 'Moved', who: 'ann' }, { kind: 'nonsense' }, {}])
      expect((await send(mock, 'POST /events', sent)).status).toBe(400)
  })
})

describe('a list', () => {
  const item = (properties: object) => ({ type: 'object', properties })
  const paths = (schema: object, listed: object, query: readonly object[] = []) => ({
    '/jobs': {
      get: { parameters: query, ...ok(listed) },
      post: { requestBody: { content: { 'application/json': { schema } } }, ...ok(schema) },
    },
    '/jobs/{id}': {
      get: ok(schema),
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    },
  })

  it('is not narrowed by defaults that nobody sent, unless they hide what is over or switched off', async () => {
    const schema = item({
      id: { type: 'string' },
      speed: { type: 'string', enum: ['fast', 'slow'] },
      hidden: { type: 'boolean' },
      metrics: { type: ['object', 'null'], properties: { clicks: { type: 'integer' } } },
    })
    const query = [
      { name: 'speed', in: 'query', schema: { type: 'string', enum: ['fast', 'slow'], default: 'fast' } },
      { name: 'hidden', in: 'query', schema: { type: 'boolean', default: false } },
      { name: 'metrics', in: 'query', schema: { type: 'boolean', default: false } },
    ]
    const mock = await start({
      spec: document(paths(schema, { type: 'array', items: schema }, query)),
      seedItems: 0,
    })
    const slow = (await send(mock, 'POST /jobs', { speed: 'slow', hidden: false, metrics: { clicks: 1 } }))
      .json
    const hidden = (await send(mock, 'POST /jobs', { speed: 'fast', hidden: true })).json
    const ids = async (line: string) => (await send(mock, line)).json.map(({ id }: { id: string }) => id)
    expect(await ids('GET /jobs')).toEqual([slow.id])
    expect(await ids('GET /jobs?metrics=true')).toEqual([slow.id])
    expect(await ids('GET /jobs?hidden=true')).toEqual([hidden.id])
    expect(await ids('GET /jobs?speed=fast')).toEqual([])
  })

  it('is neither over nor in error when it is new, and comes back to life', async () => {
    const properties = {
      id: { type: 'string' },
      status: { type: 'string', enum: ['pending', 'inactive', 'active'] },
      is_complete: { type: 'boolean' },
      is_declined: { type: 'boolean' },
      has_error: { type: 'boolean' },
    }
    const member = object(properties, Object.keys(properties))
    const acting = (word: string) => ({
      [`/jobs/{id}/${word}`]: {
        parameters: [inPath('id')],
        post: { responses: { 200: answer(member) } },
      },
    })
    const mock = await start({
      spec: document({
        ...paths(member, { type: 'array', items: member }),
        '/jobs': { post: { requestBody: json(object({ name: text })), ...ok(member) } },
        ...acting('deactivate'),
        ...acting('reactivate'),
      }),
    })
    const { json: job } = await send(mock, 'POST /jobs', { name: 'a' })
    expect(job).toMatchObject({ is_complete: false, is_declined: false, has_error: false })
    expect((await send(mock, `POST /jobs/${job.id}/deactivate`)).json.status).toBe('inactive')
    expect((await send(mock, `POST /jobs/${job.id}/reactivate`)).json.status).toBe('active')
  })

  it('is none of the arrays that a thing has beside its id', async () => {
    const schema = item({
      id: { type: 'string' },
      protocols: { type: 'array', items: { type: 'string', enum: ['http', 'tcp'] } },
      tags: { type: 'array', items: { type: 'string' } },
    })
    const mock = await start({ spec: document(paths(schema, schema)) })
    const { id } = (await send(mock, 'POST /jobs', { protocols: ['tcp'], tags: ['a'] })).json
    expect((await send(mock, `GET /jobs/${id}`)).json).toEqual({ id, protocols: ['tcp'], tags: ['a'] })
    const { json } = await send(mock, 'GET /jobs')
    expect(json.id).toEqual(expect.any(String))
    expect([json.tags ?? []].flat()).not.toContain(id)
  })
})
