// Every function of the core that takes options, and what it does with those that there are not.

import { runInNewContext } from 'node:vm'
import { optionPromises } from '@gosend/options/testing'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apiKeyPlugin } from '../src/http/fastify.js'
import { createAuthenticate } from '../src/http/fetch.js'
import { createGate } from '../src/http/index.js'
import {
  ApiKeysError,
  argon2Hasher,
  createApiKeys,
  createKeyFormat,
  type ImportEntry,
  type ImportedKeys,
} from '../src/index.js'
import { leakRule } from '../src/leaks.js'
import { memoryLimitStore } from '../src/limits/memory.js'
import { postgresLimitStore } from '../src/limits/postgres.js'
import { redisLimitStore } from '../src/limits/redis.js'
import { createLimits, type Plan } from '../src/limits.js'
import { memoryProjects, memoryStore } from '../src/stores/memory.js'
import { postgresProjects, postgresStore } from '../src/stores/postgres.js'
import { postgresCache } from '../src/stores/postgres-cache.js'
import { openSqlite, sqliteProjects, sqliteStore } from '../src/stores/sqlite.js'
import { fastHasher } from '../src/testing/index.js'
import { createWebhookSender, createWebhookTargets, eventWebhook } from '../src/webhooks/index.js'
import { newFile } from './support/files.js'

const start = Date.parse('2026-01-15T12:00:00Z')
const newSet = () =>
  createApiKeys({ store: memoryStore(), hasher: fastHasher(), now: () => start, events: {}, outcomes: true })
const apiKeys = newSet()
const limits = createLimits({ store: memoryLimitStore(), plans: { one: {} }, planOf: () => 'one' })
const issue = () => newSet().issue({ projectId: '1', environment: 'production', label: 'x' })

const isInvalidArgument = (error: unknown) =>
  error instanceof ApiKeysError && error.code === 'invalid_argument'

const attributes = {
  label: 'x',
  expiresAt: new Date(start + 1_000),
  scopes: ['a'],
  allowedIps: ['10.0.0.0/8'],
  metadata: { any: { thing: true } },
  ownerId: 'o1',
}
const change = { actor: 'me', ifVersion: 1 }
const format = { prefix: 'acme', environments: { live: 'production' } }
const requirements = { environment: 'production', scopes: ['a'], resource: 'project/7' }
const gate = {
  ...requirements,
  limits,
  cost: 5,
  credential: 'authorization-bearer',
  optional: true,
  stripCredential: true,
  disclose: ['expired'],
  realm: 'api',
  respond: () => undefined,
  onFailure: () => {},
  onSuccess: () => {},
  onBrowserLeak: () => {},
}
const pool = {
  connect: async () => undefined,
  query: async () => ({ rows: [] }),
  options: { max: 5 },
} as never
const telemetry = () => {}
const now = () => start

/** A key set, and the id of a key in it. */
async function withKey<T>(use: (apiKeys: ReturnType<typeof newSet>, id: string) => T) {
  const set = newSet()
  const { record } = await set.issue({ projectId: '1', environment: 'production', label: 'x' })
  return use(set, record.id)
}

