// Where the key is, what happens without one, and whose answer a refusal gets: alike on Express, Hono and Fastify.

import type { ApiKeys } from '@gosend/auth-core'
import type { CredentialPlace, GateOptions } from '@gosend/auth-core/http'
import express, { type Request } from 'express'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type FailureEvent, requireApiKey, tsoaAuthentication, verifyRoute } from '../src/index.js'
import { UNAUTHORIZED_BODY } from './contract.js'
import { createTestKeys, listen } from './host.js'
import { nestHost } from './nest-host.js'
import { credentialsIn, fastifyHost, type Host, honoHost, nodeHost } from './other-hosts.js'
import { exchange, get } from './wire.js'

const expressHost: Host = async (apiKeys, options) => {
  const app = express()
  app.disable('x-powered-by')
  app.use(requireApiKey(apiKeys, options))
  app.use((request, response) => {
    response.set('X-Found', credentialsIn(new Headers(request.headers as Record<string, string>)))
    response.json({ admitted: request.apiKey?.projectId })
  })
  return listen(app)
}

const hosts = {
  Express: expressHost,
  Hono: honoHost,
  Fastify: fastifyHost,
  Node: nodeHost,
  Nest: nestHost('express'),
}

const issueTo = async (apiKeys: ApiKeys, expiresAt?: Date) =>
  apiKeys.issue({ projectId: '42', environment: 'production', label: 'test', expiresAt })

async function guarded(listenOn: Host, options: GateOptions<unknown> = {}) {
  let now = Date.now()
  const { apiKeys } = createTestKeys({ now: () => now })
  const { key, record } = await issueTo(apiKeys, new Date(now + 1_000))
  const failures: FailureEvent[] = []
  const { port } = await listenOn(apiKeys, { onFailure: (event) => failures.push(event), ...options })
  const send = async (...lines: string[]) => {
    const [response] = await exchange(port, get('/v1/me', ...lines))
    if (response === undefined) throw new Error('no response')
    return response
  }
  return { apiKeys, id: record.id, key, send, failures, elapse: () => (now += 1_000) }
}

const admitted = { status: 200, body: '{"admitted":"42"}' }
const anonymous = { status: 200, body: '{}' }
const refused = { status: 401, body: UNAUTHORIZED_BODY }

const severalPlaces: readonly CredentialPlace[] = [
  'authorization-bearer',
  'x-api-key',
  { header: 'X-Acme-Key' },
  { header: 'authorization', scheme: 'Token' },
]

