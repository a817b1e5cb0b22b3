// The port to the host's projects, and a store in memory for tests and small programs.

import type { Awaitable } from '@gosend/auth-core'

/** `suspended` kills the project's keys when the host wires `isProjectActive` to it. */
export type ProjectStatus = 'active' | 'suspended'

/** What keys belong to: a customer, a tenant, an app. */
export interface Project {
  readonly id: string
  readonly name: string
  readonly webhookUrl: string | null
  readonly status: ProjectStatus
  readonly createdAt: Date
}

export interface NewProject {
  readonly name: string
  readonly webhookUrl: string | null
}

export type ProjectChanges = Partial<Pick<Project, 'name' | 'webhookUrl' | 'status'>>

/** Where projects are kept: the host's own table. Each method returns a value or a promise, and throws when it cannot. */
export interface ProjectStore {
  /** Makes an active project; the store chooses its id. */
  create(project: NewProject): Awaitable<Project>
  find(id: string): Awaitable<Project | undefined>
  list(): Awaitable<readonly Project[]>
  /** The project as changed, or undefined when there is none with this id. */
  update(id: string, changes: ProjectChanges): Awaitable<Project | undefined>
}

/** A project store that answers synchronously. */
export interface MemoryProjects extends ProjectStore {
  create(project: NewProject): Project
  find(id: string): Project | undefined
  list(): readonly Project[]
  update(id: string, changes: ProjectChanges): Project | undefined
}

/**
 * Projects in memory, gone with the process. New ones get the ids `1`, `2`, … as far as these are free.
 *
 * @example
 * const projects = memoryProjects()
 * const apiKeys = createApiKeys({ store, isProjectActive: (id) => projects.find(id)?.status === 'active' })
 */
export function memoryProjects(initial: readonly Project[] = []): MemoryProjects {
  const projects = new Map(initial.map((project) => [project.id, { ...project }]))
  let latest = 0

  const save = (project: Project): Project => {
    projects.set(project.id, project)
    return { ...project }
  }

  return {
    create(project) {
      do latest += 1
      while (projects.has(String(latest)))
      return save({ id: String(latest), ...project, status: 'active', createdAt: new Date() })
    },
    find(id) {
      const project = projects.get(id)
      return project && { ...project }
    },
    list: () => [...projects.values()].map((project) => ({ ...project })),
    update(id, changes) {
      const project = projects.get(id)
      return project && save({ ...project, ...changes })
    },
  }
}
