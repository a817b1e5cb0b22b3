// /projects/{projectId}/keys: issue, show, change, rotate and revoke the keys of one project.

import type { ApiKey, IssuedKey } from '@gosend/auth-core'
import { ManagementError } from './errors.js'
import { bodyOfEvent } from './history.js'
import type { Services } from './services.js'
import {
  Body,
  Controller,
  Get,
  Header,
  Patch,
  Path,
  Post,
  Queries,
  Query,
  Res,
  Response,
  Route,
  SuccessResponse,
  Tags,
  type TsoaResponse,
} from './tsoa-runtime.js'
import type {
  ErrorBody,
  IssueKeyBody,
  KeyBody,
  KeyEventBody,
  ListKeysQuery,
  NewKeyBody,
  RotateKeyBody,
  UpdateKeyBody,
} from './wire.js'

/** A repeated call: the key was shown the first time, and is not kept. */
type Replay = TsoaResponse<200, KeyBody, { 'Idempotent-Replayed': 'true' }>

@Route('projects/{projectId}/keys')
@Tags('Keys')
@Response<ErrorBody>(401, 'The credential is missing or wrong.')
@Response<ErrorBody>(403, 'The request comes from another website.')
@Response<ErrorBody>(404, 'There is no such project or key within reach.')
@Response<ErrorBody>(503, 'The store is unavailable; try again.')
export class KeysController extends Controller {
  readonly #services: Services

  constructor(services: Services) {
    super()
    this.#services = services
  }

  /**
   * A page at a time, the newest first unless sorted otherwise. Each key comes once, whatever is issued and revoked between
   * two pages.
   * @summary List the keys of a project
   */
  @Get()
  @SuccessResponse<{
    /** The next page, relative to the address of this one (RFC 8288): `<?cursor=…>; rel="next"`. Not on the last. */
    Link?: string
    /** How many keys the list has in all, when that was asked for. */
    'X-Total-Count'?: string
  }>(200, 'OK')
  @Response<ErrorBody>(400, 'A condition is unknown or wrong, or the cursor is of another list.')
  async listKeys(@Path() projectId: string, @Queries() query: ListKeysQuery): Promise<KeyBody[]> {
    await this.#services.project(projectId)
    const page = await this.#services.apiKeys.list({ ...query, projectId })
    if (page.next !== null) this.setHeader('Link', `<${addressOf(query, page.next)}>; rel="next"`)
    if (page.total !== null) this.setHeader('X-Total-Count', String(page.total))
    return page.map(bodyOf)
  }

  /**
   * The answer holds the key in full, once.
   * @summary Issue a key
   * @param idempotencyKey Repeating a call with the same one within 24 hours makes no second key.
   * @param replay The call is a repetition: this is the key of the first one, which is not shown again.
   */
  @Post()
  @SuccessResponse(201, 'Created')
  @Response<ErrorBody>(400, 'A field is missing, unknown or wrong.')
  @Response<ErrorBody>(
    409,
    'The project has as many active keys as it may, or the idempotency key was used for something else or is in use.',
  )
  async issueKey(
    @Path() projectId: string,
    @Body() body: IssueKeyBody,
    @Res() replay: Replay,
    @Header('Idempotency-Key') idempotencyKey?: string,
  ): Promise<NewKeyBody> {
    const { apiKeys, actor } = this.#services
    const { label, environment, expiresAt, scopes, allowedIps, metadata } = body
    await this.#services.project(projectId)
    this.#services.checkAllowedIps(allowedIps)
    this.#checkEnvironment(environment)
    const attributes = { label, environment, expiresAt, scopes, allowedIps, metadata }
    return shown(await apiKeys.issue({ projectId, ...attributes, idempotencyKey, actor }), replay)
  }

