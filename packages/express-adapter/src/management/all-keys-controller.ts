// /keys: the keys of all projects, for whoever manages everything.

import { bodyOf, queryOf } from './key-body.js'
import { nextPage } from './page-link.js'
import type { Services } from './services.js'
import {
  Body,
  Controller,
  Get,
  Post,
  Queries,
  Response,
  Route,
  SuccessResponse,
  Tags,
} from './tsoa-runtime.js'
import type { CheckKeyBody, ErrorBody, KeyBody, KeyCheckBody, ListKeysQuery } from './wire.js'

@Route('keys')
@Tags('Keys')
@Response<ErrorBody>(401, 'The credential is missing or wrong.')
@Response<ErrorBody>(
  403,
  'This needs authority over all projects, or the request comes from another website.',
)
@Response<ErrorBody>(503, 'The store is unavailable; try again.')
export class AllKeysController extends Controller {
  readonly #services: Services

  constructor(services: Services) {
    super()
    this.#services = services
  }

  /**
   * A page at a time, as the keys of one project: for instance those that a person has made, or that expire soon. Needs
   * authority over all projects.
   * @summary List the keys of all projects
   */
  @Get()
  @SuccessResponse<{
    /** The next page, relative to the address of this one (RFC 8288): `<?cursor=…>; rel="next"`. Not on the last. */
    Link?: string
    /** How many keys the list has in all, when that was asked for. */
    'X-Total-Count'?: string
  }>(200, 'OK')
  @Response<ErrorBody>(400, 'A condition is unknown or wrong, or the cursor is of another list.')
  async listAllKeys(@Queries() query: ListKeysQuery): Promise<KeyBody[]> {
    this.#services.demandAll()
    const page = await this.#services.apiKeys.list(queryOf(query))
    if (page.next !== null) this.setHeader('Link', nextPage(query, page.next))
    if (page.total !== null) this.setHeader('X-Total-Count', String(page.total))
    return page.map(bodyOf)
  }

  /**
   * For people who wonder why a key is refused. Nothing is counted or written, and the answer does not have the key. Needs authority
   * over all projects.
   * @summary Say whose a key is, and why it works or not
   */
  @Post('check')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(400, 'A field is unknown or wrong.')
  async checkKey(@Body() body: CheckKeyBody): Promise<KeyCheckBody> {
    const { apiKeys } = this.#services
    this.#services.demandAll()
    const { key, ...options } = body
    const { reason, malformation, record } = await apiKeys.diagnose(key.trim(), options)
    return { works: reason === null, reason, malformation, record: record && bodyOf(record) }
  }
}