const methods = {
  'projects.create': {
    call: (project: object) => memoryProjects().create(project as never),
    options: { name: 'Acme', webhookUrl: null, id: '1' },
    needed: ['name'],
  },
  'projects.update': {
    call: (changes: object) => memoryProjects().update('1', changes),
    options: { name: 'Acme', webhookUrl: null, status: 'active' },
  },
  'projects.list': {
    call: (query: object) => memoryProjects().list(query),
    options: { ids: ['1'], after: '1', limit: 1 },
  },
  issue: {
    call: (options: object) => newSet().issue(options as never),
    options: {
      ...attributes,
      projectId: '1',
      environment: 'production',
      actor: 'me',
      createdBy: 'me',
      idempotencyKey: 'once',
      key: createKeyFormat().generate('production').key,
    },
    needed: ['projectId', 'environment', 'label'],
    alone: ['key'],
  },
  issueChild: {
    call: (options: object) => withKey((set, id) => set.issueChild(id, options as never)),
    options: {
      ...attributes,
      scopes: [],
      actor: 'me',
      actingFor: 'zoë',
      limits: [{ limit: 1, per: '1m' }],
      budget: 5,
      idempotencyKey: 'once',
    },
    needed: ['label'],
  },
  rotate: {
    call: (options: object) => withKey((set, id) => set.rotate(id, options)),
    options: { gracePeriodMs: 0, expiresAt: null, idempotencyKey: 'once', ...change },
  },
  revoke: {
    call: (options: object) => withKey((set, id) => set.revoke(id, options)),
    options: change,
  },
  disable: {
    call: (options: object) => withKey((set, id) => set.disable(id, options)),
    options: change,
  },
  enable: {
    call: (options: object) => withKey((set, id) => set.enable(id, options)),
    options: change,
  },
  erase: {
    call: (selection: object) => newSet().erase(selection as never),
    options: { keyId: '000000000000', projectId: '1', createdBy: 'me', ownerId: 'o1' },
    alone: ['projectId', 'createdBy', 'ownerId'],
  },
  'update, changes': {
    call: (changes: object) => withKey((set, id) => set.update(id, changes)),
    options: attributes,
  },
  update: {
    call: (options: object) => withKey((set, id) => set.update(id, {}, options)),
    options: change,
  },
  'import, entries': {
    call: (entry: object) => newSet().import([entry as ImportEntry<'production'>]),
    path: 'entry 1: ',
    options: {
      ...attributes,
      sha256: 'ab'.repeat(32),
      sha512: 'ab'.repeat(64),
      hmacSha256: 'ab'.repeat(32),
      bcrypt: `$2b$10$${'a'.repeat(53)}`,
      salt: { before: 'a', after: 'b' },
      lookup: 'abc',
      projectId: '1',
      environment: 'production',
      createdAt: new Date(0),
      lastUsedAt: new Date(0),
      revokedAt: new Date(0),
      disabledAt: new Date(0),
      createdBy: 'me',
    },
    alone: ['sha512', 'hmacSha256', 'bcrypt'],
    needed: ['projectId', 'environment', 'label', 'lookup'],
  },
  'import, salt': {
    call: (salt: object) =>
      newSet().import([
        {
          sha256: 'ab'.repeat(32),
          projectId: '1',
          environment: 'production',
          label: 'a',
          lookup: 'abc',
          salt,
        },
      ]),
    path: 'entry 1: salt.',
    options: { before: 'a', after: 'b' },
  },
  import: { call: (options: object) => newSet().import([], options), options: { actor: 'me' } },
  list: {
    call: (query: object) => apiKeys.list(query as never),
    options: {
      projectId: '1',
      cursor: undefined,
      limit: 1,
      search: 'a',
      status: 'active',
      environment: 'production',
      createdBy: 'me',
      ownerId: 'o1',
      parentId: '000000000000',
      expiresBefore: new Date(0),
      unusedSince: new Date(0),
      ids: ['000000000000'],
      sort: 'label',
      order: 'asc',
      total: true,
    },
  },
  usage: {
    call: (query: object) => apiKeys.usage(query as never),
    options: { projectId: '1', from: new Date(0), to: new Date(0), keyId: '000000000000' },
  },
  history: {
    call: (query: object) => apiKeys.history(query as never),
    options: {
      ...{ projectId: '1', keyId: '000000000000', actor: 'anna', from: new Date(0), to: new Date(1) },
      ...{ before: 1, limit: 1 },
    },
  },
  outcomes: {
    call: (query: object) => apiKeys.outcomes(query as never),
    options: { projectId: '1', from: new Date(0), to: new Date(0), keyId: '000000000000' },
    needed: ['projectId', 'from', 'to'],
  },
  events: {
    call: (query: object) => apiKeys.events(query),
    options: {
      ...{ projectId: '1', keyId: '000000000000', type: 'key.created', actor: 'anna', from: new Date(0) },
      ...{ to: new Date(0), order: 'asc', after: 0, limit: 1 },
    },
  },
  readEvents: {
    call: (options: object) => apiKeys.readEvents('billing', () => {}, options),
    options: { types: ['key.created'], leaseMs: 1_000 },
  },
  subscribe: {
    call: async (options: object) => apiKeys.subscribe('billing', () => {}, options).stop(),
    options: { types: ['key.created'], leaseMs: 1_000, intervalMs: 1, onError: () => {} },
  },
  reportEvent: {
    call: async (report: object) => {
      const { record } = await apiKeys.issue({ projectId: '1', environment: 'production', label: 'x' })
      return apiKeys.reportEvent(record.id, report as never)
    },
    options: { type: 'key.leaked', once: '1', data: {}, actor: 'anna' },
    needed: ['type'],
  },
  verify: {
    call: async (context: object) => apiKeys.verify((await issue()).key, context),
    options: { ...requirements, ip: '10.0.0.1', countedId: '000000000000' },
  },
}