  /** @summary Read a key */
  @Get('{keyId}')
  @SuccessResponse(200, 'OK')
  async getKey(@Path() projectId: string, @Path() keyId: string): Promise<KeyBody> {
    return bodyOf(await this.#services.key(projectId, keyId))
  }

  /**
   * Fields that are left out stay as they are. A later `expiresAt` makes an expired key work again.
   * @summary Change the attributes of a key
   */
  @Patch('{keyId}')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(400, 'A field is unknown or wrong.')
  @Response<ErrorBody>(409, 'The key is revoked, or its grace period is over.')
  async updateKey(
    @Path() projectId: string,
    @Path() keyId: string,
    @Body() body: UpdateKeyBody,
  ): Promise<KeyBody> {
    const { id } = await this.#services.key(projectId, keyId)
    this.#services.checkAllowedIps(body.allowedIps)
    const { apiKeys, actor } = this.#services
    return bodyOf(await apiKeys.update(id, body, { actor }))
  }

  /**
   * The new key has the attributes of the old one. Without a grace period the old key stops working at once. An expired key
   * needs an `expiresAt` for the new one.
   * @summary Replace a key by a new one
   * @param idempotencyKey Repeating a call with the same one within 24 hours makes no second key.
   * @param replay The call is a repetition: this is the key of the first one, which is not shown again.
   */
  @Post('{keyId}/rotate')
  @SuccessResponse(201, 'Created')
  @Response<ErrorBody>(400, 'A field is unknown or wrong.')
  @Response<ErrorBody>(
    409,
    'The key is revoked or was replaced, or the idempotency key was used for something else.',
  )
  async rotateKey(
    @Path() projectId: string,
    @Path() keyId: string,
    @Res() replay: Replay,
    @Body() body?: RotateKeyBody,
    @Header('Idempotency-Key') idempotencyKey?: string,
  ): Promise<NewKeyBody> {
    const { gracePeriodMs, expiresAt } = body ?? {}
    const { apiKeys, actor } = this.#services
    const { id } = await this.#services.key(projectId, keyId)
    return shown(await apiKeys.rotate(id, { gracePeriodMs, expiresAt, idempotencyKey, actor }), replay)
  }

  /**
   * For good, and at once. Revoking a revoked key changes nothing.
   * @summary Revoke a key
   */
  @Post('{keyId}/revoke')
  @SuccessResponse(200, 'OK')
  async revokeKey(@Path() projectId: string, @Path() keyId: string): Promise<KeyBody> {
    const { apiKeys, actor } = this.#services
    const { id } = await this.#services.key(projectId, keyId)
    return bodyOf(await apiKeys.revoke(id, { actor }))
  }

  /**
   * The latest first.
   * @summary Read what happened to a key
   * @param limit How many events at the most.
   * @isInt limit must be a whole number
   * @minimum limit 1 must be 1 or more
   * @maximum limit 1000 must be 1000 or less
   */
  @Get('{keyId}/history')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(400, 'The limit is wrong.')
  async getKeyHistory(
    @Path() projectId: string,
    @Path() keyId: string,
    @Query() limit = 100,
  ): Promise<KeyEventBody[]> {
    await this.#services.key(projectId, keyId)
    return (await this.#services.apiKeys.history({ projectId, keyId, limit })).map(bodyOfEvent)
  }

  #checkEnvironment(name: string): void {
    const { environments } = this.#services.apiKeys
    if (environments.includes(name)) return
    const message = `environment: must be one of ${environments.join(', ')}`
    throw new ManagementError({ status: 400, message })
  }
}

function shown({ key, record }: IssuedKey, replay: Replay): NewKeyBody {
  return key === null
    ? replay(200, bodyOf(record), { 'Idempotent-Replayed': 'true' })
    : { key, ...bodyOf(record) }
}

// Relative to the address that was asked for, which only the client knows behind a proxy.
function addressOf(query: ListKeysQuery, cursor: string): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, cursor })) {
    for (const one of [value].flat()) if (one !== undefined) parameters.append(name, String(one))
  }
  return `?${parameters}`
}

// Field by field, so that nothing that a later core adds to its records is published unseen.
function bodyOf(record: ApiKey): KeyBody {
  return {
    id: record.id,
    projectId: record.projectId,
    environment: record.environment,
    label: record.label,
    hint: record.hint,
    createdAt: record.createdAt,
    lastUsedAt: record.lastUsedAt,
    expiresAt: record.expiresAt,
    revokedAt: record.revokedAt,
    rotatedFrom: record.rotatedFrom,
    replacedBy: record.replacedBy,
    scopes: [...record.scopes],
    allowedIps: record.allowedIps && [...record.allowedIps],
    metadata: record.metadata,
    rotationDue: record.rotationDue,
  }
}
