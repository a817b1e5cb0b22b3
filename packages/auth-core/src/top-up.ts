// Gives keys more credits, and says so in the audit log.

import type { RecordOf } from './api-key.js'
import { type Attribution, attributionOptions, checkArguments, invalid } from './attributes.js'
import type { Awaitable } from './awaitable.js'
import { createKeyReads, eventOf } from './key-rows.js'
import type { Limits } from './limits.js'
import type { ApiKeyStore } from './store.js'

export interface TopUpParts {
  readonly store: ApiKeyStore
  readonly recordOf: RecordOf
  readonly now: () => number
  readonly limits: Pick<Limits, 'topUp'> | undefined
}

export type TopUp = (id: string, amount: number, options?: Attribution) => Promise<number>

export function createTopUp({ store, recordOf, now, limits }: TopUpParts): TopUp {
  const rows = createKeyReads(store)
  return async (id, amount, options) => {
    const { actor } = checkArguments(attributionOptions, options)
    if (limits === undefined) throw invalid('topUp: pass limits to createApiKeys, which has the credits')
    const row = await rows.existing(id)
    const record = recordOf(row, await rows.parents(row))
    let logged: Awaitable<unknown>
    const log = () => {
      logged ??= store.commit([], [eventOf('updated', row, actor, now(), { fields: ['credits'], amount })])
      return logged
    }
    const left = await limits.topUp(record, amount, { confirm: log })
    // Limits of the host's may pass on no more than the amount.
    await log()
    return left
  }
}
