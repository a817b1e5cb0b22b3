// What a test can do to the mock, over HTTP and in the process, and who cannot.

import { mkdtemp } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createChanges } from '../src/control/changes.js'
import { createControlPlane } from '../src/control/control-plane.js'
import { createSandboxRoutes } from '../src/control/sandbox-routes.js'
import type { MockServer } from '../src/index.js'
import { createHostGuard } from '../src/security/host-guard.js'
import { document, ok, send, start } from './harness.js'

const item = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string', readOnly: true },
    name: { type: 'string' },
    password: { type: 'string', writeOnly: true },
  },
}
const content = { content: { 'application/json': { schema: item } } }
const spec = document(
  {
    '/things': {
      get: { operationId: 'listThings', ...ok({ type: 'array', items: item }) },
      post: {
        operationId: 'createThing',
        requestBody: content,
        responses: {
          201: { description: 'OK', ...content },
          429: {
            description: 'Slow down',
            content: {
              'application/json': {
                schema: { type: 'object', required: ['msg'], properties: { msg: { type: 'string' } } },
              },
            },
          },
        },
      },
    },
    '/things/{id}': { get: ok(item) },
  },
  {
    components: { securitySchemes: { key: { type: 'apiKey', in: 'query', name: 'ticket' } } },
    security: [{}, { key: [] }],
  },
)
const options = { spec, seedItems: 0 }
/** The same for those with a ticket. */
const guarded = { spec: { ...spec, security: [{ key: [] }] }, seedItems: 0 }
const admin = (mock: MockServer) => ({ 'x-admin-key': mock.adminKey })
const things = async (mock: MockServer) => (await send(mock, 'GET /things')).json

