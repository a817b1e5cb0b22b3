// Node's own server, and the upgrades that WebSockets begin with.

import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createNodeGuard, type NodeGuardOptions } from '@gosend/auth-core/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { UNAUTHORIZED_BODY } from './contract.js'
import { createTestKeys } from './host.js'
import { exchange } from './wire.js'

async function start(options: Partial<NodeGuardOptions> = {}) {
  const { apiKeys } = createTestKeys()
  const guard = createNodeGuard(apiKeys, options)
  const sockets = new WebSocketServer({ noServer: true })
  const server: Server = createServer((_request, response) => response.end('open'))
  server.on(
    'upgrade',
    guard.upgrade((request, socket, head, key) =>
      sockets.handleUpgrade(request, socket, head, (client) => client.send(`hello ${key?.projectId}`)),
    ),
  )
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const { key, record } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'socket' })
  return { apiKeys, port, key, record }
}

/** What a client hears first: a message, or the status of a refusal. */
function firstOf(port: number, headers: Record<string, string>): Promise<string | number | undefined> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/events?of=all`, { headers })
  onTestFinished(() => client.terminate())
  return new Promise((resolve, reject) => {
    client.on('message', (data) => resolve(String(data)))
    client.on('unexpected-response', (_request, response) => resolve(response.statusCode))
    client.on('error', reject)
  })
}

const upgrade = (...fields: string[]) =>
  [
    'GET /events HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...fields,
    '',
    '',
  ].join('\r\n')

describe('an upgrade', () => {
  it('opens a WebSocket for a valid key, and for none that is wrong or revoked', async () => {
    const { apiKeys, port, key, record } = await start()
    expect(await firstOf(port, { 'X-API-Key': key })).toBe('hello 42')
    expect(await firstOf(port, {})).toBe(401)
    expect(await firstOf(port, { 'X-API-Key': 'nonsense' })).toBe(401)
    await apiKeys.revoke(record.id)
    expect(await firstOf(port, { 'X-API-Key': key })).toBe(401)
  })

  it('is refused with the standard answer, after which the connection ends', async () => {
    const { port } = await start()
    const [response, ...more] = await exchange(port, upgrade())
    expect(more).toEqual([])
    expect(response).toMatchObject({ status: 401, body: UNAUTHORIZED_BODY })
    expect(response?.headers).toMatchObject({
      'www-authenticate': 'ApiKey realm="api"',
      'cache-control': 'no-store',
      vary: 'X-API-Key',
      connection: 'close',
    })
  })

  it('takes its key from the places that credential names', async () => {
    const { port, key } = await start({ credential: ['authorization-bearer', 'x-api-key'] })
    expect(await firstOf(port, { Authorization: `Bearer ${key}` })).toBe('hello 42')
    expect(await firstOf(port, { Authorization: `Bearer ${key}`, 'X-API-Key': key })).toBe(401)
  })

  it('may come without a key where the key is optional', async () => {
    const { port } = await start({ optional: true })
    expect(await firstOf(port, {})).toBe('hello undefined')
  })

  it('compares an allowlist with the address of the socket, or with the one that the host knows', async () => {
    const options = {
      projectId: '42',
      environment: 'production',
      label: 'socket',
      allowedIps: ['203.0.113.7'],
    }
    const direct = await start()
    const behind = await start({ clientIp: ({ headers }) => String(headers['x-real-ip']) })
    for (const [{ apiKeys, port }, answer] of [
      [direct, 403],
      [behind, 'hello 42'],
    ] as const) {
      const { key } = await apiKeys.issue(options)
      expect(await firstOf(port, { 'X-API-Key': key, 'X-Real-IP': '203.0.113.7' })).toBe(answer)
    }
  })

  it('that its client gives up while the key is checked ends neither the process nor the server', async () => {
    const { port, key } = await start()
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(upgrade(`X-API-Key: ${key}`))
        socket.resetAndDestroy()
        socket.on('close', () => resolve())
      })
    })
    expect(await firstOf(port, { 'X-API-Key': key })).toBe('hello 42')
  })
})
