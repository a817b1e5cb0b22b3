// The SQLite drivers that this Node has, so that what is promised of one is tested with each.

import { createRequire } from 'node:module'
import { onTestFinished } from 'vitest'
import type { SqliteDriver, SqliteStatement } from '../../src/stores/sqlite.js'

export interface Connection extends SqliteDriver {
  prepare(sql: string): SqliteStatement & { iterate(...values: unknown[]): IterableIterator<unknown> }
  close(): void
}

export interface Driver {
  readonly name: string
  /** A connection that is closed after the test. */
  open(file: string, options?: { readonly isReadOnly?: boolean }): Connection
}

type Constructor = new (file: string, options: object) => Connection

const load = createRequire(import.meta.url)

function driver(module: string, constructorOf: (loaded: never) => Constructor, readOnly: string): Driver[] {
  let Connection: Constructor
  try {
    Connection = constructorOf(load(module) as never)
    // better-sqlite3 loads its binary with the first connection.
    new Connection(':memory:', {}).close()
  } catch {
    return []
  }
  const open: Driver['open'] = (file, { isReadOnly = false } = {}) => {
    const connection = new Connection(file, { [readOnly]: isReadOnly })
    onTestFinished(() => {
      try {
        connection.close()
      } catch {
        // The test has closed it.
      }
    })
    return connection
  }
  return [{ name: module, open }]
}

/** node:sqlite is there from Node 22 on; better-sqlite3 where its binary was built for this Node. */
export const drivers: readonly Driver[] = [
  ...driver('better-sqlite3', (Database: Constructor) => Database, 'readonly'),
  ...driver('node:sqlite', ({ DatabaseSync }: { DatabaseSync: Constructor }) => DatabaseSync, 'readOnly'),
]
