// Parts of a thing that are no thing by themselves: what people wrote of it.

import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'
import { json, list, named, object, text } from './schemas.js'

describe('a thing whose id stands in what people write of it', () => {
  const rule = object({ createTime: text, spec: object({ id: text }), description: text })
  const spec = document({
    '/workflow-rules': {
      post: {
        ...json(object({ spec: object({ id: text }), description: text })),
        ...ok(object({ rule, jobId: text })),
      },
      get: ok(object({ rules: list(rule) })),
    },
    '/workflow-rules/{ruleId}': { ...named('ruleId'), get: ok(object({ rule })) },
  })

  it('keeps what is sent beside that', async () => {
    const mock = await start({ spec })
    const made = await send(mock, 'POST /workflow-rules', { spec: { id: 's1' }, description: 'Mine' })
    expect(made.json).toMatchObject({ rule: { spec: { id: 's1' }, description: 'Mine' } })
    const read = await send(mock, 'GET /workflow-rules/s1')
    expect(read.json).toMatchObject({ rule: { spec: { id: 's1' }, description: 'Mine' } })
  })
})

it('what is answered as it is sent is kept whole, though its id stands in a part that has a name of its own', async () => {
  const schemas = {
    Metadata: object({ name: text, creationTimestamp: text }, ['name']),
    ConfigMap: object(
      {
        kind: text,
        metadata: { $ref: '#/components/schemas/Metadata' },
        data: { type: 'object', additionalProperties: text },
      },
      ['kind', 'metadata'],
    ),
  }
  const map = { $ref: '#/components/schemas/ConfigMap' }
  const mock = await start({
    spec: document(
      {
        '/configmaps': {
          get: ok(object({ items: list(map) }, ['items'])),
          post: { ...json(map), ...ok(map) },
        },
        '/configmaps/{name}': { ...named('name'), get: ok(map), put: { ...json(map), ...ok(map) } },
      },
      { components: { schemas } },
    ),
    seedItems: 0,
  })
  const sent = { kind: 'ConfigMap', metadata: { name: 'a' }, data: { key: 'value' } }
  expect((await send(mock, 'POST /configmaps', sent)).json).toMatchObject(sent)
  expect((await send(mock, 'GET /configmaps/a')).json).toMatchObject(sent)
  expect((await send(mock, 'GET /configmaps')).json.items).toMatchObject([sent])
})
