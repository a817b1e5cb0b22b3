// What most tests of the core need: keys over a memory store, a clock that is moved by hand, and counters.

import { type ApiKeyStore, type ApiKeysOptions, createApiKeys, type Hasher } from '../../src/index.js'
import { memoryStore } from '../../src/stores/memory.js'
import { fastHasher } from '../../src/testing/index.js'

export const start = Date.parse('2026-01-15T10:00:00Z')

/** Counts the calls of each method. */
export function counted<T extends object>(
  target: T,
): { readonly counts: Map<string, number>; readonly spy: T } {
  const counts = new Map<string, number>()
  const spy = new Proxy(target, {
    get(object, name, receiver) {
      const member = Reflect.get(object, name, receiver)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        counts.set(String(name), (counts.get(String(name)) ?? 0) + 1)
        return member.apply(object, args)
      }
    },
  })
  return { counts, spy }
}

export function setUp(options: Partial<ApiKeysOptions<'sandbox' | 'production'>> = {}) {
  const clock = { now: start, advance: (ms: number) => (clock.now += ms) }
  const store = counted<ApiKeyStore>(options.store ?? memoryStore())
  const hasher = counted<Hasher>(options.hasher ?? fastHasher())
  const apiKeys = createApiKeys({
    now: () => clock.now,
    ...options,
    store: store.spy,
    hasher: hasher.spy,
  })
  const issue = (attributes: Partial<Parameters<typeof apiKeys.issue>[0]> = {}) =>
    apiKeys.issue({
      projectId: '42',
      environment: 'production',
      label: 'backend-prod',
      ...attributes,
      idempotencyKey: undefined,
    })
  const reasonFor = async (presented: unknown, context?: Parameters<typeof apiKeys.verify>[1]) => {
    const verification = await apiKeys.verify(presented, context)
    return verification.ok ? 'ok' : verification.reason
  }
  return { apiKeys, clock, issue, reasonFor, storeCalls: store.counts, hasherCalls: hasher.counts }
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The checksum as the documentation describes it, written independently of the code under test. */
export function documentedChecksum(text: string): string {
  let crc = 0xffffffff
  for (const byte of Buffer.from(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  let rest = BigInt((crc ^ 0xffffffff) >>> 0)
  let digits = ''
  while (digits.length < 6) {
    digits = ALPHABET.charAt(Number(rest % 62n)) + digits
    rest /= 62n
  }
  return digits
}

/** The key with its checksum made right again, as a forger would. */
export const withChecksum = (unchecked: string) => unchecked + documentedChecksum(unchecked)
