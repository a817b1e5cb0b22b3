// What the sandbox's pages call: who is let in, what is told to whom, and what never is.

import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createChanges } from '../../src/control/changes.js'
import { requestOf } from '../../src/control/drafted-request.js'
import { createSandboxRoutes } from '../../src/control/sandbox-routes.js'
import type { RequestDraft } from '../../src/control/wire.js'
import { gosend, type MockServer } from '../../src/index.js'
import { document, ok, send, start, stop } from '../harness.js'

const admin = (mock: MockServer) => ({ 'x-admin-key': mock.adminKey })
const read = async (mock: MockServer, path: string) =>
  (await send(mock, `GET /admin/sandbox${path}`, undefined, admin(mock))).json

async function signIn(mock: MockServer): Promise<string> {
  const { headers } = await send(mock, 'POST /admin/session', undefined, admin(mock))
  return headers.get('set-cookie')?.split(';', 1)[0] ?? ''
}

/** The topics that are told, one list after the other. */
async function* topicsOf(mock: MockServer, signal: AbortSignal): AsyncGenerator<readonly string[]> {
  const response = await fetch(`${mock.url}/admin/sandbox/changes`, { headers: admin(mock), signal })
  const text = new TextDecoderStream()
  let rest = ''
  const reader = response.body?.pipeThrough(text).getReader()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true }
    if (done) return
    const parts = (rest + value).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) if (part.startsWith('data: ')) yield JSON.parse(part.slice(6))
  }
}

/** The headers of a draft as people see them. */
const linesOf = ({ headers }: RequestDraft) => headers.map(([name, value]) => `${name}: ${value}`).join('\n')

const pet = { type: 'object', properties: { id: { type: 'integer' }, password: { type: 'string' } } }
const pets = document({
  '/pets': {
    get: { operationId: 'listPets', ...ok({ type: 'array', items: pet }) },
    post: {
      operationId: 'createPet',
      requestBody: { content: { 'application/json': { schema: pet } } },
      responses: { 201: { description: 'OK', content: { 'application/json': { schema: pet } } } },
    },
  },
  '/pets/{id}': { get: ok(pet), delete: { responses: { 204: { description: 'Gone' } } } },
})