const connect = (path: string) => new Database(path)

const functions = {
  'createApiKeys, importedKeys': {
    call: (importedKeys: object) =>
      createApiKeys({ store: memoryStore(), importedKeys: importedKeys as ImportedKeys }),
    path: 'importedKeys.',
    options: {
      pattern: /a/,
      hmacSecret: 'a',
      salts: ['a', { before: 'a' }],
      bcrypt: { compare: async () => true },
    },
    needed: ['pattern'],
  },
  createApiKeys: {
    call: (options: object) => createApiKeys(options as never),
    options: {
      ...format,
      store: memoryStore(),
      pepper: 'p'.repeat(32),
      importedKeys: /sk_[a-z]{40}/,
      hasher: fastHasher(),
      now,
      projects: memoryProjects(),
      isProjectActive: () => true,
      lifetime: {},
      retention: {},
      events: {},
      outcomes: true,
      rotationPeriodMs: 1,
      lastUsedIntervalMs: 1,
      storeTimeoutMs: 1,
      memoSize: 1,
      maxKeysPerProject: 1,
      limits,
      telemetry,
    },
    needed: ['store'],
    alone: ['isProjectActive'],
  },
  'createApiKeys, lifetime': {
    call: (lifetime: object) => createApiKeys({ store: memoryStore(), lifetime }),
    path: 'lifetime.',
    options: { defaultMs: 1, maxMs: 1, idleMs: 3_600_000 },
  },
  'createApiKeys, retention': {
    call: (retention: object) => createApiKeys({ store: memoryStore(), retention }),
    path: 'retention.',
    options: { historyMs: 86_400_000, usesMs: 86_400_000, outcomesMs: 86_400_000 },
  },
  'createApiKeys, events': {
    call: (events: object) => createApiKeys({ store: memoryStore(), events }),
    path: 'events.',
    options: { keepMs: 86_400_000, expiringMs: 1, idleMs: 1 },
  },
  eventWebhook: {
    call: eventWebhook as (options: object) => unknown,
    options: {
      url: 'https://shop.acme.com/hook',
      secret: `whsec_${Buffer.alloc(24).toString('base64')}`,
      targets: createWebhookTargets({ reach: 'public' }),
      userAgent: 'Acme',
      timeoutMs: 1,
      delaysMs: [0],
      onFailed: () => {},
    },
    needed: ['url', 'secret'],
  },
  createKeyFormat: { call: createKeyFormat, options: format },
  leakRule: { call: (options: object) => leakRule('gitleaks', options), options: format },
  argon2Hasher: {
    call: argon2Hasher,
    options: { memoryKiB: 8, iterations: 1, parallelism: 1, accept: [], maxQueue: 1, maxHashQueue: 1 },
  },
  'argon2Hasher, accept': {
    call: (parameters: object) => argon2Hasher({ accept: [parameters as never] }),
    path: 'accept[0].',
    options: { memoryKiB: 8, iterations: 1, parallelism: 1 },
  },
  createLimits: {
    call: (options: object) => createLimits(options as never),
    options: {
      store: memoryLimitStore(),
      plans: { one: {} },
      planOf: () => 'one',
      planMaxAgeMs: 0,
      quotaFree: ['sandbox'],
      onStoreFailure: {},
      storeTimeoutMs: 1,
      now,
      telemetry,
    },
  },
  'createLimits, plans': {
    call: (plan: Plan) =>
      createLimits({ store: memoryLimitStore(), plans: { one: {}, two: plan }, planOf: () => 'one' }),
    path: 'plans.two.',
    options: {
      perSecond: 1,
      perMinute: 1,
      perHour: 1,
      perDay: 1,
      perWeek: 1,
      perMonth: 1,
      project: { perSecond: 1 },
      limits: [],
      credits: { amount: 1 },
    },
  },
  'createLimits, onStoreFailure': {
    call: (onStoreFailure: object) =>
      createLimits({ store: memoryLimitStore(), plans: { one: {} }, planOf: () => 'one', onStoreFailure }),
    path: 'onStoreFailure.',
    options: { rate: 'refuse', quota: 'admit' },
  },
  openSqlite: {
    call: (options: object) => openSqlite(newFile(), options),
    options: { readOnly: false },
  },
  sqliteStore: {
    call: (options: object) => sqliteStore(new Database(':memory:'), options),
    options: { initialize: 'once', connect },
  },
  sqliteProjects: {
    call: (options: object) => sqliteProjects(new Database(':memory:'), options),
    options: { initialize: 'once', connect },
  },
  postgresStore: {
    call: (options: object) => postgresStore(pool, options),
    options: { schema: 'a', initialize: 'never', timeoutMs: 1_000 },
  },
  postgresProjects: {
    call: (options: object) => postgresProjects(pool, options),
    options: { schema: 'a', initialize: 'never', timeoutMs: 1_000 },
  },
  postgresCache: {
    call: (options: object) => postgresCache(postgresStore(pool), options).close(),
    options: { maxStalenessMs: 50, maxKeys: 1, listen: pool },
  },
  postgresLimitStore: {
    call: (options: object) => postgresLimitStore(pool, options),
    options: { table: 'a', initialize: 'never' },
  },
  redisLimitStore: {
    call: (options: object) => redisLimitStore({ eval: async () => 0, multi: () => 0 }, options),
    options: { prefix: 'a' },
  },
  createGate: { call: (options: object) => createGate(apiKeys as never, options), options: gate },
  createAuthenticate: { call: (options: object) => createAuthenticate(apiKeys, options), options: gate },
  'createAuthenticate, connection': {
    call: (connection: object) => createAuthenticate(apiKeys)(new Request('http://127.0.0.1/'), connection),
    options: { ip: '10.0.0.1' },
  },
  apiKeyPlugin: { call: (options: object) => apiKeyPlugin(apiKeys, options), options: gate },
  'apiKeyPlugin, register': {
    call: (options: object) =>
      apiKeyPlugin(apiKeys)(
        { decorateRequest: () => {}, hasRequestDecorator: () => true, addHook: () => {} },
        options,
        () => {},
      ),
    path: 'register.',
    options: { prefix: '/v1', logLevel: 'info', logSerializers: {} },
  },
  createWebhookTargets: {
    call: (options: object) => createWebhookTargets(options as never),
    options: {
      ...{ reach: 'public', allow: ['10.0.0.0/8'], advice: () => '', resolve: () => {} },
      ...{ allowHttp: true, use: { subject: 'Documents', verb: 'read from' } },
    },
  },
  createWebhookSender: {
    call: (options: object) => createWebhookSender(options as never),
    options: {
      targets: createWebhookTargets({ reach: 'public' }),
      userAgent: 'a',
      timeoutMs: 1,
      keptBytes: 1,
    },
  },
}

