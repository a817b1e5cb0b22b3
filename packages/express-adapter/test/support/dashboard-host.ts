// A host app with the dashboard in it, and keys that look like those of a company at work.

import type { AddressInfo } from 'node:net'
import { createApiKeys } from '@gosend/auth-core'
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

const DAY_MS = 86_400_000

export interface DashboardHostOptions {
  readonly dashboard?: Partial<DashboardOptions>
  readonly management?: Partial<ManagementOptions>
  /** Where both are mounted. */
  readonly mount?: string
  readonly now?: () => number
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
    now: () => now() - age,
    isProjectActive: (id) => projects.find(id)?.status === 'active',
  })
  const app = express()
  const credential = options.management?.authorize ? {} : { adminKey: ADMIN_KEY }
  app.use(
    `${mount}/admin`,
    managementRouter({ apiKeys, projects, now, ...credential, ...options.management }),
  )
  app.use(`${mount}/dashboard`, dashboard({ management: `${mount}/admin`, ...options.dashboard }))
  app.use('/v1', requireApiKey(apiKeys), (request, response) => void response.json(request.apiKey))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    page: `${url}${mount}/dashboard/`,
    apiKeys,
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
  { label: 'checkout-worker', environment: 'production', age: 21, idle: 0, perDay: 1_840 },
  { label: 'marketing-campaigns', environment: 'production', age: 64, idle: 0.1, perDay: 612 },
  { label: 'ci-integration-tests', environment: 'sandbox', age: 12, idle: 0.02, perDay: 230 },
  { label: 'legacy-crm-sync', environment: 'production', age: 131, idle: 0.4, perDay: 90 },
  { label: 'anna-laptop', environment: 'sandbox', age: 80, idle: 47, perDay: 0 },
  { label: 'staging', environment: 'sandbox', age: 18, idle: undefined, perDay: 0 },
] as const

/** Keys of several ages and habits. The same call makes the same picture. */
export async function seed(host: DashboardHost, now = Date.now()): Promise<void> {
  const { apiKeys, store, daysAgo } = host
  const actor = 'anna@acme.example'
  for (const { label, environment, age, idle, perDay } of samples) {
    const isBusy = perDay > 1_000
    const { record } = await daysAgo(age, () =>
      apiKeys.issue({
        projectId: '1',
        environment,
        label,
        actor,
        scopes: isBusy ? ['messages:write', 'messages:read'] : [],
        allowedIps: isBusy ? ['203.0.113.7', '10.0.0.0/8'] : null,
      }),
    )
    if (isBusy) {
      await daysAgo(age - 6, () => apiKeys.update(record.id, { label: `${label}` }, { actor }))
    }
    if (idle === undefined) continue
    const days = new Map<string, number>()
    for (let day = 0; day < Math.min(30, age) && perDay > 0; day++) {
      const date = new Date(now - day * DAY_MS)
      const isWeekend = date.getUTCDay() % 6 === 0
      const wave = 0.75 + 0.25 * Math.sin(day * 1.7 + age)
      days.set(date.toISOString().slice(0, 10), Math.round(perDay * wave * (isWeekend ? 0.35 : 1)))
    }
    await store.recordUses([{ id: record.id, at: now - idle * DAY_MS, days }])
  }
  const old = await daysAgo(40, () =>
    apiKeys.issue({ projectId: '1', environment: 'production', label: 'mobile-backend', actor }),
  )
  await daysAgo(9, () => apiKeys.rotate(old.record.id, { actor: 'joe@acme.example' }))
  const leaked = await daysAgo(33, () =>
    apiKeys.issue({ projectId: '1', environment: 'production', label: 'leaked-in-a-gist', actor }),
  )
  await daysAgo(32, () => apiKeys.revoke(leaked.record.id, { actor: 'joe@acme.example' }))
}
