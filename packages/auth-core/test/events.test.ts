// Events of keys: one for each change, read in order and at least once, whatever happens to those who change and to those who read.

import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { type ApiKeyEvent, type ApiKeyStore, createApiKeys } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { sqliteStore } from '../src/stores/sqlite.js'
import { fastHasher } from '../src/testing/index.js'
import { createWebhookTargets, eventWebhook, signWebhook } from '../src/webhooks/index.js'
import { connect } from './support/files.js'
import { setUp, start } from './support/keys.js'
import { killWorkers, startWorker } from './support/processes.js'
import { sharedDatabases, trials } from './support/shared-database.js'

afterAll(killWorkers)

const DAY_MS = 86_400_000
const setUpEvents = (options: Parameters<typeof setUp>[0] = {}) => setUp({ events: {}, ...options })
type Keys = ReturnType<typeof setUpEvents>['apiKeys']

const allOf = (apiKeys: Keys) => apiKeys.events({ order: 'asc', limit: 1_000 })
const typesOf = (events: readonly ApiKeyEvent[]) => events.map(({ type }) => type)

/** Reads what a consumer has not acknowledged. */
async function read(apiKeys: Keys, consumer = 'billing') {
  const seen: ApiKeyEvent[] = []
  await apiKeys.readEvents(consumer, (event) => void seen.push(event))
  return seen
}