describe('the control plane', () => {
  it('resets, keeps and restores what is stored', async () => {
    const mock = await start(options)
    await send(mock, 'POST /things', { name: 'a' })
    expect((await send(mock, 'PUT /_mock/snapshots/one', undefined, admin(mock))).status).toBe(204)
    await send(mock, 'POST /things', { name: 'b' })
    expect(await things(mock)).toHaveLength(2)
    expect((await send(mock, 'POST /_mock/snapshots/one/restore', undefined, admin(mock))).status).toBe(204)
    expect(await things(mock)).toHaveLength(1)
    expect((await send(mock, 'GET /_mock/snapshots', undefined, admin(mock))).json).toEqual(['one'])
    expect((await send(mock, 'POST /_mock/snapshots/two/restore', undefined, admin(mock))).status).toBe(400)
    expect((await send(mock, 'POST /_mock/reset', undefined, admin(mock))).status).toBe(204)
    expect(await things(mock)).toEqual([])
  })

  it('moves, stops and resets the clock', async () => {
    const mock = await start(options)
    const clock = async (body: object) => (await send(mock, 'POST /_mock/clock', body, admin(mock))).json.now
    expect(await clock({ freeze: '2026-01-15T10:00:00Z' })).toBe('2026-01-15T10:00:00.000Z')
    expect(await clock({ advanceMs: 1_500 })).toBe('2026-01-15T10:00:01.500Z')
    expect((await send(mock, 'GET /_mock/clock', undefined, admin(mock))).json.now).toBe(
      '2026-01-15T10:00:01.500Z',
    )
    expect(Math.abs(Date.parse(await clock({ reset: true })) - Date.now())).toBeLessThan(5_000)
    for (const wrong of [{ advanceMs: -1 }, { freeze: 'soon' }, { forward: 1 }, []]) {
      expect((await send(mock, 'POST /_mock/clock', wrong, admin(mock))).status).toBe(400)
    }
  })

  it('makes faults: late, wrong or no answers, for one operation, so many times', async () => {
    const mock = await start(options)
    const faults = (list: unknown) => send(mock, 'PUT /_mock/faults', list, admin(mock))
    await faults([{ operation: 'createThing', status: 429, retryAfterSeconds: 7, times: 1 }])
    const limited = await send(mock, 'POST /things', { name: 'a' })
    expect([limited.status, limited.headers.get('retry-after'), limited.json]).toEqual([
      429,
      '7',
      { msg: 'A fault was asked for' },
    ])
    expect((await send(mock, 'POST /things', { name: 'a' })).status).toBe(201)
    await faults([{ operation: 'GET /things', latencyMs: 120 }])
    const started = performance.now()
    await things(mock)
    expect(performance.now() - started).toBeGreaterThanOrEqual(115)
    await faults([{ drop: true }])
    await expect(send(mock, 'GET /things')).rejects.toThrow()
    await faults([{ status: 503, rate: 0.5 }])
    const statuses = new Set<number>()
    for (let i = 0; i < 40; i++) statuses.add((await send(mock, 'GET /things')).status)
    expect(statuses).toEqual(new Set([200, 503]))
    expect((await send(mock, 'DELETE /_mock/faults', undefined, admin(mock))).status).toBe(204)
    expect((await send(mock, 'GET /things')).status).toBe(200)
    for (const wrong of [[{ status: 200 }], [{ rate: 2 }], [{ colour: 'red' }], [null], 'x', {}])
      expect((await faults(wrong)).status).toBe(400)
  })

  it('shows what was sent and answered, without any credential', async () => {
    const mock = await start(options)
    const secrets = {
      'x-api-key': mock.keys.live,
      authorization: 'Bearer hidden-token',
      cookie: 'session=hidden-cookie',
    }
    await send(
      mock,
      'POST /things?ticket=hidden-ticket',
      { name: `my key is ${mock.keys.test}`, password: 'hidden-password' },
      { ...secrets, 'x-trace': 'shown' },
    )
    await send(mock, 'GET /nowhere')
    const [first, second] = (await send(mock, 'GET /_mock/requests', undefined, admin(mock))).json
    expect(first).toMatchObject({
      number: 1,
      method: 'POST',
      operationId: 'createThing',
      status: 201,
      projectId: '42',
      environment: 'sandbox',
      reason: null,
    })
    expect(first.headers['x-trace']).toBe('shown')
    expect(first.body.name).toBe('my key is [redacted]')
    expect(second).toMatchObject({ status: 404, operationId: null, reason: 'Cannot GET /nowhere' })
    expect(JSON.stringify([first, mock.requests()])).not.toMatch(/hidden|gsk_(test|live)_/)
    await send(mock, 'DELETE /_mock/requests', undefined, admin(mock))
    expect(mock.requests()).toEqual([])
  })

  it('shows the body that was sent as it came, whatever became of it', async () => {
    const mock = await start({ ...guarded, maxBodyBytes: 100_000 })
    const json = { 'content-type': 'application/json' }
    const things = `/things?ticket=${mock.keys.test}`
    const long = `{"name": "${'x'.repeat(70_000)}"}`
    const sent: readonly (readonly [
      line: string,
      body: string,
      headers: Record<string, string>,
      status: number,
    ])[] = [
      [`POST ${things}`, '{ "name":\n"spaced" }', json, 201],
      [`POST ${things}`, '{"name": broken', json, 400],
      ['POST /things', '{"name":"nobody"}', json, 401],
      ['POST /nowhere', '{"name":"lost"}', json, 404],
      [`DELETE ${things}`, '{"name":"wrong method"}', json, 405],
      [`POST ${things}`, 'name,colour\na,b', { 'content-type': 'text/csv' }, 415],
      [`POST ${things}`, long, json, 201],
      [`POST ${things}`, long.repeat(2), json, 413],
    ]
    for (const [line, body, headers, status] of sent)
      expect([line, (await send(mock, line, body, headers)).status]).toEqual([line, status])
    expect(mock.requests().map(({ bodyText, bodyBytes }) => [bodyText, bodyBytes])).toEqual(
      sent.map(([, body]) => [body.slice(0, 65_536), body.length]),
    )
    await send(mock, `POST ${things}`, String.fromCharCode(0, 1, 2), { 'content-type': 'image/png' })
    await send(mock, `GET ${things}`)
    expect(mock.requests().slice(-2)).toMatchObject([
      { body: null, bodyText: null, bodyBytes: 3 },
      { body: null, bodyText: null, bodyBytes: null },
    ])
  })

  it('does not keep somebody waiting who is refused and does not send the body', async () => {
    const mock = await start(guarded)
    const answered = await new Promise((resolve, reject) => {
      const asked = request(`${mock.url}/things`, { method: 'POST', headers: { 'content-length': 1_000 } })
      asked.on('response', ({ statusCode }) => resolve(statusCode)).on('error', reject)
      asked.write('{"name":')
    })
    expect(answered).toBe(401)
    expect(mock.requests()).toMatchObject([{ status: 401, bodyText: '{"name":', bodyBytes: 1_000 }])
  })

  it('shows the header fields of answers, and where a request did not fit', async () => {
    const mock = await start(options)
    await send(mock, 'POST /things', { name: 1 }, { 'x-api-key': mock.keys.test })
    const [{ responseHeaders, violations } = { responseHeaders: {}, violations: [] }] = mock.requests()
    expect(responseHeaders).toMatchObject({ 'content-type': 'application/json', 'mock-source': 'error' })
    expect(violations).toEqual([{ in: 'body', location: '/name', message: 'must be string' }])
  })

  it('shows no key, wherever it was put by mistake', async () => {
    const mock = await start(options)
    const { live } = mock.keys
    const encoded = live.replaceAll('_', '%5F')
    await send(
      mock,
      `POST /things?a=${encoded}&api%5Fkey=hidden&${live}=1`,
      { name: 'x', [live]: 1, list: [[live]] },
      { referer: `http://127.0.0.1/?key=${live}`, 'x-trace': encoded, 'x-admin': mock.adminKey },
    )
    await send(mock, `GET /${live}/${encoded}`)
    const pair = Buffer.from(`someone:${mock.adminKey}`).toString('base64')
    await send(mock, `GET /a?pair=${encodeURIComponent(pair)}`, undefined, { 'x-basic': `Basic ${pair}` })
    await send(mock, 'POST /things', `name=${encodeURIComponent(`my key is ${live}`)}`, {
      'content-type': 'application/x-www-form-urlencoded',
    })
    const shown = JSON.stringify(mock.requests())
    expect(mock.requests()).toHaveLength(4)
    expect(shown).not.toMatch(/hidden/)
    for (const secret of [live.slice(9), mock.adminKey.slice(10), pair]) expect(shown).not.toContain(secret)
    const log = await send(mock, 'GET /admin/sandbox/log', undefined, admin(mock))
    expect(log.json.lines).toHaveLength(4)
    expect(log.text).not.toContain(live.slice(9))
  })

  it('tells what is served', async () => {
    const mock = await start(options)
    expect((await send(mock, 'GET /_mock', undefined, admin(mock))).json).toMatchObject({
      title: 'Test',
      operations: 3,
      resources: ['/things'],
      warnings: [],
    })
  })

  it('verifies which requests have come, and names the nearest misses', async () => {
    const mock = await start({ spec })
    await send(mock, 'POST /things', { name: 'Rex', tags: ['a', 'b'] })
    await send(mock, 'POST /things', { name: 'Tom' })
    mock.verify({ operation: 'createThing', times: 2 })
    mock.verify({ operation: 'POST /things', body: { name: 'Rex' }, times: { atMost: 1 } })
    mock.verify({ operation: 'listThings', times: 0 })
    for (const [wanted, message] of [
      [
        { body: { name: 'Max' } },
        /got 0 among 2 requests.*#2 POST \/things: body\.name is "Tom", not "Max"/s,
      ],
      [{ body: { tags: ['a', 'c'] } }, /#1 POST \/things: body\.tags\.1 is "b", not "c"/],
      [{ operation: 'createThing', times: 3 }, /Wanted 3 of createThing, got 2/],
      [{ operation: 'createThing', times: { atMost: 1 } }, /Wanted 0 to 1 of createThing, got 2/],
      [{ operation: 'createThin' }, /no such operation as createThin; did you mean createThing/],
      [{ times: -1 }, /verify\.times: must be a number/],
    ] as const)
      expect(() => mock.verify(wanted)).toThrow(message)
    const ask = (wanted: object) => send(mock, 'POST /_mock/verify', wanted, admin(mock))
    expect(await ask({ operation: 'createThing' })).toMatchObject({
      status: 200,
      json: { ok: true, count: 2 },
    })
    expect(await ask({ body: { name: 'Max' } })).toMatchObject({
      status: 422,
      json: { ok: false, count: 0, nearest: [{ differences: [{ at: 'body.name', wanted: 'Max' }] }, {}] },
    })
    expect((await ask({ operation: 'x' })).status).toBe(400)
  })

  it('names the path that was nearly asked for, and the base path that was forgotten', async () => {
    const two = document({ '/tickets/{id}': { get: ok(item) } }, { servers: [{ url: '/crm' }] })
    const mock = await start({ documents: [{ spec, mount: '/shop' }, { spec: two }] })
    const messageOf = async (line: string) => {
      await send(mock, line)
      return mock.requests().at(-1)?.reason
    }
    expect(await messageOf('GET /shop/thing')).toBe('Cannot GET /shop/thing; did you mean /shop/things?')
    expect(await messageOf('GET /tickets/7')).toBe(
      'Cannot GET /tickets/7; did you forget the base path /crm, as in /crm/tickets/7?',
    )
    expect(await messageOf('GET /elsewhere')).toBe('Cannot GET /elsewhere')
  })

  it('is closed to requests without the admin key, to web pages, and to bodies that are not JSON', async () => {
    const mock = await start(options)
    const refused = await send(mock, 'POST /_mock/reset')
    expect([
      refused.status,
      refused.headers.get('www-authenticate'),
      refused.headers.get('cache-control'),
    ]).toEqual([401, 'ApiKey realm="mock"', 'no-store'])
    expect((await send(mock, 'POST /_mock/reset', undefined, { 'x-admin-key': mock.keys.test })).status).toBe(
      401,
    )
    expect(
      (await send(mock, 'PUT /_mock/faults', '[]', { ...admin(mock), 'content-type': 'text/plain' })).status,
    ).toBe(400)
    expect((await send(mock, 'GET /_mock/nothing', undefined, admin(mock))).status).toBe(404)
    expect((await send(mock, 'GET /_mock/reset', undefined, admin(mock))).status).toBe(405)
    const asPage = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const { port } = new URL(mock.url)
        const sent = request(
          { port, path: '/_mock/reset', method: 'POST', headers: { ...admin(mock), ...headers } },
          (response) => {
            response.resume()
            resolve(response.statusCode)
          },
        )
        sent.on('error', reject)
        sent.end()
      })
    for (const origin of ['https://evil.example', 'null', 'http://localhost:9999', 'http://127.0.0.1'])
      expect(await asPage({ origin })).toBe(403)
    expect(await asPage({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await asPage({ origin: mock.url })).toBe(204)
  })

  it('is closed to other machines, also to those that know the admin key', async () => {
    const adminKey = 'a'.repeat(40)
    const commands = { answer: async () => ({ status: 204, headers: {}, body: undefined }) }
    const control = createControlPlane({ adminKey, commands, agents: async () => {} })
    const guard = createHostGuard('0.0.0.0', 80, [])
    // The dashboard's pages do the same steps, and may no more.
    const routes = createSandboxRoutes({ commands, changes: createChanges(), isLocal: guard.isLocal })
    const statusFrom = async (path: string, listening: { port: number; host: string } | { path: string }) => {
      const server = createServer(
        (request, response) =>
          void (path === '/' ? control(request, response, guard) : routes(request, response, () => {})),
      )
      await new Promise<void>((resolve) => server.listen(listening, resolve))
      const { port } = Object(server.address()) as { port: number }
      const place = 'path' in listening ? { socketPath: listening.path } : { port }
      return new Promise<number | undefined>((resolve, reject) => {
        const headers = { 'x-admin-key': adminKey }
        const sent = request({ ...place, path, agent: false, headers }, (response) => {
          resolve(response.resume().statusCode)
          server.close()
        })
        sent.on('error', reject).end()
      })
    }
    // A caller without an address is no caller on this machine that could be told from others.
    const folder = await mkdtemp(join(tmpdir(), 'mock-'))
    for (const path of ['/', '/sandbox/reset']) {
      expect([path, await statusFrom(path, { port: 0, host: '127.0.0.1' })]).toEqual([path, 204])
      expect([path, await statusFrom(path, { path: join(folder, 'socket') })]).toEqual([path, 403])
    }
    expect(await statusFrom('/sandbox/changes', { path: join(folder, 'socket') })).toBe(403)
  })
})

describe('pages of other origins', () => {
  const stranger = 'https://app.example'
  const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' }
  const fieldsOf = ({ headers }: { readonly headers: Headers }) =>
    ['origin', 'credentials', 'methods', 'headers'].map((name) => headers.get(`access-control-allow-${name}`))

  const local = ['http://localhost:3000', 'https://localhost', 'http://127.0.0.1:5173', 'http://127.8.9.1']
  const localNames = ['http://[::1]:8080', 'http://shop.app.localhost:3000']
  const foreign = [
    ...['http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'http://127.0.0.1@evil.example'],
    ...['http://notlocalhost:3000', 'http://evil.example:80/localhost', 'http://192.168.0.1:3000'],
    ...['file://localhost', 'null', 'local', stranger],
  ]

  it.each<{ corsOrigins?: readonly string[]; own?: string[]; others?: string[]; refused?: string[] }>([
    { own: [...local, ...localNames], refused: foreign },
    { corsOrigins: ['*'], others: [stranger, 'http://localhost:3000', 'null'] },
    { corsOrigins: ['*', 'local', stranger], own: [stranger, ...local], others: ['null'] },
    { corsOrigins: [stranger], own: [stranger], refused: [`${stranger}:8443`, ...local, 'null'] },
    { corsOrigins: [], refused: [stranger, ...local] },
  ])('may call with credentials, without, or not at all: %j', async ({ corsOrigins, ...origins }) => {
    const mock = await start({ ...options, corsOrigins })
    const ask = async (origin: string) => ({
      reply: await send(mock, 'GET /things', undefined, { origin }),
      preflight: await send(mock, 'OPTIONS /things', undefined, { origin, ...asked }),
    })
    const expectGrant = async (origin: string, ...granted: (string | null)[]) => {
      const { reply, preflight } = await ask(origin)
      expect([origin, ...fieldsOf(reply)]).toEqual([origin, ...granted, null, null])
      expect([preflight.status, ...fieldsOf(preflight)]).toEqual([204, ...granted, 'POST', 'x-api-key'])
      // With credentials, browsers take a star for the name of a field.
      expect(reply.headers.get('access-control-expose-headers')).toContain('mock-source')
    }
    for (const origin of origins.own ?? []) await expectGrant(origin, origin, 'true')
    for (const origin of origins.others ?? []) await expectGrant(origin, '*', null)
    for (const origin of origins.refused ?? []) {
      const { reply, preflight } = await ask(origin)
      expect([origin, reply.status, ...fieldsOf(reply)]).toEqual([origin, 200, null, null, null, null])
      expect([preflight.status, ...fieldsOf(preflight)]).toEqual([403, null, null, null, null])
      expect(preflight.text).toContain(`pages of ${origin} may not call this mock`)
      expect(preflight.text).toContain(`--cors-origin ${origin}`)
    }
  })

  it('are told apart by shared caches, also where no page asked', async () => {
    const varyOf = async (corsOrigins?: readonly string[]) =>
      (await send(await start({ ...options, corsOrigins }), 'GET /things')).headers.get('vary')
    expect([await varyOf(), await varyOf(['*']), await varyOf([])]).toEqual(['Origin', null, null])
  })

  it.each([[undefined], [['*', 'local', stranger]]])(
    'never reach the pages and controls of the mock (%j)',
    async (corsOrigins) => {
      const mock = await start({ ...options, corsOrigins })
      const closed = ['/admin/projects', '/admin/sandbox', '/_mock', '/_mock/clock']
      const lines = ['GET', 'POST', 'OPTIONS'].flatMap((method) =>
        [...closed, '/dashboard', '/openapi.json'].map((path) => `${method} ${path}`),
      )
      for (const origin of ['http://localhost:3000', stranger])
        for (const line of lines) {
          const { status, headers } = await send(mock, line, undefined, { origin, ...asked, ...admin(mock) })
          expect([line, ...fieldsOf({ headers })]).toEqual([line, null, null, null, null])
          const isClosed = closed.some((path) => line === `GET ${path}` || line === `POST ${path}`)
          expect([line, isClosed && status !== 403]).toEqual([line, false])
        }
    },
  )

  it('get the preflight that a document describes, where they may not call', async () => {
    const described = document({ '/things': { options: { responses: { 200: { description: 'OK' } } } } })
    const mock = await start({ spec: described, auth: 'off' })
    const headers = { origin: stranger, ...asked }
    expect((await send(mock, 'OPTIONS /things', undefined, headers)).status).toBe(200)
  })
})
