// The keys of one project: a page at a time as far as people have scrolled, kept fresh so that "last used" moves while
// they watch.

import { type Resource, useResource, useWords, wordsFor } from '@gosend/dashboard-ui'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { answerPage, type Client, type Key, type Page } from '../client.js'
import { firstPage, getKeys, type KeysPage, LONG_PAGE, pageLength } from '../first-calls.js'
import { isFiltered, type KeyFilter } from './filter.js'
import { useKeysHost } from './host.js'

const REFRESH_MS = 10_000
// A longer list is only loaded anew when people come back to the page.
const MAX_REFRESHED = 500

export interface KeyList {
  /** Those that are loaded, in their order; undefined before the first page is. */
  readonly keys: readonly Key[] | undefined
  /** What they are listed by: for a moment still the filter before. */
  readonly filter: KeyFilter
  /** How many there are with this filter, loaded or not. */
  readonly total: number
  /** How many the project has, as far as that is known. */
  readonly all: number | undefined
  readonly hasMore: boolean
  readonly problem: string | undefined
  loadMore(): void
  reload(): void
  /** Takes over changes that the API has confirmed. */
  change(changed: readonly Key[]): void
}

interface Listed {
  readonly filter: KeyFilter
  readonly keys: readonly Key[]
  readonly total: number
  readonly next: string | null
}

/** What was listed before stays until a list with another filter has come. */
export function useKeys(projectId: string, filter: KeyFilter): KeyList {
  const { api } = useKeysHost()
  const words = useWords()
  const [listed, setListed] = useState<Listed>()
  const [all, setAll] = useState<number>()
  const [problem, setProblem] = useState<string>()
  // Beside the state, because answers come between two drawings.
  const turn = useRef(0)
  const isLoadingMore = useRef(false)
  const current = useRef<Listed>(undefined)
  const latestFilter = useRef(filter)
  latestFilter.current = filter

  const show = (list: Listed) => {
    current.current = list
    setListed(list)
  }

  /** Reads a page, and drops it when something else was wanted meanwhile. */
  const read = useCallback(
    async (part: KeysPage, use: (page: Page<readonly Key[]>, filter: KeyFilter) => void) => {
      const mine = ++turn.current
      const filter = latestFilter.current
      try {
        const page = await answerPage(getKeys(api, projectId, filter, part))
        if (mine !== turn.current) return
        setProblem(undefined)
        use(page, filter)
      } catch (error) {
        if (mine === turn.current) setProblem(wordsFor(error, words))
      }
    },
    [api, projectId, words],
  )

  const reload = useCallback(() => {
    const loaded = current.current?.filter === latestFilter.current ? current.current.keys.length : 0
    if (loaded > LONG_PAGE) return
    isLoadingMore.current = false
    const first = firstPage(latestFilter.current)
    void read({ ...first, limit: Math.max(first.limit, loaded) }, (page, filter) => {
      const total = page.total ?? 0
      if (!isFiltered(filter)) setAll(total)
      show({ filter, keys: page.data, total, next: page.next })
    })
  }, [read])

  const loadMore = useCallback(() => {
    const list = current.current
    if (!list || list.next === null || list.filter !== latestFilter.current || isLoadingMore.current) return
    isLoadingMore.current = true
    const query = { limit: pageLength(list.filter), cursor: list.next }
    void read(query, ({ data, next }) => show({ ...list, keys: [...list.keys, ...data], next })).finally(
      () => {
        isLoadingMore.current = false
      },
    )
  }, [read])

  const change = useCallback(
    (changed: readonly Key[]) => {
      const list = current.current
      if (list !== undefined) {
        const keys = mergeKeys(list.keys, changed)
        show({ ...list, keys, total: list.total + keys.length - list.keys.length })
      }
      // Whether they are still in the list, and where, is for the service to say.
      reload()
    },
    [reload],
  )

  // Before the browser paints, for what has come already is then drawn at once.
  useLayoutEffect(reload, [reload, filter])
  useRefresh(reload, listed !== undefined && listed.keys.length <= MAX_REFRESHED)
  useEffect(() => {
    const refresh = () => {
      if (!document.hidden) reload()
    }
    document.addEventListener('visibilitychange', refresh)
    return () => document.removeEventListener('visibilitychange', refresh)
  }, [reload])

  return {
    keys: listed?.keys,
    filter: listed?.filter ?? filter,
    total: listed?.total ?? 0,
    all,
    hasMore: listed !== undefined && listed.next !== null,
    problem,
    loadMore,
    reload,
    change,
  }
}

function useRefresh(reload: () => void, isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return
    const timer = setInterval(() => {
      if (!document.hidden) reload()
    }, REFRESH_MS)
    return () => clearInterval(timer)
  }, [isOn, reload])
}

/** The key with this id in a list of one, or of none when there is no such key. */
export function useKey(projectId: string, keyId: string | undefined): Resource<readonly Key[]> {
  const { api } = useKeysHost()
  const ids = keyId === undefined ? [] : [keyId]
  const key = useResource(ids.join(), () => readKeys(api, projectId, ids))
  useRefresh(key.reload, keyId !== undefined)
  return key
}

/** The keys with these ids, as far as they exist: at most 100. */
export function useKeysById(projectId: string, ids: readonly string[]): ReadonlyMap<string, Key> {
  const { api } = useKeysHost()
  const sorted = [...new Set(ids)].sort().slice(0, 100)
  const { data = [] } = useResource(sorted.join(), () => readKeys(api, projectId, sorted))
  return new Map(data.map((key) => [key.id, key]))
}

async function readKeys(api: Client, projectId: string, ids: readonly string[]): Promise<readonly Key[]> {
  if (ids.length === 0) return []
  const found: Key[] = []
  for (let cursor: string | undefined; ; ) {
    const query = { ids: [...ids], limit: 100, ...(cursor !== undefined && { cursor }) }
    const page = await answerPage(
      api.GET('/projects/{projectId}/keys', { params: { path: { projectId }, query } }),
    )
    found.push(...page.data)
    if (page.next === null) return found
    cursor = page.next
  }
}

/** The keys with some of them new or different; new ones come first. */
export function mergeKeys(keys: readonly Key[], changed: readonly Key[]): readonly Key[] {
  const byId = new Map(changed.map((key) => [key.id, key]))
  const known = new Set(keys.map(({ id }) => id))
  return [...changed.filter(({ id }) => !known.has(id)), ...keys.map((key) => byId.get(key.id) ?? key)]
}
