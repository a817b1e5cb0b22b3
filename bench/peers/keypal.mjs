// keypal, from a built copy that KEYPAL names, with its Kysely store and without last-used tracking: its fastest set-up.

import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { asyncGuard } from './key-table.mjs'

async function connect(file, directory) {
  const load = (path) => import(pathToFileURL(path))
  const { createKeys } = await load(join(directory, 'dist/index.mjs'))
  const { createKyselyStore } = await load(join(directory, 'dist/storage/kysely.mjs'))
  const { Kysely, SqliteDialect } = await load(createRequire(join(directory, '/')).resolve('kysely'))
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.exec(
    `CREATE TABLE IF NOT EXISTS apikey (id TEXT PRIMARY KEY, "keyHash" TEXT NOT NULL, metadata TEXT NOT NULL);
     CREATE UNIQUE INDEX IF NOT EXISTS apikey_by_hash ON apikey ("keyHash");`,
  )
  const db = new Kysely({ dialect: new SqliteDialect({ database }) })
  const storage = createKyselyStore({ db, table: 'apikey', provider: 'sqlite' })
  return { database, keys: createKeys({ prefix: 'gsk_', storage, autoTrackUsage: false }) }
}

export async function seed(file, { keys: count, others }, { directory }) {
  const { database, keys } = await connect(file, directory)
  database.pragma('synchronous = OFF')
  const created = []
  for (let i = 0; i < count + others; i++) {
    created.push((await keys.create({ ownerId: '42', name: 'backend-prod' })).key)
  }
  database.close()
  return created.slice(0, count)
}

export async function open(file, { directory }) {
  const { database, keys } = await connect(file, directory)
  const verify = (key) => keys.verify(key)
  return {
    verify,
    admits: ({ valid }) => valid,
    middleware: asyncGuard(async (key) => {
      const { valid, record } = await verify(key)
      return valid ? record : undefined
    }),
    forge: { garbage: () => randomUUID(), id: () => keys.generateKey() },
    close: () => database.close(),
  }
}
