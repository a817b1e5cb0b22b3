// Every function that a package of ours exports, and every method of what the main ones make: each refuses an option that
// there is not, or is listed here with the reason why it takes none. One that is added without a word here fails.

import { readFileSync } from 'node:fs'
import { Reflector } from '@nestjs/core'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'
import { apiKeyPlugin } from '../src/http/fastify.js'
import { createAuthenticate } from '../src/http/fetch.js'
import { createGate } from '../src/http/index.js'
import { ApiKeyGuard, ApiKeysModule, RequireApiKey } from '../src/http/nest.js'
import { createNodeGuard } from '../src/http/node.js'
import { argon2Hasher, createApiKeys, createKeyFormat } from '../src/index.js'
import { leakRule } from '../src/leaks.js'
import { memoryLimitStore } from '../src/limits/memory.js'
import { postgresLimitStore } from '../src/limits/postgres.js'
import { redisLimitStore } from '../src/limits/redis.js'
import { createLimits } from '../src/limits.js'
import { kyselyStore } from '../src/stores/kysely.js'
import { kyselyLimitStore } from '../src/stores/kysely-limits.js'
import { kyselyProjects } from '../src/stores/kysely-projects.js'
import { memoryProjects, memoryStore } from '../src/stores/memory.js'
import { postgresProjects, postgresStore } from '../src/stores/postgres.js'
import { postgresCache } from '../src/stores/postgres-cache.js'
import { redisCache } from '../src/stores/redis-cache.js'
import { openSqlite, sqliteProjects, sqliteStore } from '../src/stores/sqlite.js'
import { fastHasher } from '../src/testing/index.js'
import { createWebhookSender, createWebhookTargets, eventWebhook } from '../src/webhooks/index.js'

const pool = { connect: async () => undefined, query: async () => ({ rows: [] }), options: {} } as never
const sqlite = () => new Database(':memory:')
const kysely = () => new Kysely<object>({ dialect: new SqliteDialect({ database: sqlite() }) })
const client = {
  ...{
    duplicate: () => client,
    on: () => client,
    eval: async () => 0,
    connect: async () => {},
    multi: () => 0,
  },
} as never
const targets = createWebhookTargets({ reach: 'public' })
const secret = `whsec_${Buffer.alloc(24).toString('base64')}`
const credits = { plans: { one: { credits: { amount: 5 } } }, planOf: () => 'one' as const }
const limits = createLimits({ store: memoryLimitStore(), ...credits })
const keys = createApiKeys({ store: memoryStore(), hasher: fastHasher(), limits, events: {}, outcomes: true })
const made = keys.issue({ projectId: '1', environment: 'production', label: 'x' })
const id = async () => (await made).record.id
const plain = { projectId: '1', environment: 'production', label: 'x' } as const
const day = { from: new Date(0), to: new Date(1) }

type Call = (options: never) => unknown
/** By entry point and name. A text says why there are no options. */
const entryPoints: Readonly<Record<string, Readonly<Record<string, Call | string>>>> = {
  '.': {
    createApiKeys: (options) => createApiKeys({ store: memoryStore(), ...(options as object) }),
    createKeyFormat: (options) => createKeyFormat(options),
    argon2Hasher: (options) => argon2Hasher(options),
    ApiKeysError: 'the error, which callers catch',
    foldLabel: 'takes a text',
    grants: 'takes two scopes',
    sortValueOf: 'takes a row and a name',
  },
  './fastify': { apiKeyPlugin: (options) => apiKeyPlugin(keys, options) },
  './fetch': { createAuthenticate: (options) => createAuthenticate(keys, options) },
  './http': {
    createGate: (options) => createGate(keys, options),
    ...Object.fromEntries(
      [
        ...['answerTo', 'ask', 'challengeOf', 'clockOf', 'createAdminKeyCheck', 'createCredential'],
        ...['gateOptions', 'joinedField', 'keySet', 'networkMeantBy', 'notify', 'projectsInTurn'],
        ...['removeField', 'writeError'],
      ].map((name) => [name, 'a part of adapters, which check what their callers give']),
    ),
  },
  './kysely': {
    kyselyStore: (options) => kyselyStore(kysely(), options),
    kyselyProjects: (options) => kyselyProjects(kysely(), options),
  },
  './leaks': { leakRule: (options) => leakRule('gitleaks', options) },
  './limits': {
    createLimits: (options) =>
      createLimits({ store: memoryLimitStore(), ...credits, ...(options as object) }),
  },
  './limits/memory': { memoryLimitStore: 'takes nothing' },
  './limits/kysely': { kyselyLimitStore: (options) => kyselyLimitStore(kysely(), options) },
  './limits/postgres': { postgresLimitStore: (options) => postgresLimitStore(pool, options) },
  './limits/redis': { redisLimitStore: (options) => redisLimitStore(client, options) },
  './limits/sqlite': { sqliteLimitStore: 'takes a connection' },
  './memory': {
    memoryProjects: 'takes nothing',
    memorySessions: 'takes nothing',
    memoryStore: 'takes nothing',
  },
  './nest': {
    ApiKeysModule: (options) => ApiKeysModule.forRoot({ apiKeys: keys, ...(options as object) }),
    'ApiKeysModule.forRootAsync': (options) =>
      ApiKeysModule.forRootAsync({ useFactory: () => ({ apiKeys: keys }), ...(options as object) }),
    ApiKeyGuard: (options) =>
      new ApiKeyGuard({ apiKeys: keys, ...(options as object) } as never, new Reflector()),
    RequireApiKey: (options) => RequireApiKey(['a'], options),
    ApiKeyException: 'the error, which filters catch',
    CurrentApiKey: 'takes the name of a member',
    WithoutApiKey: 'takes nothing',
  },
  './node': { createNodeGuard: (options) => createNodeGuard(keys, options) },
  './postgres': {
    postgresStore: (options) => postgresStore(pool, options),
    postgresProjects: (options) => postgresProjects(pool, options),
  },
  './postgres-cache': { postgresCache: (options) => postgresCache(postgresStore(pool), options) },
  './redis-cache': { redisCache: (options) => redisCache(memoryStore(), client, options) },
  './opentelemetry': { openTelemetry: 'takes the API of OpenTelemetry' },
  './sqlite': {
    openSqlite: (options) => openSqlite(':memory:', options),
    sqliteStore: (options) => sqliteStore(sqlite(), options),
    sqliteProjects: (options) => sqliteProjects(sqlite(), options),
  },
  './testing': { fastHasher: 'takes nothing', storedKey: 'makes rows for tests' },
  './webhooks': {
    createWebhookTargets: (options) => createWebhookTargets({ reach: 'public', ...(options as object) }),
    createWebhookSender: (options) =>
      createWebhookSender({ targets, userAgent: 'a', ...(options as object) }),
    eventWebhook: (options) => eventWebhook({ url: 'https://a.example/', secret, ...(options as object) }),
    afterAttempt: 'takes what has come of a delivery',
    attemptDelivery: 'a part of outboxes, which has all its functions or does not compile',
    newDelivery: 'takes a time',
    signWebhook: 'takes four texts',
  },
}

