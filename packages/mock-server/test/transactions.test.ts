// Group commit by itself, on a real database: who is told what, and when.

import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type Connection, openConnection } from '../src/storage/connection.js'
import { createTransactions } from '../src/storage/transactions.js'
import { folder } from './harness.js'

const open: Connection[] = []

afterEach(() => {
  for (const db of open.splice(0)) db.close()
})

/** A file with a table whose rows must have a parent by the time that they are committed. */
async function database() {
  const file = join(await folder(), 'state.db')
  const connect = () => {
    const db = openConnection(file)
    db.exec('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON')
    open.push(db)
    return db
  }
  const db = connect()
  db.exec(`
    CREATE TABLE rows (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES rows DEFERRABLE INITIALLY DEFERRED)`)
  const transactions = createTransactions(db)
  const add = (id: number, parent: number | null = null) => {
    transactions.begin()
    db.prepare('INSERT INTO rows VALUES (?, ?)').run(id, parent)
  }
  const idsIn = (one: Connection) => one.prepare('SELECT id FROM rows ORDER BY id').pluck().all()
  return { db, other: connect(), transactions, add, idsIn }
}

describe('what is written in one turn of the event loop', () => {
  it('is committed once, and those who wait are told then', async () => {
    const { db, other, transactions, add, idsIn } = await database()
    let commits = 0
    transactions.onCommit(() => commits++)
    add(1)
    add(2)
    expect([idsIn(db), idsIn(other)]).toEqual([[1, 2], []])
    await Promise.all([transactions.committed(), transactions.committed()])
    expect([commits, idsIn(other), transactions.committed()]).toEqual([1, [1, 2], undefined])
  })

  it('is given up together when it cannot be committed: all who wait are told, and others go on', async () => {
    const { other, transactions, add, idsIn } = await database()
    let undone = 0
    transactions.onUndo(() => undone++)
    add(1)
    add(2, 99)
    const told = await Promise.allSettled([transactions.committed(), transactions.committed()])
    expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect([transactions.failures(), undone, idsIn(other)]).toEqual([1, 1, []])
    add(3)
    await transactions.committed()
    expect(idsIn(other)).toEqual([3])
  })

  it('can be committed at once, for a writer who needs the file', async () => {
    const { other, transactions, add, idsIn } = await database()
    add(1)
    transactions.commit()
    other.exec('INSERT INTO rows VALUES (2, NULL)')
    add(3)
    await transactions.committed()
    expect(idsIn(other)).toEqual([1, 2, 3])
  })
})

describe('a unit', () => {
  it('that throws takes back its own writes and those of units inside, and nothing else', async () => {
    const { db, transactions, add, idsIn } = await database()
    add(1)
    transactions.unit(() => {
      add(2)
      expect(() =>
        transactions.unit(() => {
          add(3)
          transactions.unit(() => add(4))
          throw new Error('no')
        }),
      ).toThrow('no')
      add(5)
    })
    expect(() => transactions.unit(() => expect.unreachable())).toThrow()
    await transactions.committed()
    expect(idsIn(db)).toEqual([1, 2, 5])
  })
})

describe('what is read in one turn', () => {
  it('is of one moment, and of now in the next turn, and its stamp tells whether it may differ', async () => {
    const { db, other, transactions, add, idsIn } = await database()
    transactions.read()
    const before = [idsIn(db), transactions.stamp()] as const
    other.exec('INSERT INTO rows VALUES (1, NULL)')
    expect([idsIn(db), transactions.stamp()]).toEqual(before)
    await nextTurn()
    await nextTurn()
    transactions.read()
    expect(idsIn(db)).toEqual([1])
    const after = transactions.stamp()
    expect(after).toBeGreaterThan(before[1])
    expect(transactions.stamp()).toBe(after)
    other.exec('INSERT INTO rows VALUES (2, NULL)')
    // What was read before is no hindrance to writing.
    add(3)
    expect(transactions.stamp()).toBeGreaterThan(after)
    await transactions.committed()
    expect(idsIn(db)).toEqual([1, 2, 3])
  })
})
