// Projects in a Map: for tests, and for programs whose projects may die with the process.

import { fitting, listOf } from '@gosend/options'
import { ApiKeysError } from '../errors.js'
import {
  changesOf,
  type Project,
  projectOf,
  queryOf,
  type SessionStore,
  type SynchronousProjects,
} from '../projects.js'

/** Projects in memory, gone with the process. */
export interface MemoryProjects extends SynchronousProjects {
  erase(id: string): boolean
  readonly sessions: SessionStore
}

const allProjects = listOf(
  fitting((project) => typeof Object(project).id === 'string', 'must be a project'),
  'must be a list of projects',
)

/**
 * Projects in memory, gone with the process. New ones get ids that no earlier process has given.
 *
 * @param initial projects that are there from the start.
 *
 * @example
 * const projects = memoryProjects()
 * const apiKeys = createApiKeys({ store: memoryStore(), projects })
 */
export function memoryProjects(initial: readonly Project[] = []): MemoryProjects {
  allProjects(initial, 'initial')
  const projects = new Map(initial.map((project) => [project.id, { ...project }]))
  const order = [...projects.keys()].sort(byCodePoints)

  return {
    create(given) {
      const project = projectOf(given, new Date())
      if (projects.has(project.id)) throw taken(project.id)
      projects.set(project.id, project)
      order.splice(placeOf(project.id, order), 0, project.id)
      return { ...project }
    },
    find(id) {
      const project = projects.get(id)
      return project && { ...project }
    },
    list(query) {
      const { ids, after, limit } = queryOf(query)
      const wanted =
        ids === undefined ? order : [...new Set(ids)].filter((id) => projects.has(id)).sort(byCodePoints)
      const start = after === undefined ? 0 : placeOf(after, wanted)
      const page = wanted.slice(start, start + limit + 1).filter((id) => id !== after)
      return page.slice(0, limit).flatMap((id) => ({ ...(projects.get(id) as Project) }))
    },
    update(id, given) {
      const changes = changesOf(given)
      const project = projects.get(id)
      if (project === undefined) return undefined
      projects.set(id, { ...project, ...changes })
      return { ...project, ...changes }
    },
    erase(id) {
      if (!projects.delete(id)) return false
      order.splice(placeOf(id, order), 1)
      return true
    },
    sessions: memorySessions(),
  }
}

/** Where an id stands in a sorted list, or would stand. */
function placeOf(id: string, order: readonly string[]): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (byCodePoints(order[middle] ?? '', id) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Sessions that no other process knows of. */
export function memorySessions(): SessionStore {
  const sessions = new Map<string, number>()
  return {
    start(id, endsAt) {
      for (const [earlier, end] of sessions) if (end <= Date.now()) sessions.delete(earlier)
      sessions.set(id, endsAt)
    },
    find: (id) => sessions.get(id),
    end: (id) => void sessions.delete(id),
  }
}

export const taken = (id: string) =>
  new ApiKeysError('conflict', `there is a project with the id ${id} already`)

// As databases compare, where JavaScript puts characters of two units before the last ones of a single unit.
function byCodePoints(a: string, b: string): number {
  let i = 0
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  return weightOf(a, i) - weightOf(b, i)
}

function weightOf(text: string, i: number): number {
  const unit = text.charCodeAt(i)
  if (Number.isNaN(unit)) return -1
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
