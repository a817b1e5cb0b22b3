// TypeScript that is compiled to CommonJS under `module: node16`, where the types of an ES module cannot be required.

import { type ApiKey, ApiKeysError, createApiKeys } from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import { requireApiKey } from '@gosend/express-adapter'

import express = require('express')

const apiKeys = createApiKeys<'messages:read'>({ store: memoryStore() })
const app = express()
app.use(requireApiKey(apiKeys, { scopes: ['messages:read'] }))
app.get('/', (request, response) => {
  const key: ApiKey | undefined = request.apiKey
  response.json(key?.id)
})
export const isOurs = (error: unknown) => error instanceof ApiKeysError && error.code === 'not_found'
