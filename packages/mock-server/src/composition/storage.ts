// The database of a mock, with the clock, the keys and the items in it.

import { type ApiKeys, argon2Hasher, createApiKeys } from '@gosend/auth-core'
import { type Clock, createClock } from '../clock.js'
import { type Changes, createChanges, notedItems } from '../control/changes.js'
import { type Database, openDatabase } from '../storage/database.js'
import type { ItemTable } from '../storage/item-table.js'

export interface Storage {
  readonly database: Database
  readonly clock: Clock
  readonly changes: Changes
  /** What clients stored; each change is noted in `changes`. */
  readonly items: ItemTable
  readonly apiKeys: ApiKeys
}

export function openStorage(db = ':memory:'): Storage {
  const database = openDatabase(db, () => clock.now())
  const clock = createClock(database.clock)
  const { projects, transactions } = database
  const changes = createChanges()
  transactions.onCommit(() => changes.note('jobs'))
  const apiKeys = createApiKeys({
    store: database.keys,
    // Of OWASP's settings, all of one strength, the one with the least memory: the system keeps what argon2 took.
    hasher: argon2Hasher({ memoryKiB: 7_168, iterations: 5 }),
    now: clock.now,
    isProjectActive: (id) => projects.find(id)?.status === 'active',
    // The dashboard shows what came of requests, and where keys are used from.
    outcomes: true,
  })
  return { database, clock, changes, items: notedItems(database.items, changes), apiKeys }
}
