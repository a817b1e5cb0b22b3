// Functions of the host that fail: where an answer depends on one, nobody passes, and the error names it; where none does, the
// answer stays as it is, and a warning names it.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import bcryptjs from 'bcryptjs'
import { describe, expect, it } from 'vitest'
import { createGate, type FailureEvent, type GateOptions } from '../src/http/index.js'
import { ApiKeysError, type ApiKeysOptions } from '../src/index.js'
import type { LimitsOptions } from '../src/limits.js'
import { memoryStore } from '../src/stores/memory.js'
import { fastHasher } from '../src/testing/index.js'
import { createWebhookTargets, eventWebhook } from '../src/webhooks/index.js'
import { setUp, start } from './support/keys.js'
import { limited } from './support/limits.js'

type KeysOptions = Partial<ApiKeysOptions<'sandbox' | 'production'>>

interface Hosted {
  readonly keys?: KeysOptions
  readonly limits?: Partial<LimitsOptions<'standard'>>
  readonly gate?: GateOptions<object>
  readonly clientIp?: () => string
  /** Takes over a key of another library, and gives it. */
  readonly bcrypt?: true
}

/** Fails from when it is told to, in a way of its own; until then it gives what it is to give. */
type Failing = <T>(works: T) => () => T

const ways: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error('broken')
  },
  rejects: () => Promise.reject(new Error('broken')),
  'throws an error of ours': () => {
    throw new ApiKeysError('not_found', 'broken')
  },
}

const atOnce = ['throws', 'throws an error of ours']
const sometime = Object.keys(ways)

/** Whether a clock, a decision or a price may be promised, and which code tells of it. */
const deciding: Readonly<
  Record<string, { ways: readonly string[]; reason: string; host: (failing: Failing) => Hosted }>
> = {
  isProjectActive: {
    ways: sometime,
    reason: 'callback_failed',
    host: (failing) => ({ keys: { isProjectActive: failing(true) } }),
  },
  'now of the keys': {
    ways: atOnce,
    reason: 'callback_failed',
    host: (failing) => ({ keys: { now: failing(start) } }),
  },
  'importedKeys.bcrypt': {
    ways: sometime,
    reason: 'callback_failed',
    host: (failing) => ({
      bcrypt: true,
      keys: { importedKeys: { pattern: /(?<lookup>old)-\w+/, bcrypt: { compare: failing(true as never) } } },
    }),
  },
  planOf: {
    ways: sometime,
    reason: 'limits_unavailable',
    host: (failing) => ({ limits: { planOf: failing('standard') } }),
  },
  'now of the limits': {
    ways: atOnce,
    reason: 'limits_unavailable',
    host: (failing) => ({ limits: { now: failing(start) } }),
  },
  cost: { ways: atOnce, reason: 'callback_failed', host: (failing) => ({ gate: { cost: failing(1) } }) },
  resource: {
    ways: atOnce,
    reason: 'callback_failed',
    host: (failing) => ({ gate: { scopes: ['a'], resource: failing('project/7') } }),
  },
  clientIp: {
    ways: atOnce,
    reason: 'callback_failed',
    host: (failing) => ({ clientIp: failing('10.0.0.1') }),
  },
}

/** A gate, and what it says of a key before and after its host begins to fail. */
async function guarded(host: (failing: Failing) => Hosted, fail: () => unknown) {
  let isFailing = false
  const failing: Failing = (works) => () => (isFailing ? (fail() as typeof works) : works)
  const { keys, limits, gate: options, clientIp = () => '10.0.0.1', bcrypt } = host(failing)
  const { apiKeys, issue } = setUp({ ...keys })
  const failures: FailureEvent[] = []
  const gate = createGate<object>(apiKeys, {
    limits: limited({ perSecond: 10 }, limits).limits,
    onFailure: (event) => failures.push(event),
    ...options,
  })
  const { key } = await issue({ allowedIps: ['10.0.0.0/8'], scopes: ['a'] })
  const imported = { projectId: '42', environment: 'production', label: 'x', lookup: 'old' } as const
  if (bcrypt) await apiKeys.import([{ ...imported, bcrypt: bcryptjs.hashSync('old-key', 4) }])
  const header = (name: string) => (name === 'x-api-key' ? (bcrypt ? 'old-key' : key) : undefined)
  const send = () => gate({ request: {}, url: '/', header, clientIp })
  if (!bcrypt) expect(await send()).toMatchObject({ ok: true })
  isFailing = true
  return { send, failures, works: () => (isFailing = false) }
}

