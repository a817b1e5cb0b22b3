import http from 'node:http'
import { createApiKeys } from '@gosend/auth-core'
import { createAuthenticate } from '@gosend/auth-core/fetch'
import { memoryStore } from '@gosend/auth-core/memory'
import express, {
  type ErrorRequestHandler,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { describe, expect, it, vi } from 'vitest'
import {
  apiKeyErrorHandler,
  managementRouter,
  requireApiKey,
  tsoaAuthentication,
  verifyRoute,
} from '../src/index.js'
import { UNAUTHORIZED_BODY } from './contract.js'
import { createTestKeys, guardedHost as host, listen, withChange } from './host.js'
import { exchange, get } from './wire.js'

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
  it('a second guard checks its own requirements, and the use is counted once', async () => {
    const { apiKeys } = createTestKeys()
    const { key, record } = await apiKeys.issue({
      projectId: '42',
      environment: 'production',
      label: 'test',
      scopes: ['read'],
    })
    await apiKeys.verify(key)
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
    const today = new Date()
    const [usage] = await apiKeys.usage({ projectId: '42', from: today, to: today })
    expect(usage).toMatchObject({ keyId: record.id, count: 4 })
  })

  it('names one of several scopes, for the resource in its path', async () => {
    const { apiKeys } = createTestKeys()
    const byParams = ({ params }: Request) => ['project', String(params.id)]
    const hook = tsoaAuthentication({ apiKeys, resource: byParams })
    const byTsoa: RequestHandler = (request, _response, next) => {
      hook(request, 'api_key', ['read']).then(() => next(), next)
    }
    const scopes = { anyOf: ['read', 'admin'] }
    const done: RequestHandler = (_request, response) => void response.end()
    const app = express()
    app.get('/guard/:id', requireApiKey(apiKeys, { scopes, resource: byParams }), done)
    app.get('/verify/:id', verifyRoute(apiKeys, { scopes, resource: byParams }))
    app.get('/tsoa/:id', byTsoa, done)
    app.use(apiKeyErrorHandler())
    const { url } = await listen(app)
    for (const path of ['/guard', '/verify', '/tsoa']) {
      for (const [scope, expected] of [
        ['read@project/7', [200, 403]],
        ['read', [200, 200]],
        ['write', [403, 403]],
      ] as const) {
        const { key } = await apiKeys.issue({
          projectId: '42',
          environment: 'production',
          label: 'test',
          scopes: [scope],
        })
        const statuses = ['7', '7%2F8'].map(
          async (id) => (await fetch(`${url}${path}/${id}`, { headers: { 'X-API-Key': key } })).status,
        )
        expect([path, scope, await Promise.all(statuses)]).toEqual([path, scope, expected])
      }
    }
  })

  it('does not compile with a scope that the product does not have', () => {
    const apiKeys = createApiKeys<'read' | 'write'>({ store: memoryStore() })
    requireApiKey(apiKeys, { scopes: ['read', 'write@project/7'] })
    // @ts-expect-error It is misspelt.
    requireApiKey(apiKeys, { scopes: ['raed'] })
    // @ts-expect-error It is misspelt.
    verifyRoute(apiKeys, { scopes: { anyOf: ['read', 'wirte'] } })
    // All else takes such a key set, too.
    void (() => [managementRouter({ apiKeys, adminKey: undefined }), tsoaAuthentication({ apiKeys })])
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

describe('a flood of refusals', () => {
  it('is spaced out, whatever it presents, while a key passes at once and a refusal now and then does not wait', async () => {
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'x' })
    await apiKeys.verify(key)
    const app = express()
    app.use(requireApiKey(apiKeys), (_request, response) => void response.end())
    const { url } = await listen(app)
    const timed = async (presented: string) => {
      const start = performance.now()
      const { status } = await fetch(url, { headers: { 'X-API-Key': presented } })
      return { status, ms: performance.now() - start }
    }

    expect(await timed('wrong')).toMatchObject({ status: 401 })
    const refusals = await Promise.all(Array.from({ length: 400 }, (_, i) => timed(i % 2 ? 'garbage' : '')))
    expect(new Set(refusals.map(({ status }) => status))).toEqual(new Set([401]))
    expect(refusals.filter(({ ms }) => ms >= 49).length).toBeGreaterThanOrEqual(300)
    const flood = Promise.all(Array.from({ length: 200 }, () => timed('wrong')))
    expect((await timed(key)).status).toBe(200)
    await flood
  })
})

describe('beyond a hundred refusals in a second', () => {
  /** How many of the refusals that happen meanwhile have to wait, in a second that does not end. */
  async function waits(refuse: () => Promise<number>): Promise<number> {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1_000_000)
    const timers = vi.spyOn(globalThis, 'setTimeout')
    try {
      for (let i = 0; i < 105; i++) expect(await refuse()).toBe(401)
      return timers.mock.calls.filter(([, ms]) => ms === 50).length
    } finally {
      clock.mockRestore()
      timers.mockRestore()
    }
  }

  it('the middleware lets each wait, whatever was wrong with it', async () => {
    const { port, key } = await host()
    const wrong = [get('/'), get('/', 'X-API-Key: nonsense'), get('/', `X-API-Key: ${withChange(key, 30)}`)]
    let i = 0
    const refuse = async () => (await exchange(port, wrong[i++ % 3] ?? ''))[0]?.status ?? 0
    expect(await waits(refuse)).toBe(5)
  })

  it('so do the servers that speak Request and Response', async () => {
    const authenticate = createAuthenticate(createTestKeys().apiKeys)
    const refuse = async () => {
      const authentication = await authenticate(new globalThis.Request('http://127.0.0.1/'))
      return authentication.ok ? 200 : authentication.response.status
    }
    expect(await waits(refuse)).toBe(5)
  })
})
