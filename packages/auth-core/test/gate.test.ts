import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createGate,
  type FailureEvent,
  type GateOptions,
  type GateRequest,
  untrustedProxy,
} from '../src/http/index.js'
import { ApiKeysError } from '../src/index.js'
import { setUp, withChecksum } from './support/keys.js'
import { limited } from './support/limits.js'

afterEach(() => {
  vi.restoreAllMocks()
})

type Told = Partial<Omit<GateRequest<object>, 'request' | 'header'>>

/** A gate over keys, and what it does with a request that has this key. */
function gateOver(options: GateOptions<object> = {}, ground = setUp()) {
  const failures: FailureEvent[] = []
  const gate = createGate<object>(ground.apiKeys, { onFailure: (event) => failures.push(event), ...options })
  const send = (key: string | null | undefined, told: Told = {}, request: object = {}) =>
    gate({
      request,
      url: '/v1/me?secret=1',
      header: (name) => (name === 'x-api-key' ? key : name === 'accept' ? 'application/json' : undefined),
      clientIp: () => '192.0.2.1',
      ...told,
    })
  return { ...ground, gate, send, failures }
}

/** How a key comes to be refused with 401, for each reason that there is. */
const wrongKeys: Readonly<Record<string, (ground: ReturnType<typeof setUp>) => Promise<string | undefined>>> =
  {
    missing: async () => undefined,
    malformed: async () => 'nonsense',
    unknown: async () => {
      const elsewhere = setUp()
      return (await elsewhere.issue()).key
    },
    mismatch: async ({ issue }) => {
      const { key } = await issue()
      return withChecksum(key.slice(0, 63) + (key.charAt(63) === '0' ? '1' : '0'))
    },
    revoked: async ({ apiKeys, issue }) => {
      const { key, record } = await issue()
      await apiKeys.revoke(record.id)
      return key
    },
    disabled: async ({ apiKeys, issue }) => {
      const { key, record } = await issue()
      await apiKeys.disable(record.id)
      return key
    },
    expired: async ({ clock, issue }) => {
      const { key } = await issue({ expiresAt: new Date(clock.now + 1_000) })
      clock.advance(1_000)
      return key
    },
    wrong_environment: async ({ issue }) => (await issue({ environment: 'sandbox' })).key,
    project_inactive: async ({ issue }) => (await issue({ projectId: 'suspended' })).key,
  }

const withSuspended = () => setUp({ isProjectActive: (id) => id !== 'suspended' })

describe.each(Object.entries(wrongKeys))('a request refused as %s', (reason, wrongKey) => {
  it('is answered like all others: the same 401 with the same challenge', async () => {
    const ground = withSuspended()
    const { send, failures } = gateOver({ environment: 'production', realm: 'acme' }, ground)
    const result = await send(await wrongKey(ground))
    expect(result).toMatchObject({
      ok: false,
      headers: { Vary: 'X-API-Key' },
      message: {
        status: 401,
        headers: { 'WWW-Authenticate': 'ApiKey realm="acme"' },
        body: expect.stringContaining('Invalid or missing API key'),
      },
    })
    expect(failures).toMatchObject([{ reason, status: 401 }])
    expect(JSON.stringify(result)).not.toContain('secret=1')
  })

  it('waits 50 ms beyond a hundred refusals in a second', async () => {
    const ground = withSuspended()
    const { send } = gateOver({ environment: 'production' }, ground)
    const key = await wrongKey(ground)
    await send(key)
    vi.spyOn(performance, 'now').mockReturnValue(1_000_000)
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const pauses = () => timers.mock.calls.filter(([, ms]) => ms === 50).length
    for (let i = 0; i < 100; i++) await send(key)
    expect(pauses()).toBe(0)
    for (let i = 0; i < 3; i++) await send(key)
    expect(pauses()).toBe(3)
  })
})

