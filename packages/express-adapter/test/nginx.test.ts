// The blocks that PROXIES.md gives for nginx, in a real one.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createLimits } from '@gosend/auth-core/limits'
import { memoryLimitStore } from '@gosend/auth-core/limits/memory'
import { memoryStore } from '@gosend/auth-core/memory'
import express, { type Express } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { managementRouter, memoryProjects, requireApiKey, verifyRoute } from '../src/index.js'
import { createTestKeys, listen } from './host.js'
import { ADMIN_KEY } from './management-host.js'
import { startNginx } from './support/nginx.js'

const document = await readFile(path.join(import.meta.dirname, '../PROXIES.md'), 'utf8')
const blocks = [...document.matchAll(/```nginx\n(.*?)```/gs)].map(([, block = '']) => block)
const [asItIs = '', withHost = '', guarded = ''] = blocks

async function behind(block: string, ports: Readonly<Record<string, number>>): Promise<string> {
  const locations = block.replace(/127\.0\.0\.1:(\d+)/g, (_, port) => `127.0.0.1:${ports[port]}`)
  const nginx = await startNginx(locations)
  onTestFinished(() => nginx.close())
  return nginx.url
}

describe('a service behind auth_request', () => {
  /** A service that shows what it was sent, and a twin that Express guards itself with the same keys and limits. */
  async function host() {
    const memory = memoryStore()
    const store = { ...memory }
    const { apiKeys } = createTestKeys({ store })
    const limits = createLimits({
      store: memoryLimitStore(),
      plans: { plenty: { perDay: 1_000 }, one: { perDay: 1 } },
      planOf: ({ label }) => (label === 'one' ? 'one' : 'plenty'),
    })
    const options = { limits, scopes: ['write'] }
    const app = express().set('trust proxy', 'loopback')
    app.use('/verify', verifyRoute(apiKeys, options))
    app.use('/api', requireApiKey(apiKeys, options), (_request, response) => void response.end('served'))
    const keys = await listen(app)
    const service: Express = express().disable('x-powered-by')
    service.use(express.text(), ({ method, headers, body }, response) => {
      const fields = Object.entries(headers).filter(([name]) => name.startsWith('x-'))
      response.json({ method, body, fields: Object.fromEntries(fields) })
    })
    const { port } = await listen(service)
    const issue = async (more: object = {}) => {
      const key = {
        projectId: '42',
        environment: 'production',
        label: 'test',
        scopes: ['write', 'read'],
      } as const
      return apiKeys.issue({ ...key, ...more })
    }
    return { keys, store, issue, url: await behind(guarded, { 3000: keys.port, 4000: port }) }
  }

  const send = async (url: string, headers: Readonly<Record<string, string>>, init: RequestInit = {}) => {
    const response = await fetch(`${url}/api/messages`, { headers, ...init })
    const names = ['content-type', 'retry-after', 'www-authenticate', 'cache-control']
    const fields = Object.fromEntries(names.map((name) => [name, response.headers.get(name)]))
    return { status: response.status, fields, body: await response.text() }
  }

  it('learns whose key it is from header fields, and not what the client says there', async () => {
    const { issue, url } = await host()
    const { key, record } = await issue({ projectId: 'Åse & 100%' })
    const forged = { 'X-Project-Id': 'x', 'X-Key-Id': 'x', 'X-Environment': 'x', 'X-Scopes': 'admin' }
    const request = { method: 'POST', body: 'hello' }
    const answer = await send(url, { 'X-API-Key': key, ...forged, 'Content-Type': 'text/plain' }, request)
    expect(JSON.parse(answer.body)).toEqual({
      method: 'POST',
      body: 'hello',
      fields: {
        'x-project-id': `${encodeURIComponent('Å')}se%20&%20100%25`,
        'x-key-id': record.id,
        'x-environment': 'production',
        'x-scopes': 'write read',
      },
    })
  })

  it('is reached with a key that has as many and as long scopes as there may be', async () => {
    const { issue, url } = await host()
    const many = Array.from({ length: 99 }, (_, n) => `scope:${n}`.padEnd(128, 'x'))
    const { key } = await issue({ projectId: '€'.repeat(255), scopes: ['write', ...many] })
    const answer = await send(url, { 'X-API-Key': key })
    expect(answer.status).toBe(200)
    const { fields } = JSON.parse(answer.body)
    expect(fields['x-scopes']).toBe(['write', ...many].join(' '))
    expect(fields['x-project-id']).toBe('%E2%82%AC'.repeat(255))
  })

  it('is refused with the bytes that Express itself would send', async () => {
    const { keys, issue, store, url } = await host()
    const { key: valid } = await issue()
    const { key: reader } = await issue({ scopes: ['read'] })
    const { key: nowhere } = await issue({ allowedIps: [] })
    const { key: spent } = await issue({ label: 'one' })
    const asking = { Accept: 'application/problem+json' }
    expect((await send(url, { 'X-API-Key': spent })).status).toBe(200)
    const cases: readonly [status: number, headers: Readonly<Record<string, string>>][] = [
      [401, {}],
      [401, { 'X-API-Key': `${valid.slice(0, -1)}_` }],
      [403, { 'X-API-Key': reader }],
      [403, { 'X-API-Key': nowhere }],
      [429, { 'X-API-Key': spent }],
    ]
    for (const [status, headers] of cases) {
      const answer = await send(url, headers)
      expect([headers, answer.status]).toEqual([headers, status])
      expect(withoutSeconds(answer)).toEqual(withoutSeconds(await send(keys.url, headers)))
      const asked = await send(url, { ...headers, ...asking })
      expect([asked.status, asked.fields['content-type']]).toEqual([status, 'application/problem+json'])
    }
    store.find = () => Promise.reject(new Error('the database is down'))
    const answer = await send(url, { 'X-API-Key': valid })
    expect(answer).toMatchObject({ status: 503, fields: { 'retry-after': '1' } })
    expect(answer).toEqual(await send(keys.url, { 'X-API-Key': valid }))
  })

  it('lets an allowlist see the address of the client', async () => {
    const { issue, url } = await host()
    const { key } = await issue({ allowedIps: ['127.0.0.1'] })
    expect((await send(url, { 'X-API-Key': key })).status).toBe(200)
    const { key: elsewhere } = await issue({ allowedIps: ['203.0.113.7'] })
    const forged = { 'X-API-Key': elsewhere, 'X-Forwarded-For': '203.0.113.7' }
    expect((await send(url, forged)).status).toBe(403)
  })

  it('is closed with 503 when nobody can be asked', async () => {
    const { issue } = await host()
    const { key } = await issue()
    const { port } = await listen(express().use((_request, response) => void response.end('served')))
    const gone = await behind(guarded, { 3000: 1, 4000: port })
    expect(await send(gone, { 'X-API-Key': key })).toMatchObject({
      status: 503,
      fields: { 'content-type': 'application/json; charset=utf-8', 'retry-after': '1' },
      body: expect.stringMatching(/^\{"statusCode":503,/),
    })
  })
})

/** A quota is given in seconds from now. */
const withoutSeconds = (answer: object) => JSON.parse(JSON.stringify(answer).replace(/\d{3,}/g, '0'))

describe('the management API behind nginx', () => {
  async function host(block: string) {
    const { apiKeys } = createTestKeys()
    const app = express().set('trust proxy', 1)
    app.use('/admin', managementRouter({ apiKeys, projects: memoryProjects(), adminKey: ADMIN_KEY }))
    const { port } = await listen(app)
    const url = await behind(block, { 3000: port })
    const create = async (headers: Readonly<Record<string, string>>) => {
      const response = await fetch(`${url}/admin/projects`, {
        method: 'POST',
        headers: { 'X-Admin-Key': ADMIN_KEY, 'Content-Type': 'application/json', ...headers },
        body: '{"name":"Acme"}',
      })
      return response.status
    }
    return { create, url }
  }

  it('as it is, believes the browser and no Host', async () => {
    const { create, url } = await host(asItIs)
    const own = { Origin: 'https://admin.example.com' }
    expect(await create({})).toBe(201)
    expect(await create({ ...own, 'Sec-Fetch-Site': 'same-origin' })).toBe(201)
    expect(await create({ ...own, 'Sec-Fetch-Site': 'same-site' })).toBe(403)
    expect(await create({ ...own, 'Sec-Fetch-Site': 'cross-site' })).toBe(403)
    expect(await create(own)).toBe(403)
    expect(await create({ Origin: url })).toBe(403)
  })

  it('goes by the host where the browser says nothing, once nginx passes it on', async () => {
    const { create, url } = await host(withHost)
    expect(await create({ Origin: url })).toBe(201)
    expect(await create({ Origin: url.replace('http:', 'https:') })).toBe(201)
    expect(await create({ Origin: 'http://admin.example.com' })).toBe(403)
  })
})
