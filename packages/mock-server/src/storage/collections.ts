// Which collections have been written to, for people who look around in what is stored.

import type { Connection } from './connection.js'

export interface StoredCollection {
  readonly name: string
  readonly items: number
}

export interface Collections {
  /** Those of a scope that are named like paths, which all are that a document describes; others are nobody's business. */
  of(scope: string): readonly StoredCollection[]
}

export function openCollections(db: Connection): Collections {
  const select = db.prepare<StoredCollection>(
    `SELECT collection AS name, count(*) AS items FROM mock_items
     WHERE scope = ? AND substr(collection, 1, 1) = '/' AND body IS NOT NULL
     GROUP BY collection ORDER BY collection`,
  )
  return { of: (scope) => select.all(scope) }
}
