// The projects that can be chosen, and the one that the address names, also where it is not among them.

import { ApiFailure, useResource } from '@gosend/dashboard-ui'
import { answer, api, type Project } from '../api.js'
import { getProjects, LISTED_PROJECTS } from '../first-calls.js'

export interface Projects {
  /** With the one that is opened. Undefined until they are loaded. */
  readonly listed: readonly Project[] | undefined
  /** The project of the address; null when there is none within reach, undefined until that is known. */
  readonly opened: Project | null | undefined
  /** In words; undefined while all is well. */
  readonly problem: string | undefined
  reload(): void
  /** Takes over a change that the API has confirmed. */
  put(changed: Project): void
}

export function useProjects(openedId: string | undefined): Projects {
  const list = useResource('projects', () => answer(getProjects(api)))
  const inList = list.data?.find(({ id }) => id === openedId)
  const isElsewhere = list.data !== undefined && inList === undefined && openedId !== undefined
  const elsewhere = useResource(isElsewhere ? `project ${openedId}` : '', () =>
    isElsewhere ? readProject(openedId) : Promise.resolve(null),
  )
  const opened = inList ?? (isElsewhere ? elsewhere.data : undefined)
  return {
    listed: list.data && opened && !inList ? [...list.data, opened] : list.data,
    opened,
    problem: list.problem ?? elsewhere.problem,
    reload() {
      list.reload()
      elsewhere.reload()
    },
    put(changed) {
      list.change((all) => {
        const isNew = !all.some(({ id }) => id === changed.id)
        if (!isNew) return all.map((one) => (one.id === changed.id ? changed : one))
        return all.length < LISTED_PROJECTS ? [...all, changed] : all
      })
      elsewhere.change((one) => (one?.id === changed.id ? changed : one))
    },
  }
}

async function readProject(projectId: string): Promise<Project | null> {
  try {
    return await answer(api.GET('/projects/{projectId}', { params: { path: { projectId } } }))
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return null
    throw error
  }
}
