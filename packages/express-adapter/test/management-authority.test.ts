import { readFile } from 'node:fs/promises'
import { type ApiKeyStore, createKeyFormat } from '@gosend/auth-core'
import { createLimits } from '@gosend/auth-core/limits'
import { memoryLimitStore } from '@gosend/auth-core/limits/memory'
import { memoryStore } from '@gosend/auth-core/memory'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { type Authorize, managementRouter, memoryProjects } from '../src/index.js'
import { UNAUTHORIZED_BODY } from './contract.js'
import { createTestKeys, listen } from './host.js'
import { ADMIN_KEY, type Answer, managementHost, newKey } from './management-host.js'
import { exchange, get } from './wire.js'

const NOT_FOUND_BODY = '{"statusCode":404,"message":"Not found","error":"Not Found"}'

interface Operation {
  readonly method: string
  readonly path: string
  readonly id: string
}

// From the document, so that a route that is added is in every matrix below.
const document = JSON.parse(
  await readFile(new URL('../../../openapi/management.json', import.meta.url), 'utf8'),
)
const operations: readonly Operation[] = Object.entries<Record<string, { operationId: string }>>(
  document.paths,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({
    method: method.toUpperCase(),
    path,
    id: operationId,
  })),
)

const bodies: Readonly<Record<string, unknown>> = {
  createProject: { name: 'Mallory' },
  updateProject: { name: 'Mallory' },
  issueKey: newKey,
  issueChildKey: { label: 'mallory' },
  topUpKey: { credits: 9 },
  updateKey: { label: 'mallory' },
  checkKey: { key: createKeyFormat().generate('production').key },
}

const fill = (path: string, projectId: string, keyId: string) =>
  path.replace('{projectId}', projectId).replace('{keyId}', keyId)

/** An answer without what differs from one request to the next. */
const essence = ({ status, headers, text }: Answer) => {
  const { date: _, ...fields } = Object.fromEntries(headers)
  return { status, text, fields }
}

it('the document names every operation once', () => {
  expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'DELETE /projects/{projectId}',
    'DELETE /projects/{projectId}/keys/{keyId}',
    'DELETE /session',
    'GET /keys',
    'GET /projects',
    'GET /projects/{projectId}',
    'GET /projects/{projectId}/events',
    'GET /projects/{projectId}/history',
    'GET /projects/{projectId}/keys',
    'GET /projects/{projectId}/keys/{keyId}',
    'GET /projects/{projectId}/keys/{keyId}/addresses',
    'GET /projects/{projectId}/keys/{keyId}/history',
    'GET /projects/{projectId}/keys/{keyId}/refusals',
    'GET /projects/{projectId}/outcomes',
    'GET /projects/{projectId}/usage',
    'GET /session',
    'PATCH /projects/{projectId}',
    'PATCH /projects/{projectId}/keys/{keyId}',
    'POST /keys/check',
    'POST /projects',
    'POST /projects/{projectId}/keys',
    'POST /projects/{projectId}/keys/{keyId}/children',
    'POST /projects/{projectId}/keys/{keyId}/disable',
    'POST /projects/{projectId}/keys/{keyId}/enable',
    'POST /projects/{projectId}/keys/{keyId}/revoke',
    'POST /projects/{projectId}/keys/{keyId}/rotate',
    'POST /projects/{projectId}/keys/{keyId}/top-up',
    'POST /session',
  ])
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
})

