// How long the audit log and counts of uses are kept, and the sweep that deletes what is older.

import { type OptionTable, wholeNumber } from '@gosend/options'
import type { SweptEvents } from './event-sweep.js'
import type { KeyEvents } from './key-events.js'
import { utcDay } from './last-used.js'
import type { Outcomes } from './outcomes.js'
import type { ApiKeyStore, ErasedRows } from './store.js'

const DAY_MS = 86_400_000

/** At least a day each. Default: for ever. */
export interface Retention {
  /** How long entries of the audit log are kept. */
  readonly historyMs?: number | undefined
  /** How long counts of uses are kept, by whole UTC days. */
  readonly usesMs?: number | undefined
  /** How long counts of outcomes and refusals are kept. */
  readonly outcomesMs?: number | undefined
}

export const retentionOptions: OptionTable<Retention> = {
  historyMs: wholeNumber(DAY_MS),
  usesMs: wholeNumber(DAY_MS),
  outcomesMs: wholeNumber(DAY_MS),
}

/** What a sweep has deleted; with events of keys, also what it did to these, and with outcomes, how many of their rows. */
export type Swept = Pick<ErasedRows, 'events' | 'uses'> &
  Partial<SweptEvents> & { readonly outcomes?: number | undefined }

// So many of each in one transaction, which others that write have to wait for.
const BATCH = 1_000

export function createSweep(
  store: Pick<ApiKeyStore, 'sweep'>,
  { historyMs, usesMs, outcomesMs }: Retention,
  now: () => number,
  others: { readonly events: KeyEvents['sweep']; readonly outcomes: Outcomes['sweep'] },
): () => Promise<Swept> {
  const sweepKept = async () => {
    const sum = { events: 0, uses: 0 }
    if (historyMs === undefined && usesMs === undefined) return sum
    const eventsBefore = historyMs === undefined ? null : now() - historyMs
    // No key was used before the epoch, and long before it there are no dates.
    const usesBefore = usesMs === undefined ? null : utcDay(Math.max(0, now() - usesMs))
    for (;;) {
      const { events, uses } = await store.sweep({ eventsBefore, usesBefore, limit: BATCH })
      sum.events += events
      sum.uses += uses
      if (events === 0 && uses === 0) return sum
    }
  }
  return async () => {
    const kept = await sweepKept()
    const outcomes = outcomesMs === undefined ? undefined : await others.outcomes?.(now() - outcomesMs)
    return { ...kept, ...(await others.events?.()), ...(outcomes !== undefined && { outcomes }) }
  }
}
