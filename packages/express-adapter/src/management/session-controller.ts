// /session: who is asking, and a cookie for people in a browser who have shown the admin key.

import { ManagementError, notFound } from './errors.js'
import type { Services } from './services.js'
import { Controller, Delete, Get, Post, Response, Route, SuccessResponse, Tags } from './tsoa-runtime.js'
import type { ErrorBody, SessionBody } from './wire.js'

@Route('session')
@Tags('Session')
@Response<ErrorBody>(401, 'The credential is missing or wrong.')
@Response<ErrorBody>(403, 'The request comes from another website.')
@Response<ErrorBody>(404, 'Logins are up to the host app.')
export class SessionController extends Controller {
  readonly #services: Services

  constructor(services: Services) {
    super()
    this.#services = services
  }

  /** @summary Read who is asking, and what this service knows */
  @Get()
  @SuccessResponse(200, 'OK')
  async getSession(): Promise<SessionBody> {
    return this.#bodyOf(this.#services.login?.endsAt ?? null)
  }

  /**
   * The answer sets a cookie that stands for the admin key for 12 hours. A request that has such a cookie already gets
   * no other.
   * @summary Start a session with the admin key
   */
  @Post()
  @SuccessResponse(201, 'Created')
  async createSession(): Promise<SessionBody> {
    const { login } = this.#services
    if (login === undefined) throw new ManagementError(notFound)
    if (login.endsAt !== null) return this.#bodyOf(login.endsAt)
    const { cookie, endsAt } = await login.start()
    this.setHeader('Set-Cookie', cookie)
    return this.#bodyOf(endsAt)
  }

  /** @summary End the session */
  @Delete()
  @SuccessResponse(204, 'No Content')
  async deleteSession(): Promise<void> {
    const { login } = this.#services
    if (login === undefined) throw new ManagementError(notFound)
    this.setHeader('Set-Cookie', await login.end())
  }

  #bodyOf(endsAt: Date | null): SessionBody {
    const { authority, actor = null, isReadOnly, apiKeys, now } = this.#services
    return {
      actor,
      managesAll: authority === 'all',
      readOnly: isReadOnly,
      environments: [...apiKeys.environments],
      countsOutcomes: apiKeys.countsOutcomes,
      now: new Date(now()),
      endsAt,
    }
  }
}
