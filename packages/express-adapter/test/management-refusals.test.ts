import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CallOptions, managementHost, newKey } from './management-host.js'

describe('what is malformed is refused with a message', () => {
  interface Refusal extends CallOptions {
    readonly what: string
    readonly method?: string
    readonly path?: string
    readonly status?: number
    readonly message: string | RegExp
  }
  const keys = '/projects/1/keys'
  const refusals: readonly Refusal[] = [
    { what: 'broken JSON', body: '{"label":', message: 'The body is not a JSON object' },
    { what: 'JSON that is no object', body: '"text"', message: 'The body is not a JSON object' },
    { what: 'a list', body: [newKey], message: 'body: invalid object' },
    { what: 'no body', message: "body: 'body' is required" },
    {
      what: 'text/plain',
      body: JSON.stringify(newKey),
      headers: { 'Content-Type': 'text/plain' },
      status: 415,
      message: 'The body must be application/json',
    },
    {
      what: 'a form',
      body: 'label=x',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      status: 415,
      message: 'The body must be application/json',
    },
    {
      what: 'another charset',
      body: newKey,
      headers: { 'Content-Type': 'application/json; charset=ebcdic' },
      status: 415,
      message: 'The body must be UTF-8',
    },
    {
      what: 'a compressed body',
      body: newKey,
      headers: { 'Content-Encoding': 'gzip' },
      status: 415,
      message: 'The body must not be compressed',
    },
    {
      what: 'a huge body',
      body: { label: 'x'.repeat(200_000) },
      status: 413,
      message: 'The body is too large',
    },
    {
      what: 'a deep body',
      body: `{"metadata":${'['.repeat(40_000)}${']'.repeat(40_000)}}`,
      message: 'The body is nested more than 32 levels deep',
    },
    { what: 'a missing field', body: { label: 'x' }, message: "environment: 'environment' is required" },
    { what: 'a wrong type', body: { ...newKey, label: 5 }, message: 'label: invalid string value' },
    {
      what: 'an unknown field',
      body: { ...newKey, rateLimit: 9 },
      message: 'rateLimit: is not a known field',
    },
    {
      what: 'a misspelt field',
      body: { ...newKey, allowedIPs: [] },
      message: 'allowedIPs: is not a known field; did you mean allowedIps?',
    },
    ...[
      '2030-06-01T00:00:00',
      '2030-06-01 00:00:00',
      '2030-06-01',
      '2030-02-30T00:00:00Z',
      '2030-06-01T24:00:00Z',
      1_906_502_400_000,
      '',
    ].map((expiresAt) => ({
      what: `an expiry of ${JSON.stringify(expiresAt)}`,
      body: { ...newKey, expiresAt },
      message:
        'expiresAt: must be an instant with its offset, such as 2030-06-01T00:00:00Z, or null for never',
    })),
    {
      what: 'a field for the server',
      body: { ...newKey, key: 'gsk_' },
      message: 'key: is not a known field',
    },
    {
      what: 'a prototype',
      body: '{"label":"x","environment":"sandbox","__proto__":{"isAdmin":true}}',
      message: '__proto__: is not a known field',
    },
    {
      what: 'an unknown environment',
      body: { ...newKey, environment: 'prod' },
      message: 'environment: must be one of sandbox, production',
    },
    { what: 'an empty label', body: { ...newKey, label: ' ' }, message: /^label: must be 1 to 255/ },
    {
      what: 'a label that turns the direction of writing',
      body: { ...newKey, label: 'backend\u202edorp' },
      message: 'label: must not contain U+202E, an invisible character that turns the direction of writing',
    },
    {
      what: 'a label that nobody sees',
      body: { ...newKey, label: '\u200b\u200d' },
      message: 'label: must have a visible character',
    },
    {
      what: 'a date that is none',
      body: { ...newKey, expiresAt: 'soon' },
      message:
        'expiresAt: must be an instant with its offset, such as 2030-06-01T00:00:00Z, or null for never',
    },
    {
      what: 'a date in the past',
      body: { ...newKey, expiresAt: '2001-01-01T00:00:00Z' },
      message: /^expiresAt: must lie in/,
    },
    {
      what: 'scopes that are no list',
      body: { ...newKey, scopes: 'read' },
      message: 'scopes: invalid array',
    },
    { what: 'a scope with a space', body: { ...newKey, scopes: ['a b'] }, message: /^scopes: must be/ },
    {
      what: 'large metadata',
      body: { ...newKey, metadata: { a: 'x'.repeat(17_000) } },
      message: /^metadata: /,
    },
    {
      what: 'an empty idempotency key',
      body: newKey,
      headers: { 'Idempotency-Key': '' },
      message: /^idempotencyKey: /,
    },
    {
      what: 'a long idempotency key',
      body: newKey,
      headers: { 'Idempotency-Key': 'x'.repeat(256) },
      message: /^idempotencyKey: /,
    },
    ...[
      '010.0.0.0/8',
      '10.1/16',
      '0x0a.0.0.1',
      '10.0.0.1 ',
      '10.0.0.0/33',
      '/8',
      '',
      '10.0.0.0/8/8',
      '::/129',
      '10.0.0.1/8',
    ].map((entry) => ({
      what: `the address ${JSON.stringify(entry)}`,
      body: { ...newKey, allowedIps: ['10.0.0.0/8', entry] },
      message: new RegExp(`^allowedIps: .*${JSON.stringify(entry).replace(/[/.]/g, '\\$&')}`),
    })),
    {
      what: '1,001 addresses',
      body: { ...newKey, allowedIps: Array.from({ length: 1_001 }, (_, i) => `10.0.${i >> 8}.${i & 255}`) },
      message: /^allowedIps: has 1001 entries/,
    },
    {
      what: '100,000 addresses',
      body: { ...newKey, allowedIps: Array<string>(100_000).fill('10.0.0.1') },
      status: 413,
      message: 'The body is too large',
    },
    {
      what: 'an unknown state',
      method: 'GET',
      path: `${keys}?status=dead`,
      message: 'status: must be one of active, disabled, expired, revoked',
    },
    {
      what: 'an environment that there is none of',
      method: 'GET',
      path: `${keys}?environment=prod`,
      message: 'environment: must be one of sandbox, production',
    },
    {
      what: 'an unknown parameter',
      method: 'GET',
      path: `${keys}?state=active`,
      message:
        'state: is not a known parameter; there is limit, cursor, search, status, createdBy, ownerId, parentId, expiresBefore, unusedSince, environment, ids, sort, order, total',
    },
    {
      what: 'a parameter where there is none',
      method: 'GET',
      path: '/projects/1?status=active',
      message: 'status: is not a known parameter; there is none',
    },
    ...(['abc', '', '1e2', '1.5'] as const).map((limit) => ({
      what: `the limit '${limit}'`,
      method: 'GET',
      path: `/projects/1/history?limit=${limit}`,
      message: 'limit: must be a whole number',
    })),
    {
      what: 'a limit beyond 1,000',
      method: 'GET',
      path: '/projects/1/history?limit=1001',
      message: 'limit: must be 1000 or less',
    },
    { what: 'a day that is none', method: 'GET', path: '/projects/1/usage?from=soon', message: /^from: / },
    {
      what: 'a day twice',
      method: 'GET',
      path: '/projects/1/usage?from=2026-01-01&from=2026-01-02',
      message: /^from: /,
    },
    {
      what: 'days in reverse',
      method: 'GET',
      path: '/projects/1/usage?from=2026-02-01&to=2026-01-01',
      message: /^from: /,
    },
    {
      what: 'too many days',
      method: 'GET',
      path: '/projects/1/usage?from=2020-01-01&to=2026-01-01',
      message: /^from: /,
    },
    { what: 'a path that cannot be decoded', method: 'GET', path: '/projects/%zz', message: 'Bad Request' },
    { what: 'a project without a name', path: '/projects', body: {}, message: "name: 'name' is required" },
    {
      what: 'an empty name',
      path: '/projects',
      body: { name: '' },
      message: 'name: must have at least 1 character',
    },
    {
      what: 'a blank name',
      path: '/projects',
      body: { name: '  ' },
      message: 'name: must not be only spaces',
    },
    {
      what: 'a name that drives terminals',
      path: '/projects',
      body: { name: 'x\u001b[2J\0' },
      message: 'name: must have no control characters',
    },
    {
      what: 'a name that turns the direction of writing',
      path: '/projects',
      body: { name: 'x\u2066y' },
      message: 'name: must have no control characters',
    },
    {
      what: 'a change to such a name',
      method: 'PATCH',
      path: '/projects/1',
      body: { name: 'x\ny' },
      message: 'name: must have no control characters',
    },
    {
      what: 'a script for an address',
      path: '/projects',
      body: { name: 'x', webhookUrl: 'javascript:alert(1)' },
      message: /^webhookUrl: must be an http/,
    },
    {
      what: 'an unknown status',
      method: 'PATCH',
      path: '/projects/1',
      body: { status: 'root' },
      message: 'status: must be one of active, suspended',
    },
    {
      what: 'an id of its own',
      path: '/projects',
      body: { name: 'x', id: '9' },
      message: 'id: is not a known field',
    },
  ]

  it.each(refusals)('$what', async ({ method = 'POST', path = keys, status = 400, message, ...options }) => {
    const { call, apiKeys, projects } = await managementHost()
    const answer = await call(method, path, options)
    expect(answer.status).toBe(status)
    expect(Object.keys(answer.body)).toEqual(['statusCode', 'message', 'error'])
    expect(answer.body.statusCode).toBe(status)
    if (typeof message === 'string') expect(answer.body.message).toBe(message)
    else expect(answer.body.message).toMatch(message)
    expect(answer.text).not.toMatch(/ at .*\.[jt]s:\d+/)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await apiKeys.list({ projectId: '1' })).toEqual([])
    expect(projects.list()).toHaveLength(2)
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  it('a rotation, with the same care', async () => {
    const { call } = await managementHost()
    const { id } = (await call('POST', keys, { body: newKey })).body
    for (const body of [
      { gracePeriodMs: -1 },
      { gracePeriodMs: 1.5 },
      { gracePeriodMs: '1' },
      { gracePeriodMs: Number.MAX_SAFE_INTEGER },
      { environment: 'sandbox' },
    ]) {
      expect((await call('POST', `${keys}/${id}/rotate`, { body })).status, JSON.stringify(body)).toBe(400)
    }
    expect((await call('GET', `${keys}/${id}`)).body.replacedBy).toBeNull()
  })

  it('what there is no route for', async () => {
    const { call } = await managementHost()
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/nothing'],
      ['DELETE', '/nothing'],
      ['OPTIONS', '/nothing'],
      ['POST', '/projects/1/keys/none/burn'],
    ] as const) {
      const { status, text } = await call(method, path)
      expect([method, path, status, text]).toEqual([
        method,
        path,
        404,
        '{"statusCode":404,"message":"Not found","error":"Not Found"}',
      ])
    }
  })

  it.each([
    { method: 'POST', path: '/projects/1', allow: 'GET, HEAD, PATCH, DELETE' },
    { method: 'POST', path: '/projects/none', allow: 'GET, HEAD, PATCH, DELETE' },
    { method: 'PUT', path: keys, allow: 'GET, HEAD, POST' },
    { method: 'GET', path: `${keys}/none/rotate`, allow: 'POST' },
    { method: 'HEAD', path: `${keys}/none/revoke`, allow: 'POST' },
    { method: 'PATCH', path: '/session', allow: 'GET, HEAD, POST, DELETE' },
  ])('$method $path, which a path does not have: 405, and `Allow` says what it has', async (expected) => {
    const { method, path, allow } = expected
    const { call } = await managementHost()
    const { status, headers, body } = await call(method, path)
    expect([status, headers.get('allow')]).toEqual([405, allow])
    if (method === 'HEAD') expect(body).toBeUndefined()
    else {
      const message = `${method} is not allowed here, only ${allow}`
      expect(body).toEqual({ statusCode: 405, message, error: 'Method Not Allowed' })
    }
    const stranger = await call(method, path, { headers: { 'X-Admin-Key': 'nobody' } })
    expect([stranger.status, stranger.headers.get('allow')]).toEqual([401, null])
  })
})

describe('every operation that is described', () => {
  interface Described {
    readonly requestBody?: unknown
    readonly responses: Readonly<Record<string, unknown>>
  }
  const file = new URL('../../../openapi/management.json', import.meta.url)
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  }
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, described]) =>
      'responses' in described ? [[method.toUpperCase(), path, described] as const] : [],
    ),
  )

  it.each(operations)(
    '%s %s refuses parameters and members that there are not',
    async (method, path, described) => {
      const { call } = await managementHost({ keys: { events: {}, outcomes: true } })
      const made = (await call('POST', '/projects/1/keys', { body: newKey })).body
      const at = path
        .replace(/^\/admin/, '')
        .replace('{projectId}', '1')
        .replace('{keyId}', made.id)
      const body = described.requestBody === undefined ? undefined : {}
      const asked = await call(method, `${at}?qqqqqqqq=1`, { body })
      expect([at, asked.status, asked.text]).toEqual([at, 400, expect.stringContaining('qqqqqqqq')])
      if (body === undefined) return
      const sent = await call(method, at, { body: { ...newKey, qqqqqqqq: 1 } })
      expect([at, sent.status, sent.text]).toEqual([at, 400, expect.stringContaining('qqqqqqqq')])
    },
  )
})
