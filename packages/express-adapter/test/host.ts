// A real host application on an ephemeral port, keys that cost no time to hash, and counters on store and hasher.

import type { AddressInfo } from 'node:net'
import { format } from 'node:util'
import { crc32 } from 'node:zlib'
import {
  type ApiKeyStore,
  type ApiKeysOptions,
  argon2Hasher,
  createApiKeys,
  type Hasher,
} from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import express, { type Express, type RequestHandler } from 'express'
import { onTestFinished, vi } from 'vitest'
import { type FailureEvent, type RequireApiKeyOptions, requireApiKey } from '../src/index.js'

export interface Host {
  readonly port: number
  readonly url: string
}

/** Listens until the test ends. `address` is a host name, or the path of a Unix socket. */
export async function listen(app: Express, address = '127.0.0.1'): Promise<Host> {
  const server = app.listen(address.startsWith('/') ? address : { port: 0, host: address })
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = Object(server.address()) as AddressInfo
  return { port, url: `http://127.0.0.1:${port}` }
}

/** Far below what argon2id should cost: for tests in which its cost plays no part. */
export const fastHasher = () => argon2Hasher({ memoryKiB: 8, iterations: 1 })

export interface Counters {
  reads: number
  hashes: number
}

/** A key set over a store in memory that counts store reads and argon2 runs. */
export function createTestKeys(options: Partial<ApiKeysOptions> = {}) {
  const counters: Counters = { reads: 0, hashes: 0 }
  const { store = memoryStore(), hasher = fastHasher(), ...rest } = options
  const countingStore: ApiKeyStore = {
    ...store,
    find(id) {
      counters.reads += 1
      return store.find(id)
    },
  }
  const countingHasher: Hasher = {
    ...hasher,
    verify(hash, key) {
      counters.hashes += 1
      return hasher.verify(hash, key)
    },
  }
  return { counters, apiKeys: createApiKeys({ ...rest, store: countingStore, hasher: countingHasher }) }
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The string with its last six characters replaced by the right checksum. */
export function withChecksum(key: string): string {
  const unchecked = key.slice(0, -6)
  let rest = crc32(unchecked)
  let digits = ''
  for (let i = 0; i < 6; i++) {
    digits = ALPHABET.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return unchecked + digits
}

/** The string with the character at an index replaced by another of the alphabet. */
export function withChange(key: string, index: number): string {
  const at = index < 0 ? key.length + index : index
  const other = ALPHABET.charAt((ALPHABET.indexOf(key.charAt(at)) + 1) % 62)
  return key.slice(0, at) + other + key.slice(at + 1)
}

export interface GuardedHostOptions extends RequireApiKeyOptions {
  readonly store?: ApiKeyStore
  /** Mounted before the guard. */
  readonly before?: RequestHandler
}

/** An application behind one guard, and a key that it accepts. */
export async function guardedHost(options: GuardedHostOptions = {}) {
  const { store = memoryStore(), before, ...guard } = options
  const { apiKeys, counters } = createTestKeys({ store, storeTimeoutMs: 20 })
  const events: FailureEvent[] = []
  const served: string[] = []
  const { key, record } = await apiKeys.issue({
    projectId: '42',
    environment: 'production',
    label: 'test',
    scopes: ['read'],
  })
  const app = express()
  app.disable('x-powered-by')
  if (before !== undefined) app.use(before)
  app.use(requireApiKey(apiKeys, { onFailure: (event) => events.push(event), ...guard }))
  app.use((request, response) => {
    served.push(request.method)
    response.json({ id: request.apiKey?.id })
  })
  return { apiKeys, counters, app, events, served, key, record, ...(await listen(app)) }
}

/** What the process writes from now on until the test ends, kept from the terminal. */
export function captureOutput(): readonly string[] {
  const written: string[] = []
  const methods = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const
  const spies = [
    ...methods.map((method) =>
      vi.spyOn(console, method).mockImplementation((...values) => void written.push(format(...values))),
    ),
    ...[process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((chunk) => {
        written.push(String(chunk))
        return true
      }),
    ),
  ]
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore()
  })
  return written
}
