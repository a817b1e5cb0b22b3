// Outcomes of requests in memory, and the latest refusals of each key.

import {
  ADDRESSES_KEPT,
  type AddressUse,
  type KeyRefusal,
  type OutcomeCount,
  type OutcomeStore,
  REFUSALS_KEPT,
} from '../outcome-store.js'

export interface MemoryOutcomes extends OutcomeStore {
  forget(keyId: string): void
}

/** @param projectOf the project of a key that is there. */
export function memoryOutcomes(projectOf: (id: string) => string | undefined): MemoryOutcomes {
  const counts = new Map<string, OutcomeCount>()
  const refusals = new Map<string, readonly KeyRefusal[]>()
  const addresses = new Map<string, readonly AddressUse[]>()
  const isKnown = ({ keyId }: { readonly keyId: string }) => projectOf(keyId) !== undefined
  return {
    record(added, refused, _batch, uses = []) {
      for (const one of added.filter(isKnown)) {
        const place = placeOf(one)
        counts.set(place, Object.freeze({ ...one, count: one.count + (counts.get(place)?.count ?? 0) }))
      }
      for (const refusal of refused.filter(isKnown)) {
        const kept = [Object.freeze({ ...refusal }), ...(refusals.get(refusal.keyId) ?? [])]
        refusals.set(refusal.keyId, kept.slice(0, REFUSALS_KEPT))
      }
      for (const use of uses.filter(isKnown))
        addresses.set(use.keyId, withUse(addresses.get(use.keyId) ?? [], use))
    },
    counts: (projectId, from, until, keyId) =>
      [...counts]
        .filter(([, one]) => keyId === undefined || one.keyId === keyId)
        .filter(([, { keyId, hour }]) => projectOf(keyId) === projectId && hour >= from && hour < until)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, count]) => count),
    refusals: (keyId) => refusals.get(keyId) ?? [],
    addresses: (keyId) => addresses.get(keyId) ?? [],
    sweep(before, limit) {
      const old = [...counts].filter(([, { hour }]) => hour < before).slice(0, limit)
      for (const [place] of old) counts.delete(place)
      const refused = [...refusals.values()]
        .flat()
        .filter(({ at }) => at < before)
        .slice(0, limit)
      const unused = [...addresses.values()]
        .flat()
        .filter(({ at }) => at < before)
        .slice(0, limit)
      const gone = new Set<unknown>([...refused, ...unused])
      for (const [id, kept] of refusals)
        refusals.set(
          id,
          kept.filter((refusal) => !gone.has(refusal)),
        )
      for (const [id, kept] of addresses)
        addresses.set(
          id,
          kept.filter((use) => !gone.has(use)),
        )
      return old.length + gone.size
    },
    forget(keyId) {
      refusals.delete(keyId)
      addresses.delete(keyId)
      for (const [place, count] of counts) if (count.keyId === keyId) counts.delete(place)
    },
  }
}

/** In the order of hour, key, outcome and reason. */
const placeOf = ({ hour, keyId, outcome, reason }: OutcomeCount) =>
  `${String(hour).padStart(16, '0')} ${keyId} ${outcome} ${reason ?? ''}`

/** The latest first; of the same instant in the order of their letters, as databases do. */
const byTime = (a: AddressUse, b: AddressUse): number => b.at - a.at || (a.address < b.address ? -1 : 1)

function withUse(kept: readonly AddressUse[], use: AddressUse): readonly AddressUse[] {
  const known = kept.find(({ address }) => address === use.address)
  const latest = known !== undefined && known.at > use.at ? known : Object.freeze({ ...use })
  return [latest, ...kept.filter((one) => one !== known)].sort(byTime).slice(0, ADDRESSES_KEPT)
}
