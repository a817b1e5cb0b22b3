// Every function of the mock that takes options, and every body of its control plane: names that there are not are refused.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { optionPromises } from '@gosend/options/testing'
import { afterAll, describe, it } from 'vitest'
import { createMockServer, generateKeys, gosend } from '../src/index.js'
import { document, ok, send } from './harness.js'

const spec = document({ '/ping': { get: { ...ok({ const: 'pong' }), operationId: 'getPing' } } })
const listener = () => {}
const api = {
  document: spec,
  rules: {},
  dashboardPages: new URL('.', import.meta.url),
  keyVariable: 'A_KEY',
  project: { name: 'A project' },
}
const rules = {
  handlers: {},
  jobs: {},
  guard: () => undefined,
  invalid: () => undefined,
  ownIdempotency: false,
  ownWebhooks: false,
  controlPaths: {},
  maxBodyBytes: 1_000,
  seed: listener,
  controls: {},
  pages: {},
  forget: listener,
}

/** Only whether it starts. */
const starts = async (options: object) => {
  const mock = await createMockServer(options)
  await mock.close()
}

const functions = {
  createMockServer: {
    call: starts,
    options: {
      spec,
      api: { document: spec },
      documents: [{ spec }],
      overlays: [],
      root: '.',
      allowRemoteRefs: false,
      allowRefHosts: ['10.0.0.0/8'],
      documentCache: '.gosend/documents',
      proxy: { url: 'http://127.0.0.1:9' },
      record: { file: join(tmpdir(), `option-names-${process.pid}.har`) },
      learned: { 'gosend-learned': 1, operations: {}, ids: {}, things: {} },
      scenarios: [],
      handlers: {},
      rules: {},
      db: ':memory:',
      port: 0,
      host: '127.0.0.1',
      allowedHosts: ['mock'],
      controlFrom: ['172.16.0.0/12'],
      https: false,
      corsOrigins: ['*'],
      keys: {},
      adminKey: 'a'.repeat(32),
      auth: 'strict',
      failOnGuess: false,
      requests: 'warn',
      credentials: { basic: ['a'] },
      clients: [{ id: 'app' }],
      redirectUris: ['https://app.example.com/callback'],
      webhooks: ['http://localhost:3000/hook'],
      webhookSecret: 'whsec_c2VjcmV0',
      allowWebhookHosts: ['example.com'],
      seed: 'a',
      dynamic: false,
      stateful: true,
      seedItems: 0,
      seedData: {},
      strict: false,
      watch: false,
      journalSize: 10,
      maxBodyBytes: 1_000,
      onLog: listener,
      onExchange: listener,
    },
    alone: ['api', 'documents'],
  },
  'createMockServer, rules': {
    call: (given: object) => starts({ spec, rules: given }),
    path: 'rules.',
    options: rules,
  },
  'createMockServer, api': {
    call: (given: object) => starts({ api: given }),
    path: 'api.',
    options: api,
    needed: ['document'],
    alone: ['dashboardPages'],
  },
  'createMockServer, the rules of an api': {
    call: (given: object) => starts({ api: { document: spec, rules: given } }),
    path: 'api.rules.',
    options: rules,
  },
  'createMockServer, keys': {
    call: (keys: object) => starts({ spec, keys }),
    path: 'keys.',
    options: { ...generateKeys() },
  },
  gosend: {
    call: gosend,
    options: { rateLimits: 'off', allowWebhookHosts: ['example.com'], editable: true },
  },
}

describe('a function', { timeout: 60_000 }, () => {
  for (const [name, entryPoint] of Object.entries(functions)) {
    for (const promise of optionPromises({ name, ...entryPoint })) it(promise.name, () => promise.run())
  }
})

describe('the control plane', { timeout: 60_000 }, () => {
  const mock = createMockServer({ spec })
  afterAll(async () => (await mock).close())

  const command = async (line: string, body: object) => {
    const { adminKey } = await mock
    const { status, json } = await send(await mock, line, body, { 'x-admin-key': adminKey })
    if (status === 400) throw new TypeError((json as { message: string }).message)
  }
  const bodies = {
    'POST /_mock/clock': {
      call: (body: object) => command('POST /_mock/clock', body),
      options: { advance: '1s', advanceMs: 1, freeze: true, resume: true, reset: true },
    },
    'PUT /_mock/faults': {
      call: (body: object) => command('PUT /_mock/faults', body),
      options: { faults: [] },
    },
    'PUT /_mock/faults, a rule': {
      call: (rule: object) => command('PUT /_mock/faults', [rule]),
      path: 'faults[0].',
      options: {
        operation: 'getPing',
        latencyMs: 1,
        status: 500,
        drop: false,
        rate: 1,
        times: 1,
        retryAfterSeconds: 1,
      },
    },
  }
  for (const [name, entryPoint] of Object.entries(bodies)) {
    for (const promise of optionPromises({ name, ...entryPoint })) it(promise.name, () => promise.run())
  }
})
