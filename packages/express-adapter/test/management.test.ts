import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { managementRouter, memoryProjects } from '../src/index.js'
import { createTestKeys } from './host.js'
import { ADMIN_KEY, type CallOptions, managementHost, newKey } from './management-host.js'

const DAY_MS = 86_400_000
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('projects', () => {
  it('are created, read, changed and listed', async () => {
    const { call } = await managementHost()
    const body = { name: 'Initech', webhookUrl: 'https://initech.example/hooks' }
    const created = await call('POST', '/projects', { body })
    expect(created.status).toBe(201)
    expect(created.body).toEqual({
      id: '3',
      ...body,
      status: 'active',
      createdAt: expect.stringMatching(ISO),
    })

    expect((await call('GET', '/projects/3')).body).toEqual(created.body)
    const changed = await call('PATCH', '/projects/3', { body: { name: 'Initrode', webhookUrl: null } })
    expect(changed).toMatchObject({
      status: 200,
      body: { ...created.body, name: 'Initrode', webhookUrl: null },
    })
    const listed = await call('GET', '/projects')
    expect(listed.body.map(({ name }: { name: string }) => name)).toEqual(['Acme', 'Globex', 'Initrode'])
  })

  it('kill their keys while suspended', async () => {
    const { call, use } = await managementHost()
    const { key } = (await call('POST', '/projects/1/keys', { body: newKey })).body
    expect(await use(key)).toBe(200)
    await call('PATCH', '/projects/1', { body: { status: 'suspended' } })
    expect(await use(key)).toBe(401)
    await call('PATCH', '/projects/1', { body: { status: 'active' } })
    expect(await use(key)).toBe(200)
  })

  it('report use per day and per key, by default of the last 30 days', async () => {
    let now = Date.parse('2026-03-10T12:00:00Z')
    const { call, use } = await managementHost({ keys: { now: () => now }, now: () => now })
    const first = (await call('POST', '/projects/1/keys', { body: newKey })).body
    const second = (await call('POST', '/projects/1/keys', { body: newKey })).body
    const strange = (await call('POST', '/projects/2/keys', { body: newKey })).body
    await use(first.key)
    await use(strange.key)
    now += 40 * DAY_MS
    await use(first.key)
    await use(second.key)
    await use(second.key)

    expect((await call('GET', '/projects/1/usage')).body).toEqual({
      from: '2026-03-21',
      to: '2026-04-19',
      total: 3,
      days: [{ day: '2026-04-19', count: 3 }],
      keys: expect.arrayContaining([
        { keyId: first.id, count: 1 },
        { keyId: second.id, count: 2 },
      ]),
    })
    const march = await call('GET', '/projects/1/usage?from=2026-03-01&to=2026-03-31')
    expect(march.body).toMatchObject({ total: 1, days: [{ day: '2026-03-10', count: 1 }] })
  })
})

