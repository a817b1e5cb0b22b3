// How a host app tests its own routes: keys in memory, cheap hashing, no listener to start.

import { createApiKeys } from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import { fastHasher } from '@gosend/auth-core/testing'
import { requireApiKey } from '@gosend/express-adapter'
import express from 'express'
import request from 'supertest'
import { expect, it } from 'vitest'

const apiKeys = createApiKeys({ store: memoryStore(), hasher: fastHasher() })
const app = express()
app.use('/v1', requireApiKey(apiKeys))
app.get('/v1/whoami', (req, res) => res.json({ projectId: req.apiKey?.projectId }))
app.post('/v1/messages', requireApiKey(apiKeys, { scopes: ['messages:write'] }), (_req, res) =>
  res.sendStatus(202),
)

const issue = (scopes: string[] = []) =>
  apiKeys.issue({ projectId: '42', environment: 'sandbox', label: 'test', scopes })

it('answers a key with its project', async () => {
  const { key } = await issue()
  await request(app).get('/v1/whoami').set('X-API-Key', key).expect(200, { projectId: '42' })
})

it('answers everything else with the standard 401', async () => {
  const { key, record } = await issue()
  await apiKeys.revoke(record.id)
  const body = { statusCode: 401, message: 'Invalid or missing API key', error: 'Unauthorized' }
  for (const presented of ['', 'gsk_test_typo', key]) {
    const response = await request(app).get('/v1/whoami').set('X-API-Key', presented).expect(401, body)
    expect(response.headers['www-authenticate']).toBe('ApiKey realm="api"')
  }
})

it('sends for keys that may send', async () => {
  await request(app)
    .post('/v1/messages')
    .set('X-API-Key', (await issue()).key)
    .expect(403)
  await request(app)
    .post('/v1/messages')
    .set('X-API-Key', (await issue(['messages:write'])).key)
    .expect(202)
})
