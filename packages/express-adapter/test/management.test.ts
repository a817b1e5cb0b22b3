import { setTimeout as wait } from 'node:timers/promises'
import { createLimits } from '@gosend/auth-core/limits'
import { memoryLimitStore } from '@gosend/auth-core/limits/memory'
import { describe, expect, it } from 'vitest'
import { managementRouter, memoryProjects } from '../src/index.js'
import { createTestKeys, withChange, withChecksum } from './host.js'
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

  it('report what came of requests, where that is counted', async () => {
    const { call, use } = await managementHost({ keys: { outcomes: true } })
    const { key, id } = (await call('POST', '/projects/1/keys', { body: newKey })).body
    await use(key)
    await use(key)
    await call('POST', `/projects/1/keys/${id}/revoke`)
    await use(key)
    const { outcomes } = (await call('GET', `/projects/1/usage?keyId=${id}`)).body
    expect(outcomes).toEqual([
      { outcome: 'accepted', reason: null, count: 2 },
      { outcome: 'refused', reason: 'revoked', count: 1 },
    ])
    const other = (await call('POST', '/projects/1/keys', { body: newKey })).body
    expect((await call('GET', `/projects/1/usage?keyId=${other.id}`)).body.outcomes).toEqual([])
    expect((await call('GET', `/projects/1/keys/${id}/refusals`)).body).toEqual([
      { at: expect.any(String), outcome: 'refused', reason: 'revoked', address: expect.any(String) },
    ])
    expect((await call('GET', `/projects/1/keys/${other.id}/refusals`)).body).toEqual([])
    expect((await call('GET', `/projects/2/keys/${id}/refusals`)).status).toBe(404)
  })

  it('report what came of requests hour by hour, day by day and month by month', async () => {
    let now = Date.parse('2026-02-28T22:30:00Z')
    const { call, use } = await managementHost({ now: () => now, keys: { outcomes: true, now: () => now } })
    const { key, id } = (await call('POST', '/projects/1/keys', { body: newKey })).body
    const other = (await call('POST', '/projects/1/keys', { body: newKey })).body
    for (const step of [1, 1.5, 0]) {
      await use(key)
      now += step * 3_600_000
    }
    await use(other.key)
    await call('POST', `/projects/1/keys/${id}/revoke`)
    await use(key)
    const read = async (query: string) => {
      const { body } = await call('GET', `/projects/1/outcomes?${query}`)
      return body.map(({ at, ...one }: { at: string }) => [at.slice(0, 13), ...Object.values(one)])
    }
    expect(await read('step=hour')).toEqual([
      ['2026-02-28T22', 'accepted', null, 1],
      ['2026-02-28T23', 'accepted', null, 1],
      ['2026-03-01T01', 'accepted', null, 2],
      ['2026-03-01T01', 'refused', 'revoked', 1],
    ])
    expect(await read(`step=month&keyId=${id}`)).toEqual([
      ['2026-02-01T00', 'accepted', null, 2],
      ['2026-03-01T00', 'accepted', null, 1],
      ['2026-03-01T00', 'refused', 'revoked', 1],
    ])
    expect(await read('to=2026-02-28')).toEqual([['2026-02-28T00', 'accepted', null, 2]])
    for (const wrong of ['step=week', 'step=hour&from=2026-01-01', 'from=2026-03-02', 'keyId=nobody']) {
      const { status } = await call('GET', `/projects/1/outcomes?${wrong}`)
      expect(status, wrong).toBe(wrong.startsWith('keyId') ? 404 : 400)
    }
  })

  it('read their audit log by actor and time, page by page', async () => {
    const { call, apiKeys } = await managementHost()
    await call('POST', '/projects/1/keys', { body: newKey })
    for (let i = 0; i < 3; i++) {
      await apiKeys.issue({ projectId: '1', environment: 'production', label: `${i}`, actor: 'anna' })
    }
    const all = (await call('GET', '/projects/1/history')).body
    expect(all).toHaveLength(4)
    expect(all.map(({ sequence }: { sequence: number }) => sequence)).toEqual([4, 3, 2, 1])
    const pages: unknown[] = []
    let query = '?limit=3&actor=anna'
    for (const count of [3, 0]) {
      const { body, headers } = await call('GET', `/projects/1/history${query}`)
      expect(body).toHaveLength(count)
      pages.push(...body)
      query =
        /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ??
        `${query}&before=${body.at(-1)?.sequence}`
    }
    expect(pages).toEqual(all.slice(0, 3))
    const first = await call('GET', '/projects/1/history?limit=2&from=2020-01-01&to=9999-01-01T00:00:00Z')
    expect(first.headers.get('link')).toBe(
      `<?limit=2&from=2020-01-01&to=9999-01-01T00%3A00%3A00Z&before=3>; rel="next"`,
    )
    expect((await call('GET', '/projects/1/history?to=2020-01-01')).body).toEqual([])
    expect((await call('GET', `/projects/1/keys/${all[0].keyId}/history?actor=anna`)).body).toEqual([all[0]])
    for (const wrong of ['from=2020-01-01T00:00', 'before=0', 'before=x', 'until=2020-01-01', 'actor=']) {
      expect((await call('GET', `/projects/1/history?${wrong}`)).status, wrong).toBe(400)
    }
  })

  it('say that they do not list refusals where nothing counts them', async () => {
    const { call } = await managementHost()
    const { id } = (await call('POST', '/projects/1/keys', { body: newKey })).body
    for (const path of [`/projects/1/keys/${id}/refusals`, '/projects/1/outcomes']) {
      expect(await call('GET', path)).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('pass outcomes: true') },
      })
    }
  })

  it('list events of their keys by actor and time, page by page, where they are kept', async () => {
    const { call } = await managementHost({ keys: { events: {} } })
    const { id } = (await call('POST', '/projects/1/keys', { body: newKey })).body
    await call('POST', '/projects/2/keys', { body: newKey })
    await call('POST', `/projects/1/keys/${id}/disable`)
    const { body, headers } = await call('GET', '/projects/1/events?limit=1')
    expect(body).toMatchObject([{ type: 'key.disabled', keyId: id, projectId: '1', sequence: 3 }])
    const next = /^<(\?.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
    const rest = await call('GET', `/projects/1/events${next}`)
    expect(rest.body).toMatchObject([{ type: 'key.created', keyId: id, data: { label: newKey.label } }])
    expect(rest.headers.get('link')).toBeNull()
    const list = async (query: string) =>
      (await call('GET', `/projects/1/events?${query}`)).body.map(({ type }: { type: string }) => type)
    expect(await list('order=asc')).toEqual(['key.created', 'key.disabled'])
    expect(await list('type=key.disabled')).toEqual(['key.disabled'])
    expect(await list('actor=nobody')).toEqual([])
    expect(await list('to=2020-01-01T00:00:00Z')).toEqual([])
    expect(await list('from=2020-01-01T00:00:00Z')).toHaveLength(2)
    for (const query of ['cursor=x', 'type=key.lost', 'order=up', 'limit=1001'])
      expect((await call('GET', `/projects/1/events?${query}`)).status, query).toBe(400)
    const without = await managementHost()
    expect((await without.call('GET', '/projects/1/events')).body.message).toContain(
      'pass events to createApiKeys',
    )
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
      createdBy: 'admin key',
      ownerId: null,
      disabledAt: null,
      version: 1,
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
      version: 2,
    })
    const changed = await call('PATCH', path, { body: { scopes: [], metadata: {}, allowedIps: [] } })
    expect(changed.body).toEqual({
      ...record,
      label: 'worker',
      scopes: [],
      metadata: {},
      allowedIps: [],
      version: 3,
    })
    const back = await call('PATCH', path, { body: { allowedIps: null, expiresAt: null } })
    expect(back.body).toMatchObject({ allowedIps: null, expiresAt: null })
  })

  it('make others, which may do no more and stop working with them', async () => {
    const limits = createLimits({ store: memoryLimitStore(), plans: { all: {} }, planOf: () => 'all' })
    const { call, use } = await managementHost({ keys: { limits } })
    const issued = { ...newKey, scopes: ['messages:*'] }
    const parent = (await call('POST', '/projects/1/keys', { body: issued })).body
    expect(parent).not.toHaveProperty('delegation')
    const path = `/projects/1/keys/${parent.id}/children`
    const delegation = { actingFor: 'anna', limits: [{ limit: 60, per: '1m' }], budget: 5 }
    const made = await call('POST', path, {
      body: { label: 'agent', scopes: ['messages:read'], ...delegation },
    })
    expect(made).toMatchObject({
      status: 201,
      body: { key: expect.any(String), delegation: { ...delegation, parentId: parent.id } },
    })
    for (const wrong of [
      { scopes: ['files:read'] },
      { budget: 0.5 },
      { limits: [{ limit: 1, per: 'x' }] },
      { by: 1 },
    ]) {
      expect((await call('POST', path, { body: { label: 'agent', ...wrong } })).status).toBe(400)
    }
    expect((await call('POST', path.replace('/1/', '/2/'), { body: { label: 'agent' } })).status).toBe(404)
    const { body: listed } = await call('GET', `/projects/1/keys?parentId=${parent.id}`)
    expect(listed).toMatchObject([{ id: made.body.id, delegation }])
    const topUp = `/projects/1/keys/${made.body.id}/top-up`
    expect((await call('POST', topUp, { body: { credits: 7 } })).body).toEqual({ credits: 12 })
    expect((await call('POST', topUp, { body: { credits: 0 } })).status).toBe(400)
    const { body: history } = await call('GET', `/projects/1/keys/${made.body.id}/history`)
    expect(history).toMatchObject([
      { action: 'updated', details: { actingFor: 'anna', amount: 7 } },
      { action: 'issued', details: { actingFor: 'anna', parentId: parent.id } },
    ])
    const plain = (await call('POST', path, { body: { label: 'plain' } })).body
    expect(await use(plain.key)).toBe(200)
    // The host's guard has no limits, so nothing would count what this one may use up.
    expect(await use(made.body.key)).toBe(503)
    await call('POST', `/projects/1/keys/${parent.id}/revoke`)
    expect(await use(plain.key)).toBe(401)
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

  it('are disabled and enabled, with what still works of the keys that they replaced', async () => {
    const { call, use } = await managementHost()
    const old = (await call('POST', '/projects/1/keys', { body: newKey })).body
    const { id, key } = (
      await call('POST', `/projects/1/keys/${old.id}/rotate`, { body: { gracePeriodMs: 60_000 } })
    ).body
    const works = async () => [await use(old.key), await use(key)]
    const disabled = await call('POST', `/projects/1/keys/${id}/disable`)
    expect(disabled).toMatchObject({ status: 200, body: { disabledAt: expect.stringMatching(ISO) } })
    expect(await works()).toEqual([401, 401])
    expect((await call('GET', '/projects/1/keys?status=disabled')).body).toHaveLength(2)
    expect((await call('POST', `/projects/1/keys/${old.id}/enable`)).status).toBe(409)
    expect(await call('POST', `/projects/1/keys/${id}/enable`)).toMatchObject({
      status: 200,
      body: { disabledAt: null },
    })
    expect(await works()).toEqual([200, 200])
    const actions = (await call('GET', `/projects/1/keys/${id}/history`)).body
    expect(actions.map(({ action }: { action: string }) => action)).toEqual(['enabled', 'disabled', 'issued'])
    expect((await call('POST', `/projects/2/keys/${id}/disable`)).status).toBe(404)
  })

  it('are left as they are by a change that was decided on another version', async () => {
    const { call, use } = await managementHost()
    const made = await call('POST', '/projects/1/keys', { body: newKey })
    const path = `/projects/1/keys/${made.body.id}`
    expect([made.headers.get('etag'), (await call('GET', path)).headers.get('etag')]).toEqual(['"1"', '"1"'])
    const withTag = (tag: string, body: object = { label: 'x' }) =>
      call('PATCH', path, { body, headers: { 'If-Match': tag } })
    const changed = await withTag('"1"')
    expect([changed.status, changed.headers.get('etag'), changed.body.version]).toEqual([200, '"2"', 2])
    for (const tag of ['"1"', '"stale"', 'W/"2"', '2', '', '"1", "3"', '"02"', '"1e0"']) {
      const refused = await withTag(tag, { label: 'lost' })
      expect(refused, tag).toMatchObject({ status: 412, body: { error: 'Precondition Failed' } })
    }
    for (const action of ['rotate', 'revoke', 'disable', 'enable']) {
      const refused = await call('POST', `${path}/${action}`, { headers: { 'If-Match': '"1"' } })
      expect(refused.status, action).toBe(412)
    }
    expect((await call('GET', path)).body).toMatchObject({ label: 'x', version: 2 })
    expect(await use(made.body.key)).toBe(200)
    for (const tag of ['*', '"9", "3"', '"4"']) expect((await withTag(tag)).status, tag).toBe(200)
    const again = { 'If-Match': '"5"', 'Idempotency-Key': 'r' }
    for (const status of [201, 200])
      expect((await call('POST', `${path}/rotate`, { headers: again })).status).toBe(status)
  })

  it('are found by who made them, whose they are, and when they end, in one project or in all', async () => {
    const { call } = await managementHost()
    const issue = async (project: string, more: object) =>
      (await call('POST', `/projects/${project}/keys`, { body: { ...newKey, ...more } })).body.id
    const mine = await issue('1', { ownerId: 'o1', createdBy: 'ana', expiresAt: '2090-01-01T00:00:00Z' })
    const theirs = await issue('2', { createdBy: 'ana' })
    const ids = async (path: string) => (await call('GET', path)).body.map(({ id }: { id: string }) => id)
    expect(await ids('/keys?createdBy=ana&order=asc')).toEqual([mine, theirs])
    expect(await ids('/projects/1/keys?createdBy=ana')).toEqual([mine])
    expect(await ids('/keys?ownerId=o1')).toEqual([mine])
    expect(await ids('/keys?status=active&expiresBefore=2090-01-02')).toEqual([mine])
    expect(await ids('/keys?expiresBefore=2090-01-01T00:00:00Z')).toEqual([])
    expect(await ids('/projects/2/keys?unusedSince=2090-01-01')).toEqual([theirs])
    expect(await ids('/projects/2/keys?unusedSince=2026-01-01')).toEqual([])
    for (const query of ['expiresBefore=2090-02-30', 'unusedSince=2090-01-01T00:00:00', 'actor=ana'])
      expect((await call('GET', `/keys?${query}`)).status, query).toBe(400)
    const page = await call('GET', '/keys?createdBy=ana&limit=1&total=true')
    expect(page.headers.get('x-total-count')).toBe('2')
    expect(page.headers.get('link')).toMatch(
      /^<\?createdBy=ana&limit=1&total=true&sort=createdAt&cursor=[\w-]+>; rel="next"$/,
    )
    expect((await call('PATCH', `/projects/1/keys/${mine}`, { body: { ownerId: null } })).body.ownerId).toBe(
      null,
    )
  })

  it('are erased with all that is kept of them, alone or with their project', async () => {
    const { call, use, apiKeys } = await managementHost()
    const issue = async (project: string) =>
      (await call('POST', `/projects/${project}/keys`, { body: { ...newKey, metadata: { of: 'erika' } } }))
        .body
    const [one, two, other] = [await issue('1'), await issue('1'), await issue('2')]
    const path = `/projects/1/keys/${one.id}`
    expect((await call('DELETE', path, { headers: { 'If-Match': '"2"' } })).status).toBe(412)
    expect((await call('DELETE', `/projects/2/keys/${one.id}`)).status).toBe(404)
    expect(await use(one.key)).toBe(200)
    expect(await call('DELETE', path, { headers: { 'If-Match': '"1"' } })).toMatchObject({
      status: 200,
      body: { keys: 1, events: 1, uses: 1 },
    })
    expect([await use(one.key), await use(two.key)]).toEqual([401, 200])
    expect((await call('DELETE', path)).status).toBe(404)
    expect((await call('DELETE', '/projects/1')).body).toMatchObject({ keys: 1, events: 1 })
    expect([await use(two.key), await use(other.key)]).toEqual([401, 200])
    for (const gone of ['/projects/1', '/projects/1/keys', '/projects/1/history'])
      expect((await call('GET', gone)).status).toBe(404)
    expect(await apiKeys.history({ projectId: '1' })).toEqual([])
    const theirs = await managementHost({ authorize: () => ['1'] })
    expect((await theirs.call('DELETE', '/projects/1')).status).toBe(403)
  })

  it('of all projects are shown to whoever manages everything, and a maker is named by nobody else', async () => {
    const { call } = await managementHost({ authorize: () => ({ projects: ['1'], actor: 'ana' }) })
    expect((await call('GET', '/keys')).status).toBe(403)
    expect((await call('POST', '/projects/1/keys', { body: { ...newKey, createdBy: 'ben' } })).status).toBe(
      403,
    )
    expect((await call('POST', '/projects/1/keys', { body: newKey })).body.createdBy).toBe('ana')
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

describe('a key that somebody wonders about', () => {
  it('is named with what is the matter with it, and neither counted nor repeated', async () => {
    const { call, use, apiKeys } = await managementHost({ keys: { outcomes: true } })
    const made = async (more = {}) =>
      (await call('POST', '/projects/1/keys', { body: { ...newKey, ...more } })).body
    const check = async (key: string, more = {}) => {
      const { body, text } = await call('POST', '/keys/check', { body: { key, ...more } })
      expect(text).not.toContain(key.slice(21))
      return [body.works, body.reason, body.malformation, body.record?.label ?? null]
    }
    const { key, id } = await made({ allowedIps: ['203.0.113.0/24'] })
    expect(await check(` ${key}\n`)).toEqual([true, null, null, 'backend-prod'])
    expect(await check(key, { ip: '198.51.100.1' })).toEqual([false, 'ip_not_allowed', null, 'backend-prod'])
    expect(await check(key, { ip: '203.0.113.9' })).toEqual([true, null, null, 'backend-prod'])
    expect(await check(key, { environment: 'sandbox' })).toContain('wrong_environment')
    const other = await made()
    expect(await check(withChecksum(key.slice(0, 30) + other.key.slice(30)))).toEqual([
      ...[false, 'mismatch', null, 'backend-prod'],
    ])
    expect(await check(withChecksum(key.replace(id, 'nobody000000')))).toEqual([false, 'unknown', null, null])
    const wrong = {
      start: `x${key}`,
      length: key.slice(0, -1),
      alphabet: withChange(key, 40),
      checksum: withChange(key, 40),
    }
    wrong.alphabet = `${key.slice(0, 40)}-${key.slice(41)}`
    for (const [where, text] of Object.entries(wrong))
      expect(await check(text), where).toEqual([false, 'malformed', where, null])
    await apiKeys.disable(id)
    expect(await check(key)).toContain('disabled')
    await apiKeys.revoke(id)
    expect(await check(key)).toContain('revoked')
    expect(await use(other.key)).toBe(200)
    await call('PATCH', '/projects/1', { body: { status: 'suspended' } })
    expect(await check(other.key)).toContain('project_inactive')

    const day = new Date()
    expect(
      (await apiKeys.outcomes({ projectId: '1', from: day, to: day })).map(({ count }) => count),
    ).toEqual([1])
    expect((await apiKeys.find(id))?.lastUsedAt).toBeNull()
    expect((await call('GET', `/projects/1/keys/${id}/history`)).body).toHaveLength(3)
  })

  it('is asked about by whoever manages everything alone', async () => {
    const { call } = await managementHost({ authorize: () => ['1'] })
    expect((await call('POST', '/keys/check', { body: { key: 'x' } })).status).toBe(403)
    const { call: admin } = await managementHost()
    for (const body of [{}, { key: 1 }, { key: '' }, { key: 'x', at: 1 }, { key: 'x'.repeat(5_000) }]) {
      const { status, text } = await admin('POST', '/keys/check', { body })
      expect(status).toBe(400)
      expect(text).not.toContain('xxx')
    }
  })
})
