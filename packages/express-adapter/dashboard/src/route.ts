// Where in the dashboard people are, and how they get elsewhere.

import { useEffect, useState } from 'preact/hooks'
import { parseRoute, type Route } from './address.js'

/** Told when the address has been replaced, of which the browser tells nobody. */
const onReplaced = new Set<() => void>()

/** Goes elsewhere in place of here: Back leads to where it led before. */
export function replaceAddress(href: string): void {
  history.replaceState(null, '', href)
  for (const listener of onReplaced) listener()
}

/** Changes the query of the address, which belongs to the view. */
export function replaceQuery(query: string): void {
  const [path = ''] = location.hash.split('?', 1)
  replaceAddress(query === '' ? path : `${path}?${query}`)
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