describe.each(Object.entries(hosts))('on %s', (_name, listenOn) => {
  it('a key is read from any of the places that are named, whatever the case of names and schemes', async () => {
    const { key, send } = await guarded(listenOn, { credential: severalPlaces })
    for (const line of [
      `Authorization: Bearer ${key}`,
      `authorization: bearer  ${key}`,
      `AUTHORIZATION: token ${key}`,
      `X-Api-Key: ${key}`,
      `x-acme-key: ${key}`,
    ]) {
      const response = await send(line)
      expect(response).toMatchObject(admitted)
      expect(response.headers.vary).toBe('Authorization, X-API-Key, X-Acme-Key')
    }
  })

  it('a key in a place that is not named is no key', async () => {
    const { key, send, failures } = await guarded(listenOn, { credential: { header: 'x-acme-key' } })
    for (const line of [`X-API-Key: ${key}`, `Authorization: Bearer ${key}`]) {
      expect(await send(line)).toMatchObject(refused)
    }
    expect(failures.map(({ reason }) => reason)).toEqual(['missing', 'missing'])
  })

  it('two keys are refused, in two places or in one, even when they are the same', async () => {
    const { key, send, failures } = await guarded(listenOn, {
      credential: ['authorization-bearer', 'x-api-key'],
    })
    expect(await send(`Authorization: Bearer ${key}`, `X-API-Key: ${key}`)).toMatchObject(refused)
    expect(await send(`Authorization: Bearer ${key}`, `Authorization: Bearer ${key}`)).toMatchObject(refused)
    expect(await send(`X-API-Key: ${key}`, `X-API-Key: ${key}`)).toMatchObject(refused)
    expect(failures.map(({ reason }) => reason)).toEqual(['ambiguous', 'malformed', 'malformed'])
  })

  it('the challenge names the schemes that would do', async () => {
    const { send } = await guarded(listenOn, { credential: severalPlaces, realm: 'acme' })
    const { headers } = await send()
    expect(headers['www-authenticate']).toBe('Bearer realm="acme", ApiKey realm="acme", Token realm="acme"')
  })

  it('without options, answers are those of X-API-Key alone, byte for byte', async () => {
    const { key, send } = await guarded(listenOn)
    expect(await send(`Authorization: Bearer ${key}`)).toMatchObject({
      ...refused,
      headers: { vary: 'X-API-Key', 'www-authenticate': 'ApiKey realm="api"' },
    })
  })

  it('an optional key may be missing, but not wrong', async () => {
    const { key, send } = await guarded(listenOn, { optional: true })
    expect(await send()).toMatchObject(anonymous)
    expect(await send(`X-API-Key: ${key}`)).toMatchObject(admitted)
    expect(await send(`X-API-Key: ${key}1`)).toMatchObject(refused)
    expect(await send('X-API-Key:')).toMatchObject(refused)
  })

  it('beside an optional key, another token in Authorization is left to the host, and a revoked key is not', async () => {
    const credential = ['authorization-bearer', 'x-api-key'] as const
    const { apiKeys, id, key, send } = await guarded(listenOn, { optional: true, credential })
    expect(await send('Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln')).toMatchObject(anonymous)
    expect(await send('Authorization: Basic YTpi')).toMatchObject(anonymous)
    expect(await send(`Authorization: Bearer ${key}`)).toMatchObject(admitted)
    await apiKeys.revoke(id)
    expect(await send(`Authorization: Bearer ${key}`)).toMatchObject(refused)
  })

  it('an accepted key can be taken out of the request before it is forwarded', async () => {
    const credential = ['authorization-bearer', 'x-api-key'] as const
    const { key, send } = await guarded(listenOn, { credential, stripCredential: true })
    for (const line of [`Authorization: Bearer ${key}`, `X-API-Key: ${key}`]) {
      expect(await send(line)).toMatchObject({ ...admitted, headers: { 'x-found': '' } })
    }
    const kept = await guarded(listenOn)
    expect((await kept.send(`X-API-Key: ${kept.key}`)).headers['x-found']).toBe('x-api-key')
  })

  it('what became of a key is told where the host says so, and to nobody but its holder', async () => {
    const { apiKeys, id, key, send, elapse } = await guarded(listenOn, {
      disclose: ['expired', 'disabled', 'revoked'],
    })
    elapse()
    expect(await send(`X-API-Key: ${key}`)).toMatchObject({
      status: 401,
      body: '{"statusCode":401,"message":"This API key has expired","error":"Unauthorized"}',
    })
    await apiKeys.disable(id)
    expect((await send(`X-API-Key: ${key}`)).body).toContain('is disabled')
    await apiKeys.revoke(id)
    expect((await send(`X-API-Key: ${key}`)).body).toContain('has been revoked')
    const forged = key.slice(0, 21) + key.slice(21).split('').reverse().join('')
    expect(await send(`X-API-Key: ${forged}`)).toMatchObject(refused)
  })

  it('a refusal is answered in the shape of the host, with the fields that belong to it', async () => {
    const { send, failures } = await guarded(listenOn, {
      respond: ({ reason }) => ({
        status: 403,
        headers: { 'X-Request-Id': '7', vary: 'Origin', 'content-length': '1' },
        body: { error: { type: 'authentication_error', reason } },
      }),
    })
    expect(await send()).toMatchObject({
      status: 403,
      body: '{"error":{"type":"authentication_error","reason":"missing"}}',
      headers: {
        'x-request-id': '7',
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        vary: 'X-API-Key, Origin',
      },
    })
    expect(failures).toMatchObject([{ reason: 'missing', status: 403 }])
  })

  it.each([
    ['a success', () => ({ status: 200, body: 'ok' })],
    ['a redirection', () => ({ status: 302, headers: { Location: '/login' }, body: '' })],
    ['a promise', async () => ({ body: 'later' })],
    ['a promise that is broken', () => Promise.reject(new Error('no'))],
    ['no body', () => ({ status: 401 })],
    ['a line break in a field', () => ({ headers: { 'X-A': 'a\r\nSet-Cookie: b' }, body: '' })],
    ['nothing', () => undefined],
    ['an exception', () => JSON.parse('{')],
  ])('%s of the host does not replace the standard answer', async (_case, respond) => {
    vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    const { send } = await guarded(listenOn, { respond: respond as never })
    expect(await send()).toMatchObject(refused)
  })
})

