// What parts that are made early ask of parts that are made later.

import type { Contexts } from '../rules/contexts.js'
import type { Served } from '../served.js'
import type { RunningServer } from '../server/server.js'
import type { Storage } from './storage.js'

export interface LateParts {
  storage: Storage | undefined
  served: Served | undefined
  contexts: Contexts | undefined
  server: RunningServer | undefined
  /** Where the mock listens; empty until it does. */
  url: string
}

export const noParts = (): LateParts => ({
  storage: undefined,
  served: undefined,
  contexts: undefined,
  server: undefined,
  url: '',
})

/** @throws Error when the part has not been made yet. */
export function made<Name extends keyof LateParts>(
  parts: LateParts,
  name: Name,
): NonNullable<LateParts[Name]> {
  const part = parts[name]
  if (part === undefined) throw new Error(`The mock has no ${name} yet`)
  return part
}
