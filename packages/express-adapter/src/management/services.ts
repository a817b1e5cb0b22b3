// What a controller works with on one request, found through the request because tsoa makes the controllers.

import type { ApiKey, ApiKeys, Project, ProjectStore } from '@gosend/auth-core'
import { type ErrorAnswer, projectsInTurn } from '@gosend/auth-core/http'
import type { Limits } from '@gosend/auth-core/limits'
import type { Request } from 'express'
import { letsClientChooseAddress, PROXY_ADVICE } from '../trust-proxy.js'
import type { Authority, Login } from './authorization.js'
import { ManagementError, notFound } from './errors.js'
import type { IocContainer } from './tsoa-runtime.js'

export interface Services {
  readonly apiKeys: ApiKeys
  readonly projects: ProjectStore
  readonly limits: Limits | undefined
  readonly now: () => number
  readonly authority: Authority
  /** Who is asking, for the audit log. */
  readonly actor: string | undefined
  /** Whether every change is refused. */
  readonly isReadOnly: boolean
  readonly login: Login | undefined
  /** Throws 403 unless the request may manage every project. */
  demandAll(): void
  /** Throws 409 when nothing would stop the keys of a suspended project: then it must not be shown as suspended. */
  demandEnforcement(): void
  /** The project, or 404: for one that is not there and for one that is out of reach alike. */
  project(id: string): Promise<Project>
  /** The key of this very project, or 404. */
  key(projectId: string, keyId: string): Promise<ApiKey>
  /** Throws 400 when the application believes any X-Forwarded-For, because an allowlist would then protect nothing. */
  checkAllowedIps(allowedIps: readonly string[] | null | undefined): void
}

export interface ServiceParts
  extends Pick<
    Services,
    'apiKeys' | 'projects' | 'limits' | 'now' | 'authority' | 'actor' | 'isReadOnly' | 'login'
  > {
  readonly request: Request
}

const bound = new WeakMap<object, Services>()

/** Gives the controllers that will serve this request what they need. */
export function bindServices({ request, ...parts }: ServiceParts): void {
  const { apiKeys, projects, authority } = parts
  const services: Services = {
    ...parts,
    projects: projectsInTurn(projects),
    demandAll() {
      if (authority !== 'all') throw new ManagementError(needsAll)
    },
    demandEnforcement() {
      if (!apiKeys.checksProjects(projects)) throw new ManagementError(unenforced)
    },
    async project(id) {
      const isInReach = authority === 'all' || authority.includes(id)
      const project = isInReach ? await projects.find(id) : undefined
      if (project === undefined) throw new ManagementError(notFound)
      return project
    },
    async key(projectId, keyId) {
      await services.project(projectId)
      const record = await apiKeys.find(keyId)
      if (record?.projectId !== projectId) throw new ManagementError(notFound)
      return record
    },
    checkAllowedIps(allowedIps) {
      if (allowedIps != null && letsClientChooseAddress(request.app)) {
        throw new ManagementError(deceivable)
      }
    },
  }
  bound.set(request, services)
}

const needsAll: ErrorAnswer = { status: 403, message: 'This needs authority over all projects' }
const unenforced: ErrorAnswer = {
  status: 409,
  message:
    'status: nothing would stop the keys of this project; give createApiKeys its projects, or isProjectActive',
}
const deceivable: ErrorAnswer = {
  status: 400,
  message: `allowedIps: cannot work in this application; ${PROXY_ADVICE}`,
}

/** Whether an authorized request has authority over every project. */
export const managesAll = (request: object): boolean => bound.get(request)?.authority === 'all'

/** tsoa's way to controllers: the name and shape are its own. */
export function iocContainer(request: object): IocContainer {
  const services = bound.get(request)
  if (services === undefined) throw new Error('the request did not come through managementRouter')
  return {
    get: <T>(Controller: unknown) => new (Controller as new (services: Services) => T)(services),
  } as IocContainer
}