const oddValues: readonly unknown[] = [
  ...[
    null,
    0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    0.5,
    2 ** 31,
    2 ** 53,
    1n,
    '',
    ' ',
    '\0',
    '\ud800',
    true,
  ],
  ...[Symbol('s'), [], new Array(2), [null], [[]], {}, { anyOf: [[]] }, () => null, new Date(Number.NaN)],
  ...[
    new Map([['a', 1]]),
    new Set(['a']),
    /x/,
    Object.create(null),
    new Proxy([], {}),
    { toJSON: () => 'x' },
  ],
]
const odd = fc.oneof(
  fc.constantFrom(...oddValues),
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withSparseArray: true }),
)

/** A refusal in our own words: the option that is wrong, a colon, and what it must be. */
const isOurs = (error: unknown) =>
  error instanceof ApiKeysError ||
  (error instanceof TypeError &&
    !('code' in error) &&
    /^(?!Cannot |Class |Method |Converting ).+?: /s.test(error.message))

it('whatever stands in the place of an option, at every depth, it is taken or refused in our own words', async () => {
  const places = Object.entries({ ...functions, ...methods }).flatMap(([name, { options, ...entry }]) => {
    const { needed = [], call } = entry as { needed?: readonly string[]; call: (options: never) => unknown }
    const given: Readonly<Record<string, unknown>> = options
    const least = Object.fromEntries(needed.map((option) => [option, given[option]]))
    return Object.keys(given).map((option) => ({ name: `${name}, ${option}`, call, least, option }))
  })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), odd, async ({ name, call, least, option }, value) => {
      try {
        await call({ ...least, [option]: value } as never)
      } catch (error) {
        if (!isOurs(error)) throw new Error(`${name}: ${String(error)}`, { cause: error })
      }
    }),
    { numRuns: Number(process.env.ODD_RUNS ?? 2_000) },
  )
}, 60_000)

