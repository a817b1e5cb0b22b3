// Limits on the way of a request: it is counted once, and told how they stand by the RateLimit header fields of
// draft-ietf-httpapi-ratelimit-headers-11 and by the X-RateLimit ones that came before.

import { shared } from '@gosend/options'
import type { ApiKey } from '../api-key.js'
import { type Awaitable, andThen } from '../awaitable.js'
import type { Limits, RateLimitResult, RateLimitStatus } from '../limits.js'

interface Counted {
  readonly keyId: string
  readonly cost: number
  readonly result: Awaitable<RateLimitResult>
}

const counted = shared(
  '@gosend/auth-core counted requests',
  () => new WeakMap<Limits, WeakMap<object, Counted>>(),
)
/** Requests of keys with limits of their own, which some limits have counted. */
const countedOwn = shared('@gosend/auth-core counted for keys', () => new WeakSet<object>())

/** Whether a key has limits that nothing has counted this request for. */
export function lacksCount({ delegation }: ApiKey, request: object): boolean {
  if (delegation === undefined || countedOwn.has(request)) return false
  return (
    delegation.budget !== null ||
    delegation.limits.length > 0 ||
    lacksCountOfParent(delegation.parent, request)
  )
}

const lacksCountOfParent = (parent: ApiKey | undefined, request: object): boolean =>
  parent !== undefined && lacksCount(parent, request)

/**
 * Counts a request, or repeats what was said of it before: guards that share limits count it once between them, for the
 * highest of their costs.
 */
export function consumeOnce(
  limits: Limits,
  request: object,
  record: ApiKey,
  cost = 1,
): Awaitable<RateLimitResult> {
  let requests = counted.get(limits)
  if (requests === undefined) {
    requests = new WeakMap()
    counted.set(limits, requests)
  }
  if (record.delegation !== undefined) countedOwn.add(request)
  const earlier = requests.get(request)
  if (earlier?.keyId !== record.id) {
    const result = cost === 1 ? limits.consume(record) : limits.consume(record, { cost })
    requests.set(request, { keyId: record.id, cost, result })
    return result
  }
  if (cost <= earlier.cost) return earlier.result
  const result = andThen(earlier.result, (before) =>
    before.ok ? limits.consume(record, { cost: cost - earlier.cost }) : before,
  )
  requests.set(request, { keyId: record.id, cost, result })
  return result
}

/**
 * The fields that go with the answer to a counted or refused request. `RateLimit-Policy` names every limit of the plan,
 * `RateLimit` those that are known. `X-RateLimit-*` are of the limit that refused, or else of the shortest: how many
 * requests, how many are left, and the Unix time in seconds when they are all back.
 */
export function limitFieldsOf(result: RateLimitResult): Readonly<Record<string, string>> {
  const { statuses } = result
  if (statuses.length === 0) return {}
  const known = statuses.filter((status): status is Known => status.remaining !== null)
  const refusedBy = result.ok ? null : result.refusedBy
  const foremost = known.find(({ name }) => name === refusedBy) ?? known[0]
  return {
    'RateLimit-Policy': statuses.map(policyOf).join(', '),
    ...(foremost !== undefined && {
      RateLimit: known.map(limitOf).join(', '),
      'X-RateLimit-Limit': String(foremost.limit),
      'X-RateLimit-Remaining': String(foremost.remaining),
      ...(foremost.resetsAt !== null && { 'X-RateLimit-Reset': String(foremost.resetsAt / 1_000) }),
    }),
  }
}

interface Known extends RateLimitStatus {
  readonly remaining: number
}

// Names are structured-field Strings; the partition key is left out, since it could only be an id.
const policyOf = ({ name, limit, windowSeconds }: RateLimitStatus) =>
  `"${name}";q=${limit}${windowSeconds === null ? '' : `;w=${windowSeconds}`}`
const limitOf = ({ name, remaining, resetsInSeconds }: Known) =>
  `"${name}";r=${remaining}${resetsInSeconds === null ? '' : `;t=${resetsInSeconds}`}`
