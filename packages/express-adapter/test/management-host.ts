// A host that mounts the management API, and a client that speaks JSON to it.

import type { ApiKeysOptions } from '@gosend/auth-core'
import express from 'express'
import { type ManagementOptions, managementRouter, memoryProjects, requireApiKey } from '../src/index.js'
import { createTestKeys, listen } from './host.js'

export const ADMIN_KEY = 'an-admin-key-of-at-least-32-characters'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: what the API answers is what the tests look at
  readonly body: any
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface ManagementHostOptions extends Partial<ManagementOptions> {
  readonly keys?: Partial<ApiKeysOptions>
  readonly settings?: Readonly<Record<string, unknown>>
}

/** The management API under `/admin` and a guarded `/v1`, over projects `1` (Acme) and `2` (Globex). */
export async function managementHost(options: ManagementHostOptions = {}) {
  const { keys, settings = {}, ...management } = options
  const createdAt = new Date('2026-01-15T10:00:00Z')
  const project = { webhookUrl: null, status: 'active', createdAt } as const
  const projects = memoryProjects([
    { id: '1', name: 'Acme', ...project },
    { id: '2', name: 'Globex', ...project },
  ])
  const { apiKeys, counters } = createTestKeys({ projects, ...keys })
  const app = express()
  for (const [name, value] of Object.entries(settings)) app.set(name, value)
  const credential = 'authorize' in management ? {} : { adminKey: ADMIN_KEY }
  app.use('/admin', managementRouter({ apiKeys, projects, ...credential, ...management }))
  app.use('/v1', requireApiKey(apiKeys), (request, response) => void response.json(request.apiKey))
  const { url, port } = await listen(app)

  const call = async (
    method: string,
    path: string,
    { body, headers = {} }: CallOptions = {},
  ): Promise<Answer> => {
    const response = await fetch(`${url}/admin${path}`, {
      method,
      headers: {
        'X-Admin-Key': ADMIN_KEY,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
  const use = async (key: string) => (await fetch(`${url}/v1`, { headers: { 'X-API-Key': key } })).status

  return { apiKeys, projects, counters, port, url, call, use }
}

export const newKey = { label: 'backend-prod', environment: 'production' }
