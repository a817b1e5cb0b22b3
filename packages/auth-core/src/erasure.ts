// Erasing keys: one with those that it replaced, those of a project, or those of a person. What a store then keeps is the id alone,
// so that nobody gets it again.

import { type OptionTable, text } from '@gosend/options'
import { checkArguments, invalid, name } from './attributes.js'
import type { Changes } from './changes.js'
import { ApiKeysError } from './errors.js'
import { isKeyId } from './key-format.js'
import { end, eventOf, type KeyReads } from './key-rows.js'
import type { ApiKeyStore, ErasedRows, KeyQuery, StoredKey } from './store.js'

/** Whose keys to erase: exactly one of the members, which must not be undefined. */
export type EraseSelection =
  | { readonly keyId: string }
  | { readonly projectId: string }
  | { readonly createdBy: string }
  | { readonly ownerId: string }

type Selected = Partial<Record<'keyId' | 'projectId' | 'createdBy' | 'ownerId', string>>

const selectionOptions: OptionTable<Selected> = {
  keyId: text,
  projectId: name,
  createdBy: name,
  ownerId: name,
}

export type Erase = (selection: EraseSelection) => Promise<ErasedRows>

export interface ErasureParts {
  readonly store: Pick<ApiKeyStore, 'find' | 'list' | 'erase'>
  readonly now: () => number
  readonly rows: KeyReads
  readonly changes: Changes
}

// Each batch is a transaction, with all events and uses of its keys.
const BATCH = 50

export function createErase({ store, now, rows, changes }: ErasureParts): Erase {
  return async (selection) => {
    const { keyId, ...whose } = selectedBy(selection)
    return keyId === undefined ? eraseAll(whose) : eraseChain(keyId)
  }

  async function eraseChain(id: string): Promise<ErasedRows> {
    const sum = nothing()
    const seen = await store.find(id)
    if (seen === undefined) return sum
    // Once it is revoked, nobody can rotate it any more, and the chain stays as it is.
    await changes.atOnce(async () => {
      const current = await store.find(id)
      const isLive = current !== undefined && current.revokedAt === null
      return { rows: isLive ? [end(current, now(), 0)] : [], events: [] }
    })
    const row = (await store.find(id)) ?? seen
    // As with a revocation, a rotation that got in between has made a key that the caller does not know of.
    const successors = seen.replacedBy === null ? await rows.successors(row) : []
    await eraseBatches([row, ...successors, ...(await rows.predecessors(row))], sum)
    return sum
  }

  async function eraseAll(whose: Selected): Promise<ErasedRows> {
    const sum = nothing()
    for (;;) {
      const query: KeyQuery = {
        ...whose,
        sort: 'createdAt',
        order: 'asc',
        limit: BATCH,
        total: false,
        now: now(),
      }
      const { rows: batch } = await store.list(query)
      if (batch.length === 0) return sum
      if (whose.projectId === undefined) await endPredecessors(batch)
      await eraseBatches(batch, sum)
    }
  }

  /** A key in its grace period does not outlive the one that replaced it, whoever made it. */
  async function endPredecessors(batch: readonly StoredKey[]): Promise<void> {
    const ids = new Set(batch.map(({ id }) => id))
    for (const { id, rotatedFrom } of batch) {
      if (rotatedFrom === null || ids.has(rotatedFrom)) continue
      await changes.atOnce(async () => {
        const row = await store.find(rotatedFrom)
        const ended = row === undefined || row.revokedAt !== null ? [] : [end(row, now(), 0)]
        const events = ended.map((key) => eventOf('revoked', key, undefined, now(), { erased: id }))
        return { rows: ended, events }
      })
    }
  }

  async function eraseBatches(all: readonly StoredKey[], sum: Sum): Promise<void> {
    for (let start = 0; start < all.length; start += BATCH) {
      const ids = all.slice(start, start + BATCH).map(({ id }) => id)
      const erased = await store.erase(ids, now())
      // Otherwise the next list would have the same keys, and so on without end.
      if (erased.keys === 0) await refuseRemaining(ids)
      sum.keys += erased.keys
      sum.events += erased.events
      sum.uses += erased.uses
    }
  }

  async function refuseRemaining(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      if ((await store.find(id)) === undefined) continue
      throw new ApiKeysError('store_corrupt', `the store still has the key ${id}, which it has erased`)
    }
  }
}

type Sum = { -readonly [Count in keyof ErasedRows]: ErasedRows[Count] }

const nothing = (): Sum => ({ keys: 0, events: 0, uses: 0 })

function selectedBy(selection: EraseSelection): Selected {
  const selected = checkArguments(selectionOptions, selection)
  // An undefined member is a slip: were it passed over, more would be erased than was meant.
  if (
    Object.keys(Object(selection)).length !== 1 ||
    Object.values(selected).every((id) => id === undefined)
  ) {
    throw invalid('erase: give exactly one of keyId, projectId, createdBy and ownerId')
  }
  if (selected.keyId !== undefined && !isKeyId(selected.keyId))
    throw new ApiKeysError('not_found', 'not a key id')
  return selected
}
