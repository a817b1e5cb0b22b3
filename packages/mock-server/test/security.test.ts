// Who is let in: an OR of ANDs, with real API keys.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { document, ok, send, start } from './harness.js'

const securitySchemes = {
  header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  query: { type: 'apiKey', in: 'query', name: 'api_key' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'session' },
  basic: { type: 'http', scheme: 'basic' },
  bearer: { type: 'http', scheme: 'bearer' },
  digest: { type: 'http', scheme: 'digest' },
  oauth: { type: 'oauth2', flows: {} },
}
type Name = keyof typeof securitySchemes

const spec = (security: object[]) =>
  document({ '/a': { get: { security, ...ok() } } }, { components: { securitySchemes } })

describe('a credential', () => {
  const cases: [
    Name,
    (key: string) => { query?: string; headers?: Record<string, string> },
    (key: string) => { query?: string; headers?: Record<string, string> },
  ][] = [
    ['header', (key) => ({ headers: { 'x-api-key': key } }), () => ({ headers: { 'x-api-key': 'guess' } })],
    ['query', (key) => ({ query: `?api_key=${key}` }), () => ({ query: '?api_key=guess' })],
    [
      'cookie',
      (key) => ({ headers: { cookie: `a=b; session=${key}` } }),
      () => ({ headers: { cookie: 'session=guess' } }),
    ],
    [
      'basic',
      () => ({ headers: { authorization: `Basic ${btoa('user:password')}` } }),
      () => ({ headers: { authorization: 'Basic nonsense' } }),
    ],
    [
      'bearer',
      () => ({ headers: { authorization: 'Bearer abc.def' } }),
      () => ({ headers: { authorization: 'Bearer' } }),
    ],
    [
      'bearer',
      (key) => ({ headers: { authorization: `Bearer ${key}` } }),
      (key) => ({ headers: { authorization: `Bearer ${key.slice(0, -1)}-` } }),
    ],
    [
      'oauth',
      () => ({ headers: { authorization: 'Bearer abc' } }),
      () => ({ headers: { authorization: 'Basic YTpi' } }),
    ],
  ]
  it.each(cases)(
    'of the scheme %s opens, and a wrong or missing one does not',
    async (name, right, wrong) => {
      const mock = await start({ spec: spec([{ [name]: [] }]) })
      const status = async ({ query = '', headers = {} }) =>
        (await send(mock, `GET /a${query}`, undefined, headers)).status
      expect(await status(right(mock.keys.test))).toBe(200)
      expect(await status(wrong(mock.keys.test))).toBe(401)
      expect(await status({})).toBe(401)
    },
  )

  it('is any one with --auth any, none with off, and only the given ones where some are given', async () => {
    const anyone = await start({ spec: spec([{ header: [] }]), auth: 'any' })
    expect((await send(anyone, 'GET /a', undefined, { 'x-api-key': 'guess' })).status).toBe(200)
    expect((await send(anyone, 'GET /a')).status).toBe(401)
    const off = await start({ spec: spec([{ header: [] }]), auth: 'off' })
    expect((await send(off, 'GET /a')).status).toBe(200)
    const given = await start({ spec: spec([{ bearer: [] }]), credentials: { bearer: ['t-1'] } })
    expect((await send(given, 'GET /a', undefined, { authorization: 'Bearer t-1' })).status).toBe(200)
    expect((await send(given, 'GET /a', undefined, { authorization: 'Bearer t-2' })).status).toBe(401)
  })

  it.each([
    ['key', 'Token token=right', ['Token token=right'], ['Token token=wrong', 'Token']],
    ['key', 'right', ['Token token=right', 'Token right', 'right'], ['Token token=wrong']],
    ['key', 'ApiKey a=b', ['ApiKey a=b'], ['ApiKey a=c']],
    ['bearer', 'Bearer right', ['Bearer right', 'bearer right'], ['Bearer wrong', 'Basic right']],
    ['basic', 'Basic YTpi', ['Basic YTpi'], ['Basic YTpj']],
  ])('for Authorization (%s) may be given as it is sent: %s', async (name, given, right, wrong) => {
    const key = { type: 'apiKey', in: 'header', name: 'Authorization' }
    const mock = await start({
      spec: document(
        { '/a': { get: { security: [{ [name]: [] }], ...ok() } } },
        { components: { securitySchemes: { ...securitySchemes, key } } },
      ),
      credentials: { [name]: [given] },
    })
    const statusWith = async (authorization: string) =>
      (await send(mock, 'GET /a', undefined, { authorization })).status
    for (const one of right) expect([one, await statusWith(one)]).toEqual([one, 200])
    for (const one of wrong) expect([one, await statusWith(one)]).toEqual([one, 401])
  })

  it('that lacks a scope, or comes from the wrong address, is 403', async () => {
    const mock = await start({ spec: spec([{ header: ['pets:write'] }]) })
    const issue = (options: object) =>
      mock.apiKeys.issue({ projectId: '42', environment: 'sandbox', label: 'x', ...options })
    const status = async (key: string) => (await send(mock, 'GET /a', undefined, { 'x-api-key': key })).status
    expect(await status((await issue({ scopes: ['pets:read'] })).key)).toBe(403)
    expect(await status((await issue({ scopes: ['pets:read', 'pets:write'] })).key)).toBe(200)
    expect(await status((await issue({ allowedIps: ['192.0.2.1'] })).key)).toBe(403)
    expect(await status((await issue({ expiresAt: new Date(Date.now() + 60_000) })).key)).toBe(200)
  })

  it('that has expired by the clock of the mock is refused', async () => {
    const mock = await start({ spec: spec([{ header: [] }]) })
    const { key } = await mock.apiKeys.issue({
      projectId: '42',
      environment: 'sandbox',
      label: 'x',
      expiresAt: new Date(Date.now() + 60_000),
    })
    expect((await send(mock, 'GET /a', undefined, { 'x-api-key': key })).status).toBe(200)
    mock.advance(61_000)
    expect((await send(mock, 'GET /a', undefined, { 'x-api-key': key })).status).toBe(401)
  })
})

