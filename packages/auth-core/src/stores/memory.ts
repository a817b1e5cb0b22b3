// The reference store: a Map of frozen rows. For tests and for programs whose keys may die with the process.

import { statusOf } from '../api-key.js'
import { deepFreeze } from '../frozen.js'
import { comparePlaces, foldLabel, NEVER_EXPIRES, sortValueOf } from '../key-order.js'
import type { ApiKeyStore, HistoryFilter, KeyEvent, KeyLimit, KeyQuery, StoredKey } from '../store.js'
import { memoryOutbox } from './memory-outbox.js'
import { memoryOutcomes } from './memory-outcomes.js'

export { type MemoryProjects, memoryProjects, memorySessions } from './memory-projects.js'

/** Keys in memory, gone with the process. */
export function memoryStore(): ApiKeyStore {
  const rows = new Map<string, StoredKey>()
  const uses = new Map<string, Map<string, number>>()
  let history: KeyEvent[] = []
  let sequence = 0
  const erased = new Set<string>()
  const { write: writeOutbox, strip, ...outbox } = memoryOutbox((id) => rows.has(id))
  const { forget, ...outcomes } = memoryOutcomes((id) => rows.get(id)?.projectId)

  return {
    outbox,
    outcomes,
    find: (id) => rows.get(id),
    list(query) {
      const { sort, order, after, limit, total } = query
      const direction = order === 'asc' ? 1 : -1
      const places = [...rows.values()]
        .filter((row) => isListed(row, query))
        .map((row) => ({ row, value: sortValueOf(row, sort), id: row.id }))
        .sort((a, b) => direction * comparePlaces(a, b))
      const page = places.filter(
        (place) => after === undefined || direction * comparePlaces(place, after) > 0,
      )
      return { rows: page.slice(0, limit).map(({ row }) => row), total: total ? places.length : null }
    },
    commit(changed, events = [], keyLimit, outgoing = []) {
      const wins = changed.every(
        (row) => !erased.has(row.id) && (rows.get(row.id)?.version ?? 0) === row.version - 1,
      )
      if (!wins || (keyLimit !== undefined && isOver(rows, keyLimit, changed))) return false
      for (const row of changed) {
        rows.set(row.id, frozenCopy({ ...row, lastUsedAt: rows.get(row.id)?.lastUsedAt ?? null }))
      }
      history.push(...events.map((event) => frozenCopy({ ...event, sequence: ++sequence })))
      writeOutbox(outgoing)
      return true
    },
    history: (projectId, keyId, limit, filter) =>
      history
        .filter((event) => event.projectId === projectId && (keyId === null || event.keyId === keyId))
        .filter((event) => isWanted(event, filter))
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
    erase(ids, _, outgoing = []) {
      const known = new Set(ids.filter((id) => rows.has(id)))
      const before = history.length
      history = history.filter(({ keyId }) => !known.has(keyId))
      let days = 0
      known.forEach(strip)
      known.forEach(forget)
      writeOutbox(outgoing)
      for (const id of known) {
        days += uses.get(id)?.size ?? 0
        uses.delete(id)
        rows.delete(id)
        erased.add(id)
      }
      return { keys: known.size, events: before - history.length, uses: days }
    },
    sweep({ eventsBefore, usesBefore, limit }) {
      const isOutdated = ({ at }: KeyEvent) => eventsBefore !== null && at < eventsBefore
      const outdated = new Set(history.filter(isOutdated).slice(0, limit))
      history = history.filter((event) => !outdated.has(event))
      const days = [...uses.values()]
        .flatMap((counts) => [...counts.keys()].map((day) => ({ counts, day })))
        .filter(({ day }) => usesBefore !== null && day < usesBefore)
        .slice(0, limit)
      for (const { counts, day } of days) counts.delete(day)
      return { events: outdated.size, uses: days.length }
    },
    usage: (projectId, fromDay, toDay, keyId) =>
      (keyId === undefined ? [...uses] : [[keyId, uses.get(keyId) ?? new Map<string, number>()] as const])
        .filter(([id]) => rows.get(id)?.projectId === projectId)
        .flatMap(([keyId, days]) => [...days].map(([day, count]) => ({ keyId, day, count })))
        .filter(({ day }) => fromDay <= day && day <= toDay)
        .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.keyId < b.keyId ? -1 : 1)),
  }
}

function isOver(
  rows: ReadonlyMap<string, StoredKey>,
  { projectId, limit, now }: KeyLimit,
  changed: readonly StoredKey[],
): boolean {
  const isActive = (row: StoredKey) => row.projectId === projectId && statusOf(row, now) === 'active'
  const replaced = new Set(changed.map(({ id }) => id))
  let active = changed.filter(isActive).length
  for (const row of rows.values()) if (!replaced.has(row.id) && isActive(row)) active++
  return active > limit
}

function isListed(row: StoredKey, query: KeyQuery): boolean {
  const { projectId, environment, ids, status, createdBy, ownerId, parentId, search, now } = query
  const { expiresBefore = NEVER_EXPIRES + 1, unusedSince = Number.POSITIVE_INFINITY } = query
  return (
    (projectId === undefined || row.projectId === projectId) &&
    (environment === undefined || row.environment === environment) &&
    (ids === undefined || ids.includes(row.id)) &&
    (status === undefined || statusOf(row, now) === status) &&
    (createdBy === undefined || row.createdBy === createdBy) &&
    (ownerId === undefined || row.ownerId === ownerId) &&
    (parentId === undefined || row.parentId === parentId) &&
    (row.expiresAt ?? NEVER_EXPIRES) < expiresBefore &&
    (row.lastUsedAt ?? row.createdAt) < unusedSince &&
    (search === undefined ||
      (search.label !== null && foldLabel(row.label).includes(search.label)) ||
      (search.idStart !== null && row.id.startsWith(search.idStart)) ||
      (search.scope !== null && row.scopes.includes(search.scope)))
  )
}

function frozenCopy<T extends object>(value: T): T {
  return deepFreeze(structuredClone(value))
}

function isWanted(event: KeyEvent, { actor, from, to, before }: HistoryFilter = {}): boolean {
  return (
    (actor === undefined || event.actor === actor) &&
    event.at >= (from ?? event.at) &&
    event.at < (to ?? Number.POSITIVE_INFINITY) &&
    Number(event.sequence) < (before ?? Number.POSITIVE_INFINITY)
  )
}
