import http from 'node:http'
import type { ApiKeyStore, StoredKey } from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import express, {
  type ErrorRequestHandler,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import fc from 'fast-check'
import CachePolicy from 'http-cache-semantics'
import { describe, expect, it, vi } from 'vitest'
import { type FailureEvent, type RequireApiKeyOptions, requireApiKey } from '../src/index.js'
import { UNAUTHORIZED_BODY } from './contract.js'
import { createTestKeys, listen } from './host.js'
import { exchange, get } from './wire.js'

async function host(
  options: RequireApiKeyOptions & { readonly store?: ApiKeyStore; readonly before?: RequestHandler } = {},
) {
  const { store = memoryStore(), before, ...guard } = options
  const { apiKeys, counters } = createTestKeys({ store, storeTimeoutMs: 20 })
  const events: FailureEvent[] = []
  const served: string[] = []
  const { key, record } = await apiKeys.issue({
    projectId: '42',
    environment: 'production',
    label: 'test',
    scopes: ['read'],
  })
  const app = express()
  app.disable('x-powered-by')
  if (before !== undefined) app.use(before)
  app.use(requireApiKey(apiKeys, { onFailure: (event) => events.push(event), ...guard }))
  app.use((request, response) => {
    served.push(request.method)
    response.json({ id: request.apiKey?.id })
  })
  return { apiKeys, counters, app, events, served, key, record, ...(await listen(app)) }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']

describe('methods', () => {
  it.each(METHODS)('%s without a key does not reach the handler', async (method) => {
    const { port, served } = await host()
    const [response] = await exchange(port, get('/').replace('GET', method), () => method !== 'HEAD')
    // Node refuses the methods that its parser does not know.
    expect(response?.status).toBe(http.METHODS.includes(method) ? 401 : 400)
    expect(served).toEqual([])
  })

  it('a method in lower case is refused before the application', async () => {
    const { port, served } = await host()
    const [response] = await exchange(port, get('/').replace('GET', 'get'))
    expect(response?.status).toBe(400)
    expect(served).toEqual([])
  })

  it('HEAD with a key reaches the handler once', async () => {
    const { url, key, served } = await host()
    const response = await fetch(url, { method: 'HEAD', headers: { 'X-API-Key': key } })
    expect(response.status).toBe(200)
    expect(served).toEqual(['HEAD'])
  })

  it('a CORS preflight passes only when the application answers it before', async () => {
    const preflight = get('/', 'Origin: https://app.example', 'Access-Control-Request-Method: POST').replace(
      'GET',
      'OPTIONS',
    )
    const without = await host()
    expect((await exchange(without.port, preflight))[0]?.status).toBe(401)

    const cors: RequestHandler = (request, response, next) => {
      response.set('Access-Control-Allow-Origin', 'https://app.example').vary('Origin')
      if (request.method === 'OPTIONS') response.sendStatus(204)
      else next()
    }
    const within = await host({ before: cors })
    expect((await exchange(within.port, preflight))[0]?.status).toBe(204)
    const refused = await fetch(within.url, { headers: { Origin: 'https://app.example' } })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(refused.headers.get('vary')).toBe('Origin, X-API-Key')
  })
})

describe('the challenge', () => {
  // RFC 9110, section 11.6.1: scheme, one space, and parameters with a token or quoted-string as value.
  const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
  const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t \\x21-\\x7e])*"'
  const CHALLENGE = new RegExp(`^${TOKEN} ${TOKEN}=(?:${TOKEN}|${QUOTED})$`)

  it('follows the grammar for every realm that is accepted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (realm) => {
        const printable = /^[\x20-\x7e]*$/.test(realm)
        const { apiKeys } = createTestKeys()
        if (!printable) expect(() => requireApiKey(apiKeys, { realm })).toThrow(TypeError)
        else requireApiKey(apiKeys, { realm })
      }),
    )
  })

  it.each(['api', '', 'Acme "Prod"', 'back\\slash'])('names the realm %j', async (realm) => {
    const { url } = await host({ realm })
    const challenge = (await fetch(url)).headers.get('www-authenticate') ?? ''
    expect(challenge).toMatch(CHALLENGE)
    expect(challenge).toMatch(/^ApiKey /)
    expect(JSON.parse(challenge.slice('ApiKey realm='.length))).toBe(realm)
  })
})