describe('every change', () => {
  it('is an event, with who did it and what the key is, and without anything secret', async () => {
    const { apiKeys, issue } = setUpEvents()
    const { key, record } = await issue({ actor: 'anna', scopes: ['read'], ownerId: 'o1' })
    await apiKeys.update(record.id, { label: 'renamed' }, { actor: 'ben' })
    await apiKeys.disable(record.id)
    await apiKeys.enable(record.id)
    const next = await apiKeys.rotate(record.id, { actor: 'ben', gracePeriodMs: 60_000 })
    await apiKeys.revoke(next.record.id)
    await apiKeys.revoke(next.record.id)
    const events = await allOf(apiKeys)
    expect(typesOf(events)).toEqual([
      'key.created',
      'key.updated',
      'key.disabled',
      'key.enabled',
      'key.rotated',
      'key.created',
      'key.revoked',
      'key.revoked',
    ])
    expect(events[0]).toEqual({
      id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
      sequence: 1,
      type: 'key.created',
      at: new Date(start),
      projectId: '42',
      keyId: record.id,
      actor: 'anna',
      data: {
        environment: 'production',
        label: 'backend-prod',
        ownerId: 'o1',
        createdBy: 'anna',
        expiresAt: null,
        scopes: ['read'],
      },
    })
    expect(events[1]).toMatchObject({ actor: 'ben', data: { label: 'renamed', fields: ['label'] } })
    expect(events[4]).toMatchObject({ data: { replacedBy: next.record.id, gracePeriodMs: 60_000 } })
    expect(new Set(events.map(({ id }) => id)).size).toBe(8)
    const shown = JSON.stringify(events)
    for (const secret of [key.slice(21), next.key.slice(21), 'argon2', 'sha256.'])
      expect(shown).not.toContain(secret)
  })

  it('is an event also when keys are imported, made from others, topped up or erased', async () => {
    const { apiKeys, issue } = setUpEvents({ limits: { topUp: async () => 7 } })
    const { record } = await issue({ actor: 'anna' })
    const child = await apiKeys.issueChild(record.id, { label: 'report', budget: 5, actingFor: 'zoe' })
    await apiKeys.topUp(child.record.id, 2)
    const entry = { projectId: '7', environment: 'production', label: 'old', sha256: 'a'.repeat(64) } as const
    await apiKeys.import([entry])
    await apiKeys.erase({ keyId: record.id })
    await apiKeys.erase({ keyId: record.id })
    const events = await allOf(apiKeys)
    expect(
      events.map(({ type, keyId, actor, data }) => [type, keyId === record.id, actor, data.actingFor]),
    ).toEqual([
      ['key.created', true, null, undefined],
      ['key.created', false, null, 'zoe'],
      ['key.updated', false, null, 'zoe'],
      ['key.created', false, null, undefined],
      ['key.erased', true, null, undefined],
    ])
    expect(events[0]?.data).toEqual({})
  })

  it('is listed by project, key, type, actor and time, page by page', async () => {
    const { apiKeys, issue, clock } = setUpEvents()
    const first = await issue({ actor: 'anna' })
    clock.advance(1_000)
    await issue({ projectId: '7', actor: 'ben' })
    await apiKeys.revoke(first.record.id, { actor: 'ben' })
    const list = async (query: Parameters<Keys['events']>[0]) => typesOf(await apiKeys.events(query))
    expect(await list({})).toEqual(['key.revoked', 'key.created', 'key.created'])
    expect(await list({ projectId: '42', order: 'asc' })).toEqual(['key.created', 'key.revoked'])
    expect(await list({ actor: 'ben', type: 'key.revoked' })).toEqual(['key.revoked'])
    expect(await list({ to: new Date(start + 1_000) })).toEqual(['key.created'])
    expect(await list({ from: new Date(start + 1_000) })).toHaveLength(2)
    expect(await list({ after: 3, limit: 1 })).toEqual(['key.created'])
    await expect(apiKeys.events({ type: 'key.lost' as never })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
  })
})

describe('without events', () => {
  it('no statement knows of them, and what reads them says what to do', async () => {
    const db = connect(':memory:')
    const statements: string[] = []
    const noted = {
      exec: (sql: string) => db.exec(sql),
      prepare: (sql: string) => {
        const statement = db.prepare(sql)
        for (const name of ['run', 'get', 'all'] as const) {
          const call = statement[name].bind(statement) as (...values: unknown[]) => unknown
          Object.assign(statement, {
            [name]: (...values: unknown[]) => {
              statements.push(sql)
              return call(...values)
            },
          })
        }
        return statement
      },
    }
    const { apiKeys, issue } = setUp({ store: sqliteStore(noted) })
    statements.length = 0
    const { key, record } = await issue()
    await apiKeys.verify(key)
    await apiKeys.rotate(record.id)
    await apiKeys.sweep()
    await apiKeys.close()
    expect(statements.filter((sql) => sql.includes('outbox'))).toEqual([])
    expect(statements.some((sql) => sql.includes('INSERT INTO api_key_events'))).toBe(true)
    const refusal = {
      code: 'invalid_argument',
      message: expect.stringContaining('pass events to createApiKeys'),
    }
    await expect(apiKeys.events()).rejects.toMatchObject(refusal)
    await expect(apiKeys.readEvents('a', () => {})).rejects.toMatchObject(refusal)
    expect(() => apiKeys.subscribe('a', () => {})).toThrow(expect.objectContaining(refusal))
    const { outbox, ...store } = memoryStore()
    expect(() => createApiKeys({ store, events: {} })).toThrow(/^events: this store cannot keep them/)
  })
})

describe('a consumer', () => {
  it('gets every event once in order, goes on where it was, and begins again where it is told to', async () => {
    const { apiKeys, issue } = setUpEvents()
    await issue()
    const { record } = await issue()
    expect((await read(apiKeys)).map(({ sequence }) => sequence)).toEqual([1, 2])
    expect(await read(apiKeys)).toEqual([])
    await apiKeys.revoke(record.id)
    expect(typesOf(await read(apiKeys))).toEqual(['key.revoked'])
    expect(await read(apiKeys, 'audit')).toHaveLength(3)
    await apiKeys.replayEvents('billing', 1)
    expect((await read(apiKeys)).map(({ sequence }) => sequence)).toEqual([2, 3])
    expect(await apiKeys.eventConsumers()).toEqual([
      { name: 'audit', position: 3 },
      { name: 'billing', position: 3 },
    ])
    await apiKeys.forgetConsumer('audit')
    expect(await apiKeys.eventConsumers()).toHaveLength(1)
    const seen: string[] = []
    await apiKeys.replayEvents('billing', 0)
    const only = { types: ['key.revoked'] } as const
    expect(await apiKeys.readEvents('billing', ({ type }) => void seen.push(type), only)).toBe(1)
    expect([seen, (await apiKeys.eventConsumers())[0]?.position]).toEqual([['key.revoked'], 3])
  })

  it('gets an event again when the handler failed, and none after it before', async () => {
    const { apiKeys, issue } = setUpEvents()
    for (let n = 0; n < 3; n++) await issue()
    const seen: number[] = []
    const failOnce = ({ sequence }: ApiKeyEvent) => {
      seen.push(sequence)
      if (seen.length === 2) throw new Error('the mail server is away')
    }
    await expect(apiKeys.readEvents('mail', failOnce)).rejects.toThrow('the mail server is away')
    expect(await apiKeys.readEvents('mail', failOnce)).toBe(2)
    expect(seen).toEqual([1, 2, 2, 3])
  })

  it('reads in one process at a time, and after a holder that has died in the next', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const store = memoryStore()
      const [one, two] = [setUpEvents({ store }), setUpEvents({ store })]
      await one.issue()
      const forever = one.apiKeys.readEvents('billing', () => new Promise(() => {}))
      expect(await read(two.apiKeys)).toEqual([])
      vi.setSystemTime(Date.now() + 30_001)
      expect(await read(two.apiKeys)).toHaveLength(1)
      void forever
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([7, '', 'a b', 'x'.repeat(101)])('has a name that can be stored: not %j', async (name) => {
    const { apiKeys } = setUpEvents()
    await expect(apiKeys.readEvents(name as string, () => {})).rejects.toMatchObject({
      code: 'invalid_argument',
    })
    await expect(apiKeys.forgetConsumer(name as string)).rejects.toMatchObject({ code: 'invalid_argument' })
  })
})

describe('a subscription', () => {
  it('gets events as they come, and ends with its handler when it is stopped', async () => {
    const { apiKeys, issue } = setUpEvents()
    const seen: ApiKeyEvent[] = []
    let ended = false
    apiKeys.subscribe('billing', async (event, signal) => {
      seen.push(event)
      if (seen.length < 3) return
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      ended = true
    })
    await issue()
    await issue()
    await expect.poll(() => seen.length).toBe(2)
    await issue()
    await expect.poll(() => seen.length).toBe(3)
    await apiKeys.close()
    expect(ended).toBe(true)
    expect(await read(apiKeys)).toEqual([])
  })

  it('tells of errors and goes on, whatever the one who is told does', async () => {
    const store = memoryStore()
    let isDown = true
    const failing: ApiKeyStore = {
      ...store,
      outbox: store.outbox && {
        ...store.outbox,
        consumers: () => {
          if (isDown) throw new Error('no connection')
          return store.outbox?.consumers() ?? []
        },
      },
    }
    const { apiKeys, issue } = setUpEvents({ store: failing })
    const errors: unknown[] = []
    const seen: string[] = []
    const onError = (error: unknown, event: ApiKeyEvent | null) => {
      errors.push([(error as { code?: string }).code ?? String(error), event?.sequence])
      isDown = false
    }
    const subscription = apiKeys.subscribe(
      'billing',
      ({ id }) => {
        seen.push(id)
        if (seen.length === 1) throw new Error('not yet')
      },
      { onError },
    )
    await issue()
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(2)
    await subscription.stop()
    expect(errors).toEqual([
      ['store_unavailable', undefined],
      ['Error: not yet', 1],
    ])
  })
})

describe('a sweep', () => {
  it('reports keys that expire soon, are unused or are due for rotation, each once, wherever it runs', async () => {
    const store = memoryStore()
    const { apiKeys, issue, clock } = setUpEvents({ store, events: { keepMs: 1_000 * DAY_MS } })
    const expiring = await issue({ label: 'expiring', expiresAt: new Date(start + 3 * DAY_MS) })
    await issue({ label: 'gone', expiresAt: new Date(start + 1) })
    await issue({ label: 'revoked', expiresAt: new Date(start + 3 * DAY_MS) }).then(({ record }) =>
      apiKeys.revoke(record.id),
    )
    const quiet = await issue({ label: 'quiet' })
    clock.advance(1)
    const busy = await issue({ label: 'busy' })
    clock.advance(2)
    const other = setUpEvents({ store, now: () => clock.now })
    const first = await Promise.all([apiKeys.sweep(), other.apiKeys.sweep()])
    expect(first.map(({ eventsFound = 0 }) => eventsFound).sort()).toEqual([0, 1])
    clock.advance(91 * DAY_MS)
    await apiKeys.verify(busy.key)
    expect(await apiKeys.sweep()).toMatchObject({ events: 0, uses: 0, eventsFound: 3 })
    expect(await apiKeys.sweep()).toMatchObject({ eventsFound: 0 })
    clock.advance(91 * DAY_MS)
    expect(await apiKeys.sweep()).toMatchObject({ eventsFound: 1 })
    const found = (await allOf(apiKeys)).filter(({ type }) => !/created|revoked/.test(type))
    expect(found.map(({ type, keyId }) => [type, keyId])).toEqual([
      ['key.expiring', expiring.record.id],
      ['key.idle', quiet.record.id],
      ['key.rotation_due', quiet.record.id],
      ['key.rotation_due', busy.record.id],
      ['key.idle', busy.record.id],
    ])
    expect(found[0]).toMatchObject({ actor: null, data: { label: 'expiring', lastUsedAt: null } })
  })

  it('reports a key again when its expiry was moved, and deletes what everybody has acknowledged', async () => {
    const { apiKeys, issue, clock } = setUpEvents({ events: { keepMs: DAY_MS, expiringMs: DAY_MS } })
    const { record } = await issue({ expiresAt: new Date(start + 1_000) })
    expect(await apiKeys.sweep()).toMatchObject({ eventsFound: 1, eventsDeleted: 0 })
    await apiKeys.update(record.id, { expiresAt: new Date(start + 2_000) })
    expect(await apiKeys.sweep()).toMatchObject({ eventsFound: 1 })
    await apiKeys.replayEvents('slow', 1)
    clock.advance(DAY_MS + 1)
    expect(await apiKeys.sweep()).toMatchObject({ eventsDeleted: 1 })
    expect(await read(apiKeys, 'slow')).toHaveLength(3)
    expect(await apiKeys.sweep()).toMatchObject({ eventsDeleted: 3 })
  })
})

describe('a report of the host', () => {
  it('is an event, once for each text that is given for that', async () => {
    const { apiKeys, issue } = setUpEvents()
    const { record } = await issue()
    const report = {
      type: 'key.leaked',
      once: 'alert 7',
      actor: 'scanner',
      data: { url: 'https://a.test' },
    } as const
    expect(await apiKeys.reportEvent(record.id, report)).toBe(true)
    expect(await apiKeys.reportEvent(record.id, report)).toBe(false)
    expect(await apiKeys.reportEvent(record.id, { type: 'key.over_quota' })).toBe(true)
    expect(await apiKeys.reportEvent(record.id, { type: 'key.over_quota' })).toBe(true)
    const [, leaked] = await allOf(apiKeys)
    expect(leaked).toMatchObject({ type: 'key.leaked', actor: 'scanner', data: { url: 'https://a.test' } })
    await expect(apiKeys.reportEvent(record.id, { type: 'key.created' as never })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
    await expect(apiKeys.reportEvent('000000000000', report)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('whatever changes run and whenever a reader dies', () => {
  const change = fc.constantFrom('issue', 'rotate', 'revoke', 'disable', 'enable', 'update', 'crash', 'read')

  it('the outbox has each committed change once, in order, and the reader misses none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 12 }), async (rounds) => {
        vi.useFakeTimers({ toFake: ['Date'] })
        try {
          await checkRounds(rounds)
        } finally {
          vi.useRealTimers()
        }
      }),
      { numRuns: trials(1_000, 60) },
    )
  })

  async function checkRounds(rounds: readonly (readonly string[])[]): Promise<void> {
    const store = memoryStore()
    const { apiKeys, issue } = setUpEvents({ store })
    const ids = [(await issue()).record.id]
    const seen: ApiKeyEvent[] = []
    const steps: Record<string, (id: string) => Promise<unknown>> = {
      issue: () => issue().then(({ record }) => ids.push(record.id)),
      rotate: (id) => apiKeys.rotate(id).then(({ record }) => ids.push(record.id)),
      revoke: (id) => apiKeys.revoke(id),
      disable: (id) => apiKeys.disable(id),
      enable: (id) => apiKeys.enable(id),
      update: (id) => apiKeys.update(id, { metadata: { n: seen.length } }),
      read: () => apiKeys.readEvents('billing', (event) => void seen.push(event)),
      // Dies within the handler, before the event is acknowledged; the next one reads when the lease is over.
      crash: async () => {
        const dead = setUpEvents({ store }).apiKeys
        const handled = new Promise<void>((resolve) => {
          const never = (event: ApiKeyEvent) => {
            seen.push(event)
            resolve()
            return new Promise(() => {})
          }
          void dead.readEvents('billing', never).then(() => resolve())
        })
        await handled
        vi.setSystemTime(Date.now() + 30_001)
      },
    }
    for (const [n, round] of rounds.entries()) {
      const id = ids[(n * 7) % ids.length] ?? ''
      await Promise.all(round.map((step) => steps[step]?.(id).catch(() => undefined)))
    }
    vi.setSystemTime(Date.now() + 30_001)
    await apiKeys.readEvents('billing', (event) => void seen.push(event))
    const events = await apiKeys.events({ order: 'asc', limit: 1_000 })
    const history = [...(await apiKeys.history({ projectId: '42', limit: 1_000 }))].reverse()
    const actions = { created: 'issued' } as Record<string, string>
    expect(events.map(({ type, keyId }) => [actions[type.slice(4)] ?? type.slice(4), keyId])).toEqual(
      history.map(({ action, keyId }) => [action, keyId]),
    )
    const once = [...new Map(seen.map((event) => [event.sequence, event])).values()]
    expect(once).toEqual(events)
  }
})

interface Told {
  readonly acknowledged?: 'issue' | 'rotate' | 'revoke'
  readonly id?: string
  readonly handled?: number
}

describe('processes that are killed while they change keys and read events', { timeout: 120_000 }, () => {
  it.each(['a SQLite file', 'a Postgres database, with caches'] as const)(
    'lose no event in %s, and repeat at most the one that was being handled',
    async (kind) => {
      const database = await sharedDatabases[kind]()
      const handled: number[][] = []
      const changes = new Map<string, string>()
      for (let round = 0; round < trials(50, 3); round++) {
        const worker = await startWorker({ ...database.options, events: {} })
        const told = worker.told as Told[]
        void worker.attempt('readEvents', 'billing')
        void worker.attempt('churn')
        await expect
          .poll(() => told.filter((one) => one.handled !== undefined).length, {
            timeout: 30_000,
            interval: 5,
          })
          .toBeGreaterThan(5)
        await worker.kill()
        handled.push(told.flatMap((one) => one.handled ?? []))
        for (const { acknowledged, id = '' } of told)
          if (acknowledged !== undefined) changes.set(`${acknowledged} ${id}`, id)
      }
      const apiKeys = createApiKeys({ store: database.store, hasher: fastHasher(), events: {} })
      await apiKeys.issue({ projectId: '42', environment: 'production', label: 'the last one' })
      const rest: number[] = []
      await expect
        .poll(() => apiKeys.readEvents('billing', ({ sequence }) => void rest.push(sequence)), {
          timeout: 10_000,
        })
        .toBeGreaterThan(0)
      const all: ApiKeyEvent[] = []
      for (let page = await apiKeys.events({ order: 'asc' }); page.length > 0; ) {
        all.push(...page)
        page = await apiKeys.events({ order: 'asc', after: page.at(-1)?.sequence })
      }
      const sequences = all.map(({ sequence }) => sequence)
      const reads = [...handled, rest].filter((read) => read.length > 0)
      expect([...new Set(reads.flat())]).toEqual(sequences)
      expect(reads.flat().length - sequences.length).toBeLessThanOrEqual(handled.length)
      const types = { issue: 'key.created', rotate: 'key.rotated', revoke: 'key.revoked' }
      const found = all.map(({ type, keyId }) => `${type} ${keyId}`)
      for (const [change, id] of changes) {
        const type = types[change.split(' ')[0] as keyof typeof types]
        expect(found.filter((event) => event === `${type} ${id}`)).toHaveLength(1)
      }
      await database.dispose()
    },
  )
})

describe('as signed webhooks', () => {
  const secret = `whsec_${Buffer.from('a secret of the receiver').toString('base64')}`

  it('events reach an address in order, signed, and again until it takes them', async () => {
    const { apiKeys, issue } = setUpEvents()
    const received: {
      readonly headers: IncomingHttpHeaders
      readonly body: string
      readonly status: number
    }[] = []
    const receiver = createServer(async (request, response) => {
      const status = received.length === 1 ? 503 : 204
      received.push({ headers: request.headers, body: await text(request), status })
      response.writeHead(status).end()
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    try {
      const { record } = await issue({ actor: 'anna' })
      await apiKeys.revoke(record.id)
      const handler = eventWebhook({
        url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
        secret,
        targets: createWebhookTargets({ reach: 'loopback' }),
        delaysMs: [0, 1],
      })
      expect(await apiKeys.readEvents('shop', handler)).toBe(2)
      const bodies = received.map(({ body }) => JSON.parse(body))
      expect(bodies.map(({ type }) => type)).toEqual(['key.created', 'key.revoked', 'key.revoked'])
      const { data, ...envelope } = bodies[0]
      expect(envelope).toEqual({ type: 'key.created', timestamp: new Date(start).toISOString() })
      expect(data).toMatchObject({ keyId: record.id, projectId: '42', actor: 'anna', label: 'backend-prod' })
      const [first] = await allOf(apiKeys)
      for (const { headers, body } of received) {
        const at = Number(headers['webhook-timestamp']) * 1_000
        const signature = signWebhook(secret, String(headers['webhook-id']), body, at)
        expect(headers['webhook-signature']).toBe(signature['webhook-signature'])
      }
      expect(received[0]?.headers['webhook-id']).toBe(first?.id)
      expect(received[1]?.headers['webhook-id']).toBe(received[2]?.headers['webhook-id'])
    } finally {
      receiver.closeAllConnections()
      receiver.close()
    }
  })

  it('that nobody takes are given up, and reported; a private address and a weak secret are refused at once', async () => {
    const { apiKeys, issue } = setUpEvents()
    await issue()
    const failed: unknown[] = []
    const handler = eventWebhook({
      url: 'http://127.0.0.1:9/hook',
      secret,
      targets: createWebhookTargets({ reach: 'loopback' }),
      delaysMs: [0, 1],
      onFailed: ({ type }, { attempts }) => failed.push([type, attempts]),
    })
    expect(await apiKeys.readEvents('shop', handler)).toBe(1)
    expect(failed).toEqual([['key.created', 2]])
    expect(() => eventWebhook({ url: 'https://10.0.0.1/hook', secret })).toThrow(
      /^url: Webhooks are not posted to/,
    )
    expect(() => eventWebhook({ url: 'https://a.test', secret: 'whsec_c2hvcnQ=' })).toThrow(
      /^secret: must be/,
    )
  })
})
