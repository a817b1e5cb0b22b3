import express from 'express'
import fc from 'fast-check'
import CachePolicy from 'http-cache-semantics'
import { describe, expect, it } from 'vitest'
import { sendError } from '../src/express-gate.js'
import { requireApiKey } from '../src/index.js'
import { UNAUTHORIZED_BODY } from './contract.js'
import { createTestKeys, guardedHost as host, listen } from './host.js'
import { exchange, get } from './wire.js'

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

it.each([
  {
    accept: 'application/json',
    body: '{"statusCode":429,"message":"Slow down","error":"Too Many Requests","retry_after_seconds":17}',
  },
  {
    accept: 'application/problem+json',
    body: '{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Slow down","instance":"/v1/me","retry_after_seconds":17}',
  },
])('a 429 says in header and body how long to wait, as $accept', async ({ accept, body }) => {
  const app = express()
  app.use((request, response) =>
    sendError(request, response, { status: 429, message: 'Slow down', retryAfterSeconds: 17 }),
  )
  const { url } = await listen(app)
  const response = await fetch(`${url}/v1/me?api_key=secret`, { headers: { accept } })
  expect(await response.text()).toBe(body)
  expect(response.headers.get('retry-after')).toBe('17')
  expect(response.headers.get('cache-control')).toBe('no-store')
})
