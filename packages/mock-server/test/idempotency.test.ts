// Repeated requests: what an idempotency key promises.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MockServer } from '../src/index.js'
import { document, folder, ok, send, start, stop } from './harness.js'

const text = { type: 'string' }
const thing = { type: 'object', required: ['id', 'name'], properties: { id: text, name: text } }
const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const withName = {
  required: true,
  ...json({ type: 'object', required: ['name'], properties: { name: text } }),
}
const created = { 201: { description: 'Created', headers: { 'X-Trace': { schema: text } }, ...json(thing) } }
const paths = (post: object = {}) => ({
  '/things': {
    post: { requestBody: withName, responses: created, ...post },
    get: ok({ type: 'array', items: thing }),
  },
  '/things/{id}': { get: ok(thing), delete: { responses: { 204: { description: 'Gone' } } } },
})
const spec = document(paths())
const create = (mock: MockServer, name: string, key = 'k1', rest: Record<string, string> = {}) =>
  send(mock, 'POST /things', { name }, { 'idempotency-key': key, ...rest })
const count = async (mock: MockServer) => (await send(mock, 'GET /things')).json.length

describe('a request with an idempotency key', () => {
  it('that is repeated gets the first answer again, and is done once', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const first = await create(mock, 'Ann')
    const again = await create(mock, 'Ann')
    expect([again.status, again.text]).toEqual([first.status, first.text])
    expect(again.headers.get('x-trace')).toBe(first.headers.get('x-trace'))
    expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true'])
    expect(await count(mock)).toBe(1)
    expect((await create(mock, 'Ann', 'k2')).json.id).not.toBe(first.json.id)
    expect((await create(mock, 'Ann', 'k1', { 'idempotency-key': '' })).json.id).not.toBe(first.json.id)
  })

  it('gets the same answer whatever the order of its members, and when both come at once', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const key = { 'idempotency-key': 'k1' }
    const sent = [
      { name: 'Ann', a: 1 },
      { a: 1, name: 'Ann' },
    ]
    const replies = await Promise.all(sent.map((body) => send(mock, 'POST /things', body, key)))
    expect(new Set(replies.map((reply) => reply.json.id)).size).toBe(1)
    expect(await count(mock)).toBe(1)
  })

  it.each([
    ['409', {}, 409],
    ['the one of 409 and 422 that is documented', { 422: { description: 'x' } }, 422],
    ['409 where both are documented', { 422: { description: 'x' }, 409: { description: 'x' } }, 409],
  ])('that has another body is %s', async (_name, responses, status) => {
    const mock = await start({
      spec: document(paths({ responses: { ...created, ...responses } })),
      seedItems: 0,
    })
    await create(mock, 'Ann')
    const other = await create(mock, 'Bea')
    expect([other.status, other.json.message]).toEqual([
      status,
      'This idempotency key was used with a different request',
    ])
    expect(await count(mock)).toBe(1)
  })

  it('is told from others by the code that the document has for it', async () => {
    const type = { enum: ['invalid_request_error', 'api_error', 'idempotency_error'] }
    const error = { type: 'object', properties: { type, message: text }, required: ['type', 'message'] }
    const responses = { ...created, 409: { description: 'x', ...json(error) } }
    const mock = await start({ spec: document(paths({ responses })) })
    await create(mock, 'Ann')
    expect((await create(mock, 'Bea')).json.type).toBe('idempotency_error')
  })

  it.each([
    ['X-Idempotency-Key, which nobody described', {}, { 'x-idempotency-key': 'k' }, {}],
    [
      'a described header of another name',
      { parameters: [{ name: 'Acme-Idempotence-Token', in: 'header', schema: text }] },
      { 'acme-idempotence-token': 'k' },
      {},
    ],
    [
      'a header that its description calls so',
      {
        parameters: [
          { name: 'Acme-Request-Id', in: 'header', description: 'Makes it idempotent.', schema: text },
        ],
      },
      { 'acme-request-id': 'k' },
      {},
    ],
    [
      'a member of the body',
      { requestBody: json({ type: 'object', properties: { name: text, idempotency_key: text } }) },
      {},
      { idempotency_key: 'k' },
    ],
  ])('may have it in %s', async (_name, operation, headers, members) => {
    const mock = await start({ spec: document(paths(operation)), seedItems: 0 })
    const ids = []
    for (let i = 0; i < 2; i++)
      ids.push(
        (await send(mock, 'POST /things', { name: 'Ann', ...members }, headers as Record<string, string>))
          .json.id,
      )
    expect(ids[0]).toBe(ids[1])
  })

  it('may be repeated until it succeeds: a refused one has done nothing', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const key = { 'idempotency-key': 'k1' }
    expect((await send(mock, 'POST /things', {}, key)).status).toBe(400)
    mock.setFaults([{ operation: 'POST /things', status: 503, times: 1 }])
    expect((await create(mock, 'Ann')).status).toBe(503)
    expect((await create(mock, 'Ann')).status).toBe(201)
    expect(await count(mock)).toBe(1)
  })

  it('is done anew for another operation, another key of the API, after a day and after a reset', async () => {
    const scheme = { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } }
    const secured = document(paths(), { security: [{ key: [] }], components: { securitySchemes: scheme } })
    const mock = await start({ spec: secured, seedItems: 0 })
    const as = (tag: 'test' | 'live') => ({ 'x-api-key': mock.keys[tag] })
    const first = await create(mock, 'Ann', 'k', as('test'))
    const gone = await send(mock, `DELETE /things/${first.json.id}`, undefined, {
      'idempotency-key': 'k',
      ...as('test'),
    })
    expect(gone.status).toBe(204)
    const replayed = async (tag: 'test' | 'live') =>
      (await create(mock, 'Ann', 'k', as(tag))).headers.get('idempotent-replayed')
    expect([await replayed('live'), await replayed('test')]).toEqual([null, 'true'])
    await mock.advance(24 * 60 * 60_000 + 1)
    expect([await replayed('test'), await replayed('test')]).toEqual([null, 'true'])
    await mock.reset()
    expect(await replayed('test')).toBeNull()
  })

  it('is remembered over a restart, and as of a snapshot', async () => {
    const db = join(await folder(), 'mock.db')
    const before = await start({ spec, db, seedItems: 0 })
    await before.snapshot('empty')
    const first = await create(before, 'Ann')
    await stop(before)
    const after = await start({ spec, db, seedItems: 0 })
    expect((await create(after, 'Ann')).json.id).toBe(first.json.id)
    await after.restore('empty')
    expect((await create(after, 'Ann')).headers.get('idempotent-replayed')).toBeNull()
  })

  it('reaches handlers once, unless they see to it themselves', async () => {
    const make = () => {
      let calls = 0
      return { create: () => ({ status: 201, body: { id: String(++calls), name: 'x' } }) }
    }
    const own = document(paths({ operationId: 'create' }))
    const replies = async (mock: MockServer) => [
      (await create(mock, 'a')).json.id,
      (await create(mock, 'a')).json.id,
    ]
    expect(await replies(await start({ spec: own, handlers: make() }))).toEqual(['1', '1'])
    const rules = { handlers: make(), ownIdempotency: true }
    expect(await replies(await start({ spec: own, rules }))).toEqual(['1', '2'])
  })

  it('that reads is read each time', async () => {
    const mock = await start({ spec, seedItems: 0 })
    const key = { 'idempotency-key': 'k1' }
    expect((await send(mock, 'GET /things', undefined, key)).json).toEqual([])
    await create(mock, 'Ann')
    expect((await send(mock, 'GET /things', undefined, key)).json).toHaveLength(1)
  })
})
