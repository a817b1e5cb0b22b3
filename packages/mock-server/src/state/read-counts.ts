// Counts reads that came after a create of the same type, and those of them that did not show what is stored: the sign of
// an operation that was read wrongly.

import type { StateAnswer } from './answering.js'
import type { TypedRole } from './places/types.js'
import { createPairs } from './store/pairs.js'

export interface ReadCounts {
  /** Reads of types that clients had created entries of before. */
  readonly afterCreate: number
  /** How many of them answered with a sample. */
  readonly notStored: number
  /** The operations that did, with how often. */
  readonly operations: Readonly<Record<string, number>>
}

export interface ReadCounter {
  note(scope: string, operation: string, role: TypedRole | undefined, answer: StateAnswer): void
  counts(): ReadCounts
  forget(): void
}

/** @param onFirst told of each operation once. */
export function createReadCounter(onFirst: (operation: string) => void): ReadCounter {
  const created = createPairs()
  const missed = new Map<string, number>()
  let afterCreate = 0
  return {
    note(scope, operation, role, answer) {
      if (role === undefined || (answer !== undefined && 'refusal' in answer)) return
      const { kind, type } = role
      if (kind === 'create') created.add(scope, type.name)
      if (kind !== 'read' || !created.has(scope, type.name)) return
      afterCreate++
      if (answer?.answer.source === 'stored') return
      if (!missed.has(operation)) onFirst(operation)
      missed.set(operation, (missed.get(operation) ?? 0) + 1)
    },
    counts: () => ({
      afterCreate,
      notStored: [...missed.values()].reduce((sum, count) => sum + count, 0),
      operations: Object.fromEntries(missed),
    }),
    forget() {
      created.clear()
      missed.clear()
      afterCreate = 0
    },
  }
}
