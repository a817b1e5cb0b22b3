// Every function of the adapter that takes options, and what it does with those that there are not.

import { createLimits } from '@gosend/auth-core/limits'
import { memoryLimitStore } from '@gosend/auth-core/limits/memory'
import { optionPromises } from '@gosend/options/testing'
import express from 'express'
import { describe, expect, it } from 'vitest'
import * as exported from '../src/index.js'
import {
  apiKeyErrorHandler,
  dashboard,
  githubPublicKeys,
  managementRouter,
  memoryProjects,
  requireApiKey,
  secretScanning,
  tsoaAuthentication,
  verifyRoute,
} from '../src/index.js'
import { createTestKeys } from './host.js'

const { apiKeys } = createTestKeys()
const limits = createLimits({ store: memoryLimitStore(), plans: { one: {} }, planOf: () => 'one' })
const adminKey = 'a'.repeat(32)
const listener = () => {}
const extension = { name: 'sandbox', folder: new URL('./fixtures/extension/', import.meta.url) }

const guard = {
  environment: 'production',
  limits,
  cost: 5,
  disclose: ['expired', 'revoked'],
  realm: 'api',
  onFailure: listener,
  onSuccess: listener,
  onBrowserLeak: listener,
}

const functions = {
  requireApiKey: {
    call: (options: object) => requireApiKey(apiKeys, options),
    options: {
      ...guard,
      scopes: ['a'],
      resource: 'project/7',
      credential: ['x-api-key', { header: 'x-acme-key' }],
      optional: true,
      stripCredential: true,
      respond: listener,
      app: express(),
    },
  },
  'requireApiKey.fromOpenApi': {
    call: (options: object) =>
      requireApiKey.fromOpenApi(
        apiKeys,
        {
          openapi: '3.1.0',
          components: {
            securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'x' }, jwt: { type: 'oauth2' } },
          },
        },
        options,
      ),
    options: {
      ...guard,
      resource: 'project/7',
      stripCredential: true,
      respond: listener,
      app: express(),
      schemes: ['key'],
      elsewhere: ['jwt'],
    },
  },
  verifyRoute: {
    call: (options: object) => verifyRoute(apiKeys, options),
    options: { ...guard, scopes: ['a'], resource: 'project/7', credential: 'authorization-bearer' },
  },
  tsoaAuthentication: {
    call: (options: object) => tsoaAuthentication(options as never),
    options: {
      apiKeys,
      adminKey,
      limits,
      cost: 5,
      environment: 'production',
      credential: 'authorization-bearer',
      disclose: ['expired'],
      resource: 'project/7',
      realm: 'api',
      respond: listener,
      schemes: { jwt: listener },
    },
  },
  apiKeyErrorHandler: { call: apiKeyErrorHandler, options: { onFailure: listener } },
  managementRouter: {
    call: (options: object) => managementRouter(options as never),
    options: {
      apiKeys,
      projects: memoryProjects(),
      limits,
      adminKey,
      authorize: () => 'all',
      allowedOrigins: ['https://console.example.com'],
      routes: listener,
      now: Date.now,
      onError: listener,
    },
    needed: ['apiKeys', 'projects'],
    alone: ['authorize'],
  },
  dashboard: {
    call: (options: object) => dashboard(options as never),
    options: {
      management: '/admin',
      title: 'Keys',
      variable: 'ACME_KEY',
      endpoint: '/v1/me',
      logo: '/logo.svg',
      accent: '#0f766e',
      features: { usage: false },
      login: '/login?next={here}',
      frameAncestors: ['self', 'https://app.example.com'],
      extensions: [],
      locale: 'de',
      home: 'keys',
    },
  },
  'dashboard, features': {
    call: (given: object) => dashboard({ management: '/admin', features: given }),
    path: 'features.',
    options: { webhooks: false, projects: false, usage: true },
  },
  'dashboard, extensions': {
    call: (given: object) => dashboard({ management: '/admin', extensions: [given as never] }),
    path: 'extensions[0].',
    options: extension,
  },
  secretScanning: {
    call: (options: object) => secretScanning(options as never),
    options: { apiKeys, publicKeys: () => [], onLeak: listener, onError: listener, now: Date.now },
  },
  githubPublicKeys: {
    call: githubPublicKeys,
    options: { token: 'a', url: 'https://example.com/', timeoutMs: 1 },
  },
}

describe('a function', () => {
  for (const [name, entryPoint] of Object.entries(functions)) {
    for (const promise of optionPromises({ name, ...entryPoint })) it(promise.name, () => promise.run())
  }

  it('that is exported stands in the table of this file, or takes no options', () => {
    const without = ['CredentialError', 'apiKeyOf', 'healthRoute', 'memoryProjects']
    const named = new Set([...Object.keys(functions).map((name) => name.split(/[.,]/)[0]), ...without])
    const all = Object.entries(exported).flatMap(([name, value]) =>
      typeof value === 'function' ? [name] : [],
    )
    expect(all.sort()).toEqual([...named].sort())
  })

  it('never guards less than was meant: a misspelt scope stops the program, not nobody', () => {
    expect(() => requireApiKey(apiKeys, { scope: ['admin'], enviroment: 'sandbox' } as never)).toThrow(
      'scope: no such option; did you mean scopes?',
    )
  })
})