describe('whoever calls', () => {
  it('needs the admin key or a session, and for changes a page of the same site', async () => {
    const mock = await start({ spec: pets })
    const origin = mock.url
    const cookie = await signIn(mock)
    const status = async (line: string, headers: Record<string, string>, body?: unknown) =>
      (await send(mock, line, body, headers)).status

    expect(await status('GET /admin/sandbox/log', {})).toBe(401)
    expect(await status('GET /admin/sandbox/changes', {})).toBe(401)
    expect(await status('POST /admin/sandbox/reset', { 'x-api-key': mock.keys.test })).toBe(401)
    expect(await status('GET /admin/sandbox/log', { cookie })).toBe(200)
    expect(await status('POST /admin/sandbox/reset', { cookie, origin })).toBe(204)
    expect(await status('POST /admin/sandbox/reset', { cookie })).toBe(403)
    expect(await status('POST /admin/sandbox/reset', { cookie, origin: 'http://evil.example' })).toBe(403)
    expect(await status('GET /admin/sandbox/changes', { cookie, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(
      await status('PUT /admin/sandbox/faults', { cookie, origin, 'content-type': 'text/plain' }, '[]'),
    ).toBe(415)
    expect(await status('GET /admin/sandbox/nowhere', { cookie })).toBe(404)
  })

  it('can take every step of the control plane', async () => {
    const mock = await start({ spec: pets })
    const step = async (line: string, body?: unknown) =>
      (await send(mock, line.replace(' ', ' /admin/sandbox'), body, admin(mock))).status
    expect(await step('PUT /snapshots/empty')).toBe(204)
    await send(mock, 'POST /pets', { id: 5 })
    expect(await step('POST /snapshots/empty/restore')).toBe(204)
    expect(await step('POST /clock', { advance: '25h' })).toBe(200)
    expect(await step('PUT /faults', [{ status: 503 }])).toBe(200)
    expect((await send(mock, 'GET /pets')).status).toBe(503)
    expect(await step('PUT /faults', [{ status: 1 }])).toBe(400)
  })
})

describe('the log', () => {
  it('gives what is new since a number, and one exchange whole', async () => {
    const mock = await start({ spec: pets, journalSize: 3 })
    for (const path of ['/pets', '/nowhere', '/pets/none', '/pets']) await send(mock, `GET ${path}`)
    const all = await read(mock, '/log')
    expect(all.oldest).toBe(2)
    expect(all.lines.map(({ number }: { number: number }) => number)).toEqual([2, 3, 4])
    expect(all.lines[0]).toMatchObject({ path: '/nowhere', status: 404, reason: 'Cannot GET /nowhere' })
    expect(all.lines[0]).not.toHaveProperty('responseBody')
    expect((await read(mock, '/log?after=3')).lines).toHaveLength(1)
    expect((await read(mock, '/log/2')).responseBody).toMatchObject({ statusCode: 404 })
    expect(await read(mock, '/log/1')).toMatchObject({ statusCode: 404 })
  })

  it('is read in pages, narrowed by what is asked for', async () => {
    const mock = await start({ spec: pets, journalSize: 700 })
    for (let i = 1; i <= 620; i++) await send(mock, i % 10 === 0 ? 'POST /pets' : 'GET /pets', undefined)
    await send(mock, 'GET /nowhere')
    const numbersOf = async (query: string) =>
      (await read(mock, `/log?${query}`)).lines.map(({ number }: { number: number }) => number)
    const seen: number[] = []
    for (let before: number | null = 1_000; before !== null; ) {
      const { lines, next, latest } = await read(mock, `/log?method=POST&limit=25&before=${before}`)
      expect(latest).toBe(621)
      seen.unshift(...lines.map(({ number }: { number: number }) => number))
      before = next
    }
    expect(seen).toEqual(Array.from({ length: 62 }, (_, at) => (at + 1) * 10))
    expect(await numbersOf('status=404')).toEqual([621])
    expect(await numbersOf('status=4xx&operation=listPets')).toEqual([])
    expect(await numbersOf('text=NOWHERE')).toEqual([621])
    expect(await numbersOf('reason=Cannot')).toEqual([621])
    expect(await read(mock, '/log?status=teapot')).toMatchObject({ statusCode: 400 })
    expect(await read(mock, '/log?before=x')).toMatchObject({ message: 'before must be a whole number' })
    const { log } = await read(mock, '/log.har?status=4xx')
    expect(log.entries).toMatchObject([{ request: { method: 'GET' }, response: { status: 404 } }])
  })

  it('has requests sent again that no browser would send, and says which exchange each became', async () => {
    const spec = {
      ...pets,
      components: { securitySchemes: { sid: { type: 'apiKey', in: 'cookie', name: 'sid' } } },
    }
    const mock = await start({ spec: { ...spec, security: [{ sid: [] }] } })
    const sendAgain = (body: object) =>
      send(mock, 'POST /admin/sandbox/send', body, { ...admin(mock), 'content-type': 'application/json' })
    const headers = [
      ['cookie', `sid=${mock.keys.test}`],
      ['content-type', 'application/json'],
    ]
    const request = { method: 'GET', path: '/pets?q=1', headers, body: '{"color":"red"}' }
    const { json } = await sendAgain(request)
    expect(json).toMatchObject({ status: 200, number: 1, headers: { 'content-type': 'application/json' } })
    expect(await read(mock, '/log/1')).toMatchObject({ path: '/pets?q=1', bodyText: '{"color":"red"}' })
    mock.setFaults([{ drop: true }])
    expect((await sendAgain(request)).json).toMatchObject({ status: 0, body: '', number: 2 })
    for (const wrong of [
      { path: 'http://elsewhere.example/' },
      { path: '/a\r\nb' },
      { headers: [['a b', 'c']] },
      { headers: [['a', 'b\r\nc: d']] },
      { method: 'CONNECT' },
      { body: 5 },
    ])
      expect((await sendAgain({ ...request, ...wrong })).status).toBe(400)
  })

  it('knows of connections that a fault has ended', async () => {
    const mock = await start({ spec: pets })
    mock.setFaults([{ drop: true }])
    await send(mock, 'GET /pets').catch(() => {})
    expect((await read(mock, '/log')).lines).toMatchObject([{ status: 0, reason: 'fault' }])
  })
})

describe('the usage of a key', () => {
  it('tells what came of its requests, and where it is used from', async () => {
    const mock = await start({ api: gosend() })
    const key = { 'x-api-key': mock.keys.test }
    expect((await send(mock, 'GET /v1/me', undefined, key)).status).toBe(200)
    const session = await send(mock, 'GET /admin/session', undefined, admin(mock))
    expect(session.json.countsOutcomes).toBe(true)
    const { json: keys } = await send(mock, 'GET /admin/projects/42/keys', undefined, admin(mock))
    const { id } = keys.find((one: { environment: string }) => one.environment === 'sandbox')
    expect(await mock.apiKeys.usedFrom(id)).toMatchObject([{ address: '127.0.0.1' }])
    await mock.apiKeys.disable(id)
    expect((await send(mock, 'GET /v1/me', undefined, key)).status).toBe(401)
    const [refusal] = await mock.apiKeys.refusals(id)
    expect(refusal).toMatchObject({ outcome: 'refused', reason: 'disabled' })
  })
})

describe('what is stored', () => {
  it('is listed for any document, the latest first, also before anybody has asked', async () => {
    const mock = await start({ spec: pets, seedItems: 0 })
    expect(await read(mock, '/collections')).toEqual([{ name: '/pets', items: 0 }])
    for (const id of [5, 6, 7]) await send(mock, 'POST /pets', { id })
    await send(mock, 'DELETE /pets/6')
    expect(await read(mock, '/collections')).toEqual([{ name: '/pets', items: 2 }])
    expect(await read(mock, '/items?name=/pets')).toMatchObject({
      total: 2,
      items: [{ id: '7' }, { id: '5' }],
    })
    expect((await read(mock, '/items?name=/pets&limit=1')).items).toHaveLength(1)
    expect(await read(mock, '/collections?environment=production')).toEqual([{ name: '/pets', items: 0 }])
  })
})

describe('a request to be tried', () => {
  it.each([
    [{ type: 'apiKey', in: 'header', name: 'X-Key' }],
    [{ type: 'apiKey', in: 'query', name: 'key' }],
    [{ type: 'apiKey', in: 'cookie', name: 'sid' }],
    [{ type: 'http', scheme: 'basic' }],
    [{ type: 'http', scheme: 'bearer' }],
    [{ type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token', scopes: {} } } }],
  ])('works at once, for every operation, with the credential of its scheme: %j', async (own) => {
    const child = { ...pet, required: ['id'] }
    const body = (type: string) => ({
      requestBody: { required: true, content: { [type]: { schema: child } } },
    })
    const needed = (place: string, name: string, schema: object) => ({
      in: place,
      name,
      required: true,
      schema,
    })
    const list = { type: 'array', minItems: 2, items: { enum: ['a', 'b'] } }
    const parameters = [
      needed('query', 'kind', list),
      needed('header', 'X-Trace', { type: 'string', minLength: 3 }),
    ]
    const paths = {
      '/pets': {
        get: { operationId: 'list', parameters, ...ok({ type: 'array', items: pet }) },
        post: { operationId: 'create', ...body('application/json'), ...ok(pet) },
      },
      '/pets/{petId}': {
        parameters: [needed('path', 'petId', { type: 'string' })],
        get: { operationId: 'read', ...ok(pet) },
        put: { operationId: 'replace', ...body('application/x-www-form-urlencoded'), ...ok(pet) },
        patch: { operationId: 'change', ...body('multipart/form-data'), ...ok(pet) },
        delete: { operationId: 'remove', responses: { 204: { description: 'Gone' } } },
      },
    }
    const mock = await start({
      spec: document(paths, { components: { securitySchemes: { own } }, security: [{ own: [] }] }),
    })
    for (const operation of ['list', 'create', 'read', 'replace', 'change', 'remove']) {
      const draft: RequestDraft = await read(mock, `/draft?operation=${operation}`)
      const request = requestOf(
        draft,
        draft.parameters.map(({ value }) => value),
        linesOf(draft),
        draft.body,
      )
      const { json } = await send(mock, 'POST /admin/sandbox/send', request, admin(mock))
      expect([operation, json.status < 300, json.number]).toEqual([operation, true, expect.any(Number)])
    }
    expect(await read(mock, '/draft?operation=none')).toMatchObject({ message: 'There is no operation none' })
  })
})

describe('one stored object', () => {
  it('keeps what is redacted when the rest is edited, and names the requests that made and changed it', async () => {
    const mock = await start({ spec: pets, seedItems: 0 })
    await send(mock, 'POST /pets', { id: 5, password: 'hunter2', tags: ['a'] })
    await send(mock, 'POST /pets', { id: 6 })
    const at = '/admin/sandbox/item?name=/pets&id=5'
    const { value, history, isEditable } = await read(mock, '/item?name=/pets&id=5')
    expect([value.password, isEditable]).toEqual(['[redacted]', true])
    expect(history).toMatchObject([{ number: 1, method: 'POST' }])
    const edited = { ...value, tags: ['a', 'b'] }
    expect((await send(mock, `PUT ${at}`, edited, admin(mock))).status).toBe(204)
    expect((await send(mock, 'GET /pets/5')).json).toMatchObject({ password: 'hunter2', tags: ['a', 'b'] })
    expect((await send(mock, `PUT ${at}`, [], admin(mock))).status).toBe(400)
    await send(mock, 'DELETE /pets/6')
    expect((await send(mock, `DELETE ${at}`, undefined, admin(mock))).status).toBe(204)
    expect((await send(mock, 'GET /pets/5')).status).toBe(404)
    expect((await send(mock, `DELETE ${at}`, undefined, admin(mock))).status).toBe(404)
  })
})

describe('secrets', () => {
  it('are in nothing that is read', async () => {
    const mock = await start({ api: gosend({ rateLimits: 'off' }) })
    const key = { 'x-api-key': mock.keys.test }
    const webhook = {
      url: 'http://127.0.0.1:9/',
      events: ['whatsapp.message.received'],
      phone_number_id: '1',
    }
    const made = await send(mock, 'POST /v1/webhooks', { ...webhook, type: 'gosendapi_events' }, key)
    const issued = await send(
      mock,
      'POST /admin/projects/42/keys',
      { label: 'second', environment: 'sandbox' },
      admin(mock),
    )
    await send(mock, `GET /v1/me?api_key=${issued.json.key}`, undefined, { 'x-api-key': issued.json.key })
    await send(
      mock,
      'POST /_mock/inbound',
      { from: '5491140123456', text: `My key is ${mock.keys.live}` },
      admin(mock),
    )

    const { lines } = await read(mock, '/log')
    const collections = await read(mock, '/collections')
    const paths = [
      ...lines.map(({ number }: { number: number }) => `/log/${number}`),
      ...collections.map(({ name }: { name: string }) => `/items?name=${name}`),
      ...[
        '/log',
        '/collections',
        '/jobs',
        '/faults',
        '/clock',
        '/snapshots',
        '',
        '/recipients',
        '/operations',
      ],
    ]
    const texts = await Promise.all(
      paths.map(async (path) => (await send(mock, `GET /admin/sandbox${path}`, undefined, admin(mock))).text),
    )
    const delivery = await read(mock, '/webhooks/1/deliveries/1')
    expect(delivery.headers['x-gosendapi-signature']).toMatch(/^sha256=[0-9a-f]{64}$/)
    const all = [...texts, JSON.stringify(delivery.headers)].join('\n')
    expect(all).toContain('My key is')
    expect(made.json.secret).toMatch(/^whsec_/)
    for (const secret of [made.json.secret, issued.json.key, mock.adminKey, ...Object.values(mock.keys)])
      expect(all).not.toContain(secret)
    expect((await read(mock, '/items?name=webhook%20secrets')).statusCode).toBe(400)
  })

  it('are left out of what clients store, by their names', async () => {
    const mock = await start({ spec: pets, seedItems: 0 })
    await send(mock, 'POST /pets', { id: 5, password: 'hunter2' })
    expect((await read(mock, '/items?name=/pets')).items).toEqual([
      { id: '5', value: { id: 5, password: '[redacted]' } },
    ])
  })
})

describe('the pages', () => {
  it('are less than 120 kB for a browser, all together', async () => {
    const mock = await start()
    const { text: page } = await send(mock, 'GET /dashboard/')
    const quoted = page.replaceAll('&quot;', '"').matchAll(/"(?:\.\/)?([\w/.-]+\.(?:js|css|svg))"/g)
    const files = new Set([...quoted].map(([, file]) => file))
    expect([...files].filter((file) => file?.startsWith('extensions/sandbox/'))).toHaveLength(2)
    // And all that it loads later. The script that it starts with stands in the page.
    const own = new URL('../../../express-adapter/dist/dashboard/app/', import.meta.url)
    for (const file of await readdir(own, { recursive: true }))
      if (/\.(js|css|svg)$/.test(file) && file !== 'start.js') files.add(file)
    let total = 0
    for (const file of files) {
      const { headers } = await fetch(`${mock.url}/dashboard/${file}`, {
        headers: { 'accept-encoding': 'gzip' },
      })
      expect([file, headers.get('content-encoding')]).toEqual([file, 'gzip'])
      total += Number(headers.get('content-length'))
    }
    expect(total).toBeGreaterThan(80_000)
    expect(total).toBeLessThan(120_000)
  })
})

describe('the stream of changes', () => {
  it('names what has changed, and ends with the mock', async () => {
    const mock = await start({ spec: pets, seedItems: 0 })
    const topics = topicsOf(mock, new AbortController().signal)
    const next = topics.next()
    // The stream is open once its headers are there, which nothing tells the outside.
    const posting = setInterval(() => void send(mock, 'POST /pets', {}).catch(() => {}), 50)
    onTestFinished(() => clearInterval(posting))
    expect((await next).value).toEqual(expect.arrayContaining(['requests', 'store 42/sandbox /pets', 'jobs']))
    clearInterval(posting)
    mock.setFaults([{ status: 500 }])
    let told: readonly string[] = []
    while (!told.includes('control')) told = (await topics.next()).value ?? []
    await stop(mock)
    await expect(topics.next()).rejects.toThrow()
  })

  it('waits for a reader that is slow, without piling up what it has missed', async () => {
    const changes = createChanges()
    const held: ServerResponse[] = []
    const routes = createSandboxRoutes({
      ...{ changes, isLocal: () => true },
      commands: { answer: () => Promise.reject(new Error()) },
    })
    const server = createServer((request, response) => {
      held.push(response)
      void routes(request, response, () => {})
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause()
    onTestFinished(() => {
      socket.destroy()
      server.close()
    })
    socket.write('GET /sandbox/changes HTTP/1.1\r\nHost: mock\r\n\r\n')
    await expect.poll(() => changes.isWatched()).toBe(true)

    // More than the system keeps for a connection, many times over.
    const long = 'x'.repeat(20_000)
    let most = 0
    for (let burst = 0; burst < 15; burst++) {
      for (let i = 0; i < 1_000; i++) changes.note(`store ${long} ${burst} ${i}`)
      await new Promise((resolve) => setTimeout(resolve, 80))
      most = Math.max(most, held[0]?.writableLength ?? 0)
    }
    expect(held[0]?.writableNeedDrain).toBe(true)
    // One message of about a hundred topics, whatever happens.
    expect(most).toBeLessThan(110 * 20_100)

    socket.destroy()
    await expect.poll(() => changes.isWatched()).toBe(false)
  })
})

describe('the page', () => {
  it('keeps keys in the variable of the API: `GOSENDAPI_KEY` of its client, `API_KEY` of any other', async () => {
    for (const [options, variable] of [
      [{}, 'GOSENDAPI_KEY'],
      [{ spec: pets }, 'API_KEY'],
    ] as const) {
      const { text } = await send(await start(options), 'GET /dashboard/')
      expect(text).toContain(`&quot;variable&quot;:&quot;${variable}&quot;`)
    }
  })
})
