// Alternatives and listed values that say nothing: keys of several kinds that no value can tell apart, and zeros of lists.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, named, object, text } from './schemas.js'

const key = { type: 'string', pattern: '^[0-9]+$', maxLength: 25 }
const keyOf = (format: string, part: object = key) => ({
  type: 'string',
  format,
  allOf: [part],
  description: format,
})
const specOf = (...kinds: object[]) =>
  document({
    '/resources/{key}': {
      parameters: [{ name: 'key', in: 'path', required: true, schema: { oneOf: kinds } }],
      get: ok(object({ name: text })),
    },
  })

describe('a key that is one of several of the same form', () => {
  const spec = specOf(keyOf('FormKey'), keyOf('ProcessKey'))

  it('is taken, because nothing tells them apart', async () => {
    const mock = await start({ spec })
    expect((await send(mock, 'GET /resources/225179')).status).not.toBe(400)
  })

  it('still has to be of that form', async () => {
    const mock = await start({ spec })
    expect((await send(mock, 'GET /resources/none')).status).toBe(400)
  })

  it('is refused where forms differ and it fits two of them', async () => {
    const mock = await start({
      spec: specOf(keyOf('FormKey'), keyOf('ProcessKey', { ...key, maxLength: 30 })),
    })
    expect((await send(mock, 'GET /resources/225179')).status).toBe(400)
  })
})

describe('a list of values whose first is not specified', () => {
  const status = {
    type: 'string',
    enum: ['STATUS_UNSPECIFIED', 'STATUS_RUNNING', 'STATUS_DONE'],
    default: 'STATUS_UNSPECIFIED',
  }
  const spec = document({
    '/jobs/{id}': { ...named('id'), get: ok(object({ id: text, status }, ['id', 'status'])) },
  })

  it('shows another one', async () => {
    const mock = await start({ spec })
    expect((await send(mock, 'GET /jobs/1')).json).toMatchObject({ status: 'STATUS_RUNNING' })
  })
})

describe('a text that is listed, or any other', () => {
  const models = { type: 'string', enum: ['small', 'large'] }
  const model = { oneOf: [models, { $ref: '#/components/schemas/Any' }] }
  const spec = document(
    {
      '/transcripts': {
        post: {
          parameters: [{ name: 'model', in: 'query', schema: model }],
          ...json(object({ model })),
          ...ok(object({ name: text })),
        },
      },
    },
    { components: { schemas: { Any: { type: 'string', description: 'A model of your own.' } } } },
  )

  it.each(['small', 'my-own'])('is taken, as %s is', async (value) => {
    const mock = await start({ spec })
    expect((await send(mock, `POST /transcripts?model=${value}`, { model: value })).status).toBe(200)
  })

  it('still has to be a text', async () => {
    const mock = await start({ spec })
    expect((await send(mock, 'POST /transcripts', { model: 7 })).status).toBe(400)
  })
})
