// Of which names in which scopes something is true. Each request asks, and to put one text together of both takes longer.

export interface Pairs {
  has(scope: string, name: string): boolean
  add(scope: string, name: string): void
  clear(): void
}

export function createPairs(): Pairs {
  const scopes = new Map<string, Set<string>>()
  return {
    has: (scope, name) => scopes.get(scope)?.has(name) === true,
    add(scope, name) {
      const known = scopes.get(scope)
      if (known === undefined) scopes.set(scope, new Set([name]))
      else known.add(name)
    },
    clear: () => scopes.clear(),
  }
}