describe.each(Object.entries(deciding))('%s', (named, { ways: possible, reason, host }) => {
  it.each(possible)('that %s lets nobody pass, and is named to the host alone', async (way) => {
    const { send, failures, works } = await guarded(host, ways[way] as () => unknown)
    const refused = await send()
    expect(refused).toMatchObject({ ok: false, message: { status: 503 } })
    expect(JSON.stringify((refused as { readonly message: object }).message)).not.toMatch(/broken|function/)
    const [name] = named.split(' ')
    expect(failures).toMatchObject([
      {
        reason,
        error: {
          code: 'callback_failed',
          message: `${name}: the function that you passed failed; see cause`,
          cause: { message: 'broken' },
        },
      },
    ])
    works()
    expect(await send()).toMatchObject({ ok: true })
  })
})

describe('what is no answer', () => {
  it.each<[string, (failing: Failing) => Hosted, unknown, string]>([
    [
      'a clock without a time',
      (failing) => ({ keys: { now: failing(start) } }),
      Number.NaN,
      'now: must return',
    ],
    [
      'a clock with a Date',
      (failing) => ({ keys: { now: failing(start) } }),
      new Date(start),
      'now: must return',
    ],
    [
      'another plan',
      (failing) => ({ limits: { planOf: failing('standard') } }),
      'gold',
      '"gold" is not a plan; there are standard',
    ],
    [
      'no plan',
      (failing) => ({ limits: { planOf: failing('standard') } }),
      undefined,
      'of type undefined is not',
    ],
    [
      'a resource that is a number',
      (failing) => ({ gate: { scopes: ['a'], resource: failing('project/7') } }),
      7,
      'resource: the function',
    ],
  ])('lets nobody pass: %s', async (_what, host, answer, message) => {
    const { send, failures } = await guarded(host, () => answer)
    expect(await send()).toMatchObject({ ok: false, message: { status: 503 } })
    expect(failures).toMatchObject([
      { error: { code: 'callback_failed', message: expect.stringContaining(message) } },
    ])
  })

  it('is taken from a clock neither, so that an expired key stays expired', async () => {
    let at: unknown = start
    const { apiKeys, issue } = setUp({ now: () => at as number })
    const { key } = await issue({ expiresAt: new Date(start + 1_000) })
    at = undefined
    await expect(async () => apiKeys.verify(key)).rejects.toMatchObject({ code: 'callback_failed' })
  })
})

describe('a hasher', () => {
  const withHasher = (part: object) => setUp({ hasher: { ...fastHasher(), ...part } })

  it.each<[string, object, RegExp]>([
    ['rejects', { hash: ways.rejects }, /hasher could not hash/],
    ['throws', { hash: ways.throws }, /hasher could not hash/],
    ['gives nothing', { hash: async () => undefined }, /hasher\.hash: must give a PHC string/],
  ])('that %s makes no key, and is named', async (_way, part, message) => {
    await expect(withHasher(part).issue()).rejects.toMatchObject({
      code: 'verifier_failed',
      message: expect.stringMatching(message),
    })
  })

  it.each<[string, object]>([
    ['an object', { verify: async () => ({ ok: false }) }],
    ['a text', { verify: async () => 'no' }],
    ['nothing', { verify: async () => undefined }],
  ])('that gives %s in place of yes or no lets nobody pass', async (_what, part) => {
    const { apiKeys, issue } = withHasher(part)
    const { key } = await issue()
    await expect(async () => apiKeys.verify(key)).rejects.toMatchObject({ code: 'verifier_failed' })
  })

  it('that cannot say whether a hash is current leaves it as it is', async () => {
    const { issue, reasonFor } = withHasher({ needsRehash: ways.throws })
    expect(await reasonFor((await issue()).key)).toBe('ok')
  })

  it('that cannot tell its queue is no reason for ill health', async () => {
    const { apiKeys } = withHasher({ queue: ways.throws })
    expect(await apiKeys.health()).toMatchObject({ ok: true, hasher: { ok: true, waiting: null } })
  })
})

