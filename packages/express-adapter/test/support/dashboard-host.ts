// A host app with the dashboard in it, and keys that look like those of a company at work.

import type { AddressInfo } from 'node:net'
import { createApiKeys, type OutcomeCount } from '@gosend/auth-core'
import { createLimits } from '@gosend/auth-core/limits'
import { memoryLimitStore } from '@gosend/auth-core/limits/memory'
import { memoryStore } from '@gosend/auth-core/memory'
import express from 'express'
import {
  type DashboardOptions,
  dashboard,
  type ManagementOptions,
  managementRouter,
  memoryProjects,
  requireApiKey,
} from '../../src/index.js'
import { fastHasher } from '../host.js'
import { ADMIN_KEY } from '../management-host.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export interface DashboardHostOptions {
  readonly dashboard?: Partial<DashboardOptions>
  readonly management?: Partial<ManagementOptions>
  /** Where both are mounted. */
  readonly mount?: string
  readonly now?: () => number
  /** Whether it counts what came of requests. Default true. */
  readonly outcomes?: boolean
}

/** The dashboard over projects `1` (Acme) and `2` (Globex) without any key, and a guarded `/v1/me`. */
export async function dashboardHost(options: DashboardHostOptions = {}) {
  const { mount = '', now = Date.now } = options
  const createdAt = new Date(now() - 200 * DAY_MS)
  const project = { webhookUrl: null, status: 'active', createdAt } as const
  const projects = memoryProjects([
    { id: '1', name: 'Acme', ...project },
    { id: '2', name: 'Globex', ...project },
  ])
  const store = memoryStore()
  let age = 0
  const apiKeys = createApiKeys({
    store,
    hasher: fastHasher(),
    maxKeysPerProject: 10_000,
    now: () => now() - age,
    projects,
    outcomes: options.outcomes ?? true,
  })
  const limits = createLimits({
    store: memoryLimitStore(),
    plans: { standard: { perMonth: 50_000 } },
    planOf: () => 'standard',
    now,
  })
  const app = express()
  const credential = options.management?.authorize ? {} : { adminKey: ADMIN_KEY }
  app.use(
    `${mount}/admin`,
    managementRouter({ apiKeys, projects, limits, now, ...credential, ...options.management }),
  )
  app.use(`${mount}/dashboard`, dashboard({ management: `${mount}/admin`, ...options.dashboard }))
  app.use('/v1', requireApiKey(apiKeys), (request, response) => void response.json(request.apiKey))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    app,
    url,
    port: Number(new URL(url).port),
    page: `${url}${mount}/dashboard/`,
    apiKeys,
    limits,
    projects,
    store,
    /** Runs something as if so many days ago. */
    async daysAgo<T>(days: number, act: () => Promise<T>): Promise<T> {
      age = days * DAY_MS
      try {
        return await act()
      } finally {
        age = 0
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type DashboardHost = Awaited<ReturnType<typeof dashboardHost>>

const samples = [
  { label: 'legacy-crm-sync', environment: 'production', age: 131, idle: 0.4, perDay: 90 },
  { label: 'anna-laptop', environment: 'sandbox', age: 80, idle: 47, perDay: 0 },
  { label: 'marketing-campaigns', environment: 'production', age: 64, idle: 0.1, perDay: 612 },
  { label: 'mobile-app', environment: 'production', age: 40, idle: 9, perDay: 20 },
  { label: 'posted-in-a-chat', environment: 'production', age: 33, idle: 8, perDay: 3 },
  { label: 'checkout-worker', environment: 'production', age: 21, idle: 0, perDay: 1_840 },
  { label: 'staging', environment: 'sandbox', age: 18, idle: undefined, perDay: 0 },
  { label: 'ci-integration-tests', environment: 'sandbox', age: 12, idle: 0.02, perDay: 230 },
] as const

/** Keys of several ages and habits, made in the order of time. */
export async function seed(host: DashboardHost, now = Date.now()): Promise<void> {
  const { apiKeys, limits, store, daysAgo } = host
  const anna = { actor: 'anna@acme.example' }
  const joe = { actor: 'joe@acme.example' }
  const issue = (label: string, environment = 'production', more = {}) =>
    apiKeys.issue({ projectId: '1', label, environment: environment as 'production', ...more, ...anna })

  for (const { label, environment, age, idle, perDay } of samples) {
    const { record } = await daysAgo(age, () => issue(label, environment, perDay > 1_000 ? guarded : {}))
    if (idle === undefined) continue
    const days = daysOf(perDay, age, now)
    await store.recordUses([{ id: record.id, at: now - idle * DAY_MS, days }])
    await store.outcomes?.record(outcomesOf(record.id, days, now), [], record.id)
    if (perDay > 1_000) for (let request = 0; request < 43_180; request++) await limits.consume(record)
    if (perDay > 1_000) await daysAgo(age - 6, () => apiKeys.update(record.id, { label }, anna))
    if (label === 'mobile-app') await daysAgo(9, () => apiKeys.rotate(record.id, joe))
    if (label === 'posted-in-a-chat') await daysAgo(8, () => apiKeys.revoke(record.id, joe))
  }
}

const guarded = { scopes: ['messages:write', 'messages:read'], allowedIps: ['203.0.113.7', '10.0.0.0/8'] }

/** What came of the requests of those days: most in working hours, few refused. */
function outcomesOf(keyId: string, days: ReadonlyMap<string, number>, now: number): OutcomeCount[] {
  const counts: OutcomeCount[] = []
  for (const [day, count] of days)
    for (let hour = Date.parse(day); hour < Math.min(now, Date.parse(day) + DAY_MS); hour += HOUR_MS) {
      const time = (hour % DAY_MS) / HOUR_MS
      const accepted = Math.round((count / 24) * (1 + 0.8 * Math.sin(((time - 8) / 12) * Math.PI)))
      const add = (outcome: OutcomeCount['outcome'], reason: string | null, share: number) => {
        const part = Math.round(accepted * share)
        if (part > 0) counts.push({ keyId, hour, outcome, reason, count: part })
      }
      add('accepted', null, 1)
      add('limited', 'rate_exceeded', time % 5 === 3 ? 0.22 : 0.03)
      add('refused', 'ip_not_allowed', time % 7 === 2 ? 0.12 : 0)
      add('refused', 'expired', time % 6 === 1 ? 0.09 : 0.01)
    }
  return counts
}

/** Fewer requests at weekends, and never the same number twice. */
function daysOf(perDay: number, age: number, now: number): ReadonlyMap<string, number> {
  const days = Array.from({ length: perDay > 0 ? Math.min(30, age) : 0 }, (_, day) => {
    const date = new Date(now - day * DAY_MS)
    const isWeekend = date.getUTCDay() % 6 === 0
    const count = perDay * (0.75 + 0.25 * Math.sin(day * 1.7 + age)) * (isWeekend ? 0.35 : 1)
    return [date.toISOString().slice(0, 10), Math.round(count)] as const
  })
  return new Map(days)
}
