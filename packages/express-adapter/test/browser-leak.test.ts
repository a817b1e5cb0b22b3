// Keys in browsers: who is told, and how often, whatever server it is.

import express from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type BrowserLeak, requireApiKey } from '../src/index.js'
import { createTestKeys, listen } from './host.js'
import { fastifyHost, type Host, honoHost } from './other-hosts.js'
import { exchange, get } from './wire.js'

const expressHost: Host = (apiKeys, options) => {
  const app = express()
  app.use(requireApiKey(apiKeys, options))
  app.use((_request, response) => void response.end('served'))
  return listen(app)
}

const hosts = { Express: expressHost, Hono: honoHost, Fastify: fastifyHost }

async function host(start: Host) {
  const { apiKeys } = createTestKeys()
  const issue = (environment: 'production' | 'sandbox' = 'production') =>
    apiKeys.issue({ projectId: '42', environment, label: 'test' })
  const leaks: BrowserLeak[] = []
  const { port } = await start(apiKeys, {
    onBrowserLeak(leak) {
      leaks.push(leak)
      throw new Error('the log is full')
    },
  })
  const send = async (key: string, ...headers: string[]) => {
    const [response] = await exchange(port, get('/', `X-API-Key: ${key}`, ...headers))
    return response?.status
  }
  return { apiKeys, leaks, issue, port, send }
}

const PAGE = 'Origin: https://shop.example'

describe.each(Object.entries(hosts))('on %s, a key in a browser', (_, start) => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is reported once a day, and served as any other', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-15T23:00:00Z') })
    const { leaks, issue, send } = await host(start)
    const { key, record } = await issue()
    for (let i = 0; i < 3; i++) expect(await send(key, PAGE)).toBe(200)
    expect(leaks).toEqual([
      { record: expect.objectContaining({ id: record.id }), origin: 'https://shop.example' },
    ])
    await send((await issue()).key, PAGE)
    expect(leaks).toHaveLength(2)
    vi.setSystemTime(new Date('2026-01-16T00:00:00Z'))
    await send(key, PAGE)
    expect(leaks).toHaveLength(3)
  })

  it('is recognised without an Origin, which browsers leave out when they read from their own site', async () => {
    const { leaks, issue, send } = await host(start)
    await send((await issue()).key, 'Sec-Fetch-Site: same-origin')
    expect(leaks).toMatchObject([{ origin: null }])
  })

  it('is not seen in what curl and Node.js send', async () => {
    const { leaks, issue, port, send } = await host(start)
    const { key } = await issue()
    await send(key, 'User-Agent: curl/8.5.0', 'Accept: */*')
    await send(key, 'Sec-Fetch-Mode: cors')
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'X-API-Key': key } })
    expect(response.status).toBe(200)
    expect(leaks).toEqual([])
  })

  it("is nobody's business when it is a sandbox key, or no key at all", async () => {
    const { apiKeys, leaks, issue, send } = await host(start)
    await send((await issue('sandbox')).key, PAGE)
    const { key, record } = await issue()
    await apiKeys.revoke(record.id)
    expect(await send(key, PAGE)).toBe(401)
    expect(await send('nonsense', PAGE)).toBe(401)
    expect(leaks).toEqual([])
  })
})
