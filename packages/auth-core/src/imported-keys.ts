// Keys that another library made. They have no id and no checksum of ours: the row of such a key is found under an id derived
// from what the other library kept, and that confirms the key the first time. After that the key has an argon2 hash and a tag
// like any other.

import { isDeepStrictEqual } from 'node:util'
import { didYouMean, nullable, type OptionTable, required, shown, text } from '@gosend/options'
import {
  type Attribution,
  attributeOptions,
  attributesOf,
  attributionOptions,
  checkArguments,
  instant,
  invalid,
  name,
  timeOf,
} from './attributes.js'
import { ApiKeysError } from './errors.js'
import { type ForeignHash, foreignHashOptions, type ImportedKeys, storedForm } from './foreign-hashes.js'
import type { ApiKeyStore, KeyEvent, StoredKey } from './store.js'

/** A key as another library knows it. */
export interface ImportEntry<Environment extends string = string> extends ForeignHash {
  readonly projectId: string
  readonly environment: Environment
  /** What people call the key, 1 to 255 characters. */
  readonly label: string
  /** Default: now. */
  readonly createdAt?: Date | undefined
  /** When it was last used, as far as the other library knows. */
  readonly lastUsedAt?: Date | null | undefined
  /** Default null: never. One that has expired is imported as such. */
  readonly expiresAt?: Date | null | undefined
  /** When it was revoked: it is imported as revoked, and refused. Default null: it was not. */
  readonly revokedAt?: Date | null | undefined
  readonly scopes?: readonly string[] | undefined
  readonly allowedIps?: readonly string[] | null | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** Since when it is disabled: it is imported as such, and refused until it is enabled. Default null: it is not. */
  readonly disabledAt?: Date | null | undefined
  /** Who made it, as far as the other library knows. */
  readonly createdBy?: string | null | undefined
  readonly ownerId?: string | null | undefined
}

export interface ImportResult {
  /** How many keys were taken over. */
  readonly imported: number
  /** How many were known already, and left as they are: an import can be repeated. */
  readonly known: number
  /** How many had been erased, and stay so. */
  readonly erased: number
}

/** Marks a row, for good, in the field that keys of ours use for idempotent calls: nothing asks for it there. */
const IMPORTED = 'imported'
const BATCH = 500

export function isImported(row: Pick<StoredKey, 'fingerprint'>): boolean {
  return row.fingerprint === IMPORTED
}

export type Import = (entries: readonly ImportEntry[], options?: Attribution) => Promise<ImportResult>