describe('keys', () => {
  it('are shown in full once, when issued', async () => {
    const { call, use } = await managementHost()
    const expiresAt = '2099-01-01T00:00:00.000Z'
    const attributes = { scopes: ['read'], allowedIps: ['127.0.0.1'], metadata: { team: 'a' }, expiresAt }
    const { status, body } = await call('POST', '/projects/1/keys', { body: { ...newKey, ...attributes } })
    const { key, ...record } = body
    expect(status).toBe(201)
    expect(key).toMatch(/^gsk_live_[0-9A-Za-z]{61}$/)
    expect(record).toEqual({
      id: key.slice(9, 21),
      projectId: '1',
      ...newKey,
      ...attributes,
      hint: `${key.slice(0, 21)}…`,
      createdAt: expect.stringMatching(ISO),
      lastUsedAt: null,
      revokedAt: null,
      rotatedFrom: null,
      replacedBy: null,
      rotationDue: false,
    })
    expect(await use(key)).toBe(200)

    const shown = [await call('GET', '/projects/1/keys'), await call('GET', `/projects/1/keys/${record.id}`)]
    expect(shown[0]?.body).toEqual([{ ...record, lastUsedAt: expect.stringMatching(ISO) }])
    expect(shown[1]?.body).toEqual({ ...record, lastUsedAt: expect.stringMatching(ISO) })
    for (const { text } of shown) expect(text).not.toContain(key.slice(21))
  })

  it('are changed in what was sent and nothing else', async () => {
    const { call } = await managementHost()
    const { key: _, ...record } = (
      await call('POST', '/projects/1/keys', { body: { ...newKey, scopes: ['read'], metadata: { a: 1 } } })
    ).body
    const path = `/projects/1/keys/${record.id}`
    expect((await call('PATCH', path, { body: { label: 'worker' } })).body).toEqual({
      ...record,
      label: 'worker',
    })
    const changed = await call('PATCH', path, { body: { scopes: [], metadata: {}, allowedIps: [] } })
    expect(changed.body).toEqual({ ...record, label: 'worker', scopes: [], metadata: {}, allowedIps: [] })
    const back = await call('PATCH', path, { body: { allowedIps: null, expiresAt: null } })
    expect(back.body).toMatchObject({ allowedIps: null, expiresAt: null })
  })

  it('stop working the moment they are rotated', async () => {
    const { call, use } = await managementHost()
    const old = (await call('POST', '/projects/1/keys', { body: newKey })).body
    const { status, body: next } = await call('POST', `/projects/1/keys/${old.id}/rotate`)
    expect(status).toBe(201)
    expect(next).toMatchObject({ ...newKey, rotatedFrom: old.id, replacedBy: null })
    expect([await use(old.key), await use(next.key)]).toEqual([401, 200])
    expect((await call('GET', `/projects/1/keys/${old.id}`)).body).toMatchObject({ replacedBy: next.id })
  })

  it('live on for the grace period that was asked for', async () => {
    let now = Date.now()
    const { call, use } = await managementHost({ keys: { now: () => now } })
    const old = (await call('POST', '/projects/1/keys', { body: newKey })).body
    await call('POST', `/projects/1/keys/${old.id}/rotate`, { body: { gracePeriodMs: 60_000 } })
    expect(await use(old.key)).toBe(200)
    now += 60_000
    expect(await use(old.key)).toBe(401)
  })

  it('are revoked for good, however often', async () => {
    const { call, use } = await managementHost()
    const { id, key } = (await call('POST', '/projects/1/keys', { body: newKey })).body
    const first = await call('POST', `/projects/1/keys/${id}/revoke`)
    const again = await call('POST', `/projects/1/keys/${id}/revoke`)
    expect(first).toMatchObject({ status: 200, body: { revokedAt: expect.stringMatching(ISO) } })
    expect(again.body).toEqual(first.body)
    expect(await use(key)).toBe(401)
    expect((await call('POST', `/projects/1/keys/${id}/rotate`)).status).toBe(409)
    expect((await call('PATCH', `/projects/1/keys/${id}`, { body: { label: 'x' } })).status).toBe(409)
  })

  it('are listed by state, the newest first', async () => {
    let now = Date.parse('2026-03-10T12:00:00Z')
    const { call } = await managementHost({ keys: { now: () => now }, now: () => now })
    const issue = async (label: string, expiresAt: string | null = null) => {
      now += 1_000
      return (await call('POST', '/projects/1/keys', { body: { ...newKey, label, expiresAt } })).body.id
    }
    await issue('active')
    await issue('expired', '2026-03-11T00:00:00Z')
    await call('POST', `/projects/1/keys/${await issue('revoked')}/revoke`)
    now += DAY_MS
    const labels = async (query: string) =>
      (await call('GET', `/projects/1/keys${query}`)).body.map(({ label }: { label: string }) => label)
    expect(await labels('')).toEqual(['revoked', 'expired', 'active'])
    for (const status of ['active', 'expired', 'revoked'])
      expect(await labels(`?status=${status}`)).toEqual([status])
  })
})

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
      what: 'a date that is none',
      body: { ...newKey, expiresAt: 'soon' },
      message: 'expiresAt: has a wrong type or value',
    },
    {
      what: 'a date in the past',
      body: { ...newKey, expiresAt: '2001-01-01' },
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
    { what: 'an unknown state', method: 'GET', path: `${keys}?status=dead`, message: /^status: / },
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
      message: 'status: has a wrong type or value',
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
      ['DELETE', '/projects/1'],
      ['PUT', '/projects/1'],
      ['OPTIONS', '/nothing'],
      ['GET', '/projects/1/keys/none/rotate'],
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
})

