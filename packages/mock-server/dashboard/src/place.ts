// Where in the sandbox people are: the environment that they look at, and what is chosen on the page.

import { useEffect, useState } from 'preact/hooks'
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
  useEffect(() => {
    const follow = () => setChoice((was) => (was.join('/') === choiceIn().join('/') ? was : choiceIn()))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return choice
}

function choiceIn(): readonly string[] {
  try {
    return location.hash
      .replace(/^#\/?/, '')
      .split('/')
      .slice(OWN_PARTS)
      .map(decodeURIComponent)
      .filter((part) => part !== '')
  } catch {
    return []
  }
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
