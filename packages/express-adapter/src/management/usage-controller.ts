// How much the keys of a project are used, and what came of the requests with them.

import type { OutcomeCount } from '@gosend/auth-core'
import { ManagementError } from './errors.js'
import type { Services } from './services.js'
import { Controller, Get, Path, Query, Response, Route, SuccessResponse, Tags } from './tsoa-runtime.js'
import type { ErrorBody, OutcomeBody, OutcomePointBody, OutcomeStep, UsageBody } from './wire.js'

const DAY_MS = 86_400_000
/** So many days back an answer may go, by its step: none has more than some thousand rows. */
const MAX_DAYS = { hour: 31, day: 366, month: 366 } as const

@Route('projects/{projectId}')
@Tags('Projects')
@Response<ErrorBody>(401, 'The credential is missing or wrong.')
@Response<ErrorBody>(403, 'The request comes from another website, or is beyond its authority.')
@Response<ErrorBody>(404, 'There is no such project or key within reach.')
@Response<ErrorBody>(503, 'The store is unavailable; try again.')
export class UsageController extends Controller {
  readonly #services: Services

  constructor(services: Services) {
    super()
    this.#services = services
  }

  /**
   * Counts accepted requests, a use of one key on one UTC day at a time, and says how much of this month's quota is used.
   * @summary Read how much a project's keys are used
   * @param from The first day, in UTC; by default 29 days before `to`.
   * @isDate from must be a day, such as 2026-01-31
   * @param to The last day, in UTC; by default today. At most 366 days after `from`.
   * @isDate to must be a day, such as 2026-01-31
   * @param keyId Only the uses of this key.
   */
  @Get('usage')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(400, 'A date is malformed, or the range is empty or too long.')
  async getUsage(
    @Path() projectId: string,
    @Query() from?: Date,
    @Query() to?: Date,
    @Query() keyId?: string,
  ): Promise<UsageBody> {
    await this.#find(projectId, keyId)
    const [first, last] = this.#range(from, to, 'day')
    const uses = await this.#services.apiKeys.usage({ projectId, from: first, to: last, keyId })
    const { countsOutcomes } = this.#services.apiKeys
    return {
      from: dayOf(first),
      to: dayOf(last),
      total: uses.reduce((sum, { count }) => sum + count, 0),
      days: totals(uses, 'day').map(([day, count]) => ({ day, count })),
      keys: totals(uses, 'keyId').map(([keyId, count]) => ({ keyId, count })),
      ...(countsOutcomes && { outcomes: outcomesOf(await this.#counts(projectId, keyId, first, last)) }),
      quota: (await this.#services.limits?.quota(projectId)) ?? null,
    }
  }

  /**
   * In order of time, where the service counts outcomes. Steps without any request are left out. Counts are written every few
   * seconds.
   * @summary Read what came of requests over time
   * @param step How long a row counts. Hours, days and months begin in UTC.
   * @param from The first day, in UTC; by default 29 days before `to`.
   * @isDate from must be a day, such as 2026-01-31
   * @param to The last day, in UTC; by default today. At most 366 days after `from`, and 31 by the hour.
   * @isDate to must be a day, such as 2026-01-31
   * @param keyId Only requests with this key.
   */
  @Get('outcomes')
  @SuccessResponse(200, 'OK')
  @Response<ErrorBody>(
    400,
    'A parameter is wrong, the range is empty or too long, or the service does not count outcomes.',
  )
  async getOutcomes(
    @Path() projectId: string,
    @Query() step: OutcomeStep = 'day',
    @Query() from?: Date,
    @Query() to?: Date,
    @Query() keyId?: string,
  ): Promise<OutcomePointBody[]> {
    await this.#find(projectId, keyId)
    const [first, last] = this.#range(from, to, step)
    const steps = new Map<string, OutcomeCount[]>()
    for (const count of await this.#counts(projectId, keyId, first, last)) {
      const at = beginnings[step](new Date(count.hour).toISOString())
      const counts = steps.get(at)
      if (counts === undefined) steps.set(at, [count])
      else counts.push(count)
    }
    return [...steps].flatMap(([at, counts]) =>
      outcomesOf(counts).map((outcome) => ({ at: new Date(at), ...outcome })),
    )
  }

  async #find(projectId: string, keyId: string | undefined): Promise<void> {
    if (keyId === undefined) await this.#services.project(projectId)
    else await this.#services.key(projectId, keyId)
  }

  #range(from: Date | undefined, to: Date | undefined, step: OutcomeStep): readonly [Date, Date] {
    const last = to ?? new Date(this.#services.now())
    const first = from ?? new Date(last.getTime() - 29 * DAY_MS)
    const days = (last.getTime() - first.getTime()) / DAY_MS
    if (days >= 0 && days <= MAX_DAYS[step]) return [first, last]
    const message = `from: must be a day at most ${MAX_DAYS[step]} days before \`to\``
    throw new ManagementError({ status: 400, message })
  }

  /** Of whole days, as uses are. */
  async #counts(
    projectId: string,
    keyId: string | undefined,
    first: Date,
    last: Date,
  ): Promise<readonly OutcomeCount[]> {
    const from = new Date(`${dayOf(first)}T00:00:00Z`)
    const to = new Date(`${dayOf(last)}T23:00:00Z`)
    return this.#services.apiKeys.outcomes({ projectId, from, to, keyId })
  }
}

/** When the step begins that an instant lies in. */
const beginnings: Readonly<Record<OutcomeStep, (instant: string) => string>> = {
  hour: (instant) => `${instant.slice(0, 13)}:00:00Z`,
  day: (instant) => `${instant.slice(0, 10)}T00:00:00Z`,
  month: (instant) => `${instant.slice(0, 7)}-01T00:00:00Z`,
}

function outcomesOf(counts: readonly OutcomeCount[]): OutcomeBody[] {
  const sums = new Map<string, OutcomeBody>()
  for (const { outcome, reason, count } of counts) {
    const place = `${outcome} ${reason}`
    sums.set(place, { outcome, reason, count: count + (sums.get(place)?.count ?? 0) })
  }
  return [...sums.values()]
}

function totals<Key extends string>(
  uses: readonly ({ readonly [K in Key]: string } & { readonly count: number })[],
  key: Key,
): [string, number][] {
  const sums = new Map<string, number>()
  for (const use of uses) sums.set(use[key], (sums.get(use[key]) ?? 0) + use.count)
  return [...sums]
}

const dayOf = (date: Date) => date.toISOString().slice(0, 10)
