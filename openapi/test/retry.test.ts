import { execFile } from 'node:child_process'
import path from 'node:path'
import { inspect, promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type Clock,
  createGosendClient,
  createManagementClient,
  type GosendClient,
  type GosendClientOptions,
  type GosendComponents,
} from '../src/index.js'
import { type Answer, hangUp, inTurn, json, listen } from './server.js'

const secret = 'a1b2c3d4e5f6'
const start = Date.parse('2026-05-18T14:00:00Z')
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const ok = json(200, { id: '42' })
const down = json(503, { statusCode: 503, message: 'Down', error: 'Service Unavailable' })
const tooMany = json(429, { statusCode: 429, message: 'Too fast', error: 'Too Many Requests' })

const message = {
  phone_number_id: '555123456789',
  to: '5491140123456',
  type: 'text',
  text: { body: 'Hello' },
} as const

/** A clock that stands still but for those who sleep. */
function fakeClock() {
  const sleeps: number[] = []
  let time = start
  const clock: Clock = {
    now: () => time,
    async sleep(milliseconds) {
      sleeps.push(milliseconds)
      time += milliseconds
    },
  }
  return { clock, sleeps }
}

async function against(answer: Answer, options: GosendClientOptions = {}) {
  const server = await listen(answer)
  const { clock, sleeps } = fakeClock()
  const gosend = createGosendClient({ apiKey: `gsk_test_${secret}`, baseUrl: server.url, clock, ...options })
  return { gosend, sleeps, requests: server.requests }
}

describe('a refused request', () => {
  test('is sent again until it is answered', async () => {
    const { gosend, requests } = await against(inTurn(down, tooMany, ok))

    expect((await gosend.GET('/me')).data).toEqual({ id: '42' })
    expect(requests).toHaveLength(3)
  })

  test('resolves to the last refusal when all retries are used up', async () => {
    const { gosend, requests } = await against(down)

    expect((await gosend.GET('/me')).error?.statusCode).toBe(503)
    expect(requests).toHaveLength(3)
  })

  test.each([0, 1, 5])('is sent again at most maxRetries times: %i', async (maxRetries) => {
    const { gosend, requests } = await against(down, { maxRetries })
    await gosend.GET('/me')

    expect(requests).toHaveLength(1 + maxRetries)
  })

  test.each([400, 401, 403, 404, 409, 413, 415, 422])('with a %i is not sent again', async (status) => {
    const { gosend, requests, sleeps } = await against(json(status, { statusCode: status }))
    await gosend.GET('/me')

    expect(requests).toHaveLength(1)
    expect(sleeps).toEqual([])
  })

  test('is sent again over a new connection when the old one breaks', async () => {
    const { gosend, requests } = await against(inTurn(hangUp, hangUp, ok))

    expect((await gosend.GET('/me')).data).toEqual({ id: '42' })
    expect(requests).toHaveLength(3)
  })

  test('is sent again when its answer breaks off', async () => {
    const breakOff: Answer = (response) => {
      response.writeHead(200, { 'Content-Length': '100' }).write('{"id":', () => response.destroy())
    }
    const { gosend, requests } = await against(inTurn(breakOff, ok))

    expect((await gosend.GET('/me')).data).toEqual({ id: '42' })
    expect(requests).toHaveLength(2)
  })

  test('is not sent again when it was redirected', async () => {
    const { gosend, requests } = await against(json(307, {}, { Location: '/elsewhere' }))

    await expect(gosend.GET('/me')).rejects.toThrow(TypeError)
    expect(requests).toHaveLength(1)
  })

  test('is sent again by the management client, too', async () => {
    const server = await listen(inTurn(down, json(200, [])))
    const { clock } = fakeClock()
    const management = createManagementClient({ adminKey: 'a'.repeat(32), baseUrl: server.url, clock })

    expect((await management.GET('/projects')).data).toEqual([])
  })
})

