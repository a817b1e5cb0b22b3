// The store as everything else in a key set sees it: with deadlines, watched, writing events, uses and outcomes.

import { createGuardedStore, type Guard } from './guarded-store.js'
import { createKeyEvents, type KeyEventsParts } from './key-events.js'
import { createLastUsed } from './last-used.js'
import { checkLimited, createOutcomes, type OutcomeMethods } from './outcomes.js'
import { createOverQuota } from './over-quota.js'
import type { ApiKeyStore } from './store.js'
import { type Telemetry, watchStore } from './telemetry.js'

interface StorageParts extends Pick<KeyEventsParts, 'options' | 'now' | 'rotationPeriodMs'> {
  readonly guard: Guard
  readonly telemetry: Telemetry | undefined
  readonly lastUsedIntervalMs: number
  readonly countsOutcomes: boolean | undefined
}

export function createStorage(
  given: ApiKeyStore,
  { guard, telemetry, lastUsedIntervalMs, countsOutcomes = false, ...parts }: StorageParts,
) {
  const guarded = createGuardedStore(given, guard)
  const watched = telemetry === undefined ? guarded : watchStore(guarded, telemetry)
  const lastUsed = createLastUsed(async (uses, batch) => watched.recordUses(uses, batch), lastUsedIntervalMs)
  const events = createKeyEvents({ ...parts, store: watched, flushUses: lastUsed.flush })
  const outcomes = createOutcomes({
    ...{ store: watched, isOn: countsOutcomes, now: parts.now, intervalMs: lastUsedIntervalMs },
  })
  const overQuota = createOverQuota(events.methods, parts.now)
  const close = async () => {
    await overQuota.flush()
    await events.stop()
    await lastUsed.flush()
    await outcomes.flush()
  }
  const recordLimited: OutcomeMethods['recordLimited'] = (id, refusal, address) => {
    checkLimited(id, refusal, address)
    outcomes.methods.recordLimited(id, refusal, address)
    if (typeof refusal !== 'string') overQuota.report(id, refusal)
  }
  const methods = { ...outcomes.methods, recordLimited }
  return { store: events.store, lastUsed, events, outcomes: { ...outcomes, methods }, close }
}
