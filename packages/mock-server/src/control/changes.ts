// Names the topics that have changed to the pages that listen. They read the new state themselves, with their own rights.

import type { ItemTable } from '../storage/item-table.js'

/**
 * `requests` is the journal, `control` clock, faults and snapshots, `jobs` what waits to be done, `store` all that is
 * stored; one collection is `store 42/sandbox /pets`.
 */
export type Topic = 'requests' | 'control' | 'jobs' | 'store' | `store ${string}`

export interface Changes {
  note(topic: Topic): void
  /** Gives what ends it. */
  watch(listener: (topic: Topic) => void): () => void
  isWatched(): boolean
}

export function createChanges(): Changes {
  const listeners = new Set<(topic: Topic) => void>()
  return {
    note(topic) {
      for (const tell of listeners) tell(topic)
    },
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    isWatched: () => listeners.size > 0,
  }
}

/** A table of items whose writes are noted. One that is undone has been noted all the same. */
export function notedItems(items: ItemTable, changes: Changes): ItemTable {
  const noted =
    <Values extends [scope: string, collection: string, ...rest: unknown[]], Result>(
      write: (...values: Values) => Result,
    ) =>
    (...values: Values): Result => {
      if (changes.isWatched()) changes.note(`store ${values[0]} ${values[1]}`)
      return write(...values)
    }
  return {
    ...items,
    add: noted(items.add),
    insert: noted(items.insert),
    replace: noted(items.replace),
    remove: noted(items.remove),
  }
}
