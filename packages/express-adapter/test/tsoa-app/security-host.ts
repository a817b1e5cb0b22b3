// What the routes of tsoa-security.test.ts import: keys in every state, and a store and a session whose outcome and pace are
// set before each request.

import { setTimeout as sleep } from 'node:timers/promises'
import { createApiKeys } from '@gosend/auth-core'
import { createLimits } from '@gosend/auth-core/limits'
import { memoryLimitStore } from '@gosend/auth-core/limits/memory'
import { memoryStore } from '@gosend/auth-core/memory'
import { type ExpressAuthentication, tsoaAuthentication } from '../../src/index.js'
import { fastHasher, withChange, withChecksum } from '../host.js'

export const ADMIN_KEY = 'an-admin-key-of-at-least-32-characters'

export const KEYS = {
  none: null,
  malformed: null,
  unknown: null,
  writer: null,
  spent: null,
  elsewhere: null,
} as const

export interface SecuritySettings {
  readonly isStoreDown: boolean
  /** Milliseconds; null is synchronously. */
  readonly storeDelay: number | null
  readonly jwt: 'none' | 'plain' | 'good' | 'forbidden' | 'busy' | 'down'
  readonly jwtDelay: number | null
}

let settings: SecuritySettings = { isStoreDown: false, storeDelay: null, jwt: 'none', jwtDelay: null }

const jwtStatuses: Readonly<Record<string, number | undefined>> = {
  none: 401,
  forbidden: 403,
  busy: 429,
  down: 503,
}

async function jwt(): Promise<{ name: string }> {
  const { jwt, jwtDelay } = settings
  if (jwtDelay !== null) await sleep(jwtDelay)
  if (jwt === 'good') return { name: 'somebody' }
  throw Object.assign(new Error('no session'), { status: jwtStatuses[jwt] })
}

export type SecurityHost = Awaited<ReturnType<typeof createSecurityHost>>

let current: ExpressAuthentication | undefined

export const expressAuthentication: ExpressAuthentication = async (...given) => current?.(...given)

export async function createSecurityHost() {
  const memory = memoryStore()
  const limitStore = memoryLimitStore()
  const pending: Promise<unknown>[] = []
  let taken = 0
  const apiKeys = createApiKeys({
    store: {
      ...memory,
      find(id) {
        const { isStoreDown, storeDelay } = settings
        const find = () => {
          if (isStoreDown) throw new Error('the database is down')
          return memory.find(id)
        }
        if (storeDelay === null) return find()
        const found = sleep(storeDelay).then(find)
        pending.push(found)
        return found
      },
    },
    hasher: fastHasher(),
  })
  const limits = createLimits({
    store: {
      ...limitStore,
      add(window, amount) {
        taken += amount
        return limitStore.add(window, amount)
      },
    },
    plans: { plenty: { perDay: 1_000_000 }, one: { perDay: 1 } },
    planOf: ({ label }) => (label === 'spent' ? 'one' : 'plenty'),
  })
  const issue = async (label: string, allowedIps: readonly string[] | null = null) => {
    const key = { projectId: '42', environment: 'production', label, scopes: ['write'], allowedIps } as const
    return apiKeys.issue(key)
  }
  const writer = await issue('writer')
  const spent = await issue('spent')
  const elsewhere = await issue('elsewhere', ['203.0.113.7'])
  await limits.consume(spent.record)
  current = tsoaAuthentication({ apiKeys, adminKey: ADMIN_KEY, limits, schemes: { jwt } })

  const keys: Readonly<Record<keyof typeof KEYS, string | undefined>> = {
    none: undefined,
    malformed: 'not-a-key',
    unknown: withChecksum(withChange(writer.key, 12)),
    writer: writer.key,
    spent: spent.key,
    elsewhere: elsewhere.key,
  }
  return {
    apiKeys,
    keys,
    set(next: SecuritySettings) {
      settings = next
    },
    /** Resolves once nothing is decided any more, not even for alternatives that came too late to matter. */
    async idle() {
      while (pending.length > 0) {
        await Promise.allSettled(pending.splice(0))
        await new Promise(setImmediate)
      }
    },
    /** How often the writer's key was used, and how much was taken from limits. */
    async counted() {
      const query = { projectId: '42', from: new Date(0), to: new Date('2100-01-01') }
      const days = await apiKeys.usage(query)
      return { uses: days.reduce((sum, { count }) => sum + count, 0), taken }
    },
  }
}