describe('an Idempotency-Key', () => {
  const headers = { 'Idempotency-Key': 'order-66' }

  it('makes a repeated call show the first key again, without the secret', async () => {
    const { call } = await managementHost()
    const first = await call('POST', '/projects/1/keys', { body: newKey, headers })
    const { key, ...record } = first.body
    expect(first.status).toBe(201)
    expect(first.headers.get('idempotent-replayed')).toBeNull()

    const again = await call('POST', '/projects/1/keys', { body: newKey, headers })
    expect(again.status).toBe(200)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.body).toEqual(record)
    expect(again.text).not.toContain(key.slice(21))
    expect((await call('GET', '/projects/1/keys')).body).toHaveLength(1)
  })

  it('is refused with another body', async () => {
    const { call } = await managementHost()
    await call('POST', '/projects/1/keys', { body: newKey, headers })
    const other = await call('POST', '/projects/1/keys', { body: { ...newKey, label: 'other' }, headers })
    expect(other.status).toBe(409)
    expect((await call('GET', '/projects/1/keys')).body).toHaveLength(1)
  })

  it('lets one of two concurrent calls through', async () => {
    const { call } = await managementHost()
    const pair = await Promise.all(
      [1, 2].map(() => call('POST', '/projects/1/keys', { body: newKey, headers })),
    )
    expect(pair.map(({ status }) => status).sort()).toEqual([201, 409])
    expect((await call('GET', '/projects/1/keys')).body).toHaveLength(1)
  })

  it('means something new after 24 hours', async () => {
    let now = Date.now()
    const { call } = await managementHost({ keys: { now: () => now } })
    const issue = () => call('POST', '/projects/1/keys', { body: newKey, headers })
    await issue()
    now += DAY_MS - 1
    expect((await issue()).status).toBe(200)
    now += 1
    expect((await issue()).status).toBe(201)
    expect((await call('GET', '/projects/1/keys')).body).toHaveLength(2)
  })

  it('is one per project', async () => {
    const { call } = await managementHost()
    for (const project of ['1', '2']) {
      expect((await call('POST', `/projects/${project}/keys`, { body: newKey, headers })).status).toBe(201)
    }
  })

  it('makes a repeated rotation answer like the first', async () => {
    const { call, use } = await managementHost()
    const { id } = (await call('POST', '/projects/1/keys', { body: newKey })).body
    const first = await call('POST', `/projects/1/keys/${id}/rotate`, { headers })
    const again = await call('POST', `/projects/1/keys/${id}/rotate`, { headers })
    const { key, ...record } = first.body
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 200, 'true'])
    expect(again.body).toEqual(record)
    expect(await use(key)).toBe(200)
    const other = await call('POST', `/projects/1/keys/${id}/rotate`, { headers, body: { gracePeriodMs: 5 } })
    expect(other.status).toBe(409)
  })
})

describe('projects in memory', () => {
  it('get ids that are free', () => {
    const project = { name: 'x', webhookUrl: null }
    const projects = memoryProjects([{ ...project, id: '2', status: 'active', createdAt: new Date() }])
    expect([projects.create(project).id, projects.create(project).id]).toEqual(['1', '3'])
  })

  it('cannot be changed from outside', () => {
    const projects = memoryProjects()
    const { id } = projects.create({ name: 'x', webhookUrl: null })
    Object.assign(projects.find(id) ?? {}, { name: 'y' })
    Object.assign(projects.list()[0] ?? {}, { name: 'y' })
    expect(projects.find(id)?.name).toBe('x')
    expect(projects.update('none', { name: 'y' })).toBeUndefined()
  })

  it('may as well answer with promises', async () => {
    const inner = memoryProjects()
    const later = async <T>(value: T) => {
      await wait(1)
      return value
    }
    const { call } = await managementHost({
      projects: {
        create: (project) => later(inner.create(project)),
        find: (id) => later(inner.find(id)),
        list: () => later(inner.list()),
        update: (id, changes) => later(inner.update(id, changes)),
      },
    })
    expect((await call('POST', '/projects', { body: { name: 'x' } })).status).toBe(201)
    expect((await call('PATCH', '/projects/1', { body: { name: 'y' } })).body.name).toBe('y')
    expect((await call('GET', '/projects')).body).toHaveLength(1)
  })
})

describe('wrong options', () => {
  const { apiKeys } = createTestKeys()
  const projects = memoryProjects()
  it.each([
    ['no key set', { projects, adminKey: ADMIN_KEY }],
    ['no projects', { apiKeys, adminKey: ADMIN_KEY }],
    ['authorize that is no function', { apiKeys, projects, authorize: ['1'] }],
    ['both adminKey and authorize', { apiKeys, projects, adminKey: ADMIN_KEY, authorize: () => 'all' }],
  ])('%s is a TypeError at construction', (_what, options) => {
    expect(() => managementRouter(options as never)).toThrow(TypeError)
  })
})
