// What Express is not there to do: the same bytes, the same addresses, on Hono and Fastify.

import { apiKeyPlugin } from '@gosend/auth-core/fastify'
import { createAuthenticate } from '@gosend/auth-core/fetch'
import { createLimits } from '@gosend/auth-core/limits'
import { memoryLimitStore } from '@gosend/auth-core/limits/memory'
import { memoryStore } from '@gosend/auth-core/memory'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { FailureEvent } from '../src/index.js'
import { badInputs, ends } from './bad-inputs.js'
import { UNAUTHORIZED_BODY } from './contract.js'
import { captureOutput, createTestKeys } from './host.js'
import { fastifyHost, type Host, honoHost, nodeHost } from './other-hosts.js'
import { exchange, get } from './wire.js'

async function host(listen: Host) {
  const { apiKeys, counters } = createTestKeys()
  const issue = (allowedIps: readonly string[] | null = null) =>
    apiKeys.issue({ projectId: '42', environment: 'production', label: 'test', allowedIps })
  const { key, record } = await issue()
  const other = await issue()
  await apiKeys.verify(key)
  const events: FailureEvent[] = []
  const { port } = await listen(apiKeys, { onFailure: (event) => events.push(event) })
  Object.assign(counters, { reads: 0, hashes: 0 })
  return { apiKeys, counters, events, port, V: key, id: record.id, other: other.key, issue }
}

interface Server {
  readonly name: string
  readonly listen: Host
  /** Inputs that this server answers itself, before it calls anybody. */
  readonly answersItself: RegExp
}

const servers: readonly Server[] = [
  { name: 'Hono', listen: honoHost, answersItself: /^OPTIONS \*|malformed Host/ },
  { name: 'Fastify', listen: fastifyHost, answersItself: /^$/ },
  { name: 'Node', listen: nodeHost, answersItself: /^$/ },
]

const requirements = { environment: 'production', scopes: ['read'] }

describe.each(servers)('on $name', ({ listen, answersItself }) => {
  it.each(badInputs.filter(([name]) => !answersItself.test(name)))(
    '%s ends at: %s',
    async (_name, stop, request, status = ends[stop].status) => {
      const logged = captureOutput()
      const ground = await host(listen)
      const [response, ...more] = await exchange(ground.port, request(ground))
      expect(more).toEqual([])
      expect(response?.status).toBe(status)
      if (status === 401) expect(response?.body).toBe(UNAUTHORIZED_BODY)
      expect(ground.counters).toEqual({ reads: ends[stop].reads, hashes: 0 })
      expect(JSON.stringify([logged, ground.events, response])).not.toContain(ground.V.slice(21))
    },
  )

  it('a request that the server answers itself admits nobody', async () => {
    for (const [, , request] of badInputs.filter(([name]) => answersItself.test(name))) {
      const ground = await host(listen)
      const [response] = await exchange(ground.port, request(ground))
      expect(response?.status).toBe(400)
      expect(ground.counters.reads).toBe(0)
    }
  })

  it('a store that fails is 503, and no fault of the key', async () => {
    const store = { ...memoryStore() }
    const { apiKeys } = createTestKeys({ store })
    const { key } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'test' })
    store.find = () => Promise.reject(new Error('connection refused'))
    const events: FailureEvent[] = []
    const { port } = await listen(apiKeys, { onFailure: (event) => events.push(event) })
    const [response] = await exchange(port, get('/', `X-API-Key: ${key}`))
    expect(response).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', 'cache-control': 'no-store', vary: 'X-API-Key' },
    })
    expect(response?.headers).not.toHaveProperty('www-authenticate')
    expect(events).toMatchObject([{ reason: 'store_unavailable', status: 503 }])
  })

  it('problem details go to those who ask for them, without the query', async () => {
    const { port } = await host(listen)
    const [response] = await exchange(port, get('/a/b?api_key=x', 'Accept: application/problem+json'))
    expect(response?.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(response?.body ?? '')).toMatchObject({ status: 401, instance: '/a/b' })
  })

  it('hooks can neither break nor delay an answer', async () => {
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'test' })
    const onSuccess = () => Promise.reject(new Error('the log is full'))
    const onFailure = () => {
      throw new Error('the log is full')
    }
    const { port } = await listen(apiKeys, { onSuccess, onFailure })
    for (const [header, status] of [
      [`X-API-Key: ${key}`, 200],
      ['X-API-Key: nonsense', 401],
    ] as const) {
      expect((await exchange(port, get('/', header)))[0]?.status).toBe(status)
    }
  })

  it('a key that a limit refuses is over quota once, however often it comes', async () => {
    const { apiKeys } = createTestKeys({ events: {} })
    const { key, record } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'test' })
    const limits = createLimits({
      ...{ store: memoryLimitStore(), plans: { free: { perDay: 1 } }, planOf: () => 'free' },
    })
    const { port } = await listen(apiKeys, { limits })
    for (const status of [200, 429, 429]) {
      expect((await exchange(port, get('/', `X-API-Key: ${key}`)))[0]?.status).toBe(status)
    }
    await vi.waitFor(async () => expect(await apiKeys.events({ type: 'key.over_quota' })).toHaveLength(1))
    await apiKeys.close()
    expect(await apiKeys.events({ type: 'key.over_quota' })).toMatchObject([
      { keyId: record.id, data: { reason: 'rate_exceeded', limit: { limit: 1, windowSeconds: 86_400 } } },
    ])
  })

  it('wrong options are found at start-up', async () => {
    const { apiKeys } = createTestKeys()
    for (const wrong of [{ environment: 'qa' }, { scopes: 'read' as never }, { realm: 'a\nb' }]) {
      await expect(listen(apiKeys, wrong)).rejects.toThrow(TypeError)
    }
    await expect(listen({} as never, requirements)).rejects.toThrow('apiKeys')
  })

  it('a flood of refusals is spaced out', async () => {
    const { port } = await host(listen)
    const refused = async () => {
      const start = performance.now()
      await exchange(port, get('/'))
      return performance.now() - start
    }
    for (let i = 0; i < 110; i++) await exchange(port, get('/'))
    const waits: number[] = []
    for (let i = 0; i < 120; i++) waits.push(await refused())
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(49)
  })
})

