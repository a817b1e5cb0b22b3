// Receivers that misbehave, and mocks that end while they do.

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createWebhookSender, createWebhookTargets } from '@gosend/auth-core/webhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { folder, start, stop } from '../harness.js'
import { gosend, JUAN } from './gosend.js'
import { receiver } from './receiver.js'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** What is left of a receiver that speaks no HTTP, or not all of it. */
async function rawReceiver(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Writes a byte now and then, for ever. */
const trickle = (socket: Socket, text: string): void => {
  const timer = setInterval(() => socket.write(text), 5)
  socket.once('close', () => clearInterval(timer))
}

const post = (url: string, signal = new AbortController().signal) =>
  createWebhookSender({
    targets: createWebhookTargets({ reach: 'loopback' }),
    userAgent: 'test',
    timeoutMs: 150,
  })(url, {}, '{}', signal)

const TIMED_OUT = { error: 'The address did not answer within 0.15 seconds' }

describe('a receiver', () => {
  it('that never answers is given up', async () => {
    expect(await post(await rawReceiver(() => {}))).toEqual(TIMED_OUT)
  })

  it('whose headers never end is given up', async () => {
    const url = await rawReceiver((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      trickle(socket, 'x-more: y\r\n')
    })
    expect(await post(url)).toEqual({ error: expect.any(String) })
  })

  it('whose body never ends has answered', async () => {
    const url = await rawReceiver((socket) => {
      socket.write('HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n')
      trickle(socket, '1\r\nx\r\n')
    })
    expect(await post(url)).toEqual({ status: 202 })
  })

  it.each([
    ['hangs up', (socket: Socket) => void socket.destroy(), /closed before/],
    ['answers nonsense', (socket: Socket) => void socket.end('hello\r\n\r\n'), /could not be posted to/],
  ])('that %s is tried again', async (_, answer, words) => {
    expect(await post(await rawReceiver(answer))).toEqual({ error: expect.stringMatching(words) })
  })
})

describe('the end of the mock', () => {
  it('does not wait for a receiver, and the next mock begins anew', async () => {
    const db = join(await folder(), 'mock.db')
    const server = await receiver()
    server.answer(() => {})
    const first = await gosend({ db })
    const webhook = {
      ...{ url: server.url, events: ['whatsapp.message.received'], phone_number_id: '31' },
      type: 'gosendapi_events',
    }
    await first.live('POST /webhooks', webhook)
    await first.control('POST /inbound?environment=production', { from: JUAN, text: 'Hello' })
    await server.until(1)
    const started = performance.now()
    await stop(first.mock)
    expect(performance.now() - started).toBeLessThan(5_000)
    server.answer(204)
    await start({ db })
    const [before, after] = await server.until(2)
    expect(after?.event).toEqual(before?.event)
  })

  it('is not held up by what was reset in the middle', async () => {
    const api = await gosend()
    const server = await receiver()
    server.answer(() => {})
    await api.live('POST /webhooks', {
      ...{ url: server.url, events: ['whatsapp.message.received'], phone_number_id: '31' },
      type: 'gosendapi_events',
    })
    await api.control('POST /inbound?environment=production', { from: JUAN, text: 'Hello' })
    await server.until(1)
    expect((await api.control('POST /reset')).status).toBe(204)
    expect((await api.control('GET /jobs')).json).toEqual([])
    expect((await api.live('GET /webhooks')).json).toEqual([])
  })
})

describe('the sandbox', () => {
  it.each(['1', '31'])('sends the events of its one number to the webhooks of number %s', async (id) => {
    const api = await gosend()
    const server = await receiver()
    const { status, json } = await api.test('POST /webhooks', {
      ...{ url: server.url, events: ['whatsapp.message.received'], phone_number_id: id },
      type: 'gosendapi_events',
    })
    expect([status, json.phone_number_id]).toEqual([201, id])
    await api.control('POST /inbound', { from: JUAN, text: 'Hello' })
    const [{ event } = expect.fail()] = await server.until(1)
    expect(event).toMatchObject({
      phone_number_id: '555000000001',
      data: { message: { environment: 'sandbox' } },
    })
  })
})

describe('a webhook that leads elsewhere', () => {
  it('is kept, and its deliveries say what is missing', async () => {
    const api = await gosend()
    const { json } = await api.live('POST /webhooks', {
      url: 'https://shop.acme.com/webhooks/gosendapi',
      events: ['whatsapp.message.received'],
      phone_number_id: '31',
      type: 'gosendapi_events',
    })
    await api.control('POST /inbound?environment=production', { from: JUAN, text: 'Hello' })
    await api.pass('1ms')
    const [delivery] = (await api.live(`GET /webhooks/${json.id}/deliveries`)).json
    expect(delivery).toMatchObject({ status: 'pending', attempt: 1, response_status: null })
    expect(delivery.error).toMatch(/--allow-webhook-host shop\.acme\.com/)
  })

  it('is warned of in the log', async () => {
    const lines: string[] = []
    const api = await gosend({ onLog: (line) => lines.push(line) })
    await api.live('POST /webhooks', {
      ...{ url: 'https://shop.acme.com/', events: ['whatsapp.account.alert'], type: 'gosendapi_events' },
    })
    expect(lines).toEqual([expect.stringMatching(/^Warning: nothing will reach the webhook https:\/\/shop/)])
  })
})

describe('a receiver that closes kept connections', () => {
  it('gets every event at the first attempt', async () => {
    const api = await gosend()
    const server = await receiver()
    server.answer((_, response) => {
      response.writeHead(204).end(() => setImmediate(() => response.socket?.destroy()))
    })
    const { json } = await api.live('POST /webhooks', {
      ...{ url: server.url, events: ['whatsapp.message.received'], phone_number_id: '31' },
      type: 'gosendapi_events',
    })
    for (let i = 0; i < 20; i++) {
      await api.control('POST /inbound?environment=production', { from: JUAN, text: `Hello ${i}` })
      await api.pass('1ms')
    }
    const deliveries = (await api.live(`GET /webhooks/${json.id}/deliveries?status=delivered`)).json
    expect(deliveries.map(({ attempt }: { attempt: number }) => attempt)).toEqual(Array(20).fill(1))
  })
})
