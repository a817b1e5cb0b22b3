// What a key that was made from another is counted for: its own limits, and all of those that it was made from.

import { OptionError } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import { creditsMeter, type Meter, type SubjectOf, subjects, windowMeter } from './meters.js'

/** A key and those that it was made from, the first of them first. */
function lineageOf(record: ApiKey): readonly ApiKey[] {
  const { delegation } = record
  if (delegation === undefined) return [record]
  if (delegation.parent === undefined) {
    throw new TypeError(
      'record: was made from another key; pass the record of a verification, which has that key as well',
    )
  }
  return [...lineageOf(delegation.parent), record]
}

/** Whose plan holds. */
export function rootOf(record: ApiKey): ApiKey {
  if (typeof record?.id !== 'string' || typeof record.projectId !== 'string') {
    throw new OptionError('record', 'must be the record of a key, as a verification has it')
  }
  return record.delegation === undefined ? record : (lineageOf(record)[0] ?? record)
}

/** The same limit, for requests of another key. */
export function countedAs(meter: Meter, key: ApiKey): Meter {
  return { ...meter, windowAt: (now) => meter.windowAt(now, key) }
}

// Apart from what a plan counts of the same key.
const ofItself: SubjectOf = (key) => `own:${subjects.key(key)}`

/** The limits that a key and those that it was made from have of their own. */
export function ownMetersOf(record: ApiKey): readonly Meter[] {
  const lineage = lineageOf(record).toReversed()
  return lineage.flatMap((key, depth) => {
    const whose = ['key', 'parent'][depth] ?? `parent-${depth}`
    const named = (meter: Meter): Meter => countedAs({ ...meter, name: `${whose}-${meter.period}` }, key)
    const rates = (key.delegation?.limits ?? []).map((limit) => windowMeter(limit, 'limits', ofItself))
    return [...rates, ...budgetOf(key)].map(named)
  })
}

/** Whose credits a key uses up: its own budget, or that of the nearest key that it was made from; the first has its plan's. */
export function budgetHolderOf(record: ApiKey): ApiKey {
  const root = rootOf(record)
  return lineageOf(record).findLast(({ delegation }) => (delegation?.budget ?? null) !== null) ?? root
}

/** The budget that a key has of its own, if it has one. */
export function ownBudgetOf(record: ApiKey): readonly Meter[] {
  return budgetOf(record).map((meter) => countedAs({ ...meter, name: 'key-credits' }, record))
}

function budgetOf({ delegation }: ApiKey): readonly Meter[] {
  const budget = delegation?.budget ?? null
  return budget === null ? [] : [creditsMeter({ amount: budget }, ofItself)]
}
