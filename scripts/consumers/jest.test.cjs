// A test as people have them who run Jest as it comes: CommonJS, loaded by a loader that knows no ES modules.

const express = require('express')
const { ApiKeysError, createApiKeys } = require('@gosend/auth-core')
const { createAuthenticate } = require('@gosend/auth-core/fetch')
const { kyselyStore } = require('@gosend/auth-core/kysely')
const { memoryStore } = require('@gosend/auth-core/memory')
const { RequireApiKey } = require('@gosend/auth-core/nest')
const { sqliteStore } = require('@gosend/auth-core/sqlite')
const { dashboard, managementRouter, memoryProjects, requireApiKey } = require('@gosend/express-adapter')

test('a guarded app answers, and its management and dashboard load', async () => {
  const apiKeys = createApiKeys({ store: memoryStore() })
  const { key, record } = await apiKeys.issue({ projectId: '42', environment: 'sandbox', label: 'jest' })
  const adminKey = 'k'.repeat(40)
  const app = express()
    .use('/v1', requireApiKey(apiKeys), (request, response) => response.send(request.apiKey.id))
    .use('/admin', managementRouter({ apiKeys, projects: memoryProjects(), adminKey }))
    .use('/dashboard', dashboard({ management: '/admin' }))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.on('listening', resolve))
  const call = (path, headers) => fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers })
  try {
    expect(await (await call('/v1', { 'X-API-Key': key })).text()).toBe(record.id)
    expect((await call('/v1')).status).toBe(401)
    expect((await call('/admin/projects', { 'X-Admin-Key': adminKey })).status).toBe(200)
    expect((await call('/dashboard/')).status).toBe(200)
  } finally {
    server.close()
  }
  await expect(apiKeys.rotate('AAAAAAAAAAAA')).rejects.toBeInstanceOf(ApiKeysError)
  for (const value of [createAuthenticate, kyselyStore, RequireApiKey, sqliteStore])
    expect(typeof value).toBe('function')
})