describe('the pause before a retry', () => {
  const refusing = (value: string) => inTurn(json(429, {}, { 'Retry-After': value }), ok)

  test('is as long as Retry-After says in seconds', async () => {
    const { gosend, sleeps } = await against(refusing('7'))
    await gosend.GET('/me')

    expect(sleeps).toEqual([7_000])
  })

  test('lasts until the date in Retry-After', async () => {
    const { gosend, sleeps } = await against(refusing(new Date(start + 12_000).toUTCString()))
    await gosend.GET('/me')

    expect(sleeps).toEqual([12_000])
  })

  test.each(['', 'soon', '-1', '1.5', '2026-05-18T15:00:00Z', new Date(start - 60_000).toUTCString()])(
    'is a short one when Retry-After is of no use: %j',
    async (value) => {
      const { gosend, sleeps } = await against(refusing(value))

      expect((await gosend.GET('/me')).data).toEqual({ id: '42' })
      expect(sleeps).toHaveLength(1)
      expect(sleeps[0]).toBeGreaterThanOrEqual(0)
      expect(sleeps[0]).toBeLessThanOrEqual(500)
    },
  )

  test('is drawn from a range that doubles up to 8 seconds', async () => {
    const limits = [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]
    const draws: number[][] = []
    for (let round = 0; round < 100; round++) {
      const { clock, sleeps } = fakeClock()
      const fetch = async () => new Response(null, { status: 503 })
      const options = { clock, fetch, maxRetries: limits.length, timeoutMs: 600_000 }
      await createGosendClient({ apiKey: `gsk_test_${secret}`, ...options }).GET('/me')
      draws.push(sleeps)
    }

    for (const [retry, limit] of limits.entries()) {
      const drawn = draws.map((sleeps) => sleeps[retry] ?? Number.NaN)
      expect(Math.max(...drawn)).toBeLessThanOrEqual(limit)
      // A hundred draws from the whole range miss its first or last quarter less than once in a billion runs.
      expect(Math.max(...drawn)).toBeGreaterThan(limit * 0.75)
      expect(Math.min(...drawn)).toBeLessThan(limit * 0.25)
    }
  })

  test('is left out, and the refusal answered at once, when it would end after the deadline', async () => {
    const { gosend, requests, sleeps } = await against(
      json(429, { statusCode: 429 }, { 'Retry-After': '30' }),
    )

    expect((await gosend.GET('/me')).error?.statusCode).toBe(429)
    expect(requests).toHaveLength(1)
    expect(sleeps).toEqual([])
  })

  test('ends with the reason that the call was aborted with', async () => {
    const server = await listen(json(429, {}, { 'Retry-After': '20' }))
    const controller = new AbortController()
    const gosend = createGosendClient({
      apiKey: `gsk_test_${secret}`,
      baseUrl: server.url,
      fetch: async (request) => {
        const response = await fetch(request)
        setImmediate(() => controller.abort(new Error('changed my mind')))
        return response
      },
    })

    await expect(gosend.GET('/me', { signal: controller.signal })).rejects.toThrow('changed my mind')
    expect(server.requests).toHaveLength(1)
  })
})

describe('a message', () => {
  test('has the same random Idempotency-Key and body in every attempt', async () => {
    const { gosend, requests } = await against(inTurn(hangUp, down, json(201, { id: '1001' })))

    expect((await gosend.POST('/messages', { body: message })).data).toEqual({ id: '1001' })
    const [key, ...others] = requests.map(({ headers }) => headers['idempotency-key'])
    expect(key).toMatch(uuid)
    expect(others).toEqual([key, key])
    expect(requests.map(({ body }) => JSON.parse(body))).toEqual([message, message, message])
  })

  test('has a key of its own', async () => {
    const { gosend, requests } = await against(json(201, {}))
    await gosend.POST('/messages', { body: message })
    await gosend.POST('/messages', { body: message })

    const [one, other] = requests.map(({ headers }) => headers['idempotency-key'])
    expect(one).not.toBe(other)
  })

  test('keeps the Idempotency-Key that it is given', async () => {
    const { gosend, requests } = await against(inTurn(down, json(201, {})))
    const header = { 'Idempotency-Key': 'order-1234-shipped' }
    await gosend.POST('/messages', { body: message, params: { header } })

    expect(requests.map(({ headers }) => headers['idempotency-key'])).toEqual([
      'order-1234-shipped',
      'order-1234-shipped',
    ])
  })

  test('is sent again when its first request is still being carried out, and not when its key is taken', async () => {
    const inUse = json(409, { statusCode: 409 }, { 'Retry-After': '1' })
    const busy = await against(inTurn(inUse, json(201, { id: '1001' })))
    const taken = await against(json(409, { statusCode: 409 }))

    expect((await busy.gosend.POST('/messages', { body: message })).data).toEqual({ id: '1001' })
    expect((await taken.gosend.POST('/messages', { body: message })).error?.statusCode).toBe(409)
    expect(taken.requests).toHaveLength(1)
  })
})

describe('a POST without an Idempotency-Key', () => {
  const body: GosendComponents['schemas']['WebhookCreate'] = {
    url: 'https://acme.com/',
    events: ['whatsapp.message.sent'],
    type: 'gosendapi_events',
  }

  test('has none added, and is sent again after a 429', async () => {
    const { gosend, requests } = await against(inTurn(tooMany, json(201, { id: '9' })))

    expect((await gosend.POST('/webhooks', { body })).data).toEqual({ id: '9' })
    expect(requests).toHaveLength(2)
    expect(requests[0]?.headers).not.toHaveProperty('idempotency-key')
  })

  test('is not sent again after a 503', async () => {
    const { gosend, requests } = await against(down)

    expect((await gosend.POST('/webhooks', { body })).error?.statusCode).toBe(503)
    expect(requests).toHaveLength(1)
  })

  test('is not sent again when the connection breaks', async () => {
    const { gosend, requests } = await against(hangUp)

    await expect(gosend.POST('/webhooks', { body })).rejects.toThrow(TypeError)
    expect(requests).toHaveLength(1)
  })

  test('brings a file along again', async () => {
    const { gosend, requests } = await against(inTurn(tooMany, json(201, { id: '1' })))
    await gosend.POST('/media', {
      body: { phone_number_id: '5', type: 'image/png', file: new Blob(['PNG']) },
    })

    expect(requests).toHaveLength(2)
    expect(requests[1]?.body).toContain('PNG')
  })
})