describe('an attribute', () => {
  const made = async (attribute: object) =>
    (await newSet().issue({ projectId: '1', environment: 'production', label: 'x', ...attribute } as never))
      .record

  it.each([
    new Date(start),
    Object('x'),
    new Map([['a', 1]]),
    new Set(['a']),
    Promise.resolve({}),
    { toJSON: () => ['a'] },
    { a: 1n },
    Object.defineProperty({}, 'itself', { enumerable: true, get: (): object => ({ nested: { deep: 1n } }) }),
  ])('metadata of which JSON says nothing, or no object, are refused (%#)', async (metadata) => {
    await expect(made({ metadata })).rejects.toThrow('metadata: must be a JSON object of at most 16384 bytes')
  })

  it('is taken from another realm, as some test runners have it', async () => {
    const attributes = runInNewContext('({ expiresAt: new Date(2e12), metadata: { a: [1] }, scopes: ["a"] })')
    const { expiresAt, metadata, scopes } = await made(attributes)
    expect([expiresAt, metadata, scopes]).toEqual([new Date(2e12), { a: [1] }, ['a']])
    const importedKeys = runInNewContext('/sk_[a-z]{40}/')
    const pepper = runInNewContext('new Uint8Array(32)')
    expect(() => createApiKeys({ store: memoryStore(), importedKeys, pepper })).not.toThrow()
  })
})

it.each([null, 5, {}, new ArrayBuffer(32), [null], new Array(1)])('no pepper is %j', (pepper) => {
  expect(() => createApiKeys({ store: memoryStore(), pepper: pepper as never })).toThrow(
    'pepper: must have at least 32 bytes',
  )
})

it('a lane of argon2 has 8 KiB', () => {
  expect(() => argon2Hasher({ memoryKiB: 15, parallelism: 2 })).toThrow(
    'memoryKiB: must be at least 8 for each',
  )
  expect(() => argon2Hasher({ memoryKiB: 16, parallelism: 2 })).not.toThrow()
})

describe('a function', () => {
  for (const [name, entryPoint] of Object.entries(functions)) {
    for (const promise of optionPromises({ name, ...entryPoint })) it(promise.name, () => promise.run())
  }
})

describe('a method of a key set', () => {
  for (const [name, entryPoint] of Object.entries(methods)) {
    for (const promise of optionPromises({ name, ...entryPoint, isRefusal: isInvalidArgument }))
      it(promise.name, () => promise.run())
  }

  it.each([[null], ['production'], [5], [['a']], [() => {}]])(
    'verify refuses %j in place of a context',
    async (wrong) => {
      const { key } = await issue()
      await expect(async () => apiKeys.verify(key, wrong as never)).rejects.toSatisfy(isInvalidArgument)
    },
  )

  it('verify refuses requirements that it could not hold a key to', async () => {
    const { key } = await issue()
    for (const wrong of [{ scopes: 'admin' }, { scopes: { admin: true } }, { environment: 1 }]) {
      await expect(async () => apiKeys.verify(key, wrong as never)).rejects.toSatisfy(isInvalidArgument)
    }
  })
})
