import { describe, expect, it } from 'vitest'
import { type Gosend, gosend, greeting, STRANGER, text } from './gosend.js'

const PERSON = '12025550100'
const NOON = Date.UTC(2026, 4, 18, 14) / 1000

const limitFields = ({ headers }: Awaited<ReturnType<Gosend['test']>>) =>
  ['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`x-ratelimit-${name}`)))

const refusal = ({ status, json, headers }: Awaited<ReturnType<Gosend['test']>>) => ({
  status,
  code: json.code,
  details: json.details,
  wait: [headers.get('retry-after'), json.retry_after_seconds],
})

const tooMany = (code: string, wait: number, details?: object) => ({
  status: 429,
  code,
  details,
  wait: [String(wait), wait],
})

/** How many of so many requests at once get through. */
async function passed(request: () => ReturnType<Gosend['test']>, count: number): Promise<number> {
  const replies = await Promise.all(Array.from({ length: count }, request))
  return replies.filter(({ status }) => status < 400).length
}

describe('the limits of a key', () => {
  it('are 10 requests a second in the sandbox, and 100 in production', async () => {
    const api = await gosend({ rateLimits: 'documented' })
    expect(await passed(() => api.test('GET /me'), 15)).toBe(10)
    expect(refusal(await api.test('GET /me'))).toEqual(tooMany('RATE_LIMIT_EXCEEDED', 1))
    expect(await passed(() => api.live('GET /me'), 110)).toBe(100)
    await api.pass('1s')
    expect(await passed(() => api.test('GET /me'), 15)).toBe(10)
  })

  it('are counted where a key passes one', async () => {
    const api = await gosend({ rateLimits: 'documented' })
    await passed(() => api.test('GET /me'), 12)
    const [key] = await api.mock.apiKeys.list({ projectId: '42', environment: 'sandbox' })
    const refusals = await api.mock.apiKeys.refusals(key?.id ?? '')
    expect(refusals.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual(
      Array(2).fill('limited rate_exceeded'),
    )
  })

  it('are told in every answer', async () => {
    const api = await gosend({ rateLimits: 'documented' })
    expect(limitFields(await api.test('GET /me'))).toEqual([10, 9, NOON + 1])
    expect(limitFields(await api.test('GET /messages/77'))).toEqual([10, 8, NOON + 1])
    expect(limitFields(await api.test('GET /messages?page=x'))).toEqual([10, 7, NOON + 1])
    expect(limitFields(await api.test('POST /messages', text(STRANGER)))).toEqual([10, 6, NOON + 1])
    expect(limitFields(await api.live('GET /me'))).toEqual([100, 99, NOON + 1])
    await api.control('PUT /faults', [{ operation: 'getMe', status: 503, times: 1 }])
    expect(limitFields(await api.test('GET /me'))).toEqual([10, 5, NOON + 1])
    await passed(() => api.test('GET /me'), 5)
    expect(limitFields(await api.test('GET /me'))).toEqual([10, 0, NOON + 1])
  })

  it('are every key’s own', async () => {
    const api = await gosend({ rateLimits: 'documented' })
    const { key } = await api.mock.apiKeys.issue({ projectId: '42', environment: 'sandbox', label: 'other' })
    expect(await passed(() => api.test('GET /me'), 11)).toBe(10)
    expect((await api.test('GET /me', undefined, { 'x-api-key': key })).status).toBe(200)
  })

  it('are so many requests a day, until midnight UTC', async () => {
    const api = await gosend({ rateLimits: 'documented' })
    await api.control('PUT /limits', { requestsPerSecond: null, requestsPerDay: 20 })
    expect(await passed(() => api.test('GET /me'), 30)).toBe(20)
    const reply = await api.test('GET /me')
    expect(refusal(reply)).toEqual(tooMany('RATE_LIMIT_EXCEEDED', 10 * 3_600, { limit: 20 }))
    expect(limitFields(reply).slice(1)).toEqual([0, NOON + 10 * 3_600])
    await api.pass('10h')
    expect((await api.test('GET /me')).status).toBe(200)
  })

  it('are the plan’s, which the control plane can change', async () => {
    const api = await gosend({ rateLimits: 'documented' })
    const plan = { plan: 'high_volume', requestsPerDay: 550 }
    expect((await api.control('PUT /limits?environment=production', plan)).json).toMatchObject({
      plan: 'high_volume',
      requestsPerSecond: 500,
      requestsPerDay: 550,
    })
    expect(limitFields(await api.live('GET /me'))).toEqual([500, 499, NOON + 1])
    expect((await api.control('DELETE /limits?environment=production')).json).toMatchObject({
      plan: 'standard',
      requestsPerSecond: 100,
      requestsPerDay: 100_000,
    })
    expect((await api.control('GET /limits')).json).toMatchObject({ plan: 'sandbox', messagesPerMonth: null })
  })

  it.each([[{ plan: 'free' }], [{ requestsPerSecond: -1 }], [{ requestsPerHour: 1 }], [[]]])(
    'cannot be %j',
    async (body) => {
      const api = await gosend()
      expect((await api.control('PUT /limits', body)).status).toBe(400)
    },
  )

  it('refuse nothing when they are off, and are told all the same', async () => {
    const api = await gosend()
    expect(await passed(() => api.test('GET /me'), 30)).toBe(30)
    expect(limitFields(await api.test('GET /me'))).toEqual([10, 9, NOON + 1])
    await api.pass('1s')
    await api.control('PUT /limits', { requestsPerSecond: 3 })
    expect(await passed(() => api.test('GET /me'), 30)).toBe(3)
  })
})

describe('the monthly quota', () => {
  it('counts messages of production until the first of the next month', async () => {
    const api = await gosend()
    await api.control('PUT /limits?environment=production', { messagesPerMonth: 2 })
    await api.live('GET /messages')
    expect(await passed(() => api.live('POST /messages', text(PERSON)), 3)).toBe(2)
    const resets_at = '2026-06-01T00:00:00Z'
    const wait = (Date.parse(resets_at) - Date.parse('2026-05-18T14:00:00Z')) / 1000
    const reply = await api.live('POST /messages', text(PERSON))
    expect(refusal(reply)).toEqual(tooMany('QUOTA_EXCEEDED', wait, { limit: 2, resets_at }))
    expect((await api.live('GET /messages')).json).toHaveLength(2)
    await api.pass('14d')
    expect((await api.live('POST /messages', text(PERSON))).status).toBe(201)
  })

  it('does not count what was refused, or answered again', async () => {
    const api = await gosend()
    await api.control('PUT /limits?environment=production', { messagesPerMonth: 1 })
    expect((await api.live('POST /messages', text(STRANGER))).status).toBe(403)
    const key = { 'idempotency-key': 'order-1' }
    for (const _ of [1, 2]) expect((await api.live('POST /messages', text(PERSON), key)).status).toBe(201)
  })

  it('is none in the sandbox', async () => {
    const api = await gosend({ rateLimits: 'documented' })
    const { json } = await api.control('GET /limits')
    expect(json.messagesPerMonth).toBeNull()
  })
})

describe('the queue of a number', () => {
  it.each([
    ['Standard', 8],
    ['Medium', 20],
    ['High', 100],
    ['Unlimited', 120],
  ])('of throughput tier %s lets %i go in a tenth of a second', async (tier, count) => {
    const api = await gosend({ rateLimits: 'documented' })
    await api.control('PUT /limits?environment=production', { requestsPerSecond: null })
    const number = await api.control('POST /phone-numbers/555123456789/throughput', { throughput_tier: tier })
    expect(number.json).toMatchObject({ throughput_tier: tier })
    expect(await passed(() => api.live('POST /messages', text(PERSON)), 120)).toBe(120)
    await api.pass('199ms')
    const { headers } = await api.live('GET /messages?status=queued&per_page=1')
    expect(Number(headers.get('x-total-count'))).toBe(120 - count)
  })

  it('is full at some point, and has room again', async () => {
    const api = await gosend()
    await api.control('PUT /limits?environment=production', { queuedMessages: 160 })
    expect(await passed(() => api.live('POST /messages', text(PERSON)), 200)).toBe(160)
    const reply = await api.live('POST /messages', text(PERSON))
    expect(refusal(reply)).toEqual(tooMany('PHONE_QUEUE_FULL', 1, { limit: 160 }))
    await api.pass('1s')
    expect(await passed(() => api.live('POST /messages', text(PERSON)), 100)).toBe(80)
  })
})

describe('the conversations of a WABA', () => {
  const opened = (api: Gosend, person: number) => api.live('POST /messages', greeting(`54911500000${person}`))

  it('are limited to so many people in 24 hours, unless a person begins', async () => {
    const api = await gosend()
    await api.control('PUT /limits?environment=production', { conversationsPerDay: 2 })
    expect((await opened(api, 10)).status).toBe(201)
    await api.pass('1h')
    expect((await opened(api, 11)).status).toBe(201)
    expect((await opened(api, 11)).status).toBe(201)
    const resets_at = '2026-05-19T14:00:00Z'
    const full = tooMany('RATE_LIMIT_EXCEEDED', 23 * 3_600, { limit: 2, resets_at })
    expect(refusal(await opened(api, 12))).toEqual(full)
    await api.control('POST /inbound?environment=production', { from: '5491150000012', text: 'Hello' })
    expect((await opened(api, 12)).status).toBe(201)
    await api.pass('23h')
    expect((await opened(api, 13)).status).toBe(201)
  })
})
