// A host app in which every customer manages its own keys, and sees nobody else's.

import { createApiKeys } from '@gosend/auth-core'
import { sqliteStore } from '@gosend/auth-core/sqlite'
import { dashboard, managementRouter, memoryProjects, requireApiKey } from '@gosend/express-adapter'
import Database from 'better-sqlite3'
import express, { type Request } from 'express'
import { customerOf, login } from './dashboard-login.js'

const projects = memoryProjects()
for (const name of ['Acme', 'Globex']) projects.create({ name, webhookUrl: null })
const apiKeys = createApiKeys({ store: sqliteStore(new Database('keys.db')) })

const app = express()
app.use('/v1', requireApiKey(apiKeys), (req, res) => res.json(req.apiKey))
app.use('/login', express.urlencoded(), login)

function authorize(request: Request) {
  const customer = customerOf(request)
  return customer ? { projects: [customer.projectId], actor: customer.email } : null
}
app.use('/api/keys', managementRouter({ apiKeys, projects, authorize }))
app.use('/settings/api-keys', dashboard({ management: '/api/keys', signIn: '/login' }))
app.listen(process.env.PORT ?? 3000)
