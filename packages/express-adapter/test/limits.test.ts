import { Agent, request as httpRequest } from 'node:http'
import type { ApiKeys } from '@gosend/auth-core'
import { createLimits, type LimitStore, type Limits, type Plan } from '@gosend/auth-core/limits'
import { memoryLimitStore } from '@gosend/auth-core/limits/memory'
import express, { type RequestHandler } from 'express'
import { type Item, parseList } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import {
  apiKeyErrorHandler,
  type FailureEvent,
  type RequireApiKeyOptions,
  requireApiKey,
  tsoaAuthentication,
} from '../src/index.js'
import { createTestKeys, type Host as Listening, listen, withChange, withChecksum } from './host.js'
import { nestHost } from './nest-host.js'
import { fastifyHost, type Host, honoHost, nodeHost } from './other-hosts.js'

const NOON = Date.parse('2026-01-15T12:00:00Z')

function limitsOf(plan: Plan, store: LimitStore = memoryLimitStore()) {
  const clock = { now: NOON }
  const limits = createLimits({
    store,
    plans: { standard: plan },
    planOf: () => 'standard',
    now: () => clock.now,
    storeTimeoutMs: 50,
  })
  return { limits, clock }
}

async function keys() {
  const { apiKeys } = createTestKeys()
  const issue = (environment: 'production' | 'sandbox' = 'production') =>
    apiKeys.issue({ projectId: '42', environment, label: 'test', scopes: ['read'] })
  return { apiKeys, issue, ...(await issue()) }
}

const expressHost: Host = async (apiKeys, options) => {
  const app = express()
  app.use(requireApiKey(apiKeys, options as RequireApiKeyOptions))
  app.use((request, response) => void response.json({ admitted: request.apiKey?.projectId }))
  return listen(app)
}

/** An app with guards on the way to a route, and what it answers to a key. */
async function guardedBy(...guards: RequestHandler[]) {
  const app = express()
  app.set('trust proxy', 1)
  app.use(...guards)
  app.use((_request, response) => void response.json({}))
  app.use(apiKeyErrorHandler())
  return asking(await listen(app))
}

function asking({ port }: Pick<Listening, 'port'>) {
  return async (key: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'X-API-Key': key, ...headers } })
    return { status: response.status, headers: response.headers, body: await response.text() }
  }
}

type Ask = ReturnType<typeof asking>

const statusesOf = async (ask: Ask, key: string, times: number) =>
  (await Promise.all(Array.from({ length: times }, () => ask(key)))).map(({ status }) => status)

const usedOf = async (limits: Limits) => (await limits.quota('42'))?.used

/** What tsoa's generated routes do with the hook. */
const tsoaGuard = (apiKeys: ApiKeys, limits: Limits, ...alternatives: string[][]): RequestHandler => {
  const authenticate = tsoaAuthentication({ apiKeys, limits })
  return (request, _response, next) => {
    Promise.any(alternatives.map((scopes) => authenticate(request, 'api_key', scopes))).then(
      () => next(),
      ({ errors }: AggregateError) => next(errors[0]),
    )
  }
}

