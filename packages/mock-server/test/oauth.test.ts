// The authorization server that a document describes: its tokens, and which of them open what.

import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { describe, expect, it } from 'vitest'
import type { MockServer } from '../src/index.js'
import { document, folder, ok, send, start, stop } from './harness.js'

const HOUR_MS = 3_600_000
const scopes = { read: 'See pets', write: 'Change pets' }
const flows = {
  clientCredentials: { tokenUrl: 'https://auth.example.com/oauth/token', scopes },
  authorizationCode: {
    authorizationUrl: 'https://auth.example.com/oauth/authorize',
    tokenUrl: 'https://auth.example.com/oauth/token',
    scopes,
  },
}
const paths = {
  '/pets': {
    get: { security: [{ oauth: ['read'] }], ...ok() },
    post: { security: [{ oauth: ['read', 'write'] }], ...ok() },
  },
}
const components = (scheme: object) => ({ components: { securitySchemes: { oauth: scheme } } })
const spec = document(paths, components({ type: 'oauth2', flows }))
const basic = { authorization: `Basic ${btoa('app:secret')}` }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const form = (mock: MockServer, path: string, parameters: Record<string, string>, headers: object = basic) =>
  send(mock, `POST ${path}`, new URLSearchParams(parameters).toString(), { ...FORM, ...headers })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const tokenFor = async (mock: MockServer, scope = 'read write'): Promise<string> =>
  (await form(mock, '/oauth/token', { grant_type: 'client_credentials', scope })).json.access_token

/** An unmodified client of this mock, as RFC 8414 lets it find the endpoints. */
const discover = (
  mock: MockServer,
  id = 'app',
  secret?: string,
  at = mock.url,
  algorithm: 'oidc' | 'oauth2' = 'oauth2',
) =>
  client.discovery(
    new URL(at),
    id,
    secret,
    secret === undefined ? client.None() : client.ClientSecretBasic(secret),
    {
      algorithm,
      execute: [client.allowInsecureRequests],
    },
  )

