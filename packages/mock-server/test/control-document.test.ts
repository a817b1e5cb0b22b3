// The document of the control plane: that it has every route, and the typed client made from it.

import { createControlClient } from '@gosend/openapi'
import { beforeAll, describe, expect, it } from 'vitest'
import { controlOperations, readControlDocument } from '../src/control/control-document.js'
import { STEPS } from '../src/control/controls.js'
import { gosend as gosendApi } from '../src/gosend/gosend.js'
import { createMockServer, type MockServer } from '../src/index.js'
import { CONTROL_LINES } from '../src/webhooks/control-lines.js'
import { document, ok, send, start } from './harness.js'

const admin = (mock: MockServer) => ({ 'x-admin-key': mock.adminKey })
const shipped = controlOperations(readControlDocument())
const linesOf = async (mock: MockServer) => {
  const { json } = await send(mock, 'GET /_mock/openapi.json', undefined, admin(mock))
  return controlOperations(json).map(({ method, path }) => `${method} /_mock${path}`)
}
const pets = document(
  {
    '/pets': {
      get: {
        operationId: 'listPets',
        summary: 'All pets',
        ...ok({ type: 'array', items: { type: 'object' } }),
      },
      post: {
        operationId: 'createPet',
        description: 'Adds a pet',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['name'],
                properties: {
                  name: { type: 'string', minLength: 3 },
                  owner: { $ref: '#/components/schemas/Owner' },
                },
              },
            },
          },
        },
        ...ok({ type: 'object' }),
      },
    },
    '/pets/{petId}': {
      get: {
        operationId: 'getPet',
        parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'string' } }],
        ...ok({ type: 'object', properties: { id: { type: 'string' } } }),
      },
    },
  },
  {
    components: {
      schemas: { Owner: { type: 'object', properties: { friend: { $ref: '#/components/schemas/Owner' } } } },
    },
  },
)

describe('the document of the control plane', () => {
  let mock: MockServer
  beforeAll(async () => {
    mock = await createMockServer({
      spec: pets,
      rules: {
        controls: { 'POST /_mock/feed/{petId}': () => ({ fed: true }), 'POST /_mock/inbound': () => 7 },
      },
    })
    return () => mock.close()
  })

  it('has every step of any mock, and of GoSendAPI every control', async () => {
    const { rules } = gosendApi()
    const { controls = {} } = (typeof rules === 'function' ? await rules() : rules) ?? {}
    const own = [...CONTROL_LINES, ...Object.keys(controls)]
    const described = shipped.map(({ method, path }) => `${method} /_mock${path}`)
    const form = (line: string) => line.replace(/\{\w+\}/g, '{}')
    const isOwn = (line: string) => own.some((one) => form(one) === form(line))
    const isStep = (line: string) => {
      const [method, path = ''] = line.replace(/\{\w+\}/g, '1').split(' ')
      return STEPS.some(([named, pattern]) => named === method && pattern.test(path))
    }
    expect(described.filter((line) => !isOwn(line) && !isStep(line))).toEqual([
      'GET /_mock/openapi.json',
      'POST /_mock/mcp',
    ])
    expect(own.filter((line) => !described.some((one) => form(one) === form(line)))).toEqual([])
    const undescribed = STEPS.filter(
      ([method, pattern]) =>
        !shipped.some(
          (one) => one.method === method && pattern.test(`/_mock${one.path.replace(/\{\w+\}/g, '1')}`),
        ),
    )
    expect(undescribed).toEqual([])
  })

  it('describes every operation in words', () => {
    for (const { operation, path } of shipped)
      expect([path, operation.summary, operation.description, operation.operationId]).toEqual([
        path,
        ...Array<unknown>(3).fill(expect.stringMatching(/^\S.{3}/)),
      ])
    const ids = shipped.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('leaves out what another API has, and has the own controls of this one', async () => {
    const lines = await linesOf(mock)
    expect(lines).toContain('POST /_mock/feed/{petId}')
    expect(lines).toContain('POST /_mock/inbound')
    expect(lines.filter((line) => /waba|limits|setup/.test(line))).toEqual([])
    const { json } = await send(mock, 'GET /_mock/openapi.json', undefined, admin(mock))
    expect(json.paths['/inbound'].post.operationId).toBe('postInbound')
  })

  it('is closed to those without the admin key', async () => {
    for (const path of ['openapi.json', 'keys', 'operations', 'requests/1'])
      expect((await send(mock, `GET /_mock/${path}`)).status).toBe(401)
  })

  it('comes with a typed client', async () => {
    const control = createControlClient({ adminKey: mock.adminKey, baseUrl: `${mock.url}/_mock` })
    await control.DELETE('/requests')
    await send(mock, 'POST /pets', { name: 'x' })
    await send(mock, 'POST /pets', { name: 'Rex' })
    const { data: refused = [] } = await control.GET('/requests', { params: { query: { refused: true } } })
    expect(refused.map(({ operationId, status }) => [operationId, status])).toEqual([['createPet', 400]])
    const { data: one } = await control.GET('/requests/{number}', {
      params: { path: { number: refused[0]?.number ?? 0 } },
    })
    expect(one?.violations).toMatchObject([{ in: 'body', location: '/name' }])
    expect((await control.GET('/keys')).data?.sandbox).toBe(mock.keys.test)
    const { data: clock } = await control.POST('/clock', { body: { freeze: '2026-01-15T10:00:00Z' } })
    expect(clock).toEqual({ now: '2026-01-15T10:00:00.000Z', frozen: true })
    const { error, response } = await control.POST('/snapshots/{name}/restore', {
      params: { path: { name: 'no' } },
    })
    expect([response.status, error?.message]).toEqual([400, 'There is no snapshot "no"'])
  })

  it('lists operations and describes each with an example that the mock accepts', async () => {
    const found = await send(mock, 'GET /_mock/operations?search=PETS', undefined, admin(mock))
    expect(found.json.map(({ id }: { id: string }) => id)).toEqual(['listPets', 'createPet', 'getPet'])
    const ask = (name: string) =>
      send(mock, `GET /_mock/operations/${encodeURIComponent(name)}`, undefined, admin(mock))
    const { json } = await ask('POST /pets')
    expect(json).toMatchObject({ id: 'createPet', description: 'Adds a pet', method: 'POST', path: '/pets' })
    expect((await send(mock, 'POST /pets', json.example.body)).status).toBe(200)
    const { json: reading } = await ask('getPet')
    expect((await send(mock, `GET /pets/${reading.example.path.petId}`)).status).toBe(200)
    expect((await ask('nothing')).status).toBe(404)
  })

  it('is that of GoSendAPI with its own controls', async () => {
    const own = await start({ api: gosendApi() })
    const lines = await linesOf(own)
    expect(lines).toEqual(
      expect.arrayContaining(['POST /_mock/setup-links/{linkId}/complete', 'GET /_mock/limits']),
    )
    const { json } = await send(own, 'GET /_mock/operations/sendMessage', undefined, admin(own))
    expect(json.example.body).toMatchObject({ type: expect.any(String) })
  })
})