describe.each([
  ['Express', expressHost],
  ['Hono', honoHost],
  ['Fastify', fastifyHost],
  ['Node', nodeHost],
  ['Nest', nestHost('express')],
] as const)('on %s', (_, host) => {
  const limited = async (plan: Plan, store?: LimitStore) => {
    const events: FailureEvent[] = []
    const { apiKeys, key, record } = await keys()
    const { limits, clock } = limitsOf(plan, store)
    const { port } = await host(apiKeys, { limits, onFailure: (event) => events.push(event) })
    return { ask: asking({ port }), key, record, limits, clock, events }
  }

  it('every answer to a valid key says how the limits stand', async () => {
    const { ask, key } = await limited({ perSecond: 100, perDay: 100_000, perMonth: 50_000 })
    await ask(key)
    const { status, headers } = await ask(key)
    expect(status).toBe(200)
    expect(Object.fromEntries(headers)).toMatchObject({
      'ratelimit-policy': '"second";q=100;w=1, "day";q=100000;w=86400, "month";q=50000;w=2678400',
      ratelimit: '"second";r=98;t=1, "day";r=99998;t=43200, "month";r=49998;t=1425600',
      'x-ratelimit-limit': '100',
      'x-ratelimit-remaining': '98',
      'x-ratelimit-reset': String(NOON / 1_000 + 1),
      vary: 'X-API-Key',
    })
    expect(headers.has('retry-after')).toBe(false)
  })

  it('a request over the rate is refused, and the host is told', async () => {
    const { ask, key, record, events } = await limited({ perSecond: 1, perMonth: 50_000 })
    await ask(key)
    const { status, headers, body } = await ask(key)
    expect(status).toBe(429)
    expect(body).toBe(
      '{"statusCode":429,"message":"Rate limit exceeded for API key","error":"Too Many Requests","retry_after_seconds":1}',
    )
    expect(Object.fromEntries(headers)).toMatchObject({
      'retry-after': '1',
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
      vary: 'X-API-Key',
      'ratelimit-policy': '"second";q=1;w=1, "month";q=50000;w=2678400',
      ratelimit: '"second";r=0;t=1',
      'x-ratelimit-limit': '1',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(NOON / 1_000 + 1),
    })
    expect(events).toEqual([{ reason: 'rate_exceeded', keyId: record.id, status: 429, retryAfterSeconds: 1 }])
  })

  it('a request beyond the quota is refused until the first of the next month', async () => {
    const { ask, key, clock } = await limited({ perSecond: 100, perMonth: 1 })
    await ask(key)
    const { status, headers, body } = await ask(key)
    expect(status).toBe(429)
    expect(JSON.parse(body)).toEqual({
      statusCode: 429,
      message: 'Monthly quota of the project is used up',
      error: 'Too Many Requests',
      retry_after_seconds: 1_425_600,
    })
    expect(headers.get('retry-after')).toBe('1425600')
    expect(headers.get('x-ratelimit-limit')).toBe('1')
    clock.now += 1_425_600_000
    expect((await ask(key)).status).toBe(200)
  })

  it('a store of counts that fails closes the quota with 503', async () => {
    const down = { ...memoryLimitStore(), add: () => Promise.reject(new Error('down')) }
    const { ask, key, record, events } = await limited({ perSecond: 100, perMonth: 1 }, down)
    const { status, headers, body } = await ask(key)
    expect(status).toBe(503)
    expect(body).not.toContain('down')
    expect(headers.get('retry-after')).toBe('1')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.has('ratelimit')).toBe(false)
    expect(events).toMatchObject([
      { reason: 'limits_unavailable', keyId: record.id, status: 503, error: { code: 'store_unavailable' } },
    ])
  })

  it('a store of counts that fails lets requests pass where there are only rates', async () => {
    const down = { ...memoryLimitStore(), add: () => Promise.reject(new Error('down')) }
    const { ask, key } = await limited({ perSecond: 100 }, down)
    const { status, headers } = await ask(key)
    expect(status).toBe(200)
    expect(headers.get('ratelimit-policy')).toBe('"second";q=100;w=1')
    expect(headers.has('ratelimit')).toBe(false)
  })

  it('what is refused for its key is not counted, and tells nothing of limits', async () => {
    const { ask, key, limits } = await limited({ perSecond: 1, perMonth: 1 })
    const wrong = withChecksum(withChange(key, 30))
    for (const presented of ['', 'nonsense', wrong]) {
      const { status, headers } = await ask(presented)
      expect(status).toBe(401)
      expect([...headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([])
    }
    expect(await usedOf(limits)).toBe(0)
    expect((await ask(key)).status).toBe(200)
  })
})

describe('the RateLimit fields', () => {
  it('are lists of structured fields that agree with each other, with Retry-After and with X-RateLimit', async () => {
    const { apiKeys, key } = await keys()
    const { limits, clock } = limitsOf({ perSecond: 40, perDay: 110, perMonth: 50_000 })
    const ask = await guardedBy(requireApiKey(apiKeys, { limits }))
    let before: number | undefined
    for (let request = 0; request < 150; request++) {
      if (request % 40 === 39) clock.now += 1_000
      const { status, headers } = await ask(key)
      const policies = parsed(headers.get('ratelimit-policy'))
      const statuses = parsed(headers.get('ratelimit'))
      expect(policies.map(({ name }) => name)).toEqual(['second', 'day', 'month'])
      const day = statuses.find(({ name }) => name === 'day')
      if (status === 200) {
        expect(statuses.map(({ name }) => name)).toEqual(['second', 'day', 'month'])
        if (before !== undefined) expect(day?.r).toBe(before - 1)
        before = day?.r
      } else {
        expect(request).toBeGreaterThanOrEqual(110)
        expect(day).toMatchObject({ r: 0, t: Number(headers.get('retry-after')) })
        expect(headers.get('x-ratelimit-remaining')).toBe('0')
        expect(headers.get('x-ratelimit-reset')).toBe(String(Date.parse('2026-01-16T00:00:00Z') / 1_000))
      }
    }
  })

  it('name the limits that a project has as a whole, beside those of the key', async () => {
    const { apiKeys, key } = await keys()
    const { limits } = limitsOf({ perSecond: 40, perDay: 100, project: { perSecond: 2, perDay: 50 } })
    const ask = await guardedBy(requireApiKey(apiKeys, { limits }))
    await ask(key)
    await ask(key)
    const { status, headers, body } = await ask(key)
    expect(parsed(headers.get('ratelimit-policy')).map(({ name }) => name)).toEqual([
      'second',
      'project-second',
      'day',
      'project-day',
    ])
    expect(status).toBe(429)
    expect(parsed(headers.get('ratelimit')).at(-1)).toMatchObject({ name: 'project-second', r: 0 })
    expect(headers.get('x-ratelimit-limit')).toBe('2')
    expect(JSON.parse(body)).toMatchObject({
      message: 'Rate limit of the project exceeded',
      retry_after_seconds: 1,
    })
  })

  it('hold no part of the key, and not its id', async () => {
    const { apiKeys, key, record } = await keys()
    const { limits } = limitsOf({ perSecond: 1 })
    const ask = await guardedBy(requireApiKey(apiKeys, { limits }))
    const { headers } = await ask(key)
    expect(JSON.stringify([...headers].filter(([name]) => name !== 'etag'))).not.toContain(record.id)
  })

  const parsed = (value: string | null) =>
    parseList(value ?? '').map((member) => {
      const [name, parameters] = member as Item
      expect(typeof name).toBe('string')
      const numbers = Object.fromEntries(parameters) as Record<'q' | 'w' | 'r' | 't', number>
      for (const number of Object.values(numbers)) expect(Number.isInteger(number) && number >= 0).toBe(true)
      return { name, ...numbers }
    })
})

describe('problem+json', () => {
  it('has the seconds to wait, too', async () => {
    const { apiKeys, key } = await keys()
    const ask = await guardedBy(requireApiKey(apiKeys, { limits: limitsOf({ perDay: 1 }).limits }))
    await ask(key)
    const { headers, body } = await ask(key, { Accept: 'application/problem+json' })
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(JSON.parse(body)).toMatchObject({ status: 429, retry_after_seconds: 43_200 })
  })
})

describe('what others were reported for', () => {
  it('double counting: guards on the app, a router and a route count a request once', async () => {
    const { apiKeys, key } = await keys()
    const { limits } = limitsOf({ perMonth: 100 })
    const guards = [
      requireApiKey(apiKeys, { limits }),
      requireApiKey(apiKeys, { limits, scopes: ['read'] }),
      tsoaGuard(apiKeys, limits, ['read']),
    ]
    const ask = await guardedBy(...guards)
    for (let request = 1; request <= 10; request++) {
      const { headers } = await ask(key)
      expect(headers.get('x-ratelimit-remaining')).toBe(String(100 - request))
    }
    expect(await usedOf(limits)).toBe(10)
  })

  it('double counting: an OR of securities in tsoa, tried at the same time, counts a request once', async () => {
    const { apiKeys, key } = await keys()
    const slow = memoryLimitStore()
    const { limits } = limitsOf({ perMonth: 100 }, { ...slow, add: async (...given) => slow.add(...given) })
    const ask = await guardedBy(tsoaGuard(apiKeys, limits, ['write'], ['read'], []))
    expect((await ask(key)).status).toBe(200)
    expect(await usedOf(limits)).toBe(1)
  })

  it('race on limits: of 50 concurrent requests one takes the last unit', async () => {
    const { apiKeys, key } = await keys()
    const inner = memoryLimitStore()
    const remote: LimitStore = { read: inner.read, add: async (...given) => inner.add(...given) }
    for (let trial = 0; trial < 20; trial++) {
      const { limits } = limitsOf({ perMonth: 100 * (trial + 1) }, remote)
      const ask = await guardedBy(requireApiKey(apiKeys, { limits }))
      const statuses = await statusesOf(ask, key, 99)
      expect(statuses.every((status) => status === 200)).toBe(true)
      const last = await statusesOf(ask, key, 50)
      expect(last.filter((status) => status === 200)).toHaveLength(1)
      expect(last.filter((status) => status === 429)).toHaveLength(49)
    }
  }, 60_000)

  it('limiter keyed by raw textual IP: no spelling of an address, and no other address, makes a new count', async () => {
    const { apiKeys, key } = await keys()
    const { limits } = limitsOf({ perDay: 5 })
    const ask = await guardedBy(requireApiKey(apiKeys, { limits }))
    const spellings = [
      '2001:db8::1',
      '2001:DB8::1',
      '2001:db8:0:0:0:0:0:1',
      '2001:0db8::0001',
      '::ffff:192.0.2.1',
    ]
    const addresses = Array.from({ length: 20 }, (_, n) => `2001:db8::${n.toString(16)}`)
    const statuses: number[] = []
    for (const address of [...spellings, ...addresses]) {
      statuses.push((await ask(key, { 'X-Forwarded-For': address })).status)
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(5)
  })
})

describe('limits at a guard', () => {
  it('let keys of the sandbox use up no quota', async () => {
    const { apiKeys, issue } = await keys()
    const { limits } = limitsOf({ perMonth: 1 })
    const ask = await guardedBy(requireApiKey(apiKeys, { limits }))
    const { key } = await issue('sandbox')
    expect(await statusesOf(ask, key, 10)).toEqual(Array(10).fill(200))
    expect(await usedOf(limits)).toBe(0)
  })

  it('do not count what lacks a scope', async () => {
    const { apiKeys, key } = await keys()
    const { limits } = limitsOf({ perMonth: 1 })
    const ask = await guardedBy(requireApiKey(apiKeys, { limits, scopes: ['write'] }))
    expect((await ask(key)).status).toBe(403)
    expect(await usedOf(limits)).toBe(0)
  })

  it('count each for themselves when they are not the same', async () => {
    const { apiKeys, key } = await keys()
    const [coarse, fine] = [limitsOf({ perMonth: 100 }).limits, limitsOf({ perMonth: 5 }).limits]
    const ask = await guardedBy(
      requireApiKey(apiKeys, { limits: coarse }),
      requireApiKey(apiKeys, { limits: fine }),
    )
    await ask(key)
    expect([await usedOf(coarse), await usedOf(fine)]).toEqual([1, 1])
  })

  it('are refused by tsoa exactly as by the middleware', async () => {
    const { apiKeys, key } = await keys()
    const answers = []
    for (const guard of [
      (limits: Limits) => requireApiKey(apiKeys, { limits }),
      (limits: Limits) => tsoaGuard(apiKeys, limits, []),
    ]) {
      const ask = await guardedBy(guard(limitsOf({ perDay: 1 }).limits))
      await ask(key)
      const { status, headers, body } = await ask(key)
      const { date, ...rest } = Object.fromEntries(headers)
      answers.push({ status, body, rest })
    }
    expect(answers[0]).toMatchObject({ status: 429 })
    expect(answers[1]).toEqual(answers[0])
  })

  it('count the requests of a connection one by one', async () => {
    const { apiKeys, key } = await keys()
    const { limits } = limitsOf({ perMonth: 100 })
    const app = express().use(
      requireApiKey(apiKeys, { limits }),
      (_request, response) => void response.json({}),
    )
    const { port } = await listen(app)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let request = 0; request < 5; request++) {
      await new Promise<void>((resolve) => {
        httpRequest({ port, agent, headers: { 'X-API-Key': key } }, (response) => {
          response.resume().on('end', resolve)
        }).end()
      })
    }
    agent.destroy()
    expect(await usedOf(limits)).toBe(5)
  })

  it('must come from createLimits', async () => {
    const { apiKeys } = await keys()
    const wrong = { perSecond: 5 } as never
    expect(() => requireApiKey(apiKeys, { limits: wrong })).toThrow(
      'limits: pass what createLimits() returned',
    )
    expect(() => tsoaAuthentication({ apiKeys, limits: wrong })).toThrow(TypeError)
  })
})
