// What statements for the databases of Kysely have in common.

import type { Session } from './kysely-database.js'

const DAY_MS = 86_400_000
// Below what any of the databases takes as values of one statement.
const PER_STATEMENT = 200

/** Lists that are each short enough for one statement, which has so many values for each item. */
export function chunksOf<Item>(items: readonly Item[], valuesPerItem = 1): Item[][] {
  const size = Math.floor(PER_STATEMENT / valuesPerItem)
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

export const places = (values: readonly unknown[]) => values.map(() => '?').join(', ')

// What no database can hold, none has: NUL, and half a surrogate pair, which would be read back as another character.
export const isText = (value: string | null) => value === null || !/[\0\p{Cs}]/u.test(value)

/** Where a database has no other way to say that a row is there already, it is an error. */
export const isDuplicate = (error: unknown) => (Object(error) as { code?: unknown }).code === 'ER_DUP_ENTRY'

export function passOverDuplicate(error: unknown): void {
  if (!isDuplicate(error)) throw error
}

/** Writes rows of the same columns, in their order. */
export async function insertAll(
  { write }: Session,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
  ending = '',
): Promise<void> {
  for (const part of chunksOf(rows, columns.length)) {
    const values = part.map((row) => `(${places(row)})`).join(', ')
    await write(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values}${ending}`, part.flat())
  }
}

/** Those of the keys that are there. Until the transaction ends nobody changes or erases them. */
export async function lockKeys(
  { dialect, read }: Session,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  // Always in the order of ids, so that of two that lock the same keys neither waits for the other.
  for (const part of chunksOf([...new Set(ids)].filter(isText).toSorted())) {
    const rows = await read(
      `SELECT id FROM api_keys WHERE id IN (${places(part)}) AND erased_at IS NULL ORDER BY id${dialect.forUpdate}`,
      part,
    )
    for (const { id } of rows) known.add(String(id))
  }
  return known
}

/** False when a batch of this name has been recorded before. */
export async function nameBatch({ dialect, read, write }: Session, name: string): Promise<boolean> {
  const known = await read(`SELECT name FROM api_key_batches WHERE name = ?${dialect.forUpdate}`, [name])
  if (known.length > 0) return false
  const now = Date.now()
  // A caller that asks again has waited for an answer, not for a day.
  await write('DELETE FROM api_key_batches WHERE at < ?', [now - DAY_MS])
  await write('INSERT INTO api_key_batches (name, at) VALUES (?, ?)', [name, now])
  return true
}
