// The documents that one process serves: which of them a request is for, and that no two are in each other's way. Each
// has a path of its own, and a state of its own; clock, keys, journal and faults are for all.

import { DocumentError } from './engine/document/document-error.js'
import type { Operation } from './engine/document/operation.js'
import type { Match } from './engine/request/router.js'
import type { Engine } from './engine.js'
import type { ItemTable } from './storage/item-table.js'

export interface Served {
  /** Those of the documents at this moment, in the order in which they were given. */
  readonly engines: () => readonly Engine[]
  readonly operations: () => readonly Operation[]
  /** The document that a request is for, and what it asks of it. */
  route(method: string, path: string, query: string): { readonly engine: Engine; readonly match: Match }
  /** The document that a collection belongs to, by the path of the collection. */
  engineOf(path: string): Engine
  /** Swaps a document that has changed. @throws DocumentError when it would be in the way of another one. */
  replace(index: number, engine: Engine): void
}

/** @throws DocumentError when two documents have the same path. */
export function createServed(first: readonly [Engine, ...Engine[]]): Served {
  let engines = first
  let places = placesOf(engines)
  const isAt = (path: string, base: string): boolean => path === base || path.startsWith(`${base}/`)

  const matchIn = (engine: Engine, method: string, path: string, query: string): Match => {
    engine.budget.renew()
    return engine.router.match(method, path, query)
  }

  return {
    engines: () => engines,
    operations: () => engines.flatMap(({ document }) => document.operations),
    route(method, path, query) {
      const [only] = engines
      if (engines.length === 1) return { engine: only, match: matchIn(only, method, path, query) }
      let nearest: { engine: Engine; match: Match } | undefined
      for (const { base, engine } of places) {
        if (!isAt(path, base)) continue
        const match = matchIn(engine, method, path, query)
        // Without its base path an operation may be taken for one of another document.
        if (match.kind === 'found' && basesOf(match.operation).includes(match.basePath))
          return { engine, match }
        if (match.kind !== 'found') nearest ??= { engine, match }
      }
      return nearest ?? { engine: only, match: { kind: 'unknown' } }
    },
    engineOf: (path) => places.find(({ base }) => isAt(path, base))?.engine ?? engines[0],
    replace(index, engine) {
      const [head, ...rest] = engines
      const next: readonly [Engine, ...Engine[]] =
        index === 0 ? [engine, ...rest] : [head, ...rest.with(index - 1, engine)]
      places = placesOf(next)
      engines = next
    },
  }
}

const basesOf = ({ basePaths }: Operation): readonly string[] => (basePaths.length === 0 ? [''] : basePaths)

/** The longest base path first. */
function placesOf(engines: readonly Engine[]) {
  const owners = new Map<string, Engine>()
  for (const engine of engines) {
    for (const base of new Set(engine.document.operations.flatMap(basesOf))) {
      const owner = owners.get(base)
      if (owner !== undefined && engines.length > 1)
        throw new DocumentError(
          'same_path',
          `${owner.document.source.name} and ${engine.document.source.name} are both served below ${base === '' ? '/' : base}; give one a path of its own, as in --mount /name=FILE (option mount)`,
        )
      owners.set(base, engine)
    }
  }
  return [...owners].map(([base, engine]) => ({ base, engine })).sort((a, b) => b.base.length - a.base.length)
}

/** What comes before a document's collections where several documents are served: its own path. */
export const prefixOf = ({ document }: Pick<Engine, 'document'>): string =>
  document.operations[0]?.basePaths[0] ?? ''

/** The items of one document among several: named below its path, so that none of another one is found. */
export function itemsBelow(items: ItemTable, prefix: string): ItemTable {
  if (prefix === '') return items
  // Names that are no paths are none of a collection's, and shall not look like one.
  const to = (name: string): string => (name.startsWith('/') ? prefix + name : `${name}@${prefix}`)
  const from = (name: string): string =>
    name.startsWith(prefix) ? name.slice(prefix.length) : name.slice(0, -prefix.length - 1)
  const typed = <Traits extends { readonly type?: string | undefined } | undefined>(
    traits: Traits,
  ): Traits => (traits?.type === undefined ? traits : { ...traits, type: to(traits.type) })
  const outward = <Row extends { readonly collection: string }>(row: Row): Row => ({
    ...row,
    collection: from(row.collection),
  })
  return {
    find: (scope, name, id) => items.find(scope, to(name), id),
    isTaken: (scope, name, id) => items.isTaken(scope, to(name), id),
    isRemoved: (scope, name, id) => items.isRemoved(scope, to(name), id),
    list: (scope, name, query) => items.list(scope, to(name), query),
    count: (scope, name, where) => items.count(scope, to(name), where),
    taken: (scope, name) => items.taken(scope, to(name)),
    add: (scope, name, id, body, traits) => items.add(scope, to(name), id, body, typed(traits)),
    insert: (scope, name, id, body, traits) => items.insert(scope, to(name), id, body, typed(traits)),
    replace: (scope, name, id, body, traits) => items.replace(scope, to(name), id, body, typed(traits)),
    ofTypes: (scope, types) => items.ofTypes(scope, types.map(to)).map(outward),
    withId: (scope, type, id) => items.withId(scope, to(type), id).map(outward),
    anywhere(scope, pattern, id) {
      const row = items.anywhere(scope, to(pattern), id)
      return row && outward(row)
    },
    isKnown: items.isKnown,
    shows: items.shows,
    remove: (scope, name, id) => items.remove(scope, to(name), id),
    empty: (scope, pattern) => items.empty(scope, to(pattern)),
    nextNumber: (scope, name) => items.nextNumber(scope, to(name)),
    claimSeeding: (scope, name) => items.claimSeeding(scope, to(name)),
  }
}
