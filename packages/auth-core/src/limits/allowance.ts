// What can be allowed: a number of requests in windows of any length, and credits that are used up. Plans are made of these.

import { listOf, type OptionTable, object, oneOf, required, wholeNumber } from '@gosend/options'
import { type Per, per } from './periods.js'

/** Who has a limit to itself: a key with all that it is rotated into, or the keys of a project or an owner together. */
export type LimitScope = 'key' | 'project' | 'owner'

/** So much in every window. */
export interface WindowLimit {
  readonly limit: number
  /** `30s`, `15m`, `12h`, `7d`, or `second`, `minute`, `hour`, `day`, `week` (from Monday), `month`; in UTC. */
  readonly per: Per
  /** Who shares it. Default `key`. */
  readonly by?: LimitScope | undefined
}

/** So much until there is more. */
export interface Credits {
  /** What there is at the beginning. Refills never make it more; `topUp` does. */
  readonly amount: number
  /** What comes back at the turn of every period. Default: nothing. */
  readonly refill?: Refill | undefined
  /** Who shares them. Default `key`. */
  readonly by?: LimitScope | undefined
}

export interface Refill {
  readonly amount: number
  /** As that of a limit: `1d` is every midnight, UTC. */
  readonly per: Per
}

// What every store can count, and a structured field can say (RFC 9651, section 3.3.1).
export const MAX_LIMIT = 1_000_000_000

export const limit = wholeNumber(1, MAX_LIMIT)

const scope = oneOf('key', 'project', 'owner')
const windowLimitOptions: OptionTable<WindowLimit> = { limit: required(limit), per: required(per), by: scope }
const refillOptions: OptionTable<Refill> = { amount: required(limit), per: required(per) }
const creditsOptions: OptionTable<Credits> = {
  amount: required(wholeNumber(0, MAX_LIMIT)),
  refill: object<Refill>(refillOptions),
  by: scope,
}

export const windowLimits = listOf<WindowLimit>(object<WindowLimit>(windowLimitOptions))
export const credits = object<Credits>(creditsOptions)
