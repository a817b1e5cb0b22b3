// A read that was asked before is answered from memory until something changes. Nobody can tell: it says what the same read
// says to whoever asks for the first time.

import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { MockServer } from '../src/index.js'
import { folder, send, start } from './harness.js'

const THING = {
  type: 'object',
  required: ['name'],
  properties: {
    id: { type: 'string', readOnly: true },
    name: { type: 'string' },
    updatedAt: { type: 'string', format: 'date-time', readOnly: true },
  },
}
const content = (schema: object) => ({ 'application/json': { schema } })
const answer = (status: string, schema?: object) => ({
  responses: { [status]: { description: 'Done', ...(schema && { content: content(schema) }) } },
})
const body = { requestBody: { required: true, content: content(THING) } }
const SPEC = {
  openapi: '3.1.0',
  info: { title: 'Things', version: '1' },
  paths: {
    '/things': {
      get: {
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer' } },
          { name: 'name', in: 'query', schema: { type: 'string' } },
        ],
        ...answer('200', { type: 'array', items: THING }),
      },
      post: { ...body, ...answer('201', THING) },
    },
    '/things/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: answer('200', THING),
      patch: { ...body, ...answer('200', THING) },
      delete: answer('204'),
    },
  },
}

const READS = ['/things', '/things?limit=1', '/things?limit=2', '/things?name=a'] as const

/** What may happen between two reads; `mock` is either of two on the same file. */
const CHANGES = {
  nothing: async () => {},
  create: async ({ mock, ids, name }) => void ids.push((await send(mock, 'POST /things', { name })).json.id),
  change: async ({ mock, id, name }) => void (await send(mock, `PATCH /things/${id}`, { name })),
  remove: async ({ mock, id }) => void (await send(mock, `DELETE /things/${id}`)),
  keep: ({ control }) => control('PUT /_mock/snapshots/kept'),
  restore: ({ control }) => control('POST /_mock/snapshots/kept/restore'),
  reset: ({ control }) => control('POST /_mock/reset'),
  wait: ({ control }) => control('POST /_mock/clock', { advanceMs: 3_600_000 }),
} satisfies Record<string, (at: Change) => Promise<void>>

interface Change {
  readonly mock: MockServer
  readonly ids: string[]
  readonly id: string
  readonly name: string
  readonly control: (line: string, sent?: object) => Promise<void>
}

const step = fc.record({
  change: fc.constantFrom(
    ...(Object.keys(CHANGES) as (keyof typeof CHANGES)[]),
    'nothing',
    'create',
    'change',
  ),
  which: fc.nat(5),
  name: fc.constantFrom('a', 'b'),
  isElsewhere: fc.boolean(),
})

it('says what a read says that nobody has asked before, whatever changed in between, and wherever', async () => {
  const db = join(await folder(), 'mock.db')
  const options = { spec: SPEC, auth: 'off', db } as const
  const [here, elsewhere] = [await start(options), await start(options)]
  const control = async (line: string, sent?: object) => {
    const { status } = await send(here, line, sent, { 'x-admin-key': here.adminKey })
    expect(status, line).toBeLessThan(300)
  }
  let asked = 0
  const shown = async (path: string, headers = {}) => {
    const { status, text, headers: own } = await send(here, `GET ${path}`, undefined, headers)
    return { status, text, etag: own.get('etag'), modified: own.get('last-modified') }
  }

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await control('POST /_mock/reset')
      await control('PUT /_mock/snapshots/kept')
      const ids: string[] = []
      for (const { change, which, name, isElsewhere } of steps) {
        const id = ids[which % ids.length] ?? 'none'
        await CHANGES[change]({ mock: isElsewhere ? elsewhere : here, ids, id, name, control })
        const paths = [...READS, ...ids.map((one) => `/things/${one}`)]
        for (const path of [paths[which % paths.length] ?? READS[0], READS[0]]) {
          const first = await shown(path)
          expect(await shown(path)).toEqual(first)
          expect(await shown(path, { 'x-trace': String(asked++) })).toEqual(first)
        }
      }
    }),
    { numRuns: 15 },
  )
})

it('keeps apart what headers, projects and queries ask for', async () => {
  const mock = await start({ spec: { ...SPEC, ...KEYED }, seedItems: 0 })
  const keyed = (key: string, more = {}) => ({ 'x-api-key': key, ...more })
  await send(mock, 'POST /things', { name: 'a' }, keyed(mock.keys.test))
  const names = async (line: string, headers: Record<string, string>) =>
    (await send(mock, line, undefined, headers)).json.map(({ name }: { readonly name: string }) => name)
  for (let round = 0; round < 2; round++) {
    expect(await names('GET /things', keyed(mock.keys.test))).toEqual(['a'])
    expect(await names('GET /things', keyed(mock.keys.live))).toEqual([])
    expect(await names('GET /things?name=b', keyed(mock.keys.test))).toEqual([])
    const asked = await send(
      mock,
      'GET /things',
      undefined,
      keyed(mock.keys.test, { prefer: 'dynamic=true' }),
    )
    expect(asked.headers.get('mock-source')).not.toBe('stored')
  }
})

const KEYED = {
  components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } } },
  security: [{ key: [] }],
}