describe('requirements', () => {
  it('let in exactly whom some list of schemes, taken together, lets in', async () => {
    const names: Name[] = ['header', 'query', 'bearer']
    const requirement = fc.subarray(names)
    await fc.assert(
      fc.asyncProperty(
        fc.array(requirement, { minLength: 1, maxLength: 3 }),
        fc.subarray(names),
        async (security, presented) => {
          const mock = await start({
            spec: spec(security.map((list) => Object.fromEntries(list.map((name) => [name, []])))),
          })
          const headers: Record<string, string> = {}
          if (presented.includes('header')) headers['x-api-key'] = mock.keys.test
          if (presented.includes('bearer')) headers.authorization = 'Bearer abc'
          const query = presented.includes('query') ? `?api_key=${mock.keys.live}` : ''
          const { status } = await send(mock, `GET /a${query}`, undefined, headers)
          const expected = security.some((list) => list.every((name) => presented.includes(name)))
          expect(status).toBe(expected ? 200 : 401)
          await mock.close()
        },
      ),
      { numRuns: 15 },
    )
  })

  it('that want two credentials in one header take one of them, with or without a word before it', async () => {
    const spec = document(
      { '/a': { get: { security: [{ key: [], token: [] }], responses: { 204: { description: 'OK' } } } } },
      {
        components: {
          securitySchemes: {
            key: { type: 'apiKey', in: 'header', name: 'Authorization' },
            token: { type: 'http', scheme: 'bearer' },
          },
        },
      },
    )
    const mock = await start({ spec })
    const statusWith = async (authorization?: string) =>
      (await send(mock, 'GET /a', undefined, authorization === undefined ? {} : { authorization })).status
    expect(await statusWith(`Token token=${mock.keys.test}`)).toBe(204)
    expect(await statusWith('Bearer abc')).toBe(204)
    expect(await statusWith('Token token=abc')).toBe(401)
    expect(await statusWith()).toBe(401)
  })

  it('that want HTTP Basic and a bearer token, which no request can send at once, take one of them', async () => {
    const spec = document(
      { '/a': { get: { security: [{ user: [], token: [] }], responses: { 204: { description: 'OK' } } } } },
      {
        components: {
          securitySchemes: {
            user: { type: 'http', scheme: 'basic' },
            token: { type: 'http', scheme: 'bearer' },
          },
        },
      },
    )
    const mock = await start({ spec })
    const statusWith = async (authorization?: string) =>
      (await send(mock, 'GET /a', undefined, authorization === undefined ? {} : { authorization })).status
    expect(await statusWith('Basic dXNlcjpwYXNz')).toBe(204)
    expect(await statusWith('Bearer abc')).toBe(204)
    expect(await statusWith('Bearer gsk_test_wrong')).toBe(401)
    expect(await statusWith()).toBe(401)
  })

  it('that took a key keep shared caches from mixing keys up', async () => {
    const mock = await start({ spec: spec([{ header: [] }]) })
    const { headers } = await send(mock, 'GET /a', undefined, { 'x-api-key': mock.keys.test })
    expect(headers.get('vary')).toBe('X-API-Key, Origin')
  })

  it('of an operation replace those of the document, also with none', async () => {
    const paths = { '/open': { get: { security: [], ...ok() } }, '/closed': { get: ok() } }
    const mock = await start({
      spec: document(paths, { security: [{ header: [] }], components: { securitySchemes } }),
    })
    expect((await send(mock, 'GET /open')).status).toBe(200)
    const refused = await send(mock, 'GET /closed')
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'ApiKey realm="api"'])
  })
})