describe('the admin key', () => {
  const { apiKeys } = createTestKeys()
  const projects = memoryProjects()

  it.each([
    '',
    ' ',
    'x'.repeat(31),
    ` ${'x'.repeat(31)} `,
    'é'.repeat(40),
    `${'x'.repeat(20)} ${'x'.repeat(20)}`,
  ])('as %j is refused at construction', (adminKey) => {
    expect(() => managementRouter({ apiKeys, projects, adminKey })).toThrow(/^adminKey: /)
  })

  it('that is not set turns everything off, whatever is presented', async () => {
    const app = express()
    app.use('/admin', managementRouter({ apiKeys, projects, adminKey: undefined }))
    const { port } = await listen(app)
    for (const { method, path } of operations) {
      for (const lines of [[], ['X-Admin-Key:'], ['X-Admin-Key:    '], ['X-Admin-Key: undefined']]) {
        const request = get(`/admin${fill(path, '1', 'a'.repeat(12))}`, ...lines).replace('GET', method)
        const [response] = await exchange(port, request)
        expect([response?.status, response?.body]).toEqual([404, NOT_FOUND_BODY])
      }
    }
  })

  it('that comes from a file works without its line break', async () => {
    const { call } = await managementHost({ adminKey: `${ADMIN_KEY}\n` })
    expect((await call('GET', '/projects')).status).toBe(200)
  })

  it('is the whole header and nothing else', async () => {
    const { port, apiKeys: keys } = await managementHost()
    const { key } = await keys.issue({ projectId: '1', ...newKey, environment: 'production' })
    const presented: [string, readonly string[], number][] = [
      ['right', [`X-Admin-Key: ${ADMIN_KEY}`], 200],
      ['missing', [], 401],
      ['empty', ['X-Admin-Key:'], 401],
      ['only spaces', ['X-Admin-Key:   '], 401],
      ['one character short', [`X-Admin-Key: ${ADMIN_KEY.slice(0, -1)}`], 401],
      ['one character long', [`X-Admin-Key: ${ADMIN_KEY}x`], 401],
      ['in capitals', [`X-Admin-Key: ${ADMIN_KEY.toUpperCase()}`], 401],
      ['twice', [`X-Admin-Key: ${ADMIN_KEY}`, `X-Admin-Key: ${ADMIN_KEY}`], 401],
      ['15,000 characters', [`X-Admin-Key: ${'a'.repeat(15_000)}`], 401],
      ['a megabyte', [`X-Admin-Key: ${'a'.repeat(1_000_000)}`], 431],
      ['an API key', [`X-Admin-Key: ${key}`], 401],
      ['as X-API-Key', [`X-API-Key: ${ADMIN_KEY}`], 401],
      ['an API key as X-API-Key', [`X-API-Key: ${key}`], 401],
      ['as Authorization', [`Authorization: Bearer ${ADMIN_KEY}`], 401],
      ['as a cookie', [`Cookie: X-Admin-Key=${ADMIN_KEY}`], 401],
    ]
    for (const [how, lines, status] of presented) {
      const query = status === 200 ? '' : `?X-Admin-Key=${ADMIN_KEY}`
      const [response] = await exchange(port, get(`/admin/projects${query}`, ...lines))
      expect([how, response?.status]).toEqual([how, status])
      if (status !== 401) continue
      expect(response?.body).toBe(UNAUTHORIZED_BODY)
      expect(response?.headers).toMatchObject({
        'www-authenticate': 'ApiKey realm="management"',
        'cache-control': 'no-store',
        'content-type': 'application/json; charset=utf-8',
      })
    }
    const [guarded] = await exchange(port, get('/v1', `X-API-Key: ${ADMIN_KEY}`))
    expect(guarded?.status).toBe(401)
  })

  it('is asked for before anything of the request is looked at', async () => {
    const { call } = await managementHost()
    for (const headers of [
      { 'X-Admin-Key': 'wrong' },
      { 'X-Admin-Key': 'wrong', 'Content-Type': 'text/plain' },
    ]) {
      for (const body of ['{"broken', JSON.stringify({ label: 'x'.repeat(200_000) })]) {
        const { status, text } = await call('POST', '/projects/1/keys', { body, headers })
        expect([status, text]).toEqual([401, UNAUTHORIZED_BODY])
      }
    }
    const unknown = await call('GET', '/nothing', { headers: { 'X-Admin-Key': 'wrong' } })
    expect(unknown.status).toBe(401)
  })
})

