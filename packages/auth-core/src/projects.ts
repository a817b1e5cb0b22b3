// The port to projects: what keys belong to, kept in a database of the host's or in one of the stores'. Also the sign-ins of those
// who manage them in a browser, which have to be known wherever projects are.

import { randomInt } from 'node:crypto'
import {
  type Check,
  fitting,
  listOf,
  nullable,
  type OptionTable,
  oneOf,
  required,
  shared,
  wholeNumber,
} from '@gosend/options'
import { checkArguments, name } from './attributes.js'
import type { Awaitable } from './awaitable.js'

export type ProjectStatus = 'active' | 'suspended'

/** What keys belong to: a customer, a tenant, an app. */
export interface Project {
  readonly id: string
  readonly name: string
  readonly webhookUrl: string | null
  /** The keys of a suspended project are refused. */
  readonly status: ProjectStatus
  readonly createdAt: Date
}

export interface NewProject {
  /** 1 to 255 characters, not only spaces, and no control characters. */
  readonly name: string
  /** Default null. */
  readonly webhookUrl?: string | null | undefined
  /** For projects that have an id already. Default: a new one, which is never given to another project. */
  readonly id?: string | undefined
}

export type ProjectChanges = Partial<Pick<Project, 'name' | 'webhookUrl' | 'status'>>

export interface ProjectQuery {
  /** Only projects with these ids; unknown ones are passed over. Default: all. */
  readonly ids?: readonly string[] | undefined
  /** The list goes on behind this id, whether or not there is such a project. */
  readonly after?: string | undefined
  /** How many projects at the most, 1 to 10,000. Default 100. */
  readonly limit?: number | undefined
}

/**
 * Where projects are kept. Run `projectStoreContract` of `@gosend/auth-core/testing` against an implementation.
 *
 * What `update` acknowledged, every later `find` in every process sees. A method throws or rejects when it cannot answer.
 */
export interface ProjectStore {
  /**
   * Makes an active project.
   * @throws ApiKeysError `conflict` when there is one with the id already, `invalid_argument`.
   */
  create(project: NewProject): Awaitable<Project>
  find(id: string): Awaitable<Project | undefined>
  /** Projects in the order of their ids by code points, which for ids made here is that of their creation. */
  list(query?: ProjectQuery): Awaitable<readonly Project[]>
  /** The project as changed, or undefined when there is none with this id. */
  update(id: string, changes: ProjectChanges): Awaitable<Project | undefined>
  /**
   * Takes a project away, with all that is kept of it; its keys are for `apiKeys.erase` to erase. False when there is none. Without
   * it, projects stay.
   */
  erase?(id: string): Awaitable<boolean>
  /**
   * Sign-ins to the management API, for all processes with these projects. Without it, a session is good in the process that
   * began it, and in no other.
   */
  readonly sessions?: SessionStore | undefined
  /**
   * When it is the same as that of an `ApiKeyStore`, rows of that store tell the status of their project, as of the moment they
   * are read, so that nobody needs to ask for the project as well.
   */
  readonly database?: unknown
}

/** Sessions of people in a browser. Ids are digests, and useless to anyone who reads them. */
export interface SessionStore {
  /** @param endsAt milliseconds since the epoch. */
  start(id: string, endsAt: number): Awaitable<void>
  /** When a session ends, in milliseconds since the epoch; undefined when it has been ended, or never was. */
  find(id: string): Awaitable<number | undefined>
  /** Ends it in every process, before this resolves. */
  end(id: string): Awaitable<void>
}

/** A project store that answers synchronously. */
export interface SynchronousProjects extends ProjectStore {
  create(project: NewProject): Project
  find(id: string): Project | undefined
  list(query?: ProjectQuery): readonly Project[]
  update(id: string, changes: ProjectChanges): Project | undefined
  erase?(id: string): boolean
}

const MAX_LIMIT = 10_000

const webhookUrl: Check<string | null> = nullable(
  fitting(
    (value) => typeof value === 'string' && value.length <= 2_048 && isWebAddress(value),
    'must be an http or https address of at most 2048 characters, or null',
  ),
)

const isWebAddress = (value: string) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)

const newProject: OptionTable<NewProject> = { name: required(name), webhookUrl, id: name }

const projectChanges: OptionTable<ProjectChanges> = { name, webhookUrl, status: oneOf('active', 'suspended') }

const projectQuery: OptionTable<ProjectQuery> = {
  ids: listOf(fitting<string>((value) => typeof value === 'string', 'must be a string')),
  after: fitting<string>((value) => typeof value === 'string', 'must be a string'),
  limit: wholeNumber(1, MAX_LIMIT),
}

/** For implementations: the project that is to be kept. */
export function projectOf(given: NewProject, createdAt: Date): Project {
  const {
    name,
    webhookUrl = null,
    id = newProjectId(createdAt.getTime()),
  } = checkArguments(newProject, given)
  return { id, name, webhookUrl, status: 'active', createdAt }
}

/** For implementations: what is to be changed. */
export const changesOf = (given: ProjectChanges): ProjectChanges => checkArguments(projectChanges, given)

/** For implementations: what is to be listed, with its limit. */
export function queryOf(given: ProjectQuery | undefined): ProjectQuery & { readonly limit: number } {
  const { ids, after, limit = 100 } = checkArguments(projectQuery, given)
  return { ids, after, limit }
}

const RANDOM_DIGITS = 8
const latest = shared('@gosend/auth-core latest project id', () => ({ time: 0 }))

/**
 * A new id: `p`, the time in milliseconds as nine digits to the base of 36, and eight random ones. Ids are never counted, for a
 * count that begins anew would give a new project the keys of an old one.
 */
export function newProjectId(now: number): string {
  latest.time = Math.max(now, latest.time + 1)
  const random = Array.from({ length: RANDOM_DIGITS }, () => randomInt(36).toString(36)).join('')
  return `p${latest.time.toString(36).padStart(9, '0')}${random}`
}