const methods: Readonly<Record<string, readonly [object, Readonly<Record<string, Call | string>>]>> = {
  createApiKeys: [
    keys,
    {
      issue: (options) => keys.issue({ ...plain, ...(options as object) }),
      issueChild: async (options) => keys.issueChild(await id(), { label: 'x', ...(options as object) }),
      topUp: async (options) => keys.topUp(await id(), 1, options),
      rotate: async (options) => keys.rotate(await id(), options),
      revoke: async (options) => keys.revoke(await id(), options),
      disable: async (options) => keys.disable(await id(), options),
      enable: async (options) => keys.enable(await id(), options),
      erase: (options) => keys.erase({ projectId: '2', ...(options as object) }),
      update: async (options) => keys.update(await id(), {}, options),
      verify: async (options) => keys.verify((await made).key, options),
      import: (options) => keys.import([], options),
      diagnose: async (options) => keys.diagnose((await made).key as string, options),
      list: (options) => keys.list(options),
      listAll: async (options) => {
        for await (const _ of keys.listAll(options)) break
      },
      usage: (options) => keys.usage({ projectId: '1', ...day, ...(options as object) }),
      history: (options) => keys.history(options),
      subscribe: (options) => keys.subscribe('a', () => {}, options),
      readEvents: (options) => keys.readEvents('a', () => {}, options),
      events: (options) => keys.events(options),
      reportEvent: async (options) =>
        keys.reportEvent(await id(), { type: 'key.leaked', ...(options as object) }),
      outcomes: (options) => keys.outcomes({ projectId: '1', ...day, ...(options as object) }),
      ...Object.fromEntries(
        ['checksProjects', 'sweep', 'identify', 'find', 'health', 'eventConsumers', 'replayEvents'].map(
          (name) => [name, 'takes ids, keys, numbers or nothing'],
        ),
      ),
      ...Object.fromEntries(
        ['forgetConsumer', 'refusals', 'usedFrom', 'recordLimited', 'close'].map((name) => [
          name,
          'takes ids or nothing',
        ]),
      ),
    },
  ],
  memoryProjects: [
    memoryProjects(),
    {
      create: (options) => memoryProjects().create({ name: 'a', ...(options as object) }),
      list: (options) => memoryProjects().list(options),
      update: (options) => memoryProjects().update('1', options),
      find: 'takes an id',
      erase: 'takes an id',
    },
  ],
  createLimits: [
    limits,
    {
      // It never throws: what is wrong with a call refuses the request.
      consume: async (options) => {
        const result = await limits.consume((await made).record, options)
        if (!result.ok) throw result.error
      },
      topUp: async (options) => limits.topUp((await made).record, 1, options),
      status: 'takes a record',
      quota: 'takes an id',
    },
  ],
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly exports: Readonly<Record<string, { readonly types: string }>>
}
const functionsIn = (all: object) =>
  Object.entries(all).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))

describe('every function that is exported', () => {
  const places = Object.keys(manifest.exports).filter((place) => !place.endsWith('.json'))

  it.each(places)('of %s stands in this table', async (place) => {
    const { types } = manifest.exports[place] as { types: string }
    const file = types.replace('./dist/', '../src/').replace(/\.d\.ts$/, '.js')
    const known = Object.keys(entryPoints[place] ?? {}).filter((name) => !name.includes('.'))
    expect(functionsIn(await import(file)).sort()).toEqual(known.sort())
  })

  it.each(Object.entries(methods))('of %s stands in this table', (_, [made, known]) => {
    expect(functionsIn(made).sort()).toEqual(Object.keys(known).sort())
  })

  const all = [
    ...Object.entries(entryPoints),
    ...Object.entries(methods).map(([name, [, table]]) => [name, table] as const),
  ].flatMap(([place, table]) =>
    Object.entries(table).flatMap(([name, call]) =>
      typeof call === 'string' ? [] : [[place, name, call] as const],
    ),
  )
  it.each(all)('of %s, %s refuses an option that there is not', async (_place, _name, call) => {
    await expect((async () => call({ qqqqqqqq: null } as never))()).rejects.toThrow(
      /^qqqqqqqq: no such option/,
    )
  })
})
