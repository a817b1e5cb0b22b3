// Whatever JavaScript calls a public function with, it is answered, or told in our own words what to pass: never by an error of
// the engine about a line of ours.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as fastifyHost from '../src/http/fastify.js'
import * as fetchHost from '../src/http/fetch.js'
import * as http from '../src/http/index.js'
import * as nodeHost from '../src/http/node.js'
import * as core from '../src/index.js'
import * as leaks from '../src/leaks.js'
import * as memoryLimits from '../src/limits/memory.js'
import * as postgresLimits from '../src/limits/postgres.js'
import * as redisLimits from '../src/limits/redis.js'
import * as limitsEntry from '../src/limits.js'
import * as telemetry from '../src/opentelemetry.js'
import * as kysely from '../src/stores/kysely.js'
import * as kyselyLimits from '../src/stores/kysely-limits.js'
import * as memory from '../src/stores/memory.js'
import * as postgres from '../src/stores/postgres.js'
import * as postgresCache from '../src/stores/postgres-cache.js'
import * as redisCache from '../src/stores/redis-cache.js'
import * as sqlite from '../src/stores/sqlite.js'
import * as sqliteLimits from '../src/stores/sqlite-limits.js'
import { fastHasher } from '../src/testing/index.js'
import * as webhooks from '../src/webhooks/index.js'

// biome-ignore lint/suspicious/noExplicitAny: what JavaScript passes has no type.
type Callable = (...given: any[]) => unknown
/** A function, and arguments that it takes. */
type Call = readonly [Callable, ...unknown[]]

const entries = {
  ...{
    core,
    http,
    fastifyHost,
    fetchHost,
    nodeHost,
    leaks,
    limitsEntry,
    memoryLimits,
    postgresLimits,
    redisLimits,
  },
  ...{ telemetry, kysely, kyselyLimits, memory, postgres, postgresCache, redisCache, sqlite, sqliteLimits },
  webhooks,
}

/** What our own packages share beside what others are to call. */
const plumbing = [
  ...['ask', 'clockOf', 'gateOptions', 'joinedField', 'keySet', 'networkMeantBy', 'notify', 'projectsInTurn'],
  'removeField',
]
const others = ['ApiKeysError', 'attemptDelivery']

const limits = limitsEntry.createLimits({
  store: memoryLimits.memoryLimitStore(),
  plans: { one: { credits: { amount: 5 } } },
  planOf: () => 'one',
})
const acme = { id: '1', name: 'Acme', webhookUrl: null, status: 'active', createdAt: new Date() } as const
const projects = memory.memoryProjects([acme])
const apiKeys = core.createApiKeys({
  ...{ store: memory.memoryStore(), hasher: fastHasher(), events: {}, outcomes: true, limits, projects },
  maxKeysPerProject: 100_000,
})
const made = apiKeys.issue({ projectId: '1', environment: 'production', label: 'x' })
const pool = { connect: async () => undefined, query: async () => ({ rows: [] }), options: { max: 5 } }
const secret = `whsec_${Buffer.alloc(24).toString('base64')}`
const today = { projectId: '1', from: new Date(), to: new Date() }
const isText = (value: unknown) => typeof value === 'string'

