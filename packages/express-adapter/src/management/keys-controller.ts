// /projects/{projectId}/keys: issue, show, change, disable, rotate and revoke the keys of one project.

import type { ApiKey, ChildLimit, IssuedKey } from '@gosend/auth-core'
import { ManagementError } from './errors.js'
import { historyPage } from './history.js'
import { bodyOf, queryOf } from './key-body.js'
import { nextPage } from './page-link.js'
import { refuseOtherVersion, tagOf, versionIn } from './precondition.js'
import type { Services } from './services.js'
import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  Patch,
  Path,
  Post,
  Queries,
  Res,
  Response,
  Route,
  SuccessResponse,
  Tags,
  type TsoaResponse,
} from './tsoa-runtime.js'
import type {
  CreditsBody,
  ErasedBody,
  ErrorBody,
  IssueChildBody,
  IssueKeyBody,
  KeyAddressBody,
  KeyBody,
  KeyEventBody,
  KeyRefusalBody,
  ListHistoryQuery,
  ListKeysQuery,
  NewKeyBody,
  RotateKeyBody,
  TopUpBody,
  UpdateKeyBody,
} from './wire.js'

/** A repeated call: the key was shown the first time, and is not kept. */
type Replay = TsoaResponse<200, KeyBody, { 'Idempotent-Replayed': 'true' }>

