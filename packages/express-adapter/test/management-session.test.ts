import type { RequestHandler } from 'express'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryProjects } from '../src/index.js'
import { withChange } from './host.js'
import { ADMIN_KEY, managementHost, newKey } from './management-host.js'

const signedIn = async (options = {}) => {
  const host = await managementHost(options)
  const started = await host.call('POST', '/session')
  const setCookie = started.headers.get('set-cookie') ?? ''
  const [cookie = ''] = setCookie.split(';')
  const asPage = (method: string, path: string, body?: unknown, headers = {}) =>
    host.call(method, path, {
      ...(body !== undefined && { body }),
      headers: {
        'X-Admin-Key': '',
        Cookie: cookie,
        Origin: host.url,
        'Sec-Fetch-Site': 'same-origin',
        ...headers,
      },
    })
  return { ...host, started, setCookie, cookie, asPage }
}

describe('a session', () => {
  it('is started by the admin key, and then stands for it', async () => {
    const { started, setCookie, asPage } = await signedIn()
    expect(started.status).toBe(201)
    expect(started.body).toMatchObject({
      actor: 'admin key',
      managesAll: true,
      readOnly: false,
      countsOutcomes: false,
      environments: ['sandbox', 'production'],
      now: expect.stringMatching(/Z$/),
    })
    expect(Date.parse(started.body.endsAt) - Date.now()).toBeGreaterThan(11.9 * 3_600_000)
    expect(setCookie).toMatch(/^management_[0-9a-f]{8}=[\w-]{43}; Max-Age=43200; HttpOnly; SameSite=Strict$/)
    expect(setCookie).not.toContain(ADMIN_KEY)

    expect(await asPage('GET', '/session')).toMatchObject({
      status: 200,
      body: { endsAt: started.body.endsAt },
    })
    expect((await asPage('GET', '/projects')).body).toHaveLength(2)
    expect((await asPage('POST', '/projects/1/keys', newKey)).status).toBe(201)
  })

  it('changes nothing for a request that does not say which page it comes from', async () => {
    const { asPage, apiKeys } = await signedIn()
    const foreign = [
      { Origin: '' },
      { Origin: 'null' },
      { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'none' },
      { Origin: 'http://127.0.0.1:9', 'Sec-Fetch-Site': 'none' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'cross-site' },
    ]
    for (const headers of foreign) {
      expect([headers, (await asPage('POST', '/projects/1/keys', newKey, headers)).status]).toEqual([
        headers,
        403,
      ])
      expect([headers, (await asPage('DELETE', '/session', undefined, headers)).status]).toEqual([
        headers,
        403,
      ])
    }
    expect(await apiKeys.list({ projectId: '1' })).toEqual([])
  })

  it('needs an origin for a change even where the browser says nothing else', async () => {
    const { call, cookie } = await signedIn()
    const headers = { 'X-Admin-Key': '', Cookie: cookie }
    expect((await call('POST', '/projects/1/keys', { body: newKey, headers })).status).toBe(403)
    expect((await call('GET', '/projects/1/keys', { headers })).status).toBe(200)
  })

  it('cannot be made up', async () => {
    const { call, cookie } = await signedIn()
    const [name = '', token = ''] = cookie.split('=')
    const made = ['', '.', token.slice(1), `${token}x`, withChange(token, 0), 'A'.repeat(43), '__proto__']
    for (const value of made) {
      const headers = { 'X-Admin-Key': '', Cookie: `${name}=${value}` }
      expect([value, (await call('GET', '/projects', { headers })).status]).toEqual([value, 401])
    }
  })

  it('is useless to anyone who reads where it is kept', async () => {
    const kept: string[] = []
    const projects = memoryProjects()
    const { start } = projects.sessions ?? {}
    const sessions = {
      ...projects.sessions,
      start(id: string, endsAt: number) {
        kept.push(id)
        return start?.(id, endsAt)
      },
    }
    const { call, cookie } = await signedIn({ projects: { ...projects, sessions } })
    const [name, token] = cookie.split('=')
    expect(kept).toHaveLength(1)
    expect(kept).not.toContain(token)
    const headers = { 'X-Admin-Key': '', Cookie: `${name}=${kept[0]}` }
    expect((await call('GET', '/projects', { headers })).status).toBe(401)
  })

  it('is answered with 503 while nobody knows whether it has been ended', async () => {
    const projects = memoryProjects()
    let isDown = false
    const sessions = {
      ...projects.sessions,
      async find(id: string) {
        if (isDown) throw new Error('the database is down')
        return projects.sessions?.find(id)
      },
    }
    const { asPage } = await signedIn({ projects: { ...projects, sessions } })
    expect((await asPage('GET', '/session')).status).toBe(200)
    isDown = true
    expect((await asPage('GET', '/session')).status).toBe(503)
  })

  it('is over once it is ended, also for a client that kept the cookie', async () => {
    const { asPage } = await signedIn()
    const ended = await asPage('DELETE', '/session')
    expect(ended.status).toBe(204)
    expect(ended.headers.get('set-cookie')).toMatch(
      /^management_[0-9a-f]{8}=; Max-Age=0; HttpOnly; SameSite=Strict$/,
    )
    expect((await asPage('GET', '/projects')).status).toBe(401)
  })

  it('ends by itself after 12 hours', async () => {
    const { asPage } = await signedIn()
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    vi.setSystemTime(Date.now() + 12 * 3_600_000 - 60_000)
    expect((await asPage('GET', '/projects')).status).toBe(200)
    vi.setSystemTime(Date.now() + 60_000)
    expect((await asPage('GET', '/projects')).status).toBe(401)
  })

  it('holds in every process with the same projects and the same admin key, and in no other', async () => {
    const { cookie, projects } = await signedIn()
    const headers = { 'X-Admin-Key': '', Cookie: cookie }
    const twin = await managementHost({ projects })
    expect((await twin.call('GET', '/projects', { headers })).status).toBe(200)
    const stranger = await managementHost({
      projects,
      adminKey: 'another-admin-key-of-32-characters-or-more',
    })
    expect((await stranger.call('GET', '/projects', { headers })).status).toBe(401)
    const elsewhere = await managementHost()
    expect((await elsewhere.call('GET', '/projects', { headers })).status).toBe(401)
  })

  it('does not beget another', async () => {
    const { asPage, started } = await signedIn()
    const again = await asPage('POST', '/session')
    expect(again.headers.get('set-cookie')).toBeNull()
    expect(again.body.endsAt).toBe(started.body.endsAt)
  })

  it('is marked Secure over TLS', async () => {
    const { call } = await managementHost({ settings: { 'trust proxy': 1 } })
    const { headers } = await call('POST', '/session', { headers: { 'X-Forwarded-Proto': 'https' } })
    expect(headers.get('set-cookie')).toMatch(/; Secure$/)
  })

  it('is marked Secure for a page over TLS, also where the app does not know of its proxy', async () => {
    const { call, url } = await managementHost()
    const Origin = url.replace('http:', 'https:')
    const { headers } = await call('POST', '/session', { headers: { Origin } })
    expect(headers.get('set-cookie')).toMatch(/; Secure$/)
  })

  it("is the host's own matter when the host's login decides", async () => {
    const { call } = await managementHost({
      authorize: () => ({ projects: ['1'], actor: 'anna@acme.example' }),
    })
    expect((await call('POST', '/session')).status).toBe(404)
    expect((await call('DELETE', '/session')).status).toBe(404)
    expect((await call('GET', '/session')).body).toMatchObject({
      actor: 'anna@acme.example',
      managesAll: false,
      readOnly: false,
      countsOutcomes: false,
      endsAt: null,
    })
  })
})