describe('HTTP Digest', () => {
  const digestSpec = document(
    {
      '/a': { get: { security: [{ digest: [] }], ...ok() } },
      '/b': { get: { security: [{ digest: [] }], ...ok() } },
    },
    { components: { securitySchemes } },
  )
  const NODE_NAMES: Record<string, string> = { 'SHA-256': 'sha256', MD5: 'md5' }
  /** The challenges of an answer, as their parameters. */
  const challengesIn = (headers: Headers) =>
    (headers.get('www-authenticate') ?? '')
      .split(/,? ?Digest /)
      .slice(1)
      .map((challenge) =>
        Object.fromEntries(
          [...challenge.matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name, value]) => [name, value]),
        ),
      )
  /** A response as RFC 7616, section 3.4.1, makes it. */
  const credential = (challenge: Record<string, string>, changes: Record<string, string> = {}) => {
    const all = {
      uri: '/a',
      nc: '00000001',
      cnonce: 'c',
      username: 'Mufasa',
      password: 'Circle of Life',
      ...changes,
    }
    const { realm = '', nonce = '', algorithm = '' } = { ...challenge, ...changes }
    const hash = (text: string) =>
      createHash(NODE_NAMES[algorithm] ?? 'md5')
        .update(text)
        .digest('hex')
    const { uri, nc, cnonce, username, password } = all
    const response = hash(
      [hash(`${username}:${realm}:${password}`), nonce, nc, cnonce, 'auth', hash(`GET:${uri}`)].join(':'),
    )
    const quoted = { username, realm, uri, nonce, cnonce, response: changes.response ?? response }
    const parts = Object.entries(quoted).map(([name, value]) => `${name}="${value}"`)
    return `Digest ${[...parts, `algorithm=${algorithm}`, 'qop=auth', `nc=${nc}`].join(', ')}`
  }

  it('gives out a nonce that counts for five minutes, each count of it once, for SHA-256 and MD5', async () => {
    const mock = await start({ spec: digestSpec })
    const ask = (authorization?: string, path = '/a') =>
      send(mock, `GET ${path}`, undefined, authorization === undefined ? {} : { authorization })
    const challenges = challengesIn((await ask()).headers)
    expect(challenges.map(({ algorithm }) => algorithm)).toEqual(['SHA-256', 'MD5'])
    const [sha = {}, md5 = {}] = challenges
    expect((await ask(credential(sha))).status).toBe(200)
    expect((await ask(credential(sha, { nc: '00000002' }))).status).toBe(200)
    expect((await ask(credential(md5, { nc: '00000003', username: 'any', password: 'any' }))).status).toBe(
      200,
    )
    const replayed = await ask(credential(sha))
    expect([replayed.status, challengesIn(replayed.headers)[0]?.stale]).toEqual([401, 'true'])
    const wrong = [
      credential(sha, { nc: '00000004', nonce: 'made-up' }),
      credential(sha, { nc: '00000004', uri: '/b' }),
      credential(sha, { nc: '00000004', realm: 'other' }),
      credential(sha, { nc: '00000004', algorithm: 'SHA-512' }),
      credential(sha, { nc: '4' }),
      credential(sha, { nc: '00000004', response: 'abc' }),
      `${credential(sha, { nc: '00000004' })}, username="other"`,
      'Digest username="u"',
    ]
    for (const one of wrong) expect((await ask(one)).status, one).toBe(401)
    expect((await ask(credential(sha, { nc: '00000004', uri: '/b' }), '/b')).status).toBe(200)
    mock.advance(300_001)
    expect(challengesIn((await ask(credential(sha, { nc: '00000005' }))).headers)[0]?.stale).toBe('true')
  })

  it('takes only the pairs of name and password that are given', async () => {
    const mock = await start({ spec: digestSpec, credentials: { digest: ['Mufasa:Circle of Life'] } })
    const [sha = {}] = challengesIn((await send(mock, 'GET /a')).headers)
    const statusWith = async (changes: Record<string, string>) =>
      (await send(mock, 'GET /a', undefined, { authorization: credential(sha, changes) })).status
    expect(await statusWith({})).toBe(200)
    expect(await statusWith({ nc: '00000002', password: 'wrong' })).toBe(401)
    expect(await statusWith({ nc: '00000002', username: 'Scar' })).toBe(401)
    // Not one of them has used it up.
    expect(await statusWith({ nc: '00000002' })).toBe(200)
  })
})

it.each([
  ['403', 'Authentication error', 403],
  ['403', 'The token has no access to this', 401],
  ['403', 'You may not do this', 401],
  ['401', 'Authentication error', 401],
])(
  'a missing credential is answered %s where a document calls that %j, and else 401: %i',
  async (status, description, wanted) => {
    const get = {
      security: [{ header: [] }],
      responses: { 200: { description: '' }, [status]: { description } },
    }
    const mock = await start({ spec: document({ '/a': { get } }, { components: { securitySchemes } }) })
    expect((await send(mock, 'GET /a')).status).toBe(wanted)
  },
)
