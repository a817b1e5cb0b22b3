// /projects: the projects themselves, and what happened to their keys.

import type { ApiKeyEventType, Project } from '@gosend/auth-core'
import { ManagementError } from './errors.js'
import { historyPage } from './history.js'
import { nextPage } from './page-link.js'
import type { Services } from './services.js'
import {
  Body,
  Controller,
  Delete,
  Get,
  Patch,
  Path,
  Post,
  Queries,
  Response,
  Route,
  SuccessResponse,
  Tags,
} from './tsoa-runtime.js'
import type {
  CreateProjectBody,
  ErasedBody,
  ErrorBody,
  EventBody,
  KeyEventBody,
  ListEventsQuery,
  ListHistoryQuery,
  ListProjectsQuery,
  ProjectBody,
  UpdateProjectBody,
} from './wire.js'

const MAX_EVENTS = 1_000

@Route('projects')
@Tags('Projects')
@Response<ErrorBody>(401, 'The credential is missing or wrong.')
@Response<ErrorBody>(403, 'The request comes from another website, or is beyond its authority.')
@Response<ErrorBody>(503, 'The store is unavailable; try again.')
export class ProjectsController extends Controller {
  readonly #services: Services

  constructor(services: Services) {
    super()
    this.#services = services
  }

  /**
   * A page at a time, in the order of ids, which for ids made here is that of their creation.
   * @summary List the projects that the request may manage
   */
  @Get()
  @SuccessResponse<{
    /** The next page, relative to the address of this one (RFC 8288): `<?cursor=…>; rel="next"`. Not on the last. */
    Link?: string
  }>(200, 'OK')
  @Response<ErrorBody>(400, 'The limit is wrong, or the cursor is of another list.')
  async listProjects(@Queries() query: ListProjectsQuery): Promise<ProjectBody[]> {
    const { authority, projects } = this.#services
    const { limit = 100, cursor } = query
    const ids = authority === 'all' ? undefined : authority
    const after = cursor === undefined ? undefined : placeOf(cursor)
    // One more than is shown, to see whether the list goes on.
    const found = await projects.list({ ids, after, limit: limit + 1 })
    const page = found.slice(0, limit)
    const last = page.at(-1)
    if (last !== undefined && found.length > limit) {
      this.setHeader('Link', nextPage(query, Buffer.from(last.id).toString('base64url')))
    }
    return page.map(bodyOf)
  }