export function createImport(parts: {
  readonly store: ApiKeyStore
  readonly environments: readonly string[]
  readonly importedKeys: ImportedKeys | undefined
  readonly now: () => number
  /** Rejects when one of the projects does not exist. */
  readonly requireProjects: (projectIds: readonly string[]) => Promise<void>
}): Import {
  const { store, environments, importedKeys, now, requireProjects } = parts

  function rowOf(given: ImportEntry, at: number): StoredKey {
    refuseForeignStatus(given)
    const entry = checkArguments(entryOptions, given)
    const { projectId, environment } = entry
    if (!environments.includes(environment)) {
      throw invalid(`environment: must be one of ${environments.join(', ')}`)
    }
    const { createdAt = new Date(at), lastUsedAt = null, revokedAt = null, disabledAt = null } = entry
    for (const [fact, date] of Object.entries({ createdAt, lastUsedAt, revokedAt, disabledAt })) {
      if (date !== null && date.getTime() > at)
        throw invalid(`${fact}: must be a Date that is not in the future`)
    }
    return {
      ...storedForm(entry, importedKeys),
      projectId,
      environment,
      start: null,
      ...attributesOf(entry),
      // No tag can be made without the key. One that cannot be read sends every secret to the hash, which is as fast.
      tag: IMPORTED,
      createdAt: createdAt.getTime(),
      lastUsedAt: timeOf(lastUsedAt),
      revokedAt: timeOf(revokedAt),
      disabledAt: timeOf(disabledAt),
      createdBy: entry.createdBy ?? null,
      rotatedFrom: null,
      replacedBy: null,
      rootId: null,
      fingerprint: IMPORTED,
      version: 1,
    }
  }

  // A commit leaves uses alone. Also for keys that were known: an earlier import may have got no further than its commit.
  async function keepLastUses(rows: readonly StoredKey[]): Promise<void> {
    const uses = rows.flatMap(({ id, lastUsedAt }) =>
      lastUsedAt === null ? [] : [{ id, at: lastUsedAt, days: new Map<string, number>() }],
    )
    if (uses.length > 0) await store.recordUses(uses)
  }

  /** All are checked before the first is written. */
  function rowsOf(entries: readonly ImportEntry[]): readonly StoredKey[] {
    const rows = new Map<string, { readonly row: StoredKey; readonly place: number }>()
    const at = now()
    for (const [i, entry] of entries.entries()) {
      const place = i + 1
      const row = named(`entry ${place}`, () => rowOf(entry, at))
      const twin = rows.get(row.id)
      if (twin !== undefined && !isDeepStrictEqual(twin.row, row)) {
        throw invalid(`entry ${place}: is the key of entry ${twin.place}, with other values`)
      }
      rows.set(row.id, { row, place })
    }
    return [...rows.values()].map(({ row }) => row)
  }

  return async (entries, options) => {
    const { actor = null } = checkArguments(attributionOptions, options)
    if (!Array.isArray(entries)) throw invalid('entries: must be a list')
    const rows = rowsOf(entries)
    await requireProjects(rows.map(({ projectId }) => projectId))
    const eventsOf = (fresh: readonly StoredKey[]) =>
      fresh.map(({ id: keyId, projectId }): KeyEvent => {
        return { at: now(), projectId, keyId, action: 'issued', actor, details: { imported: true } }
      })
    let [imported, erased] = [0, 0]
    for (const batch of batches(rows)) {
      const inserted = await insert(store, batch, eventsOf)
      imported += inserted.imported
      erased += inserted.erased
      await keepLastUses(batch)
    }
    return { imported, known: entries.length - imported - erased, erased }
  }
}

/** Commits what is not there yet, together if it can be, and otherwise one by one. */
async function insert(
  store: Pick<ApiKeyStore, 'find' | 'commit'>,
  batch: readonly StoredKey[],
  eventsOf: (fresh: readonly StoredKey[]) => readonly KeyEvent[],
): Promise<Omit<ImportResult, 'known'>> {
  const fresh: StoredKey[] = []
  for (const row of batch) if ((await store.find(row.id)) === undefined) fresh.push(row)
  if (fresh.length === 0 || (await store.commit(fresh, eventsOf(fresh)))) {
    return { imported: fresh.length, erased: 0 }
  }
  // One of them was erased, or somebody else is importing it.
  let imported = 0
  for (const row of fresh) {
    if (await store.commit([row], eventsOf([row]))) imported++
    else if ((await store.find(row.id)) !== undefined) {
      throw new ApiKeysError('conflict', 'somebody else is importing the same keys; repeat the import')
    }
  }
  return { imported, erased: fresh.length - imported }
}

export const entryOptions: OptionTable<ImportEntry> = {
  ...foreignHashOptions,
  projectId: required(name),
  environment: required(text),
  ...attributeOptions,
  createdAt: instant,
  lastUsedAt: nullable(instant),
  revokedAt: nullable(instant),
  disabledAt: nullable(instant),
  createdBy: nullable(name),
}

const FOREIGN_STATUS = /revoke|enable|disable|active|status|state|delete|suspend|block|banned/i

// Other libraries have columns of their own for a key that must not work any more. Passed over, they would revive it.
function refuseForeignStatus(entry: object): void {
  const known = Object.keys(entryOptions)
  const column = Object.keys(Object(entry)).find(
    (member) => FOREIGN_STATUS.test(member) && !known.includes(member) && didYouMean(member, known) === '',
  )
  if (column !== undefined) {
    throw invalid(
      `${shown(column)}: no such option; a key that must not work any more has a revokedAt, and one that may again a disabledAt`,
    )
  }
}

function named<T>(what: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (error instanceof ApiKeysError) throw new ApiKeysError(error.code, `${what}: ${error.message}`)
    throw error
  }
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += BATCH) yield all.slice(start, start + BATCH)
}
