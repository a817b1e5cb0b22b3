import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const contract = createRequire(import.meta.url)('@gosend/openapi/gosend.json')
const pets = document({ '/pets': { get: { summary: 'List the pets', ...ok({ type: 'array' }) } } })

describe('the document', () => {
  it('is served as it is', async () => {
    const mock = await start()
    expect((await send(mock, 'GET /openapi.json')).json).toEqual(contract)
    const other = await start({ spec: pets })
    const { json, headers } = await send(other, 'GET /openapi.json')
    expect(json).toEqual(pets)
    expect(headers.get('content-type')).toBe('application/json')
  })

  it('is for reading only', async () => {
    const mock = await start({ spec: pets })
    expect((await send(mock, 'POST /openapi.json', {})).status).toBe(404)
    expect((await send(mock, 'GET /openapi.json/x')).status).toBe(404)
    expect((await send(mock, 'GET /reference/passwd')).status).toBe(404)
  })

  it('leads from each operation to the page where it can be tried', async () => {
    const mock = await start({
      spec: document({
        '/pets': { get: { operationId: 'listPets', description: 'All of them.', ...ok({}) } },
      }),
    })
    const { json } = await send(mock, 'GET /reference/openapi.json')
    expect(json.paths['/pets'].get.description).toBe(
      `All of them.\n\n[Try it in the dashboard](${mock.url}/dashboard/#/projects/42/sandbox/try/listPets)`,
    )
    expect((await send(mock, 'GET /openapi.json')).json.paths['/pets'].get.description).toBe('All of them.')
  })

  it('comes before this page where it describes the same path', async () => {
    const mock = await start({ spec: document({ '/reference': { get: ok({ const: 'mine' }) } }) })
    expect((await send(mock, 'GET /reference')).json).toBe('mine')
  })

  it.each([
    [{ servers: [{ url: 'https://api.example.com/v2/' }] }, { servers: [{ url: '/v2' }] }],
    [{ servers: [{ url: '/v2' }] }, { servers: [{ url: '/v2' }] }],
    [{}, { servers: [{ url: '' }] }],
  ])('leads a tried request to this mock: %j', async (rest, { servers: [server] }) => {
    const mock = await start({ spec: document({}, rest) })
    const { json } = await send(mock, 'GET /reference/openapi.json')
    expect(json.servers[0].url).toBe(mock.url + server?.url)
  })
})