describe('the audit log', () => {
  it('names the actor that the host gives', async () => {
    const { call } = await managementHost({
      authorize: ({ headers }) => ({ projects: ['1'], actor: headers['x-user'] as string }),
    })
    const as = (user: string) => ({ headers: { 'X-User': user } })
    const first = (await call('POST', '/projects/1/keys', { body: newKey, ...as('anna') })).body
    await call('PATCH', `/projects/1/keys/${first.id}`, { body: { label: 'renamed' }, ...as('joe') })
    const second = (await call('POST', `/projects/1/keys/${first.id}/rotate`, { body: {}, ...as('eve') }))
      .body
    await call('POST', `/projects/1/keys/${second.id}/revoke`, as('zoe'))

    const all = (await call('GET', '/projects/1/history')).body
    expect(all.map(({ keyId, action, actor }: Record<string, string>) => [keyId, action, actor])).toEqual(
      expect.arrayContaining([
        [second.id, 'revoked', 'zoe'],
        [second.id, 'issued', 'eve'],
        [first.id, 'rotated', 'eve'],
        [first.id, 'updated', 'joe'],
        [first.id, 'issued', 'anna'],
      ]),
    )
    expect(all[0]).toMatchObject({ action: 'revoked', projectId: '1', at: expect.stringMatching(/Z$/) })
    const own = (await call('GET', `/projects/1/keys/${second.id}/history`)).body
    expect(own.map(({ action }: { action: string }) => action)).toEqual(['revoked', 'issued'])
    expect((await call('GET', '/projects/1/history?limit=2')).body).toEqual(all.slice(0, 2))
    expect(JSON.stringify(all)).not.toContain(first.key.slice(21))
  })

  it.each(['0', '-1', '1.5', '1001', 'all', '1e3x'])('refuses a limit of %s', async (limit) => {
    const { call } = await managementHost()
    expect((await call('GET', `/projects/1/history?limit=${limit}`)).status).toBe(400)
  })
})

