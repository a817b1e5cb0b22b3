// What tsoa.json names as `authenticationModule`: the generated routes import `expressAuthentication` from here.

import { createApiKeys } from '@gosend/auth-core'
import { sqliteStore } from '@gosend/auth-core/sqlite'
import { tsoaAuthentication } from '@gosend/express-adapter'
import Database from 'better-sqlite3'

export const apiKeys = createApiKeys({ store: sqliteStore(new Database('keys.db')) })
export const expressAuthentication = tsoaAuthentication({ apiKeys, adminKey: process.env.ADMIN_KEY })
