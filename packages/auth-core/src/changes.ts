// How a change of keys gets into the store: rows are read, something is decided on them, and what was decided is committed if
// the rows are still the same. Otherwise it is decided again on what is true by then. Nothing here knows what a change is.

import { randomInt } from 'node:crypto'
import { clearTimeout, setTimeout, steadyClock } from './clocks.js'
import { ApiKeysError } from './errors.js'
import type { ApiKeyStore, KeyEvent, KeyLimit, StoredKey } from './store.js'

/** Rows that are to change together, and what the audit log will say of it. */
export interface Plan {
  readonly rows: readonly StoredKey[]
  readonly events: readonly KeyEvent[]
  /** What the change must leave, when it makes one more key active. */
  readonly keyLimit?: KeyLimit | undefined
}

/** Reads fresh rows and decides. What it throws ends the change. */
export type Decide<Decided extends Plan> = () => Promise<Decided>

export interface Changes {
  /** Commits at once, and again without a pause while it loses: for what must not wait, such as a revocation. */
  atOnce<Decided extends Plan>(decide: Decide<Decided>): Promise<Decided>
  /** Commits after the changes of the same key that this process is making already. */
  inTurn<Decided extends Plan>(id: string, decide: Decide<Decided>): Promise<Decided>
}

// Every lost commit is one that somebody else has won, so the wait is as long as there are others.
const PATIENCE_MS = 5_000
const LONGEST_PAUSE_MS = 100
// How long to wait for a change before it, which may itself wait for a failing store.
const LONGEST_TURN_MS = 250

export function createChanges(store: Pick<ApiKeyStore, 'commit'>): Changes {
  const underWay = new Map<string, Promise<unknown>>()

  async function commit<Decided extends Plan>(
    decide: Decide<Decided>,
    pauseMs: (attempt: number) => number,
  ): Promise<Decided> {
    const endsAt = steadyClock() + PATIENCE_MS
    for (let attempt = 0; ; attempt++) {
      const plan = await decide()
      if (plan.rows.length === 0 || (await store.commit(plan.rows, plan.events, plan.keyLimit))) return plan
      if (steadyClock() >= endsAt) {
        throw new ApiKeysError('conflict', 'the key kept changing meanwhile; read it again')
      }
      await pause(pauseMs(attempt))
    }
  }

  return {
    atOnce: (decide) => commit(decide, () => 0),
    async inTurn(id, decide) {
      const before = underWay.get(id)
      const turn = Promise.resolve(before && settledWithin(before, LONGEST_TURN_MS)).then(() =>
        commit(decide, (attempt) => randomInt(Math.min(LONGEST_PAUSE_MS, 2 ** attempt) + 1)),
      )
      underWay.set(id, turn)
      try {
        return await turn
      } finally {
        if (underWay.get(id) === turn) underWay.delete(id)
      }
    },
  }
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise<void>((resolve) => setTimeout(resolve, ms))
}

/** Resolves when the promise has settled, either way, or when the time is up. */
function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    const settle = () => {
      clearTimeout(timer)
      resolve()
    }
    promise.then(settle, settle)
  })
}
