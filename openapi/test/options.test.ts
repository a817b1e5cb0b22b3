// The clients refuse options that they do not have, so that none is passed over that was to protect something.

import { optionPromises } from '@gosend/options/testing'
import { describe, it } from 'vitest'
import { createControlClient, createGosendClient, createManagementClient } from '../src/index.js'

const shared = {
  baseUrl: 'http://127.0.0.1/',
  fetch: async () => new Response(),
  maxRetries: 0,
  timeoutMs: 1,
  clock: { now: () => 0, sleep: async () => {} },
}

const functions = {
  createGosendClient: {
    call: createGosendClient,
    options: { ...shared, apiKey: `gsk_test_${'a'.repeat(61)}` },
  },
  createControlClient: {
    call: (options: object) => createControlClient(options as never),
    options: { ...shared, adminKey: 'a'.repeat(32) },
  },
  createManagementClient: {
    call: (options: object) => createManagementClient(options as never),
    options: { ...shared, adminKey: 'a'.repeat(32) },
  },
}

describe('a client', () => {
  for (const [name, entryPoint] of Object.entries(functions)) {
    for (const promise of optionPromises({ name, ...entryPoint })) it(promise.name, () => promise.run())
  }
})
