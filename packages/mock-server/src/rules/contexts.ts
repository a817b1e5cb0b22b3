// What an API's own code works with: the objects, jobs and time of one project and environment.

import type { Project } from '@gosend/express-adapter'
import type { Clock } from '../clock.js'
import type { Operation } from '../engine/document/operation.js'
import { SANDBOX_ENVIRONMENTS } from '../security/sandbox-keys.js'
import type { Projects } from '../storage/database.js'
import type { ItemTable } from '../storage/item-table.js'
import type { Transactions } from '../storage/transactions.js'
import type { MockContext, Store } from './context.js'
import type { Jobs } from './jobs.js'
import type { JobContext, JobRun, Rules } from './rules.js'

export interface Contexts {
  /**
   * Undefined when there is no such project. What it begins with is there already.
   *
   * @param by the operation whose handler works with it.
   */
  of(projectId: string, environment: string, origin?: string, by?: Operation): MockContext | undefined
  /** For a job of a scope: what it does counts until its signal aborts. */
  ofJob(scope: string, run: JobRun): JobContext | undefined
  /** What is stored has been exchanged. */
  forget(): void
}

export interface ContextsOptions {
  readonly projects: Projects
  readonly items: ItemTable
  readonly jobs: Pick<Jobs, 'schedule' | 'cancel'>
  readonly transactions: Transactions
  readonly clock: Clock
  readonly seed: Rules['seed']
  /** Where the mock listens. */
  readonly origin: () => string
  readonly log: (line: string) => void
  /** Told of what code of an API's own writes to the collections of paths, in the unit of work that writes it. */
  readonly onWrite?: ((scope: string, write: StoreWrite) => void) | undefined
}

export interface StoreWrite {
  /** A concrete path. */
  readonly collection: string
  readonly id: string
  readonly before: object | undefined
  /** Undefined where it was removed. */
  readonly after: object | undefined
  /** Whether it is what a project begins with. */
  readonly isSeed: boolean
  /** The operation whose handler wrote it. */
  readonly by: Operation | undefined
}

const ENVIRONMENTS = Object.values(SANDBOX_ENVIRONMENTS)
// No path of a collection: nothing that clients store is in its way.
const SEEDING = 'rules'

export const scopeOf = (projectId: string, environment: string): string => `${projectId}/${environment}`

export function createContexts(options: ContextsOptions): Contexts {
  const { projects, items, jobs, transactions, clock, seed, log, onWrite } = options
  const stores = new Map<string, Store>()
  const begun = new Set<string>()

  let isSeeding = false
  const storeOf = (scope: string, by: Operation | undefined): Store => {
    const store = stores.get(scope) ?? createStore(items, scope)
    stores.set(scope, store)
    return onWrite === undefined
      ? store
      : telling(store, (write) => onWrite(scope, { ...write, isSeed: isSeeding, by }))
  }

  const contextOf = (project: Project, environment: string, origin: string, by?: Operation): MockContext => {
    const scope = scopeOf(project.id, environment)
    const context: MockContext = {
      project,
      environment,
      origin,
      store: storeOf(scope, by),
      now: clock.now,
      transact: transactions.unit,
      schedule: (job, payload, at = clock.now()) => jobs.schedule(scope, job, payload, at),
      cancel: (id) => jobs.cancel(scope, id),
      everywhere: () =>
        projects
          .list({ limit: 10_000 })
          .flatMap((one) => ENVIRONMENTS.map((each) => contextOf(one, each, origin))),
      log,
    }
    if (seed !== undefined && !begun.has(scope)) {
      begun.add(scope)
      try {
        transactions.unit(() => {
          isSeeding = true
          if (items.claimSeeding(scope, SEEDING)) seed(context)
        })
      } catch (error) {
        begun.delete(scope)
        throw error
      } finally {
        isSeeding = false
      }
    }
    return context
  }

  const of: Contexts['of'] = (projectId, environment, origin = options.origin(), by = undefined) => {
    const project = ENVIRONMENTS.some((known) => known === environment) ? projects.find(projectId) : undefined
    return project && contextOf(project, environment, origin, by)
  }
  return {
    of,
    ofJob(scope, run) {
      const slash = scope.lastIndexOf('/')
      const context = of(scope.slice(0, slash), scope.slice(slash + 1))
      return context && { ...context, ...run, ...writesUntil(run.signal, context) }
    },
    forget: () => begun.clear(),
  }
}

function createStore(items: ItemTable, scope: string): Store {
  return {
    get<T extends object>(collection: string, id: string) {
      const found = items.find(scope, collection, id)
      return found && (JSON.parse(found.body) as T)
    },
    insert: (collection, id, value) => items.insert(scope, collection, id, JSON.stringify(value)),
    put: (collection, id, value) => items.replace(scope, collection, id, JSON.stringify(value)),
    remove: (collection, id) => items.remove(scope, collection, id),
    list: <T extends object>(collection: string, query = {}) =>
      items.list(scope, collection, query).map(({ body }) => JSON.parse(body) as T),
    count: (collection, where) => items.count(scope, collection, where),
    nextId(collection) {
      for (;;) {
        const id = String(items.nextNumber(scope, collection))
        if (!items.isTaken(scope, collection, id)) return id
      }
    },
  }
}

/** A store that tells of what is written to the collections of paths: others are for code alone. */
function telling(store: Store, tell: (write: Omit<StoreWrite, 'isSeed' | 'by'>) => void): Store {
  const isShown = (collection: string): boolean => collection.startsWith('/')
  return {
    ...store,
    insert(collection, id, value) {
      const isNew = store.insert(collection, id, value)
      if (isNew && isShown(collection)) tell({ collection, id, before: undefined, after: value })
      return isNew
    },
    put(collection, id, value) {
      const before = isShown(collection) ? store.get(collection, id) : undefined
      store.put(collection, id, value)
      if (isShown(collection)) tell({ collection, id, before, after: value })
    },
    remove(collection, id) {
      const before = isShown(collection) ? store.get(collection, id) : undefined
      const isThere = store.remove(collection, id)
      if (before !== undefined) tell({ collection, id, before, after: undefined })
      return isThere
    },
  }
}

/** What a context can write, until a signal aborts. */
function writesUntil(
  signal: AbortSignal,
  { store, schedule, cancel, transact }: MockContext,
): Pick<MockContext, 'store' | 'schedule' | 'cancel' | 'transact'> {
  const until =
    <Values extends unknown[], Result>(write: (...values: Values) => Result) =>
    (...values: Values): Result => {
      signal.throwIfAborted()
      return write(...values)
    }
  const { insert, put, remove, nextId } = store
  return {
    store: {
      ...store,
      insert: until(insert),
      put: until(put),
      remove: until(remove),
      nextId: until(nextId),
    },
    schedule: until(schedule),
    cancel: until(cancel),
    transact(work) {
      signal.throwIfAborted()
      return transact(work)
    },
  }
}
