// How a change waits for a database that one at a time can write to: beside the event loop, so that whoever writes in this process
// can end that.

import { randomInt } from 'node:crypto'
import type { Awaitable } from './awaitable.js'
import { setTimeout, steadyClock } from './clocks.js'
import { isBusy } from './errors.js'
import type { ProjectStore, SessionStore } from './projects.js'

const BUSY_PATIENCE_MS = 1_000
const LONGEST_BUSY_PAUSE_MS = 50

/**
 * A change of a database that one at a time can write to, as soon as the others let it. They take no turns: of several processes
 * that write without a pause, one may come too late every time that it looks.
 */
export function inTurn<T>(change: () => Awaitable<T>): Awaitable<T> {
  try {
    return change()
  } catch (error) {
    if (!isBusy(error)) throw error
    return again(change, error)
  }
}

async function again<T>(change: () => Awaitable<T>, busy: unknown): Promise<T> {
  const endsAt = steadyClock() + BUSY_PATIENCE_MS
  for (let error = busy; ; ) {
    if (!isBusy(error) || steadyClock() >= endsAt) throw error
    await new Promise<void>((resolve) => setTimeout(resolve, randomInt(LONGEST_BUSY_PAUSE_MS)))
    try {
      return await change()
    } catch (cause) {
      error = cause
    }
  }
}

/** Projects whose changes wait as those of keys do, also over a store that answers at once. */
export function projectsInTurn(projects: ProjectStore): ProjectStore {
  return {
    database: projects.database,
    sessions: projects.sessions && sessionsInTurn(projects.sessions),
    create: (project) => inTurn(() => projects.create(project)),
    find: (id) => projects.find(id),
    list: (query) => projects.list(query),
    update: (id, changes) => inTurn(() => projects.update(id, changes)),
    ...(projects.erase !== undefined && {
      erase: (id: string) => inTurn(() => projects.erase?.(id) ?? false),
    }),
  }
}

const sessionsInTurn = (sessions: SessionStore): SessionStore => ({
  start: (id, endsAt) => inTurn(() => sessions.start(id, endsAt)),
  find: (id) => sessions.find(id),
  end: (id) => inTurn(() => sessions.end(id)),
})
