// What tsoa.json names as `authenticationModule`: the generated routes import `expressAuthentication` from here.

import { createApiKeys } from '@gosend/auth-core'
import { sqliteProjects, sqliteStore } from '@gosend/auth-core/sqlite'
import { tsoaAuthentication } from '@gosend/express-adapter'
import Database from 'better-sqlite3'

const db = new Database('keys.db')
export const projects = sqliteProjects(db)
export const apiKeys = createApiKeys({ store: sqliteStore(db), projects })
export const expressAuthentication = tsoaAuthentication({ apiKeys, adminKey: process.env.ADMIN_KEY })
