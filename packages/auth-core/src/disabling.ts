// Disabling a key and enabling it again. A predecessor in its grace period follows its successor, so that what was handed out
// as one key is refused, and works again, as one.

import { type ApiKey, hasExpired, type RecordOf } from './api-key.js'
import { type ChangeOptions, checkArguments, howToChange } from './attributes.js'
import type { Changes } from './changes.js'
import { ApiKeysError } from './errors.js'
import type { KeyRoom } from './key-room.js'
import { eventOf, type KeyReads, unrevoked } from './key-rows.js'
import type { KeyLimit, StoredKey } from './store.js'

export type Switch = (id: string, options?: ChangeOptions) => Promise<ApiKey>

export interface DisablingParts {
  readonly now: () => number
  readonly recordOf: RecordOf
  readonly rows: KeyReads
  readonly changes: Changes
  readonly room: KeyRoom
}

export function createDisable({ now, recordOf, rows, changes }: DisablingParts): Switch {
  return async (id, options) => {
    const { actor, ifVersion } = checkArguments(howToChange, options)
    const seen = await rows.existing(id, ifVersion)
    await changes.atOnce(async () => {
      const row = await rows.existing(id, ifVersion)
      const chain = [row, ...(await rows.unrevokedPredecessor(row))]
      // A caller that disables a key during its rotation does not know of the new one.
      if (seen.replacedBy === null) chain.push(...(await rows.successors(row)))
      const live = chain.filter((key) => key.revokedAt === null)
      if (live.length === 0) unrevoked(row)
      const at = now()
      const disabled = live
        .filter((key) => key.disabledAt === null)
        .map((key): StoredKey => ({ ...key, disabledAt: at, version: key.version + 1 }))
      const details = (key: StoredKey) => (key.id === id ? {} : { disabled: id })
      return {
        rows: disabled,
        events: disabled.map((key) => eventOf('disabled', key, actor, at, details(key))),
      }
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
