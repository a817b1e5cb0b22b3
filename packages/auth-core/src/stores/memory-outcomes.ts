// Outcomes of requests in memory, and the latest refusals of each key.

import { type KeyRefusal, type OutcomeCount, type OutcomeStore, REFUSALS_KEPT } from '../outcome-store.js'

export interface MemoryOutcomes extends OutcomeStore {
  forget(keyId: string): void
}

/** @param projectOf the project of a key that is there. */
export function memoryOutcomes(projectOf: (id: string) => string | undefined): MemoryOutcomes {
  const counts = new Map<string, OutcomeCount>()
  const refusals = new Map<string, readonly KeyRefusal[]>()
  return {
    record(added, refused) {
      for (const one of added) {
        if (projectOf(one.keyId) === undefined) continue
        const place = placeOf(one)
        counts.set(place, Object.freeze({ ...one, count: one.count + (counts.get(place)?.count ?? 0) }))
      }
      for (const refusal of refused) {
        if (projectOf(refusal.keyId) === undefined) continue
        const kept = [Object.freeze({ ...refusal }), ...(refusals.get(refusal.keyId) ?? [])]
        refusals.set(refusal.keyId, kept.slice(0, REFUSALS_KEPT))
      }
    },
    counts: (projectId, from, until) =>
      [...counts]
        .filter(([, { keyId, hour }]) => projectOf(keyId) === projectId && hour >= from && hour < until)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, count]) => count),
    refusals: (keyId) => refusals.get(keyId) ?? [],
    sweep(before, limit) {
      const old = [...counts].filter(([, { hour }]) => hour < before).slice(0, limit)
      for (const [place] of old) counts.delete(place)
      const refused = [...refusals.values()]
        .flat()
        .filter(({ at }) => at < before)
        .slice(0, limit)
      const gone = new Set(refused)
      for (const [id, kept] of refusals)
        refusals.set(
          id,
          kept.filter((refusal) => !gone.has(refusal)),
        )
      return old.length + refused.length
    },
    forget(keyId) {
      refusals.delete(keyId)
      for (const [place, count] of counts) if (count.keyId === keyId) counts.delete(place)
    },
  }
}

/** In the order of hour, key, outcome and reason. */
const placeOf = ({ hour, keyId, outcome, reason }: OutcomeCount) =>
  `${String(hour).padStart(16, '0')} ${keyId} ${outcome} ${reason ?? ''}`
