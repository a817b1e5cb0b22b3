// What is sent is remembered: resources inferred from the document alone.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { document, folder, send, start, stop } from './harness.js'

const pet = {
  type: 'object',
  required: ['id', 'name'],
  properties: {
    id: { type: 'integer', readOnly: true },
    name: { type: 'string', minLength: 1 },
    tag: { type: 'string' },
    status: { type: 'string', enum: ['new', 'sold'], default: 'new' },
    createdAt: { type: 'string', format: 'date-time', readOnly: true },
    updatedAt: { type: 'string', format: 'date-time', readOnly: true },
  },
}
const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const response = (schema?: object) => ({ description: 'OK', ...(schema === undefined ? {} : json(schema)) })
const ref = { $ref: '#/components/schemas/Pet' }
const query = (name: string, type = 'string') => ({ name, in: 'query', schema: { type } })
const inPath = (name: string, type = 'string') => ({ name, in: 'path', required: true, schema: { type } })

const pets = document(
  {
    '/pets': {
      get: {
        parameters: [
          query('limit', 'integer'),
          query('offset', 'integer'),
          query('status'),
          query('sort'),
          query('q'),
        ],
        responses: {
          200: {
            ...response({ type: 'array', items: ref }),
            headers: { 'X-Total-Count': { schema: { type: 'integer' } } },
          },
        },
      },
      post: { requestBody: { required: true, ...json(ref) }, responses: { 201: response(ref) } },
    },
    '/pets/{petId}': {
      parameters: [inPath('petId', 'integer')],
      get: { responses: { 200: response(ref) } },
      patch: { requestBody: json({ ...pet, required: [] }), responses: { 200: response(ref) } },
      put: { requestBody: json(ref), responses: { 200: response(ref) } },
      delete: { responses: { 204: response() } },
    },
    '/pets/{petId}/toys': {
      parameters: [inPath('petId', 'integer')],
      get: {
        responses: {
          200: response({
            type: 'object',
            properties: {
              data: { type: 'array', items: { $ref: '#/components/schemas/Toy' } },
              total: { type: 'integer' },
              has_more: { type: 'boolean' },
            },
            required: ['data', 'total', 'has_more'],
          }),
        },
      },
      post: {
        requestBody: json({ $ref: '#/components/schemas/Toy' }),
        responses: {
          201: response({
            type: 'object',
            required: ['data'],
            properties: { data: { $ref: '#/components/schemas/Toy' } },
          }),
        },
      },
    },
    '/pets/{petId}/toys/{toyId}': {
      parameters: [
        inPath('petId', 'integer'),
        { name: 'toyId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      ],
      get: {
        responses: {
          200: response({
            type: 'object',
            required: ['data'],
            properties: { data: { $ref: '#/components/schemas/Toy' } },
          }),
        },
      },
    },
    '/settings': {
      get: {
        responses: {
          200: response({
            type: 'object',
            properties: { theme: { type: 'string' }, size: { type: 'integer' } },
          }),
        },
      },
      patch: {
        requestBody: json({ type: 'object', properties: { theme: { type: 'string' } } }),
        responses: {
          200: response({
            type: 'object',
            properties: { theme: { type: 'string' }, size: { type: 'integer' } },
          }),
        },
      },
    },
  },
  {
    components: {
      schemas: {
        Pet: pet,
        Toy: {
          type: 'object',
          required: ['id', 'label'],
          properties: {
            id: { type: 'string', readOnly: true },
            label: { type: 'string' },
            petId: { type: 'integer', readOnly: true },
          },
        },
      },
    },
  },
)
const empty = { spec: pets, seedItems: 0 }

describe('a collection', () => {
  it('finds what was created, by id and in the list, and nothing else', async () => {
    const mock = await start(empty)
    const created = await send(mock, 'POST /pets', { name: 'Rex' })
    expect(created.status).toBe(201)
    expect(created.json).toMatchObject({ name: 'Rex', status: 'new' })
    expect(created.json).not.toHaveProperty('tag')
    expect(created.headers.get('location')).toBe(`/pets/${created.json.id}`)
    expect((await send(mock, `GET /pets/${created.json.id}`)).json).toEqual(created.json)
    expect((await send(mock, 'GET /pets')).json).toEqual([created.json])
    expect((await send(mock, 'GET /pets/999')).status).toBe(404)
  })

  it('gives every item its own id', async () => {
    const mock = await start(empty)
    const ids = new Set<number>()
    for (let i = 0; i < 20; i++) ids.add((await send(mock, 'POST /pets', { name: `Pet ${i}` })).json.id)
    expect(ids.size).toBe(20)
  })

  it('merges a PATCH, replaces with a PUT, and moves the time of the last change', async () => {
    const mock = await start(empty)
    const { json: created } = await send(mock, 'POST /pets', { name: 'Rex', tag: 'dog' })
    mock.advance(60_000)
    const patched = await send(mock, `PATCH /pets/${created.id}`, { name: 'Max' })
    expect(patched.json).toMatchObject({
      id: created.id,
      name: 'Max',
      tag: 'dog',
      createdAt: created.createdAt,
    })
    expect(Date.parse(patched.json.updatedAt) - Date.parse(created.updatedAt)).toBeGreaterThanOrEqual(60_000)
    const put = await send(mock, `PUT /pets/${created.id}`, { name: 'Ben' })
    expect(put.json).toMatchObject({ id: created.id, name: 'Ben' })
    expect(put.json).not.toHaveProperty('tag')
    expect((await send(mock, `GET /pets/${created.id}`)).json).toEqual(put.json)
  })

  it('keeps what a PUT leaves out that requires nothing but the version it changes', async () => {
    const parts = { name: { type: 'string' }, city: { type: 'string' }, version: { type: 'string' } }
    const body = (required: readonly string[]) => ({
      content: { 'application/json': { schema: { type: 'object', properties: parts, required } } },
    })
    const whole = { type: 'object', properties: { id: { type: 'integer' }, ...parts } }
    const shown = (status: number) => ({
      [status]: { description: 'OK', content: { 'application/json': { schema: whole } } },
    })
    const spec = document({
      '/sites': { post: { requestBody: body(['name', 'city']), responses: shown(201) } },
      '/sites/{id}': {
        get: { responses: shown(200) },
        put: { requestBody: body(['version']), responses: shown(200) },
      },
    })
    const mock = await start({ spec })
    const { json: site } = await send(mock, 'POST /sites', { name: 'North', city: 'Lima' })
    const put = await send(mock, `PUT /sites/${site.id}`, { version: site.version ?? '1', city: 'Quito' })
    expect(put.json).toMatchObject({ id: site.id, name: 'North', city: 'Quito' })
  })

  it('answers 404 once an item is deleted', async () => {
    const mock = await start(empty)
    const { json: created } = await send(mock, 'POST /pets', { name: 'Rex' })
    expect((await send(mock, `DELETE /pets/${created.id}`)).status).toBe(204)
    expect((await send(mock, `GET /pets/${created.id}`)).status).toBe(404)
    expect((await send(mock, `DELETE /pets/${created.id}`)).status).toBe(404)
    expect((await send(mock, 'GET /pets')).json).toEqual([])
  })

  it('pages, filters, searches and sorts by the parameters that the document declares', async () => {
    const mock = await start(empty)
    for (const name of ['Cleo', 'Ada', 'Bob'])
      await send(mock, 'POST /pets', { name, status: name === 'Bob' ? 'sold' : 'new' })
    const names = async (line: string) =>
      (await send(mock, line)).json.map(({ name }: { name: string }) => name)
    expect(await names('GET /pets?limit=2')).toEqual(['Cleo', 'Ada'])
    expect(await names('GET /pets?limit=2&offset=2')).toEqual(['Bob'])
    expect(await names('GET /pets?status=sold')).toEqual(['Bob'])
    expect(await names('GET /pets?q=ad')).toEqual(['Ada'])
    expect(await names('GET /pets?sort=name')).toEqual(['Ada', 'Bob', 'Cleo'])
    expect(await names('GET /pets?sort=-name')).toEqual(['Cleo', 'Bob', 'Ada'])
    expect((await send(mock, 'GET /pets?limit=1')).headers.get('x-total-count')).toBe('3')
  })

  it('begins with samples that can be read one by one, as many as wanted', async () => {
    const mock = await start({ spec: pets, seedItems: 3 })
    const list = (await send(mock, 'GET /pets')).json
    expect(list).toHaveLength(3)
    for (const item of list) expect((await send(mock, `GET /pets/${item.id}`)).json).toEqual(item)
  })

  it('begins with given data instead', async () => {
    const log: string[] = []
    const seedData = { '/pets': [{ name: 'Rex', id: 7 }, { name: 'Max' }], '/nowhere': [{}] }
    const mock = await start({ spec: pets, seedData, onLog: (line) => log.push(line) })
    expect((await send(mock, 'GET /pets')).json.map(({ name }: { name: string }) => name)).toEqual([
      'Rex',
      'Max',
    ])
    expect((await send(mock, 'GET /pets/7')).json).toMatchObject({ id: 7, name: 'Rex' })
    expect(log.join()).toContain('/nowhere')
    expect(log.join()).not.toContain('does not describe')
  })

  it('tells of given members that the document does not describe', async () => {
    const log: string[] = []
    const seedData = { '/pets': [{ nme: 'Rex', name: 'Rex' }] }
    await start({ spec: pets, seedData, onLog: (line) => log.push(line) })
    expect(log.filter((line) => line.includes('seed data'))).toEqual([
      'Warning: the seed data of /pets has nme, which the document does not describe; did you mean name?',
    ])
  })
})

describe('nested and single resources', () => {
  it('keeps the items of each parent apart, below parents that exist', async () => {
    const mock = await start(empty)
    const { json: rex } = await send(mock, 'POST /pets', { name: 'Rex' })
    const { json: max } = await send(mock, 'POST /pets', { name: 'Max' })
    const ball = await send(mock, `POST /pets/${rex.id}/toys`, { label: 'ball' })
    expect(ball.json.data).toMatchObject({ label: 'ball', petId: rex.id })
    expect((await send(mock, `GET /pets/${rex.id}/toys`)).json).toEqual({
      data: [ball.json.data],
      total: 1,
      has_more: false,
    })
    expect((await send(mock, `GET /pets/${max.id}/toys`)).json).toEqual({
      data: [],
      total: 0,
      has_more: false,
    })
    expect((await send(mock, `GET /pets/${rex.id}/toys/${ball.json.data.id}`)).json).toEqual(ball.json)
    expect((await send(mock, 'POST /pets/999/toys', { label: 'ball' })).status).toBe(404)
  })

  it('remembers a single resource', async () => {
    const mock = await start(empty)
    const before = (await send(mock, 'GET /settings')).json
    expect((await send(mock, 'PATCH /settings', { theme: 'dark' })).json).toEqual({
      ...before,
      theme: 'dark',
    })
    expect((await send(mock, 'GET /settings')).json).toEqual({ ...before, theme: 'dark' })
  })
})

describe('what is stored', () => {
  const secured = {
    ...pets,
    security: [{ key: [] }],
    components: {
      ...(pets as { components?: object }).components,
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
    },
  }

  it('belongs to one project and environment: no other key sees it', async () => {
    const mock = await start({ spec: secured, seedItems: 0 })
    const admin = { 'x-admin-key': mock.adminKey }
    const { json: other } = await send(mock, 'POST /admin/projects', { name: 'Other' }, admin)
    const { json: issued } = await send(
      mock,
      `POST /admin/projects/${other.id}/keys`,
      { environment: 'sandbox', label: 'x' },
      admin,
    )
    const as = (key: string) => ({ 'x-api-key': key })
    const { json: created } = await send(mock, 'POST /pets', { name: 'Rex' }, as(mock.keys.test))
    for (const key of [mock.keys.live, issued.key]) {
      expect((await send(mock, 'GET /pets', undefined, as(key))).json).toEqual([])
      expect((await send(mock, `GET /pets/${created.id}`, undefined, as(key))).status).toBe(404)
    }
    expect((await send(mock, 'GET /pets', undefined, as(mock.keys.test))).json).toEqual([created])
  })

  it('survives a restart of the same database', async () => {
    const db = join(await folder(), 'mock.db')
    const first = await start({ ...empty, db })
    const { json: created } = await send(first, 'POST /pets', { name: 'Rex' })
    await stop(first)
    const second = await start({ ...empty, db })
    expect((await send(second, `GET /pets/${created.id}`)).json).toEqual(created)
    expect((await send(second, 'POST /pets', { name: 'Max' })).json.id).not.toBe(created.id)
  })

  it('gives no id a second time, however many were removed before a restart', async () => {
    const db = join(await folder(), 'mock.db')
    const first = await start({ ...empty, db })
    const names = Array.from({ length: 150 }, (_, i) => `Pet ${i}`)
    const made = await Promise.all(names.map((name) => send(first, 'POST /pets', { name })))
    const ids = made.map(({ json }) => json.id)
    await Promise.all(ids.slice(0, 80).map((id) => send(first, `DELETE /pets/${id}`)))
    await stop(first)
    const second = await start({ ...empty, db })
    expect(ids).not.toContain((await send(second, 'POST /pets', { name: 'Rex' })).json.id)
    const left = await Promise.all(ids.slice(80).map((id) => send(second, `GET /pets/${id}`)))
    expect(left.map(({ json }) => json.name)).toEqual(names.slice(80))
  })

  it('can be reset, kept and restored', async () => {
    const mock = await start(empty)
    await send(mock, 'POST /pets', { name: 'Rex' })
    const name = await mock.snapshot()
    await send(mock, 'POST /pets', { name: 'Max' })
    await mock.restore(name)
    expect((await send(mock, 'GET /pets')).json).toHaveLength(1)
    await mock.reset()
    expect((await send(mock, 'GET /pets')).json).toEqual([])
    expect(mock.requests()).toHaveLength(1)
    await expect(mock.restore('unheard-of')).rejects.toThrow(TypeError)
  })

  it('is nothing at all for a mock without state', async () => {
    const mock = await start({ spec: pets, stateful: false })
    await send(mock, 'POST /pets', { name: 'Rex' })
    expect((await send(mock, 'GET /pets/1')).status).toBe(200)
    expect((await send(mock, 'DELETE /pets/1')).status).toBe(204)
    expect((await send(mock, 'GET /pets/1')).status).toBe(200)
  })

  it('follows the hints of a document', async () => {
    const hinted = structuredClone(pets) as { paths: Record<string, Record<string, object>> }
    Object.assign(hinted.paths['/pets']?.get ?? {}, { 'x-mock-seed': 5 })
    Object.assign(hinted.paths['/settings']?.patch ?? {}, { 'x-mock-resource': false })
    const mock = await start({ spec: hinted, seedItems: 0 })
    expect((await send(mock, 'GET /pets')).json).toHaveLength(5)
    const before = (await send(mock, 'GET /settings')).json
    await send(mock, 'PATCH /settings', { theme: 'dark' })
    expect((await send(mock, 'GET /settings')).json).toEqual(before)
  })
})
