// The outbox against a process that is killed: what was acknowledged is delivered, by whichever process lives.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder } from '../harness.js'
import { boot } from '../process.js'
import { NUMBER } from './gosend.js'
import { receiver } from './receiver.js'

// `npm run test:faults` asks for more than there is time for every day.
const KILLS = Number(process.env.KILLS ?? 5)

describe('kill -9 between the commit and the sending', () => {
  it('loses no event, and delivers each until it was taken', {
    timeout: 120_000 + KILLS * 5_000,
  }, async () => {
    const db = join(await folder(), 'mock.db')
    const server = await receiver()
    // Half of what arrives is not taken: it has to survive in the outbox as well.
    let count = 0
    const taken = new Set<string>()
    server.answer(({ event }, response) => {
      const isTaken = ++count % 2 === 0
      if (isTaken) taken.add(event.data.message.text.body)
      response.writeHead(isTaken ? 200 : 503).end()
    })
    let mock = await boot(db)
    await mock.post('/v1/webhooks', {
      ...{ url: server.url, events: ['whatsapp.message.received'], phone_number_id: '31' },
      type: 'gosendapi_events',
    })
    const acknowledged = new Set<string>()
    for (let round = 0; round < KILLS; round++) {
      let isOver = false
      const write = async (writer: number) => {
        for (let i = 0; !isOver; i++) {
          const text = `${round}-${writer}-${i}`
          const from = '5491140123456'
          try {
            const { ok } = await mock.post('/_mock/inbound', { from, text, phone_number_id: NUMBER })
            if (ok) acknowledged.add(text)
          } catch {
            return
          }
        }
      }
      const writers = [write(0), write(1), write(2)]
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 300))
      await mock.kill()
      isOver = true
      await Promise.all(writers)
      mock = await boot(db)
    }
    server.answer(({ event }, response) => {
      taken.add(event.data.message.text.body)
      response.writeHead(200).end()
    })
    const clock = await mock.post('/_mock/clock', { advance: '3h' })
    expect(clock.status).toBe(200)
    expect([...acknowledged].filter((text) => !taken.has(text))).toEqual([])
    expect(acknowledged.size).toBeGreaterThan(KILLS)
    const pending = await mock.get('/v1/webhooks/1/deliveries?status=pending')
    expect([pending.status, await pending.json()]).toEqual([200, []])
    await mock.kill()
  })
})
