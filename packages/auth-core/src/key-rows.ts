// What the changes of keys have in common: the rows of a chain as they are now, what may be done with a row, and what the audit
// log says of it.

import { ApiKeysError } from './errors.js'
import { isKeyId } from './key-format.js'
import type { ApiKeyStore, KeyEvent, StoredKey } from './store.js'

export interface KeyReads {
  /** @param ifVersion the version that the caller has seen, where the change depends on it. */
  existing(id: string, ifVersion?: number): Promise<StoredKey>
  /**
   * The key that this one replaced, unless it is revoked. Also when its grace period is over, for that depends on a clock
   * that may be ahead.
   */
  unrevokedPredecessor(row: StoredKey): Promise<readonly StoredKey[]>
  successors(row: StoredKey): Promise<readonly StoredKey[]>
  /** The key that this one was made from, the one which that was made from, and so on. */
  parents(row: StoredKey): Promise<readonly StoredKey[]>
  /** All keys that this one replaced, as far as they are there. */
  predecessors(row: StoredKey): Promise<readonly StoredKey[]>
}

export function createKeyReads(store: Pick<ApiKeyStore, 'find'>): KeyReads {
  async function existing(id: string, ifVersion?: number): Promise<StoredKey> {
    // What is no id may be a key of another product: it is not repeated.
    if (!isKeyId(id)) throw new ApiKeysError('not_found', 'not a key id')
    const row = await store.find(id)
    if (row === undefined) throw new ApiKeysError('not_found', `there is no key with the id ${id}`)
    return ofVersion(ifVersion, row)
  }

  async function follow(row: StoredKey, link: 'replacedBy' | 'rotatedFrom'): Promise<readonly StoredKey[]> {
    const found: StoredKey[] = []
    for (let id = row[link]; id !== null; id = found.at(-1)?.[link] ?? null) {
      const next = await store.find(id)
      if (next === undefined) break
      found.push(next)
    }
    return found
  }

  return {
    existing,
    async unrevokedPredecessor({ rotatedFrom }) {
      const predecessor = rotatedFrom === null ? undefined : await store.find(rotatedFrom)
      return predecessor !== undefined && predecessor.revokedAt === null ? [predecessor] : []
    },
    async parents(row) {
      const found: StoredKey[] = []
      for (let next = row.parentId; next !== undefined; next = found.at(-1)?.parentId) {
        found.push(await existing(next))
      }
      return found
    },
    successors: (row) => follow(row, 'replacedBy'),
    predecessors: (row) => follow(row, 'rotatedFrom'),
  }
}

export function ofVersion(ifVersion: number | undefined, row: StoredKey): StoredKey {
  if (ifVersion === undefined || ifVersion === row.version) return row
  throw new ApiKeysError(
    'version_mismatch',
    `key ${row.id} has version ${row.version} by now, not ${ifVersion}; read it again`,
  )
}

export function unrevoked(row: StoredKey): StoredKey {
  if (row.revokedAt === null) return row
  throw new ApiKeysError('conflict', `key ${row.id} is revoked, which is final`)
}

/** Ends a key at once, or lets it expire after a grace period, but never later than it would have. */
export function end(row: StoredKey, at: number, gracePeriodMs: number): StoredKey {
  const version = row.version + 1
  if (gracePeriodMs === 0) return { ...row, revokedAt: at, version }
  return {
    ...row,
    expiresAt: Math.min(row.expiresAt ?? Number.POSITIVE_INFINITY, at + gracePeriodMs),
    version,
  }
}

export function eventOf(
  action: KeyEvent['action'],
  { projectId, id, delegation }: Pick<StoredKey, 'projectId' | 'id' | 'delegation'>,
  actor: string | undefined,
  at: number,
  details: KeyEvent['details'] = {},
): KeyEvent {
  // On whose behalf the key acts belongs to everything that happens to it.
  const actingFor = delegation?.actingFor ?? null
  const told = actingFor === null ? details : { ...details, actingFor }
  return { at, projectId, keyId: id, action, actor: actor ?? null, details: told }
}
