// The default mock as a client sees it: GoSendAPI's first answers, keys that live, state that survives.

import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createMockServer, generateKeys, type MockServer, type MockServerOptions } from '../src/index.js'

const open: MockServer[] = []
const folders: string[] = []

async function start(options: MockServerOptions = {}): Promise<MockServer> {
  const mock = await createMockServer(options)
  open.push(mock)
  return mock
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gosend-mock-'))
  folders.push(path)
  return path
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((mock) => mock.close()))
  await Promise.all(folders.splice(0).map((path) => rm(path, { recursive: true })))
})

const me = (mock: MockServer, key?: string) =>
  fetch(`${mock.url}/v1/me`, key === undefined ? {} : { headers: { 'X-API-Key': key } })

const UNAUTHORIZED = '{"statusCode":401,"message":"Invalid or missing API key","error":"Unauthorized"}'

describe('the default mock', () => {
  it('loads GoSendAPI as JSON, and that is what the YAML says', async () => {
    const { resolve } = createRequire(import.meta.url)
    const text = (name: string) => readFile(resolve(`@gosend/openapi/gosend.${name}`), 'utf8')
    expect(JSON.parse(await text('json'))).toEqual(parse(await text('yaml')))
  })

  it('answers GET /v1/me byte for byte, for both keys, with and without the base path', async () => {
    const mock = await start()
    const expected =
      '{"id":"42","name":"Acme Production","webhookUrl":"https://api.acme.com/webhooks/gosendapi","createdAt":"2026-01-15T10:00:00Z"}'
    for (const [path, key] of [
      ['/v1/me', mock.keys.test],
      ['/me', mock.keys.live],
    ] as const) {
      const response = await fetch(mock.url + path, { headers: { 'X-API-Key': key } })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(await response.text()).toBe(expected)
    }
  })

  it('answers 401 byte for byte, with a challenge, and lets nobody store it', async () => {
    const mock = await start()
    const foreign = generateKeys().test
    for (const key of [
      undefined,
      '',
      'nonsense',
      `${mock.keys.test}x`,
      foreign,
      `${mock.keys.test}, ${mock.keys.test}`,
    ]) {
      const response = await me(mock, key)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('ApiKey realm="api"')
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(await response.text()).toBe(UNAUTHORIZED)
    }
  })

  it('shows changes of the project, and refuses a revoked key on the next request', async () => {
    const mock = await start()
    const headers = { 'X-Admin-Key': mock.adminKey, 'Content-Type': 'application/json' }
    const change = { method: 'PATCH', headers, body: JSON.stringify({ name: 'Renamed' }) }
    expect((await fetch(`${mock.url}/admin/projects/42`, change)).status).toBe(200)
    expect(await (await me(mock, mock.keys.test)).json()).toMatchObject({ name: 'Renamed' })

    const keys = (await (await fetch(`${mock.url}/admin/projects/42/keys`, { headers })).json()) as {
      id: string
      hint: string
    }[]
    const record = keys.find(({ hint }) => hint.startsWith('gsk_test_'))
    await fetch(`${mock.url}/admin/projects/42/keys/${record?.id}/revoke`, { method: 'POST', headers })
    expect((await me(mock, mock.keys.test)).status).toBe(401)
    expect((await me(mock, mock.keys.live)).status).toBe(200)
  })

  it('keeps keys and projects across a restart, in a file for its owner alone', async () => {
    const db = join(await folder(), 'state', 'mock.db')
    const first = await start({ db })
    const { keys, adminKey } = first
    await first.close()
    open.length = 0
    const second = await start({ db })
    expect(second.keys).toEqual(keys)
    expect(second.adminKey).toBe(adminKey)
    expect((await me(second, keys.live)).status).toBe(200)
    expect((await stat(db)).mode & 0o777).toBe(0o600)
  })

  it('takes fixed keys, and only well-formed ones', async () => {
    const keys = generateKeys()
    const mock = await start({ keys, adminKey: 'a'.repeat(32) })
    expect(mock.keys).toEqual(keys)
    expect((await me(mock, keys.test)).status).toBe(200)
    await expect(createMockServer({ keys: { test: keys.live } })).rejects.toThrow(TypeError)
    await expect(createMockServer({ keys: { test: 'gsk_test_short' } })).rejects.toThrow(TypeError)
    await expect(createMockServer({ adminKey: 'short' })).rejects.toThrow(TypeError)
  })

  it('serves a path as soon as the document has it', async () => {
    const spec = (paths: object) => ({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths })
    const ping = { get: { responses: { 200: { description: 'OK' } } } }
    const before = await start({ spec: spec({ '/one': ping }) })
    expect((await fetch(`${before.url}/two`)).status).toBe(404)
    const after = await start({ spec: spec({ '/one': ping, '/two': ping }) })
    expect((await fetch(`${after.url}/two`)).status).toBe(200)
  })
})

describe('the host check', () => {
  const statusFor = (mock: MockServer, host: string | undefined, path = '/v1/me') =>
    new Promise<number | undefined>((resolve, reject) => {
      const { port } = new URL(mock.url)
      const headers = { 'X-API-Key': mock.keys.test, ...(host === undefined ? {} : { host }) }
      const sent = request({ port, path, headers, setHost: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.on('error', reject)
      sent.end()
    })

  it('answers to loopback names with the right port, and to nothing else', async () => {
    const mock = await start({ allowedHosts: ['mock.internal'] })
    const { port } = new URL(mock.url)
    for (const host of [
      `localhost:${port}`,
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      `LOCALHOST:${port}`,
      'mock.internal',
    ]) {
      expect([host, await statusFor(mock, host)]).toEqual([host, 200])
    }
    const foreign = [
      'evil.example',
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `127.0.0.1.nip.io:${port}`,
    ]
    const odd = [
      `localhost.:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `0.0.0.0:${port}`,
      'localhost:1',
      '[::',
      'localhost',
    ]
    for (const host of [...foreign, ...odd]) {
      for (const path of ['/v1/me', '/nowhere', '/admin/projects', '/_mock/requests', '/dashboard']) {
        expect([host, path, await statusFor(mock, host, path)]).toEqual([host, path, 403])
      }
    }
    expect(await statusFor(mock, '')).toBe(400)
  })
})

describe('the dashboard', () => {
  it('is served beside the management API', async () => {
    const mock = await start()
    const response = await fetch(mock.dashboardUrl)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await response.text()).toContain('/admin')
  })
})