describe('problem details', () => {
  const PROBLEM = 'application/problem+json'
  it.each([
    { accept: undefined, problem: false },
    { accept: '*/*', problem: false },
    { accept: 'application/*', problem: false },
    { accept: 'application/json', problem: false },
    { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', problem: false },
    { accept: '', problem: false },
    { accept: 'application/problem+json;q=0', problem: false },
    { accept: 'application/problem+json;q=0, */*', problem: false },
    { accept: 'application/problem+jsonp', problem: false },
    { accept: 'text/plain;x="application/problem+json"', problem: false },
    { accept: 'application/problem+json', problem: true },
    { accept: 'Application/Problem+JSON', problem: true },
    { accept: 'application/json, application/problem+json;q=0.1', problem: true },
    { accept: 'application/problem+json; charset=utf-8', problem: true },
  ])('Accept: $accept gets them: $problem', async ({ accept, problem }) => {
    const { port } = await host()
    const [response] = await exchange(
      port,
      get('/a/b?api_key=x', ...(accept === undefined ? [] : [`Accept: ${accept}`])),
    )
    expect(response?.status).toBe(401)
    expect(response?.headers['content-type']).toBe(problem ? PROBLEM : 'application/json; charset=utf-8')
    if (!problem) expect(response?.body).toBe(UNAUTHORIZED_BODY)
    else
      expect(JSON.parse(response?.body ?? '')).toEqual({
        type: 'about:blank',
        title: 'Unauthorized',
        status: 401,
        detail: 'Invalid or missing API key',
        instance: '/a/b',
      })
  })

  it('does not spend time on a hostile Accept header', async () => {
    const { port } = await host()
    const start = performance.now()
    const [response] = await exchange(
      port,
      get('/', `Accept: application/problem+json;x="${','.repeat(15_000)}`),
    )
    expect(response?.status).toBe(401)
    expect(performance.now() - start).toBeLessThan(100)
  })
})

describe('caching', () => {
  it('no shared cache keeps an answer for another key', async () => {
    const { app, url, key } = await host({ scopes: ['read'] })
    app.set('etag', false)
    const strangers = await host({ scopes: ['write'] })
    for (const [target, headers] of [
      [url, { 'X-API-Key': key }],
      [url, {}],
      [strangers.url, { 'X-API-Key': strangers.key }],
    ] as const) {
      const response = await fetch(target, { headers })
      const fields = Object.fromEntries(response.headers)
      const policy = new CachePolicy(
        { url: '/', method: 'GET', headers: { ...headers } },
        { status: response.status, headers: fields },
        { shared: true },
      )
      expect(!policy.storable() || fields.vary?.includes('X-API-Key')).toBe(true)
      if (response.status >= 400) expect(policy.storable()).toBe(false)
    }
  })
})

describe('where the key is read', () => {
  it.each([
    ['the query', (key: string) => get(`/?api_key=${key}&X-API-Key=${key}`)],
    ['the path', (key: string) => get(`/${key}`)],
    ['a cookie', (key: string) => get('/', `Cookie: X-API-Key=${key}`)],
    ['Authorization', (key: string) => get('/', `Authorization: Bearer ${key}`)],
    ['the body', (key: string) => get('/', `Content-Length: ${key.length}`).replace('GET', 'POST') + key],
    [
      'a trailer',
      (key: string) =>
        `${get('/', 'Transfer-Encoding: chunked', 'Trailer: X-API-Key').replace('GET', 'POST')}0\r\nX-API-Key: ${key}\r\n\r\n`,
    ],
  ])('not %s', async (_place, request) => {
    const { port, key, events, served } = await host()
    const [response] = await exchange(port, request(key))
    expect(response?.status).toBe(401)
    expect(response?.body).toBe(UNAUTHORIZED_BODY)
    expect(served).toEqual([])
    expect(events).toEqual([{ reason: 'missing', keyId: null, status: 401 }])
  })
})

describe('trouble with the store', () => {
  type Trouble = 'none' | 'throws' | 'rejects' | 'hangs' | 'swaps' | 'garbles'

  function troubledStore() {
    const store = memoryStore()
    const state: { trouble: Trouble } = { trouble: 'none' }
    const outcomes: Record<Trouble, (id: string) => ReturnType<ApiKeyStore['find']>> = {
      none: (id) => store.find(id),
      throws: () => {
        throw new Error('disk on fire')
      },
      rejects: () => Promise.reject(new Error('connection refused')),
      hangs: () => new Promise(() => {}),
      swaps: (id) => ({ ...(store.find(id) as StoredKey), id: 'anotherOne12' }),
      garbles: () => ({ nonsense: true }) as unknown as StoredKey,
    }
    return { state, store: { ...store, find: (id) => outcomes[state.trouble](id) } satisfies ApiKeyStore }
  }

  it.each(['throws', 'rejects', 'hangs', 'swaps', 'garbles'] as const)(
    'a store that %s is 503, and fine again as soon as it is',
    async (trouble) => {
      const { store, state } = troubledStore()
      const { url, key, events, served } = await host({ store })
      const headers = { 'X-API-Key': key }
      const body =
        '{"statusCode":503,"message":"The service cannot answer right now; try again in a moment","error":"Service Unavailable"}'

      state.trouble = trouble
      const during = await Promise.all(Array.from({ length: 100 }, () => fetch(url, { headers })))
      expect(new Set(during.map(({ status }) => status))).toEqual(new Set([503]))
      expect(new Set(await Promise.all(during.map((response) => response.text())))).toEqual(new Set([body]))
      expect(during[0]?.headers.get('retry-after')).toBe('1')
      expect(during[0]?.headers.get('www-authenticate')).toBeNull()
      expect(served).toEqual([])
      expect(events).toHaveLength(100)
      expect(events[0]?.reason).toMatch(/^store_/)
      expect(events[0]?.error).toBeInstanceOf(Error)

      state.trouble = 'none'
      expect((await fetch(url, { headers })).status).toBe(200)
    },
  )

  it('whatever else throws is 503 too', async () => {
    const { apiKeys, key } = await host()
    const events: FailureEvent[] = []
    const broken = { ...apiKeys, verify: () => JSON.parse('{') }
    const app = express()
    app.use(requireApiKey(broken, { onFailure: (event) => events.push(event) }))
    const { url } = await listen(app)
    expect((await fetch(url, { headers: { 'X-API-Key': key } })).status).toBe(503)
    expect(events).toMatchObject([
      { reason: 'unexpected', keyId: null, status: 503, error: expect.any(SyntaxError) },
    ])
  })
})

describe('hooks', () => {
  const broken = [
    ['throws', () => JSON.parse('{')],
    ['rejects', () => Promise.reject(new Error('sink is down'))],
    ['never settles', () => new Promise(() => {})],
  ] as const

  it.each(broken)('an onFailure that %s changes nothing', async (_how, onFailure) => {
    const { url } = await host({ onFailure })
    const response = await fetch(url)
    expect(response.status).toBe(401)
    expect(await response.text()).toBe(UNAUTHORIZED_BODY)
  })

  it.each(broken)('an onSuccess that %s changes nothing', async (_how, onSuccess) => {
    const { url, key } = await host({ onSuccess })
    expect((await fetch(url, { headers: { 'X-API-Key': key } })).status).toBe(200)
  })

  it('onSuccess is told the record and the request', async () => {
    const told: unknown[] = []
    const { url, key, record } = await host({ onSuccess: ({ id }, request) => told.push([id, request.path]) })
    await fetch(`${url}/here`, { headers: { 'X-API-Key': key } })
    expect(told).toEqual([[record.id, '/here']])
  })
})

describe('on the way of one request', () => {
  it('a second guard checks its own demands without verifying or counting again', async () => {
    const { apiKeys, counters } = createTestKeys()
    const { key, record } = await apiKeys.issue({
      projectId: '42',
      environment: 'production',
      label: 'test',
      scopes: ['read'],
    })
    await apiKeys.verify(key)
    const reads = counters.reads
    const app = express()
    app.use(requireApiKey(apiKeys))
    app.get(
      '/read',
      requireApiKey(apiKeys, { scopes: ['read'] }),
      (_request, response) => void response.end(),
    )
    app.get(
      '/write',
      requireApiKey(apiKeys, { scopes: ['write'] }),
      (_request, response) => void response.end(),
    )
    app.get(
      '/test',
      requireApiKey(apiKeys, { environment: 'sandbox' }),
      (_request, response) => void response.end(),
    )
    const { url } = await listen(app)
    const statuses = []
    for (const path of ['/read', '/write', '/test']) {
      statuses.push((await fetch(url + path, { headers: { 'X-API-Key': key } })).status)
    }
    expect(statuses).toEqual([200, 403, 401])
    expect(counters.reads - reads).toBe(3)
    const today = new Date()
    const [usage] = await apiKeys.usage({ projectId: '42', from: today, to: today })
    expect(usage).toMatchObject({ keyId: record.id, count: 4 })
  })

  it('guards of two key sets judge independently', async () => {
    const ours = await createTestKeys()
    const theirs = await createTestKeys()
    const { key } = await ours.apiKeys.issue({ projectId: '1', environment: 'production', label: 'test' })
    const app = express()
    app.use(requireApiKey(ours.apiKeys), requireApiKey(theirs.apiKeys))
    const { url } = await listen(app)
    expect((await fetch(url, { headers: { 'X-API-Key': key } })).status).toBe(401)
  })

  it('an answer that the application gave meanwhile stands', async () => {
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'x' })
    const verification = apiKeys.verify(key)
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = { ...apiKeys, verify: () => released.then(() => verification) }
    const handler = vi.fn()
    const app = express()
    app.use((_request, response, next) => {
      next()
      response.status(504).end('too late')
    })
    const errorHandler = vi.fn<ErrorRequestHandler>()
    app.use(requireApiKey(slow), handler)
    app.use((error: unknown, request: Request, response: Response, next: NextFunction) =>
      errorHandler(error, request, response, next),
    )
    const { url } = await listen(app)
    const response = await fetch(url, { headers: { 'X-API-Key': key } })
    await verification
    release()
    await new Promise(setImmediate)
    expect([response.status, await response.text()]).toEqual([504, 'too late'])
    expect(handler).not.toHaveBeenCalled()
    expect(errorHandler).not.toHaveBeenCalled()
  })

  it('a warm key over a synchronous store passes without a promise', async () => {
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'x' })
    const guard = requireApiKey(apiKeys)
    const synchronous: boolean[] = []
    const app = express()
    app.use((request, response, next) => {
      let passed = false
      guard(request, response, () => {
        passed = true
        next()
      })
      synchronous.push(passed)
    })
    app.use((_request, response) => void response.end())
    const { url } = await listen(app)
    for (let i = 0; i < 2; i++) await fetch(url, { headers: { 'X-API-Key': key } })
    expect(synchronous).toEqual([false, true])
  })
})

describe('options', () => {
  const { apiKeys } = createTestKeys()
  it.each([
    ['no key set', () => requireApiKey(undefined as never)],
    ['an unknown environment', () => requireApiKey(apiKeys, { environment: 'prod' })],
    ['scopes that are no list', () => requireApiKey(apiKeys, { scopes: 'read' as never })],
    ['a realm with a line break', () => requireApiKey(apiKeys, { realm: 'a\r\nX-Admin: 1' })],
    [
      'an application that believes every proxy',
      () => requireApiKey(apiKeys, { app: express().set('trust proxy', true) }),
    ],
  ])('%s is a TypeError at construction', (_what, construct) => {
    expect(construct).toThrow(TypeError)
  })
})
