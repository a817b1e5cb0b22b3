// Express 4, which many applications still have: what it does otherwise than Express 5 must not be noticed.

import express from 'express'
import { expect, it, vi } from 'vitest'
import { apiKeyOf, healthRoute, managementRouter, memoryProjects, requireApiKey } from '../src/index.js'
import { createTestKeys, listen } from './host.js'

vi.mock('express', () => import('express-4' as 'express'))

const adminKey = 'an-admin-key-of-at-least-32-characters'

it('guards, manages and tells its health on Express 4', async () => {
  const { apiKeys } = createTestKeys()
  const app = express()
  app.get('/health', healthRoute(apiKeys))
  app.use('/v1', requireApiKey(apiKeys))
  app.get('/v1/whoami', (request, response) => void response.json(apiKeyOf(request).projectId))
  app.use('/admin', managementRouter({ apiKeys, projects: memoryProjects(), adminKey }))
  const { url } = await listen(app)
  const admin = { 'X-Admin-Key': adminKey, 'Content-Type': 'application/json' }
  const create = (path: string, body: object) =>
    fetch(`${url}/admin${path}`, { method: 'POST', headers: admin, body: JSON.stringify(body) })

  const project = await (await create('/projects', { name: 'acme' })).json()
  const { key } = await (
    await create(`/projects/${project.id}/keys`, { environment: 'production', label: 'old app' })
  ).json()
  const whoami = await fetch(`${url}/v1/whoami`, { headers: { 'X-API-Key': key } })
  expect(await whoami.json()).toBe(project.id)
  expect((await fetch(`${url}/v1/whoami`)).status).toBe(401)
  expect((await fetch(`${url}/health`)).status).toBe(200)
  const keys = await fetch(`${url}/admin/projects/${project.id}/keys?status=active&limit=5`, {
    headers: admin,
  })
  expect(await keys.json()).toMatchObject([{ label: 'old app' }])
  expect((await fetch(`${url}/admin/projects`)).status).toBe(401)
  // Express 4 knows the host of a request without its port.
  const ownPage = { method: 'POST', headers: { ...admin, Origin: url } }
  expect((await fetch(`${url}/admin/session`, ownPage)).status).toBe(201)
})

it('answers what a host rejects with, which Express 4 passes to nobody', async () => {
  const { apiKeys } = createTestKeys()
  const down = () => Promise.reject(new Error('the database is down'))
  const app = express()
  app.get('/health', healthRoute({ health: down }))
  app.use('/admin', managementRouter({ apiKeys, projects: memoryProjects(), authorize: down }))
  const { url } = await listen(app)

  expect((await fetch(`${url}/admin/projects`)).status).toBe(503)
  expect((await fetch(`${url}/health`)).status).toBe(500)
})
