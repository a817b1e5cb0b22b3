// Where in the sandbox people are: the environment that they look at, and what is chosen on the page.

import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import { useSandbox } from './page.js'

export const ENVIRONMENTS = ['sandbox', 'production'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

let environment: Environment = 'sandbox'
const watchers = new Set<(chosen: Environment) => void>()

/** The environment, the same on all pages. */
export function useEnvironment(): readonly [Environment, (chosen: Environment) => void] {
  const [chosen, setChosen] = useState(environment)
  useEffect(() => {
    watchers.add(setChosen)
    return () => void watchers.delete(setChosen)
  }, [])
  return [
    chosen,
    (next) => {
      environment = next
      for (const tell of watchers) tell(next)
    },
  ]
}

/** What the routes of the sandbox take for a place. */
export function useScope(): { readonly project: string; readonly environment: Environment } {
  const { project } = useSandbox()
  const [chosen] = useEnvironment()
  return { project: project.id, environment: chosen }
}

/** The topic of a collection's changes. */
export const topicOf = (scope: ReturnType<typeof useScope>, collection = ''): string =>
  `store ${scope.project}/${scope.environment} ${collection}`

// Beyond the dashboard's own four parts: `#/projects/42/sandbox/requests/17`.
const OWN_PARTS = 4

/** What is chosen on this page, part by part. */
export function useChoice(): readonly string[] {
  const [choice, setChoice] = useState(choiceIn)
  useAddress(() => setChoice((was) => (was.join('/') === choiceIn().join('/') ? was : choiceIn())))
  return choice
}

/** Follows the address while it is one of this page: that of the next page comes before this one is gone, and is not about it. */
function useAddress(follow: () => void): void {
  const { page } = useSandbox()
  useEffect(() => {
    const followOwn = () => {
      if (partsIn()[OWN_PARTS - 1] === page) follow()
    }
    followOwn()
    addEventListener('hashchange', followOwn)
    return () => removeEventListener('hashchange', followOwn)
  }, [page])
}

function partsIn(): readonly string[] {
  try {
    return location.hash
      .replace(/^#\/?|\?.*$/g, '')
      .split('/')
      .map(decodeURIComponent)
  } catch {
    return []
  }
}

const choiceIn = () =>
  partsIn()
    .slice(OWN_PARTS)
    .filter((part) => part !== '')

const queryIn = (): string => /\?(.*)$/.exec(location.hash)?.[1] ?? ''

/** What narrows this page, in the query of its address, so that it can be shared and comes back with it. */
export function useQuery(): readonly [
  query: URLSearchParams,
  change: (changes: Readonly<Record<string, string>>) => void,
] {
  const [query, setQuery] = useState(queryIn)
  useAddress(() => setQuery(queryIn()))
  const change = useCallback((changes: Readonly<Record<string, string>>) => {
    const next = new URLSearchParams(queryIn())
    for (const [name, value] of Object.entries(changes)) {
      if (value === '') next.delete(name)
      else next.set(name, value)
    }
    const [path = ''] = location.hash.split('?', 1)
    location.replace(next.size === 0 ? path : `${path}?${next}`)
  }, [])
  return [useMemo(() => new URLSearchParams(query), [query]), change]
}

/** Addresses of the page that is shown, and of others. */
export function useHref(): (choice?: readonly string[], page?: string) => string {
  const { project, page: own } = useSandbox()
  return (choice = [], page = own) =>
    `#/${['projects', project.id, 'sandbox', page, ...choice].map(encodeURIComponent).join('/')}`
}

export function go(href: string): void {
  location.hash = href
}
