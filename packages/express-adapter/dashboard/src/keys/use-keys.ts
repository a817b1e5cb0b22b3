// The keys of one project, kept fresh so that "last used" moves while people watch.

import { useEffect } from 'preact/hooks'
import { answer, api, type Key } from '../api.js'
import { type Loaded, useLoad } from '../ui/load.js'

const REFRESH_MS = 10_000
// A longer list is only loaded anew when people come back to the page.
const MAXIMUM_REFRESHED = 500

export function useKeys(projectId: string): Loaded<readonly Key[]> {
  const params = { path: { projectId } }
  const keys = useLoad<readonly Key[]>(projectId, () =>
    answer(api.GET('/projects/{projectId}/keys', { params })),
  )
  const isShort = keys.data !== undefined && keys.data.length <= MAXIMUM_REFRESHED
  const { reload } = keys

  useEffect(() => {
    if (!isShort) return
    const timer = setInterval(() => {
      if (!document.hidden) reload()
    }, REFRESH_MS)
    return () => clearInterval(timer)
  }, [isShort, reload])

  return keys
}

/** The keys with some of them new or different; new ones come first. */
export function mergeKeys(keys: readonly Key[], changed: readonly Key[]): readonly Key[] {
  const byId = new Map(changed.map((key) => [key.id, key]))
  const known = new Set(keys.map(({ id }) => id))
  return [...changed.filter(({ id }) => !known.has(id)), ...keys.map((key) => byId.get(key.id) ?? key)]
}