  /** @summary Create a project */
  @Post()
  @SuccessResponse(201, 'Created')
  @Response<ErrorBody>(400, 'A field is missing, unknown or wrong.')
  async createProject(@Body() body: CreateProjectBody): Promise<ProjectBody> {
    this.#services.demandAll()
    const { name, webhookUrl = null } = body
    checkName(name)
    checkWebhookUrl(webhookUrl)
    return bodyOf(await this.#services.projects.create({ name, webhookUrl }))
  }

  /** @summary Read a project */
  @Get('{projectId}')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(404, 'There is no such project within reach.')
  async getProject(@Path() projectId: string): Promise<ProjectBody> {
    return bodyOf(await this.#services.project(projectId))
  }

  /** @summary Change a project */
  @Patch('{projectId}')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(400, 'A field is unknown or wrong.')
  @Response<ErrorBody>(404, 'There is no such project within reach.')
  @Response<ErrorBody>(409, 'The service cannot stop the keys of a suspended project.')
  async updateProject(@Path() projectId: string, @Body() body: UpdateProjectBody): Promise<ProjectBody> {
    await this.#services.project(projectId)
    // A suspended project must not be able to lift its own suspension.
    if (body.status !== undefined) this.#services.demandAll()
    checkName(body.name)
    checkWebhookUrl(body.webhookUrl ?? null)
    if (body.status === 'suspended') this.#services.demandEnforcement()
    const project = await this.#services.projects.update(projectId, body)
    return bodyOf(project ?? (await this.#services.project(projectId)))
  }

  /**
   * Takes all its keys away for good, with their audit log and uses, and the project itself where the service can. Needs authority
   * over all projects.
   * @summary Erase a project
   */
  @Delete('{projectId}')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(403, 'This needs authority over all projects.')
  @Response<ErrorBody>(404, 'There is no such project within reach.')
  async eraseProject(@Path() projectId: string): Promise<ErasedBody> {
    const { projects, apiKeys } = this.#services
    await this.#services.project(projectId)
    this.#services.demandAll()
    const erased = await apiKeys.erase({ projectId })
    await projects.erase?.(projectId)
    // Those that were made meanwhile. From here on nobody can make any.
    const late = await apiKeys.erase({ projectId })
    return {
      keys: erased.keys + late.keys,
      events: erased.events + late.events,
      uses: erased.uses + late.uses,
    }
  }

  /**
   * The latest first unless ordered otherwise. Only where the service keeps events.
   * @summary Read events of a project's keys, page by page
   */
  @Get('{projectId}/events')
  @SuccessResponse<{
    /** The next page, relative to the address of this one (RFC 8288): `<?cursor=…>; rel="next"`. Not on the last. */
    Link?: string
  }>(200, 'OK')
  @Response<ErrorBody>(400, 'A parameter is wrong, or the service keeps no events.')
  @Response<ErrorBody>(404, 'There is no such project within reach.')
  async getProjectEvents(@Path() projectId: string, @Queries() query: ListEventsQuery): Promise<EventBody[]> {
    await this.#services.project(projectId)
    const { limit = 100, cursor, type, ...conditions } = query
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
      throw invalid('cursor: must come from the link of an earlier page')
    // One more than is shown, to see whether the list goes on; the core has no page longer than this API's.
    const found = await this.#services.apiKeys.events({
      ...conditions,
      ...(cursor !== undefined && { after: Number(cursor) }),
      ...(type !== undefined && { type: type as ApiKeyEventType }),
      projectId,
      limit: Math.min(limit + 1, MAX_EVENTS),
    })
    const page = found.slice(0, limit)
    const last = page.at(-1)
    if (last !== undefined && (found.length > limit || found.length === MAX_EVENTS))
      this.setHeader('Link', nextPage(query, String(last.sequence)))
    return [...page]
  }

  /**
   * The latest first.
   * @summary Read what happened to the keys of a project, page by page
   */
  @Get('{projectId}/history')
  @SuccessResponse<{
    /** The next page, relative to the address of this one (RFC 8288): `<?before=…>; rel="next"`. Not on the last. */
    Link?: string
  }>(200, 'OK')
  @Response<ErrorBody>(400, 'A parameter is unknown or wrong.')
  @Response<ErrorBody>(404, 'There is no such project within reach.')
  async getProjectHistory(
    @Path() projectId: string,
    @Queries() query: ListHistoryQuery,
  ): Promise<KeyEventBody[]> {
    await this.#services.project(projectId)
    const { entries, link } = await historyPage(this.#services.apiKeys, { projectId }, query)
    if (link !== undefined) this.setHeader('Link', link)
    return entries
  }
}

function placeOf(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url')
  if (cursor === '' || id.toString('base64url') !== cursor)
    throw invalid('cursor: must come from the link of an earlier page')
  return id.toString()
}

function bodyOf({ id, name, webhookUrl, status, createdAt }: Project): ProjectBody {
  return { id, name, webhookUrl, status, createdAt }
}

// As for labels: names end up in logs, terminals and databases that take no NUL.
function checkName(name: string | undefined): void {
  if (name !== undefined && /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u.test(name))
    throw invalid('name: must have no control characters')
}

function checkWebhookUrl(value: string | null): void {
  const isAddress = value === null || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))
  if (!isAddress || (value?.length ?? 0) > 2_048) {
    throw invalid('webhookUrl: must be an http or https address of at most 2048 characters')
  }
}

const invalid = (message: string) => new ManagementError({ status: 400, message })
