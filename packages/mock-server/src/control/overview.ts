// What is served, for people.

import type { ApiDocument } from '../engine/document/document.js'
import type { MockOverview } from './wire.js'

const MAX_WARNINGS = 100

/** What the state tells of itself. */
export interface StateOverview {
  resources(): readonly { readonly collection: string }[]
  warnings(): readonly { readonly pointer: string; readonly message: string }[]
  reads(): MockOverview['reads']
}

export function overviewOf(
  document: ApiDocument,
  state: StateOverview | undefined,
  keyVariable = 'API_KEY',
): MockOverview {
  const { title, version, dialect, operations, source } = document
  return {
    ...{ title, version, dialect },
    operations: operations.length,
    resources: (state?.resources() ?? []).map(({ collection }) => collection),
    reads: state?.reads() ?? { afterCreate: 0, notStored: 0, operations: {} },
    warnings: [...document.warnings, ...document.dangling(), ...(state?.warnings() ?? [])]
      .slice(0, MAX_WARNINGS)
      .map(
        ({ pointer, message }) =>
          `${source.locate(pointer) ?? '#'} ${pointer.replace(FURTHER_FILE, '')} ${message}`,
      ),
    example: examplePathOf(document),
    keyVariable,
  }
}

/** The shortest path that a plain GET answers. */
export function examplePathOf({ operations }: ApiDocument): MockOverview['example'] {
  const [easiest] = operations
    .filter(({ method, path }) => method === 'GET' && !path.includes('{'))
    .sort((a, b) => a.path.length - b.path.length)
  if (easiest === undefined) return { path: '/', security: undefined }
  const path = `${easiest.basePaths[0] ?? ''}${easiest.path}`
  return { path, security: easiest.security()[0]?.[0]?.scheme }
}

// What hangs in the one tree from further files begins with their number.
const FURTHER_FILE = /^\/x-mock-files\/\d+/