it('a key that one guard has taken out is verified by the next one all the same', async () => {
  const { apiKeys } = createTestKeys()
  const { key, record } = await issueTo(apiKeys)
  const app = express()
  app.use(requireApiKey(apiKeys, { stripCredential: true }))
  app.use((_request, _response, next) => void apiKeys.revoke(record.id).then(() => next()))
  app.use(requireApiKey(apiKeys), (_request, response) => void response.end('in'))
  const { port } = await listen(app)
  const [response] = await exchange(port, get('/', `X-API-Key: ${key}`))
  expect(response?.status).toBe(401)
})

it.each([
  ['was not read before', false],
  ['was read before', true],
])(
  'a key that was taken out is in no form in which Node has a request, where the last %s',
  async (_, early) => {
    const { apiKeys } = createTestKeys()
    const { key } = await issueTo(apiKeys)
    const app = express()
    const credential = ['authorization-bearer', 'x-api-key'] as const
    app.use((request, _response, next) => {
      if (early) expect(JSON.stringify(request.headersDistinct)).toContain(key)
      next()
    })
    app.use(requireApiKey(apiKeys, { credential, stripCredential: true }))
    app.use(({ headers, rawHeaders, headersDistinct }, response) =>
      response.json([headers, rawHeaders, headersDistinct]),
    )
    const { port } = await listen(app)
    for (const line of [`Authorization: Bearer ${key}`, `X-API-Key: ${key}`]) {
      const [response] = await exchange(port, get('/', line, 'X-Other: kept'))
      const [headers, rawHeaders, distinct] = JSON.parse(response?.body ?? '')
      expect(headers).toMatchObject({ 'x-other': 'kept' })
      expect(distinct).toMatchObject({ 'x-other': ['kept'] })
      expect(rawHeaders).toContain('X-Other')
      expect(response?.body).not.toContain(key)
    }
  },
)

it('a proxy that asks, and a tsoa route, read the key from the same places', async () => {
  const { apiKeys } = createTestKeys()
  const { key } = await issueTo(apiKeys)
  const app = express()
  app.use('/verify', verifyRoute(apiKeys, { credential: 'authorization-bearer' }))
  const authenticate = tsoaAuthentication({ apiKeys, credential: 'authorization-bearer' })
  app.use('/tsoa', (request: Request, response) =>
    authenticate(request, 'api_key').then(
      () => void response.end('in'),
      ({ status }) => void response.status(status).end(),
    ),
  )
  const { port } = await listen(app)
  for (const path of ['/verify', '/tsoa']) {
    const [accepted] = await exchange(port, get(path, `Authorization: Bearer ${key}`))
    const [declined] = await exchange(port, get(path, `X-API-Key: ${key}`))
    expect([accepted?.status, declined?.status]).toEqual([200, 401])
  }
})

it('at most one place is ever read, whatever a request holds', async () => {
  const { apiKeys } = createTestKeys()
  const issued = await Promise.all([issueTo(apiKeys), issueTo(apiKeys)])
  const { port } = await expressHost(apiKeys, { credential: severalPlaces })
  const held = fc.constantFrom(...issued.map(({ key }) => key), 'x', '')
  const line = fc
    .tuple(
      fc.constantFrom('Authorization: Bearer ', 'Authorization: Token ', 'X-API-Key: ', 'X-Acme-Key: '),
      held,
    )
    .map(([start, value]) => start + value)
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 4 }), async (lines) => {
      const [response] = await exchange(port, get('/', ...lines))
      const keys = lines.filter((text) => issued.some(({ key }) => text.endsWith(key)))
      if (response?.status === 200) expect(keys).toHaveLength(1)
      if (lines.length === 1 && keys.length === 1) expect(response?.status).toBe(200)
    }),
    { numRuns: 100 },
  )
})

describe('places that cannot be', () => {
  const { apiKeys } = createTestKeys()
  it.each([
    [[], 'credential: must name at least one place'],
    ['authorization', 'credential: must be "x-api-key", "authorization-bearer" or { header: "x-my-key" }'],
    [{ header: 'x acme' }, 'credential.header: must be a name that HTTP allows'],
    [{ name: 'x-acme' }, 'credential.name: no such option; there are header, scheme'],
    [['x-api-key', { header: 'X-API-Key' }], 'credential[1]: is named twice'],
  ])('%j is refused when the guard is made', (credential, complaint) => {
    expect(() => requireApiKey(apiKeys, { credential } as never)).toThrow(complaint)
  })

  it.each(['optional', 'stripCredential', 'respond'])('a proxy that asks has no %s', (name) => {
    expect(() => verifyRoute(apiKeys, { [name]: name === 'respond' ? () => {} : true } as never)).toThrow(
      name,
    )
  })
})
