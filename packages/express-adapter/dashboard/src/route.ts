// Addresses inside the page. They live in the fragment, so that the dashboard works under any mount path.

import { useEffect, useState } from 'preact/hooks'

/** Where in the dashboard: `#/projects/{projectId}/{section}/{item}`, perhaps with a query of the view's own. */
export interface Route {
  readonly projectId: string | undefined
  readonly section: string
  readonly item: string | undefined
  readonly query: string
}

export function parseRoute(hash: string): Route {
  const query = /\?(.*)$/.exec(hash)?.[1] ?? ''
  const [root, projectId, section, item] = hash
    .replace(/^#\/?|\?.*$/g, '')
    .split('/')
    .map(decode)
  return root === 'projects' && projectId
    ? { projectId, section: section || 'keys', item: item || undefined, query }
    : { projectId: undefined, section: 'keys', item: undefined, query }
}

export function hrefTo(projectId: string, section = 'keys', item?: string, query = ''): string {
  return `#/${['projects', projectId, section, ...(item === undefined ? [] : [item])].map(encodeURIComponent).join('/')}${query && `?${query}`}`
}

/** Told when the query of the address has been replaced, of which the browser tells nobody. */
const onReplaced = new Set<() => void>()

/** Changes the query of the address, which belongs to the view. Back leads to where it led before. */
export function replaceQuery(query: string): void {
  const [path = ''] = location.hash.split('?', 1)
  history.replaceState(null, '', query === '' ? path : `${path}?${query}`)
  for (const listener of onReplaced) listener()
}

const scrolled = new Map<string, number>()
addEventListener('scroll', () => scrolled.set(location.hash, scrollY), { passive: true })

/** How far the view of this address was scrolled when people were here last. */
export const scrolledBefore = (): number => scrolled.get(location.hash) ?? 0

export function navigate(href: string): void {
  location.hash = href
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash))
  useEffect(() => {
    const follow = () => setRoute((was) => sameOr(was, parseRoute(location.hash)))
    // The address may have changed between the first drawing and now.
    follow()
    addEventListener('hashchange', follow)
    onReplaced.add(follow)
    return () => {
      removeEventListener('hashchange', follow)
      onReplaced.delete(follow)
    }
  }, [])
  return route
}

/** The same object for the same place, so that nothing is drawn anew. */
function sameOr(was: Route, now: Route): Route {
  const isSame = (['projectId', 'section', 'item', 'query'] as const).every((part) => was[part] === now[part])
  return isSame ? was : now
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
