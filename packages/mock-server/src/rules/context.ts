// What all code of an API's own works with: the objects, jobs and time of one project and environment.

import type { Project } from '@gosend/express-adapter'
import type { ItemQuery, Where } from '../storage/item-table.js'

export type { ItemQuery as ListQuery, Where } from '../storage/item-table.js'

/**
 * JSON objects in collections, those of one project and environment. What the engine stores by itself is here too: its
 * collections are named by their concrete paths, such as `/pets` or `/wabas/7/templates`. Others may have any name.
 */
export interface Store {
  get<T extends object>(collection: string, id: string): T | undefined
  /** False when the id is taken: then nothing was written. */
  insert(collection: string, id: string, value: object): boolean
  /** Makes or replaces an object. One that is replaced keeps its place in the order of creation. */
  put(collection: string, id: string, value: object): void
  /** Whether there was one. */
  remove(collection: string, id: string): boolean
  /** A member that `where` has named once has an index from then on. */
  list<T extends object>(collection: string, query?: ItemQuery): T[]
  count(collection: string, where?: Where): number
  /** `'1'`, `'2'`, …: never one that was given before or that an object has. */
  nextId(collection: string): string
}

/** What all code of an API's own works with. All of it is of one project and environment. */
export interface MockContext {
  readonly project: Project
  /** `sandbox` or `production`. */
  readonly environment: string
  /** How this mock was called, or else where it listens: `http://127.0.0.1:4010`. */
  readonly origin: string
  readonly store: Store
  /** The mock's time, milliseconds since the epoch. */
  now(): number
  /** Commits what `work`, which is synchronous, writes, together or, when it throws, not at all. */
  transact<T>(work: () => T): T
  /**
   * Does a job once the mock's clock has reached an instant, by default at once, but never before what this call
   * writes has been committed. Gives its id.
   *
   * @throws TypeError when no job has this name.
   */
  schedule(job: string, payload: unknown, at?: number): string
  /** False when it is done already, or being done. */
  cancel(id: string): boolean
  /** The same for every project and environment, this one included. */
  everywhere(): readonly MockContext[]
  /** A line for the mock's log. */
  log(line: string): void
}
