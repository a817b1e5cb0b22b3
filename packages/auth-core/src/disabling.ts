// Disabling a key, for good by revoking it, and enabling it again. A predecessor in its grace period follows its successor, so that
// what was handed out as one key is refused, and works again, as one.

import { type ApiKey, hasExpired, type RecordOf } from './api-key.js'
import { type ChangeOptions, checkArguments, howToChange } from './attributes.js'
import type { Changes } from './changes.js'
import { ApiKeysError } from './errors.js'
import type { KeyRoom } from './key-room.js'
import { end, eventOf, type KeyReads, unrevoked } from './key-rows.js'
import type { KeyLimit, StoredKey } from './store.js'

export type Switch = (id: string, options?: ChangeOptions) => Promise<ApiKey>

export interface DisablingParts {
  readonly now: () => number
  readonly recordOf: RecordOf
  readonly rows: KeyReads
  readonly changes: Changes
  readonly room: KeyRoom
}

/** Ends a key for good. One that is revoked already stays as it is. */
export function createRevoke(parts: DisablingParts): Switch {
  return createStop(parts, 'revoked', (live, at) => live.map((row) => end(row, at, 0)))
}

export function createDisable(parts: DisablingParts): Switch {
  return createStop(parts, 'disabled', (live, at, row) => {
    if (live.length === 0) unrevoked(row)
    return live
      .filter((key) => key.disabledAt === null)
      .map((key) => ({ ...key, disabledAt: at, version: key.version + 1 }))
  })
}

/** @param stop the rows to write, of those that are not revoked among the key and what was handed out as the same one. */
function createStop(
  { now, recordOf, rows, changes }: DisablingParts,
  action: 'revoked' | 'disabled',
  stop: (live: readonly StoredKey[], at: number, row: StoredKey) => readonly StoredKey[],
): Switch {
  return async (id, options) => {
    const { actor, ifVersion } = checkArguments(howToChange, options)
    const seen = await rows.existing(id, ifVersion)
    await changes.atOnce(async () => {
      const row = await rows.existing(id, ifVersion)
      const chain = [row, ...(await rows.unrevokedPredecessor(row))]
      // A caller that stops a key during its rotation wants it gone, and does not know of the new one.
      if (seen.replacedBy === null) chain.push(...(await rows.successors(row)))
      const at = now()
      const live = chain.filter((key) => key.revokedAt === null)
      const stopped = stop(live, at, row)
      const details = (key: StoredKey) => (key.id === id ? {} : { [action]: id })
      return { rows: stopped, events: stopped.map((key) => eventOf(action, key, actor, at, details(key))) }
    })
    return recordOf(await rows.existing(id))
  }
}

export function createEnable({ now, recordOf, rows, changes, room }: DisablingParts): Switch {
  return async (id, options) => {
    const { actor, ifVersion } = checkArguments(howToChange, options)
    await changes.inTurn(id, async () => {
      const row = unrevoked(await rows.existing(id, ifVersion))
      await refuseBeforeSuccessor(row)
      const at = now()
      const enabled = [row, ...(await rows.unrevokedPredecessor(row))]
        .filter((key) => key.disabledAt !== null)
        .map((key): StoredKey => ({ ...key, disabledAt: null, version: key.version + 1 }))
      const details = (key: StoredKey) => (key.id === id ? {} : { enabled: id })
      return {
        keyLimit: await roomFor(row, enabled, at),
        rows: enabled,
        events: enabled.map((key) => eventOf('enabled', key, actor, at, details(key))),
      }
    })
    return recordOf(await rows.existing(id))
  }

  async function roomFor(
    row: StoredKey,
    enabled: readonly StoredKey[],
    at: number,
  ): Promise<KeyLimit | undefined> {
    const keyLimit = hasExpired(row, at) ? undefined : await room.inPlaceOf(row)
    // As with a rotation, what is still in its grace period needs no room of its own.
    return keyLimit && { ...keyLimit, limit: keyLimit.limit + enabled.length - 1 }
  }

  async function refuseBeforeSuccessor(row: StoredKey): Promise<void> {
    const [successor] = row.disabledAt === null ? [] : await rows.successors(row)
    if (successor === undefined || successor.disabledAt === null) return
    throw new ApiKeysError(
      'conflict',
      `key ${row.id} was replaced by ${successor.id}, which is disabled; enable that one`,
    )
  }
}