test('whatever a server answers, nothing is carried out twice that has not said it may be', async () => {
  const status = fc.constantFrom(200, 400, 409, 429, 500, 502, 503, 504, 0)
  const statuses = fc.array(status, { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(statuses, fc.nat(5), fc.boolean(), async (statuses, maxRetries, isMessage) => {
      const answers = statuses.map((status) => (status === 0 ? hangUp : json(status, {})))
      const { gosend, requests } = await against(inTurn(...answers), { maxRetries })
      const calling = isMessage
        ? gosend.POST('/messages', { body: message })
        : gosend.POST('/conversations/{conversation_id}/close', {
            params: { path: { conversation_id: '880' } },
          })
      await calling.catch(() => undefined)

      const mayFollow = (status: number) => status === 429 || (isMessage && (status >= 500 || status === 0))
      const settled = statuses.findIndex((status) => !mayFollow(status))
      expect(requests).toHaveLength(Math.min(1 + maxRetries, settled < 0 ? Infinity : settled + 1))
      expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    }),
    { numRuns: 60 },
  )
})

describe('the deadline', () => {
  test('ends a call that is not answered', async () => {
    const { gosend } = await against(() => {}, { timeoutMs: 20 })

    await expect(gosend.GET('/me')).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('ends a call whose answer does not end', async () => {
    const { gosend } = await against((response) => void response.writeHead(200).write('{"id":'), {
      timeoutMs: 50,
    })

    await expect(gosend.GET('/me')).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('holds while the garbage collector is at work', async () => {
    setFlagsFromString('--expose-gc')
    const collecting = setInterval(runInNewContext('gc'), 10)
    onTestFinished(() => clearInterval(collecting))
    const silent = await against(() => {}, { timeoutMs: 150 })
    const endless = await against((response) => void response.writeHead(200).write('{'), { timeoutMs: 150 })

    await expect(silent.gosend.GET('/me')).rejects.toMatchObject({ name: 'TimeoutError' })
    await expect(endless.gosend.GET('/me')).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('does not keep a program from ending once it is answered', async () => {
    const program = `
      import { createGosendClient } from '@gosend/openapi'
      await createGosendClient({ timeoutMs: 600_000, fetch: async () => Response.json({}) }).GET('/me')
    `
    const env = { ...process.env, GOSENDAPI_KEY: `gsk_test_${secret}` }
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: path.join(import.meta.dirname, '..'),
      env,
      timeout: 20_000,
    })

    expect(await run).toMatchObject({ stderr: '' })
  })

  test('may be shorter for a single call', async () => {
    const { gosend } = await against(() => {})

    await expect(gosend.GET('/me', { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })
})

test.each<[string, Answer, (gosend: GosendClient) => Promise<unknown>]>([
  ['a broken connection', hangUp, (gosend) => gosend.GET('/me')],
  ['a message that did not get through', hangUp, (gosend) => gosend.POST('/messages', { body: message })],
  ['a deadline', () => {}, (gosend) => gosend.GET('/me')],
  ['an abort', ok, (gosend) => gosend.GET('/me', { signal: AbortSignal.abort() })],
  ['a refused page', json(403, { message: 'No' }), (gosend) => gosend.list('/messages').next()],
])('shows the key in no error: %s', async (_, answer, call) => {
  const { gosend } = await against(answer, { timeoutMs: 200 })
  const error = await call(gosend).catch((thrown: unknown) => thrown)

  expect(error).toBeInstanceOf(Error)
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain(secret)
})

test.each([
  [{ maxRetries: -1 }, /^maxRetries: /],
  [{ maxRetries: 1.5 }, /^maxRetries: /],
  [{ maxRetries: Infinity }, /^maxRetries: /],
  [{ timeoutMs: 0 }, /^timeoutMs: /],
  [{ timeoutMs: Number.NaN }, /^timeoutMs: /],
  [{ timeoutMs: 2 ** 31 }, /^timeoutMs: /],
])('refuses an option that makes no sense when the client is created: %j', (options, reason) => {
  expect(() => createGosendClient({ apiKey: `gsk_test_${secret}`, ...options })).toThrow(reason)
})