describe('who may do what', () => {
  it.each(operations)('$method $path takes no authority from its body', async ({ method, path, id }) => {
    const { call, apiKeys, projects } = await managementHost()
    const issued = await apiKeys.issue({ projectId: '1', label: 'x', environment: 'production' })
    const target = fill(path, '1', issued.record.id)
    const state = async () => JSON.stringify([projects.list(), await apiKeys.list({ projectId: '1' })])
    const before = await state()
    const grabbing = {
      ...Object(bodies[id]),
      userId: '1',
      projectId: '1',
      tenantId: '1',
      scopes: ['*'],
      rateLimit: 9,
      remaining: 9,
    }

    for (const headers of [
      { 'X-Admin-Key': '' },
      { 'X-Admin-Key': 'x'.repeat(40) },
      { 'X-Admin-Key': issued.key },
      { 'X-Admin-Key': '', 'X-API-Key': issued.key },
    ]) {
      for (const body of method === 'GET' ? [undefined] : [bodies[id], grabbing]) {
        const answer = await call(method, target, { headers, ...(body !== undefined && { body }) })
        expect([answer.status, answer.text]).toEqual([401, UNAUTHORIZED_BODY])
      }
    }
    // The others have no body to look at.
    if (id in bodies || id === 'rotateKey') {
      expect((await call(method, target, { body: grabbing })).status).toBe(400)
    }
    expect(await state()).toBe(before)
  })

  it.each(operations.filter(({ path }) => path.includes('{')))(
    '$method $path of another project is as unknown as one that does not exist',
    async ({ method, path, id }) => {
      const { call, apiKeys, projects } = await managementHost({ authorize: () => ['1'] })
      const environment = 'production'
      const ours = await apiKeys.issue({ projectId: '1', label: 'ours', environment })
      const theirs = await apiKeys.issue({ projectId: '2', label: 'theirs', environment })
      const state = async () => JSON.stringify([projects.find('2'), await apiKeys.list({ projectId: '2' })])
      const before = await state()
      const body = bodies[id]
      const ask = async (target: string) =>
        essence(await call(method, target, body === undefined ? {} : { body }))

      const unknown = await ask(fill(path, '999', 'a'.repeat(12)))
      expect(unknown).toMatchObject({ status: 404, text: NOT_FOUND_BODY })
      const forbidden = [
        fill(path, '2', theirs.record.id),
        fill(path, '2', ours.record.id),
        fill(path, '2%00', theirs.record.id),
        fill(path, '__proto__', theirs.record.id),
        ...(path.includes('{keyId}')
          ? [
              fill(path, '1', theirs.record.id),
              fill(path, '1', '%27%20OR%201=1'),
              fill(path, '1', '__proto__'),
            ]
          : []),
      ]
      for (const target of forbidden) expect([target, await ask(target)]).toEqual([target, unknown])
      // A project in the query is refused before anything is looked up.
      const refused = await ask(`${fill(path, '999', 'a'.repeat(12))}?projectId=1`)
      expect(refused.status).toBe(400)
      for (const target of [fill(path, '2', theirs.record.id), fill(path, '1', theirs.record.id)]) {
        expect([target, await ask(`${target}?projectId=1`)]).toEqual([target, refused])
      }
      expect(await state()).toBe(before)
    },
  )

  it('a list of projects reaches these and no others', async () => {
    const { call } = await managementHost({ authorize: async () => ['1'] })
    expect((await call('GET', '/projects')).body).toMatchObject([{ id: '1', name: 'Acme' }])
    expect((await call('GET', '/projects/1')).status).toBe(200)
    expect((await call('POST', '/projects/1/keys', { body: newKey })).status).toBe(201)
    expect((await call('PATCH', '/projects/1', { body: { name: 'Acme Ltd' } })).status).toBe(200)
  })

  it('creating a project, and lifting a suspension, needs all', async () => {
    const { call, projects } = await managementHost({ authorize: () => ['1'] })
    projects.update('1', { status: 'suspended' })
    for (const [method, path, body] of [
      ['POST', '/projects', { name: 'x' }],
      ['PATCH', '/projects/1', { status: 'active' }],
    ] as const) {
      const answer = await call(method, path, { body })
      expect(answer).toMatchObject({ status: 403, body: { statusCode: 403, error: 'Forbidden' } })
    }
    expect(projects.list()).toHaveLength(2)
    expect(projects.find('1')?.status).toBe('suspended')
  })

  it.each<[string, number, Authorize]>([
    ['all', 200, () => 'all'],
    ['all, later', 200, async () => 'all'],
    ['an empty list', 404, () => []],
    ['null', 401, () => null],
    ['null, later', 401, async () => null],
    ['undefined', 401, (() => undefined) as never],
    ['true', 401, (() => true) as never],
    ['a project id on its own', 401, (() => '1') as never],
    ['an object', 401, (() => ({ includes: () => true })) as never],
    ['a misspelt member', 503, () => ({ projects: ['1'], readonly: true }) as never],
    ['ids that are numbers', 503, () => [1] as never],
    ['a grant of ids that are numbers', 503, () => ({ projects: [1] }) as never],
    ['a member of its own', 503, () => ({ projects: 'all', mayWrite: false }) as never],
    ['an exception', 503, () => JSON.parse('{')],
    ['a rejection', 503, () => Promise.reject(new Error('login service down'))],
    ['a rejection without a reason', 503, () => Promise.reject()],
  ])('authorize answering %s means %i', async (_what, status, authorize) => {
    const errors: unknown[] = []
    const { call } = await managementHost({ authorize, onError: (error) => errors.push(error) })
    const answer = await call('GET', '/projects/1')
    expect(answer.status).toBe(status)
    const named = { code: 'callback_failed', message: expect.stringMatching(/^authorize: /) }
    expect(errors).toMatchObject(status === 503 ? [named] : [])
    if (status === 401) expect(answer.text).toBe(UNAUTHORIZED_BODY)
    if (status === 503) expect(answer.headers.get('retry-after')).toBe('1')
    if (status !== 200) expect(Object.keys(answer.body)).toEqual(['statusCode', 'message', 'error'])
  })

  it('the host hears what is misspelt in what authorize has answered', async () => {
    const errors: unknown[] = []
    const authorize = () => ({ projects: ['1'], readonly: true }) as never
    const { call } = await managementHost({ authorize, onError: (error) => errors.push(error) })
    await call('PATCH', '/projects/1', { body: { name: 'x' } })
    expect(errors).toMatchObject([{ cause: { message: 'readonly: no such option; did you mean readOnly?' } }])
  })

  it('authorize sees the request', async () => {
    const tenants = new Map([['session=acme', ['1']]])
    const { call } = await managementHost({
      authorize: ({ headers }) => tenants.get(headers.cookie ?? '') ?? null,
    })
    expect((await call('GET', '/projects/1', { headers: { cookie: 'session=acme' } })).status).toBe(200)
    expect((await call('GET', '/projects/2', { headers: { cookie: 'session=acme' } })).status).toBe(404)
    expect((await call('GET', '/projects/1', { headers: { cookie: 'session=none' } })).status).toBe(401)
  })
})

