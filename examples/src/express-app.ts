// A host app: projects and keys in SQLite, a protected route, and the management API.

import { createApiKeys } from '@gosend/auth-core'
import { sqliteProjects, sqliteStore } from '@gosend/auth-core/sqlite'
import { managementRouter, requireApiKey } from '@gosend/express-adapter'
import Database from 'better-sqlite3'
import express from 'express'

const db = new Database('keys.db')
const projects = sqliteProjects(db)
const apiKeys = createApiKeys({ store: sqliteStore(db), projects })
if (projects.list().length === 0) {
  const { id: projectId } = projects.create({ name: 'Acme' })
  const { key } = await apiKeys.issue({ projectId, environment: 'sandbox', label: 'first key' })
  console.log(`Shown once: ${key}`)
}
const app = express()
app.use('/v1', requireApiKey(apiKeys))
app.get('/v1/whoami', (req, res) => res.json({ label: req.apiKey?.label }))
app.use('/admin', managementRouter({ apiKeys, adminKey: process.env.ADMIN_KEY }))
app.listen(process.env.PORT ?? 3000)