describe('an access token', () => {
  it('is issued at the address that the document names, to any client with a secret, and opens what its scopes allow', async () => {
    const mock = await start({ spec })
    const issued = await form(mock, '/oauth/token', { grant_type: 'client_credentials', scope: 'read' })
    expect(issued.status).toBe(200)
    expect(issued.json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'read' })
    expect(issued.headers.get('cache-control')).toBe('no-store')
    const token: string = issued.json.access_token
    expect((await send(mock, 'GET /pets', undefined, bearer(token))).status).toBe(200)
    const lacking = await send(mock, 'POST /pets', undefined, bearer(token))
    expect(lacking.status).toBe(403)
    expect(lacking.headers.get('www-authenticate')).toMatch(
      /^Bearer .*error="insufficient_scope".*scope="read write"$/,
    )
    expect((await send(mock, 'POST /pets', undefined, bearer(await tokenFor(mock)))).status).toBe(200)
  })

  it('expires by the clock of the mock', async () => {
    const mock = await start({ spec })
    const token = await tokenFor(mock)
    mock.advance(HOUR_MS - 5_000)
    expect((await send(mock, 'GET /pets', undefined, bearer(token))).status).toBe(200)
    mock.advance(5_000)
    const late = await send(mock, 'GET /pets', undefined, bearer(token))
    expect(late.status).toBe(401)
    expect(late.headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(late.text).toContain('expired')
  })

  it('is a JWT that verifies with the published key, and is of no other spelling', async () => {
    const mock = await start({ spec })
    const token = await tokenFor(mock)
    const keys = createRemoteJWKSet(new URL(`${mock.url}/oauth2/jwks`))
    const { payload } = await jwtVerify(token, keys, { typ: 'at+jwt', issuer: mock.url, audience: mock.url })
    expect(payload).toMatchObject({ sub: 'app', client_id: 'app', scope: 'read write' })

    const [header = '', claims = '', signature = ''] = token.split('.')
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    const forged = [
      `${header}.${encoded({ ...payload, scope: 'read write admin' })}.${signature}`,
      `${encoded({ alg: 'none', typ: 'at+jwt', kid })}.${claims}.`,
      `${encoded({ alg: 'HS256', typ: 'at+jwt', kid })}.${claims}.${signature}`,
      `${encoded({ alg: 'RS256', typ: 'JWT', kid })}.${claims}.${signature}`,
      `${header}.${claims}.${signature.slice(0, -4)}`,
      `${token}.x`,
      `${encoded({ alg: 'RS256', kid: 'another' })}.${claims}.${signature}`,
    ]
    for (const one of forged)
      expect((await send(mock, 'GET /pets', undefined, bearer(one))).status, one).toBe(401)
  })

  it('is one of several credentials: keys of the mock open as before, and with auth any so does anything', async () => {
    const mock = await start({ spec })
    expect((await send(mock, 'GET /pets', undefined, bearer(mock.keys.test))).status).toBe(200)
    expect((await send(mock, 'GET /pets', undefined, bearer('opaque'))).status).toBe(200)
    expect((await send(mock, 'GET /pets')).status).toBe(401)
    const anyone = await start({ spec, auth: 'any' })
    expect((await send(anyone, 'POST /pets', undefined, bearer(await tokenFor(anyone, 'read')))).status).toBe(
      200,
    )
  })

  it('is all that counts once clients are registered, who alone get one', async () => {
    const mock = await start({ spec, clients: [{ id: 'app', secret: 'secret' }] })
    expect((await send(mock, 'GET /pets', undefined, bearer(await tokenFor(mock)))).status).toBe(200)
    expect((await send(mock, 'GET /pets', undefined, bearer(mock.keys.test))).status).toBe(200)
    expect((await send(mock, 'GET /pets', undefined, bearer('opaque'))).status).toBe(401)
    for (const pair of ['app:wrong', 'other:secret', 'app:']) {
      const refused = await form(
        mock,
        '/oauth/token',
        { grant_type: 'client_credentials' },
        { authorization: `Basic ${btoa(pair)}` },
      )
      expect([refused.status, refused.json.error, refused.headers.get('www-authenticate')]).toEqual([
        401,
        'invalid_client',
        'Basic realm="oauth"',
      ])
    }
  })

  it('survives a restart of the mock and a reset of its state, and no secret of it is in the journal', async () => {
    const db = `${await folder()}/mock.db`
    const before = await start({ spec, db })
    const token = await tokenFor(before)
    await stop(before)
    const mock = await start({ spec, db })
    await mock.reset()
    expect((await send(mock, 'GET /pets', undefined, bearer(token))).status).toBe(200)
    await form(mock, '/oauth/token', { grant_type: 'client_credentials', client_secret: 'hidden-one' }, {})
    await send(mock, `GET /pets?note=${token}`, undefined, bearer(token))
    const [used, , last] = mock.requests()
    expect(used).toMatchObject({ clientId: 'app', status: 200 })
    expect(last?.path).toBe('/pets?note=[redacted]')
    expect(JSON.stringify(mock.requests())).not.toMatch(/hidden-one|eyJ/)
  })
})