describe('the address on Fastify', () => {
  it.each([
    { trustProxy: false, forwarded: '203.0.113.7', status: 403, reason: 'ip_not_allowed' },
    { trustProxy: 'loopback', forwarded: '203.0.113.7, 6.6.6.6', status: 403, reason: 'ip_not_allowed' },
    { trustProxy: 'loopback', forwarded: '6.6.6.6, 203.0.113.7', status: 200, reason: undefined },
    { trustProxy: '10.0.0.0/8', forwarded: '203.0.113.7', status: 403, reason: 'ip_not_allowed' },
    { trustProxy: true, forwarded: '203.0.113.7', status: 403, reason: 'untrusted_proxy' },
    { trustProxy: () => true, forwarded: '203.0.113.7', status: 403, reason: 'untrusted_proxy' },
  ])('trustProxy $trustProxy: $forwarded gets $status', async ({ trustProxy, forwarded, status, reason }) => {
    const ground = await host((apiKeys, options) => fastifyHost(apiKeys, options, { trustProxy }))
    const { key } = await ground.issue(['203.0.113.7'])
    const [response] = await exchange(
      ground.port,
      get('/', `X-API-Key: ${key}`, `X-Forwarded-For: ${forwarded}`),
    )
    expect(response?.status).toBe(status)
    expect(ground.events.map((event) => event.reason)).toEqual(reason === undefined ? [] : [reason])
  })
})

describe('apiKeyPlugin', () => {
  it('guards its scope only, again and more strictly in a scope inside, and counts a request once', async () => {
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({
      projectId: '42',
      environment: 'production',
      label: 'test',
      scopes: ['read'],
    })
    const app = fastify()
    onTestFinished(() => app.close())
    app.get('/open', async () => 'open')
    await app.register(async (guarded) => {
      await guarded.register(apiKeyPlugin(apiKeys))
      guarded.get('/guarded', async () => 'guarded')
      await guarded.register(async (inner) => {
        await inner.register(apiKeyPlugin(apiKeys, { scopes: ['read'] }))
        inner.get('/read', async (_request, reply) => reply.header('x-done', '1').send('read'))
      })
      await guarded.register(async (inner) => {
        await inner.register(apiKeyPlugin(apiKeys, { scopes: ['write'] }))
        inner.get('/write', async () => 'write')
      })
    })
    const status = async (url: string, headers = {}) => (await app.inject({ url, headers })).statusCode
    const withKey = { 'x-api-key': key }
    expect(await status('/open')).toBe(200)
    expect(await status('/guarded')).toBe(401)
    expect(await status('/read', withKey)).toBe(200)
    expect(await status('/write', withKey)).toBe(403)
    const usage = await apiKeys.usage({ projectId: '42', from: new Date(0), to: new Date('2100-01-01') })
    expect(usage).toMatchObject([{ count: 2 }])
  })
})

describe('createAuthenticate', () => {
  it('needs nothing but a request, and refuses a key with an allowlist when it is told no address', async () => {
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({
      projectId: '42',
      environment: 'production',
      label: 'test',
      allowedIps: ['203.0.113.7'],
    })
    const authenticate = createAuthenticate(apiKeys)
    const request = new Request('https://api.example.com/v1/me?x=1', { headers: { 'X-API-Key': key } })
    expect(await authenticate(request)).toMatchObject({ ok: false, response: { status: 403 } })
    // As `headers.get` gives a field that is missing.
    const unknown = await authenticate(request, { ip: request.headers.get('x-real-ip') })
    expect(unknown.ok ? 200 : unknown.response.status).toBe(403)
    expect(await authenticate(request, { ip: '203.0.113.7' })).toMatchObject({
      ok: true,
      record: { projectId: '42' },
      headers: { Vary: 'X-API-Key' },
    })
  })

  it('refuses a header that was sent twice', async () => {
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'test' })
    const headers = new Headers([
      ['X-API-Key', key],
      ['x-api-key', key],
    ])
    const authentication = await createAuthenticate(apiKeys)(new Request('http://localhost/', { headers }))
    expect(authentication).toMatchObject({ ok: false, response: { status: 401 } })
  })
})
