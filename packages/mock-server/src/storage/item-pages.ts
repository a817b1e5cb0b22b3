// Remembers pages of stored objects until their collection changes.

import type { Transactions } from './transactions.js'

const MAX_PAGES = 64

const MAX_PAGE = 100

/** Remembers the pages read since their collection has changed, for clients that poll a list, and for lists that hardly ever change. */
export function createPages({ read, stamp }: Transactions) {
  const pages = new Map<string, Map<string, readonly StoredItem[]>>()
  let held = 0
  /** How many writes have named the collection that they change. */
  let named = 0
  let pagesAreOf = -1
  const clear = () => {
    pages.clear()
    held = 0
  }
  const keep = (collection: string, query: string, page: readonly StoredItem[]) => {
    if (held >= MAX_PAGES) clear()
    const own = pages.get(collection) ?? new Map<string, readonly StoredItem[]>()
    pages.set(collection, own.set(query, page))
    held++
  }
  return {
    of(
      scope: string,
      collection: string,
      query: string,
      fetch: () => readonly StoredItem[],
    ): readonly StoredItem[] {
      // What is left of the stamp are changes that may be anywhere.
      const now = stamp() - named
      if (pagesAreOf !== now) clear()
      pagesAreOf = now
      const of = `${scope} ${collection}`
      const known = pages.get(of)?.get(query)
      if (known !== undefined) return known
      read()
      const page = fetch()
      if (page.length <= MAX_PAGE) keep(of, query, page)
      return page
    },
    forget(scope: string, collection: string): void {
      named++
      if (held === 0) return
      const of = `${scope} ${collection}`
      held -= pages.get(of)?.size ?? 0
      pages.delete(of)
    },
  }
}

/** One stored object of a collection. */
export interface StoredItem {
  readonly id: string
  /** Increases with every object stored. */
  readonly sequence: number
  readonly body: string
  /** What was sent beyond the body, which shows what its form has room for. */
  readonly whole: string | null
}
