// prefixed-api-key as its README shows it: look the short token up, compare the SHA-256 of the long one.

import { randomUUID } from 'node:crypto'
import { checkAPIKey, extractShortToken, generateAPIKey } from 'prefixed-api-key'
import { guard, live, openKeyTable } from './key-table.mjs'

const generate = () => generateAPIKey({ keyPrefix: 'gsk' })

export async function seed(file, { keys, others }) {
  const table = openKeyTable(file, 'id')
  const generated = await Promise.all(Array.from({ length: keys + others }, generate))
  table.insert(generated.map(({ shortToken, longTokenHash }) => ({ id: shortToken, hash: longTokenHash })))
  table.close()
  return generated.slice(0, keys).map(({ token }) => token)
}

export async function open(file) {
  const table = openKeyTable(file, 'id')
  const verify = (key) => {
    const row = table.find(extractShortToken(key))
    return row !== undefined && checkAPIKey(key, row.hash) ? live(row) : undefined
  }
  const other = await generate()
  return {
    verify,
    admits: Boolean,
    middleware: guard(verify),
    forge: {
      garbage: () => randomUUID(),
      id: () => `gsk_${randomUUID().slice(0, 8)}_${other.longToken}`,
      secret: (key) => `gsk_${extractShortToken(key)}_${randomUUID().slice(0, 24)}`,
    },
    close: table.close,
  }
}