/** For each, a call that works; of functions that are exported, under the name of the export. */
async function calls(): Promise<Readonly<Record<string, Call>>> {
  const { key, record } = await made
  const { id } = record
  const driver = () => sqlite.openSqlite(':memory:')
  return {
    argon2Hasher: [core.argon2Hasher, {}],
    createApiKeys: [core.createApiKeys, { store: memory.memoryStore() }],
    createKeyFormat: [core.createKeyFormat, {}],
    foldLabel: [core.foldLabel, 'x'],
    grants: [core.grants, 'a', 'b'],
    sortValueOf: [core.sortValueOf, record, 'label'],
    createLimits: [
      limitsEntry.createLimits,
      { store: memoryLimits.memoryLimitStore(), plans: { a: {} }, planOf: () => 'a' },
    ],
    memoryStore: [memory.memoryStore],
    memoryProjects: [memory.memoryProjects, []],
    memorySessions: [memory.memorySessions],
    memoryLimitStore: [memoryLimits.memoryLimitStore],
    postgresLimitStore: [postgresLimits.postgresLimitStore, pool, {}],
    redisLimitStore: [redisLimits.redisLimitStore, { eval() {}, multi() {} }, {}],
    sqliteLimitStore: [sqliteLimits.sqliteLimitStore, driver(), {}],
    kyselyStore: [kysely.kyselyStore, {}, {}],
    kyselyProjects: [kysely.kyselyProjects, {}, {}],
    kyselyLimitStore: [kyselyLimits.kyselyLimitStore, {}, {}],
    // A text is a file, which it would make.
    openSqlite: [
      (path, options) => sqlite.openSqlite(isText(path) ? ':memory:' : path, options).close(),
      ':memory:',
      {},
    ],
    sqliteStore: [sqlite.sqliteStore, driver(), {}],
    sqliteProjects: [sqlite.sqliteProjects, driver(), {}],
    postgresStore: [postgres.postgresStore, pool, {}],
    postgresProjects: [postgres.postgresProjects, pool, {}],
    postgresCache: [postgresCache.postgresCache, postgres.postgresStore(pool as never), {}],
    redisCache: [redisCache.redisCache, memory.memoryStore(), { call() {} }, {}],
    openTelemetry: [telemetry.openTelemetry, {}],
    leakRule: [leaks.leakRule, 'gitleaks', {}],
    createAuthenticate: [fetchHost.createAuthenticate, apiKeys, {}],
    createNodeGuard: [nodeHost.createNodeGuard, apiKeys, {}],
    createGate: [http.createGate, apiKeys, {}],
    createCredential: [http.createCredential, 'x-api-key', 'api'],
    createAdminKeyCheck: [http.createAdminKeyCheck, 'x'.repeat(32)],
    challengeOf: [http.challengeOf, 'api', 'ApiKey'],
    answerTo: [http.answerTo, 'missing', 1],
    writeError: [http.writeError, { url: '/' }, { status: 400, message: 'x' }, 'ApiKey'],
    createWebhookTargets: [webhooks.createWebhookTargets, { reach: 'public' }],
    createWebhookSender: [
      webhooks.createWebhookSender,
      { targets: webhooks.createWebhookTargets({ reach: 'public' }), userAgent: 'x' },
    ],
    eventWebhook: [webhooks.eventWebhook, { url: 'https://a.example.com', secret }],
    signWebhook: [webhooks.signWebhook, secret, 'id', 'body', 1],
    newDelivery: [webhooks.newDelivery, 1],
    afterAttempt: [webhooks.afterAttempt, webhooks.newDelivery(1), { status: 200 }, 1, [0]],
    apiKeyPlugin: [fastifyHost.apiKeyPlugin, apiKeys, {}],
    'apiKeys.issue': [apiKeys.issue, { projectId: '1', environment: 'production', label: 'x' }],
    'apiKeys.issueChild': [apiKeys.issueChild, id, { label: 'x' }],
    'apiKeys.topUp': [apiKeys.topUp, id, 1, {}],
    'apiKeys.verify': [apiKeys.verify, key, {}],
    'apiKeys.rotate': [apiKeys.rotate, 'AAAAAAAAAAAA', {}],
    'apiKeys.revoke': [apiKeys.revoke, 'AAAAAAAAAAAA', {}],
    'apiKeys.disable': [apiKeys.disable, 'AAAAAAAAAAAA', {}],
    'apiKeys.enable': [apiKeys.enable, id, {}],
    'apiKeys.update': [apiKeys.update, id, { label: 'y' }, {}],
    'apiKeys.import': [apiKeys.import, [], {}],
    'apiKeys.identify': [apiKeys.identify, key],
    'apiKeys.diagnose': [apiKeys.diagnose, key, {}],
    'apiKeys.erase': [apiKeys.erase, { keyId: 'AAAAAAAAAAAA' }],
    'apiKeys.sweep': [apiKeys.sweep],
    'apiKeys.health': [apiKeys.health],
    'apiKeys.close': [apiKeys.close],
    'apiKeys.find': [apiKeys.find, id],
    'apiKeys.list': [apiKeys.list, {}],
    'apiKeys.listAll': [async (query) => apiKeys.listAll(query)[Symbol.asyncIterator]().next(), {}],
    'apiKeys.usage': [apiKeys.usage, today],
    'apiKeys.history': [apiKeys.history, { projectId: '1' }],
    'apiKeys.outcomes': [apiKeys.outcomes, today],
    'apiKeys.refusals': [apiKeys.refusals, id],
    'apiKeys.usedFrom': [apiKeys.usedFrom, id],
    'apiKeys.recordLimited': [apiKeys.recordLimited, id, 'rate_exceeded', () => '10.0.0.1'],
    'apiKeys.events': [apiKeys.events, {}],
    'apiKeys.subscribe': [async (...given) => (apiKeys.subscribe as Callable)(...given), 'c', () => {}, {}],
    'apiKeys.readEvents': [apiKeys.readEvents, 'd', () => {}, {}],
    'apiKeys.eventConsumers': [apiKeys.eventConsumers],
    'apiKeys.replayEvents': [apiKeys.replayEvents, 'c', 0],
    'apiKeys.forgetConsumer': [apiKeys.forgetConsumer, 'c'],
    'apiKeys.reportEvent': [apiKeys.reportEvent, id, { type: 'key.leaked' }],
    'apiKeys.checksProjects': [apiKeys.checksProjects, projects],
    'limits.consume': [limits.consume, record, { cost: 1 }],
    'limits.status': [limits.status, record],
    'limits.topUp': [limits.topUp, record, 1],
    'limits.quota': [limits.quota, '1'],
    'projects.create': [projects.create, { name: 'x' }],
    'projects.find': [projects.find, '1'],
    'projects.list': [projects.list, {}],
    'projects.update': [projects.update, '2', { name: 'n' }],
    'projects.erase': [projects.erase, '2'],
  }
}

