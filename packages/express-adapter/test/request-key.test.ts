import express from 'express'
import { expect, it } from 'vitest'
import { apiKeyOf, requireApiKey } from '../src/index.js'
import { createTestKeys, listen } from './host.js'

it('the key of a guarded request is there without asking', async () => {
  const { apiKeys } = createTestKeys()
  const app = express().use('/v1', requireApiKey(apiKeys))
  app.get('/v1/project', (request, response) => response.json(apiKeyOf(request).projectId))
  const { url } = await listen(app)
  const { key } = await apiKeys.issue({ projectId: '42', environment: 'sandbox', label: 'backend' })
  const response = await fetch(`${url}/v1/project`, { headers: { 'X-API-Key': key } })
  expect(await response.json()).toBe('42')
})

it('a route whose guard was forgotten fails and says which it is', async () => {
  const problems: unknown[] = []
  const v1 = express.Router().get('/project', (request, response) => response.json(apiKeyOf(request)))
  const app = express().use('/v1', v1)
  app.use(((error, _request, response, _next) => {
    problems.push(error)
    response.sendStatus(500)
  }) satisfies express.ErrorRequestHandler)
  const { url } = await listen(app)
  expect((await fetch(`${url}/v1/project`)).status).toBe(500)
  expect(problems).toEqual([new TypeError('GET /v1/project: no key; mount requireApiKey before it')])
})
