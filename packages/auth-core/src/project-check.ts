// Whether the project of a key is active: by the row of the key where the store keeps projects as well, otherwise by asking.

import { OptionError } from '@gosend/options'
import { type Awaitable, andThen } from './awaitable.js'
import { type Fault, faultOf } from './callbacks.js'
import { ApiKeysError } from './errors.js'
import { createGuard } from './guarded-store.js'
import type { ProjectStore } from './projects.js'
import type { ApiKeyStore, StoredKey } from './store.js'

export interface ProjectCheck {
  /** What the row of a key says: false when its project is not active. */
  isActiveByRow(row: StoredKey): boolean
  /** For what no row says. Undefined when rows say it all. */
  readonly isActive: ((projectId: string) => Awaitable<boolean>) | undefined
  /** Whether keys of a project that `projects` have suspended are refused. */
  covers(projects: ProjectStore): boolean
  /** @throws ApiKeysError `invalid_argument` when keys of this project would never work, because it does not exist. */
  requireExisting(projectIds: readonly string[]): Promise<void>
}

export interface ProjectCheckParts {
  readonly store: Pick<ApiKeyStore, 'database'>
  readonly projects?: ProjectStore | undefined
  readonly isProjectActive?: ((projectId: string) => Awaitable<boolean>) | undefined
  /** How long they may take to answer. */
  readonly timeoutMs: number
}

const PROJECTS: Fault = { code: 'store_unavailable', message: 'the store of projects did not answer' }

/** @throws TypeError when both `projects` and `isProjectActive` are given. */
export function createProjectCheck(parts: ProjectCheckParts): ProjectCheck {
  const { store, projects, isProjectActive, timeoutMs } = parts
  if (projects !== undefined && isProjectActive !== undefined) {
    throw new TypeError('isProjectActive: give either projects or isProjectActive')
  }
  const guard = createGuard(timeoutMs, isProjectActive === undefined ? PROJECTS : faultOf('isProjectActive'))
  const isKept = (by: ProjectStore) => by.database !== undefined && by.database === store.database
  const isLinked = projects !== undefined && isKept(projects)
  const asked =
    isProjectActive ??
    (projects === undefined || isLinked
      ? undefined
      : (id: string) => andThen(projects.find(id), (project) => project?.status === 'active'))

  return {
    // Another process, which knows of projects unlike this one, may have suspended the project.
    isActiveByRow: isLinked
      ? ({ projectStatus }) => projectStatus === 'active'
      : ({ projectStatus }) => projectStatus !== 'suspended',
    isActive:
      asked &&
      ((projectId) =>
        guard(
          () => asked(projectId),
          (active) => active === true,
        )),
    covers(others) {
      if (typeof others?.find !== 'function') throw new OptionError('projects', 'must be a store of projects')
      return isProjectActive !== undefined || others === projects || isKept(others)
    },
    async requireExisting(projectIds) {
      if (projects === undefined) return
      for (const id of new Set(projectIds)) {
        const project = await guard(
          () => projects.find(id),
          (found) => found,
        )
        if (project !== undefined) continue
        throw new ApiKeysError(
          'invalid_argument',
          `projectId: there is no project with the id ${JSON.stringify(id)}`,
        )
      }
    },
  }
}
