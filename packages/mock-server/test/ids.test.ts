// How items are told apart: by the members that hold their ids, wherever bodies hold those.

import { describe, expect, it } from 'vitest'
import { document, send, start } from './harness.js'

const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const response = (schema?: object) => ({ description: 'OK', ...(schema === undefined ? {} : json(schema)) })

describe('the state of a mock', () => {
  it('finds an item by any of the ids that it was told of', async () => {
    const team = {
      type: 'object',
      required: ['id', 'slug'],
      properties: { id: { type: 'integer', readOnly: true }, slug: { type: 'string' } },
    }
    const mock = await start({
      spec: document({
        '/teams': {
          post: { requestBody: json(team), responses: { 201: response(team) } },
        },
        '/teams/{team_slug}': {
          get: { responses: { 200: response(team) } },
          delete: { responses: { 204: response() } },
        },
      }),
    })
    const made = (await send(mock, 'POST /teams', { slug: 'red' })).json
    expect((await send(mock, `GET /teams/${made.id}`)).json).toEqual(made)
    expect((await send(mock, 'GET /teams/blue')).status).toBe(404)
    await send(mock, `DELETE /teams/${made.id}`)
    expect((await send(mock, 'GET /teams/red')).status).toBe(404)
    expect((await send(mock, `GET /teams/${made.id}`)).status).toBe(404)
  })

  it('does not deny an item whose id can only be guessed at', async () => {
    const rule = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
    const mock = await start({
      spec: document({
        '/rules': { post: { requestBody: json(rule), responses: { 201: response(rule) } } },
        '/rules/{which}': {
          get: { responses: { 200: response(rule) } },
          delete: { responses: { 204: response() } },
        },
      }),
    })
    await send(mock, 'POST /rules', { name: 'a' })
    expect((await send(mock, 'GET /rules/a')).json).toEqual({ name: 'a' })
    expect((await send(mock, 'GET /rules/b')).status).toBe(200)
    await send(mock, 'DELETE /rules/a')
    expect((await send(mock, 'GET /rules/a')).status).toBe(404)
  })

  it('lets a client make what the examples of the document make', async () => {
    const index = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', example: 'films' } },
    }
    const mock = await start({
      spec: document({
        '/indexes': {
          get: { responses: { 200: response({ type: 'array', items: index }) } },
          post: { requestBody: json(index), responses: { 201: response(index), 409: response() } },
        },
        '/indexes/{name}': { get: { responses: { 200: response(index) } } },
      }),
    })
    expect((await send(mock, 'GET /indexes')).json).toHaveLength(2)
    expect((await send(mock, 'POST /indexes', { name: 'films' })).status).toBe(201)
    expect((await send(mock, 'POST /indexes', { name: 'films' })).status).toBe(409)
  })

  it('tells files apart that are described where they are listed', async () => {
    const snapshot = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', example: 'snap-1' } },
    }
    const file = {
      description: 'OK',
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
    }
    const mock = await start({
      spec: document({
        '/snapshots': {
          get: { responses: { 200: response({ type: 'array', items: snapshot }) } },
          post: { responses: { 200: response(snapshot) } },
        },
        '/snapshots/{snapshot_name}': {
          get: { responses: { 200: file } },
          delete: { responses: { 204: response() } },
        },
      }),
    })
    const names = []
    for (let i = 0; i < 2; i++) names.push((await send(mock, 'POST /snapshots')).json.name)
    expect(new Set(names).size).toBe(2)
    expect((await send(mock, `GET /snapshots/${names[0]}`)).text).not.toContain('{')
    await send(mock, `DELETE /snapshots/${names[0]}`)
    expect((await send(mock, `GET /snapshots/${names[0]}`)).status).toBe(404)
    expect((await send(mock, `GET /snapshots/${names[1]}`)).status).toBe(200)
  })

  it('shows a number as a number, whatever its path spells', async () => {
    // No value fits the second member, so nothing can be repaired.
    const batch = {
      type: 'object',
      required: ['uid', 'never'],
      properties: { uid: { type: 'integer' }, never: { allOf: [{ type: 'string' }, { type: 'integer' }] } },
    }
    const mock = await start({
      spec: document({
        '/batches': { get: { responses: { 200: response({ type: 'array', items: batch }) } } },
        '/batches/{batchUid}': { get: { responses: { 200: response(batch) } } },
      }),
    })
    expect((await send(mock, 'GET /batches/8685')).json.uid).toBe(8685)
  })

  it('keeps an item that bodies hold as the only one of a list', async () => {
    const invoice = {
      type: 'object',
      properties: { invoiceId: { type: 'string', readOnly: true }, reference: { type: 'string' } },
    }
    const invoices = {
      type: 'object',
      properties: {
        status: { type: 'string' },
        invoices: { type: 'array', items: invoice },
        errors: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
      },
    }
    const mock = await start({
      spec: document({
        '/invoices': {
          get: { responses: { 200: response(invoices) } },
          post: { requestBody: json(invoices), responses: { 200: response(invoices) } },
        },
        '/invoices/{invoiceId}': { get: { responses: { 200: response(invoices) } } },
      }),
    })
    const bodies = [{ invoices: [{ reference: 'A' }] }, { invoices: [{ reference: 'B' }] }]
    const made = []
    for (const body of bodies) made.push((await send(mock, 'POST /invoices', body)).json.invoices[0])
    expect(made.map(({ reference }) => reference)).toEqual(['A', 'B'])
    expect(made[0].invoiceId).not.toBe(made[1].invoiceId)
    const found = (await send(mock, `GET /invoices/${made[1].invoiceId}`)).json
    expect(found.invoices).toEqual([made[1]])
    expect(found).not.toHaveProperty('errors')
  })
})