describe('another website', () => {
  const rows: readonly [what: string, headers: (port: number) => readonly string[], status: number][] = [
    ['no browser', () => [], 200],
    [
      'a browser, from the same place',
      (port) => [`Origin: http://127.0.0.1:${port}`, 'Sec-Fetch-Site: same-origin'],
      200,
    ],
    ['a proxy that ends TLS', (port) => [`Origin: https://127.0.0.1:${port}`], 200],
    ['an address that was typed', () => ['Sec-Fetch-Site: none'], 200],
    ["Node's fetch", () => ['Sec-Fetch-Mode: cors'], 200],
    ['another site', () => ['Origin: https://evil.example'], 403],
    ['another port', () => ['Origin: http://127.0.0.1:1'], 403],
    ['no origin to speak of', () => ['Origin: null'], 403],
    ['an empty origin', () => ['Origin:'], 403],
    ['a malformed origin', () => ['Origin: http://[::'], 403],
    ['two origins', (port) => [`Origin: http://127.0.0.1:${port}`, 'Origin: https://evil.example'], 403],
    ['another scheme', (port) => [`Origin: file://127.0.0.1:${port}`], 403],
    ['a longer host', (port) => [`Origin: http://127.0.0.1:${port}.evil.example`], 403],
    ['a request without origin from another site', () => ['Sec-Fetch-Site: cross-site'], 403],
    ['a request without origin from a sibling site', () => ['Sec-Fetch-Site: same-site'], 403],
    [
      'its own page, behind a proxy that has changed the host',
      () => ['Origin: https://admin.example.com', 'Sec-Fetch-Site: same-origin'],
      200,
    ],
    [
      'a page with no origin of its own',
      (port) => ['Origin: null', `Referer: http://127.0.0.1:${port}/`, 'Sec-Fetch-Site: same-origin'],
      403,
    ],
    [
      'another site, with the host as its origin',
      (port) => [`Origin: http://127.0.0.1:${port}`, 'Sec-Fetch-Site: cross-site'],
      403,
    ],
    [
      'a word that no browser says',
      (port) => [`Origin: http://127.0.0.1:${port}`, 'Sec-Fetch-Site: same'],
      403,
    ],
    ['an extension', () => ['Origin: chrome-extension://abcdef', 'Sec-Fetch-Site: none'], 200],
    ['an extension of an old browser', () => ['Origin: chrome-extension://abcdef'], 403],
    [
      'a forwarded host without a trusted proxy',
      () => ['Origin: https://admin.example.com', 'X-Forwarded-Host: admin.example.com'],
      403,
    ],
  ]

  it.each([
    ['https://admin.example.com', 'admin.example.com:443', 200],
    ['http://admin.example.com', 'Admin.Example.com:80', 200],
    ['http://[2001:db8::1]', '[2001:db8::1]:80', 200],
    ['https://admin.example.com', 'admin.example.com:80', 403],
    ['http://admin.example.com', 'admin.example.com:443', 403],
    ['https://admin.example.com:8443', 'admin.example.com', 403],
    ['https://admin.example.com.', 'admin.example.com', 403],
    ['https://admin.example.com', 'admin.example.com:443:443', 403],
  ])('a page of %s at the host %s is answered %i', async (origin, host, status) => {
    const { port } = await managementHost()
    const request = get('/admin/projects', `X-Admin-Key: ${ADMIN_KEY}`, `Origin: ${origin}`)
    const [response] = await exchange(port, request.replace('Host: localhost', `Host: ${host}`))
    expect(response?.status).toBe(status)
  })

  it.each(rows)('%s', async (_what, headers, status) => {
    const { port } = await managementHost()
    for (const method of ['GET', 'POST']) {
      const request = get(
        '/admin/projects',
        `X-Admin-Key: ${ADMIN_KEY}`,
        'Content-Type: application/json',
        ...headers(port),
      )
        .replace('Host: localhost', `Host: 127.0.0.1:${port}`)
        .replace('GET', method)
      const [response] = await exchange(port, request)
      // The POST has no body, which is looked at later than where it comes from.
      expect([method, response?.status]).toEqual([method, method === 'POST' && status === 200 ? 400 : status])
      expect(response?.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })

  it.each(['[::', '', 'a b', 'http://x', '@', '127.0.0.1:1'])(
    'does not pass with the malformed Host %j',
    async (hostName) => {
      const { port } = await managementHost()
      const request = get('/admin/projects', `X-Admin-Key: ${ADMIN_KEY}`, `Origin: http://127.0.0.1:${port}`)
      const [response] = await exchange(port, request.replace('Host: localhost', `Host: ${hostName}`))
      expect(response?.status).toBe(403)
    },
  )
})

describe('a page of another origin that the host has named', () => {
  const console_ = 'https://console.example.com'
  const browser = { Origin: console_, 'Sec-Fetch-Site': 'same-site' }
  const preflight = (call: Awaited<ReturnType<typeof managementHost>>['call'], headers: object) =>
    call('OPTIONS', '/projects/1/keys', {
      headers: {
        'X-Admin-Key': '',
        'Access-Control-Request-Method': 'PATCH',
        'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key,x-admin-key',
        ...headers,
      },
    })

  it('manages keys, and reads every answer', async () => {
    const { call } = await managementHost({ allowedOrigins: [console_, 'http://localhost:5173'] })
    const created = await call('POST', '/projects/1/keys', { body: newKey, headers: browser })
    expect(created.status).toBe(201)
    const refused = await call('GET', '/projects', { headers: { ...browser, 'X-Admin-Key': 'wrong' } })
    expect(refused.status).toBe(401)
    for (const { headers } of [created, refused]) {
      expect(headers.get('access-control-allow-origin')).toBe(console_)
      expect(headers.get('access-control-allow-credentials')).toBe('true')
      expect(headers.get('access-control-expose-headers')).toContain('Idempotent-Replayed')
      expect(headers.get('vary')).toBe('Origin')
    }
    const elsewhere = { Origin: 'http://localhost:5173', 'Sec-Fetch-Site': 'cross-site' }
    expect((await call('GET', '/projects', { headers: elsewhere })).status).toBe(200)
  })

  it('is told beforehand that it may, without a credential', async () => {
    const { call } = await managementHost({ allowedOrigins: [console_] })
    const { status, headers, text } = await preflight(call, browser)
    expect([status, text]).toEqual([204, ''])
    expect(headers.get('access-control-allow-origin')).toBe(console_)
    expect(headers.get('access-control-allow-methods')).toBe('GET, POST, PATCH, DELETE')
    expect(headers.get('access-control-allow-headers')).toBe(
      'authorization,content-type,idempotency-key,x-admin-key',
    )
    expect(headers.get('access-control-max-age')).toBe('600')
  })

  it.each([
    'https://console.example.com.evil.example',
    'https://console.example.com:8443',
    'http://console.example.com',
    'https://CONSOLE.example.com',
    'https://console.example.com/',
    'null',
  ])('is not %s', async (Origin) => {
    const { call } = await managementHost({ allowedOrigins: [console_] })
    const headers = { Origin, 'Sec-Fetch-Site': 'cross-site' }
    for (const refused of [
      await call('POST', '/projects/1/keys', { body: newKey, headers }),
      await preflight(call, headers),
    ]) {
      expect(refused.status).toBe(403)
      expect(refused.headers.get('access-control-allow-origin')).toBeNull()
      expect(refused.headers.get('vary')).toBe('Origin')
    }
  })

  it.each([
    '*',
    'null',
    'console.example.com',
    'https://console.example.com/',
    'https://Console.example.com',
    'https://*.example.com',
    'file:///',
    'chrome-extension://abcdef',
    /example/,
  ])('is named by its exact origin, not %s', (origin) => {
    const { apiKeys } = createTestKeys()
    const allowedOrigins = [origin as string]
    expect(() =>
      managementRouter({ apiKeys, projects: memoryProjects(), adminKey: ADMIN_KEY, allowedOrigins }),
    ).toThrow(/^allowedOrigins\[0\]: must be an origin such as https:/)
  })
})

describe('an application that believes every proxy', () => {
  it('is not given keys with an allowlist', async () => {
    const { call, apiKeys } = await managementHost({ settings: { 'trust proxy': true } })
    const list = { allowedIps: ['203.0.113.7'] }
    const refused = await call('POST', '/projects/1/keys', { body: { ...newKey, ...list } })
    expect(refused.status).toBe(400)
    expect(refused.body.message).toMatch(/^allowedIps: .*`trust proxy`/)
    expect(await apiKeys.list({ projectId: '1' })).toEqual([])

    const { id } = (await call('POST', '/projects/1/keys', { body: { ...newKey, allowedIps: null } })).body
    expect((await call('PATCH', `/projects/1/keys/${id}`, { body: list })).status).toBe(400)
    expect((await call('PATCH', `/projects/1/keys/${id}`, { body: { allowedIps: null } })).status).toBe(200)
  })
})

describe('trouble behind the API', () => {
  it('is 503, is told to the host, and shows nothing to the client', async () => {
    const errors: unknown[] = []
    const failure = new Error('password=hunter2 at db.internal')
    const { call } = await managementHost({
      projects: { ...memoryProjects(), find: () => Promise.reject(failure) },
      onError: (error) => errors.push(error),
    })
    const { status, text, headers } = await call('GET', '/projects/1')
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('1')
    expect(text).not.toContain('hunter2')
    expect(errors).toEqual([failure])
  })

  it('is the same when the key store fails', async () => {
    const { call, apiKeys } = await managementHost()
    const fail = () => {
      throw new Error('disk on fire')
    }
    const store = Object.fromEntries(Object.keys(memoryStore()).map((method) => [method, fail]))
    const broken = createTestKeys({ store: store as unknown as ApiKeyStore })
    Object.assign(apiKeys, broken.apiKeys)
    for (const { method, path, id } of operations.filter(({ path }) => /keys|usage/.test(path))) {
      const body = bodies[id]
      const answer = await call(method, fill(path, '1', 'a'.repeat(12)), body === undefined ? {} : { body })
      expect([id, answer.status]).toEqual([id, 503])
      expect(Object.keys(answer.body)).toEqual(['statusCode', 'message', 'error'])
    }
  })
})

it('every answer is kept out of caches', async () => {
  const limits = createLimits({
    store: memoryLimitStore(),
    plans: { all: { credits: { amount: 9 } } },
    planOf: () => 'all',
  })
  for (const { method, path, id } of operations) {
    const { call, apiKeys } = await managementHost({
      ...{ keys: { limits, events: {}, outcomes: true }, limits },
    })
    const { record } = await apiKeys.issue({ projectId: '1', label: 'x', environment: 'production' })
    if (id === 'enableKey') await apiKeys.disable(record.id)
    const body = bodies[id]
    const answer = await call(method, fill(path, '1', record.id), body === undefined ? {} : { body })
    expect([id, answer.status < 300]).toEqual([id, true])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      ...(answer.status !== 204 && { 'content-type': 'application/json; charset=utf-8' }),
    })
    // What `If-Match` takes is the version of a key, and nothing else has one.
    expect([id, answer.headers.has('etag')]).toEqual([id, answer.body?.version !== undefined])
  }
})

