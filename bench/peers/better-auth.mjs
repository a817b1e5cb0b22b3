// better-auth with its API-key plugin on better-sqlite3, as its documentation sets it up. Only the plugin's limit of ten
// requests a day is off, which saves it work. With `journal`, the connection is also put into that mode.

import { randomUUID } from 'node:crypto'
import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import Database from 'better-sqlite3'
import { asyncGuard } from './key-table.mjs'

function connect(file, journal) {
  const database = new Database(file)
  if (journal !== undefined) database.pragma(`journal_mode = ${journal}`)
  const auth = betterAuth({
    database,
    baseURL: 'http://127.0.0.1',
    secret: 'a secret of at least thirty-two bytes',
    logger: { disabled: true },
    telemetry: { enabled: false },
    emailAndPassword: { enabled: true },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  })
  return { database, auth }
}

export async function seed(file, { keys, others }, { journal } = {}) {
  const { database, auth } = connect(file, journal)
  database.pragma('synchronous = OFF')
  await (await getMigrations(auth.options)).runMigrations()
  const body = { email: 'owner@example.com', name: 'Owner', password: randomUUID() }
  const { user } = await auth.api.signUpEmail({ body })
  const created = []
  for (let i = 0; i < keys + others; i++) {
    const { key } = await auth.api.createApiKey({ body: { userId: user.id, name: 'backend-prod' } })
    created.push(key)
  }
  database.close()
  return created.slice(0, keys)
}

export async function open(file, { journal } = {}) {
  const { database, auth } = connect(file, journal)
  const verify = (key) => auth.api.verifyApiKey({ body: { key } })
  return {
    verify,
    admits: ({ valid }) => valid,
    middleware: asyncGuard(async (key) => {
      const { valid, key: record } = await verify(key)
      return valid ? record : undefined
    }),
    forge: { garbage: () => randomUUID(), id: () => randomUUID() + randomUUID() },
    close: () => database.close(),
  }
}
