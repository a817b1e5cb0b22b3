// What an address inside the page says. It stands in the fragment, so that the dashboard works under any mount path.

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

const FRAGMENT = '#key='

/** Takes the admin key out of the address bar and of this tab's history, before anything else happens. */
export function takeKeyFromAddress(): string | undefined {
  if (!location.hash.startsWith(FRAGMENT)) return undefined
  const adminKey = decode(location.hash.slice(FRAGMENT.length))
  history.replaceState(null, '', location.pathname + location.search)
  return adminKey
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
