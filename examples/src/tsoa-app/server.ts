// A tsoa app whose controllers name what a key needs with `@Security`.

import { apiKeyErrorHandler } from '@gosend/express-adapter'
import express from 'express'
import { apiKeys, projects } from './authentication.js'
import { RegisterRoutes } from './generated/routes.js'

if (!projects.find('42')) projects.create({ id: '42', name: 'Acme' })
const project = { projectId: '42', environment: 'sandbox' } as const
const reader = await apiKeys.issue({ ...project, label: 'reader' })
const writer = await apiKeys.issue({ ...project, label: 'writer', scopes: ['messages:write'] })
console.log(JSON.stringify({ reader: reader.key, writer: writer.key }))

const app = express()
app.use(express.json())
RegisterRoutes(app)
app.use(apiKeyErrorHandler())
app.listen(process.env.PORT ?? 3000)