describe('a login that may only read', () => {
  const readOnly = { projects: 'all', actor: 'ana', readOnly: true } as const

  it.each(operations)('gets no change by $id', async ({ method, path, id }) => {
    const { call, apiKeys } = await managementHost({ authorize: () => readOnly })
    const { record } = await apiKeys.issue({ projectId: '1', label: 'a', environment: 'production' })
    const answer = await call(method, fill(path, '1', record.id), { body: bodies[id] })
    if (method === 'GET') return expect(answer.status).not.toBe(403)
    expect([answer.status, answer.body.message]).toEqual([
      403,
      'You may see keys and projects, but not change them',
    ])
    expect(await apiKeys.list({ projectId: '1' })).toEqual([record])
  })

  it('is told so, and is whoever a host did not clearly let change things', async () => {
    for (const value of [true, 'yes', 1, null, 0]) {
      const { call } = await managementHost({ authorize: () => ({ ...readOnly, readOnly: value as true }) })
      expect((await call('GET', '/session')).body.readOnly).toBe(true)
    }
    for (const value of [false, undefined]) {
      const { call } = await managementHost({ authorize: () => ({ projects: 'all', readOnly: value }) })
      expect((await call('GET', '/session')).body.readOnly).toBe(false)
    }
  })

  it('reaches no route of an extension that changes things', async () => {
    const { call } = await managementHost({
      authorize: () => readOnly,
      routes: (_request, response) => void response.json({}),
    })
    expect((await call('GET', '/sandbox')).status).toBe(200)
    expect((await call('POST', '/sandbox')).status).toBe(403)
  })
})