it('usage can be that of one key', async () => {
  const { call, use } = await managementHost()
  const busy = (await call('POST', '/projects/1/keys', { body: newKey })).body
  const idle = (await call('POST', '/projects/1/keys', { body: newKey })).body
  for (let i = 0; i < 3; i++) await use(busy.key)
  await use(idle.key)
  const usage = await call('GET', `/projects/1/usage?keyId=${busy.id}`)
  expect(usage.body).toMatchObject({ total: 3, keys: [{ keyId: busy.id, count: 3 }] })
  expect((await call('GET', `/projects/2/usage?keyId=${busy.id}`)).status).toBe(404)
})

describe('routes of its own', () => {
  const routes: RequestHandler = (request, response, next) =>
    request.path === '/sandbox/log' ? void response.json({ method: request.method }) : next()

  it('are behind the same checks as the rest', async () => {
    const { asPage, call } = await signedIn({ routes })
    expect(await asPage('GET', '/sandbox/log')).toMatchObject({ status: 200, body: { method: 'GET' } })
    expect((await asPage('POST', '/sandbox/log', {})).status).toBe(200)
    expect((await asPage('GET', '/sandbox/log')).headers.get('cache-control')).toBe('no-store')
    expect((await asPage('GET', '/projects')).status).toBe(200)
    expect((await asPage('GET', '/sandbox/nothing')).status).toBe(404)
    expect((await asPage('POST', '/sandbox/log', {}, { Origin: '' })).status).toBe(403)
    expect((await asPage('GET', '/sandbox/log', undefined, { 'Sec-Fetch-Site': 'same-site' })).status).toBe(
      403,
    )
    expect((await call('GET', '/sandbox/log', { headers: { 'X-Admin-Key': '' } })).status).toBe(401)
  })

  it('are not there for a user who manages only some projects', async () => {
    const { call } = await managementHost({ routes, authorize: () => ['1'] })
    expect((await call('GET', '/sandbox/log')).status).toBe(404)
  })
})
