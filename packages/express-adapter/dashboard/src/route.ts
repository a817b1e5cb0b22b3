// Addresses inside the page. They live in the fragment, so that the dashboard works under any mount path.

import { useEffect, useState } from 'preact/hooks'

/** Where in the dashboard: `#/projects/{projectId}/{section}/{item}`, perhaps with a query of the page's own. */
export interface Route {
  readonly projectId: string | undefined
  readonly section: string
  readonly item: string | undefined
}

export function parseRoute(hash: string): Route {
  const [root, projectId, section, item] = hash
    .replace(/^#\/?|\?.*$/g, '')
    .split('/')
    .map(decode)
  return root === 'projects' && projectId
    ? { projectId, section: section || 'keys', item: item || undefined }
    : { projectId: undefined, section: 'keys', item: undefined }
}

export function hrefTo(projectId: string, section = 'keys', item?: string): string {
  return `#/${['projects', projectId, section, ...(item === undefined ? [] : [item])].map(encodeURIComponent).join('/')}`
}

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
    return () => removeEventListener('hashchange', follow)
  }, [])
  return route
}

/** The same object for the same place, so that nothing is drawn anew. */
function sameOr(was: Route, now: Route): Route {
  const isSame = was.projectId === now.projectId && was.section === now.section && was.item === now.item
  return isSame ? was : now
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
