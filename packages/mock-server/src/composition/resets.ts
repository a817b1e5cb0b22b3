// What a mock begins with, and how it gets back there or to a snapshot.

import type { Engine } from '../engine.js'
import { scopeOf } from '../rules/contexts.js'
import { SANDBOX_ENVIRONMENTS } from '../security/sandbox-keys.js'
import type { Served } from '../served.js'
import { DEFAULT_PROJECT } from '../storage/database.js'
import type { Webhooks } from '../webhooks/webhooks.js'
import type { Settings } from './settings.js'
import type { Storage } from './storage.js'
import type { Traffic } from './traffic.js'

export interface Resets {
  /** Stores the seed data, once in the life of a database. */
  plant(): void
  /** Forgets everything but keys and projects, and begins anew. */
  reset(): void
  /** Whether there is a snapshot of this name, which has then replaced what was stored. */
  restore(name: string): boolean
}

/** Of the default project, one per environment. */
const ENVIRONMENTS = Object.values(SANDBOX_ENVIRONMENTS)
const SCOPES: readonly string[] = ENVIRONMENTS.map((environment) => scopeOf(DEFAULT_PROJECT.id, environment))

export function createResets(
  settings: Settings,
  storage: Storage,
  served: Served,
  traffic: Traffic & { readonly webhooks: Webhooks },
): Resets {
  const { options, rules, log, learned } = settings
  const { database, items, changes, clock } = storage
  const { snapshots, transactions } = database
  const { faults, scenarios, journal, jobs, contexts, webhooks } = traffic
  const { seedData = {} } = options

  /** What is remembered of what was stored. */
  const forget = () => {
    for (const { state } of served.engines()) state?.forget()
    contexts.forget()
  }
  transactions.onUndo(forget)
  const replaced = () => {
    forget()
    jobs.forget()
    rules.forget?.()
    for (const topic of ['store', 'requests', 'control', 'jobs'] as const) changes.note(topic)
  }
  /** Who is subscribed to webhooks in what was planted gets them. */
  const subscribe = (engine: Engine, paths: readonly string[]) => {
    const { document, state, router, budget } = engine
    if (document.outgoing === undefined || state === undefined) return
    for (const environment of ENVIRONMENTS) {
      const identity = { projectId: DEFAULT_PROJECT.id, environment }
      const scope = scopeOf(identity.projectId, environment)
      budget.lift(() => {
        for (const path of paths)
          webhooks.planted(engine, identity, state.entitiesAt({ scope, path, router }))
      })
    }
  }
  /** What was seen of the API comes first: a user's own seed data may replace it. */
  const plantSeen = () => {
    for (const [index, engine] of served.engines().entries()) {
      const { things = {} } = learned[index] ?? {}
      if (Object.keys(things).length === 0 || !items.claimSeeding('', `learned${engine.prefix}`)) continue
      const [warnings = []] = engine.budget.lift(() =>
        SCOPES.map((scope) => engine.state?.plantSeen(scope, things, engine.router) ?? []),
      )
      for (const warning of warnings) log.warning(warning)
      subscribe(engine, Object.keys(things))
    }
  }
  const plant = () => {
    plantSeen()
    const planted = Object.keys(seedData).length > 0 && !items.claimSeeding('', 'seed-data') ? {} : seedData
    for (const engine of served.engines()) {
      const own = Object.entries(planted).filter(([path]) => served.engineOf(path) === engine)
      const [warnings = []] = engine.budget.lift(() =>
        SCOPES.map((scope) => engine.state?.plant(scope, Object.fromEntries(own), engine.router) ?? []),
      )
      for (const warning of warnings) log.warning(warning)
      subscribe(
        engine,
        own.map(([path]) => path),
      )
    }
  }
  return {
    plant,
    reset() {
      snapshots.clear()
      journal.clear()
      faults.set([])
      scenarios.restart()
      clock.reset()
      replaced()
      plant()
    },
    restore(name) {
      const isFound = snapshots.load(name)
      if (isFound) replaced()
      return isFound
    },
  }
}
