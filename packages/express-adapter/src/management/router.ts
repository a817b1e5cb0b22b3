// The management API as one Express router: who is asking, from where, and what tsoa's routes answer.

import type { ApiKeys, ProjectStore } from '@gosend/auth-core'
import {
  challengeOf,
  clockOf,
  type ErrorAnswer,
  notify,
  projectsInTurn,
  unauthorized,
} from '@gosend/auth-core/http'
import type { Limits } from '@gosend/auth-core/limits'
import { memorySessions } from '@gosend/auth-core/memory'
import { callback, checkOptions, having, type OptionTable, required, text } from '@gosend/options'
import express, { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express'
import { asyncHandler } from '../async-handler.js'
import { sendError } from '../express-gate.js'
import { type Authorize, createAuthorization, isChange } from './authorization.js'
import { answerToError, ManagementError, notFound } from './errors.js'
import { knownOperations } from './known-operations.js'
import { origins, refuseOtherPages } from './page-origin.js'
import { bindServices, managesAll } from './services.js'

export interface ManagementOptions {
  readonly apiKeys: ApiKeys
  /**
   * Default: those that `createApiKeys` was given. Others have to be covered by its `isProjectActive`, or to be in the database of the
   * keys: a project whose keys would go on working is not suspended.
   */
  readonly projects?: ProjectStore | undefined
  /** What `requireApiKey` was given, so that a project's usage shows how much of its quota is left. */
  readonly limits?: Limits | undefined
  /** A request that has it in `X-Admin-Key` manages everything. At least 32 characters. */
  readonly adminKey?: string | undefined
  /** In place of the admin key: the host's own login decides. */
  readonly authorize?: Authorize | undefined
  /**
   * Origins of pages elsewhere that may manage keys, such as `https://console.example.com`. Default none: only pages of the same
   * origin as this API may, and programs.
   */
  readonly allowedOrigins?: readonly string[] | undefined
  /**
   * Further routes below the same path, for pages that are added to the dashboard: behind the same checks, and only for
   * whoever manages everything. They read their bodies themselves.
   */
  readonly routes?: RequestHandler | undefined
  /** The clock, in milliseconds since the epoch, when `createApiKeys` was given one. */
  readonly now?: (() => number) | undefined
  /** Told of every error that is answered with 503. What it throws or rejects with changes no answer; a warning names it. */
  readonly onError?: ((error: unknown, request: Request) => unknown) | undefined
}

const optionTable: OptionTable<ManagementOptions> = {
  apiKeys: required(having(['issue', 'verify'], 'pass what createApiKeys() returned')),
  projects: having(
    ['create', 'find', 'list', 'update'],
    'pass sqliteProjects(db), postgresProjects(pool), memoryProjects() or your own',
  ),
  limits: having(['quota'], 'pass what createLimits() returned'),
  adminKey: text,
  authorize: callback('must be a function from a request to project ids'),
  allowedOrigins: origins,
  routes: callback(),
  now: callback(),
  onError: callback(),
}

/**
 * The management API, to be mounted under a path of its own: it answers every request that reaches it.
 * With neither `adminKey` nor `authorize` it is off and answers 404.
 *
 * @throws TypeError when an option is wrong, or the admin key is too short.
 *
 * @example
 * app.use('/admin', managementRouter({ apiKeys, projects, adminKey: process.env.ADMIN_KEY }))
 */
export function managementRouter(given: ManagementOptions): Router {
  const options = checkOptions(optionTable, given)
  const { apiKeys, limits, allowedOrigins = [], routes, onError } = options
  const now = clockOf(options.now ?? Date.now)
  const projects = options.projects ?? apiKeys.projects
  if (projects === undefined) {
    throw new TypeError(
      'projects: pass them here, or better to createApiKeys({ projects }), which then stops the keys of suspended ones',
    )
  }
  const { sessions = memorySessions() } = projectsInTurn(projects)
  const authorizer = createAuthorization({ ...options, sessions })

  const router = Router()
  router.use(quiet)
  if (authorizer !== undefined) {
    router.use(refuseOtherPages(allowedOrigins))
    router.use(
      asyncHandler(async (request, _response, next) => {
        const { authority, actor, isReadOnly = false, login } = await authorizer(request)
        if (authority !== 'all' && !Array.isArray(authority)) throw new ManagementError(unauthorized)
        if (isReadOnly && isChange(request)) throw new ManagementError(mayOnlyRead)
        bindServices({ request, apiKeys, projects, limits, now, authority, actor, isReadOnly, login })
        next()
      }),
    )
    router.use(acceptJsonOnly)
    if (routes !== undefined) router.use(onlyForAll(routes))
    router.use(knownOperations())
    router.use(express.json({ inflate: false }), refuseDeepBodies)
    router.use(loadRoutes())
  }
  router.use(() => {
    throw new ManagementError(notFound)
  })

  const answerErrors: ErrorRequestHandler = (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const answer = answerToError(error)
    if (answer.status === 503 && onError !== undefined) notify('onError', onError, error, request)
    sendError(request, response, answer, answer.status === 401 ? challenge : undefined)
  }
  router.use(answerErrors)
  return router
}

const mayOnlyRead: ErrorAnswer = {
  status: 403,
  message: 'You may see keys and projects, but not change them',
}

const challenge = challengeOf('management')

function onlyForAll(routes: RequestHandler): RequestHandler {
  return (request, response, next) => (managesAll(request) ? routes(request, response, next) : next())
}

// tsoa's runtime takes longer to load than the rest of the package, and a host that only guards its routes needs none.
function loadRoutes(): RequestHandler {
  const loaded = import('./generated/routes.js').then(({ RegisterRoutes }) => {
    const routes = Router()
    RegisterRoutes(routes)
    return routes
  })
  // A request that needs them says so.
  loaded.catch(() => undefined)
  return asyncHandler(async (request, response, next) => (await loaded)(request, response, next))
}

const quiet: RequestHandler = (_request, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  })
  // tsoa answers through response.json, which would add an ETag: a digest of a body that may hold a key.
  response.json = (body) => {
    const text = JSON.stringify(body)
    response.set({
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(text)),
    })
    return response.end(response.req.method === 'HEAD' ? undefined : text)
  }
  next()
}

const notJson: ErrorAnswer = { status: 415, message: 'The body must be application/json' }

const acceptJsonOnly: RequestHandler = (request, _response, next) => {
  const isEmpty = request.headers['content-length'] === '0' || request.is('*/*') === null
  if (!isEmpty && !request.is('application/json')) throw new ManagementError(notJson)
  next()
}

const MAX_DEPTH = 32
const tooDeep: ErrorAnswer = {
  status: 400,
  message: `The body is nested more than ${MAX_DEPTH} levels deep`,
}

// JSON.parse reads any depth, but whatever walks the value afterwards runs out of stack.
const refuseDeepBodies: RequestHandler = (request, _response, next) => {
  if (isDeeperThan(MAX_DEPTH, request.body)) throw new ManagementError(tooDeep)
  next()
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(levels - 1, member))
}