describe('the token endpoint', () => {
  it.each<[string, Record<string, string>, object, number, string]>([
    ['nothing to say what is wanted', {}, basic, 400, 'invalid_request'],
    [
      'a grant without a flow',
      { grant_type: 'password', username: 'a', password: 'b' },
      basic,
      400,
      'unsupported_grant_type',
    ],
    ['no client', { grant_type: 'client_credentials' }, {}, 401, 'invalid_client'],
    [
      'a client without a secret',
      { grant_type: 'client_credentials', client_id: 'app' },
      {},
      401,
      'invalid_client',
    ],
    ['two secrets', { grant_type: 'client_credentials', client_secret: 'x' }, basic, 400, 'invalid_request'],
    [
      'another client id',
      { grant_type: 'client_credentials', client_id: 'x' },
      basic,
      400,
      'invalid_request',
    ],
    [
      'an unknown scope',
      { grant_type: 'client_credentials', scope: 'read fly' },
      basic,
      400,
      'invalid_scope',
    ],
    ['an unknown code', { grant_type: 'authorization_code', code: 'x' }, basic, 400, 'invalid_grant'],
  ])('refuses %s in the words of RFC 6749', async (_, parameters, headers, status, error) => {
    const mock = await start({ spec })
    const refused = await form(mock, '/oauth/token', parameters, headers)
    expect([refused.status, refused.json.error]).toEqual([status, error])
    expect(refused.json.error_description).toMatch(/^[\x20-\x7e]+$/)
    expect(refused.headers.get('content-type')).toBe('application/json')
  })

  it('is at every address that a document means, in each version of OpenAPI', async () => {
    const at = async (path: string, given: object) => {
      const mock = await start({ spec: given })
      return (await form(mock, path, { grant_type: 'client_credentials' })).status
    }
    const of = (tokenUrl: string, rest: object = {}) => ({
      ...document(paths, components({ type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes } } })),
      ...rest,
    })
    const servers = [{ url: 'https://api.example.com/v1' }]
    expect(await at('/oauth/token', of('/oauth/token', { servers }))).toBe(200)
    expect(await at('/v1/oauth/token', of('/oauth/token', { servers }))).toBe(200)
    expect(await at('/v1/token', of('token', { servers }))).toBe(200)
    expect(await at('/acme/token', of('https://{tenant}.example.com/{realm}/token'))).toBe(200)
    expect(await at('/admin/oauth/token', of('https://shop.example.com/admin/oauth/token'))).toBe(200)
    expect(await at('/token', of('https://a.example.com/token?version=2'))).toBe(200)
    const swagger = {
      ...{ swagger: '2.0', info: { title: 'Test', version: '1' }, basePath: '/v2', paths },
      securityDefinitions: {
        oauth: { type: 'oauth2', flow: 'application', tokenUrl: 'https://a.example.com/t', scopes },
      },
    }
    expect(await at('/t', swagger)).toBe(200)
  })

  it('answers in the form of the operation that a document describes there, and leaves other requests to it', async () => {
    const token = {
      ...{ type: 'object', required: ['accessToken', 'token_type', 'expires_in', 'tenant'] },
      properties: {
        ...{
          accessToken: { type: 'string' },
          token_type: { enum: ['bearer'] },
          refreshToken: { type: 'string' },
        },
        ...{ expires_in: { type: 'string' }, tenant: { type: 'string', example: 'acme' } },
      },
    }
    const described = { ...paths, '/oauth/token': { post: { operationId: 'login', ...ok(token) } } }
    const mock = await start({ spec: document(described, components({ type: 'oauth2', flows })) })
    const { status, json } = await form(mock, '/oauth/token', { grant_type: 'client_credentials' })
    expect(status).toBe(200)
    expect(json).toMatchObject({ token_type: 'bearer', expires_in: '3600', tenant: 'acme' })
    expect(json).not.toHaveProperty('refreshToken')
    expect((await send(mock, 'GET /pets', undefined, bearer(json.accessToken))).status).toBe(200)
    const asJson = await send(mock, 'POST /oauth/token', { grant_type: 'client_credentials' }, basic)
    expect(asJson.status).toBe(200)
    expect((await form(mock, '/oauth/token', { user: 'a' })).headers.get('mock-source')).toBe('generated')
    const own = await start({
      spec: document(described, components({ type: 'oauth2', flows })),
      handlers: {
        login: () => ({
          status: 200,
          body: { accessToken: 'mine', token_type: 'bearer', expires_in: '1', tenant: 'a' },
        }),
      },
    })
    const handled = await form(own, '/oauth/token', { grant_type: 'client_credentials' })
    expect(handled.json.accessToken).toBe('mine')
  })
})

describe('an unmodified client', () => {
  it('finds the endpoints and gets a token with its own credentials', async () => {
    const mock = await start({ spec })
    const config = await discover(mock, 'app', 'secret')
    const { access_token: token } = await client.clientCredentialsGrant(config, { scope: 'read' })
    expect((await send(mock, 'GET /pets', undefined, bearer(token))).status).toBe(200)
  })
})
