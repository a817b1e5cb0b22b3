// Lists are remembered until their collection changes. Whoever changes it, and however a change ends, a list is what is stored.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../src/storage/database.js'

const SCOPES = ['1/sandbox', '2/sandbox']
const COLLECTIONS = ['/pets', '/shops']
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

interface Write {
  readonly kind: 'add' | 'replace' | 'remove' | 'undone' | 'elsewhere' | 'restore'
  readonly scope: string
  readonly collection: string
  readonly id: string
  readonly isTurnOver: boolean
}

const writes: fc.Arbitrary<Write> = fc.record({
  kind: fc.constantFrom('add', 'replace', 'remove', 'undone', 'elsewhere', 'restore'),
  scope: fc.constantFrom(...SCOPES),
  collection: fc.constantFrom(...COLLECTIONS),
  id: fc.constantFrom('a', 'b', 'c'),
  isTurnOver: fc.boolean(),
})

/** The ids and bodies of each list, as one database gives them. */
const listsOf = ({ items }: Database) =>
  SCOPES.flatMap((scope) =>
    COLLECTIONS.map((collection) => items.list(scope, collection).map(({ id, body }) => [id, body])),
  )

/** The same from rows that nothing remembers, for each id is looked up by itself. */
const rowsOf = ({ items }: Database) =>
  SCOPES.flatMap((scope) =>
    COLLECTIONS.map((collection) =>
      ['a', 'b', 'c']
        .flatMap((id) => items.find(scope, collection, id) ?? [])
        .sort((one, other) => one.sequence - other.sequence)
        .map(({ id, body }) => [id, body]),
    ),
  )

class Undone extends Error {}

async function write(database: Database, other: Database, one: Write, body: string): Promise<void> {
  const { items, transactions, snapshots } = database
  const { kind, scope, collection, id, isTurnOver } = one
  const written = {
    add: () => items.add(scope, collection, id, body),
    replace: () => items.replace(scope, collection, id, body),
    remove: () => items.remove(scope, collection, id),
    restore: () => snapshots.load('begun'),
    undone: () => {
      const undo = () =>
        transactions.unit(() => {
          items.replace(scope, collection, id, body)
          // What is read meanwhile must not outlive the undoing.
          listsOf(database)
          throw new Undone()
        })
      expect(undo).toThrow(Undone)
    },
    elsewhere: () => {
      transactions.commit()
      other.items.replace(scope, collection, id, body)
      other.transactions.commit()
    },
  }[kind]
  written()
  // Another process is noticed by the next turn.
  if (isTurnOver || kind === 'elsewhere') await nextTurn()
}

describe('lists that are remembered', () => {
  it('are what is stored, whatever is written, undone, restored or written by another process', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(writes, { maxLength: 20 }), async (steps) => {
        const folder = mkdtempSync(join(tmpdir(), 'lists-'))
        const file = join(folder, 'mock.db')
        const [database, other] = [openDatabase(file, () => 0), openDatabase(file, () => 0)]
        try {
          database.items.add(SCOPES[0] ?? '', '/pets', 'a', '{}')
          database.snapshots.save('begun')
          for (const [index, step] of steps.entries()) {
            listsOf(database)
            await write(database, other, step, JSON.stringify({ index }))
            expect(listsOf(database)).toEqual(rowsOf(database))
          }
        } finally {
          for (const one of [database, other]) one.close()
          rmSync(folder, { recursive: true })
        }
      }),
      { numRuns: 60 },
    )
  })
})