describe('health', () => {
  it('blames the store for nothing that a function of the host has done', async () => {
    const { apiKeys, issue } = setUp({ isProjectActive: ways.throws as () => boolean })
    const { key } = await issue()
    await expect(async () => apiKeys.verify(key)).rejects.toThrow('isProjectActive')
    expect(await apiKeys.health()).toMatchObject({ ok: true, store: { error: null } })
  })
})

/** Takes in what a process is warned of, until it is done. */
async function warningsOf(
  work: (warned: () => readonly string[]) => Promise<void>,
): Promise<readonly string[]> {
  const warnings: string[] = []
  const listen = (warning: Error) => warnings.push(warning.message)
  process.on('warning', listen)
  try {
    await work(() => warnings)
  } finally {
    process.off('warning', listen)
  }
  return warnings
}

/** Each tells one function, and says whether the answer was as ever. */
const told: Readonly<Record<string, (fail: () => never) => Promise<boolean>>> = {
  onSuccess: (fail) => passes({ onSuccess: fail }),
  onFailure: async (fail) => !(await passes({ onFailure: fail, environment: 'sandbox' })),
  onBrowserLeak: (fail) => passes({ onBrowserLeak: fail }),
  telemetry: (fail) => passes({}, { telemetry: fail }),
  async onError(fail) {
    const { apiKeys, issue } = setUp({ events: {} })
    let times = 0
    const subscription = apiKeys.subscribe('any', () => times++ === 0 && ways.throws?.(), { onError: fail })
    await issue()
    await expect.poll(() => times, { timeout: 10_000 }).toBe(2)
    await subscription.stop()
    return true
  },
  async onFailed(fail) {
    const server = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const handler = eventWebhook({
      url: `http://127.0.0.1:${port}/`,
      secret: `whsec_${Buffer.alloc(24).toString('base64')}`,
      targets: createWebhookTargets({ reach: 'loopback' }),
      delaysMs: [0],
      onFailed: fail,
    })
    const event = { id: 'e1', type: 'key.issued', at: new Date(start), data: {} }
    await handler(event, new AbortController().signal)
    server.close()
    return true
  },
}

async function passes(gate: GateOptions<object>, keys: KeysOptions = {}): Promise<boolean> {
  const { apiKeys, issue } = setUp({ store: memoryStore(), ...keys })
  const { key } = await issue()
  const fields: Readonly<Record<string, string>> = { 'x-api-key': key, origin: 'https://shop.example.com' }
  const result = await createGate<object>(
    apiKeys,
    gate,
  )({
    request: {},
    url: '/',
    header: (name) => fields[name],
    clientIp: () => undefined,
  })
  return result.ok
}

describe('a function that is only told of things', () => {
  it.each(Object.entries(told))('changes no answer by failing, and is named once: %s', async (name, tell) => {
    const warnings = await warningsOf(async (warned) => {
      expect(await tell(ways.rejects as () => never)).toBe(true)
      expect(await tell(ways.throws as () => never)).toBe(true)
      await expect.poll(warned).not.toEqual([])
    })
    expect(warnings.filter((warning) => warning.startsWith(`${name}:`))).toEqual([
      `${name}: the function that you passed failed, which changes no answer: broken`,
    ])
  })
})
