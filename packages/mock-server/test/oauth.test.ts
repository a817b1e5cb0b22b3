// The authorization server that a document describes: its tokens, and which of them open what.

import fc from 'fast-check'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { describe, expect, it } from 'vitest'
import type { MockServer } from '../src/index.js'
import { createClients } from '../src/oauth/clients.js'
import { openDatabase } from '../src/storage/database.js'
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
    expect(await at('/token', of('{host}/token'))).toBe(200)
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

/** What a browser does on the consent page: reads the form, and sends it from there. */
async function answer(
  mock: MockServer,
  page: URL,
  fields: Record<string, string> = { decision: 'allow' },
  headers: object = { origin: mock.url },
) {
  const shown = await send(mock, `GET ${page.pathname}${page.search}`)
  const consent = /name="consent" value="([^"]+)"/.exec(shown.text)?.[1] ?? ''
  const boxes = [...shown.text.matchAll(/name="(scope\.\d+)"/g)].map(([, name = '']) => [name, 'on'])
  const all = { consent, user: 'alice', ...Object.fromEntries(boxes), ...fields }
  return { shown, sent: await form(mock, page.pathname, all, headers) }
}

const openId = document(
  { '/me': { get: { security: [{ oidc: ['read'] }], ...ok() } } },
  {
    components: {
      securitySchemes: {
        oidc: {
          type: 'openIdConnect',
          openIdConnectUrl: 'https://id.example.com/realms/a/.well-known/openid-configuration',
        },
      },
    },
  },
)