const functionsOf = (owner: object) =>
  Object.entries(owner).flatMap(([name, member]) => (typeof member === 'function' ? [name] : []))

const oddValues: readonly unknown[] = [
  ...[null, undefined, 0, Number.NaN, -1, 1n, '', 'x', true, Symbol('s'), [], [null], {}, () => null],
  ...[new Date(Number.NaN), new Map(), /x/, Object.create(null), Object.freeze([undefined])],
]
const odd = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...oddValues) },
  {
    weight: 1,
    arbitrary: fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
  },
)

// Ours begin with what they are about, and a colon. So do no errors of the engine, and those of Node have a code.
const isOurs = (error: unknown) =>
  error instanceof core.ApiKeysError ||
  (error instanceof TypeError &&
    !('code' in error) &&
    /^(?!Cannot |Class |Method ).+?: /s.test(error.message))

it('every public function is tried', async () => {
  const tried = new Set(Object.keys(await calls()))
  const expected = [
    ...Object.values(entries).flatMap(functionsOf),
    ...functionsOf(apiKeys).map((name) => `apiKeys.${name}`),
    ...functionsOf(limits).map((name) => `limits.${name}`),
    ...functionsOf(projects).map((name) => `projects.${name}`),
  ]
  const known = new Set([...tried, ...plumbing, ...others])
  expect(expected.filter((name) => !known.has(name))).toEqual([])
})

it('whatever stands in the place of an argument, no function answers with an error of the engine', async () => {
  const all = Object.entries(await calls()).filter(([, given]) => given.length > 1)
  const slip = fc.constantFrom(...all).chain(([name, [call, ...given]]) =>
    fc.record({
      name: fc.constant(name),
      call: fc.constant(call),
      given: fc
        .tuple(fc.nat(given.length - 1), odd)
        .map(([place, value]) => given.map((right, i) => (i === place ? value : right))),
    }),
  )
  await fc.assert(
    fc.asyncProperty(slip, async ({ name, call, given }) => {
      try {
        await call(...given)
      } catch (error) {
        if (!isOurs(error)) throw new Error(`${name}: ${String(error)}`, { cause: error })
      }
    }),
    { numRuns: Number(process.env.ODD_RUNS ?? 1_500) },
  )
  await apiKeys.close()
}, 60_000)

it.each([
  ['null', null],
  ['a number', 7],
  ['a list of keys', ['gsk_live_x']],
])('diagnose asks for the key in place of %s', async (_what, presented) => {
  await expect(apiKeys.diagnose(presented as never)).rejects.toMatchObject({
    code: 'invalid_argument',
    message: 'presented: must be the key, as a string',
  })
})
