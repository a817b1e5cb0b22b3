// The least that can be done: SHA-256 of whatever came, and one look-up by it.

import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { guard, live, openKeyTable } from './key-table.mjs'

const digest = (key) => createHash('sha256').update(key).digest('hex')

export async function seed(file, { keys, others }) {
  const table = openKeyTable(file, 'hash')
  const generated = Array.from(
    { length: keys + others },
    () => `gsk_${randomBytes(32).toString('base64url')}`,
  )
  table.insert(generated.map((key) => ({ id: randomUUID(), hash: digest(key) })))
  table.close()
  return generated.slice(0, keys)
}

export async function open(file) {
  const table = openKeyTable(file, 'hash')
  const verify = (key) => {
    const row = table.find(digest(key))
    return row && live(row)
  }
  return {
    verify,
    admits: Boolean,
    middleware: guard(verify),
    forge: { garbage: () => randomUUID(), id: () => `gsk_${randomBytes(32).toString('base64url')}` },
    close: table.close,
  }
}