describe('an unmodified client', () => {
  it('finds the endpoints and gets a token with its own credentials', async () => {
    const mock = await start({ spec })
    const config = await discover(mock, 'app', 'secret')
    const { access_token: token } = await client.clientCredentialsGrant(config, { scope: 'read' })
    expect((await send(mock, 'GET /pets', undefined, bearer(token))).status).toBe(200)
  })

  it.each([undefined, 'secret'])(
    'completes OpenID Connect with PKCE, as a client with the secret %s',
    async (secret) => {
      const mock = await start({ spec: openId })
      const config = await discover(mock, 'app', secret, `${mock.url}/realms/a`, 'oidc')
      const redirect = 'http://localhost:3000/callback'
      const [verifier, nonce, state] = [
        client.randomPKCECodeVerifier(),
        client.randomNonce(),
        client.randomState(),
      ]
      const page = client.buildAuthorizationUrl(config, {
        ...{ redirect_uri: redirect, scope: 'openid profile email read offline_access', nonce, state },
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      const { sent } = await answer(mock, page)
      expect(sent.status).toBe(303)
      const back = new URL(sent.headers.get('location') ?? '')
      expect(back.href).toMatch(/^http:\/\/localhost:3000\/callback\?code=gsk_code_/)
      const checks = {
        pkceCodeVerifier: verifier,
        expectedNonce: nonce,
        expectedState: state,
        idTokenExpected: true,
      }
      const tokens = await client.authorizationCodeGrant(config, back, checks)
      expect(tokens.claims()).toMatchObject({ sub: 'alice', email: 'alice@example.com', nonce })
      expect((await send(mock, 'GET /me', undefined, bearer(tokens.access_token))).status).toBe(200)
      const info = await client.fetchUserInfo(config, tokens.access_token, 'alice')
      expect(info).toEqual({
        ...{ sub: 'alice', name: 'alice', preferred_username: 'alice' },
        ...{ email: 'alice@example.com', email_verified: true },
      })

      const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
      expect((await client.tokenIntrospection(config, renewed.access_token)).active).toBe(true)
      // Somebody else used the first one, or will: all that came from it ends.
      await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toThrow()
      for (const token of [renewed.access_token, renewed.refresh_token ?? ''])
        expect(await client.tokenIntrospection(config, token)).toMatchObject({ active: false })
      expect((await send(mock, 'GET /me', undefined, bearer(renewed.access_token))).status).toBe(401)
      expect(JSON.stringify(mock.requests())).not.toMatch(/gsk_(code|refresh|consent)_|eyJ[\w-]+\.eyJ/)
      expect(JSON.stringify(mock.requests())).not.toContain(verifier)
    },
  )

  it('completes the device flow, and revokes what it got', async () => {
    const mock = await start({ spec: openId })
    const config = await discover(mock, 'tv', undefined, `${mock.url}/realms/a`, 'oidc')
    const waiting = await client.initiateDeviceAuthorization(config, { scope: 'openid read' })
    const ask = () =>
      form(
        mock,
        '/realms/a/oauth2/token',
        {
          ...{ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'tv' },
          device_code: waiting.device_code,
        },
        {},
      )
    expect((await ask()).json.error).toBe('authorization_pending')
    expect((await ask()).json.error).toBe('slow_down')
    const { shown, sent } = await answer(mock, new URL(waiting.verification_uri_complete ?? ''))
    expect([shown.status, sent.status]).toEqual([200, 200])
    const tokens = await client.pollDeviceAuthorizationGrant(config, waiting)
    expect(tokens.claims()?.sub).toBe('alice')
    expect((await ask()).json.error).toBe('invalid_grant')
    expect((await send(mock, 'GET /me', undefined, bearer(tokens.access_token))).status).toBe(200)
    await client.tokenRevocation(config, tokens.access_token)
    const refused = await send(mock, 'GET /me', undefined, bearer(tokens.access_token))
    expect([refused.status, refused.text.includes('revoked')]).toEqual([401, true])
    await client.tokenRevocation(config, 'unknown')

    const denied = await client.initiateDeviceAuthorization(config, {})
    await answer(mock, new URL(denied.verification_uri_complete ?? ''), { decision: 'deny' })
    await expect(client.pollDeviceAuthorizationGrant(config, denied)).rejects.toMatchObject({
      error: 'access_denied',
    })
    const late = await client.initiateDeviceAuthorization(config, {})
    mock.advance(HOUR_MS)
    await expect(client.pollDeviceAuthorizationGrant(config, late)).rejects.toMatchObject({
      error: 'expired_token',
    })
    expect((await send(mock, 'GET /realms/a/oauth2/device?user_code=BCDF-GHJK')).text).toContain(
      'No device waits',
    )
  })
})

describe('the authorization endpoint', () => {
  const request = (mock: MockServer, changes: Record<string, string | undefined> = {}): URL => {
    const page = new URL(`${mock.url}/oauth/authorize`)
    const parameters = {
      ...{ response_type: 'code', client_id: 'app', scope: 'read write', state: 's' },
      redirect_uri: 'http://127.0.0.1:3000/callback',
      ...changes,
    }
    for (const [name, value] of Object.entries(parameters))
      if (value !== undefined) page.searchParams.set(name, value)
    return page
  }
  const shownBy = (mock: MockServer, page: URL) => send(mock, `GET ${page.pathname}${page.search}`)

  it.each([
    'https://evil.example.com/callback',
    'http://localhost.evil.example.com/callback',
    'http://localhost:3000@evil.example.com/',
    'http://localhost\\@evil.example.com/',
    'http://127.0.0.1:3000/callback#fragment',
    'http://127.0.0.1:99999/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    '//evil.example.com',
    '/callback',
    undefined,
  ])('sends nobody to %s', async (redirectUri) => {
    const mock = await start({ spec })
    const { status, headers, text } = await shownBy(mock, request(mock, { redirect_uri: redirectUri }))
    expect([status, headers.get('location')]).toEqual([400, null])
    expect(text).toContain('--redirect-uri')
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'.*form-action 'self'; /)
  })

  it('takes no spelling of another host for this machine', () => {
    const { mayReturnTo } = createClients([], [])
    const piece = fc.constantFrom(
      ...[
        'http://',
        'https://',
        'localhost',
        '127.0.0.1',
        '[::1]',
        '127.1',
        'evil.example',
        ':80',
        ':99999',
        '@',
      ],
      ...['/', '//', '\\', '?', '#', '.', '%00', '%2f', ' ', '\t', '\n', '\u3002', 'a'],
    )
    const address = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((all) => all.join('')),
      fc.webUrl(),
      fc.string(),
    )
    fc.assert(
      fc.property(address, (uri) => {
        if (!mayReturnTo('app', uri)) return
        const { protocol, hostname, hash, username } = new URL(uri)
        expect([protocol, hash, username]).toEqual(['http:', '', ''])
        expect(['localhost', '127.0.0.1', '[::1]']).toContain(hostname)
      }),
      { numRuns: 5_000 },
    )
    expect(mayReturnTo('app', 'http://[::1]:80/a?b=c')).toBe(true)
  })

  it('sends people to exactly the addresses that are registered, and on this machine to any port', async () => {
    const mock = await start({
      spec,
      clients: [
        { id: 'app', redirectUris: ['https://app.example.com/a', 'http://localhost/b', 'com.example:/c'] },
      ],
    })
    const statusOf = async (redirectUri: string, id = 'app') =>
      (await shownBy(mock, request(mock, { redirect_uri: redirectUri, client_id: id }))).status
    for (const uri of ['https://app.example.com/a', 'http://localhost:5173/b', 'com.example:/c'])
      expect(await statusOf(uri), uri).toBe(200)
    for (const uri of [
      'https://app.example.com/a?b=c',
      'https://app.example.com/a/',
      'http://localhost/',
      'http://127.0.0.1/b',
    ])
      expect(await statusOf(uri), uri).toBe(400)
    expect(await statusOf('https://app.example.com/a', 'other')).toBe(400)
  })

  it.each<[Record<string, string | undefined>, string]>([
    [{ response_type: undefined }, 'invalid_request'],
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ code_challenge: 'a'.repeat(43) }, 'invalid_request'],
    [{ code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
    [{ code_challenge: 'short', code_challenge_method: 'S256' }, 'invalid_request'],
    [{ scope: 'fly' }, 'invalid_scope'],
    [{ prompt: 'none' }, 'login_required'],
  ])('tells the client what is wrong with %j', async (changes, error) => {
    const mock = await start({ spec })
    const { status, headers } = await shownBy(mock, request(mock, changes))
    const back = new URL(headers.get('location') ?? '')
    expect([status, back.origin + back.pathname]).toEqual([303, 'http://127.0.0.1:3000/callback'])
    const told = new URLSearchParams(back.search || back.hash.slice(1))
    expect(Object.fromEntries(told)).toMatchObject({ error, state: 's', iss: mock.url })
  })

  it('takes an answer once, from its own page only, for the scopes that are ticked', async () => {
    const mock = await start({ spec, corsOrigins: ['https://app.example.com'] })
    const page = request(mock, { scope: 'read write' })
    for (const origin of ['https://app.example.com', 'null', 'http://localhost:9'])
      expect((await answer(mock, page, { decision: 'allow' }, { origin })).sent.status, origin).toBe(403)
    const crossSite = await answer(mock, page, { decision: 'allow' }, { 'sec-fetch-site': 'cross-site' })
    expect(crossSite.sent.status).toBe(403)
    expect(crossSite.shown.headers.get('access-control-allow-origin')).toBeNull()
    expect(crossSite.shown.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    const escaped = await shownBy(mock, request(mock, { client_id: '<script>' }))
    expect(escaped.text).not.toContain('<script>')

    const { shown } = await answer(mock, page, { decision: 'deny' })
    const consent = /name="consent" value="([^"]+)"/.exec(shown.text)?.[1] ?? ''
    expect((await form(mock, '/oauth/authorize', { consent, decision: 'allow' }, {})).status).toBe(400)
    const fresh = /name="consent" value="([^"]+)"/.exec((await shownBy(mock, page)).text)?.[1] ?? ''
    const allowed = await form(
      mock,
      '/oauth/authorize',
      { consent: fresh, decision: 'allow', 'scope.0': 'on' },
      {},
    )
    const code = new URL(allowed.headers.get('location') ?? '').searchParams.get('code') ?? ''
    const redeem = (changes: Record<string, string> = {}, headers: object = basic) =>
      form(
        mock,
        '/oauth/token',
        {
          ...{ grant_type: 'authorization_code', code, redirect_uri: 'http://127.0.0.1:3000/callback' },
          ...changes,
        },
        headers,
      )
    const issued = await redeem()
    expect(issued.json.scope).toBe('read')
    // A code that is used again takes back what it gave.
    expect((await redeem()).json.error).toBe('invalid_grant')
    expect((await send(mock, 'GET /pets', undefined, bearer(issued.json.access_token))).status).toBe(401)
  })

  it.each<[string, Record<string, string>, object]>([
    ['another client', {}, { authorization: `Basic ${btoa('other:secret')}` }],
    ['another redirect_uri', { redirect_uri: 'http://127.0.0.1:3001/callback' }, basic],
    ['a verifier that was not asked for', { code_verifier: 'a'.repeat(43) }, basic],
    ['a client without a secret, and no PKCE', { client_id: 'app' }, {}],
  ])('gives no tokens for a code to %s', async (_, changes, headers) => {
    const mock = await start({ spec })
    const { sent } = await answer(mock, request(mock))
    const code = new URL(sent.headers.get('location') ?? '').searchParams.get('code') ?? ''
    const parameters = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: 'http://127.0.0.1:3000/callback',
    }
    expect((await form(mock, '/oauth/token', { ...parameters, ...changes }, headers)).json.error).toBe(
      'invalid_grant',
    )
  })

  it('gives tokens in the fragment where the document has the implicit flow, and to a password where it has that', async () => {
    const implicit = { authorizationUrl: 'https://a.example.com/login', scopes }
    const password = { tokenUrl: 'https://a.example.com/token', scopes }
    const mock = await start({
      spec: document(paths, components({ type: 'oauth2', flows: { implicit, password } })),
    })
    const page = request(mock, { response_type: 'token' })
    page.pathname = '/login'
    const { sent } = await answer(mock, page)
    const back = new URL(sent.headers.get('location') ?? '')
    const given = new URLSearchParams(back.hash.slice(1))
    expect([back.search, given.get('token_type'), given.get('state')]).toEqual(['', 'Bearer', 's'])
    expect((await send(mock, 'POST /pets', undefined, bearer(given.get('access_token') ?? ''))).status).toBe(
      200,
    )
    const byPassword = await form(
      mock,
      '/token',
      {
        ...{ grant_type: 'password', username: 'alice', password: 'any', client_id: 'app', scope: 'read' },
      },
      {},
    )
    expect(byPassword.json).toMatchObject({
      scope: 'read',
      refresh_token: expect.stringMatching(/^gsk_refresh_/),
    })
    expect((await send(mock, 'GET /pets', undefined, bearer(byPassword.json.refresh_token))).status).toBe(401)
  })
})

describe('what is granted', () => {
  it('takes a bounded number of bytes, the latest of each kind', () => {
    const database = openDatabase(':memory:', Date.now)
    const grants = database.grants()
    const body = { text: 'x'.repeat(50_000) }
    grants.put('revoked', 'first', {})
    for (let i = 0; i < 500; i++) grants.put('consent', `c-${i}`, body)
    const kept = Array.from({ length: 500 }, (_, i) => grants.find('consent', `c-${i}`) !== undefined)
    expect(kept.filter(Boolean).length).toBeLessThan(170)
    expect(kept.slice(-100)).not.toContain(false)
    expect(grants.find('revoked', 'first')).toEqual({})
    database.close()
  })
})
