// argon2id on every request, at OWASP's first choice of parameters: look the id up, verify the secret.

import { randomBytes, randomUUID } from 'node:crypto'
import argon2 from 'argon2'
import { asyncGuard, live, openKeyTable } from './key-table.mjs'

const parameters = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const newSecret = () => randomBytes(32).toString('base64url')

/** All keys share one secret: argon2 takes as long for it each time, and one hash serves 10,000 rows. */
export async function seed(file, { keys, others }) {
  const table = openKeyTable(file, 'id')
  const secret = newSecret()
  const hash = await argon2.hash(secret, parameters)
  const ids = Array.from({ length: keys + others }, () => randomUUID())
  table.insert(ids.map((id) => ({ id, hash })))
  table.close()
  return ids.slice(0, keys).map((id) => `${id}.${secret}`)
}

export async function open(file) {
  const table = openKeyTable(file, 'id')
  let argon2Runs = 0
  const verify = async (key) => {
    const [id, secret = ''] = key.split('.')
    const row = table.find(id)
    if (row === undefined) return undefined
    argon2Runs++
    return (await argon2.verify(row.hash, secret)) ? live(row) : undefined
  }
  return {
    verify,
    admits: Boolean,
    middleware: asyncGuard(verify),
    forge: {
      garbage: () => newSecret(),
      id: () => `${randomUUID()}.${newSecret()}`,
      secret: (key) => `${key.split('.')[0]}.${newSecret()}`,
    },
    argon2Runs: () => argon2Runs,
    close: table.close,
  }
}
