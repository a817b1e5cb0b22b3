// A host app in which every customer manages its own keys, and sees nobody else's.

import { createApiKeys } from '@gosend/auth-core'
import { sqliteProjects, sqliteStore } from '@gosend/auth-core/sqlite'
import { dashboard, managementRouter, requireApiKey } from '@gosend/express-adapter'
import Database from 'better-sqlite3'
import express, { type Request } from 'express'
import { customerOf, login } from './dashboard-login.js'

const db = new Database('keys.db')
const projects = sqliteProjects(db)
const apiKeys = createApiKeys({ store: sqliteStore(db), projects })
const customers = { '1': 'Acme', '2': 'Globex' }
for (const [id, name] of Object.entries(customers)) if (!projects.find(id)) projects.create({ id, name })

const app = express()
app.use('/v1', requireApiKey(apiKeys), (req, res) => res.json(req.apiKey))
app.use('/login', express.urlencoded(), login)

function authorize(request: Request) {
  const customer = customerOf(request)
  return customer ? { projects: [customer.projectId], actor: customer.email } : null
}
app.use('/api/keys', managementRouter({ apiKeys, authorize }))
app.use('/settings/api-keys', dashboard({ management: '/api/keys', login: '/login' }))
app.listen(process.env.PORT ?? 3000)
