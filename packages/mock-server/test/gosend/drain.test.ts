// Many messages, two webhooks, and a receiver that fails every third request: everything is delivered or accounted for,
// in memory that does not grow with it.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder } from '../harness.js'
import { boot, type Running } from '../process.js'
import { JUAN, text } from './gosend.js'
import { type Receiver, receiver } from './receiver.js'

// `npm run test:faults` sends 10,000.
const MESSAGES = Number(process.env.DRAIN_MESSAGES ?? 200)
const AT_ONCE = 16
const MAX_GROWTH_MB = 64

async function subscribe(mock: Running, { url }: Receiver): Promise<string> {
  const webhook = await mock.post('/v1/webhooks', {
    ...{ url, events: ['whatsapp.message.delivered'], phone_number_id: '31' },
    type: 'gosendapi_events',
  })
  return ((await webhook.json()) as { id: string }).id
}

const count = async (mock: Running, webhookId: string, status: string): Promise<number> => {
  const page = await mock.get(`/v1/webhooks/${webhookId}/deliveries?per_page=1&status=${status}`)
  await page.arrayBuffer()
  return Number(page.headers.get('x-total-count'))
}

const idsOf = async (mock: Running, webhookId: string, status: string): Promise<readonly string[]> => {
  const page = await mock.get(`/v1/webhooks/${webhookId}/deliveries?per_page=100&status=${status}`)
  return ((await page.json()) as { id: string }[]).map(({ id }) => id)
}

/** A receiver that fails every third request, and the messages whose events it has taken. */
async function failingReceiver() {
  const server = await receiver()
  const taken = new Set<string>()
  let requests = 0
  server.answer(({ event }, response) => {
    const isTaken = ++requests % 3 !== 0
    if (isTaken) taken.add(event.data.message.id)
    // What counts is in `taken`.
    server.received.length = 0
    response.writeHead(isTaken ? 204 : 503).end()
  })
  return { server, taken }
}

/** Sends what was given up, until nothing is. Returns how often it had to. */
async function resendFailed(mock: Running, hook: string): Promise<number> {
  const ids = await idsOf(mock, hook, 'failed')
  if (ids.length === 0) return 0
  for (const id of ids) {
    const path = `/_mock/webhooks/${hook}/deliveries/${id}/resend?environment=production`
    expect((await mock.post(path, {})).status).toBe(200)
  }
  await mock.post('/_mock/clock', { advance: '3h' })
  return ids.length + (await resendFailed(mock, hook))
}

describe('a receiver that fails every third request', () => {
  it(`gets the events of all ${MESSAGES} messages`, { timeout: 120_000 + MESSAGES * 180 }, async () => {
    const mock = await boot(join(await folder(), 'mock.db'))
    const receivers = [await failingReceiver(), await failingReceiver()] as const
    const taken = receivers.map((one) => one.taken)
    const hooks = [await subscribe(mock, receivers[0].server), await subscribe(mock, receivers[1].server)]
    await mock.post('/_mock/inbound', { from: JUAN, text: 'Hello', phone_number_id: '555123456789' })

    const sent: string[] = []
    const memory: number[] = []
    const started = performance.now()
    const write = async () => {
      while (sent.length + 1 <= MESSAGES) {
        const place = sent.push('') - 1
        const reply = await mock.post('/v1/messages', text(JUAN, `Message ${place}`))
        expect(reply.status).toBe(201)
        sent[place] = ((await reply.json()) as { id: string }).id
        if (place % Math.ceil(MESSAGES / 20) === 0) memory.push((await mock.memory()) ?? 0)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, write))
    const sending = performance.now() - started

    // Everything that is due, and each of the four retries.
    for (const wait of ['10s', '1m', '5m', '30m', '2h']) {
      await mock.post('/_mock/clock', { advance: wait })
      memory.push((await mock.memory()) ?? 0)
    }
    const draining = performance.now() - started
    for (const hook of hooks) expect(await count(mock, hook, 'pending')).toBe(0)
    // A third of a third … fails five times: given up, as documented, but neither lost nor forgotten.
    let resent = 0
    for (const hook of hooks) resent += await resendFailed(mock, hook)
    for (const ids of taken) expect(sent.filter((id) => !ids.has(id))).toEqual([])
    for (const hook of hooks) expect(await count(mock, hook, 'delivered')).toBe(MESSAGES)

    const settled = memory[Math.floor(memory.length / 4)] ?? 0
    const growth = Math.max(...memory) - settled
    console.info(
      `${MESSAGES} messages accepted in ${(sending / 1_000).toFixed(1)} s, ${MESSAGES * 2} deliveries drained after ` +
        `${(draining / 1_000).toFixed(1)} s, ${resent} resent; memory ${memory.map((mb) => mb.toFixed(0)).join(' ')} MB`,
    )
    expect(growth).toBeLessThan(MAX_GROWTH_MB)
    await mock.kill()
  })
})
