// A host app: keys in SQLite, a protected route, and the management API.

import { createApiKeys } from '@gosend/auth-core'
import { sqliteStore } from '@gosend/auth-core/sqlite'
import { managementRouter, memoryProjects, requireApiKey } from '@gosend/express-adapter'
import Database from 'better-sqlite3'
import express from 'express'

const apiKeys = createApiKeys({ store: sqliteStore(new Database('keys.db')) })
const { key } = await apiKeys.issue({ projectId: '42', environment: 'sandbox', label: 'first key' })
console.log(`Shown once: ${key}`)

const app = express()
app.use('/v1', requireApiKey(apiKeys))
app.get('/v1/whoami', (req, res) => res.json(req.apiKey))
app.use('/admin', managementRouter({ apiKeys, projects: memoryProjects(), adminKey: process.env.ADMIN_KEY }))
app.listen(process.env.PORT ?? 3000)
