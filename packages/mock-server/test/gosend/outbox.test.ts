// The outbox against a process that is killed: what was acknowledged is delivered, by whichever process lives.

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { folder } from '../harness.js'
import { NUMBER } from './gosend.js'
import { receiver } from './receiver.js'

// `npm run test:faults` asks for more than there is time for every day.
const KILLS = Number(process.env.KILLS ?? 5)

const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

interface Running {
  readonly url: string
  readonly keys: { readonly live: string }
  readonly adminKey: string
  kill(): Promise<unknown>
}

const boot = (db: string): Promise<Running> =>
  new Promise((resolve, reject) => {
    const bin = fileURLToPath(new URL('../../bin/gosend-mock.js', import.meta.url))
    const child = spawn(process.execPath, [
      ...[bin, '--db', db, '--port', '0', '--json', '--quiet', '--rate-limits', 'off'],
    ])
    children.add(child)
    const gone = new Promise((done) => child.on('exit', done))
    child.on('error', reject)
    void gone.then(() => children.delete(child))
    child.stdout.once('data', (line: Buffer) => {
      const kill = () => {
        child.kill('SIGKILL')
        return gone
      }
      resolve({ ...(JSON.parse(line.toString()) as Omit<Running, 'kill'>), kill })
    })
  })

const post = (url: string, headers: Record<string, string>, body: object) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

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
    await post(
      `${mock.url}/v1/webhooks`,
      { 'x-api-key': mock.keys.live },
      {
        ...{ url: server.url, events: ['whatsapp.message.received'], phone_number_id: '31' },
        type: 'gosendapi_events',
      },
    )
    const acknowledged = new Set<string>()
    for (let round = 0; round < KILLS; round++) {
      let isOver = false
      const write = async (writer: number) => {
        for (let i = 0; !isOver; i++) {
          const text = `${round}-${writer}-${i}`
          const from = '5491140123456'
          try {
            const { ok } = await post(
              `${mock.url}/_mock/inbound?environment=production`,
              { 'x-admin-key': mock.adminKey },
              { from, text, phone_number_id: NUMBER },
            )
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
    const clock = await post(`${mock.url}/_mock/clock`, { 'x-admin-key': mock.adminKey }, { advance: '3h' })
    expect(clock.status).toBe(200)
    expect([...acknowledged].filter((text) => !taken.has(text))).toEqual([])
    expect(acknowledged.size).toBeGreaterThan(KILLS)
    const pending = await fetch(`${mock.url}/v1/webhooks/1/deliveries?status=pending`, {
      headers: { 'x-api-key': mock.keys.live },
    })
    expect([pending.status, await pending.json()]).toEqual([200, []])
    await mock.kill()
  })
})
