// How places and types are read out of documents: whatever the paths, every operation is answered.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { document, send, start, stop } from './harness.js'

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
