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
