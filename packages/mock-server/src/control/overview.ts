// What is served, for people.

import type { ApiDocument } from '../engine/document/document.js'
import type { Operation } from '../engine/document/operation.js'
import type { MockOverview } from './wire.js'

const MAX_WARNINGS = 100

/** What the state tells of itself. */
export interface StateOverview {
  resources(): readonly { readonly collection: string }[]
  warnings(): readonly { readonly pointer: string; readonly message: string }[]
  reads(): MockOverview['reads']
}

/** One of the documents that are served. */
export interface Described {
  readonly document: ApiDocument
  readonly state: StateOverview | undefined
  /** What comes before its paths, where it is one of several. */
  readonly prefix: string
}

/** @param all at least one document. */
export function overviewOfAll(all: readonly Described[], keyVariable = 'API_KEY'): MockOverview {
  const each = all.map((described) => ({ ...overviewOf(described, keyVariable), prefix: described.prefix }))
  const [first, ...others] = each
  if (first === undefined) throw new TypeError('There is no document')
  const { prefix: _, ...only } = first
  if (others.length === 0) return only
  const example = [...each.map((one) => one.example)].find(({ path }) => path !== '/') ?? first.example
  return {
    ...only,
    title: each.map(({ title }) => title).join(', '),
    version: each.map(({ version }) => version).join(', '),
    operations: each.reduce((sum, { operations }) => sum + operations, 0),
    resources: each.flatMap(({ resources, prefix }) => resources.map((path) => prefix + path)),
    reads: {
      afterCreate: each.reduce((sum, { reads }) => sum + reads.afterCreate, 0),
      notStored: each.reduce((sum, { reads }) => sum + reads.notStored, 0),
      operations: Object.assign({}, ...each.map(({ reads }) => reads.operations)) as Record<string, number>,
    },
    warnings: each.flatMap(({ warnings }) => warnings).slice(0, MAX_WARNINGS),
    example,
    documents: each.map(({ title, version, operations, prefix }) => ({
      ...{ title, version, operations },
      path: prefix === '' ? '/' : prefix,
    })),
  }
}

/** The operations of all documents, with the paths that requests have where there are several. */
export const namedOperations = (
  all: readonly Described[],
): readonly Pick<Operation, 'id' | 'method' | 'path'>[] =>
  all.flatMap(({ document }) =>
    document.operations.map(({ id, method, path, basePaths }) => {
      const whole = `${basePaths[0] ?? ''}${path}`
      return all.length === 1 ? { id, method, path } : { id: `${method} ${whole}`, method, path: whole }
    }),
  )

function overviewOf({ document, state }: Described, keyVariable: string): MockOverview {
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

/** The shortest path that a plain GET answers, with one credential rather than with several. */
export function examplePathOf({ operations }: ApiDocument): MockOverview['example'] {
  const [easiest] = operations
    .filter(({ method, path }) => method === 'GET' && !path.includes('{'))
    .map((operation) => ({ operation, needed: fewestOf(operation) }))
    .sort(
      (a, b) =>
        Number(a.needed.length > 1) - Number(b.needed.length > 1) ||
        a.operation.path.length - b.operation.path.length,
    )
  if (easiest === undefined) return { path: '/', security: undefined }
  const { operation, needed } = easiest
  return { path: `${operation.basePaths[0] ?? ''}${operation.path}`, security: needed[0]?.scheme }
}

/** The first of the alternatives that ask for one credential at most, else the first of all. */
function fewestOf(operation: Operation): ReturnType<Operation['security']>[number] {
  const alternatives = operation.security()
  return alternatives.find((all) => all.length <= 1) ?? alternatives[0] ?? []
}

// What hangs in the one tree from further files begins with their number.
const FURTHER_FILE = /^\/x-mock-files\/\d+/