interface Tagged {
  /** The version of the key, for `If-Match`. */
  ETag: string
}

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
    const page = await this.#services.apiKeys.list({ ...queryOf(query), projectId })
    if (page.next !== null) this.setHeader('Link', nextPage(query, page.next))
    if (page.total !== null) this.setHeader('X-Total-Count', String(page.total))
    return page.map(bodyOf)
  }

  /**
   * The answer holds the key in full, once. `createdBy` is whoever asks; only who manages all projects may name another.
   * @summary Issue a key
   * @param idempotencyKey Repeating a call with the same one within 24 hours makes no second key.
   * @param replay The call is a repetition: this is the key of the first one, which is not shown again.
   */
  @Post()
  @SuccessResponse<Tagged>(201, 'Created')
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
    const { label, environment, expiresAt, scopes, allowedIps, metadata, createdBy, ownerId } = body
    await this.#services.project(projectId)
    if (createdBy !== undefined) this.#services.demandAll()
    this.#services.checkAllowedIps(allowedIps)
    this.#checkEnvironment(environment)
    const attributes = { label, environment, expiresAt, scopes, allowedIps, metadata, createdBy, ownerId }
    return this.#shown(await apiKeys.issue({ projectId, ...attributes, idempotencyKey, actor }), replay)
  }

  /**
   * For an agent or a job: with no more than this key has, and limits and a budget of its own. It ends when this key does. The answer
   * holds the key in full, once.
   * @summary Make a key from this one
   * @param idempotencyKey Repeating a call with the same one within 24 hours makes no second key.
   * @param replay The call is a repetition: this is the key of the first one, which is not shown again.
   */
  @Post('{keyId}/children')
  @SuccessResponse<Tagged>(201, 'Created')
  @Response<ErrorBody>(400, 'A field is missing, unknown or wrong, or more than this key has.')
  @Response<ErrorBody>(
    409,
    'This key is not active, the project has as many active keys as it may, or the idempotency key was used for something else.',
  )
  async issueChildKey(
    @Path() projectId: string,
    @Path() keyId: string,
    @Body() body: IssueChildBody,
    @Res() replay: Replay,
    @Header('Idempotency-Key') idempotencyKey?: string,
  ): Promise<NewKeyBody> {
    const { apiKeys, actor } = this.#services
    const { id } = await this.#services.key(projectId, keyId)
    this.#services.checkAllowedIps(body.allowedIps)
    const limits = body.limits as ChildLimit[] | undefined
    return this.#shown(await apiKeys.issueChild(id, { ...body, limits, idempotencyKey, actor }), replay)
  }

  /**
   * To its own budget, or to the credits of its plan. A key that uses up the budget of the key that it was made from is refused.
   * @summary Give a key more credits
   */
  @Post('{keyId}/top-up')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(400, 'The number is wrong, or the key has no credits of its own.')
  async topUpKey(
    @Path() projectId: string,
    @Path() keyId: string,
    @Body() body: TopUpBody,
  ): Promise<CreditsBody> {
    const { apiKeys, actor } = this.#services
    const { id } = await this.#services.key(projectId, keyId)
    return { credits: await apiKeys.topUp(id, body.credits, { actor }) }
  }

  /** @summary Read a key */
  @Get('{keyId}')
  @SuccessResponse<Tagged>(200, 'OK')
  async getKey(@Path() projectId: string, @Path() keyId: string): Promise<KeyBody> {
    return this.#tagged(await this.#services.key(projectId, keyId))
  }

  /**
   * Fields that are left out stay as they are. A later `expiresAt` makes an expired key work again.
   * @summary Change the attributes of a key
   * @param ifMatch The ETag of the key as it was read: a key that has changed since is left as it is.
   */
  @Patch('{keyId}')
  @SuccessResponse<Tagged>(200, 'OK')
  @Response<ErrorBody>(400, 'A field is unknown or wrong.')
  @Response<ErrorBody>(409, 'The key is revoked, or its grace period is over.')
  @Response<ErrorBody>(412, 'The key has changed since it was read.')
  async updateKey(
    @Path() projectId: string,
    @Path() keyId: string,
    @Body() body: UpdateKeyBody,
    @Header('If-Match') ifMatch?: string,
  ): Promise<KeyBody> {
    const record = await this.#services.key(projectId, keyId)
    this.#services.checkAllowedIps(body.allowedIps)
    const { apiKeys, actor } = this.#services
    const ifVersion = versionIn(ifMatch, record)
    return this.#tagged(await apiKeys.update(record.id, body, { actor, ifVersion }))
  }

  /**
   * The new key has the attributes of the old one. Without a grace period the old key stops working at once. An expired key
   * needs an `expiresAt` for the new one.
   * @summary Replace a key by a new one
   * @param idempotencyKey Repeating a call with the same one within 24 hours makes no second key.
   * @param replay The call is a repetition: this is the key of the first one, which is not shown again.
   * @param ifMatch The ETag of the key as it was read: a key that has changed since is left as it is.
   */
  @Post('{keyId}/rotate')
  @SuccessResponse<Tagged>(201, 'Created')
  @Response<ErrorBody>(400, 'A field is unknown or wrong.')
  @Response<ErrorBody>(
    409,
    'The key is revoked, disabled or was replaced, or the idempotency key was used for something else.',
  )
  @Response<ErrorBody>(412, 'The key has changed since it was read.')
  async rotateKey(
    @Path() projectId: string,
    @Path() keyId: string,
    @Res() replay: Replay,
    @Body() body?: RotateKeyBody,
    @Header('Idempotency-Key') idempotencyKey?: string,
    @Header('If-Match') ifMatch?: string,
  ): Promise<NewKeyBody> {
    const { gracePeriodMs, expiresAt } = body ?? {}
    const { apiKeys, actor } = this.#services
    const record = await this.#services.key(projectId, keyId)
    const options = { gracePeriodMs, expiresAt, idempotencyKey, actor, ifVersion: versionIn(ifMatch, record) }
    return this.#shown(await apiKeys.rotate(record.id, options), replay)
  }

  /**
   * For good, and at once. Revoking a revoked key changes nothing.
   * @summary Revoke a key
   * @param ifMatch The ETag of the key as it was read: a key that has changed since is left as it is.
   */
  @Post('{keyId}/revoke')
  @SuccessResponse<Tagged>(200, 'OK')
  @Response<ErrorBody>(412, 'The key has changed since it was read.')
  revokeKey(
    @Path() projectId: string,
    @Path() keyId: string,
    @Header('If-Match') ifMatch?: string,
  ): Promise<KeyBody> {
    return this.#change('revoke', projectId, keyId, ifMatch)
  }

  /**
   * Refuses the key from the next request on, until it is enabled. A predecessor in its grace period follows.
   * @summary Disable a key
   * @param ifMatch The ETag of the key as it was read: a key that has changed since is left as it is.
   */
  @Post('{keyId}/disable')
  @SuccessResponse<Tagged>(200, 'OK')
  @Response<ErrorBody>(409, 'The key is revoked.')
  @Response<ErrorBody>(412, 'The key has changed since it was read.')
  disableKey(
    @Path() projectId: string,
    @Path() keyId: string,
    @Header('If-Match') ifMatch?: string,
  ): Promise<KeyBody> {
    return this.#change('disable', projectId, keyId, ifMatch)
  }

  /**
   * Lets a disabled key work again. A predecessor in its grace period follows.
   * @summary Enable a key
   * @param ifMatch The ETag of the key as it was read: a key that has changed since is left as it is.
   */
  @Post('{keyId}/enable')
  @SuccessResponse<Tagged>(200, 'OK')
  @Response<ErrorBody>(
    409,
    'The key is revoked, or was replaced by a disabled one, or the project has as many active keys as it may.',
  )
  @Response<ErrorBody>(412, 'The key has changed since it was read.')
  enableKey(
    @Path() projectId: string,
    @Path() keyId: string,
    @Header('If-Match') ifMatch?: string,
  ): Promise<KeyBody> {
    return this.#change('enable', projectId, keyId, ifMatch)
  }

  /**
   * For good, with its audit log and uses, and with the keys that it replaced. Its id is never given to another key.
   * @summary Erase a key
   * @param ifMatch The ETag of the key as it was read: a key that has changed since is left as it is.
   */
  @Delete('{keyId}')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(412, 'The key has changed since it was read.')
  async eraseKey(
    @Path() projectId: string,
    @Path() keyId: string,
    @Header('If-Match') ifMatch?: string,
  ): Promise<ErasedBody> {
    const record = await this.#services.key(projectId, keyId)
    refuseOtherVersion(ifMatch, record)
    return { ...(await this.#services.apiKeys.erase({ keyId: record.id })) }
  }

  /**
   * The latest first.
   * @summary Read what happened to a key, page by page
   */
  @Get('{keyId}/history')
  @SuccessResponse<{
    /** The next page, relative to the address of this one (RFC 8288): `<?before=…>; rel="next"`. Not on the last. */
    Link?: string
  }>(200, 'OK')
  @Response<ErrorBody>(400, 'A parameter is unknown or wrong.')
  async getKeyHistory(
    @Path() projectId: string,
    @Path() keyId: string,
    @Queries() query: ListHistoryQuery,
  ): Promise<KeyEventBody[]> {
    await this.#services.key(projectId, keyId)
    const { entries, link } = await historyPage(this.#services.apiKeys, { projectId, keyId }, query)
    if (link !== undefined) this.setHeader('Link', link)
    return entries
  }

  /**
   * The latest hundred, the latest first, where the service counts outcomes. They are written every few seconds.
   * @summary Read which requests with a key were refused, and why
   */
  @Get('{keyId}/refusals')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(400, 'The service does not count outcomes.')
  async getKeyRefusals(@Path() projectId: string, @Path() keyId: string): Promise<KeyRefusalBody[]> {
    const { id } = await this.#services.key(projectId, keyId)
    return (await this.#services.apiKeys.refusals(id)).map(({ at, outcome, reason, address }) => {
      return { at: new Date(at), outcome, reason, address }
    })
  }

  /**
   * Those of the latest accepted requests, twenty at the most, the latest first, where the service counts outcomes. They are written
   * every few seconds.
   * @summary Read which addresses a key is used from
   */
  @Get('{keyId}/addresses')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(400, 'The service does not count outcomes.')
  async getKeyAddresses(@Path() projectId: string, @Path() keyId: string): Promise<KeyAddressBody[]> {
    const { id } = await this.#services.key(projectId, keyId)
    const uses = await this.#services.apiKeys.usedFrom(id)
    return uses.map(({ address, at }) => ({ address, at: new Date(at) }))
  }

  async #change(
    change: 'revoke' | 'disable' | 'enable',
    projectId: string,
    keyId: string,
    ifMatch: string | undefined,
  ): Promise<KeyBody> {
    const { apiKeys, actor } = this.#services
    const record = await this.#services.key(projectId, keyId)
    return this.#tagged(await apiKeys[change](record.id, { actor, ifVersion: versionIn(ifMatch, record) }))
  }

  #tagged(record: ApiKey): KeyBody {
    this.setHeader('ETag', tagOf(record))
    return bodyOf(record)
  }

  #shown({ key, record }: IssuedKey, replay: Replay): NewKeyBody {
    if (key === null) return replay(200, bodyOf(record), { 'Idempotent-Replayed': 'true' })
    return { key, ...this.#tagged(record) }
  }

  #checkEnvironment(name: string): void {
    const { environments } = this.#services.apiKeys
    if (environments.includes(name)) return
    const message = `environment: must be one of ${environments.join(', ')}`
    throw new ManagementError({ status: 400, message })
  }
}
