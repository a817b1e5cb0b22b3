// The database of a mock, with the clock, the keys and the items in it.

import { type ApiKeys, argon2Hasher, createApiKeys } from '@gosend/auth-core'
import { type Clock, createClock } from '../clock.js'
import { type Changes, createChanges, notedItems } from '../control/changes.js'
import {
  type Database,
  DEFAULT_PROJECT,
  type FirstProject,
  openDatabase,
  UNNAMED,
} from '../storage/database.js'
import type { ItemTable } from '../storage/item-table.js'

export interface Storage {
  readonly database: Database
  readonly clock: Clock
  readonly changes: Changes
  /** What clients stored; each change is noted in `changes`. */
  readonly items: ItemTable
  readonly apiKeys: ApiKeys
}

export function openStorage(db = ':memory:', project?: FirstProject): Storage {
  const database = openDatabase(db, () => clock.now(), project)
  const clock = createClock(database.clock)
  const { projects, transactions } = database
  const changes = createChanges()
  transactions.onCommit(() => changes.note('jobs'))
  const apiKeys = createApiKeys({
    store: database.keys,
    // The sandbox prints its keys and keeps them readable beside their hashes: a slow hash would protect nothing, and every
    // start would wait for it.
    hasher: argon2Hasher({ memoryKiB: 1_024, iterations: 1 }),
    now: clock.now,
    isProjectActive: (id) => projects.find(id)?.status === 'active',
    // The dashboard shows what came of requests, and where keys are used from.
    outcomes: true,
  })
  return { database, clock, changes, items: notedItems(database.items, changes), apiKeys }
}

/** Names a new project after the document, unless the API has brought it or somebody has named it. */
export function nameProject({ database: { projects } }: Storage, title: string): void {
  const project = projects.find(DEFAULT_PROJECT.id)
  if (project?.name === UNNAMED.name && title.trim() !== '') projects.update(project.id, { name: title })
}
