// Who may manage what: by the admin key, by a session made with it, or by the host's own login.

import type { Awaitable, SessionStore } from '@gosend/auth-core'
import { ask, createAdminKeyCheck } from '@gosend/auth-core/http'
import { anything, checkOptions, type OptionTable, required, texts } from '@gosend/options'
import type { Request } from 'express'
import { ManagementError, otherSite } from './errors.js'
import { createSessions } from './session.js'

/** The projects that a request may manage. */
export type Authority = 'all' | readonly string[]

/** The session of a browser that has shown the admin key, in a service that is managed with one. */
export interface Login {
  /** When the session on the request ends; null when the request shows the admin key itself. */
  readonly endsAt: Date | null
  start(): Promise<{ readonly cookie: string; readonly endsAt: Date }>
  /** Resolves with the cookie that takes the session away. */
  end(): Promise<string>
}

/** Which projects a request may manage, and who is behind it. */
export interface Grant {
  readonly projects: Authority
  /** A name, an address, whatever the host knows people by: the audit log keeps it. */
  readonly actor?: string | undefined
  /** True lets the person see keys, projects and usage, and refuses every change with 403. Default false. */
  readonly readOnly?: boolean | undefined
}

/**
 * Which projects a request may manage: all, those with the listed ids, or none (null, the answer is 401). As a `Grant`
 * it also says who is asking. Throwing, or a member that no `Grant` has, is answered with 503, and `onError` hears that it was
 * `authorize`.
 */
export type Authorize = (request: Request) => Awaitable<Authority | Grant | null>

export interface AuthorizationOptions {
  readonly adminKey?: string | undefined
  readonly authorize?: Authorize | undefined
  /** Where the sessions of an admin key are kept. */
  readonly sessions: SessionStore
}

export const isChange = ({ method }: Request): boolean => method !== 'GET' && method !== 'HEAD'

/** What is known of a request before it is served. */
interface Authorization {
  readonly authority: Authority | null
  readonly actor?: string | undefined
  readonly isReadOnly?: boolean
  readonly login?: Login | undefined
}

export type Authorizer = (request: Request) => Promise<Authorization>

/**
 * Reads who may do what from the options; undefined when nobody may do anything.
 *
 * @throws TypeError when there is both an admin key and a login, or the admin key is too short.
 */
export function createAuthorization({
  adminKey,
  authorize,
  sessions: store,
}: AuthorizationOptions): Authorizer | undefined {
  if (adminKey === undefined) {
    return authorize && ((request) => ask('authorize', async () => authorizationOf(await authorize(request))))
  }
  const isAdminKey = createAdminKeyCheck(adminKey)
  if (authorize !== undefined) throw new TypeError('adminKey: give either adminKey or authorize')
  const sessions = createSessions(adminKey, store)
  return async (request) => {
    const isShown = isAdminKey(request.headers['x-admin-key'])
    const endsAt = isShown ? null : await sessions.find(request)
    if (endsAt === undefined) return { authority: null }
    // A page of this site sends an Origin with every change, and by now that has been compared.
    if (endsAt !== null && isChange(request) && request.headers.origin === undefined)
      throw new ManagementError(otherSite)
    // Behind a proxy that Express was not told of, only the page knows that it came over TLS.
    const isSecure = request.secure || /^https:/i.test(request.headers.origin ?? '')
    const login = { endsAt, start: () => sessions.start(isSecure), end: () => sessions.end(request) }
    return { authority: 'all', actor: 'admin key', login }
  }
}

// Of actor and readOnly the names alone: one that is misspelt might have said that nothing may be changed.
const grantTable: OptionTable<Grant> = {
  projects: required((value, path) => (value === 'all' ? value : texts(value, path))),
  actor: anything,
  readOnly: anything,
}

function authorizationOf(answer: Authority | Grant | null): Authorization {
  if (Array.isArray(answer)) return { authority: texts(answer, 'projects') }
  if (typeof answer !== 'object' || answer === null) return { authority: answer as Authority | null }
  const { projects, actor, readOnly } = answer as Grant
  if (projects === 'all' || Array.isArray(projects)) checkOptions(grantTable, answer as Grant)
  return {
    authority: projects,
    actor: typeof actor === 'string' && actor.trim() !== '' ? actor : undefined,
    // Whatever a host in JavaScript means by another value, it is not "may change everything".
    isReadOnly: readOnly !== undefined && readOnly !== false,
  }
}
