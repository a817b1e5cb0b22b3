// The reference store: a Map of frozen rows. For tests and for programs whose keys may die with the process.

import { deepFreeze } from '../frozen.js'
import type { ApiKeyStore, KeyEvent, StoredKey } from '../store.js'

export { type MemoryProjects, memoryProjects, memorySessions } from './memory-projects.js'

/** Keys in memory, gone with the process. */
export function memoryStore(): ApiKeyStore {
  const rows = new Map<string, StoredKey>()
  const uses = new Map<string, Map<string, number>>()
  const history: KeyEvent[] = []

  return {
    find: (id) => rows.get(id),
    list: (projectId) =>
      [...rows.values()]
        .filter((row) => row.projectId === projectId)
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1)),
    commit(changed, events = []) {
      const wins = changed.every((row) => (rows.get(row.id)?.version ?? 0) === row.version - 1)
      if (!wins) return false
      for (const row of changed) {
        rows.set(row.id, frozenCopy({ ...row, lastUsedAt: rows.get(row.id)?.lastUsedAt ?? null }))
      }
      history.push(...events.map(frozenCopy))
      return true
    },
    history: (projectId, keyId, limit) =>
      history
        .filter((event) => event.projectId === projectId && (keyId === null || event.keyId === keyId))
        .reverse()
        .slice(0, limit),
    recordUses(batch) {
      for (const { id, at, days } of batch) {
        const row = rows.get(id)
        if (row === undefined) continue
        rows.set(id, Object.freeze({ ...row, lastUsedAt: Math.max(at, row.lastUsedAt ?? at) }))
        const counts = uses.get(id) ?? new Map<string, number>()
        for (const [day, count] of days) counts.set(day, (counts.get(day) ?? 0) + count)
        uses.set(id, counts)
      }
    },
    usage: (projectId, fromDay, toDay) =>
      [...uses]
        .filter(([id]) => rows.get(id)?.projectId === projectId)
        .flatMap(([keyId, days]) => [...days].map(([day, count]) => ({ keyId, day, count })))
        .filter(({ day }) => fromDay <= day && day <= toDay)
        .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.keyId < b.keyId ? -1 : 1)),
  }
}

function frozenCopy<T extends object>(value: T): T {
  return deepFreeze(structuredClone(value))
}
