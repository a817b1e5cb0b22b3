import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { managementRouter, memoryProjects } from '../src/index.js'
import { createTestKeys } from './host.js'
import { ADMIN_KEY, managementHost, newKey } from './management-host.js'

const DAY_MS = 86_400_000
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('projects', () => {
  it('are created, read, changed and listed', async () => {
    const { call } = await managementHost()
    const body = { name: 'Initech', webhookUrl: 'https://initech.example/hooks' }
    const created = await call('POST', '/projects', { body })
    expect(created.status).toBe(201)
    expect(created.body).toEqual({
      id: expect.stringMatching(/^p[0-9a-z]{17}$/),
      ...body,
      status: 'active',
      createdAt: expect.stringMatching(ISO),
    })

    const address = `/projects/${created.body.id}`
    expect((await call('GET', address)).body).toEqual(created.body)
    const changed = await call('PATCH', address, { body: { name: 'Initrode', webhookUrl: null } })
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
      quota: null,
    })
    const march = await call('GET', '/projects/1/usage?from=2026-03-01&to=2026-03-31')
    expect(march.body).toMatchObject({ total: 1, days: [{ day: '2026-03-10', count: 1 }] })

    const ofSecond = await call('GET', `/projects/1/usage?keyId=${second.id}`)
    expect(ofSecond.body).toMatchObject({ total: 2, keys: [{ keyId: second.id, count: 2 }] })
    expect(ofSecond.body.keys).toHaveLength(1)
    const notOfThisProject = [strange.id, 'aaaaaaaaaaaa', ''].map((id) =>
      call('GET', `/projects/1/usage?keyId=${id}`),
    )
    expect((await Promise.all(notOfThisProject)).map(({ status }) => status)).toEqual([404, 404, 404])
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

  it('are listed by environment, also together with a state', async () => {
    const { call } = await managementHost()
    for (const environment of ['sandbox', 'production']) {
      await call('POST', '/projects/1/keys', { body: { label: environment, environment } })
    }
    for (const query of ['?environment=sandbox', '?environment=sandbox&status=active']) {
      expect((await call('GET', `/projects/1/keys${query}`)).body).toMatchObject([{ label: 'sandbox' }])
    }
    expect((await call('GET', '/projects/1/keys?environment=sandbox&status=revoked')).body).toEqual([])
  })
})

describe('projects of a host', () => {
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
        list: (query) => later(inner.list(query)),
        update: (id, changes) => later(inner.update(id, changes)),
      },
    })
    const { status, body } = await call('POST', '/projects', { body: { name: 'x' } })
    expect(status).toBe(201)
    expect((await call('PATCH', `/projects/${body.id}`, { body: { name: 'y' } })).body.name).toBe('y')
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