describe('a gate', () => {
  it('lets a key pass, says whose it is, and asks for no address where the key has no allowlist', async () => {
    const passed: string[] = []
    const { send, issue } = gateOver({ onSuccess: ({ label }) => passed.push(label) })
    const { key } = await issue()
    const clientIp = vi.fn(() => '192.0.2.1')
    const accepted: string[] = []
    const result = await send(key, { clientIp, accept: ({ label }) => accepted.push(label) })
    expect(result).toMatchObject({
      ok: true,
      record: { label: 'backend-prod' },
      headers: { Vary: 'X-API-Key' },
    })
    expect([passed, accepted, clientIp.mock.calls.length]).toEqual([['backend-prod'], ['backend-prod'], 0])
  })

  it('treats a header that is null like one that is missing, and one that is empty as malformed', async () => {
    const { send, failures } = gateOver()
    await send(null)
    await send('')
    expect(failures.map(({ reason }) => reason)).toEqual(['missing', 'malformed'])
  })

  it('lets the scopes of a request take the place of its own', async () => {
    const { send, issue, failures } = gateOver({ scopes: ['admin'] })
    const { key, record } = await issue({ scopes: ['read'] })
    expect(await send(key, { scopes: ['read'] })).toMatchObject({ ok: true })
    expect(await send(key)).toMatchObject({ ok: false, message: { status: 403 } })
    const lack = { missingScopes: ['admin'] }
    expect(failures).toEqual([{ reason: 'missing_scope', keyId: record.id, status: 403, ...lack }])
    const { message } = (await send(key)) as { readonly message: { readonly headers: object } }
    expect(message.headers).not.toHaveProperty('WWW-Authenticate')
  })

  it('refuses an address that is not on the list, one that is unknown, and one that the client could choose', async () => {
    const { send, issue, failures } = gateOver()
    const { key } = await issue({ allowedIps: ['192.0.2.0/24'] })
    expect(await send(key)).toMatchObject({ ok: true })
    for (const ip of ['198.51.100.1', undefined, untrustedProxy] as const) {
      expect(await send(key, { clientIp: () => ip })).toMatchObject({ ok: false, message: { status: 403 } })
    }
    expect(failures.map(({ reason }) => reason)).toEqual([
      'ip_not_allowed',
      'ip_not_allowed',
      'untrusted_proxy',
    ])
  })

  it('counts the use of a key once, where an earlier gate has counted it', async () => {
    const { send, issue, apiKeys } = gateOver()
    const { key, record } = await issue()
    await send(key)
    await send(key, { countedId: () => record.id })
    await send(key, { countedId: () => 'of another key' })
    const today = new Date(Date.parse('2026-01-15'))
    expect(await apiKeys.usage({ projectId: '42', from: today, to: today })).toMatchObject([{ count: 2 }])
  })

  it('answers what is thrown with 503, and tells only the hook of it', async () => {
    const ground = setUp()
    const { send, failures } = gateOver({}, ground)
    const faults = [
      new ApiKeysError('store_unavailable', 'down'),
      new Error('broken'),
      new ApiKeysError('conflict', 'x'),
    ]
    const { key } = await ground.issue()
    for (const fault of faults) {
      for (const verify of [
        () => Promise.reject(fault),
        () => {
          throw fault
        },
      ]) {
        vi.spyOn(ground.apiKeys, 'verify').mockImplementationOnce(verify)
        const result = await send(key)
        expect(result).toMatchObject({ ok: false, message: { status: 503 } })
        expect(JSON.stringify((result as { readonly message: object }).message)).not.toMatch(/down|broken/)
      }
    }
    const told = faults.flatMap((fault) => [fault, fault])
    expect(failures.map(({ error }) => error)).toEqual(told)
    expect(failures.map(({ reason }) => reason)).toEqual([
      ...['store_unavailable', 'store_unavailable', 'unexpected', 'unexpected', 'unexpected', 'unexpected'],
    ])
    expect(failures.every(({ keyId }) => keyId === null)).toBe(true)
  })

  it('counts a request once by its limits, however often it comes by, and says what is left', async () => {
    const { limits } = limited({ perSecond: 2 })
    const { send, issue, failures } = gateOver({ limits })
    const { key, record } = await issue()
    const request = {}
    const first = await send(key, {}, request)
    expect(await send(key, {}, request)).toEqual(first)
    expect(first).toMatchObject({
      ok: true,
      headers: { Vary: 'X-API-Key', RateLimit: expect.stringContaining('r=1') },
    })
    await send(key)
    const refused = await send(key)
    expect(refused).toMatchObject({ ok: false, message: { status: 429 }, headers: { Vary: 'X-API-Key' } })
    expect(failures).toMatchObject([{ reason: 'rate_exceeded', keyId: record.id, retryAfterSeconds: 1 }])
  })

  it('lets requests for one object wait for each other, and verifies each', async () => {
    const { send, issue, apiKeys } = gateOver()
    const { key, record } = await issue()
    const request = {}
    const verify = vi.spyOn(apiKeys, 'verify')
    const first = send(key, {}, request)
    const second = send(key, {}, request)
    expect(verify).toHaveBeenCalledTimes(1)
    expect(await Promise.all([first, second])).toMatchObject([{ ok: true }, { ok: true }])
    expect(verify).toHaveBeenCalledTimes(2)
    await apiKeys.revoke(record.id)
    expect(await send(key, {}, request)).toMatchObject({ ok: false })
  })

  it('is not disturbed by hooks that throw or reject', async () => {
    const broken = () => {
      throw new Error('of the host')
    }
    const rejecting = () => Promise.reject(new Error('of the host'))
    for (const hook of [broken, rejecting]) {
      const { send, issue } = gateOver({ onFailure: hook, onSuccess: hook, onBrowserLeak: hook })
      const { key } = await issue()
      const header = (name: string) => (name === 'x-api-key' ? key : 'https://shop.example')
      expect(await send(key, { header } as never)).toMatchObject({ ok: true })
      expect(await send('nonsense')).toMatchObject({ ok: false })
    }
  })

  it('tells of a key of production in a browser, and of none in the sandbox', async () => {
    const leaks: (string | null)[] = []
    const { send, issue } = gateOver({ onBrowserLeak: ({ origin }) => leaks.push(origin) })
    for (const environment of ['production', 'sandbox'] as const) {
      const { key } = await issue({ environment })
      const header = (name: string) =>
        name === 'x-api-key' ? key : name === 'origin' ? `https://${environment}.example` : undefined
      expect(await send(key, { header } as never)).toMatchObject({ ok: true })
    }
    expect(leaks).toEqual(['https://production.example'])
  })

  it('lets nobody pass where the key is optional, counts nothing for him, and refuses a wrong key as ever', async () => {
    const { limits } = limited({ perSecond: 1 })
    const passed: string[] = []
    const { send, issue } = gateOver({
      optional: true,
      limits,
      onSuccess: ({ label }) => passed.push(label),
    })
    const nobody = { ok: true, record: null, headers: { Vary: 'X-API-Key' } }
    expect([await send(undefined), await send(null), passed]).toEqual([nobody, nobody, []])
    for (const wrong of ['', 'nonsense']) {
      expect(await send(wrong)).toMatchObject({ ok: false, message: { status: 401 } })
    }
    const { key } = await issue()
    expect(await send(key)).toMatchObject({ ok: true, record: { label: 'backend-prod' } })
    expect(passed).toEqual(['backend-prod'])
  })

  it('leaves a token in Authorization that is no key to the host where the key is optional, and only there', async () => {
    const options = { credential: ['authorization-bearer', 'x-api-key'] } as const
    const { send, issue, apiKeys } = gateOver({ ...options, optional: true })
    const bearing = (token: string) => ({
      header: (name: string) => (name === 'authorization' ? `Bearer ${token}` : undefined),
    })
    expect(await send(undefined, bearing('header.payload.signature') as never)).toMatchObject({
      ok: true,
      record: null,
    })
    const { key, record } = await issue()
    expect(await send(undefined, bearing(key) as never)).toMatchObject({
      ok: true,
      record: { id: record.id },
    })
    expect(await send('nonsense')).toMatchObject({ ok: false })
    await apiKeys.revoke(record.id)
    expect(await send(undefined, bearing(key) as never)).toMatchObject({ ok: false })
    expect(await gateOver(options).send(undefined, bearing('no.key') as never)).toMatchObject({ ok: false })
  })

  it('refuses a request that holds two keys, though both are good, also where the key is optional', async () => {
    for (const optional of [false, true]) {
      const { send, issue, failures } = gateOver({
        optional,
        credential: ['authorization-bearer', 'x-api-key'],
      })
      const { key } = await issue()
      const header = (name: string) => (name === 'authorization' ? `Bearer ${key}` : key)
      expect(await send(key, { header } as never)).toMatchObject({ ok: false, message: { status: 401 } })
      expect(failures).toMatchObject([{ reason: 'ambiguous', keyId: null }])
    }
  })

  it('takes an accepted key out of the request where it is told to, and verifies it again at the next gate', async () => {
    const ground = setUp()
    const { key, record } = await ground.issue()
    const removed: string[] = []
    const removeHeader = (name: string) => removed.push(name)
    const stripping = gateOver({ stripCredential: true }, ground)
    await stripping.send('nonsense', { removeHeader })
    await gateOver({}, ground).send(key, { removeHeader })
    expect(removed).toEqual([])
    const request = {}
    await stripping.send(key, { removeHeader }, request)
    expect(removed).toEqual(['x-api-key'])
    const next = gateOver({}, ground)
    expect(await next.send(undefined, {}, request)).toMatchObject({ ok: true, record: { id: record.id } })
    expect(await next.send(undefined, {})).toMatchObject({ ok: false })
    expect(await stripping.send(undefined, { removeHeader }, request)).toMatchObject({ ok: true })
    expect(await next.send(undefined, {}, request), 'after a second one that strips').toMatchObject({
      ok: true,
    })
    await ground.apiKeys.revoke(record.id)
    expect(await next.send(undefined, {}, request)).toMatchObject({ ok: false })
  })

  it('strips nothing from a request that had no key, and needs no server that can', async () => {
    const { send, issue } = gateOver({ stripCredential: true, optional: true })
    expect(await send(undefined)).toMatchObject({ ok: true, record: null })
    expect(await send((await issue()).key)).toMatchObject({ ok: true })
  })

  it('answers a request whose cost cannot be told with 503, and charges what it is told', async () => {
    const { limits } = limited({ perDay: 10 })
    const cost = (request: { readonly cost?: number }) => {
      if (request.cost === undefined) throw new Error('no price')
      return request.cost
    }
    const ground = setUp()
    const { send, issue, failures } = gateOver({ limits, cost }, ground)
    const { key, record } = await issue()
    expect(await send(key, {}, { cost: 4 })).toMatchObject({
      headers: { RateLimit: expect.stringContaining('r=6') },
    })
    expect(await send(key)).toMatchObject({
      ok: false,
      message: { status: 503 },
      headers: { Vary: 'X-API-Key' },
    })
    expect(failures).toMatchObject([
      { reason: 'callback_failed', keyId: record.id, error: { cause: new Error('no price') } },
    ])
    expect(await gateOver({ limits, cost: 5 }, ground).send(key)).toMatchObject({
      headers: { RateLimit: expect.stringContaining('r=1') },
    })
    expect(() => createGate(ground.apiKeys, { cost: 5 })).toThrow('cost: has a meaning only with limits')
  })

  it('lets a key with a budget of its own pass only where the budget is counted', async () => {
    const { limits } = limited({})
    const ground = setUp({ limits })
    const { record } = await ground.issue()
    const child = await ground.apiKeys.issueChild(record.id, { label: 'agent', budget: 1 })
    const uncounting = gateOver({}, ground)
    expect(await uncounting.send(child.key)).toMatchObject({
      ok: false,
      message: { status: 503 },
      headers: { Vary: 'X-API-Key' },
    })
    expect(uncounting.failures).toMatchObject([
      {
        reason: 'limits_unavailable',
        keyId: child.record.id,
        error: expect.objectContaining({ message: expect.stringContaining('pass limits to the guard') }),
      },
    ])
    const counting = gateOver({ limits }, ground)
    expect(await counting.send(child.key)).toMatchObject({ ok: true })
    expect(await counting.send(child.key)).toMatchObject({ ok: false, message: { status: 429 } })
  })

  it('needs of the keys no more than that they can be verified', async () => {
    const { apiKeys, issue } = setUp()
    const { limits } = limited({ perDay: 1 })
    const verifiable = { environments: apiKeys.environments, verify: apiKeys.verify } as typeof apiKeys
    const { send } = gateOver({ limits }, { ...setUp(), apiKeys: verifiable })
    const { key } = await issue()
    expect(await send(key)).toMatchObject({ ok: true })
    expect(await send(key)).toMatchObject({ ok: false, message: { status: 429 } })
    expect(() => createGate({} as never)).toThrow(
      new TypeError('apiKeys: pass what createApiKeys() returned'),
    )
  })

  it('refuses to be made for an environment that the keys do not have, and names those', () => {
    const { apiKeys } = setUp()
    expect(() => createGate(apiKeys, { environment: 'staging' })).toThrow(
      new TypeError('environment: must be one of sandbox, production'),
    )
    for (const environment of ['sandbox', 'production', undefined]) {
      expect(() => createGate(apiKeys, { environment })).not.toThrow()
    }
  })
})
